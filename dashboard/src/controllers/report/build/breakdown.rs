//! The figures by unit, by service, by valilik, or by officer.

use std::collections::HashMap;

use ebasvuru_analytics::read::{Group, GroupRow};
use ebasvuru_workflow::domain::text::isolated;
use ebasvuru_workflow::domain::turkish::SortKey;

use super::ReportRequest;
use crate::controllers::report::filter::Params;
use crate::controllers::report::kind::ReportKind;
use crate::controllers::report::table::{BREAKDOWN, Line, Section, Table};
use crate::controllers::report::{chart, map};
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::problem::Problem;

pub async fn build(kind: ReportKind, request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    let group = match kind {
        ReportKind::Services => Group::Service,
        ReportKind::Valilikler => Group::Valilik,
        ReportKind::Workload => Group::Officer,
        _ => Group::Unit,
    };
    let filter = request.params.filter(request.period);
    let read = &request.app.read;
    let (groups, whole) =
        tokio::try_join!(read.grouped(group, &filter, request.now), read.figures(&filter, request.now))?;
    let narrow = request.params.carried().of(request.period);
    let (label, mut lines): (_, Vec<Line>) = match kind {
        ReportKind::Services => {
            ("Hizmet", groups.iter().filter_map(|row| service(request, &narrow, row)).collect())
        }
        ReportKind::Valilikler => ("Valilik", every_valilik(request, &narrow, &groups)),
        ReportKind::Workload => {
            ("Sorumlu|Birim", groups.iter().filter_map(|row| officer(request, &narrow, row)).collect())
        }
        _ => ("Birim", groups.iter().filter_map(|row| unit(request, &narrow, row)).collect()),
    };
    lines.sort_by_cached_key(|(names, ..)| names.iter().map(|name| SortKey::of(name)).collect::<Vec<_>>());
    let drawing =
        if kind == ReportKind::Valilikler { country(request, &groups)? } else { largest(kind, &lines)? };
    Ok(vec![Section {
        slug: "dagilim",
        title: tr(kind.title()).into(),
        definition: match kind {
            ReportKind::Workload => {
                "Başvuru, üzerinde olan Sorumluda sayılır; sonuçlanmışsa son üzerinde olan Sorumluda. Hiç teslim edilmemiş başvurular burada yoktur."
            }
            ReportKind::Valilikler => "Başvuru, yapıldığı valilikte sayılır; havale bunu değiştirmez.",
            _ => "",
        },
        chart: Some(drawing),
        folded: false,
        // Applications that no officer ever held are in no row of theirs.
        table: Table::of_figures(
            label,
            &BREAKDOWN,
            lines,
            (group != Group::Officer).then_some((narrow, whole)),
        ),
    }])
}

fn unit(request: &ReportRequest<'_>, narrow: &Params, row: &GroupRow) -> Option<Line> {
    let unit = row.unit.as_ref()?;
    let params = Params { birim: unit.to_string(), ..narrow.clone() };
    Some((vec![request.app.unit_name(unit)], params, row.figures))
}

fn service(request: &ReportRequest<'_>, narrow: &Params, row: &GroupRow) -> Option<Line> {
    let service = row.service.as_ref()?;
    let params = Params { hizmet: service.to_string(), ..narrow.clone() };
    Some((vec![request.app.service_name(service)], params, row.figures))
}

fn officer(request: &ReportRequest<'_>, narrow: &Params, row: &GroupRow) -> Option<Line> {
    let (officer, unit) = (row.officer.as_ref()?, row.unit.as_ref()?);
    let params = Params { sorumlu: officer.to_string(), birim: unit.to_string(), ..narrow.clone() };
    Some((vec![request.app.users.full_name(officer), request.app.unit_name(unit)], params, row.figures))
}

/// All 81 valilikler, also those without an application.
fn every_valilik(request: &ReportRequest<'_>, narrow: &Params, groups: &[GroupRow]) -> Vec<Line> {
    let by: HashMap<_, _> = groups.iter().filter_map(|row| Some((row.valilik?, row.figures))).collect();
    let line = |(valilik, name): (ebasvuru_workflow::domain::catalog::Valilik, &str)| {
        let params = Params { valilik: valilik.plate().to_string(), ..narrow.clone() };
        (vec![name.to_owned()], params, by.get(&valilik).copied().unwrap_or_default())
    };
    let chosen = request.params.valilik.parse::<u8>().ok();
    let all = request.app.catalog.valilikler();
    all.filter(|(valilik, _)| chosen.is_none_or(|plate| valilik.plate() == plate)).map(line).collect()
}

/// The map of the country, with a tile for each valilik.
fn country(request: &ReportRequest<'_>, groups: &[GroupRow]) -> Result<String, Problem> {
    let by: HashMap<_, _> = groups.iter().filter_map(|row| Some((row.valilik?, row.figures.total))).collect();
    let tiles: Vec<_> = request
        .app
        .catalog
        .valilikler()
        .filter_map(|(valilik, name)| {
            let (column, row) = map::tile(valilik.plate())?;
            Some((column, row, name.trim_end_matches(" Valiliği"), by.get(&valilik).copied().unwrap_or(0)))
        })
        .collect();
    let most = tiles.iter().max_by_key(|tile| tile.3).filter(|tile| tile.3 > 0);
    let sentence = most.map_or_else(
        || tr("Dönemde başvuru yok.").into(),
        |(.., name, count)| {
            say!(
                "En çok başvuru: {name}, {count}. Kare ne kadar koyuysa başvuru o kadar çoktur.",
                name = name,
                count = labels::thousands(*count)
            )
        },
    );
    let title = tr("Valiliklere göre başvuru sayısı");
    chart::tiles(&chart::Caption { id: "harita", title, sentence: &sentence }, map::GRID, &tiles)
}

/// The twelve rows with the most applications.
fn largest(kind: ReportKind, lines: &[Line]) -> Result<String, Problem> {
    let label = |names: &[String]| names.iter().map(|name| isolated(name)).collect::<Vec<_>>().join(", ");
    let mut bars: Vec<_> = lines.iter().map(|(names, _, figures)| (label(names), figures.total)).collect();
    bars.sort_by_key(|(_, total)| std::cmp::Reverse(*total));
    bars.truncate(12);
    let sentence = bars.first().map_or_else(
        || tr("Dönemde başvuru yok.").into(),
        |(name, total)| {
            say!("En çok başvuru: {name}, {count}.", name = name, count = labels::thousands(*total))
        },
    );
    let title = say!("{report}: başvuru sayısı en yüksek on iki", report = tr(kind.title()));
    let bars: Vec<_> = bars.into_iter().map(|(name, total)| (name, total as f64)).collect();
    chart::bars(&chart::Caption { id: "dagilim-grafik", title: &title, sentence: &sentence }, &bars)
}
