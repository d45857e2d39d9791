//! Documents in S3, with a server that speaks its protocol over a folder.

use std::ffi::OsString;
use std::sync::Arc;

use ebasvuru_workflow::documents::{Blobs, DocumentError, open_with, probe};
use ebasvuru_workflow::domain::document::{object_path, sha256_hex};
use ebasvuru_workflow::log::{Blob, BlobStore};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;

use super::World;
use super::documents::{add_from_edevlet, application_held_by_officer, attach, count};
use crate::files::FileError;

/// Starts an S3 server with one bucket, `evrak`, and returns the variables to reach it.
async fn server(folder: &std::path::Path) -> Vec<(OsString, OsString)> {
    std::fs::create_dir(folder.join("evrak")).unwrap();
    let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder).unwrap());
    service.set_auth(SimpleAuth::from_single("anahtar", "gizli"));
    let service = service.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let _ =
                    Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    [
        ("AWS_ENDPOINT", endpoint.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "anahtar"),
        ("AWS_SECRET_ACCESS_KEY", "gizli"),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .into()
}

#[tokio::test]
async fn documents_are_stored_in_a_bucket_under_the_prefix() {
    let folder = tempfile::tempdir().unwrap();
    let variables = server(folder.path()).await;
    let store = open_with("s3://evrak/e-basvuru", variables.clone()).unwrap();
    probe(&*store).await.unwrap();
    for wrong in ["AWS_SECRET_ACCESS_KEY", "AWS_ALLOW_HTTP"] {
        let variables = variables.iter().filter(|(name, _)| name != wrong);
        let variables = variables.cloned().chain([(wrong.into(), "false".into())]);
        let refused = open_with("s3://evrak/e-basvuru", variables).unwrap();
        assert!(probe(&*refused).await.is_err(), "{wrong}");
    }

    // Ingest stores an inline document, twice as after a restart.
    let content = b"%PDF-1.7 inline";
    let blob = Blob { sha256: sha256_hex(content), bytes: content.to_vec().into() };
    let blobs = Blobs::new(Arc::clone(&store), tokio::runtime::Handle::current());
    let put = tokio::task::spawn_blocking(move || {
        (blobs.put(std::slice::from_ref(&blob)), blobs.put(std::slice::from_ref(&blob)))
    });
    assert_eq!(put.await.unwrap(), (Ok(()), Ok(())));
    let path = folder.path().join("evrak/e-basvuru").join(object_path(&sha256_hex(content)));
    assert_eq!(std::fs::read(path).unwrap(), content);

    let world = World::with(Arc::clone(&store), None);
    let a = application_held_by_officer(&world);
    let mut officer = world.login("sorumlu").await;
    let inline = add_from_edevlet(&world, &*store, &a, content).await;
    let page = officer.get(&format!("/basvurular/{}/belge/{inline}", a.no)).await;
    assert_eq!(page.bytes, content);

    // An upload of three parts, twice.
    let before = count(&*store).await;
    let content = [b"%PDF-1.7".to_vec(), (0..11_000_000_u32).map(|n| (n % 251) as u8).collect()].concat();
    for name in ["bir.pdf", "iki.pdf"] {
        let page = attach(&world, &mut officer, &a, name, &content).await;
        assert_eq!(page.location, format!("/basvurular/{}?oldu=dosya-ekle", a.no), "{}", page.html());
    }
    assert_eq!(count(&*store).await, before + 1);
    let page = officer.get(&format!("/basvurular/{}/belge/{}", a.no, sha256_hex(&content))).await;
    assert!(page.bytes == content, "the content is unchanged");
    let missing = world.app.files.open(&"0".repeat(64)).await;
    assert!(matches!(missing.err(), Some(FileError::Document(DocumentError::Missing(_)))));
}

#[tokio::test]
async fn pages_are_shown_while_the_store_does_not_answer() {
    // It accepts connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let variables = [
        ("AWS_ENDPOINT", endpoint.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
    ];
    let variables = variables.map(|(name, value)| (name.into(), value.into()));
    let world = World::with(open_with("s3://evrak", variables).unwrap(), None);
    let a = application_held_by_officer(&world);
    let mut officer = world.login("sorumlu").await;
    let path = format!("/basvurular/{}", a.no);
    let page = officer.get(&path);
    let page = tokio::time::timeout(std::time::Duration::from_secs(10), page).await.unwrap();
    assert!(page.shows("Dosyalar"));
}
