//! Random people give random commands at random times to one application. The invariants hold after
//! each.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::world::*;
use crate::domain::actor::{Actor, Role};
use crate::domain::application::*;
use crate::domain::ids::{EventId, UserName};

/// One step of a history.
#[derive(Clone, Debug)]
enum Step {
    /// Somebody who may do something does it.
    Fitting(usize, Words),
    /// Anybody gives any command, with a version that is this many too old, or without one.
    Wild(Who, usize, Words, Option<u64>),
    /// The last command is given again.
    Again,
    /// Time passes, in hours.
    Wait(i64),
    /// The system gives the command that is due.
    Timer,
    /// The system takes the application back from an unfit holder.
    Return,
    /// The directory changes: a person becomes active or inactive, or changes role or unit.
    Person(usize, Change),
}

#[derive(Clone, Debug)]
enum Who {
    Person(usize),
    Citizen,
    System,
    Operator,
}

#[derive(Clone, Debug)]
enum Change {
    Active(bool),
    Become(Role, &'static str),
    Lend(usize, i64),
}

/// The content of a command.
#[derive(Clone, Debug)]
struct Words {
    text: &'static str,
    officer: usize,
    target: &'static str,
    document: &'static str,
    present: bool,
}

fn words() -> impl Strategy<Value = Words> {
    (
        prop_oneof![4 => Just("söz"), 1 => Just("  ")],
        3..12_usize,
        prop_oneof![Just(A), Just(B), Just(C), Just("99-yok")],
        prop_oneof![4 => Just("tuzuk"), 4 => Just("kimlik"), 1 => Just("yok")],
        prop::bool::weighted(0.9),
    )
        .prop_map(|(text, officer, target, document, present)| Words {
            text,
            officer,
            target,
            document,
            present,
        })
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        10 => (0..PEOPLE.len()).prop_map(Who::Person),
        1 => Just(Who::Citizen),
        1 => Just(Who::System),
        1 => Just(Who::Operator),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<bool>().prop_map(Change::Active),
        (prop_oneof![Just(Role::Supervisor), Just(Role::Officer)], prop_oneof![3 => Just(A), 1 => Just(B)])
            .prop_map(|(role, unit)| Change::Become(role, unit)),
        (3..6_usize, 1..60_i64).prop_map(|(to, days)| Change::Lend(to, days)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        14 => (any::<usize>(), words()).prop_map(|(i, w)| Step::Fitting(i, w)),
        6 => (who(), 0..17_usize, words(), prop::option::weighted(0.9, prop_oneof![6 => Just(0), 1 => 1..3_u64]))
            .prop_map(|(who, what, w, seen)| Step::Wild(who, what, w, seen)),
        1 => Just(Step::Again),
        3 => prop_oneof![8 => 0..48_i64, 1 => 600..900_i64].prop_map(Step::Wait),
        1 => Just(Step::Timer),
        1 => Just(Step::Return),
        1 => (1..6_usize, change()).prop_map(|(who, change)| Step::Person(who, change)),
    ]
}

fn body_of(action: Action, w: &Words) -> CommandBody {
    let text = text(w.text);
    match action {
        Action::Assign => CommandBody::Assign { officer: name(PEOPLE[w.officer].0) },
        Action::Claim => CommandBody::Claim,
        Action::TakeBack => CommandBody::TakeBack,
        Action::CheckDocument => {
            CommandBody::CheckDocument { document: w.document.parse().unwrap(), present: w.present }
        }
        Action::AttachDocument => CommandBody::AttachDocument { document: file("tarama") },
        Action::CompletePreApplication => CommandBody::CompletePreApplication,
        Action::AttachOfficialDocument => CommandBody::AttachOfficialDocument { document: file("resmi") },
        Action::AddAnswer => CommandBody::AddAnswer { text },
        Action::AddNote => CommandBody::AddNote { text },
        Action::SubmitForApproval => CommandBody::SubmitForApproval,
        Action::SubmitForRejection => CommandBody::SubmitForRejection,
        Action::ProposeReferral => {
            CommandBody::ProposeReferral { target: w.target.parse().unwrap(), reason: text }
        }
        Action::Approve => CommandBody::Approve,
        Action::SendBack => CommandBody::SendBack { reason: text },
    }
}

/// The world, the application, and its events.
struct Play {
    world: World,
    app: Application,
    events: Vec<Event>,
    last: Option<Command>,
}

impl Play {
    fn run(service: &str, steps: &[Step]) -> Result<Self, TestCaseError> {
        let mut world = World::new();
        let body = CommandBody::Receive(Box::new(world.receive(service)));
        let first = world.command(Actor::Citizen, None, body);
        let events = decide(None, &first, &world.ctx()).unwrap();
        let app = events.iter().fold(None, evolve).unwrap();
        let mut play = Self { world, app, events, last: Some(first) };
        for step in steps {
            play.step(step)?;
            play.invariants()?;
        }
        Ok(play)
    }

    fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::Wait(hours) => self.world.now += SignedDuration::from_hours(*hours),
            Step::Person(who, change) => self.person(PEOPLE[*who].0, change),
            Step::Again => {
                if let Some(command) = self.last.clone() {
                    self.give(&command)?;
                }
            }
            Step::Timer => {
                if let Some(command) = clock_command(&self.app, self.world.now) {
                    prop_assert!(!self.give(&command)?.is_empty(), "the clock asks only for what is due");
                }
            }
            Step::Return => {
                if let Some(command) = return_command(&self.app, &self.world.directory, self.world.now) {
                    self.give(&command)?;
                }
            }
            Step::Fitting(pick, words) => {
                let (app, world) = (&self.app, &self.world);
                let fitting: Vec<_> = PEOPLE
                    .iter()
                    .flat_map(|(who, ..)| {
                        allowed_actions(app, &name(who), &world.directory, &world.catalog, world.now)
                            .into_iter()
                            .filter(|(_, may)| may.is_ok())
                            .map(move |(action, _)| (*who, action))
                    })
                    .collect();
                if !fitting.is_empty() {
                    let (who, action) = fitting[pick % fitting.len()];
                    self.staff(who, action, words, Some(0))?;
                }
            }
            Step::Wild(Who::Person(who), what, words, seen) if *what < 14 => {
                self.staff(PEOPLE[*who].0, Action::ALL[*what], words, *seen)?;
            }
            Step::Wild(who, what, words, seen) => {
                let actor = match who {
                    Who::Person(who) => Actor::Staff(name(PEOPLE[*who].0)),
                    Who::Citizen => Actor::Citizen,
                    Who::System => Actor::System,
                    Who::Operator => Actor::Operator,
                };
                let body = match what {
                    0..14 => body_of(Action::ALL[*what], words),
                    14 => CommandBody::CitizenWithdraw { reason: Some(text(words.text)) },
                    15 => CommandBody::Lapse,
                    _ => CommandBody::RecordBreach,
                };
                let version = seen.map(|behind| self.app.version.saturating_sub(behind));
                let command = self.world.command(actor, version, body);
                self.give(&command)?;
            }
        }
        Ok(())
    }

    fn person(&mut self, who: &str, change: &Change) {
        match change {
            Change::Active(active) => self.world.change(who, |user| user.active = *active),
            Change::Become(role, unit) => self.world.change(who, |user| {
                user.profile.role = *role;
                user.profile.unit = Some(World::unit(unit));
            }),
            Change::Lend(to, days) => self.world.lend(who, PEOPLE[*to].0, *days),
        }
    }

    /// Gives a command of staff. What pages offer is what is decided.
    fn staff(
        &mut self,
        who: &str,
        action: Action,
        w: &Words,
        seen: Option<u64>,
    ) -> Result<(), TestCaseError> {
        let world = &self.world;
        let shown = allowed_actions(&self.app, &name(who), &world.directory, &world.catalog, world.now)
            .into_iter()
            .find(|(shown, _)| *shown == action)
            .unwrap()
            .1;
        let version = seen.map(|behind| self.app.version.saturating_sub(behind));
        let command = self.world.command(Actor::Staff(name(who)), version, body_of(action, w));
        let decided = decide(Some(&self.app), &command, &self.world.ctx());
        match (version, shown, &decided) {
            (Some(version), Err(why), Err(said)) if version == self.app.version => {
                prop_assert_eq!(why, *said)
            }
            (_, Err(why), Ok(events)) => {
                prop_assert!(events.is_empty(), "{:?} was refused: {:?}", action, why)
            }
            (Some(version), Ok(()), Err(said)) if version == self.app.version => {
                use Refusal::*;
                let of_the_command = [OfficerUnfit, TextMissing, TargetUnfit, UnknownDocument];
                prop_assert!(of_the_command.contains(said), "{:?} was promised: {:?}", action, said);
            }
            (Some(version), Ok(()), Ok(_)) => prop_assert_eq!(version, self.app.version, "a lost update"),
            (None, _, decided) => prop_assert!(decided.is_err(), "no version was said"),
            _ => {}
        }
        self.give(&command)?;
        Ok(())
    }

    /// Gives a command and applies its events.
    fn give(&mut self, command: &Command) -> Result<Vec<Event>, TestCaseError> {
        let before = self.app.clone();
        let decided = decide(Some(&before), command, &self.world.ctx());
        if let Some(marker) = ClosedMarker::of(&before) {
            prop_assert!(decided.as_ref().map_or(true, Vec::is_empty), "a closed application is final");
            prop_assert!(marker.decide(command).map_or(true, |events| events.is_empty()));
        }
        let Ok(events) = decided else { return Ok(Vec::new()) };
        if events.is_empty() {
            return Ok(events);
        }
        self.entitled(&before, command, &events)?;
        for (n, event) in (1..).zip(&events) {
            prop_assert_eq!(event.seq, before.version + n);
            prop_assert_eq!(event.id, EventId::of_application(before.id, &before.no, event.seq));
            prop_assert_eq!(event.directory_offset, self.world.directory.offset());
            self.app = evolve(Some(self.app.clone()), event).unwrap();
            let (facts, app) = (&event.facts, &self.app);
            prop_assert_eq!(
                (&facts.unit, facts.phase, facts.status),
                (&app.unit, app.phase, app.status.name())
            );
            prop_assert_eq!(facts.overdue, app.phase.due_at().is_some_and(|due_at| due_at <= event.at));
            if let Status::Closed { outcome, officer, .. } = &app.status {
                prop_assert_eq!((facts.outcome, &facts.officer), (Some(*outcome), officer));
            } else {
                prop_assert_eq!((facts.outcome, facts.officer.as_ref()), (None, app.status.holder()));
            }
        }
        let again = decide(Some(&self.app), command, &self.world.ctx());
        prop_assert_eq!(again, Ok(Vec::new()), "the same command again changes nothing");
        self.events.extend(events.iter().cloned());
        self.last = Some(command.clone());
        Ok(events)
    }

    /// Whoever made something happen was entitled to, by the requirements.
    fn entitled(&self, app: &Application, command: &Command, events: &[Event]) -> Result<(), TestCaseError> {
        use CommandBody as C;
        let event = events.last().unwrap();
        let now = self.world.now;
        match (&command.actor, &command.body) {
            (Actor::Operator, _) => prop_assert!(false, "an operator touches no application"),
            (Actor::Citizen, body) => {
                prop_assert!(matches!(body, C::CitizenWithdraw { .. }), "the citizen only withdraws")
            }
            (Actor::System, C::Lapse | C::RecordBreach) => {}
            (Actor::System, body) => {
                prop_assert!(matches!(body, C::TakeBack));
                let holder = app.status.holder().unwrap();
                prop_assert!(!self.is(holder, Role::Officer, app), "a fit holder keeps it");
            }
            (Actor::Staff(who), body) => match body {
                C::Assign { .. } | C::TakeBack | C::AddNote { .. } | C::Approve | C::SendBack { .. } => {
                    match &event.on_behalf_of {
                        None => prop_assert!(self.is(who, Role::Supervisor, app)),
                        Some(lender) => {
                            let lent = &self.world.directory.get(lender).unwrap().delegation;
                            let lent = lent.as_ref().unwrap();
                            prop_assert!(self.is(who, Role::Officer, app) && lent.to == *who);
                            prop_assert!(self.is(lender, Role::Supervisor, app));
                            prop_assert!(lent.starts_at <= now && now < lent.ends_at);
                        }
                    }
                }
                C::CitizenWithdraw { .. } | C::Lapse | C::RecordBreach | C::Receive(_) => {
                    prop_assert!(false, "not for staff");
                }
                _ => {
                    prop_assert!(self.is(who, Role::Officer, app));
                    if !matches!(body, C::Claim) {
                        prop_assert_eq!(app.status.holder(), Some(who));
                        prop_assert_eq!(app.status.name(), StatusName::Assigned);
                    }
                }
            },
        }
        if let EventBody::Approved { proposed_by, .. } | EventBody::Referred { proposed_by, .. } = &event.body
        {
            let proposal = app.history.iter().rev().find(|entry| {
                use EventKind::*;
                matches!(entry.what, SubmittedForApproval | SubmittedForRejection | ReferralProposed)
            });
            let proposer = &proposal.unwrap().actor;
            prop_assert_eq!(proposer, &Actor::Staff(proposed_by.clone()));
            prop_assert_ne!(proposer, &event.actor, "nobody approves what they proposed");
            prop_assert_ne!(Some(proposed_by), event.on_behalf_of.as_ref());
        }
        Ok(())
    }

    fn is(&self, who: &UserName, role: Role, app: &Application) -> bool {
        let user = self.world.directory.get(who);
        user.is_some_and(|u| u.active && u.profile.role == role && u.profile.unit.as_ref() == Some(&app.unit))
    }

    /// The invariants of the state.
    fn invariants(&self) -> Result<(), TestCaseError> {
        let app = &self.app;
        prop_assert_eq!(app.version, app.history.len() as u64);
        prop_assert_eq!(app.version, self.events.len() as u64);
        prop_assert!(app.history.is_sorted_by_key(|entry| entry.at), "time runs forward");
        let happened = |kind| self.events.iter().filter(move |event| event.body.kind() == kind);
        let elsewhere = || app.superseded.iter();
        let answers = app.answers.len() + elsewhere().map(|old| old.answers.len()).sum::<usize>();
        let official =
            app.official_documents.len() + elsewhere().map(|o| o.official_documents.len()).sum::<usize>();
        prop_assert_eq!(answers, happened(EventKind::AnswerAdded).count(), "no answer is lost");
        prop_assert_eq!(official, happened(EventKind::OfficialDocumentAttached).count());
        prop_assert_eq!(app.notes.len(), happened(EventKind::NoteAdded).count());
        prop_assert_eq!(app.documents.len(), 1 + happened(EventKind::DocumentAttached).count());
        let referred = happened(EventKind::Referred).next_back().map_or(0, |event| event.seq);
        let of_this_unit = happened(EventKind::AnswerAdded).filter(|event| event.seq > referred).count();
        prop_assert_eq!(app.answers.len(), of_this_unit, "only the unit's own words can be sent");

        let pre = app.phase.is_pre_application();
        match &app.status {
            Status::AwaitingApproval { officer, proposal, proposed_by } => {
                prop_assert_eq!(officer, proposed_by);
                match proposal {
                    Proposal::Answer => {
                        prop_assert!(!pre && (app.answer().is_some() || !app.official_documents.is_empty()));
                    }
                    Proposal::Rejection => prop_assert!(!pre && app.answer().is_some()),
                    Proposal::Referral { target, reason } => {
                        prop_assert!(*target != app.unit && reason.chars > 0)
                    }
                }
                prop_assert_eq!(&app.sent_back, &None);
            }
            Status::Closed { outcome, .. } => match outcome {
                Outcome::Positive | Outcome::Negative => {
                    prop_assert!(!pre);
                    let last = self.events.last().unwrap().body.kind();
                    prop_assert!(matches!(last, EventKind::ApprovedPositive | EventKind::ApprovedNegative));
                }
                Outcome::Lapsed => prop_assert!(pre),
                Outcome::Withdrawn => {}
            },
            Status::Unassigned | Status::Assigned { .. } => {}
        }
        if let Phase::PreApplication { lapses_at } = app.phase {
            let late = self.events.iter().filter(|event| event.at >= lapses_at);
            for event in late {
                prop_assert_eq!((&event.body, event.at), (&EventBody::Lapsed, lapses_at));
            }
        }
        self.breach(app.phase.due_at())
    }

    /// The breach is recorded once, with the time of the deadline, before everything later.
    fn breach(&self, due_at: Option<Timestamp>) -> Result<(), TestCaseError> {
        let breaches: Vec<_> =
            self.events.iter().filter(|event| matches!(event.body, EventBody::Breached { .. })).collect();
        prop_assert!(breaches.len() <= 1);
        let late = self.events.iter().find(|event| due_at.is_some_and(|due_at| due_at <= event.at));
        prop_assert_eq!(late.map(|event| event.seq), breaches.first().map(|event| event.seq));
        prop_assert_eq!(self.app.breached_at, breaches.first().map(|event| event.at));
        if self.app.breached_at.is_some() {
            prop_assert_eq!(self.app.breached_at, due_at);
        }
        Ok(())
    }
}

