//! How one-time passwords are spelled.

/// Letters and digits that cannot be mistaken for each other when read aloud or copied.
const ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// A one-time password of these random bytes: four groups of four characters, 79 bits.
#[must_use]
pub fn one_time_password(random: &[u8; 16]) -> String {
    let characters: Vec<char> =
        random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 31)])).collect();
    let groups: Vec<String> = characters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_time_password_is_four_groups_of_four() {
        assert_eq!(one_time_password(&[0; 16]), "aaaa-aaaa-aaaa-aaaa");
        let bytes = std::array::from_fn(|i| u8::try_from(i * 2).unwrap());
        assert_eq!(one_time_password(&bytes), "aceg-jmpr-tvxz-3579");
    }
}
