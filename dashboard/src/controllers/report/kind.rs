//! The reports there are.

/// A report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The figures of the period against the one before, today and this month.
    Overview,
    /// By unit.
    Units,
    /// By service.
    Services,
    /// By governorate, all 81.
    Valilikler,
    /// Where applications stand, and how long each step takes.
    Process,
    /// How long answers take.
    Response,
    /// How applications end.
    Outcomes,
    /// What is past its deadline.
    Overdue,
    /// By officer.
    Workload,
    /// When people apply.
    Intake,
    /// Dead letters, and how far the pipeline is behind.
    Pipeline,
}

impl Kind {
    /// Every report, in the order of the menu.
    pub const ALL: [Self; 11] = [
        Self::Overview,
        Self::Units,
        Self::Services,
        Self::Valilikler,
        Self::Process,
        Self::Response,
        Self::Outcomes,
        Self::Overdue,
        Self::Workload,
        Self::Intake,
        Self::Pipeline,
    ];

    /// Its page.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/raporlama",
            Self::Units => "/raporlama/birimler",
            Self::Services => "/raporlama/hizmetler",
            Self::Valilikler => "/raporlama/valilikler",
            Self::Process => "/raporlama/surec",
            Self::Response => "/raporlama/cevap-suresi",
            Self::Outcomes => "/raporlama/sonuclar",
            Self::Overdue => "/raporlama/suresi-gecen",
            Self::Workload => "/raporlama/is-yuku",
            Self::Intake => "/raporlama/yogunluk",
            Self::Pipeline => "/raporlama/sistem",
        }
    }

    /// Its title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Genel bakış",
            Self::Units => "Birimler",
            Self::Services => "Hizmetler",
            Self::Valilikler => "Valilikler",
            Self::Process => "Süreç",
            Self::Response => "Cevap süresi",
            Self::Outcomes => "Sonuçlar",
            Self::Overdue => "Süresi geçen",
            Self::Workload => "Sorumlu iş yükü",
            Self::Intake => "Başvuru yoğunluğu",
            Self::Pipeline => "Sistem",
        }
    }
}
