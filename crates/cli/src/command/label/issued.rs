//! Labels that were issued, as records of a ledger: logged by `write`, read by `compare`.

use super::{fault, programs};
use crate::command::USAGE;
use crate::command::clock::now;
use crate::command::ledger::{Place, Writer, folder, of_ledger, open};
use crate::command::output::{CANNOT_CREATE, Fault, INTERNAL};
use gongdao_i18n::Words;
use gongdao_label::duty::{Issued, Made, fingerprint, made_facts};
use gongdao_label::visible::look;
use gongdao_label::{Key, Label, Reading};
use gongdao_ledger::{
    Content, Draft, DraftGroup, Ledger, LedgerError, Pending, Reader, Value, decision_draft, read_group,
};
use gongdao_model::DecisionRecord;
use std::path::{Path, PathBuf};

/// Columns: number, label, SHA-256 of the file, perceptual hash (8 bytes) or nothing, size in bytes (docs/formats/label.md).
const SCHEMA: &str = "gongdao/label-issued/1";

/// Where issued labels are logged.
#[derive(Debug, clap::Args)]
pub(super) struct Issuing {
    /// Log the label as issued in this ledger (`gongdao ledger init`)
    #[arg(long, value_name = "DIR", requires = "ledger_key")]
    ledger: Option<PathBuf>,
    /// The file of the ledger's signing key
    #[arg(long, value_name = "FILE", requires = "ledger")]
    ledger_key: Option<PathBuf>,
}

/// A ledger, taken over and ready.
pub(super) struct Issuer(Ledger);

impl Issuing {
    pub(super) fn open(&self, is_producer: bool, words: Words<'_>) -> Result<Option<Issuer>, Vec<Fault>> {
        let (Some(folder), Some(key)) = (&self.ledger, &self.ledger_key) else { return Ok(None) };
        if !is_producer {
            let message = words.say("label.logged.no_produce_id", &[]).map_err(Fault::from)?;
            let hint = words.say("label.logged.no_produce_id_hint", &[]).map_err(Fault::from)?;
            return Err(vec![Fault::new(USAGE, message, Some(hint))]);
        }
        open(&Place::of(folder), &Writer::of(key)).map(|ledger| Some(Issuer(ledger)))
    }
}

impl Issuer {
    /// One record: the decision to generate, with the facts of the file, and what the file is known by again.
    pub(super) fn log(
        self,
        file: &Path,
        label: &Label,
        reading: &Reading,
        badge: Option<&str>,
        words: Words<'_>,
    ) -> Result<String, Vec<Fault>> {
        let failed = |faults: Vec<Fault>| -> Vec<Fault> {
            let said = faults.into_iter().map(|fault| {
                let message = words.say("label.logged.failed", &[("message", &fault.message)]);
                Fault { code: CANNOT_CREATE, message: message.unwrap_or(fault.message), ..fault }
            });
            said.collect()
        };
        let draft = draft(file, label, reading, badge).map_err(|fault| failed(vec![fault]))?;
        // Two files may bear one number: each is an issue of its own.
        let placed = self.0.append(vec![draft]).and_then(Pending::wait);
        let placed = placed.and_then(|placed| placed.into_iter().collect::<Result<Vec<_>, _>>());
        let placed = placed.map_err(|error| failed(of_ledger(error)))?;
        self.0.close().map_err(|error| failed(of_ledger(error)))?;
        let leaf = placed.first().map_or_else(String::new, |logged| logged.leaf.to_string());
        words.say("label.logged.issued", &[("leaf", &leaf)]).map_err(|error| vec![error.into()])
    }
}

fn draft(file: &Path, label: &Label, reading: &Reading, badge: Option<&str>) -> Result<Draft, Fault> {
    let refuse = |error| fault(file, error);
    let perceived = badge.map(|words| look(file, words, programs())).transpose().map_err(refuse)?;
    let facts = made_facts(&Made { reading, perceived: perceived.as_ref() }).map_err(refuse)?;
    let number = label.value(Key::ProduceId);
    let broken = |message: String| Fault::new(INTERNAL, message, None);
    let record = DecisionRecord {
        id: number.parse().map_err(|error: gongdao_model::ModelError| broken(error.message))?,
        at: now().map_err(|error| broken(error.message))?,
        action: "generate".to_owned(),
        place: None,
        algorithm: None,
        person: None,
        facts,
    };
    let mut draft = decision_draft(&record).map_err(|error| broken(error.message))?;
    let print = fingerprint(file).map_err(refuse)?;
    let hash = print.perceptual_hash.map_or(Value::Null, |hash| Value::Bytes(hash.to_be_bytes().to_vec()));
    let columns = vec![
        Value::Text(number.to_owned()),
        Value::Text(label.to_json()),
        Value::Bytes(print.file_digest.to_vec()),
        hash,
        Value::Int(i64::try_from(print.size_bytes).unwrap_or(i64::MAX)),
    ];
    draft.groups.push(DraftGroup { person: None, schema: SCHEMA.to_owned(), columns });
    Ok(draft)
}

/// All labels that a ledger has as issued; erased ones are gone. Errors: the folder holds no ledger; a damaged row.
pub(super) fn issued(ledger: &Path) -> Result<Vec<Issued>, Vec<Fault>> {
    let reader = Reader::open(folder(&Place::of(ledger))?).map_err(of_ledger)?;
    let mut all = Vec::new();
    let take = |row: gongdao_ledger::Row| -> Result<(), LedgerError> {
        for group in row.groups {
            if let Content::Open { bytes, .. } = group.content {
                let (schema, columns) = read_group(&bytes)?;
                all.extend((schema == SCHEMA).then(|| of_columns(&columns)).flatten());
            }
        }
        Ok(())
    };
    reader.each_row(0..reader.size(), take).map_err(of_ledger)?;
    Ok(all)
}

fn of_columns(columns: &[Value]) -> Option<Issued> {
    let [Value::Text(number), Value::Text(label), Value::Bytes(digest), hash, _] = columns else { return None };
    let perceptual_hash = match hash {
        Value::Bytes(bytes) => Some(u64::from_be_bytes(bytes.as_slice().try_into().ok()?)),
        _ => None,
    };
    Some(Issued {
        produce_id: number.clone(),
        label: Label::from_json(label).ok()?.found().clone(),
        file_digest: digest.as_slice().try_into().ok()?,
        perceptual_hash,
    })
}
