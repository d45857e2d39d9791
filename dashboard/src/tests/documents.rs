//! Uploading and downloading documents.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use ebasvuru_workflow::domain::application::{Application, Status};
use ebasvuru_workflow::domain::document::{Document, object_path, sha256_hex, store_uri};
use ebasvuru_workflow::seal::Field;
use futures_util::{StreamExt, TryStreamExt};
use object_store::ObjectStore;
use object_store::ObjectStoreExt;
use object_store::memory::InMemory;

use super::World;
use super::browser::{Browser, Page};

pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n then its chunks";

/// A document store in a folder, like the default store.
fn documents() -> (tempfile::TempDir, Arc<dyn ObjectStore>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("documents");
    let store = ebasvuru_workflow::documents::open(path.to_str().unwrap()).unwrap();
    (folder, store)
}

/// Puts a content into the store and refers to it in the application, as e-Devlet does. Whatever it
/// is, its media type claims a PNG.
pub async fn add_from_edevlet(
    world: &World,
    store: &dyn ObjectStore,
    a: &Application,
    content: &[u8],
) -> String {
    let sha256 = sha256_hex(content);
    store.put(&object_path(&sha256).into(), content.to_vec().into()).await.unwrap();
    refer(world, a, &sha256);
    sha256
}

fn refer(world: &World, a: &Application, sha256: &str) {
    let (context, name) = (a.id.to_string(), "ek belge.x".as_bytes());
    let name = world.app.sealer.seal_like(&a.content, &context, Field::DocumentName, name).unwrap();
    let (media_type, uri) = ("image/png".to_owned(), store_uri(sha256));
    let document = Document { name, media_type, size: 1, sha256: sha256.to_owned(), uri };
    let mut all = world.store.applications.lock().unwrap();
    let application = all.get_mut(&a.id).unwrap();
    application.documents.push(document);
    application.version += 1;
}

/// An application held by "sorumlu".
pub fn application_held_by_officer(world: &World) -> Application {
    let id = world.application(1, "").id;
    let mut all = world.store.applications.lock().unwrap();
    let application = all.get_mut(&id).unwrap();
    application.status = Status::Assigned { officer: "sorumlu".parse().unwrap() };
    application.clone()
}

pub async fn attach(
    world: &World,
    browser: &mut Browser,
    a: &Application,
    name: &str,
    content: &[u8],
) -> Page {
    let version = world.store.applications.lock().unwrap()[&a.id].version.to_string();
    browser.upload(&format!("/basvurular/{}/dosya-ekle", a.no), &[("surum", &version)], name, content).await
}

pub async fn count(store: &dyn ObjectStore) -> usize {
    store.list(None).try_collect::<Vec<_>>().await.unwrap().len()
}

