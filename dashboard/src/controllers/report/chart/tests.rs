//! What holds for every chart, whatever its data: texts are within the drawing and apart from one another,
//! marks say and lead to what they count, and the inks can be told from the page.

use jiff::ToSpan;
use jiff::civil::date;

use super::*;
use crate::controllers::report::filter::Period;
use crate::view::i18n::{Language, with_language};
use crate::view::number;

const CAPTION: Caption<'_> = Caption { id: "x", title: "Başlık", sentence: "En çok 30 <başvuru>." };
const MOST: [u64; 9] = [0, 1, 2, 9, 11, 134, 12_345, 9_999_999, u64::MAX >> 12];

/// A text of a drawing: what it says, and its box.
#[derive(Debug)]
struct Box {
    text: String,
    x: [i32; 2],
    y: [i32; 2],
}

/// The value of an attribute of a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

/// The drawings of a chart.
fn drawings(html: &str) -> Vec<&str> {
    html.split("<svg").skip(1).map(|rest| rest.split("</svg>").next().unwrap()).collect()
}

fn boxes(svg: &str) -> Vec<Box> {
    let font: i32 = attribute(svg, "font-size").unwrap().parse().unwrap();
    let read = |part: &str| {
        let (tag, text) = part.split_once('>').unwrap();
        let text = text.split("</text>").next().unwrap().replace("&amp;", "&");
        let number = |name| attribute(tag, name).unwrap().parse::<i32>().unwrap();
        let (x, baseline, width) = (number("x"), number("y"), text::width(&text, font));
        let left = match attribute(tag, "text-anchor") {
            Some("end") => x - width,
            Some(_) => x - width / 2,
            None => x,
        };
        let em = |n: i32| n * font / 100;
        Box { text, x: [left, left + width], y: [baseline - em(75), baseline + em(22)] }
    };
    svg.split("<text").skip(1).map(read).collect()
}

/// The faults of a chart: texts out of the drawing, or over one another.
fn faults(html: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for svg in drawings(html) {
        let view: Vec<i32> =
            attribute(svg, "viewBox").unwrap().split(' ').map(|n| n.parse().unwrap()).collect();
        let texts = boxes(svg);
        for (i, text) in texts.iter().enumerate() {
            // A pixel may be lost in rounding.
            if text.x[0] < -1 || text.x[1] > view[2] + 1 || text.y[0] < 0 || text.y[1] > view[3] {
                faults.push(format!("{text:?} is out of {view:?}"));
            }
            for other in &texts[..i] {
                let apart = |a: [i32; 2], b: [i32; 2]| a[1] <= b[0] || b[1] <= a[0];
                if !apart(text.x, other.x) && !apart(text.y, other.y) {
                    faults.push(format!("{text:?} is over {other:?}"));
                }
            }
        }
    }
    faults
}

#[track_caller]
fn assert_readable(html: &str, what: &str) {
    let faults = faults(html);
    assert!(faults.is_empty(), "{what}: {faults:#?}");
    assert!(!html.contains('…'), "{what}: a text is cut");
}

fn period(days: i64) -> Period {
    let from = date(2025, 1, 9);
    Period { from, last: from.saturating_add((days - 1).days()) }
}

fn three_lines(days: i64, most: u64) -> Vec<Line<'static>> {
    let values = |part: u64| (0..days as u64).map(|day| most / part * (day % 7) / 6).collect();
    [("Gelen", Ink::First, 1), ("Sonuçlanan", Ink::Good, 2), ("Süresi Geçen", Ink::Bad, 9)]
        .map(|(name, ink, part)| Line { name, ink, values: values(part) })
        .into()
}

fn of_lines(days: i64, most: u64) -> String {
    let behind = |part: Period| format!("/raporlama?bas={}&son={}&birim=06-nufus", part.from, part.last);
    lines(&CAPTION, period(days), &three_lines(days, most), &behind).unwrap()
}

