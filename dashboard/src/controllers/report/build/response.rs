//! Response times, in calendar days and in working days.

use ebasvuru_analytics::read::Answered;
use jiff::civil::Date;

use super::ReportRequest;
use crate::controllers::report::chart;
use crate::controllers::report::table::{Cell, Column, Section, Table};
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::problem::Problem;

/// The last day of each group of days; the last group has no end.
const UP_TO: [u32; 8] = [1, 3, 5, 10, 15, 20, 30, u32::MAX];

pub async fn build(request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    let answered = request.app.read.answered(&request.params.filter(request.period)).await?;
    let calendar = request.app.catalog.calendar();
    let working = |from: Date, to: Date| {
        let days = from.series(jiff::ToSpan::days(1)).skip(1).take_while(|day| *day <= to);
        u32::try_from(days.filter(|day| calendar.is_working_day(*day)).count()).unwrap_or(u32::MAX)
    };
    let in_working_days: Vec<_> =
        answered.iter().map(|a| (working(a.received, a.answered), a.count)).collect();
    let in_days: Vec<_> = answered.iter().map(|a| (calendar_days(a), a.count)).collect();
    let summary = Table {
        columns: ["Ölçü", "Cevaplanmış", "Ortanca", "%90", "Ortalama"].map(Column::of).into(),
        rows: vec![summary(tr("İş günü"), &in_working_days), summary(tr("Takvim günü"), &in_days)],
        ..Table::default()
    };
    Ok(vec![
        spread("is-gunu", tr("İş günü olarak cevaplanma süresi"), &in_working_days)?,
        spread("takvim", tr("Takvim günü olarak cevaplanma süresi"), &in_days)?,
        Section {
            slug: "ozet",
            title: tr("Özet").into(),
            definition: "Dönemde gelenlerden cevaplanmış olanların geldiği günden onaylandığı güne geçen gün; geldiği gün sayılmaz. Ortanca: yarısı bu kadar günde cevaplanmıştır. %90: onda dokuzu.",
            chart: None,
            folded: false,
            table: summary,
        },
    ])
}

fn calendar_days(a: &Answered) -> u32 {
    a.received.until(a.answered).ok().and_then(|span| u32::try_from(span.get_days()).ok()).unwrap_or(0)
}

fn summary(name: &str, days: &[(u32, u64)]) -> Vec<Cell> {
    let count: u64 = days.iter().map(|(_, n)| n).sum();
    if count == 0 {
        return vec![Cell::text(name), Cell::count(0), Cell::None, Cell::None, Cell::None];
    }
    let mean = days.iter().map(|(days, n)| f64::from(*days) * *n as f64).sum::<f64>() / count as f64;
    vec![
        Cell::text(name),
        Cell::count(count),
        Cell::Days(f64::from(quantile(days, 5))),
        Cell::Days(f64::from(quantile(days, 9))),
        Cell::Days(mean),
    ]
}

/// The number of days within which so many tenths were answered.
fn quantile(days: &[(u32, u64)], tenths: u64) -> u32 {
    let mut sorted = days.to_vec();
    sorted.sort_unstable();
    let count: u64 = sorted.iter().map(|(_, n)| n).sum();
    let mut seen = 0;
    for (days, n) in sorted {
        seen += n;
        if seen * 10 >= count * tenths {
            return days;
        }
    }
    0
}

fn spread(slug: &'static str, title: &str, days: &[(u32, u64)]) -> Result<Section, Problem> {
    let mut from = 0;
    let bars: Vec<_> = UP_TO
        .into_iter()
        .map(|to| {
            let count = days.iter().filter(|(days, _)| (from..=to).contains(days)).map(|(_, n)| n).sum();
            let name = if to == u32::MAX {
                say!("{n} gün ve üstü", n = from)
            } else {
                say!("{from}–{to} gün", from = from, to = to)
            };
            from = to.saturating_add(1);
            chart::Bar::new(name, count, String::new())
        })
        .collect();
    let count: u64 = bars.iter().map(|bar| bar.count).sum();
    let sentence = say!(
        "Cevaplanmış: {count}; yarısı {n} günde.",
        count = labels::thousands(count),
        n = quantile(days, 5)
    );
    let caption = chart::Caption { id: slug, title, sentence: &sentence };
    Ok(Section {
        slug,
        title: title.into(),
        definition: "Dönemde gelenlerden cevaplanmış olanlar, geldiği günden onaylandığı güne geçen güne göre. İş günleri hafta sonlarını ve resmi tatilleri saymaz.",
        chart: Some(chart::bars(&caption, &bars)?),
        folded: true,
        table: Table::of_shares(["Süre", "Başvuru", "Pay"], bars, count),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_count_applications_not_days() {
        let days = [(10, 1), (1, 8), (5, 1)];
        assert_eq!((quantile(&days, 5), quantile(&days, 9), quantile(&days, 10)), (1, 5, 10));
        assert_eq!(quantile(&[], 5), 0);
    }

    #[test]
    fn every_day_is_in_exactly_one_group() {
        let days: Vec<_> = (0..100).map(|day| (day, 1)).collect();
        let section = spread("x", "x", &days).unwrap();
        let sum: f64 = section.table.rows.iter().filter_map(|row| row[1].number()).sum();
        assert!((sum - 100.0).abs() < 0.1);
    }
}
