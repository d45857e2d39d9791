//! What a person typed or pasted to find an application: read once, into what it can mean.

use super::ids::ApplicationNo;
use super::turkish::{Tckn, fold, words};

/// The years that an application number can begin with. Other groups of four digits begin something else.
const YEARS: std::ops::RangeInclusive<u16> = 2000..=2099;
/// The plate codes of the governorates.
const PLATES: std::ops::RangeInclusive<u8> = 1..=81;
/// The fewest and the most digits of the last part of an application number.
const RUNNING: std::ops::RangeInclusive<usize> = 7..=20;
/// The fewest digits of a last part without its leading zeros: one, and the three of the partition.
const SHORT_RUNNING: usize = 4;

/// Words that people put before a number, folded. With other words, a search is one for a name.
const LABELS: [&str; 22] = [
    "no",
    "nolu",
    "nr",
    "num",
    "numara",
    "numarasi",
    "numarali",
    "basvuru",
    "basvurusu",
    "basvurunun",
    "sayi",
    "sayili",
    "sayisi",
    "dilekce",
    "evrak",
    "takip",
    "tc",
    "t",
    "c",
    "tckn",
    "kimlik",
    "vatandas",
];

/// A search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchTerm {
    /// An application number.
    Number(ApplicationNo),
    /// The beginning of one, in the form of one: the year, the year and the plate code, and so on.
    NumberPrefix(String),
    /// The last part of one, with its leading zeros: that of several years and governorates.
    RunningNumber(String),
    /// A T.C. Kimlik No.
    Tckn(Tckn),
    /// A name, as it was typed.
    Name(String),
}

impl SearchTerm {
    /// Reads what was typed; `None` if it has no letter and no digit.
    ///
    /// An application number is found in whatever was pasted with it, and so is a T.C. Kimlik No. The
    /// beginning or the end of a number is one only if nothing but its usual labels is beside it. All
    /// else is a name.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let runs = runs(typed);
        if let Some(no) = number_in(&runs) {
            return Some(Self::Number(no));
        }
        if let Some(tckn) = runs.iter().find_map(|run| tckn(run)) {
            return Some(Self::Tckn(tckn));
        }
        let words = words(typed);
        let labels =
            |word: &String| word.bytes().all(|b| b.is_ascii_digit()) || LABELS.contains(&word.as_str());
        match &runs[..] {
            _ if words.is_empty() => None,
            [run] if words.iter().all(labels) => Some(number_part(run)),
            _ => Some(Self::Name(typed.to_owned())),
        }
    }

    /// The application number in a text, if there is one.
    #[must_use]
    pub fn number_in(typed: &str) -> Option<ApplicationNo> {
        number_in(&runs(typed))
    }
}

/// The application number in one of the runs, or in three groups of digits of several.
fn number_in(runs: &[Vec<String>]) -> Option<ApplicationNo> {
    runs.iter().find_map(|run| application_no(run)).or_else(|| three_parts(&runs.concat()))
}

