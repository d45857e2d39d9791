//! The engine over HTTP, as the product and as strangers use it.

mod crash;
mod insert;
mod refusals;
mod select;
mod stall;
