//! When people apply, by weekday and hour.

use ebasvuru_analytics::read::INTAKE_DEFINITION_TR;

use super::ReportRequest;
use crate::controllers::report::bucket::WeekHour;
use crate::controllers::report::chart;
use crate::controllers::report::table::{Cell, Column, Section, TOTAL, Table};
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::problem::Problem;

pub async fn build(request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    let found = request.app.read.hours_of_week(&request.params.filter(request.period)).await?;
    let mut counts = [[0; 24]; 7];
    for hour in &found {
        let weekday = usize::from(hour.weekday).saturating_sub(1);
        if let Some(count) = counts.get_mut(weekday).and_then(|day| day.get_mut(usize::from(hour.hour))) {
            *count = hour.received;
        }
    }
    let most = found.iter().max_by_key(|hour| hour.received);
    let sentence = most.map_or_else(
        || tr("Dönemde başvuru yok.").into(),
        |hour| {
            let busiest = WeekHour { weekday: hour.weekday.saturating_sub(1), hour: hour.hour };
            say!(
                "En yoğun saat: {hour}, {n} başvuru.",
                hour = busiest.label(),
                n = labels::thousands(hour.received)
            )
        },
    );
    let caption =
        chart::Caption { id: "hafta", title: tr("Gün ve saate göre gelen başvuru"), sentence: &sentence };
    let columns = std::iter::once("Saat").chain(chart::WEEKDAYS).chain([TOTAL]).map(Column::of).collect();
    let narrow = request.params.carried().of(request.period);
    let behind = |weekday, hour| narrow.of_bucket(WeekHour { weekday, hour }.slug()).behind("total");
    let row = |hour: u8| {
        let days = counts.iter().map(|day| day.get(usize::from(hour)).copied().unwrap_or(0));
        let total = Cell::count(days.clone().sum());
        let cells = (0..).zip(days).map(|(weekday, count)| Cell::Count(count, behind(weekday, hour)));
        std::iter::once(Cell::Text(format!("{hour:02}.00"))).chain(cells).chain([total]).collect()
    };
    Ok(vec![Section {
        slug: "saatler",
        title: caption.title.into(),
        definition: INTAKE_DEFINITION_TR,
        chart: Some(chart::week(&caption, &counts, &behind)?),
        folded: true,
        table: Table { columns, rows: (0..24).map(row).collect(), ..Table::default() }.summed(),
    }])
}
