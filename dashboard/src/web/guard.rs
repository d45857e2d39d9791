//! The guard in front of every route: who is logged in, whether their role is allowed, and whether
//! the form is of their session. A form that may not be executed comes back with what was typed in
//! it. The router adds the guard to each route, so that none can forget it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::user::User;
use jiff::SignedDuration;

use super::app::{App, AppState};
use super::form::SubmittedForm;
use super::form_body::{self, AcceptedBody, Admission, ReceivedForm};
use super::held_form::{HELD_FORM, HeldForm};
use super::problem::{Problem, ShownProblem};
use super::session::{Cookies, Session};
use super::ticket::Ticket;
use super::unsent::{LoginAgain, PASSWORD, UnsentPages, earlier_session};
use crate::view::document::DataMoment;
use crate::view::i18n::tr;

/// The header of a request that a page makes by itself: it is no activity of its user.
pub const BY_ITSELF: &str = "ebasvuru-kendiliginden";

/// The paths of the pages that show the read model.
const OF_READ_MODEL: [&str; 2] = ["/basvurular", "/raporlama"];

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, logged in or not.
    Public,
    /// Every logged-in user, even one who must change their password first.
    FirstLogin,
    /// Users of these roles.
    Roles(&'static [Role]),
}

impl Access {
    /// Whether a logged-in user may.
    pub fn permit(self, user: &User) -> Result<(), Problem> {
        match self {
            Self::Roles(_) if user.must_change_password => Err(Problem::PasswordFirst),
            Self::Roles(roles) if !roles.contains(&user.profile.role) => Err(Problem::Forbidden),
            _ => Ok(()),
        }
    }
}

/// The logged-in user, for handlers.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The user, in their current state.
    pub user: Arc<User>,
    /// Their session.
    pub session: Session,
    /// The path of the request.
    pub path: String,
    /// Up to when the data of the page is complete. Taken before anything is read.
    pub data: DataMoment,
}

impl<S: Sync> FromRequestParts<S> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or(Problem::Forbidden)
    }
}

/// Whose form the login page carries, for the login.
#[derive(Clone, Debug)]
pub struct HeldFormOwner(pub Option<UserName>);

/// The guard of one route.
#[derive(Clone)]
pub struct Guard {
    /// The state.
    pub app: AppState,
    /// Who may use the route.
    pub access: Access,
    /// The bodies it accepts.
    pub body: AcceptedBody,
    /// Whether its form can be shown again.
    pub shown_again: bool,
    /// The pages of all forms that are shown again.
    pub pages: UnsentPages,
}

/// The middleware.
pub async fn guard(
    State(guard): State<Guard>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let app = &guard.app;
    let cookies = app.cookies(request.headers());
    let is_form = request.method() == Method::POST;
    let viewer = viewer(app, &cookies, request.uri().path());
    if guard.access == Access::Public {
        return if is_form {
            guard.public_form(&cookies, viewer, request, next).await
        } else {
            Ok(next.run(request).await)
        };
    }
    let by_itself = request.headers().contains_key(BY_ITSELF);
    let Some(viewer) = viewer else {
        let logged_out = if is_form {
            guard.form_without_session(request).await
        } else {
            let here = request.uri().path_and_query().map_or("/", |p| p.as_str());
            Problem::LoggedOut(here.to_owned()).into_response()
        };
        return Ok((cookies.without_session().into_jar(), logged_out).into_response());
    };
    if let Err(problem) = guard.access.permit(&viewer.user) {
        return if is_form { guard.form_not_permitted(viewer, request, problem).await } else { Err(problem) };
    }
    let mut session = viewer.session.clone();
    let response = if is_form {
        guard.form(viewer, request, next).await?
    } else {
        request.extensions_mut().insert(viewer);
        next.run(request).await
    };

    // Once a minute, and never over a cookie that the handler has set.
    let now = app.clock.now();
    let set_by_handler = response.headers().contains_key("set-cookie");
    if !by_itself && !set_by_handler && now.duration_since(session.seen) >= SignedDuration::from_mins(1) {
        session.seen = now;
        return Ok((cookies.with_session(&session).into_jar(), response).into_response());
    }
    Ok(response)
}

/// Up to when the data of a page is complete.
fn data_moment(app: &App, path: &str) -> DataMoment {
    if OF_READ_MODEL.iter().any(|pages| path.starts_with(pages)) {
        DataMoment::of(app.freshness.at(app.clock.now()))
    } else {
        DataMoment::Now
    }
}

/// Who is logged in.
fn viewer(app: &App, cookies: &Cookies, path: &str) -> Option<Viewer> {
    let session = cookies.session()?;
    let user = app.users.get(&session.user)?;
    let valid = session.is_valid(&user, app.clock.now(), app.config.session);
    valid.then(|| Viewer { user, session, path: path.to_owned(), data: data_moment(app, path) })
}

impl Guard {
    /// Executes the form of a user who is logged in, or shows it again.
    async fn form(&self, viewer: Viewer, request: Request, next: Next) -> Result<Response, Problem> {
        let mut is_current = false;
        let (request, received) = self
            .read(request, |ticket| {
                is_current = ticket.is_of(&viewer.session.csrf);
                self.admit(ticket, &viewer)
            })
            .await?;
        let ReceivedForm { form, fault } = received;
        let path = viewer.path.clone();
        // A form without a page has nothing typed, and does what its owner wants in any session.
        if !is_current && self.shown_again {
            let why = earlier_session(&form);
            return Ok(self.pages.show(&path, viewer, form, why).await);
        }
        if let Some(fault) = fault {
            return Ok(self.failed(fault.into_response(), viewer, form).await);
        }
        let mut request = request;
        request.extensions_mut().insert(viewer.clone());
        request.extensions_mut().insert(self.pages.clone());
        request.extensions_mut().insert(form.clone());
        let response = next.run(request).await;
        Ok(self.failed(response, viewer, form).await)
    }

