//! The filters of the worklist, as its address holds them. The address holds the whole view, so that a
//! bookmark is a saved view.

use ebasvuru_analytics::read::{Deadline, Edge, Search, Sort, Tabs, WorklistFilter};
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::StatusName;
use ebasvuru_workflow::domain::catalog::UnitId;
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::search_term::SearchTerm;
use ebasvuru_workflow::domain::text::is_blank;
use serde::Deserialize;

use crate::view::address::with_query;
use crate::web::app::App;
use crate::web::form::SubmittedForm;

/// The query of the list; unknown values filter nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    /// The tab.
    pub durum: String,
    /// A service.
    pub hizmet: String,
    /// A unit, for viewers of several.
    pub birim: String,
    /// The officer who holds it.
    pub sorumlu: String,
    /// A name of [`DEADLINES`].
    pub sure: String,
    /// The search, as [`crate::web::search`] writes it into an address.
    pub ara: String,
    /// A name of [`SORTS`].
    pub sirala: String,
    /// The row after which the page begins.
    pub sonra: String,
    /// The row before which the page ends.
    pub once: String,
    /// `1` for "Sorumlu Üzerindeki Başvurular".
    pub ustumdeki: String,
    /// The slug of the action that led here; not part of the view.
    pub oldu: String,
    /// On how many applications the action was executed.
    pub adet: String,
}

impl Params {
    /// The tab.
    #[must_use]
    pub fn tab(&self) -> Tab {
        Tab::ALL.into_iter().find(|tab| tab.slug() == self.durum).unwrap_or(Tab::All)
    }

    /// Whether only the viewer's own applications are listed.
    #[must_use]
    pub fn mine(&self) -> bool {
        self.ustumdeki == "1"
    }

    /// Restricts a filter to the tab. What is closed is on nobody: it has a tab of its own there.
    #[must_use]
    pub fn narrow(&self, filter: WorklistFilter) -> WorklistFilter {
        let mut filter = self.tab().narrow(filter);
        if self.mine() && filter.statuses.is_empty() {
            filter.statuses = WorklistFilter::OPEN.into();
        }
        filter
    }

    /// The label of a tab.
    #[must_use]
    pub fn label(&self, tab: Tab) -> &'static str {
        if self.mine() && tab == Tab::All { "Üzerimde" } else { tab.label() }
    }

    /// The number of rows of a tab.
    #[must_use]
    pub fn count(&self, tab: Tab, tabs: &Tabs) -> u64 {
        if self.mine() && tab == Tab::All { tabs.open } else { tab.count(tabs) }
    }

    /// The first page of what the form asks for; `ara` is its sealed search.
    #[must_use]
    pub fn of_form(form: &SubmittedForm, ara: String) -> Self {
        Self {
            durum: form.text("durum"),
            hizmet: form.text("hizmet"),
            birim: form.text("birim"),
            sorumlu: form.text("sorumlu"),
            sure: form.text("sure"),
            ara,
            sirala: form.text("sirala"),
            ustumdeki: form.text("ustumdeki"),
            ..Self::default()
        }
    }

    /// The filter without the tab, within the units that the viewer sees. `typed` is the opened search.
    #[must_use]
    pub fn filter(&self, app: &App, scope: &[UnitId], viewer: &UserName, typed: &str) -> WorklistFilter {
        let unit = self.birim.parse().ok().filter(|unit| scope.contains(unit));
        WorklistFilter {
            units: unit.map_or_else(|| scope.to_vec(), |unit| vec![unit]),
            officer: if self.mine() { Some(viewer.clone()) } else { self.sorumlu.parse().ok() },
            service: self.hizmet.parse().ok(),
            deadline: deadline(&self.sure),
            search: search(app, typed),
            sort: sort(&self.sirala),
            edge: Edge::of(&self.sonra, &self.once),
            ..WorklistFilter::default()
        }
    }

    /// Whether something beside the tab limits the list.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        [&self.hizmet, &self.birim, &self.sorumlu, &self.sure, &self.ara]
            .iter()
            .any(|filter| !filter.is_empty())
    }

    /// The first page of the same view.
    #[must_use]
    pub fn first(&self) -> Self {
        Self { sonra: String::new(), once: String::new(), ..self.clone() }
    }

    /// The address of the view, with the page's `path`.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        let parameters = [
            ("durum", &self.durum),
            ("ustumdeki", &self.ustumdeki),
            ("hizmet", &self.hizmet),
            ("birim", &self.birim),
            ("sorumlu", &self.sorumlu),
            ("sure", &self.sure),
            ("ara", &self.ara),
            ("sirala", &self.sirala),
            ("sonra", &self.sonra),
            ("once", &self.once),
        ]
        .map(|(name, value)| (name, value.as_str()));
        with_query(path, parameters)
    }
}

/// A tab of the worklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// All applications.
    All,
    /// Open and held by nobody.
    Unassigned,
    /// Held by an officer.
    Assigned,
    /// Waiting for the Yetkili.
    AwaitingApproval,
    /// Open Ön Başvuru.
    PreApplication,
    /// Open and past its deadline.
    Overdue,
    /// Closed.
    Closed,
}

