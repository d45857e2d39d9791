//! Which part of all applications a report or list is of: in words for documents, and in the names of files.

use ebasvuru_workflow::domain::catalog::Valilik;
use ebasvuru_workflow::domain::turkish::fold;

use super::bucket::Bucket;
use super::filter::{Params, Period};
use crate::view::i18n::tr;
use crate::view::labels;
use crate::web::app::App;

/// The value of a filter that is not set.
pub const ALL: &str = "Tümü";

/// Period and filters, each with its label.
pub fn conditions(app: &App, params: &Params, period: Period) -> Vec<(&'static str, String)> {
    let period = labels::days(period.from, period.last);
    std::iter::once((tr("Dönem"), period)).chain(filters(app, params)).collect()
}

/// The filters, each with its label. One that is not set says so, because a reader of paper cannot know
/// what could have been set; the rarer ones are named where they are set.
pub fn filters(app: &App, params: &Params) -> Vec<(&'static str, String)> {
    let stated = |filter: Filter| {
        let value = filter.value.or_else(|| filter.is_usual.then(|| tr(ALL).to_owned()));
        Some((tr(filter.label), value?))
    };
    all_filters(app, params).filter_map(stated).collect()
}

/// The values of the filters that are set.
pub fn set_filters(app: &App, params: &Params) -> Vec<String> {
    all_filters(app, params).filter_map(|filter| filter.value).collect()
}

struct Filter {
    label: &'static str,
    /// Whether paper names it also where it is not set.
    is_usual: bool,
    value: Option<String>,
}

fn all_filters(app: &App, params: &Params) -> impl Iterator<Item = Filter> + use<> {
    let name = |plate: &str| valilik(plate).map(|valilik| app.catalog.valilik_name(valilik).to_owned());
    let kind = params.tur.parse().ok().and_then(|kind| app.catalog.unit_type(&kind));
    let unit = params.birim.parse().ok().map(|unit| app.unit_name(&unit));
    let service = params.hizmet.parse().ok().map(|service| app.service_name(&service));
    let officer = params.sorumlu.parse().ok().map(|name| app.users.full_name(&name));
    let usual = |label, value| Filter { label, is_usual: true, value };
    let rare = |label, value| Filter { label, is_usual: false, value };
    let all = [
        usual("Valilik", name(&params.valilik)),
        rare("Birimin valiliği", name(&params.il)),
        rare("Birim türü", kind.map(|kind| kind.title.clone())),
        usual("Birim", unit),
        usual("Hizmet", service),
        rare("Sorumlu", officer),
    ];
    let bucket = Bucket::named(&params.dilim).map(|bucket| bucket.words());
    all.into_iter().chain(bucket.map(|(label, words)| rare(label, Some(words))))
}

/// The name of a file: what it is, its period, and its filters, in ASCII.
pub fn file_name(app: &App, what: &str, params: &Params, period: Option<Period>, suffix: &str) -> String {
    let place = |plate: &str| {
        let name = app.catalog.valilik_name(valilik(plate)?);
        Some(slug(name.trim_end_matches(" Valiliği")))
    };
    let home = place(&params.il).map(|place| format!("birimler-{place}"));
    let others = [&params.tur, &params.birim, &params.hizmet, &params.sorumlu, &params.dilim]
        .map(|it| Some(it.clone()));
    let filters = [place(&params.valilik), home].into_iter().chain(others).flatten();
    let filters: String = filters.filter(|it| !it.is_empty()).map(|filter| format!("_{filter}")).collect();
    let period = period.map(|period| format!("_{}_{}", period.from, period.last)).unwrap_or_default();
    format!("{what}{period}{filters}{suffix}")
}

fn valilik(plate: &str) -> Option<Valilik> {
    plate.parse().ok().and_then(Valilik::from_plate)
}

/// Letters and digits of ASCII, with a hyphen for all else.
fn slug(name: &str) -> String {
    let plain = fold(name);
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_ascii() {
        assert_eq!(["Iğdır", "Şanlıurfa", "Genel bakış"].map(slug), ["igdir", "sanliurfa", "genel-bakis"]);
    }
}
