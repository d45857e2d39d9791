//! How often one may try a password. Only wrong tries count. They count for the user name *and*
//! the address, so that a stranger's do not lock the owner out; a browser from which the owner
//! has logged in before is counted by itself, wherever it is and whatever strangers do.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ebasvuru_workflow::domain::ids::UserName;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::http::Network;
use crate::i18n::say;

/// How many counts are kept; above it those go that would be forgotten first anyway.
const REMEMBERED: usize = 20_000;

/// Who tries.
#[derive(Clone, Copy, Debug)]
pub enum From {
    /// Nobody known, from this network.
    Stranger(Network),
    /// A browser from which the user has logged in before.
    Device(Uuid),
    /// Whoever is logged in as the user.
    Session,
}

/// What wrong tries are counted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Count {
    /// A name from one network.
    Name(String, Network),
    /// A name from anywhere: who guesses from many networks.
    AnyNetwork(String),
    /// A network, whatever the name: who tries one password on many names.
    Network(Network),
    Device(Uuid),
    Session(String),
}

impl Count {
    /// How many wrong tries in a row, and how long until there is one more.
    const fn quota(&self) -> (i32, SignedDuration) {
        match self {
            Self::Name(..) | Self::Device(_) | Self::Session(_) => (10, SignedDuration::from_secs(30)),
            Self::AnyNetwork(_) => (100, SignedDuration::from_secs(30)),
            // An office behind one router.
            Self::Network(_) => (60, SignedDuration::from_secs(1)),
        }
    }
}

/// Counts wrong tries, each replica for itself.
#[derive(Debug, Default)]
pub struct Throttle {
    /// When each count will be forgotten, if nothing is added to it.
    until: Mutex<HashMap<Count, Timestamp>>,
}

/// A try that is counted as wrong until it turns out to be right.
#[derive(Debug)]
#[must_use]
pub struct Try(Vec<Count>);

impl Throttle {
    /// Counts a try of what was typed as a user name. `Err`: too many, and how long until the
    /// next; the same for names that exist and names that do not.
    pub fn begin(&self, typed: &str, from: From, now: Timestamp) -> Result<Try, Duration> {
        let counts = match from {
            From::Stranger(network) => vec![
                Count::Network(network),
                Count::Name(name(typed), network),
                Count::AnyNetwork(name(typed)),
            ],
            From::Device(id) => vec![Count::Device(id)],
            From::Session => vec![Count::Session(name(typed))],
        };
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let after = |count: &Count| {
            let (most, each) = count.quota();
            // Further ahead than tries can lead: the clock was set back, and nobody waits for that.
            let until = until.get(count).filter(|until| **until <= now + each * most);
            until.map_or(now, |until| (*until).max(now)) + each
        };
        let afterwards: Vec<_> = counts.iter().map(|count| (count.clone(), after(count))).collect();
        let wait = afterwards.iter().map(|(count, after)| {
            let (most, each) = count.quota();
            after.duration_since(now) - each * most
        });
        if let Some(wait) = wait.max().filter(SignedDuration::is_positive) {
            return Err(wait.unsigned_abs());
        }
        until.extend(afterwards);
        if until.len() > REMEMBERED {
            forget(&mut until, now);
        }
        Ok(Try(counts))
    }

    /// The password was right.
    pub fn right(&self, tried: Try) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        for count in tried.0 {
            if let Some(until) = until.get_mut(&count) {
                *until -= count.quota().1;
            }
        }
    }
}

/// Drops what is over; if that is too little, the half that would be over first.
fn forget(until: &mut HashMap<Count, Timestamp>, now: Timestamp) {
    until.retain(|_, until| *until > now);
    if until.len() > REMEMBERED {
        let mut all: Vec<Timestamp> = until.values().copied().collect();
        let (_, middle, _) = all.select_nth_unstable(REMEMBERED / 2);
        let middle = *middle;
        until.retain(|_, until| *until > middle);
    }
}

