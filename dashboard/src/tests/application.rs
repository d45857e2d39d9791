//! The work of a Sorumlu and a Yetkili, from the worklist to the answer.

use axum::http::StatusCode;
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::{Application, EventKind, HistoryEntry, Outcome, Phase, Status};
use ebasvuru_workflow::domain::ids::ApplicationId;
use ebasvuru_workflow::message::Opened;

use super::browser::{Browser, Page};
use super::{World, world::at};

fn state(world: &World, id: ApplicationId) -> Application {
    world.store.applications.lock().unwrap()[&id].clone()
}

/// Sends the form of an action with the version that the detail page shows.
async fn act(browser: &mut Browser, no: &str, slug: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(&format!("/basvurular/{no}")).await;
    let version = page.input("surum").unwrap_or("0".into());
    // `emin` confirms actions that cannot be undone.
    let mut all = vec![("surum", version.as_str()), ("emin", "1")];
    all.extend(fields);
    browser.post(&format!("/basvurular/{no}/{slug}"), &all).await
}

fn done(page: &Page, no: &str, slug: &str) {
    assert_eq!(page.location, format!("/basvurular/{no}?oldu={slug}"), "{}", page.html());
}

/// An application, and the Sorumlu who has claimed it.
async fn claimed(world: &World) -> (Application, Browser) {
    let application = world.application(1, "");
    let no = application.no.as_str();
    let mut officer = world.login("sorumlu").await;
    done(&act(&mut officer, no, "teslim-al", &[]).await, no, "teslim-al");
    (application, officer)
}

