//! Kullanıcılar.

use axum::http::StatusCode;

use super::{Browser, World};

#[tokio::test]
async fn a_yetkili_defines_a_sorumlu_who_logs_in() {
    let world = World::new();
    let mut supervisor = world.login("yetkili").await;
    let form = supervisor.get("/kullanicilar/yeni").await;
    let command = form.input("komut").unwrap().to_owned();
    let first = "ilk şifre burada";
    let fields = [
        ("komut", command.as_str()),
        ("kullanici", "yeni.sorumlu"),
        ("ad", "Yeni Sorumlu"),
        ("rol", "sorumlu"),
        ("sifre", first),
    ];
    let page = supervisor.post("/kullanicilar/yeni", &fields).await;
    assert_eq!(page.location, "/kullanicilar", "{}", page.html());
    assert!(supervisor.get("/kullanicilar").await.html().contains("yeni.sorumlu"));
    let mut officer = Browser::new(world.router());
    assert_eq!(officer.login("yeni.sorumlu", first).await.location, "/sifre");
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed() {
    let world = World::new();
    let mut supervisor = world.login("yetkili").await;
    supervisor.get("/kullanicilar/yeni").await;
    let fields =
        [("kullanici", "sorumlu"), ("ad", "Var <Olan>"), ("rol", "sorumlu"), ("sifre", "ilk şifre burada")];
    let page = supervisor.post("/kullanicilar/yeni", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.html().contains("Bu kullanıcı adı kullanılmaktadır."));
    assert!(page.html().contains("value=\"Var &lt;Olan&gt;\""));
}

#[tokio::test]
async fn a_yetkili_sets_a_sorumlu_pasif() {
    let world = World::new();
    let mut officer = world.login("sorumlu").await;
    let mut supervisor = world.login("yetkili").await;
    let form = supervisor.get("/kullanicilar/sorumlu").await;
    let version = form.input("surum").unwrap().to_owned();
    let page = supervisor.post("/kullanicilar/sorumlu", &[("surum", &version), ("islem", "pasif")]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html());
    assert!(supervisor.get("/kullanicilar").await.html().contains("Pasif"));
    assert_eq!(officer.get("/basvurular").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn nobody_sees_or_changes_whom_they_should_not() {
    let world = World::new();
    let mut supervisor = world.login("yetkili").await;
    let list = supervisor.get("/kullanicilar").await;
    assert!(list.html().contains("Selim Sorumlu"));
    assert!(!list.html().contains("Berk Başka") && !list.html().contains("Merkez Yönetici"));
    assert_eq!(supervisor.get("/kullanicilar/baskabirim").await.status, StatusCode::NOT_FOUND);
    supervisor.get("/kullanicilar/sorumlu").await;
    let own = supervisor.post("/kullanicilar/yetkili", &[("surum", "1"), ("islem", "pasif")]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    let mut coordinator = world.login("koordinasyon").await;
    let page = coordinator.get("/kullanicilar/sorumlu").await;
    assert!(!page.html().contains("Kaydet") && !page.html().contains("Pasife Çek"));
}
