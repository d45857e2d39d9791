//! The demo citizens.

use ebasvuru_workflow::domain::turkish::Tckn;
use serde::Serialize;

/// A person who does not exist.
#[derive(Clone, Debug, Serialize)]
pub struct Citizen {
    /// A T.C. Kimlik No with valid check digits.
    pub tckn: String,
    pub first_name: &'static str,
    pub last_name: &'static str,
    pub phone: &'static str,
    pub email: Option<&'static str>,
}

/// The demo citizens; one of them has no e-mail address.
pub fn citizens() -> Vec<Citizen> {
    let all = [
        ([1, 0, 0, 0, 0, 0, 0, 0, 1], "Ayşe", "Yılmaz", "+905550000001", Some("ayse.yilmaz@example.org")),
        ([2, 0, 0, 0, 0, 0, 0, 0, 2], "İsmail", "Işık", "+905550000002", None),
        ([3, 0, 0, 0, 0, 0, 0, 0, 3], "Gülşen", "Çağlar", "+905550000003", Some("gulsen@example.org")),
    ];
    let citizens = all.into_iter().filter_map(|(digits, first_name, last_name, phone, email)| {
        let tckn = Tckn::from_first_nine(digits)?.as_str().to_owned();
        Some(Citizen { tckn, first_name, last_name, phone, email })
    });
    citizens.collect()
}
