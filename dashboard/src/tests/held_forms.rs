//! A form outlives its session: what was typed comes back after the login, for its user alone, and
//! nothing is executed by that.

use axum::http::{Method, StatusCode};
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::{Application, Proposal, Status};
use ebasvuru_workflow::domain::ids::{ApplicationId, UserName};
use jiff::SignedDuration;

use super::browser::{Browser, Page};
use super::world::SCHEDULE;
use super::{PASSWORD, World};
use crate::view::environment::TEMPLATES;
use crate::web::form::SECRETS;
use crate::web::form_body::AcceptedBody;
use crate::web::guard::Access;
use crate::web::routes::{self, Route};

const TEXT: &str = "Uzun uzun yazılmış bir cevap:\n<b>“değerlendirme”</b> & sonuç";
/// A password that must never come back.
const SECRET: &str = "gizli-kendi-sifrem-1";

/// What people type into the form of a route, and the element that shows it again. A new route must
/// be added here, or this panics.
fn typed(path: &str) -> (Vec<(&'static str, &'static str)>, Vec<&'static str>) {
    match path {
        "/basvurular" => (
            vec![("ara", "Ayşe Yılmaz"), ("sure", "gecen")],
            vec!["input[name=\"ara\"][value=\"Ayşe Yılmaz\"]", "option[value=\"gecen\"][selected]"],
        ),
        "/kullanicilar" => (
            vec![("ara", "Selim"), ("durum", "aktif")],
            vec!["input[name=\"ara\"][value=\"Selim\"]", "option[value=\"aktif\"][selected]"],
        ),
        "/basvurular/teslim-et" => (
            vec![("secim", "2026-06-0001000:1"), ("secim", "2026-06-0000009:4"), ("sorumlu", "sorumlu2")],
            vec![
                "input[value=\"2026-06-0001000:1\"][checked]",
                "input[value=\"2026-06-0000009:4\"][checked]",
                "option[value=\"sorumlu2\"][selected]",
            ],
        ),
        "/kullanicilar/yeni" => (
            vec![
                ("kullanici", "yeni.kisi"),
                ("ad", "Yeni <Kişi>"),
                ("rol", "sorumlu"),
                ("sifre", SECRET),
                ("sifreniz", SECRET),
            ],
            vec![
                "input[name=\"kullanici\"][value=\"yeni.kisi\"]",
                "input[name=\"ad\"][value=\"Yeni <Kişi>\"]",
                "option[value=\"sorumlu\"][selected]",
            ],
        ),
        "/kullanicilar/{id}" => (
            vec![("islem", "kaydet"), ("ad", "Selim Değişti"), ("rol", "sorumlu"), ("sifreniz", SECRET)],
            vec!["input[name=\"ad\"][value=\"Selim Değişti\"]", "option[value=\"sorumlu\"][selected]"],
        ),
        "/yetkimi-paylas" => (
            vec![
                ("kime", "sorumlu2"),
                ("baslangic-gun", "2026-12-01"),
                ("baslangic-saat", "08:15"),
                ("bitis-gun", "2026-12-02"),
                ("bitis-saat", "17:45"),
            ],
            vec![
                "option[value=\"sorumlu2\"][selected]",
                "input[value=\"2026-12-01\"]",
                "input[value=\"08:15\"]",
                "input[value=\"2026-12-02\"]",
                "input[value=\"17:45\"]",
            ],
        ),
        "/raporlama/zamanlanmis/yeni" | "/raporlama/zamanlanmis/{schedule}" => (
            vec![
                ("islem", "kaydet"),
                ("rapor", "/raporlama/sonuclar?valilik=6"),
                ("ad", "Yeni <ad>"),
                ("donem", "gecen-ay"),
                ("siklik", "ay-31"),
                ("saat", "07:15"),
                ("alicilar", "ayse@icisleri.gov.tr\nyanlış adres"),
            ],
            vec![
                "input[name=\"rapor\"][value=\"/raporlama/sonuclar?valilik=6\"]",
                "input[name=\"ad\"][value=\"Yeni <ad>\"]",
                "option[value=\"gecen-ay\"][selected]",
                "option[value=\"ay-31\"][selected]",
                "input[name=\"saat\"][value=\"07:15\"]",
                "#alicilar",
            ],
        ),
        "/sifre" => (vec![("eski", SECRET), ("yeni", SECRET), ("tekrar", SECRET)], vec!["#yeni"]),
        "/yetkimi-paylas/geri-al" => (vec![], vec![]),
        path => match path
            .strip_prefix("/basvurular/{no}/")
            .unwrap_or_else(|| panic!("{path}: say what is typed"))
        {
            "cevap-ekle" => (vec![("metin", TEXT)], vec!["#cevap-ekle textarea"]),
            "geri-gonder" => (vec![("metin", TEXT)], vec!["#geri-gonder textarea"]),
            "havale-et" => (
                vec![("metin", TEXT), ("birim", "06-nufus")],
                vec!["#havale-et textarea", "#havale-et option[value=\"06-nufus\"][selected]"],
            ),
            "teslim-et" => {
                (vec![("sorumlu", "sorumlu2")], vec!["#teslim-et option[value=\"sorumlu2\"][selected]"])
            }
            "belge-kontrol" => (vec![("belge", "tuzuk"), ("var", "1")], vec![]),
            "teslim-al" | "geri-cek" | "dosya-ekle" | "on-basvuru-tamamla" | "resmi-evrak-ekle"
            | "onaya-gonder" | "red-onayina-gonder" | "onayla" => (vec![], vec![]),
            action => panic!("say in this test what is typed for {action}"),
        },
    }
}

