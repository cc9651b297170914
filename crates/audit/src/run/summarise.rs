//! From the counts to a [`Summary`]: the packs' words beside every number.

use crate::adapter::{Adapter, AdapterKind, Step};
use crate::digest;
use crate::ledger::ERASED;
use crate::measure::Measured;
use crate::run::Request;
use crate::run::tally::{Location, ProvisionTally, RuleTally, Tally};
use crate::summary::{
    ActionCount, Bilingual, Counts, Coverage, DataFile, DataFinding, DeclaredRow, Example, FactGrade, FactLabel,
    MAX_EXAMPLES, MissingFact, ParameterOrigin, ParameterUsed, Period, ProvisionSummary, ReadingSummary, RuleSummary,
    Run, Source, SourceKind, Summary, format_of,
};
use gongdao_model::{Cause, Entity, FactPath, Outcome, ProvisionId};
use gongdao_pack::Drafts;
use gongdao_rules::{Grade, RuleVersion, Vocabulary};
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What a run found besides the counts.
pub(crate) struct Found {
    pub(crate) rows: u64,
    pub(crate) set_aside: u64,
    pub(crate) data_quality: Vec<DataFinding>,
    pub(crate) measured: Measured,
    pub(crate) declared: Vec<DeclaredRow>,
    pub(crate) files: Vec<DataFile>,
    /// Parameters that each decision brings along.
    pub(crate) given: BTreeSet<String>,
}

/// The summary of a finished run.
pub(crate) fn summarise(request: &Request<'_>, tally: &Tally, found: Found) -> Summary {
    let rules: Vec<RuleSummary> =
        tally.rules.iter().filter_map(|(index, own)| rule(request, request.rules.versions.get(*index)?, own)).collect();
    let mut provisions: Vec<ProvisionSummary> =
        tally.provisions.iter().filter_map(|(id, own)| provision(request, id, own)).collect();
    // What a measure or an algorithm version is looked at for has its words too, even where no rule speaks for it.
    let measured = found.measured.rows.iter().map(|row| &row.provision);
    let looked_for = measured.chain(found.measured.figures.iter().map(|row| &row.provision));
    let looked_for: BTreeSet<&ProvisionId> =
        looked_for.chain(found.declared.iter().flat_map(|row| &row.provisions)).collect();
    for id in looked_for.into_iter().filter(|id| !tally.provisions.contains_key(*id)) {
        provisions.extend(provision(request, id, &ProvisionTally::default()));
    }
    provisions.sort_by(|a, b| a.id.cmp(&b.id));
    Summary {
        format: format_of(&found.measured.rows),
        source: source(request.adapter),
        period: tally.first.zip(tally.last).map(|(first, last)| Period { first, last }),
        counts: counts(request, tally, &found),
        coverage: coverage(&rules),
        provisions,
        parameters: parameters(request, tally, &found.given),
        rules,
        measures: found.measured.rows,
        figures: found.measured.figures,
        declared: found.declared,
        data_quality: found.data_quality,
        run: Run {
            program: format!("gongdao {}", env!("CARGO_PKG_VERSION")),
            engine: request.engine.as_str().to_owned(),
            command: request.command.to_owned(),
            strict: request.strict,
            drafts: request.packs.drafts() == Drafts::Included,
            packs_digest: request.packs.digest(),
            adapter_digest: request.adapter.digest.clone(),
            data_digest: data_digest(&found.files),
            ledger: request.ledger.map(|ledger| ledger.run()),
            files: found.files,
        },
    }
}

/// One digest over the names and digests of all data files.
fn data_digest(files: &[DataFile]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        hash.update(format!("{}\n{}\n", file.file, file.digest));
    }
    digest::text(hash)
}

fn source(adapter: &Adapter) -> Source {
    let note = match (&adapter.note_zh, &adapter.note_en) {
        (None, None) => None,
        (Some(zh), Some(en)) => Some(Bilingual::new(zh, en)),
        (Some(one), None) | (None, Some(one)) => Some(Bilingual::new(one, one)),
    };
    Source {
        adapter: adapter.name.clone(),
        title: Bilingual::new(&adapter.zh, &adapter.en),
        note,
        illustration: adapter.illustration,
        kind: match adapter.kind {
            AdapterKind::Decisions => SourceKind::Decisions,
            AdapterKind::Register => SourceKind::Register,
        },
    }
}

