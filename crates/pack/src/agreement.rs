//! Collective agreements (`agreement.toml`, `agreement.note`): who is bound, what numbers are agreed, and who signed.
//!
//! Signing and verifying are not done here: a note is a C2SP signed note, and whoever can verify one says so. Until both
//! parties' signatures are confirmed an agreement counts as a draft, so it binds nobody.

use crate::content::{Better, InstrumentPack, Parameter, ParameterPeriod, SourceText};
use crate::reader::Reader;
use crate::{Packs, Problem};
use gongdao_model::{ProvisionId, Standing};
use serde::Deserialize;
use std::path::Path;
use toml::Spanned;

/// The level of an instrument that is an agreement.
pub(crate) const LEVEL: &str = "collective agreement";

/// What makes a pack a collective agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The platform that it binds.
    pub platform: Party,
    /// The union that speaks for the members.
    pub union: Party,
    /// Who the members are, Chinese.
    pub members_zh: String,
    /// Who the members are, English.
    pub members_en: String,
    /// The numbers agreed on.
    pub terms: Vec<Term>,
    /// `sha256:…` over the pack's files without the note: what is signed.
    pub digest: String,
    /// The signed note, if there is one.
    pub note: Option<SourceText>,
    /// The status that the pack claims; it counts once both signatures are confirmed.
    pub claimed: Standing,
}

/// One side of an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Its identifier; the platform's is what records give as `principal.provider`.
    pub id: String,
    /// Its name, Chinese.
    pub name_zh: String,
    /// Its name, English.
    pub name_en: String,
    /// Its verifier key, as C2SP signed notes write it: `name+hash+key`.
    pub key: String,
}

/// A number agreed on, that law sets a bound for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The provision of the agreement.
    pub provision: ProvisionId,
    /// The law's parameter that it is about.
    pub parameter: String,
    /// Its unit.
    pub unit: String,
    /// The number.
    pub value: i64,
    /// Line of the provision.
    pub line: usize,
}

type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAgreement {
    format: Spanned<i64>,
    platform: Party,
    union: Party,
    members_zh: String,
    members_en: String,
    #[serde(default)]
    term: Vec<RawTerm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTerm {
    provision: Text,
    parameter: String,
    unit: String,
    value: i64,
}

/// The agreement of a folder, if it is one. `claimed` is the status of its `instrument.toml`.
pub(crate) fn read(folder: &Path, claimed: Standing, reader: &mut Reader) -> Option<Agreement> {
    let source = reader.optional_text(&folder.join("agreement.toml"))?;
    let raw: RawAgreement = reader.parse(&source)?;
    if *raw.format.get_ref() != 1 {
        let message = format!("format {} is not known", raw.format.get_ref());
        reader.error(&source, raw.format.span().start, message, "this version reads `format = 1`");
    }
    let term = |raw: RawTerm| {
        Some(Term {
            line: reader.line(&source, raw.provision.span().start),
            provision: reader.value(&source, &raw.provision)?,
            parameter: raw.parameter,
            unit: raw.unit,
            value: raw.value,
        })
    };
    let terms = raw.term.into_iter().filter_map(term).collect();
    let note = folder.join("agreement.note");
    Some(Agreement {
        platform: raw.platform,
        union: raw.union,
        members_zh: raw.members_zh,
        members_en: raw.members_en,
        terms,
        digest: reader.files.digest_of(folder, &note),
        note: reader.optional_text(&note),
        claimed,
    })
}

impl InstrumentPack {
    /// The text that both parties of an agreement sign: three lines, the last ends with a line feed. None for law.
    pub fn text_to_sign(&self) -> Option<String> {
        let agreement = self.agreement.as_ref()?;
        Some(format!("gongdao collective agreement v1\n{}\n{}\n", self.instrument.id, agreement.digest))
    }
}

impl Packs {
    /// The same packs with the agreements in force whose two parties signed what is there. `signed` says whether a C2SP
    /// signed note carries a valid signature of a verifier key. An agreement that is not signed stays a draft, and a
    /// problem says why.
    #[must_use]
    pub fn with_signed_agreements(mut self, signed: &dyn Fn(&str, &str) -> bool) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        for pack in &mut self.instruments {
            let Some(agreement) = &pack.agreement else { continue };
            let found = lacking(pack, agreement, signed);
            if found.is_empty() {
                pack.instrument.status = agreement.claimed;
            }
            problems.extend(found);
        }
        (self, problems)
    }
}

