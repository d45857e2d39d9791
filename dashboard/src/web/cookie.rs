//! Signed cookies. Each is signed together with its name, so that the value of one is not accepted
//! for another. Over TLS their names begin with `__Host-`, which browsers tie to this host.

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, Key, SameSite, SignedCookieJar};

/// The cookies of a request, and those that its response sets.
#[derive(Clone, Debug)]
pub struct SignedCookies {
    jar: SignedCookieJar,
    secure: bool,
}

impl SignedCookies {
    /// Reads them; cookies without our signature are ignored. `secure`: over TLS only.
    #[must_use]
    pub fn read(headers: &HeaderMap, key: Key, secure: bool) -> Self {
        Self { jar: SignedCookieJar::from_headers(headers, key), secure }
    }

    /// The value of a cookie with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        let name = self.name(name);
        // The jar signs values only, so the name is part of the value.
        let value = self.jar.get(&name)?.value().strip_prefix(&name)?.strip_prefix(':')?.to_owned();
        Some(value)
    }

    /// Sets a cookie until the browser is closed.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        let name = self.name(name);
        let cookie = self.cookie(&name, format!("{name}:{value}"));
        Self { jar: self.jar.add(cookie), ..self }
    }

    /// Removes a cookie.
    #[must_use]
    pub fn without(self, name: &str) -> Self {
        let cookie = self.cookie(&self.name(name), String::new());
        Self { jar: self.jar.remove(cookie), ..self }
    }

    /// The cookies as part of a response.
    pub fn into_jar(self) -> SignedCookieJar {
        self.jar
    }

    fn name(&self, name: &str) -> String {
        if self.secure { format!("__Host-{name}") } else { name.to_owned() }
    }

    fn cookie(&self, name: &str, value: String) -> Cookie<'static> {
        Cookie::build((name.to_owned(), value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    /// The `Set-Cookie` header of a response.
    fn set_cookie(cookies: SignedCookies) -> String {
        let response = (cookies.into_jar(), ()).into_response();
        response.headers()["set-cookie"].to_str().unwrap().to_owned()
    }

    /// The headers of a request with this cookie.
    fn request(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(axum::http::header::COOKIE, cookie.parse().unwrap())])
    }

    #[test]
    fn cookies_over_tls_are_tied_to_this_host() {
        let (key, other) = (Key::generate(), Key::generate());
        let cookie = set_cookie(SignedCookies::read(&HeaderMap::new(), key.clone(), true).with("a", "x|y"));
        assert!(cookie.starts_with("__Host-a="), "{cookie}");
        for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        let headers = request(cookie.split(';').next().unwrap());
        assert_eq!(SignedCookies::read(&headers, key.clone(), true).get("a").as_deref(), Some("x|y"));
        assert_eq!(SignedCookies::read(&headers, other, true).get("a"), None, "signed by another key");
        assert_eq!(SignedCookies::read(&headers, key.clone(), false).get("a"), None, "another name");
        let gone = set_cookie(SignedCookies::read(&headers, key, true).without("a"));
        assert!(
            gone.starts_with("__Host-a=;") && gone.contains("Secure") && gone.contains("Max-Age=0"),
            "{gone}"
        );
    }

    #[test]
    fn a_value_signed_for_one_cookie_is_not_accepted_for_another() {
        let key = Key::generate();
        let cookie =
            set_cookie(SignedCookies::read(&HeaderMap::new(), key.clone(), false).with("visitor", "token"));
        let value = cookie.split(';').next().unwrap().strip_prefix("visitor=").unwrap().to_owned();
        for (name, expected) in [("visitor", Some("token")), ("session", None), ("visitor:token", None)] {
            let cookies = SignedCookies::read(&request(&format!("{name}={value}")), key.clone(), false);
            assert_eq!(cookies.get(name).as_deref(), expected, "{name}");
        }
        // Nor is one of an older version, whose name was not signed.
        let old = SignedCookieJar::from_headers(&HeaderMap::new(), key.clone())
            .add(Cookie::new("session", "ayse|csrf|1|1|1"));
        let old = (old, ()).into_response().headers()["set-cookie"].to_str().unwrap().to_owned();
        assert_eq!(SignedCookies::read(&request(&old), key, false).get("session"), None);
    }
}
