//! "Tek Kullanımlık Şifre Ver": resets a user's password to a one-time password, which is shown
//! once.

use axum::response::Response;
use ebasvuru_workflow::domain::user::{User, UserCommandBody};

use super::command::{confirm_own_password, execute};
use super::one_time_password;
use crate::web::app::App;
use crate::web::form::{FormError, SubmittedForm};
use crate::web::guard::Viewer;

/// `POST /kullanicilar/{id}` with `islem=sifre`
pub async fn submit(
    app: &App,
    viewer: &Viewer,
    user: &User,
    form: &SubmittedForm,
) -> Result<Response, FormError> {
    confirm_own_password(app, viewer, form).await?;
    let id = form.command_id();
    let password = one_time_password::derive(app, &user.name, id)?;
    let body = UserCommandBody::ChangePassword {
        password: app.passwords.seal(&user.name, &password).await?,
        must_change_password: true,
    };
    execute(app, viewer, form, id, user.name.clone(), body).await?;
    Ok(one_time_password::page(app, viewer, &user.name, &password)?)
}