/// Who sends the form of a route.
fn sender(route: &Route) -> &'static str {
    match route.access {
        Access::Roles([Role::Administrator]) => "merkez",
        Access::Roles(roles) if roles.contains(&Role::Supervisor) => "yetkili",
        _ => "sorumlu",
    }
}

fn states(world: &World) -> (Vec<Application>, Vec<u64>) {
    let mut all: Vec<_> = world.store.applications.lock().unwrap().values().cloned().collect();
    all.sort_by_key(|a| a.id);
    let users = ["merkez", "yetkili", "sorumlu", "sorumlu2"];
    let versions = users.map(|name| world.app.users.get(&name.parse().unwrap()).unwrap().version);
    let schedules = world.app.schedules.all();
    let schedules = schedules.iter().map(|schedule| schedule.version);
    (all, versions.into_iter().chain(schedules).collect())
}

/// An application in the state in which the form of a route is on its page.
fn application_for(world: &World, route: &str) -> Application {
    let a = world.application(1, "");
    let officer: UserName = "sorumlu".parse().unwrap();
    let status = match route.rsplit('/').next() {
        Some("cevap-ekle" | "havale-et" | "dosya-ekle" | "resmi-evrak-ekle") => Status::Assigned { officer },
        Some("geri-gonder" | "onayla") => Status::AwaitingApproval {
            officer: officer.clone(),
            proposal: Proposal::Answer,
            proposed_by: officer,
        },
        _ => return a,
    };
    change(world, a.id, |a| a.status = status)
}

fn change(world: &World, id: ApplicationId, change: impl FnOnce(&mut Application)) -> Application {
    let mut all = world.store.applications.lock().unwrap();
    let a = all.get_mut(&id).unwrap();
    change(a);
    a.version += 1;
    a.clone()
}

fn concrete(path: &str) -> String {
    path.replace("{no}", "2026-06-0001000").replace("{id}", "sorumlu").replace("{schedule}", SCHEDULE)
}

/// Logs in with the form that the page shows.
async fn login_again(browser: &mut Browser, name: &str, page: &Page) -> Page {
    let held = page.input("taslak").unwrap_or_default();
    let next = page.input("sonra").unwrap_or_default();
    let fields = [("sonra", next.as_str()), ("taslak", &held), ("kullanici", name), ("sifre", PASSWORD)];
    browser.post("/giris", &fields).await
}

/// The page where the response leads.
async fn arrive(browser: &mut Browser, page: Page) -> Page {
    if page.status == StatusCode::SEE_OTHER { browser.get(&page.location).await } else { page }
}

fn assert_shown(page: &Page, path: &str) {
    let (fields, shown) = typed(path);
    for selector in shown {
        assert!(page.has(selector), "{path}: {selector}\n{}", page.html());
        if selector.ends_with("textarea") {
            assert_eq!(page.text(selector), TEXT.split_whitespace().collect::<Vec<_>>().join(" "), "{path}");
        }
    }
    assert!(!page.html().contains(SECRET), "{path}: a password came back");
    let has_text =
        fields.iter().any(|(name, _)| !SECRETS.contains(name) && !["islem", "belge", "var"].contains(name));
    let search = ["/basvurular", "/kullanicilar"].contains(&path);
    if !search {
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        let said = if has_text { "henüz gönderilmedi" } else { "işleminiz yapılmadı" };
        assert!(page.text("[role=\"alert\"]").contains(said), "{path}: {}", page.text("[role=\"alert\"]"));
    }
}

