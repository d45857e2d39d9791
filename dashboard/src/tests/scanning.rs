//! Nobody has a document before the scanner found it clean.

use std::sync::Arc;

use axum::http::StatusCode;
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::document::sha256_hex;
use object_store::ObjectStore;
use object_store::memory::InMemory;

use super::World;
use super::browser::{Browser, Page};
use super::clamd::{Clamd, Fault, away, eicar, failing};
use super::documents::{attach, came, count, held};
use crate::files::{Files, Scanner};

/// The same world seen by another replica, whose scanner is this one.
fn replica(world: &World, store: &Arc<dyn ObjectStore>, scanner: Option<Scanner>) -> Files {
    Files::new(Arc::clone(store), scanner, world.app.files.staging().to_owned())
}

async fn open(browser: &mut Browser, a: &Application, sha256: &str) -> Page {
    browser.get(&format!("/basvurular/{}/belge/{sha256}", a.no)).await
}

#[tokio::test]
async fn clamd_itself_lets_the_clean_through_and_nothing_else() {
    let Some(clamd) = Clamd::start() else { return };
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let world = World::with(Arc::clone(&store), Some(clamd.scanner()));
    let a = held(&world);
    let mut officer = world.login("sorumlu").await;
    let infected = format!("%PDF-1.7\n{}", eicar());

    let page = attach(&world, &mut officer, &a, "temiz.pdf", b"%PDF-1.7 clean").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html());
    let page = attach(&world, &mut officer, &a, "kotu.pdf", infected.as_bytes()).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.html().contains("zararlı yazılım bulundu (Test-Eicar"), "{}", page.html());
    let documents = world.store.applications.lock().unwrap()[&a.id].documents.clone();
    assert_eq!(documents.len(), 2, "one was there, one was clean");
    assert_eq!(open(&mut officer, &a, &documents[1].sha256).await.status, StatusCode::OK);

    // By e-Devlet, inline or by reference, which is the same to the store.
    let bad = came(&world, &*store, &a, infected.as_bytes()).await;
    let good = came(&world, &*store, &a, b"%PDF-1.7 from a citizen").await;
    // clamd takes 1 MB here and will not scan this.
    let long = came(&world, &*store, &a, &[b"%PDF-1.7".to_vec(), vec![b' '; 2_000_000]].concat()).await;
    let detail = officer.get(&format!("/basvurular/{}", a.no)).await;
    assert_eq!(detail.html().matches("Virüs taraması bekleniyor").count(), 3, "{}", detail.html());
    assert_eq!(
        detail.html().matches("Zararlı yazılım bulundu, açılamaz").count(),
        1,
        "as found in the upload"
    );
    let page = open(&mut officer, &a, &bad).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.html().contains("document_infected") && !page.html().contains("EICAR"));
    assert_eq!(open(&mut officer, &a, &good).await.bytes, b"%PDF-1.7 from a citizen");
    let page = open(&mut officer, &a, &long).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.html().contains("scanner_away"), "{}", page.html());

    // The verdicts are on record: another replica needs no scanner for them.
    let other = replica(&world, &store, Some(away().await));
    assert!(other.open(&good).await.is_ok());
    assert!(replica(&world, &store, None).open(&bad).await.is_err(), "nor does it forget what was found");
}

#[tokio::test]
async fn without_a_verdict_nothing_is_opened_and_work_goes_on() {
    for scanner in [
        away().await,
        failing(Fault::HangsUp).await,
        failing(Fault::Says("")).await,
        failing(Fault::Says("INSTREAM size limit exceeded. ERROR\0")).await,
    ] {
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let world = World::with(Arc::clone(&store), Some(scanner.clone()));
        let a = held(&world);
        let mut officer = world.login("sorumlu").await;
        let content = [b"%PDF-1.7".to_vec(), vec![b' '; 3_000_000]].concat();
        let page = attach(&world, &mut officer, &a, "a.pdf", &content).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{scanner:?}: {}", page.html());
        assert_eq!(count(&*store).await, 1, "{scanner:?}: the document, and no verdict");
        let sha256 = sha256_hex(&content);
        let page = open(&mut officer, &a, &sha256).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{scanner:?}");
        assert!(page.html().contains("Virüs taraması bekleniyor") && page.html().contains("scanner_away"));
        let detail = officer.get(&format!("/basvurular/{}", a.no)).await;
        assert!(detail.html().contains("Virüs taraması bekleniyor"), "{}", detail.html());

        let back = replica(&world, &store, Some(failing(Fault::Says("stream: OK\0")).await));
        assert!(back.open(&sha256).await.is_ok(), "once the scanner is back");
        assert_eq!(open(&mut officer, &a, &sha256).await.status, StatusCode::OK, "and then for good");
    }
}
