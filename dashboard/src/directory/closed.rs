//! How many closed applications units have, as ClickHouse last counted them.

use ebasvuru_analytics::read::UnitClosed;
use ebasvuru_workflow::domain::catalog::UnitId;

use super::kept::Kept;

/// More than there are units.
const UNITS: usize = 4096;

/// The counts of each unit. What is closed in the unit drops them.
pub type ClosedCounts = Kept<UnitId, UnitClosed, UNITS, UNITS>;
