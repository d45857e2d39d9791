//! Checking passwords: slowly, a few at a time, and not too often.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::OnceLock;
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::Semaphore;

/// Tries in a row for one user name; one more each half minute.
const PER_USER: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// Tries in a row from one address (an office behind one router); one more each second.
const PER_ADDRESS: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);
/// How many hashes are computed at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// How many names and addresses are counted before those that have recovered are forgotten.
const REMEMBERED: usize = 10_000;

/// Checks and makes password hashes.
#[derive(Debug)]
pub struct Passwords {
    users: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    turns: Semaphore,
    decoy: OnceLock<String>,
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
            decoy: OnceLock::new(),
        }
    }
}

impl Passwords {
    /// Whether this name may be tried from this address now; counts as a try.
    #[must_use]
    pub fn may_try(&self, name: &str, address: Option<IpAddr>) -> bool {
        if self.users.len() > REMEMBERED || self.addresses.len() > REMEMBERED {
            self.users.retain_recent();
            self.addresses.retain_recent();
        }
        // Any text can be sent as a name: only so much of one is kept.
        let name = name.trim().to_ascii_lowercase().chars().take(64).collect();
        address.is_none_or(|a| self.addresses.check_key(&a).is_ok()) && self.users.check_key(&name).is_ok()
    }

    /// Whether the password is the one of this hash. Without a hash (no such user) the
    /// answer is no, after as long a time.
    pub async fn verify(&self, password: String, hash: Option<String>) -> bool {
        let Ok(_turn) = self.turns.acquire().await else { return false };
        let known = hash.is_some();
        let hash = hash.or_else(|| self.decoy.get().cloned());
        let verified = tokio::task::spawn_blocking(move || {
            let hash = hash.unwrap_or_else(|| password_auth::generate_hash("decoy"));
            (password_auth::verify_password(password, &hash).is_ok(), hash)
        });
        let Ok((right, hash)) = verified.await else { return false };
        if !known {
            let _ = self.decoy.set(hash);
        }
        known && right
    }

    /// The argon2id hash of a new password.
    pub async fn hash(&self, password: String) -> Option<String> {
        let _turn = self.turns.acquire().await.ok()?;
        tokio::task::spawn_blocking(move || password_auth::generate_hash(password)).await.ok()
    }
}

/// Why a text cannot be the password of this user, as a sentence.
#[must_use]
pub fn unfit(password: &str, user_name: &str) -> Option<&'static str> {
    let chars = password.chars().count();
    if chars < 10 {
        Some("Şifre en az 10 karakter olmalıdır.")
    } else if chars > 128 {
        Some("Şifre en fazla 128 karakter olabilir.")
    } else if password.to_lowercase().contains(user_name) {
        Some("Şifre kullanıcı adını içeremez.")
    } else if password.chars().all(|c| password.starts_with(c)) {
        Some("Şifre tek bir karakterin tekrarı olamaz.")
    } else {
        None
    }
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
        assert!(!passwords.verify("decoy".into(), None).await);
        assert!(!passwords.verify("decoy".into(), None).await, "the decoy is nobody's password");
    }

    #[test]
    fn tries_are_counted_per_name_and_per_address() {
        let passwords = Passwords::default();
        let from = |n: u8| Some(IpAddr::from([10, 0, 0, n]));
        for n in 0..10 {
            assert!(passwords.may_try("ayse", from(n)));
        }
        assert!(!passwords.may_try(" AYSE", from(99)), "the name is used up from anywhere");
        assert!(passwords.may_try("ali", from(99)));
        let from_one = (0..70).filter(|n| passwords.may_try(&format!("user{n}"), from(200))).count();
        assert!((60..70).contains(&from_one), "the address is used up for any name: {from_one}");
    }

    #[test]
    fn weak_passwords_are_named() {
        for bad in ["kısa", "aaaaaaaaaaaaaaa", "Ayse.Yilmaz1923", &"a1".repeat(65)] {
            assert!(unfit(bad, "ayse.yilmaz").is_some(), "{bad}");
        }
        assert_eq!(unfit("doğru at pil zımba", "ayse.yilmaz"), None);
    }
}
