//! `/cikis`: a POST, so that no link of another page can log anybody out. The session ends in the
//! user directory, so that a copy of its cookie opens nothing on any replica; the user's sessions
//! in other browsers go on.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::ids::CommandId;
use ebasvuru_workflow::domain::user::{UserCommand, UserCommandBody};

use crate::app::App;
use crate::guard::Viewer;
use crate::problem::Problem;

/// `POST /cikis`
pub async fn submit(State(app): State<App>, viewer: Viewer, headers: HeaderMap) -> Response {
    let (user, session) = (&viewer.user.name, &viewer.session);
    let command = UserCommand {
        id: CommandId::deterministic("logout", &session.id.to_string()),
        actor: Actor::Staff(user.clone()),
        expected_version: None,
        at: app.clock.now(),
        user: user.clone(),
        body: UserCommandBody::EndSession { session: session.ended(app.config.session) },
    };
    // This browser forgets the session whatever becomes of the command; a refusal says that the
    // session has ended in another way.
    let jar = app.cookies(&headers).without_session().into_jar();
    match app.gateway.ask_user(&command).await {
        Ok(_) => {
            tracing::info!(target: "audit", { user.name = %user }, "logged out");
            (jar, Redirect::to("/giris")).into_response()
        }
        Err(error) => (jar, Problem::from(error)).into_response(),
    }
}
