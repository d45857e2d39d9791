//! Access: every route with every role.

use axum::http::{Method, StatusCode};
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::user::User;

use super::world::SCHEDULE;
use super::{Browser, World};
use crate::web::guard::Access;
use crate::web::routes;

/// A person, with their relation to the application and the user in the paths (both of the unit
/// 06-sivil-toplum).
struct Person {
    name: &'static str,
    what: &'static str,
    role: Role,
    unit: Option<&'static str>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    LoggedIn,
    LoggedOut,
    /// Deactivated while logged in.
    Passive,
    MustChangePassword,
}

const OWN: Option<&str> = Some("06-sivil-toplum");
const OTHER_UNIT: Option<&str> = Some("06-nufus");
const OTHER_VALILIK: Option<&str> = Some("35-sivil-toplum");

/// Every role in every relation and every state. The delegate is a Sorumlu who shares the Yetkili's
/// authority.
fn people() -> Vec<Person> {
    let mut people = Vec::new();
    for (role, names) in [
        (Role::Administrator, ["yonet1", "", ""]),
        (Role::Supervisor, ["yetkili", "yetk2", "yetk3"]),
        (Role::Officer, ["sorumlu2", "sorum2", "sorum3"]),
        (Role::Coordinator, ["koordinasyon", "koord2", "koord3"]),
    ] {
        for (name, unit, what) in [
            (names[0], OWN, "own unit"),
            (names[1], OTHER_UNIT, "other unit"),
            (names[2], OTHER_VALILIK, "other valilik"),
        ] {
            if !name.is_empty() {
                let unit = unit.filter(|_| role != Role::Administrator);
                people.push(Person { name, what, role, unit, state: State::LoggedIn });
            }
        }
    }
    for (name, role, state, what) in [
        ("pasif1", Role::Administrator, State::Passive, "pasif"),
        ("pasif2", Role::Supervisor, State::Passive, "pasif"),
        ("pasif3", Role::Officer, State::Passive, "pasif"),
        ("pasif4", Role::Coordinator, State::Passive, "pasif"),
        ("ilk1", Role::Administrator, State::MustChangePassword, "first password"),
        ("ilk2", Role::Supervisor, State::MustChangePassword, "first password"),
        ("ilk3", Role::Officer, State::MustChangePassword, "first password"),
        ("ilk4", Role::Coordinator, State::MustChangePassword, "first password"),
        ("disarida", Role::Supervisor, State::LoggedOut, "logged out"),
        ("vekil", Role::Officer, State::LoggedIn, "delegate, own unit"),
    ] {
        let unit = OWN.filter(|_| role != Role::Administrator);
        people.push(Person { name, what, role, unit, state });
    }
    people
}

/// The result of a request, as far as access is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AccessResult {
    In,
    ToLogin,
    ToPassword,
    Forbidden,
    NotFound,
}

impl AccessResult {
    fn of(page: &super::browser::Page) -> Self {
        match (page.status, page.location.as_str()) {
            (StatusCode::SEE_OTHER, to) if to.starts_with("/giris") => Self::ToLogin,
            // The response to a form whose session has ended.
            (StatusCode::UNAUTHORIZED, _) => Self::ToLogin,
            (StatusCode::SEE_OTHER, "/sifre") => Self::ToPassword,
            (StatusCode::FORBIDDEN, _) => Self::Forbidden,
            (StatusCode::NOT_FOUND, _) => Self::NotFound,
            _ => Self::In,
        }
    }
}

const STAFF: &[Role] = &[Role::Supervisor, Role::Officer, Role::Coordinator];
const ACTING: &[Role] = &[Role::Supervisor, Role::Officer];
const MANAGERS: &[Role] = &[Role::Administrator, Role::Supervisor];

