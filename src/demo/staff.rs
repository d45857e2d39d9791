//! The staff of the demo: who works in which unit, and who is away when.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use ebasvuru_ingest::generate::{full_name, place};
use ebasvuru_workflow::domain::actor::{Actor, Role};
use ebasvuru_workflow::domain::catalog::{Catalog, Unit, UnitId};
use ebasvuru_workflow::domain::ids::{CommandId, UserName};
use ebasvuru_workflow::domain::turkish::fold;
use ebasvuru_workflow::domain::user::{Delegation, UserCommand, UserCommandBody, UserProfile};
use ebasvuru_workflow::message::{Decision, Message};
use ebasvuru_workflow::random::Random;
use ebasvuru_workflow::seal::Field;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::Login;
use crate::bootstrap::Resources;
use crate::operator::{connect, no_reply};

/// The password of all demo users. It is public; every first start warns of that.
const PASSWORD: &str = "demo-basvuru-2026";

/// The governorates whose units all have staff.
const WHOLE: [u8; 3] = [6, 34, 35];
/// The kinds of units that have staff in every governorate.
const EVERYWHERE: [&str; 3] = ["sivil-toplum", "nufus", "yazi-isleri"];
/// The unit whose logins are shown.
const SHOWN: &str = "06-sivil-toplum";
/// The Yönetici.
const ADMINISTRATOR: &str = "Zeynep Aydın";
/// The people of the shown unit: the end of the user name, full name and role.
const SHOWN_PEOPLE: [(&str, &str, Role); 8] = [
    ("yetkili", "Mehmet Kaya", Role::Supervisor),
    ("sorumlu", "Elif Şahin", Role::Officer),
    ("sorumlu2", "Can Öztürk", Role::Officer),
    ("sorumlu3", "Ayşe Nur Yılmaz-Güneş", Role::Officer),
    ("sorumlu4", "Çağrı Ünal", Role::Officer),
    ("sorumlu5", "Gülümser Iğdır", Role::Officer),
    ("sorumlu6", "Şükrü Ağaoğlu", Role::Officer),
    ("koordinasyon", "İpek Doğan", Role::Coordinator),
];
/// The logins that are printed: one unit's, so that they work with each other.
const PRINTED: [&str; 5] =
    ["yonetici", "ankara.yetkili", "ankara.sorumlu", "ankara.sorumlu2", "ankara.koordinasyon"];
/// Units with a short first part of their user names.
const NAMED: [(&str, &str); 4] =
    [(SHOWN, "ankara"), ("34-silah-ruhsat", "istanbul"), ("34-yazi-isleri", "yazi"), ("35-nufus", "izmir")];

/// Who lends their authority to the `nth` Sorumlu, from how many days ago on, for how many days: one that
/// has ended, and one that runs.
const LENT: [(&str, usize, i64, i64); 2] = [(SHOWN, 1, 24, 7), ("06-nufus", 0, 6, 14)];
/// Units whose last Sorumlu is made pasif, and how many days ago.
const LEFT: [(&str, i64); 3] = [(SHOWN, 20), ("34-yazi-isleri", 13), ("06-yazi-isleri", 31)];

/// The people of a unit.
pub struct Team {
    pub supervisor: UserName,
    /// The active Sorumlular; at least one.
    pub officers: Vec<UserName>,
    /// To whom the Yetkili has lent their authority, and from when until when.
    pub lent: Option<Delegation>,
    /// When the last Sorumlu leaves.
    leaves_at: Option<Timestamp>,
}

impl Team {
    /// Who acts as Yetkili: whoever has the authority, unless it is about their own proposal.
    pub fn acting_supervisor(&self, now: Timestamp, proposed_by: Option<&UserName>) -> &UserName {
        match &self.lent {
            Some(lent) if lent.is_active(now) && proposed_by != Some(&lent.to) => &lent.to,
            _ => &self.supervisor,
        }
    }
}

