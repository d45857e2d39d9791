//! Many rows, grouped by the governorate whose unit they are of, with subtotals.

use std::collections::BTreeMap;

use ebasvuru_analytics::read::{Figures, GroupRow};
use ebasvuru_workflow::domain::catalog::Valilik;
use ebasvuru_workflow::domain::turkish::SortKey;

use super::ReportRequest;
use crate::controllers::report::filter::Params;
use crate::controllers::report::table::{Line, LineGroup, Shown, Table};

/// What the subtotals are of.
pub const DEFINITION: &str = "Satırlar birimlerin valiliğine göre toplanmıştır. Başvuru, şu an bulunduğu birimde ve o birimin valiliğinde sayılır; başka valilikteki bir birime havale edilmişse oradadır.";

/// A table of these rows, which have their subtotals and their total among them. `line` names a row,
/// after its governorate, and narrows the query to it; the rows that it leaves out are in the sums.
pub fn table(
    request: &ReportRequest<'_>,
    label: &str,
    shown: &Shown<'_>,
    rows: &[GroupRow],
    line: impl Fn(&Params, &GroupRow) -> Option<Line>,
    size: fn(usize) -> String,
) -> Table {
    let narrow = request.params.carried().of(request.period);
    let mut homes = BTreeMap::<Option<Valilik>, (Option<Line>, Vec<Line>)>::new();
    let mut total = (narrow.clone(), Figures::default());
    let names = label.split('|').count();
    for row in rows {
        let home = homes.entry(row.valilik).or_default();
        match (row.valilik, &row.unit) {
            (None, None) => total.1 = row.figures,
            (Some(valilik), None) => {
                let mut head = vec![String::new(); names];
                head[0] = request.app.catalog.valilik_name(valilik).to_owned();
                home.0 = Some((head, narrow.in_units_of(valilik), row.figures));
            }
            (_, Some(_)) => home.1.extend(line(&narrow, row)),
        }
    }
    let group = |(home, (subtotal, mut lines)): (Option<Valilik>, (Option<Line>, Vec<Line>))| {
        let (home, subtotal) = (home?, subtotal?);
        lines
            .sort_by_cached_key(|(names, ..)| names.iter().map(|name| SortKey::of(name)).collect::<Vec<_>>());
        Some(LineGroup { key: home.plate().to_string(), subtotal, lines })
    };
    let mut groups: Vec<_> = homes.into_iter().filter_map(group).collect();
    groups.sort_by_cached_key(|group| SortKey::of(&group.subtotal.0[0]));
    Table::of_groups(label, shown, groups, total, size)
}
