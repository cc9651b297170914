//! Article 9: content without a visible label, for a user who asked for it; and the log of who got it.

use gongdao_model::LegalDate;

/// A user's request for content without a visible label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a condition of the article, and each is said apart")]
pub struct Request {
    /// The user asked.
    pub was_asked: bool,
    /// The agreement fixes the user's duty to label and responsibility for the use.
    pub agreement_fixes_duty: bool,
    /// The file keeps its label in the metadata (article 5 has no exception).
    pub keeps_embedded_label: bool,
    /// Who gets it is logged.
    pub is_logged: bool,
}

/// A condition that is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// Nobody asked.
    Request,
    /// The agreement is silent.
    Agreement,
    /// The file would have no label at all.
    EmbeddedLabel,
    /// Nothing is logged.
    Log,
}

/// Whether the visible label may be left out; all conditions that are not met.
pub fn may_leave_out(request: Request) -> Result<(), Vec<Missing>> {
    let rows = [
        (request.was_asked, Missing::Request),
        (request.agreement_fixes_duty, Missing::Agreement),
        (request.keeps_embedded_label, Missing::EmbeddedLabel),
        (request.is_logged, Missing::Log),
    ];
    let missing: Vec<Missing> = rows.into_iter().filter(|(met, _)| !met).map(|(_, missing)| missing).collect();
    if missing.is_empty() { Ok(()) } else { Err(missing) }
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Who got the content, by the service's own pseudonym.
    pub recipient: String,
    /// The content's number, `ProduceID`.
    pub produce_id: String,
    /// When, as a legal date.
    pub supplied_on: LegalDate,
}

/// The first day on which a line may be deleted: the law says "not less than six months", so the day of the same number six
/// months later still keeps it. A day that a month does not have counts as that month's last.
pub fn keep_until(supplied_on: LegalDate) -> LegalDate {
    let text = supplied_on.to_string();
    let mut parts = text.split('-').map(|part| part.parse::<u32>().unwrap_or(1));
    let (year, month, day) = (parts.next().unwrap_or(1), parts.next().unwrap_or(1), parts.next().unwrap_or(1));
    let (year, month) = if month > 6 { (year + 1, month - 6) } else { (year, month + 6) };
    let last = day.min(days_of(year, month));
    let (year, month, day) = match (last == days_of(year, month), month == 12) {
        (false, _) => (year, month, last + 1),
        (true, false) => (year, month + 1, 1),
        (true, true) => (year + 1, 1, 1),
    };
    format!("{year:04}-{month:02}-{day:02}").parse().unwrap_or(supplied_on)
}

fn days_of(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The lines that must stay on a day, and those that may go.
pub fn sort_by_term(log: Vec<Recipient>, on: LegalDate) -> (Vec<Recipient>, Vec<Recipient>) {
    log.into_iter().partition(|line| on < keep_until(line.supplied_on))
}
