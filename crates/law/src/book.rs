use crate::rule::scan;
use crate::texts::Imported;
use crate::{LawError, RuleText, Texts};
use gongdao_model::{InstrumentId, ModelError, ProvisionId, VersionKey};
use gongdao_pack::{Instrument, InstrumentPack, Packs, Problem, Provision, next_version, version_end};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// Packs and imported texts, ready to be looked up.
///
/// INVARIANT: `rules` names every policy of `packs`, in the order of the files.
#[derive(Debug, Clone)]
pub struct Book {
    packs: Packs,
    texts: Texts,
    rules: Vec<RuleText>,
    /// Indexes into `rules`.
    by_provision: BTreeMap<ProvisionId, Vec<usize>>,
}

/// What somebody asks for: a whole instrument, or a provision with all below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// `cn.iisarmp`
    Instrument(InstrumentId),
    /// `cn.iisarmp/17` or `cn.iisarmp/17/1`
    Provision(ProvisionId),
}

impl FromStr for Reference {
    type Err = ModelError;
    fn from_str(text: &str) -> Result<Self, ModelError> {
        let text = text.trim().trim_end_matches('/');
        if text.contains('/') { text.parse().map(Self::Provision) } else { text.parse().map(Self::Instrument) }
    }
}

/// A provision with the pack that it stands in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) pack: &'a InstrumentPack,
    pub(crate) provision: &'a Provision,
}

impl Book {
    /// The book of these packs and texts. Errors: a policy whose annotations cannot be read, with file and line.
    pub fn new(packs: Packs, texts: Texts) -> Result<Self, Vec<Problem>> {
        let (mut rules, mut problems) = (Vec::new(), Vec::new());
        for pack in &packs.instruments {
            for file in &pack.rule_files {
                match scan(file) {
                    Ok(found) => rules.extend(found),
                    Err(found) => problems.extend(found),
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let keys: Vec<VersionKey> = rules.iter().map(|rule: &RuleText| rule.key.clone()).collect();
        for rule in &mut rules {
            let end = packs.instrument(&rule.provision.instrument()).and_then(|instrument| instrument.until);
            rule.until = version_end(rule.until, next_version(&rule.key, &keys), end);
        }
        let mut by_provision: BTreeMap<ProvisionId, Vec<usize>> = BTreeMap::new();
        for (index, rule) in rules.iter().enumerate() {
            by_provision.entry(rule.provision.clone()).or_default().push(index);
        }
        Ok(Self { packs, texts, rules, by_provision })
    }

    /// The packs.
    pub fn packs(&self) -> &Packs {
        &self.packs
    }

    /// Every rule version, in the order of the files.
    pub fn rules(&self) -> &[RuleText] {
        &self.rules
    }

    /// The instruments, by folder.
    pub fn instruments(&self) -> impl Iterator<Item = &Instrument> {
        self.packs.instruments.iter().map(|pack| &pack.instrument)
    }

    /// The rule versions of a provision, in the order of the files.
    pub(crate) fn rules_of(&self, provision: &ProvisionId) -> impl Iterator<Item = &RuleText> {
        self.by_provision.get(provision).into_iter().flatten().filter_map(|index| self.rules.get(*index))
    }

    /// The imported text that an instrument names, if it was imported.
    pub(crate) fn imported(&self, instrument: &Instrument) -> Option<&Imported> {
        self.texts.of_file(instrument.text.as_ref()?)
    }

    /// Every provision with its pack, in the packs' order.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place<'_>> {
        let packs = self.packs.instruments.iter();
        packs.flat_map(|pack| pack.provisions.iter().map(move |provision| Place { pack, provision }))
    }

    /// The pack of an instrument; an error that names the nearest one where there is none.
    pub(crate) fn pack(&self, id: &InstrumentId) -> Result<&InstrumentPack, LawError> {
        let found = self.packs.instruments.iter().find(|pack| pack.instrument.id == *id);
        found.ok_or_else(|| {
            let known = self.instruments().map(|instrument| instrument.id.as_str());
            let hint = match nearest(id.as_str(), known) {
                Some(near) => format!("did you mean `{near}`? `gongdao law list` names them all"),
                None => "`gongdao law list` names them all".to_owned(),
            };
            LawError::new(format!("no pack has the instrument `{id}`"), hint)
        })
    }

    /// The provisions that a reference means: the one, or all of an article or instrument.
    pub(crate) fn find(&self, reference: &Reference) -> Result<Vec<Place<'_>>, LawError> {
        match reference {
            Reference::Instrument(id) => {
                let pack = self.pack(id)?;
                Ok(pack.provisions.iter().map(|provision| Place { pack, provision }).collect())
            }
            Reference::Provision(id) => self.find_provision(id),
        }
    }

    fn find_provision(&self, id: &ProvisionId) -> Result<Vec<Place<'_>>, LawError> {
        let pack = self.pack(&id.instrument())?;
        let below = format!("{id}/");
        let asked = |provision: &&Provision| provision.id == *id || provision.id.as_str().starts_with(&below);
        let found: Vec<Place<'_>> =
            pack.provisions.iter().filter(asked).map(|provision| Place { pack, provision }).collect();
        if found.is_empty() { Err(no_such_provision(pack, id)) } else { Ok(found) }
    }
}

/// What the pack has instead: the paragraphs of the article, or its articles.
fn no_such_provision(pack: &InstrumentPack, id: &ProvisionId) -> LawError {
    let same_article: Vec<&str> = pack
        .provisions
        .iter()
        .filter(|known| known.id.article() == id.article())
        .map(|known| known.id.as_str())
        .collect();
    let hint = if same_article.is_empty() {
        let articles: BTreeSet<u32> =
            pack.provisions.iter().filter_map(|known| known.id.article().parse().ok()).collect();
        match (articles.first(), articles.last()) {
            (Some(first), Some(last)) => {
                format!("the pack has articles from {first} to {last}: `gongdao law show {}`", id.instrument())
            }
            _ => format!("see `gongdao law show {}`", id.instrument()),
        }
    } else {
        format!("of this article the pack has {}", listed(&same_article))
    };
    LawError::new(format!("no pack has the provision `{id}`"), hint)
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The known name that is most alike, if one is.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE: f64 = 0.75;
    let scored = known.map(|known| (strsim::jaro_winkler(name, known), known)).filter(|(score, _)| *score > ALIKE);
    scored.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, known)| known)
}
