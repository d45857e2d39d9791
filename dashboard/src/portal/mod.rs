//! A stand-in for e-Devlet, for trial and demonstration: demo citizens apply, follow and
//! withdraw (guide section 3, requirements 2–8). It knows of the product only what e-Devlet
//! will: the two topics of the contract, the catalog, and the document store.

mod apply;
mod citizen;
mod contract;
mod draft;
mod records;
mod serve;
mod track;

pub use serve::{Portal, PortalDeps};
