//! `ebasvuru catalog`: what an integrator needs to know.

use std::io::Write;

use serde_json::json;

use crate::bootstrap;
use crate::config::Config;

/// Prints services, governorates, units and routes; with `json` one object a line, each with its
/// `kind`.
pub fn run(config: &Config, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let catalog = bootstrap::catalog(config)?;
    for service in catalog.services() {
        if json {
            let mut line = serde_json::to_value(service)?;
            line["kind"] = json!("service");
            writeln!(out, "{line}")?;
        } else {
            writeln!(
                out,
                "service  {:<28} {} › {}  [{}]",
                service.slug, service.main_title, service.title, service.unit_type
            )?;
        }
    }
    for (valilik, name) in catalog.valilikler() {
        if json {
            writeln!(out, "{}", json!({"kind": "valilik", "plate": valilik, "name": name}))?;
        } else {
            writeln!(out, "valilik  {:<28} {name}", valilik.plate())?;
        }
    }
    for unit in catalog.units() {
        if json {
            let mut line = serde_json::to_value(unit)?;
            line["kind"] = json!("unit");
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "unit     {:<28} {}", unit.id, unit.title)?;
        }
    }
    if json {
        for (service, valilik, unit) in catalog.routes() {
            writeln!(
                out,
                "{}",
                json!({"kind": "route", "service": service, "valilik": valilik, "unit": unit})
            )?;
        }
    } else {
        writeln!(out, "{} routes (service × valilik → unit): --json lists them", catalog.routes().count())?;
    }
    Ok(())
}
