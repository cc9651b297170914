use crate::content::{InstrumentPack, ParameterValue, SourceText};
use crate::reader::Reader;
use crate::{Instrument, Problem, Provision, Severity, raw};
use gongdao_model::{InstrumentId, LegalDate, PlaceCode, ProvisionId};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every pack of a folder.
#[derive(Debug, Clone)]
pub struct Packs {
    /// `vocabulary.cedarschema`.
    pub vocabulary: SourceText,
    /// The instruments, by folder.
    pub instruments: Vec<InstrumentPack>,
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
        let mut reader = Reader { root, problems: Vec::new() };
        let vocabulary = reader.text(Path::new("vocabulary.cedarschema"));
        let mut instruments = Vec::new();
        for folder in instrument_folders(&mut reader) {
            instruments.extend(raw::read_instrument(&folder, &mut reader));
        }
        let digest = digest_of(&mut reader);
        (vocabulary.map(|vocabulary| Self { vocabulary, instruments, digest }), reader.problems)
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

    /// The dated values for one day and place, by name; the most particular place that covers `place` wins.
    pub fn parameters(&self, on: LegalDate, place: Option<PlaceCode>) -> BTreeMap<String, ParameterValue> {
        let place = place.unwrap_or(PlaceCode::COUNTRY);
        let mut values: BTreeMap<String, ParameterValue> = BTreeMap::new();
        for parameter in self.instruments.iter().flat_map(|pack| &pack.parameters) {
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

    /// `sha256:…` over the paths and bytes of all files, in the order of their paths.
    pub fn digest(&self) -> String {
        self.digest.clone()
    }
}

/// Folders with an `instrument.toml`, two levels down, sorted.
fn instrument_folders(reader: &mut Reader<'_>) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for jurisdiction in sub_folders(reader, Path::new("")) {
        for folder in sub_folders(reader, &jurisdiction) {
            folders.push(folder);
        }
    }
    folders
}

fn sub_folders(reader: &mut Reader<'_>, relative: &Path) -> Vec<PathBuf> {
    entries(reader, relative).into_iter().filter(|path| reader.root.join(path).is_dir()).collect()
}

/// Names in a folder, sorted, without hidden ones.
pub(crate) fn entries(reader: &mut Reader<'_>, relative: &Path) -> Vec<PathBuf> {
    let mut names = Vec::new();
    match std::fs::read_dir(reader.root.join(relative)) {
        Ok(listing) => {
            for entry in listing.flatten() {
                let name = entry.file_name();
                if !name.to_string_lossy().starts_with('.') {
                    names.push(relative.join(name));
                }
            }
        }
        Err(error) => {
            let message = format!("cannot read the folder: {error}");
            reader.problems.push(Problem::error(relative, None, message).hint("name the folder that holds the packs"));
        }
    }
    names.sort();
    names
}

fn digest_of(reader: &mut Reader<'_>) -> String {
    let mut files = Vec::new();
    collect_files(reader, Path::new(""), &mut files);
    let mut hash = Sha256::new();
    for file in files {
        let name = file.to_string_lossy();
        let bytes = std::fs::read(reader.root.join(&file)).unwrap_or_default();
        hash.update((name.len() as u64).to_be_bytes());
        hash.update(name.as_bytes());
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(&bytes);
    }
    format!("sha256:{:x}", hash.finalize())
}

fn collect_files(reader: &mut Reader<'_>, relative: &Path, files: &mut Vec<PathBuf>) {
    for path in entries(reader, relative) {
        if reader.root.join(&path).is_dir() {
            collect_files(reader, &path, files);
        } else {
            files.push(path);
        }
    }
}