fn forms() -> impl Iterator<Item = Route> {
    routes::table().into_iter().filter(|route| route.method == Method::POST && route.path != "/giris")
}

#[tokio::test]
async fn every_form_outlives_its_session() {
    for route in forms() {
        if !route.is_shown_again() {
            assert_eq!(route.path, "/cikis", "a form without a page to come back to");
            continue;
        }
        let world = World::new();
        application_for(&world, &route.path);
        world.schedule();
        if route.path == "/yetkimi-paylas/geri-al" {
            world.lend("yetkili", "sorumlu2", 24);
        }
        let start = world.app.clock.now();
        let (path, name) = (concrete(&route.path), sender(&route));
        let mut browser = world.login(name).await;
        for how in ["idle", "forgotten"] {
            world.app.clock.set(start);
            browser.login(name, PASSWORD).await;
            if how == "idle" {
                world.app.clock.set(start + SignedDuration::from_mins(31));
            } else {
                browser.forget_session();
            }
            let before = states(&world);
            let (fields, _) = typed(&route.path);
            let login = if route.body == AcceptedBody::FormWithFile {
                browser.upload(&path, &fields, "a.pdf", b"%PDF-1.7").await
            } else {
                browser.post(&path, &fields).await
            };
            assert_eq!(login.status, StatusCode::UNAUTHORIZED, "{path} {how}");
            assert!(login.shows("Oturumunuz sona ermiş") && login.shows("session_ended"), "{path}");
            assert!(login.location.is_empty(), "{path}");
            for (_, value) in fields.iter().filter(|(_, value)| value.len() > 8) {
                assert!(!login.html().contains(value), "{path}: {value} is on the page of the login");
            }
            let shown = login_again(&mut browser, name, &login).await;
            for (_, value) in &fields {
                assert!(!shown.location.contains(&**value) || value.len() < 8, "{}", shown.location);
            }
            let shown = arrive(&mut browser, shown).await;
            assert_shown(&shown, &route.path);
            if route.body == AcceptedBody::FormWithFile {
                assert!(shown.shows("Dosyayı yeniden seçiniz."), "{path}");
            }
            assert_eq!(states(&world), before, "{path} was executed");
            assert!(!world.app.files.staging().exists(), "{path}: a file was received");
        }
        // The same form in a session of another tab.
        let before = states(&world);
        let old_form = world.login(name).await.csrf;
        let mut tab = world.login(name).await;
        tab.csrf = old_form;
        let sent = tab.post(&path, &typed(&route.path).0).await;
        let shown = arrive(&mut tab, sent).await;
        assert_shown(&shown, &route.path);
        assert_eq!(states(&world), before, "{path} was executed");
    }
}

/// Sends the answer without a session. Returns the page of the login.
async fn answer_without_session(world: &World) -> (Browser, Page) {
    application_for(world, "cevap-ekle");
    let mut browser = world.login("sorumlu").await;
    browser.forget_session();
    let page = browser.post("/basvurular/2026-06-0001000/cevap-ekle", &[("metin", TEXT)]).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{}", page.html());
    (browser, page)
}

#[tokio::test]
async fn only_the_user_of_the_form_sees_it_again() {
    let world = World::new();
    let (mut browser, login) = answer_without_session(&world).await;
    let mut other = browser.clone();
    let page = login_again(&mut other, "sorumlu2", &login).await;
    assert_eq!(page.location, "/moduller", "logged in, and no more");
    assert!(!page.html().contains("değerlendirme"));
    // A wrong password on the way keeps it.
    let held = login.input("taslak").unwrap();
    let fields = [("taslak", held.as_str()), ("kullanici", "sorumlu"), ("sifre", "yanlış şifre 123")];
    let wrong = browser.post("/giris", &fields).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.input("taslak").as_deref(), Some(held.as_str()));
    let shown = login_again(&mut browser, "sorumlu", &wrong).await;
    assert_eq!(shown.text("#cevap-ekle textarea"), login_text());
    // Another replica opens it, too, and opens it again: it only shows a form.
    let before = states(&world);
    let mut replica = browser.at(world.router());
    replica.forget_session();
    let fresh = replica.post("/basvurular/2026-06-0001000/cevap-ekle", &[("metin", TEXT)]).await;
    for _ in 0..2 {
        replica.forget_session();
        replica.get("/giris").await;
        let shown = login_again(&mut replica, "sorumlu", &fresh).await;
        assert_eq!(shown.text("#cevap-ekle textarea"), login_text());
    }
    assert_eq!(states(&world), before);
}

