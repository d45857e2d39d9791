//! Everything is found, however it is typed, and nothing is cut without a word.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::Application;

use super::browser::{Browser, Page};
use super::{PASSWORD, World};
use crate::view::address::percent;

/// An application of a person of this name.
fn named(world: &World, n: u64, full_name: &str) -> Application {
    let mut application = world.application(n, "");
    let tckn = "10000000146".parse().unwrap();
    let (first, last) = full_name.split_once(' ').unwrap();
    application.applicant = world.app.sealer.applicant(&tckn, first, last);
    world.store.applications.lock().unwrap().insert(application.id, application.clone());
    application
}

async fn search(browser: &mut Browser, typed: &str) -> Page {
    browser.get("/basvurular").await;
    let sent = browser.post("/basvurular", &[("ara", typed)]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{typed}: {}", sent.html());
    browser.get(&sent.location).await
}

#[tokio::test]
async fn a_person_is_found_by_every_spelling_of_the_name() {
    let world = World::new();
    let names = [
        ("S\u{327}ule O\u{308}ztu\u{308}rkmenog\u{306}lu", "Ş*** Ö***"),
        ("Kâzım Âdemoğluzade", "K*** Â***"),
        ("\u{200b}i\u{307}nci Çınarçık\u{202e} 😀", "İ*** Ç***"),
        ("Fatma Yıldız-Kaya", "F*** Y***"),
    ];
    for (n, (name, _)) in (1..).zip(names) {
        named(&world, n, name);
    }
    let mut officer = world.login("sorumlu").await;
    for (typed, found) in [
        ("Şule", 0),
        ("SULE OZTURKMENOGLU", 0),
        ("Öztürkmenoğlu, Şule", 0),
        ("Kazım", 1),
        ("KAZIM ADEMOGLUZADE", 1),
        ("Ka\u{302}zım", 1),
        ("Cinarcik", 2),
        ("İNCİ\u{a0}ÇINARÇIK\u{feff}", 2),
        ("kaya", 3),
        ("Yıldız – Kaya", 3),
        ("yildizkaya", 3),
    ] {
        let page = search(&mut officer, typed).await;
        assert_eq!(page.texts("tbody th[scope=row]").len(), 1, "{typed:?}");
        assert!(page.shows(names[found].1), "{typed:?}: {}", page.html());
    }
    for nobody in ["Ayşe Öztürkmenoğlu", "😀", "şul"] {
        assert!(search(&mut officer, nobody).await.shows("Bu koşullara uyan başvuru yok."), "{nobody}");
    }
}

#[tokio::test]
async fn a_number_is_found_in_whatever_was_pasted() {
    let world = World::new();
    let no = world.application(126, "").no;
    world.application(127, "");
    assert_eq!(no.as_str(), "2026-06-0126000");
    let mut officer = world.login("sorumlu").await;
    for typed in [
        "#2026-06-0126000",
        "No: 2026-06-0126000",
        "2026–06–0126000",
        "2026‑06‑0126000",
        "2026060126000",
        "2026/06/0126000",
        "2026-06-0126000.",
        "\u{feff}2026 - 06 - 0126 000 ",
        "0126000",
        "126000",
        "Başvuru No 0126000",
    ] {
        let page = search(&mut officer, typed).await;
        assert_eq!(page.texts("tbody th[scope=row]"), [no.as_str()], "{typed:?}");
    }
    for typed in ["2026–06–0126000", "2026060126000", "#2026-06-0126000."] {
        let page =
            officer.get(&format!("/basvurular/{}?liste=%2Fbasvurular%3Fara%3D2026", percent(typed))).await;
        assert_eq!(page.location, format!("/basvurular/{no}?liste=%2Fbasvurular%3Fara%3D2026"), "{typed}");
    }
    for typed in ["TC 10000000146", "T.C. 100 000 001 46", "１００００００0146", "Ayşe Yılmaz, 10000000146"]
    {
        assert_eq!(search(&mut officer, typed).await.texts("tbody th[scope=row]").len(), 2, "{typed:?}");
    }
}

#[tokio::test]
async fn every_other_application_of_a_person_is_listed_and_counted() {
    let world = World::new();
    let all: Vec<Application> = (1..=206).map(|n| world.application(n, "")).collect();
    let mut officer = world.login("sorumlu").await;
    let list = percent("/basvurular?durum=onay-bekleyen");
    let mut path = format!("/basvurular/{}?liste={list}", all[0].no);
    let mut seen = Vec::new();
    loop {
        let page = officer.get(&path).await;
        assert_eq!(page.text("#digerleri h2 .count"), "205", "{}", page.html());
        assert!(page.has("a[href=\"/basvurular?durum=onay-bekleyen\"]"), "the way back to the list stays");
        seen.extend(page.texts("#digerleri li a"));
        let Some(next) = page.attribute("#digerleri a[rel=next]", "href") else { break };
        path = next.trim_end_matches("#digerleri").to_owned();
    }
    let others: Vec<String> = all[1..].iter().rev().map(|other| other.no.to_string()).collect();
    assert_eq!(seen, others, "newest first");
    assert!(officer.get(&path).await.has("#digerleri a[rel=prev]"));
}

#[tokio::test]
async fn a_login_is_one_user_however_it_is_typed() {
    let world = World::new();
    world.user("ankara.yetkili", "Yeter Yetkili", Role::Supervisor, Some("06-sivil-toplum"));
    for typed in [
        "ANKARA.YETKİLİ",
        "ANKARA.YETKILI",
        "ankara.yetkılı",
        " Ankara.Yetki\u{307}li\u{a0}",
        "\u{200b}ankara.yetkili\u{feff}",
        "ａｎｋａｒａ.yetkili",
    ] {
        let page = Browser::new(world.router()).login(typed, PASSWORD).await;
        assert_eq!(page.location, "/moduller", "{typed:?}: {}", page.html());
    }
    // Two spellings are one user: the second is refused.
    let mut administrator = world.login("merkez").await;
    let fields =
        [("kullanici", "ANKARA.YETKİLİ"), ("ad", "Bir Başka"), ("rol", "yonetici"), ("sifreniz", PASSWORD)];
    administrator.get("/kullanicilar/yeni").await;
    let page = administrator.post("/kullanicilar/yeni", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.html());
    let name = "ankara.yetkili".parse().unwrap();
    assert_eq!(world.app.users.full_name(&name), "Yeter Yetkili");
}

#[tokio::test]
async fn users_are_in_the_order_of_turkish_dictionaries_and_found_by_every_spelling() {
    let world = World::new();
    let names = ["Zeynep Ak", "Âdem Zorlu", "Kazım Bal", "Kâzım Arı"];
    for (n, name) in names.iter().enumerate() {
        world.user(&format!("sira{n}"), name, Role::Officer, Some("34-goc"));
    }
    let mut administrator = world.login("merkez").await;
    let page = administrator.get("/kullanicilar?birim=34-goc&valilik=34").await;
    assert_eq!(page.texts("th[scope=row]"), ["Âdem Zorlu", "Kâzım Arı", "Kazım Bal", "Zeynep Ak"]);
    let found = administrator.post("/kullanicilar", &[("ara", "KAZIM")]).await.location;
    let found: BTreeSet<String> =
        administrator.get(&found).await.texts("th[scope=row]").into_iter().collect();
    assert_eq!(found, ["Kazım Bal", "Kâzım Arı"].map(str::to_owned).into());
}
