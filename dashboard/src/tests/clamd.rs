//! Scanners for tests: clamd with a database of one signature, and one that fails.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::files::Scanner;

/// The harmless text that every scanner reports as malware. It is split, so that no scanner reports
/// this file.
pub fn eicar() -> String {
    ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat()
}

/// clamd on its own socket.
pub struct Clamd {
    child: Child,
    folder: tempfile::TempDir,
}

impl Clamd {
    /// Starts it; `None`, with a message, if it is not installed (./test installs it on Debian).
    pub fn start() -> Option<Self> {
        let program =
            ["/usr/sbin/clamd", "/usr/local/sbin/clamd"].into_iter().find(|path| Path::new(path).exists());
        let Some(program) = program else {
            eprintln!("SKIPPED: there is no clamd (Debian: apt-get install clamav-daemon)");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let hex: String = eicar().bytes().map(|byte| format!("{byte:02x}")).collect();
        std::fs::create_dir(folder.path().join("db")).unwrap();
        std::fs::write(folder.path().join("db/test.ndb"), format!("Test-Eicar:0:*:{hex}\n")).unwrap();
        let at = folder.path().display();
        let settings = format!(
            "Foreground yes\nLocalSocket {at}/socket\nDatabaseDirectory {at}/db\n\
             TemporaryDirectory {at}\nStreamMaxLength 1M\n"
        );
        std::fs::write(folder.path().join("clamd.conf"), settings).unwrap();
        let child = Command::new(program)
            .arg("--config-file")
            .arg(folder.path().join("clamd.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let clamd = Self { child, folder };
        let give_up = Instant::now() + Duration::from_secs(60);
        while !clamd.folder.path().join("socket").exists() {
            assert!(Instant::now() < give_up, "clamd does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(clamd)
    }

    pub fn scanner(&self) -> Scanner {
        Scanner::Unix(self.folder.path().join("socket"))
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a scanner fails.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// It closes the connection while it receives the content.
    HangsUp,
    /// It receives the content and answers this.
    Says(&'static str),
}

/// A scanner that answers a ping and then fails.
pub async fn failing(fault: Fault) -> Scanner {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut command = Vec::new();
            while stream.read_buf(&mut command).await.is_ok_and(|read| read > 0) {
                if command == b"zPING\0" {
                    stream.write_all(b"PONG\0").await.unwrap();
                    break;
                }
                match fault {
                    Fault::HangsUp => break,
                    // The content ends with a chunk of length 0.
                    Fault::Says(answer) if command.ends_with(&[0; 4]) => {
                        stream.write_all(answer.as_bytes()).await.unwrap();
                        break;
                    }
                    Fault::Says(_) => {}
                }
            }
        }
    });
    Scanner::Tcp(address)
}

/// A scanner at whose address nobody listens.
pub async fn away() -> Scanner {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Scanner::Tcp(listener.local_addr().unwrap().to_string())
}
