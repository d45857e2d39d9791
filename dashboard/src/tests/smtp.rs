//! A mail server for tests, which can refuse.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A mail as the server took it.
#[derive(Clone, Debug)]
pub struct Taken {
    pub to: String,
    pub data: String,
}

/// What the server says to a command instead of taking it; the commands so far are counted.
type Answer = Box<dyn Fn(&str, usize) -> Option<&'static str> + Send + Sync>;

pub struct Server {
    pub url: String,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Server {
    /// A server that takes everything.
    pub async fn start() -> Self {
        Self::that(|_, _| None).await
    }

    /// A server that answers some commands otherwise. The second argument says how often a command with
    /// the same first word was given before.
    pub async fn that(answer: impl Fn(&str, usize) -> Option<&'static str> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let taken: Arc<Mutex<Vec<Taken>>> = Arc::default();
        let (answer, seen): (Arc<Answer>, Arc<Mutex<Vec<String>>>) =
            (Arc::new(Box::new(answer)), Arc::default());
        let all = Arc::clone(&taken);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(speak(stream, Arc::clone(&answer), Arc::clone(&seen), Arc::clone(&all)));
            }
        });
        Self { url, taken }
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }

    /// To whom mails were taken, in order.
    pub fn recipients(&self) -> Vec<String> {
        let mut all: Vec<_> = self.taken().into_iter().map(|mail| mail.to).collect();
        all.sort();
        all
    }
}

async fn speak(
    stream: TcpStream,
    answer: Arc<Answer>,
    seen: Arc<Mutex<Vec<String>>>,
    taken: Arc<Mutex<Vec<Taken>>>,
) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let (mut to, mut data): (String, Option<String>) = (String::new(), None);
    let mut say = "220 test";
    loop {
        if write.write_all(format!("{say}\r\n").as_bytes()).await.is_err() {
            return;
        }
        say = loop {
            let Ok(Some(line)) = lines.next_line().await else { return };
            if let Some(data_so_far) = &mut data {
                if line != "." {
                    data_so_far.push_str(&line);
                    data_so_far.push_str("\r\n");
                    continue;
                }
                let data = data.take().unwrap();
                taken.lock().unwrap().push(Taken { to: to.clone(), data });
                break "250 taken";
            }
            let word = line.split(' ').next().unwrap().to_owned();
            let before = {
                let mut seen = seen.lock().unwrap();
                seen.push(word.clone());
                seen.iter().filter(|other| **other == word).count() - 1
            };
            if let Some(other) = answer(&line, before) {
                break other;
            }
            break match &*word {
                "RCPT" => {
                    line.trim_start_matches("RCPT TO:<").split('>').next().unwrap().clone_into(&mut to);
                    "250 ok"
                }
                "DATA" => {
                    data = Some(String::new());
                    "354 go on"
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
        };
    }
}
