//! Checks the values of a submission, after its shape.

use ebasvuru_workflow::domain::catalog::{Catalog, ServiceSlug, UnitId, Valilik};
use ebasvuru_workflow::domain::turkish::Tckn;
use jiff::{SignedDuration, Timestamp};

use super::document::{CheckedDocument, check_document};
use super::failure::{CheckFailure, Code};
use crate::submission::{CONFIRMATION, Submission};

/// How far ahead of ours e-Devlet's clock may be (decision i).
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);

/// A submission that passed the checks, with what they found out.
#[derive(Clone, Debug)]
pub struct Admitted<'a> {
    /// The applicant's T.C. Kimlik No.
    pub tckn: Tckn,
    /// The service.
    pub service: ServiceSlug,
    /// Its retention class.
    pub retention: &'a str,
    /// The governorate.
    pub valilik: Valilik,
    /// The unit that gets it.
    pub unit: UnitId,
    /// The documents, in order.
    pub documents: Vec<CheckedDocument<'a>>,
}

/// Checks the values of a submission in the order of the codes. It is read at `now`.
pub fn admit<'a>(
    catalog: &'a Catalog,
    it: &'a Submission<'a>,
    now: Timestamp,
) -> Result<Admitted<'a>, CheckFailure> {
    let tckn = it
        .applicant
        .tckn
        .parse()
        .map_err(|_| CheckFailure::new(Code::TcknInvalid, "applicant.tckn is no T.C. Kimlik No"))?;
    let service = catalog
        .service_named(&it.service)
        .ok_or_else(|| CheckFailure::new(Code::UnknownService, "the catalog has no such service"))?;
    let valilik = u8::try_from(it.valilik)
        .ok()
        .and_then(Valilik::from_plate)
        .ok_or_else(|| CheckFailure::new(Code::UnknownValilik, "valilik is no plate code from 1 to 81"))?;
    let unit = catalog.route(&service.slug, valilik).ok_or_else(|| {
        CheckFailure::new(Code::NotRoutable, format!("no unit of valilik {valilik} takes {}", service.slug))
    })?;
    if it.confirmation.trim() != CONFIRMATION {
        return Err(CheckFailure::new(Code::NotConfirmed, "confirmation is not EVET"));
    }
    let documents = it
        .documents
        .iter()
        .enumerate()
        .map(|(i, document)| check_document(i, document))
        .collect::<Result<_, _>>()?;
    if it.submitted_at.duration_since(now) > CLOCKS_DIFFER {
        return Err(CheckFailure::new(
            Code::SubmittedAtFuture,
            "submitted_at is more than five minutes in the future",
        ));
    }
    Ok(Admitted {
        tckn,
        service: service.slug.clone(),
        retention: &service.retention_class,
        valilik,
        unit: unit.clone(),
        documents,
    })
}