fn of_bars(count: usize, most: u64) -> String {
    let long = "Kahramanmaraş Valiliği İl Sosyal Etüt ve Proje Müdürlüğü Dernek & Vakıf Bildirimi ve Tüzük Değişikliği";
    let bar = |i: usize| {
        let name = match i % 4 {
            0 => long.to_owned(),
            1 => "Apostil".to_owned(),
            2 => "Afyonkarahisarlılaştıramadıklarımızdanmışsınızcasınaysaydınız".repeat(2),
            _ => format!("{i}. {long}"),
        };
        Bar::new(name, most / (i as u64 + 1), format!("/raporlama/basvurular?rakam=total&birim={i}"))
    };
    bars(&CAPTION, &(0..count).map(bar).collect::<Vec<_>>()).unwrap()
}

const PARTS: [Part<'_>; 4] = [
    Part { name: "Olumlu Cevaplandı", ink: Ink::Good },
    Part { name: "Olumsuz Cevaplandı", ink: Ink::Bad },
    Part { name: "Süre Aşımı", ink: Ink::Lapsed },
    Part { name: "Vazgeçildi", ink: Ink::Withdrawn },
];

fn of_shares(days: i64, most: u64) -> String {
    let period = period(days);
    let parts = time::Step::at_most(period, 26).parts(period);
    let counts = |i: u64| vec![most, most / 3 * (i % 4), most / 50 * (i % 3), u64::from(most > 0)];
    let wholes: Vec<_> = (0..).zip(parts).map(|(i, part)| (part, counts(i))).collect();
    shares(&CAPTION, &PARTS, &wholes, &|part, i| format!("/raporlama/basvurular?bas={}&rakam={i}", part.from))
        .unwrap()
}

fn of_week(counts: &[[u64; 24]; 7]) -> String {
    let behind = |day, hour| {
        let period = "bas=2026-10-28&son=2026-11-26";
        format!("/raporlama/basvurular?{period}&birim=06-nufus&rakam=total&dilim=pzt-{}", day * 24 + hour)
    };
    week(&CAPTION, counts, &behind).unwrap()
}

#[test]
fn texts_are_within_the_drawing_and_apart_whatever_the_data() {
    for language in [Language::Turkish, Language::English] {
        with_language(language, || {
            for most in MOST {
                for days in [1, 2, 3, 7, 8, 30, 31, 61, 62, 63, 92, 110, 111, 365, 366, 400, 731] {
                    assert_readable(&of_lines(days, most), &format!("lines of {days} days to {most}"));
                    assert_readable(&of_shares(days, most), &format!("shares of {days} days to {most}"));
                }
                for count in [1, 2, 12, 81] {
                    assert_readable(&of_bars(count, most), &format!("{count} bars to {most}"));
                }
                let mut counts = [[most; 24]; 7];
                counts[2] = std::array::from_fn(|hour| most / (hour as u64 + 1));
                assert_readable(&of_week(&counts), &format!("a week to {most}"));
            }
        });
    }
}

#[test]
fn nothing_is_drawn_of_nothing() {
    let all = [of_lines(30, 0), of_bars(3, 0), of_bars(0, 0), of_shares(90, 0)];
    for html in all.into_iter().chain([of_week(&[[0; 24]; 7])]) {
        assert!(!html.contains("<svg") && html.contains("Çizilecek bir sayı yok."), "{html}");
        assert!(html.contains("En çok 30 &lt;başvuru&gt;."), "{html}");
    }
}

#[test]
fn a_part_of_time_has_its_own_name_where_there_is_room() {
    let texts = |html: &str| boxes(drawings(html)[0]).into_iter().map(|text| text.text).collect::<Vec<_>>();
    let weeks = texts(&of_shares(30, 300));
    assert!(
        ["9 Oca", "16 Oca", "23 Oca", "30 Oca"].iter().all(|name| weeks.iter().any(|text| text == name)),
        "{weeks:?}"
    );
    // Of 104 weeks, the months in which some begin.
    let years = texts(&of_lines(731, 300));
    assert!(years.iter().any(|text| text == "Oca 2026"), "{years:?}");
    assert!(!years.iter().any(|text| text == "16 Oca"), "{years:?}");
}

