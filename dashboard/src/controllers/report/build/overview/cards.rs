//! The six numbers that answer first: each with what it counts, its change, its line, and its list.

use std::cmp::Ordering;

use ebasvuru_analytics::read::figure::part;
use ebasvuru_analytics::read::overview::{
    Happened, MEASURES, Measure, ON_TIME_RATE_DEFINITION_TR, ON_TIME_RATE_TR, RESPONSE_MEDIAN_DEFINITION_TR,
    RESPONSE_MEDIAN_TR,
};
use ebasvuru_workflow::domain::calendar::day_of;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use super::flow::by_day;
use super::{Overview, ReportRequest};
use crate::controllers::report::filter::{Params, Period};
use crate::controllers::report::kind::ReportKind;
use crate::controllers::report::sparkline::sparkline;
use crate::controllers::report::table::{Cell, Column, Section, Table, share_cell};
use crate::view::environment;
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::problem::Problem;

/// A card of `report/cards.html`.
#[derive(Serialize)]
struct Card {
    label: &'static str,
    value: String,
    /// The list that the number is counted from.
    href: String,
    /// What it counts, and of what: the period, or now.
    note: String,
    change: Option<Change>,
    /// Its line, as safe SVG.
    line: minijinja::Value,
}

/// A change against the period before, with its sign and in a word.
#[derive(Serialize)]
struct Change {
    words: String,
    /// `good`, `bad`, or nothing where neither is.
    tone: &'static str,
}

pub fn section(request: &ReportRequest<'_>, overview: &Overview) -> Result<Section, Problem> {
    let narrow = request.params.carried().of(request.period);
    let today = day_of(request.now);
    let cards = cards(request, overview, &narrow);
    let context = minijinja::context! {
        cards => environment::value(cards),
        periods => environment::value(periods(request, today)),
        before => labels::days(request.period.before().from, request.period.before().last),
    };
    Ok(Section {
        slug: "ozet",
        title: tr("Özet").into(),
        definition: "“Dönem” sayıları, başvuru ne zaman gelmiş olursa olsun, seçilen dönemde olanı sayar; “Şu an” sayıları bu andaki durumu, bütün dönemlerin başvurularıyla. Dönemde olanların değişimi, hemen önceki aynı uzunluktaki döneme göredir; bitmemiş bir gün karşılaştırılmaz. Bu andaki durumun değişimi, dönemin başındaki duruma göredir. Oranın çizgisinde her gün, son yedi günün oranıdır.",
        chart: Some(environment::render("report/cards.html", context)?),
        folded: true,
        table: table(overview, &narrow),
    })
}

fn cards(request: &ReportRequest<'_>, overview: &Overview, narrow: &Params) -> Vec<Card> {
    let (now, mut then) = (&overview.happenings.whole, overview.happenings.before);
    let today = day_of(request.now);
    if request.period == (Period { from: today, last: today }) {
        // A day that is not over is not compared with a whole one.
        then = Happened::default();
    }
    let stands = overview.stands.whole;
    let (days, since) = (by_day(request.period, overview), &overview.happenings.since);
    let line = |values: &[Option<f64>]| minijinja::Value::from_safe_string(sparkline(values));
    let of_days = |pick: &dyn Fn(&Happened) -> Option<f64>| line(&days.iter().map(pick).collect::<Vec<_>>());
    // On a day with few answers, one that is late would look like a collapse.
    let rate_of_week = |end: usize| {
        let week = days.get(end.saturating_sub(6)..=end).unwrap_or_default();
        part(week.iter().map(|h| h.on_time).sum(), week.iter().map(|h| h.judged).sum())
    };
    // What stood at the end of each day: what stands now, less what came and plus what went since. Also
    // what stood when the period began.
    let stock = |stands: u64, came: &dyn Fn(&Happened) -> u64, went: &dyn Fn(&Happened) -> u64| {
        let mut level = stands as f64 - came(since) as f64 + went(since) as f64;
        let mut levels: Vec<Option<f64>> = days
            .iter()
            .rev()
            .map(|day| {
                let at_end = level;
                level += went(day) as f64 - came(day) as f64;
                Some(at_end.max(0.0))
            })
            .collect();
        levels.reverse();
        (level.max(0.0) as u64, line(&levels))
    };
    let (open_before, open_line) = stock(stands.open, &|h| h.received, &|h| h.closed);
    let (overdue_before, overdue_line) = stock(stands.overdue, &|h| h.breached, &|h| h.closed_overdue);
    let count = |n: u64| labels::thousands(n);
    let card = |key: &str, value: String, note: String, change, line| Card {
        label: Measure::named(key).map_or("", |measure| tr(measure.label_tr)),
        value,
        href: narrow.behind(key),
        note,
        change,
        line,
    };
    let rate = now.on_time_rate();
    let median = now.response_median();
    vec![
        card(
            "total",
            count(now.received),
            tr("Dönemde vatandaşın e-Devlet'te onayladığı başvurular.").to_owned(),
            count_change(now.received, then.received),
            of_days(&|h| Some(h.received as f64)),
        ),
        card(
            "closed_in_period",
            count(now.closed),
            tr("Dönemde sonuçlananlar, ne zaman gelmiş olursa olsun.").to_owned(),
            count_change(now.closed, then.closed),
            of_days(&|h| Some(h.closed as f64)),
        ),
        Card {
            label: tr(ON_TIME_RATE_TR),
            ..card(
                "judged_in_period",
                rate.map_or_else(|| "–".to_owned(), labels::share),
                say!(
                    "Dönemde süresinde cevaplanan {on_time}; süresi dönemde cevapsız dolan {missed}.",
                    on_time = count(now.on_time),
                    missed = count(now.judged - now.on_time)
                ),
                rate.zip(then.on_time_rate()).map(|(now, then)| rate_change(now, then)),
                line(&(0..days.len()).map(rate_of_week).collect::<Vec<_>>()),
            )
        },
        Card {
            label: tr(RESPONSE_MEDIAN_TR),
            ..card(
                "answered_in_period",
                median.map_or_else(|| "–".to_owned(), duration),
                say!(
                    "Dönemde cevaplanan {n} başvurunun yarısı bu sürede cevaplandı.",
                    n = count(now.answered())
                ),
                median.zip(then.response_median()).map(|(now, then)| time_change(now, then)),
                of_days(&|h| h.response_median().map(|ms| ms as f64)),
            )
        },
        card(
            "open_now",
            count(stands.open),
            say!(
                "Bu anda sonuçlanmamış bütün başvurular; {n} tanesi Ön Başvuru.",
                n = count(stands.pre_application)
            ),
            Some(stock_change(stands.open, open_before, false)),
            open_line,
        ),
        card(
            "overdue_now",
            count(stands.overdue),
            part(stands.overdue, stands.open).map_or_else(
                || tr("Bu anda açık başvuru yok.").to_owned(),
                |share| {
                    say!(
                        "Şu an açık olanlardan son günü geçmiş olanlar; payı {share}.",
                        share = labels::share(share)
                    )
                },
            ),
            Some(stock_change(stands.overdue, overdue_before, true)),
            overdue_line,
        ),
    ]
}

