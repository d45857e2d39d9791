//! Every kind of person, every command and every situation, compared with the requirements. A new action
//! does not compile until this file says who may do it.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::world::*;
use crate::domain::actor::Actor;
use crate::domain::application::*;

/// The relation of a person to an application of unit A that is held, if at all, by `sorumlu.a1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// The Yetkili of the unit, by own or lent authority.
    Supervisor,
    /// The Sorumlu of the unit who holds it, if anybody does.
    Holder,
    /// A Sorumlu of the unit who does not hold it.
    Officer,
    /// A Sorumlu of the unit to whom the Yetkili has lent authority.
    Delegate,
    /// Nobody who may act on it.
    Nobody,
}

/// Every person, with the relation and its reason.
const CAST: [(&str, Who, &str); 20] = [
    ("yetkili.a", Who::Supervisor, "Yetkili, own unit"),
    ("yetkili.b", Who::Nobody, "Yetkili, other unit"),
    ("yetkili.c", Who::Nobody, "Yetkili, other valilik"),
    ("yetkili.pasif", Who::Nobody, "Yetkili, own unit, pasif"),
    ("sorumlu.a1", Who::Holder, "Sorumlu, own unit, holder"),
    ("sorumlu.a2", Who::Officer, "Sorumlu, own unit"),
    ("sorumlu.b", Who::Nobody, "Sorumlu, other unit"),
    ("sorumlu.c", Who::Nobody, "Sorumlu, other valilik"),
    ("sorumlu.pasif", Who::Nobody, "Sorumlu, own unit, pasif"),
    ("vekil.a", Who::Delegate, "delegate, own unit"),
    ("vekil.b", Who::Nobody, "delegate, other unit"),
    ("vekil.c", Who::Nobody, "delegate, other valilik"),
    ("vekil.pasif", Who::Nobody, "delegate, own unit, pasif"),
    ("vekil.biten", Who::Officer, "delegate, delegation over"),
    ("vekil.gelen", Who::Officer, "delegate, delegation not begun"),
    ("vekil.oksuz", Who::Officer, "delegate of a Yetkili who is pasif"),
    ("koord.a", Who::Nobody, "İl Koordinasyon, own unit"),
    ("koord.c", Who::Nobody, "İl Koordinasyon, other valilik"),
    ("yonetici", Who::Nobody, "Yönetici"),
    ("kimse", Who::Nobody, "in no directory"),
];

fn cast() -> World {
    use crate::domain::actor::Role::{Coordinator, Officer, Supervisor};
    let mut world = World::new();
    for (who, role, unit) in [
        ("yetkili.pasif", Supervisor, A),
        ("yetkili.biten", Supervisor, A),
        ("yetkili.gelen", Supervisor, A),
        ("yetkili.giden", Supervisor, A),
        ("sorumlu.pasif", Officer, A),
        ("vekil.b", Officer, B),
        ("vekil.c", Officer, C),
        ("vekil.pasif", Officer, A),
        ("vekil.biten", Officer, A),
        ("vekil.gelen", Officer, A),
        ("vekil.oksuz", Officer, A),
        ("koord.c", Coordinator, C),
    ] {
        world.put(user(who, role, Some(unit)));
    }
    world.lend("yetkili.b", "vekil.b", 100);
    world.lend("yetkili.c", "vekil.c", 100);
    world.lend("yetkili.a2", "vekil.pasif", 100);
    world.lend("yetkili.biten", "vekil.biten", 0);
    world.lend("yetkili.gelen", "vekil.gelen", 100);
    let later = world.now + SignedDuration::from_hours(1);
    world.change("yetkili.gelen", |user| user.delegation.as_mut().unwrap().starts_at = later);
    world.lend("yetkili.giden", "vekil.oksuz", 100);
    for who in ["yetkili.pasif", "sorumlu.pasif", "vekil.pasif", "yetkili.giden"] {
        world.change(who, |user| user.active = false);
    }
    world
}

/// Every situation in which the rules differ.
const SITUATIONS: [&str; 8] = [
    "Ön Başvuru, unheld",
    "Ön Başvuru, held, documents brought",
    "Başvuru, unheld",
    "Başvuru, held, no answer",
    "Başvuru, held, answered",
    "awaiting approval of an answer",
    "awaiting approval of a havale",
    "closed",
];

fn situation(world: &mut World, name: &str) -> Application {
    let by = |world: &mut World, app, body| world.after(app, "sorumlu.a1", body);
    match name {
        "Ön Başvuru, unheld" => world.received(PRE),
        "Ön Başvuru, held, documents brought" => {
            let mut app = world.claimed(PRE);
            for code in DOCUMENTS {
                let tick = CommandBody::CheckDocument { document: code.parse().unwrap(), present: true };
                app = by(world, app, tick);
            }
            by(world, app, CommandBody::AttachDocument { document: file("tarama") })
        }
        "Başvuru, unheld" => world.received(DIRECT),
        "Başvuru, held, no answer" => world.claimed(DIRECT),
        "Başvuru, held, answered" => world.answered(),
        "awaiting approval of an answer" => {
            let app = world.answered();
            by(world, app, CommandBody::SubmitForApproval)
        }
        "awaiting approval of a havale" => {
            let app = world.answered();
            by(world, app, CommandBody::ProposeReferral { target: World::unit(B), reason: text("oranın") })
        }
        _ => {
            let app = world.answered();
            let app = by(world, app, CommandBody::SubmitForApproval);
            world.after(app, "yetkili.a2", CommandBody::Approve)
        }
    }
}

