//! Raporlama (requirement 11). A report has sections; a section has a table and perhaps a chart.
//! Page, CSV and XLSX are made of the same cells, so that a figure is the same in each.

mod ages;
mod answer_days;
mod bucket;
mod build;
mod chart;
mod classes;
mod conditions;
mod csv;
mod filter;
pub mod kind;
pub mod list;
mod mail;
mod map;
mod query;
mod refresh;
mod section;
mod shade;
pub mod show;
mod sparkline;
mod table;
mod xlsx;

pub use filter::{Params, period_of};
pub use mail::compose;
pub use query::ReportQuery;
