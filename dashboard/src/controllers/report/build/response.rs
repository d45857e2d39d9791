//! Response times, in calendar days and in working days.

use ebasvuru_analytics::read::Answered;

use super::ReportRequest;
use crate::controllers::report::answer_days::{AnswerGroup, DayCount};
use crate::controllers::report::chart;
use crate::controllers::report::table::{Cell, Column, Section, Table};
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::problem::Problem;

pub async fn build(request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    let answered = request.app.read.answered(&request.params.filter(request.period)).await?;
    let calendar = request.app.catalog.calendar();
    let counted = DayCount::ALL.map(|count| {
        let days = |a: &Answered| (count.between(calendar, a.received, a.answered), a.count);
        (count, answered.iter().map(days).collect::<Vec<_>>())
    });
    let name = |count| match count {
        DayCount::Working => tr("İş günü"),
        DayCount::Calendar => tr("Takvim günü"),
    };
    let summary = Table {
        columns: ["Ölçü", "Cevaplanmış", "Ortanca", "%90", "Ortalama"].map(Column::of).into(),
        rows: counted.iter().map(|(count, days)| summary(name(*count), days)).collect(),
        ..Table::default()
    };
    let spreads = counted.iter().map(|(count, days)| spread(request, *count, days));
    let mut sections = spreads.collect::<Result<Vec<_>, _>>()?;
    sections.push(Section {
        slug: "ozet",
        title: tr("Özet").into(),
        definition: "Dönemde gelenlerden cevaplanmış olanların geldiği günden onaylandığı güne geçen gün; geldiği gün sayılmaz. Ortanca: yarısı bu kadar günde cevaplanmıştır. %90: onda dokuzu.",
        chart: None,
        folded: false,
        table: summary,
    });
    Ok(sections)
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

fn spread(request: &ReportRequest<'_>, by: DayCount, days: &[(u32, u64)]) -> Result<Section, Problem> {
    let narrow = request.params.carried().of(request.period);
    let bar = |group: AnswerGroup| {
        let count = days.iter().filter(|(days, _)| group.days.contains(days)).map(|(_, n)| n).sum();
        chart::Bar::new(group.label(), count, narrow.of_bucket(group.slug()).behind("answered"))
    };
    let bars: Vec<_> = AnswerGroup::all(by).map(bar).collect();
    let count: u64 = bars.iter().map(|bar| bar.count).sum();
    let sentence = say!(
        "Cevaplanmış: {count}; yarısı {n} günde.",
        count = labels::thousands(count),
        n = quantile(days, 5)
    );
    let caption = chart::Caption { id: by.slug(), title: tr(by.title()), sentence: &sentence };
    Ok(Section {
        slug: by.slug(),
        title: caption.title.into(),
        definition: "Dönemde gelenlerden cevaplanmış olanlar, geldiği günden onaylandığı güne geçen güne göre. İş günleri hafta sonlarını ve resmi tatilleri saymaz.",
        chart: Some(chart::bars(&caption, &bars)?),
        folded: true,
        table: Table::of_shares(
            ["Cevaplanma süresi", "Başvuru", "Pay"],
            bars,
            (count, narrow.behind("answered")),
        ),
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
}
