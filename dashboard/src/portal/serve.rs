//! Routes, the shared state, and how anything that goes wrong looks.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, Uri};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::cookie::Key;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::log::{Log, Outgoing, Producer, topic};
use minijinja::context;
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::set_header::SetResponseHeaderLayer;

use super::citizen::{self, Visit, citizens};
use super::draft::Drafts;
use super::records::Records;
use super::{apply, track};
use crate::controllers::assets;
use crate::files::{Files, MAX_FILE_BYTES};
use crate::form::{MAX_FORM_BYTES, Submitted, Takes};
use crate::http::{self, Limits};
use crate::page::{self, STYLESHEET_PATH, UPLOAD_SCRIPT_PATH, value};
use crate::problem::Problem;
use crate::routes::{headers, without_slash};
use crate::serve::StartError;

/// What the stand-in works on.
pub struct PortalDeps {
    /// The log.
    pub log: Arc<dyn Log>,
    /// Services and governorates.
    pub catalog: Arc<Catalog>,
    /// Documents.
    pub files: Files,
    /// The time.
    pub clock: Clock,
    /// Signs the cookie: at least 64 bytes.
    pub session_key: Vec<u8>,
    /// Whether cookies travel over TLS only.
    pub secure_cookies: bool,
    /// Whether every connection is that of a proxy of our own.
    pub behind_proxy: bool,
}

/// What every handler shares.
pub struct Shared {
    pub key: Key,
    pub secure: bool,
    behind_proxy: bool,
    pub clock: Clock,
    pub catalog: Arc<Catalog>,
    pub files: Files,
    pub drafts: Drafts,
    pub records: Arc<Records>,
    producer: Arc<dyn Producer>,
}

/// Shared by all handlers.
pub type App = Arc<Shared>;

/// A [`Problem`] on a page of the stand-in.
#[derive(Debug)]
pub struct Fault(Problem);

impl<T: Into<Problem>> From<T> for Fault {
    fn from(problem: T) -> Self {
        Self(problem.into())
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (status, code, title, text) = self.0.parts();
        match &self.0 {
            Problem::LoggedOut(_) | Problem::SessionEnded => return Redirect::to("/").into_response(),
            Problem::Unavailable(..) | Problem::Internal(_) => {
                tracing::error!(error.message = ?self.0, "a page of the portal failed");
            }
            _ => {}
        }
        match page::render("portal/problem.html", context! { title, text, code, who => (), csrf => "" }) {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => (status, title).into_response(),
        }
    }
}

impl Shared {
    /// Publishes a message as e-Devlet would; back when the log has it.
    pub async fn publish(&self, id: String, message: &Value) -> Result<(), Fault> {
        let record = Outgoing {
            topic: topic::SUBMISSIONS,
            partition: None,
            key: Some(id.into()),
            value: Some(message.to_string().into()),
            headers: Vec::new(),
        };
        let producer = Arc::clone(&self.producer);
        let sent = tokio::task::spawn_blocking(move || producer.send(vec![record])).await;
        let sent = sent.map_err(|error| Problem::Internal(error.to_string()))?;
        sent.map_err(|error| Problem::Unavailable("log", error.to_string()))?;
        self.records.published(message);
        Ok(())
    }
}

/// A page for somebody who is signed in.
pub fn show(visit: &Visit, template: &str, title: &str, p: impl Serialize) -> Result<Html<String>, Fault> {
    let context =
        context! { title, who => value(&visit.citizen), csrf => visit.csrf.as_str(), p => value(p) };
    Ok(Html(page::render(template, context).map_err(Problem::from)?))
}

/// The stand-in for e-Devlet, ready to serve.
pub struct Portal(App);

