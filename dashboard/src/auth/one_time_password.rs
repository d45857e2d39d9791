//! One-time passwords of users whose password is set by somebody else.

use ebasvuru_workflow::domain::ids::{CommandId, UserName};
use ebasvuru_workflow::domain::user::one_time_password;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The one-time password that this command sets for this user.
///
/// It is derived from the command's id by `key`, so that a form sent twice (a double click, a
/// reload) is one command and shows one password.
#[must_use]
pub fn derive_one_time_password(key: &[u8], user: &UserName, command: CommandId) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(format!("one-time-password|{user}|{command}").as_bytes());
    let bytes = mac.finalize().into_bytes();
    let (random, _) = bytes.split_first_chunk()?;
    Some(one_time_password(random))
}
