//! Each occurrence is sent at most once, whatever happens to those who send.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::time;
use proptest::prelude::*;

use super::*;

/// Another process claims it later, but not while the first may still be sending.
#[test]
fn an_occurrence_is_claimed_once() {
    let mut desk = Desk::defined();
    desk.world.now = at("2026-03-09T08:29:59+03:00");
    let occurrence = at("2026-03-09T08:30:00+03:00");
    assert_eq!(desk.claim(1, occurrence), Err(ScheduleRefusal::NotDue), "a clock that is ahead");
    desk.world.now = occurrence;
    assert_eq!(desk.claim(1, occurrence), Ok(true));
    assert_eq!(desk.claim(2, occurrence), Err(ScheduleRefusal::NotDue));
    assert_eq!(desk.claim(1, occurrence), Ok(false), "the same command again");
    assert_eq!(desk.schedule().sending.as_ref().unwrap().sender, SenderId(Uuid::from_u128(1)));
    // The sender dies. Nobody sends it again.
    desk.world.now += SENDING_LASTS;
    assert!(!desk.schedule().is_sending(desk.world.now));
    assert_eq!(desk.claim(3, occurrence), Err(ScheduleRefusal::NotDue));
    // A person may.
    let sender = SenderId(Uuid::from_u128(3));
    let now = ScheduleCommandBody::StartSending { sender, occurrence: None };
    assert_eq!(desk.staff(ADMINISTRATOR, now.clone()), Ok(true));
    assert_eq!(desk.staff(ADMINISTRATOR, now.clone()), Err(ScheduleRefusal::SendingInProgress));
    assert_eq!(desk.end(2), Ok(true));
    assert_eq!(desk.staff(ADMINISTRATOR, now), Ok(true));
    // "Şimdi Gönder" takes no occurrence away.
    assert_eq!(desk.schedule().next_at(desk.world.now), Some(at("2026-03-16T08:30:00+03:00")));
}

#[test]
fn the_last_of_several_missed_occurrences_is_sent() {
    let mut desk = Desk::defined();
    desk.world.now = at("2026-03-30T09:00:00+03:00");
    let due = desk.schedule().due(desk.world.now).unwrap();
    assert_eq!((due.at, due.missed), (at("2026-03-30T08:30:00+03:00"), 3), "9, 16 and 23 March");
    assert_eq!(desk.claim(1, at("2026-03-23T08:30:00+03:00")), Err(ScheduleRefusal::NotDue));
    assert_eq!(desk.claim(1, due.at), Ok(true));
    assert_eq!(desk.schedule().sending.as_ref().unwrap().missed, 3);
    assert_eq!(desk.schedule().due(desk.world.now), None);
}

#[test]
fn an_outcome_is_of_the_sending_that_it_names() {
    let mut desk = Desk::defined();
    desk.world.now = at("2026-03-09T08:30:00+03:00");
    desk.claim(1, desk.world.now).unwrap();
    let first = desk.schedule().sending.as_ref().unwrap().id;
    desk.world.now += SENDING_LASTS;
    let sender = SenderId(Uuid::from_u128(3));
    desk.staff(ADMINISTRATOR, ScheduleCommandBody::StartSending { sender, occurrence: None }).unwrap();
    let outcome = SendingOutcome { at: desk.world.now, delivered: 2, undelivered: Vec::new() };
    let late = ScheduleCommandBody::EndSending { sending: first, outcome };
    assert_eq!(desk.system(CommandId(Uuid::nil()), late), Err(ScheduleRefusal::NotSending));
    assert_eq!(desk.schedule().sending.as_ref().unwrap().outcome, None);
}

#[derive(Clone, Debug)]
enum Step {
    /// A process looks at the schedule and claims what is due.
    Look(usize),
    /// Its command is delivered a second time.
    Again(usize),
    /// It sends what is its own and not sent yet.
    Send(usize),
    /// It says what became of it.
    Report(usize),
    /// It dies and starts again.
    Restart(usize),
    /// Time passes, in minutes.
    Wait(i64),
    Pause,
    Resume,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..2_usize).prop_map(Step::Look),
        2 => (0..2_usize).prop_map(Step::Again),
        5 => (0..2_usize).prop_map(Step::Send),
        4 => (0..2_usize).prop_map(Step::Report),
        2 => (0..2_usize).prop_map(Step::Restart),
        4 => (0..40_i64).prop_map(Step::Wait),
        1 => (600..3000_i64).prop_map(Step::Wait),
        1 => Just(Step::Pause),
        1 => Just(Step::Resume),
    ]
}

/// A process that sends: what it remembers is lost when it dies.
#[derive(Default)]
struct Process {
    sender: u128,
    claimed: Option<Timestamp>,
    begun: Vec<CommandId>,
}

proptest! {
    #[test]
    fn two_processes_that_die_send_each_occurrence_at_most_once(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut desk = Desk::defined();
        let daily = Timing { cadence: Cadence::Day, time: time(9, 30, 0, 0) };
        let terms = ScheduleTerms { timing: daily, ..terms() };
        desk.staff(ADMINISTRATOR, ScheduleCommandBody::ChangeSchedule { terms }).unwrap();
        let mut processes = [1, 2].map(|sender| Process { sender, ..Process::default() });
        let mut starts = 2;
        let mut mails: BTreeMap<Timestamp, u32> = BTreeMap::new();
        for step in steps {
            let now = desk.world.now;
            match step {
                Step::Wait(minutes) => desk.world.now += SignedDuration::from_mins(minutes),
                Step::Pause | Step::Resume => {
                    let active = matches!(step, Step::Resume);
                    let _ = desk.staff(ADMINISTRATOR, ScheduleCommandBody::SetScheduleActive { active });
                }
                Step::Look(n) => {
                    if let Some(due) = desk.schedule().due(now) {
                        processes[n].claimed = Some(due.at);
                        let _ = desk.claim(processes[n].sender, due.at);
                    }
                }
                Step::Again(n) => {
                    if let Some(claimed) = processes[n].claimed {
                        let _ = desk.claim(processes[n].sender, claimed);
                    }
                }
                Step::Send(n) => {
                    let process = &mut processes[n];
                    let own = desk.schedule().sending.clone().filter(|sending| {
                        sending.sender == SenderId(Uuid::from_u128(process.sender))
                            && !sending.is_over(now)
                            && !process.begun.contains(&sending.id)
                    });
                    if let Some(sending) = own {
                        process.begun.push(sending.id);
                        *mails.entry(sending.due_at).or_default() += 1;
                    }
                }
                Step::Report(n) => {
                    let begun = &processes[n].begun;
                    let current = desk.schedule().sending.as_ref().map(|sending| sending.id);
                    if current.is_some_and(|id| begun.contains(&id)) {
                        let _ = desk.end(2);
                    }
                }
                Step::Restart(n) => {
                    starts += 1;
                    processes[n] = Process { sender: starts, ..Process::default() };
                }
            }
        }
        for (occurrence, count) in &mails {
            prop_assert_eq!(*count, 1, "{}", occurrence);
        }
        let claims = desk.events.iter().filter_map(|event| match event.body {
            ScheduleEventBody::SendingStarted { occurrence, .. } => occurrence,
            _ => None,
        });
        let claims: Vec<_> = claims.collect();
        let mut once = claims.clone();
        once.dedup();
        prop_assert_eq!(&claims, &once);
        prop_assert!(claims.is_sorted());
        // What is played back is the same state.
        let replayed = desk.events.iter().fold(None, evolve);
        prop_assert_eq!(replayed, desk.schedule);
    }
}
