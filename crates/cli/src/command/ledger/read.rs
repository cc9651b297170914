use super::append::unwritable;
use super::report::{Report, said};
use super::write::{folder, pseudonym};
use super::{Place, of_ledger, store};
use crate::command::output::{Fault, Output};
use gongdao_i18n::Words;
use gongdao_ledger::{Audit, Epoch, GroupNumber, Reader};
use gongdao_pack::write_whole;
use serde_json::json;
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Prove {
    #[command(flatten)]
    place: Place,
    /// The entry
    #[arg(long, value_name = "PLACE")]
    entry: u64,
    /// Which group of it is shown: 0 the algorithm, 1 the person's
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    group: u16,
    /// The receipt's file, `.tlog-proof`
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Mine {
    #[command(flatten)]
    place: Place,
    /// The pseudonym
    #[arg(long, value_name = "PSEUDONYM")]
    person: String,
    /// The closed epoch
    #[arg(long, value_name = "NUMBER")]
    epoch: u64,
    /// The statement's file; the key that checks it goes beside it, with `.key`
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Fsck {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Audited {
    #[command(flatten)]
    place: Place,
    /// The first entry
    #[arg(long, value_name = "PLACE", default_value = "0")]
    from: u64,
    /// The entry after the last [default: all]
    #[arg(long, value_name = "PLACE")]
    until: Option<u64>,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    #[command(flatten)]
    place: Place,
    /// Where the files go: a folder, or `s3://bucket/prefix` with credentials and endpoint from the environment (`AWS_…`)
    #[arg(long, value_name = "DIR|URL")]
    to: String,
    /// How many entries an earlier export had: only what it lacks is written [default: as its checkpoint says]
    #[arg(long, value_name = "N")]
    old: Option<u64>,
    /// Packs of 65,536 entries in place of one file for each tile: fewer and larger objects, not for a web server
    #[arg(long, conflicts_with = "old")]
    packed: bool,
    #[command(flatten)]
    pub(super) output: Output,
}

pub(super) fn reader(place: &Place) -> Result<Reader, Vec<Fault>> {
    Reader::open(folder(place)?).map_err(of_ledger)
}

impl Prove {
    pub(super) fn run(&self, words: Words<'_>) -> Result<Report, Vec<Fault>> {
        let receipt = reader(&self.place)?.receipt(self.entry, GroupNumber(self.group)).map_err(of_ledger)?;
        let text = receipt.to_string();
        write_whole(&self.out, &text).map_err(|error| unwritable(&self.out, &error))?;
        let values = [
            ("file", self.out.display().to_string()),
            ("entry", self.entry.to_string()),
            ("size", receipt.proof().checkpoint.unverified().size.to_string()),
            ("bytes", text.len().to_string()),
        ];
        Report::of(words, "proved", &values)
    }
}

impl Mine {
    pub(super) fn run(&self, words: Words<'_>) -> Result<Report, Vec<Fault>> {
        let reader = reader(&self.place)?;
        let (person, epoch) = (pseudonym(&self.person)?, Epoch(self.epoch));
        let statement = reader.statement(&person, epoch).map_err(of_ledger)?;
        let key = reader.tag_key(&person, epoch).map_err(of_ledger)?;
        let file = self.out.with_extension("key");
        write_whole(&self.out, &statement.to_bytes()).map_err(|error| unwritable(&self.out, &error))?;
        let text = key.as_bytes().iter().fold(String::new(), |mut text, byte| {
            // Writing into a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        write_whole(&file, &format!("{text}\n")).map_err(|error| unwritable(&file, &error))?;
        let values = [
            ("count", statement.entries.len().to_string()),
            ("epoch", self.epoch.to_string()),
            ("file", self.out.display().to_string()),
            ("key_file", file.display().to_string()),
        ];
        Report::of(words, "mine", &values)
    }
}

impl Fsck {
    pub(super) fn run(&self, words: Words<'_>) -> Result<Report, Vec<Fault>> {
        checked(words, "checked", &reader(&self.place)?.fsck().map_err(of_ledger)?)
    }
}

impl Audited {
    pub(super) fn run(&self, words: Words<'_>) -> Result<Report, Vec<Fault>> {
        let reader = reader(&self.place)?;
        let until = self.until.unwrap_or_else(|| reader.size());
        checked(words, "recomputed", &reader.audit(self.from..until).map_err(of_ledger)?)
    }
}

impl Export {
    pub(super) fn run(&self, words: Words<'_>) -> Result<Report, Vec<Fault>> {
        let reader = reader(&self.place)?;
        let to = store::objects(&self.to)?;
        let files = if self.packed { reader.pack(&*to) } else { reader.export(&*to, self.old) };
        let files = files.map_err(of_ledger)?;
        let values = [("files", files.to_string()), ("size", reader.size().to_string()), ("folder", self.to.clone())];
        Report::of(words, "exported", &values)
    }
}

fn checked(words: Words<'_>, key: &str, audit: &Audit) -> Result<Report, Vec<Fault>> {
    let values = [
        ("entries", audit.entries.to_string()),
        ("opened", audit.opened.to_string()),
        ("erased", audit.erased.to_string()),
        ("found", audit.findings.len().to_string()),
    ];
    let mut report = Report::of(words, key, &values)?;
    report.is_clean = audit.findings.is_empty();
    let findings = audit.findings.iter().map(
        |finding| json!({ "kind": format!("{:?}", finding.kind), "entry": finding.leaf, "message": finding.message }),
    );
    report = report.with("findings", findings.collect());
    for finding in &audit.findings {
        let line = said(words, "finding", &[("message", &finding.to_string())])?;
        report = report.and(line);
    }
    Ok(report)
}
