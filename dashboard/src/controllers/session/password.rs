//! `/sifre`: one's own password. The first login leads here.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::directory::Directory;
use ebasvuru_workflow::domain::ids::CommandId;
use ebasvuru_workflow::domain::user::{User, UserCommand, UserCommandBody};
use ebasvuru_workflow::message::Decision;
use minijinja::context;
use uuid::Uuid;

use super::throttle::{From, wait_text};
use super::unfit;
use crate::app::App;
use crate::form::Submitted;
use crate::guard::Viewer;
use crate::i18n::{say, tr};
use crate::labels;
use crate::page::Shell;
use crate::problem::Problem;
use crate::session::Session;

/// `GET /sifre`
pub async fn form(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    show(&app, &viewer, "")
}

fn show(app: &App, viewer: &Viewer, error: &str) -> Result<Response, Problem> {
    let shell = Shell::new(app, viewer, tr("Şifre Değiştir"));
    let user = &viewer.user;
    let first = user.must_change_password;
    // Who else knew a password of this account is told for as long as it matters.
    let given = match &user.access.password_set_by {
        Some(Actor::Staff(by)) if *by != user.name => Some((app.gateway.full_name(by), user.password_set_at)),
        Some(Actor::Operator) if first => Some((tr("Sistem yöneticisi").to_owned(), user.password_set_at)),
        _ => None,
    };
    let given = given.map(|(by, at)| say!("Bu şifreyi {at} tarihinde {by} belirledi. Bunu siz istemediyseniz biriminizin Yetkilisine ya da Yöneticiye bildiriniz.", at = labels::date_time(at), by = by));
    let status = if error.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, shell.page("password.html", context! { error, first, given })?).into_response())
}

/// Whether the viewer typed their own password, before what an unattended screen must not do.
/// `Err` is what to say: `wrong`, or how long to wait.
pub async fn confirm(app: &App, viewer: &Viewer, typed: &str, wrong: &str) -> Result<(), String> {
    let user = &viewer.user;
    let tried = app.throttle.begin(user.name.as_str(), From::Session, app.clock.now()).map_err(wait_text)?;
    if app.passwords.verify(typed.to_owned(), app.password_hash(user)).await {
        app.throttle.right(tried);
        return Ok(());
    }
    tracing::warn!(target: "audit", { user.name = %user.name, url.path = %viewer.path }, "wrong own password");
    Err(wrong.to_owned())
}

/// `POST /sifre`
pub async fn submit(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    form: Submitted,
) -> Result<Response, Problem> {
    let user = &viewer.user;
    let (old, new) = (form.raw("eski"), form.raw("yeni"));
    if new != form.raw("tekrar") {
        return show(&app, &viewer, tr("Yeni şifre ile tekrarı aynı değil."));
    }
    if let Some(sentence) = unfit(new, &[user.name.as_str(), &user.profile.full_name]) {
        return show(&app, &viewer, sentence);
    }
    if new == old {
        return show(&app, &viewer, tr("Yeni şifre eskisinden farklı olmalıdır."));
    }
    if let Err(sentence) = confirm(&app, &viewer, old, tr("Şimdiki şifre hatalı.")).await {
        return show(&app, &viewer, &sentence);
    }

    let password = app.sealed_password(&user.name, new).await?;
    let command = UserCommand {
        id: CommandId(Uuid::now_v7()),
        actor: Actor::Staff(user.name.clone()),
        expected_version: Some(user.version),
        at: app.clock.now(),
        user: user.name.clone(),
        body: UserCommandBody::ChangePassword { password: password.clone(), must_change_password: false },
    };
    let reply = app.gateway.ask_user(&command).await?;
    match (reply.decision, reply.user) {
        (Decision::Refused { text_tr, .. }, _) => show(&app, &viewer, tr(&text_tr)),
        (Decision::Accepted { .. }, Some(changed)) => {
            tracing::info!(target: "audit", { user.name = %user.name }, "password changed");
            // Every session ends with the old password; this one begins anew. The reply
            // leaves the hash out, so it is put back until the directory's record comes.
            let changed = User { password, ..*changed };
            let session = Session::begin(&changed, app.clock.now());
            let read_to = app.gateway.directory(Directory::offset);
            app.gateway.learned(changed, read_to - 1);
            let cookies = app.cookies(&headers).with_session(&session);
            Ok((cookies.into_jar(), Redirect::to("/moduller")).into_response())
        }
        (Decision::Accepted { .. }, None) => Ok(Redirect::to("/giris").into_response()),
    }
}
