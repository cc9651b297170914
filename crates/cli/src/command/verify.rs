//! `gongdao verify`: check a receipt or a statement offline, with nothing from the operator.
//!
//! Exit codes: 0 it holds; 64 wrong arguments; 65 it does not hold, or is none; 66 it cannot be read.

mod says;

use crate::command::ledger::report::{Report, said};
use crate::command::ledger::{end, of_ledger};
use crate::command::output::{BAD_DATA, Fault, Kind, NO_INPUT, Output, spoken};
use crate::command::{drafts, load_in_words, packs_folder};
use gongdao_i18n::Words;
use gongdao_ledger::{DECISION_SCHEMA, Opened, Receipt, Stated, Statement, TagKey, Value, read_decision};
use gongdao_merkle::{MerkleError, Policy, VerifierKey};
use says::{Names, Parts};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao verify 00000000000000000007.tlog-proof --log 'ledger.example/city+530d903a+Aeky…'
  gongdao verify mine.statement --key mine.key --policy policy.txt
  gongdao verify asked.tlog-proof --with answered.tlog-proof --with first.tlog-proof --policy policy.txt

A receipt stays valid when the operator erased its own copy. A policy file (C2SP tlog-policy) names logs, witnesses and
how many witnesses must have cosigned; with `--log` alone nobody but the log itself vouches for the checkpoint.

A receipt opens one part of an entry. What was answered to a check is another part, and the text of the answer stands in the
first entry that had it: with receipts of those (`gongdao ledger prove --group`) it is told rule by rule.")]
#[command(group(clap::ArgGroup::new("trust").required(true).args(["log", "policy"])))]
pub(crate) struct Arguments {
    /// A receipt (`.tlog-proof`), or a statement of `gongdao ledger mine` with `--key`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The log's verifier key
    #[arg(long, value_name = "KEY")]
    log: Option<String>,
    /// A policy: logs, witnesses, quorum
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// For a statement: the person's key of that epoch, 64 hexadecimal digits
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Another receipt: of another part of the same entry, or of a part that says what a digest in it stands for
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    with: Vec<PathBuf>,
    /// Packs that name facts and articles [default: `GONGDAO_PACKS`, or `packs`; without them identifiers stand as they are]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| end(&arguments.output, catalogue, |words| arguments.verified(words)))
}

impl Arguments {
    fn verified(&self, words: Words<'_>) -> Result<Report, Vec<Fault>> {
        let policy = self.trusted()?;
        let bytes = read(&self.file)?;
        match &self.key {
            None => self.receipt(words, &bytes, &policy),
            Some(key) => {
                let statement = Statement::parse(&bytes).map_err(of_ledger)?;
                let found = statement.verify(&tag_key(key)?, &policy).map_err(of_ledger)?;
                let erased = found.iter().filter(|stated| matches!(stated, Stated::Erased { .. })).count();
                let values = [
                    ("count", found.len().to_string()),
                    ("epoch", statement.seal.epoch.0.to_string()),
                    ("erased", erased.to_string()),
                ];
                let entries = found.iter().map(stated).collect();
                Ok(Report::of(words, "statement_holds", &values)?.with("entries", entries))
            }
        }
    }

    fn receipt(&self, words: Words<'_>, bytes: &[u8], policy: &Policy) -> Result<Report, Vec<Fault>> {
        let receipt = Receipt::parse(bytes).map_err(of_ledger)?;
        let opened = receipt.verify(policy).map_err(of_ledger)?;
        let size = receipt.proof().checkpoint.unverified().size;
        let values = [("entry", opened.leaf.to_string()), ("size", size.to_string())];
        let mut parts = Parts::default();
        parts.add(&opened, true);
        let mut shown = BTreeSet::from([opened.group]);
        for file in &self.with {
            let in_file = |faults: Vec<Fault>| -> Vec<Fault> {
                let name = Some(file.display().to_string());
                faults.into_iter().map(|fault| Fault { file: name.clone(), ..fault }).collect()
            };
            let other = Receipt::parse(&read(file)?).map_err(|error| in_file(of_ledger(error)))?;
            let also = other.verify(policy).map_err(|error| in_file(of_ledger(error)))?;
            let is_same = also.leaf == opened.leaf && other.opening().entry == receipt.opening().entry;
            parts.add(&also, is_same);
            if is_same {
                shown.insert(also.group);
            }
        }
        parts.hidden = receipt.opening().others.len().saturating_sub(shown.len());
        let content = content(&opened);
        let report = Report::of(words, "receipt_holds", &values)?;
        let report = if parts.is_told() {
            let lines = parts.lines(words, &self.names(words)?)?;
            lines.into_iter().fold(report, Report::and).with("says", parts.json())
        } else {
            report.and(said(words, "content", &[("content", &content.to_string())])?)
        };
        Ok(report.with("content", content))
    }

