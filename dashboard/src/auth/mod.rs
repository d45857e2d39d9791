//! Passwords and logins, as far as they need no request: checking and hashing passwords, which
//! passwords are accepted, one-time passwords, and how many attempts are allowed.

mod one_time_login;
mod one_time_password;
mod password_rules;
mod passwords;
mod throttle;

pub use one_time_login::{OneTimeLoginError, use_one_time_password};
pub use one_time_password::derive_one_time_password;
pub use password_rules::password_problem;
pub use passwords::{PasswordError, Passwords};
pub use throttle::{AttemptSource, Throttle, wait_text};
