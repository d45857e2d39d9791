//! People and where they live: names, streets and quarters are data in `data/people.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use ebasvuru_workflow::domain::turkish::Tckn;
use ebasvuru_workflow::random::Random;
use serde::Deserialize;

use super::places::place;
use crate::submission::Applicant;

/// The first two digits of mobile numbers after +90 5.
const OPERATORS: [u32; 24] =
    [30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 41, 42, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    women: FirstNames,
    men: FirstNames,
    last_names: Vec<String>,
    streets: Vec<String>,
    quarters: HashMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstNames {
    first: Vec<String>,
    /// Names that follow another one.
    second: Vec<String>,
}

static DATA: LazyLock<Data> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the data is compiled in, and the tests read it")]
    toml::from_str(include_str!("data/people.toml")).expect("the names are TOML")
});

/// Somebody who applies, and their address.
#[derive(Clone, Debug)]
pub struct Citizen {
    /// Who.
    pub applicant: Applicant<'static>,
    /// The plate code of the governorate in which they live.
    pub plate: u8,
    pub district: &'static str,
    pub quarter: &'static str,
    pub street: &'static str,
    /// All of the address in one line.
    pub address: String,
}

/// A first name, sometimes two, and a last name: of a few women two with a hyphen.
#[must_use]
pub fn full_name(random: &mut Random) -> (String, String) {
    let is_woman = random.chance(0.5);
    let names = if is_woman { &DATA.women } else { &DATA.men };
    let mut first = random.pick(&names.first).clone();
    if random.chance(0.2) {
        first.push(' ');
        first.push_str(random.pick::<String>(&names.second));
    }
    let mut last = random.pick(&DATA.last_names).clone();
    let other = random.pick::<String>(&DATA.last_names);
    if is_woman && random.chance(0.02) && *other != last {
        last.push('-');
        last.push_str(other);
    }
    (first, last)
}

/// Somebody who lives in this governorate.
pub fn citizen(plate: u8, random: &mut Random) -> Citizen {
    let districts = &place(plate).districts;
    // Of two draws the earlier one counts: the larger districts come first.
    let draw = |random: &mut Random| random.below(u32::try_from(districts.len()).unwrap_or(1)) as usize;
    let district = &districts[draw(random).min(draw(random))];
    let quarters = DATA.quarters.get(district).or_else(|| DATA.quarters.get("*"));
    let quarter = quarters.map_or("Merkez", |quarters| random.pick::<String>(quarters));
    let street = random.pick::<String>(&DATA.streets);
    let (number, door) = (1 + random.below(140), 1 + random.below(24));
    Citizen {
        applicant: applicant(random),
        plate,
        district,
        quarter,
        street,
        address: format!(
            "{quarter} Mahallesi, {street} No: {number}/{door}, {district}/{}",
            place(plate).name
        ),
    }
}

fn applicant(random: &mut Random) -> Applicant<'static> {
    let first =
        std::array::from_fn(|i| if i == 0 { 1 + random.below(9) } else { random.below(10) }.to_le_bytes()[0]);
    let tckn = Tckn::from_first_nine(first).map(|tckn| tckn.as_str().to_owned()).unwrap_or_default();
    let (first_name, last_name) = full_name(random);
    let phone = format!("+905{}{:07}", random.pick(&OPERATORS), random.below(10_000_000));
    let email = random.chance(0.7).then(|| format!("vatandas{}@example.org", random.below(1_000_000)).into());
    Applicant {
        tckn: tckn.into(),
        first_name: first_name.into(),
        last_name: last_name.into(),
        phone: phone.into(),
        email,
    }
}
