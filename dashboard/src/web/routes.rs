//! Every route in one table: its method, its path, and who may use it. The router is built from the
//! table; so is the test that tries each route with each role.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, Uri};
use axum::middleware;
use axum::response::{Redirect, Response};
use axum::routing::{MethodRouter, get, post};
use ebasvuru_workflow::documents::MAX_FILE_BYTES;
use ebasvuru_workflow::domain::actor::Role;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

use super::app::AppState;
use super::form_body::{AcceptedBody, MAX_FORM_BYTES};
use super::guard::{Access, Guard, guard};
use super::language::set_language;
use super::layers::{panicked, security_headers, without_slash};
use super::problem::Problem;
use super::unsent::{LOGIN, UnsentPages};
use crate::controllers::application::actions;
use crate::controllers::report::kind::ReportKind;
use crate::controllers::report::show::Format;
use crate::controllers::{application, assets, language, modules, report, schedule, session, user};
use crate::view::address::is_local;
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
    /// Shows its form again, unsent, with what was typed in it.
    again: Option<MethodRouter<AppState>>,
}

impl Route {
    /// Whether its form comes back when its session has ended.
    #[must_use]
    pub const fn is_shown_again(&self) -> bool {
        self.again.is_some()
    }
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
        read(LOGIN, Access::Public, get(session::login::form)),
        Route {
            body: AcceptedBody::SmallForm,
            ..write(LOGIN, Access::Public, post(session::login::submit), post(session::login::again))
        },
        // Nothing is typed to log out.
        Route {
            method: Method::POST,
            body: AcceptedBody::SmallForm,
            ..read("/cikis", Access::FirstLogin, post(session::logout::submit))
        },
        read("/sifre", Access::FirstLogin, get(session::change_password::form)),
        Route {
            body: AcceptedBody::FormWithHeldForm,
            ..write(
                "/sifre",
                Access::FirstLogin,
                post(session::change_password::submit),
                post(session::change_password::again),
            )
        },
        read("/", ALL, get(modules::home)),
        read("/moduller", ALL, get(modules::show)),
        read("/dil/{tag}", Access::Public, get(language::switch)),
        read("/basvurular", STAFF, get(application::list::show)),
        write("/basvurular", STAFF, post(application::list::search), post(application::list::search_again)),
        write(
            "/basvurular/teslim-et",
            ASSIGNERS,
            post(application::assign_selected::submit),
            post(application::assign_selected::again),
        ),
        read("/basvurular/{no}", STAFF, get(application::show::show)),
        read("/basvurular/{no}/belge/{sha256}", STAFF, get(application::download::show)),
        read("/kullanicilar", USERS, get(user::list::show)),
        write("/kullanicilar", USERS, post(user::list::search), post(user::list::search_again)),
        read("/kullanicilar/yeni", MANAGERS, get(user::new::form)),
        write("/kullanicilar/yeni", MANAGERS, post(user::new::submit), post(user::new::again)),
        read("/kullanicilar/{id}", USERS, get(user::edit::form)),
        write("/kullanicilar/{id}", MANAGERS, post(user::edit::submit), post(user::edit::again)),
        read("/kullanicilar/{id}/pasif", MANAGERS, get(user::deactivate::confirm)),
        read("/yetkimi-paylas", SUPERVISOR, get(user::delegate::form)),
        write("/yetkimi-paylas", SUPERVISOR, post(user::delegate::submit), post(user::delegate::again)),
        read("/yetkimi-paylas/geri-al", SUPERVISOR, get(user::revoke_delegation::confirm)),
        write(
            "/yetkimi-paylas/geri-al",
            SUPERVISOR,
            post(user::revoke_delegation::submit),
            post(user::revoke_delegation::again),
        ),
        read("/raporlama/zamanlanmis", ADMINISTRATOR, get(schedule::list::show)),
        read("/raporlama/zamanlanmis/yeni", ADMINISTRATOR, get(schedule::new::form)),
        write(
            "/raporlama/zamanlanmis/yeni",
            ADMINISTRATOR,
            post(schedule::new::submit),
            post(schedule::new::again),
        ),
        read("/raporlama/zamanlanmis/{schedule}", ADMINISTRATOR, get(schedule::edit::form)),
        write(
            "/raporlama/zamanlanmis/{schedule}",
            ADMINISTRATOR,
            post(schedule::edit::submit),
            post(schedule::edit::again),
        ),
        read("/raporlama/zamanlanmis/{schedule}/sil", ADMINISTRATOR, get(schedule::delete::confirm)),
    ];
    for format in Format::ALL {
        for kind in ReportKind::ALL {
            let path = format!("{}{}", kind.path(), format.suffix());
            let handler = move |app, viewer, headers, query| {
                report::show::show(kind, format, app, viewer, headers, query)
            };
            routes.push(read(&path, ADMINISTRATOR, get(handler)));
        }
        let path = format!("{}{}", report::list::PATH, format.suffix());
        let handler =
            move |app, viewer, headers, query| report::list::show(format, app, viewer, headers, query);
        routes.push(read(&path, ADMINISTRATOR, get(handler)));
    }
    for staff_action in &actions::table::TABLE {
        let action = staff_action.action;
        let path = format!("/basvurular/{{no}}/{}", action.slug());
        let handler = move |app, viewer, no, form| actions::post::submit(action, app, viewer, no, form);
        let again = move |app, viewer, no, unsent| actions::post::again(action, app, viewer, no, unsent);
        let access = Access::Roles(staff_action.roles);
        routes.push(Route { body: staff_action.body, ..write(&path, access, post(handler), post(again)) });
    }
    routes
}

