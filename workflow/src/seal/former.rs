//! Opens what versions before sealed: XChaCha20-Poly1305, `<key entry>.2.<body>`, and without the mark
//! `2.` if the field was not bound yet. It opens for as long as its key entry exists.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::sealer::bind;
use super::{Field, SealError};

/// The mark of a body whose field is bound. A body without a mark opens as any field.
const FIELD_BOUND: &str = "2";
const NONCE: usize = 24;

/// Opens a body with this mark; `aad` is the associated data without the field.
pub(super) fn open(
    mark: &str,
    key: &[u8; 32],
    aad: &mut Vec<u8>,
    field: Field,
    body: &[u8],
) -> Result<Vec<u8>, SealError> {
    match mark {
        "" => {}
        FIELD_BOUND => bind(aad, field),
        _ => return Err(SealError::Malformed),
    }
    let (nonce, msg) = body.split_first_chunk::<NONCE>().ok_or(SealError::Malformed)?;
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(*nonce), Payload { msg, aad })
        .map_err(|_| SealError::Unopenable)
}
