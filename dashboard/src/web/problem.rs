//! Errors as pages. Handlers return `Result<_, Problem>`; only a form that must keep what was typed is
//! shown again by its handler instead.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Redirect, Response};
use ebasvuru_analytics::read::ReadError;
use ebasvuru_workflow::command_client::CommandError;
use ebasvuru_workflow::documents::DocumentError;
use ebasvuru_workflow::domain::ids::CommandId;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::LogError;
use ebasvuru_workflow::seal::SealError;
use minijinja::context;

use crate::auth::PasswordError;
use crate::files::FileError;
use crate::view::environment::value;
use crate::view::i18n::tr;
use crate::view::{address, render};

/// Why a page cannot be shown.
#[derive(Debug)]
pub enum Problem {
    /// Nobody is logged in. With the address to go to after the login.
    LoggedOut(String),
    /// A form was sent, and its session has ended.
    SessionEnded,
    /// The user must change their password before anything else.
    PasswordFirst,
    /// The role is not allowed to.
    Forbidden,
    /// The form has not the token of the session.
    Csrf,
    /// The form belongs to another user than the one who is logged in.
    OthersForm,
    /// There is no such page, application, user or document, or the viewer may not see it.
    NotFound,
    /// The retention period is over: the keys of this application were destroyed.
    Erased,
    /// The request cannot be understood.
    BadRequest,
    /// The page does not support this method.
    MethodNotAllowed,
    /// The form or file is too large.
    TooLarge,
    /// The form or file was sent too slowly and was cut off.
    Slow,
    /// The command was sent; its result is not known yet.
    Pending(CommandId),
    /// The log, ClickHouse or the object store does not answer.
    Unavailable(&'static str, String),
    /// The application has the document with this SHA-256, and the document store does not.
    DocumentMissing(String),
    /// The virus scanner found malware in the document.
    Infected,
    /// The document has not been scanned yet, and the virus scanner does not answer.
    Unscanned,
    /// A defect of this program.
    Internal(String),
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Document(DocumentError::Missing(sha256)) => Self::DocumentMissing(sha256),
            FileError::Infected { .. } => Self::Infected,
            FileError::Unscanned { .. } => Self::Unscanned,
            FileError::Document(DocumentError::Corrupt(_)) => Self::Internal(error.to_string()),
            FileError::Document(DocumentError::Store(_)) => {
                Self::Unavailable("object store", error.to_string())
            }
        }
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Pending(id) => Self::Pending(id),
            CommandError::Log(error) => error.into(),
        }
    }
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        Self::Unavailable("log", error.to_string())
    }
}

impl From<SealError> for Problem {
    fn from(error: SealError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        Self::Internal(error.to_string())
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
    /// Status, code, title and text.
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
            Self::OthersForm => (
                StatusCode::FORBIDDEN,
                ErrorCode::OthersForm.as_str(),
                "Form başka bir kullanıcınındır",
                "Bu form, şu anda giriş yapmış olandan başka bir kullanıcının oturumunda açılmıştır. Gönderilmedi ve kaydedilmedi. Formu kendi oturumunuzda yeniden açınız.",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "not_found",
                "Bulunamadı",
                "Aradığınız kayıt yok ya da görme yetkinizin dışındadır.",
            ),
            Self::Erased => (
                StatusCode::GONE,
                ErrorCode::Erased.as_str(),
                "Kişisel veriler silindi",
                "Saklama süresi dolduğu için bu başvurunun içeriği kalıcı olarak silinmiştir.",
            ),
            Self::BadRequest => (
                StatusCode::BAD_REQUEST,
                ErrorCode::BadRequest.as_str(),
                "İstek anlaşılamadı",
                "Gönderilen bilgiler okunamadı. Sayfayı yeniden açıp tekrar deneyiniz.",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                ErrorCode::MethodNotAllowed.as_str(),
                "Bu adres böyle kullanılamaz",
                "Bu adres yalnızca bir sayfadaki form ya da bağlantı ile açılır. İlgili sayfadan yeniden deneyiniz.",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                ErrorCode::TooLarge.as_str(),
                "Gönderilen çok büyük",
                "Bir dosya en fazla 20 MB, yazılan metin en fazla 256 KB olabilir.",
            ),
            Self::Slow => (
                StatusCode::REQUEST_TIMEOUT,
                ErrorCode::RequestTimeout.as_str(),
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
            Self::DocumentMissing(_) => (
                StatusCode::NOT_FOUND,
                ErrorCode::DocumentMissing.as_str(),
                "Belge depoda yok",
                "Başvuruda kayıtlı olan bu belge henüz gelmedi ya da depoda bulunamadı. Daha sonra yeniden deneyiniz; belge gelmezse sistem yöneticisine başvurunuz.",
            ),
            Self::Infected => (
                StatusCode::FORBIDDEN,
                ErrorCode::DocumentInfected.as_str(),
                "Belge açılamaz",
                "Virüs taramasında bu belgede zararlı yazılım bulundu. Belge karantinadadır ve kimseye verilmez.",
            ),
            Self::Unscanned => (
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::ScannerAway.as_str(),
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
    /// Replaces the framework's own error responses (for a query, path or method that it refuses
    /// before any handler runs) by our pages. Any other response stays as it is.
    pub(crate) fn replace_framework_error(response: Response) -> Response {
        match Self::of_framework(&response) {
            Some(problem) => problem.into_response(),
            None => response,
        }
    }

    /// The problem behind an error response of the framework, which are the only ones in plain text.
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
                return Redirect::to(&address::login(next)).into_response();
            }
            Self::SessionEnded => return Redirect::to("/giris?neden=oturum").into_response(),
            Self::PasswordFirst => return Redirect::to(super::unsent::PASSWORD).into_response(),
            Self::Pending(id) => {
                reference = id.to_string();
                tracing::warn!(command.id = %id, "no reply to a command came in time; the command stays in the log");
            }
            Self::Unavailable(part, detail) => {
                tracing::error!(part.name = part, error.message = %detail, "a page was not served: {part} failed");
            }
            Self::DocumentMissing(sha256) => tracing::warn!(
                error.code = ErrorCode::DocumentMissing.as_str(),
                document.sha256 = sha256,
                "an application has a document that is not in the document store"
            ),
            Self::Internal(detail) => tracing::error!(error.message = %detail, "a page failed"),
            _ => {}
        }
        let shown = ShownProblem { status, code, title, text };
        let mut response = shown.page(&reference, &[]);
        if !status.is_success() {
            response.extensions_mut().insert(shown);
        }
        response
    }
}

/// The problem that a response shows, left in its extensions: the guard adds to the page what was
/// typed.
#[derive(Clone, Copy, Debug)]
pub struct ShownProblem {
    /// The status of the response.
    pub status: StatusCode,
    code: &'static str,
    title: &'static str,
    /// The sentence, in Turkish.
    pub text: &'static str,
}

impl ShownProblem {
    /// The page, with these texts to be copied.
    pub fn page(self, reference: &str, typed: &[&str]) -> Response {
        let Self { status, code, title, text } = self;
        let context =
            context! { title => tr(title), text => tr(text), code, reference, typed => value(typed) };
        match render("problem.html", context) {
            Ok(html) => (status, Html(html)).into_response(),
            Err(error) => {
                tracing::error!(error.message = %error, "the page for a problem does not render");
                (status, title).into_response()
            }
        }
    }
}
