//! Every route in one table: its method, its path, and who may use it. The router is built from the
//! table; so is the test that tries each route with each role.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, Uri};
use axum::middleware;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use ebasvuru_workflow::documents::MAX_FILE_BYTES;
use ebasvuru_workflow::domain::actor::Role;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

use super::app::AppState;
use super::form::{AcceptedBody, MAX_FORM_BYTES};
use super::guard::{Access, guard};
use super::language::set_language;
use super::layers::{panicked, security_headers, without_slash};
use super::problem::Problem;
use crate::controllers::application::actions;
use crate::controllers::report::kind::ReportKind;
use crate::controllers::report::show::Format;
use crate::controllers::{application, assets, language, modules, report, session, user};
use crate::view::assets::{ICON_PATH, SCRIPT_PATH, STYLESHEET_PATH, UPLOAD_SCRIPT_PATH};

/// One route.
#[derive(Clone, Debug)]
pub struct Route {
    /// GET or POST.
    pub method: Method,
    /// The path, with `{name}` for its parameters.
    pub path: String,
    /// Who may use it.
    pub access: Access,
    /// The bodies it accepts.
    pub body: AcceptedBody,
    handler: MethodRouter<AppState>,
}

const ALL: Access = Access::Roles(&Role::ALL);
const STAFF: Access = Access::Roles(&[Role::Supervisor, Role::Officer, Role::Coordinator]);
const USERS: Access = Access::Roles(&[Role::Administrator, Role::Supervisor, Role::Coordinator]);
const MANAGERS: Access = Access::Roles(&[Role::Administrator, Role::Supervisor]);
/// A Sorumlu may have shared authority.
const ASSIGNERS: Access = Access::Roles(&[Role::Supervisor, Role::Officer]);
const SUPERVISOR: Access = Access::Roles(&[Role::Supervisor]);
const ADMINISTRATOR: Access = Access::Roles(&[Role::Administrator]);

/// The table.
#[must_use]
pub fn table() -> Vec<Route> {
    let mut routes = vec![
        read("/giris", Access::Public, get(session::login::form)),
        write("/giris", Access::Public, post(session::login::submit)),
        write("/cikis", Access::FirstLogin, post(session::logout::submit)),
        read("/sifre", Access::FirstLogin, get(session::change_password::form)),
        write("/sifre", Access::FirstLogin, post(session::change_password::submit)),
        read("/", ALL, get(modules::home)),
        read("/moduller", ALL, get(modules::show)),
        read("/dil/{tag}", Access::Public, get(language::switch)),
        read("/basvurular", STAFF, get(application::list::show)),
        write("/basvurular", STAFF, post(application::list::search)),
        write("/basvurular/teslim-et", ASSIGNERS, post(application::assign_selected::submit)),
        read("/basvurular/{no}", STAFF, get(application::show::show)),
        read("/basvurular/{no}/belge/{sha256}", STAFF, get(application::download::show)),
        read("/kullanicilar", USERS, get(user::list::show)),
        write("/kullanicilar", USERS, post(user::list::search)),
        read("/kullanicilar/yeni", MANAGERS, get(user::new::form)),
        write("/kullanicilar/yeni", MANAGERS, post(user::new::submit)),
        read("/kullanicilar/{id}", USERS, get(user::edit::form)),
        write("/kullanicilar/{id}", MANAGERS, post(user::edit::submit)),
        read("/kullanicilar/{id}/pasif", MANAGERS, get(user::deactivate::confirm)),
        read("/yetkimi-paylas", SUPERVISOR, get(user::delegate::form)),
        write("/yetkimi-paylas", SUPERVISOR, post(user::delegate::submit)),
        read("/yetkimi-paylas/geri-al", SUPERVISOR, get(user::revoke_delegation::confirm)),
        write("/yetkimi-paylas/geri-al", SUPERVISOR, post(user::revoke_delegation::submit)),
    ];
    for format in Format::ALL {
        for kind in ReportKind::ALL {
            let path = format!("{}{}", kind.path(), format.suffix());
            let handler = move |app, viewer, query| report::show::show(kind, format, app, viewer, query);
            routes.push(read(&path, ADMINISTRATOR, get(handler)));
        }
        let path = format!("{}{}", report::list::PATH, format.suffix());
        let handler = move |app, viewer, query| report::list::show(format, app, viewer, query);
        routes.push(read(&path, ADMINISTRATOR, get(handler)));
    }
    for staff_action in &actions::table::TABLE {
        let action = staff_action.action;
        let path = format!("/basvurular/{{no}}/{}", action.slug());
        let handler = move |app, viewer, no, form| actions::post::submit(action, app, viewer, no, form);
        let access = Access::Roles(staff_action.roles);
        routes.push(Route { body: staff_action.body, ..write(&path, access, post(handler)) });
    }
    routes
}

fn read(path: &str, access: Access, handler: MethodRouter<AppState>) -> Route {
    Route { method: Method::GET, path: path.into(), access, body: AcceptedBody::SmallForm, handler }
}

fn write(path: &str, access: Access, handler: MethodRouter<AppState>) -> Route {
    let body = if access == Access::Public { AcceptedBody::SmallForm } else { AcceptedBody::Form };
    Route { method: Method::POST, path: path.into(), access, body, handler }
}

/// The router of the table, with the layers of every answer.
pub fn router(app: &AppState) -> Router {
    let mut router = Router::new()
        .route(&STYLESHEET_PATH, get(assets::stylesheet))
        .route(&SCRIPT_PATH, get(assets::script))
        .route(&UPLOAD_SCRIPT_PATH, get(assets::upload_script))
        .route(&ICON_PATH, get(assets::icon));
    for route in table() {
        let gate = middleware::from_fn_with_state((AppState::clone(app), route.access, route.body), guard);
        router = router.route(&route.path, route.handler.layer(gate));
    }
    let mut router = router
        .fallback(|uri: Uri| async move { without_slash(&uri).ok_or(Problem::NotFound) })
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed })
        .with_state(AppState::clone(app))
        .layer(DefaultBodyLimit::max(MAX_FILE_BYTES + MAX_FORM_BYTES))
        .layer(middleware::map_response(|response: Response| async {
            Problem::replace_framework_error(response)
        }));
    for (name, value) in security_headers(app.config.secure_cookies) {
        router = router.layer(SetResponseHeaderLayer::if_not_present(name, value));
    }
    router
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(set_language))
        // A failure is logged by `Problem`, once.
        .layer(TraceLayer::new_for_http().on_failure(()))
}
