//! How much of the law the packs hold: per instrument its provisions and what each has, and what an outside list of
//! provisions names and no pack has.

use crate::{InstrumentPack, ListedLine, Packs, ProvisionList};
use gongdao_model::{InstrumentId, ProvisionId};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The table over all instruments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Ordered by identifier; those that only the list names are among them.
    pub instruments: Vec<InstrumentCoverage>,
    /// Whether a list was held against the packs.
    pub against_list: bool,
}

/// One instrument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstrumentCoverage {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Whether a pack holds it.
    pub held: bool,
    /// Lines of the list that speak of it.
    pub lines: usize,
    /// Provisions in its pack.
    pub provisions: usize,
    /// Of these, those with a rule.
    pub with_rule: usize,
    /// Those with a duty.
    pub with_duty: usize,
    /// Those without either, by the reason given.
    pub no_rule: BTreeMap<String, usize>,
    /// Those with neither rule nor duty nor reason.
    pub open: Vec<ProvisionId>,
    /// What the list names and the pack lacks.
    pub missing: Vec<MissingLine>,
}

/// Part of a line of the list that no provision answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingLine {
    /// 1-based line of the list.
    pub line: usize,
    /// The reference as written there.
    pub reference: String,
    /// The identifier that was looked for; the instrument where the whole was.
    pub wanted: String,
}

/// Hold the packs against a list, or count what they have by themselves. `ruled` are the provisions that a rule comes
/// from, which `gongdao-rules` knows.
pub fn coverage(packs: &Packs, ruled: &BTreeSet<ProvisionId>, list: Option<&ProvisionList>) -> Coverage {
    let mut rows: BTreeMap<InstrumentId, InstrumentCoverage> = BTreeMap::new();
    for pack in &packs.instruments {
        rows.insert(pack.instrument.id.clone(), of_pack(pack, ruled));
    }
    for line in list.iter().flat_map(|list| &list.lines) {
        for instrument in &line.instruments {
            let row = rows.entry(instrument.clone()).or_insert_with(|| InstrumentCoverage::empty(instrument));
            row.lines += 1;
            let pack = packs.instruments.iter().find(|pack| pack.instrument.id == *instrument);
            row.missing.extend(missing(line, instrument, pack));
        }
    }
    Coverage { instruments: rows.into_values().collect(), against_list: list.is_some() }
}

fn of_pack(pack: &InstrumentPack, ruled: &BTreeSet<ProvisionId>) -> InstrumentCoverage {
    let duties: BTreeSet<&ProvisionId> = pack.duties.iter().map(|duty| &duty.provision).collect();
    let reasons: BTreeMap<&ProvisionId, &str> =
        pack.no_rules.iter().map(|line| (&line.provision, line.reason.as_str())).collect();
    let mut row = InstrumentCoverage::empty(&pack.instrument.id);
    row.held = true;
    row.provisions = pack.provisions.len();
    for id in pack.provisions.iter().map(|provision| &provision.id) {
        let (rule, duty) = (ruled.contains(id), duties.contains(id));
        row.with_rule += usize::from(rule);
        row.with_duty += usize::from(duty);
        if rule || duty {
            continue;
        }
        match reasons.get(id) {
            Some(reason) => *row.no_rule.entry((*reason).to_owned()).or_default() += 1,
            None => row.open.push(id.clone()),
        }
    }
    row
}

/// What of a line the pack lacks.
fn missing(line: &ListedLine, instrument: &InstrumentId, pack: Option<&InstrumentPack>) -> Vec<MissingLine> {
    let ids: Vec<&ProvisionId> = pack.iter().flat_map(|pack| &pack.provisions).map(|provision| &provision.id).collect();
    let lacks = |wanted: String| MissingLine { line: line.line, reference: line.reference.clone(), wanted };
    if line.targets.is_empty() {
        return if ids.is_empty() { vec![lacks(instrument.to_string())] } else { Vec::new() };
    }
    let absent = line.targets.iter().filter(|target| !is_answered(instrument, target, &ids));
    absent.map(|target| lacks(format!("{instrument}/{target}"))).collect()
}

