//! A submitted form, read once by the guard: its fields in order, and at most one file. The CSRF
//! token is checked before a file is received, and before a handler sees the form.

use std::path::Path;

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use ebasvuru_workflow::domain::text;
use http_body_util::LengthLimitError;

use super::problem::Problem;
use super::session::same_token;
use crate::files::{ReceiveError, Upload};
use crate::http::{BodyTooSlow, caused_by};
use crate::view::i18n::tr;

/// The largest form without a file, in bytes.
pub const MAX_FORM_BYTES: usize = 256 * 1024;
/// The largest form of somebody who is not logged in, in bytes: a name, a password, a token and where
/// to go afterwards.
const MAX_SMALL_FORM_BYTES: usize = 8 * 1024;

/// The bodies that a route accepts; any other is refused before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptedBody {
    /// A few short fields, from anybody.
    SmallForm,
    /// Fields.
    Form,
    /// Fields and a file.
    FormWithFile,
}

impl AcceptedBody {
    /// The largest form without a file, in bytes.
    const fn max_bytes(self) -> usize {
        match self {
            Self::SmallForm => MAX_SMALL_FORM_BYTES,
            Self::Form | Self::FormWithFile => MAX_FORM_BYTES,
        }
    }
}

/// Why a form has no effect.
#[derive(Debug)]
pub enum FormError {
    /// The form is wrong, or its command was refused; the sentence for the user.
    Refused(String),
    /// Something else failed.
    Problem(Problem),
}

impl FormError {
    /// A wrong form, with a Turkish sentence.
    pub fn refused(text: &str) -> Self {
        Self::Refused(tr(text).to_owned())
    }
}

impl<T: Into<Problem>> From<T> for FormError {
    fn from(problem: T) -> Self {
        Self::Problem(problem.into())
    }
}

/// A form as it was sent.
#[derive(Clone, Debug, Default)]
pub struct SubmittedForm {
    fields: Vec<(String, String)>,
    file: Option<Upload>,
}

impl SubmittedForm {
    /// The value of a field from its first visible character to its last, with `\n` as line ends; empty
    /// if it was not sent.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        text::trim(self.raw(name)).replace("\r\n", "\n")
    }

    /// The unchanged value of a field, for passwords; empty if it was not sent.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// Every value of a field that can be sent several times.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The file, if one was chosen.
    #[must_use]
    pub const fn file(&self) -> Option<&Upload> {
        self.file.as_ref()
    }

    /// Reads the body of a request and checks that its token is `csrf`. A file is received into the
    /// folder `staging`.
    pub async fn read(
        request: Request,
        accepted: AcceptedBody,
        csrf: &str,
        staging: &Path,
    ) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if kind.starts_with("multipart/form-data") && accepted == AcceptedBody::FormWithFile {
            read_multipart(request, csrf, staging).await
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            if request.body().size_hint().lower() > accepted.max_bytes() as u64 {
                return Err(Problem::TooLarge);
            }
            let (parts, body) = request.into_parts();
            let bytes = to_bytes(body, accepted.max_bytes()).await.map_err(body_problem)?;
            let request = Request::from_parts(parts, Body::from(bytes));
            let axum::Form(fields) =
                axum::Form::from_request(request, &()).await.map_err(|_| Problem::BadRequest)?;
            Self { fields, file: None }.checked(csrf)
        } else {
            Err(Problem::BadRequest)
        }
    }

    fn checked(self, csrf: &str) -> Result<Self, Problem> {
        if same_token(csrf, self.raw("csrf")) { Ok(self) } else { Err(Problem::Csrf) }
    }
}

async fn read_multipart(request: Request, csrf: &str, staging: &Path) -> Result<SubmittedForm, Problem> {
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|_| Problem::BadRequest)?;
    let mut form = SubmittedForm::default();
    let mut text_bytes = 0;
    while let Some(field) = multipart.next_field().await.map_err(multipart_problem)? {
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(base_name) {
            Some(file_name) => {
                // Our forms carry the token before the file.
                form = form.checked(csrf)?;
                let upload = Upload::receive(staging, file_name, field).await?;
                // A browser sends an empty part when no file was chosen.
                if !upload.name.is_empty() || upload.size > 0 {
                    form.file = Some(upload);
                }
            }
            None => {
                let text = field.text().await.map_err(multipart_problem)?;
                text_bytes += text.len();
                if text_bytes > MAX_FORM_BYTES {
                    return Err(Problem::TooLarge);
                }
                form.fields.push((name, text));
            }
        }
    }
    form.checked(csrf)
}

fn multipart_problem(error: MultipartError) -> Problem {
    ReceiveError::from(error).into()
}

/// Why a form without a file could not be read.
fn body_problem(error: axum::Error) -> Problem {
    if caused_by::<BodyTooSlow>(&error) {
        return Problem::Slow;
    }
    if caused_by::<LengthLimitError>(&error) { Problem::TooLarge } else { Problem::BadRequest }
}