/// The titles of the marks of a drawing with their addresses.
fn marks(svg: &str) -> Vec<(String, Option<String>)> {
    let read = |part: &str| {
        let before = part.rsplit_once('<').unwrap().1;
        (part.to_owned(), attribute(before, "href").map(str::to_owned))
    };
    let mut found = Vec::new();
    let mut rest = svg;
    while let Some((before, after)) = rest.split_once("<title>") {
        let (title, left) = after.split_once("</title>").unwrap();
        found.push((title.to_owned(), read(before).1));
        rest = left;
    }
    found
}

#[test]
fn a_mark_says_its_value_and_leads_to_what_is_behind_it() {
    let days = lines(
        &CAPTION,
        Period { from: date(2026, 3, 1), last: date(2026, 3, 30) },
        &[Line { name: "Gelen", ink: Ink::First, values: (1000..1030).collect() }],
        &|part| format!("/liste?bas={}&son={}", part.from, part.last),
    )
    .unwrap();
    let href = |text: &str| Some(text.to_owned());
    for svg in drawings(&days) {
        let marks = marks(svg);
        assert_eq!(marks.len(), 30);
        assert_eq!(marks[11].0, "12 Mart 2026: Gelen 1.011");
        assert_eq!(marks[11].1, href("/liste?bas=2026-03-12&amp;son=2026-03-12"));
    }
    // On a wide drawing by weeks, on a phone by months: each with the sums of its days.
    let years = of_lines(731, 700);
    let drawings = drawings(&years);
    let (weeks, months) = (marks(drawings[0]), marks(drawings[1]));
    assert_eq!((weeks.len(), months.len()), (104, 25));
    assert_eq!(weeks[0].0, "9–15 Ocak 2025: Gelen 2.448, Sonuçlanan 1.223, Süresi Geçen 267");
    assert_eq!(weeks[103].0, "31 Aralık 2026 – 9 Ocak 2027: Gelen 2.797, Sonuçlanan 1.397, Süresi Geçen 304");
    assert_eq!(months[1].0, "Şubat 2025: Gelen 9.792, Sonuçlanan 4.892, Süresi Geçen 1.068");
    assert_eq!(months[1].1, href("/raporlama?bas=2025-02-01&amp;son=2025-02-28&amp;birim=06-nufus"));

    let bars = of_bars(3, 9_000);
    for svg in super::tests::drawings(&bars) {
        let marks = marks(svg);
        assert!(
            marks[0].0.ends_with("Dernek &amp; Vakıf Bildirimi ve Tüzük Değişikliği: 9.000"),
            "{marks:?}"
        );
        assert_eq!(
            marks[1],
            ("Apostil: 4.500".into(), href("/raporlama/basvurular?rakam=total&amp;birim=1"))
        );
    }
    let shares = of_shares(365, 300);
    let marks = marks(super::tests::drawings(&shares)[0]);
    assert_eq!(marks[0].0, "9–31 Ocak 2025: Olumlu Cevaplandı 300 (%99,7)");
    assert_eq!(marks[2].0, "Şubat 2025: Olumlu Cevaplandı 300 (%73,7)");
    assert_eq!(marks[3].1, href("/raporlama/basvurular?bas=2025-02-01&amp;rakam=1"));
}

/// 700 links are no way to walk.
#[test]
fn few_marks_can_be_walked_through_by_the_keyboard() {
    let few = of_bars(12, 90);
    assert!(!few.contains("tabindex") && !few.contains("aria-hidden"));
    assert_eq!(few.matches("<a href=").count(), 24);
    let many = of_lines(30, 90);
    assert_eq!(many.matches("<a ").count(), many.matches("tabindex=\"-1\"").count());
    assert_eq!(many.matches("<g aria-hidden=\"true\">").count(), 2);
}

