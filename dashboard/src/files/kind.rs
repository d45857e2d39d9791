//! What a document is, by its content: what a sender claims is not believed.

use serde::Serialize;

/// The kinds of documents that are accepted from people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Kind {
    /// PDF.
    Pdf,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// TIFF.
    Tiff,
    /// Word.
    Docx,
    /// Excel.
    Xlsx,
    /// PowerPoint.
    Pptx,
    /// Text of LibreOffice.
    Odt,
    /// Table of LibreOffice.
    Ods,
    /// Presentation of LibreOffice.
    Odp,
    /// Another zip, such as UDF, in which courts and offices write.
    Zip,
}

impl Kind {
    /// How much of a content tells its kind, in bytes.
    pub const SIGHT: usize = 8 * 1024;

    /// The kind of what begins like this, if it is one that is accepted.
    #[must_use]
    pub fn of(start: &[u8]) -> Option<Self> {
        let kind = match infer::get(start)?.mime_type() {
            // The crate also takes what has the mark somewhere in its first kilobyte.
            "application/pdf" if start.starts_with(b"%PDF-") => Self::Pdf,
            "image/png" => Self::Png,
            "image/jpeg" => Self::Jpeg,
            "image/tiff" => Self::Tiff,
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => Self::Docx,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Self::Xlsx,
            "application/vnd.openxmlformats-officedocument.presentationml.presentation" => Self::Pptx,
            "application/vnd.oasis.opendocument.text" => Self::Odt,
            "application/vnd.oasis.opendocument.spreadsheet" => Self::Ods,
            "application/vnd.oasis.opendocument.presentation" => Self::Odp,
            "application/zip" => Self::Zip,
            _ => return None,
        };
        Some(kind)
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Tiff => "image/tiff",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Odp => "application/vnd.oasis.opendocument.presentation",
            Self::Zip => "application/zip",
        }
    }

    /// The extensions of its files, the usual one first.
    #[must_use]
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Tiff => &["tif", "tiff"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Pptx => &["pptx"],
            Self::Odt => &["odt"],
            Self::Ods => &["ods"],
            Self::Odp => &["odp"],
            Self::Zip => &["zip", "udf"],
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Tiff => "TIFF",
            Self::Docx => "Word",
            Self::Xlsx => "Excel",
            Self::Pptx => "PowerPoint",
            Self::Odt => "ODT",
            Self::Ods => "ODS",
            Self::Odp => "ODP",
            Self::Zip => "UDF/ZIP",
        }
    }

    /// Whether browsers show it by themselves; all else is only ever a download.
    #[must_use]
    pub const fn is_viewable(self) -> bool {
        matches!(self, Self::Pdf | Self::Png | Self::Jpeg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A zip's first entry, stored.
    fn zip(name: &str, content: &str) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
        let length = |text: &str| u32::try_from(text.len()).unwrap().to_le_bytes();
        bytes.extend(length(content).iter().chain(&length(content)));
        bytes.extend([length(name)[0], 0, 0, 0]);
        bytes.extend(name.bytes().chain(content.bytes()));
        bytes
    }

    #[test]
    fn each_kind_is_known_by_its_first_bytes() {
        let odt = zip("mimetype", "application/vnd.oasis.opendocument.text");
        let ods = zip("mimetype", "application/vnd.oasis.opendocument.spreadsheet");
        for (start, kind) in [
            (b"%PDF-1.7 ...".to_vec(), Kind::Pdf),
            (b"\x89PNG\r\n\x1a\n....".to_vec(), Kind::Png),
            (b"\xff\xd8\xff\xe0....".to_vec(), Kind::Jpeg),
            (b"II*\0\x08\0\0\0........".to_vec(), Kind::Tiff),
            (b"MM\0*\0\0\0\x08........".to_vec(), Kind::Tiff),
            (zip("word/document.xml", "<w/>"), Kind::Docx),
            (zip("xl/workbook.xml", "<x/>"), Kind::Xlsx),
            (odt, Kind::Odt),
            (ods, Kind::Ods),
            (zip("content.xml", "<template format_id=\"1.8\">"), Kind::Zip),
        ] {
            assert_eq!(Kind::of(&start), Some(kind));
        }
    }

    #[test]
    fn what_only_claims_to_be_one_is_none() {
        let epub = zip("mimetype", "application/epub+zip");
        for start in [
            &b"<!DOCTYPE html><script>//%PDF-1.7</script>"[..],
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"GIF89a....",
            b"MZ\x90\0",
            b"\x7fELF",
            b"text",
            b"",
            &epub,
        ] {
            assert_eq!(Kind::of(start), None, "{}", String::from_utf8_lossy(start));
        }
    }

    #[test]
    fn nothing_makes_it_panic() {
        let word = zip("[Content_Types].xml", "word/");
        for cut in 0..word.len() {
            let mut start = word[..cut].to_vec();
            let _ = Kind::of(&start);
            for byte in start.iter_mut().skip(18).take(4) {
                *byte = 0xff;
            }
            let _ = Kind::of(&start);
        }
    }
}
