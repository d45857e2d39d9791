//! The contracts as JSON: every command, every event, the snapshot and the closed marker. A change here
//! changes what is stored in the log: members may be added, but never renamed.

use jiff::SignedDuration;

use super::world::*;
use crate::domain::actor::Actor;
use crate::domain::application::*;

fn staff(who: &str) -> Actor {
    Actor::Staff(name(who))
}

/// Records the commands and events of an application.
struct Tape {
    world: World,
    app: Option<Application>,
    commands: Vec<Command>,
    events: Vec<Event>,
}

impl Tape {
    fn new() -> Self {
        Self { world: World::new(), app: None, commands: Vec::new(), events: Vec::new() }
    }

    fn give(&mut self, actor: Actor, body: CommandBody) {
        self.world.now += SignedDuration::from_mins(10);
        let version = self.app.as_ref().map(|app| app.version).filter(|_| matches!(actor, Actor::Staff(_)));
        let command = self.world.command(actor, version, body);
        let events = decide(self.app.as_ref(), &command, &self.world.ctx()).unwrap();
        assert!(!events.is_empty(), "{command:?}");
        self.app = events.iter().fold(self.app.take(), evolve);
        self.commands.push(command);
        self.events.extend(events);
    }

    fn by(&mut self, who: &str, body: CommandBody) {
        self.give(staff(who), body);
    }

    /// From an Ön Başvuru through a havale and a breach to a positive answer.
    fn long_life() -> Self {
        use CommandBody::*;
        let mut tape = Self::new();
        let receive = Receive(Box::new(tape.world.receive(PRE)));
        tape.give(Actor::Citizen, receive);
        tape.by("yetkili.a", Assign { officer: name("sorumlu.a1") });
        tape.by("vekil.a", TakeBack);
        tape.by("sorumlu.a2", Claim);
        for code in DOCUMENTS {
            tape.by("sorumlu.a2", CheckDocument { document: code.parse().unwrap(), present: true });
        }
        tape.by("sorumlu.a2", AttachDocument { document: file("tarama") });
        tape.by("sorumlu.a2", CompletePreApplication);
        tape.by("sorumlu.a2", AddAnswer { text: text("bizim değil") });
        tape.by("sorumlu.a2", ProposeReferral { target: B.parse().unwrap(), reason: text("nüfusun") });
        tape.by("yetkili.a", SendBack { reason: text("emin misiniz") });
        tape.by("yetkili.a", AddNote { text: text("bakınız") });
        tape.by("sorumlu.a2", ProposeReferral { target: B.parse().unwrap(), reason: text("eminim") });
        tape.by("vekil.a", Approve);
        tape.by("sorumlu.b", Claim);
        tape.world.now += SignedDuration::from_hours(24 * 40);
        tape.by("sorumlu.b", AttachOfficialDocument { document: file("yazi") });
        tape.by("sorumlu.b", SubmitForApproval);
        tape
    }
}

#[test]
fn json_of_commands_events_snapshot_and_closed_marker() {
    use CommandBody::*;
    let mut tape = Tape::long_life();
    insta::assert_json_snapshot!("application_awaiting", tape.app);
    tape.by("yetkili.b", Approve);
    insta::assert_json_snapshot!("closed_marker", ClosedMarker::of(tape.app.as_ref().unwrap()));

    let mut refused = Tape::new();
    let receive = Receive(Box::new(refused.world.receive(DIRECT)));
    refused.give(Actor::Citizen, receive);
    refused.by("sorumlu.a1", Claim);
    refused.by("sorumlu.a1", AddAnswer { text: text("olmaz, çünkü") });
    refused.by("sorumlu.a1", SubmitForRejection);
    refused.by("yetkili.a", Approve);

    let mut given_up = Tape::new();
    let receive = Receive(Box::new(given_up.world.receive(DIRECT)));
    given_up.give(Actor::Citizen, receive);
    given_up.world.now += SignedDuration::from_hours(24 * 40);
    let clock = clock_command(given_up.app.as_ref().unwrap(), given_up.world.now).unwrap();
    given_up.give(Actor::System, clock.body);
    given_up.give(Actor::Citizen, CitizenWithdraw { reason: Some(text("vazgeçtim")) });

    let mut lapsed = Tape::new();
    let receive = Receive(Box::new(lapsed.world.receive(PRE)));
    lapsed.give(Actor::Citizen, receive);
    lapsed.world.now += SignedDuration::from_hours(24 * 40);
    lapsed.give(Actor::System, Lapse);

    let tapes = [tape, refused, given_up, lapsed];
    // One of each kind is enough.
    let mut kinds = std::collections::HashSet::new();
    let events: Vec<_> =
        tapes.iter().flat_map(|tape| &tape.events).filter(|event| kinds.insert(event.body.kind())).collect();
    assert_eq!(events.len(), 20);
    insta::assert_json_snapshot!("events", events);
    let mut kinds = std::collections::HashSet::new();
    let commands: Vec<_> = tapes
        .iter()
        .flat_map(|tape| &tape.commands)
        .filter(|command| kinds.insert(std::mem::discriminant(&command.body)))
        .collect();
    assert_eq!(commands.len(), 18);
    insta::assert_json_snapshot!("commands", commands);
}
