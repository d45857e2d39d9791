//! Rows of a read model that has lived two years, made by ClickHouse itself.

use std::fmt::Write as _;

use ebasvuru_workflow::log::topic;

use crate::lifecycles::held;
use crate::world::World;

/// Rows in an INSERT.
const BLOCK: u64 = 500_000;

/// Fills a database with this many applications and their events. The busiest governorate has a sixth
/// of them; the older one is, the more likely it is closed; the latest have earlier versions, too, as
/// they do until they are merged.
pub fn fill(execute: &dyn Fn(&str), world: &World, count: u64) {
    let catalog = &world.catalog;
    let services: Vec<_> = catalog.services().map(|service| service.slug.clone()).collect();
    let units = services.iter().flat_map(|service| {
        catalog.valilikler().map(move |(valilik, _)| catalog.route(service, valilik).unwrap().to_string())
    });
    let units = literal(units);
    let services = literal(services.iter().map(ToString::to_string));
    let snapshot = held(world).remove(0);
    let snapshot = String::from_utf8(snapshot.value.unwrap().to_vec())
        .unwrap()
        .replace('\'', "''")
        .replace('\\', "\\\\");
    let now = world.now.as_millisecond();
    let facts = format!(
        "WITH {services} AS services, {units} AS units, {now} AS now,
             cityHash64(number) AS h, cityHash64(number, 1) AS g, cityHash64(number, 2) AS f,
             1 + h % length(services) AS s,
             multiIf(g % 100 < 17, 34, g % 100 < 24, 6, g % 100 < 29, 35, 1 + (g % 7919) % 81) AS plate,
             toInt64(now - 730 * 86400000 + number * (730 * 86400000 / {count})) AS received,
             received + 30 * 86400000 AS due,
             now - received AS age, f % 1000 AS luck,
             h % 100 < 5 AND luck >= 900 AS is_pre,
             received + 3600000 + toInt64(f % (40 * 86400000)) AS ended,
             ended < now AND luck < 970 AS is_closed,
             multiIf(is_closed, 'closed', luck % 10 < 3, 'unassigned', luck % 10 < 8, 'assigned', 'awaiting_approval') AS stage_now,
             due < least(ended, now) OR (NOT is_closed AND due < now) AS is_late,
             lower(hex(MD5(toString(number)))) AS hash,
             toUUID(concat(substring(hash, 1, 8), '-', substring(hash, 9, 4), '-5', substring(hash, 14, 3), '-8', substring(hash, 18, 3), '-', substring(hash, 21, 12))) AS id_now,
             units[(s - 1) * 81 + plate] AS unit_now,
             concat(toString(toYear(fromUnixTimestamp64Milli(received))), '-', leftPad(toString(plate), 2, '0'), '-', leftPad(toString(number), 7, '0')) AS no_now,
             if(stage_now = 'unassigned', '', concat('sorumlu', toString(f % 6), '.', unit_now)) AS officer_now,
             multiIf(NOT is_closed, '', is_pre, 'lapsed', luck < 700, 'positive', luck < 940, 'negative', 'withdrawn') AS outcome_now"
    );
    let at = |expression: &str| format!("fromUnixTimestamp64Milli({expression}, 'UTC')");
    let application = |version: &str, stage: &str, officer: &str, outcome: &str, closed: &str| {
        format!(
            "SELECT if({stage} = 'closed', '{}', '{}'), toInt32(number % 12), toInt64(intDiv(number, 12)), id_now, no_now, id_now, {version}, services[s], toUInt8(plate), unit_now,
                 if(is_pre, 'pre_application', 'application'), if(is_pre, {due}, NULL), if(is_pre, NULL, {due}),
                 {stage}, {received}, {officer}, if({stage} = 'awaiting_approval', 'answer', ''), {outcome}, {received}, {received},
                 if(is_late, {due}, NULL), {closed}, 'A*** Y***', '*********46',
                 concat('t', toString(number % {people})), [concat('n', toString(g % 3000)), concat('m', toString(f % 8000))],
                 '{snapshot}'",
            topic::ARCHIVE,
            topic::APPLICATIONS,
            due = at("due"),
            received = at("received"),
            people = count / 3 * 2 + 1,
        )
    };
    let columns = "topic, partition, offset, id, no, submission_id, version, service, valilik, unit, phase, lapses_at, due_at, stage,
         stage_since, officer, proposal, outcome, submitted_at, received_at, breached_at, closed_at, masked_name, masked_tckn,
         tckn_index, name_index, snapshot";
    let ended = at("ended");
    for from in (0..count).step_by(usize::try_from(BLOCK).unwrap()) {
        let numbers = format!("numbers({from}, {})", BLOCK.min(count - from));
        let first = application("1", "'unassigned'", "''", "''", "NULL");
        let last = application(
            "6",
            "stage_now",
            "officer_now",
            "outcome_now",
            &format!("if(is_closed, {ended}, NULL)"),
        );
        execute(&format!(
            "INSERT INTO open_applications ({columns}) {facts} {first} FROM {numbers} WHERE age < 20 * 86400000"
        ));
        execute(&format!("INSERT INTO open_applications ({columns}) {facts} {last} FROM {numbers}"));
        let mut events = String::new();
        let _ = write!(
            events,
            "INSERT INTO events (topic, partition, offset, aggregate, application, seq, id, type, kind, at, actor_kind, actor, no, service,
                 valilik, unit, phase, due_at, stage, previous_stage, previous_stage_ms, officer, received_at, outcome, overdue, detail)
             {facts}
             SELECT '{}', toInt32(h % 12), toInt64(number * 5 + step), 'application', id_now, step, generateUUIDv4(),
                 concat(['received', 'assigned', 'answer_added', 'proposed', 'approved'][step], '.v1'),
                 ['received', 'assigned', 'answer_added', 'submitted_for_approval', 'approved_positive'][step],
                 fromUnixTimestamp64Milli(received + toInt64((step - 1) * (ended - received) / 4), 'UTC'),
                 if(step = 1, 'citizen', 'staff'), if(step = 1, '', officer_now), no_now, services[s], toUInt8(plate), unit_now,
                 if(is_pre, 'pre_application', 'application'), {due},
                 ['unassigned', 'assigned', 'assigned', 'awaiting_approval', 'closed'][step],
                 ['', 'unassigned', 'assigned', 'assigned', 'awaiting_approval'][step],
                 if(step IN (2, 4, 5), toInt64((ended - received) / 4 + f % 3600000), 0), if(step = 1, '', officer_now), {received},
                 if(step = 5, outcome_now, ''), is_late, concat('{{\"type\":\"', repeat('words ', 20), hash, '\"}}')
             FROM {numbers} ARRAY JOIN range(1, if(is_closed, 6, 3)) AS step",
            topic::EVENTS,
            due = at("due"),
            received = at("received"),
        );
        execute(&events);
    }
}

fn literal(texts: impl Iterator<Item = String>) -> String {
    format!("[{}]", texts.map(|text| format!("'{text}'")).collect::<Vec<_>>().join(","))
}
