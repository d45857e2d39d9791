//! The token by which the engine's process recognises requests of the product.

use std::fmt;

use ebasvuru_workflow::error_code::ErrorCode;
use subtle::ConstantTimeEq;

use super::EngineError;

const BYTES: usize = 32;

/// 256 random bits as lower-case hex: the password of [`USER`](super::USER) as long as the process
/// that started the engine runs.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// `ENGINE_START` when the system gives no random bytes.
    pub fn random() -> Result<Self, EngineError> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(|e| {
            EngineError::new(ErrorCode::EngineStart, format!("the system gives no random bytes: {e}"))
        })?;
        Ok(Self(hex::encode(bytes)))
    }

    /// Reads a token from a file; `None` if the text is not a token.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 2 * BYTES && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        fits.then(|| Self(text.to_owned()))
    }

    /// The text, for headers and the token's file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `given` is this token, compared in constant time.
    pub(super) fn is(&self, given: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(given).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_matches() {
        let token = Token::random().unwrap();
        let text = token.as_str().to_owned();
        assert!(token.is(text.as_bytes()) && Token::parse(&text).unwrap().is(text.as_bytes()));
        let another = Token::random().unwrap();
        for wrong in ["", &text[1..], &format!("{text}0"), &text.to_uppercase(), another.as_str()] {
            assert!(wrong == text || !token.is(wrong.as_bytes()), "{wrong}");
        }
        assert!(Token::parse("").is_none() && Token::parse(&format!("{text}\n")).is_none());
        assert_eq!(format!("{token:?}"), "Token");
    }
}
