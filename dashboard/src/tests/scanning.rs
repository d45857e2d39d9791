//! No document is sent before the scanner has found it clean.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::document::sha256_hex;
use object_store::ObjectStore;
use object_store::memory::InMemory;

use super::World;
use super::browser::{Browser, Page};
use super::clamd::{Clamd, Fault, away, eicar, failing};
use super::documents::{add_from_edevlet, application_held_by_officer, attach, count};
use crate::files::{Files, Scanner};

/// The documents of another replica with this scanner.
fn replica(world: &World, store: &Arc<dyn ObjectStore>, scanner: Option<Scanner>) -> Files {
    Files::new(Arc::clone(store), scanner, world.app.files.staging().to_owned())
}

async fn open(browser: &mut Browser, a: &Application, sha256: &str) -> Page {
    browser.get(&format!("/basvurular/{}/belge/{sha256}", a.no)).await
}

#[tokio::test]
async fn only_documents_that_clamd_finds_clean_are_sent() {
    let Some(clamd) = Clamd::start() else { return };
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let world = World::with(Arc::clone(&store), Some(clamd.scanner()));
    let a = application_held_by_officer(&world);
    let mut officer = world.login("sorumlu").await;
    let infected = format!("%PDF-1.7\n{}", eicar());

    let page = attach(&world, &mut officer, &a, "temiz.pdf", b"%PDF-1.7 clean").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html());
    let page = attach(&world, &mut officer, &a, "kotu.pdf", infected.as_bytes()).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text(".alert.error").contains("zararlı yazılım bulundu (Test-Eicar"), "{}", page.html());
    let documents = world.store.applications.lock().unwrap()[&a.id].documents.clone();
    assert_eq!(documents.len(), 2, "one from before, and the clean one");
    assert_eq!(open(&mut officer, &a, &documents[1].sha256).await.status, StatusCode::OK);

    // Documents from e-Devlet.
    let bad = add_from_edevlet(&world, &*store, &a, infected.as_bytes()).await;
    let good = add_from_edevlet(&world, &*store, &a, b"%PDF-1.7 from a citizen").await;
    // This clamd refuses to scan more than 1 MB.
    let long =
        add_from_edevlet(&world, &*store, &a, &[b"%PDF-1.7".to_vec(), vec![b' '; 2_000_000]].concat()).await;
    // The page right after the upload shows its reply.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let detail = officer.get(&format!("/basvurular/{}", a.no)).await;
    let tags = detail.texts(".files .tag");
    let tagged = |text: &str| tags.iter().filter(|tag| *tag == text).count();
    assert_eq!(tagged("Virüs taraması bekleniyor"), 2, "{tags:?}");
    assert_eq!(tagged("Belge henüz gelmedi ya da depoda bulunamadı"), 1, "one from before: {tags:?}");
    assert_eq!(tagged("Zararlı yazılım bulundu, açılamaz"), 1, "the content of the upload: {tags:?}");
    let page = open(&mut officer, &a, &bad).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text("p.code").contains("document_infected") && !page.shows("EICAR"));
    assert_eq!(open(&mut officer, &a, &good).await.bytes, b"%PDF-1.7 from a citizen");
    let page = open(&mut officer, &a, &long).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text("p.code").contains("scanner_away"), "{}", page.html());

    // The verdicts are recorded: another replica needs no scanner for them.
    let other = replica(&world, &store, Some(away().await));
    assert!(other.open(&good).await.is_ok());
    assert!(replica(&world, &store, None).open(&bad).await.is_err(), "nor does it send infected documents");
}

#[tokio::test]
async fn without_a_verdict_documents_are_kept_but_not_sent() {
    for scanner in [
        away().await,
        failing(Fault::HangsUp).await,
        failing(Fault::Says("")).await,
        failing(Fault::Says("INSTREAM size limit exceeded. ERROR\0")).await,
    ] {
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let world = World::with(Arc::clone(&store), Some(scanner.clone()));
        let a = application_held_by_officer(&world);
        let mut officer = world.login("sorumlu").await;
        let content = [b"%PDF-1.7".to_vec(), vec![b' '; 3_000_000]].concat();
        let page = attach(&world, &mut officer, &a, "a.pdf", &content).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{scanner:?}: {}", page.html());
        assert_eq!(count(&*store).await, 1, "{scanner:?}: the document without a verdict");
        let sha256 = sha256_hex(&content);
        let page = open(&mut officer, &a, &sha256).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{scanner:?}");
        assert_eq!(page.text("h1"), "Virüs taraması bekleniyor");
        assert!(page.text("p.code").contains("scanner_away"));
        let detail = officer.get(&format!("/basvurular/{}", a.no)).await;
        assert!(detail.text(".files .tag").contains("Virüs taraması bekleniyor"), "{}", detail.html());

        let back = replica(&world, &store, Some(failing(Fault::Says("stream: OK\0")).await));
        assert!(back.open(&sha256).await.is_ok(), "once the scanner answers");
        assert_eq!(open(&mut officer, &a, &sha256).await.status, StatusCode::OK, "and from then on");
    }
}
