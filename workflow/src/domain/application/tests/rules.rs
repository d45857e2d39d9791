//! Examples of the rules that are easiest to get wrong.

use jiff::SignedDuration;

use super::world::*;
use crate::budget;
use crate::domain::actor::{Actor, Role};
use crate::domain::application::*;
use crate::domain::catalog::Catalog;
use crate::domain::ids::CommandId;

fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

#[test]
fn nobody_approves_their_own_proposal_by_any_authority() {
    let mut world = World::new();
    let app = world.received(DIRECT);
    let app = world.after(app, "vekil.a", CommandBody::Claim);
    let app = world.after(app, "vekil.a", CommandBody::AddAnswer { text: text("olur") });
    let app = world.after(app, "vekil.a", CommandBody::SubmitForApproval);
    assert_eq!(world.ask(&app, "vekil.a", CommandBody::Approve), Err(Refusal::OwnProposal));
    world.change("vekil.a", |user| user.profile.role = Role::Supervisor);
    assert_eq!(world.ask(&app, "vekil.a", CommandBody::Approve), Err(Refusal::OwnProposal));
    // Nor does another person by authority that the proposer lent.
    world.lend("vekil.a", "sorumlu.a2", 5);
    assert_eq!(world.ask(&app, "sorumlu.a2", CommandBody::Approve), Err(Refusal::OwnProposal));
    world.lend("yetkili.a2", "sorumlu.a2", 5);
    let events = world.ask(&app, "sorumlu.a2", CommandBody::Approve).unwrap();
    assert_eq!(events[0].on_behalf_of, Some(name("yetkili.a2")));
}

#[test]
fn lent_authority_ends_with_its_time_its_lender_and_its_unit() {
    let mut world = World::new();
    let app = world.claimed(DIRECT);
    assert!(world.ask(&app, "vekil.a", CommandBody::TakeBack).is_ok());
    world.change("yetkili.a", |user| user.active = false);
    assert_eq!(world.ask(&app, "vekil.a", CommandBody::TakeBack), Err(Refusal::NotAllowed));
    world.change("yetkili.a", |user| user.active = true);
    world.change("yetkili.a", |user| user.profile.unit = Some(World::unit(B)));
    assert_eq!(world.ask(&app, "vekil.a", CommandBody::TakeBack), Err(Refusal::NotAllowed));
    world.change("yetkili.a", |user| user.profile.unit = Some(World::unit(A)));
    world.now += days(400);
    assert_eq!(world.ask(&app, "vekil.a", CommandBody::TakeBack), Err(Refusal::NotAllowed));
}

#[test]
fn the_second_of_two_concurrent_commands_gets_a_version_conflict() {
    let mut world = World::new();
    let seen = world.received(DIRECT);
    let app = world.after(seen.clone(), "sorumlu.a1", CommandBody::Claim);
    let late = world.command(Actor::Staff(name("sorumlu.a2")), Some(seen.version), CommandBody::Claim);
    assert_eq!(decide(Some(&app), &late, &world.ctx()), Err(Refusal::VersionConflict));
    // Somebody of another unit does not learn that.
    let stranger = world.command(Actor::Staff(name("sorumlu.b")), Some(seen.version), CommandBody::Claim);
    assert_eq!(decide(Some(&app), &stranger, &world.ctx()), Err(Refusal::OtherUnit));
}

#[test]
fn an_on_basvuru_is_completed_only_with_ticked_documents_and_files() {
    let mut world = World::new();
    let mut app = world.claimed(PRE);
    assert_eq!(
        world.ask(&app, "sorumlu.a1", CommandBody::CompletePreApplication),
        Err(Refusal::DocumentsMissing)
    );
    assert_eq!(
        world.ask(&app, "sorumlu.a1", CommandBody::AddAnswer { text: text("olur") }),
        Err(Refusal::PreApplicationOpen)
    );
    for code in DOCUMENTS {
        let tick = CommandBody::CheckDocument { document: code.parse().unwrap(), present: true };
        app = world.after(app, "sorumlu.a1", tick);
    }
    assert_eq!(
        world.ask(&app, "sorumlu.a1", CommandBody::CompletePreApplication),
        Err(Refusal::FilesMissing)
    );
    let app = world.after(app, "sorumlu.a1", CommandBody::AttachDocument { document: file("tarama") });
    let app = world.after(app, "sorumlu.a1", CommandBody::CompletePreApplication);
    assert_eq!(app.phase.due_at(), Some("2026-04-02T00:00:00+03:00".parse().unwrap()));
}

#[test]
fn a_lapsed_on_basvuru_takes_only_the_systems_command() {
    let mut world = World::new();
    let app = world.claimed(PRE);
    let lapses_at = app.phase.timer_at();
    world.now = lapses_at;
    assert_eq!(
        world.ask(&app, "sorumlu.a1", CommandBody::AttachDocument { document: file("geç") }),
        Err(Refusal::PreApplicationLapsed)
    );
    world.now += days(3);
    let clock = clock_command(&app, world.now).unwrap();
    let events = decide(Some(&app), &clock, &world.ctx()).unwrap();
    assert_eq!((&events[0].body, events[0].at), (&EventBody::Lapsed, lapses_at));
}

