//! Checking passwords: slowly, and a few at a time.

use tokio::sync::Semaphore;

/// How many hashes are computed at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// The hash of what nobody knows, checked in place of an unknown user's: as costly as a real
/// one from the first try on, so that times do not tell who exists.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$wJDW9YHWsP6eb/nF6fvltQ$dI7AMZ33ExZfM+ExQu1E1csNeUyiqSe/PkneRTs9kjg";

/// Checks and makes password hashes.
#[derive(Debug)]
pub struct Passwords {
    turns: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Semaphore::new(AT_ONCE) }
    }
}

impl Passwords {
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
}
