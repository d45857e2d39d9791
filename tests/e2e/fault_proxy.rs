//! A proxy before the Kafka broker that reads requests and injects network faults.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Kafka's numbers of the requests that get faults.
const LIST_OFFSETS: i16 = 2;
const END_TXN: i16 = 26;
const TXN_OFFSET_COMMIT: i16 = 28;

/// A fault of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection breaks on an `EndTxn`, which reaches the broker this much later.
    EndTxnLate(Duration),
    /// An `EndTxn` reaches the broker, and the connection breaks before the response.
    EndTxnUnanswered,
    /// The connection breaks on a `ListOffsets`.
    ListOffsetsCut,
    /// The connection breaks on a `TxnOffsetCommit`, and the broker is away until [`FaultProxy::come_back`].
    AwayOnTxnOffsetCommit,
}

impl Fault {
    const fn request(self) -> i16 {
        match self {
            Self::EndTxnLate(_) | Self::EndTxnUnanswered => END_TXN,
            Self::ListOffsetsCut => LIST_OFFSETS,
            Self::AwayOnTxnOffsetCommit => TXN_OFFSET_COMMIT,
        }
    }
}

/// A running proxy. It ends with the process.
pub struct FaultProxy {
    address: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// The fault of the next requests of its kind, and how many requests get it.
    pending: Mutex<Option<(Fault, usize)>>,
    /// Whether nobody reaches the broker.
    away: AtomicBool,
    requests: AtomicUsize,
    injected: AtomicUsize,
    /// The broker's error code for each late `EndTxn`.
    late_results: Mutex<Vec<i16>>,
}

impl FaultProxy {
    /// Listens on the port `listen` and forwards to the port `upstream` of this machine.
    pub fn start((listen, upstream): (u16, u16)) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", listen)).unwrap();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, state) = (client.unwrap(), Arc::clone(&shared));
                // If the broker is away, the client's connection breaks.
                if state.is_away() {
                    continue;
                }
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

    /// Injects this fault into the next `count` requests of its kind.
    pub fn inject(&self, fault: Fault, count: usize) {
        *self.state.pending.lock().unwrap() = Some((fault, count));
    }

    /// Ends what [`Fault::AwayOnTxnOffsetCommit`] began.
    pub fn come_back(&self) {
        self.state.away.store(false, Ordering::SeqCst);
    }

    /// How many requests were forwarded.
    pub fn requests(&self) -> usize {
        self.state.requests.load(Ordering::SeqCst)
    }

    /// How many faults were injected.
    pub fn injected(&self) -> usize {
        self.state.injected.load(Ordering::SeqCst)
    }

    /// The broker's error code for each late `EndTxn`; 0 is success.
    pub fn late_results(&self) -> Vec<i16> {
        self.state.late_results.lock().unwrap().clone()
    }
}

struct Connection {
    client: TcpStream,
    broker: TcpStream,
    state: Arc<State>,
}

/// The responses that a fault is about.
#[derive(Default)]
struct Watched {
    /// The connection breaks instead of the response to this request.
    unanswered: Option<[u8; 4]>,
    /// The result of this request is recorded.
    late: Option<[u8; 4]>,
}

impl Connection {
    fn serve(mut self) {
        let watched = Arc::new(Mutex::new(Watched::default()));
        let back = Self {
            client: self.client.try_clone().unwrap(),
            broker: self.broker.try_clone().unwrap(),
            state: Arc::clone(&self.state),
        };
        let shared = Arc::clone(&watched);
        let responses = thread::spawn(move || back.forward_responses(&shared));
        let ended = self.forward_requests(&watched);
        let _ = self.client.shutdown(Shutdown::Both);
        // When one side ends, the other ends, too, unless a late response is still to come.
        if ended != Ok(End::Late) {
            let _ = self.broker.shutdown(Shutdown::Both);
        }
        let _ = responses.join();
    }

    fn forward_requests(&mut self, watched: &Mutex<Watched>) -> Result<End, io::ErrorKind> {
        loop {
            let frame = read_frame(&mut self.client)?;
            if self.state.is_away() {
                return Ok(End::Cut);
            }
            self.state.requests.fetch_add(1, Ordering::SeqCst);
            let correlation = [frame[8], frame[9], frame[10], frame[11]];
            match self.state.take(i16::from_be_bytes([frame[4], frame[5]])) {
                None => {}
                Some(Fault::EndTxnUnanswered) => watched.lock().unwrap().unanswered = Some(correlation),
                Some(Fault::ListOffsetsCut) => return Ok(End::Cut),
                Some(Fault::AwayOnTxnOffsetCommit) => {
                    self.state.away.store(true, Ordering::SeqCst);
                    return Ok(End::Cut);
                }
                Some(Fault::EndTxnLate(delay)) => {
                    watched.lock().unwrap().late = Some(correlation);
                    let _ = self.client.shutdown(Shutdown::Both);
                    thread::sleep(delay);
                    self.broker.write_all(&frame).map_err(|e| e.kind())?;
                    return Ok(End::Late);
                }
            }
            self.broker.write_all(&frame).map_err(|e| e.kind())?;
        }
    }

    fn forward_responses(mut self, watched: &Mutex<Watched>) {
        while let Ok(frame) = read_frame(&mut self.broker) {
            let correlation = Some([frame[4], frame[5], frame[6], frame[7]]);
            let watched = watched.lock().unwrap();
            if correlation == watched.late {
                // The error code follows the correlation id and the throttle time.
                self.state.late_results.lock().unwrap().push(i16::from_be_bytes([frame[12], frame[13]]));
                break;
            }
            // Other responses of a broken connection are lost with it.
            let cut = correlation == watched.unanswered || self.client.write_all(&frame).is_err();
            if cut && watched.late.is_none() {
                break;
            }
        }
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.broker.shutdown(Shutdown::Both);
    }
}

impl State {
    fn is_away(&self) -> bool {
        self.away.load(Ordering::SeqCst)
    }

    fn take(&self, request: i16) -> Option<Fault> {
        let mut pending = self.pending.lock().unwrap();
        let (fault, left) =
            pending.as_mut().filter(|(fault, left)| fault.request() == request && *left > 0)?;
        *left -= 1;
        self.injected.fetch_add(1, Ordering::SeqCst);
        Some(*fault)
    }
}

/// How a fault ended a connection.
#[derive(PartialEq, Eq)]
enum End {
    Cut,
    Late,
}

/// Reads one frame, including its length.
fn read_frame(from: &mut TcpStream) -> Result<Vec<u8>, io::ErrorKind> {
    let mut length = [0; 4];
    from.read_exact(&mut length).map_err(|e| e.kind())?;
    let mut frame = length.to_vec();
    frame.resize(4 + u32::from_be_bytes(length) as usize, 0);
    from.read_exact(&mut frame[4..]).map_err(|e| e.kind())?;
    Ok(frame)
}
