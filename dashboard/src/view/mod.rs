//! How things are shown: templates and their environment, the frame around a page, texts in both
//! languages, addresses, and the assets. Nothing in here knows of requests or of the state of the
//! web; handlers pass in what is to be shown.

pub mod address;
pub mod assets;
pub mod choice;
pub mod document;
pub mod environment;
pub mod i18n;
pub mod labels;
pub mod month;
pub mod number;
pub mod shell;

pub use choice::{Choice, label_of_chosen, sorted, with_unlisted};
pub use environment::render;
