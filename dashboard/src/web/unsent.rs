//! Forms that are not executed and come back with what was typed in them: their session has ended,
//! they are too long, or the system failed. Every route that takes a form has a page for that
//! ([`super::routes::Route`]). These pages stand beside the router and answer only the guard and the
//! login.

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use ebasvuru_workflow::domain::ids::UserName;
use jiff::Timestamp;
use tower::ServiceExt as _;

use super::app::AppState;
use super::form::SubmittedForm;
use super::guard::{Access, Viewer};
use super::held_form::HeldForm;
use super::problem::{Problem, ShownProblem};
use crate::view::i18n::tr;

/// The path of the login.
pub const LOGIN: &str = "/giris";
/// The path of the page of a user's own password.
pub const PASSWORD: &str = "/sifre";

/// A form that is not executed but shown, for the handlers of [`UnsentPages`].
#[derive(Clone, Debug)]
pub struct UnsentForm {
    /// The form.
    pub form: SubmittedForm,
    /// Why it was not executed: a sentence.
    pub why: String,
}

impl<S: Sync> FromRequestParts<S> for UnsentForm {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.remove::<Self>().ok_or(Problem::BadRequest)
    }
}

/// Why the login page comes as the response to a form.
#[derive(Clone, Debug)]
pub enum LoginAgain {
    /// The session of the form has ended; the form is kept for its owner.
    SessionEnded(UserName, HeldForm),
    /// The login form was made for another visitor, or for one who has logged in since.
    StaleLogin(SubmittedForm, Option<UserName>, Option<Viewer>),
}

/// The pages that show a form again, by the path that it was sent to.
#[derive(Clone, Debug, Default)]
pub struct UnsentPages(Router);

impl UnsentPages {
    /// Adds the page of a route.
    #[must_use]
    pub fn with(self, app: &AppState, path: &str, access: Access, page: MethodRouter<AppState>) -> Self {
        let permitted = middleware::from_fn(move |request: Request, next: Next| async move {
            match request.extensions().get::<Viewer>().map(|viewer| access.permit(&viewer.user)) {
                Some(Err(problem)) => problem.into_response(),
                _ => next.run(request).await,
            }
        });
        Self(self.0.merge(Router::new().route(path, page.layer(permitted)).with_state(AppState::clone(app))))
    }

    /// The form that was sent to `path`, with what was typed in it.
    pub async fn show(&self, path: &str, viewer: Viewer, form: SubmittedForm, why: String) -> Response {
        let typed = form.clone();
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(Viewer { path: path.to_owned(), ..viewer });
        request.extensions_mut().insert(UnsentForm { form, why });
        let response = self.respond(path, request).await;
        // The page itself may fail: the application may belong to another unit by now.
        match response.extensions().get::<ShownProblem>() {
            Some(problem) => problem.page("", &typed.typed().map(|(_, value)| value).collect::<Vec<_>>()),
            None => response,
        }
    }

    /// A form that was kept, now that its user has logged in again.
    pub async fn show_held(&self, held: HeldForm, viewer: Viewer, now: Timestamp) -> Response {
        let why = if held.is_over(now) { tr(EXPIRED).to_owned() } else { session_ended(&held.form) };
        self.show(&held.path, viewer, held.form, why).await
    }

    /// The login page as the response to a form.
    pub async fn login(&self, headers: HeaderMap, why: LoginAgain) -> Response {
        let mut request = Request::new(Body::empty());
        *request.headers_mut() = headers;
        request.extensions_mut().insert(why);
        self.respond(LOGIN, request).await
    }

    async fn respond(&self, path: &str, mut request: Request) -> Response {
        *request.method_mut() = axum::http::Method::POST;
        request.extensions_mut().insert(self.clone());
        // Every path here has been one of a request.
        *request.uri_mut() = path.parse().unwrap_or_default();
        self.0.clone().oneshot(request).await.into_response()
    }
}

/// Said when what was kept is too old.
const EXPIRED: &str = "Oturumunuz sona ermişti ve yeniden giriş yapmanız uzun sürdü: yazdıklarınız yalnızca 30 dakika saklanır, artık gösterilemiyor. İşleminiz yapılmadı.";

/// What the page of a form says after its session had ended.
fn session_ended(form: &SubmittedForm) -> String {
    unsent(
        form,
        "Oturumunuz sona ermişti; yazdıklarınız aşağıdadır, henüz gönderilmedi. Denetleyip yeniden gönderiniz.",
        "Oturumunuz sona ermişti; işleminiz yapılmadı. Yeniden deneyiniz.",
    )
}

/// What the page of a form says that was made in an earlier session of the same user.
pub fn earlier_session(form: &SubmittedForm) -> String {
    unsent(
        form,
        "Bu form önceki oturumunuzda açılmıştı; yazdıklarınız aşağıdadır, henüz gönderilmedi. Denetleyip yeniden gönderiniz.",
        "Bu form önceki oturumunuzda açılmıştı; işleminiz yapılmadı. Yeniden deneyiniz.",
    )
}

/// The sentence for a form with something typed, or without; and that its file must be chosen again.
fn unsent(form: &SubmittedForm, typed: &'static str, bare: &'static str) -> String {
    let why = tr(if form.typed().next().is_some() { typed } else { bare });
    if form.must_choose_file_again() {
        format!("{why} {}", tr("Dosyayı yeniden seçiniz."))
    } else {
        why.to_owned()
    }
}
