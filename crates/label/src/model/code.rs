//! The 27-character code of a service (TC260 practice guide on provider codes, 2025): `00`, kind of subject, kind of
//! binding, 18 characters of the unified social credit code, kind of service, 4 characters of the subject's own.

/// Characters of a unified social credit code, in the order of their values (GB 32100-2015).
const CREDIT_CHARACTERS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const CREDIT_LENGTH: usize = 18;
const LENGTH: usize = 27;

/// What the code says its owner does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServiceKind {
    /// Generates content.
    Generates,
    /// Spreads content.
    Propagates,
    /// The code ends in `00000`: its owner uses no extension.
    Unstated,
}

/// What a producer or propagator field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provider {
    /// A code of 27 characters whose check character is right.
    Code(ProviderCode),
    /// Of the code's length and characters, but not a code: `why` says which part is wrong.
    BrokenCode {
        /// The part at fault.
        why: CodeFault,
    },
    /// A name.
    Name,
}

/// A well-formed code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderCode {
    text: String,
    /// What its owner does.
    pub service: ServiceKind,
}

/// Which part of a code is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeFault {
    /// It does not begin with `00`.
    Beginning,
    /// The credit code holds a character that no credit code has.
    CreditCharacter,
    /// The check character of the credit code is another one.
    CheckCharacter,
    /// The kind of service is neither `1` nor `2`, and the extension is not `00000`.
    Service,
}

impl Provider {
    /// Reads a field; never fails, because the Measures allow a name.
    pub fn read(text: &str) -> Self {
        let is_code = text.len() == LENGTH && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        if !is_code {
            return Self::Name;
        }
        match ProviderCode::parse(text) {
            Ok(code) => Self::Code(code),
            Err(why) => Self::BrokenCode { why },
        }
    }
}

impl ProviderCode {
    fn parse(text: &str) -> Result<Self, CodeFault> {
        if !text.starts_with("00") {
            return Err(CodeFault::Beginning);
        }
        let credit = text.get(4..4 + CREDIT_LENGTH).unwrap_or_default();
        check_credit(credit)?;
        let extension = text.get(4 + CREDIT_LENGTH..).unwrap_or_default();
        let service = match extension.as_bytes().first() {
            Some(b'1') => ServiceKind::Generates,
            Some(b'2') => ServiceKind::Propagates,
            Some(b'0') if extension == "00000" => ServiceKind::Unstated,
            _ => return Err(CodeFault::Service),
        };
        Ok(Self { text: text.to_owned(), service })
    }

    /// The whole code.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The unified social credit code within.
    pub fn credit_code(&self) -> &str {
        self.text.get(4..4 + CREDIT_LENGTH).unwrap_or_default()
    }
}

/// GB 32100-2015: weights are powers of 3 modulo 31; the last character makes the sum a multiple of 31.
fn check_credit(credit: &str) -> Result<(), CodeFault> {
    let mut weight = 1;
    let mut sum = 0;
    let mut last = 0;
    for byte in credit.bytes() {
        let value = CREDIT_CHARACTERS.iter().position(|known| *known == byte).ok_or(CodeFault::CreditCharacter)?;
        sum += value * weight;
        weight = weight * 3 % 31;
        last = value;
    }
    // `weight` of the check character itself is 1, not 3 to the 17th.
    let own_weight = (0..CREDIT_LENGTH - 1).fold(1, |weight, _| weight * 3 % 31);
    let without = sum - last * own_weight;
    if (without + last) % 31 == 0 { Ok(()) } else { Err(CodeFault::CheckCharacter) }
}

#[cfg(test)]
mod tests {
    use super::{CodeFault, Provider};

    fn check(text: &str, expected: Result<bool, CodeFault>) {
        let found = match Provider::read(text) {
            Provider::Code(_) => Ok(true),
            Provider::Name => Ok(false),
            Provider::BrokenCode { why } => Err(why),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_code_is_checked_to_its_last_digit() {
        // Codes that real services write.
        check("001191110102MACQD9K64010000", Ok(true));
        check("001191310104MACE0YX63918020", Ok(true));
        check("001191440300708461136T1XGW3", Ok(true));
        // Without an extension.
        check("001191110108MA01KP2T5U00000", Ok(true));
        check("001191110108MA01KP2T5U00001", Err(CodeFault::Service));
        // One digit turned.
        check("001191110102MACQD9K65010000", Err(CodeFault::CheckCharacter));
        check("011191110102MACQD9K64010000", Err(CodeFault::Beginning));
        check("001191110102MACQD9K64030000", Err(CodeFault::Service));
        check("001191110102MICQD9K64010000", Err(CodeFault::CreditCharacter));
        check("001191110102MACQD9K6401000", Ok(false));
        check("001191110102macqd9k64010000", Ok(false));
        check("某某公司", Ok(false));
        check("", Ok(false));
    }
}
