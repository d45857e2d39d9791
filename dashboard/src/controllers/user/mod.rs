//! Kullanıcılar: who sees whom, and the form that defines and updates (requirements 10, 13, 31).

pub mod edit;
mod form;
pub mod list;
pub mod new;
mod scope;
