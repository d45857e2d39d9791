//! What a user searches for, as an address carries it: sealed for that user. Proxies and servers
//! write addresses into logs, and people search for names and T.C. Kimlik No. A search arrives in
//! the body of a form and continues in the address, so that a refresh, a bookmark, the pages of the
//! list and the way back to it keep it.

use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::sealed::Sealed;
use ebasvuru_workflow::domain::search_term::SearchTerm;
use ebasvuru_workflow::domain::text::line;
use ebasvuru_workflow::domain::turkish::mask_name;
use ebasvuru_workflow::seal::{Field, SealError, Sealer, USERS};

use crate::view::i18n::tr;

/// The longest search, in characters.
const MAX_CHARS: usize = 200;
/// The longest application number, in characters.
const MAX_NUMBER_CHARS: usize = 18;

/// The search in an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressSearch {
    /// This text; empty for no search.
    Text(String),
    /// This text, not sealed: an old address, or one written by hand.
    Unsealed(String),
    /// A text that was sealed for another user, or by a key that no longer exists.
    Unreadable,
}

/// The search as an address carries it: the application number in what was typed, or the beginning of
/// one, in clear; any other text sealed for `user`. Of a text with a T.C. Kimlik No, only that is kept.
pub fn seal(sealer: &Sealer, user: &UserName, typed: &str) -> Result<String, SealError> {
    if let Some(number) = number(typed) {
        return Ok(number);
    }
    let text: String = match SearchTerm::parse(typed) {
        Some(SearchTerm::Tckn(tckn)) => tckn.as_str().to_owned(),
        _ => line(typed).chars().take(MAX_CHARS).collect(),
    };
    if text.is_empty() {
        return Ok(text);
    }
    Ok(sealer.seal_user(user, Field::Search, text.as_bytes())?.0.to_string())
}

/// A search as a document shows it: a person's name or T.C. Kimlik No is masked.
#[must_use]
pub fn masked(typed: &str) -> String {
    match SearchTerm::parse(typed) {
        Some(SearchTerm::Tckn(tckn)) => tckn.masked(),
        Some(SearchTerm::Name(name)) => mask_name(&name),
        _ => line(typed).chars().take(MAX_NUMBER_CHARS).collect(),
    }
}

/// The search that an address of `user` carries.
#[must_use]
pub fn open(sealer: &Sealer, user: &UserName, value: &str) -> AddressSearch {
    if !value.strip_prefix(USERS).is_some_and(|rest| rest.starts_with('.')) {
        let text = value.trim().to_owned();
        return if text.is_empty() || number(&text).as_ref() == Some(&text) {
            AddressSearch::Text(text)
        } else {
            AddressSearch::Unsealed(text)
        };
    }
    let opened = sealer.open_user(user, Field::Search, &Sealed(value.into())).ok();
    let opened = opened.and_then(|bytes| String::from_utf8(bytes).ok());
    opened.map_or(AddressSearch::Unreadable, AddressSearch::Text)
}

/// What a list says if the search in its address is unreadable; empty if it is not.
#[must_use]
pub fn unreadable_text(unreadable: bool) -> &'static str {
    if unreadable {
        tr("Adresteki arama açılamadı: bir başkasınındır ya da artık geçersizdir. Yeniden arayınız.")
    } else {
        ""
    }
}

/// The application number that this is, or the beginning of one, as an address carries it. All else may be
/// a T.C. Kimlik No, a telephone number or a name.
fn number(text: &str) -> Option<String> {
    let number = match SearchTerm::parse(text)? {
        SearchTerm::Number(no) => no.to_string(),
        SearchTerm::NumberPrefix(prefix) => prefix,
        SearchTerm::RunningNumber(_) | SearchTerm::Tckn(_) | SearchTerm::Name(_) => return None,
    };
    (number.len() <= MAX_NUMBER_CHARS).then_some(number)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ebasvuru_workflow::seal::KeyRing;

    use super::*;

    #[test]
    fn only_the_user_who_searched_can_read_the_search_in_an_address() {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::create(&folder.path().join("ring"));
        let sealer = Sealer::new(Arc::new(ring.unwrap()));
        let (ayse, ali): (UserName, UserName) = ("ayse".parse().unwrap(), "ali".parse().unwrap());
        for text in [
            "Ayşe Yılmaz",
            "10000000146",
            "2000-0000-146",
            "2000--0000146",
            "0555-111-2233",
            "05551112233",
            "1234-5678-9012-34567",
            "users.x",
        ] {
            let address = seal(&sealer, &ayse, &format!(" {text} ")).unwrap();
            let read = open(&sealer, &ayse, &address);
            assert_eq!(read, AddressSearch::Text(text.to_owned()), "{address}");
            assert!(!address.contains(text), "{address}");
            assert_eq!(open(&sealer, &ali, &address), AddressSearch::Unreadable);
            assert_eq!(open(&sealer, &ayse, &address[..address.len() - 2]), AddressSearch::Unreadable);
        }
        for number in ["", "2026", "2026-0", "2026-06", "2026-06-0000001"] {
            assert_eq!(seal(&sealer, &ayse, number).unwrap(), number);
            assert_eq!(open(&sealer, &ali, number), AddressSearch::Text(number.into()));
        }
        for (typed, number) in [("#2026/06/0126001.", "2026-06-0126001"), ("No: 2026-06-", "2026-06")] {
            assert_eq!(seal(&sealer, &ayse, typed).unwrap(), number);
            assert_eq!(
                open(&sealer, &ayse, typed),
                AddressSearch::Unsealed(typed.into()),
                "a redirect follows"
            );
        }
        for tckn in ["T.C. 100 000 001 46", "Ayşe Yılmaz (10000000146)", "1000-0000-146"] {
            let address = seal(&sealer, &ayse, tckn).unwrap();
            assert_eq!(open(&sealer, &ayse, &address), AddressSearch::Text("10000000146".into()));
        }
        let number = format!("{} 2026-06-0126001", "a".repeat(5000));
        assert_eq!(seal(&sealer, &ayse, &number).unwrap(), "2026-06-0126001");
        assert_eq!(open(&sealer, &ayse, "yılmaz"), AddressSearch::Unsealed("yılmaz".into()));
        let long = seal(&sealer, &ayse, &"a".repeat(5000)).unwrap();
        assert_eq!(open(&sealer, &ayse, &long), AddressSearch::Text("a".repeat(200)));
    }
}