fn read(path: &str, access: Access, handler: MethodRouter<AppState>) -> Route {
    let body = AcceptedBody::SmallForm;
    Route { method: Method::GET, path: path.into(), access, body, handler, again: None }
}

/// A route for a form. `again` shows the form with what was typed in it, and executes nothing.
fn write(
    path: &str,
    access: Access,
    handler: MethodRouter<AppState>,
    again: MethodRouter<AppState>,
) -> Route {
    let body = AcceptedBody::Form;
    Route { method: Method::POST, path: path.into(), access, body, handler, again: Some(again) }
}

/// The redirect from the address of a form, opened as a page, to the page above it: after a refused
/// form it is the address of the page, which a reload or the language switch opens.
fn page_of_form(method: &Method, uri: &Uri) -> Option<Redirect> {
    let (above, _) = uri.path().rsplit_once('/')?;
    let above = if above.is_empty() { "/" } else { above };
    (method == Method::GET && is_local(above)).then(|| Redirect::to(above))
}

/// The router of the table, with the layers of every answer.
pub fn router(app: &AppState) -> Router {
    let mut router = Router::new()
        .route(&STYLESHEET_PATH, get(assets::stylesheet))
        .route(&SCRIPT_PATH, get(assets::script))
        .route(&UPLOAD_SCRIPT_PATH, get(assets::upload_script))
        .route(&ICON_PATH, get(assets::icon));
    let table = table();
    let mut pages = UnsentPages::default();
    for route in &table {
        if let Some(again) = &route.again {
            pages = pages.with(app, &route.path, route.access, again.clone());
        }
    }
    for route in table {
        let shown_again = route.is_shown_again();
        let (app, pages) = (AppState::clone(app), pages.clone());
        let guard_of = Guard { app, access: route.access, body: route.body, shown_again, pages };
        let layer = middleware::from_fn_with_state(guard_of, guard);
        router = router.route(&route.path, route.handler.layer(layer));
    }
    let mut router = router
        .fallback(|uri: Uri| async move { without_slash(&uri).ok_or(Problem::NotFound) })
        .method_not_allowed_fallback(|method: Method, uri: Uri| async move {
            page_of_form(&method, &uri).ok_or(Problem::MethodNotAllowed)
        })
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