#[tokio::test]
async fn from_the_worklist_to_the_answer() {
    let world = World::new();
    let application = world.application(1, "");
    let no = application.no.as_str();
    let mut officer = world.login("sorumlu").await;
    let mut supervisor = world.login("yetkili").await;

    done(&act(&mut supervisor, no, "teslim-et", &[("sorumlu", "sorumlu")]).await, no, "teslim-et");
    assert!(officer.get("/basvurular?ustumdeki=1").await.shows(no));
    done(&act(&mut officer, no, "cevap-ekle", &[("metin", "Uygun bulunmuştur.")]).await, no, "cevap-ekle");
    let page = officer.get(&format!("/basvurular/{no}")).await;
    let version = page.input("surum").unwrap();
    let path = format!("/basvurular/{no}/resmi-evrak-ekle");
    let pdf = b"%PDF-1.7 karar";
    let sent = officer.upload(&path, &[("surum", &version)], "karar özeti.pdf", pdf).await;
    done(&sent, no, "resmi-evrak-ekle");
    done(&act(&mut officer, no, "onaya-gonder", &[]).await, no, "onaya-gonder");

    let refused = act(&mut supervisor, no, "geri-gonder", &[("metin", "  ")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let sent = act(&mut supervisor, no, "geri-gonder", &[("metin", "Tarih eksik")]).await;
    done(&sent, no, "geri-gonder");
    let page = officer.get(&format!("/basvurular/{no}")).await;
    assert!(page.text("section.alert .text").contains("Tarih eksik"));
    done(&act(&mut officer, no, "onaya-gonder", &[]).await, no, "onaya-gonder");
    for browser in [&mut officer, &mut supervisor] {
        let page = browser.get(&format!("/basvurular/{no}")).await;
        let earlier = page.text("#geri-gondermeler");
        assert!(earlier.contains("Yeter Yetkili") && earlier.contains("Tarih eksik"), "{earlier}");
        assert!(page.text(".history").contains("Tarih eksik"), "and in the history");
        assert!(!page.has("section.alert"), "it is dealt with");
    }
    for name in ["sorumlu2", "koordinasyon"] {
        assert!(
            !world.login(name).await.get(&format!("/basvurular/{no}")).await.shows("Tarih eksik"),
            "{name}"
        );
    }
    let asked = supervisor.post(&format!("/basvurular/{no}/onayla"), &[]).await;
    assert!(asked.text("#onay h2").contains("Emin misiniz?"), "{}", asked.html());
    assert!(!state(&world, application.id).status.is_closed(), "not before the answer to the question");
    done(&act(&mut supervisor, no, "onayla", &[]).await, no, "onayla");
    assert!(matches!(
        state(&world, application.id).status,
        Status::Closed { outcome: Outcome::Positive, .. }
    ));

    let page = officer.get(&format!("/basvurular/{no}?oldu=onayla")).await;
    assert!(page.text("p.state").contains("Olumlu Cevaplandı"));
    assert_eq!(page.text(".alert.done"), "Cevap onaylandı, vatandaşa gönderildi.");
    assert!(!page.has(".bar") && !page.has("#islemler") && !page.has(".closed"), "nothing can be done");
    assert!(page.text(".facts").contains("Sorumlu Selim Sorumlu"), "who answered: {}", page.text(".facts"));
    let listed = officer.get("/basvurular?durum=sonuclanan").await;
    assert_eq!(listed.text("tbody td[data-label=\"Sorumlu\"]"), "Selim Sorumlu");
    let sha256 = &state(&world, application.id).official_documents[0].sha256;
    let file = officer.get(&format!("/basvurular/{no}/belge/{sha256}?indir=1")).await;
    assert_eq!(file.bytes, pdf);
    assert_eq!(file.headers["content-disposition"], "attachment; filename*=UTF-8''karar%20%C3%B6zeti.pdf");
    assert_eq!(file.headers["content-type"], "application/octet-stream");
}

#[tokio::test]
async fn the_link_back_leads_to_the_list_of_the_visit() {
    let world = World::new();
    let application = world.application(1, "");
    let no = application.no.as_str();
    let mut officer = world.login("sorumlu").await;
    let list = "/basvurular?durum=teslim-bekleyen";
    let listed = officer.get(list).await;
    let path = format!("/basvurular/{no}?liste=/basvurular%3Fdurum%3Dteslim-bekleyen");
    assert!(listed.has(&format!("a[href=\"{path}\"]")), "{}", listed.html());
    let back = format!("p.crumb a[href=\"{list}\"]");
    let page = officer.get(&path).await;
    assert!(page.has(&back), "{}", page.html());
    let carried = page.input("liste").unwrap();
    let sent = act(&mut officer, no, "teslim-al", &[("liste", &carried)]).await;
    assert!(officer.get(&sent.location).await.has(&back), "{}", sent.location);

    let elsewhere = officer.get(&format!("/basvurular/{no}?liste=https%3A%2F%2Fornek.org")).await;
    assert!(!elsewhere.html().contains("ornek.org"), "only to our own lists");
}

#[tokio::test]
async fn the_result_shows_before_the_read_model_has_it() {
    let world = World::new();
    let application = world.application(1, "");
    let other = world.application(2, "");
    let no = application.no.as_str();
    let before = world.store.applications.lock().unwrap().clone();
    *world.store.stale.lock().unwrap() = Some(before);
    let mut officer = world.login("sorumlu").await;
    done(&act(&mut officer, no, "teslim-al", &[]).await, no, "teslim-al");

    assert!(officer.get(&format!("/basvurular/{no}")).await.text("p.state").contains("Sorumlu Üzerinde"));
    let mine = officer.get("/basvurular?ustumdeki=1").await;
    assert!(mine.shows(no), "inserted where it now belongs");
    let free = officer.get("/basvurular?durum=teslim-bekleyen").await;
    assert!(!free.shows(no), "removed where it no longer belongs");
    assert!(free.shows(other.no.as_str()));
}

/// Whoever acts on an application has opened it before: it is shown from memory if the log has nothing newer.
#[tokio::test]
async fn what_is_in_memory_hides_nothing_newer() {
    let world = World::new();
    let (application, mut officer) = claimed(&world).await;
    let path = format!("/basvurular/{}", application.no);
    let version = async |browser: &mut Browser| browser.get(&path).await.input("surum").unwrap();
    assert_eq!(version(&mut officer).await, "2");

    let open = &world.app.open;
    let claimed = state(&world, application.id);
    let newer = |version| Application { version, ..claimed.clone() };
    // ClickHouse has it, and the table of the log; what a command made of it was not read.
    *world.store.stale.lock().unwrap() = Some([(application.id, newer(3))].into());
    assert_eq!(version(&mut officer).await, "3");

    // The table says that there is something newer, which ClickHouse does not have yet.
    open.put(&newer(4));
    assert_eq!(version(&mut officer).await, "3", "asked again");
    world.app.recent.put(newer(4).into(), true);
    assert_eq!(version(&mut officer).await, "4");
}

#[tokio::test]
async fn the_second_of_two_sees_what_changed_and_keeps_what_was_typed() {
    let world = World::new();
    let application = world.application(1, "");
    let no = application.no.as_str();
    let mut first = world.login("sorumlu").await;
    done(&act(&mut first, no, "teslim-al", &[]).await, no, "teslim-al");
    let stale = state(&world, application.id).version.to_string();
    done(&act(&mut first, no, "cevap-ekle", &[("metin", "ilk")]).await, no, "cevap-ekle");

    let path = format!("/basvurular/{no}/cevap-ekle");
    let page = first.post(&path, &[("surum", &stale), ("metin", "uzun uzun <yazılan> cevap")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.text(".alert.error h2").contains("Başvuru bu arada değişti"));
    assert_eq!(page.text("#cevap-ekle textarea"), "uzun uzun <yazılan> cevap");
    assert!(page.text(".alert.error").contains("formda durmaktadır") && !page.has("textarea[readonly]"));
    assert_eq!(state(&world, application.id).answers.len(), 1, "nothing was lost or added");

    // The action is not possible any more: the text can be copied.
    done(&act(&mut first, no, "onaya-gonder", &[]).await, no, "onaya-gonder");
    let page = first.post(&path, &[("surum", &stale), ("metin", "uzun cevap")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(page.text("textarea[readonly]"), "uzun cevap");
    assert!(page.text(".alert.error").contains("kopyalayabilirsiniz") && !page.shows("formda durmaktadır"));
    // Nothing was typed: nothing is said of it.
    let page = first.post(&format!("/basvurular/{no}/teslim-al"), &[("surum", &stale)]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(!page.shows("formda durmaktadır") && !page.shows("kopyalayabilirsiniz"));
}

#[tokio::test]
async fn why_a_form_was_refused_is_said_once() {
    let world = World::new();
    let (application, mut officer) = claimed(&world).await;
    let no = application.no.as_str();
    let version = state(&world, application.id).version.to_string();
    let path = format!("/basvurular/{no}/resmi-evrak-ekle");
    let page = officer.upload(&path, &[("surum", &version)], "x.pdf", b"<script>").await;
    let error = "Dosya PDF, PNG, JPEG, TIFF ya da Office belgesi olmalıdır.";
    assert_eq!(page.texts(".error"), [error]);
    assert_eq!(page.text("#resmi-evrak-ekle .error"), error, "where it is to be corrected");
    assert!(page.has("#resmi-evrak-ekle input[type=file][aria-invalid][autofocus]"));
    let page = act(&mut officer, no, "onaya-gonder", &[]).await;
    assert_eq!(
        page.texts(".error"),
        ["Önce cevap yazılmalı ya da resmi evrak eklenmelidir."],
        "no form: on top"
    );
}

#[tokio::test]
async fn counts_are_right_before_the_read_model_has_the_results() {
    let world = World::new();
    let all: Vec<Application> = (1..=3).map(|n| world.application(n, "")).collect();
    let before = world.store.applications.lock().unwrap().clone();
    *world.store.stale.lock().unwrap() = Some(before);
    let mut supervisor = world.login("yetkili").await;
    let tabs = |page: &Page| page.texts(".tabs a").join(", ");
    let page = supervisor.get("/basvurular").await;
    assert!(tabs(&page).starts_with("Tümü 3, Teslim Bekliyor 3, Sorumlu Üzerinde 0"), "{}", tabs(&page));
    let ticks: Vec<String> = all[..2].iter().map(|a| format!("{}:{}", a.no, a.version)).collect();
    let fields = [("secim", ticks[0].as_str()), ("secim", &ticks[1]), ("sorumlu", "sorumlu")];
    let sent = supervisor.post("/basvurular/teslim-et", &fields).await;
    let page = supervisor.get(&sent.location).await;
    assert!(tabs(&page).starts_with("Tümü 3, Teslim Bekliyor 1, Sorumlu Üzerinde 2"), "{}", tabs(&page));

    let mut officer = world.login("sorumlu").await;
    assert_eq!(officer.get("/basvurular").await.text(".head .count"), "2");
    let no = all[0].no.as_str();
    done(&act(&mut officer, no, "cevap-ekle", &[("metin", "Uygundur.")]).await, no, "cevap-ekle");
    done(&act(&mut officer, no, "onaya-gonder", &[]).await, no, "onaya-gonder");
    done(&act(&mut supervisor, no, "onayla", &[]).await, no, "onayla");
    let page = officer.get("/basvurular?durum=sonuclanan").await;
    assert!(tabs(&page).ends_with("Sonuçlanan 1"), "{}", tabs(&page));
    assert_eq!(page.text(".head .count"), "1", "a closed one is not mine");
    let mine = officer.get("/basvurular?ustumdeki=1").await;
    assert_eq!(mine.count("tbody tr"), 1, "as many as the button says");
    assert!(tabs(&mine).starts_with("Üzerimde 1,") && tabs(&mine).ends_with("Sonuçlanan 1"));
    let elsewhere = officer.get("/basvurular?hizmet=apostil&sure=bugun&sorumlu=sorumlu2").await;
    assert_eq!(elsewhere.text(".head .count"), "1", "whatever is listed here");
    let found = search(&mut officer, &[("ara", "10000000146")]).await;
    assert!(tabs(&found).starts_with("Tümü 3, Teslim Bekliyor 1, Sorumlu Üzerinde 1"), "{}", tabs(&found));
    let other = search(&mut officer, &[("ara", "Fatma")]).await;
    assert!(tabs(&other).starts_with("Tümü 0, Teslim Bekliyor 0"), "{}", tabs(&other));
    let held = supervisor.get("/kullanicilar/sorumlu/pasif").await;
    assert!(held.shows("Üzerindeki 1 açık başvuru"), "{}", held.html());

    // The read model catches up: nothing counts twice.
    *world.store.stale.lock().unwrap() = None;
    let page = supervisor.get("/basvurular").await;
    assert!(tabs(&page).starts_with("Tümü 3, Teslim Bekliyor 1, Sorumlu Üzerinde 1"), "{}", tabs(&page));
}

#[tokio::test]
async fn a_filter_shows_a_value_that_is_not_in_its_list() {
    let world = World::new();
    let mut application = world.application(1, "");
    application.status = Status::Closed {
        outcome: Outcome::Positive,
        officer: Some("sorumlu2".parse().unwrap()),
        at: at("2026-11-22T10:00:00+03:00"),
    };
    application.version = 2;
    world.store.applications.lock().unwrap().insert(application.id, application);
    world.change("sorumlu2", |user| user.active = false);
    let mut supervisor = world.login("yetkili").await;
    for (query, select, shown, says) in [
        ("hizmet=apostil", "hizmet", "Apostil", "Bu değer listede yok."),
        ("birim=35-nufus", "birim", "35-nufus", "Bu değer tanınmıyor"),
        ("sure=yarin", "sure", "yarin", "Bu değer tanınmıyor"),
        ("sirala=renk", "sirala", "renk", "Bu değer tanınmıyor"),
    ] {
        let page = supervisor.get(&format!("/basvurular?{query}")).await;
        let label = page.text(&format!("#{select} option[selected]"));
        assert!(label.contains(shown), "{query}: {label}");
        assert!(page.text(".filters .hint").starts_with(says), "{query}: {}", page.html());
        assert!(page.has(".filters .go a"), "{query} can be cleared");
    }
    let page = supervisor.get("/basvurular?sorumlu=sorumlu2").await;
    assert_eq!(page.count("tbody tr"), 1, "what the filter finds");
    assert_eq!(page.text("#sorumlu option[selected]"), "Suna Sorumlu (pasif)");
    assert!(!page.has(".filters .hint"), "known, though pasif");
    let page = supervisor.get("/basvurular?durum=yok").await;
    assert!(page.text(".alert").contains("“yok” adında bir başvuru durumu yok"));
    assert!(!supervisor.get("/basvurular?sure=bugun").await.has(".filters .hint"));
    let mut administrator = world.login("merkez").await;
    let page = administrator.get("/kullanicilar?birim=06-nufus").await;
    assert!(page.text("#birim option[selected]").contains("Nüfus"), "a unit without its valilik");
    let page = administrator.get("/raporlama?valilik=6&birim=35-nufus").await;
    assert!(
        page.text("#birim option[selected]").contains("İzmir"),
        "{}",
        page.text("#birim option[selected]")
    );
}

#[tokio::test]
async fn a_form_sent_twice_acts_once() {
    let world = World::new();
    let (application, mut officer) = claimed(&world).await;
    let no = application.no.as_str();
    let page = officer.get(&format!("/basvurular/{no}")).await;
    let (version, command) = (page.input("surum").unwrap(), page.input("komut").unwrap());
    let path = format!("/basvurular/{no}/cevap-ekle");
    for _ in 0..2 {
        let fields = [("surum", version.as_str()), ("komut", command.as_str()), ("metin", "cevap")];
        done(&officer.post(&path, &fields).await, no, "cevap-ekle");
    }
    assert_eq!(state(&world, application.id).answers.len(), 1);
    // Another text is another form, even from a browser that restores a page: never said to be done.
    let fields = [("surum", version.as_str()), ("komut", command.as_str()), ("metin", "başka bir cevap")];
    let page = officer.post(&path, &fields).await;
    assert!(page.shows("bu arada değişti") && page.html().contains("başka bir cevap"), "{}", page.html());
}

#[tokio::test]
async fn a_command_without_a_reply_is_pending() {
    let world = World::new();
    let no = world.application(1, "").no;
    let mut officer = world.login("sorumlu").await;
    *world.store.silent.lock().unwrap() = true;
    let page = act(&mut officer, no.as_str(), "teslim-al", &[]).await;
    assert_eq!(page.status, StatusCode::ACCEPTED);
    assert!(page.shows("İşleminiz alındı, sonucu birazdan görünecek"));
}

#[tokio::test]
async fn actions_that_are_not_allowed_say_why() {
    let world = World::new();
    let application = world.application(1, "");
    let no = application.no.as_str();
    let mut officer = world.login("sorumlu").await;
    let page = officer.get(&format!("/basvurular/{no}")).await;
    let reasons = page.text("ul.closed");
    assert!(reasons.contains("Bu işlemi yalnızca başvuruyu üzerinde bulunduran Sorumlu yapabilir."));
    assert!(!reasons.contains("Ön Başvuru Tamamla"), "a Başvuru never becomes one again");
    assert!(!page.has(&format!("form[action=\"/basvurular/{no}/onaya-gonder\"]")));
    let mut coordinator = world.login("koordinasyon").await;
    let page = coordinator.get(&format!("/basvurular/{no}")).await;
    assert!(!page.shows("İşlemler") && !page.has("form[action*=\"/teslim-al\"]"));
}

#[tokio::test]
async fn a_form_shows_its_limits_and_keeps_a_text_that_is_too_long() {
    let world = World::new();
    let (application, mut officer) = claimed(&world).await;
    let no = application.no.as_str();
    done(&act(&mut officer, no, "cevap-ekle", &[("metin", "Uygundur.")]).await, no, "cevap-ekle");
    let page = officer.get(&format!("/basvurular/{no}")).await;
    let hint = page.text("#cevap-ekle .hint");
    assert_eq!(hint, "En fazla 20.000 karakter. Yazılan cevap: 1, en çok 50.", "there is room enough");
    let long = "ş".repeat(20_017);
    let refused = act(&mut officer, no, "cevap-ekle", &[("metin", &long)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let error = refused.text("#cevap-ekle .error");
    assert_eq!(
        error,
        "Metin en fazla 20.000 karakter olabilir; 20.017 karakter yazdınız, 17 karakter kısaltınız."
    );
    assert_eq!(refused.text("#cevap-ekle textarea"), long, "what was typed is kept");
    assert_eq!(state(&world, application.id).answers.len(), 1);
}

#[tokio::test]
async fn a_note_of_the_yetkili_is_shown_to_the_holder_only() {
    let world = World::new();
    let application = world.application(1, "");
    let no = application.no.as_str();
    let mut supervisor = world.login("yetkili").await;
    done(&act(&mut supervisor, no, "teslim-et", &[("sorumlu", "sorumlu")]).await, no, "teslim-et");
    done(&act(&mut supervisor, no, "cevap-ekle", &[("metin", "GİZLİ NOT")]).await, no, "cevap-ekle");
    for (name, sees) in [("sorumlu", true), ("yetkili", true), ("sorumlu2", false), ("koordinasyon", false)] {
        let page = world.login(name).await.get(&format!("/basvurular/{no}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.shows("GİZLİ NOT"), sees, "{name}");
    }
    assert!(state(&world, application.id).answers.is_empty());
}

#[tokio::test]
async fn a_pre_application_is_completed_with_its_documents() {
    let world = World::new();
    let mut application = world.application(1, "");
    application.phase = Phase::PreApplication { lapses_at: at("2026-12-20T00:00:00+03:00") };
    world.store.applications.lock().unwrap().insert(application.id, application.clone());
    let no = application.no.as_str();
    let mut officer = world.login("sorumlu").await;
    done(&act(&mut officer, no, "teslim-al", &[]).await, no, "teslim-al");
    let early = act(&mut officer, no, "on-basvuru-tamamla", &[]).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    let ticks =
        [("kurulus-bildirimi", "1"), ("tuzuk", "1"), ("tuzuk", "0"), ("tuzuk", "1"), ("yerlesim-yeri", "1")];
    for (document, present) in ticks {
        let fields = [("belge", document), ("var", present)];
        done(&act(&mut officer, no, "belge-kontrol", &fields).await, no, "belge-kontrol");
    }
    let without_files = act(&mut officer, no, "on-basvuru-tamamla", &[]).await;
    assert_eq!(without_files.status, StatusCode::UNPROCESSABLE_ENTITY);
    let version = state(&world, application.id).version.to_string();
    let path = format!("/basvurular/{no}/dosya-ekle");
    let sent = officer.upload(&path, &[("surum", &version)], "tüzük.pdf", b"%PDF-1.7 madde 1").await;
    done(&sent, no, "dosya-ekle");
    done(&act(&mut officer, no, "on-basvuru-tamamla", &[]).await, no, "on-basvuru-tamamla");
    assert!(!state(&world, application.id).phase.is_pre_application());
    let history = officer.get(&format!("/basvurular/{no}")).await.texts(".history li");
    assert!(history[1].contains("Dosya eklendi: tüzük.pdf"), "{history:?}");
    for (line, says) in [(2, "(getirildi)"), (3, "(getirildi)"), (4, "(getirilmedi)"), (5, "(getirildi)")] {
        assert!(history[line].contains(says), "{says}: {}", history[line]);
    }
}

#[tokio::test]
async fn the_history_says_why_the_system_took_it_back() {
    let world = World::new();
    let mut application = world.application(1, "");
    let (what, detail) = (EventKind::TakenBack, Some("sorumlu2".to_owned()));
    let entry = HistoryEntry { seq: 2, what, detail, actor: Actor::System, ..application.history[0].clone() };
    application.history.push(entry);
    world.store.applications.lock().unwrap().insert(application.id, application.clone());
    let page = world.login("yetkili").await.get(&format!("/basvurular/{}", application.no)).await;
    let line = &page.texts(".history li")[0];
    assert!(line.contains("Geri çekildi: Suna Sorumlu (pasif ya da artık bu birimde değil)"), "{line}");
}

#[tokio::test]
async fn files_that_are_not_documents_are_refused() {
    let world = World::new();
    let (application, mut officer) = claimed(&world).await;
    let no = application.no.as_str();
    let version = state(&world, application.id).version.to_string();
    let path = format!("/basvurular/{no}/resmi-evrak-ekle");
    for (name, content) in [("x.pdf", &b"<script>alert(1)</script>"[..]), ("", b"")] {
        let page = officer.upload(&path, &[("surum", &version)], name, content).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
    assert!(state(&world, application.id).official_documents.is_empty());
}

#[tokio::test]
async fn hostile_text_stays_text() {
    let world = World::new();
    let hostile = "\"'><script>alert(1)</script>{{ 7*7 }}<img src=x onerror=alert(1)>";
    let application = world.application(1, hostile);
    let no = application.no.as_str();
    let mut officer = world.login("sorumlu").await;
    done(&act(&mut officer, no, "teslim-al", &[]).await, no, "teslim-al");
    done(&act(&mut officer, no, "cevap-ekle", &[("metin", hostile)]).await, no, "cevap-ekle");
    officer.get("/basvurular").await;
    let searched = [("ara", hostile), ("durum", "\"><script>")];
    let searched = officer.post("/basvurular", &searched).await.location;
    for path in [format!("/basvurular/{no}"), searched, format!("/basvurular/{no}?oldu=%3Cscript%3E")] {
        let page = officer.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(
            !page.html().contains("<script>") && !page.html().contains("<img"),
            "{path}: {}",
            page.html()
        );
        assert!(!page.html().contains("Ayşe49"), "not a template");
    }
}

#[tokio::test]
async fn who_opens_an_application_is_recorded() {
    let world = World::new();
    let application = world.application(1, "");
    let mut officer = world.login("sorumlu").await;
    officer.get("/basvurular").await;
    assert!(world.store.accesses().is_empty(), "lists open no personal data");
    officer.get(&format!("/basvurular/{}", application.no)).await;
    let accesses = world.store.accesses();
    assert_eq!(accesses.iter().map(|it| it.what).collect::<Vec<_>>(), [Opened::Detail, Opened::Others]);
    assert_ne!(accesses[0].id, accesses[1].id);
    for access in accesses {
        assert_eq!((access.user.as_str(), access.at), ("sorumlu", world.app.clock.now()));
        assert_eq!((access.application, access.no), (application.id, application.no.clone()));
    }
}

#[tokio::test]
async fn nothing_is_opened_that_cannot_be_recorded() {
    let world = World::new();
    let application = world.application(1, "");
    let mut officer = world.login("sorumlu").await;
    *world.store.audit_away.lock().unwrap() = true;
    let page = officer.get(&format!("/basvurular/{}", application.no)).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text("p.code").contains("unavailable"), "{}", page.html());
    assert!(!page.shows(application.no.as_str()));
    // Nor after a form that came too late.
    let path = format!("/basvurular/{}/teslim-al", application.no);
    let late = officer.post(&path, &[("surum", "99")]).await;
    assert_eq!(late.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!late.shows(application.no.as_str()));
}

/// ClickHouse still shows what was before.
#[tokio::test]
async fn the_other_applications_of_a_person_are_shown_as_they_are_now() {
    let world = World::new();
    let (first, second) = (world.application(1, ""), world.application(2, ""));
    let mut officer = world.login("sorumlu").await;
    let page_of = |of: &Application| format!("/basvurular/{}", of.no);
    let status = |page: &Page| page.text("#digerleri li");
    assert!(status(&officer.get(&page_of(&second)).await).contains("Teslim Bekliyor"));
    *world.store.stale.lock().unwrap() = Some(world.store.applications.lock().unwrap().clone());
    done(&act(&mut officer, first.no.as_str(), "teslim-al", &[]).await, first.no.as_str(), "teslim-al");
    let now = status(&officer.get(&page_of(&second)).await);
    assert!(now.contains("Sorumlu Üzerinde") && !now.contains("Teslim Bekliyor"), "{now}");
}

#[tokio::test]
async fn paging_shows_every_application_once() {
    let world = World::new();
    for n in 1..=60 {
        world.application(n, "");
    }
    let mut officer = world.login("sorumlu").await;
    let mut path = "/basvurular".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = officer.get(&path).await;
        seen.extend(page.texts("th[scope=row]"));
        let Some(next) = page.attribute("a[rel=next]", "href") else { break };
        path = next;
    }
    assert_eq!(seen.len(), 60);
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), 60);
}

#[tokio::test]
async fn ticked_applications_are_assigned_and_the_others_say_why_not() {
    let world = World::new();
    let all: Vec<Application> = (1..=3).map(|n| world.application(n, "")).collect();
    let ticks: Vec<String> = all.iter().map(|a| format!("{}:{}", a.no, a.version)).collect();
    let mut supervisor = world.login("yetkili").await;
    let back = ("donus", "/basvurular?durum=teslim-bekleyen");
    let none = supervisor.post("/basvurular/teslim-et", &[("sorumlu", "sorumlu"), back]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(none.text("#toplu .alert"), "En az bir başvuru seçiniz.");
    assert_eq!(none.attribute("#toplu option[selected]", "value").as_deref(), Some("sorumlu"), "is kept");
    assert_eq!(none.count("tbody tr"), 3, "it is the list that one came from");
    assert_eq!(none.text(".tabs [aria-current]"), "Teslim Bekliyor 3");
    let nobody = supervisor.post("/basvurular/teslim-et", &[("secim", &ticks[0]), back]).await;
    assert_eq!(nobody.text("#toplu .alert"), "Bir Sorumlu seçiniz.");
    assert_eq!(nobody.attributes("tbody input[checked]", "value"), [ticks[0].clone()]);
    assert_eq!(nobody.input("donus").as_deref(), Some(back.1));

    let mut officer = world.login("sorumlu2").await;
    done(&act(&mut officer, all[1].no.as_str(), "teslim-al", &[]).await, all[1].no.as_str(), "teslim-al");
    let mut fields: Vec<_> = ticks.iter().map(|tick| ("secim", tick.as_str())).collect();
    fields.extend([("sorumlu", "sorumlu"), ("komut", "f"), ("donus", "//baska.yer/")]);
    let page = supervisor.post("/basvurular/teslim-et", &fields).await;
    assert!(page.shows("2 başvuru seçilen Sorumluya teslim edildi."), "{}", page.html());
    assert!(page.shows(all[1].no.as_str()) && !page.shows(all[0].no.as_str()));
    assert!(!page.html().contains("baska.yer"));
    let fields =
        [("secim", &*ticks[0]), ("sorumlu", "sorumlu"), ("komut", "f"), ("donus", "/basvurular?a\nb")];
    let page = supervisor.post("/basvurular/teslim-et", &fields).await;
    assert_eq!(page.location, "/basvurular?oldu=teslim-et&adet=1", "an invalid address leads to the list");
    let holder = |n: usize| state(&world, all[n].id).status.holder().map(ToString::to_string);
    assert_eq!([holder(0), holder(1), holder(2)].map(Option::unwrap), ["sorumlu", "sorumlu2", "sorumlu"]);
}

#[tokio::test]
async fn filters_narrow_and_stay_in_the_address() {
    let world = World::new();
    for n in 1..=30 {
        world.application(n, "");
    }
    let mut officer = world.login("sorumlu").await;
    let none = officer.get("/basvurular?hizmet=apostil").await;
    assert!(none.shows("Bu koşullara uyan başvuru yok."));
    let name = search(&mut officer, &[("ara", "yılmaz"), ("sirala", "eski"), ("sure", "bu-hafta")]).await;
    assert!(name.shows("Bu koşullara uyan başvuru yok."), "due in December");
    let name = search(&mut officer, &[("ara", "AYŞE yılmaz"), ("sirala", "eski")]).await;
    assert!(name.has("a[rel=next][href*=\"sirala=eski\"]"), "{}", name.html());
    let found = search(&mut officer, &[("ara", "10000000146")]).await;
    assert!(found.shows("2026-06-"));
    assert!(!found.shows("10000000146"), "masked in the rows");
}

/// Sends the form of the filters and follows the redirect.
async fn search(browser: &mut Browser, fields: &[(&str, &str)]) -> Page {
    browser.get("/basvurular").await;
    let page = browser.post("/basvurular", fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html());
    browser.get(&page.location).await
}
