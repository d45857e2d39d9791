//! What pages offer is what the workflow accepts: every role, in every state.

use std::collections::BTreeSet;

use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::{
    Action, Application, Command, CommandBody, Context, NextNumber, Outcome, Phase, Proposal, Status, decide,
};
use ebasvuru_workflow::domain::ids::CommandId;
use ebasvuru_workflow::testing::{document, text};
use uuid::Uuid;

use super::World;
use super::world::at;
use crate::controllers::application::actions::table;

/// Every state that differs in what may be done, with its name.
fn states(world: &World) -> Vec<(String, Application)> {
    let now = at("2026-11-22T10:00:00+03:00");
    let held = |by: &str| Status::Assigned { officer: by.parse().unwrap() };
    let awaiting = |proposal| Status::AwaitingApproval {
        officer: "sorumlu".parse().unwrap(),
        proposal,
        proposed_by: "sorumlu".parse().unwrap(),
    };
    let closed = |outcome| Status::Closed { outcome, officer: Some("sorumlu".parse().unwrap()), at: now };
    let referral = Proposal::Referral { target: "06-nufus".parse().unwrap(), reason: text("sebep") };
    let statuses = [
        ("unassigned", Status::Unassigned),
        ("mine", held("sorumlu")),
        ("another's", held("sorumlu2")),
        ("answer", awaiting(Proposal::Answer)),
        ("rejection", awaiting(Proposal::Rejection)),
        ("referral", awaiting(referral)),
        ("positive", closed(Outcome::Positive)),
        ("negative", closed(Outcome::Negative)),
        ("lapsed", closed(Outcome::Lapsed)),
        ("withdrawn", closed(Outcome::Withdrawn)),
    ];
    let due = Phase::Application { due_at: at("2026-12-21T00:00:00+03:00") };
    let pre = |until| Phase::PreApplication { lapses_at: at(until) };
    let phases = [
        ("application", due),
        ("pre-application", pre("2026-12-21T00:00:00+03:00")),
        ("lapsing", pre("2026-11-23T00:00:00+03:00")),
    ];
    let mut all = Vec::new();
    for (phase, stage) in phases {
        for (name, status) in &statuses {
            let mut a = world.application(all.len() as u64 + 1, "");
            let seal = |field, words| {
                world.app.sealer.seal_text_like(&a.content, &a.id.to_string(), field, words).unwrap()
            };
            let reason = seal(ebasvuru_workflow::seal::Field::ReferralReason, "sebep");
            (a.phase, a.status) = (stage, status.clone());
            if let Status::AwaitingApproval { proposal: Proposal::Referral { reason: sealed, .. }, .. } =
                &mut a.status
            {
                *sealed = reason;
            }
            a.version = 2;
            world.store.applications.lock().unwrap().insert(a.id, a.clone());
            all.push((format!("{phase}, {name}"), a));
        }
    }
    all
}

/// A command of this action that is right in itself.
fn body(action: Action) -> CommandBody {
    match action {
        Action::Assign => CommandBody::Assign { officer: "sorumlu".parse().unwrap() },
        Action::Claim => CommandBody::Claim,
        Action::TakeBack => CommandBody::TakeBack,
        Action::CheckDocument => {
            CommandBody::CheckDocument { document: "tuzuk".parse().unwrap(), present: true }
        }
        Action::AttachDocument => CommandBody::AttachDocument { document: document("a.pdf") },
        Action::CompletePreApplication => CommandBody::CompletePreApplication,
        Action::AttachOfficialDocument => CommandBody::AttachOfficialDocument { document: document("a.pdf") },
        Action::AddAnswer => CommandBody::AddAnswer { text: text("olur") },
        Action::AddNote => CommandBody::AddNote { text: text("bakınız") },
        Action::SubmitForApproval => CommandBody::SubmitForApproval,
        Action::SubmitForRejection => CommandBody::SubmitForRejection,
        Action::ProposeReferral => {
            CommandBody::ProposeReferral { target: "06-nufus".parse().unwrap(), reason: text("sebep") }
        }
        Action::Approve => CommandBody::Approve,
        Action::SendBack => CommandBody::SendBack { reason: text("eksik") },
    }
}