fn lacking(pack: &InstrumentPack, agreement: &Agreement, signed: &dyn Fn(&str, &str) -> bool) -> Vec<Problem> {
    let file = pack.folder.join("agreement.note");
    let Some(note) = &agreement.note else {
        let problem = Problem::error(&file, None, format!("`{}` is not signed", pack.instrument.id));
        return vec![problem.hint("have both parties sign the text that docs/formats/pack.md describes")];
    };
    let text = pack.text_to_sign().unwrap_or_default();
    if !note.text.starts_with(&format!("{text}\n")) {
        let message = format!("the note of `{}` is about other files or another agreement", pack.instrument.id);
        return vec![Problem::error(&file, Some(1), message).hint("what was changed after signing is signed anew")];
    }
    let parties = [("platform", &agreement.platform), ("union", &agreement.union)];
    let absent = parties.into_iter().filter(|(_, party)| !signed(&note.text, &party.key));
    let problem = |(side, party): (&str, &Party)| {
        let message = format!("the {side} `{}` has not signed `{}`", party.id, pack.instrument.id);
        Problem::error(&file, None, message).hint("an agreement binds once both sides have signed")
    };
    absent.map(problem).collect()
}

/// An agreement says that it is one, has two sides, and keeps within the law. A number that protects less than the law's
/// is an error that names both provisions.
pub(crate) fn check(packs: &Packs, problems: &mut Vec<Problem>) {
    for pack in &packs.instruments {
        let is_one = pack.instrument.level == LEVEL;
        if is_one != pack.agreement.is_some() {
            let file = pack.folder.join(if is_one { "agreement.toml" } else { "instrument.toml" });
            let problem =
                Problem::error(file, None, format!("`level` and `agreement.toml` of `{}` differ", pack.instrument.id));
            problems.push(
                problem.hint(format!("an agreement has the level `{LEVEL}` and an `agreement.toml`, law neither")),
            );
        }
        let Some(agreement) = &pack.agreement else { continue };
        parties(pack, agreement, problems);
        for term in &agreement.terms {
            term_is_sound(packs, pack, term, problems);
        }
    }
}

fn parties(pack: &InstrumentPack, agreement: &Agreement, problems: &mut Vec<Problem>) {
    let file = pack.folder.join("agreement.toml");
    for (side, party) in [("platform", &agreement.platform), ("union", &agreement.union)] {
        let words = [("id", &party.id), ("name_zh", &party.name_zh), ("name_en", &party.name_en), ("key", &party.key)];
        for (name, _) in words.into_iter().filter(|(_, text)| text.trim().is_empty()) {
            let message = format!("`{name}` of the {side} is empty");
            problems.push(Problem::error(&file, None, message).hint("say who the parties are and give their keys"));
        }
    }
    if agreement.platform.key == agreement.union.key {
        let problem = Problem::error(&file, None, "platform and union have the same key");
        problems.push(problem.hint("each side signs with its own key"));
    }
}

fn term_is_sound(packs: &Packs, pack: &InstrumentPack, term: &Term, problems: &mut Vec<Problem>) {
    let file = pack.folder.join("agreement.toml");
    let mut error = |message: String, hint: &str| {
        problems.push(Problem::error(&file, Some(term.line), message).hint(hint));
    };
    if pack.provisions.iter().all(|provision| provision.id != term.provision) {
        error(format!("`{}` is no provision of the agreement", term.provision), "add it to its `provisions.toml`");
    }
    for (parameter, period) in bounds(packs, pack, term) {
        if parameter.unit != term.unit {
            let message = format!("`{}` is in {}, the law's is in {}", term.parameter, term.unit, parameter.unit);
            error(message, "give the number in the law's unit");
            continue;
        }
        let keeps = match parameter.better {
            Some(Better::Lower) => term.value <= period.value,
            Some(Better::Higher) => term.value >= period.value,
            None => term.value == period.value,
        };
        if !keeps {
            let message = format!(
                "`{}` sets {} {} where `{}` sets {}",
                term.provision, term.value, term.unit, parameter.provision, period.value
            );
            error(
                message,
                "an agreement may protect more than the law, never less; `better` of the parameter says which way",
            );
        }
    }
}

/// The law's values that hold somewhere and some day together with the agreement.
fn bounds<'a>(
    packs: &'a Packs,
    pack: &'a InstrumentPack,
    term: &'a Term,
) -> impl Iterator<Item = (&'a Parameter, &'a ParameterPeriod)> {
    let law = packs.instruments.iter().filter(|other| other.agreement.is_none());
    let parameters = law
        .flat_map(|other| &other.parameters)
        .filter(|parameter| parameter.name == term.parameter && packs.counts(&parameter.provision));
    let own = &pack.instrument;
    let together = |period: &ParameterPeriod| {
        own.until.is_none_or(|until| period.from < until)
            && period.until.is_none_or(|until| own.effective < until)
            && (period.place.covers(own.place) || own.place.covers(period.place))
    };
    let pairs = parameters.flat_map(|parameter| parameter.values.iter().map(move |period| (parameter, period)));
    pairs.filter(move |(_, period)| together(period))
}
