//! The routes of the portal, and its start.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Uri;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum_extra::extract::cookie::Key;
use ebasvuru_workflow::documents::MAX_FILE_BYTES;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::set_header::SetResponseHeaderLayer;

use super::apply::{choose, confirm, contact, details, files};
use super::draft::Drafts;
use super::error::PortalError;
use super::records::Records;
use super::session::hold;
use super::state::{PortalApp, PortalDeps, PortalState};
use super::{sign_in, track, withdraw};
use crate::controllers::assets;
use crate::http::{self, Limits};
use crate::serve::StartError;
use crate::view::assets::{STYLESHEET_PATH, UPLOAD_SCRIPT_PATH};
use crate::web::form_body::MAX_FORM_BYTES;
use crate::web::layers::{security_headers, without_slash};
use crate::web::problem::Problem;

/// The portal, ready to serve.
pub struct Portal(PortalState);

impl Portal {
    /// Starts to read the published submissions and the notifications; stops when `stop` is cancelled.
    pub fn start(deps: PortalDeps, stop: &CancellationToken) -> Result<Self, StartError> {
        let key = Key::try_from(deps.session_key.as_slice())
            .map_err(|_| StartError::KeyTooShort(deps.session_key.len()))?;
        let records = Arc::new(Records::default());
        let (log, updated, stop) = (Arc::clone(&deps.log), Arc::clone(&records), stop.clone());
        std::thread::Builder::new()
            .name("portal-records".into())
            .spawn(move || updated.follow(log.as_ref(), &stop))?;
        Ok(Self(Arc::new(PortalApp {
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

    /// The router. It has no language switch: like e-Devlet, the portal is in Turkish only.
    pub fn router(&self) -> Router {
        let mut router = Router::new()
            .route(&STYLESHEET_PATH, get(assets::stylesheet))
            .route(&UPLOAD_SCRIPT_PATH, get(assets::upload_script))
            .route("/", get(sign_in::form).post(sign_in::submit))
            .route("/cikis", post(sign_in::sign_out))
            .route("/yeni-basvuru", get(choose::form).post(choose::submit))
            .route("/yeni-basvuru/iletisim", get(contact::form).post(contact::submit))
            .route("/yeni-basvuru/bilgiler", get(details::form).post(details::submit))
            .route("/yeni-basvuru/belgeler", get(files::form).post(files::submit))
            .route("/yeni-basvuru/onay", get(confirm::form).post(confirm::submit))
            .route("/basvurularim", get(track::list))
            .route("/basvurularim/{no}", get(track::detail))
            .route("/basvurularim/{no}/belge/{sha256}", get(track::download))
            .route("/basvurularim/{no}/vazgec", get(withdraw::form).post(withdraw::submit))
            .fallback(|uri: Uri| async move { without_slash(&uri).ok_or(PortalError(Problem::NotFound)) })
            .method_not_allowed_fallback(|| async { PortalError(Problem::MethodNotAllowed) })
            .layer(from_fn_with_state(PortalState::clone(&self.0), hold))
            .with_state(PortalState::clone(&self.0))
            .layer(DefaultBodyLimit::max(MAX_FILE_BYTES + MAX_FORM_BYTES))
            .layer(map_response(|response: Response| async {
                match Problem::of_framework(&response) {
                    Some(problem) => PortalError(problem).into_response(),
                    None => response,
                }
            }));
        for (name, value) in security_headers(self.0.secure) {
            router = router.layer(SetResponseHeaderLayer::if_not_present(name, value));
        }
        router
    }

    /// Serves until `stop` is cancelled.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        http::serve("portal", listener, self.router(), Limits::web(self.0.behind_proxy), stop).await
    }
}
