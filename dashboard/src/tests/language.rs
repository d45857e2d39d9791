//! The English translation is complete. Templates and sources are searched for texts without a
//! translation, and every page is rendered in English and searched for Turkish words that neither
//! people nor the catalog wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use axum::http::Method;
use ebasvuru_workflow::domain::application::event::EventKind;
use ebasvuru_workflow::domain::application::{
    Application, HistoryEntry, Outcome, Phase, Proposal, SendBackReason, Status,
};
use ebasvuru_workflow::seal::Field;

use super::world::at;
use super::{Browser, World};
use crate::view::environment::TEMPLATES;
use crate::view::i18n;
use crate::web::guard::Access;
use crate::web::routes;

/// Letters that English does not have.
const LETTERS: &str = "çğıöşüÇĞİÖŞÜ";
/// Words that are the same in both languages.
const NAMES: [&str; 6] = ["e-Başvuru", "Türkiye", "English", "Türkçe", "CSV", "XLSX"];
/// The end of the names of valilikler in the catalog.
const VALILIK: &str = " Valiliği";

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    // The portal and the tests are in Turkish only.
    let skipped =
        ["dashboard/src/portal", "dashboard/src/tests", "analytics/src/read/tests"].map(|p| root.join(p));
    let mut folders = vec![root.join("dashboard/src"), root.join("analytics/src/read")];
    let mut files =
        ["workflow/src/domain/application/refusal.rs", "workflow/src/domain/application/action.rs"]
            .into_iter()
            .chain(["workflow/src/domain/user/refusal.rs", "workflow/src/domain/schedule/refusal.rs"])
            .chain(["workflow/src/domain/actor.rs"])
            .map(|path| root.join(path))
            .collect::<Vec<_>>();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if skipped.contains(&path) || path.ends_with("tests.rs") {
            } else if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                files.push(path);
            }
        }
    }
    let read = |path: PathBuf| {
        let source = std::fs::read_to_string(&path).unwrap();
        let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
        (path, code)
    };
    files.into_iter().map(read).collect()
}

/// The values of the string literals in Rust code.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            '\'' if chars.peek() == Some(&'"') => drop(chars.next()),
            '"' => {
                let mut text = String::new();
                while let Some(c) = chars.next().filter(|c| *c != '"') {
                    match (c, chars.peek()) {
                        ('\\', Some('\n')) => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                        ('\\', Some(_)) => text.extend(chars.next()),
                        _ => text.push(c),
                    }
                }
                found.push(text);
            }
            _ => {}
        }
    }
    found
}

fn staff_templates() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEMPLATES.iter().copied().filter(|(name, _)| !name.starts_with("portal/"))
}

/// The texts that a template translates.
fn spoken_in(template: &str) -> impl Iterator<Item = &str> {
    template.split("_(\"").skip(1).filter_map(|rest| rest.split('"').next())
}

fn foreign(text: &str) -> bool {
    let mut text = text.to_owned();
    NAMES.iter().for_each(|name| text = text.replace(name, ""));
    text.contains(|c| LETTERS.contains(c))
}

#[test]
fn every_text_is_translated_and_every_translation_is_used() {
    let english = i18n::english();
    let mut keys: BTreeSet<String> = BTreeSet::new();
    let mut missing = Vec::new();
    for (path, code) in sources() {
        for text in literals(&code) {
            if foreign(&text) && text != VALILIK && !english.contains_key(&text) {
                missing.push(format!("{}: {text:?}", path.display()));
            }
            keys.insert(text);
        }
    }
    for (name, source) in staff_templates() {
        for text in spoken_in(source) {
            if !english.contains_key(text) {
                missing.push(format!("{name}: {text:?}"));
            }
            keys.insert(text.to_owned());
        }
    }
    assert!(missing.is_empty(), "{} texts without English:\n{}", missing.len(), missing.join("\n"));
    let unused: Vec<_> = english.keys().filter(|key| !keys.contains(*key)).collect();
    assert!(unused.is_empty(), "translations of texts that are not used: {unused:#?}");
}

/// The words that docs/GLOSSARY.md retires: the quoted ones in the last column of its table.
fn retired() -> Vec<String> {
    let glossary = include_str!("../../../docs/GLOSSARY.md");
    let table = glossary.split("## One word for one thing").nth(1).unwrap().split("\n## ").next().unwrap();
    let last = table.lines().filter_map(|line| line.trim_end_matches([' ', '|']).rsplit('|').next());
    let quoted = last.flat_map(|cell| cell.split('"').skip(1).step_by(2).map(str::to_owned));
    quoted.collect()
}

