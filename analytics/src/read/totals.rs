//! The figures of groups together with their subtotals and their total, in one query: the median of a
//! whole cannot be computed from the medians of its parts.

use jiff::Timestamp;

use super::figure::{Grouped, Wanted, whole_columns};
use super::report::{GroupRow, ReportFilter, partial};
use super::{ReadError, ReadModel};

/// The governorate of a unit, with whose plate code the unit's id begins.
const HOME: &str = "toUInt8OrZero(substring(toString(unit), 1, 2)) AS group_valilik";

/// What is grouped, with the sets of which each group is a part. In a row, what is not `None` says of
/// which set it is; a row with nothing is the total. The governorate of a row is that of the unit, but
/// for [`Totals::Valilik`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Totals {
    /// Each service in the units of each governorate; of each governorate; each service.
    HomeAndService,
    /// Each service in each unit; each unit; each service.
    UnitAndService,
    /// Each service.
    Service,
    /// Each governorate, of the applications themselves.
    Valilik,
    /// Each unit; the units of each governorate.
    UnitInHome,
    /// Each officer in each unit; the units of each governorate. Applications that nobody ever held are
    /// left out.
    OfficerInHome,
}

impl Totals {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::HomeAndService,
        Self::UnitAndService,
        Self::Service,
        Self::Valilik,
        Self::UnitInHome,
        Self::OfficerInHome,
    ];

    /// The columns of the smallest parts.
    const fn parts(self) -> &'static str {
        match self {
            Self::HomeAndService | Self::UnitAndService => "unit, service",
            Self::Service => "service",
            Self::Valilik => "valilik",
            Self::UnitInHome => "unit",
            Self::OfficerInHome => "unit, officer",
        }
    }

    /// The columns of the groups, and the sets.
    fn sql(self) -> (String, &'static str) {
        let columns = |valilik: &str, unit: bool, service: bool, officer: bool| {
            let column = |name: &str, is_grouped: bool| {
                if is_grouped {
                    format!("toString({name}) AS group_{name}")
                } else {
                    format!("'' AS group_{name}")
                }
            };
            [column("unit", unit), column("service", service), valilik.to_owned(), column("officer", officer)]
                .join(", ")
        };
        let no_home = "toUInt8(0) AS group_valilik";
        match self {
            Self::HomeAndService => (
                columns(HOME, false, true, false),
                "(group_valilik, group_service), (group_valilik), (group_service), ()",
            ),
            Self::UnitAndService => (
                columns(no_home, true, true, false),
                "(group_unit, group_service), (group_unit), (group_service), ()",
            ),
            Self::Service => (columns(no_home, false, true, false), "(group_service), ()"),
            Self::Valilik => {
                (columns("valilik AS group_valilik", false, false, false), "(group_valilik), ()")
            }
            Self::UnitInHome => {
                (columns(HOME, true, false, false), "(group_valilik, group_unit), (group_valilik), ()")
            }
            Self::OfficerInHome => (
                columns(HOME, true, false, true),
                "(group_valilik, group_unit, group_officer), (group_valilik), ()",
            ),
        }
    }
}

impl ReadModel {
    /// The figures of each group, of each set and of all together, in no order. The total is there also
    /// where nothing is counted.
    ///
    /// # Errors
    /// ClickHouse does not answer, or has a value that cannot be read.
    pub async fn totals(
        &self,
        totals: Totals,
        wanted: Wanted,
        filter: &ReportFilter,
        now: Timestamp,
    ) -> Result<Vec<GroupRow>, ReadError> {
        let cut = self.cut().await?;
        let (groups, sets) = totals.sql();
        // The governorate is a function of the unit; ClickHouse would drop such a key, and its value.
        let sql = format!(
            "SELECT {groups}, {} FROM ({}) WHERE {} GROUP BY GROUPING SETS ({sets})
             SETTINGS optimize_group_by_function_keys = 0",
            whole_columns(wanted),
            partial(filter, &cut, totals.parts(), wanted),
            if totals == Totals::OfficerInHome { "officer != ''" } else { "1" },
        );
        let rows: Vec<Grouped> = self.bound(&sql, &filter.conditions(), now, &cut).fetch_all().await?;
        rows.into_iter().map(GroupRow::read).collect()
    }
}
