//! The messages that could not be accepted, by reason and by what has become of them. A page cannot
//! publish them again: only operators may write to e-Devlet's topic.

use std::collections::BTreeMap;

use ebasvuru_workflow::dead_letters::{DeadLetter, Reach, State, read};
use ebasvuru_workflow::domain::catalog::{Catalog, Valilik};
use ebasvuru_workflow::domain::text::is_blank;
use ebasvuru_workflow::domain::turkish::{Tckn, mask_name};
use ebasvuru_workflow::log::{Log, LogError, Record, RecordAddress, topic};
use serde_json::Value;

use crate::controllers::report::table::{Cell, Column, Section, Table};
use crate::view::i18n::tr;
use crate::view::labels;

/// This many newest records of each partition are read.
const NEWEST: i64 = 10_000;
/// This many messages are shown one by one.
const SHOWN: usize = 20;
/// So much of a name is masked: in a message that is not accepted it may be of any length.
const NAME: usize = 200;

/// The sections: by reason; the last ones; commands that could not be read, if there are any.
pub fn sections(log: &dyn Log, catalog: &Catalog) -> Result<Vec<Section>, LogError> {
    let messages: Vec<_> = read(log, topic::DLQ, Reach::Newest(NEWEST))?.into_values().collect();
    let commands: Vec<_> = read(log, topic::COMMANDS_DLQ, Reach::Newest(NEWEST))?.into_values().collect();
    let mut sections = vec![section(
        "kabul-edilmeyen",
        "Kabul edilmeyen iletiler",
        "e-Devlet'ten gelip kabul edilemeyen iletiler (edevlet.submissions.dlq), nedenine ve durumuna göre; her bölümün son 10.000 kaydı. Her ileti, kaç kez yeniden gönderilirse gönderilsin bir kez sayılır. Bekleyen, yeni ya da yine kabul edilmemiş iletidir. Hiçbiri silinmez. Sistem yöneticisi komut satırında `ebasvuru dlq list` ile görür, `ebasvuru dlq show` ile inceler, nedeni giderilenleri `ebasvuru dlq replay --reason KOD` ile yeniden gönderir.",
        &[
            "Neden",
            "İleti",
            state(State::New),
            state(State::Replayed),
            state(State::GoneThrough),
            state(State::FailedAgain),
            "En eski bekleyen",
            "Son ileti",
        ],
        by_reason(&messages),
        true,
    )];
    if !messages.is_empty() {
        sections.push(section(
            "son-kabul-edilmeyen",
            "Son kabul edilmeyen iletiler",
            "Kabul edilmeyen son 20 ileti; kişisel veriler maskelidir. Kayıt adresi, `ebasvuru dlq show` komutuna verilir.",
            &["Zaman", "Neden", "Durum", "Hizmet", "Valilik", "Başvuran", "T.C. Kimlik No", "Kayıt adresi"],
            newest(log, catalog, messages)?,
            false,
        ));
    }
    if !commands.is_empty() {
        sections.push(section(
            "okunamayan-komut",
            "Okunamayan komutlar",
            "İş akışının okuyamadığı komutlar (ebasvuru.commands.dlq). Bunlar yeniden gönderilmez; `ebasvuru dlq list --commands` gösterir.",
            &["Neden", "İleti", "En eskisi", "Son ileti"],
            unreadable(&commands),
            true,
        ));
    }
    Ok(sections)
}

fn section(
    slug: &'static str,
    title: &'static str,
    definition: &'static str,
    columns: &[&str],
    rows: Vec<Vec<Cell>>,
    adds_up: bool,
) -> Section {
    let columns = columns.iter().map(|column| Column::of(column)).collect();
    let table = Table { columns, rows, ..Table::default() };
    let table = if adds_up && !table.rows.is_empty() { table.summed() } else { table };
    Section { slug, title: tr(title).into(), definition, chart: None, folded: false, table }
}

const fn state(state: State) -> &'static str {
    match state {
        State::New => "Yeni",
        State::Replayed => "Yeniden gönderildi",
        State::GoneThrough => "Kabul edildi",
        State::FailedAgain => "Yine kabul edilmedi",
    }
}

