//! How many password attempts are allowed. Only wrong ones count. They count for the user name
//! *and* the address, so that strangers cannot lock the owner out. A browser from which the owner
//! has logged in before is counted separately, whatever its address.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::turkish::fold;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::http::Network;
use crate::view::i18n::say;

/// The maximum number of counters. Above it, those are dropped that would expire first.
const MAX_COUNTERS: usize = 20_000;

/// Who makes an attempt.
#[derive(Clone, Copy, Debug)]
pub enum AttemptSource {
    /// An unknown browser in this network.
    Stranger(Network),
    /// A browser from which the user has logged in before.
    Device(Uuid),
    /// The user's own session.
    Session,
}

/// What wrong attempts are counted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Counter {
    /// A user name from one network.
    Name(String, Network),
    /// A user name from anywhere, against guessing from many networks.
    AnyNetwork(String),
    /// A network with any user name, against trying one password on many names.
    Network(Network),
    Device(Uuid),
    Session(String),
}

impl Counter {
    /// How many wrong attempts are allowed in a row, and the time after which one more is.
    const fn quota(&self) -> (i32, SignedDuration) {
        match self {
            Self::Name(..) | Self::Device(_) | Self::Session(_) => (10, SignedDuration::from_secs(30)),
            Self::AnyNetwork(_) => (100, SignedDuration::from_secs(30)),
            // An office behind one router.
            Self::Network(_) => (60, SignedDuration::from_secs(1)),
        }
    }
}

/// Counts wrong attempts on this replica.
#[derive(Debug, Default)]
pub struct Throttle {
    /// When each counter will be back at zero if nothing is added to it.
    expiry: Mutex<HashMap<Counter, Timestamp>>,
}

/// An attempt, counted as wrong until [`Throttle::succeeded`] takes it.
#[derive(Debug)]
#[must_use]
pub struct Attempt(Vec<Counter>);

impl Throttle {
    /// Counts an attempt for what was typed as a user name.
    ///
    /// # Errors
    /// After too many attempts: how long until the next one is allowed. The answer is the same for
    /// names that exist and names that do not.
    pub fn begin(&self, user_name: &str, source: AttemptSource, now: Timestamp) -> Result<Attempt, Duration> {
        let counters = match source {
            AttemptSource::Stranger(network) => vec![
                Counter::Network(network),
                Counter::Name(normalized(user_name), network),
                Counter::AnyNetwork(normalized(user_name)),
            ],
            AttemptSource::Device(id) => vec![Counter::Device(id)],
            AttemptSource::Session => vec![Counter::Session(normalized(user_name))],
        };
        let mut expiry = self.expiry.lock().unwrap_or_else(PoisonError::into_inner);
        let after = |counter: &Counter| {
            let (max, each) = counter.quota();
            // Further ahead than attempts can lead: the clock was set back, which locks nobody out.
            let expires = expiry.get(counter).filter(|expires| **expires <= now + each * max);
            expires.map_or(now, |expires| (*expires).max(now)) + each
        };
        let afterwards: Vec<_> = counters.iter().map(|counter| (counter.clone(), after(counter))).collect();
        let wait = afterwards.iter().map(|(counter, after)| {
            let (max, each) = counter.quota();
            after.duration_since(now) - each * max
        });
        if let Some(wait) = wait.max().filter(SignedDuration::is_positive) {
            return Err(wait.unsigned_abs());
        }
        expiry.extend(afterwards);
        if expiry.len() > MAX_COUNTERS {
            prune(&mut expiry, now);
        }
        Ok(Attempt(counters))
    }

    /// The password was right: the attempt does not count.
    pub fn succeeded(&self, attempt: Attempt) {
        let mut expiry = self.expiry.lock().unwrap_or_else(PoisonError::into_inner);
        for counter in attempt.0 {
            if let Some(expires) = expiry.get_mut(&counter) {
                *expires -= counter.quota().1;
            }
        }
    }
}

/// Drops the expired counters; if these are too few, also the half that would expire first.
fn prune(expiry: &mut HashMap<Counter, Timestamp>, now: Timestamp) {
    expiry.retain(|_, expires| *expires > now);
    if expiry.len() > MAX_COUNTERS {
        let mut all: Vec<Timestamp> = expiry.values().copied().collect();
        let (_, middle, _) = all.select_nth_unstable(MAX_COUNTERS / 2);
        let middle = *middle;
        expiry.retain(|_, expires| *expires > middle);
    }
}