impl Portal {
    /// Begins to read what was published and told; stops when `stop` is cancelled.
    pub fn start(deps: PortalDeps, stop: &CancellationToken) -> Result<Self, StartError> {
        let key = Key::try_from(deps.session_key.as_slice())
            .map_err(|_| StartError::KeyTooShort(deps.session_key.len()))?;
        let records = Arc::new(Records::default());
        let (log, reads, stop) = (Arc::clone(&deps.log), Arc::clone(&records), stop.clone());
        std::thread::Builder::new()
            .name("portal-records".into())
            .spawn(move || reads.follow(log.as_ref(), &stop))?;
        Ok(Self(Arc::new(Shared {
            key,
            secure: deps.secure_cookies,
            behind_proxy: deps.behind_proxy,
            clock: deps.clock,
            catalog: deps.catalog,
            files: deps.files,
            drafts: Drafts::default(),
            records,
            producer: Arc::from(deps.log.producer()?),
        })))
    }

    /// The pages.
    pub fn router(&self) -> Router {
        let mut router = Router::new()
            .route(&STYLESHEET_PATH, get(assets::stylesheet))
            .route(&UPLOAD_SCRIPT_PATH, get(assets::upload_script))
            .route("/", get(sign_in_form).post(sign_in))
            .route("/cikis", post(sign_out))
            .route("/yeni-basvuru", get(apply::choose).post(apply::begin))
            .route("/yeni-basvuru/iletisim", get(apply::contact_form).post(apply::contact))
            .route("/yeni-basvuru/bilgiler", get(apply::details_form).post(apply::details))
            .route("/yeni-basvuru/belgeler", get(apply::files_form).post(apply::files))
            .route("/yeni-basvuru/onay", get(apply::confirm_form).post(apply::confirm))
            .route("/basvurularim", get(track::list))
            .route("/basvurularim/{no}", get(track::detail))
            .route("/basvurularim/{no}/belge/{sha256}", get(track::download))
            .route("/basvurularim/{no}/vazgec", get(track::withdraw_form).post(track::withdraw))
            .fallback(|uri: Uri| async move { without_slash(&uri).ok_or(Fault(Problem::NotFound)) })
            .method_not_allowed_fallback(|| async { Fault(Problem::MethodNotAllowed) })
            .with_state(App::clone(&self.0))
            .layer(DefaultBodyLimit::max(MAX_FILE_BYTES + MAX_FORM_BYTES))
            .layer(map_response(|response: Response| async {
                match Problem::of_framework(&response) {
                    Some(problem) => Fault(problem).into_response(),
                    None => response,
                }
            }));
        for (name, value) in headers(self.0.secure) {
            router = router.layer(SetResponseHeaderLayer::if_not_present(name, value));
        }
        // Turkish alone, as e-Devlet is: the switch of the staff web does not reach here.
        router
    }

    /// Serves until `stop` is cancelled.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        http::serve("portal", listener, self.router(), Limits::web(self.0.behind_proxy), stop).await
    }
}

async fn sign_in_form(State(app): State<App>, headers: HeaderMap) -> Result<impl IntoResponse, Fault> {
    let (cookies, token, nth) = citizen::read(&app, &headers);
    let token = token.unwrap_or_else(citizen::token);
    let context =
        context! { title => "Giriş", who => (), csrf => token.as_str(), citizens => value(citizens()) };
    let html = page::render("portal/sign_in.html", context).map_err(Problem::from)?;
    Ok((citizen::signed(cookies, nth, &token), Html(html)))
}

async fn sign_in(State(app): State<App>, request: Request) -> Result<impl IntoResponse, Fault> {
    let (cookies, token, _) = citizen::read(&app, request.headers());
    let form =
        Submitted::read(request, Takes::Little, &token.unwrap_or_default(), app.files.staging()).await?;
    let nth = citizens().iter().position(|citizen| citizen.tckn == form.raw("vatandas"));
    let nth = nth.ok_or(Problem::BadRequest)?;
    // A new token: a draft belongs to one citizen's session.
    Ok((citizen::signed(cookies, Some(nth), &citizen::token()), Redirect::to("/basvurularim")))
}

async fn sign_out(
    State(app): State<App>,
    visit: Visit,
    request: Request,
) -> Result<impl IntoResponse, Fault> {
    let (cookies, ..) = citizen::read(&app, request.headers());
    visit.form(&app, request, Takes::Text).await?;
    app.drafts.end(&visit.csrf);
    Ok((citizen::signed(cookies, None, &citizen::token()), Redirect::to("/")))
}
