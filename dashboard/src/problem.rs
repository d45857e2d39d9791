//! What went wrong, as a page. A handler returns `Result<_, Problem>`; a form that must
//! keep what was typed is shown again by its handler instead.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Redirect, Response};
use ebasvuru_analytics::read::ReadError;
use minijinja::context;

use crate::files::FileError;
use crate::gateway::AskError;
use crate::i18n::tr;
use crate::page;

/// Why a page cannot be shown.
#[derive(Debug)]
pub enum Problem {
    /// Nobody is logged in (any more). With where to go after the login.
    LoggedOut(String),
    /// A form was sent and nobody is logged in any more.
    SessionEnded,
    /// The first password must be changed before anything else.
    PasswordFirst,
    /// The role may not.
    Forbidden,
    /// The form was not ours, or the session it belonged to has ended.
    Csrf,
    /// No such page, application, user or file; or not for these eyes.
    NotFound,
    /// The retention period is over: the keys of this application were destroyed.
    Erased,
    /// The request makes no sense.
    BadRequest,
    /// The page is there, and not for this method.
    MethodNotAllowed,
    /// The form or file is too large.
    TooLarge,
    /// The form or file came so slowly that it was cut off.
    Slow,
    /// The command is on its way; its result is not known yet.
    Pending(ebasvuru_workflow::domain::ids::CommandId),
    /// The log, ClickHouse or the object store does not answer.
    Unavailable(&'static str, String),
    /// A document that the virus scanner found malware in.
    Infected,
    /// A document that the virus scanner has yet to see, and cannot now.
    Unscanned,
    /// A defect of ours.
    Internal(String),
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Missing(_) => Self::NotFound,
            FileError::Infected { .. } => Self::Infected,
            FileError::Unscanned { .. } => Self::Unscanned,
            FileError::Corrupt(_) => Self::Internal(error.to_string()),
            FileError::Store(_) => Self::Unavailable("object store", error.to_string()),
        }
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Pending(id) => Self::Pending(id),
            AskError::Unavailable(detail) => Self::Unavailable("log", detail),
        }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        Self::Unavailable("read model", error.to_string())
    }
}

impl From<minijinja::Error> for Problem {
    fn from(error: minijinja::Error) -> Self {
        Self::Internal(format!("{error:#}"))
    }
}

impl Problem {
    pub(crate) const fn parts(&self) -> (StatusCode, &'static str, &'static str, &'static str) {
        match self {
            Self::LoggedOut(_) | Self::SessionEnded | Self::PasswordFirst => {
                (StatusCode::SEE_OTHER, "logged_out", "Giriş yapınız", "")
            }
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "forbidden",
                "Yetkiniz yok",
                "Bu sayfa ya da işlem için yetkiniz bulunmamaktadır.",
            ),
            Self::Csrf => (
                StatusCode::FORBIDDEN,
                "csrf",
                "Form doğrulanamadı",
                "Oturumunuz yenilenmiş ya da form başka bir sayfadan gönderilmiş olabilir. Sayfayı yeniden açıp tekrar deneyiniz.",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "not_found",
                "Bulunamadı",
                "Aradığınız kayıt yok ya da görme yetkinizin dışındadır.",
            ),
            Self::Erased => (
                StatusCode::GONE,
                "erased",
                "Kişisel veriler silindi",
                "Saklama süresi dolduğu için bu başvurunun içeriği kalıcı olarak silinmiştir.",
            ),
            Self::BadRequest => (
                StatusCode::BAD_REQUEST,
                "bad_request",
                "İstek anlaşılamadı",
                "Gönderilen bilgiler okunamadı. Sayfayı yeniden açıp tekrar deneyiniz.",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "Bu adres böyle kullanılamaz",
                "Bu adres yalnızca bir sayfadaki form ya da bağlantı ile açılır. İlgili sayfadan yeniden deneyiniz.",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "Gönderilen çok büyük",
                "Bir dosya en fazla 20 MB, yazılan metin en fazla 256 KB olabilir.",
            ),
            Self::Slow => (
                StatusCode::REQUEST_TIMEOUT,
                "request_timeout",
                "Gönderme yarıda kaldı",
                "Bağlantınız çok yavaş olduğu için gönderilen tamamlanamadı; kaydedilmedi. Lütfen yeniden deneyiniz.",
            ),
            Self::Pending(_) => (
                StatusCode::ACCEPTED,
                "pending",
                "İşleminiz alındı",
                "İşleminiz alındı, sonucu birazdan görünecek. Yeniden göndermenize gerek yoktur.",
            ),
            Self::Unavailable(..) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Sisteme şu anda ulaşılamıyor",
                "İşlem yapılmadı. Lütfen birkaç dakika sonra yeniden deneyiniz.",
            ),
            Self::Infected => (
                StatusCode::FORBIDDEN,
                "document_infected",
                "Belge açılamaz",
                "Virüs taramasında bu belgede zararlı yazılım bulundu. Belge karantinadadır ve kimseye verilmez.",
            ),
            Self::Unscanned => (
                StatusCode::SERVICE_UNAVAILABLE,
                "scanner_away",
                "Virüs taraması bekleniyor",
                "Belge henüz taranamadığı için açılamıyor. Lütfen birkaç dakika sonra yeniden deneyiniz.",
            ),
            Self::Internal(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Beklenmeyen bir hata oluştu",
                "Hata kaydedildi. Sorun sürerse sistem yöneticisine başvurunuz.",
            ),
        }
    }
}

impl Problem {
    /// What the framework refuses before a handler has its say (a query that cannot be, a path,
    /// a method) carries its own words: as a page they are ours. All else stays.
    pub(crate) fn in_words(response: Response) -> Response {
        match Self::of_framework(&response) {
            Some(problem) => problem.into_response(),
            None => response,
        }
    }

    /// The problem behind an answer of the framework's own, which are plain text alone.
    pub(crate) fn of_framework(response: &Response) -> Option<Self> {
        let kind = response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
        if !(response.status().is_client_error() && kind.starts_with("text/plain")) {
            return None;
        }
        Some(match response.status() {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            _ => Self::BadRequest,
        })
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, title, text) = self.parts();
        let mut reference = String::new();
        match &self {
            Self::LoggedOut(next) => {
                return Redirect::to(&page::login_path(next)).into_response();
            }
            Self::SessionEnded => return Redirect::to("/giris?neden=oturum").into_response(),
            Self::PasswordFirst => return Redirect::to("/sifre").into_response(),
            Self::Pending(id) => {
                reference = id.to_string();
                tracing::warn!(command.id = %id, "no reply to a command came in time; the command stays in the log");
            }
            Self::Unavailable(part, detail) => {
                tracing::error!(part.name = part, error.message = %detail, "a page was not served: {part} failed");
            }
            Self::Internal(detail) => tracing::error!(error.message = %detail, "a page failed"),
            _ => {}
        }
        match page::render("problem.html", context! { title => tr(title), text => tr(text), code, reference })
        {
            Ok(html) => (status, Html(html)).into_response(),
            Err(error) => {
                tracing::error!(error.message = %error, "the page for a problem does not render");
                (status, title).into_response()
            }
        }
    }
}
