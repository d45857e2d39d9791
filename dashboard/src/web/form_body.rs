//! Reads the body of a form, no further than its first field allows. Our forms carry the ticket as
//! their first field, so that it is known whose form it is before the rest is read.

use std::path::Path;

use axum::body::{Body, BodyDataStream};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use futures_util::{StreamExt as _, stream};
use http_body_util::LengthLimitError;

use super::form::{SubmittedForm, base_name};
use super::held_form::MAX_HELD_BYTES;
use super::problem::Problem;
use super::ticket::TICKET;
use crate::files::{ReceiveError, Upload};
use crate::http::{BodyTooSlow, caused_by};

/// The largest form without a file, in bytes.
pub const MAX_FORM_BYTES: usize = 256 * 1024;
/// The largest form of somebody who is not logged in, in bytes: a name, a password, a token and where
/// to go afterwards.
pub const MAX_SMALL_FORM_BYTES: usize = 8 * 1024;
/// How much is read to find the ticket, in bytes: the header of a part and the ticket take some 400.
const MAX_FIRST_FIELD_BYTES: usize = 1024;
/// How much is read of a form that is too large, in bytes, so that its text can be shown again: some
/// thousand pages.
pub const MAX_SHOWN_BYTES: usize = 4 * 1024 * 1024;

/// The bodies that a route accepts; any other is refused before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptedBody {
    /// A few short fields, from anybody.
    SmallForm,
    /// Fields.
    Form,
    /// Fields and a file.
    FormWithFile,
    /// Fields, and a form that is kept for later.
    FormWithHeldForm,
}

/// How much of a form is read, as its ticket allows.
#[derive(Clone, Copy, Debug)]
pub struct Admission {
    /// How much is accepted without the file, in bytes.
    pub max_bytes: usize,
    /// How much is read without the file, in bytes: what is more than accepted can be shown again.
    pub read_bytes: usize,
    /// Whether a file is received; otherwise it is discarded.
    pub file: bool,
}

impl Admission {
    /// A form of somebody who is known.
    #[must_use]
    pub const fn known(accepted: AcceptedBody) -> Self {
        let form = Self { max_bytes: MAX_FORM_BYTES, read_bytes: MAX_SHOWN_BYTES, file: false };
        match accepted {
            AcceptedBody::SmallForm => Self::stranger(),
            AcceptedBody::Form => form,
            AcceptedBody::FormWithFile => Self { file: true, ..form },
            AcceptedBody::FormWithHeldForm => Self::up_to(MAX_HELD_BYTES + MAX_SMALL_FORM_BYTES),
        }
    }

    /// A form of a stranger.
    #[must_use]
    pub const fn stranger() -> Self {
        Self::up_to(MAX_SMALL_FORM_BYTES)
    }

    const fn up_to(bytes: usize) -> Self {
        Self { max_bytes: bytes, read_bytes: bytes, file: false }
    }

    /// The same without the file.
    #[must_use]
    pub const fn without_file(self) -> Self {
        Self { file: false, ..self }
    }
}

/// What was received of a form.
#[derive(Debug)]
pub struct ReceivedForm {
    /// The form, or what came of it.
    pub form: SubmittedForm,
    /// Why it must not be executed.
    pub fault: Option<Problem>,
}

/// Reads the body of a request. `admit` is given the ticket. A file is received into the folder
/// `staging`.
///
/// # Errors
/// The body has no ticket, or one that `admit` refuses: then no more of it is read.
pub async fn read(
    request: Request,
    accepted: AcceptedBody,
    staging: &Path,
    admit: impl FnOnce(&str) -> Result<Admission, Problem>,
) -> Result<ReceivedForm, Problem> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/form-data") && accepted == AcceptedBody::FormWithFile {
        read_multipart(request, staging, admit).await
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        read_urlencoded(request.into_body(), admit).await
    } else {
        Err(Problem::BadRequest)
    }
}

/// Reads the beginning of a body, until `find` finds the ticket in it.
async fn read_ticket(
    chunks: &mut BodyDataStream,
    find: fn(&[u8]) -> Option<String>,
) -> Result<(Vec<u8>, String), Problem> {
    let mut bytes = Vec::new();
    while bytes.len() <= MAX_FIRST_FIELD_BYTES {
        match chunks.next().await {
            Some(chunk) => bytes.extend(chunk.map_err(body_problem)?),
            // The end of a form with nothing but its ticket.
            None => {
                return find(&[&bytes, &b"&"[..]].concat())
                    .map(|ticket| (bytes, ticket))
                    .ok_or(Problem::Csrf);
            }
        }
        if let Some(ticket) = find(&bytes) {
            return Ok((bytes, ticket));
        }
    }
    Err(Problem::Csrf)
}

