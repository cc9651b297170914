//! The published filing lists, as a table with a row a filing (columns of docs/register.md).

use crate::RegisterError;
use crate::filing::RecordNumber;
use crate::text::TEXT_CHARS;
use csv::StringRecord;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::Read;

/// A filing as it was published. Facts of the authority, not advice on anybody's compliance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedFiling {
    /// Its name here: digest of list and number, so that the same row again is the same filing.
    pub id: String,
    /// Which list.
    pub list: String,
    /// Its batch.
    pub batch: String,
    /// When it was announced: a month or a day.
    pub announced: String,
    /// The algorithm.
    pub name: String,
    /// Its class, in the words of the list.
    pub class: String,
    /// The provider's role, in lists of deep synthesis.
    pub role: String,
    /// The provider.
    pub provider: String,
    /// Products.
    pub product: String,
    /// Purpose.
    pub purpose: String,
    /// The number.
    pub number: String,
    /// What was noted later: another name, cancelled.
    pub remark: String,
    /// The province, as whoever collected the lists read it off the number; not official.
    pub province: String,
    /// Where it was announced.
    pub source: String,
    /// What looks unusual about the number: hints, as the rules behind them are not published.
    pub remarks: Vec<String>,
}

impl PublishedFiling {
    /// Everything that a search looks at, in lower case.
    pub fn haystack(&self) -> String {
        let parts = [&self.name, &self.provider, &self.product, &self.purpose, &self.number, &self.remark];
        let parts: Vec<&str> = parts.into_iter().map(String::as_str).collect();
        parts.join("\n").to_lowercase()
    }
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowFault {
    /// 1-based, without the header.
    pub row: u64,
    /// 1-based line of the file, where it begins.
    pub line: u64,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// Columns that every table has, in any order; others are left alone.
const COLUMNS: [&str; 10] = [
    "filingType",
    "batch",
    "announcementDate",
    "algorithmName",
    "algorithmClass",
    "role",
    "entityName",
    "product",
    "purpose",
    "recordNumber",
];
/// Columns that may be absent.
const MORE: [&str; 3] = ["remark", "province", "sourceUrl"];

/// Read the table row by row; each is handed over as it is read, so that no file is too long.
///
/// Errors: it cannot be read; a column is missing. A row that is wrong is handed over as a fault, and the rest goes on.
pub fn read_published(
    input: impl Read,
    mut take: impl FnMut(Result<PublishedFiling, RowFault>) -> Result<(), RegisterError>,
) -> Result<(), RegisterError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(Unmarked::new(input));
    let header = reader.headers().map_err(|error| unreadable(&error))?.clone();
    let place = |name: &str| header.iter().position(|known| known.trim() == name);
    let missing: Vec<&str> = COLUMNS.into_iter().filter(|name| place(name).is_none()).collect();
    if !missing.is_empty() {
        let hint = format!("the first row names the columns: {}", COLUMNS.join(", "));
        return Err(RegisterError::new(format!("the table has no column {}", missing.join(", ")), hint));
    }
    let places: Vec<Option<usize>> = COLUMNS.into_iter().chain(MORE).map(place).collect();
    let mut row = 0;
    let mut record = StringRecord::new();
    loop {
        row += 1;
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {
                let line = record.position().map_or(line, csv::Position::line);
                let read = if record.len() == header.len() {
                    filing(&record, &places)
                } else {
                    let message = format!("the row has {} fields and the table {} columns", record.len(), header.len());
                    Err((message, "put texts with commas or line breaks into quotes".to_owned()))
                };
                take(read.map_err(|(message, hint)| RowFault { row, line, message, hint }))?;
            }
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                let hint = "write the file in UTF-8".to_owned();
                take(Err(RowFault { row, line, message: "the row is not UTF-8".to_owned(), hint }))?;
            }
            Err(error) => return Err(unreadable(&error)),
        }
    }
}

fn unreadable(error: &csv::Error) -> RegisterError {
    RegisterError::new(format!("the table cannot be read: {error}"), "give CSV (RFC 4180) in UTF-8")
}

fn filing(record: &StringRecord, places: &[Option<usize>]) -> Result<PublishedFiling, (String, String)> {
    let field = |index: usize| {
        let place = places.get(index).copied().flatten();
        place.and_then(|place| record.get(place)).unwrap_or_default().trim().to_owned()
    };
    for (index, name) in COLUMNS.into_iter().enumerate() {
        let value = field(index);
        let needed = matches!(name, "filingType" | "algorithmName" | "entityName" | "recordNumber");
        if needed && value.is_empty() {
            return Err((format!("`{name}` is empty"), "fill it in".to_owned()));
        }
        if value.chars().count() > TEXT_CHARS || value.chars().any(|char| char == '\0') {
            return Err((
                format!("`{name}` is too long, or no text"),
                format!("write {TEXT_CHARS} characters at most"),
            ));
        }
    }
    let (list, number) = (field(0), field(9));
    let is_number = number.strip_prefix("网信算备").is_some_and(|rest| {
        let digits = rest.strip_suffix('号').unwrap_or_default();
        (20..=24).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    if !is_number {
        return Err((
            format!("`recordNumber` is `{}`", number.escape_debug()),
            "it is `网信算备`, 21 digits, `号`".to_owned(),
        ));
    }
    // One published number has 22 digits; it stays as it was published.
    let remarks = match RecordNumber::read(&number) {
        Err(_) => vec!["unusual-number".to_owned()],
        Ok(read) if !read.is_check_digit_usual => vec!["unusual-check-digit".to_owned()],
        Ok(_) => Vec::new(),
    };
    let id = format!("{:x}", Sha256::digest(format!("{list}\n{number}").as_bytes()));
    Ok(PublishedFiling {
        id: id.get(..32).unwrap_or_default().to_owned(),
        list,
        batch: field(1),
        announced: field(2),
        name: field(3),
        class: field(4),
        role: field(5),
        provider: field(6),
        product: field(7),
        purpose: field(8),
        number,
        remark: field(10),
        province: field(11),
        source: field(12),
        remarks,
    })
}

/// A reader without the byte order mark that some programs put in front.
struct Unmarked<R> {
    input: R,
    begun: Vec<u8>,
    is_begun: bool,
}

impl<R: Read> Unmarked<R> {
    fn new(input: R) -> Self {
        Self { input, begun: Vec::new(), is_begun: false }
    }

    fn begin(&mut self) -> std::io::Result<()> {
        self.is_begun = true;
        (&mut self.input).take(3).read_to_end(&mut self.begun)?;
        if self.begun == [0xef, 0xbb, 0xbf] {
            self.begun.clear();
        }
        Ok(())
    }
}

impl<R: Read> Read for Unmarked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if !self.is_begun {
            self.begin()?;
        }
        if self.begun.is_empty() {
            return self.input.read(buffer);
        }
        let count = self.begun.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(self.begun.drain(..count)) {
            *to = from;
        }
        Ok(count)
    }
}
