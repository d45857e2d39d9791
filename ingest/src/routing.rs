//! What ingest asks of the catalog; a test may answer with a hole, which no checked catalog has.

use std::fmt;

use ebasvuru_workflow::domain::catalog::{Catalog, ServiceSlug, UnitId, Valilik};

/// Which services there are, and who takes them where.
pub trait Routing: fmt::Debug + Send + Sync {
    /// The service with this slug, and the retention class its applications are sealed with.
    fn service(&self, slug: &str) -> Option<(ServiceSlug, &str)>;
    /// The unit of this governorate that takes this service.
    fn unit(&self, service: &ServiceSlug, valilik: Valilik) -> Option<UnitId>;
}

impl Routing for Catalog {
    fn service(&self, slug: &str) -> Option<(ServiceSlug, &str)> {
        let service = Self::service(self, &slug.parse().ok()?)?;
        Some((service.slug.clone(), &service.retention_class))
    }

    fn unit(&self, service: &ServiceSlug, valilik: Valilik) -> Option<UnitId> {
        self.route(service, valilik).cloned()
    }
}
