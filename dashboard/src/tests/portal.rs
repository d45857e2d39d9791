//! The portal refuses requests as the staff web does.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use ebasvuru_workflow::domain::document::{object_path, sha256_hex, store_uri};
use ebasvuru_workflow::domain::ids::{ApplicationNo, SubmissionId};
use ebasvuru_workflow::log::{Log, Outgoing, Retention, TopicSpec, topic};
use ebasvuru_workflow::message::{
    AwaitedDocuments, CitizenAnswer, CitizenDocument, CitizenStatus, Message, Notification,
};
use jiff::SignedDuration;
use object_store::ObjectStoreExt;
use object_store::memory::InMemory;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Browser, World};
use crate::portal::{Portal, PortalDeps};

fn portal(world: &World, stop: &CancellationToken) -> Portal {
    let deps = PortalDeps {
        log: Arc::clone(&world.app.log),
        catalog: Arc::clone(&world.app.catalog),
        files: world.app.files.clone(),
        clock: world.app.clock.clone(),
        session_key: vec![7; 64],
        secure_cookies: false,
        behind_proxy: false,
    };
    Portal::start(deps, stop).unwrap()
}

#[tokio::test]
async fn the_portal_reads_no_files_from_strangers_and_has_its_own_error_pages() {
    let (world, stop) = (World::new(), CancellationToken::new());
    let portal = portal(&world, &stop);
    let mut stranger = Browser::new(portal.router());
    stranger.get("/").await;
    for path in ["/", "/cikis", "/yeni-basvuru", "/yeni-basvuru/belgeler", "/basvurularim/x/vazgec", "/yok"] {
        let page = stranger.upload(path, &[], "a.pdf", &[b'x'; 300_000]).await;
        assert!(!page.status.is_success() && !page.status.is_server_error(), "{path} {}", page.status);
    }
    let large = "x".repeat(9 * 1024);
    assert_eq!(stranger.post("/", &[("vatandas", &large)]).await.status, StatusCode::PAYLOAD_TOO_LARGE);

    let mut citizen = Browser::new(portal.router());
    citizen.get("/").await;
    let signed_in = citizen.post("/", &[("vatandas", "10000000146")]).await;
    assert_eq!(signed_in.location, "/basvurularim", "{}", signed_in.html());
    citizen.get("/basvurularim").await;
    let page = citizen.upload("/yeni-basvuru/iletisim", &[], "a.pdf", b"%PDF-").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "a file where the step has no field for one");
    assert!(!world.app.files.staging().exists(), "something was received");

    for (method, path, status, code) in [
        (Method::GET, "/yeni-basvuru?ana=1&ana=2&%FF=%FF", StatusCode::OK, ""),
        (Method::GET, "/basvurularim/%FF", StatusCode::BAD_REQUEST, "bad_request"),
        (Method::GET, "/cikis", StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
        (Method::GET, "/yok", StatusCode::NOT_FOUND, "not_found"),
    ] {
        let page = citizen.send(Request::builder().method(method).uri(path), Body::empty()).await;
        assert_eq!(page.status, status, "{path}");
        assert!(page.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"), "{path}");
        assert!(page.shows(code), "{path}: {}", page.html());
    }
    assert_eq!(citizen.get("/basvurularim/?a=1").await.location, "/basvurularim?a=1");
    assert_eq!(citizen.post("/cikis", &[]).await.location, "/");
    stop.cancel();
}

/// Publishes a submission of Ayşe Yılmaz, and the answer to it with these documents.
fn answer(log: &dyn Log, id: Uuid, documents: Vec<CitizenDocument>) {
    let spec = TopicSpec { name: topic::NOTIFICATIONS, partitions: 1, retention: Retention::Forever };
    log.ensure_topics(&[spec]).unwrap();
    let submission = json!({
        "schema": "edevlet.submission.v1", "submission_id": id, "submitted_at": "2026-11-20T10:00:00Z",
        "service": "dernek-kurulus", "valilik": 6, "applicant": { "tckn": "10000000146" },
    });
    let submission = Outgoing {
        topic: topic::SUBMISSIONS,
        partition: None,
        key: Some(id.to_string().into()),
        value: Some(submission.to_string().into()),
        headers: Vec::new(),
    };
    let answer = CitizenAnswer { outcome: "olumlu".into(), text: "Uygundur.".into(), documents };
    let told = Notification {
        schema: "ebasvuru.notification.v1".into(),
        submission_id: SubmissionId(id),
        application_no: ApplicationNo::new(2026, 6, 1, 0),
        at: "2026-11-22T10:00:00Z".parse().unwrap(),
        status: CitizenStatus::Answered,
        text_tr: "Başvurunuz olumlu sonuçlandırılmıştır.".into(),
        answer: Some(answer),
        referred_to: None,
        awaited: None,
    };
    log.producer().unwrap().send(vec![submission, told.to_record()]).unwrap();
}

#[tokio::test]
async fn documents_of_an_answer_have_their_own_names_and_a_missing_one_is_called_so() {
    let store = Arc::new(InMemory::new());
    let (world, stop) = (World::with(Arc::<InMemory>::clone(&store), None), CancellationToken::new());
    let content = "%PDF-1.7 the same";
    let sha256 = sha256_hex(content.as_bytes());
    store.put(&object_path(&sha256).into(), content.into()).await.unwrap();
    let document = |name: &str, sha256: &str| CitizenDocument {
        name: name.into(),
        media_type: "application/pdf".into(),
        size: 17,
        sha256: sha256.into(),
        uri: store_uri(sha256),
    };
    let (id, missing) = (Uuid::from_u128(7), "ab".repeat(32));
    let names = ["karar.pdf", "ek\u{202e}fdp.exe", "gelmedi.pdf"];
    let documents = names.into_iter().zip([&sha256, &sha256, &missing]);
    answer(&*world.app.log, id, documents.map(|(name, sha256)| document(name, sha256)).collect());
    let portal = portal(&world, &stop);
    let mut citizen = Browser::new(portal.router());
    citizen.get("/").await;
    citizen.post("/", &[("vatandas", "10000000146")]).await;
    let page = loop {
        let page = citizen.get(&format!("/basvurularim/{id}")).await;
        if page.shows("Uygundur.") {
            break page;
        }
    };
    assert!(!page.html().contains('\u{202e}'), "{}", page.html());
    let links = page.attributes(".files a", "href");
    assert_eq!(links.len(), 2, "{}", page.html());
    for (link, name) in links.iter().zip(["karar.pdf", "ekfdp.exe.pdf"]) {
        let file = citizen.get(link).await;
        assert_eq!(file.headers["content-disposition"], format!("attachment; filename*=UTF-8''{name}"));
        assert_eq!(file.bytes, content.as_bytes());
    }
    assert!(page.text(".files .tag").contains("Belge henüz gelmedi ya da depoda bulunamadı"));
    let page = citizen.get(&format!("/basvurularim/{id}/belge/{missing}")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.shows("document_missing") && !page.shows("görme yetkinizin dışındadır"), "{}", page.html());
    stop.cancel();
}

/// A portal with a citizen who is signed in.
async fn signed_in(world: &World, stop: &CancellationToken) -> Browser {
    let mut citizen = Browser::new(portal(world, stop).router());
    citizen.get("/").await;
    assert_eq!(citizen.post("/", &[("vatandas", "10000000146")]).await.location, "/basvurularim");
    citizen.get("/basvurularim").await;
    citizen
}

/// Goes through the steps up to the confirmation.
async fn applied(citizen: &mut Browser) {
    citizen.post("/yeni-basvuru", &[("hizmet", "dernek-kurulus"), ("valilik", "6")]).await;
    let contact = [
        ("telefon", "+905551112233"),
        ("eposta", "a@ornek.org"),
        ("adres", "Ağaç Sk. 5"),
        ("ilce", "Çankaya"),
    ];
    citizen.post("/yeni-basvuru/iletisim", &contact).await;
    let details = [
        ("konu", "Kuruluş"),
        ("aciklama", "Kuruyoruz."),
        ("alan_dernek_adi", "Ağaç Sevenler"),
        ("alan_kurucu_sayisi", "7"),
    ];
    citizen.post("/yeni-basvuru/bilgiler", &details).await;
    let sent =
        citizen.upload("/yeni-basvuru/belgeler", &[("tur", "application")], "dilekçe.pdf", b"%PDF-1.7").await;
    assert_eq!(sent.location, "/yeni-basvuru/belgeler", "{}", sent.html());
}

#[tokio::test]
async fn the_confirmation_shows_all_that_will_be_sent() {
    let (world, stop) = (World::new(), CancellationToken::new());
    let mut citizen = signed_in(&world, &stop).await;
    applied(&mut citizen).await;
    let page = citizen.get("/yeni-basvuru/onay").await;
    for shown in [
        "Ayşe Yılmaz",
        "10000000146",
        "+905551112233",
        "a@ornek.org",
        "Ağaç Sk. 5",
        "Çankaya",
        "Kuruluş",
        "Kuruyoruz.",
        "Derneğin adı Ağaç Sevenler",
        "Kurucu sayısı 7",
        "Derneğin amacı –",
        "dilekçe.pdf Başvuru Belgeniz, 1 KB",
        "Dernek Kuruluş Bildirimi",
        "Ankara",
    ] {
        assert!(page.shows(shown), "{shown}: {}", page.text("main"));
    }
    assert!(page.shows("Kurucularca imzalı dernek tüzüğü (iki örnek)"), "what must be brought later");
    assert_eq!(page.text(".top nav [aria-current]"), "Yeni Başvuru");
    assert_eq!(citizen.get("/basvurularim").await.text(".top nav [aria-current]"), "Başvurularım");
    stop.cancel();
}

#[tokio::test]
async fn each_error_of_a_step_is_said_once() {
    let (world, stop) = (World::new(), CancellationToken::new());
    let mut citizen = signed_in(&world, &stop).await;
    applied(&mut citizen).await;
    let page = citizen.upload("/yeni-basvuru/belgeler", &[("tur", "supporting")], "x.pdf", b"<script>").await;
    assert_eq!(page.html().matches("Bu tür dosya kabul edilmiyor").count(), 1, "{}", page.html());
    assert_eq!(page.text(".alert a"), "Dosya Yükle", "leads to its field");
    let page = citizen.post("/yeni-basvuru/onay", &[("onay", "hayır")]).await;
    assert_eq!(page.html().matches("kutuya EVET yazınız.").count(), 1);
    stop.cancel();
}

#[tokio::test]
async fn the_citizen_sees_which_documents_to_bring_where_and_until_when() {
    let (world, stop) = (World::new(), CancellationToken::new());
    let topics = [TopicSpec { name: topic::NOTIFICATIONS, partitions: 1, retention: Retention::Forever }];
    world.app.log.ensure_topics(&topics).unwrap();
    let mut citizen = signed_in(&world, &stop).await;
    applied(&mut citizen).await;
    let sent = citizen.post("/yeni-basvuru/onay", &[("onay", "EVET")]).await;
    let id = sent.location.rsplit('/').next().unwrap().to_owned();
    let mut told = Notification {
        schema: "ebasvuru.notification.v1".into(),
        submission_id: SubmissionId(id.parse().unwrap()),
        application_no: ApplicationNo::new(2026, 6, 1, 0),
        at: world.app.clock.now(),
        status: CitizenStatus::Received,
        text_tr: "Alındı.".into(),
        answer: None,
        referred_to: None,
        awaited: Some(AwaitedDocuments {
            documents: vec!["Tüzük".into(), "Kimlik".into()],
            unit: "Ankara Valiliği Sivil Toplum".into(),
            until: "2026-12-23T20:59:59.999Z".parse().unwrap(),
        }),
    };
    let producer = world.app.log.producer().unwrap();
    let mut shows = async |told: &Notification, text: &str| {
        producer.send(vec![told.to_record()]).unwrap();
        loop {
            let page = citizen.get(&sent.location).await;
            if page.text(".facts").contains(text) {
                return page;
            }
            tokio::task::yield_now().await;
        }
    };
    let page = shows(&told, "Ön Başvuru, belgeleriniz bekleniyor").await;
    assert_eq!(page.texts("#belgeler li"), ["Tüzük", "Kimlik"]);
    assert_eq!(page.texts("#belgeler dd"), ["Ankara Valiliği Sivil Toplum", "23.12.2026"]);
    told.status = CitizenStatus::PreApplicationCompleted;
    told.at += SignedDuration::from_secs(1);
    told.awaited = None;
    let page = shows(&told, "Ön Başvuru tamamlandı").await;
    assert!(!page.has("#belgeler"), "nothing is missing");
    stop.cancel();
}

#[tokio::test]
async fn what_a_citizen_typed_outlives_the_session() {
    let (world, stop) = (World::new(), CancellationToken::new());
    let portal = portal(&world, &stop);
    let mut citizen = Browser::new(portal.router());
    let sign_in = async |browser: &mut Browser, tckn: &str, page: Option<&super::browser::Page>| {
        let hidden = |name: &str| page.and_then(|page| page.input(name)).unwrap_or_default();
        let (held, next) = (hidden("taslak"), hidden("sonra"));
        let sent = browser.post("/", &[("taslak", &held), ("sonra", &next), ("vatandas", tckn)]).await;
        let location = sent.location.clone();
        (browser.get(&location).await, location)
    };
    let (ayse, ismail) = ("10000000146", "20000000282");
    citizen.get("/").await;
    sign_in(&mut citizen, ayse, None).await;
    citizen.post("/yeni-basvuru", &[("hizmet", "dernek-kurulus"), ("valilik", "6")]).await;
    let text = "Uzun uzun <yazılmış> bir açıklama";
    for how in ["forgotten", "another tab"] {
        citizen.get("/yeni-basvuru/bilgiler").await;
        let old = citizen.csrf.clone();
        let typed = format!("{text}: {how}");
        let fields = [("konu", "Konum"), ("aciklama", typed.as_str())];
        let page = if how == "forgotten" {
            citizen.forget_session();
            citizen.csrf = old;
            let asked = citizen.post("/yeni-basvuru/bilgiler", &fields).await;
            assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
            assert!(asked.shows("Oturumunuz sona ermişti") && !asked.html().contains("yazılmış"));
            let (other, to) = sign_in(&mut citizen.clone(), ismail, Some(&asked)).await;
            assert!(to == "/basvurularim" && !other.html().contains("yazılmış"));
            let (page, to) = sign_in(&mut citizen, ayse, Some(&asked)).await;
            assert_eq!(to, "/yeni-basvuru/bilgiler");
            page
        } else {
            citizen.get("/").await;
            sign_in(&mut citizen, ayse, None).await;
            citizen.csrf = old;
            let sent = citizen.post("/yeni-basvuru/bilgiler", &fields).await;
            assert_eq!(sent.location, "/yeni-basvuru/bilgiler", "{}", sent.html());
            citizen.get(&sent.location).await
        };
        assert_eq!(page.text("#aciklama"), typed, "{}", page.html());
        assert_eq!(page.input("konu").as_deref(), Some("Konum"));
    }
    stop.cancel();
}
