//! Kullanıcılar: the list and the acts on users.

use axum::http::StatusCode;
use ebasvuru_workflow::domain::actor::Role;

use super::{Browser, PASSWORD, World};

#[tokio::test]
async fn a_sorumlu_defined_by_a_yetkili_logs_in() {
    let world = World::new();
    let mut supervisor = world.login("yetkili").await;
    let form = supervisor.get("/kullanicilar/yeni").await;
    let command = form.input("komut").unwrap();
    let first = "ilk şifre burada";
    let fields = [
        ("komut", command.as_str()),
        ("kullanici", "yeni.sorumlu"),
        ("ad", "Yeni Sorumlu"),
        ("rol", "sorumlu"),
        ("sifre", first),
        ("sifreniz", PASSWORD),
    ];
    let page = supervisor.post("/kullanicilar/yeni", &fields).await;
    assert_eq!(page.location, "/kullanicilar", "{}", page.html());
    assert!(supervisor.get("/kullanicilar").await.shows("yeni.sorumlu"));
    let mut officer = Browser::new(world.router());
    assert_eq!(officer.login("yeni.sorumlu", first).await.location, "/sifre");
}

#[tokio::test]
async fn a_refused_form_keeps_its_values() {
    let world = World::new();
    let mut supervisor = world.login("yetkili").await;
    supervisor.get("/kullanicilar/yeni").await;
    let fields = [
        ("kullanici", "sorumlu"),
        ("ad", "Var <Olan>"),
        ("rol", "sorumlu"),
        ("sifre", "ilk şifre burada"),
        ("sifreniz", PASSWORD),
    ];
    let page = supervisor.post("/kullanicilar/yeni", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.text(".alert.error"), "Bu kullanıcı adı kullanılmaktadır.");
    assert_eq!(page.input("ad").as_deref(), Some("Var <Olan>"));
}