#[test]
fn a_late_answer_is_accepted_after_the_breach_is_recorded() {
    let mut world = World::new();
    let app = world.answered();
    let due_at = app.phase.timer_at();
    world.now = due_at + days(2);
    let events = world.ask(&app, "sorumlu.a1", CommandBody::SubmitForApproval).unwrap();
    assert_eq!(events.iter().map(|e| (e.seq, e.at)).collect::<Vec<_>>(), [(4, due_at), (5, world.now)]);
    let app = events.iter().fold(Some(app), evolve).unwrap();
    assert_eq!((app.breached_at, clock_command(&app, world.now)), (Some(due_at), None));
    // The system's own command comes too late and changes nothing.
    let clock =
        Command { id: breach_id(app.id), ..world.command(Actor::System, None, CommandBody::RecordBreach) };
    assert_eq!(decide(Some(&app), &clock, &world.ctx()), Ok(Vec::new()));
}

#[test]
fn reasons_for_sending_back_stay_with_their_unit() {
    let mut world = World::new();
    let mut app = world.answered();
    for reason in ["tarih eksik", "imza eksik"] {
        app = world.after(app, "sorumlu.a1", CommandBody::SubmitForApproval);
        app = world.after(app, "yetkili.a", CommandBody::SendBack { reason: text(reason) });
    }
    assert_eq!(app.earlier_send_backs.len(), 1, "the last one is not an earlier one yet");
    app = world.after(app, "sorumlu.a1", CommandBody::SubmitForApproval);
    assert_eq!(app.sent_back, None);
    let texts: Vec<_> = app.earlier_send_backs_of(&World::unit(A)).map(|back| &back.text).collect();
    assert_eq!(texts, [&text("tarih eksik"), &text("imza eksik")]);

    app = world.after(app, "yetkili.a", CommandBody::SendBack { reason: text("başka birimin") });
    let havale = CommandBody::ProposeReferral { target: World::unit(C), reason: text("oranın") };
    app = world.after(app, "sorumlu.a1", havale);
    app = world.after(app, "yetkili.a", CommandBody::Approve);
    assert_eq!(app.earlier_send_backs_of(&World::unit(A)).count(), 3);
    assert_eq!(app.earlier_send_backs_of(&World::unit(C)).count(), 0, "as with notes");
}

#[test]
fn only_the_newest_reasons_for_sending_back_are_kept() {
    let mut world = World::new();
    let mut app = world.answered();
    for n in 0..=budget::SEND_BACKS {
        app = world.after(app, "sorumlu.a1", CommandBody::SubmitForApproval);
        app = world.after(app, "yetkili.a", CommandBody::SendBack { reason: text(&n.to_string()) });
    }
    app = world.after(app, "sorumlu.a1", CommandBody::SubmitForApproval);
    assert_eq!(app.earlier_send_backs.len(), budget::SEND_BACKS);
    assert_eq!(app.earlier_send_backs[0].text, text("1"));
}

#[test]
fn a_havale_keeps_the_old_answer_and_never_sends_it() {
    let mut world = World::new();
    let app = world.answered();
    let app = world.after(app, "yetkili.a", CommandBody::AddNote { text: text("bakınız") });
    let havale = CommandBody::ProposeReferral { target: World::unit(C), reason: text("oranın") };
    let app = world.after(app, "sorumlu.a1", havale);
    let due_at = app.phase.due_at();
    let app = world.after(app, "yetkili.a", CommandBody::Approve);
    assert_eq!(
        (&app.unit, app.status.name(), app.phase.due_at()),
        (&World::unit(C), StatusName::Unassigned, due_at)
    );
    assert_eq!((app.answer(), app.superseded[0].answers.len()), (None, 1));
    assert_eq!(app.notes_of(&World::unit(C)).count(), 0);
    let app = world.after(app, "sorumlu.c", CommandBody::Claim);
    assert_eq!(world.ask(&app, "sorumlu.c", CommandBody::SubmitForApproval), Err(Refusal::AnswerMissing));
    assert_eq!(world.ask(&app, "yetkili.a", CommandBody::TakeBack), Err(Refusal::OtherUnit));
}

#[test]
fn only_applications_of_an_unfit_holder_are_taken_back() {
    let mut world = World::new();
    let app = world.claimed(DIRECT);
    assert_eq!(return_command(&app, &world.directory, world.now), None);
    let forced = world.command(Actor::System, None, CommandBody::TakeBack);
    assert_eq!(decide(Some(&app), &forced, &world.ctx()), Err(Refusal::NotAllowed));
    world.change("sorumlu.a1", |user| user.active = false);
    let back = return_command(&app, &world.directory, world.now).unwrap();
    assert_eq!(Some(&back), return_command(&app, &world.directory, world.now).as_ref(), "the same id again");
    let events = decide(Some(&app), &back, &world.ctx()).unwrap();
    assert_eq!(events[0].facts.status, StatusName::Unassigned);
}

