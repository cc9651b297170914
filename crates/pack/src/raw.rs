//! The TOML files of one instrument's folder, as written, and their way into checked types.

use crate::content::{
    Better, Duty, Instrument, InstrumentPack, NoRule, Parameter, ParameterPeriod, Provision, Reading, RuleFile,
    SourceText,
};
use crate::history::{self, RawHistory};
use crate::reader::{Reader, TomlDate};
use crate::{Problem, agreement, case, checklist};
use gongdao_model::{PlaceCode, Standing};
use serde::Deserialize;
use std::path::Path;
use toml::Spanned;

type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInstrument {
    format: Spanned<i64>,
    id: Text,
    title_zh: String,
    title_en: String,
    issuers: Vec<String>,
    document_number: Option<String>,
    level: String,
    place: Text,
    promulgated: Option<Spanned<TomlDate>>,
    effective: Spanned<TomlDate>,
    until: Option<Spanned<TomlDate>>,
    binding: bool,
    status: Text,
    text: Option<String>,
    note_zh: Option<String>,
    note_en: Option<String>,
    #[serde(default)]
    history: RawHistory,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProvisions {
    #[serde(default)]
    provision: Vec<RawProvision>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProvision {
    id: Text,
    kind: Text,
    owed_by: Option<String>,
    owed_to: Option<String>,
    zh: String,
    en: String,
    ambiguity_zh: Option<String>,
    ambiguity_en: Option<String>,
    status: Option<Text>,
    digest: Option<Text>,
    #[serde(default)]
    reading: Vec<RawReading>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReading {
    id: Text,
    zh: String,
    en: String,
    held_by_zh: String,
    held_by_en: String,
    #[serde(default)]
    cases: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawParameters {
    #[serde(default)]
    parameter: Vec<RawParameter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawParameter {
    name: Text,
    unit: String,
    provision: Text,
    better: Option<Better>,
    zh: String,
    en: String,
    #[serde(default)]
    value: Vec<RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawValue {
    from: Spanned<TomlDate>,
    until: Option<Spanned<TomlDate>>,
    place: Option<Text>,
    value: Spanned<i64>,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDuties {
    #[serde(default)]
    duty: Vec<RawDuty>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDuty {
    id: Text,
    provision: Text,
    from: Spanned<TomlDate>,
    owed_by: String,
    owed_to: String,
    trigger: String,
    when: Option<String>,
    due: Text,
    before: Option<String>,
    discharged_by: String,
    on_breach: Option<Text>,
    zh: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNoRules {
    #[serde(default)]
    no_rule: Vec<RawNoRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNoRule {
    provision: Text,
    reason: Text,
    zh: String,
    en: String,
}

const KINDS: [&str; 8] = ["right", "duty", "prohibition", "permission", "deadline", "penalty", "definition", "power"];
const REASONS: [&str; 7] =
    ["principle", "definition", "power", "penalty", "soft", "not-decidable-from-a-record", "pending"];

/// All of one folder; none when the instrument itself cannot be read.
pub(crate) fn read_instrument(folder: &Path, reader: &mut Reader) -> Option<InstrumentPack> {
    let source = reader.text(&folder.join("instrument.toml"))?;
    let raw: RawInstrument = reader.parse(&source)?;
    let mut instrument = instrument(raw, &source, reader)?;
    let agreement = agreement::read(folder, instrument.status, reader);
    if agreement.is_some() {
        // It binds once both sides' signatures are confirmed, which is not done by reading.
        instrument.status = Standing::Draft;
    }
    let standing = agreement.as_ref().map_or(instrument.status, |agreement| agreement.claimed);
    let provisions = table(folder, "provisions.toml", true, reader, |raw: RawProvisions, source, reader| {
        if raw.provision.is_empty() {
            let problem = Problem::error(&source.path, None, "the pack has no provision");
            reader.problems.push(problem.hint("add `[[provision]]`"));
        }
        raw.provision.into_iter().filter_map(|raw| provision(raw, standing, source, reader)).collect()
    });
    let parameters = table(folder, "parameters.toml", false, reader, |raw: RawParameters, source, reader| {
        raw.parameter.into_iter().filter_map(|raw| parameter(raw, source, reader)).collect()
    });
    let duties = table(folder, "duties.toml", false, reader, |raw: RawDuties, source, reader| {
        raw.duty.into_iter().filter_map(|raw| duty(raw, source, reader)).collect()
    });
    let no_rules = table(folder, "no-rule.toml", false, reader, |raw: RawNoRules, source, reader| {
        raw.no_rule.into_iter().filter_map(|raw| no_rule(raw, source, reader)).collect()
    });
    let questions = table(folder, "checklist.toml", false, reader, checklist::read);
    let rule_files = rule_files(folder, reader);
    let lock = reader.optional_text(&folder.join("pack.lock"));
    Some(InstrumentPack {
        folder: folder.to_owned(),
        instrument,
        provisions,
        parameters,
        duties,
        no_rules,
        rule_files,
        questions,
        agreement,
        lock,
    })
}

fn table<R, T>(
    folder: &Path,
    name: &str,
    required: bool,
    reader: &mut Reader,
    convert: impl FnOnce(R, &SourceText, &mut Reader) -> Vec<T>,
) -> Vec<T>
where
    R: serde::de::DeserializeOwned,
{
    let path = folder.join(name);
    let source = if required { reader.text(&path) } else { reader.optional_text(&path) };
    let Some(source) = source else { return Vec::new() };
    match reader.parse(&source) {
        Some(raw) => convert(raw, &source, reader),
        None => Vec::new(),
    }
}

fn instrument(raw: RawInstrument, source: &SourceText, reader: &mut Reader) -> Option<Instrument> {
    if *raw.format.get_ref() != 1 {
        let message = format!("format {} is not known", raw.format.get_ref());
        reader.error(source, raw.format.span().start, message, "this version reads `format = 1`");
    }
    let id = reader.value(source, &raw.id);
    let place = reader.value(source, &raw.place);
    let effective = reader.date(source, &raw.effective);
    let until = raw.until.as_ref().and_then(|date| reader.date(source, date));
    let promulgated = raw.promulgated.as_ref().and_then(|date| reader.date(source, date));
    let status = standing(&raw.status, source, reader);
    let history = history::read(&raw.history, source, reader);
    Some(Instrument {
        id: id?,
        title_zh: raw.title_zh,
        title_en: raw.title_en,
        issuers: raw.issuers,
        document_number: raw.document_number,
        level: raw.level,
        place: place?,
        promulgated,
        history,
        effective: effective?,
        until,
        binding: raw.binding,
        status: status?,
        text: raw.text,
        note_zh: raw.note_zh,
        note_en: raw.note_en,
    })
}

pub(crate) fn standing(text: &Text, source: &SourceText, reader: &mut Reader) -> Option<Standing> {
    match text.get_ref().as_str() {
        "verified" => Some(Standing::Verified),
        "unverified" => Some(Standing::Unverified),
        "draft" => Some(Standing::Draft),
        other => {
            let message = format!("`{other}` is not a status");
            reader.error(source, text.span().start, message, "use verified, unverified or draft");
            None
        }
    }
}

pub(crate) fn one_of(text: &Text, words: &[&str], what: &str, source: &SourceText, reader: &mut Reader) {
    if !words.contains(&text.get_ref().as_str()) {
        let message = format!("`{}` is not a {what}", text.get_ref());
        reader.error(source, text.span().start, message, format!("use one of {}", words.join(", ")));
    }
}

fn provision(
    raw: RawProvision,
    standing_above: Standing,
    source: &SourceText,
    reader: &mut Reader,
) -> Option<Provision> {
    one_of(&raw.kind, &KINDS, "kind of provision", source, reader);
    let id = reader.value(source, &raw.id);
    let status = match &raw.status {
        Some(text) => standing(text, source, reader)?,
        None => standing_above,
    };
    if raw.reading.len() == 1 {
        let message = format!("`{}` has one reading", raw.id.get_ref());
        reader.error(source, raw.id.span().start, message, "a text that is open has at least two; else leave it out");
    }
    let readings = raw.reading.into_iter().filter_map(|raw| {
        let id = reader.value(source, &raw.id)?;
        let cases = raw.cases.iter().filter_map(|text| reader.value(source, text)).collect();
        Some(Reading { id, zh: raw.zh, en: raw.en, held_by_zh: raw.held_by_zh, held_by_en: raw.held_by_en, cases })
    });
    let readings = readings.collect();
    Some(Provision {
        id: id?,
        kind: raw.kind.into_inner(),
        owed_by: raw.owed_by,
        owed_to: raw.owed_to,
        zh: raw.zh,
        en: raw.en,
        ambiguity_zh: raw.ambiguity_zh,
        ambiguity_en: raw.ambiguity_en,
        status,
        digest: raw.digest.map(Spanned::into_inner),
        readings,
        line: reader.line(source, raw.id.span().start),
    })
}

fn parameter(raw: RawParameter, source: &SourceText, reader: &mut Reader) -> Option<Parameter> {
    let provision = reader.value(source, &raw.provision)?;
    let line = reader.line(source, raw.name.span().start);
    let values = raw.value.iter().filter_map(|raw| {
        let place = match &raw.place {
            Some(text) => reader.value(source, text)?,
            None => PlaceCode::COUNTRY,
        };
        Some(ParameterPeriod {
            from: reader.date(source, &raw.from)?,
            until: raw.until.as_ref().and_then(|date| reader.date(source, date)),
            place,
            value: *raw.value.get_ref(),
            source: raw.source.clone(),
            line: reader.line(source, raw.from.span().start),
        })
    });
    let values = values.collect();
    Some(Parameter {
        name: raw.name.into_inner(),
        unit: raw.unit,
        provision,
        better: raw.better,
        zh: raw.zh,
        en: raw.en,
        values,
        line,
    })
}

fn duty(raw: RawDuty, source: &SourceText, reader: &mut Reader) -> Option<Duty> {
    Some(Duty {
        line: reader.line(source, raw.id.span().start),
        provision: reader.value(source, &raw.provision)?,
        from: reader.date(source, &raw.from)?,
        on_breach: match &raw.on_breach {
            Some(text) => Some(reader.value(source, text)?),
            None => None,
        },
        id: raw.id.into_inner(),
        owed_by: raw.owed_by,
        owed_to: raw.owed_to,
        trigger: raw.trigger,
        when: raw.when,
        due: raw.due.into_inner(),
        before: raw.before,
        discharged_by: raw.discharged_by,
        zh: raw.zh,
        en: raw.en,
    })
}

fn no_rule(raw: RawNoRule, source: &SourceText, reader: &mut Reader) -> Option<NoRule> {
    one_of(&raw.reason, &REASONS, "reason", source, reader);
    let provision = reader.value(source, &raw.provision)?;
    let line = reader.line(source, raw.provision.span().start);
    Some(NoRule { provision, reason: raw.reason.into_inner(), zh: raw.zh, en: raw.en, line })
}

fn rule_files(folder: &Path, reader: &mut Reader) -> Vec<RuleFile> {
    let rules = folder.join("rules");
    let mut files = Vec::new();
    for path in reader.files.files_in(&rules) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if let Some(stem) = name.strip_suffix(".cedar") {
            let Some(source) = reader.text(&path) else { continue };
            let Some(from) = stem.rsplit_once('@').and_then(|(_, date)| date.parse().ok()) else {
                let problem = Problem::error(&path, None, format!("the file name `{name}` does not end in a date"));
                reader.problems.push(problem.hint("name it like `art-17@2022-03-01.cedar`"));
                continue;
            };
            let cases = reader.optional_text(&rules.join(format!("{stem}.cases.toml")));
            let cases = cases.map(|source| case::read(source, reader));
            files.push(RuleFile { source, from, cases });
        } else if let Some(stem) = name.strip_suffix(".cases.toml") {
            if !reader.files.has(&rules.join(format!("{stem}.cedar"))) {
                let problem = Problem::error(&path, None, "the cases have no rule file beside them");
                reader.problems.push(problem.hint(format!("write `{stem}.cedar`, or take the cases out")));
            }
        } else {
            let problem = Problem::error(&path, None, format!("`{name}` does not belong in `rules`"));
            reader.problems.push(problem.hint("rule files end in `.cedar`, cases in `.cases.toml`"));
        }
    }
    files
}
