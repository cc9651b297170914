//! One record a line. An empty line is skipped and counts as no row; a line that is no record stays one bad row.

use super::record::{of_text, to_u64};
use super::{BATCH_ROWS, BodyFault, Reading, Row, RowFault};
use bytes::Bytes;

pub(super) struct Lines<'a> {
    body: Bytes,
    at: usize,
    line: u64,
    row: u64,
    ended: bool,
    reading: Reading<'a>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(body: &Bytes, reading: Reading<'a>) -> Self {
        let body = body.strip_prefix("\u{feff}".as_bytes()).map_or_else(|| body.clone(), |rest| body.slice_ref(rest));
        Self { body, at: 0, line: 0, row: 0, ended: false, reading }
    }

    /// The next line that is not empty.
    fn line(&mut self) -> Option<Bytes> {
        loop {
            let rest = self.body.get(self.at..).filter(|rest| !rest.is_empty())?;
            let length = rest.iter().position(|byte| *byte == b'\n');
            let line = self.body.slice(self.at..self.at + length.unwrap_or(rest.len()));
            self.at += length.map_or(rest.len(), |length| length + 1);
            self.line += 1;
            if !line.trim_ascii().is_empty() {
                return Some(line);
            }
        }
    }

    fn row(&mut self, line: &[u8]) -> Result<Row, BodyFault> {
        self.row += 1;
        let record = match std::str::from_utf8(line) {
            Ok(text) => of_text(text.trim_end_matches('\r'), (self.line, 0), self.reading)?,
            Err(error) => {
                let before = String::from_utf8_lossy(line.get(..error.valid_up_to()).unwrap_or_default());
                Err(vec![RowFault {
                    line: Some(self.line),
                    column: Some(to_u64(before.chars().count()) + 1),
                    field: None,
                    message: self.reading.words.say("check.fault.not_utf8", &[])?,
                    hint: Some(self.reading.words.say("ingest.advice.not_utf8", &[])?),
                }])
            }
        };
        Ok(Row { number: self.row, record })
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<Vec<Row>, BodyFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let mut rows = Vec::with_capacity(BATCH_ROWS);
        while rows.len() < BATCH_ROWS {
            let Some(line) = self.line() else {
                self.ended = true;
                break;
            };
            match self.row(&line) {
                Ok(row) => rows.push(row),
                Err(fault) => {
                    self.ended = true;
                    return Some(Err(fault.after(self.row.saturating_sub(1))));
                }
            }
        }
        (!rows.is_empty()).then_some(Ok(rows))
    }
}
