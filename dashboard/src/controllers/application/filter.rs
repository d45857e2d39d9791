//! Which applications a list shows, as its address says it. The whole view is in the address:
//! a bookmark is a saved view.

use ebasvuru_analytics::read::{Deadline, Edge, Search, Sort, Tabs, WorklistFilter};
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::StatusName;
use ebasvuru_workflow::domain::catalog::UnitId;
use ebasvuru_workflow::domain::ids::UserName;
use serde::Deserialize;

use crate::app::AppState;
use crate::form::Submitted;
use crate::page::percent;

/// The address of a list; what it says that we do not know narrows nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    /// The tab.
    pub durum: String,
    /// A service.
    pub hizmet: String,
    /// A unit, where the viewer sees several.
    pub birim: String,
    /// Who holds it.
    pub sorumlu: String,
    /// By deadline.
    pub sure: String,
    /// What was searched for, as `crate::search` puts it into an address.
    pub ara: String,
    /// In which order.
    pub sirala: String,
    /// Behind which row.
    pub sonra: String,
    /// Before which row.
    pub once: String,
    /// "Sorumlu Üzerindeki Başvurular".
    pub ustumdeki: String,
    /// What was done just now; not part of the view.
    pub oldu: String,
    /// To how many it was done.
    pub adet: String,
}

impl Params {
    /// The tab.
    #[must_use]
    pub fn tab(&self) -> Tab {
        Tab::ALL.into_iter().find(|tab| tab.slug() == self.durum).unwrap_or(Tab::All)
    }

    /// Whether only own applications are asked for.
    #[must_use]
    pub fn mine(&self) -> bool {
        self.ustumdeki == "1"
    }

    /// What the form asks for, from the first row on; the search as it goes into the address.
    #[must_use]
    pub fn of_form(form: &Submitted, ara: String) -> Self {
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

    /// Everything but the tab, over the units that the viewer sees; `typed` is what `ara` says.
    #[must_use]
    pub fn filter(&self, app: &AppState, scope: &[UnitId], viewer: &UserName, typed: &str) -> WorklistFilter {
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

    /// The same view from its first row.
    #[must_use]
    pub fn first(&self) -> Self {
        Self { sonra: String::new(), once: String::new(), ..self.clone() }
    }

    /// The view's address; `path` is the page.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        let parts: Vec<String> = [
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
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", percent(value)))
        .collect();
        if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
    }
}

/// A tab of the worklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// All.
    All,
    /// Open, nobody holds it.
    Unassigned,
    /// Somebody works on it.
    Assigned,
    /// The Yetkili decides.
    AwaitingApproval,
    /// An open Ön Başvuru.
    PreApplication,
    /// Open and past its deadline.
    Overdue,
    /// Closed.
    Closed,
}

/// Not final.
const OPEN: [StatusName; 3] = [StatusName::Unassigned, StatusName::Assigned, StatusName::AwaitingApproval];

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

    /// Its name in the address.
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
            Self::Unassigned => "Teslim Bekleyen",
            Self::Assigned => "Sorumlu Üzerinde",
            Self::AwaitingApproval => "Onay Bekleyen",
            Self::PreApplication => "Ön Başvuru",
            Self::Overdue => "Süresi Geçen",
            Self::Closed => "Sonuçlanan",
        }
    }

    /// Only its rows.
    #[must_use]
    pub fn narrow(self, mut filter: WorklistFilter) -> WorklistFilter {
        match self {
            Self::All => {}
            Self::Unassigned => filter.statuses = vec![StatusName::Unassigned],
            Self::Assigned => filter.statuses = vec![StatusName::Assigned],
            Self::AwaitingApproval => filter.statuses = vec![StatusName::AwaitingApproval],
            Self::PreApplication => {
                filter.statuses = OPEN.to_vec();
                filter.pre_application = Some(true);
            }
            Self::Overdue => {
                filter.statuses = OPEN.to_vec();
                filter.deadline = Some(Deadline::Overdue);
            }
            Self::Closed => filter.statuses = vec![StatusName::Closed],
        }
        filter
    }

    /// How many rows it has.
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

/// The choices of "Süre": name in the address, label.
pub const DEADLINES: [(&str, &str); 3] =
    [("gecen", "Süresi geçen"), ("bugun", "Bugün dolan"), ("bu-hafta", "Bu hafta dolan")];

/// The choices of "Sıralama".
pub const SORTS: [(&str, &str); 3] =
    [("", "En yeni önce"), ("eski", "En eski önce"), ("sure", "Süresi en yakın önce")];

/// The views of a working day, by role: label, and what the address says.
#[must_use]
pub const fn ready_made(role: Role) -> &'static [(&'static str, &'static str)] {
    const TODAY: (&str, &str) = ("Bugün dolanlar", "sure=bugun&sirala=sure");
    const WEEK: (&str, &str) = ("Bu hafta dolanlar", "sure=bu-hafta&sirala=sure");
    const LATE: (&str, &str) = ("Gecikenler", "durum=suresi-gecen&sirala=sure");
    const MINE: (&str, &str) =
        ("Üzerimde, süresi en yakın", "durum=sorumlu-uzerinde&ustumdeki=1&sirala=sure");
    const FREE: (&str, &str) = ("Teslim bekleyenler, en eskisi önce", "durum=teslim-bekleyen&sirala=eski");
    const DECIDE: (&str, &str) = ("Onay bekleyenler, süresi en yakın", "durum=onay-bekleyen&sirala=sure");
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

/// What was typed: an application number or its beginning, a T.C. Kimlik No, or a name. A
/// person is found by blind indexes alone.
fn search(app: &AppState, typed: &str) -> Option<Search> {
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() == 11 && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Search::TcknIndex(app.sealer.tckn_index(&digits)));
    }
    if digits.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(Search::NumberPrefix(digits));
    }
    Some(Search::NameIndex(app.sealer.name_index(typed)))
}
