//! A submitted form, read once by the guard: fields in order, and at most one file. The
//! token is checked here: before a file is received, and before anybody sees the form.

use std::path::Path;

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;

use http_body_util::LengthLimitError;

use crate::files::{ReceiveError, Upload};
use crate::http::{Slow, caused_by};
use crate::problem::Problem;
use crate::session::same_token;

/// The largest form without a file, in bytes.
pub const MAX_FORM_BYTES: usize = 256 * 1024;
/// The largest form of somebody who is not known yet, in bytes: a name, a password, a token and
/// where to go afterwards.
const MAX_STRANGERS_BYTES: usize = 8 * 1024;

/// What a route lets people send; anything else is refused before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// A few short fields, of anybody.
    Little,
    /// What people write.
    Text,
    /// What people write, and a file.
    File,
}

impl Takes {
    /// The largest form as browsers send it without a file.
    const fn most(self) -> usize {
        match self {
            Self::Little => MAX_STRANGERS_BYTES,
            Self::Text | Self::File => MAX_FORM_BYTES,
        }
    }
}

/// What a person typed and sent.
#[derive(Clone, Debug, Default)]
pub struct Submitted {
    fields: Vec<(String, String)>,
    file: Option<Upload>,
}

impl Submitted {
    /// The value of a field, trimmed, line ends as `\n`; empty when it was not sent.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.raw(name).trim().replace("\r\n", "\n")
    }

    /// The value of a field to the letter (passwords); empty when it was not sent.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// Every value of a field that may be sent several times.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The file, if one was chosen.
    #[must_use]
    pub const fn file(&self) -> Option<&Upload> {
        self.file.as_ref()
    }

    /// Reads the body of a request, of the kinds that the route takes, if its token is `csrf`.
    /// A file is received below `staging`.
    pub async fn read(request: Request, takes: Takes, csrf: &str, staging: &Path) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if kind.starts_with("multipart/form-data") && takes == Takes::File {
            read_multipart(request, csrf, staging).await
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            if request.body().size_hint().lower() > takes.most() as u64 {
                return Err(Problem::TooLarge);
            }
            let (parts, body) = request.into_parts();
            let bytes = to_bytes(body, takes.most()).await.map_err(cut_off)?;
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

async fn read_multipart(request: Request, csrf: &str, staging: &Path) -> Result<Submitted, Problem> {
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|_| Problem::BadRequest)?;
    let mut form = Submitted::default();
    let mut text_bytes = 0;
    while let Some(field) = multipart.next_field().await.map_err(refuse)? {
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
                let text = field.text().await.map_err(refuse)?;
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

fn refuse(error: MultipartError) -> Problem {
    ReceiveError::from(error).into()
}

/// Why a form without a file did not come whole.
fn cut_off(error: axum::Error) -> Problem {
    if caused_by::<Slow>(&error) {
        return Problem::Slow;
    }
    if caused_by::<LengthLimitError>(&error) { Problem::TooLarge } else { Problem::BadRequest }
}

impl From<ReceiveError> for Problem {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::TooLarge => Self::TooLarge,
            ReceiveError::Cut(error) if caused_by::<Slow>(&error) => Self::Slow,
            ReceiveError::Cut(_) => Self::BadRequest,
            ReceiveError::Disk(error) => Self::Unavailable("folder for uploads", error.to_string()),
        }
    }
}

/// The last part of a path of either kind, without control characters, at most 120 characters.
fn base_name(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    name.chars().filter(|c| !c.is_control()).take(120).collect::<String>().trim().to_owned()
}

/// The guard has read the body; a handler finds the form here.
impl<S: Sync> FromRequestParts<S> for Submitted {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.remove::<Self>().ok_or(Problem::BadRequest)
    }
}

#[cfg(test)]
mod tests {
    use ebasvuru_workflow::domain::document::sha256_hex;
    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::files::{Kind, MAX_FILE_BYTES};

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

    async fn read(request: Request) -> Result<Submitted, Problem> {
        Submitted::read(request, Takes::File, "abc", &std::env::temp_dir()).await
    }

    #[tokio::test]
    async fn a_file_keeps_its_name_but_no_folder() {
        let form = read(multipart(format!("{CSRF}{}--x--\r\n", file(r"C:\gizli\dilekçe.pdf", "%PDF-"))));
        let form = form.await.unwrap();
        let upload = form.file().unwrap();
        assert_eq!(upload.name, "dilekçe.pdf");
        assert_eq!((upload.size, upload.kind), (5, Some(Kind::Pdf)));
        assert_eq!(upload.sha256, sha256_hex(b"%PDF-"));
        for _ in 0..2 {
            let mut content = String::new();
            upload.open().unwrap().read_to_string(&mut content).await.unwrap();
            assert_eq!(content, "%PDF-", "each reader has it from the beginning");
        }
    }

    #[tokio::test]
    async fn no_file_chosen_is_no_file() {
        let form = read(multipart(format!("{CSRF}{}--x--\r\n", file("", "")))).await.unwrap();
        assert!(form.file().is_none());
    }

    #[tokio::test]
    async fn nothing_is_received_before_the_token_has_been_seen() {
        // A folder that cannot be: a file that is begun fails otherwise.
        let nowhere = std::path::Path::new("/dev/null/no");
        let file = file("a.pdf", "%PDF-");
        for body in [format!("{file}{CSRF}--x--\r\n"), format!("{file}--x--\r\n")] {
            let refused = Submitted::read(multipart(body), Takes::File, "abc", nowhere).await;
            assert!(matches!(refused, Err(Problem::Csrf)), "{refused:?}");
        }
        let other = multipart(format!("{CSRF}{file}--x--\r\n"));
        let other = Submitted::read(other, Takes::File, "abd", nowhere).await;
        assert!(matches!(other, Err(Problem::Csrf)), "{other:?}");
        let ours = multipart(format!("{CSRF}{file}--x--\r\n"));
        let ours = Submitted::read(ours, Takes::File, "abc", nowhere).await;
        assert!(matches!(ours, Err(Problem::Unavailable(..))), "{ours:?}");
    }

    #[tokio::test]
    async fn a_file_that_is_too_large_or_cut_off_leaves_nothing() {
        let staging = tempfile::tempdir().unwrap();
        let folder = staging.path().join("uploads");
        let long = file("a.pdf", &"a".repeat(MAX_FILE_BYTES + 1));
        let cut = file("a.pdf", "%PDF-").trim_end().to_owned();
        for (body, large) in [(format!("{CSRF}{long}--x--\r\n"), true), (format!("{CSRF}{cut}"), false)] {
            let mut request = multipart(body);
            axum::extract::DefaultBodyLimit::disable().apply(&mut request);
            let refused = Submitted::read(request, Takes::File, "abc", &folder).await;
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
    async fn other_kinds_of_body_and_too_long_forms_are_refused() {
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
