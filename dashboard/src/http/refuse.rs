//! No place is left, and none that would give way: whoever comes is told so at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// How many are told at the same time; the connections of the others are closed without a word.
const AT_ONCE: usize = 64;
/// How long the telling may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How much of the request is taken in meanwhile: unread bytes would break the connection before
/// the answer is seen.
const REQUEST: u64 = 64 * 1024;

const PAGE: &str = include_str!("full.html");

/// Tells whoever is refused.
#[derive(Clone, Debug)]
pub struct Refusals(Arc<Semaphore>);

impl Default for Refusals {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Refusals {
    pub fn refuse(&self, stream: TcpStream) {
        let Ok(turn) = Arc::clone(&self.0).try_acquire_owned() else { return };
        tokio::spawn(async move {
            let _turn = turn;
            let _ = timeout(PATIENCE, tell(stream)).await;
        });
    }
}

async fn tell(mut stream: TcpStream) -> std::io::Result<()> {
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nretry-after: 5\r\nconnection: close\r\n\r\n{PAGE}",
        PAGE.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    tokio::io::copy(&mut stream.take(REQUEST), &mut tokio::io::sink()).await?;
    Ok(())
}
