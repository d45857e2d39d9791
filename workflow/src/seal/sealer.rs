//! Sealing and opening.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::domain::document_name::DocumentName;
use crate::domain::ids::UserName;
use crate::domain::sealed::{Sealed, SealedText};
use crate::domain::text;

use super::key_ring::monthly;
use super::{Field, KeyRing, SealError, USERS, former, nonce};

/// The mark between the name of the entry and the body; base64url has no dot. What was sealed before has
/// another ([`former`]).
const MARK: &str = "3";

/// Seals and opens with one key ring, and makes blind indexes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sealer {
    pub(super) ring: Arc<KeyRing>,
}

impl Sealer {
    /// A sealer with this ring.
    #[must_use]
    pub const fn new(ring: Arc<KeyRing>) -> Self {
        Self { ring }
    }

    /// Seals with the entry of `class` for the month of `at` in Turkey.
    pub fn seal(
        &self,
        class: &str,
        at: Timestamp,
        context: &str,
        field: Field,
        plain: &[u8],
    ) -> Result<Sealed, SealError> {
        self.envelope(class, at, context)?.seal(field, plain)
    }

    /// An envelope for everything of `context`, with the entry of `class` for the month of `at` in
    /// Turkey.
    pub fn envelope(&self, class: &str, at: Timestamp, context: &str) -> Result<Envelope, SealError> {
        Envelope::new(&self.ring, monthly(class, at), context)
    }

    /// Seals with the entry that sealed `existing`, so that an answer is erased together with its
    /// application.
    pub fn seal_like(
        &self,
        existing: &Sealed,
        context: &str,
        field: Field,
        plain: &[u8],
    ) -> Result<Sealed, SealError> {
        let (entry, _) = existing.0.split_once('.').ok_or(SealError::Malformed)?;
        Envelope::new(&self.ring, entry.to_owned(), context)?.seal(field, plain)
    }

    /// Seals what is visible of a text, as [`Sealer::seal_like`] does.
    pub fn seal_text_like(
        &self,
        existing: &Sealed,
        context: &str,
        field: Field,
        text: &str,
    ) -> Result<SealedText, SealError> {
        let (entry, _) = existing.0.split_once('.').ok_or(SealError::Malformed)?;
        Envelope::new(&self.ring, entry.to_owned(), context)?.seal_text(field, text)
    }

    /// Seals the name of a document, as [`Sealer::seal_like`] does.
    pub fn seal_name_like(
        &self,
        existing: &Sealed,
        context: &str,
        name: &DocumentName,
    ) -> Result<Sealed, SealError> {
        self.seal_like(existing, context, Field::DocumentName, name.as_str().as_bytes())
    }

    /// Seals what belongs to a user (the password hash, a search term).
    pub fn seal_user(&self, name: &UserName, field: Field, plain: &[u8]) -> Result<Sealed, SealError> {
        Envelope::new(&self.ring, USERS.to_owned(), &user_context(name))?.seal(field, plain)
    }

    /// Opens what was sealed as this field of `context`.
    pub fn open(&self, context: &str, field: Field, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        let (entry, body) = sealed.0.split_once('.').ok_or(SealError::Malformed)?;
        let (mark, text) = body.split_once('.').unwrap_or(("", body));
        let mut body = URL_SAFE_NO_PAD.decode(text).map_err(|_| SealError::Malformed)?;
        let mut aad = aad(entry, context);
        if mark != MARK {
            let key = self.ring.derive(entry, &[context.as_bytes()])?;
            return former::open(mark, &key, &mut aad, field, &body);
        }
        bind(&mut aad, field);
        let (nonce, sealed) = body.split_first_chunk_mut::<NONCE_LEN>().ok_or(SealError::Malformed)?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let key = key(&self.ring, entry, context)?;
        let plain = key.open_in_place(nonce, Aad::from(&aad), sealed).map_err(|_| SealError::Unopenable)?;
        Ok(plain.to_vec())
    }

