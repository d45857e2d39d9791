//! Standard output and standard error, whose reader may go before the end: `ebasvuru catalog | head -1`.
//!
//! The product ignores SIGPIPE, as every Rust program does, because a server must outlive a closed
//! connection. So a reader that has gone shows as an error of the write.

use std::fmt;
use std::io::{self, ErrorKind, Write};

/// Prints a line of a process that goes on when nobody reads it.
macro_rules! announce {
    () => { $crate::output::announce!("") };
    ($($text:tt)*) => { $crate::output::announce_line(format_args!($($text)*)) };
}
pub(crate) use announce;

/// What a command prints. The command ends at the first write after its reader has gone.
#[derive(Debug, Default)]
pub struct Output;

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stdout().write(bytes).map_err(told_apart)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush().map_err(told_apart)
    }
}

/// Nobody reads standard output any more.
#[derive(Debug)]
struct ReaderGone;

impl fmt::Display for ReaderGone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody reads the output any more")
    }
}

impl std::error::Error for ReaderGone {}

/// A broken pipe of the output is no broken connection.
fn told_apart(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::BrokenPipe { io::Error::other(ReaderGone) } else { error }
}

/// Whether a command failed only because nobody reads its output any more.
pub fn is_reader_gone(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|cause| cause.get_ref().is_some_and(|inner| inner.is::<ReaderGone>()))
}

/// Prints what `announce!` is given.
pub fn announce_line(text: fmt::Arguments<'_>) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// Prints a line onto standard error, whether or not anybody reads it.
pub fn complain(text: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_reader_who_has_gone_is_told_from_a_broken_connection() {
        let broken = || io::Error::from(ErrorKind::BrokenPipe);
        let printing = Err::<(), _>(told_apart(broken())).context("the list").unwrap_err();
        assert!(is_reader_gone(&printing));
        assert!(!is_reader_gone(&anyhow::Error::from(broken()).context("the broker")));
        assert!(!is_reader_gone(&told_apart(ErrorKind::StorageFull.into()).into()));
    }
}