/// The normalized user name; the first 64 folded characters of what cannot be one.
fn normalized(user_name: &str) -> String {
    let name = user_name.parse::<UserName>().map(|name| name.to_string());
    name.unwrap_or_else(|_| fold(user_name).trim().chars().take(64).collect())
}

/// The sentence that says how long to wait.
#[must_use]
pub fn wait_text(wait: Duration) -> String {
    let seconds = wait.as_secs() + 1;
    if seconds < 60 {
        say!("Çok fazla deneme yapıldı. {n} saniye sonra yeniden deneyiniz.", n = seconds)
    } else {
        say!("Çok fazla deneme yapıldı. {n} dakika sonra yeniden deneyiniz.", n = seconds.div_ceil(60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_764_000_000 + seconds).unwrap()
    }

    fn stranger(n: u32) -> AttemptSource {
        AttemptSource::Stranger(Network::of(std::net::Ipv4Addr::from_bits(n).into()))
    }

    /// How many of `of` wrong attempts at one moment are allowed.
    fn wrong(throttle: &Throttle, name: &str, source: AttemptSource, of: usize, now: Timestamp) -> usize {
        (0..of).filter(|_| throttle.begin(name, source, now).is_ok()).count()
    }

    #[test]
    fn wrong_attempts_of_strangers_do_not_lock_the_owner_out() {
        let throttle = Throttle::default();
        assert_eq!(wrong(&throttle, "ayse", stranger(1), 50, at(0)), 10);
        let wait = throttle.begin(" AYŞE\u{200b}", stranger(1), at(0)).expect_err("the same name");
        assert_eq!(wait, Duration::from_secs(30), "one more each half minute");
        assert_eq!(wrong(&throttle, "ayse", stranger(2), 1, at(0)), 1, "from elsewhere");
        assert_eq!(wrong(&throttle, "ayse", AttemptSource::Device(Uuid::from_u128(1)), 50, at(0)), 10);
        assert_eq!(wrong(&throttle, "ayse", AttemptSource::Session, 50, at(0)), 10);
        assert_eq!(wrong(&throttle, "ayse", stranger(1), 50, at(30)), 1);
        assert_eq!(wrong(&throttle, "ayse", stranger(1), 50, at(1000)), 10, "all counters have expired");
    }

    #[test]
    fn one_network_and_one_name_have_limits_of_their_own() {
        let throttle = Throttle::default();
        let spread = (0..200).filter(|n| throttle.begin(&format!("user{n}"), stranger(1), at(0)).is_ok());
        assert_eq!(spread.count(), 60);
        let many: usize = (100..150).map(|n| wrong(&throttle, "ayse", stranger(n), 10, at(0))).sum();
        assert_eq!(many, 100);
        assert!(throttle.begin("ayse", AttemptSource::Device(Uuid::from_u128(1)), at(0)).is_ok());
    }

    #[test]
    fn successful_and_throttled_attempts_do_not_count() {
        let throttle = Throttle::default();
        for _ in 0..500 {
            let attempt = throttle.begin("ayse", stranger(1), at(0)).unwrap();
            throttle.succeeded(attempt);
        }
        assert_eq!(wrong(&throttle, "ayse", stranger(1), 500, at(0)), 10);
        assert_eq!(wrong(&throttle, "fatma", stranger(1), 500, at(0)), 10, "the network has attempts left");
    }

    #[test]
    fn the_number_of_counters_is_bounded_and_the_fullest_are_kept() {
        let throttle = Throttle::default();
        assert_eq!(wrong(&throttle, "ayse", stranger(0), 10, at(0)), 10);
        for n in 1..50_000 {
            let _ = throttle.begin("biri", stranger(n), at(i64::from(n) / 10_000));
            let _ = throttle.begin(&format!("user{n}"), stranger(n), at(i64::from(n) / 10_000));
        }
        assert!(throttle.expiry.lock().unwrap().len() <= MAX_COUNTERS + 3);
        assert_eq!(wrong(&throttle, "ayse", stranger(0), 10, at(6)), 0);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let throttle = Throttle::default();
        assert_eq!(wrong(&throttle, "ayse", stranger(1), 3, at(86_400)), 3);
        assert_eq!(wrong(&throttle, "ayse", stranger(1), 50, at(0)), 10);
    }

    #[test]
    fn the_wait_is_told_in_seconds_or_minutes() {
        assert!(wait_text(Duration::from_millis(1)).contains("1 saniye"));
        assert!(wait_text(Duration::from_secs(29)).contains("30 saniye"));
        assert!(wait_text(Duration::from_secs(61)).contains("2 dakika"));
    }
}
