//! A member of staff at work: lists, applications, and the actions that these wait for, with pauses.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::random::Random;

use crate::page::{Form, Page};
use crate::session::{Failure, Session};
use crate::table::{Goal, Line, thousands};
use crate::times::Times;

/// How long a person looks at a page: 10 s on average.
const THINK_MS: (u32, u32) = (5_000, 15_000);
/// How many errors are printed.
const SHOWN: usize = 10;

/// A member of staff.
pub struct StaffMember {
    pub session: Session,
    pub role: Role,
    pub random: Random,
    pub tally: Arc<Mutex<Tally>>,
}

impl StaffMember {
    /// Works until it is aborted: a list, an application of it, the action that this waits for.
    pub async fn work(mut self) {
        loop {
            self.think().await;
            let list = self.list();
            let Some(list) = self.open(list).await else { continue };
            let rows = list.rows();
            if rows.is_empty() {
                continue;
            }
            let row = self.random.pick(&rows).clone();
            self.think().await;
            let Some(mut form) = self.open(&row).await.and_then(|page| page.next()) else { continue };
            loop {
                self.think().await;
                let Some(confirmation) = self.act(&form).await else { break };
                form = confirmation;
            }
        }
    }

    async fn think(&mut self) {
        let (least, most) = THINK_MS;
        let pause = least + self.random.below(most - least);
        tokio::time::sleep(Duration::from_millis(pause.into())).await;
    }

    /// Mostly what waits for them; sometimes what waits for anybody.
    fn list(&mut self) -> &'static str {
        match self.role {
            _ if self.random.chance(0.3) => "/basvurular?durum=teslim-bekleyen",
            Role::Officer => "/basvurular?ustumdeki=1&durum=sorumlu-uzerinde",
            _ => "/basvurular?durum=onay-bekleyen",
        }
    }

    async fn open(&mut self, path: &str) -> Option<Page> {
        let began = Instant::now();
        let answer = self.session.get(path).await;
        self.note(began, answer)
    }

    /// Sends a form and waits for the page that shows what it did. Returns the form of the question whether
    /// they are sure, if it is asked.
    async fn act(&mut self, form: &Form) -> Option<Form> {
        let form = form.clone().with("metin", "Talebiniz incelenmiş ve uygun görülmüştür.");
        let clicked = Instant::now();
        let answer = self.session.post(&form).await;
        let page = self.note(clicked, answer)?;
        let Some(to) = page.location else { return page.form(&form.action) };
        self.open(&to).await?;
        self.tally.lock().unwrap().actions.push(clicked.elapsed());
        None
    }

    fn note(&self, began: Instant, answer: Result<Page, Failure>) -> Option<Page> {
        let mut tally = self.tally.lock().unwrap();
        tally.requests.push(began.elapsed());
        match answer {
            Ok(page) => return Some(page),
            Err(Failure::Conflict) => tally.conflicts += 1,
            Err(Failure::Other(why)) => {
                if tally.errors < SHOWN {
                    eprintln!("{why}");
                }
                tally.errors += 1;
            }
        }
        None
    }
}

/// What became of all requests.
#[derive(Default)]
pub struct Tally {
    requests: Vec<Duration>,
    /// From the click until the result is shown.
    actions: Vec<Duration>,
    /// Two people acted on one application at once.
    conflicts: usize,
    errors: usize,
    /// How many of the requests [`Self::latest`] has told of.
    told: usize,
}

impl Tally {
    /// The requests since the last call, and all errors.
    pub fn latest(&mut self) -> String {
        let latest = &self.requests[self.told..];
        let text = match latest.is_empty() {
            true => "no request".into(),
            false => format!("{} requests, {}", thousands(latest.len() as f64), Times::of(latest).shown()),
        };
        self.told = self.requests.len();
        format!("{text}; {} errors", self.errors)
    }

    pub fn lines(&self) -> Vec<Line> {
        let waits = |what: &str, waits: &[Duration]| {
            let times = Times::of(waits);
            Line {
                what: format!("{} {what}: p50 / p95 / p99", thousands(waits.len() as f64)),
                figure: times.shown(),
                reference: String::new(),
                ratio: None,
                goal: Goal::Of("p95 ≤ 300 ms", times.p95 <= 300.0),
            }
        };
        vec![
            waits("requests", &self.requests),
            waits("actions, click to shown", &self.actions),
            Line {
                what: "errors; out of date by a colleague".into(),
                figure: self.errors.to_string(),
                reference: self.conflicts.to_string(),
                ratio: None,
                goal: Goal::Of("0 errors", self.errors == 0),
            },
        ]
    }
}
