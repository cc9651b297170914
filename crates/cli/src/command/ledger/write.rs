use super::keys::{self, MachineClock, OsEntropy};
use super::report::{Report, said};
use super::{Place, Writer, of_ledger, store};
use crate::command::output::{BAD_DATA, Fault, Output};
use crate::command::witness::{Authorities, HttpWitness};
use gongdao_i18n::Words;
use gongdao_ledger::{
    Erasure, GroupNumber, Ledger, LoggedAt, PersonId, Reader, Restriction, Setup, Storage, Target, Witness,
    move_segments, segments_at,
};
use gongdao_merkle::MerkleError;
use gongdao_model::{Instant, ProvisionId};
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    #[command(flatten)]
    place: Place,
    /// Its name, and the first line of every checkpoint: `ledger.example/city`
    #[arg(long, value_name = "NAME")]
    origin: String,
    /// The file of the signing key; made where there is none
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SignNow {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    writer: Writer,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Sealing {
    #[command(flatten)]
    place: Place,
    /// Put signed rows into Parquet only if there are at least so many: few large files are read faster than many small ones
    #[arg(long, value_name = "N", default_value = "1")]
    rows: u64,
    /// Keep sealed rows in this store from now on: `s3://bucket/prefix`, with credentials and endpoint from the environment
    /// (`AWS_…`), or another folder. Later commands find it; the public part is packed there too
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    #[command(flatten)]
    writer: Writer,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("target").required(true).args(["person", "entry"])))]
