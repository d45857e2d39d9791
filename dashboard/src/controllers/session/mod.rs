//! Logging in and out, and one's own password.

mod device;
pub mod login;
pub mod logout;
mod one_time;
pub mod password;
mod passwords;
pub mod throttle;
mod unfit;

pub use password::confirm;
pub use passwords::Passwords;
pub use throttle::Throttle;
pub use unfit::unfit;
