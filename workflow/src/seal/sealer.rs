//! Sealing and opening.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use jiff::Timestamp;

use crate::domain::ids::UserName;
use crate::domain::sealed::{Sealed, SealedText};

use super::ring::monthly;
use super::{KeyRing, KeyRingError, SealError, USERS};

const NONCE: usize = 24;

/// Seals and opens under one key ring, and makes its blind indexes. Cheap to clone.
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
    pub fn seal(&self, class: &str, at: Timestamp, context: &str, plain: &[u8]) -> Result<Sealed, SealError> {
        self.seal_with(&monthly(class, at), context, plain)
    }

    /// Seals with the entry that sealed `existing`: an answer is erased together with the
    /// application it answers.
    pub fn seal_like(&self, existing: &Sealed, context: &str, plain: &[u8]) -> Result<Sealed, SealError> {
        let (entry, _) = existing.0.split_once('.').ok_or(SealError::Malformed)?;
        self.seal_with(entry, context, plain)
    }

    /// Seals a person's words, trimmed, as [`Sealer::seal_like`] does.
    pub fn seal_text_like(
        &self,
        existing: &Sealed,
        context: &str,
        text: &str,
    ) -> Result<SealedText, SealError> {
        let text = text.trim();
        let chars = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        Ok(SealedText { sealed: self.seal_like(existing, context, text.as_bytes())?, chars })
    }

    /// Seals what belongs to a user (the password hash).
    pub fn seal_user(&self, name: &UserName, plain: &[u8]) -> Result<Sealed, SealError> {
        self.seal_with(USERS, &user_context(name), plain)
    }

    /// Opens what was sealed for `context`.
    pub fn open(&self, context: &str, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        let (entry, body) = sealed.0.split_once('.').ok_or(SealError::Malformed)?;
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| SealError::Malformed)?;
        let (nonce, msg) = body.split_first_chunk::<NONCE>().ok_or(SealError::Malformed)?;
        let aad = aad(entry, context);
        self.cipher(entry, context)?
            .decrypt(&XNonce::from(*nonce), Payload { msg, aad: &aad })
            .map_err(|_| SealError::Unopenable)
    }

    /// Opens text.
    pub fn open_text(&self, context: &str, sealed: &Sealed) -> Result<String, SealError> {
        String::from_utf8(self.open(context, sealed)?).map_err(|_| SealError::NotText)
    }

    /// Opens what belongs to a user.
    pub fn open_user(&self, name: &UserName, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        self.open(&user_context(name), sealed)
    }

    fn seal_with(&self, entry: &str, context: &str, plain: &[u8]) -> Result<Sealed, SealError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|e| KeyRingError::Random(e.to_string()))?;
        let aad = aad(entry, context);
        let ciphertext = self
            .cipher(entry, context)?
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &aad })
            .map_err(|_| SealError::Unopenable)?;
        let mut text = format!("{entry}.");
        URL_SAFE_NO_PAD.encode_string([&nonce[..], &ciphertext].concat(), &mut text);
        Ok(Sealed(text.into()))
    }

    fn cipher(&self, entry: &str, context: &str) -> Result<XChaCha20Poly1305, SealError> {
        Ok(XChaCha20Poly1305::new(&self.ring.derive(entry, context)?.into()))
    }
}

fn user_context(name: &UserName) -> String {
    format!("user/{name}")
}

/// Entry and context, kept apart by a byte that neither can hold.
fn aad(entry: &str, context: &str) -> Vec<u8> {
    [entry.as_bytes(), &[0], context.as_bytes()].concat()
}
