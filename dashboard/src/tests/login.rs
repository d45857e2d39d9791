//! Logins and sessions.

use axum::http::StatusCode;
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::user::User;
use jiff::SignedDuration;
use metrics_exporter_prometheus::PrometheusBuilder;

use super::{Browser, PASSWORD, World};
use crate::metric;

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_page() {
    let world = World::new();
    let mut pages = Vec::new();
    for name in ["sorumlu", "bilinmeyen", "İ geçersiz"] {
        let mut browser = Browser::new(world.router());
        let page = browser.login(name, "yanlış şifre 123").await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
        pages.push(page.html().replace(name, "NAME").replace(&browser.csrf, "CSRF"));
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0], pages[2]);
}

#[tokio::test]
async fn the_login_returns_to_the_requested_page() {
    let world = World::new();
    let mut browser = Browser::new(world.router());
    let sent = browser.get("/basvurular?durum=sonuclanan").await.location;
    let form = browser.get(&sent).await;
    let next = form.input("sonra").unwrap();
    let page =
        browser.post("/giris", &[("kullanici", "SORUMLU "), ("sifre", PASSWORD), ("sonra", &next)]).await;
    assert_eq!(page.location, "/basvurular?durum=sonuclanan");
    assert_eq!(browser.get(&page.location).await.status, StatusCode::OK);
}

