//! To whom a report is sent.

use std::fmt;
use std::str::FromStr;

use crate::domain::by_text::serde_by_text;
use crate::domain::text;
use email_address::{EmailAddress, Options};

/// The e-mail address of a member of staff: plain ASCII, `name@host.domain`, without a display name,
/// quotes or a literal host; the domain in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Recipient(String);

serde_by_text!(Recipient);

/// The text is not such an address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address: {0:?}")]
pub struct BadRecipient(pub String);

impl Recipient {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Recipient {
    type Err = BadRecipient;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let plain = Options::default().with_required_tld().without_domain_literal().without_display_text();
        let bad = || BadRecipient(text::shortened(&text::line(s), 100).into_owned());
        let trimmed = text::trim(s);
        let is_plain = trimmed.is_ascii() && !trimmed.contains('"');
        let address = EmailAddress::parse_with_options(trimmed, plain).ok().filter(|_| is_plain);
        let address = address.ok_or_else(bad)?;
        Ok(Self(format!("{}@{}", address.local_part(), address.domain().to_ascii_lowercase())))
    }
}