/// The roles that the requirements allow, written down a second time. `None`: every logged-in user,
/// even one who must change their password first. New routes must be added here, or this panics.
fn required(method: &Method, path: &str) -> Option<&'static [Role]> {
    let get = *method == Method::GET;
    Some(match path {
        "/cikis" | "/sifre" => return None,
        "/" | "/moduller" => &Role::ALL,
        "/kullanicilar" | "/kullanicilar/{id}" if get => {
            &[Role::Administrator, Role::Supervisor, Role::Coordinator]
        }
        "/kullanicilar/yeni" | "/kullanicilar/{id}" | "/kullanicilar/{id}/pasif" => MANAGERS,
        path if path.starts_with("/yetkimi-paylas") => &[Role::Supervisor],
        path if path.starts_with("/raporlama") => &[Role::Administrator],
        path if get && path.starts_with("/basvurular") => STAFF,
        // The form of the filters.
        "/basvurular" => STAFF,
        "/kullanicilar" => &[Role::Administrator, Role::Supervisor, Role::Coordinator],
        "/basvurular/teslim-et" => ACTING,
        path if path.starts_with("/basvurular/{no}/") => match path.rsplit('/').next().unwrap() {
            // A delegate is a Sorumlu; the workflow decides who is one.
            "teslim-et" | "geri-cek" | "cevap-ekle" | "onayla" | "geri-gonder" => ACTING,
            "teslim-al" | "belge-kontrol" | "dosya-ekle" | "on-basvuru-tamamla" | "resmi-evrak-ekle"
            | "onaya-gonder" | "red-onayina-gonder" | "havale-et" => &[Role::Officer],
            action => panic!("say in this test who may POST {path}: {action}"),
        },
        path => panic!("say in this test who may {method} {path}"),
    })
}

fn expected(person: &Person, method: &Method, path: &str) -> AccessResult {
    let roles = required(method, path);
    match (person.state, roles) {
        // Logging out leads there too.
        _ if path == "/cikis" => AccessResult::ToLogin,
        (State::LoggedOut | State::Passive, _) => AccessResult::ToLogin,
        (_, None) => AccessResult::In,
        (State::MustChangePassword, Some(_)) => AccessResult::ToPassword,
        (State::LoggedIn, Some(roles)) if !roles.contains(&person.role) => AccessResult::Forbidden,
        (State::LoggedIn, Some(_)) => {
            let of_the_unit = path.contains("{no}") || path.contains("{id}");
            let sees = person.unit == OWN || person.role == Role::Administrator;
            if of_the_unit && !sees { AccessResult::NotFound } else { AccessResult::In }
        }
    }
}

fn concrete(path: &str, no: &str) -> String {
    let path = path.replace("{no}", no).replace("{sha256}", &"ab".repeat(32)).replace("{id}", "sorumlu");
    let path = path.replace("{schedule}", SCHEDULE);
    assert!(!path.contains('{'), "say in this test what stands for the parameter of {path}");
    path
}

async fn ask(browser: &mut Browser, method: &Method, path: &str) -> super::browser::Page {
    if *method == Method::GET { browser.get(path).await } else { browser.post(path, &[]).await }
}

/// Logs a person in and brings them into their state.
async fn enter(world: &World, person: &Person) -> Browser {
    let user = world.user(person.name, person.name, person.role, person.unit);
    let mut browser = Browser::new(world.router());
    browser.get("/giris").await;
    if person.state == State::LoggedOut {
        return browser;
    }
    let mut browser = world.login(person.name).await;
    browser.get("/sifre").await;
    let user = match person.state {
        State::Passive => User { active: false, version: 2, ..user },
        State::MustChangePassword => User { must_change_password: true, version: 2, ..user },
        State::LoggedIn | State::LoggedOut => user,
    };
    world.app.users.apply(user, 1);
    browser
}

