//! What the gate said of the decisions that were made last, all together: how shadow and enforcement differ, and which facts
//! are missing. Nobody is named.

use crate::check::answer_of;
use crate::record::{open_groups, read_check};
use crate::{Caller, Right, Service, ServiceError};
use gongdao_gate::{Answer, Checked, Mode};
use gongdao_model::{Cause, FactPath, Instant, Outcome, ProvisionId};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// Decisions that are looked at.
const LOOKED_AT: u32 = 500;

/// Milliseconds for which figures are shown. They are counted again each minute while somebody looks at them; this is for when that
/// is late, or begins.
const KEPT: i64 = 120_000;

/// Milliseconds after somebody looked in which they are counted again.
const LOOKED: i64 = 600_000;

/// What was said of the newest decisions of this process's ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GateFigures {
    /// When they were counted: at most two minutes ago.
    pub at: Instant,
    /// Decisions that were looked at, at most 500.
    pub looked_at: u64,
    /// The instant of the oldest of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Instant>,
    /// Those that the gate was asked about beforehand.
    pub checked: u64,
    /// Those that were made without asking, or whose content was erased.
    pub not_checked: u64,
    /// Those about which no rule in force speaks.
    pub silent: u64,
    /// By action of the vocabulary.
    pub actions: BTreeMap<String, ActionFigures>,
    /// Facts for want of which rules could not be judged, the most frequent first.
    pub gaps: Vec<Gap>,
}

/// What was said of the decisions of one action.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ActionFigures {
    /// How many were checked.
    pub checked: u64,
    /// How many of them in shadow: judged, and let go.
    pub shadow: u64,
    /// What callers were told to do.
    pub told: BTreeMap<&'static str, u64>,
    /// What they would have been told where every answer binds.
    pub enforced: BTreeMap<&'static str, u64>,
    /// How often the two differ.
    pub differs: u64,
    /// How many went on although a rule that matters could not be judged.
    pub flagged: u64,
}

/// A fact that nobody recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Which.
    pub fact: FactPath,
    /// In how many decisions some rule needed it.
    pub decisions: u64,
    /// The provisions that could not be judged for want of it.
    pub provisions: BTreeSet<ProvisionId>,
}

/// What stops a rule, so far.
#[derive(Default)]
struct Lack {
    decisions: u64,
    provisions: BTreeSet<ProvisionId>,
}

impl Service {
    /// What the gate said of the newest decisions that this process's ledger has, as of at most two minutes ago.
    ///
    /// Errors: the caller may not see it; the disk.
    pub fn gate_figures(&self, caller: &Caller) -> Result<GateFigures, ServiceError> {
        caller.may(Right::ReadAlarms)?;
        // Whoever comes first counts; the others wait for it instead of counting the same.
        let mut kept = self.figures.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        if let Some(kept) = kept.as_mut().filter(|kept| is_within(kept.figures.at, now, KEPT)) {
            kept.looked = now;
            return Ok(kept.figures.clone());
        }
        let figures = self.count_gate_figures()?;
        *kept = Some(Kept { figures: figures.clone(), looked: now });
        Ok(figures)
    }

    /// Count again what somebody looked at a while ago, so that the next one need not wait for it. The service does this by itself once
    /// a minute. Whether it counted.
    ///
    /// Errors: the disk.
    pub fn refresh_gate_figures(&self) -> Result<bool, ServiceError> {
        let looked = || {
            let kept = self.figures.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.as_ref().map(|kept| kept.looked)
        };
        let now = self.clock.now();
        if looked().is_none_or(|looked| !is_within(looked, now, LOOKED)) {
            return Ok(false);
        }
        // Whoever looks meanwhile sees the old ones.
        let figures = self.count_gate_figures()?;
        let mut kept = self.figures.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_mut().filter(|kept| kept.figures.at <= figures.at) {
            kept.figures = figures;
        }
        Ok(true)
    }

    fn count_gate_figures(&self) -> Result<GateFigures, ServiceError> {
        self.queue().projector().flush();
        let mut figures = GateFigures::none(self.clock.now());
        // Decisions with the same outcomes share an answer.
        let (mut answers, mut lacks) = (HashMap::<String, Answer>::new(), BTreeMap::<FactPath, Lack>::new());
        let lines = self.store.page(None, None, LOOKED_AT)?;
        let rows = self.rows_of(&lines)?;
        for line in &lines {
            // Others are in the ledgers of other processes.
            let Some(row) = self.own_leaf(line).ok().and_then(|leaf| rows.get(&leaf)) else { continue };
            figures.looked_at += 1;
            figures.since = Some(line.at);
            let groups = open_groups(row)?;
            let Some(logged) = read_check(&groups)? else {
                figures.not_checked += 1;
                continue;
            };
            figures.count(&line.action, &logged.checked);
            let Some(digest) = logged.answer else { continue };
            if !answers.contains_key(&digest) {
                answers.insert(digest.clone(), answer_of(&*self.store, &digest)?);
            }
            if let Some(answer) = answers.get(&digest) {
                figures.silent += u64::from(answer.silent);
                note_lacks(answer, &mut lacks);
            }
        }
        let gap = |(fact, lack): (FactPath, Lack)| Gap { fact, decisions: lack.decisions, provisions: lack.provisions };
        figures.gaps = lacks.into_iter().map(gap).collect();
        figures.gaps.sort_by_key(|gap| std::cmp::Reverse(gap.decisions));
        Ok(figures)
    }
}

/// The figures that were counted last.
#[derive(Default)]
pub(crate) struct KeptFigures(Mutex<Option<Kept>>);

struct Kept {
    figures: GateFigures,
    /// When somebody asked for them.
    looked: Instant,
}

/// Whether a moment is so few milliseconds ago. Of a clock that was set back since, nothing is known.
fn is_within(moment: Instant, now: Instant, millis: i64) -> bool {
    (0..millis).contains(&(now.millis() - moment.millis()))
}

impl GateFigures {
    fn none(at: Instant) -> Self {
        Self {
            at,
            looked_at: 0,
            since: None,
            checked: 0,
            not_checked: 0,
            silent: 0,
            actions: BTreeMap::new(),
            gaps: Vec::new(),
        }
    }

    fn count(&mut self, action: &str, checked: &Checked) {
        self.checked += 1;
        let of = self.actions.entry(action.to_owned()).or_default();
        of.checked += 1;
        of.shadow += u64::from(checked.settings.mode == Mode::Shadow);
        of.flagged += u64::from(checked.flagged);
        of.differs += u64::from(checked.effect != checked.enforced);
        *of.told.entry(checked.effect.as_str()).or_default() += 1;
        *of.enforced.entry(checked.enforced.as_str()).or_default() += 1;
    }
}

fn note_lacks(answer: &Answer, lacks: &mut BTreeMap<FactPath, Lack>) {
    let mut met: BTreeMap<&FactPath, BTreeSet<&ProvisionId>> = BTreeMap::new();
    for rule in answer.rules.iter().filter(|rule| rule.outcome == Outcome::Undetermined) {
        if let Some(Cause::MissingFact(fact)) = &rule.cause {
            met.entry(fact).or_default().insert(&rule.provision);
        }
    }
    for (fact, provisions) in met {
        let lack = lacks.entry(fact.clone()).or_default();
        lack.decisions += 1;
        lack.provisions.extend(provisions.into_iter().cloned());
    }
}
