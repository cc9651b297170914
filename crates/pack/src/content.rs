use crate::{Agreement, CaseFile, History, Question, TimeLimit};
use gongdao_model::{
    Entity, FactPath, InstrumentId, LegalDate, MatterId, ModelError, PlaceCode, ProvisionId, ReadingId, Standing,
};
use serde::Deserialize;
use std::path::PathBuf;

/// A text file of the packs folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// Path relative to the packs folder, with `/`.
    pub path: PathBuf,
    /// The whole text.
    pub text: String,
}

/// A legal text as a whole (`instrument.toml`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    /// Jurisdiction and slug.
    pub id: InstrumentId,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// Who issued it.
    pub issuers: Vec<String>,
    /// Its number, as the issuer writes it: `国信办通字〔2025〕2号`.
    pub document_number: Option<String>,
    /// Its rank, for instance `law`.
    pub level: String,
    /// Where it binds.
    pub place: PlaceCode,
    /// Day of promulgation.
    pub promulgated: Option<LegalDate>,
    /// The days of its making.
    pub history: History,
    /// First day in force.
    pub effective: LegalDate,
    /// First day no longer in force.
    pub until: Option<LegalDate>,
    /// Whether it binds at all.
    pub binding: bool,
    /// How far the text was read.
    pub status: Standing,
    /// File of the imported official text.
    pub text: Option<String>,
    /// Remark, Chinese.
    pub note_zh: Option<String>,
    /// Remark, English.
    pub note_en: Option<String>,
}

/// One tenable meaning of an open provision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Its name within the provision.
    pub id: ReadingId,
    /// What it says, Chinese.
    pub zh: String,
    /// What it says, English.
    pub en: String,
    /// Who reads it so, Chinese.
    pub held_by_zh: String,
    /// Who reads it so, English.
    pub held_by_en: String,
    /// Court cases and events that speak for it, from `cases/`.
    pub cases: Vec<MatterId>,
}

/// Smallest cited part of an instrument (`provisions.toml`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provision {
    /// Its identifier.
    pub id: ProvisionId,
    /// What it does: right, duty, prohibition, permission, deadline, penalty, definition or power.
    pub kind: String,
    /// Who owes, if the text says.
    pub owed_by: Option<String>,
    /// To whom, if the text says.
    pub owed_to: Option<String>,
    /// Own-words summary, Chinese.
    pub zh: String,
    /// Own-words summary, English.
    pub en: String,
    /// What the text leaves open, Chinese.
    pub ambiguity_zh: Option<String>,
    /// What the text leaves open, English.
    pub ambiguity_en: Option<String>,
    /// How far it was checked; the instrument's unless it says so itself.
    pub status: Standing,
    /// `sha256:…` of its article in the imported text.
    pub digest: Option<String>,
    /// Its readings; empty where the text is not open.
    pub readings: Vec<Reading>,
    /// Line of its identifier in `provisions.toml`.
    pub line: usize,
}

/// A dated value that rules refer to (`parameters.toml`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Name in the vocabulary, under `context.parameters`.
    pub name: String,
    /// Unit of its values.
    pub unit: String,
    /// The provision that sets it.
    pub provision: ProvisionId,
    /// Which way protects people more; an agreement may go that way.
    pub better: Option<Better>,
    /// What it is, Chinese.
    pub zh: String,
    /// What it is, English.
    pub en: String,
    /// Its values by period and place.
    pub values: Vec<ParameterPeriod>,
    /// Line of its name in `parameters.toml`.
    pub line: usize,
}

/// Which way a number protects people more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// A limit: less is better.
    Lower,
    /// A floor: more is better.
    Higher,
}

impl Parameter {
    /// The fact that it fills in; none if the name cannot be one.
    pub fn path(&self) -> Option<FactPath> {
        FactPath::new(Entity::Parameter, &self.name).ok()
    }
}

impl Instrument {
    /// Whether it stands in the statute book on a day: `[effective, until)`.
    pub fn holds_on(&self, on: LegalDate) -> bool {
        self.effective <= on && self.until.is_none_or(|until| on < until)
    }
}

/// One value of a parameter in `[from, until)` at `place`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterPeriod {
    /// First day.
    pub from: LegalDate,
    /// First day no longer.
    pub until: Option<LegalDate>,
    /// Where.
    pub place: PlaceCode,
    /// The value, in the parameter's unit.
    pub value: i64,
    /// Where the value was read.
    pub source: String,
    /// Line of the value.
    pub line: usize,
}

impl ParameterPeriod {
    /// Whether the value holds on a day.
    pub fn holds_on(&self, on: LegalDate) -> bool {
        self.from <= on && self.until.is_none_or(|until| on < until)
    }
}

/// A parameter's value for one day and place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterValue {
    /// The value.
    pub value: i64,
    /// Its unit.
    pub unit: String,
    /// The provision that sets it.
    pub provision: ProvisionId,
    /// Where it was read.
    pub source: String,
    /// Where it holds: the most particular place that matched.
    pub place: PlaceCode,
    /// What it is, Chinese.
    pub zh: String,
    /// What it is, English.
    pub en: String,
}

/// What has a trigger and a due date (`duties.toml`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// Provision, `#`, name.
    pub id: String,
    /// The provision that demands it.
    pub provision: ProvisionId,
    /// First day it binds.
    pub from: LegalDate,
    /// Who owes.
    pub owed_by: String,
    /// To whom.
    pub owed_to: String,
    /// Name of the event that starts it.
    pub trigger: String,
    /// Condition over the vocabulary, as Cedar expression.
    pub when: Option<String>,
    /// When it is due, in the words of the format.
    pub due: String,
    /// Name of the act that it comes before, where it is due `prior` and the pack says which.
    pub before: Option<String>,
    /// Name of the event that ends it.
    pub discharged_by: String,
    /// The provision on what follows a breach.
    pub on_breach: Option<ProvisionId>,
    /// What it asks, Chinese.
    pub zh: String,
    /// What it asks, English.
    pub en: String,
    /// Line of its identifier.
    pub line: usize,
}

impl Duty {
    /// When it is due; `check` reports the duties of which this fails.
    pub fn time_limit(&self) -> Result<TimeLimit, ModelError> {
        self.due.parse()
    }
}

/// A provision that has neither rule nor duty, and why (`no-rule.toml`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoRule {
    /// The provision.
    pub provision: ProvisionId,
    /// One of the reasons of the format.
    pub reason: String,
    /// Why, Chinese.
    pub zh: String,
    /// Why, English.
    pub en: String,
    /// Line of the provision.
    pub line: usize,
}

/// A file of rules with its cases; what is in it is for the rule language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// The Cedar text.
    pub source: SourceText,
    /// The date in the file's name.
    pub from: LegalDate,
    /// The cases beside it.
    pub cases: Option<CaseFile>,
}

/// One instrument's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstrumentPack {
    /// The folder, relative to the packs folder.
    pub folder: PathBuf,
    /// The instrument.
    pub instrument: Instrument,
    /// Its provisions, in the file's order.
    pub provisions: Vec<Provision>,
    /// Its dated values.
    pub parameters: Vec<Parameter>,
    /// Its duties with due dates.
    pub duties: Vec<Duty>,
    /// Its provisions without a rule.
    pub no_rules: Vec<NoRule>,
    /// Its rule files, by path.
    pub rule_files: Vec<RuleFile>,
    /// Its questions for self-assessment.
    pub questions: Vec<Question>,
    /// The parties and terms of a collective agreement; none for law.
    pub agreement: Option<Agreement>,
    /// The text of `pack.lock`, if there is one.
    pub lock: Option<SourceText>,
}
