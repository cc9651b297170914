//! Court cases, labour events and reports (`cases/*.toml`), in own words, linked to provisions and readings.

use crate::check::Known;
use crate::content::SourceText;
use crate::raw::{one_of, standing};
use crate::reader::Reader;
use crate::{Packs, Problem};
use gongdao_model::{LegalDate, MatterId, ModelError, ProvisionId, ReadingId, Standing};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use toml::Spanned;

/// What happened, where law was or would be at stake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// Its identifier, the name of its file.
    pub id: MatterId,
    /// `court case`, `labour event` or `report`.
    pub kind: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// What happened, own words, Chinese.
    pub zh: String,
    /// What happened, own words, English.
    pub en: String,
    /// What came of it, Chinese.
    pub outcome_zh: String,
    /// What came of it, English.
    pub outcome_en: String,
    /// How far it was checked: `verified` against the judgment, or `unverified`.
    pub status: Standing,
    /// Where the account comes from, Chinese.
    pub source_zh: String,
    /// Where the account comes from, English.
    pub source_en: String,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// The provisions that it bears on.
    pub links: Vec<Link>,
    /// The file, relative to the packs folder.
    pub file: PathBuf,
}

/// One step of a matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When, as exactly as known.
    pub on: MatterDate,
    /// Its last day, where it took several.
    pub until: Option<MatterDate>,
    /// The court, Chinese.
    pub court_zh: Option<String>,
    /// The court, English.
    pub court_en: Option<String>,
    /// The docket number.
    pub number: Option<String>,
    /// What happened, Chinese.
    pub zh: String,
    /// What happened, English.
    pub en: String,
}

/// A provision that a matter bears on, or an article of which the pack has parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The provision.
    pub provision: ProvisionId,
    /// The reading that the matter speaks for.
    pub reading: Option<ReadingId>,
    /// How it bears on it.
    pub bearing: Bearing,
    /// Line of the provision.
    pub line: usize,
}

/// How a matter bears on a provision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bearing {
    /// The court applied it.
    Applied,
    /// The facts came earlier; today it would apply.
    WouldApply,
    /// It applies by analogy only.
    Analogy,
    /// The matter led to it.
    LedTo,
}

impl Bearing {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Applied, Self::WouldApply, Self::Analogy, Self::LedTo];

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::WouldApply => "would apply",
            Self::Analogy => "by analogy",
            Self::LedTo => "led to",
        }
    }
}

/// A year, a month or a day, as exactly as known: `2019`, `2019-10`, `2020-11-20`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MatterDate(String);

impl MatterDate {
    /// The date as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MatterDate {
    type Err = ModelError;
    fn from_str(text: &str) -> Result<Self, ModelError> {
        let rest = match text.len() {
            4 => "-01-01",
            7 => "-01",
            _ => "",
        };
        let day: Result<LegalDate, ModelError> = format!("{text}{rest}").parse();
        day.map(|_| Self(text.to_owned())).map_err(|_| ModelError {
            message: format!("`{text}` is no year, month or day"),
            hint: Some("write it as exactly as it is known: `2019`, `2019-10` or `2019-10-28`".to_owned()),
        })
    }
}

impl fmt::Display for MatterDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMatter {
    format: Spanned<i64>,
    id: Text,
    kind: Text,
    title_zh: String,
    title_en: String,
    zh: String,
    en: String,
    outcome_zh: String,
    outcome_en: String,
    status: Text,
    source_zh: String,
    source_en: String,
    #[serde(default)]
    step: Vec<RawStep>,
    #[serde(default)]
    link: Vec<RawLink>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    on: Text,
    until: Option<Text>,
    court_zh: Option<String>,
    court_en: Option<String>,
    number: Option<String>,
    zh: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLink {
    provision: Text,
    reading: Option<Text>,
    bearing: Text,
}

const KINDS: [&str; 3] = ["court case", "labour event", "report"];

/// All files of `cases/`.
pub(crate) fn read(reader: &mut Reader) -> Vec<Matter> {
    let mut matters = Vec::new();
    for path in reader.files.files_in(std::path::Path::new("cases")) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(stem) = name.strip_suffix(".toml") else {
            let problem = Problem::error(&path, None, format!("`{name}` does not belong in `cases`"));
            reader.problems.push(problem.hint("one TOML file a court case or event"));
            continue;
        };
        let Some(source) = reader.text(&path) else { continue };
        let Some(raw): Option<RawMatter> = reader.parse(&source) else { continue };
        if raw.id.get_ref() != stem {
            let message = format!("`{}` lies in the file `{name}`", raw.id.get_ref());
            reader.error(&source, raw.id.span().start, message, "the file is named by the identifier");
        }
        matters.extend(matter(raw, &source, reader));
    }
    matters
}

fn matter(raw: RawMatter, source: &SourceText, reader: &mut Reader) -> Option<Matter> {
    if *raw.format.get_ref() != 1 {
        let message = format!("format {} is not known", raw.format.get_ref());
        reader.error(source, raw.format.span().start, message, "this version reads `format = 1`");
    }
    one_of(&raw.kind, &KINDS, "kind of case", source, reader);
    let id = reader.value(source, &raw.id);
    let status = standing(&raw.status, source, reader);
    let steps = raw.step.into_iter().filter_map(|raw| step(raw, source, reader)).collect();
    let links = raw.link.into_iter().filter_map(|raw| link(&raw, source, reader)).collect();
    Some(Matter {
        id: id?,
        kind: raw.kind.into_inner(),
        title_zh: raw.title_zh,
        title_en: raw.title_en,
        zh: raw.zh,
        en: raw.en,
        outcome_zh: raw.outcome_zh,
        outcome_en: raw.outcome_en,
        status: status?,
        source_zh: raw.source_zh,
        source_en: raw.source_en,
        steps,
        links,
        file: source.path.clone(),
    })
}