fn reason(code: &str) -> Cell {
    labels::dead_letter(code).map_or_else(|| Cell::text(code), |words| Cell::Coded(words.into(), code.into()))
}

fn grouped(messages: &[DeadLetter]) -> BTreeMap<&str, Vec<&DeadLetter>> {
    let mut groups = BTreeMap::<_, Vec<_>>::new();
    for message in messages {
        groups.entry(message.reason.as_str()).or_default().push(message);
    }
    groups
}

fn count<'a>(messages: impl Iterator<Item = &'a &'a DeadLetter>) -> Cell {
    Cell::count(messages.count() as u64)
}

fn time(at: Option<jiff::Timestamp>) -> Cell {
    at.map_or(Cell::None, Cell::Moment)
}

fn by_reason(messages: &[DeadLetter]) -> Vec<Vec<Cell>> {
    let row = |(code, group): (&str, Vec<&DeadLetter>)| {
        let times = |waits: bool| {
            let open = |it: &&&DeadLetter| !waits || matches!(it.state, State::New | State::FailedAgain);
            group.iter().filter(open).map(|it| it.dead_lettered_at).collect::<Vec<_>>()
        };
        let mut row = vec![reason(code), count(group.iter())];
        row.extend(State::ALL.map(|state| count(group.iter().filter(|it| it.state == state))));
        row.extend([time(times(true).into_iter().min()), time(times(false).into_iter().max())]);
        row
    };
    grouped(messages).into_iter().map(row).collect()
}

fn unreadable(commands: &[DeadLetter]) -> Vec<Vec<Cell>> {
    let row = |(code, group): (&str, Vec<&DeadLetter>)| {
        let times = || group.iter().map(|it| it.dead_lettered_at);
        vec![reason(code), count(group.iter()), time(times().min()), time(times().max())]
    };
    grouped(commands).into_iter().map(row).collect()
}

/// The last messages, newest first.
fn newest(
    log: &dyn Log,
    catalog: &Catalog,
    mut messages: Vec<DeadLetter>,
) -> Result<Vec<Vec<Cell>>, LogError> {
    messages.sort_by_key(|message| std::cmp::Reverse((message.dead_lettered_at, message.address)));
    messages.truncate(SHOWN);
    messages
        .iter()
        .map(|message| {
            let at = message.address;
            let record = log.record_at(&RecordAddress::new(topic::DLQ, at.partition, at.offset))?;
            let mut row = vec![
                Cell::Moment(message.dead_lettered_at),
                reason(&message.reason),
                Cell::text(tr(state(message.state))),
            ];
            row.extend(shown(record.as_ref(), catalog));
            row.push(Cell::Text(at.to_string()));
            Ok(row)
        })
        .collect()
}

/// Service, governorate, applicant and T.C. Kimlik No, as far as the message has them. What the catalog
/// does not know is not shown: anything may stand there.
fn shown(record: Option<&Record>, catalog: &Catalog) -> [Cell; 4] {
    let bytes = record.and_then(|record| record.value.as_deref()).unwrap_or_default();
    let message: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let text = |pointer| message.pointer(pointer).and_then(Value::as_str);
    let service = text("/service").and_then(|slug| catalog.service(&slug.parse().ok()?));
    let plate = message.pointer("/valilik").and_then(Value::as_u64);
    let valilik = plate.and_then(|plate| Valilik::from_plate(u8::try_from(plate).ok()?));
    let names = [text("/applicant/first_name"), text("/applicant/last_name")];
    let name: String = names.into_iter().flatten().collect::<Vec<_>>().join(" ").chars().take(NAME).collect();
    let tckn = text("/applicant/tckn").and_then(|tckn| tckn.parse::<Tckn>().ok());
    [
        service.map(|service| service.title.clone()),
        valilik.map(|valilik| catalog.valilik_name(valilik).to_owned()),
        Some(name).filter(|name| !is_blank(name)).map(|name| mask_name(&name)),
        tckn.map(|tckn| tckn.masked()),
    ]
    .map(|cell| cell.map_or_else(|| Cell::text("–"), Cell::Text))
}
