//! Errors as pages of the portal.

use axum::response::{Html, IntoResponse, Redirect, Response};
use minijinja::context;

use crate::view::render;
use crate::web::problem::Problem;

/// A [`Problem`] on a page of the portal.
#[derive(Debug)]
pub struct PortalError(pub Problem);

impl<T: Into<Problem>> From<T> for PortalError {
    fn from(problem: T) -> Self {
        Self(problem.into())
    }
}

impl IntoResponse for PortalError {
    fn into_response(self) -> Response {
        let (status, code, title, text) = self.0.parts();
        match &self.0 {
            Problem::LoggedOut(to) if !to.is_empty() => return Redirect::to(to).into_response(),
            Problem::LoggedOut(_) | Problem::SessionEnded => return Redirect::to("/").into_response(),
            Problem::Unavailable(..) | Problem::Internal(_) => {
                tracing::error!(error.message = ?self.0, "a page of the portal failed");
            }
            _ => {}
        }
        match render("portal/problem.html", context! { title, text, code, who => (), csrf => "" }) {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => (status, title).into_response(),
        }
    }
}