async fn read_urlencoded(
    body: Body,
    admit: impl FnOnce(&str) -> Result<Admission, Problem>,
) -> Result<ReceivedForm, Problem> {
    let mut chunks = body.into_data_stream();
    let (mut bytes, ticket) = read_ticket(&mut chunks, ticket_of_urlencoded).await?;
    let admission = admit(&ticket)?;

    let mut fault = None;
    while bytes.len() <= admission.read_bytes {
        match chunks.next().await {
            Some(Ok(chunk)) => bytes.extend(chunk),
            Some(Err(error)) => {
                fault = Some(body_problem(error));
                break;
            }
            None => break,
        }
    }
    if fault.is_some() || bytes.len() > admission.read_bytes {
        // The last field is not complete.
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'&').unwrap_or_default());
        fault.get_or_insert(Problem::TooLarge);
    } else if bytes.len() > admission.max_bytes {
        fault = Some(Problem::TooLarge);
    }
    Ok(ReceivedForm { form: SubmittedForm { fields: parse(&bytes), ..SubmittedForm::default() }, fault })
}

fn parse(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes).into_owned().collect()
}

/// The ticket of a form that begins with these bytes, if it is complete.
fn ticket_of_urlencoded(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().position(|byte| *byte == b'&')?;
    parse(&bytes[..end]).pop().filter(|(name, _)| name == TICKET).map(|(_, ticket)| ticket)
}

/// The same, where each field is a part with a header: read here, because the parser of parts buffers
/// whatever comes.
fn ticket_of_multipart(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let (header, rest) = text.split_once("\r\n\r\n")?;
    let (ticket, _) = rest.split_once("\r\n--")?;
    let is_ticket = header.ends_with(&format!("; name=\"{TICKET}\""));
    is_ticket.then(|| ticket.to_owned())
}

async fn read_multipart(
    request: Request,
    staging: &Path,
    admit: impl FnOnce(&str) -> Result<Admission, Problem>,
) -> Result<ReceivedForm, Problem> {
    let (parts, body) = request.into_parts();
    let mut chunks = body.into_data_stream();
    let (begun, ticket) = read_ticket(&mut chunks, ticket_of_multipart).await?;
    let admission = admit(&ticket)?;
    let body = Body::from_stream(stream::iter([Ok(begun.into())]).chain(chunks));
    let request = Request::from_parts(parts, body);
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|_| Problem::BadRequest)?;
    let mut form = SubmittedForm::default();
    let fault = read_parts(&mut multipart, &mut form, admission, staging).await.err();
    Ok(ReceivedForm { form, fault })
}

/// Reads the parts. On an error, `form` has what was complete before.
async fn read_parts(
    multipart: &mut Multipart,
    form: &mut SubmittedForm,
    admission: Admission,
    staging: &Path,
) -> Result<(), Problem> {
    let mut text_bytes = 0;
    while let Some(mut field) = multipart.next_field().await.map_err(multipart_problem)? {
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(base_name) {
            Some(file_name) if admission.file => {
                // What comes of a file that cannot be received must be chosen again.
                form.file_discarded = true;
                let upload = Upload::receive(staging, file_name, field).await?;
                form.file_discarded = false;
                // A browser sends an empty part when no file was chosen.
                if !upload.name.is_empty() || upload.size > 0 {
                    form.file = Some(upload);
                }
            }
            Some(file_name) => {
                form.file_discarded |= !file_name.is_empty();
                // Browsers look for the response once they have sent everything.
                while field.chunk().await.map_err(multipart_problem)?.is_some() {}
            }
            None => {
                let left = admission.read_bytes - text_bytes;
                let text = text(&mut field, left).await?.ok_or(Problem::TooLarge)?;
                text_bytes += text.len();
                form.fields.push((name, text));
            }
        }
    }
    if text_bytes > admission.max_bytes { Err(Problem::TooLarge) } else { Ok(()) }
}

