//! The slots for connections of one server. When all are taken, a connection on which no request is
//! being answered is closed for the new one, the longest idle first. So silent connections keep
//! nobody out, and browsers simply open theirs again.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::client::Network;
use crate::metric;

/// The slots of one server.
#[derive(Debug)]
pub struct ConnectionSlots {
    server: &'static str,
    capacity: usize,
    per_client: usize,
    table: Mutex<Table>,
}

/// The slots that are taken.
#[derive(Debug, Default)]
struct Table {
    /// A counter that orders events in time.
    moment: u64,
    /// The slots by id, which is the moment at which each was taken.
    slots: HashMap<u64, Entry>,
    /// The ids of the idle slots, by the moment since which they are idle.
    idle: BTreeMap<u64, u64>,
    clients: HashMap<Network, ClientEntry>,
}

#[derive(Debug)]
struct Entry {
    client: Network,
    /// Since when it is idle; `None` while a request is being answered.
    idle_since: Option<u64>,
    evicted: CancellationToken,
}

#[derive(Debug, Default)]
struct ClientEntry {
    slots: usize,
    idle: BTreeMap<u64, u64>,
}

impl ConnectionSlots {
    pub fn new(server: &'static str, capacity: usize, per_client: usize) -> Arc<Self> {
        Arc::new(Self { server, capacity, per_client, table: Mutex::default() })
    }

    /// Takes a slot for this client, evicting an idle connection if need be; `None` if all are busy.
    pub fn take(self: &Arc<Self>, client: Network) -> Option<ConnectionSlot> {
        let mut table = self.table();
        if table.clients.get(&client).is_some_and(|of| of.slots >= self.per_client) {
            let longest = *table.clients.get(&client)?.idle.values().next()?;
            self.evict(&mut table, longest);
        } else if table.slots.len() >= self.capacity {
            let longest = *table.idle.values().next()?;
            self.evict(&mut table, longest);
        }
        let evicted = CancellationToken::new();
        let id = table.take(client, evicted.clone());
        self.record_count(&table);
        Some(ConnectionSlot { slots: Arc::clone(self), id, evicted })
    }

    fn evict(&self, table: &mut Table, id: u64) {
        if let Some(slot) = table.release(id) {
            slot.evicted.cancel();
            metrics::counter!(metric::CONNECTIONS_CUT, "server" => self.server, "why" => "gave_way")
                .increment(1);
        }
    }

    fn record_count(&self, table: &Table) {
        metrics::gauge!(metric::CONNECTIONS, "server" => self.server).set(table.slots.len() as f64);
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn next_moment(&mut self) -> u64 {
        self.moment += 1;
        self.moment
    }

    fn take(&mut self, client: Network, evicted: CancellationToken) -> u64 {
        let id = self.next_moment();
        self.slots.insert(id, Entry { client, idle_since: None, evicted });
        self.clients.entry(client).or_default().slots += 1;
        self.set_idle(id);
        id
    }

    fn set_busy(&mut self, id: u64) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        if let Some(since) = slot.idle_since.take() {
            self.idle.remove(&since);
            if let Some(of) = self.clients.get_mut(&slot.client) {
                of.idle.remove(&since);
            }
        }
    }

    fn set_idle(&mut self, id: u64) {
        let now = self.next_moment();
        let Some(slot) = self.slots.get_mut(&id) else { return };
        slot.idle_since = Some(now);
        self.idle.insert(now, id);
        self.clients.entry(slot.client).or_default().idle.insert(now, id);
    }

    fn release(&mut self, id: u64) -> Option<Entry> {
        self.set_busy(id);
        let slot = self.slots.remove(&id)?;
        if let Some(of) = self.clients.get_mut(&slot.client) {
            of.slots -= 1;
            if of.slots == 0 {
                self.clients.remove(&slot.client);
            }
        }
        Some(slot)
    }
}

/// The slot of one connection, released when it is dropped.
#[derive(Debug)]
pub struct ConnectionSlot {
    slots: Arc<ConnectionSlots>,
    id: u64,
    evicted: CancellationToken,
}

impl ConnectionSlot {
    /// Completes when a new connection needs the slot.
    pub async fn evicted(&self) {
        self.evicted.cancelled().await;
    }

    /// Marks the connection as busy until the guard is dropped.
    pub fn busy(self: &Arc<Self>) -> BusyGuard {
        self.slots.table().set_busy(self.id);
        BusyGuard(Arc::clone(self))
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut table = self.slots.table();
        table.release(self.id);
        self.slots.record_count(&table);
    }
}

/// Keeps a connection from being evicted.
#[derive(Debug)]
pub struct BusyGuard(Arc<ConnectionSlot>);

impl Drop for BusyGuard {
    fn drop(&mut self) {
        self.0.slots.table().set_idle(self.0.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(n: u8) -> Network {
        Network::of([10, 0, 0, n].into())
    }

    fn evicted(slot: &ConnectionSlot) -> bool {
        slot.evicted.is_cancelled()
    }

    #[test]
    fn a_client_at_its_limit_loses_its_longest_idle_connection() {
        let slots = ConnectionSlots::new("test", 100, 3);
        let mine: Vec<_> = (0..3).map(|_| Arc::new(slots.take(client(1)).unwrap())).collect();
        let other = slots.take(client(2)).unwrap();
        drop(mine[0].busy());
        let busy = mine[2].busy();
        let next = slots.take(client(1)).unwrap();
        assert_eq!([false, true, false].to_vec(), mine.iter().map(|slot| evicted(slot)).collect::<Vec<_>>());
        let after = slots.take(client(1)).unwrap();
        assert!(evicted(&mine[0]) && [&*mine[2], &next, &after, &other].into_iter().all(|s| !evicted(s)));
        drop(busy);
    }

    #[test]
    fn busy_connections_stay_and_new_ones_are_refused() {
        let slots = ConnectionSlots::new("test", 4, 2);
        let busy: Vec<_> = (0..4).map(|n| Arc::new(slots.take(client(n / 2)).unwrap()).busy()).collect();
        assert!(slots.take(client(0)).is_none(), "the client's limit");
        assert!(slots.take(client(9)).is_none(), "the server's limit");
        drop(busy);
        assert!(slots.take(client(0)).is_some());
        assert!(slots.table().slots.is_empty() && slots.table().clients.is_empty(), "all are released");
        assert!(slots.table().idle.is_empty());
    }

    #[test]
    fn a_full_server_loses_its_longest_idle_connection() {
        let slots = ConnectionSlots::new("test", 3, 3);
        let there: Vec<_> = (0..3).map(|n| Arc::new(slots.take(client(n)).unwrap())).collect();
        drop(there[0].busy());
        let _next = slots.take(client(7)).unwrap();
        assert!(!evicted(&there[0]) && evicted(&there[1]) && !evicted(&there[2]));
    }
}
