//! Addresses of our own pages: how they are written, and which ones a redirect may lead to.

use std::fmt::Write as _;

/// The login page that leads to `next` afterwards.
#[must_use]
pub fn login(next: &str) -> String {
    let next = if next == "/" { "" } else { next };
    with_query("/giris", [("sonra", next)])
}

/// An address with these parameters; those without a value are left out.
#[must_use]
pub fn with_query<'a>(path: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut address = path.to_owned();
    let mut separator = if path.contains('?') { '&' } else { '?' };
    for (name, value) in parameters.into_iter().filter(|(_, value)| !value.is_empty()) {
        // Writing to a string does not fail.
        let _ = write!(address, "{separator}{name}={}", percent(value));
        separator = '&';
    }
    address
}

/// Percent-encodes all but the unreserved characters.
#[must_use]
pub fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Whether every browser reads this as an address of this site.
#[must_use]
pub fn is_local(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_encoded_and_empty_ones_left_out() {
        assert_eq!(with_query("/a", []), "/a");
        assert_eq!(with_query("/a", [("x", ""), ("y", "1 & ş"), ("z", "2")]), "/a?y=1%20%26%20%C5%9F&z=2");
        assert_eq!(with_query("/a?x=1", [("y", "2")]), "/a?x=1&y=2");
        assert_eq!(login("/"), "/giris");
        assert_eq!(login("/basvurular"), "/giris?sonra=%2Fbasvurular");
    }

    #[test]
    fn only_paths_of_this_site_are_local() {
        assert!(is_local("/basvurular?durum=x"));
        for other in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/\t/x"] {
            assert!(!is_local(other), "{other:?}");
        }
    }
}
