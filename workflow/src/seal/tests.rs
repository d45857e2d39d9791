use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use proptest::prelude::*;

use crate::domain::sealed::Sealed;
use crate::error_code::ErrorCode;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

struct Ring {
    _folder: tempfile::TempDir,
    path: PathBuf,
    ring: Arc<KeyRing>,
    sealer: Sealer,
}

fn ring() -> Ring {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys/ring.toml");
    let ring = Arc::new(KeyRing::create(&path).unwrap());
    ring.ensure_months(APPLICATIONS, at("2026-11-23T09:15:00+03:00"), 3).unwrap();
    Ring { _folder: folder, path, sealer: Sealer::new(ring.clone()), ring }
}

fn seal(ring: &Ring, context: &str, plain: &[u8]) -> Sealed {
    ring.sealer.seal(APPLICATIONS, at("2026-11-23T09:15:00+03:00"), context, Field::Answer, plain).unwrap()
}

#[test]
fn a_blob_opens_only_in_its_own_context() {
    let ring = ring();
    let sealed = seal(&ring, "a", b"Ay\xc5\x9fe");
    assert_eq!(ring.sealer.open_text("a", Field::Answer, &sealed).unwrap(), "Ayşe");
    assert_eq!(
        ring.sealer.open("b", Field::Answer, &sealed).unwrap_err().code(),
        ErrorCode::SealedUnopenable
    );
    assert_ne!(seal(&ring, "a", b"Ay\xc5\x9fe"), sealed, "equal contents must not look equal");
}

#[test]
fn a_blob_opens_only_as_its_own_field() {
    let ring = ring();
    let mut envelope = ring.sealer.envelope(APPLICATIONS, at("2026-11-23T09:15:00+03:00"), "a").unwrap();
    for field in Field::ALL {
        let sealed = envelope.seal(field, b"words").unwrap();
        for other in Field::ALL {
            let opened = ring.sealer.open("a", other, &sealed);
            assert_eq!(opened.is_ok(), field == other, "{field:?} as {other:?}");
        }
        // Nor does it open as a blob of an earlier version, of which one opens as any field.
        for mark in [".", ".2."] {
            let former = Sealed(sealed.0.replace(".3.", mark).into());
            let opened = ring.sealer.open("a", field, &former);
            assert_eq!(opened.unwrap_err().code(), ErrorCode::SealedUnopenable, "{mark}");
        }
    }
}

