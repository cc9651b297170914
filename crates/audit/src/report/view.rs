//! The whole page in one language, as plain values.

use super::article::{Article, applicable, of};
use super::bar::percent;
use super::chart::{Chart, charts};
use super::declared::{Declared, declared};
use super::figures::{Figures, figures as figure_tables};
use super::unknown::Unknown;
use super::wording::{cite, count, fraction, instant, integer, natural, pick, share, unit};
use crate::summary::{Counts, DataFinding, ParameterOrigin, ProvisionSummary, RuleSummary, SourceKind, Summary};
use gongdao_i18n::{I18nError, Words};
use gongdao_model::Outcome;
use serde::Serialize;
use std::cmp::Reverse;

#[derive(Debug, Serialize)]
pub(super) struct Page {
    pub lang: &'static str,
    pub tag: &'static str,
    pub own_name: &'static str,
    pub title: String,
    pub adapter: String,
    pub note: Option<String>,
    pub illustration: bool,
    pub register: bool,
    pub provisional: bool,
    pub period: Option<(String, String)>,
    pub rows: String,
    pub decisions: Option<String>,
    pub set_aside: Option<String>,
    pub set_aside_count: String,
    pub erased: Option<String>,
    pub figures: Vec<Figure>,
    pub provisional_only: Option<String>,
    pub silent: Option<String>,
    pub actions: Vec<Action>,
    pub findings: Vec<Article>,
    pub quiet: Vec<Article>,
    pub quiet_count: String,
    pub unknown: Unknown,
    pub declared: Vec<Declared>,
    pub charts: Vec<Chart>,
    pub tables: Vec<Figures>,
    pub quality: Vec<Fault>,
    pub quality_kinds: String,
    pub parameters: Vec<Parameter>,
    pub run: Run,
}

