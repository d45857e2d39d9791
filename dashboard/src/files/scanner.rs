//! The virus scanner: clamd, over TCP or a socket of this machine.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use clamav_client::tokio::{Socket, Tcp, ping, scan_stream};
use clamav_client::{IoResult, PONG};
use futures_util::Stream;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

/// How long a scanner may take to say that it is there.
const GREETING: Duration = Duration::from_secs(3);
/// How long it may take over one document.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where clamd is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanner {
    /// `host:port`.
    Tcp(String),
    /// A socket's path.
    Unix(PathBuf),
}

/// What clamd found in a content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing.
    Clean,
    /// Malware of this name.
    Infected {
        /// clamd's name for it.
        signature: String,
    },
}

/// There is no verdict: the scanner is away, was cut off, or will not scan this.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Away(String);

impl Scanner {
    /// The scanner that the setting names; `None` for none.
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

    /// Asks whether it is there.
    pub async fn ping(&self) -> Result<(), Away> {
        let answer = async {
            match self {
                Self::Tcp(host_address) => ping(Tcp { host_address }).await,
                Self::Unix(socket_path) => ping(Socket { socket_path }).await,
            }
        };
        match within(GREETING, answer).await? {
            pong if pong == PONG => Ok(()),
            other => Err(Away(format!("it answered {:?}", String::from_utf8_lossy(&other)))),
        }
    }

    /// Scans a content as it streams by.
    pub async fn scan(&self, content: impl Stream<Item = io::Result<Bytes>>) -> Result<Verdict, Away> {
        self.ping().await?;
        let answer = async {
            match self {
                Self::Tcp(host_address) => scan_stream(content, Tcp { host_address }, None).await,
                Self::Unix(socket_path) => scan_stream(content, Socket { socket_path }, None).await,
            }
        };
        verdict(&within(PATIENCE, answer).await?)
    }
}

async fn within(time: Duration, answer: impl Future<Output = IoResult>) -> Result<Vec<u8>, Away> {
    match timeout(time, answer).await {
        Ok(answer) => answer.map_err(|error| Away(error.to_string())),
        Err(_) => Err(Away(format!("no answer within {} s", time.as_secs()))),
    }
}

/// clamd's answer to INSTREAM. Whatever is not one of its two verdicts is none.
fn verdict(answer: &[u8]) -> Result<Verdict, Away> {
    let answer = String::from_utf8_lossy(answer);
    match answer.trim_end_matches(['\0', '\n']).strip_prefix("stream: ") {
        Some("OK") => Ok(Verdict::Clean),
        Some(found) if found.ends_with(" FOUND") => {
            Ok(Verdict::Infected { signature: found.trim_end_matches(" FOUND").to_owned() })
        }
        _ if answer.is_empty() => Err(Away("it hung up without a verdict".into())),
        _ => Err(Away(format!("it answered {answer:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_names_a_scanner_or_says_what_to_mend() {
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
    fn only_a_verdict_is_a_verdict() {
        assert_eq!(verdict(b"stream: OK\0").unwrap(), Verdict::Clean);
        let infected = Verdict::Infected { signature: "Eicar-Signature".into() };
        assert_eq!(verdict(b"stream: Eicar-Signature FOUND\0").unwrap(), infected);
        for none in ["", "stream: ", "stream: OK, almost", "INSTREAM size limit exceeded. ERROR\0"] {
            assert!(verdict(none.as_bytes()).is_err(), "{none:?}");
        }
    }
}