pub(crate) struct Erase {
    #[command(flatten)]
    place: Place,
    /// Everything about this pseudonym: the key is destroyed first
    #[arg(long, value_name = "PSEUDONYM")]
    person: Option<String>,
    /// One entry
    #[arg(long, value_name = "PLACE")]
    entry: Option<u64>,
    /// Which group of the entry
    #[arg(long, value_name = "NUMBER", default_value = "1", requires = "entry")]
    group: u16,
    /// The article that asks for it: `cn.pipl/47/1`
    #[arg(long, value_name = "ARTICLE")]
    ground: ProvisionId,
    /// What the request is filed under; it stays in the log, so it must not name the person
    #[arg(long, value_name = "TEXT")]
    reference: String,
    #[command(flatten)]
    writer: Writer,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Restrict {
    #[command(flatten)]
    place: Place,
    /// Whose records are kept
    #[arg(long, value_name = "PSEUDONYM")]
    person: String,
    /// The article that asks to keep them: `cn.ecommerce-law/31`
    #[arg(long, value_name = "ARTICLE")]
    article: ProvisionId,
    /// From when on they can be erased, with its offset; never by itself where nothing is given
    #[arg(long, value_name = "WHEN")]
    until: Option<Instant>,
    #[command(flatten)]
    writer: Writer,
    #[command(flatten)]
    pub(super) output: Output,
}

impl Init {
    pub(super) fn run(&self, words: Words<'_>) -> Result<Report, Vec<Fault>> {
        let origin = self.origin.parse().map_err(|error: MerkleError| of_ledger(error.into()))?;
        let is_new = !self.key.exists();
        let signer = if is_new { keys::make(&self.key, &self.origin)? } else { keys::read(&self.key)? };
        Ledger::create(store::local(&self.place.folder), origin, &signer, &mut OsEntropy).map_err(of_ledger)?;
        let values =
            [("folder", self.place.folder.display().to_string()), ("verifier_key", signer.log_key().to_string())];
        let report = Report::of(words, "made", &values)?;
        let key = self.key.display().to_string();
        if is_new { Ok(report.and(said(words, "key_made", &[("file", &key)])?)) } else { Ok(report) }
    }
}

impl SignNow {
    pub(super) fn run(&self, words: Words<'_>) -> Result<Report, Vec<Fault>> {
        let witnesses = witnesses(&self.place, &self.writer)?;
        let ledger = open(&self.place, &self.writer)?;
        let mut signed = ledger.checkpoint().map_err(of_ledger)?;
        let reader = Reader::open(folder(&self.place)?).map_err(of_ledger)?;
        let mut refusals = Vec::new();
        let mut cosigned = 0_usize;
        for (url, witness) in self.writer.witness.iter().zip(&witnesses) {
            match witness.cosign(&reader) {
                Ok(lines) => {
                    cosigned += 1;
                    for line in lines {
                        signed.add(line);
                    }
                }
                Err(error) => refusals.push(format!("{url}: {error}")),
            }
        }
        let (size, root) = (signed.unverified().size, signed.unverified().root.to_string());
        ledger.publish(signed).map_err(of_ledger)?;
        let values = [("size", size.to_string()), ("root", root), ("cosignatures", cosigned.to_string())];
        let mut report = Report::of(words, "signed", &values)?;
        for refusal in refusals {
            report.is_clean = false;
            report = report.and(said(words, "not_cosigned", &[("why", &refusal)])?);
        }
        Ok(report)
    }
}

impl Sealing {
    pub(super) fn run(&self, words: Words<'_>) -> Result<Report, Vec<Fault>> {
        if let Some(to) = &self.to {
            self.place_segments(&store::absolute(to)?)?;
        }
        let ledger = open(&self.place, &self.writer)?;
        let seal = ledger.close_epoch().map_err(of_ledger)?;
        let sealed = ledger.seal_segments(self.rows).map_err(of_ledger)?;
        let signed = ledger.close().map_err(of_ledger)?;
        if let Some(address) = segments_at(&store::local(&self.place.folder)).map_err(of_ledger)? {
            let reader = Reader::open(folder(&self.place)?).map_err(of_ledger)?;
            reader.pack(&*store::objects(&address)?).map_err(of_ledger)?;
        }
        let values = [
            ("epoch", seal.epoch.0.to_string()),
            ("lines", seal.count.to_string()),
            ("rows", sealed.rows.to_string()),
            ("size", signed.unverified().size.to_string()),
        ];
        Report::of(words, "sealed", &values)
    }
}

impl Sealing {
    /// Where the sealed rows lie is said once; the same address again changes nothing.
    fn place_segments(&self, address: &str) -> Result<(), Vec<Fault>> {
        let local = store::local(&self.place.folder);
        if segments_at(&local).map_err(of_ledger)?.as_deref() == Some(address) {
            return Ok(());
        }
        move_segments(&local, &*store::objects(address)?, address).map_err(of_ledger)
    }
}

impl Erase {
    pub(super) fn run(&self, words: Words<'_>) -> Result<Report, Vec<Fault>> {
        let target = match (&self.person, self.entry) {
            (Some(person), _) => Target::Person(pseudonym(person)?),
            (None, Some(entry)) => Target::Groups([(entry, GroupNumber(self.group))].into()),
            (None, None) => return Err(vec![Fault::new(BAD_DATA, "neither a person nor an entry was given", None)]),
        };
        let ledger = open(&self.place, &self.writer)?;
        let erasure = Erasure { target, ground: self.ground.to_string(), reference: self.reference.clone() };
        let erased = ledger.erase(erasure).map_err(of_ledger)?;
        ledger.close().map_err(of_ledger)?;
        let values = [
            ("groups", erased.groups.to_string()),
            ("entry", erased.leaf.to_string()),
            ("ground", self.ground.to_string()),
        ];
        Report::of(words, "erased", &values)
    }
}

impl Restrict {
    pub(super) fn run(&self, words: Words<'_>) -> Result<Report, Vec<Fault>> {
        let until = self.until.map(|at| LoggedAt::from_seconds(u64::try_from(at.millis() / 1000).unwrap_or(0)));
        let ledger = open(&self.place, &self.writer)?;
        let restriction = Restriction { person: pseudonym(&self.person)?, article: self.article.to_string(), until };
        let entry = ledger.restrict(restriction).map_err(of_ledger)?;
        ledger.close().map_err(of_ledger)?;
        Report::of(words, "restricted", &[("entry", entry.to_string()), ("article", self.article.to_string())])
    }
}

pub(crate) fn folder(place: &Place) -> Result<Arc<dyn Storage>, Vec<Fault>> {
    store::storage(&place.folder)
}

pub(super) fn pseudonym(text: &str) -> Result<PersonId, Vec<Fault>> {
    text.parse().map_err(of_ledger)
}

fn witnesses(place: &Place, writer: &Writer) -> Result<Vec<HttpWitness>, Vec<Fault>> {
    let authorities = writer.witness_ca.as_deref().map(Authorities::read).transpose()?;
    let storage = folder(place)?;
    let witness = |url: &String| HttpWitness::new(url, Arc::clone(&storage), authorities.as_ref());
    writer.witness.iter().map(witness).collect()
}

/// Recover, ask the witnesses, and take over as the one writer.
pub(crate) fn open(place: &Place, writer: &Writer) -> Result<Ledger, Vec<Fault>> {
    let mut setup = Setup::new(folder(place)?, keys::read(&writer.key)?, Box::new(MachineClock), Box::new(OsEntropy));
    let boxed = |witness| -> Box<dyn Witness> { Box::new(witness) };
    setup.witnesses = witnesses(place, writer)?.into_iter().map(boxed).collect();
    setup.answers_needed = writer.answers.unwrap_or(writer.witness.len());
    let (ledger, _) = Ledger::open(setup).map_err(of_ledger)?;
    Ok(ledger)
}