/// The text of a part; `None` if it is longer than `max` bytes.
async fn text(field: &mut Field<'_>, max: usize) -> Result<Option<String>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(multipart_problem)? {
        bytes.extend(chunk);
        if bytes.len() > max {
            return Ok(None);
        }
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
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

    const ACCEPTED: AcceptedBody = AcceptedBody::FormWithFile;

    /// Admits the ticket "abc".
    fn admit(ticket: &str) -> Result<Admission, Problem> {
        if ticket == "abc" { Ok(Admission::known(ACCEPTED)) } else { Err(Problem::Csrf) }
    }

    async fn read(request: Request) -> Result<ReceivedForm, Problem> {
        read_into(request, &std::env::temp_dir()).await
    }

    async fn read_into(request: Request, staging: &Path) -> Result<ReceivedForm, Problem> {
        super::read(request, ACCEPTED, staging, admit).await
    }

    fn urlencoded(body: String) -> Request {
        let kind = "application/x-www-form-urlencoded";
        Request::builder().header(CONTENT_TYPE, kind).body(Body::from(body)).unwrap()
    }

    #[tokio::test]
    async fn a_file_keeps_its_name_without_folders() {
        let form = read(multipart(format!("{CSRF}{}--x--\r\n", file(r"C:\gizli\dilekçe.pdf", "%PDF-"))));
        let form = form.await.unwrap().form;
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
        let read = read(multipart(format!("{CSRF}{}--x--\r\n", file("", "")))).await.unwrap();
        assert!(read.form.file().is_none() && !read.form.must_choose_file_again());
    }

    #[tokio::test]
    async fn no_file_is_received_before_the_ticket_is_checked() {
        // Receiving a file into this folder would fail in another way.
        let nowhere = Path::new("/dev/null/no");
        let file = file("a.pdf", "%PDF-");
        let other = CSRF.replace("abc", "abd");
        let long = CSRF.replace("abc", &"a".repeat(4000));
        for body in [
            format!("{file}{CSRF}--x--\r\n"),
            format!("{file}--x--\r\n"),
            format!("{other}{file}--x--\r\n"),
            format!("{long}{file}--x--\r\n"),
        ] {
            let refused = read_into(multipart(body), nowhere).await;
            assert!(matches!(refused, Err(Problem::Csrf)), "{refused:?}");
        }
        let ours = read_into(multipart(format!("{CSRF}{file}--x--\r\n")), nowhere).await.unwrap();
        assert!(matches!(ours.fault, Some(Problem::Unavailable(..))), "{ours:?}");
        assert!(ours.form.must_choose_file_again());
    }

    #[tokio::test]
    async fn a_file_that_is_not_admitted_is_discarded_and_the_text_around_it_kept() {
        let part = |name: &str, text: &str| {
            format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
        };
        let body =
            format!("{CSRF}{}{}{}--x--\r\n", part("a", "önce"), file("a.pdf", "%PDF-"), part("b", "sonra"));
        let admit = |_: &str| Ok(Admission::known(ACCEPTED).without_file());
        let nowhere = Path::new("/dev/null/no");
        let read = super::read(multipart(body), ACCEPTED, nowhere, admit).await.unwrap();
        assert!(read.fault.is_none() && read.form.file().is_none() && read.form.must_choose_file_again());
        assert_eq!((read.form.raw("a"), read.form.raw("b")), ("önce", "sonra"));
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
            let read = read_into(request, &folder).await.unwrap();
            assert!(
                matches!(
                    (&read.fault, large),
                    (Some(Problem::TooLarge), true) | (Some(Problem::BadRequest), false)
                ),
                "{read:?}"
            );
            assert!(read.form.must_choose_file_again());
            assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        }
    }

    #[tokio::test]
    async fn a_form_that_is_too_long_is_refused_with_its_text() {
        let json =
            Request::builder().header(CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap();
        assert!(matches!(read(json).await, Err(Problem::BadRequest)));
        for (length, kept) in [(MAX_FORM_BYTES, MAX_FORM_BYTES), (MAX_SHOWN_BYTES, 0)] {
            let text = "a".repeat(length);
            let plain = urlencoded(format!("csrf=abc&surum=3&metin={text}"));
            let parts = multipart(format!(
                "{CSRF}--x\r\ncontent-disposition: form-data; name=\"surum\"\r\n\r\n3\r\n\
                 --x\r\ncontent-disposition: form-data; name=\"metin\"\r\n\r\n{text}\r\n--x--\r\n"
            ));
            for mut request in [plain, parts] {
                axum::extract::DefaultBodyLimit::disable().apply(&mut request);
                let read = read(request).await.unwrap();
                assert!(matches!(read.fault, Some(Problem::TooLarge)), "{:?}", read.fault);
                assert_eq!((read.form.raw("surum"), read.form.raw("metin").len()), ("3", kept));
            }
        }
        let first = urlencoded(format!("metin={}&csrf=abc", "a".repeat(MAX_FIRST_FIELD_BYTES)));
        assert!(matches!(read(first).await, Err(Problem::Csrf)), "the ticket comes first");
    }
}
