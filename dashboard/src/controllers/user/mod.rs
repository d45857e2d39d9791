//! Kullanıcılar: who sees whom, the form that defines and updates, aktif and pasif, and
//! shared authority (requirements 10, 12, 13, 14, 31).

pub mod delegation;
pub mod edit;
mod form;
pub mod list;
pub mod new;
mod one_time;
pub mod passivate;
mod scope;
