//! Texts with gaps: `{word}` stands for a word, `#` for a digit. And numbers as people write them.

use ebasvuru_workflow::random::Random;

/// The text with every gap filled: `word` appends the word of a name.
pub fn fill<'t>(
    template: &'t str,
    random: &mut Random,
    word: &mut dyn FnMut(&'t str, &mut Random, &mut String),
) -> String {
    let mut text = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(at) = rest.find(['{', '#']) {
        text.push_str(&rest[..at]);
        let gap = &rest[at + 1..];
        match gap.split_once('}').filter(|_| rest[at..].starts_with('{')) {
            Some((name, after)) => {
                word(name, random, &mut text);
                rest = after;
            }
            None => {
                text.push(char::from_digit(random.below(10), 10).unwrap_or('0'));
                rest = gap;
            }
        }
    }
    text.push_str(rest);
    text
}

/// A number in groups of three digits: 250.000.
#[must_use]
pub fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}