fn counts(request: &Request<'_>, tally: &Tally, found: &Found) -> Counts {
    let by_action = tally.actions.iter().map(|(name, (decisions, violated))| {
        let words = request.rules.vocabulary.actions.get(name);
        let label = words.map_or_else(|| Bilingual::new(name, name), |words| Bilingual::new(&words.zh, &words.en));
        (name.clone(), ActionCount { label, decisions: *decisions, violated: *violated })
    });
    Counts {
        rows: found.rows,
        set_aside: found.set_aside,
        erased: found.data_quality.iter().filter(|finding| finding.code == ERASED).map(|finding| finding.count).sum(),
        decisions: tally.decisions,
        violated: tally.violated,
        violated_provisional_only: tally.violated_provisional_only,
        disputed: tally.disputed,
        undetermined: tally.undetermined,
        clear: tally.clear,
        silent: tally.silent,
        by_action: by_action.collect(),
    }
}

fn coverage(rules: &[RuleSummary]) -> Coverage {
    let pairs = |rule: &RuleSummary| rule.outcomes.values().sum::<u64>();
    let open = |rule: &RuleSummary| rule.count(Outcome::Undetermined);
    Coverage {
        pairs: rules.iter().map(pairs).sum(),
        judged: rules.iter().map(|rule| pairs(rule) - open(rule)).sum(),
        rules: rules.len() as u64,
        rules_fully_judged: rules.iter().filter(|rule| open(rule) == 0).count() as u64,
        rules_never_judged: rules.iter().filter(|rule| open(rule) == pairs(rule)).count() as u64,
    }
}

fn rule(request: &Request<'_>, version: &RuleVersion, own: &RuleTally) -> Option<RuleSummary> {
    if own.outcomes.is_empty() {
        return None;
    }
    let vocabulary = &request.rules.vocabulary;
    let mut missing = Vec::new();
    let mut engine_errors = BTreeMap::new();
    for (cause, count) in &own.causes {
        match cause {
            Cause::MissingFact(path) => missing.push(missing_fact(vocabulary, path, *count)),
            Cause::EngineError(words) => {
                engine_errors.insert(words.clone(), *count);
            }
        }
    }
    missing.sort_by(|a, b| (Reverse(a.count), &a.fact).cmp(&(Reverse(b.count), &b.fact)));
    let claims: BTreeSet<&FactPath> = version.asserted.iter().chain(&own.claims).collect();
    let (outcome, locations) = if own.violated.is_empty() {
        (Outcome::Undetermined, &own.undetermined)
    } else {
        (Outcome::Violated, &own.violated)
    };
    Some(RuleSummary {
        key: version.key.clone(),
        provision: version.provision.clone(),
        text: Bilingual::new(&version.zh, &version.en),
        effect: version.effect,
        standing: version.standing,
        outcomes: own.outcomes.clone(),
        missing,
        engine_errors,
        asserted: claims.into_iter().map(|path| fact_label(vocabulary, path)).collect(),
        examples: locations.iter().take(MAX_EXAMPLES).map(|location| example(location, outcome)).collect(),
    })
}

fn example(location: &Location, outcome: Outcome) -> Example {
    Example {
        decision: location.decision.clone(),
        at: location.at,
        outcome,
        file: location.file.clone(),
        row: location.row,
    }
}

fn fact_label(vocabulary: &Vocabulary, path: &FactPath) -> FactLabel {
    let label = vocabulary.facts.get(path).map(|fact| plain(&fact.zh, &fact.en));
    FactLabel { fact: path.clone(), label: label.unwrap_or_default() }
}

/// A fact's words without the list of codes that the vocabulary puts behind them: `年龄段：adult older …` is `年龄段`.
fn plain(zh: &str, en: &str) -> Bilingual {
    match zh.split_once('：') {
        Some((name, codes)) if codes.is_ascii() => Bilingual::new(name, en.split(": ").next().unwrap_or(en)),
        _ => Bilingual::new(zh, en),
    }
}

fn missing_fact(vocabulary: &Vocabulary, path: &FactPath, count: u64) -> MissingFact {
    let grade = match vocabulary.facts.get(path).map(|fact| fact.grade) {
        Some(Grade::Derived) => FactGrade::Derived,
        Some(Grade::Asserted) => FactGrade::Asserted,
        Some(Grade::Observed) | None => FactGrade::Observed,
    };
    let FactLabel { fact, label } = fact_label(vocabulary, path);
    MissingFact { fact, label, grade, count }
}