fn login_text() -> String {
    TEXT.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn what_is_kept_expires_and_cannot_be_changed() {
    let world = World::new();
    let (browser, login) = answer_without_session(&world).await;
    let start = world.app.clock.now();
    let held = login.input("taslak").unwrap();
    for changed in
        [held.replacen("users", "users2", 1), held[..held.len() - 3].to_owned(), format!("{held}A")]
    {
        let fields = [("taslak", changed.as_str()), ("kullanici", "sorumlu"), ("sifre", PASSWORD)];
        assert_eq!(browser.clone().post("/giris", &fields).await.location, "/moduller", "{changed}");
    }
    world.app.clock.set(start + SignedDuration::from_mins(30));
    let shown = login_again(&mut browser.clone(), "sorumlu", &login).await;
    assert!(shown.text("[role=\"alert\"]").contains("30 dakika saklanır"), "{}", shown.html());
    assert!(shown.has("#cevap-ekle textarea") && !shown.html().contains("değerlendirme"));
}

#[tokio::test]
async fn a_form_of_another_user_is_refused_without_its_text() {
    let world = World::new();
    application_for(&world, "cevap-ekle");
    let mine = world.login("sorumlu").await;
    let mut other = world.login("sorumlu2").await;
    other.csrf.clone_from(&mine.csrf);
    let page = other.post("/basvurular/2026-06-0001000/cevap-ekle", &[("metin", TEXT)]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text("p.code").contains("others_form"), "{}", page.html());
    assert!(!page.html().contains("değerlendirme"));
    // Nor does a ticket open anything without the session that it names.
    let mut stranger = Browser::new(world.router());
    stranger.csrf.clone_from(&mine.csrf);
    let page = stranger.post("/basvurular/2026-06-0001000/cevap-ekle", &[("metin", TEXT)]).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(stranger.get("/basvurular").await.location.starts_with("/giris"));
}

#[tokio::test]
async fn a_text_far_above_the_limit_comes_back_with_and_without_a_session() {
    let world = World::new();
    application_for(&world, "cevap-ekle");
    let mut browser = world.login("sorumlu").await;
    let long = format!("{}son", "ğ ".repeat(300_000));
    let path = "/basvurular/2026-06-0001000/cevap-ekle";
    let page = browser.post(path, &[("metin", &long)]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(page.text("#cevap-ekle textarea"), long);
    assert!(page.text("[role=\"alert\"]").contains("256 KB"), "{}", page.text("[role=\"alert\"]"));
    browser.forget_session();
    let login = browser.post(path, &[("metin", &long)]).await;
    let shown = login_again(&mut browser, "sorumlu", &login).await;
    assert_eq!(shown.text("#cevap-ekle textarea"), long);
}

#[tokio::test]
async fn a_form_about_what_is_gone_keeps_its_text() {
    let world = World::new();
    let a = application_for(&world, "cevap-ekle");
    let mut browser = world.login("sorumlu").await;
    let unit = "06-nufus".parse().unwrap();
    change(&world, a.id, |a| a.unit = unit);
    let path = "/basvurular/2026-06-0001000/cevap-ekle";
    let page = browser.post(path, &[("metin", TEXT)]).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(page.text("textarea"), login_text());
    browser.forget_session();
    let login = browser.post(path, &[("metin", TEXT)]).await;
    let shown = login_again(&mut browser, "sorumlu", &login).await;
    assert_eq!((shown.status, shown.text("textarea")), (StatusCode::NOT_FOUND, login_text()));
}

#[tokio::test]
async fn a_form_survives_the_change_of_a_first_password() {
    let world = World::new();
    let (mut browser, login) = answer_without_session(&world).await;
    let now = world.app.clock.now();
    world.change("sorumlu", |user| {
        user.must_change_password = true;
        user.password_set_at = now;
    });
    let first = login_again(&mut browser, "sorumlu", &login).await;
    assert_eq!(first.text("h1"), "Şifre Değiştir");
    let mut page = first;
    for new in ["kısa", "yepyeni bir şifre"] {
        let held = page.input("taslak").unwrap();
        let fields = [("taslak", held.as_str()), ("eski", PASSWORD), ("yeni", new), ("tekrar", new)];
        page = browser.post("/sifre", &fields).await;
    }
    assert_eq!(page.text("#cevap-ekle textarea"), login_text());
    assert_eq!(browser.get("/basvurular").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_form_survives_a_password_or_a_role_that_was_changed_meanwhile() {
    let world = World::new();
    application_for(&world, "cevap-ekle");
    let path = "/basvurular/2026-06-0001000/cevap-ekle";
    let mut browser = world.login("sorumlu").await;
    world.change("sorumlu", |user| user.must_change_password = true);
    let page = browser.post(path, &[("metin", TEXT)]).await;
    assert_eq!(page.text("h1"), "Şifre Değiştir");
    let (held, new) = (page.input("taslak").unwrap(), "yepyeni bir şifre");
    let fields = [("taslak", held.as_str()), ("eski", PASSWORD), ("yeni", new), ("tekrar", new)];
    let page = browser.post("/sifre", &fields).await;
    assert_eq!(page.text("#cevap-ekle textarea"), login_text());

    world.change("sorumlu", |user| {
        user.must_change_password = false;
        user.profile.role = Role::Coordinator;
    });
    let page = browser.post(path, &[("metin", TEXT)]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.html().contains("değerlendirme"), "to copy");
}

#[tokio::test]
async fn a_second_login_form_leads_on_and_logs_nobody_in() {
    let world = World::new();
    let mut first = Browser::new(world.router());
    first.get("/giris").await;
    let form = first.csrf.clone();
    let page = first.post("/giris", &[("kullanici", "sorumlu"), ("sifre", PASSWORD)]).await;
    assert_eq!(page.location, "/moduller");
    for (next, leads) in [
        ("", "/moduller"),
        ("/basvurular?durum=sonuclanan", "/basvurular?durum=sonuclanan"),
        ("//evil.example", "/moduller"),
    ] {
        first.csrf.clone_from(&form);
        let fields = [("sonra", next), ("kullanici", "yetkili"), ("sifre", PASSWORD)];
        assert_eq!(first.post("/giris", &fields).await.location, leads);
        assert!(first.get("/moduller").await.shows("Selim Sorumlu"), "still the same user");
    }
    // Without a session the page only comes again, with what was typed but the password.
    let mut stale = Browser::new(world.router());
    stale.csrf.clone_from(&form);
    let page = stale
        .post("/giris", &[("sonra", "/basvurular"), ("kullanici", "sorumlu"), ("sifre", PASSWORD)])
        .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(page.input("kullanici").as_deref(), Some("sorumlu"));
    let again = login_again(&mut stale, "sorumlu", &page).await;
    assert_eq!(again.location, "/basvurular");
}

#[tokio::test]
async fn a_request_of_a_page_by_itself_is_no_activity() {
    let world = World::new();
    let start = world.app.clock.now();
    let mut browser = world.login("merkez").await;
    for minute in [10, 20, 29] {
        world.app.clock.set(start + SignedDuration::from_mins(minute));
        let request = axum::http::Request::get("/raporlama").header("ebasvuru-kendiliginden", "1");
        let page = browser.send(request, axum::body::Body::empty()).await;
        assert!(page.status == StatusCode::OK && !page.headers.contains_key("set-cookie"), "{minute}");
    }
    world.app.clock.set(start + SignedDuration::from_mins(31));
    assert_eq!(browser.get("/raporlama").await.status, StatusCode::SEE_OTHER);
}

/// What the guard and the login rely on, for every template.
#[test]
fn every_form_begins_with_its_ticket_and_names_its_passwords() {
    let mut forms = 0;
    for (name, source) in TEMPLATES {
        for form in source.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            if !form.split('>').next().unwrap().contains("method=\"post\"") {
                continue;
            }
            forms += 1;
            let (_, content) = form.split_once('>').unwrap();
            let first = content.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
            let by_macro = first.starts_with("{{ hidden(");
            assert!(by_macro || first == "<input type=\"hidden\" name=\"csrf\"", "{name}: {first}");
        }
        for input in source.split("<input").skip(1) {
            let input = input.split('>').next().unwrap();
            if input.contains("type=\"password\"") {
                let field = input.split("name=\"").nth(1).unwrap().split('"').next().unwrap();
                assert!(SECRETS.contains(&field), "{name}: {field} would be kept");
            }
        }
    }
    assert!(forms > 20, "{forms}");
}