#[tokio::test]
async fn too_many_attempts_are_throttled() {
    let world = World::new();
    let mut browser = Browser::new(world.router());
    let mut last = StatusCode::OK;
    for _ in 0..11 {
        last = browser.login("sorumlu", "yanlış şifre 123").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let known = browser.login("sorumlu", PASSWORD).await;
    assert_eq!(known.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(known.text(".alert").contains("sonra yeniden deneyiniz"));
    assert!(known.text("p.code").contains("login_throttled"));
    let wait: u64 = known.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=31).contains(&wait));
    // Unknown user names are throttled as well.
    let mut browser = Browser::new(world.router());
    for _ in 0..10 {
        browser.login("bilinmeyen", "yanlış şifre 123").await;
    }
    let unknown = browser.login("bilinmeyen", "yanlış şifre 123").await;
    assert_eq!(unknown.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn wrong_attempts_of_strangers_do_not_lock_the_owner_out() {
    let world = World::new();
    let known = world.login("sorumlu").await;
    let mut stranger = Browser::new(world.router());
    for _ in 0..11 {
        stranger.login("sorumlu", "yanlış şifre 123").await;
    }
    assert_eq!(stranger.login("sorumlu", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    // Neither in a browser that the owner has used, nor from another address.
    assert_eq!(known.clone().login("sorumlu", PASSWORD).await.location, "/moduller");
    let mut elsewhere = Browser::new(world.router());
    elsewhere.address = [192, 0, 2, 2].into();
    assert_eq!(elsewhere.login("sorumlu", PASSWORD).await.location, "/moduller");
    // The browser is known for one user only, and has no more attempts than others.
    let mut other = known.clone();
    for _ in 0..11 {
        other.login("yetkili", "yanlış şifre 123").await;
    }
    assert_eq!(other.login("yetkili", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    let mut guessing = known.clone();
    for _ in 0..10 {
        assert_eq!(guessing.login("sorumlu", "yanlış şifre 123").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(guessing.login("sorumlu", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn successful_logins_are_not_throttled() {
    let world = World::new();
    for _ in 0..15 {
        let mut browser = Browser::new(world.router());
        assert_eq!(browser.login("sorumlu", PASSWORD).await.location, "/moduller");
    }
}

#[tokio::test]
async fn reactivation_does_not_restore_old_sessions() {
    let world = World::new();
    let mut officer = world.login("sorumlu").await;
    let mut supervisor = world.login("yetkili").await;
    for doing in ["pasif", "aktif"] {
        let form = supervisor.get("/kullanicilar/sorumlu").await;
        let version = form.input("surum").unwrap();
        let fields = [("surum", version.as_str()), ("islem", doing), ("sifreniz", PASSWORD)];
        let page = supervisor.post("/kullanicilar/sorumlu", &fields).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html());
        // The browser keeps the cookie.
        assert_eq!(officer.clone().get("/basvurular").await.status, StatusCode::SEE_OTHER, "{doing}");
    }
    assert_eq!(officer.login("sorumlu", PASSWORD).await.location, "/moduller");
    assert_eq!(officer.get("/basvurular").await.status, StatusCode::OK);
}

#[tokio::test]
async fn deactivation_ends_the_session_at_once() {
    let world = World::new();
    let mut browser = world.login("sorumlu").await;
    assert_eq!(browser.get("/basvurular").await.status, StatusCode::OK);
    let user = world.app.users.get(&"sorumlu".parse().unwrap()).unwrap();
    let mut user = user.as_ref().clone();
    user.active = false;
    world.app.users.apply(user, 9);
    assert_eq!(browser.get("/basvurular").await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.login("sorumlu", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn sessions_end_when_idle_and_after_ten_hours() {
    let world = World::new();
    let start = world.app.clock.now();
    let mut browser = world.login("sorumlu").await;
    world.app.clock.set(start + SignedDuration::from_mins(31));
    assert_eq!(browser.get("/basvurular").await.status, StatusCode::SEE_OTHER, "idle");

    world.app.clock.set(start);
    let mut browser = world.login("sorumlu").await;
    for quarter in 1..=40 {
        world.app.clock.set(start + SignedDuration::from_mins(15 * quarter));
        assert_eq!(browser.get("/basvurular").await.status, StatusCode::OK, "quarter {quarter}");
    }
    world.app.clock.set(start + SignedDuration::from_mins(15 * 40 + 1));
    assert_eq!(browser.get("/basvurular").await.status, StatusCode::SEE_OTHER, "ten hours");
}

#[tokio::test]
async fn a_logout_ends_the_session_on_every_replica() {
    let world = World::new();
    let mut browser = world.login("sorumlu").await;
    let mut saved = browser.clone();
    let mut elsewhere = world.login("sorumlu").await;
    assert_eq!(browser.post("/cikis", &[]).await.location, "/giris");
    assert_eq!(browser.get("/moduller").await.status, StatusCode::SEE_OTHER);
    // No replica accepts a copy of the cookie.
    let replica = World::new();
    let known = world.app.users.get(&"sorumlu".parse().unwrap()).unwrap();
    replica.app.users.apply(User::clone(&known), 5);
    for path in ["/moduller", "/basvurular", "/sifre"] {
        assert!(saved.get(path).await.location.starts_with("/giris"), "{path}");
        assert!(saved.at(replica.router()).get(path).await.location.starts_with("/giris"), "{path}");
    }
    assert_eq!(saved.post("/basvurular", &[]).await.status, StatusCode::UNAUTHORIZED);
    // The user's session in another browser continues on both.
    assert_eq!(elsewhere.get("/basvurular").await.status, StatusCode::OK);
    assert_eq!(elsewhere.at(replica.router()).get("/basvurular").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_logout_without_a_reply_is_pending_and_drops_the_cookie() {
    let world = World::new();
    let mut browser = world.login("sorumlu").await;
    *world.store.silent.lock().unwrap() = true;
    assert_eq!(browser.post("/cikis", &[]).await.status, StatusCode::ACCEPTED);
    assert!(browser.get("/moduller").await.location.starts_with("/giris"));
}

/// Gives "sorumlu" a one-time password now.
fn one_time(world: &World) {
    let now = world.app.clock.now();
    world.change("sorumlu", |user| {
        user.must_change_password = true;
        user.password_set_at = now;
        user.access.one_time_used = false;
        user.access.password_set_by = Some(Actor::Staff("yetkili".parse().unwrap()));
    });
}

#[tokio::test]
async fn a_one_time_password_logs_in_once() {
    let world = World::new();
    one_time(&world);
    let mut browser = Browser::new(world.router());
    assert_eq!(browser.login("sorumlu", PASSWORD).await.location, "/sifre");
    let form = browser.get("/sifre").await;
    assert!(form.text(".alert.warn").contains("23.11.2026 09:00 tarihinde Yeter Yetkili belirledi"));
    let again = Browser::new(world.router()).login("sorumlu", PASSWORD).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert!(again.text(".alert").contains("yeni bir tek kullanımlık şifre isteyiniz"), "{}", again.html());
    assert!(again.text("p.code").contains("one_time_password_used"), "{}", again.html());
    let wrong = Browser::new(world.router()).login("sorumlu", "yanlış şifre 123").await;
    assert!(wrong.text("p.code").contains("login_refused"), "only who knows the password is told");
    // Who is logged in stays logged in and changes it.
    let new = "yepyeni bir şifre";
    let page = browser.post("/sifre", &[("eski", PASSWORD), ("yeni", new), ("tekrar", new)]).await;
    assert_eq!(page.location, "/moduller", "{}", page.html());
    for _ in 0..2 {
        assert_eq!(Browser::new(world.router()).login("sorumlu", new).await.location, "/moduller");
    }
    assert!(!browser.get("/sifre").await.shows("belirledi"));
}

#[tokio::test]
async fn a_one_time_password_expires_after_a_day() {
    let world = World::new();
    let start = world.app.clock.now();
    one_time(&world);
    world.app.clock.set(start + SignedDuration::from_hours(24));
    let late = Browser::new(world.router()).login("sorumlu", PASSWORD).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    assert!(late.text("p.code").contains("one_time_password_expired"), "{}", late.html());
    world.app.clock.set(start + SignedDuration::from_hours(23));
    assert_eq!(Browser::new(world.router()).login("sorumlu", PASSWORD).await.location, "/sifre");
}

/// The command may have been executed although its reply is missing.
#[tokio::test]
async fn a_login_without_a_reply_can_be_tried_again() {
    let world = World::new();
    one_time(&world);
    let mut browser = Browser::new(world.router());
    *world.store.silent.lock().unwrap() = true;
    assert_eq!(browser.login("sorumlu", PASSWORD).await.status, StatusCode::ACCEPTED);
    *world.store.silent.lock().unwrap() = false;
    assert_eq!(browser.login("sorumlu", PASSWORD).await.location, "/sifre");
}

#[tokio::test]
async fn a_first_password_must_be_changed_before_anything_else() {
    let world = World::new();
    let mut elsewhere = world.login("sorumlu").await;
    one_time(&world);
    let mut browser = Browser::new(world.router());
    assert_eq!(browser.login("sorumlu", PASSWORD).await.location, "/sifre");
    assert_eq!(browser.get("/basvurular").await.location, "/sifre");
    assert_eq!(elsewhere.get("/basvurular").await.location, "/sifre");

    let fields = |old, new, again| [("eski", old), ("yeni", new), ("tekrar", again)];
    for (old, new, again) in [
        ("yanlış", "yepyeni bir şifre", "yepyeni bir şifre"),
        (PASSWORD, "kısa", "kısa"),
        (PASSWORD, "yepyeni bir şifre", "başka bir şifre"),
        (PASSWORD, PASSWORD, PASSWORD),
    ] {
        let page = browser.post("/sifre", &fields(old, new, again)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{old} {new}");
    }
    let new = "yepyeni bir şifre";
    let page = browser.post("/sifre", &fields(PASSWORD, new, new)).await;
    assert_eq!(page.location, "/moduller", "{}", page.html());
    assert_eq!(browser.get("/basvurular").await.status, StatusCode::OK);
    assert_eq!(elsewhere.get("/sifre").await.status, StatusCode::SEE_OTHER, "other sessions end");
    assert_eq!(Browser::new(world.router()).login("sorumlu", new).await.location, "/moduller");
}

#[tokio::test]
async fn logins_are_counted_by_outcome_and_by_nothing_else() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _here = metrics::set_default_local_recorder(&recorder);
    let world = World::new();
    assert_eq!(Browser::new(world.router()).login("yetkili", PASSWORD).await.location, "/moduller");
    let mut stranger = Browser::new(world.router());
    for _ in 0..11 {
        stranger.login("sorumlu2", "yanlış şifre 123").await;
    }
    one_time(&world);
    *world.store.silent.lock().unwrap() = true;
    assert_eq!(Browser::new(world.router()).login("sorumlu", PASSWORD).await.status, StatusCode::ACCEPTED);
    *world.store.silent.lock().unwrap() = false;
    for _ in 0..2 {
        Browser::new(world.router()).login("sorumlu", PASSWORD).await;
    }
    let told = recorder.handle().render();
    let mut lines: Vec<_> = told.lines().filter(|line| line.starts_with(metric::LOGINS)).collect();
    lines.sort_unstable();
    let expected =
        [("credentials", 10), ("failed", 1), ("ok", 2), ("one_time_password", 1), ("throttled", 1)];
    let expected = expected.map(|(outcome, n)| format!("{}{{outcome=\"{outcome}\"}} {n}", metric::LOGINS));
    assert_eq!(lines, expected);
}
