//! A report as a page, as CSV, and as XLSX.

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use ebasvuru_workflow::domain::calendar::day_of;
use serde::Serialize;

use super::build::{ReportRequest, build, cross_values};
use super::conditions::{conditions, file_name, set_filters};
use super::filter::{Choices, Params};
use super::kind::ReportKind;
use super::refresh::{KnownParts, etag, tag};
use super::section::{SectionView, view};
use super::table::Section;
use super::{csv, xlsx};
use crate::controllers::schedule;
use crate::view::Choice;
use crate::view::document::DocumentHead;
use crate::view::i18n::{current_language, say, tr, with_language};
use crate::view::labels;
use crate::web::app::{App, AppState};
use crate::web::guard::Viewer;
use crate::web::page::{head, render, render_document};
use crate::web::problem::Problem;

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A page.
    Html,
    /// One table, for Excel and other programs.
    Csv,
    /// All tables, each on a sheet.
    Xlsx,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Html, Self::Csv, Self::Xlsx];

    /// The end of the path.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Html => "",
            Self::Csv => ".csv",
            Self::Xlsx => ".xlsx",
        }
    }
}

/// Refreshed so often, in seconds, while the period goes on.
const EVERY: u32 = 5;
/// A period that is over changes only by what becomes of its open applications.
const EVERY_OF_A_PAST_PERIOD: u32 = 60;

/// The data of `report/show.html`.
#[derive(Serialize)]
struct ReportPage<'a> {
    /// The template around it: of a whole page, or of its parts alone.
    frame: &'static str,
    error: &'a str,
    /// The reports: address, title, and whether it is this one.
    menu: Vec<(String, &'static str, bool)>,
    path: &'static str,
    /// Whether the filters change anything.
    is_filtered: bool,
    /// The numbers that the cells of a cross table can show.
    values: Vec<Choice>,
    /// The number that the map shows.
    olcu: &'a str,
    sections: Vec<SectionView>,
    /// The first day of the period.
    from: String,
    /// The last day of the period.
    last: String,
    choices: Choices,
    /// Whether the filters of units are offered beside the usual ones.
    filters_units: bool,
    /// The address of the report as XLSX.
    xlsx: String,
    /// Where it is scheduled; empty if no mail is sent.
    schedule: String,
    fresh: Fresh,
    /// Refreshed so often, in seconds.
    every: u32,
}

/// What the numbers are of.
#[derive(Default, Serialize)]
struct Fresh {
    period: String,
    /// The filters that are set.
    filters: Vec<String>,
    /// Its entity tag.
    tag: String,
    /// Whether the page that asks has it as it is now.
    known: bool,
}

/// `GET /raporlama…`
pub async fn show(
    kind: ReportKind,
    format: Format,
    State(app): State<AppState>,
    viewer: Viewer,
    headers: HeaderMap,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let today = day_of(now);
    let period = match params.period(&app, today) {
        Ok(period) => period,
        Err(sentence) => return refused(kind, &app, &viewer, &params, &sentence),
    };
    let params = params.without_list();
    let request = ReportRequest { app: &app, params: &params, period, now };
    let mut sections = build(kind, &request).await?;
    if let Some((table, by)) = params.sirala.split_once('.')
        && let Some(section) = sections.iter_mut().find(|section| section.slug == table)
    {
        section.table.sort(by);
    }
    let stated = if kind.is_filtered() { conditions(&app, &params, period) } else { Vec::new() };
    let head = head(&app, &viewer, title(kind), stated);
    let name = |what: &str, format: Format| {
        if kind.is_filtered() {
            file_name(&app, what, &params, Some(period), format.suffix())
        } else {
            format!("{what}_{today}{}", format.suffix())
        }
    };
    match format {
        Format::Html => page(kind, &request, &viewer, &head, KnownParts::of(&headers), sections),
        Format::Csv => {
            let wanted = |section: &&Section| params.tablo.is_empty() || section.slug == params.tablo;
            let section = sections.iter().find(wanted).ok_or(Problem::NotFound)?;
            let bytes = csv::table(&section.table).map_err(|error| Problem::Internal(error.to_string()))?;
            let what = format!("{}-{}", slug(kind), section.slug);
            Ok(download("text/csv; charset=utf-8", &name(&what, format), bytes))
        }
        Format::Xlsx => {
            let language = current_language();
            let write = move || with_language(language, || xlsx::workbook(&head, &sections));
            let bytes = tokio::task::spawn_blocking(write)
                .await
                .map_err(|error| Problem::Internal(error.to_string()))?
                .map_err(|error| Problem::Internal(error.to_string()))?;
            Ok(download(xlsx::MEDIA_TYPE, &name(slug(kind), format), bytes))
        }
    }
}

