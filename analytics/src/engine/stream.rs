//! The output of a SELECT, sent block by block, so that an export of any size fits in memory.

use std::convert::Infallible;
use std::sync::LazyLock;

use axum::body::{Body, Bytes};
use futures_util::stream::{self, StreamExt};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::exception::{Exception, code};

/// How many blocks wait for a slow reader before the engine waits, too.
const BLOCKS_AHEAD: usize = 4;
/// Marks an exception at the end of a body, as ClickHouse does it: random, so that no data can
/// imitate it.
pub static EXCEPTION_TAG: LazyLock<String> =
    LazyLock::new(|| Uuid::new_v4().simple().to_string()[..16].to_owned());

/// The header of a format. The engine repeats it in every block; a body has it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// None: the first bytes are rows.
    None,
    /// The number of columns, then this many texts for each column: names, or names and types.
    Binary(usize),
    /// This many lines; in CSV a quoted name may contain a line break.
    Lines(usize),
}

impl Header {
    /// The header of a format whose rows follow one another, so that it can be sent in blocks; `None`
    /// for other formats.
    pub fn of(format: &str) -> Option<Self> {
        let format = format.to_ascii_lowercase().replace("tabseparated", "tsv");
        Some(match format.as_str() {
            "rowbinary" | "csv" | "tsv" | "tsvraw" | "jsoneachrow" | "jsoncompacteachrow" => Self::None,
            "rowbinarywithnames" => Self::Binary(1),
            "rowbinarywithnamesandtypes" => Self::Binary(2),
            "csvwithnames" | "tsvwithnames" | "tsvrawwithnames" => Self::Lines(1),
            "csvwithnamesandtypes" | "tsvwithnamesandtypes" | "tsvrawwithnamesandtypes" => Self::Lines(2),
            _ => return None,
        })
    }

    /// The length of the header at the start of a block.
    fn length(self, block: &[u8]) -> usize {
        match self {
            Self::None => 0,
            Self::Binary(texts) => binary_header(block, texts).unwrap_or(0),
            Self::Lines(lines) => {
                let mut quoted = false;
                let ends = block.iter().enumerate().filter(|(_, byte)| {
                    quoted ^= **byte == b'"';
                    **byte == b'\n' && !quoted
                });
                ends.map(|(at, _)| at + 1).nth(lines - 1).unwrap_or(0)
            }
        }
    }
}

fn binary_header(block: &[u8], texts: usize) -> Option<usize> {
    let mut at = 0;
    let columns = varint(block, &mut at)?;
    for _ in 0..columns.checked_mul(texts)? {
        let length = varint(block, &mut at)?;
        at = at.checked_add(length).filter(|at| *at <= block.len())?;
    }
    Some(at)
}

/// LEB128.
fn varint(block: &[u8], at: &mut usize) -> Option<usize> {
    let mut value = 0;
    for shift in (0..usize::BITS).step_by(7) {
        let byte = *block.get(*at)?;
        *at += 1;
        value |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// The body of a response. `select` runs on a thread of its own and passes each block to its
/// callback, until that returns false because the client has gone.
///
/// An exception before the first block is the error. One after it ends the body, marked by
/// [`EXCEPTION_TAG`], and breaks the connection, so that no client takes a part for the whole.
pub async fn body(
    header: Header,
    select: impl FnOnce(&mut dyn FnMut(Vec<u8>) -> bool) -> Result<(), Exception> + Send + 'static,
) -> Result<Body, Exception> {
    let (blocks, mut received) = mpsc::channel::<Result<Option<Bytes>, Exception>>(BLOCKS_AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut first: Option<Bytes> = None;
        let ended = select(&mut |block| {
            let block = Bytes::from(block);
            let rows = match &first {
                Some(first) if block.starts_with(first) => block.slice(first.len()..),
                Some(_) => block,
                None => {
                    first = Some(block.slice(..header.length(&block)));
                    block
                }
            };
            blocks.blocking_send(Ok(Some(rows))).is_ok()
        });
        // If the reader has gone, nobody needs the end.
        let _ = blocks.blocking_send(ended.map(|()| None));
    });
    let lost = || Err(Exception::new(code::POCO_EXCEPTION, "the engine's thread ended"));
    let Some(first) = received.recv().await.unwrap_or_else(lost)? else { return Ok(Body::empty()) };
    let rest = stream::unfold(Some(received), move |received| async move {
        let mut received = received?;
        match received.recv().await.unwrap_or_else(lost) {
            Ok(Some(block)) => Some((vec![Ok(block)], Some(received))),
            Ok(None) => None,
            Err(exception) => {
                let broken = std::io::Error::other(exception.text().to_owned());
                Some((vec![Ok(trailer(&exception)), Err(broken)], None))
            }
        }
    });
    let first = stream::iter([Ok::<_, Infallible>(first)]).map(|block| block.map_err(|never| match never {}));
    Ok(Body::from_stream(first.chain(rest.flat_map(stream::iter))))
}

/// An exception at the end of a body, as ClickHouse writes it.
fn trailer(exception: &Exception) -> Bytes {
    let exception = exception.text();
    let length = exception.len() + 1;
    let tag = EXCEPTION_TAG.as_str();
    format!("\r\n__exception__\r\n{tag}\r\n{exception}\n{length} {tag}\r\n__exception__\r\n").into()
}
