//! Checking and hashing passwords, a few at a time, since each hash is costly.

use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::sealed::Sealed;
use ebasvuru_workflow::domain::user::User;
use ebasvuru_workflow::seal::{Field, SealError, Sealer};
use tokio::sync::Semaphore;

/// How many hashes are computed at once: each takes 19 MiB and a core.
const CONCURRENT_HASHES: usize = 2;
/// The hash of a password that nobody knows, checked in place of an unknown user's. It costs as
/// much as a real one from the first attempt on, so that response times do not tell who exists.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$wJDW9YHWsP6eb/nF6fvltQ$dI7AMZ33ExZfM+ExQu1E1csNeUyiqSe/PkneRTs9kjg";

/// A new password cannot be stored.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The thread that hashes failed.
    #[error("a password could not be hashed")]
    Hash,
    /// The hash could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Checks and hashes passwords.
pub struct Passwords {
    sealer: Sealer,
    permits: Semaphore,
}

impl Passwords {
    /// Passwords whose hashes this sealer opens and seals.
    #[must_use]
    pub fn new(sealer: Sealer) -> Self {
        Self { sealer, permits: Semaphore::new(CONCURRENT_HASHES) }
    }

    /// Whether this is the password of this user. For no user, and for a user whose hash cannot be
    /// opened (logged), the answer is no after the same time.
    pub async fn verify(&self, password: String, user: Option<&User>) -> bool {
        self.verify_hash(password, user.and_then(|user| self.open(user))).await
    }

    /// A new password as commands carry it: hashed with argon2id and sealed.
    pub async fn seal(&self, user: &UserName, password: &str) -> Result<Sealed, PasswordError> {
        let hash = self.hash(password.to_owned()).await.ok_or(PasswordError::Hash)?;
        Ok(self.sealer.seal_user(user, Field::Password, hash.as_bytes())?)
    }

    fn open(&self, user: &User) -> Option<String> {
        match self.sealer.open_user(&user.name, Field::Password, &user.password) {
            Ok(hash) => String::from_utf8(hash).ok(),
            Err(error) => {
                tracing::error!(
                    error.code = error.code().as_str(),
                    error.message = %error,
                    user.name = %user.name,
                    "the password hash of {} cannot be opened",
                    user.name
                );
                None
            }
        }
    }

    async fn verify_hash(&self, password: String, hash: Option<String>) -> bool {
        let Ok(_permit) = self.permits.acquire().await else { return false };
        let known = hash.is_some();
        let verified = tokio::task::spawn_blocking(move || {
            password_auth::verify_password(password, hash.as_deref().unwrap_or(DECOY)).is_ok()
        });
        verified.await.unwrap_or(false) && known
    }

    async fn hash(&self, password: String) -> Option<String> {
        let _permit = self.permits.acquire().await.ok()?;
        tokio::task::spawn_blocking(move || password_auth::generate_hash(password)).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ebasvuru_workflow::seal::KeyRing;

    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_is_accepted() {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::create(&folder.path().join("ring")).unwrap();
        let passwords = Passwords::new(Sealer::new(Arc::new(ring)));
        let hash = passwords.hash("doğru at pil zımba".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(passwords.verify_hash("doğru at pil zımba".into(), Some(hash.clone())).await);
        assert!(!passwords.verify_hash("yanlış".into(), Some(hash)).await);
        assert!(!passwords.verify("doğru at pil zımba".into(), None).await);
    }

    #[test]
    fn the_decoy_is_a_valid_hash_and_costs_what_a_real_one_costs() {
        let real = password_auth::generate_hash("x");
        let cost = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(DECOY), cost(&real));
        assert_eq!(
            password_auth::verify_password("x", DECOY),
            Err(password_auth::VerifyError::PasswordInvalid)
        );
    }
}