    /// Opens text.
    pub fn open_text(&self, context: &str, field: Field, sealed: &Sealed) -> Result<String, SealError> {
        String::from_utf8(self.open(context, field, sealed)?).map_err(|_| SealError::NotText)
    }

    /// Opens the name of a document. Names that were sealed before [`DocumentName`] become safe here.
    pub fn open_name(&self, context: &str, sealed: &Sealed) -> Result<DocumentName, SealError> {
        Ok(DocumentName::of(&self.open_text(context, Field::DocumentName, sealed)?))
    }

    /// Opens what belongs to a user.
    pub fn open_user(&self, name: &UserName, field: Field, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        self.open(&user_context(name), field, sealed)
    }
}

/// Seals with one derived key: for a short text, deriving the key is a large part of the cost.
pub struct Envelope {
    entry: String,
    key: LessSafeKey,
    /// The associated data: entry and context, to which each text adds its field.
    aad: Vec<u8>,
    /// The next nonce. The first is random, the others count up from it. One key seals the texts of one
    /// context, which are thousands at most: of 2^96 nonces none occurs twice.
    nonce: [u8; NONCE_LEN],
}

impl Envelope {
    fn new(ring: &KeyRing, entry: String, context: &str) -> Result<Self, SealError> {
        let (key, aad) = (key(ring, &entry, context)?, aad(&entry, context));
        Ok(Self { entry, key, aad, nonce: nonce::draw()? })
    }

    /// Seals what is visible of a text.
    pub fn seal_text(&mut self, field: Field, text: &str) -> Result<SealedText, SealError> {
        let text = text::trim(text);
        let chars = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        Ok(SealedText { sealed: self.seal(field, text.as_bytes())?, chars })
    }

    /// Seals the name of a document.
    pub fn seal_name(&mut self, name: &DocumentName) -> Result<Sealed, SealError> {
        self.seal(Field::DocumentName, name.as_str().as_bytes())
    }

    /// Seals one text, or other bytes, as this field.
    pub fn seal(&mut self, field: Field, plain: &[u8]) -> Result<Sealed, SealError> {
        let bare = self.aad.len();
        bind(&mut self.aad, field);
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        let mut body = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        body.extend_from_slice(&self.nonce);
        body.extend_from_slice(plain);
        let tag = self.key.seal_in_place_separate_tag(nonce, Aad::from(&self.aad), &mut body[NONCE_LEN..]);
        self.aad.truncate(bare);
        body.extend_from_slice(tag.map_err(|_| SealError::Unopenable)?.as_ref());
        let mut text = String::with_capacity(self.entry.len() + 3 + body.len().div_ceil(3) * 4);
        text.extend([&*self.entry, ".", MARK, "."]);
        base64_simd::URL_SAFE_NO_PAD.encode_append(&body, &mut text);
        count_up(&mut self.nonce);
        Ok(Sealed(text.into()))
    }
}

fn count_up(nonce: &mut [u8; NONCE_LEN]) {
    for byte in nonce.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
}

/// The key of a context under this mark. Other marks have other keys.
fn key(ring: &KeyRing, entry: &str, context: &str) -> Result<LessSafeKey, SealError> {
    let key = ring.derive(entry, &[MARK.as_bytes(), &[0], context.as_bytes()])?;
    UnboundKey::new(&AES_256_GCM, &key).map(LessSafeKey::new).map_err(|_| SealError::Malformed)
}

fn user_context(name: &UserName) -> String {
    format!("user/{name}")
}

/// Adds the field, separated by a byte that does not occur before it.
pub(super) fn bind(aad: &mut Vec<u8>, field: Field) {
    aad.push(0);
    aad.extend_from_slice(field.name().as_bytes());
}

/// Entry and context, separated by a byte that occurs in neither.
fn aad(entry: &str, context: &str) -> Vec<u8> {
    [entry.as_bytes(), &[0], context.as_bytes()].concat()
}
