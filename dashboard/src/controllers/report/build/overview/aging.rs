//! How late those are that are overdue now.

use super::Overview;
use crate::controllers::report::chart::{self, Ink};
use crate::controllers::report::table::{Section, Table};
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::problem::Problem;

/// Groups by full days past the deadline: from, to, name.
const AGES: [(i64, i64, &str); 5] = [
    (0, 7, "1 haftaya kadar geçen"),
    (8, 15, "8–15 gün geçen"),
    (16, 30, "16–30 gün geçen"),
    (31, 60, "31–60 gün geçen"),
    (61, i64::MAX, "60 günü aşan"),
];

pub fn section(overview: &Overview) -> Result<Section, Problem> {
    let (late, by_days) = (overview.stands.whole.overdue, &overview.stands.overdue_by_days);
    let groups = AGES.map(|(from, to, name)| {
        (tr(name).to_owned(), by_days.range(from..=to).map(|(_, count)| count).sum::<u64>())
    });
    let sentence = by_days.keys().next_back().map_or_else(
        || tr("Şu an süresi geçmiş başvuru yok.").to_owned(),
        |days| {
            say!(
                "Şu an süresi geçmiş {late} başvurudan en eskisinin son gününden bu yana {n} gün geçti.",
                late = labels::thousands(late),
                n = days
            )
        },
    );
    let title = tr("Şu an süresi geçmiş olanların gecikmesi");
    let bar = |(name, count): &(String, u64)| chart::Bar {
        ink: Ink::Bad,
        ..chart::Bar::new(name.clone(), *count, String::new())
    };
    let bars: Vec<_> = groups.iter().map(bar).collect();
    let caption = chart::Caption { id: "gecikme-grafik", title, sentence: &sentence };
    Ok(Section {
        slug: "gecikme",
        title: title.into(),
        definition: "Bu anda sonuçlanmamış ve süresi geçmiş bütün başvurular, ne zaman gelmiş olursa olsun; son günün bitişinden bu yana geçen tam güne göre.",
        chart: Some(chart::bars(&caption, &bars)?),
        folded: true,
        table: Table::of_shares(["Gecikme", "Şu an süresi geçmiş", "Pay"], groups, late),
    })
}