/// The people of all units, defined in the product.
pub struct Staff {
    pub teams: BTreeMap<UnitId, Team>,
    pub logins: Vec<Login>,
}

impl Staff {
    /// Defines the users of a demo that ends `now`.
    pub fn define(resources: &Resources, now: Timestamp) -> anyhow::Result<Self> {
        let named = SHOWN_PEOPLE.iter().map(|(_, full_name, _)| *full_name).chain([ADMINISTRATOR]);
        let mut hired = Hired { names: named.map(Into::into).collect(), random: Random::new(6) };
        let mut people = vec![Person {
            name: "yonetici".parse()?,
            full_name: ADMINISTRATOR.into(),
            role: Role::Administrator,
            unit: None,
        }];
        let mut teams = BTreeMap::new();
        for unit in resources.catalog.units().filter(|unit| has_staff(unit)) {
            let members = hired.people_of(unit)?;
            teams.insert(unit.id.clone(), team(unit, &members, now)?);
            people.extend(members);
        }
        // One hash serves all: the password is public, and hashing is slow on purpose.
        let hash = password_auth::generate_hash(PASSWORD);
        let mut commands = Vec::with_capacity(people.len());
        for person in &people {
            let password = resources.sealer.seal_user(&person.name, Field::Password, hash.as_bytes())?;
            let profile = UserProfile {
                full_name: person.full_name.clone(),
                role: person.role,
                unit: person.unit.clone(),
            };
            let body = UserCommandBody::DefineUser { profile, password, must_change_password: false };
            commands.push(command(&person.name, Actor::Operator, None, resources, body));
        }
        give(resources, commands)?;
        let logins = people.iter().filter(|person| PRINTED.contains(&person.name.as_str()));
        let logins = logins.map(|person| Login {
            role: person.role.label_tr(),
            name: person.name.to_string(),
            password: PASSWORD.into(),
            is_demo: true,
        });
        Ok(Self { teams, logins: logins.collect() })
    }

    /// What happens to the staff themselves in the time before `now`: authority is lent, people leave.
    pub fn change(&mut self, resources: &Resources, since: Timestamp, now: Timestamp) -> anyhow::Result<()> {
        let is_due = |at: Timestamp| since < at && at <= now;
        let mut commands = Vec::new();
        for team in self.teams.values_mut() {
            if let Some(delegation) = team.lent.clone().filter(|lent| is_due(lent.starts_at)) {
                let lender = Actor::Staff(team.supervisor.clone());
                let body = UserCommandBody::Delegate { delegation };
                commands.push(command(&team.supervisor, lender, Some(1), resources, body));
            }
            if team.leaves_at.is_some_and(is_due)
                && let Some(leaver) = team.officers.pop()
            {
                let manager = Actor::Staff(team.supervisor.clone());
                let body = UserCommandBody::SetActive { active: false };
                commands.push(command(&leaver, manager, Some(1), resources, body));
            }
        }
        give(resources, commands)
    }
}

/// Whether a unit has staff in the demo.
pub fn has_staff(unit: &Unit) -> bool {
    WHOLE.contains(&unit.valilik.plate()) || EVERYWHERE.contains(&unit.unit_type.as_str())
}

/// How much more often than by its population people of the demo apply to a unit: the shown one has much
/// to show, and one without staff is not applied to.
pub fn share(catalog: &Catalog, unit: &UnitId) -> u32 {
    match catalog.unit(unit) {
        Some(unit) if unit.id.as_str() == SHOWN => 16,
        Some(unit) if unit.valilik.plate() == WHOLE[0] => 3,
        Some(unit) if has_staff(unit) => 1,
        _ => 0,
    }
}

struct Person {
    name: UserName,
    full_name: String,
    role: Role,
    unit: Option<UnitId>,
}

/// Finds people whose names nobody else in the demo has.
struct Hired {
    names: BTreeSet<String>,
    random: Random,
}

