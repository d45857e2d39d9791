//! Sealing and opening.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use jiff::Timestamp;

use crate::domain::document_name::DocumentName;
use crate::domain::ids::UserName;
use crate::domain::sealed::{Sealed, SealedText};
use crate::domain::text;

use super::ring::monthly;
use super::{Field, KeyRing, KeyRingError, SealError, USERS};

const NONCE: usize = 24;
type Nonce = [u8; NONCE];

/// The prefix of a body whose field is bound; base64url has no dot. A body without it was sealed before
/// fields were bound, and opens as any field.
const FIELD_BOUND: &str = "2.";

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
        let mut aad = aad(entry, context);
        let body = match body.strip_prefix(FIELD_BOUND) {
            Some(body) => {
                bind(&mut aad, field);
                body
            }
            None => body,
        };
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| SealError::Malformed)?;
        let (nonce, msg) = body.split_first_chunk::<NONCE>().ok_or(SealError::Malformed)?;
        cipher(&self.ring, entry, context)?
            .decrypt(&XNonce::from(*nonce), Payload { msg, aad: &aad })
            .map_err(|_| SealError::Unopenable)
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
    cipher: XChaCha20Poly1305,
    /// The associated data: entry and context, to which each text adds its field.
    aad: Vec<u8>,
    /// The next nonce. The first is random; counting up from it is as safe as another random nonce of
    /// 192 bits, and needs no other system call.
    nonce: Nonce,
}

impl Envelope {
    fn new(ring: &KeyRing, entry: String, context: &str) -> Result<Self, SealError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|e| KeyRingError::Random(e.to_string()))?;
        let (cipher, aad) = (cipher(ring, &entry, context)?, aad(&entry, context));
        Ok(Self { entry, cipher, aad, nonce })
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
        let payload = Payload { msg: plain, aad: &self.aad };
        let ciphertext = self.cipher.encrypt(&XNonce::from(self.nonce), payload);
        self.aad.truncate(bare);
        let ciphertext = ciphertext.map_err(|_| SealError::Unopenable)?;
        let mut text = format!("{}.{FIELD_BOUND}", self.entry);
        URL_SAFE_NO_PAD.encode_string([&self.nonce[..], &ciphertext].concat(), &mut text);
        count_up(&mut self.nonce);
        Ok(Sealed(text.into()))
    }
}

fn count_up(nonce: &mut Nonce) {
    for byte in nonce.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
}

fn cipher(ring: &KeyRing, entry: &str, context: &str) -> Result<XChaCha20Poly1305, SealError> {
    Ok(XChaCha20Poly1305::new(&ring.derive(entry, context)?.into()))
}

fn user_context(name: &UserName) -> String {
    format!("user/{name}")
}

/// Adds the field, separated by a byte that does not occur before it.
fn bind(aad: &mut Vec<u8>, field: Field) {
    aad.push(0);
    aad.extend_from_slice(field.name().as_bytes());
}

/// Entry and context, separated by a byte that occurs in neither.
fn aad(entry: &str, context: &str) -> Vec<u8> {
    [entry.as_bytes(), &[0], context.as_bytes()].concat()
}