fn duration(ms: u64) -> String {
    labels::duration(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// `+%12,5 (artış); önceki dönem 320`. More is neither good nor bad. `None` where there was nothing.
fn count_change(now: u64, then: u64) -> Option<Change> {
    let share = part(now.abs_diff(then), then)?;
    let order = now.cmp(&then);
    let word = tr(match order {
        Ordering::Less => "azalış",
        Ordering::Equal => "değişmedi",
        Ordering::Greater => "artış",
    });
    Some(change(order, &labels::share(share), word, "", &labels::thousands(then)))
}

/// `+3,2 puan (iyileşme); önceki dönem %81,0`: of a rate, in percentage points.
fn rate_change(now: f64, then: f64) -> Change {
    // As shown, with one decimal.
    let tenths = ((now - then) * 1000.0).round() as i64;
    let order = tenths.cmp(&0);
    let (word, tone) = better(order);
    let size = say!("{points} puan", points = labels::decimal(tenths.unsigned_abs() as f64 / 10.0, 1));
    change(order, &size, word, tone, &labels::share(then))
}

/// `−1 gün (iyileşme); önceki dönem 9 gün`: of a time, which is better when shorter.
fn time_change(now: u64, then: u64) -> Change {
    let order = now.cmp(&then);
    let (word, tone) = better(order.reverse());
    change(order, &duration(now.abs_diff(then)), word, tone, &duration(then))
}

/// The word and the tone of a change for the better (`Greater`) or the worse.
fn better(order: Ordering) -> (&'static str, &'static str) {
    match order {
        Ordering::Less => (tr("kötüleşme"), "bad"),
        Ordering::Equal => (tr("değişmedi"), ""),
        Ordering::Greater => (tr("iyileşme"), "good"),
    }
}

/// `+13 (artış); dönem başında 2`: of what stands now. `less_is_better` where more is worse.
fn stock_change(now: u64, then: u64, less_is_better: bool) -> Change {
    let order = now.cmp(&then);
    let tone = if less_is_better { better(order.reverse()).1 } else { "" };
    let (size, then) = (labels::thousands(now.abs_diff(then)), labels::thousands(then));
    let words = match order {
        Ordering::Less => say!("−{size} (azalış); dönem başında {then}", size = size, then = then),
        Ordering::Equal => say!("değişmedi; dönem başında {then}", then = then),
        Ordering::Greater => say!("+{size} (artış); dönem başında {then}", size = size, then = then),
    };
    Change { words, tone }
}

fn change(order: Ordering, size: &str, word: &str, tone: &'static str, then: &str) -> Change {
    let words = match order {
        Ordering::Less => {
            say!("−{size} ({word}); önceki dönem {then}", size = size, word = word, then = then)
        }
        Ordering::Equal => say!("{word}; önceki dönem {then}", word = word, then = then),
        Ordering::Greater => {
            say!("+{size} ({word}); önceki dönem {then}", size = size, word = word, then = then)
        }
    };
    Change { words, tone }
}

/// The periods that are asked for most: address, name, and whether it is this one.
fn periods(request: &ReportRequest<'_>, today: Date) -> Vec<(String, &'static str, bool)> {
    let monday = i64::from(today.weekday().to_monday_zero_offset());
    let of = |from: Date, name| {
        let period = Period { from, last: today };
        let href = request.params.carried().of(period).address(ReportKind::Overview.path());
        (href, tr(name), period == request.period)
    };
    vec![
        of(today, "Bugün"),
        of(today.saturating_sub(monday.days()), "Bu hafta"),
        of(today.first_of_month(), "Bu ay"),
        of(today.saturating_sub(29.days()), "Son 30 gün"),
        of(today.first_of_year(), "Bu yıl"),
    ]
}

/// The same numbers in a table, one unit in each column.
fn table(overview: &Overview, narrow: &Params) -> Table {
    let (now, then) = (&overview.happenings.whole, &overview.happenings.before);
    let stands = overview.stands.whole;
    let counted = |key: &str| -> (u64, Cell) {
        let of = |happened: &Happened| match key {
            "total" => happened.received,
            "closed_in_period" => happened.closed,
            "answered_in_period" => happened.answered(),
            "positive_in_period" => happened.positive,
            "negative_in_period" => happened.negative,
            "lapsed_in_period" => happened.lapsed,
            "withdrawn_in_period" => happened.withdrawn,
            "on_time_in_period" => happened.on_time,
            "judged_in_period" => happened.judged,
            _ => happened.breached,
        };
        match key {
            "open_now" => (stands.open, Cell::None),
            "overdue_now" => (stands.overdue, Cell::None),
            _ => (of(now), Cell::count(of(then))),
        }
    };
    let counts = Measure::named("total").into_iter().chain(MEASURES.iter().copied()).map(|measure| {
        let (count, before) = counted(measure.key);
        let mut row = vec![Cell::text(tr(measure.label_tr)), Cell::Count(count, narrow.behind(measure.key))];
        row.extend([Cell::None, Cell::None, before, Cell::None, Cell::None]);
        row
    });
    let time = |ms: Option<u64>| ms.map_or(Cell::None, Cell::Time);
    let rate = vec![
        Cell::text(tr(ON_TIME_RATE_TR)),
        Cell::None,
        share_cell(now.on_time_rate()),
        Cell::None,
        Cell::None,
        share_cell(then.on_time_rate()),
        Cell::None,
    ];
    let median = vec![
        Cell::text(tr(RESPONSE_MEDIAN_TR)),
        Cell::None,
        Cell::None,
        time(now.response_median()),
        Cell::None,
        Cell::None,
        time(then.response_median()),
    ];
    let columns = vec![
        Column::of("Gösterge"),
        Column::of("Sayı"),
        Column::defined("Oran", ON_TIME_RATE_DEFINITION_TR),
        Column::defined("Cevaplanma süresi", RESPONSE_MEDIAN_DEFINITION_TR),
        Column::of("Önceki dönem, sayı"),
        Column::of("Önceki dönem, oran"),
        Column::of("Önceki dönem, süre"),
    ];
    Table { columns, rows: counts.chain([rate, median]).collect(), ..Table::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_its_sign_and_a_word() {
        let words = |change: Option<Change>| change.map(|change| change.words).unwrap_or_default();
        assert_eq!(words(count_change(360, 320)), "+%12,5 (artış); önceki dönem 320");
        assert_eq!(words(count_change(0, 320)), "−%100,0 (azalış); önceki dönem 320");
        assert_eq!(words(count_change(5, 5)), "değişmedi; önceki dönem 5");
        assert_eq!(words(count_change(5, 0)), "", "there was nothing to compare with");
        assert_eq!(words(Some(rate_change(0.842, 0.81))), "+3,2 puan (iyileşme); önceki dönem %81,0");
        assert_eq!(words(Some(rate_change(0.5, 0.75))), "−25,0 puan (kötüleşme); önceki dönem %75,0");
        assert_eq!(words(Some(rate_change(0.5, 0.500_01))), "değişmedi; önceki dönem %50,0");
        let day = 86_400_000;
        assert_eq!(words(Some(time_change(8 * day, 9 * day))), "−1 gün (iyileşme); önceki dönem 9 gün");
        assert_eq!(time_change(9 * day, 8 * day).tone, "bad");
        assert_eq!(words(Some(stock_change(15, 2, true))), "+13 (artış); dönem başında 2");
        assert_eq!(words(Some(stock_change(2, 1500, false))), "−1.498 (azalış); dönem başında 1.500");
        assert_eq!(words(Some(stock_change(7, 7, true))), "değişmedi; dönem başında 7");
        let tones = [(3, 2), (2, 3), (2, 2)].map(|(now, then)| stock_change(now, then, true).tone);
        assert_eq!(tones, ["bad", "good", ""]);
        assert_eq!(stock_change(3, 2, false).tone, "", "more open ones are neither");
    }
}
