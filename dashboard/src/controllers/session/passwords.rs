//! Checking passwords: slowly, a few at a time, and not too often.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::Semaphore;

use crate::gateway::people::fold;
use crate::i18n::{say, tr};

/// Tries in a row for one user name; one more each half minute.
const PER_USER: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// Tries in a row from one address (an office behind one router); one more each second.
const PER_ADDRESS: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);
/// How many hashes are computed at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// How many names and addresses are counted before those that have recovered are forgotten.
const REMEMBERED: usize = 10_000;
/// The hash of what nobody knows, checked in place of an unknown user's: as costly as a real
/// one from the first try on, so that times do not tell who exists.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$wJDW9YHWsP6eb/nF6fvltQ$dI7AMZ33ExZfM+ExQu1E1csNeUyiqSe/PkneRTs9kjg";

/// Checks and makes password hashes.
#[derive(Debug)]
pub struct Passwords {
    users: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    turns: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        let quota = |every, burst| {
            Quota::with_period(every).unwrap_or_else(|| Quota::per_second(burst)).allow_burst(burst)
        };
        Self {
            users: RateLimiter::keyed(quota(Duration::from_secs(30), PER_USER)),
            addresses: RateLimiter::keyed(quota(Duration::from_secs(1), PER_ADDRESS)),
            turns: Semaphore::new(AT_ONCE),
        }
    }
}

impl Passwords {
    /// Counts a try for this name from this address. `Err`: too many, and how long until
    /// the next; the same for names that exist and names that do not.
    pub fn may_try(&self, name: &str, address: Option<IpAddr>) -> Result<(), Duration> {
        if self.users.len() > REMEMBERED || self.addresses.len() > REMEMBERED {
            self.users.retain_recent();
            self.addresses.retain_recent();
        }
        let now = DefaultClock::default().now();
        if let Some(address) = address {
            self.addresses.check_key(&address).map_err(|not_until| not_until.wait_time_from(now))?;
        }
        // Any text can be sent as a name: only so much of one is kept.
        let name = name.trim().to_ascii_lowercase().chars().take(64).collect();
        self.users.check_key(&name).map_err(|not_until| not_until.wait_time_from(now))
    }

    /// Whether the password is the one of this hash. Without a hash (no such user) the
    /// answer is no, after as long a time.
    pub async fn verify(&self, password: String, hash: Option<String>) -> bool {
        let Ok(_turn) = self.turns.acquire().await else { return false };
        let known = hash.is_some();
        let verified = tokio::task::spawn_blocking(move || {
            password_auth::verify_password(password, hash.as_deref().unwrap_or(DECOY)).is_ok()
        });
        verified.await.unwrap_or(false) && known
    }

    /// The argon2id hash of a new password.
    pub async fn hash(&self, password: String) -> Option<String> {
        let _turn = self.turns.acquire().await.ok()?;
        tokio::task::spawn_blocking(move || password_auth::generate_hash(password)).await.ok()
    }
}

/// A sentence on how long to wait.
#[must_use]
pub fn wait_text(wait: Duration) -> String {
    let seconds = wait.as_secs() + 1;
    if seconds < 60 {
        say!("Çok fazla deneme yapıldı. {n} saniye sonra yeniden deneyiniz.", n = seconds)
    } else {
        say!("Çok fazla deneme yapıldı. {n} dakika sonra yeniden deneyiniz.", n = seconds.div_ceil(60))
    }
}

/// What people and guessers try first, folded: words, keyboard rows, clubs, names.
const COMMON: &str = include_str!("common_passwords.txt");
/// How much must be left of a password when all that is common has been taken out.
const LEFT: usize = 6;