#[tokio::test]
async fn a_yetkili_deactivates_a_sorumlu() {
    let world = World::new();
    let mut officer = world.login("sorumlu").await;
    let mut supervisor = world.login("yetkili").await;
    let form = supervisor.get("/kullanicilar/sorumlu").await;
    let version = form.input("surum").unwrap();
    let fields = [("surum", version.as_str()), ("islem", "pasif"), ("sifreniz", PASSWORD)];
    let page = supervisor.post("/kullanicilar/sorumlu", &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html());
    assert!(supervisor.get("/kullanicilar").await.shows("Pasif"));
    assert_eq!(officer.get("/basvurular").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn users_outside_of_the_unit_are_neither_seen_nor_changed() {
    let world = World::new();
    let mut supervisor = world.login("yetkili").await;
    let list = supervisor.get("/kullanicilar").await;
    assert!(list.shows("Selim Sorumlu"));
    assert!(!list.shows("Berk Başka") && !list.shows("Merkez Yönetici"));
    assert_eq!(supervisor.get("/kullanicilar/baskabirim").await.status, StatusCode::NOT_FOUND);
    supervisor.get("/kullanicilar/sorumlu").await;
    let own = supervisor.post("/kullanicilar/yetkili", &[("surum", "1"), ("islem", "pasif")]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    let mut coordinator = world.login("koordinasyon").await;
    let page = coordinator.get("/kullanicilar/sorumlu").await;
    assert!(!page.shows("Kaydet") && !page.shows("Pasife Çek"));
}

#[tokio::test]
async fn deactivation_says_what_it_will_do_and_what_it_did() {
    let world = World::new();
    let mut officer = world.login("sorumlu").await;
    for n in 1..=3 {
        let no = world.application(n, "").no;
        officer.get(&format!("/basvurular/{no}")).await;
        if n < 3 {
            let page = officer.post(&format!("/basvurular/{no}/teslim-al"), &[("surum", "1")]).await;
            assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html());
        }
    }
    let mut supervisor = world.login("yetkili").await;
    let confirm = supervisor.get("/kullanicilar/sorumlu/pasif").await;
    assert!(
        confirm.text("ul.rules").contains("Üzerindeki 2 açık başvuru birime döner"),
        "{}",
        confirm.html()
    );
    assert!(world.app.users.get(&"sorumlu".parse().unwrap()).unwrap().active, "nothing has happened yet");
    let hidden = ["komut", "surum", "islem"].map(|name| (name, confirm.input(name).unwrap()));
    let mut fields: Vec<_> = hidden.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.push(("sifreniz", PASSWORD));
    let page = supervisor.post("/kullanicilar/sorumlu", &fields).await;
    let after = supervisor.get(&page.location).await;
    assert!(after.text(".alert.done").contains("Üzerindeki 2 açık başvuru birime geri döndü."));
    assert!(after.has("a[href=\"/basvurular?durum=teslim-bekleyen\"]"));
    // Anything but a number in the address is ignored.
    let odd = supervisor.get("/kullanicilar/sorumlu?oldu=pasif&donen=%3Cb%3E9").await;
    assert!(!odd.html().contains("<b>") && !odd.html().contains("geri döndü"));
}

#[tokio::test]
async fn a_one_time_password_is_the_same_for_a_repeated_form_and_must_be_changed() {
    let world = World::new();
    let mut supervisor = world.login("yetkili").await;
    let mut officer = world.login("sorumlu").await;
    supervisor.get("/kullanicilar/sorumlu").await;
    let id = "019390f0-0000-7000-8000-000000000001";
    let fields = [("komut", id), ("surum", "1"), ("islem", "sifre"), ("sifreniz", PASSWORD)];
    let shown = |page: &super::browser::Page| page.text("code.once");
    let first = shown(&supervisor.post("/kullanicilar/sorumlu", &fields).await);
    let again = shown(&supervisor.post("/kullanicilar/sorumlu", &fields).await);
    assert_eq!(first, again, "the same form is the same command");
    assert_eq!(first.len(), 19);
    assert_eq!(officer.get("/basvurular").await.status, StatusCode::SEE_OTHER, "the old session ended");
    assert_eq!(officer.login("sorumlu", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(officer.login("sorumlu", &first).await.location, "/sifre");
    assert_eq!(officer.get("/basvurular").await.location, "/sifre");

    supervisor.get("/kullanicilar/yeni").await;
    let other = "019390f0-0000-7000-8000-000000000002";
    let fields = [
        ("komut", other),
        ("kullanici", "yepyeni"),
        ("ad", "Yepyeni Biri"),
        ("rol", "sorumlu"),
        ("sifreniz", PASSWORD),
    ];
    let made = shown(&supervisor.post("/kullanicilar/yeni", &fields).await);
    assert_ne!(made, first);
    assert_eq!(Browser::new(world.router()).login("yepyeni", &made).await.location, "/sifre");
}

#[tokio::test]
async fn the_list_can_be_searched_filtered_and_paged() {
    let world = World::new();
    for n in 0..60 {
        world.user(&format!("cok{n}"), &format!("Çok {n:02}"), Role::Officer, Some("06-sivil-toplum"));
    }
    world.change("cok7", |user| user.active = false);
    let mut administrator = world.login("merkez").await;
    let mut seen = 0;
    administrator.get("/kullanicilar").await;
    let fields = [("rol", "sorumlu"), ("valilik", "6"), ("durum", "aktif"), ("ara", "cok")];
    let mut path = administrator.post("/kullanicilar", &fields).await.location;
    loop {
        let page = administrator.get(&path).await;
        assert!(page.text("caption").contains("59 kullanıcı"), "{}", page.html());
        seen += page.texts("th[scope=row]").iter().filter(|name| name.starts_with("Çok")).count();
        let Some(next) = page.attribute("a[rel=next]", "href") else { break };
        path = next;
    }
    assert_eq!(seen, 59);
    let one = administrator.post("/kullanicilar", &[("ara", "SELİM")]).await.location;
    let one = administrator.get(&one).await;
    assert!(one.shows("Selim Sorumlu") && !one.shows("Suna Sorumlu"));
    let none = administrator.get("/kullanicilar?valilik=35").await;
    assert!(none.shows("Bu koşullara uyan kullanıcı yok."));
}

#[tokio::test]
async fn a_yetkili_shares_authority_and_revokes_it() {
    let world = World::new();
    let mut supervisor = world.login("yetkili").await;
    let form = supervisor.get("/yetkimi-paylas").await;
    assert!(!form.shows("Berk Başka"), "only the own unit's");
    let version = form.input("surum").unwrap();
    let fields = |to, until| {
        [
            ("surum", version.as_str()),
            ("kime", to),
            ("baslangic-gun", "2026-11-23"),
            ("baslangic-saat", "08:00"),
            ("bitis-gun", "2026-11-24"),
            ("bitis-saat", until),
        ]
    };
    let refused = supervisor.post("/yetkimi-paylas", &fields("baskabirim", "17:30")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text(".alert.error").contains("aynı birimin aktif bir Sorumlusu"), "{}", refused.html());
    assert_eq!(refused.input("bitis-saat").as_deref(), Some("17:30"), "what was typed is kept");
    let page = supervisor.post("/yetkimi-paylas", &fields("sorumlu", "17:30")).await;
    let after = supervisor.get(&page.location).await;
    assert!(after.shows("24.11.2026 17:30"), "{}", after.html());

    // The delegate sees on whose behalf and until when they may act, and acts.
    let mut officer = world.login("sorumlu").await;
    let no = world.application(1, "").no;
    let page = officer.get(&format!("/basvurular/{no}")).await;
    let acting = page.text("aside.acting");
    assert!(acting.contains("Yeter Yetkili adına"), "{acting}");
    assert!(acting.contains("23.11.2026 08:00 – 24.11.2026 17:30"), "{acting}");
    let given = [("surum", "1"), ("sorumlu", "sorumlu2")];
    officer.post(&format!("/basvurular/{no}/teslim-et"), &given).await;
    let page = officer.get(&format!("/basvurular/{no}")).await;
    assert!(page.text("ol.history").contains("Selim Sorumlu (Yeter Yetkili adına)"), "both names");

    let confirm = supervisor.get("/yetkimi-paylas/geri-al").await;
    let (command, version) = (confirm.input("komut").unwrap(), confirm.input("surum").unwrap());
    let fields = [("komut", command.as_str()), ("surum", &version)];
    let page = supervisor.post("/yetkimi-paylas/geri-al", &fields).await;
    assert!(supervisor.get(&page.location).await.shows("geri alındı"));
    assert!(!officer.get("/basvurular").await.shows("Yeter Yetkili adına"));
}

#[tokio::test]
async fn a_delegate_may_not_approve_their_own_proposal() {
    let world = World::new();
    world.lend("yetkili", "sorumlu", 24);
    let mut officer = world.login("sorumlu").await;
    let no = world.application(1, "").no;
    let at = |what: &str| format!("/basvurular/{no}/{what}");
    for (doing, fields) in [
        ("teslim-al", vec![("surum", "1")]),
        ("cevap-ekle", vec![("surum", "2"), ("metin", "Uygundur.")]),
        ("onaya-gonder", vec![("surum", "3")]),
    ] {
        officer.get(&format!("/basvurular/{no}")).await;
        let page = officer.post(&at(doing), &fields).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{doing}: {}", page.html());
    }
    let page = officer.get(&format!("/basvurular/{no}")).await;
    assert!(page.text("ul.closed").contains("Kendi gönderdiğiniz işlemi onaylayamazsınız."));
}

#[tokio::test]
async fn a_coordinator_sees_no_forms_and_no_buttons_for_users() {
    let world = World::new();
    let mut coordinator = world.login("koordinasyon").await;
    for path in ["/kullanicilar", "/kullanicilar/sorumlu", "/kullanicilar/yetkili"] {
        let page = coordinator.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.has("main form") && !page.has("main button"), "{path}: {}", page.html());
        let main = page.text("main");
        for label in ["Kullanıcı Ekle", "Kaydet", "Pasife Çek", "Aktif Yap", "Yetkimi Paylaş", "Şifre Ver"]
        {
            assert!(!main.contains(label), "{path}: {label}");
        }
    }
}

#[tokio::test]
async fn changes_of_access_ask_for_the_own_password() {
    let world = World::new();
    let mut administrator = world.login("merkez").await;
    let before = world.app.users.get(&"sorumlu".parse().unwrap()).unwrap();
    let post = async |browser: &mut Browser, path: &str, fields: &[(&str, &str)], own: &str| {
        let fields = [&[("surum", "1"), ("sifreniz", own)], fields].concat();
        browser.post(path, &fields).await
    };
    let moved = [("islem", "kaydet"), ("ad", "Selim Sorumlu"), ("rol", "sorumlu"), ("birim", "06-nufus")];
    for own in ["", "yanlış şifre 123"] {
        for fields in [&[("islem", "sifre")][..], &[("islem", "pasif")], &moved] {
            let page = post(&mut administrator, "/kullanicilar/sorumlu", fields, own).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
            assert!(page.text(".alert.error").contains("Kendi şifreniz hatalı"), "{}", page.html());
        }
    }
    let new = [("kullanici", "yeni.biri"), ("ad", "Yeni Biri"), ("rol", "yonetici")];
    let page = post(&mut administrator, "/kullanicilar/yeni", &new, "").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.input("ad").as_deref(), Some("Yeni Biri"), "what was typed is kept");
    assert_eq!(*world.app.users.get(&"sorumlu".parse().unwrap()).unwrap(), *before, "nothing was done");
    assert!(world.app.users.get(&"yeni.biri".parse().unwrap()).is_none());
    // A change of the name only is no change of access.
    let renamed =
        [("islem", "kaydet"), ("ad", "Selim Sorumluoğlu"), ("rol", "sorumlu"), ("birim", "06-sivil-toplum")];
    let page = post(&mut administrator, "/kullanicilar/sorumlu", &renamed, "").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html());
    let mut administrator = world.login("merkez").await;
    let fields = [("surum", "2"), ("sifreniz", PASSWORD), ("islem", "pasif")];
    let page = administrator.post("/kullanicilar/sorumlu", &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html());
}

#[tokio::test]
async fn a_yetkili_may_not_approve_proposals_under_a_password_that_they_set() {
    let world = World::new();
    let mut supervisor = world.login("yetkili").await;
    supervisor.get("/kullanicilar/sorumlu").await;
    let fields = [("surum", "1"), ("islem", "sifre"), ("sifreniz", PASSWORD)];
    let page = supervisor.post("/kullanicilar/sorumlu", &fields).await;
    let first = page.text("code.once");
    let mut officer = Browser::new(world.router());
    assert_eq!(officer.login("sorumlu", &first).await.location, "/sifre");
    let new = "yepyeni bir şifre";
    officer.post("/sifre", &[("eski", &first), ("yeni", new), ("tekrar", new)]).await;
    let no = world.application(1, "").no;
    let path = format!("/basvurular/{no}");
    for (doing, fields) in [
        ("teslim-al", vec![("surum", "1")]),
        ("cevap-ekle", vec![("surum", "2"), ("metin", "Uygundur.")]),
        ("onaya-gonder", vec![("surum", "3")]),
    ] {
        officer.get(&path).await;
        let page = officer.post(&format!("{path}/{doing}"), &fields).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{doing}: {}", page.html());
    }
    let page = supervisor.get(&path).await;
    assert!(!page.has(&format!("form[action=\"{path}/onayla\"]")), "{}", page.html());
    assert!(page.text("ul.closed").contains("Gönderen Sorumlunun şifresini siz belirlediniz"));
    let refused = supervisor.post(&format!("{path}/onayla"), &[("surum", "4"), ("emin", "1")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    world.user("yetkili2", "Yaman Yetkili", Role::Supervisor, Some("06-sivil-toplum"));
    let mut other = world.login("yetkili2").await;
    other.get(&path).await;
    let done = other.post(&format!("{path}/onayla"), &[("surum", "4"), ("emin", "1")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.html());
}
