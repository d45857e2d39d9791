//! Kullanıcılar: the list, the forms that define and change users, "Pasife Çek", "Aktif Yap", new
//! passwords, and shared authority (requirements 10, 12, 13, 14, 31).

mod activate;
mod command;
pub mod deactivate;
pub mod delegate;
pub mod edit;
mod form;
pub mod list;
mod load;
pub mod new;
mod one_time_password;
mod reset_password;
pub mod revoke_delegation;
mod role_slug;
mod update;
mod visibility;
