//! Logging in and out, and one's own password.

pub mod login;
pub mod logout;
pub mod password;
mod passwords;

pub use passwords::{Passwords, unfit, wait_text};
