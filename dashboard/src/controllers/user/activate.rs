//! "Aktif Yap": an inactive user becomes active again.

use axum::response::Response;
use ebasvuru_workflow::domain::user::{User, UserCommandBody};

use super::command::{confirm_own_password, execute};
use super::load::redirect;
use crate::web::app::App;
use crate::web::form::{FormError, SubmittedForm};
use crate::web::guard::Viewer;

/// `POST /kullanicilar/{id}` with `islem=aktif`
pub async fn submit(
    app: &App,
    viewer: &Viewer,
    user: &User,
    form: &SubmittedForm,
) -> Result<Response, FormError> {
    confirm_own_password(app, viewer, form).await?;
    let body = UserCommandBody::SetActive { active: true };
    execute(app, viewer, form, form.command_id(), user.name.clone(), body).await?;
    Ok(redirect(user, "aktif", ""))
}
