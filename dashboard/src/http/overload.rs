//! The answer to a connection for which no slot is free: 503, at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// How many answers are sent at a time; further connections are closed without one.
const CONCURRENT: usize = 64;
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(2);
/// How much of the request is read meanwhile, in bytes: with unread bytes the connection would be
/// reset before the client sees the answer.
const MAX_REQUEST_BYTES: u64 = 64 * 1024;

const PAGE: &str = include_str!("full.html");

/// Answers connections for which no slot is free.
#[derive(Clone, Debug)]
pub struct OverloadResponder(Arc<Semaphore>);

impl Default for OverloadResponder {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(CONCURRENT)))
    }
}

impl OverloadResponder {
    /// Answers in the background, unless too many answers are being sent.
    pub fn respond(&self, stream: TcpStream) {
        let Ok(permit) = Arc::clone(&self.0).try_acquire_owned() else { return };
        tokio::spawn(async move {
            let _permit = permit;
            let _ = timeout(TIMEOUT, send(stream)).await;
        });
    }
}

async fn send(mut stream: TcpStream) -> std::io::Result<()> {
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nretry-after: 5\r\nconnection: close\r\n\r\n{PAGE}",
        PAGE.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    tokio::io::copy(&mut stream.take(MAX_REQUEST_BYTES), &mut tokio::io::sink()).await?;
    Ok(())
}
