//! `/sifre`: the user changes their own password. The first login leads here.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::directory::Directory;
use ebasvuru_workflow::domain::ids::CommandId;
use ebasvuru_workflow::domain::user::{User, UserCommand, UserCommandBody};
use ebasvuru_workflow::message::Decision;
use serde::Serialize;
use uuid::Uuid;

use super::confirm_password;
use crate::auth::password_problem;
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::app::{App, AppState};
use crate::web::form::SubmittedForm;
use crate::web::guard::Viewer;
use crate::web::held_form::{HELD_FORM, HeldForm};
use crate::web::page;
use crate::web::problem::Problem;
use crate::web::session::Session;
use crate::web::unsent::{UnsentForm, UnsentPages};

/// The data of `password.html`.
#[derive(Serialize)]
struct PasswordPage<'a> {
    error: &'a str,
    /// Whether the user must change their password now.
    first: bool,
    /// Who else has known a password of this account, for as long as that matters.
    given: Option<String>,
    /// A form that is shown again once the password is changed.
    held: &'a str,
}

/// `GET /sifre`
pub async fn form(State(app): State<AppState>, viewer: Viewer) -> Result<Response, Problem> {
    show(&app, &viewer, "", "")
}

/// The page with a form that was not executed, or between the login and a form that was kept.
pub async fn again(
    State(app): State<AppState>,
    viewer: Viewer,
    UnsentForm { form, why }: UnsentForm,
) -> Result<Response, Problem> {
    show(&app, &viewer, &why, form.raw(HELD_FORM))
}

fn show(app: &App, viewer: &Viewer, error: &str, held: &str) -> Result<Response, Problem> {
    let user = &viewer.user;
    let first = user.must_change_password;
    let set_by = match &user.access.password_set_by {
        Some(Actor::Staff(by)) if *by != user.name => Some(app.users.full_name(by)),
        Some(Actor::Operator) if first => Some(tr("Sistem yöneticisi").to_owned()),
        _ => None,
    };
    let given = set_by.map(|by| {
        say!(
            "Bu şifreyi {at} tarihinde {by} belirledi. Bunu siz istemediyseniz biriminizin Yetkilisine ya da Yöneticiye bildiriniz.",
            at = labels::date_time(user.password_set_at),
            by = by
        )
    });
    let data = PasswordPage { error, first, given, held };
    let html = page::render(app, viewer, tr("Şifre Değiştir"), "password.html", data)?;
    Ok(page::form_page(error, html))
}

/// `POST /sifre`
pub async fn submit(
    State(app): State<AppState>,
    viewer: Viewer,
    headers: HeaderMap,
    Extension(pages): Extension<UnsentPages>,
    form: SubmittedForm,
) -> Result<Response, Problem> {
    let user = &viewer.user;
    let (old, new, held) = (form.raw("eski"), form.raw("yeni"), form.raw(HELD_FORM));
    let show = |app: &App, viewer: &Viewer, error: &str| show(app, viewer, error, held);
    if new != form.raw("tekrar") {
        return show(&app, &viewer, tr("Yeni şifre ile tekrarı aynı değil."));
    }
    if let Some(sentence) = password_problem(new, &[user.name.as_str(), &user.profile.full_name]) {
        return show(&app, &viewer, sentence);
    }
    if new == old {
        return show(&app, &viewer, tr("Yeni şifre eskisinden farklı olmalıdır."));
    }
    if let Err(sentence) = confirm_password(&app, &viewer, old, tr("Şimdiki şifre hatalı.")).await {
        return show(&app, &viewer, &sentence);
    }

    let password = app.passwords.seal(&user.name, new).await?;
    let command = UserCommand {
        id: CommandId(Uuid::now_v7()),
        actor: Actor::Staff(user.name.clone()),
        expected_version: Some(user.version),
        at: app.clock.now(),
        user: user.name.clone(),
        body: UserCommandBody::ChangePassword { password: password.clone(), must_change_password: false },
    };
    let reply = app.commands.execute_user(&command).await?;
    match (reply.decision, reply.user) {
        (Decision::Refused { text_tr, .. }, _) => show(&app, &viewer, tr(&text_tr)),
        (Decision::Accepted { .. }, Some(changed)) => {
            tracing::info!(target: "audit", { user.name = %user.name }, "password changed");
            // A new password ends every session, so this one begins anew. The reply has no hash:
            // the new one is added until the directory's record arrives.
            let changed = User { password, ..*changed };
            let session = Session::begin(&changed, app.clock.now());
            let read_to = app.users.read(Directory::offset);
            app.users.apply(changed, read_to - 1);
            let cookies = app.cookies(&headers).with_session(&session);
            let now = app.clock.now();
            let response = match HeldForm::open(&app.sealer, &user.name, held, now) {
                Some(held) => {
                    let user = app.users.get(&user.name).unwrap_or_else(|| Arc::clone(user));
                    pages.show_held(held, Viewer { user, session, ..viewer.clone() }, now).await
                }
                None => Redirect::to("/moduller").into_response(),
            };
            Ok((cookies.into_jar(), response).into_response())
        }
        (Decision::Accepted { .. }, None) => Ok(Redirect::to("/giris").into_response()),
    }
}