impl Tab {
    /// Every tab, in order.
    pub const ALL: [Self; 7] = [
        Self::All,
        Self::Unassigned,
        Self::Assigned,
        Self::AwaitingApproval,
        Self::PreApplication,
        Self::Overdue,
        Self::Closed,
    ];

    /// Its name in addresses.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Unassigned => "teslim-bekleyen",
            Self::Assigned => "sorumlu-uzerinde",
            Self::AwaitingApproval => "onay-bekleyen",
            Self::PreApplication => "on-basvuru",
            Self::Overdue => "suresi-gecen",
            Self::Closed => "sonuclanan",
        }
    }

    /// Its label.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::All => "Tümü",
            Self::Unassigned => "Teslim Bekliyor",
            Self::Assigned => "Sorumlu Üzerinde",
            Self::AwaitingApproval => "Onay Bekliyor",
            Self::PreApplication => "Ön Başvuru",
            Self::Overdue => "Süresi Geçen",
            Self::Closed => "Sonuçlanan",
        }
    }

    /// Restricts a filter to this tab.
    #[must_use]
    pub fn narrow(self, mut filter: WorklistFilter) -> WorklistFilter {
        match self {
            Self::All => {}
            Self::Unassigned => filter.statuses = vec![StatusName::Unassigned],
            Self::Assigned => filter.statuses = vec![StatusName::Assigned],
            Self::AwaitingApproval => filter.statuses = vec![StatusName::AwaitingApproval],
            Self::PreApplication => {
                filter.statuses = WorklistFilter::OPEN.into();
                filter.pre_application = Some(true);
            }
            Self::Overdue => {
                filter.statuses = WorklistFilter::OPEN.into();
                filter.deadline = Some(Deadline::Overdue);
            }
            Self::Closed => filter.statuses = vec![StatusName::Closed],
        }
        filter
    }

    /// The number of its rows.
    #[must_use]
    pub const fn count(self, tabs: &Tabs) -> u64 {
        match self {
            Self::All => tabs.open + tabs.closed,
            Self::Unassigned => tabs.unassigned,
            Self::Assigned => tabs.assigned,
            Self::AwaitingApproval => tabs.awaiting_approval,
            Self::PreApplication => tabs.pre_application,
            Self::Overdue => tabs.overdue,
            Self::Closed => tabs.closed,
        }
    }
}

/// The choices of "Süre": name in addresses, label.
pub const DEADLINES: [(&str, &str); 3] =
    [("gecen", "Süresi Geçen"), ("bugun", "Bugün dolan"), ("bu-hafta", "Bu hafta dolan")];

/// The choices of "Sıralama": name in addresses, label.
pub const SORTS: [(&str, &str); 3] =
    [("", "En yeni önce"), ("eski", "En eski önce"), ("sure", "Süresi en yakın önce")];

/// The views offered to a role: label and query.
#[must_use]
pub const fn ready_made(role: Role) -> &'static [(&'static str, &'static str)] {
    const TODAY: (&str, &str) = ("Bugün dolan", "sure=bugun&sirala=sure");
    const WEEK: (&str, &str) = ("Bu hafta dolan", "sure=bu-hafta&sirala=sure");
    const LATE: (&str, &str) = ("Süresi Geçen", "durum=suresi-gecen&sirala=sure");
    const MINE: (&str, &str) =
        ("Üzerimde, süresi en yakın", "durum=sorumlu-uzerinde&ustumdeki=1&sirala=sure");
    const FREE: (&str, &str) = ("Teslim Bekliyor, en eski önce", "durum=teslim-bekleyen&sirala=eski");
    const DECIDE: (&str, &str) = ("Onay Bekliyor, süresi en yakın", "durum=onay-bekleyen&sirala=sure");
    match role {
        Role::Officer => &[MINE, TODAY, WEEK, LATE, FREE],
        Role::Supervisor => &[DECIDE, FREE, TODAY, WEEK, LATE],
        Role::Coordinator | Role::Administrator => &[TODAY, WEEK, LATE],
    }
}

fn deadline(name: &str) -> Option<Deadline> {
    match name {
        "gecen" => Some(Deadline::Overdue),
        "bugun" => Some(Deadline::Today),
        "bu-hafta" => Some(Deadline::ThisWeek),
        _ => None,
    }
}

fn sort(name: &str) -> Sort {
    match name {
        "eski" => Sort::Oldest,
        "sure" => Sort::Deadline,
        _ => Sort::Newest,
    }
}

/// A search for an application number or a part of it, for a T.C. Kimlik No, or for a name. People are
/// found by blind indexes only. What has neither letters nor digits finds nothing.
fn search(app: &App, typed: &str) -> Option<Search> {
    if is_blank(typed) {
        return None;
    }
    Some(match SearchTerm::parse(typed) {
        Some(SearchTerm::Number(no)) => Search::Number(no),
        Some(SearchTerm::NumberPrefix(prefix)) => Search::NumberPrefix(prefix),
        Some(SearchTerm::RunningNumber(running)) => Search::RunningNumber(running),
        Some(SearchTerm::Tckn(tckn)) => Search::TcknIndex(app.sealer.tckn_index(tckn.as_str())),
        Some(SearchTerm::Name(name)) => Search::NameIndex(app.sealer.name_search(&name)),
        None => Search::NameIndex(<[Vec<String>; 3]>::default()),
    })
}
