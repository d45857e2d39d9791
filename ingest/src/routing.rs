//! What ingest asks of the catalog.

use std::fmt;

use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId, Valilik};

/// Which services there are, and who takes them where.
pub trait Routing: fmt::Debug + Send + Sync {
    /// The service with this slug, and the retention class its applications are sealed with.
    fn service(&self, slug: &str) -> Option<(ServiceSlug, &str)>;
    /// The unit of this governorate that takes this service.
    fn unit(&self, service: &ServiceSlug, valilik: Valilik) -> Option<UnitId>;
}