#[test]
fn the_same_submission_is_one_application_open_or_closed() {
    let mut world = World::new();
    let app = world.received(DIRECT);
    let withdraw = world.command(Actor::Citizen, None, CommandBody::CitizenWithdraw { reason: None });
    let events = decide(Some(&app), &withdraw, &world.ctx()).unwrap();
    let closed = events.iter().fold(Some(app.clone()), evolve).unwrap();
    let marker = ClosedMarker::of(&closed).unwrap();
    assert_eq!(ClosedMarker::of(&app), None);
    let mut receive = |hash: &str| {
        let receive = Receive { content_hash: hash.into(), ..world.receive(DIRECT) };
        world.command(Actor::Citizen, None, CommandBody::Receive(Box::new(receive)))
    };
    let (same, other) = (receive("one"), receive("two"));
    // The id of the first command does not hide other content.
    let disguised = Command { id: CommandId(uuid::Uuid::from_u128(1)), ..other.clone() };
    for (command, said) in [
        (&same, Refusal::AlreadyReceived),
        (&other, Refusal::DuplicateConflict),
        (&disguised, Refusal::DuplicateConflict),
    ] {
        assert_eq!(decide(Some(&app), command, &world.ctx()), Err(said));
        assert_eq!(marker.decide(command), Err(said));
    }
    assert_eq!(marker.decide(&withdraw), Ok(Vec::new()));
    let more = world.command(Actor::Staff(name("sorumlu.a1")), Some(2), CommandBody::Claim);
    assert_eq!(marker.decide(&more), Err(Refusal::Closed));
    assert_eq!(decide(Some(&closed), &more, &world.ctx()), Err(Refusal::Closed));
}

#[test]
fn visibility_depends_on_role_unit_and_holder() {
    use Visibility::*;
    let mut world = World::new();
    let app = world.claimed(DIRECT);
    let see = |world: &World, who: &str| {
        let user = world.directory.get(&name(who)).unwrap();
        visible_to(&app, user, &world.directory, &world.catalog, world.now)
    };
    for (who, what) in [
        ("yonetici", Hidden),
        ("yetkili.a", ContentAndNotes),
        ("sorumlu.a1", ContentAndNotes),
        ("sorumlu.a2", Content),
        ("vekil.a", ContentAndNotes),
        ("koord.a", Content),
        ("yetkili.b", Hidden),
        ("sorumlu.c", Hidden),
    ] {
        assert_eq!(see(&world, who), what, "{who}");
    }
    world.change("koord.a", |user| user.profile.unit = Some(World::unit(B)));
    assert_eq!(see(&world, "koord.a"), Hidden);
    let mut raw = crate::testing::catalog::raw();
    raw.settings.coordinators_see_valilik = true;
    world.catalog = Catalog::build(raw).unwrap();
    assert_eq!(see(&world, "koord.a"), Content);
    world.change("koord.a", |user| user.profile.unit = Some(World::unit(C)));
    assert_eq!(see(&world, "koord.a"), Hidden);
}

/// The documents of an Ön Başvuru could not be taken before it arrived, so its period counts from then.
#[test]
fn an_on_basvuru_that_arrives_late_has_its_whole_period() {
    let mut world = World::new();
    let submitted_at = world.now - days(100);
    let body = CommandBody::Receive(Box::new(Receive { submitted_at, ..world.receive(PRE) }));
    let command = world.command(Actor::Citizen, None, body);
    let app = decide(None, &command, &world.ctx()).unwrap().iter().fold(None, evolve).unwrap();
    assert_eq!(app.received_at, submitted_at);
    let lapses_at = "2026-04-02T00:00:00+03:00".parse().unwrap();
    assert_eq!(app.phase, Phase::PreApplication { lapses_at });
    assert_eq!(clock_command(&app, world.now), None, "nothing is due yet");
}

#[test]
fn the_number_has_the_year_of_the_confirmation_in_istanbul() {
    let mut world = World::new();
    for (submitted_at, year) in [
        ("2025-12-31T23:59:59+03:00", "2025"),
        ("2025-12-31T21:00:00Z", "2026"),
        ("2025-12-31T10:00:00-11:30", "2026"),
        ("2026-01-01T13:00:00+23:59", "2025"),
        ("2000-01-01T12:00:00Z", "2000"),
    ] {
        let submitted_at = submitted_at.parse().unwrap();
        let body = CommandBody::Receive(Box::new(Receive { submitted_at, ..world.receive(DIRECT) }));
        let command = world.command(Actor::Citizen, None, body);
        let events = decide(None, &command, &world.ctx()).unwrap();
        assert_eq!(&events[0].facts.no.as_str()[..4], year, "{submitted_at}");
    }
}
