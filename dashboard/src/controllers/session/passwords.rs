//! Checking passwords: slowly, and a few at a time.

use tokio::sync::Semaphore;

use crate::gateway::people::fold;
use crate::i18n::tr;

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