    /// How much is read of a form that a logged-in user sends: a file only in the session that made the
    /// form.
    fn admit(&self, ticket: &Ticket, viewer: &Viewer) -> Result<Admission, Problem> {
        match ticket.owner() {
            _ if ticket.is_of(&viewer.session.csrf) => Ok(Admission::known(self.body)),
            Some(owner) if *owner == viewer.user.name => Ok(Admission::known(self.body).without_file()),
            Some(_) => Err(Problem::OthersForm),
            None => Err(Problem::Csrf),
        }
    }

    /// Keeps the form of a user who must change their password first until they have; shows what was
    /// typed to a user who may not send it any more.
    async fn form_not_permitted(
        &self,
        viewer: Viewer,
        request: Request,
        problem: Problem,
    ) -> Result<Response, Problem> {
        let received = self.read(request, |ticket| self.admit(ticket, &viewer).map(Admission::without_file));
        let Ok((_, ReceivedForm { form, .. })) = received.await else { return Err(problem) };
        if form.typed().next().is_none() {
            return Err(problem);
        }
        if !matches!(problem, Problem::PasswordFirst) {
            return Ok(self.failed(problem.into_response(), viewer, form).await);
        }
        let held = HeldForm::new(&viewer.path, form, self.app.clock.now());
        let Some(held) = held.seal(&self.app.sealer, &viewer.user.name)?.filter(|_| self.shown_again) else {
            return Err(problem);
        };
        let form = SubmittedForm { fields: vec![(HELD_FORM.to_owned(), held)], ..SubmittedForm::default() };
        let why = tr("Önce şifrenizi değiştiriniz; yazdıklarınız sonra gösterilir, henüz gönderilmedi.");
        Ok(self.pages.show(PASSWORD, viewer, form, why.to_owned()).await)
    }

    /// Adds what was typed to a response that shows a problem.
    async fn failed(&self, response: Response, viewer: Viewer, form: SubmittedForm) -> Response {
        let Some(problem) = response.extensions().get::<ShownProblem>().copied() else { return response };
        let status = problem.status;
        // These pass, so the form can be sent again.
        let again = status.is_server_error()
            || [StatusCode::PAYLOAD_TOO_LARGE, StatusCode::REQUEST_TIMEOUT].contains(&status);
        if again && self.shown_again {
            let path = viewer.path.clone();
            let mut shown = self.pages.show(&path, viewer, form, tr(problem.text).to_owned()).await;
            *shown.status_mut() = status;
            return shown;
        }
        let typed: Vec<_> = form.typed().map(|(_, value)| value).collect();
        if typed.is_empty() { response } else { problem.page("", &typed) }
    }

    /// Keeps a form whose session has ended for its owner.
    async fn form_without_session(&self, request: Request) -> Response {
        let mut owner = None;
        let (path, headers) = (request.uri().path().to_owned(), request.headers().clone());
        let received = self.read(request, |ticket| {
            owner = ticket.owner().cloned();
            // Nothing is known of a stranger, so no more is read.
            owner.as_ref().map(|_| Admission::known(self.body).without_file()).ok_or(Problem::SessionEnded)
        });
        let received = received.await;
        match (received, owner) {
            (Ok((_, received)), Some(owner)) if self.shown_again => {
                let held = HeldForm::new(&path, received.form, self.app.clock.now());
                self.pages.login(headers, LoginAgain::SessionEnded(owner, held)).await
            }
            (Ok(_), _) => Problem::LoggedOut("/".into()).into_response(),
            (Err(problem), _) => problem.into_response(),
        }
    }

    /// Executes a form that anybody may send, if it is of this visitor.
    async fn public_form(
        &self,
        cookies: &Cookies,
        viewer: Option<Viewer>,
        request: Request,
        next: Next,
    ) -> Result<Response, Problem> {
        let visitor = cookies.visitor().unwrap_or_default();
        let headers = request.headers().clone();
        let (mut is_current, mut owner) = (false, None);
        let (mut request, received) = self
            .read(request, |ticket| {
                is_current = ticket.is_of(&visitor);
                owner = ticket.owner().cloned();
                // The login page carries a form that was kept for a user.
                let body = owner.as_ref().map_or(self.body, |_| AcceptedBody::FormWithHeldForm);
                Ok(Admission::known(body))
            })
            .await?;
        if let Some(fault) = received.fault {
            return Err(fault);
        }
        if !is_current {
            let why = LoginAgain::StaleLogin(received.form, owner, viewer);
            return Ok(self.pages.login(headers, why).await);
        }
        request.extensions_mut().insert(self.pages.clone());
        request.extensions_mut().insert(HeldFormOwner(owner));
        request.extensions_mut().insert(received.form);
        Ok(next.run(request).await)
    }

    /// Reads the form of a request. `admit` decides by its ticket how much.
    async fn read(
        &self,
        request: Request,
        admit: impl FnOnce(&Ticket) -> Result<Admission, Problem>,
    ) -> Result<(Request, ReceivedForm), Problem> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts.clone(), body);
        let admit = |value: &str| admit(&Ticket::read(&self.app.key, value, self.app.clock.now()));
        let received = form_body::read(request, self.body, self.app.files.staging(), admit).await?;
        Ok((Request::from_parts(parts, Body::empty()), received))
    }
}
