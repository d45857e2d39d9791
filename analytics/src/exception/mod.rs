//! ClickHouse's exceptions: a number and a text, `Code: 60. DB::Exception: …`.

pub mod code;
mod fix;

use std::fmt;

pub use fix::fix_for;

/// An exception, from the engine or made for its endpoint.
#[derive(Clone, Debug)]
pub struct Exception {
    code: u32,
    text: String,
}

impl Exception {
    /// An exception of our own, in ClickHouse's form.
    pub fn new(code: u32, detail: impl fmt::Display) -> Self {
        Self { code, text: format!("Code: {code}. DB::Exception: {detail}") }
    }

    /// An exception in the engine's words.
    pub fn from_engine(text: String) -> Self {
        Self { code: code_in(&text).unwrap_or(code::UNKNOWN_EXCEPTION), text }
    }

    /// The number.
    pub const fn code(&self) -> u32 {
        self.code
    }

    /// The whole text, with the number.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The number of the exception that a text begins with or holds.
fn code_in(text: &str) -> Option<u32> {
    let digits = text.split_once("Code: ")?.1;
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_and_read_back() {
        let exception = Exception::new(code::UNKNOWN_TABLE, "Table t does not exist.");
        assert_eq!(exception.text(), "Code: 60. DB::Exception: Table t does not exist.");
        assert_eq!(code_in(exception.text()), Some(60));
        assert_eq!(Exception::from_engine("no number".into()).code(), code::UNKNOWN_EXCEPTION);
    }
}