#[tokio::test]
async fn every_route_is_open_to_exactly_the_required_roles() {
    let world = World::new();
    let no = world.application(1, "").no.to_string();
    world.schedule();
    let mut wrong = Vec::new();
    for person in people() {
        let browser = enter(&world, &person).await;
        if person.name == "vekil" {
            world.lend("yetkili", "vekil", 24);
        }
        // Logging out ends the session for every copy of the browser, so it comes last.
        let mut table = routes::table();
        table.sort_by_key(|route| route.path == "/cikis");
        for route in table {
            if route.access == Access::Public {
                let public = ["/giris", "/dil/{tag}"];
                assert!(public.contains(&&*route.path), "say in this test why {} is public", route.path);
                continue;
            }
            // Each request starts from the same state, because logging out is one of them.
            let mut browser = browser.clone();
            let page = ask(&mut browser, &route.method, &concrete(&route.path, &no)).await;
            let (got, want) = (AccessResult::of(&page), expected(&person, &route.method, &route.path));
            // Who is let in finds that the test's document is not in the store.
            let no_such_file =
                route.path.contains("{sha256}") && got == AccessResult::NotFound && want == AccessResult::In;
            if got != want && !no_such_file {
                wrong.push(format!(
                    "{} ({}), {} {}: expected {want:?}, got {got:?} ({})",
                    person.role.label_tr(),
                    person.what,
                    route.method,
                    route.path,
                    page.status
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cells differ from the requirements:\n{}", wrong.len(), wrong.join("\n"));
}

/// The golden file of the routes. The browser tests read it, so that no page is left out.
#[test]
fn every_route() {
    let line = |route: routes::Route| {
        let who = match route.access {
            Access::Public => "public".to_owned(),
            Access::FirstLogin => "logged-in".to_owned(),
            Access::Roles(roles) => format!("{roles:?}"),
        };
        format!("{} {} {who}", route.method, route.path)
    };
    insta::assert_snapshot!(routes::table().into_iter().map(line).collect::<Vec<_>>().join("\n"));
}

/// The requirements' table of roles and menus, written down a second time.
#[tokio::test]
async fn menus_and_pages_agree() {
    let world = World::new();
    for (name, sees) in [
        ("merkez", vec!["/raporlama", "/kullanicilar"]),
        ("yetkili", vec!["/basvurular", "/kullanicilar"]),
        ("sorumlu", vec!["/basvurular"]),
        ("koordinasyon", vec!["/basvurular", "/kullanicilar"]),
    ] {
        let mut browser = world.login(name).await;
        let home = browser.get("/moduller").await;
        for path in ["/raporlama", "/kullanicilar", "/basvurular"] {
            let linked = home.has(&format!("nav a[href=\"{path}\"]"));
            let page = browser.get(path).await;
            assert_eq!(linked, sees.contains(&path), "{name} {path}");
            assert_eq!(page.status.is_success(), linked, "{name} {path} {}", page.status);
        }
    }
}

#[tokio::test]
async fn a_form_without_its_token_does_nothing() {
    let world = World::new();
    let application = world.application(1, "");
    let mut browser = world.login("sorumlu").await;
    for token in ["", "0123456789abcdef0123456789abcdef"] {
        browser.csrf = token.into();
        let path = format!("/basvurular/{}/teslim-al", application.no);
        let page = browser.post(&path, &[("surum", "1")]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.text("p.code").contains("csrf"), "{}", page.html());
    }
    assert_eq!(world.store.applications.lock().unwrap()[&application.id], application);
}

#[tokio::test]
async fn applications_of_another_unit_are_not_found() {
    let world = World::new();
    let no = world.application(1, "").no;
    let mut browser = world.login("baskabirim").await;
    assert_eq!(browser.get(&format!("/basvurular/{no}")).await.status, StatusCode::NOT_FOUND);
    let act = browser.post(&format!("/basvurular/{no}/teslim-al"), &[("surum", "1")]).await;
    assert_eq!(act.status, StatusCode::NOT_FOUND);
    assert!(!browser.get("/basvurular").await.shows(no.as_str()));
    assert!(world.store.accesses().is_empty(), "nothing was opened");
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let world = World::new();
    let mut browser = Browser::new(world.router());
    for path in ["/giris", "/basvurular", "/yok"] {
        let page = browser.get(path).await;
        let csp = page.headers["content-security-policy"].to_str().unwrap();
        assert!(csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(page.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(page.headers["cache-control"], "no-store", "{path}");
        assert!(!page.has("[style]") && !page.has("script"), "{path}");
    }
    let css = browser.get(&crate::view::assets::STYLESHEET_PATH).await;
    assert_eq!(css.status, StatusCode::OK);
    assert!(css.headers["cache-control"].to_str().unwrap().contains("immutable"));
}
