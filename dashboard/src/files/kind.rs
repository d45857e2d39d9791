//! The kind of a document, by its content; what its sender claims is ignored.

use serde::Serialize;

/// The kinds of documents that are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum FileKind {
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
    /// A text of LibreOffice.
    Odt,
    /// A table of LibreOffice.
    Ods,
    /// A presentation of LibreOffice.
    Odp,
    /// Another zip, such as UDF, the format of courts and offices.
    Zip,
}

impl FileKind {
    /// How many bytes at the beginning of a content tell its kind.
    pub const SNIFF_BYTES: usize = 8 * 1024;

    /// The kind of a content that begins with these bytes, if it is accepted.
    #[must_use]
    pub fn of(start: &[u8]) -> Option<Self> {
        let kind = match infer::get(start)?.mime_type() {
            "application/pdf" if is_pdf(start) => Self::Pdf,
            "image/png" => Self::Png,
            "image/jpeg" => Self::Jpeg,
            "image/tiff" => Self::Tiff,
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => Self::Docx,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Self::Xlsx,
            "application/vnd.openxmlformats-officedocument.presentationml.presentation" => Self::Pptx,
            "application/vnd.oasis.opendocument.text" => Self::Odt,
            "application/vnd.oasis.opendocument.spreadsheet" => Self::Ods,
            "application/vnd.oasis.opendocument.presentation" => Self::Odp,
            "application/zip" => office(start).unwrap_or(Self::Zip),
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

    /// Its file extensions, the usual one first.
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

    /// Its usual name.
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

    /// Whether browsers show it; any other kind is always a download.
    #[must_use]
    pub const fn is_viewable(self) -> bool {
        matches!(self, Self::Pdf | Self::Png | Self::Jpeg)
    }
}

/// Whether readers take the content for a PDF: they look for its header within the first 1,024 bytes
/// (ISO 32000-2, annex I), since programs and mail put a byte order mark, line ends or lines of their own
/// before it. What comes before must not be the beginning of another kind, which a reader less
/// patient would show instead.
fn is_pdf(start: &[u8]) -> bool {
    const HEADER: &[u8] = b"%PDF-";
    let first = &start[..start.len().min(1024)];
    let at = first.windows(HEADER.len()).position(|window| window == HEADER);
    at.is_some_and(|at| {
        let before = &start[..at];
        let before = before.strip_prefix(b"\xef\xbb\xbf").unwrap_or(before).trim_ascii_start();
        infer::get(before).is_none()
    })
}

/// The kind of a zip that Office reads as its own, whatever the order of its entries: the crate knows the
/// orders of a few programs only.
fn office(start: &[u8]) -> Option<FileKind> {
    const ENTRY: &[u8] = b"PK\x03\x04";
    let entries = start.windows(ENTRY.len()).enumerate().filter(|(_, window)| *window == ENTRY);
    let names: Vec<&[u8]> = entries
        .filter_map(|(at, _)| {
            let length = start.get(at + 26..at + 28)?.try_into().ok()?;
            start.get(at + 30..at + 30 + usize::from(u16::from_le_bytes(length)))
        })
        .collect();
    let has = |folder: &[u8]| names.iter().any(|name| name.starts_with(folder));
    let folders: [(&[u8], FileKind); 3] =
        [(b"word/", FileKind::Docx), (b"xl/", FileKind::Xlsx), (b"ppt/", FileKind::Pptx)];
    let kind = folders.into_iter().find(|(folder, _)| has(folder)).map(|(_, kind)| kind);
    kind.filter(|_| has(b"[Content_Types].xml"))
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
    fn each_kind_is_recognized_by_its_first_bytes() {
        let odt = zip("mimetype", "application/vnd.oasis.opendocument.text");
        let ods = zip("mimetype", "application/vnd.oasis.opendocument.spreadsheet");
        for (start, kind) in [
            (b"%PDF-1.7 ...".to_vec(), FileKind::Pdf),
            (b"\xef\xbb\xbf%PDF-1.4".to_vec(), FileKind::Pdf),
            (b"\r\n%PDF-1.4".to_vec(), FileKind::Pdf),
            (b"\0\0\0\0%PDF-1.4".to_vec(), FileKind::Pdf),
            (b"\x1b%-12345X@PJL SET RESOLUTION=600\r\n%PDF-1.4".to_vec(), FileKind::Pdf),
            ([&[b' '; 1019][..], b"%PDF-1.4"].concat(), FileKind::Pdf),
            (b"\x89PNG\r\n\x1a\n....".to_vec(), FileKind::Png),
            (b"\xff\xd8\xff\xe0....".to_vec(), FileKind::Jpeg),
            (b"II*\0\x08\0\0\0........".to_vec(), FileKind::Tiff),
            (b"MM\0*\0\0\0\x08........".to_vec(), FileKind::Tiff),
            (zip("word/document.xml", "<w/>"), FileKind::Docx),
            (zip("xl/workbook.xml", "<x/>"), FileKind::Xlsx),
            (odt, FileKind::Odt),
            (ods, FileKind::Ods),
            (zip("content.xml", "<template format_id=\"1.8\">"), FileKind::Zip),
        ] {
            assert_eq!(FileKind::of(&start), Some(kind));
        }
    }

    #[test]
    fn a_document_of_office_is_one_whatever_its_first_entries_are() {
        let properties = ["[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml"];
        let before: Vec<u8> = properties.into_iter().flat_map(|name| zip(name, "<x/>")).collect();
        for (name, kind) in [
            ("word/document.xml", FileKind::Docx),
            ("xl/workbook.xml", FileKind::Xlsx),
            ("ppt/presentation.xml", FileKind::Pptx),
            ("other.xml", FileKind::Zip),
        ] {
            assert_eq!(FileKind::of(&[before.clone(), zip(name, "<x/>")].concat()), Some(kind));
        }
        let pictures = [zip("a.png", "a"), zip("word/b.png", "b")].concat();
        assert_eq!(FileKind::of(&pictures), Some(FileKind::Zip), "a folder of that name is not enough");
    }

    #[test]
    fn other_contents_are_no_kind() {
        let epub = zip("mimetype", "application/epub+zip");
        for start in [
            &b"<!DOCTYPE html><script>//%PDF-1.7</script>"[..],
            b"\r\n  <html><script>//%PDF-1.7</script>",
            b"<?xml version=\"1.0\"?><svg><!--%PDF-1.7-->",
            b"\xef\xbb\xbf<html>%PDF-1.7",
            b"MZ\x90\0%PDF-1.7",
            b"#!/bin/sh\n%PDF-1.7",
            b"GIF89a%PDF-1.7",
            b"%PDF",
            &[&[b' '; 1020][..], b"%PDF-1.4"].concat(),
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"GIF89a....",
            b"MZ\x90\0",
            b"\x7fELF",
            b"text",
            b"",
            &epub,
        ] {
            assert_eq!(FileKind::of(start), None, "{}", String::from_utf8_lossy(start));
        }
    }

    #[test]
    fn truncated_contents_do_not_panic() {
        let word = zip("[Content_Types].xml", "word/");
        for cut in 0..word.len() {
            let mut start = word[..cut].to_vec();
            let _ = FileKind::of(&start);
            for byte in start.iter_mut().skip(18).take(4) {
                *byte = 0xff;
            }
            let _ = FileKind::of(&start);
        }
    }
}
