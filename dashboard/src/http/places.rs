//! Who is connected, and who goes when somebody else wants in. A connection on which no request
//! is being answered gives way, the longest idle first: so nobody is kept out by silence,
//! whoever keeps it, and an honest browser opens its connection anew without a word.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::client::Network;
use crate::metric;

/// The places of one server.
#[derive(Debug)]
pub struct Places {
    server: &'static str,
    all: usize,
    per_client: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    /// The last moment: each thing that happens is one.
    moment: u64,
    /// By the moment at which each was taken.
    seats: HashMap<u64, Seat>,
    /// Which are idle, by since when.
    idle: BTreeMap<u64, u64>,
    clients: HashMap<Network, Client>,
}

#[derive(Debug)]
struct Seat {
    client: Network,
    /// Since when, unless a request is being answered.
    idle: Option<u64>,
    give_way: CancellationToken,
}

#[derive(Debug, Default)]
struct Client {
    seats: usize,
    idle: BTreeMap<u64, u64>,
}

impl Places {
    pub fn new(server: &'static str, all: usize, per_client: usize) -> Arc<Self> {
        Arc::new(Self { server, all, per_client, taken: Mutex::default() })
    }

    /// A place for this client, for which an idle one may have to go; `None` when all are busy.
    pub fn take(self: &Arc<Self>, client: Network) -> Option<Place> {
        let mut taken = self.taken();
        if taken.clients.get(&client).is_some_and(|of| of.seats >= self.per_client) {
            let longest = *taken.clients.get(&client)?.idle.values().next()?;
            self.send_away(&mut taken, longest);
        } else if taken.seats.len() >= self.all {
            let longest = *taken.idle.values().next()?;
            self.send_away(&mut taken, longest);
        }
        let give_way = CancellationToken::new();
        let id = taken.take(client, give_way.clone());
        self.count(&taken);
        Some(Place { places: Arc::clone(self), id, give_way })
    }

    fn send_away(&self, taken: &mut Taken, id: u64) {
        if let Some(seat) = taken.leave(id) {
            seat.give_way.cancel();
            metrics::counter!(metric::CONNECTIONS_CUT, "server" => self.server, "why" => "gave_way")
                .increment(1);
        }
    }

    fn count(&self, taken: &Taken) {
        metrics::gauge!(metric::CONNECTIONS, "server" => self.server).set(taken.seats.len() as f64);
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn next(&mut self) -> u64 {
        self.moment += 1;
        self.moment
    }

    fn take(&mut self, client: Network, give_way: CancellationToken) -> u64 {
        let id = self.next();
        self.seats.insert(id, Seat { client, idle: None, give_way });
        self.clients.entry(client).or_default().seats += 1;
        self.idle(id);
        id
    }

    fn busy(&mut self, id: u64) {
        let Some(seat) = self.seats.get_mut(&id) else { return };
        if let Some(since) = seat.idle.take() {
            self.idle.remove(&since);
            if let Some(of) = self.clients.get_mut(&seat.client) {
                of.idle.remove(&since);
            }
        }
    }

    fn idle(&mut self, id: u64) {
        let now = self.next();
        let Some(seat) = self.seats.get_mut(&id) else { return };
        seat.idle = Some(now);
        self.idle.insert(now, id);
        self.clients.entry(seat.client).or_default().idle.insert(now, id);
    }

    fn leave(&mut self, id: u64) -> Option<Seat> {
        self.busy(id);
        let seat = self.seats.remove(&id)?;
        if let Some(of) = self.clients.get_mut(&seat.client) {
            of.seats -= 1;
            if of.seats == 0 {
                self.clients.remove(&seat.client);
            }
        }
        Some(seat)
    }
}

/// One connection's place, until it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    id: u64,
    give_way: CancellationToken,
}

impl Place {
    /// Somebody else needs the place.
    pub async fn gives_way(&self) {
        self.give_way.cancelled().await;
    }

    /// A request is being answered, until the guard is dropped.
    pub fn busy(self: &Arc<Self>) -> Busy {
        self.places.taken().busy(self.id);
        Busy(Arc::clone(self))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.leave(self.id);
        self.places.count(&taken);
    }
}

/// While it is there, its connection keeps its place.
#[derive(Debug)]
pub struct Busy(Arc<Place>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.places.taken().idle(self.0.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(n: u8) -> Network {
        Network::of([10, 0, 0, n].into())
    }

    fn gone(place: &Place) -> bool {
        place.give_way.is_cancelled()
    }

    #[test]
    fn the_longest_idle_of_a_client_makes_room_for_its_next() {
        let places = Places::new("test", 100, 3);
        let mine: Vec<_> = (0..3).map(|_| Arc::new(places.take(client(1)).unwrap())).collect();
        let other = places.take(client(2)).unwrap();
        drop(mine[0].busy());
        let busy = mine[2].busy();
        let next = places.take(client(1)).unwrap();
        assert_eq!([false, true, false].to_vec(), mine.iter().map(|place| gone(place)).collect::<Vec<_>>());
        let after = places.take(client(1)).unwrap();
        assert!(gone(&mine[0]) && !gone(&mine[2]) && !gone(&next) && !gone(&after) && !gone(&other));
        drop(busy);
    }

    #[test]
    fn whoever_is_busy_stays_and_the_next_is_refused() {
        let places = Places::new("test", 4, 2);
        let busy: Vec<_> = (0..4).map(|n| Arc::new(places.take(client(n / 2)).unwrap()).busy()).collect();
        assert!(places.take(client(0)).is_none(), "of this client");
        assert!(places.take(client(9)).is_none(), "in all");
        drop(busy);
        assert!(places.take(client(0)).is_some());
        assert!(places.taken().seats.is_empty() && places.taken().clients.is_empty(), "nothing is left");
        assert!(places.taken().idle.is_empty());
    }

    #[test]
    fn a_full_house_lets_the_longest_idle_of_all_go() {
        let places = Places::new("test", 3, 3);
        let there: Vec<_> = (0..3).map(|n| Arc::new(places.take(client(n)).unwrap())).collect();
        drop(there[0].busy());
        let _next = places.take(client(7)).unwrap();
        assert!(!gone(&there[0]) && gone(&there[1]) && !gone(&there[2]));
    }
}
