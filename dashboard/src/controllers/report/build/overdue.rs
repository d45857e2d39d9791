//! Overdue applications: the age of open ones, and how many became overdue each day.

use std::collections::BTreeMap;

use ebasvuru_analytics::read::{AGE_DEFINITION_TR, FLOW_DEFINITION_TR, GroupRow, Totals, Wanted};
use jiff::civil::Date;

use super::{ReportRequest, breakdown, by_home};
use crate::controllers::report::ages::{AGES, AgeGroup};
use crate::controllers::report::chart::{self, Ink};
use crate::controllers::report::filter::{Params, Period};
use crate::controllers::report::table::{Cell, Column, ON_TIME_RATE, Section, Shown, Table};
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::problem::Problem;

pub async fn build(request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    let filter = request.params.filter(request.period);
    let read = &request.app.read;
    let (ages, happened, units, stands) = tokio::try_join!(
        read.ages(&filter, request.now),
        read.happened_by_day(&filter, request.now),
        read.totals(Totals::UnitInHome, Wanted::Counts, &filter, request.now),
        read.stands(&filter, request.now),
    )?;
    let narrow = request.params.carried().of(request.period);
    let late: u64 = ages.iter().filter(|age| age.days >= 0).map(|age| age.open).sum();
    let bar = |group: &AgeGroup| {
        let count = ages.iter().filter(|age| group.days.contains(&age.days)).map(|age| age.open).sum();
        let ink = if group.is_late() { Ink::Bad } else { Ink::First };
        let href = narrow.of_bucket(group.slug).behind("open");
        chart::Bar { ink, ..chart::Bar::new(tr(group.label).to_owned(), count, href) }
    };
    let bars: Vec<_> = AGES.iter().map(bar).collect();
    let sentence = say!(
        "Dönemde gelip hâlâ açık olanlardan süresi geçmiş: {n}. Şu an bütün dönemlerde: {now}.",
        n = labels::thousands(late),
        now = labels::thousands(stands.whole.overdue)
    );
    let caption = chart::Caption {
        id: "yas",
        title: tr("Dönemde gelip hâlâ açık olanların kalan ya da geçen süresi"),
        sentence: &sentence,
    };
    let aging = Section {
        slug: "yaslar",
        title: caption.title.into(),
        definition: AGE_DEFINITION_TR,
        chart: Some(chart::bars(&caption, &bars)?),
        folded: true,
        table: Table {
            columns: ["Kalan ya da geçen süre", "Hâlâ açık (Ön Başvuru hariç)"].map(Column::of).into(),
            rows: bars
                .into_iter()
                .map(|bar| vec![Cell::Text(bar.name), Cell::Count(bar.count, bar.href)])
                .collect(),
            ..Table::default()
        }
        .summed(),
    };

    let days: Vec<_> = request.period.each().collect();
    let happened: BTreeMap<_, _> = happened.into_iter().collect();
    let breached: Vec<u64> =
        days.iter().map(|day| happened.get(day).map_or(0, |happened| happened.breached)).collect();
    let sentence = say!("Dönemde {n} başvurunun süresi geçti.", n = labels::thousands(breached.iter().sum()));
    let caption =
        chart::Caption { id: "gecis", title: tr("Günlük süresi geçen başvuru"), sentence: &sentence };
    let row = |(day, count): (&Date, &u64)| {
        let behind = narrow.of(Period { from: *day, last: *day }).behind("breached_in_period");
        vec![Cell::Day(*day), Cell::Count(*count, behind)]
    };
    let rows = days.iter().zip(&breached).map(row).collect();
    let line = chart::Line { name: tr("Süresi Geçen"), ink: Ink::Bad, values: breached };
    let part = |part: Period| narrow.of(part).behind("breached_in_period");
    let over_time = Section {
        slug: "gunler",
        title: caption.title.into(),
        definition: FLOW_DEFINITION_TR,
        chart: Some(chart::lines(&caption, request.period, &[line], &part)?),
        folded: true,
        table: Table { columns: ["Gün", "Süresi Geçen"].map(Column::of).into(), rows, ..Table::default() }
            .summed(),
    };

    let is_late = |row: &&GroupRow| row.figures.overdue > 0 || row.valilik.is_none();
    let units: Vec<_> = units.iter().filter(is_late).cloned().collect();
    let line = |narrow: &Params, row: &GroupRow| breakdown::unit(request, narrow, row);
    let keys = ["total", "overdue", "overdue_open", "overdue_closed", ON_TIME_RATE];
    let by_unit = Section {
        slug: "birimler",
        title: tr("Dönemde gelenlerden süresi geçmiş olan birimler").into(),
        definition: "Süresi geçmiş başvurusu olmayan birimler satır olarak gösterilmez; başvuruları toplamların içindedir.",
        chart: None,
        folded: false,
        table: by_home::table(request, "Valilik|Birim", &Shown::figures(&keys), &units, line, |n| {
            say!("{n} birim", n = n)
        }),
    };
    Ok(vec![aging, over_time, by_unit])
}
