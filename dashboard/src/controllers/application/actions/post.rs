//! `POST /basvurular/{no}/{islem}`: one action. The form carries the version that its sender saw,
//! and the command's id, so that sending it twice executes it once.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::{Action, Command, Refusal, Visibility};
use ebasvuru_workflow::message::{ApplicationCommand, Decision};

use super::form::{FormValues, RefusedForm};
use super::table;
use crate::controllers::application::show::{Feedback, page};
use crate::controllers::application::{list, load};
use crate::view::address::with_query;
use crate::view::i18n::tr;
use crate::web::app::AppState;
use crate::web::form::{FormError, SubmittedForm};
use crate::web::guard::Viewer;
use crate::web::problem::Problem;
use crate::web::unsent::UnsentForm;

/// `POST /basvurular/{no}/{islem}`
pub async fn submit(
    action: Action,
    State(app): State<AppState>,
    viewer: Viewer,
    Path(no): Path<String>,
    form: SubmittedForm,
) -> Result<Response, Problem> {
    let expected_version = form.text("surum").parse().ok();
    let seen = load::for_command(&app, &viewer.user, &no, expected_version).await?;
    let list = form.text("liste");
    let refused = |error| refused(action, &form, error);
    let body = match table::command(&app, &viewer.user, &seen, action, &form).await {
        Ok(body) => body,
        Err(FormError::Refused(sentence)) => {
            let newest = load::application(&app, &viewer.user, &no).await?;
            return page(&app, &viewer, &newest, &refused(sentence)).await;
        }
        Err(FormError::Problem(problem)) => return Err(problem),
    };
    if action.is_irreversible() && form.text("emin") != "1" {
        let newest = load::application(&app, &viewer.user, &no).await?;
        let confirm = Feedback { confirm: Some(action), list, ..Feedback::default() };
        return page(&app, &viewer, &newest, &confirm).await;
    }
    let command = ApplicationCommand {
        application: seen.id,
        command: Command {
            id: form.command_id(),
            actor: Actor::Staff(viewer.user.name.clone()),
            expected_version,
            at: app.clock.now(),
            body,
        },
    };
    let (decision, current) = app.execute(&command, &seen.no).await?;
    let visible = |application| load::visibility(&app, &viewer.user, application) != Visibility::Hidden;
    match decision {
        // An approved havale hides the application from this unit. If its state is not known yet, it may have.
        Decision::Accepted { .. } => {
            let to = if current.as_deref().is_some_and(visible) {
                let parameters = [("oldu", action.slug()), ("liste", &list)];
                with_query(&format!("{}/{no}", list::PATH), parameters)
            } else {
                with_query(list::PATH, [("oldu", action.slug())])
            };
            Ok(Redirect::to(&to).into_response())
        }
        Decision::Refused { code, text_tr } => {
            let current = current.as_deref().unwrap_or(&seen);
            if !visible(current) {
                return Err(Problem::NotFound);
            }
            let conflict = code == Refusal::VersionConflict.code();
            // The page itself says that it is a conflict.
            let error = if conflict { String::new() } else { tr(&text_tr).to_owned() };
            let feedback = Feedback { conflict, ..refused(error) };
            page(&app, &viewer, current, &feedback).await
        }
    }
}

/// The page with the form of an action that was not executed.
pub async fn again(
    action: Action,
    State(app): State<AppState>,
    viewer: Viewer,
    Path(no): Path<String>,
    UnsentForm { form, why }: UnsentForm,
) -> Result<Response, Problem> {
    let seen = load::application(&app, &viewer.user, &no).await?;
    page(&app, &viewer, &seen, &refused(action, &form, why)).await
}

/// The page shows a form again with this sentence.
fn refused(action: Action, form: &SubmittedForm, error: String) -> Feedback {
    Feedback {
        refused: Some(RefusedForm { action, error, values: FormValues::of(form) }),
        list: form.text("liste"),
        ..Feedback::default()
    }
}