/// The slugs of the actions that the workflow accepts from this person now.
fn accepted(world: &World, who: &str, a: &Application) -> BTreeSet<&'static str> {
    let user = world.app.users.get(&who.parse().unwrap()).unwrap();
    let accepts = |action| {
        let command = Command {
            id: CommandId(Uuid::now_v7()),
            actor: Actor::Staff(user.name.clone()),
            expected_version: Some(a.version),
            at: world.app.clock.now(),
            body: body(action),
        };
        world.app.users.read(|directory| {
            let (now, catalog) = (world.app.clock.now(), world.app.catalog.as_ref());
            let next = NextNumber { partition: 0, running: 1 };
            decide(Some(a), &command, &Context { now, catalog, directory, next }).is_ok()
        })
    };
    // "Cevap Ekle" is one button with two meanings.
    let meant = |action: &Action| table::meant(*action, &user, a);
    Action::ALL
        .iter()
        .filter(|a| **a != Action::AddNote)
        .filter(|a| accepts(meant(a)))
        .map(|a| a.slug())
        .collect()
}

#[tokio::test]
async fn pages_offer_what_the_workflow_accepts_and_nothing_else() {
    let world = World::new();
    let all = states(&world);
    world.lend("yetkili", "sorumlu2", 4);
    let mut wrong = Vec::new();
    for who in ["yetkili", "sorumlu", "sorumlu2", "koordinasyon"] {
        let mut browser = world.login(who).await;
        let list = browser.get("/basvurular?sirala=eski").await;
        let list_end = list.attribute("a[rel=next]", "href").unwrap();
        let list_end = browser.get(&list_end).await;
        for (state, a) in &all {
            let path = format!("/basvurular/{}", a.no);
            let page = browser.get(&path).await;
            let accepted = accepted(&world, who, a);
            let slug = |to: String| to.rsplit(['/', '#']).next().unwrap().to_owned();
            let forms = format!("form[action^=\"{path}/\"]");
            let offered: BTreeSet<String> = page.attributes(&forms, "action").into_iter().map(slug).collect();
            let bar: BTreeSet<String> = page
                .attributes(".bar form", "action")
                .into_iter()
                .chain(page.attributes(".bar a", "href"))
                .map(slug)
                .collect();
            let expected: BTreeSet<String> = accepted.iter().map(|slug| (*slug).to_owned()).collect();
            if offered != expected || bar != expected {
                wrong
                    .push(format!("{who}, {state}: offered {offered:?}, bar {bar:?}, accepted {expected:?}"));
            }
            let empty = page.count(".bar") > 0 && bar.is_empty();
            let headings = page.texts("section h2");
            let hollow: Vec<_> = page.texts("section").into_iter().filter(|s| headings.contains(s)).collect();
            if empty || !hollow.is_empty() {
                wrong.push(format!("{who}, {state}: empty bar {empty}, empty sections {hollow:?}"));
            }
            if a.status.is_closed() && (page.has(".closed") || page.has("#islemler")) {
                wrong.push(format!("{who}, {state}: says what cannot be done on a closed application"));
            }
            for listed in [&list, &list_end].into_iter().filter(|page| page.shows(a.no.as_str())) {
                let claim = listed.has(&format!("tbody form[action=\"{path}/teslim-al\"]"));
                let assign = listed.attributes("tbody a.button", "href");
                let assign = assign.iter().any(|to| to.contains(a.no.as_str()) && to.ends_with("#teslim-et"));
                if (claim, assign) != (accepted.contains("teslim-al"), accepted.contains("teslim-et")) {
                    wrong.push(format!("{who}, {state}: the list offers {claim}, {assign}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
