//! The demo's citizens: they apply, sometimes wrongly, and withdraw.

use anyhow::bail;
use bytes::Bytes;
use ebasvuru_dashboard::citizens;
use ebasvuru_ingest::check::Code;
use ebasvuru_ingest::generate::{Generator, Mix, withdrawals};
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::log::Outgoing;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::desk::random;
use super::hours::share_of_hour;
use super::staff;
use crate::bootstrap::Resources;
use crate::commands::publish::submission;

/// How many people apply on a usual working day.
const DAILY: f64 = 31.0;
/// How long before they arrive messages were confirmed, at most.
const ON_THE_WAY: SignedDuration = SignedDuration::from_mins(55);
/// The plate code of Ankara.
const CAPITAL: u8 = 6;
/// The share of applications that are withdrawn.
const WITHDRAWN: f64 = 0.02;

/// What goes wrong on the way to us, and how many days ago.
const MISHAPS: [(i64, Mishap); 11] = [
    (47, Mishap::Bad(Code::TcknInvalid)),
    (41, Mishap::Bad(Code::UnknownService)),
    (34, Mishap::Repeated),
    (29, Mishap::Bad(Code::NotConfirmed)),
    (23, Mishap::Bad(Code::DocumentInvalid)),
    (17, Mishap::Changed),
    (12, Mishap::Bad(Code::TcknInvalid)),
    (8, Mishap::Bad(Code::NotJson)),
    (5, Mishap::Bad(Code::UnknownValilik)),
    (2, Mishap::Bad(Code::Schema)),
    (1, Mishap::Bad(Code::NotConfirmed)),
];
/// When the citizens of the portal apply, in days ago, which one of them, and for what.
const OF_THE_PORTAL: [(i64, usize, &str); 9] = [
    (45, 0, "dernek-kurulus"),
    (38, 1, "silah-bulundurma-ruhsati"),
    (30, 0, "bilgi-edinme"),
    (26, 2, "yerlesim-yeri-itiraz"),
    (19, 1, "dilekce"),
    (14, 0, "apostil"),
    (9, 2, "acik-kapi-basvuru"),
    (4, 0, "gonullu-basvuru"),
    (1, 1, "ozel-guvenlik-kimlik"),
];

#[derive(Clone, Copy)]
enum Mishap {
    Bad(Code),
    /// A message comes twice.
    Repeated,
    /// A message comes again with other content.
    Changed,
}

/// The demo's citizens.
pub struct Citizens<'a> {
    resources: &'a Resources,
    generator: Generator,
    /// When the demo ends.
    now: Timestamp,
    /// What is left of a submission after each hour.
    rest: f64,
}

/// Messages, and how many of them become applications.
pub struct Batch {
    pub messages: Vec<Outgoing>,
    pub good: i64,
}

impl<'a> Citizens<'a> {
    pub fn new(resources: &'a Resources, now: Timestamp) -> Self {
        let catalog = &resources.catalog;
        let generator = Generator::with_shares(catalog, Mix::default(), 2026, now, |service, valilik| {
            catalog.route(&service.slug, valilik).map_or(0, |unit| staff::share(catalog, unit))
        });
        Self { resources, generator, now, rest: 0.0 }
    }

    /// What arrives between two times.
    pub fn apply(&mut self, since: Timestamp, until: Timestamp) -> anyhow::Result<Batch> {
        self.generator.confirmed(until, ON_THE_WAY.min(until.duration_since(since)));
        let mut messages: Vec<_> =
            (0..self.count(since, until)).filter_map(|_| self.generator.next()).collect();
        let now = self.now;
        let is_due = |days: i64| {
            let at = now - SignedDuration::from_hours(24 * days);
            since < at && at <= until
        };
        for (_, nth, service) in OF_THE_PORTAL.into_iter().filter(|(days, ..)| is_due(*days)) {
            messages.push(self.of_the_portal(nth, service)?);
        }
        let good = i64::try_from(messages.len())?;
        for (_, mishap) in MISHAPS.into_iter().filter(|(days, _)| is_due(*days)) {
            let message = match (mishap, messages.last()) {
                (Mishap::Bad(code), _) => self.generator.bad(code),
                (Mishap::Repeated, Some(last)) => last.clone(),
                (Mishap::Changed, Some((key, value))) => (key.clone(), changed(value)?),
                (_, None) => continue,
            };
            messages.push(message);
        }
        let messages = messages.into_iter().map(|(key, value)| submission(Some(key), value)).collect();
        Ok(Batch { messages, good })
    }

    /// The withdrawal of an application, if its citizen withdraws it between two times.
    pub fn withdrawal(
        &self,
        application: &Application,
        since: Timestamp,
        until: Timestamp,
    ) -> Option<Outgoing> {
        let mut random = random(application, "withdrawn");
        let after = SignedDuration::from_hours(30 + i64::from(random.below(240)));
        let at = application.received_at + after;
        if !random.chance(WITHDRAWN) || at <= since || until < at {
            return None;
        }
        let message = json!({
            "schema": "edevlet.withdrawal.v1",
            "submission_id": application.submission_id,
            "withdrawn_at": self.resources.clock.now(),
            "reason": random.pick(withdrawals()),
        });
        Some(submission(Some(application.submission_id.to_string().into()), message.to_string().into()))
    }

    /// A message with a citizen of the portal as its applicant, who live in the capital, to a service that an
    /// operator's own catalog may lack.
    fn of_the_portal(&mut self, nth: usize, service: &str) -> anyhow::Result<(Bytes, Bytes)> {
        let Some(citizen) = citizens().into_iter().nth(nth) else { bail!("the portal has no citizen {nth}") };
        let is_known = self.resources.catalog.services().any(|known| known.slug.as_str() == service);
        loop {
            let (key, value) = self.generator.next().unwrap_or_default();
            let mut message: Value = serde_json::from_slice(&value)?;
            if message["valilik"] == CAPITAL && (message["service"] == service || !is_known) {
                message["applicant"] = serde_json::to_value(citizen)?;
                return Ok((key, message.to_string().into()));
            }
        }
    }

    fn count(&mut self, since: Timestamp, until: Timestamp) -> usize {
        let hour = SignedDuration::from_hours(1);
        let mut end = until;
        while end > since {
            let part = end.duration_since(since).min(hour).as_secs_f64() / hour.as_secs_f64();
            self.rest += DAILY * part * share_of_hour(self.resources.catalog.calendar(), end);
            end -= hour;
        }
        let whole = self.rest.floor();
        self.rest -= whole;
        whole as usize
    }
}

fn changed(message: &Bytes) -> anyhow::Result<Bytes> {
    let mut message: Value = serde_json::from_slice(message)?;
    let text = message["form"]["text"].as_str().unwrap_or_default();
    message["form"]["text"] = format!("{text} Telefon numaramı düzeltiyorum.").into();
    Ok(message.to_string().into())
}
