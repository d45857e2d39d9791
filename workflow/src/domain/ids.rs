//! Identities. Each has its own type, and is parsed once, where it comes in.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};
use uuid::{Builder, Uuid};

use super::by_text::serde_by_text;
use super::turkish::fold;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(s).map(Self)
            }
        }
    };
}

uuid_id!(
    /// e-Devlet's own identity of a submission.
    SubmissionId
);
uuid_id!(
    /// Our identity of an application: UUIDv5 of the submission's, so that the same
    /// submission is the same application wherever it is read.
    ApplicationId
);
uuid_id!(
    /// The identity of a command: applying it twice changes nothing.
    CommandId
);
uuid_id!(
    /// The identity of an event: UUIDv5 of aggregate and sequence, so that an event made
    /// again after a crash is the same event.
    EventId
);

uuid_id!(
    /// The identity of a session of the staff web.
    SessionId
);

uuid_id!(
    /// The identity of a scheduled report: that of the command that defined it.
    ScheduleId
);
uuid_id!(
    /// The identity of a process that sends reports, new at each start.
    SenderId
);

/// The namespace of every UUIDv5 of ours.
const NAMESPACE: Uuid = Uuid::from_u128(0x6562_6173_7675_7275_0000_7472_6776_7472);

/// UUIDv5 (RFC 9562): as `Uuid::new_v5`, by a faster SHA-1.
fn v5(kind: &str, parts: &[&[u8]]) -> Uuid {
    let mut sha1 = Sha1::new_with_prefix(NAMESPACE.as_bytes());
    sha1.update(kind);
    for part in parts {
        sha1.update([0]);
        sha1.update(part);
    }
    let digest: [u8; 20] = sha1.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_sha1_bytes(bytes).into_uuid()
}

impl ApplicationId {
    /// The application that a submission makes.
    #[must_use]
    pub fn of(submission: SubmissionId) -> Self {
        Self(v5("application", &[submission.0.as_bytes()]))
    }
}

impl CommandId {
    /// The command that the system gives to one aggregate for one reason, the same
    /// however often it is given.
    #[must_use]
    pub fn deterministic(aggregate: &str, reason: &str) -> Self {
        Self(v5("command", &[aggregate.as_bytes(), reason.as_bytes()]))
    }
}

impl EventId {
    /// The event with this sequence number of an aggregate.
    #[must_use]
    pub fn of(aggregate: &str, seq: u64) -> Self {
        Self(v5("event", &[aggregate.as_bytes(), &seq.to_be_bytes()]))
    }

    /// The same for an application. A submission that is received again after the deduplication horizon
    /// has the same id and starts its sequence again; its application number is another.
    #[must_use]
    pub fn of_application(id: ApplicationId, no: &ApplicationNo, seq: u64) -> Self {
        Self::of(&format!("{id}/{no}"), seq)
    }
}

/// The application number people read: `YYYY-PP-NNNNNNN…`, year of receipt, plate code of
/// the valilik, then a running number of the log partition followed by the three digits of
/// that partition.
///
/// Unique without coordination: each partition has one owner at a time, counts on its own
/// from its own state, and the last three digits tell the partitions apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApplicationNo(Arc<str>);

serde_by_text!(ApplicationNo);

/// The text is not an application number.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("an application number looks like 2026-06-0000123, not {0:?}")]
pub struct BadApplicationNo(String);

impl ApplicationNo {
    /// The number of the `running`-th application that `partition` (0..=999) received.
    #[must_use]
    pub fn new(year: i16, plate: u8, running: u64, partition: u16) -> Self {
        debug_assert!(partition < 1000, "three digits tell partitions apart");
        Self(format!("{year:04}-{plate:02}-{running:04}{partition:03}").into())
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ApplicationNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ApplicationNo {
    type Err = BadApplicationNo;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let digits = |part: &str, len: std::ops::RangeInclusive<usize>| {
            len.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        };
        let mut parts = s.splitn(3, '-');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(year), Some(plate), Some(number))
                if digits(year, 4..=4) && digits(plate, 2..=2) && digits(number, 7..=20) =>
            {
                Ok(Self(s.into()))
            }
            _ => Err(BadApplicationNo(s.chars().take(40).collect())),
        }
    }
}

/// A user name, normalised: lower-case ASCII letters, digits, `.`, `_`, `-`; 3 to 64 of them, a letter
/// first. The key of the user in the directory.
///
/// What people type is folded ([`fold`]): `ANKARA.YETKİLİ` and `ankara.yetkılı` are `ankara.yetkili`. A
/// key is ASCII, so that no keyboard or casing rule (İ/ı) makes two names of one: two spellings that fold
/// alike are the same user everywhere, and defining the second is refused, because the user exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserName(Arc<str>);

serde_by_text!(UserName);

/// The text is not a user name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user name has 3 to 64 of a-z, 0-9, '.', '_', '-' and begins with a letter")]
pub struct BadUserName;

impl UserName {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for UserName {
    type Err = BadUserName;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let fits = |name: &str| {
            (3..=64).contains(&name.len())
                && name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
        };
        // A name from the log is folded already.
        if fits(s) {
            return Ok(Self(s.into()));
        }
        let folded = fold(s);
        let name = folded.trim();
        if fits(name) { Ok(Self(name.into())) } else { Err(BadUserName) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_parses_back_and_differs_between_partitions() {
        let no = ApplicationNo::new(2026, 6, 12, 7);
        assert_eq!(no.as_str(), "2026-06-0012007");
        assert_eq!(no.as_str().parse(), Ok(no.clone()));
        assert_ne!(ApplicationNo::new(2026, 6, 12_345, 7), ApplicationNo::new(2026, 6, 1234, 507));
        for bad in ["", "2026-6-0012007", "2026-06-12", "2026-06-00120a7", "2026/06/0012007"] {
            assert!(bad.parse::<ApplicationNo>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_user_name_is_folded_however_it_is_typed() {
        for typed in [
            "  Ankara.Yetkili ",
            "ANKARA.YETKİLİ",
            "ANKARA.YETKILI",
            "ankara.yetkılı",
            "ankara.yetki\u{307}li\u{307}",
            "\u{feff}ankara.\u{200b}yetkili\u{a0}",
            "ａｎｋａｒａ．ｙｅｔｋｉｌｉ",
        ] {
            assert_eq!(typed.parse::<UserName>().unwrap().as_str(), "ankara.yetkili", "{typed:?}");
        }
        assert_eq!("Ayşe.Öz".parse::<UserName>(), "ayse.oz".parse());
        for bad in ["ab", "1abc", "a b c", "ayse😀", "аli", "ali/", &"a".repeat(65)] {
            assert!(bad.parse::<UserName>().is_err(), "{bad}");
        }
    }

    proptest! {
        /// The keys of stored users do not move.
        #[test]
        fn a_name_that_was_accepted_before_folding_stays_the_same(name in "[ \t]{0,2}[A-Za-z][A-Za-z0-9._-]{2,63}[ \t]{0,2}") {
            let parsed = name.parse::<UserName>().unwrap();
            prop_assert_eq!(parsed.as_str(), name.trim().to_ascii_lowercase());
        }
    }
}