fn provision(request: &Request<'_>, id: &ProvisionId, own: &ProvisionTally) -> Option<ProvisionSummary> {
    let provision = request.packs.provision(id)?;
    let instrument = request.packs.instrument(&id.instrument())?;
    let ambiguity = provision.ambiguity_zh.as_ref().zip(provision.ambiguity_en.as_ref());
    // Readings of a legal basis show at the rule that demands one: their words stand with the bases.
    let known = request.packs.instruments.iter().flat_map(|pack| &pack.provisions).filter(|other| {
        other.id == *id
            || own.by_reading.keys().any(|reading| other.readings.iter().any(|own| own.id == *reading))
                && is_near(&other.id, id)
    });
    let mut readings: Vec<ReadingSummary> = Vec::new();
    for reading in known.flat_map(|provision| &provision.readings) {
        if readings.iter().any(|other| other.id == reading.id) {
            continue;
        }
        readings.push(ReadingSummary {
            id: reading.id.clone(),
            text: Bilingual::new(&reading.zh, &reading.en),
            held_by: Some(Bilingual::new(&reading.held_by_zh, &reading.held_by_en)),
            outcomes: own.by_reading.get(&reading.id).cloned().unwrap_or_default(),
        });
    }
    Some(ProvisionSummary {
        id: id.clone(),
        instrument: instrument.id.clone(),
        instrument_title: Bilingual::new(&instrument.title_zh, &instrument.title_en),
        instrument_level: instrument.level.clone(),
        text: Bilingual::new(&provision.zh, &provision.en),
        ambiguity: ambiguity.map(|(zh, en)| Bilingual::new(zh, en)),
        readings,
        standing: provision.status.max(instrument.status),
        outcomes: own.outcomes.clone(),
        disputed: own.disputed,
        basis: own.is_basis,
    })
}

fn is_near(other: &ProvisionId, id: &ProvisionId) -> bool {
    other.instrument() == id.instrument() && other.article() == id.article()
}

/// The numbers that rules in force could see, one entry a value; an adapter's assumption takes the place of the law's.
fn parameters(request: &Request<'_>, tally: &Tally, given: &BTreeSet<String>) -> Vec<ParameterUsed> {
    let asked: BTreeSet<&FactPath> = tally
        .rules
        .keys()
        .filter_map(|index| request.rules.versions.get(*index))
        .flat_map(|version| &version.facts)
        .filter(|path| path.entity() == Entity::Parameter)
        .collect();
    let is_asked = |name: &str| asked.iter().any(|path| path.name() == name);
    let mut used: Vec<ParameterUsed> = Vec::new();
    for (on, place) in &tally.days {
        for (name, value) in request.packs.parameters(*on, *place) {
            if !is_asked(&name) || given.contains(&name) || request.adapter.parameters.contains_key(&name) {
                continue;
            }
            let entry = ParameterUsed {
                name,
                label: Bilingual::new(value.zh, value.en),
                value: value.value,
                unit: value.unit,
                origin: ParameterOrigin::Provision { id: value.provision, source: value.source },
            };
            if !used.contains(&entry) {
                used.push(entry);
            }
        }
    }
    for (name, assumption) in &request.adapter.parameters {
        let path = FactPath::new(Entity::Parameter, name).ok();
        let unit = path.and_then(|path| request.rules.vocabulary.facts.get(&path)).and_then(|fact| fact.unit.clone());
        used.push(ParameterUsed {
            name: name.clone(),
            label: Bilingual::new(&assumption.zh, &assumption.en),
            value: assumption.value,
            unit: unit.unwrap_or_default(),
            origin: ParameterOrigin::Assumption,
        });
    }
    used.extend(derived_parameters(request));
    used.sort_by(|a, b| (&a.name, a.value).cmp(&(&b.name, b.value)));
    used
}

/// The numbers that derived facts were set by, as `NAME.PARAMETER`: no provision's, even where the default follows one.
fn derived_parameters(request: &Request<'_>) -> Vec<ParameterUsed> {
    let mut used: Vec<ParameterUsed> = Vec::new();
    for step in &request.adapter.steps {
        let Step::Derived(wanted) = step else { continue };
        for parameter in request.packs.derived(&wanted.name).iter().flat_map(|fact| &fact.parameters) {
            let entry = ParameterUsed {
                name: format!("{}.{}", wanted.name, parameter.name),
                label: Bilingual::new(&parameter.zh, &parameter.en),
                value: wanted.parameters.get(&parameter.name).copied().unwrap_or(parameter.default),
                unit: parameter.unit.clone(),
                origin: ParameterOrigin::Assumption,
            };
            if !used.contains(&entry) {
                used.push(entry);
            }
        }
    }
    used
}
