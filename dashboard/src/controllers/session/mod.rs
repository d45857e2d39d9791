//! Logging in and out, and one's own password.

mod device;
pub mod login;
pub mod logout;
pub mod password;
mod passwords;
pub mod throttle;

pub use passwords::{Passwords, unfit};
pub use throttle::Throttle;
