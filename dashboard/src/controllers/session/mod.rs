//! Login, logout, and the user's own password.

pub mod change_password;
mod confirm_password;
pub mod login;
pub mod logout;

pub use confirm_password::confirm_password;