#[test]
fn a_drawing_is_small() {
    let time = std::time::Instant::now();
    for (what, limit, html) in [
        ("lines of 30 days", 40_000, of_lines(30, 134)),
        ("lines of 92 days", 40_000, of_lines(92, 134)),
        ("lines of 731 days", 40_000, of_lines(731, 134)),
        ("12 bars", 40_000, of_bars(12, 90_000)),
        ("shares of a year", 40_000, of_shares(365, 90_000)),
        // 168 boxes, each with the address of its list.
        ("a week", 60_000, of_week(&[[134; 24]; 7])),
    ] {
        let bytes: Vec<usize> = drawings(&html).iter().map(|svg| svg.len()).collect();
        println!("{what}: {bytes:?} bytes");
        assert!(bytes.iter().all(|bytes| *bytes < limit), "{what}: {bytes:?}");
    }
    println!("all drawn in {:?}", time.elapsed());
}

/// A colour of the style sheet, from its custom property.
fn colour(block: &str, name: &str) -> [f64; 3] {
    let value = block.split_once(&format!("--{name}: #")).unwrap_or_else(|| panic!("no --{name}")).1;
    let hex = value.split(';').next().unwrap();
    let digit = |at: usize| f64::from(u8::from_str_radix(&hex[at..=at], 16).unwrap());
    match hex.len() {
        3 => [0, 1, 2].map(|i| digit(i) * 17.0 / 255.0),
        _ => [0, 2, 4].map(|i| (digit(i) * 16.0 + digit(i + 1)) / 255.0),
    }
}

/// The contrast of two colours as WCAG 2 calculates it, from 1 to 21.
fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let luminance = |colour: [f64; 3]| {
        let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn inks_can_be_told_from_the_page_by_day_and_by_night() {
    let css = include_str!("../../../../templates/style.css");
    let blocks = css.split(":root {").skip(1).map(|rest| rest.split('}').next().unwrap());
    for (when, block) in ["day", "night"].into_iter().zip(blocks) {
        let card = colour(block, "card");
        for ink in ["first", "good", "bad", "lapsed", "withdrawn"] {
            let mark = contrast(colour(block, ink), card);
            assert!(mark >= 3.0, "{ink} by {when}: {mark:.2}");
        }
        for text in ["ink", "soft"] {
            assert!(contrast(colour(block, text), card) >= 4.5, "{text} by {when}");
        }
        for ink in ["first", "good", "bad", "lapsed", "withdrawn"]
            .map(String::from)
            .into_iter()
            .chain((0..=5).map(|step| format!("step-{step}")))
        {
            let on = contrast(colour(block, &ink), colour(block, &format!("on-{ink}")));
            assert!(on >= 4.5, "text on {ink} by {when}: {on:.2}");
        }
        // The scale goes from the page's own shade away from it, each step to be seen.
        for (below, above) in (0..5).map(|step| (format!("step-{step}"), format!("step-{}", step + 1))) {
            let step = contrast(colour(block, &below), colour(block, &above));
            assert!(step >= 1.12, "{below} and {above} by {when}: {step:.2}");
            let away = |name: &str| contrast(colour(block, name), card);
            assert!(away(&above) > away(&below), "{above} by {when}");
        }
        assert!(contrast(colour(block, "step-5"), card) >= 3.0, "the most by {when}");
    }
}

#[test]
fn an_axis_groups_its_numbers_as_the_table_does() {
    let million = of_lines(30, 1_200_000);
    assert!(million.contains(">1.000.000<") && million.contains(">Başvuru / gün<"));
    let english = with_language(Language::English, || of_lines(30, 1_200_000));
    assert!(english.contains(">1,000,000<") && english.contains(">Applications / day<"));
    assert!(of_bars(1, 1_200_000).contains(&format!(">{}<", number::thousands(1_200_000))));
}