/// The groups of digits of a text; those of one run have nothing but white space, dashes and the like
/// between them.
fn runs(text: &str) -> Vec<Vec<String>> {
    let mut runs: Vec<Vec<String>> = vec![Vec::new()];
    let mut before = ' ';
    for c in fold(text).chars() {
        match runs.last_mut() {
            Some(run) if c.is_ascii_digit() => match run.last_mut() {
                Some(group) if before.is_ascii_digit() => group.push(c),
                _ => run.push(c.to_string()),
            },
            Some(run) if !run.is_empty() && separates_runs(c) => runs.push(Vec::new()),
            _ => {}
        }
        before = c;
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// Whether digits before and after this folded character belong to different numbers.
const fn separates_runs(c: char) -> bool {
    // All that is not ASCII here is a dash, another space, or a letter of another script.
    c.is_ascii_alphabetic() || matches!(c, ',' | ';' | ':' | '#' | '(' | ')' | '?' | '&' | '=')
}

/// The application number that a run is or contains.
fn application_no(run: &[String]) -> Option<ApplicationNo> {
    three_parts(run).or_else(|| {
        let digits = run.concat();
        let (year, rest) = digits.split_at_checked(4)?;
        let (plate, running) = rest.split_at_checked(2)?;
        number_of(year, plate, running)
    })
}

/// The application number whose parts are three groups of digits, perhaps without their leading zeros.
/// A last part that begins with a zero and is short is the beginning of one.
fn three_parts(groups: &[String]) -> Option<ApplicationNo> {
    let number = |parts: &[String]| {
        let (plate, running) = (format!("{:0>2}", parts[1]), &parts[2]);
        let is_shortened = running.len() >= SHORT_RUNNING && !running.starts_with('0');
        let running = if is_shortened { format!("{running:0>7}") } else { running.clone() };
        number_of(&parts[0], &plate, &running)
    };
    groups.windows(3).find_map(number)
}

fn number_of(year: &str, plate: &str, running: &str) -> Option<ApplicationNo> {
    let fits = is_year(year) && is_plate(plate) && RUNNING.contains(&running.len());
    fits.then(|| format!("{year}-{plate}-{running}").parse().ok())?
}

/// The T.C. Kimlik No that some neighbouring groups of a run are together.
fn tckn(run: &[String]) -> Option<Tckn> {
    let starts = (0..run.len()).flat_map(|from| (from + 1..=run.len()).map(move |to| &run[from..to]));
    starts.into_iter().find_map(|groups| groups.concat().parse().ok())
}

fn is_year(digits: &str) -> bool {
    digits.len() == 4 && digits.parse().is_ok_and(|year| YEARS.contains(&year))
}

fn is_plate(digits: &str) -> bool {
    digits.len() == 2 && digits.parse().is_ok_and(|plate| PLATES.contains(&plate))
}

/// The beginning or the end of an application number.
fn number_part(run: &[String]) -> SearchTerm {
    let groups: Vec<&str> = run.iter().map(String::as_str).collect();
    match groups[..] {
        [year] if is_year(year) => SearchTerm::NumberPrefix(year.to_owned()),
        [year, plate] if is_year(year) && plate.len() <= 2 => {
            SearchTerm::NumberPrefix(format!("{year}-{plate}"))
        }
        [year, plate, running] if is_year(year) && is_plate(plate) => {
            SearchTerm::NumberPrefix(format!("{year}-{plate}-{running}"))
        }
        _ => {
            let digits = run.concat();
            let significant = digits.trim_start_matches('0');
            if digits.len() < SHORT_RUNNING || significant.is_empty() {
                SearchTerm::NumberPrefix(digits)
            } else {
                SearchTerm::RunningNumber(format!("{significant:0>7}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_application_number_is_found_in_whatever_was_pasted() {
        for typed in [
            "2026-06-0126001",
            "#2026-06-0126001",
            "No: 2026-06-0126001",
            "Başvuru No:2026-06-0126001",
            "2026–06–0126001",
            "2026‑06‑0126001",
            "2026—06−0126001",
            "2026060126001",
            "2026/06/0126001",
            "2026.06.0126001",
            "2026_06_0126001",
            "2026 06 0126001",
            "2026 - 06 - 0126 001",
            "2026-06-0126001.",
            "\u{feff}2026-06-\u{200b}0126001\u{202c}\u{a0}",
            "(2026-06-0126001)",
            "“2026-06-0126001”",
            "2026-06-0126001 numaralı başvuru",
            "Ayşe Yılmaz'ın 2026-06-0126001 sayılı dilekçesi, 10000000146",
            "2026-06-0126001 2026-06-0126002",
            "12.11.2026 tarihli 2026-06-0126001",
            "2026, 06, 0126001",
            "2026:06:0126001",
            "(2026) 06 0126001",
            "2026&ndash;06&ndash;0126001",
            "2026-6-0126001",
            "2026-06-126001",
            "2026/6/126001",
            "https://basvuru.example/basvurular/2026-06-0126001?liste=%2Fbasvurular",
            "２０２６－０６－０１２６００１",
            "٢٠٢٦-٠٦-٠١٢٦٠٠١",
        ] {
            let number = SearchTerm::Number("2026-06-0126001".parse().unwrap());
            assert_eq!(SearchTerm::parse(typed), Some(number), "{typed:?}");
        }
    }

    #[test]
    fn the_beginning_and_the_end_of_a_number_are_found_beside_labels_alone() {
        for (typed, prefix) in [
            ("2026", "2026"),
            ("2026-0", "2026-0"),
            ("2026-06-", "2026-06"),
            ("2026/06/012", "2026-06-012"),
            ("No: 2026 06 0126", "2026-06-0126"),
            ("20", "20"),
        ] {
            assert_eq!(SearchTerm::parse(typed), Some(SearchTerm::NumberPrefix(prefix.into())), "{typed:?}");
        }
        for (typed, running) in [
            ("0126001", "0126001"),
            ("126001", "0126001"),
            ("#126001.", "0126001"),
            ("No 0126 001", "0126001"),
            ("1001", "0001001"),
            ("00012345001", "12345001"),
            ("T.C. 10000000147", "10000000147"),
        ] {
            assert_eq!(
                SearchTerm::parse(typed),
                Some(SearchTerm::RunningNumber(running.into())),
                "{typed:?}"
            );
        }
    }

    #[test]
    fn an_identity_number_is_found_in_whatever_was_pasted() {
        for typed in [
            "10000000146",
            "TC 10000000146",
            "T.C. 100 000 001 46",
            "TCKN:10000000146",
            "T.C. Kimlik No: 10000000146.",
            "Ayşe Yılmaz (10000000146)",
            "100-000-001-46",
            "26.11.2026 10000000146",
            "0555 111 22 33 10000000146",
            "10000000146 05551112233",
            "10000000146\n2026",
            "１００００００0146",
            "١٠٠٠٠٠٠٠١٤٦",
        ] {
            let tckn = SearchTerm::Tckn("10000000146".parse().unwrap());
            assert_eq!(SearchTerm::parse(typed), Some(tckn), "{typed:?}");
        }
    }

    #[test]
    fn all_else_is_a_name() {
        for name in ["Ayşe", "Yılmaz, Ayşe", "Ali 2", "III. Selim", "No", "Basvuru Sahibi 126001 Ali"] {
            assert_eq!(SearchTerm::parse(name), Some(SearchTerm::Name(name.into())), "{name:?}");
        }
        for nothing in ["", "  ", "\u{200b}", "#", "- -", "😀"] {
            assert_eq!(SearchTerm::parse(nothing), None, "{nothing:?}");
        }
    }

    proptest! {
        #[test]
        fn every_number_is_found_with_any_separators(
            year in 2000_i16..2100, plate in 1_u8..=81, running in 1_u64..100_000_000, partition in 0_u16..1000,
            separator in prop::sample::select(vec!["-", "–", "‑", "/", " ", ".", "", " - "]),
        ) {
            let no = ApplicationNo::new(year, plate, running, partition);
            let typed = format!("No: {}.", no.as_str().replace('-', separator));
            prop_assert_eq!(SearchTerm::parse(&typed), Some(SearchTerm::Number(no)));
        }

        #[test]
        fn anything_can_be_typed(typed in any::<String>()) {
            let _ = SearchTerm::parse(&typed);
        }
    }
}