/// A big number.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    pub class: &'static str,
    pub count: String,
    pub share: String,
    pub width: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Action {
    pub label: String,
    pub decisions: String,
    pub violated: String,
    pub share: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Fault {
    pub file: String,
    pub column: Option<String>,
    pub code: String,
    pub message: String,
    pub hint: Option<String>,
    pub set_aside: bool,
    pub count: String,
    pub first_rows: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Parameter {
    pub label: String,
    pub name: String,
    pub value: String,
    pub unit: String,
    pub article: Option<String>,
    pub source: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Run {
    pub program: String,
    pub engine: String,
    pub command: String,
    pub packs: String,
    pub adapter: String,
    data: String,
    pub ledger: Option<Ledger>,
    pub files: Vec<File>,
}

#[derive(Debug, Serialize)]
pub(super) struct Ledger {
    pub origin: String,
    pub size: String,
    pub root: String,
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the template's words")]
pub(super) struct File {
    pub file: String,
    pub rows: String,
    pub bytes: String,
    pub digest: String,
}

impl Page {
    pub(super) fn new(summary: &Summary, words: Words<'_>) -> Result<Self, I18nError> {
        let counts = &summary.counts;
        let (findings, quiet) = articles(summary, words)?;
        Ok(Self {
            lang: words.language().code(),
            tag: words.language().tag(),
            own_name: words.language().own_name(),
            title: pick(words, &summary.source.title),
            adapter: summary.source.adapter.clone(),
            note: summary.source.note.as_ref().map(|note| pick(words, note)),
            illustration: summary.source.illustration,
            register: summary.source.kind == SourceKind::Register,
            provisional: summary.provisions.iter().any(shows_provisional),
            period: summary.period.map(|period| (instant(period.first), instant(period.last))),
            rows: count(counts.rows),
            decisions: (counts.decisions > 0).then(|| count(counts.decisions)),
            set_aside: (counts.set_aside > 0).then(|| count(counts.set_aside)),
            set_aside_count: count(counts.set_aside),
            erased: (counts.erased > 0).then(|| count(counts.erased)),
            figures: figures(counts),
            provisional_only: (counts.violated_provisional_only > 0).then(|| count(counts.violated_provisional_only)),
            silent: (counts.silent > 0).then(|| count(counts.silent)),
            actions: actions(counts, words),
            findings,
            quiet_count: quiet.len().to_string(),
            quiet,
            unknown: Unknown::new(words, summary)?,
            declared: declared(words, summary)?,
            charts: charts(words, summary)?,
            tables: figure_tables(words, summary)?,
            quality: summary.data_quality.iter().map(|finding| fault(words, finding)).collect(),
            quality_kinds: count(summary.data_quality.len() as u64),
            parameters: parameters(summary, words),
            run: run(summary),
        })
    }
}

fn shows_provisional(provision: &ProvisionSummary) -> bool {
    provision.standing.is_provisional() && applicable(provision) > 0
}

/// Provisions with something found, settled law before provisional, worst first; and the others that apply to anything.
fn articles(summary: &Summary, words: Words<'_>) -> Result<(Vec<Article>, Vec<Article>), I18nError> {
    let found = |provision: &ProvisionSummary| of(&provision.outcomes, Outcome::Violated) + provision.disputed > 0;
    let (mut findings, mut quiet): (Vec<_>, Vec<_>) =
        summary.provisions.iter().filter(|provision| applicable(provision) > 0).partition(|p| found(p));
    let rank = |p: &ProvisionSummary| (p.standing, Reverse((of(&p.outcomes, Outcome::Violated), p.disputed)));
    findings.sort_by_key(|p| (rank(p), natural(&p.id)));
    quiet.sort_by_key(|p| natural(&p.id));
    let size = |p: &&ProvisionSummary| of(&p.outcomes, Outcome::Violated) + p.disputed;
    let most = findings.iter().map(size).max().unwrap_or(0);
    let article = |provision: &ProvisionSummary| {
        let mut rules: Vec<&RuleSummary> = summary.rules.iter().filter(|r| r.provision == provision.id).collect();
        rules.sort_by_key(|rule| Reverse(rule.count(Outcome::Violated)));
        Article::new(words, provision, &rules, most)
    };
    let all = |list: Vec<&ProvisionSummary>| list.into_iter().map(article).collect::<Result<Vec<_>, _>>();
    Ok((all(findings)?, all(quiet)?))
}

fn figures(counts: &Counts) -> Vec<Figure> {
    let numbers = [
        ("violated", counts.violated),
        ("disputed", counts.disputed),
        ("undetermined", counts.undetermined),
        ("clear", counts.clear),
    ];
    let figure = |(class, number)| Figure {
        class,
        count: count(number),
        share: share(number, counts.decisions),
        width: percent(fraction(number, counts.decisions)),
    };
    numbers.into_iter().map(figure).collect()
}

fn actions(counts: &Counts, words: Words<'_>) -> Vec<Action> {
    let action = |(name, of): (&String, &crate::summary::ActionCount)| {
        let label = pick(words, &of.label);
        Action {
            label: if label.is_empty() { name.clone() } else { label },
            decisions: count(of.decisions),
            violated: count(of.violated),
            share: share(of.violated, of.decisions),
        }
    };
    counts.by_action.iter().map(action).collect()
}

fn fault(words: Words<'_>, finding: &DataFinding) -> Fault {
    let rows: Vec<String> = finding.first_rows.iter().map(ToString::to_string).collect();
    Fault {
        file: finding.file.clone(),
        column: finding.column.clone(),
        code: finding.code.clone(),
        message: pick(words, &finding.message),
        hint: finding.hint.as_ref().map(|hint| pick(words, hint)),
        set_aside: finding.set_aside,
        count: count(finding.count),
        first_rows: rows.join(words.language().choose("、", ", ")),
    }
}

fn parameters(summary: &Summary, words: Words<'_>) -> Vec<Parameter> {
    let parameter = |used: &crate::summary::ParameterUsed| {
        let (article, source) = match &used.origin {
            ParameterOrigin::Assumption => (None, String::new()),
            ParameterOrigin::Provision { id, source } => {
                let known = summary.provisions.iter().find(|provision| provision.id == *id);
                (Some(known.map_or_else(|| id.to_string(), |provision| cite(words, provision))), source.clone())
            }
        };
        Parameter {
            label: pick(words, &used.label),
            name: used.name.clone(),
            value: integer(used.value),
            unit: unit(words, &used.unit),
            article,
            source,
        }
    };
    summary.parameters.iter().map(parameter).collect()
}

fn run(summary: &Summary) -> Run {
    let run = &summary.run;
    let file = |file: &crate::summary::DataFile| File {
        file: file.file.clone(),
        rows: count(file.rows),
        bytes: count(file.bytes),
        digest: file.digest.clone(),
    };
    Run {
        program: run.program.clone(),
        engine: run.engine.clone(),
        command: run.command.clone(),
        packs: run.packs_digest.clone(),
        adapter: run.adapter_digest.clone(),
        data: run.data_digest.clone(),
        ledger: run.ledger.as_ref().map(|ledger| Ledger {
            origin: ledger.origin.clone(),
            size: count(ledger.size),
            root: ledger.root.clone(),
        }),
        files: run.files.iter().map(file).collect(),
    }
}
