//! The guard in front of every route: who is logged in, whether their role is allowed, and whether
//! the form carries the session's token. The router adds it to each route, so that none can forget
//! it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::user::User;
use jiff::SignedDuration;

use super::app::AppState;
use super::form::{AcceptedBody, SubmittedForm};
use super::problem::Problem;
use super::session::Session;

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

/// The logged-in user, for handlers.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The user, in their current state.
    pub user: Arc<User>,
    /// Their session.
    pub session: Session,
    /// The path of the request.
    pub path: String,
}

impl<S: Sync> FromRequestParts<S> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or(Problem::Forbidden)
    }
}

/// The middleware.
pub async fn guard(
    State((app, access, body)): State<(AppState, Access, AcceptedBody)>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let cookies = app.cookies(request.headers());
    if access == Access::Public {
        let csrf = cookies.visitor();
        let request = read_form(&app, request, body, csrf.as_deref()).await?;
        return Ok(next.run(request).await);
    }

    let now = app.clock.now();
    let here = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let logged_out = match *request.method() {
        Method::GET => Problem::LoggedOut(here.to_owned()),
        _ => Problem::SessionEnded,
    };
    let viewer = cookies.session().and_then(|session| {
        let user = app.users.get(&session.user)?;
        session.is_valid(&user, now, app.config.session).then_some(Viewer {
            user,
            session,
            path: request.uri().path().to_owned(),
        })
    });
    let Some(viewer) = viewer else {
        return Ok((cookies.without_session().into_jar(), logged_out).into_response());
    };
    if let Access::Roles(roles) = access {
        if viewer.user.must_change_password {
            return Err(Problem::PasswordFirst);
        }
        if !roles.contains(&viewer.user.profile.role) {
            return Err(Problem::Forbidden);
        }
    }
    let mut session = viewer.session.clone();
    let mut request = read_form(&app, request, body, Some(&session.csrf)).await?;
    request.extensions_mut().insert(viewer);
    let response = next.run(request).await;

    // Once a minute, and never over a cookie that the handler has set.
    let set_by_handler = response.headers().contains_key("set-cookie");
    if !set_by_handler && now.duration_since(session.seen) >= SignedDuration::from_mins(1) {
        session.seen = now;
        return Ok((cookies.with_session(&session).into_jar(), response).into_response());
    }
    Ok(response)
}

/// Reads the form of a POST and checks its token.
async fn read_form(
    app: &AppState,
    request: Request,
    accepted: AcceptedBody,
    csrf: Option<&str>,
) -> Result<Request, Problem> {
    if request.method() != Method::POST {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let request = Request::from_parts(parts.clone(), body);
    let form = SubmittedForm::read(request, accepted, csrf.unwrap_or_default(), app.files.staging()).await?;
    let mut request = Request::from_parts(parts, Body::empty());
    request.extensions_mut().insert(form);
    Ok(request)
}
