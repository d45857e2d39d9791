//! The buttons of the detail page.
//!
//! [`table::TABLE`] names every action. What is the same for all is in [`form`] (the forms of the page)
//! and [`post`] (the POST); an action that asks for something has a file of its own with what it
//! asks for. Teslim Al (`claim`), Geri Çek (`take_back`), Onaya Gönder (`submit_for_approval`) and
//! Red Onayına Gönder (`submit_for_rejection`) are plain buttons and need no file. The rules of each
//! action are in the workflow's `domain/application/decide/<action>.rs`.

mod add_answer;
mod approve;
mod assign;
mod attach_document;
mod attach_official_document;
mod check_document;
mod complete_pre_application;
mod fields;
pub mod form;
pub mod post;
mod propose_referral;
mod send_back;
pub mod table;
