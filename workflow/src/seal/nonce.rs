//! Random nonces, drawn from the system for many at once.

use std::cell::RefCell;

use ring::aead::NONCE_LEN;

use super::KeyRingError;

/// How many are drawn at once: a call of the system for each would be a twentieth of what ingest does.
const AT_ONCE: usize = 256;

thread_local! {
    static DRAWN: RefCell<Vec<[u8; NONCE_LEN]>> = const { RefCell::new(Vec::new()) };
}

/// A nonce that nobody else gets.
pub(super) fn draw() -> Result<[u8; NONCE_LEN], KeyRingError> {
    DRAWN.with_borrow_mut(|drawn| {
        if let Some(nonce) = drawn.pop() {
            return Ok(nonce);
        }
        let mut nonces = [[0; NONCE_LEN]; AT_ONCE];
        getrandom::fill(nonces.as_flattened_mut()).map_err(|e| KeyRingError::Random(e.to_string()))?;
        let [first, rest @ ..] = nonces;
        drawn.extend(rest);
        Ok(first)
    })
}
