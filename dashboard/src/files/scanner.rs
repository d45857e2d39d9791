//! The virus scanner clamd, over TCP or a Unix socket.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use clamav_client::tokio::{Socket, Tcp, ping, scan_stream};
use clamav_client::{IoResult, PONG};
use futures_util::Stream;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

/// How long a scanner may take to answer a ping.
const PING_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a scan of one document may take.
const SCAN_TIMEOUT: Duration = Duration::from_mins(1);

/// Where clamd is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanner {
    /// `host:port`.
    Tcp(String),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

/// The result of a scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// Malware was found.
    Infected {
        /// clamd's name for the malware.
        signature: String,
    },
}

/// There is no verdict: the scanner does not answer, the connection broke, or it refuses to scan this.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ScannerUnavailable(String);

impl Scanner {
    /// Parses the setting `scanner.clamd`; `None` if it is empty.
    pub fn parse(setting: &str) -> Result<Option<Self>, String> {
        let wrong = || format!("{setting:?} is no scanner: tcp://host:port or unix:/path/of/the/socket");
        let setting = setting.trim();
        if setting.is_empty() {
            return Ok(None);
        }
        if let Some(path) = setting.strip_prefix("unix:") {
            let path = PathBuf::from(path);
            return if path.is_absolute() { Ok(Some(Self::Unix(path))) } else { Err(wrong()) };
        }
        let address = setting.strip_prefix("tcp://").ok_or_else(wrong)?;
        let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
        if host.is_empty() || !port.parse().is_ok_and(|port: u16| port > 0) {
            return Err(wrong());
        }
        Ok(Some(Self::Tcp(address.to_owned())))
    }

    /// Checks that it answers.
    pub async fn ping(&self) -> Result<(), ScannerUnavailable> {
        let answer = async {
            match self {
                Self::Tcp(host_address) => ping(Tcp { host_address }).await,
                Self::Unix(socket_path) => ping(Socket { socket_path }).await,
            }
        };
        match within(PING_TIMEOUT, answer).await? {
            pong if pong == PONG => Ok(()),
            other => Err(ScannerUnavailable(format!("it answered {:?}", String::from_utf8_lossy(&other)))),
        }
    }

    /// Scans a content while it streams.
    pub async fn scan(
        &self,
        content: impl Stream<Item = io::Result<Bytes>>,
    ) -> Result<Verdict, ScannerUnavailable> {
        self.ping().await?;
        let answer = async {
            match self {
                Self::Tcp(host_address) => scan_stream(content, Tcp { host_address }, None).await,
                Self::Unix(socket_path) => scan_stream(content, Socket { socket_path }, None).await,
            }
        };
        verdict(&within(SCAN_TIMEOUT, answer).await?)
    }
}

async fn within(
    time: Duration,
    answer: impl Future<Output = IoResult>,
) -> Result<Vec<u8>, ScannerUnavailable> {
    match timeout(time, answer).await {
        Ok(answer) => answer.map_err(|error| ScannerUnavailable(error.to_string())),
        Err(_) => Err(ScannerUnavailable(format!("no answer within {} s", time.as_secs()))),
    }
}

/// Parses clamd's answer to INSTREAM. Only its two verdicts count.
fn verdict(answer: &[u8]) -> Result<Verdict, ScannerUnavailable> {
    let answer = String::from_utf8_lossy(answer);
    match answer.trim_end_matches(['\0', '\n']).strip_prefix("stream: ") {
        Some("OK") => Ok(Verdict::Clean),
        Some(found) if found.ends_with(" FOUND") => {
            Ok(Verdict::Infected { signature: found.trim_end_matches(" FOUND").to_owned() })
        }
        _ if answer.is_empty() => Err(ScannerUnavailable("it hung up without a verdict".into())),
        _ => Err(ScannerUnavailable(format!("it answered {answer:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_named() {
        assert_eq!(Scanner::parse(" ").unwrap(), None);
        assert_eq!(Scanner::parse("tcp://[::1]:3310").unwrap(), Some(Scanner::Tcp("[::1]:3310".into())));
        assert_eq!(
            Scanner::parse("unix:/run/clamd.ctl").unwrap(),
            Some(Scanner::Unix("/run/clamd.ctl".into()))
        );
        for wrong in
            ["clamd:3310", "tcp://clamd", "tcp://:3310", "tcp://clamd:0", "unix:clamd.ctl", "http://x:1"]
        {
            assert!(Scanner::parse(wrong).unwrap_err().contains(wrong));
        }
    }

    #[test]
    fn only_verdicts_count() {
        assert_eq!(verdict(b"stream: OK\0").unwrap(), Verdict::Clean);
        let infected = Verdict::Infected { signature: "Eicar-Signature".into() };
        assert_eq!(verdict(b"stream: Eicar-Signature FOUND\0").unwrap(), infected);
        for none in ["", "stream: ", "stream: OK, almost", "INSTREAM size limit exceeded. ERROR\0"] {
            assert!(verdict(none.as_bytes()).is_err(), "{none:?}");
        }
    }
}