#[tokio::test]
async fn documents_are_shown_or_downloaded_by_their_content() {
    let store = Arc::new(InMemory::new());
    let world = World::with(Arc::<InMemory>::clone(&store), None);
    let a = application_held_by_officer(&world);
    let mut officer = world.login("sorumlu").await;
    for (content, shown, extension) in [
        (&b"%PDF-1.7 a page"[..], Some("application/pdf"), "pdf"),
        (PNG, Some("image/png"), "png"),
        (b"\xff\xd8\xff\xe0 a photo", Some("image/jpeg"), "jpg"),
        (b"II*\0\x08\0\0\0 a fax..", None, "tif"),
        (b"PK\x03\x04 an office's own", None, "zip"),
        (b"<!DOCTYPE html><script>alert(1)</script>", None, "bin"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None, "bin"),
    ] {
        let sha256 = add_from_edevlet(&world, &*store, &a, content).await;
        let path = format!("/basvurular/{}/belge/{sha256}", a.no);
        for (path, shown) in [(path.clone(), shown), (format!("{path}?indir=1"), None)] {
            let page = officer.get(&path).await;
            assert_eq!((page.status, &page.bytes[..]), (StatusCode::OK, content));
            let (how, kind) =
                shown.map_or(("attachment", "application/octet-stream"), |kind| ("inline", kind));
            let name = format!("{how}; filename*=UTF-8''ek%20belge.x.{extension}");
            assert_eq!(page.headers["content-disposition"], name, "{path}");
            assert_eq!(page.headers["content-type"], kind);
            assert_eq!(page.headers["content-length"], content.len().to_string());
            assert_eq!(page.headers["x-content-type-options"], "nosniff");
            assert_eq!(page.headers["cross-origin-resource-policy"], "same-origin");
            let policy = page.headers["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("default-src 'none'") && policy.contains("sandbox;"), "{policy}");
        }
    }
    assert_eq!(world.store.accesses().len(), 14, "each opening is in the access log");

    let detail = officer.get(&format!("/basvurular/{}", a.no)).await;
    let downloads = detail.count(".files a[download][href*=\"indir=1\"]");
    let views = detail.count(".files a") - downloads;
    // One document was in the application before, and is not in the store.
    assert_eq!((views, downloads), (3, 7), "{}", detail.html());
    let unknown =
        detail.texts(".files .tag").iter().filter(|tag| tag.contains("Türü bilinmeyen dosya")).count();
    assert_eq!(unknown, 2, "the kind of a missing document is not called unknown");
    let kinds = detail.text(".files small");
    assert!(kinds.contains("UDF/ZIP, ") && kinds.contains("PDF, "), "{kinds}");

    let sha256 = add_from_edevlet(&world, &*store, &a, PNG).await;
    *world.store.audit_away.lock().unwrap() = true;
    let refused = officer.get(&format!("/basvurular/{}/belge/{sha256}", a.no)).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn documents_of_one_content_keep_their_own_names() {
    let store = Arc::new(InMemory::new());
    let world = World::with(Arc::<InMemory>::clone(&store), None);
    let a = application_held_by_officer(&world);
    let mut officer = world.login("sorumlu").await;
    for name in ["Dilekçe.pdf", "Nüfus kayıt örneği.pdf"] {
        let page = attach(&world, &mut officer, &a, name, b"%PDF-1.7 the same").await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html());
    }
    let detail = officer.get(&format!("/basvurular/{}", a.no)).await;
    let links = detail.attributes(".files a[download]", "href");
    assert_eq!(links.len(), 2);
    for (link, name) in
        links.iter().zip(["Dilek%C3%A7e.pdf", "N%C3%BCfus%20kay%C4%B1t%20%C3%B6rne%C4%9Fi.pdf"])
    {
        let page = officer.get(link).await;
        let saved = format!("attachment; filename*=UTF-8''{name}");
        assert_eq!(page.headers["content-disposition"], saved, "{link}");
    }
    // The address of before, and one with a place that is not there.
    let (before, _) = links[0].split_once('?').unwrap();
    for address in [before.to_owned(), format!("{before}?sira=99"), format!("{before}?sira=1&indir=1")] {
        let page = officer.get(&address).await;
        let named = page.headers["content-disposition"].to_str().unwrap();
        assert!(named.ends_with("''Dilek%C3%A7e.pdf"), "{address}: {named}");
    }
}

#[tokio::test]
async fn a_document_that_the_store_does_not_have_is_called_so_and_not_offered() {
    let store = Arc::new(InMemory::new());
    let world = World::with(Arc::<InMemory>::clone(&store), None);
    let a = application_held_by_officer(&world);
    let mut officer = world.login("sorumlu").await;
    let detail = officer.get(&format!("/basvurular/{}", a.no)).await;
    assert_eq!(detail.count(".files li"), 1);
    assert_eq!(detail.count(".files a"), 0, "{}", detail.html());
    assert_eq!(detail.text(".files .tag"), "Belge henüz gelmedi ya da depoda bulunamadı");
    let path = format!("/basvurular/{}/belge/{}", a.no, a.documents[0].sha256);
    let page = officer.get(&path).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.shows("henüz gelmedi ya da depoda bulunamadı") && page.shows("document_missing"));
    assert!(!page.shows("görme yetkinizin dışındadır"), "it is not a matter of permission");
    let other = officer.get(&format!("/basvurular/{}/belge/{}", a.no, "cd".repeat(32))).await;
    assert!(other.shows("not_found"), "no document of this application");
}

#[tokio::test]
async fn a_pdf_with_something_before_its_header_is_kept_and_shown() {
    let store = Arc::new(InMemory::new());
    let world = World::with(Arc::<InMemory>::clone(&store), None);
    let a = application_held_by_officer(&world);
    let mut officer = world.login("sorumlu").await;
    for content in [&b"\xef\xbb\xbf%PDF-1.4 a"[..], b"\r\n%PDF-1.4 b", b"\xef\xbb\xbf\r\n\0%PDF-1.4 c"] {
        let page = attach(&world, &mut officer, &a, "olur.pdf", content).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html());
        let page = officer.get(&format!("/basvurular/{}/belge/{}", a.no, sha256_hex(content))).await;
        assert_eq!(page.headers["content-type"], "application/pdf");
        assert_eq!(page.bytes, content);
    }
    let page = attach(&world, &mut officer, &a, "olur.pdf", b"<html><script>1</script>%PDF-1.4").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "a page that calls itself a PDF");
}

#[tokio::test]
async fn an_uploaded_name_keeps_its_extension_and_loses_what_disguises_it() {
    let store = Arc::new(InMemory::new());
    let world = World::with(Arc::<InMemory>::clone(&store), None);
    let a = application_held_by_officer(&world);
    let mut officer = world.login("sorumlu").await;
    let long = "2026 yılı Ankara Valiliği İl Sivil Toplumla İlişkiler Müdürlüğü dernek tüzük değişikliği \
                başvurusuna ilişkin olur yazısı ve ekleri imzalı nüsha.pdf";
    for (i, name) in
        [long, &format!("{}.pdf", "ğ".repeat(5000)), "dilekce\u{202e}fdp.exe"].into_iter().enumerate()
    {
        let page = attach(&world, &mut officer, &a, name, format!("%PDF-1.7 {i}").as_bytes()).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html());
    }
    let names = officer.get(&format!("/basvurular/{}", a.no)).await.texts(".files bdi[lang=tr]");
    let names = &names[names.len() - 3..];
    assert_eq!(names[0], long);
    assert!(names[1].ends_with("ğ….pdf") && names[1].len() <= 240, "{}", names[1]);
    assert_eq!(names[2], "dilekcefdp.exe.pdf");
}