fn title(kind: ReportKind) -> String {
    say!("Raporlama: {report}", report = tr(kind.title()))
}

/// The name of a report in file names.
pub fn slug(kind: ReportKind) -> &'static str {
    kind.path().rsplit('/').next().unwrap_or_default()
}

/// A download. The name must not need escaping.
pub fn download(media_type: &'static str, name: &str, body: impl Into<axum::body::Body>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, media_type.to_owned()), (CONTENT_DISPOSITION, disposition)], body.into()).into_response()
}

/// The page; of one that asks by itself, the parts that it does not have as they are now.
fn page(
    kind: ReportKind,
    request: &ReportRequest<'_>,
    viewer: &Viewer,
    head: &DocumentHead,
    known: Option<KnownParts>,
    sections: Vec<Section>,
) -> Result<Response, Problem> {
    let (params, period) = (request.params, request.period);
    let mut fresh = Fresh::default();
    if kind.is_filtered() {
        fresh.period = labels::days(period.from, period.last);
        fresh.filters = set_filters(request.app, params);
    }
    // To the minute: a time that moves on each second would be news each time.
    let (as_of, is_warned) = (head.data.to_the_minute(), !head.data.warning().is_empty());
    fresh.tag = tag(&(&fresh.period, as_of, is_warned))?;
    let sections = sections.into_iter().map(|section| view(kind, request, section));
    let mut sections = sections.collect::<Result<Vec<_>, _>>()?;
    let etag = etag(std::iter::once(fresh.tag.as_str()).chain(sections.iter().map(SectionView::tag)))?;
    let by_itself = known.is_some();
    if let Some(known) = known {
        sections.iter_mut().for_each(|section| section.leave_out(&known));
        // New numbers come with their time.
        fresh.known = known.has(&fresh.tag) && sections.iter().all(SectionView::is_known);
        if fresh.known {
            return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response());
        }
    }
    let narrow = params.carried().of(period);
    let today = day_of(request.now);
    let data = ReportPage {
        frame: if by_itself { "report/parts.html" } else { "layout.html" },
        sections,
        from: period.from.to_string(),
        last: period.last.to_string(),
        xlsx: params.of_report().of(period).address(&format!("{}.xlsx", kind.path())),
        schedule: request
            .app
            .mailer
            .as_ref()
            .map(|_| schedule::new::address(kind, &params.of_report()))
            .unwrap_or_default(),
        fresh,
        every: if period.last < today { EVERY_OF_A_PAST_PERIOD } else { EVERY },
        ..ReportPage::without_numbers(kind, request.app, params, &narrow)
    };
    let html = render_document(request.app, viewer, head, "report/show.html", data)?;
    Ok(if by_itself { ([(ETAG, etag)], html).into_response() } else { html.into_response() })
}

impl<'a> ReportPage<'a> {
    /// The page with its filters alone. `narrow` is the query of the links to other reports.
    fn without_numbers(kind: ReportKind, app: &App, params: &'a Params, narrow: &Params) -> Self {
        let filters_units = matches!(kind, ReportKind::Cross | ReportKind::Units | ReportKind::Workload);
        Self {
            frame: "layout.html",
            error: "",
            menu: menu(kind, narrow),
            path: kind.path(),
            is_filtered: kind.is_filtered(),
            values: if kind == ReportKind::Cross { cross_values(params) } else { Vec::new() },
            olcu: &params.olcu,
            sections: Vec::new(),
            from: params.bas.clone(),
            last: params.son.clone(),
            choices: Choices::of(app, params),
            filters_units: filters_units || !params.il.is_empty() || !params.tur.is_empty(),
            xlsx: String::new(),
            schedule: String::new(),
            fresh: Fresh::default(),
            every: EVERY,
        }
    }
}

/// The page of a query that cannot be, whatever it was to be shown as: the form as it was sent, and no
/// numbers.
fn refused(
    kind: ReportKind,
    app: &App,
    viewer: &Viewer,
    params: &Params,
    sentence: &str,
) -> Result<Response, Problem> {
    let none = Params::default();
    let data = ReportPage { error: sentence, ..ReportPage::without_numbers(kind, app, params, &none) };
    let html = render(app, viewer, title(kind), "report/show.html", data)?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html).into_response())
}

/// The reports, with these filters: address, title, and whether it is this one.
fn menu(kind: ReportKind, narrow: &Params) -> Vec<(String, &'static str, bool)> {
    let entry = |other: ReportKind| (narrow.address(other.path()), tr(other.title()), other == kind);
    let mut menu: Vec<_> = ReportKind::ALL.map(entry).into();
    menu.push((schedule::list::PATH.to_owned(), tr("Zamanlanmış raporlar"), false));
    menu
}
