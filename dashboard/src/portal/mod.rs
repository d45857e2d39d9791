//! A stand-in for e-Devlet, for trials and demonstrations: demo citizens apply, follow their
//! applications and withdraw them (guide section 3, requirements 2–8). Of the product it uses only
//! what e-Devlet will: the two topics of the contract, the catalog, and the document store.

mod apply;
mod citizen;
mod contract;
mod draft;
mod error;
mod page;
mod records;
mod routes;
mod session;
mod sign_in;
mod state;
mod track;
mod withdraw;

pub use citizen::citizens;
pub use routes::Portal;
pub use state::PortalDeps;
