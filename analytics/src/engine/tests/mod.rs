//! The engine by its HTTP address, as the product and as strangers speak to it.

mod crash;
mod insert;
mod refuse;
mod select;