/// These blobs were made by the code of the versions before.
#[test]
fn a_blob_of_a_version_before_still_opens() {
    const UNBOUND: [&str; 2] = [
        "basvuru-2026-11.ohUS-jmM1W0BwFiCR_xFavByOsz8g9mH7srYuIweZGhuU8EN_hh1yLH7HLNFLaCc1NzKeOo",
        "users.Zj3YQtwyXuL6a7frij_jqaVbo8v9zPsgK0YPOeOsqoucuEYBwSrVtWm-95zItjOTJfg",
    ];
    const BOUND: [&str; 2] = [
        "basvuru-2026-11.2.ucWOrPlPpezrQF8DefD4mMUzy43auTTAm9nT07A0DqTol4UY2XODEelcHXPp6Ys-qh5CvcM",
        "users.2.0o4gr2gfG4GD68U96w1DbVUbbtdR48z65ehNKLceWvSZ0Omz0jl5sN95Y9PUaO1ygd4",
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ring.toml");
    let [index, month, users] = ["07", "0b", "0d"].map(|byte| byte.repeat(32));
    let ring =
        format!("index = \"{index}\"\n[entries]\nbasvuru-2026-11 = \"{month}\"\nusers = \"{users}\"\n");
    fs::write(&path, ring).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let sealer = Sealer::new(Arc::new(KeyRing::load(&path).unwrap()));
    let refused =
        |context: &str, field, sealed: &Sealed| sealer.open(context, field, sealed).unwrap_err().code();
    for [content, password] in [UNBOUND, BOUND] {
        let content = Sealed(content.into());
        assert_eq!(sealer.open_text("a", Field::Content, &content).unwrap(), "Ayşe Yılmaz");
        assert_eq!(refused("b", Field::Content, &content), ErrorCode::SealedUnopenable);
        let hash = sealer.open_user(&"ayse".parse().unwrap(), Field::Password, &Sealed(password.into()));
        assert_eq!(hash.unwrap(), b"$argon2id$");
        // A text that is sealed like it is of this version.
        let answer = sealer.seal_like(&content, "a", Field::Answer, b"olur").unwrap();
        assert!(answer.0.starts_with("basvuru-2026-11.3."));
        assert_eq!(refused("a", Field::Note, &answer), ErrorCode::SealedUnopenable);
    }
    assert_eq!(refused("a", Field::Answer, &Sealed(BOUND[0].into())), ErrorCode::SealedUnopenable);
    let unknown = Sealed(BOUND[0].replace(".2.", ".4.").into());
    assert_eq!(refused("a", Field::Content, &unknown), ErrorCode::SealedMalformed);
}

#[test]
fn an_envelope_never_uses_a_nonce_twice() {
    let ring = ring();
    let mut envelope = ring.sealer.envelope(APPLICATIONS, at("2026-11-23T09:15:00+03:00"), "a").unwrap();
    // More than one byte can count.
    let sealed: Vec<_> = (0..600).map(|_| envelope.seal(Field::Answer, b"x").unwrap()).collect();
    let nonces: BTreeSet<_> = sealed
        .iter()
        .map(|it| URL_SAFE_NO_PAD.decode(it.0.rsplit('.').next().unwrap()).unwrap()[..12].to_vec())
        .collect();
    assert_eq!(nonces.len(), sealed.len());
    assert!(sealed.iter().all(|it| ring.sealer.open("a", Field::Answer, it).unwrap() == b"x"));
}

#[test]
fn the_entry_is_that_of_the_month_in_turkey() {
    let ring = ring();
    let last_hour_utc =
        ring.sealer.seal(APPLICATIONS, at("2026-11-30T21:30:00Z"), "a", Field::Answer, b"x").unwrap();
    assert!(last_hour_utc.0.starts_with("basvuru-2026-12."), "{}", last_hour_utc.0);
    assert_eq!(ring.ring.entries(), ["basvuru-2026-11", "basvuru-2026-12", "basvuru-2027-01", "users"]);
    let beyond = ring.sealer.seal(APPLICATIONS, at("2027-02-01T00:00:00+03:00"), "a", Field::Answer, b"x");
    assert_eq!(beyond.unwrap_err().code(), ErrorCode::KeyEntryMissing);
}

#[test]
fn an_answer_is_erased_with_its_application() {
    let ring = ring();
    let content = seal(&ring, "a", b"content");
    let answer = ring.sealer.seal_text_like(&content, "a", Field::Answer, "  Uygundur. \n").unwrap();
    assert_eq!(answer.chars, 9);
    assert_eq!(ring.sealer.open_text("a", Field::Answer, &answer.sealed).unwrap(), "Uygundur.");

    assert!(ring.ring.destroy("basvuru-2026-11").unwrap());
    for sealed in [&content, &answer.sealed] {
        assert_eq!(ring.sealer.open("a", Field::Answer, sealed).unwrap_err().code(), ErrorCode::Erased);
    }
    assert_eq!(
        ring.sealer.seal_like(&content, "a", Field::Answer, b"more").unwrap_err().code(),
        ErrorCode::Erased
    );
}

#[test]
fn a_destroyed_entry_is_never_created_again() {
    let ring = ring();
    let sealed = seal(&ring, "a", b"x");
    ring.ring.destroy("basvuru-2026-11").unwrap();
    assert!(!ring.ring.destroy("basvuru-2026-11").unwrap(), "it is gone already");
    let again = KeyRing::load(&ring.path).unwrap();
    again.ensure_months(APPLICATIONS, at("2026-11-01T00:00:00Z"), 12).unwrap();
    assert!(!again.entries().contains(&"basvuru-2026-11".to_owned()));
    let sealer = Sealer::new(Arc::new(again));
    assert_eq!(sealer.open("a", Field::Answer, &sealed).unwrap_err().code(), ErrorCode::Erased);
}

#[test]
fn a_running_process_finds_months_that_are_added() {
    let ring = ring();
    let other = KeyRing::load(&ring.path).unwrap();
    other.ensure_months(APPLICATIONS, at("2027-06-01T00:00:00Z"), 1).unwrap();
    let sealed =
        ring.sealer.seal(APPLICATIONS, at("2027-06-02T00:00:00Z"), "a", Field::Answer, b"x").unwrap();
    assert_eq!(Sealer::new(Arc::new(other)).open("a", Field::Answer, &sealed).unwrap(), b"x");
}

#[test]
fn a_ring_is_created_once_and_each_of_its_keys_has_a_fingerprint() {
    let ring = ring();
    assert_eq!(KeyRing::create(&ring.path).unwrap_err().code(), ErrorCode::KeyringUnreadable);
    let before = ring.ring.fingerprints();
    assert_eq!(before.keys().filter(|name| *name == "index" || *name == "users").count(), 2);
    assert_eq!(before.len(), ring.ring.entries().len() + 1);
    ring.ring.ensure_months(APPLICATIONS, at("2027-02-01T00:00:00Z"), 1).unwrap();
    let mut after = KeyRing::load(&ring.path).unwrap().fingerprints();
    assert!(after.remove("basvuru-2027-02").is_some());
    assert_eq!(after, before, "what is there keeps its fingerprint as the ring grows");
    assert!(self::ring().ring.fingerprints().iter().all(|(name, print)| before[name] != *print));
    let text = fs::read_to_string(&ring.path).unwrap();
    assert!(before.values().all(|print| !text.contains(print)), "no part of a key");
}

#[test]
fn a_password_opens_only_for_its_user() {
    let ring = ring();
    let (ayse, ali) = ("ayse".parse().unwrap(), "ali".parse().unwrap());
    let sealed = ring.sealer.seal_user(&ayse, Field::Password, b"$argon2id$").unwrap();
    assert_eq!(ring.sealer.open_user(&ayse, Field::Password, &sealed).unwrap(), b"$argon2id$");
    assert_eq!(
        ring.sealer.open_user(&ali, Field::Password, &sealed).unwrap_err().code(),
        ErrorCode::SealedUnopenable
    );
}

#[test]
fn a_ring_that_cannot_be_used_says_why() {
    let ring = ring();
    let code = |path: &std::path::Path| KeyRing::load(path).unwrap_err().code();
    assert_eq!(fs::metadata(&ring.path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(code(&ring.path.with_extension("none")), ErrorCode::KeyringMissing);
    fs::set_permissions(&ring.path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(code(&ring.path), ErrorCode::KeyringExposed);
    fs::set_permissions(&ring.path, fs::Permissions::from_mode(0o600)).unwrap();
    let text = fs::read_to_string(&ring.path).unwrap();
    fs::write(&ring.path, &text[..text.len() / 2]).unwrap();
    let error = KeyRing::load(&ring.path).unwrap_err();
    assert_eq!(error.code(), ErrorCode::KeyringUnreadable);
    let key = text.split('"').nth(1).unwrap();
    assert!(!error.to_string().contains(&key[..16]), "an error must not show a key: {error}");
    assert_eq!(
        ring.ring.ensure_months("A.b", at("2026-01-01T00:00:00Z"), 1).unwrap_err().code(),
        ErrorCode::KeyringClass
    );
}

#[test]
fn indexes_find_equal_things_and_only_those() {
    let ring = ring();
    let again = Sealer::new(Arc::new(KeyRing::load(&ring.path).unwrap()));
    assert_eq!(ring.sealer.tckn_index("10000000146"), again.tckn_index("10000000146"));
    assert_ne!(ring.sealer.tckn_index("10000000146"), again.tckn_index("10000000147"));
    assert_eq!(ring.sealer.name_index("Işıl İNCE"), again.name_index("isil ince"));
    assert_eq!(ring.sealer.name_index("Işıl İnce Işıl").len(), 2);
    assert_ne!(ring.sealer.name_index("1")[0], ring.sealer.tckn_index("1"), "no index tells of another");
    let other = self::ring();
    assert_ne!(other.sealer.tckn_index("10000000146"), again.tckn_index("10000000146"));
}

#[test]
fn a_name_is_found_by_its_words_by_parts_of_them_and_by_them_joined() {
    let sealer = ring().sealer;
    let finds = |typed: &str, name: &str| {
        let index = sealer.name_index(name);
        let has_all = |all: &Vec<String>| !all.is_empty() && all.iter().all(|hash| index.contains(hash));
        sealer.name_search(typed).iter().any(has_all)
    };
    for typed in [
        "yildiz",
        "Öztürk",
        "öztürk yıldız",
        "Yıldız-Öztürk",
        "YILDIZÖZTÜRK",
        "Öztürk, Fatma",
        "fatma yıldızöztürk",
    ] {
        assert!(finds(typed, "Fatma Yıldız-Öztürk"), "{typed}");
    }
    assert!(
        finds("O'Brien", "OBrien") && finds("obrien", "O’Brien") && finds("Yıldız-Öztürk", "Yıldız Öztürk")
    );
    for typed in ["", "😀", "fat", "fatma yılmaz", "-"] {
        assert!(!finds(typed, "Fatma Yıldız-Öztürk"), "{typed}");
    }
    assert!(!finds("", "😀") && !finds("😀", "😀"));
}

/// Stored indexes were made with these keys: HMAC-SHA256 under HKDF-Expand(index key, name). The
/// expected values were computed by another implementation.
#[test]
fn indexes_do_not_change_between_versions() {
    let ring = ring();
    let text = fs::read_to_string(&ring.path).unwrap();
    let key = text.split('"').nth(1).unwrap();
    fs::write(&ring.path, text.replace(key, &"07".repeat(32))).unwrap();
    let sealer = Sealer::new(Arc::new(KeyRing::load(&ring.path).unwrap()));
    assert_eq!(sealer.tckn_index("10000000146"), "g7lQWNlWY9LbCsXJgM_KPg");
    assert_eq!(sealer.name_search("1")[2], ["0f5WADyJ1_egcR6WbqmGJg"], "of the version before");
    assert_eq!(sealer.name_index("1"), ["2.Et3ZQTMezzc6UuHn0USaOQ"]);
    assert_eq!(sealer.content_hash(br#"{"a":1}"#), "4ehEz-CrcGwLJ3e462GQnA");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_changed_blob_never_opens(plain in proptest::collection::vec(any::<u8>(), 0..64), at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.-]") {
        let ring = ring();
        let sealed = seal(&ring, "a", &plain);
        prop_assert_eq!(ring.sealer.open("a", Field::Answer, &sealed).unwrap(), plain);
        let at = at.index(sealed.0.len());
        let mut text = sealed.0.to_string();
        text.replace_range(at..=at, &to);
        prop_assume!(*text != *sealed.0);
        prop_assert!(ring.sealer.open("a", Field::Answer, &Sealed(text.into())).is_err());
    }
}