#[tokio::test]
async fn a_corrupt_document_is_never_sent_as_a_whole() {
    let store = Arc::new(InMemory::new());
    let world = World::with(Arc::<InMemory>::clone(&store), None);
    let a = application_held_by_officer(&world);
    let mut officer = world.login("sorumlu").await;
    let small = add_from_edevlet(&world, &*store, &a, b"%PDF-1.7 right").await;
    store.put(&object_path(&small).into(), "%PDF-1.7 wrong".into()).await.unwrap();
    let page = officer.get(&format!("/basvurular/{}/belge/{small}", a.no)).await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    store.put(&object_path(&small).into(), "".into()).await.unwrap();
    let page = officer.get(&format!("/basvurular/{}/belge/{small}", a.no)).await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR, "an empty object is not the content");

    // A large one, which arrives in chunks.
    let (_folder, store) = documents();
    let world = World::with(Arc::clone(&store), None);
    let a = application_held_by_officer(&world);
    let mut content = [b"%PDF-1.7".to_vec(), vec![b' '; 500_000]].concat();
    let large = add_from_edevlet(&world, &*store, &a, &content).await;
    let opened = world.app.files.open(&large).await.unwrap();
    assert_eq!(opened.chunks.try_fold(0, async |n, part| Ok(n + part.len())).await.unwrap(), content.len());
    *content.last_mut().unwrap() = b'!';
    store.put(&object_path(&large).into(), content.clone().into()).await.unwrap();
    let mut opened = world.app.files.open(&large).await.unwrap();
    let (mut sent, mut broken) = (0, false);
    while let Some(part) = opened.chunks.next().await {
        assert!(!broken, "nothing follows the error");
        match part {
            Ok(part) => sent += part.len(),
            Err(error) => broken = error.to_string().contains("another content"),
        }
    }
    assert!(broken && sent < content.len(), "{sent} of {} bytes", content.len());
}

#[tokio::test]
async fn the_same_content_is_stored_once() {
    let (_folder, store) = documents();
    let world = World::with(Arc::clone(&store), None);
    let a = application_held_by_officer(&world);
    let mut officer = world.login("sorumlu").await;
    // Larger than one part of an upload to the store.
    let content = [b"%PDF-1.7".to_vec(), vec![b'x'; 6 * 1024 * 1024]].concat();
    for name in ["bir.pdf", "iki.pdf"] {
        let page = attach(&world, &mut officer, &a, name, &content).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html());
    }
    assert_eq!(count(&*store).await, 1);
    let application = world.store.applications.lock().unwrap()[&a.id].clone();
    let added: Vec<_> = application.documents.iter().skip(1).collect();
    assert_eq!(added.len(), 2);
    assert_eq!((added[1].size, added[1].media_type.as_str()), (content.len() as u64, "application/pdf"));
    let (mut one, mut two) = (officer.clone(), officer);
    let (left, right) = tokio::join!(
        attach(&world, &mut one, &a, "üç.pdf", b"%PDF-1.7 at once"),
        attach(&world, &mut two, &a, "üç.pdf", b"%PDF-1.7 at once"),
    );
    // The second of the two saw an old version.
    assert!([left.status, right.status].contains(&StatusCode::SEE_OTHER));
    assert_eq!(count(&*store).await, 2);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing_behind() {
    let (_folder, store) = documents();
    let world = World::with(Arc::clone(&store), None);
    let a = application_held_by_officer(&world);
    let mut officer = world.login("sorumlu").await;
    officer.get(&format!("/basvurular/{}", a.no)).await;
    let begun = format!(
        "--x\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n\
         --x\r\ncontent-disposition: form-data; name=\"dosya\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.7",
        officer.csrf
    );
    let broke = || Err(std::io::Error::other("the line broke"));
    let parts = std::iter::once(Ok(begun)).chain((0..50).map(|_| Ok("x".repeat(10_000)))).chain([broke()]);
    let request = Request::post(format!("/basvurular/{}/dosya-ekle", a.no))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
    // One after the other, so that the file has begun when the connection breaks.
    let parts = futures_util::stream::iter(parts).then(async |part| {
        tokio::task::yield_now().await;
        part
    });
    let body = Body::from_stream(parts);
    let page = officer.send(request, body).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_eq!(count(&*store).await, 0);
    let staging = std::fs::read_dir(world.app.files.staging()).unwrap().count();
    assert_eq!(staging, 0, "the file never had a name");
}
