//! Scheduled reports: the list, the form that makes and changes one, "Şimdi Gönder", "Duraklat",
//! "Sürdür", "Sil".

mod command;
pub mod delete;
pub mod edit;
mod form;
pub mod list;
pub mod new;
mod words;