/// Whether a text has these words, not as a part of longer ones.
fn says(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let after = text[at + words.len()..].chars().next();
        let open = words.ends_with(char::is_alphabetic);
        let goes_on = open && after.is_some_and(char::is_alphabetic);
        !(text[..at].ends_with(char::is_alphabetic) || goes_on)
    })
}

#[test]
fn no_text_says_a_retired_word() {
    let retired = retired();
    assert!(retired.len() > 25, "the table of the glossary is read: {retired:?}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut texts: Vec<(String, String)> = Vec::new();
    for (path, code) in sources() {
        texts.extend(literals(&code).into_iter().map(|text| (path.display().to_string(), text)));
    }
    // What citizens read, which has no English.
    let mut more = vec![root.join("workflow/src/worker/notify.rs")];
    for folder in ["dashboard/src/portal", "dashboard/src/portal/apply"] {
        let files = std::fs::read_dir(root.join(folder)).unwrap().map(|file| file.unwrap().path());
        more.extend(files.filter(|path| path.extension().is_some_and(|kind| kind == "rs")));
    }
    for path in more {
        let code = std::fs::read_to_string(&path).unwrap();
        texts.extend(literals(&code).into_iter().map(|text| (path.display().to_string(), text)));
    }
    texts.extend(TEMPLATES.iter().map(|(name, source)| ((*name).to_owned(), (*source).to_owned())));
    let mut found = Vec::new();
    for (place, text) in &texts {
        // The answers to "Süresi geçti" in a list; not a question's button.
        let answer = text == "Evet";
        found.extend(
            retired
                .iter()
                .filter(|word| !answer && says(text, word))
                .map(|word| format!("{place}: {word:?}")),
        );
    }
    assert!(found.is_empty(), "docs/GLOSSARY.md has the word to use:\n{}", found.join("\n"));
}

#[test]
fn no_two_labels_differ_in_case_alone() {
    let mut by_letters: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // What begins with a small letter is no label, but a part of one, such as a unit.
    for text in i18n::english().into_keys().filter(|text| !text.starts_with(char::is_lowercase)) {
        let folded = text.replace('İ', "i").replace('I', "ı").to_lowercase();
        by_letters.entry(folded).or_default().push(text);
    }
    by_letters.retain(|_, texts| texts.len() > 1);
    assert!(by_letters.is_empty(), "{by_letters:#?}");
}

#[test]
fn translations_have_the_same_placeholders() {
    let names = |text: &str| -> BTreeSet<String> {
        text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
    };
    for (turkish, forms) in i18n::english() {
        for form in forms {
            // "1 day left" may omit its number, but nothing else.
            let missing: Vec<_> = names(&turkish).symmetric_difference(&names(&form)).cloned().collect();
            assert!(missing.is_empty() || missing == ["n"], "{turkish:?} and {form:?} differ in {missing:?}");
        }
    }
}

#[test]
fn templates_have_no_text_outside_of_translations() {
    let mut bare = Vec::new();
    for (name, source) in staff_templates() {
        let mut rest = source;
        let mut html = String::new();
        while let Some((before, code)) = rest.split_once('{') {
            html.push_str(before);
            let end = if code.starts_with('{') { "}}" } else { "%}" };
            let end = if code.starts_with('#') { "#}" } else { end };
            let (code, after) = code.split_once(end).unwrap();
            let quoted = code.split("_(\"").enumerate().map(|(i, part)| {
                if i == 0 { part } else { part.split_once('"').map_or("", |(_, after)| after) }
            });
            if !end.starts_with('#') && quoted.clone().any(foreign) {
                bare.push(format!("{name}: {code}"));
            }
            rest = after;
        }
        html.push_str(rest);
        for text in visible_texts(&html) {
            let known = NAMES.iter().fold(text.clone(), |text, name| text.replace(name, ""));
            if known.contains(char::is_alphabetic) {
                bare.push(format!("{name}: {text}"));
            }
        }
    }
    assert!(bare.is_empty(), "not through _(): {bare:#?}");
}

/// The texts that a page shows or that screen readers read, except those marked as Turkish.
fn visible_texts(html: &str) -> Vec<String> {
    const READ_OUT: [&str; 5] = ["aria-label", "title", "placeholder", "label", "data-label"];
    let mut texts = Vec::new();
    let mut turkish: Vec<&str> = Vec::new();
    for part in html.split('<').skip(1) {
        let Some((tag, text)) = part.split_once('>') else { continue };
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap();
        let void =
            tag.ends_with('/') || ["input", "br", "meta", "link"].contains(&name) || tag.starts_with('!');
        if tag.starts_with('/') {
            if turkish.last() == Some(&name) {
                turkish.pop();
            }
        } else if !void && (tag.contains("lang=\"tr\"") || turkish.last() == Some(&name)) {
            turkish.push(name);
        }
        let attributes = tag.split("=\"").zip(tag.split("=\"").skip(1)).filter_map(|(before, after)| {
            let name = before.rsplit([' ', '"']).next()?;
            READ_OUT.contains(&name).then(|| after.split('"').next().unwrap_or_default())
        });
        texts.extend(attributes.chain(turkish.is_empty().then_some(text)).map(plain));
    }
    texts.retain(|text| !text.trim().is_empty());
    texts
}

fn plain(html: &str) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")]
        .iter()
        .fold(html.to_owned(), |text, (from, to)| text.replace(from, to))
}

