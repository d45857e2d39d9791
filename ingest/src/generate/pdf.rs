//! A minimal PDF: one page with a title.

use std::io::Write as _;

/// What the page says below its title.
const BELOW: &str = "Bu belge tanıtım amacıyla üretilmiştir.";

/// A PDF with this title.
pub fn page(title: &str) -> Vec<u8> {
    let mut drawing = Vec::new();
    for (size, height, line) in [(18, 720, title), (11, 690, BELOW)] {
        let _ = write!(drawing, "BT /F1 {size} Tf 72 {height} Td (");
        drawing.extend(line.chars().filter_map(windows_1254));
        drawing.extend_from_slice(b") Tj ET\n");
    }
    let mut stream = format!("<< /Length {} >>\nstream\n", drawing.len()).into_bytes();
    stream.append(&mut drawing);
    stream.extend_from_slice(b"endstream");
    let font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /BaseEncoding /WinAnsiEncoding \
                /Differences [208 /Gbreve 221 /Idotaccent /Scedilla 240 /gbreve 253 /dotlessi /scedilla] >> >>";
    let objects: [&[u8]; 5] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
          /Resources << /Font << /F1 5 0 R >> >> >>",
        &stream,
        font.as_bytes(),
    ];
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut table = b"xref\n0 6\n0000000000 65535 f \n".to_vec();
    for (i, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", file.len());
        let _ = writeln!(file, "{} 0 obj", i + 1);
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    let start = file.len();
    file.append(&mut table);
    let _ = write!(file, "trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    file
}

/// The byte of a letter in Windows-1254, which the font's encoding is; `None` for what would need escapes.
fn windows_1254(letter: char) -> Option<u8> {
    match letter {
        'Ğ' => Some(208),
        'İ' => Some(221),
        'Ş' => Some(222),
        'ğ' => Some(240),
        'ı' => Some(253),
        'ş' => Some(254),
        '(' | ')' | '\\' => None,
        other => u8::try_from(u32::from(other)).ok(),
    }
}
