//! The room that texts need. Which font a browser takes is not known; the widths are those of DejaVu Sans,
//! the widest of the usual ones, so that no text is wider than measured.

/// The advance widths of U+0020 to U+007E, in hundredths of the font size.
#[rustfmt::skip]
const WIDTHS: [u8; 95] = [
    32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79,
    60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63,
    63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
];

/// The width of a text, rounded up, for a font size.
pub fn width(text: &str, size: i32) -> i32 {
    let hundredths: i32 = text.chars().map(hundredths).sum();
    (hundredths * size).div_euclid(100) + 1
}

fn hundredths(c: char) -> i32 {
    let like = match c {
        'ç' => 'c',
        'ğ' => 'g',
        'ı' | 'î' => 'i',
        'ö' => 'o',
        'ş' => 's',
        'ü' | 'û' => 'u',
        'â' => 'a',
        'Ç' => 'C',
        'Ğ' => 'G',
        'İ' => 'I',
        'Ö' => 'O',
        'Ş' => 'S',
        'Ü' => 'U',
        '\u{a0}' => ' ',
        '–' | '’' | '“' | '”' => '"',
        c => c,
    };
    let at = u32::from(like).wrapping_sub(0x20) as usize;
    WIDTHS.get(at).map_or(100, |width| i32::from(*width).max(if like == '"' { 52 } else { 0 }))
}

/// The lines of a text that are no wider than `room`: broken between words, and within a word that is
/// wider by itself.
pub fn wrap(text: &str, room: i32, size: i32) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut word = word.to_owned();
        let last = lines.last_mut().map(std::mem::take).unwrap_or_default();
        let joined = if last.is_empty() { word.clone() } else { format!("{last} {word}") };
        lines.pop();
        if width(&joined, size) <= room {
            lines.push(joined);
            continue;
        }
        if !last.is_empty() {
            lines.push(last);
        }
        while width(&word, size) > room {
            let mut fits = word.char_indices().map(|(at, _)| at).skip(1).collect::<Vec<_>>();
            fits.retain(|at| width(&word[..*at], size) <= room);
            let Some(at) = fits.last().copied() else { break };
            let rest = word.split_off(at);
            lines.push(std::mem::replace(&mut word, rest));
        }
        lines.push(word);
    }
    lines
}