/// The command with valid content.
fn body(action: Action, app: &Application) -> CommandBody {
    match action {
        Action::Assign => CommandBody::Assign { officer: name("sorumlu.a2") },
        Action::Claim => CommandBody::Claim,
        Action::TakeBack => CommandBody::TakeBack,
        // Clears an existing tick; ticking it again would change nothing.
        Action::CheckDocument => {
            CommandBody::CheckDocument { document: "tuzuk".parse().unwrap(), present: app.checks.is_empty() }
        }
        Action::AttachDocument => CommandBody::AttachDocument { document: file("ek") },
        Action::CompletePreApplication => CommandBody::CompletePreApplication,
        Action::AttachOfficialDocument => CommandBody::AttachOfficialDocument { document: file("resmi") },
        Action::AddAnswer => CommandBody::AddAnswer { text: text("olur") },
        Action::AddNote => CommandBody::AddNote { text: text("bakınız") },
        Action::SubmitForApproval => CommandBody::SubmitForApproval,
        Action::SubmitForRejection => CommandBody::SubmitForRejection,
        Action::ProposeReferral => {
            CommandBody::ProposeReferral { target: World::unit(B), reason: text("oranın") }
        }
        Action::Approve => CommandBody::Approve,
        Action::SendBack => CommandBody::SendBack { reason: text("eksik") },
    }
}

/// Whether the requirements allow it (the numbers are theirs).
fn may(who: Who, action: Action, app: &Application) -> bool {
    let (pre, status) = (app.phase.is_pre_application(), app.status.name());
    let (unheld, awaiting) = (status == StatusName::Unassigned, status == StatusName::AwaitingApproval);
    // Decision e; nothing is changed while it awaits approval.
    let holder = who == Who::Holder && status == StatusName::Assigned;
    let as_supervisor = matches!(who, Who::Supervisor | Who::Delegate);
    if app.status.is_closed() {
        return false; // Decision l.
    }
    match action {
        Action::Assign => as_supervisor && unheld, // 16, c
        Action::Claim => !matches!(who, Who::Supervisor | Who::Nobody) && unheld, // 23, c
        Action::TakeBack => as_supervisor && !unheld, // 19, c
        Action::AddNote => as_supervisor,          // 20
        Action::Approve | Action::SendBack => as_supervisor && awaiting, // 18, 21
        Action::CheckDocument | Action::CompletePreApplication => holder && pre, // 25
        Action::AttachDocument => holder,          // 25
        Action::AttachOfficialDocument | Action::AddAnswer => holder && !pre, // 26, 27
        Action::SubmitForApproval | Action::SubmitForRejection => {
            holder && !pre && app.answer().is_some() // 28, j
        }
        Action::ProposeReferral => holder, // 29, g
    }
}

#[test]
fn permissions_match_the_requirements_for_every_person_command_and_situation() {
    let mut world = cast();
    let mut wrong = Vec::new();
    let mut allowed = BTreeSet::new();
    for situation_name in SITUATIONS {
        let app = situation(&mut world, situation_name);
        for (who, stands, what_they_are) in CAST {
            for action in Action::ALL {
                let expected = may(stands, action, &app);
                let decided = world.ask(&app, who, body(action, &app));
                if decided.is_ok() != expected {
                    let said = decided.map(|events| events.len());
                    wrong.push(format!(
                        "{what_they_are} ({who}), \"{}\" ({action:?}), {situation_name}: expected {}, got {said:?}",
                        action.label_tr(),
                        if expected { "allowed" } else { "refused" },
                    ));
                } else if expected {
                    allowed.insert(format!("{action:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} cells differ from the requirements:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(allowed.len(), Action::ALL.len(), "every action is possible for somebody: {allowed:?}");
}

/// Staff commands are given by staff only, and staff give no others.
#[test]
fn only_the_citizen_and_the_system_give_their_commands() {
    let mut world = cast();
    for situation_name in SITUATIONS {
        let app = situation(&mut world, situation_name);
        for actor in [Actor::Citizen, Actor::System, Actor::Operator] {
            for action in Action::ALL {
                let command = world.command(actor.clone(), Some(app.version), body(action, &app));
                let decided = decide(Some(&app), &command, &world.ctx());
                assert!(decided.is_err(), "{actor:?} {action:?} {situation_name}: {decided:?}");
            }
        }
        let theirs =
            [CommandBody::CitizenWithdraw { reason: None }, CommandBody::Lapse, CommandBody::RecordBreach];
        for (who, _, what_they_are) in CAST {
            for body in &theirs {
                let decided = world.ask(&app, who, body.clone());
                assert!(decided.is_err(), "{what_they_are} {body:?} {situation_name}: {decided:?}");
            }
        }
    }
}
