//! Work on many items at once, on all cores.

use rayon::prelude::*;

/// As many items as are worth waking another thread for.
const PART: usize = 100;

/// What `make` makes of each item, in their order. Few are made on the calling thread.
pub fn map<T: Sync, U: Send>(items: &[T], make: impl Fn(&T) -> U + Sync + Send) -> Vec<U> {
    map_with(items, || (), |(), item| make(item))
}

/// The same, with something that one thread uses for one item after the other.
pub fn map_with<T: Sync, U: Send, S>(
    items: &[T],
    start: impl Fn() -> S + Sync + Send,
    make: impl Fn(&mut S, &T) -> U + Sync + Send,
) -> Vec<U> {
    if items.len() <= PART {
        let mut state = start();
        return items.iter().map(|item| make(&mut state, item)).collect();
    }
    items.par_iter().with_min_len(PART).map_init(start, make).collect()
}
