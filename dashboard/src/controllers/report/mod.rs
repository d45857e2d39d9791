//! Raporlama: what a Yönetici sees (requirement 11).

mod chart;
pub mod show;
