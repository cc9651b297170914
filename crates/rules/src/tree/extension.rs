//! Values of the extension types. Source: Cedar language reference, "Extension types".

use chrono::{NaiveDate, NaiveTime};
use std::net::IpAddr;

/// A value of an extension type. Equal values are equal, however they were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extension {
    /// Ten-thousandths.
    Decimal(i64),
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Datetime(i64),
    /// Milliseconds.
    Duration(i64),
    /// An address and the length of its network's prefix in bits.
    Ip(IpAddr, u8),
}

const DAY_MILLIS: i64 = 86_400_000;
const DECIMAL_DIGITS: usize = 4;
/// Longest text of an address that is read.
const IP_BYTES: usize = 43;

impl Extension {
    /// `decimal(text)`: digits, a full stop, one to four digits. None where the text is no such number or overflows.
    pub fn decimal(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.')?;
        let is_negative = whole.starts_with('-');
        let digits = whole.strip_prefix('-').unwrap_or(whole);
        if !is_digits(digits) || !is_digits(part) || part.len() > DECIMAL_DIGITS {
            return None;
        }
        let scale = 10_i64.pow(u32::try_from(DECIMAL_DIGITS - part.len()).ok()?);
        let whole = whole.parse::<i64>().ok()?.checked_mul(10_000)?;
        let part = part.parse::<i64>().ok()?.checked_mul(scale)?;
        let value = if is_negative { whole.checked_sub(part) } else { whole.checked_add(part) };
        value.map(Self::Decimal)
    }

    /// `datetime(text)`: `YYYY-MM-DD`, or with `Thh:mm:ss`, optionally `.SSS`, then `Z` or `+hhmm`.
    pub fn datetime(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let date = NaiveDate::from_ymd_opt(
            number(date, 0, 4).and_then(|year| i32::try_from(year).ok())?,
            number(date, 5, 7)?,
            number(date, 8, 10)?,
        )
        .filter(|_| date.as_bytes().get(4) == Some(&b'-') && date.as_bytes().get(7) == Some(&b'-'))?;
        let midnight = date.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
        if rest.is_empty() {
            return Some(Self::Datetime(midnight));
        }
        let (clock, zone) = rest.split_at_checked(9)?;
        let marks = [(0, b'T'), (3, b':'), (6, b':')];
        if !marks.iter().all(|(at, mark)| clock.as_bytes().get(*at) == Some(mark)) {
            return None;
        }
        let (hours, minutes, seconds) = (number(clock, 1, 3)?, number(clock, 4, 6)?, number(clock, 7, 9)?);
        let (millis, zone) = match zone.strip_prefix('.') {
            Some(rest) => (number(rest, 0, 3)?, rest.get(3..)?),
            None => (0, zone),
        };
        if hours > 23 || minutes > 59 || seconds > 59 {
            return None;
        }
        let of_day = i64::from(hours * 3_600 + minutes * 60 + seconds) * 1_000 + i64::from(millis);
        Some(Self::Datetime(midnight + of_day - zone_millis(zone)?))
    }

    /// `duration(text)`: `-1d2h3m4s5ms`, each part optional, in this order.
    pub fn duration(text: &str) -> Option<Self> {
        let (sign, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (-1_i128, rest),
            None => (1, text),
        };
        if rest.is_empty() {
            return None;
        }
        let units = [("d", DAY_MILLIS), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
        let mut parts = Vec::new();
        for (unit, millis) in units {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, after) = rest.split_at(digits);
            let Some(after) = after.strip_prefix(unit).filter(|after| digits > 0 && !is_other_unit(unit, after)) else {
                continue;
            };
            parts.push((number.parse::<u64>().ok()?, millis));
            rest = after;
        }
        if !rest.is_empty() {
            return None;
        }
        // From the smallest unit to the largest, each step within 64 bits, as the specification adds them.
        let mut sum = 0_i64;
        for (count, millis) in parts.into_iter().rev() {
            let signed = i128::from(count) * i128::from(millis) * sign;
            let fits_alone = millis == 1 || i64::try_from(i128::from(count) * i128::from(millis)).is_ok();
            sum = i64::try_from(i128::from(sum) + signed).ok().filter(|_| fits_alone)?;
        }
        Some(Self::Duration(sum))
    }

    /// `ip(text)`: an IPv4 or IPv6 address, optionally `/` and a prefix length.
    pub fn ip(text: &str) -> Option<Self> {
        let mixes = text.matches(':').count() >= 2 && text.matches('.').count() >= 2;
        if text.len() > IP_BYTES || mixes {
            return None;
        }
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address.parse::<IpAddr>().ok()?, Some(prefix)),
            None => (text.parse::<IpAddr>().ok()?, None),
        };
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = match prefix {
            None => most,
            Some(prefix) => {
                let is_plain = is_digits(prefix) && (prefix == "0" || !prefix.starts_with('0')) && prefix.len() <= 3;
                prefix.parse::<u8>().ok().filter(|length| is_plain && *length <= most)?
            }
        };
        Some(Self::Ip(address, length))
    }
}

/// `m` before `s` begins `ms`, which is another unit.
fn is_other_unit(unit: &str, after: &str) -> bool {
    unit == "m" && after.starts_with('s')
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number(text: &str, from: usize, to: usize) -> Option<u32> {
    text.get(from..to).filter(|digits| is_digits(digits))?.parse().ok()
}

fn zone_millis(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = (number(zone, 1, 3)?, number(zone, 3, 5)?);
    (zone.len() == 5 && hours < 24 && minutes < 60).then(|| sign * i64::from(hours * 60 + minutes) * 60_000)
}
