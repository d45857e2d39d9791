//! A submitted form, read once by the guard: fields in order, and at most one file.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use bytes::Bytes;

use crate::problem::Problem;

/// The largest form without a file, in bytes.
pub const MAX_FORM_BYTES: usize = 256 * 1024;
/// The largest file, in bytes.
pub const MAX_FILE_BYTES: usize = 20 * 1024 * 1024;

/// A file as the browser sent it. Nothing of it is believed but its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The name on the sender's machine, without folders.
    pub name: String,
    /// The content.
    pub bytes: Bytes,
}

/// What a person typed and sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

    /// Reads the body of a request, of either kind that a browser sends.
    pub async fn read(request: Request) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if kind.starts_with("multipart/form-data") {
            read_multipart(request).await
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            let (parts, body) = request.into_parts();
            let bytes = to_bytes(body, MAX_FORM_BYTES).await.map_err(|_| Problem::TooLarge)?;
            let request = Request::from_parts(parts, Body::from(bytes));
            let axum::Form(fields) =
                axum::Form::from_request(request, &()).await.map_err(|_| Problem::BadRequest)?;
            Ok(Self { fields, file: None })
        } else {
            Err(Problem::BadRequest)
        }
    }
}

async fn read_multipart(request: Request) -> Result<Submitted, Problem> {
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|_| Problem::BadRequest)?;
    let mut form = Submitted::default();
    let mut text_bytes = 0;
    while let Some(field) = multipart.next_field().await.map_err(refuse)? {
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(base_name) {
            Some(file_name) => {
                let bytes = field.bytes().await.map_err(refuse)?;
                if bytes.len() > MAX_FILE_BYTES {
                    return Err(Problem::TooLarge);
                }
                // A browser sends an empty part when no file was chosen.
                if !file_name.is_empty() || !bytes.is_empty() {
                    form.file = Some(Upload { name: file_name, bytes });
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
    Ok(form)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn refuse(error: axum::extract::multipart::MultipartError) -> Problem {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        Problem::TooLarge
    } else {
        Problem::BadRequest
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
    use super::*;

    fn multipart(file_name: &str, content: &str) -> Request {
        let body = format!(
            "--x\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n\
             --x\r\ncontent-disposition: form-data; name=\"dosya\"; filename=\"{file_name}\"\r\n\r\n{content}\r\n--x--\r\n"
        );
        Request::builder()
            .header(CONTENT_TYPE, "multipart/form-data; boundary=x")
            .body(Body::from(body))
            .unwrap()
    }

    #[tokio::test]
    async fn a_file_keeps_its_name_but_no_folder() {
        let form = Submitted::read(multipart(r"C:\gizli\dilekçe.pdf", "%PDF-")).await.unwrap();
        assert_eq!(form.raw("csrf"), "abc");
        assert_eq!(form.file().unwrap().name, "dilekçe.pdf");
        assert_eq!(&form.file().unwrap().bytes[..], b"%PDF-");
    }

    #[tokio::test]
    async fn no_file_chosen_is_no_file() {
        assert_eq!(Submitted::read(multipart("", "")).await.unwrap().file(), None);
    }

    #[tokio::test]
    async fn other_kinds_of_body_and_too_long_forms_are_refused() {
        let json =
            Request::builder().header(CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap();
        assert!(matches!(Submitted::read(json).await, Err(Problem::BadRequest)));
        let long = Request::builder()
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("metin={}", "a".repeat(MAX_FORM_BYTES))))
            .unwrap();
        assert!(matches!(Submitted::read(long).await, Err(Problem::TooLarge)));
    }
}
