//! "Kaydet": changes a user's name, role or unit.

use axum::response::Response;
use ebasvuru_workflow::domain::user::{User, UserCommandBody, UserProfile};

use super::command::{confirm_own_password, execute};
use super::form::UserFields;
use super::load::redirect;
use crate::web::app::App;
use crate::web::form::{FormError, SubmittedForm};
use crate::web::guard::Viewer;

/// `POST /kullanicilar/{id}` with `islem=kaydet`
pub async fn submit(
    app: &App,
    viewer: &Viewer,
    user: &User,
    form: &SubmittedForm,
    fields: &UserFields,
) -> Result<Response, FormError> {
    let profile = fields.profile(&viewer.user)?;
    if changes_access(&user.profile, &profile) {
        confirm_own_password(app, viewer, form).await?;
    }
    let body = UserCommandBody::UpdateUser { profile };
    execute(app, viewer, form, form.command_id(), user.name.clone(), body).await?;
    Ok(redirect(user, "kaydet", ""))
}

/// Whether the role or the unit changes.
fn changes_access(before: &UserProfile, after: &UserProfile) -> bool {
    (before.role, &before.unit) != (after.role, &after.unit)
}
