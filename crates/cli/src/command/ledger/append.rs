use super::report::{Report, said};
use super::write::{folder, open};
use super::{Place, Writer, of_ledger};
use crate::command::output::{BAD_DATA, CANNOT_CREATE, Fault, NO_INPUT, Output};
use gongdao_i18n::Words;
use gongdao_ledger::{Draft, GroupNumber, Ledger, Reader, decision_draft};
use gongdao_model::DecisionRecord;
use gongdao_pack::write_whole;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Records of one call to the writer.
const CALL: usize = 1_000;
/// Group of a decision that is about the person.
pub(super) const OF_PERSON: GroupNumber = GroupNumber(1);

#[derive(Debug, clap::Args)]
#[command(
    after_help = "The whole input is read first: where a line is wrong nothing is logged. A decision that was logged already is
not logged again, so a command that was interrupted may be run anew."
)]
pub(crate) struct Append {
    #[command(flatten)]
    place: Place,
    /// Decision records, one JSON object a line; `-` is standard input
    #[arg(value_name = "FILE")]
    records: PathBuf,
    /// Write the receipt of each record into this folder
    #[arg(long, value_name = "DIR")]
    receipts: Option<PathBuf>,
    #[command(flatten)]
    writer: Writer,
    #[command(flatten)]
    pub(super) output: Output,
}

impl Append {
    pub(super) fn run(&self, words: Words<'_>) -> Result<Report, Vec<Fault>> {
        let drafts = self.drafts()?;
        let count = drafts.len();
        let ledger = open(&self.place, &self.writer)?;
        let (leaves, repeats) = logged(&ledger, drafts)?;
        let signed = ledger.close().map_err(of_ledger)?;
        if let Some(receipts) = &self.receipts {
            self.write_receipts(receipts, &leaves)?;
        }
        let place = |leaf: Option<&u64>| leaf.map_or_else(|| "-".to_owned(), u64::to_string);
        let values = [
            ("count", count.to_string()),
            ("first", place(leaves.first())),
            ("last", place(leaves.last())),
            ("size", signed.unverified().size.to_string()),
        ];
        let report = Report::of(words, "appended", &values)?.with("repeats", repeats.into());
        if repeats == 0 {
            return Ok(report);
        }
        Ok(report.and(said(words, "repeats", &[("count", &repeats.to_string())])?))
    }

    fn drafts(&self) -> Result<Vec<(String, Draft)>, Vec<Fault>> {
        let name = self.records.display().to_string();
        let unreadable = |error: &std::io::Error| {
            let hint = "name a file of decision records, or `-` for standard input".to_owned();
            let fault = Fault::new(NO_INPUT, format!("cannot read the records: {error}"), Some(hint));
            vec![Fault { file: Some(name.clone()), ..fault }]
        };
        let input: Box<dyn Read> = if name == "-" {
            Box::new(std::io::stdin())
        } else {
            Box::new(std::fs::File::open(&self.records).map_err(|error| unreadable(&error))?)
        };
        let mut drafts = Vec::new();
        for (number, line) in BufReader::new(input).lines().enumerate() {
            let line = line.map_err(|error| unreadable(&error))?;
            if line.trim().is_empty() {
                continue;
            }
            drafts.push(draft(&line).map_err(|(message, hint)| {
                let fault = Fault::new(BAD_DATA, message, Some(hint));
                vec![Fault { file: Some(name.clone()), line: Some(number + 1), ..fault }]
            })?);
        }
        Ok(drafts)
    }

    fn write_receipts(&self, to: &Path, leaves: &[u64]) -> Result<(), Vec<Fault>> {
        let reader = Reader::open(folder(&self.place)?).map_err(of_ledger)?;
        std::fs::create_dir_all(to).map_err(|error| unwritable(to, &error))?;
        for leaf in leaves {
            let receipt = reader.receipt(*leaf, OF_PERSON).map_err(of_ledger)?;
            let file = to.join(format!("{leaf:020}.tlog-proof"));
            write_whole(&file, &receipt.to_string()).map_err(|error| unwritable(&file, &error))?;
        }
        Ok(())
    }
}

/// Where each record now stands, and how many of them stood there before.
fn logged(ledger: &Ledger, drafts: Vec<(String, Draft)>) -> Result<(Vec<u64>, u64), Vec<Fault>> {
    let mut leaves = Vec::with_capacity(drafts.len());
    let mut repeats = 0;
    let mut rest = drafts.into_iter().peekable();
    while rest.peek().is_some() {
        let call: Vec<(String, Draft)> = rest.by_ref().take(CALL).collect();
        for placed in ledger.append_once(call).and_then(gongdao_ledger::Pending::wait).map_err(of_ledger)? {
            let logged = placed.map_err(of_ledger)?;
            repeats += u64::from(logged.is_repeat);
            leaves.push(logged.leaf);
        }
    }
    Ok((leaves, repeats))
}

fn draft(line: &str) -> Result<(String, Draft), (String, String)> {
    let record: DecisionRecord = serde_json::from_str(line)
        .map_err(|error| (error.to_string(), "compare it with docs/formats/decision.md".to_owned()))?;
    let draft = decision_draft(&record).map_err(|error| (error.message, error.hint.to_owned()))?;
    Ok((record.id.to_string(), draft))
}

pub(super) fn unwritable(path: &Path, error: &std::io::Error) -> Vec<Fault> {
    let hint = "check the folder and the free space".to_owned();
    let fault = Fault::new(CANNOT_CREATE, format!("cannot write: {error}"), Some(hint));
    vec![Fault { file: Some(path.display().to_string()), ..fault }]
}
