//! The language switch.

use axum::extract::Path;
use axum::http::header::{REFERER, SET_COOKIE};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Redirect};

use crate::view::address::is_local;
use crate::view::i18n::Language;
use crate::web::language::cookie;

/// `GET /dil/{tag}`: chooses a language and returns to the page of the switch.
pub async fn switch(Path(tag): Path<String>, headers: HeaderMap) -> impl IntoResponse {
    ([(SET_COOKIE, cookie(Language::of_tag(&tag)))], Redirect::to(&back(&headers)))
}

/// The page that the request came from; the first page if that is unknown.
fn back(headers: &HeaderMap) -> String {
    headers
        .get(REFERER)
        .and_then(|value| value.to_str().ok()?.parse::<Uri>().ok())
        .and_then(|page| page.path_and_query().map(ToString::to_string))
        .filter(|path| is_local(path))
        .unwrap_or_else(|| "/".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_redirects_to_this_site_only() {
        let back = |page: &str| back(&HeaderMap::from_iter([(REFERER, page.parse().unwrap())]));
        assert_eq!(back("https://basvuru.example/basvurular?durum=x"), "/basvurular?durum=x");
        for bad in ["https://a.example//evil.example", "https://a.example/\\evil.example", "about:blank", ""]
        {
            assert_eq!(back(bad), "/", "{bad:?}");
        }
    }
}
