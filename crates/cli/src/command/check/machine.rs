//! The evaluation as JSON, with the words for everything that it names in both languages.

use super::answer::Answer;
use super::{Checked, wording};
use gongdao_i18n::{Catalogue, I18nError, Language};
use gongdao_model::{Evaluation, FactPath, Instant, Outcome, PlaceCode};
use gongdao_rules::Grade;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Serialize)]
struct Machine<'a> {
    format: u8,
    answer: Answer,
    exit_code: u8,
    packs: String,
    at: Instant,
    action: &'a str,
    place: Option<PlaceCode>,
    evaluation: &'a Evaluation,
    labels: LabelsOf<'a>,
}

#[derive(Serialize)]
struct LabelsOf<'a> {
    action: Pair,
    effect: Pair,
    outcomes: BTreeMap<&'static str, Pair>,
    standings: BTreeMap<&'static str, Pair>,
    provisions: BTreeMap<&'a str, ProvisionLabels>,
    /// By version: rule, `@`, first day, and `?` with the reading.
    rules: BTreeMap<String, Pair>,
    facts: BTreeMap<String, FactLabels<'a>>,
}

#[derive(Serialize)]
struct Pair {
    zh: String,
    en: String,
}

#[derive(Serialize)]
struct ProvisionLabels {
    cite: Pair,
    summary: Option<Pair>,
    readings: BTreeMap<String, ReadingLabels>,
}

#[derive(Serialize)]
struct ReadingLabels {
    zh: String,
    en: String,
    held_by: Pair,
}

#[derive(Serialize)]
struct FactLabels<'a> {
    zh: &'a str,
    en: &'a str,
    grade: &'static str,
    unit: Option<&'a str>,
}

/// The whole output, without the last line's end.
pub(super) fn text(checked: &Checked<'_>, catalogue: &Catalogue) -> Result<String, I18nError> {
    let record = checked.record;
    let machine = Machine {
        format: 1,
        answer: checked.answer,
        exit_code: checked.answer.exit_code(),
        packs: checked.packs.digest(),
        at: record.at,
        action: &record.action,
        place: record.place,
        evaluation: checked.evaluation,
        labels: labels(checked, catalogue)?,
    };
    // Nothing in it can fail to become JSON: every key is a text.
    Ok(serde_json::to_string_pretty(&machine).unwrap_or_default())
}

fn labels<'a>(checked: &Checked<'a>, catalogue: &Catalogue) -> Result<LabelsOf<'a>, I18nError> {
    let action = checked.rules.vocabulary.actions.get(&checked.record.action);
    let name = &checked.record.action;
    let outcomes = Outcome::ALL
        .into_iter()
        .map(|outcome| Ok((outcome.as_str(), said(catalogue, &format!("outcome.{outcome}"))?)))
        .collect::<Result<_, I18nError>>()?;
    let standings = ["unverified", "draft"]
        .into_iter()
        .map(|key| Ok((key, said(catalogue, &format!("standing.{key}"))?)))
        .collect::<Result<_, I18nError>>()?;
    Ok(LabelsOf {
        action: pair(action.map_or(name, |labels| &labels.zh), action.map_or(name, |labels| &labels.en)),
        effect: said(catalogue, &format!("effect.{}", checked.evaluation.effect.as_str()))?,
        outcomes,
        standings,
        provisions: provisions(checked),
        rules: checked.rules.versions.iter().filter(|version| named(checked, &version.key)).map(rule).collect(),
        facts: facts(checked),
    })
}

fn named(checked: &Checked<'_>, key: &gongdao_model::VersionKey) -> bool {
    checked.evaluation.rules.iter().any(|verdict| verdict.version == *key)
}

fn rule(version: &gongdao_rules::RuleVersion) -> (String, Pair) {
    (version.key.to_string(), pair(&version.zh, &version.en))
}

fn provisions<'a>(checked: &Checked<'a>) -> BTreeMap<&'a str, ProvisionLabels> {
    let of = |id: &gongdao_model::ProvisionId| {
        let provision = checked.packs.provision(id);
        let readings = provision.iter().flat_map(|provision| &provision.readings);
        ProvisionLabels {
            cite: pair(
                &wording::cite(checked.packs, Language::Zh, id),
                &wording::cite(checked.packs, Language::En, id),
            ),
            summary: provision.map(|provision| pair(&provision.zh, &provision.en)),
            readings: readings
                .map(|reading| {
                    let (zh, en) = (reading.zh.clone(), reading.en.clone());
                    (
                        reading.id.to_string(),
                        ReadingLabels { zh, en, held_by: pair(&reading.held_by_zh, &reading.held_by_en) },
                    )
                })
                .collect(),
        }
    };
    let verdicts = &checked.evaluation.provisions;
    verdicts.iter().map(|verdict| (verdict.provision.as_str(), of(&verdict.provision))).collect()
}

/// Facts that the rules in force refer to.
fn facts<'a>(checked: &Checked<'a>) -> BTreeMap<String, FactLabels<'a>> {
    let versions = checked.rules.versions.iter().filter(|version| named(checked, &version.key));
    let paths: BTreeSet<&FactPath> = versions.flat_map(|version| &version.facts).collect();
    let declared = paths.into_iter().filter_map(|path| Some((path, checked.rules.vocabulary.facts.get(path)?)));
    declared
        .map(|(path, declared)| {
            let labels = FactLabels {
                zh: &declared.zh,
                en: &declared.en,
                grade: grade_key(declared.grade),
                unit: declared.unit.as_deref(),
            };
            (path.to_string(), labels)
        })
        .collect()
}

fn pair(zh: &str, en: &str) -> Pair {
    Pair { zh: zh.to_owned(), en: en.to_owned() }
}

fn said(catalogue: &Catalogue, key: &str) -> Result<Pair, I18nError> {
    let say = |language| catalogue.words(language).say(key, &[]);
    Ok(Pair { zh: say(Language::Zh)?, en: say(Language::En)? })
}

/// The grade's key under `grade`.
pub(super) fn grade_key(grade: Grade) -> &'static str {
    match grade {
        Grade::Observed => "observed",
        Grade::Derived => "derived",
        Grade::Asserted => "asserted",
    }
}
