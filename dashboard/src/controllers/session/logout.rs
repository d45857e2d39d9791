//! `/cikis`: a POST, so that no link on another site can log a user out. The session ends in the user
//! directory, so that no replica accepts a copy of its cookie; the user's sessions in other browsers
//! continue.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::ids::CommandId;
use ebasvuru_workflow::domain::user::{UserCommand, UserCommandBody};

use crate::web::app::AppState;
use crate::web::guard::Viewer;
use crate::web::problem::Problem;

/// `POST /cikis`
pub async fn submit(State(app): State<AppState>, viewer: Viewer, headers: HeaderMap) -> Response {
    let (user, session) = (&viewer.user.name, &viewer.session);
    let command = UserCommand {
        id: CommandId::deterministic("logout", &session.id.to_string()),
        actor: Actor::Staff(user.clone()),
        expected_version: None,
        at: app.clock.now(),
        user: user.clone(),
        body: UserCommandBody::EndSession { session: session.ended(app.config.session) },
    };
    // The browser drops its cookie whatever the reply is. A refusal means that the session has ended
    // already.
    let jar = app.cookies(&headers).without_session().into_jar();
    match app.commands.execute_user(&command).await {
        Ok(_) => {
            tracing::info!(target: "audit", { user.name = %user }, "logged out");
            (jar, Redirect::to("/giris")).into_response()
        }
        Err(error) => (jar, Problem::from(error)).into_response(),
    }
}