const PEOPLE: [&str; 6] = ["merkez", "yetkili", "sorumlu", "sorumlu2", "koordinasyon", "baskabirim"];

/// Texts of people and of the catalog, the longest first.
fn data(world: &World) -> Vec<String> {
    let catalog = &world.app.catalog;
    let mut data: Vec<String> = catalog
        .services()
        .flat_map(|service| {
            let documents = service.required_documents.iter().map(|document| document.title.clone());
            let fields = service.form_fields.iter().map(|field| field.label.clone());
            [service.title.clone(), service.main_title.clone()].into_iter().chain(documents).chain(fields)
        })
        .chain(catalog.units().map(|unit| unit.title.clone()))
        .chain(catalog.units().filter_map(|unit| Some(catalog.unit_type(&unit.unit_type)?.title.clone())))
        .chain(
            catalog
                .valilikler()
                .flat_map(|(_, name)| [name.to_owned(), name.trim_end_matches(VALILIK).to_owned()]),
        )
        .collect();
    data.extend(PEOPLE.map(|name| world.app.users.full_name(&name.parse().unwrap())));
    data.extend(["Ayşe Yılmaz", "yeni.biri", "Atatürk Bulvarı", "Çankaya", "dilekçe.pdf"].map(Into::into));
    data.sort_by_key(|text| std::cmp::Reverse(text.len()));
    data
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// Words of Turkish texts that no English text has.
fn turkish_words() -> BTreeSet<String> {
    let english = i18n::english();
    let known: BTreeSet<String> =
        english.values().flatten().chain(&NAMES.map(String::from)).flat_map(|text| words(text)).collect();
    english
        .keys()
        .flat_map(|text| words(text))
        .filter(|word| word.len() > 2 && !known.contains(word))
        .collect()
}

/// An application in every state that pages show differently.
fn filled() -> (World, Vec<String>) {
    let world = World::new();
    let text = |a: &Application, field, text: &str| {
        world.app.sealer.seal_text_like(&a.content, &a.id.to_string(), field, text).unwrap()
    };
    let officer = || "sorumlu".parse().unwrap();
    let now = at("2026-11-22T10:00:00+03:00");
    let mut numbers = Vec::new();
    for n in 1..=7 {
        let mut a = world.application(n, "");
        let unit = "06-nufus".parse().unwrap();
        let awaiting =
            |proposal| Status::AwaitingApproval { officer: officer(), proposal, proposed_by: officer() };
        a.status = match n {
            1 => Status::Unassigned,
            2 | 7 => Status::Assigned { officer: officer() },
            3 => awaiting(Proposal::Answer),
            4 => awaiting(Proposal::Referral {
                target: unit,
                reason: text(&a, Field::ReferralReason, "Sebep"),
            }),
            5 => Status::Closed { outcome: Outcome::Negative, officer: Some(officer()), at: now },
            _ => Status::Closed { outcome: Outcome::Lapsed, officer: None, at: now },
        };
        match n {
            2 => {
                a.sent_back = Some(SendBackReason {
                    by: "yetkili".parse().unwrap(),
                    at: now,
                    text: text(&a, Field::SendBackReason, "Sebep"),
                });
                a.phase = Phase::Application { due_at: at("2026-11-21T00:00:00+03:00") };
                a.breached_at = Some(now);
            }
            7 => a.phase = Phase::PreApplication { lapses_at: at("2026-11-25T00:00:00+03:00") },
            _ => {}
        }
        let before = a.history[0].clone();
        let lent = Some("yetkili".parse().unwrap());
        a.history.push(HistoryEntry { seq: 2, what: EventKind::Breached, ..before.clone() });
        a.history.push(HistoryEntry { seq: 3, what: EventKind::SentBack, on_behalf_of: lent, ..before });
        a.version = 2;
        numbers.push(a.no.to_string());
        world.store.applications.lock().unwrap().insert(a.id, a);
    }
    (world, numbers)
}

#[tokio::test]
async fn english_pages_have_no_turkish_words() {
    let (world, numbers) = filled();
    world.lend("yetkili", "sorumlu", 4);
    let (data, turkish) = (data(&world), turkish_words());
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut look = |path: &str, page: &super::browser::Page| {
        assert!(page.has("html[lang=en]"), "{path} {}", page.status);
        for text in visible_texts(page.html()) {
            // A user name, or a line of long names in a chart.
            let datum = |part: &str| part.len() > 3 && data.iter().any(|datum| datum.contains(part.trim()));
            if PEOPLE.contains(&text.trim()) || text.trim_end_matches(',').split(", ").all(datum) {
                continue;
            }
            let mut rest = text.clone();
            data.iter().for_each(|datum| rest = rest.replace(datum.as_str(), " "));
            NAMES.iter().for_each(|name| rest = rest.replace(name, " "));
            let odd = |word: &String| turkish.contains(word) || word.contains(|c| LETTERS.contains(c));
            if let Some(word) = words(&rest).find(odd) {
                found.entry(text).or_insert_with(|| format!("{path} ({word})"));
            }
        }
    };
    let mut visitor = Browser::new(world.router());
    visitor.get("/dil/en").await;
    look("/giris", &visitor.get("/giris").await);
    look("/giris", &visitor.post("/giris", &[("kullanici", "kim"), ("sifre", "yanlış")]).await);
    let mut pages = 0;
    for name in ["merkez", "yetkili", "sorumlu", "koordinasyon"] {
        let mut browser = world.login(name).await;
        browser.get("/dil/en").await;
        for route in routes::table() {
            let file =
                route.path.contains('.') || route.path.contains("{sha256}") || route.path.contains("{tag}");
            if route.method != Method::GET || route.access == Access::Public || file || route.path == "/" {
                continue;
            }
            for no in &numbers {
                let path = route.path.replace("{no}", no).replace("{id}", "sorumlu");
                let page = browser.get(&path).await;
                if page.location.is_empty() {
                    look(&path, &page);
                    pages += 1;
                }
                if !route.path.contains("{no}") {
                    break;
                }
            }
        }
    }
    // The answers to forms: nothing chosen, nothing typed, an old version, a confirmation.
    let mut supervisor = world.login("yetkili").await;
    supervisor.get("/dil/en").await;
    let [free, mine, waiting] = [0, 1, 2].map(|i| format!("/basvurular/{}", numbers[i]));
    for (path, fields) in [
        ("/basvurular/teslim-et".to_owned(), vec![]),
        (format!("{free}/teslim-et"), vec![]),
        (format!("{free}/teslim-et"), vec![("sorumlu", "baskabirim"), ("surum", "2")]),
        (format!("{mine}/geri-cek"), vec![("surum", "1")]),
        (format!("{waiting}/onayla"), vec![("surum", "2")]),
        (format!("{waiting}/geri-gonder"), vec![("surum", "2")]),
        (format!("{waiting}/cevap-ekle"), vec![("surum", "2"), ("metin", &"x".repeat(20_001))]),
        ("/kullanicilar/yeni".to_owned(), vec![]),
        (
            "/kullanicilar/yeni".to_owned(),
            vec![("kullanici", "yeni.biri"), ("ad", "Ayşe Yılmaz"), ("rol", "sorumlu")],
        ),
        ("/yetkimi-paylas".to_owned(), vec![]),
        ("/sifre".to_owned(), vec![("yeni", "x")]),
    ] {
        let page = supervisor.post(&path, &fields).await;
        look(&path, &page);
        pages += 1;
    }
    for view in [
        "?oldu=teslim-et&adet=3",
        "?ara=2000-01",
        "?durum=onay-bekleyen&ara=2000-01",
        "?ara=users.baskasinin",
        "?sonra=0.00000000000000000000000000000001",
    ] {
        look(view, &supervisor.get(&format!("/basvurular{view}")).await);
    }
    assert!(pages > 60, "only {pages} pages were looked at");
    assert!(found.is_empty(), "Turkish in English pages: {found:#?}");
}

#[test]
fn the_english_words_keep_flow_cohort_and_state_apart() {
    use ebasvuru_analytics::read::figure::{self, FIGURES};
    use ebasvuru_analytics::read::overview::{self, MEASURES};

    let english = i18n::english();
    let word =
        |label: &str| english.get(label).unwrap_or_else(|| panic!("{label} has no English"))[0].clone();
    let cohort: BTreeSet<String> =
        FIGURES.iter().map(|figure| figure.label_tr).chain([figure::ON_TIME_RATE_TR]).map(word).collect();
    let others = MEASURES.iter().map(|measure| measure.label_tr);
    for label in others.chain([overview::ON_TIME_RATE_TR, overview::RESPONSE_MEDIAN_TR]) {
        assert!(!cohort.contains(&word(label)), "{label}: {} is what became of those received", word(label));
    }
}
