//! The first start of `up`: a demo that lives through its first weeks in fast motion, or only the
//! first Yönetici.
//!
//! Nothing here writes state: citizens publish, staff give commands, the workers decide, and the
//! clock moves on by an hour or some at a time. What they write is data: `data/` here and beside the generator.

mod citizens;
mod desk;
mod hours;
mod replies;
mod simulation;
mod staff;
#[cfg(test)]
mod tests;

use ebasvuru_ingest::generate::{sample, samples};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::user::UserProfile;
use ebasvuru_workflow::log::Blob;
use jiff::Timestamp;

use crate::bootstrap::Resources;
use crate::operator::{define_user, execute, one_time_password};
use desk::file_name;
use replies::official_documents;
use simulation::Simulation;
use staff::Staff;

pub use simulation::HISTORY;

/// A login to show to the person who started the product.
#[derive(Clone, Debug)]
pub struct Login {
    pub role: &'static str,
    pub name: String,
    pub password: String,
    pub is_demo: bool,
}

/// Defines one Yönetici with a one-time password.
pub fn first_administrator(resources: &Resources) -> anyhow::Result<Vec<Login>> {
    let name: UserName = "yonetici".parse()?;
    let profile = UserProfile { full_name: "İlk Yönetici".into(), role: Role::Administrator, unit: None };
    let password = one_time_password();
    let body = define_user(&resources.sealer, &name, profile, &password, true)?;
    execute(resources.log.as_ref(), &resources.clock, name.clone(), None, body)?;
    let role = Role::Administrator.label_tr();
    Ok(vec![Login { role, name: name.to_string(), password, is_demo: false }])
}

/// Defines the demo staff, then lives through the days of the demo until now.
pub fn run(resources: &Resources) -> anyhow::Result<Vec<Login>> {
    live_until(resources, Clock::System.now())
}

fn live_until(resources: &Resources, now: Timestamp) -> anyhow::Result<Vec<Login>> {
    resources.blobs.put(&documents(&resources.catalog)).map_err(anyhow::Error::msg)?;
    let staff = Staff::define(resources, now)?;
    let logins = staff.logins.clone();
    Simulation::new(resources, staff, now)?.run()?;
    Ok(logins)
}

/// What citizens send, what they bring, and what answers come with.
fn documents(catalog: &Catalog) -> Vec<Blob> {
    let required = catalog.services().flat_map(|service| &service.required_documents);
    let names = required.map(|document| file_name(&document.title));
    let names = names.chain(official_documents().map(Into::into));
    names.map(|name| sample(&name).blob).chain(samples()).collect()
}
