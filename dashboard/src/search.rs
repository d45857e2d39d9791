//! What somebody searches for, as an address carries it: sealed for them. Every proxy and server
//! on the way writes addresses into logs, and what is searched for is people's names and T.C.
//! Kimlik No. A search comes by a form's body and goes on in the address, so that a refresh,
//! a bookmark, the pages of the list and the way back to it keep it.

use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::sealed::Sealed;
use ebasvuru_workflow::seal::{Field, Sealer, USERS};

use crate::i18n::tr;
use crate::problem::Problem;

/// The longest search, in characters.
const LONGEST: usize = 200;
/// The longest application number, in characters.
const LONGEST_NUMBER: usize = 18;

/// What an address says of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Searched {
    /// This text, or nothing.
    Text(String),
    /// This text, in clear: an address of the version before, or one made by hand.
    Clear(String),
    /// Something sealed for somebody else, or by a key that is no more.
    Shut,
}

/// What the address of the found carries: the number of an application in clear, else the text
/// sealed for `user`.
pub fn to_address(sealer: &Sealer, user: &UserName, typed: &str) -> Result<String, Problem> {
    let text: String = typed.trim().chars().take(LONGEST).collect();
    if text.is_empty() || is_number(&text) {
        return Ok(text);
    }
    let sealed = sealer.seal_user(user, Field::Search, text.as_bytes());
    sealed.map(|sealed| sealed.0.to_string()).map_err(|error| Problem::Internal(error.to_string()))
}

/// What the address says to `user`.
#[must_use]
pub fn of_address(sealer: &Sealer, user: &UserName, value: &str) -> Searched {
    if !value.strip_prefix(USERS).is_some_and(|rest| rest.starts_with('.')) {
        let text = value.trim().to_owned();
        return if text.is_empty() || is_number(&text) {
            Searched::Text(text)
        } else {
            Searched::Clear(text)
        };
    }
    let opened = sealer.open_user(user, Field::Search, &Sealed(value.into())).ok();
    opened.and_then(|bytes| String::from_utf8(bytes).ok()).map_or(Searched::Shut, Searched::Text)
}

/// What a list says when its address is shut.
#[must_use]
pub fn shut(shut: bool) -> &'static str {
    if shut {
        tr("Adresteki arama açılamadı: bir başkasınındır ya da artık geçersizdir. Yeniden arayınız.")
    } else {
        ""
    }
}

/// Whether this is the number of an application or how one begins (a year, a plate, a running
/// number), and nobody's: digits with dashes may be a T.C. Kimlik No or a telephone.
fn is_number(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = text.splitn(3, '-');
    let (year, plate, running) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    text.len() <= LONGEST_NUMBER
        && year.len() == 4
        && digits(year)
        && plate.is_none_or(|plate| digits(plate) && plate.len() <= 2)
        && running.is_none_or(|running| digits(running) && plate.is_some_and(|plate| plate.len() == 2))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ebasvuru_workflow::seal::KeyRing;

    use super::*;

    #[test]
    fn an_address_tells_its_own_user_alone_what_was_searched_for() {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::create(&folder.path().join("ring"));
        let sealer = Sealer::new(Arc::new(ring.unwrap()));
        let (ayse, ali): (UserName, UserName) = ("ayse".parse().unwrap(), "ali".parse().unwrap());
        for text in [
            "Ayşe Yılmaz",
            "10000000146",
            "1000-0000-146",
            "2000-0000-146",
            "2000--0000146",
            "0555-111-2233",
            "05551112233",
            "1234-5678-9012-34567",
            "users.x",
        ] {
            let address = to_address(&sealer, &ayse, &format!(" {text} ")).unwrap();
            let read = of_address(&sealer, &ayse, &address);
            assert_eq!(read, Searched::Text(text.to_owned()), "{address}");
            assert!(!address.contains(text), "{address}");
            assert_eq!(of_address(&sealer, &ali, &address), Searched::Shut);
            assert_eq!(of_address(&sealer, &ayse, &address[..address.len() - 2]), Searched::Shut);
        }
        for number in ["", "2026", "2026-0", "2026-06", "2026-06-", "2026-06-0000001"] {
            assert_eq!(to_address(&sealer, &ayse, number).unwrap(), number);
            assert_eq!(of_address(&sealer, &ali, number), Searched::Text(number.into()));
        }
        assert_eq!(of_address(&sealer, &ayse, "yılmaz"), Searched::Clear("yılmaz".into()));
        let long = to_address(&sealer, &ayse, &"a".repeat(5000)).unwrap();
        assert_eq!(of_address(&sealer, &ayse, &long), Searched::Text("a".repeat(200)));
    }
}