/// The name that was meant, or the beginning of what cannot be one.
fn name(typed: &str) -> String {
    let name = typed.parse::<UserName>().map(|name| name.to_string());
    name.unwrap_or_else(|_| typed.trim().chars().take(64).collect())
}

/// A sentence on how long to wait.
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

    fn stranger(n: u32) -> From {
        From::Stranger(Network::of(std::net::Ipv4Addr::from_bits(n).into()))
    }

    /// How many wrong tries are let through at one moment, of `of`.
    fn wrong(throttle: &Throttle, name: &str, from: From, of: usize, now: Timestamp) -> usize {
        (0..of).filter(|_| throttle.begin(name, from, now).is_ok()).count()
    }

    #[test]
    fn a_strangers_wrong_tries_are_no_matter_of_the_owner() {
        let throttle = Throttle::default();
        assert_eq!(wrong(&throttle, "ayse", stranger(1), 50, at(0)), 10);
        let wait = throttle.begin(" AYSE", stranger(1), at(0)).expect_err("the same name");
        assert_eq!(wait, Duration::from_secs(30), "one more each half minute");
        assert_eq!(wrong(&throttle, "ayse", stranger(2), 1, at(0)), 1, "from elsewhere");
        assert_eq!(wrong(&throttle, "ayse", From::Device(Uuid::from_u128(1)), 50, at(0)), 10);
        assert_eq!(wrong(&throttle, "ayse", From::Session, 50, at(0)), 10);
        assert_eq!(wrong(&throttle, "ayse", stranger(1), 50, at(30)), 1);
        assert_eq!(wrong(&throttle, "ayse", stranger(1), 50, at(1000)), 10, "all is forgotten");
    }

    #[test]
    fn one_network_on_many_names_and_many_networks_on_one_name() {
        let throttle = Throttle::default();
        let spread = (0..200).filter(|n| throttle.begin(&format!("user{n}"), stranger(1), at(0)).is_ok());
        assert_eq!(spread.count(), 60);
        let many: usize = (100..150).map(|n| wrong(&throttle, "ayse", stranger(n), 10, at(0))).sum();
        assert_eq!(many, 100);
        assert!(throttle.begin("ayse", From::Device(Uuid::from_u128(1)), at(0)).is_ok());
    }

    #[test]
    fn right_tries_do_not_count_and_refused_ones_cost_nothing() {
        let throttle = Throttle::default();
        for _ in 0..500 {
            let tried = throttle.begin("ayse", stranger(1), at(0)).unwrap();
            throttle.right(tried);
        }
        assert_eq!(wrong(&throttle, "ayse", stranger(1), 500, at(0)), 10);
        assert_eq!(wrong(&throttle, "fatma", stranger(1), 500, at(0)), 10, "the network has tries left");
    }

    #[test]
    fn what_is_remembered_has_a_bound_and_the_worst_stay() {
        let throttle = Throttle::default();
        assert_eq!(wrong(&throttle, "ayse", stranger(0), 10, at(0)), 10);
        for n in 1..50_000 {
            let _ = throttle.begin("biri", stranger(n), at(i64::from(n) / 10_000));
            let _ = throttle.begin(&format!("user{n}"), stranger(n), at(i64::from(n) / 10_000));
        }
        assert!(throttle.until.lock().unwrap().len() <= REMEMBERED + 3);
        assert_eq!(wrong(&throttle, "ayse", stranger(0), 10, at(6)), 0);
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_out() {
        let throttle = Throttle::default();
        assert_eq!(wrong(&throttle, "ayse", stranger(1), 3, at(86_400)), 3);
        assert_eq!(wrong(&throttle, "ayse", stranger(1), 50, at(0)), 10);
    }

    #[test]
    fn a_wait_is_said_in_words() {
        assert!(wait_text(Duration::from_millis(1)).contains("1 saniye"));
        assert!(wait_text(Duration::from_secs(29)).contains("30 saniye"));
        assert!(wait_text(Duration::from_secs(61)).contains("2 dakika"));
    }
}
