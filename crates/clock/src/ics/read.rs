use super::line::unfolded;
use crate::ClockError;
use std::collections::BTreeMap;

/// What an entry of an earlier file said, as far as SEQUENCE depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Earlier {
    pub(super) sequence: u32,
    pub(super) start: String,
    pub(super) status: String,
}

impl Earlier {
    /// The entries of an iCalendar text by UID.
    ///
    /// Errors: it is no iCalendar text; an entry has no UID or a SEQUENCE that is no number.
    pub fn read(text: &str) -> Result<BTreeMap<String, Self>, ClockError> {
        let lines = unfolded(text);
        if lines.first().map(String::as_str) != Some("BEGIN:VCALENDAR") {
            let hint = "name a file that does not exist yet, or one that was written here";
            return Err(ClockError::new("the file is not an iCalendar file", hint));
        }
        let mut entries = BTreeMap::new();
        let mut open: Option<(Option<String>, Self)> = None;
        let mut depth = 0_u32;
        for line in &lines {
            match line.as_str() {
                "BEGIN:VEVENT" => open = Some((None, Self::default())),
                "END:VEVENT" => {
                    if let Some((uid, entry)) = open.take() {
                        let uid = uid.ok_or_else(|| ClockError::new("an entry has no UID", "write the file anew"))?;
                        entries.insert(uid, entry);
                    }
                }
                other if other.starts_with("BEGIN:") => depth += 1,
                other if other.starts_with("END:") => depth = depth.saturating_sub(1),
                // Alarms lie inside of entries and have properties of their own; the calendar itself is depth 1.
                other if depth == 1 => {
                    if let Some((uid, entry)) = open.as_mut() {
                        entry.take(other, uid)?;
                    }
                }
                _ => {}
            }
        }
        Ok(entries)
    }

    fn take(&mut self, line: &str, uid: &mut Option<String>) -> Result<(), ClockError> {
        if let Some(value) = line.strip_prefix("UID:") {
            *uid = Some(value.to_owned());
        } else if let Some(value) = line.strip_prefix("SEQUENCE:") {
            let refuse = |_| ClockError::new(format!("SEQUENCE `{value}` is not a number"), "write the file anew");
            self.sequence = value.parse().map_err(refuse)?;
        } else if line.starts_with("DTSTART") {
            line.clone_into(&mut self.start);
        } else if line.starts_with("STATUS:") {
            line.clone_into(&mut self.status);
        }
        Ok(())
    }
}
