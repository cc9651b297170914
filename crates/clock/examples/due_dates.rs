//! Writes three due dates as an iCalendar file, for `check/read_ics.py` to read: `due_dates FILE`.

use gongdao_clock::ics::{Earlier, Entry, write};
use gongdao_clock::{Calendar, CountingRule, explain};
use gongdao_i18n::{Catalogue, Language};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("name the file to write")?;
    let calendar = Calendar::shipped()?;
    // The same arrangements, published a day less far: the date that hangs on them is computed again.
    let older = include_str!("../data/calendar-cn.toml").replace("version = \"2026.1\"", "version = \"2026.0\"");
    let older = older
        .replace("2026-12-24", "2026-12-23")
        .replace("off = [2027-01-01, 2027-01-01]", "off = [2027-01-01, 2027-01-04]");
    let older = Calendar::read(Path::new("older.toml"), &older)?;
    let first = write(&entries(&older)?, "2024-09-01T10:00:00+08:00".parse()?, &BTreeMap::new());
    let text = write(&entries(&calendar)?, "2024-09-28T10:00:00+08:00".parse()?, &Earlier::read(&first)?);
    std::fs::write(file, text)?;
    Ok(())
}

fn entries(calendar: &Calendar) -> Result<Vec<Entry>, Box<dyn Error>> {
    let catalogue = Catalogue::embedded()?;
    let words = catalogue.words(Language::Zh);
    let long = format!("提前一天; 分号, 逗号\\ 和很长很长的标题，{}", "为了折行".repeat(20));
    let rows = [
        ("file", "十个工作日内备案", "10 working days", "2024-09-28T10:00:00+08:00"),
        ("long", &long, "10 working days", "2026-12-21T10:00:00+08:00"),
        ("hours", "Report within 24 hours", "24 hours", "2025-01-01T10:30:00+08:00"),
    ];
    let mut entries = Vec::new();
    for (key, summary, period, start) in rows {
        let explanation = explain(calendar, CountingRule::default(), period.parse()?, start.parse()?, &[])?;
        entries.extend(Entry::of_date(key, summary, &explanation, words)?);
    }
    Ok(entries)
}