/// Why a text cannot be the password of somebody with these names, as a sentence.
///
/// Length over composition: nothing asks for a digit or a sign, but a password must not be
/// made of the user's own names, common words, a row of keys, or digits alone.
#[must_use]
pub fn unfit(password: &str, names: &[&str]) -> Option<&'static str> {
    let chars = password.chars().count();
    if chars < 10 {
        return Some(tr("Şifre en az 10 karakter olmalıdır."));
    }
    if chars > 128 {
        return Some(tr("Şifre en fazla 128 karakter olabilir."));
    }
    let mut rest = fold(password);
    if names.first().is_some_and(|name| rest.contains(&fold(name))) {
        return Some(tr("Şifre kullanıcı adını içeremez."));
    }
    let own = names.iter().flat_map(|name| name.split(|c: char| !c.is_alphanumeric())).map(fold);
    let own: Vec<String> = own.filter(|word| word.len() > 2).collect();
    for word in own.iter().map(String::as_str).chain(COMMON.lines()) {
        rest = rest.replace(word, " ");
    }
    if strength(&rest) < LEFT {
        return Some(tr(
            "Bu şifre kolay tahmin edilir. Birbiriyle ilgisiz birkaç kelimeden uzun bir şifre seçiniz.",
        ));
    }
    None
}

/// How many letters are no repetition and no next one in the alphabet; digits count for two
/// at most, since years and dates are what people add.
fn strength(rest: &str) -> usize {
    let (mut letters, mut digits, mut before) = (0, 0, ' ');
    for c in rest.chars() {
        let step = u32::from(c).abs_diff(u32::from(before));
        if c.is_ascii_digit() {
            digits += 1;
        } else if c.is_alphabetic() && step > 1 {
            letters += 1;
        }
        before = c;
    }
    letters + digits.min(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_is_right() {
        let passwords = Passwords::default();
        let hash = passwords.hash("doğru at pil zımba".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(passwords.verify("doğru at pil zımba".into(), Some(hash.clone())).await);
        assert!(!passwords.verify("yanlış".into(), Some(hash)).await);
        assert!(!passwords.verify("doğru at pil zımba".into(), None).await);
    }

    #[test]
    fn tries_are_counted_per_name_and_per_address() {
        let passwords = Passwords::default();
        let from = |n: u8| Some(IpAddr::from([10, 0, 0, n]));
        for n in 0..10 {
            assert_eq!(passwords.may_try("ayse", from(n)), Ok(()));
        }
        let wait = passwords.may_try(" AYSE", from(99)).expect_err("the name is used up from anywhere");
        assert!(wait <= Duration::from_secs(30), "one more each half minute: {wait:?}");
        assert_eq!(passwords.may_try("ali", from(99)), Ok(()));
        let from_one = (0..70).filter(|n| passwords.may_try(&format!("user{n}"), from(200)).is_ok()).count();
        assert!((60..70).contains(&from_one), "the address is used up for any name: {from_one}");
    }

    /// The decoy costs what a real hash costs, and is a hash at all.
    #[test]
    fn the_decoy_is_checked_as_a_real_hash_is() {
        let real = password_auth::generate_hash("x");
        let cost = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(DECOY), cost(&real));
        assert_eq!(
            password_auth::verify_password("x", DECOY),
            Err(password_auth::VerifyError::PasswordInvalid)
        );
    }

    #[test]
    fn a_wait_is_said_in_words() {
        assert!(wait_text(Duration::from_millis(1)).contains("1 saniye"));
        assert!(wait_text(Duration::from_secs(29)).contains("30 saniye"));
        assert!(wait_text(Duration::from_secs(61)).contains("2 dakika"));
    }

    #[test]
    fn weak_passwords_are_named() {
        let names = ["ayse.yilmaz", "Ayşe Yılmaz"];
        for bad in [
            "kısa",
            "aaaaaaaaaaaaaaa",
            "abcdefghijklmn",
            "Ayse.Yilmaz1923",
            "AyşeYılmaz34",
            "yılmaz yılmaz",
            "1234567890",
            "0987651234",
            "Password123!",
            "QwertyUiop1",
            "Galatasaray1905",
            "Şifre123456",
            "Türkiye1923!",
            "istanbul34istanbul",
            "ebasvuru2026",
            &"a1".repeat(65),
        ] {
            assert!(unfit(bad, &names).is_some(), "{bad}");
        }
        for good in ["doğru at pil zımba", "yepyeni bir şifre", "ilk şifre burada", "mor-kedi-uzun-yol"] {
            assert_eq!(unfit(good, &names), None, "{good}");
        }
    }
}
