use crate::ModelError;
use crate::text::reads_from_text;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// A place by its six-digit division code (GB/T 2260): `000000` the whole country, `440000` Guangdong,
/// `440300` Shenzhen, `440305` Nanshan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
pub struct PlaceCode([u8; 6]);

reads_from_text!(PlaceCode);

impl PlaceCode {
    /// The whole country.
    pub const COUNTRY: Self = Self(*b"000000");

    /// The six digits.
    pub fn as_str(&self) -> &str {
        // Only digits come in.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether law of this place reaches `other`: a province covers its cities, a city its districts.
    pub fn covers(self, other: Self) -> bool {
        let significant = self.significant_digits();
        self.0.iter().zip(other.0).take(significant).all(|(mine, theirs)| *mine == theirs)
    }

    /// 0 for the country, 2 for a province, 4 for a city, 6 for a district: longer is more particular.
    pub fn significant_digits(self) -> usize {
        let last = self.0.iter().rposition(|digit| *digit != b'0');
        last.map_or(0, |index| (index / 2 + 1) * 2)
    }
}

impl FromStr for PlaceCode {
    type Err = ModelError;
    fn from_str(text: &str) -> Result<Self, ModelError> {
        match <[u8; 6]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_digit) => Ok(Self(digits)),
            _ => Err(ModelError::new(
                format!("`{text}` is not a place"),
                "use the six-digit division code of GB/T 2260, for instance `110000` for Beijing",
            )),
        }
    }
}

impl TryFrom<String> for PlaceCode {
    type Error = ModelError;
    fn try_from(text: String) -> Result<Self, ModelError> {
        text.parse()
    }
}

impl From<PlaceCode> for String {
    fn from(place: PlaceCode) -> String {
        place.to_string()
    }
}

impl fmt::Display for PlaceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
