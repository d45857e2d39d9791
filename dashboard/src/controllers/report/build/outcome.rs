//! The outcomes of applications, by service.

use ebasvuru_analytics::read::{Figure, GroupRow, Totals, Wanted};
use ebasvuru_workflow::domain::turkish::SortKey;

use super::ReportRequest;
use crate::controllers::report::chart::{self, Ink};
use crate::controllers::report::filter::Params;
use crate::controllers::report::table::{ON_TIME_RATE, Section, Table};
use crate::view::i18n::tr;
use crate::view::labels;
use crate::web::problem::Problem;

const ENDS: [&str; 4] = ["positive", "negative", "lapsed", "withdrawn"];

pub async fn build(request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    let filter = request.params.filter(request.period);
    let groups = request.app.read.totals(Totals::Service, Wanted::Counts, &filter, request.now).await?;
    let whole = GroupRow::total(&groups);
    let narrow = request.params.carried().of(request.period);
    let mut lines: Vec<_> = groups
        .iter()
        .filter_map(|row| {
            let service = row.service.as_ref()?;
            let params = Params { hizmet: service.to_string(), ..narrow.clone() };
            Some((vec![request.app.service_name(service)], params, row.figures))
        })
        .collect();
    lines.sort_by_cached_key(|(names, ..)| names.iter().map(|name| SortKey::of(name)).collect::<Vec<_>>());
    let sum = |key: &str| lines.iter().map(|(.., figures)| figures.get(key)).sum::<u64>();
    let ends: Vec<&Figure> = ENDS.iter().filter_map(|key| Figure::named(key)).collect();
    let inks = [Ink::Good, Ink::Bad, Ink::Lapsed, Ink::Withdrawn];
    let bar = |(end, ink): (&&Figure, Ink)| {
        let (name, count) = (tr(end.label_tr).to_owned(), sum(end.key));
        chart::Bar { ink, ..chart::Bar::new(name, count, narrow.behind(end.key)) }
    };
    let bars: Vec<_> = ends.iter().zip(inks).map(bar).collect();
    let parts: Vec<String> =
        ends.iter().map(|end| format!("{} {}", tr(end.label_tr), labels::thousands(sum(end.key)))).collect();
    let sentence = format!("{}.", parts.join(", "));
    let caption =
        chart::Caption { id: "sonuc-grafik", title: tr("Sonuçlara dağılım"), sentence: &sentence };
    let keys = ["total", "closed", "positive", "negative", "lapsed", "withdrawn", ON_TIME_RATE];
    Ok(vec![Section {
        slug: "sonuclar",
        title: caption.title.into(),
        definition: "",
        chart: Some(chart::bars(&caption, &bars)?),
        folded: false,
        table: Table::of_figures("Hizmet", &keys, lines, Some((narrow, whole))),
    }])
}
