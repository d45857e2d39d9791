//! How late those are that are overdue now.

use super::{Overview, ReportRequest};
use crate::controllers::report::ages::{AGES, AgeGroup};
use crate::controllers::report::chart::{self, Ink};
use crate::controllers::report::table::{Section, Table};
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::problem::Problem;

pub fn section(request: &ReportRequest<'_>, overview: &Overview) -> Result<Section, Problem> {
    let (late, by_days) = (overview.stands.whole.overdue, &overview.stands.overdue_by_days);
    let narrow = request.params.carried().of(request.period);
    let bar = |age: &AgeGroup| {
        let count = by_days.range(age.days.clone()).map(|(_, count)| count).sum();
        let href = narrow.of_bucket(age.slug).behind("overdue_now");
        chart::Bar { ink: Ink::Bad, ..chart::Bar::new(tr(age.label).to_owned(), count, href) }
    };
    let bars: Vec<_> = AGES.iter().filter(|age| age.is_late()).map(bar).collect();
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
    let caption = chart::Caption { id: "gecikme-grafik", title, sentence: &sentence };
    Ok(Section {
        slug: "gecikme",
        title: title.into(),
        definition: "Bu anda sonuçlanmamış ve süresi geçmiş bütün başvurular, ne zaman gelmiş olursa olsun; son günün bitişinden bu yana geçen tam güne göre.",
        chart: Some(chart::bars(&caption, &bars)?),
        folded: true,
        table: Table::of_shares(
            ["Gecikme", "Şu an süresi geçmiş", "Pay"],
            bars,
            (late, narrow.behind("overdue_now")),
        ),
    })
}
