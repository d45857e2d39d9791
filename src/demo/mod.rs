//! The first start of `up`: a demo that lives through its first weeks in fast motion, or only the
//! first Yönetici.
//!
//! Nothing here writes state: citizens publish, staff give commands, the workers decide, and the
//! clock moves on a few hours at a time.

mod next_action;
mod simulation;
mod staff;

use ebasvuru_ingest::generate::samples;
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::user::UserProfile;

use crate::bootstrap::Resources;
use crate::operator::{define_user, execute, one_time_password};
use simulation::Simulation;

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

/// Defines the demo staff, then lives through the days of the demo.
pub fn run(resources: &Resources) -> anyhow::Result<Vec<Login>> {
    resources.blobs.put(&samples()).map_err(anyhow::Error::msg)?;
    let logins = staff::define(resources)?;
    Simulation::new(resources)?.run()?;
    Ok(logins)
}