fn step(raw: RawStep, source: &SourceText, reader: &mut Reader) -> Option<Step> {
    Some(Step {
        on: reader.value(source, &raw.on)?,
        until: match &raw.until {
            Some(text) => Some(reader.value(source, text)?),
            None => None,
        },
        court_zh: raw.court_zh,
        court_en: raw.court_en,
        number: raw.number,
        zh: raw.zh,
        en: raw.en,
    })
}

fn link(raw: &RawLink, source: &SourceText, reader: &mut Reader) -> Option<Link> {
    let words = Bearing::ALL.map(Bearing::as_str);
    one_of(&raw.bearing, &words, "bearing", source, reader);
    Some(Link {
        line: reader.line(source, raw.provision.span().start),
        provision: reader.value(source, &raw.provision)?,
        reading: match &raw.reading {
            Some(text) => Some(reader.value(source, text)?),
            None => None,
        },
        bearing: Bearing::ALL.into_iter().find(|bearing| bearing.as_str() == raw.bearing.get_ref())?,
    })
}

/// What must hold of all matters: their words, their links, and the readings that name them.
pub(crate) fn check(packs: &Packs, known: &Known<'_>, problems: &mut Vec<Problem>) {
    for matter in &packs.matters {
        words(matter, problems);
        let mut seen = BTreeMap::new();
        for link in &matter.links {
            if let Some(first) = seen.insert((&link.provision, &link.reading), link.line) {
                let message = format!("`{}` is linked twice, first on line {first}", link.provision);
                problems.push(at(matter, link, message).hint("one link a provision and reading"));
            }
            link_leads_somewhere(packs, known, matter, link, problems);
        }
    }
    support(packs, problems);
}

fn at(matter: &Matter, link: &Link, message: String) -> Problem {
    Problem::error(&matter.file, Some(link.line), message)
}

fn words(matter: &Matter, problems: &mut Vec<Problem>) {
    let texts = [
        ("title_zh", &matter.title_zh),
        ("title_en", &matter.title_en),
        ("zh", &matter.zh),
        ("en", &matter.en),
        ("outcome_zh", &matter.outcome_zh),
        ("outcome_en", &matter.outcome_en),
        ("source_zh", &matter.source_zh),
        ("source_en", &matter.source_en),
    ];
    for (name, _) in texts.into_iter().filter(|(_, text)| text.trim().is_empty()) {
        problems.push(Problem::error(&matter.file, None, format!("`{name}` is empty")).hint("say it in own words"));
    }
    for (name, missing) in [("step", matter.steps.is_empty()), ("link", matter.links.is_empty())] {
        if missing {
            let problem = Problem::error(&matter.file, None, format!("there is no `[[{name}]]`"));
            problems.push(problem.hint("say when something happened, and which provisions it bears on"));
        }
    }
}

/// An instrument that no pack holds is only warned of: packs are released one by one. A provision that its pack lacks
/// is an error.
fn link_leads_somewhere(packs: &Packs, known: &Known<'_>, matter: &Matter, link: &Link, problems: &mut Vec<Problem>) {
    let instrument = link.provision.instrument();
    if packs.instrument(&instrument).is_none() {
        let message = format!("`{}` is linked, and no pack holds `{instrument}`", link.provision);
        let problem = Problem::warning(&matter.file, Some(link.line), message);
        problems.push(problem.hint("add the pack, or take the link out"));
        return;
    }
    if !known.has(&link.provision) && !known.has_part_of(&link.provision) {
        let message = format!("`{}` is in no `provisions.toml`", link.provision);
        problems.push(at(matter, link, message).hint("add the provision, or correct the identifier"));
        return;
    }
    let (Some(reading), Some(provision)) = (&link.reading, packs.provision(&link.provision)) else { return };
    match provision.readings.iter().find(|known| known.id == *reading) {
        None => {
            let message = format!("`{}` has no reading `{reading}`", link.provision);
            problems.push(at(matter, link, message).hint("name a reading of the provision, or none"));
        }
        Some(known) if !known.cases.contains(&matter.id) => {
            let message = format!("the reading `{reading}` of `{}` does not name `{}`", link.provision, matter.id);
            problems.push(at(matter, link, message).hint("add it to `cases` of the reading in `provisions.toml`"));
        }
        Some(_) => {}
    }
}

/// Each case that a reading names is there and linked back to it.
fn support(packs: &Packs, problems: &mut Vec<Problem>) {
    for pack in &packs.instruments {
        let file = pack.folder.join("provisions.toml");
        for provision in &pack.provisions {
            for reading in &provision.readings {
                for id in &reading.cases {
                    let matter = packs.matter(id);
                    let linked = matter.is_some_and(|matter| {
                        let back =
                            |link: &Link| link.provision == provision.id && link.reading.as_ref() == Some(&reading.id);
                        matter.links.iter().any(back)
                    });
                    let (message, hint) = match matter {
                        None => (format!("there is no case `{id}`"), "write it in `cases/`, or correct its name"),
                        Some(_) if !linked => (
                            format!("`{id}` does not link back to the reading `{}` of `{}`", reading.id, provision.id),
                            "add `reading` to the link in its file",
                        ),
                        Some(_) => continue,
                    };
                    problems.push(Problem::error(&file, Some(provision.line), message).hint(hint));
                }
            }
        }
    }
}