/// A part of an article is answered by the provision of that name or by parts of it. A number in brackets may also be an
/// item of the article's only paragraph, as people cite it, and a pack may keep an article whole.
fn is_answered(instrument: &InstrumentId, target: &str, ids: &[&ProvisionId]) -> bool {
    let whole = |wanted: &str| ids.iter().any(|id| id.as_str() == wanted);
    let below = |wanted: &str| {
        let folder = format!("{wanted}/");
        ids.iter().any(|id| id.as_str().starts_with(&folder))
    };
    let wanted = format!("{instrument}/{target}");
    if whole(&wanted) || below(&wanted) {
        return true;
    }
    let Some((article, rest)) = target.split_once('/') else { return false };
    let article = format!("{instrument}/{article}");
    whole(&format!("{article}/1/{rest}")) || whole(&article) && !below(&article)
}

impl InstrumentCoverage {
    fn empty(instrument: &InstrumentId) -> Self {
        Self {
            instrument: instrument.clone(),
            held: false,
            lines: 0,
            provisions: 0,
            with_rule: 0,
            with_duty: 0,
            no_rule: BTreeMap::new(),
            open: Vec::new(),
            missing: Vec::new(),
        }
    }

    fn without_rule(&self) -> usize {
        self.no_rule.values().sum()
    }

    /// The reasons with their counts: `penalty 4, power 3`.
    fn reasons(&self) -> String {
        self.no_rule.iter().map(|(reason, count)| format!("{reason} {count}")).collect::<Vec<_>>().join(", ")
    }
}

impl Coverage {
    /// Whether nothing is missing and every provision has a rule, a duty or a reason.
    pub fn is_complete(&self) -> bool {
        self.instruments.iter().all(|row| row.missing.is_empty() && row.open.is_empty())
    }

    /// The table for people, then what is missing, one a line.
    pub fn human(&self) -> String {
        let width = self.instruments.iter().map(|row| row.instrument.as_str().len()).max().unwrap_or(0).max(10);
        let mut text = String::new();
        // Writing into a string cannot fail.
        let lines = if self.against_list { "lines  " } else { "" };
        let _ = writeln!(text, "{:<width$}  {lines}provisions  rule  duty  none  reasons", "instrument");
        for row in &self.instruments {
            let lines = if self.against_list { format!("{:>5}  ", row.lines) } else { String::new() };
            let counts = format!(
                "{:>10}  {:>4}  {:>4}  {:>4}  {}",
                row.provisions,
                row.with_rule,
                row.with_duty,
                row.without_rule(),
                row.reasons()
            );
            let _ = writeln!(text, "{:<width$}  {lines}{}", row.instrument.as_str(), counts.trim_end());
        }
        for row in &self.instruments {
            for id in &row.open {
                let _ = writeln!(text, "open: `{id}` has neither rule nor duty nor a line in no-rule.toml");
            }
            for line in &row.missing {
                let _ = writeln!(text, "missing: `{}`, line {} ({})", line.wanted, line.line, line.reference);
            }
        }
        let (open, missing) = self.gaps();
        let total = |count: fn(&InstrumentCoverage) -> usize| self.instruments.iter().map(count).sum::<usize>();
        let _ = write!(
            text,
            "{} instruments, {} provisions: {} with a rule, {} with a duty, {} with neither and why; {open} open, {missing} missing",
            self.instruments.len(),
            total(|row| row.provisions),
            total(|row| row.with_rule),
            total(|row| row.with_duty),
            total(Self::none_of),
        );
        text
    }

    fn none_of(row: &InstrumentCoverage) -> usize {
        row.without_rule()
    }

    fn gaps(&self) -> (usize, usize) {
        let open = self.instruments.iter().map(|row| row.open.len()).sum();
        let missing = self.instruments.iter().map(|row| row.missing.len()).sum();
        (open, missing)
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        let missing =
            |line: &MissingLine| json!({ "line": line.line, "reference": line.reference, "wanted": line.wanted });
        let row = |row: &InstrumentCoverage| {
            json!({
                "instrument": row.instrument,
                "held": row.held,
                "lines": self.against_list.then_some(row.lines),
                "provisions": row.provisions,
                "with_rule": row.with_rule,
                "with_duty": row.with_duty,
                "no_rule": row.no_rule,
                "open": row.open,
                "missing": row.missing.iter().map(missing).collect::<Vec<_>>(),
            })
        };
        json!({
            "complete": self.is_complete(),
            "against_list": self.against_list,
            "instruments": self.instruments.iter().map(row).collect::<Vec<_>>(),
        })
    }
}