fn replayed(events: &[Event]) -> Option<Application> {
    events.iter().fold(None, |state, event| {
        let json = serde_json::to_string(event).unwrap();
        evolve(state, &serde_json::from_str(&json).unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn application_invariants_hold(
        service in prop_oneof![2 => Just(DIRECT), 1 => Just(WORKING), 3 => Just(PRE)],
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut play = Play::run(service, &steps)?;
        prop_assert_eq!(replayed(&play.events), Some(play.app.clone()), "replay gives the same state");
        let json = serde_json::to_string(&play.app).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Application>(&json).unwrap(), &play.app);
        // After the system's commands nothing is due.
        while let Some(command) = clock_command(&play.app, play.world.now) {
            prop_assert!(!play.give(&command)?.is_empty());
            play.invariants()?;
        }
        prop_assert!(play.app.timer_at().is_none_or(|timer_at| timer_at > play.world.now));
    }
}

proptest! {
    /// What we owe the citizen depends on when the citizen confirmed it at e-Devlet, never on when we
    /// read it; so do the receipt and the year of the number.
    #[test]
    fn the_deadline_depends_on_the_confirmation_alone(
        service in prop_oneof![Just(DIRECT), Just(WORKING)],
        confirmed in 946_684_800_i64..1_800_000_000,
        read in prop::collection::vec(-300_i64..400 * 86_400, 2),
    ) {
        let mut world = World::new();
        let submitted_at = Timestamp::from_second(confirmed).unwrap();
        let mut received = Vec::new();
        for after in read {
            world.now = submitted_at + SignedDuration::from_secs(after);
            let body = CommandBody::Receive(Box::new(Receive { submitted_at, ..world.receive(service) }));
            let command = world.command(Actor::Citizen, None, body);
            let app = decide(None, &command, &world.ctx()).unwrap().iter().fold(None, evolve).unwrap();
            prop_assert_eq!((app.submitted_at, app.arrived_at()), (submitted_at, world.now));
            received.push((app.received_at, app.phase, app.no));
        }
        let due_at = world.catalog.due_at(world.catalog.service(&service.parse().unwrap()).unwrap(), submitted_at);
        prop_assert_eq!(&received[0], &received[1]);
        prop_assert_eq!((received[0].0, received[0].1), (submitted_at, Phase::Application { due_at }));
    }
}

/// Otherwise the properties above would say little.
#[test]
fn random_histories_reach_every_event_and_refusal() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut seen = std::collections::HashSet::new();
    let mut by_delegate = false;
    let strategy = (prop_oneof![Just(DIRECT), Just(PRE)], prop::collection::vec(step(), 60));
    for _ in 0..400 {
        let (service, steps) = strategy.new_tree(&mut runner).unwrap().current();
        let play = Play::run(service, &steps).unwrap();
        seen.extend(play.events.iter().map(|event| event.body.kind()));
        by_delegate |= play.events.iter().any(|event| event.on_behalf_of.is_some());
    }
    assert!(by_delegate);
    assert_eq!(seen.len(), 20, "{seen:?}");
}
