use crate::content::{InstrumentPack, ParameterValue, SourceText};
use crate::reader::Reader;
use crate::snapshot::Snapshot;
use crate::{DerivedFact, Drafts, Instrument, Matter, Problem, Provision, Severity, derived, matter, raw};
use gongdao_model::{InstrumentId, LegalDate, MatterId, PlaceCode, ProvisionId};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every pack of a folder.
#[derive(Debug, Clone)]
pub struct Packs {
    /// `vocabulary.cedarschema`.
    pub vocabulary: SourceText,
    /// The instruments, by folder.
    pub instruments: Vec<InstrumentPack>,
    /// Facts derived from many rows (`derived/`), ordered by name.
    pub derived: Vec<DerivedFact>,
    /// Court cases and events (`cases/`), ordered by file.
    pub matters: Vec<Matter>,
    pub(crate) drafts: Drafts,
    digest: String,
}

impl Packs {
    /// Read all packs below `root`, the `packs/` folder. Every problem is collected; any error refuses the whole.
    pub fn read(root: &Path) -> Result<Self, Vec<Problem>> {
        let (packs, problems) = Self::survey(root);
        match packs {
            Some(packs) if problems.iter().all(|problem| problem.severity == Severity::Warning) => Ok(packs),
            _ => Err(problems),
        }
    }

    /// What can be read of the packs, with every problem, so that a check can go on past the first bad file. None
    /// where there is no vocabulary. Not for judging: use `read`.
    pub fn survey(root: &Path) -> (Option<Self>, Vec<Problem>) {
        match Snapshot::of_folder(root) {
            Ok(snapshot) => Self::survey_snapshot(snapshot),
            Err(problem) => (None, vec![*problem]),
        }
    }

    /// The files of a packs folder as `survey_files` takes them, so that others can have what was read here.
    pub fn files(root: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, Vec<Problem>> {
        Snapshot::of_folder(root).map_err(|problem| vec![*problem])?.into_files()
    }

    /// Like `survey`, for files that are in memory already: path relative to the packs folder, with `/`, and bytes.
    pub fn survey_files(files: BTreeMap<PathBuf, Vec<u8>>) -> (Option<Self>, Vec<Problem>) {
        Self::survey_snapshot(Snapshot::of_files(files))
    }

    fn survey_snapshot(snapshot: Snapshot) -> (Option<Self>, Vec<Problem>) {
        let digest = snapshot.digest();
        let mut reader = Reader::new(snapshot);
        let vocabulary = reader.text(Path::new("vocabulary.cedarschema"));
        let mut instruments = Vec::new();
        for folder in instrument_folders(&reader) {
            instruments.extend(raw::read_instrument(&folder, &mut reader));
        }
        let derived = derived::read(&mut reader);
        let matters = matter::read(&mut reader);
        let drafts = Drafts::default();
        let packs = vocabulary.map(|vocabulary| Self { vocabulary, instruments, derived, matters, drafts, digest });
        (packs, reader.problems)
    }

    /// A derived fact by its name.
    pub fn derived(&self, name: &str) -> Option<&DerivedFact> {
        self.derived.iter().find(|derived| derived.name == name)
    }

    /// A court case or event by its identifier.
    pub fn matter(&self, id: &MatterId) -> Option<&Matter> {
        self.matters.iter().find(|matter| matter.id == *id)
    }

    /// A provision of any pack.
    pub fn provision(&self, id: &ProvisionId) -> Option<&Provision> {
        let instrument = id.instrument();
        let packs = self.instruments.iter().filter(|pack| pack.instrument.id == instrument);
        packs.flat_map(|pack| &pack.provisions).find(|provision| provision.id == *id)
    }

    /// An instrument by its identifier.
    pub fn instrument(&self, id: &InstrumentId) -> Option<&Instrument> {
        self.instruments.iter().map(|pack| &pack.instrument).find(|instrument| instrument.id == *id)
    }

    /// The dated values for one day and place, by name; the most particular place that covers `place` wins. Values that
    /// a draft sets count where drafts were asked for.
    pub fn parameters(&self, on: LegalDate, place: Option<PlaceCode>) -> BTreeMap<String, ParameterValue> {
        self.parameters_with(self.drafts, on, place)
    }

    /// The same, whatever was asked for when the packs were read.
    pub fn parameters_with(
        &self,
        drafts: Drafts,
        on: LegalDate,
        place: Option<PlaceCode>,
    ) -> BTreeMap<String, ParameterValue> {
        let place = place.unwrap_or(PlaceCode::COUNTRY);
        let mut values: BTreeMap<String, ParameterValue> = BTreeMap::new();
        for parameter in self.instruments.iter().flat_map(|pack| &pack.parameters) {
            if !self.counts_with(drafts, &parameter.provision) {
                continue;
            }
            for period in parameter.values.iter().filter(|period| period.holds_on(on) && period.place.covers(place)) {
                let digits = period.place.significant_digits();
                if values.get(&parameter.name).is_some_and(|known| known.place.significant_digits() >= digits) {
                    continue;
                }
                let value = ParameterValue {
                    value: period.value,
                    unit: parameter.unit.clone(),
                    provision: parameter.provision.clone(),
                    source: period.source.clone(),
                    place: period.place,
                    zh: parameter.zh.clone(),
                    en: parameter.en.clone(),
                };
                values.insert(parameter.name.clone(), value);
            }
        }
        values
    }

    /// `sha256:…` over the paths and bytes of all files, in the order of their paths: exactly the bytes that were read.
    pub fn digest(&self) -> String {
        self.digest.clone()
    }
}

/// Folders of instruments, two levels down, sorted.
fn instrument_folders(reader: &Reader) -> Vec<PathBuf> {
    let mut jurisdictions = reader.files.folders(Path::new(""));
    jurisdictions.retain(|folder| folder != Path::new("derived") && folder != Path::new("cases"));
    jurisdictions.iter().flat_map(|jurisdiction| reader.files.folders(jurisdiction)).collect()
}
