//! The kinds of reports.

/// A kind of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// The figures of the period, of the one before, of today and of this month.
    Overview,
    /// By unit.
    Units,
    /// By service.
    Services,
    /// By valilik.
    Valilikler,
    /// Each service in each unit.
    Cross,
    /// The statuses of applications, and how long each takes.
    Process,
    /// Response times.
    Response,
    /// Outcomes.
    Outcomes,
    /// Overdue applications.
    Overdue,
    /// By officer.
    Workload,
    /// When people apply.
    Intake,
    /// The lag of the pipeline, and its dead letters.
    Pipeline,
}

impl ReportKind {
    /// Every kind, in the order of the menu.
    pub const ALL: [Self; 12] = [
        Self::Overview,
        Self::Units,
        Self::Services,
        Self::Valilikler,
        Self::Cross,
        Self::Process,
        Self::Response,
        Self::Outcomes,
        Self::Overdue,
        Self::Workload,
        Self::Intake,
        Self::Pipeline,
    ];

    /// The path of its page.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/raporlama",
            Self::Units => "/raporlama/birimler",
            Self::Services => "/raporlama/hizmetler",
            Self::Valilikler => "/raporlama/valilikler",
            Self::Cross => "/raporlama/hizmet-birim",
            Self::Process => "/raporlama/surec",
            Self::Response => "/raporlama/cevap-suresi",
            Self::Outcomes => "/raporlama/sonuclar",
            Self::Overdue => "/raporlama/suresi-gecen",
            Self::Workload => "/raporlama/is-yuku",
            Self::Intake => "/raporlama/yogunluk",
            Self::Pipeline => "/raporlama/sistem",
        }
    }

    /// Whether it is about applications, which its filters choose.
    #[must_use]
    pub fn is_filtered(self) -> bool {
        self != Self::Pipeline
    }

    /// Its title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Genel bakış",
            Self::Units => "Birimler",
            Self::Services => "Hizmetler",
            Self::Valilikler => "Valilikler",
            Self::Cross => "Hizmet × Birim",
            Self::Process => "Süreç",
            Self::Response => "Cevaplanma süresi",
            Self::Outcomes => "Sonuçlar",
            Self::Overdue => "Süresi Geçen",
            Self::Workload => "Sorumlu iş yükü",
            Self::Intake => "Başvuru yoğunluğu",
            Self::Pipeline => "Sistem",
        }
    }
}
