//! Who acts.

use serde::{Deserialize, Serialize};

use super::ids::UserName;

/// Who gives a command.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum Actor {
    /// The citizen, through e-Devlet.
    Citizen,
    /// A member of staff. What they may do is looked up in the directory at the time of the decision.
    Staff(UserName),
    /// The product itself: for timers, and to return the applications of an unfit holder.
    System,
    /// An operator at the command line (`ebasvuru user …`): may manage users, nothing else.
    Operator,
}

/// A role of the ministry's guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Yönetici: everything about users and reports, nothing about applications.
    Administrator,
    /// Yetkili: manager of a unit.
    Supervisor,
    /// Sorumlu: works on the unit's applications.
    Officer,
    /// İl Koordinasyon Görevlisi: sees, never acts.
    Coordinator,
}

impl Role {
    /// Every role, in the order screens list them.
    pub const ALL: [Self; 4] = [Self::Administrator, Self::Supervisor, Self::Officer, Self::Coordinator];

    /// The label users know.
    #[must_use]
    pub const fn label_tr(self) -> &'static str {
        match self {
            Self::Administrator => "Yönetici",
            Self::Supervisor => "Yetkili",
            Self::Officer => "Sorumlu",
            Self::Coordinator => "İl Koordinasyon Görevlisi",
        }
    }
}
