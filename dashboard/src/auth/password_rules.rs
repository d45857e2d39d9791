//! Which passwords are not accepted, and why.

use std::collections::HashSet;
use std::sync::LazyLock;

use ebasvuru_workflow::domain::turkish::fold;

use crate::view::i18n::tr;

/// The minimum length in characters. The forms state it, too.
const MIN_CHARS: usize = 12;
/// The minimum strength of what remains of a password without its common words.
const MIN_STRENGTH: usize = 6;
/// The length of the common words, in bytes.
const WORD_BYTES: std::ops::RangeInclusive<usize> = 4..=24;

/// Common words and passwords, folded. The file names its sources.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with('#')).collect()
});

/// Why this cannot be the password of a user with these names (the user name first), as a
/// sentence; `None` if it can.
///
/// The rules ask for length, not for digits or signs: a password must not consist of the user's
/// own names, common words, a row of keys, or digits alone.
#[must_use]
pub fn password_problem(password: &str, names: &[&str]) -> Option<&'static str> {
    let chars = password.chars().count();
    if chars < MIN_CHARS {
        return Some(tr("Şifre en az 12 karakter olmalıdır."));
    }
    if chars > 128 {
        return Some(tr("Şifre en fazla 128 karakter olabilir."));
    }
    let folded = fold(password);
    if names.first().is_some_and(|name| folded.contains(&fold(name))) {
        return Some(tr("Şifre kullanıcı adını içeremez."));
    }
    let own = names.iter().flat_map(|name| name.split(|c: char| !c.is_alphanumeric())).map(fold);
    let own: Vec<String> = own.filter(|word| word.len() > 2).collect();
    let remaining = |text: &str| {
        let rest = own.iter().fold(text.to_owned(), |rest, word| rest.replace(word, " "));
        strength(&without_common(&rest))
    };
    if remaining(&folded).min(remaining(&spelled_out(&folded))) < MIN_STRENGTH {
        return Some(tr(
            "Bu şifre kolay tahmin edilir. Birbiriyle ilgisiz birkaç kelimeden uzun bir şifre seçiniz.",
        ));
    }
    None
}

/// The text with its common words replaced by spaces, such that the fewest characters remain.
fn without_common(text: &str) -> String {
    // For each byte: how many characters remain from there on, and the length of the word that begins
    // there.
    let mut left: Vec<(usize, Option<usize>)> = vec![(0, None); text.len() + 1];
    for (at, c) in text.char_indices().rev() {
        let words = WORD_BYTES.filter(|n| text.get(at..at + n).is_some_and(|word| COMMON.contains(word)));
        let best = words.map(|n| (left[at + n].0, Some(n))).min();
        let kept = (left[at + c.len_utf8()].0 + 1, None);
        left[at] = best.map_or(kept, |best| best.min(kept));
    }
    let (mut out, mut at) = (String::new(), 0);
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let word = left[at].1;
        out.push(if word.is_some() { ' ' } else { c });
        at += word.unwrap_or(c.len_utf8());
    }
    out
}

/// Digits and signs replaced by the letters that they usually stand for.
fn spelled_out(text: &str) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    text.chars().map(letter).collect()
}

/// The number of letters that neither repeat nor follow the one before in the alphabet. Digits count
/// for two at most, since people append years and dates.
fn strength(rest: &str) -> usize {
    let (mut letters, mut digits, mut before) = (0, 0, ' ');
    for c in rest.chars() {
        let step = u32::from(c).abs_diff(u32::from(before));
        if c.is_ascii_digit() {
            digits += 1;
        } else if c.is_alphabetic() && step > 1 {
            letters += 1;
        }
        before = c;
    }
    letters + digits.min(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_rejected() {
        let names = ["ayse.yilmaz", "Ayşe Yılmaz"];
        for bad in [
            "kısa",
            "mor-kedi-uz",
            "aaaaaaaaaaaaaaa",
            "abcdefghijklmn",
            "Ayse.Yilmaz1923",
            "AyşeYılmaz3434",
            "yılmaz yılmaz",
            "123456789012",
            "098765123400",
            "Password123!",
            "P4ssw0rd!P4ssw0rd!",
            "QwertyUiop12",
            "Galatasaray1905",
            "Şifre1234567",
            "Türkiye1923!",
            "istanbul34istanbul",
            "ebasvuru2026",
            "SeniSeviyorum1453",
            "MonkeyDragonShadow1",
            "BaseballSunshine99",
            "Mehmet.Mustafa.1980",
            &"a1".repeat(65),
        ] {
            assert!(password_problem(bad, &names).is_some(), "{bad}");
        }
        for good in [
            "doğru at pil zımba",
            "yepyeni bir şifre",
            "ilk şifre burada",
            "mor-kedi-uzun-yol",
            "uzun yol mor kedi",
            "dere tepe düz gittik",
            "mavi at pil zımba 77",
            "çorba kaşığı tavan",
        ] {
            assert_eq!(password_problem(good, &names), None, "{good}");
        }
    }

    /// A word that is not folded would never be found.
    #[test]
    fn the_common_words_are_thousands_and_folded() {
        assert!(COMMON.len() > 7_000, "{} words", COMMON.len());
        for word in COMMON.iter() {
            assert!(WORD_BYTES.contains(&word.len()) && fold(word) == *word, "{word:?}");
        }
    }
}