impl From<ReceiveError> for Problem {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::TooLarge => Self::TooLarge,
            ReceiveError::Cut(error) if caused_by::<BodyTooSlow>(&error) => Self::Slow,
            ReceiveError::Cut(_) => Self::BadRequest,
            ReceiveError::Disk(error) => Self::Unavailable("folder for uploads", error.to_string()),
        }
    }
}

/// The last component of a Unix or Windows path.
fn base_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

/// Handlers receive the form that the guard has read.
impl<S: Sync> FromRequestParts<S> for SubmittedForm {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.remove::<Self>().ok_or(Problem::BadRequest)
    }
}

#[cfg(test)]
mod tests {
    use ebasvuru_workflow::documents::MAX_FILE_BYTES;
    use ebasvuru_workflow::domain::document::sha256_hex;
    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::files::FileKind;

    const CSRF: &str = "--x\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n";

    fn file(file_name: &str, content: &str) -> String {
        format!(
            "--x\r\ncontent-disposition: form-data; name=\"dosya\"; filename=\"{file_name}\"\r\n\r\n{content}\r\n"
        )
    }

    fn multipart(body: String) -> Request {
        let kind = "multipart/form-data; boundary=x";
        Request::builder().header(CONTENT_TYPE, kind).body(Body::from(body)).unwrap()
    }

    async fn read(request: Request) -> Result<SubmittedForm, Problem> {
        SubmittedForm::read(request, AcceptedBody::FormWithFile, "abc", &std::env::temp_dir()).await
    }

    #[tokio::test]
    async fn a_file_keeps_its_name_without_folders() {
        let form = read(multipart(format!("{CSRF}{}--x--\r\n", file(r"C:\gizli\dilekçe.pdf", "%PDF-"))));
        let form = form.await.unwrap();
        let upload = form.file().unwrap();
        assert_eq!(upload.name, "dilekçe.pdf");
        assert_eq!((upload.size, upload.kind), (5, Some(FileKind::Pdf)));
        assert_eq!(upload.sha256, sha256_hex(b"%PDF-"));
        for _ in 0..2 {
            let mut content = String::new();
            upload.open().unwrap().read_to_string(&mut content).await.unwrap();
            assert_eq!(content, "%PDF-", "each reader starts at the beginning");
        }
    }

    #[tokio::test]
    async fn an_empty_file_field_is_no_file() {
        let form = read(multipart(format!("{CSRF}{}--x--\r\n", file("", "")))).await.unwrap();
        assert!(form.file().is_none());
    }

    #[tokio::test]
    async fn no_file_is_received_before_the_token_is_checked() {
        // Receiving a file into this folder would fail in another way.
        let nowhere = std::path::Path::new("/dev/null/no");
        let file = file("a.pdf", "%PDF-");
        for body in [format!("{file}{CSRF}--x--\r\n"), format!("{file}--x--\r\n")] {
            let refused =
                SubmittedForm::read(multipart(body), AcceptedBody::FormWithFile, "abc", nowhere).await;
            assert!(matches!(refused, Err(Problem::Csrf)), "{refused:?}");
        }
        let other = multipart(format!("{CSRF}{file}--x--\r\n"));
        let other = SubmittedForm::read(other, AcceptedBody::FormWithFile, "abd", nowhere).await;
        assert!(matches!(other, Err(Problem::Csrf)), "{other:?}");
        let ours = multipart(format!("{CSRF}{file}--x--\r\n"));
        let ours = SubmittedForm::read(ours, AcceptedBody::FormWithFile, "abc", nowhere).await;
        assert!(matches!(ours, Err(Problem::Unavailable(..))), "{ours:?}");
    }

    #[tokio::test]
    async fn a_file_that_is_too_large_or_incomplete_leaves_nothing_behind() {
        let staging = tempfile::tempdir().unwrap();
        let folder = staging.path().join("uploads");
        let long = file("a.pdf", &"a".repeat(MAX_FILE_BYTES + 1));
        let cut = file("a.pdf", "%PDF-").trim_end().to_owned();
        for (body, large) in [(format!("{CSRF}{long}--x--\r\n"), true), (format!("{CSRF}{cut}"), false)] {
            let mut request = multipart(body);
            axum::extract::DefaultBodyLimit::disable().apply(&mut request);
            let refused = SubmittedForm::read(request, AcceptedBody::FormWithFile, "abc", &folder).await;
            assert!(
                matches!(
                    (&refused, large),
                    (Err(Problem::TooLarge), true) | (Err(Problem::BadRequest), false)
                ),
                "{refused:?}"
            );
            assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        }
    }

    #[tokio::test]
    async fn other_content_types_and_long_forms_are_refused() {
        let json =
            Request::builder().header(CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap();
        assert!(matches!(read(json).await, Err(Problem::BadRequest)));
        let long = Request::builder()
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("metin={}", "a".repeat(MAX_FORM_BYTES))))
            .unwrap();
        assert!(matches!(read(long).await, Err(Problem::TooLarge)));
    }
}