impl Hired {
    fn people_of(&mut self, unit: &Unit) -> anyhow::Result<Vec<Person>> {
        let id = unit.id.as_str();
        let prefix = NAMED.iter().find(|(named, _)| *named == id).map_or_else(
            || format!("{}.{}", fold(&place(unit.valilik.plate()).name), unit.unit_type),
            |(_, prefix)| (*prefix).to_owned(),
        );
        let mut people = Vec::new();
        if id == SHOWN {
            for (end, full_name, role) in SHOWN_PEOPLE {
                people.push((end.to_owned(), full_name.to_owned(), role));
            }
        } else {
            people.push(("yetkili".into(), self.new_name(), Role::Supervisor));
            for nth in 1..=officers(unit) {
                let end = if nth == 1 { "sorumlu".into() } else { format!("sorumlu{nth}") };
                people.push((end, self.new_name(), Role::Officer));
            }
            if NAMED.iter().any(|(named, _)| *named == id) {
                people.push(("koordinasyon".into(), self.new_name(), Role::Coordinator));
            }
        }
        let person = |(end, full_name, role)| {
            let name = format!("{prefix}.{end}").parse()?;
            anyhow::Ok(Person { name, full_name, role, unit: Some(unit.id.clone()) })
        };
        people.into_iter().map(person).collect()
    }

    fn new_name(&mut self) -> String {
        loop {
            let (first, last) = full_name(&mut self.random);
            let name = format!("{first} {last}");
            if self.names.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// How many Sorumlular a unit has.
fn officers(unit: &Unit) -> usize {
    match (unit.valilik.plate(), unit.unit_type.as_str()) {
        (6 | 34, "yazi-isleri" | "nufus") => 5,
        (6 | 34, "acik-kapi" | "silah-ruhsat" | "ozel-guvenlik" | "goc" | "sivil-toplum") => 3,
        (6 | 34 | 35, _) => 2,
        (plate, _) if place(plate).people > 1000 => 2,
        _ => 1,
    }
}

fn team(unit: &Unit, members: &[Person], now: Timestamp) -> anyhow::Result<Team> {
    let of =
        |role| members.iter().filter(move |person| person.role == role).map(|person| person.name.clone());
    let officers: Vec<_> = of(Role::Officer).collect();
    let Some(supervisor) = of(Role::Supervisor).next() else { bail!("{} has no Yetkili", unit.id) };
    let days_ago = |days: i64| now - SignedDuration::from_hours(24 * days);
    let lent = LENT.iter().find(|(lender, ..)| *lender == unit.id.as_str());
    let lent = lent.and_then(|&(_, nth, ago, days)| {
        let (starts_at, ends_at) = (days_ago(ago), days_ago(ago - days));
        Some(Delegation { to: officers.get(nth)?.clone(), starts_at, ends_at })
    });
    let leaves_at = LEFT.iter().find(|(left, _)| *left == unit.id.as_str()).map(|(_, ago)| days_ago(*ago));
    Ok(Team { supervisor, officers, lent, leaves_at })
}

fn command(
    user: &UserName,
    actor: Actor,
    expected_version: Option<u64>,
    resources: &Resources,
    body: UserCommandBody,
) -> UserCommand {
    let id = CommandId(Uuid::now_v7());
    UserCommand { id, actor, expected_version, at: resources.clock.now(), user: user.clone(), body }
}

fn give(resources: &Resources, commands: Vec<UserCommand>) -> anyhow::Result<()> {
    if commands.is_empty() {
        return Ok(());
    }
    let commands = commands.into_iter().map(|command| (command.id, command.to_record())).collect();
    let replies = connect(resources.log.as_ref())?.execute_all(commands).map_err(no_reply)?;
    for reply in replies.into_values() {
        if let Decision::Refused { code, text_tr } = reply.decision {
            bail!("a command on a demo user was refused: {code}: {text_tr}");
        }
    }
    Ok(())
}
