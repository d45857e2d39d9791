//! Stores the contents of a batch on a thread of its own while the rest of the batch is processed and
//! sent. A disk takes far longer to sync a file than a core takes to process its message.

use std::panic::resume_unwind;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use super::{Blob, LogError};

/// Stores contents, and returns once they are durable.
type Store<'a> = dyn Fn(&[Blob]) -> Result<(), LogError> + Sync + 'a;

/// What is being stored of a batch.
pub struct Storing<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    store: &'scope Store<'scope>,
    /// Started for the first content: most batches have none.
    thread: Option<Thread<'scope>>,
}

struct Thread<'scope> {
    blobs: SyncSender<Vec<Blob>>,
    result: ScopedJoinHandle<'scope, Result<(), LogError>>,
}

impl<'scope, 'env> Storing<'scope, 'env> {
    pub const fn new(scope: &'scope Scope<'scope, 'env>, store: &'scope Store<'scope>) -> Self {
        Self { scope, store, thread: None }
    }

    /// Begins to store contents, after those before them; waits while others wait already.
    pub fn begin(&mut self, blobs: Vec<Blob>) {
        if blobs.is_empty() {
            return;
        }
        let (scope, store) = (self.scope, self.store);
        let thread = self.thread.get_or_insert_with(|| {
            // One waits, so that the thread never does.
            let (sender, receiver) = sync_channel::<Vec<Blob>>(1);
            let result = scope.spawn(move || receiver.iter().try_for_each(|blobs| store(&blobs)));
            Thread { blobs: sender, result }
        });
        // A thread that has failed takes no more; `end` returns its error.
        let _ = thread.blobs.send(blobs);
    }

    /// Waits until all contents are durable.
    pub fn end(&mut self) -> Result<(), LogError> {
        let Some(Thread { blobs, result }) = self.thread.take() else { return Ok(()) };
        drop(blobs);
        result.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}
