//! Every route in one table: method, path, who may. The router is built from it, and so is
//! the test that tries each route with each role.

use std::any::Any;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, post};
use ebasvuru_workflow::domain::actor::Role;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

use crate::app::App;
use crate::controllers::report::kind::Kind;
use crate::controllers::report::show::Format;
use crate::controllers::{application, assets, modules, report, session, user};
use crate::files::MAX_FILE_BYTES;
use crate::form::{MAX_FORM_BYTES, Takes};
use crate::guard::{Access, guard};
use crate::i18n;
use crate::problem::Problem;

/// One route.
#[derive(Clone, Debug)]
pub struct Route {
    /// GET or POST.
    pub method: Method,
    /// The path, with `{name}` for what varies.
    pub path: String,
    /// Who may.
    pub access: Access,
    /// What they may send.
    pub takes: Takes,
    handler: MethodRouter<App>,
}

const ALL: Access = Access::Roles(&Role::ALL);
const STAFF: Access = Access::Roles(&[Role::Supervisor, Role::Officer, Role::Coordinator]);
const USERS: Access = Access::Roles(&[Role::Administrator, Role::Supervisor, Role::Coordinator]);
const MANAGERS: Access = Access::Roles(&[Role::Administrator, Role::Supervisor]);
/// A Sorumlu may hold shared authority.
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
        read("/sifre", Access::FirstLogin, get(session::password::form)),
        write("/sifre", Access::FirstLogin, post(session::password::submit)),
        read("/", ALL, get(modules::home)),
        read("/moduller", ALL, get(modules::show)),
        read("/dil/{tag}", Access::Public, get(i18n::switch)),
        read("/basvurular", STAFF, get(application::list::show)),
        write("/basvurular", STAFF, post(application::list::search)),
        write("/basvurular/teslim-et", ASSIGNERS, post(application::bulk::submit)),
        read("/basvurular/{no}", STAFF, get(application::show::show)),
        read("/basvurular/{no}/belge/{sha256}", STAFF, get(application::download::show)),
        read("/kullanicilar", USERS, get(user::list::show)),
        write("/kullanicilar", USERS, post(user::list::search)),
        read("/kullanicilar/yeni", MANAGERS, get(user::new::form)),
        write("/kullanicilar/yeni", MANAGERS, post(user::new::submit)),
        read("/kullanicilar/{id}", USERS, get(user::edit::form)),
        write("/kullanicilar/{id}", MANAGERS, post(user::edit::submit)),
        read("/kullanicilar/{id}/pasif", MANAGERS, get(user::passivate::confirm)),
        read("/yetkimi-paylas", SUPERVISOR, get(user::delegation::form)),
        write("/yetkimi-paylas", SUPERVISOR, post(user::delegation::submit)),
        read("/yetkimi-paylas/geri-al", SUPERVISOR, get(user::delegation::confirm)),
        write("/yetkimi-paylas/geri-al", SUPERVISOR, post(user::delegation::revoke)),
    ];
    for format in Format::ALL {
        for kind in Kind::ALL {
            let path = format!("{}{}", kind.path(), format.suffix());
            let handler = move |app, viewer, query| report::show::show(kind, format, app, viewer, query);
            routes.push(read(&path, ADMINISTRATOR, get(handler)));
        }
        let path = format!("{}{}", report::list::PATH, format.suffix());
        let handler = move |app, viewer, query| report::list::show(format, app, viewer, query);
        routes.push(read(&path, ADMINISTRATOR, get(handler)));
    }
    for action in application::action::ADDRESSES {
        let path = format!("/basvurular/{{no}}/{}", action.slug());
        let handler = move |app, viewer, no, form| application::act::submit(action, app, viewer, no, form);
        let takes = application::action::takes(action);
        let access = Access::Roles(application::action::roles(action));
        routes.push(Route { takes, ..write(&path, access, post(handler)) });
    }
    routes
}

/// A page that panics is a defect of ours, told like any other; the others go on.
fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("a panic");
    Problem::Internal(text.to_owned()).into_response()
}

fn read(path: &str, access: Access, handler: MethodRouter<App>) -> Route {
    Route { method: Method::GET, path: path.into(), access, takes: Takes::Little, handler }
}

fn write(path: &str, access: Access, handler: MethodRouter<App>) -> Route {
    let takes = if access == Access::Public { Takes::Little } else { Takes::Text };
    Route { method: Method::POST, path: path.into(), access, takes, handler }
}

/// The router over the table, with what holds for every answer.
pub fn router(app: &App) -> Router {
    let mut router = Router::new()
        .route(&crate::page::STYLESHEET_PATH, get(assets::stylesheet))
        .route(&crate::page::SCRIPT_PATH, get(assets::script))
        .route(&crate::page::UPLOAD_SCRIPT_PATH, get(assets::upload_script))
        .route(&crate::page::ICON_PATH, get(assets::icon));
    for route in table() {
        let gate = middleware::from_fn_with_state((App::clone(app), route.access, route.takes), guard);
        router = router.route(&route.path, route.handler.layer(gate));
    }
    let mut router = router
        .fallback(|uri: Uri| async move { without_slash(&uri).ok_or(Problem::NotFound) })
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed })
        .with_state(App::clone(app))
        .layer(DefaultBodyLimit::max(MAX_FILE_BYTES + MAX_FORM_BYTES))
        .layer(middleware::map_response(|response: Response| async { Problem::in_words(response) }));
    for (name, value) in headers(app.config.secure_cookies) {
        router = router.layer(SetResponseHeaderLayer::if_not_present(name, value));
    }
    router
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(i18n::speak))
        // A failure is logged by `Problem`, once.
        .layer(TraceLayer::new_for_http().on_failure(()))
}

/// Addresses of ours do not end in a slash; who types one is led on, with the query.
pub(crate) fn without_slash(uri: &Uri) -> Option<Redirect> {
    let path = uri.path().strip_suffix('/')?.trim_end_matches('/');
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    // `//host` would lead away from us.
    is_local(path).then(|| Redirect::permanent(&format!("{path}{query}")))
}

/// Whether this is an address of ours, however a browser may read it.
pub(crate) fn is_local(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
}

/// The security headers of every answer; `tls`: reached by https alone.
pub(crate) fn headers(tls: bool) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = vec![
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; \
             form-action 'self'; \
             frame-ancestors 'none'; base-uri 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    if tls {
        headers.push((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"));
    }
    headers.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
}
