//! Logging in, staying in, being put out.

use axum::http::StatusCode;
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::user::User;
use jiff::SignedDuration;
use metrics_exporter_prometheus::PrometheusBuilder;

use super::{Browser, PASSWORD, World};
use crate::metric;

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_look_the_same() {
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
async fn the_login_leads_back_to_where_one_was() {
    let world = World::new();
    let mut browser = Browser::new(world.router());
    let sent = browser.get("/basvurular?durum=sonuclanan").await.location;
    let form = browser.get(&sent).await;
    let next = form.input("sonra").unwrap().replace("&#x2f;", "/").replace("&#61;", "=");
    let page =
        browser.post("/giris", &[("kullanici", "SORUMLU "), ("sifre", PASSWORD), ("sonra", &next)]).await;
    assert_eq!(page.location, "/basvurular?durum=sonuclanan");
    assert_eq!(browser.get(&page.location).await.status, StatusCode::OK);
}

#[tokio::test]
async fn too_many_tries_are_stopped() {
    let world = World::new();
    let mut browser = Browser::new(world.router());
    let mut last = StatusCode::OK;
    for _ in 0..11 {
        last = browser.login("sorumlu", "yanlış şifre 123").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let known = browser.login("sorumlu", PASSWORD).await;
    assert_eq!(known.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(known.html().contains("sonra yeniden deneyiniz") && known.html().contains("login_throttled"));
    let wait: u64 = known.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=31).contains(&wait));
    // Somebody who does not exist is stopped as well, by the same page.
    let mut browser = Browser::new(world.router());
    for _ in 0..10 {
        browser.login("bilinmeyen", "yanlış şifre 123").await;
    }
    let unknown = browser.login("bilinmeyen", "yanlış şifre 123").await;
    assert_eq!(unknown.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_strangers_wrong_tries_do_not_lock_the_owner_out() {
    let world = World::new();
    let known = world.login("sorumlu").await;
    let mut stranger = Browser::new(world.router());
    for _ in 0..11 {
        stranger.login("sorumlu", "yanlış şifre 123").await;
    }
    assert_eq!(stranger.login("sorumlu", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    // From the same address, by a browser that the owner has used; and from any other address.
    assert_eq!(known.clone().login("sorumlu", PASSWORD).await.location, "/moduller");
    let mut elsewhere = Browser::new(world.router());
    elsewhere.address = [192, 0, 2, 2].into();
    assert_eq!(elsewhere.login("sorumlu", PASSWORD).await.location, "/moduller");
    // It is known for the one user, and has no more tries than anybody.
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
async fn right_passwords_do_not_count() {
    let world = World::new();
    for _ in 0..15 {
        let mut browser = Browser::new(world.router());
        assert_eq!(browser.login("sorumlu", PASSWORD).await.location, "/moduller");
    }
}

#[tokio::test]
async fn aktif_again_brings_no_old_session_back() {
    let world = World::new();
    let mut officer = world.login("sorumlu").await;
    let mut supervisor = world.login("yetkili").await;
    for doing in ["pasif", "aktif"] {
        let form = supervisor.get("/kullanicilar/sorumlu").await;
        let version = form.input("surum").unwrap().to_owned();
        let fields = [("surum", version.as_str()), ("islem", doing), ("sifreniz", PASSWORD)];
        let page = supervisor.post("/kullanicilar/sorumlu", &fields).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html());
        // The cookie is still there: a copy of the browser keeps it.
        assert_eq!(officer.clone().get("/basvurular").await.status, StatusCode::SEE_OTHER, "{doing}");
    }
    assert_eq!(officer.login("sorumlu", PASSWORD).await.location, "/moduller");
    assert_eq!(officer.get("/basvurular").await.status, StatusCode::OK);
}

#[tokio::test]
async fn pasif_ends_the_session_at_once() {
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
async fn a_session_ends_when_idle_and_after_a_day_of_work() {
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
async fn logging_out_forgets_the_cookie() {
    let world = World::new();
    let mut browser = world.login("sorumlu").await;
    let mut saved = browser.clone();
    let mut elsewhere = world.login("sorumlu").await;
    assert_eq!(browser.post("/cikis", &[]).await.location, "/giris");
    assert_eq!(browser.get("/moduller").await.status, StatusCode::SEE_OTHER);
    // A copy of the cookie opens nothing any more, at a replica that heard of it only now.
    let replica = World::new();
    let known = world.app.users.get(&"sorumlu".parse().unwrap()).unwrap();
    replica.app.users.apply(User::clone(&known), 5);
    for path in ["/moduller", "/basvurular", "/sifre"] {
        assert!(saved.get(path).await.location.starts_with("/giris"), "{path}");
        assert!(saved.at(replica.router()).get(path).await.location.starts_with("/giris"), "{path}");
    }
    assert_eq!(saved.post("/basvurular", &[]).await.location, "/giris?neden=oturum");
    // The same person's other browser goes on, on both.
    assert_eq!(elsewhere.get("/basvurular").await.status, StatusCode::OK);
    assert_eq!(elsewhere.at(replica.router()).get("/basvurular").await.status, StatusCode::OK);
}

#[tokio::test]
async fn logging_out_while_the_worker_is_away_says_so_and_forgets_the_cookie() {
    let world = World::new();
    let mut browser = world.login("sorumlu").await;
    *world.store.silent.lock().unwrap() = true;
    assert_eq!(browser.post("/cikis", &[]).await.status, StatusCode::ACCEPTED);
    assert!(browser.get("/moduller").await.location.starts_with("/giris"));
}

/// Gives somebody a password that must be changed, as if just now.
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
    assert!(form.html().contains("23.11.2026 09:00 tarihinde Yeter Yetkili belirledi"), "{}", form.html());
    let again = Browser::new(world.router()).login("sorumlu", PASSWORD).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert!(again.html().contains("yeni bir tek kullanımlık şifre isteyiniz"), "{}", again.html());
    assert!(again.html().contains("one_time_password_used"), "{}", again.html());
    let wrong = Browser::new(world.router()).login("sorumlu", "yanlış şifre 123").await;
    assert!(wrong.html().contains("login_refused"), "only who knows it is told");
    // Whoever is in stays in and changes it.
    let new = "yepyeni bir şifre";
    let page = browser.post("/sifre", &[("eski", PASSWORD), ("yeni", new), ("tekrar", new)]).await;
    assert_eq!(page.location, "/moduller", "{}", page.html());
    for _ in 0..2 {
        assert_eq!(Browser::new(world.router()).login("sorumlu", new).await.location, "/moduller");
    }
    assert!(!browser.get("/sifre").await.html().contains("belirledi"));
}

#[tokio::test]
async fn a_one_time_password_is_good_for_a_day() {
    let world = World::new();
    let start = world.app.clock.now();
    one_time(&world);
    world.app.clock.set(start + SignedDuration::from_hours(24));
    let late = Browser::new(world.router()).login("sorumlu", PASSWORD).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    assert!(late.html().contains("one_time_password_expired"), "{}", late.html());
    world.app.clock.set(start + SignedDuration::from_hours(23));
    assert_eq!(Browser::new(world.router()).login("sorumlu", PASSWORD).await.location, "/sifre");
}

/// The command may have been carried out although nobody answered: the same browser comes in.
#[tokio::test]
async fn a_login_that_was_not_answered_is_tried_again() {
    let world = World::new();
    one_time(&world);
    let mut browser = Browser::new(world.router());
    *world.store.silent.lock().unwrap() = true;
    assert_eq!(browser.login("sorumlu", PASSWORD).await.status, StatusCode::ACCEPTED);
    *world.store.silent.lock().unwrap() = false;
    assert_eq!(browser.login("sorumlu", PASSWORD).await.location, "/sifre");
}

#[tokio::test]
async fn the_first_password_is_changed_before_anything_else() {
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
