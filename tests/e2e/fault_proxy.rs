//! A proxy before the broker that reads Kafka's frames, and does to chosen requests what a bad
//! network would.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Kafka's numbers of the requests that faults are about.
const LIST_OFFSETS: i16 = 2;
const END_TXN: i16 = 26;

/// What is to happen to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An `EndTxn` whose connection breaks reaches the broker only so much later.
    EndTxnLate(Duration),
    /// An `EndTxn` reaches the broker, and the connection breaks before the answer.
    EndTxnUnanswered,
    /// The connection breaks on a `ListOffsets`.
    ListOffsetsCut,
}

impl Fault {
    const fn request(self) -> i16 {
        match self {
            Self::EndTxnLate(_) | Self::EndTxnUnanswered => END_TXN,
            Self::ListOffsetsCut => LIST_OFFSETS,
        }
    }
}

/// The proxy. It ends with the process.
pub struct FaultProxy {
    address: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// What happens to the next requests of its kind, and to how many.
    armed: Mutex<Option<(Fault, usize)>>,
    requests: AtomicUsize,
    faults: AtomicUsize,
    /// The broker's error codes for each `EndTxn` that was late.
    late: Mutex<Vec<i16>>,
}

impl FaultProxy {
    /// Listens on `(listen, upstream).0` for what goes to the port `.1` of this machine.
    pub fn start((listen, upstream): (u16, u16)) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", listen)).unwrap();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, state) = (client.unwrap(), Arc::clone(&shared));
                // A broker that is away is a connection that breaks.
                if let Ok(broker) = TcpStream::connect(("127.0.0.1", upstream)) {
                    thread::spawn(move || Connection { client, broker, state }.serve());
                }
            }
        });
        Self { address: format!("127.0.0.1:{listen}"), state }
    }

    /// `host:port` for clients.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Does this to the next `count` requests of its kind.
    pub fn arm(&self, fault: Fault, count: usize) {
        *self.state.armed.lock().unwrap() = Some((fault, count));
    }

    /// How many requests came by.
    pub fn requests(&self) -> usize {
        self.state.requests.load(Ordering::SeqCst)
    }

    /// How many faults were made.
    pub fn faults(&self) -> usize {
        self.state.faults.load(Ordering::SeqCst)
    }

    /// What the broker said to each late `EndTxn`: 0 is done.
    pub fn late(&self) -> Vec<i16> {
        self.state.late.lock().unwrap().clone()
    }
}

struct Connection {
    client: TcpStream,
    broker: TcpStream,
    state: Arc<State>,
}

/// What the way back looks out for.
#[derive(Default)]
struct Awaited {
    /// The answer to this request breaks the connection.
    unanswered: Option<[u8; 4]>,
    /// The answer to this request is noted.
    late: Option<[u8; 4]>,
}

impl Connection {
    fn serve(mut self) {
        let awaited = Arc::new(Mutex::new(Awaited::default()));
        let back = Self {
            client: self.client.try_clone().unwrap(),
            broker: self.broker.try_clone().unwrap(),
            state: Arc::clone(&self.state),
        };
        let watched = Arc::clone(&awaited);
        let answers = thread::spawn(move || back.answers(&watched));
        let ended = self.requests(&awaited);
        let _ = self.client.shutdown(Shutdown::Both);
        // An end of either side is the end of both, unless an answer is still awaited.
        if ended != Ok(End::Late) {
            let _ = self.broker.shutdown(Shutdown::Both);
        }
        let _ = answers.join();
    }

    fn requests(&mut self, awaited: &Mutex<Awaited>) -> Result<End, io::ErrorKind> {
        loop {
            let frame = frame(&mut self.client)?;
            self.state.requests.fetch_add(1, Ordering::SeqCst);
            let correlation = [frame[8], frame[9], frame[10], frame[11]];
            match self.state.take(i16::from_be_bytes([frame[4], frame[5]])) {
                None => {}
                Some(Fault::EndTxnUnanswered) => awaited.lock().unwrap().unanswered = Some(correlation),
                Some(Fault::ListOffsetsCut) => return Ok(End::Cut),
                Some(Fault::EndTxnLate(delay)) => {
                    awaited.lock().unwrap().late = Some(correlation);
                    let _ = self.client.shutdown(Shutdown::Both);
                    thread::sleep(delay);
                    self.broker.write_all(&frame).map_err(|e| e.kind())?;
                    return Ok(End::Late);
                }
            }
            self.broker.write_all(&frame).map_err(|e| e.kind())?;
        }
    }

    fn answers(mut self, awaited: &Mutex<Awaited>) {
        while let Ok(frame) = frame(&mut self.broker) {
            let correlation = Some([frame[4], frame[5], frame[6], frame[7]]);
            let awaited = awaited.lock().unwrap();
            if correlation == awaited.late {
                // After the correlation id and the throttle time.
                self.state.late.lock().unwrap().push(i16::from_be_bytes([frame[12], frame[13]]));
                break;
            }
            // What else comes on a connection that is cut is lost with it.
            let cut = correlation == awaited.unanswered || self.client.write_all(&frame).is_err();
            if cut && awaited.late.is_none() {
                break;
            }
        }
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.broker.shutdown(Shutdown::Both);
    }
}

impl State {
    fn take(&self, request: i16) -> Option<Fault> {
        let mut armed = self.armed.lock().unwrap();
        let (fault, left) = armed.as_mut().filter(|(fault, left)| fault.request() == request && *left > 0)?;
        *left -= 1;
        self.faults.fetch_add(1, Ordering::SeqCst);
        Some(*fault)
    }
}

/// How a connection ended by a fault.
#[derive(PartialEq, Eq)]
enum End {
    Cut,
    Late,
}

/// One frame with its length before it.
fn frame(from: &mut TcpStream) -> Result<Vec<u8>, io::ErrorKind> {
    let mut length = [0; 4];
    from.read_exact(&mut length).map_err(|e| e.kind())?;
    let mut frame = length.to_vec();
    frame.resize(4 + u32::from_be_bytes(length) as usize, 0);
    from.read_exact(&mut frame[4..]).map_err(|e| e.kind())?;
    Ok(frame)
}