    /// The packs that were named; else those that lie here, if any do.
    fn names(&self, words: Words<'_>) -> Result<Names, Vec<Fault>> {
        let folder = packs_folder(self.packs.as_deref());
        if self.packs.is_none() && !folder.is_dir() {
            return Ok(None);
        }
        load_in_words(&folder, drafts(true), words).map(Some)
    }

    fn trusted(&self) -> Result<Policy, Vec<Fault>> {
        // What is written wrongly here says nothing of the receipt.
        let refused = |error: MerkleError| -> Vec<Fault> {
            of_ledger(error.into()).into_iter().map(|fault| Fault { kind: Kind::Data, ..fault }).collect()
        };
        match (&self.log, &self.policy) {
            (Some(key), _) => Ok(Policy::of_log(key.parse::<VerifierKey>().map_err(refused)?)),
            (None, Some(file)) => {
                let text = String::from_utf8(read(file)?)
                    .map_err(|_| vec![in_file(file, BAD_DATA, "the policy is not UTF-8".to_owned())])?;
                text.parse().map_err(refused)
            }
            (None, None) => Err(vec![Fault::new(BAD_DATA, "neither a key nor a policy was given", None)]),
        }
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Vec<Fault>> {
    std::fs::read(file).map_err(|error| vec![in_file(file, NO_INPUT, format!("cannot read the file: {error}"))])
}

fn in_file(file: &Path, code: u8, message: String) -> Fault {
    Fault { file: Some(file.display().to_string()), ..Fault::new(code, message, None) }
}

fn tag_key(file: &Path) -> Result<TagKey, Vec<Fault>> {
    let text = String::from_utf8_lossy(&read(file)?).trim().to_owned();
    let digits: Option<Vec<u8>> = text
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    let key: Option<[u8; 32]> = digits.and_then(|bytes| bytes.try_into().ok());
    let refused = || vec![in_file(file, BAD_DATA, "the key is not 64 hexadecimal digits".to_owned())];
    key.map(TagKey::from_bytes).ok_or_else(refused)
}

/// What a group says: a decision as its record, anything else column by column.
fn content(opened: &Opened) -> serde_json::Value {
    let record = (opened.schema == DECISION_SCHEMA).then(|| read_decision(&opened.columns).ok()).flatten();
    let columns = match record {
        Some(record) => serde_json::to_value(record).unwrap_or(serde_json::Value::Null),
        None => opened.columns.iter().map(value).collect(),
    };
    json!({ "schema": opened.schema, "logged_at": opened.logged_at.seconds(), "columns": columns })
}

fn stated(stated: &Stated) -> serde_json::Value {
    match stated {
        Stated::Opened(opened) => json!({ "entry": opened.leaf, "content": content(opened) }),
        Stated::Erased { leaf, .. } => json!({ "entry": leaf, "erased": true }),
    }
}

/// A column as JSON; bytes in base64.
pub(crate) fn value(value: &Value) -> serde_json::Value {
    match value {
        Value::Int(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Bool(truth) => json!(truth),
        Value::List(values) => values.iter().map(self::value).collect(),
        Value::Bytes(bytes) => json!(gongdao_merkle::encode_base64(bytes)),
        Value::Null => serde_json::Value::Null,
    }
}
