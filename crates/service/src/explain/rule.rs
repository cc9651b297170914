//! What the declared rule says of one decision: shares in the outcome's unit, and what would have changed it. The rule is the
//! one that was declared at the decision's instant, whatever was declared since.

use super::fact_of;
use crate::register::DeclaredThen;
use crate::{DecisionView, Field, Service, ServiceError};
use gongdao_gate::StateFacts;
use gongdao_model::{FactPath, FactValue, Instant, LegalDate};
use gongdao_register::{
    Better, Can, DeclaredRule, Explained, FactorChange, Line, LineOp, PreparedRule, RuleChange, RuleValue, Standing,
    Version, difference,
};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Lines of the difference to the version before that are told at most; all of them stand at `/v1/versions`.
const MOST_LINES: usize = 40;

/// What the register says of the version that decided, and what its declared rule gives.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct RuleOfDecision {
    /// The version; none where the decision names none, or none that was declared then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<VersionShown>,
    /// What each factor did; none where `no_shares` says why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeShown>,
    /// What the person can influence or have corrected, and with what the outcome would have been better.
    pub would_change: Vec<RegionShown>,
    /// Why there are no shares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_shares: Option<NoShares>,
    /// Facts that the rule needs and nobody recorded.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub lacking: BTreeSet<FactPath>,
}

/// Why an explanation has no shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoShares {
    /// The decision names no version, or none of the register.
    NoVersion,
    /// The version was declared after the decision.
    DeclaredLater,
    /// The version declares no rule that can be run.
    NoRule,
    /// Whoever asks may not see the facts.
    Hidden,
    /// Nobody recorded what the rule needs.
    Lacking,
    /// The rule gives no number here, or its terms do not add up.
    NoNumber,
}

impl NoShares {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoVersion => "no-version",
            Self::DeclaredLater => "declared-later",
            Self::NoRule => "no-rule",
            Self::Hidden => "hidden",
            Self::Lacking => "lacking",
            Self::NoNumber => "no-number",
        }
    }
}

/// The version that decided, as it was declared then.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VersionShown {
    /// Its name.
    pub id: String,
    /// SHA-256 of what was declared then.
    pub digest: String,
    /// How it stood at that moment.
    pub standing: Standing,
    /// Its first day in force, where it is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<LegalDate>,
    /// The consultation over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consultation: Option<String>,
    /// The rule, where it is one SQL value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// What it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousShown>,
}

/// The version before, and what is different.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PreviousShown {
    /// Its name.
    pub id: String,
    /// SHA-256 of what it declares.
    pub digest: String,
    /// What its rule would have given here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<i64>,
    /// Lines that one text has and the other has not, 40 at most.
    pub lines: Vec<Line>,
    /// Lines that are different, in all.
    pub changed_lines: u64,
    /// Factors that are new, gone or otherwise.
    pub factors: Vec<FactorChange>,
    /// The rule that can be run, where it is not the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleChange>,
}

/// The outcome, declared against actual, and the share of each factor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutcomeShown {
    /// The fact that is the outcome.
    pub fact: FactPath,
    /// What it is, Chinese.
    pub zh: String,
    /// What it is, English.
    pub en: String,
    /// Its unit.
    pub unit: String,
    /// Which outcomes are better for the person.
    pub better: Better,
    /// What the declared rule gives for what was known.
    pub declared: i64,
    /// What the record says; none where nobody recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<i64>,
    /// The actual outcome less the declared one: what the declared rule does not account for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unaccounted: Option<i64>,
    /// What the rule gives for the published baseline.
    pub baseline: i64,
    /// `shapley`: exact; `additive`: the rule was found to be a sum of terms here.
    pub method: &'static str,
    /// One a factor. They add up to the declared outcome less the baseline's.
    pub shares: Vec<ShareShown>,
}

/// What one factor did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShareShown {
    /// Its name in the rule.
    pub name: String,
    /// The fact.
    pub fact: FactPath,
    /// What it is, Chinese.
    pub zh: String,
    /// What it is, English.
    pub en: String,
    /// What it was.
    pub value: RuleValue,
    /// What it is compared with.
    pub baseline: RuleValue,
    /// The unit of both, for numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// In whole units of the outcome; what rounding leaves goes to the largest remainders, of equal ones to the earlier factor.
    pub share: i64,
    /// The share before rounding: a whole number or a fraction in lowest terms.
    pub exact: String,
    /// What the person can do about it: `correct`, `influence`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can: Option<Can>,
}

/// Values of one factor with each of which, all else as it was, the outcome would have been better. The rule was run for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegionShown {
    /// The factor's name in the rule.
    pub name: String,
    /// The fact.
    pub fact: FactPath,
    /// What it is, Chinese.
    pub zh: String,
    /// What it is, English.
    pub en: String,
    /// What the person can do about it: `correct`, `influence`.
    pub can: Can,
    /// The first value.
    pub from: RuleValue,
    /// The last.
    pub to: RuleValue,
    /// The unit of both, for numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The smallest outcome among them.
    pub least: i64,
    /// The greatest.
    pub greatest: i64,
}

impl Service {
    /// What the rule that was declared at the decision's instant says of it, to whoever may see its facts.
    pub(super) fn rule_of(&self, view: &DecisionView, known: &StateFacts) -> Result<RuleOfDecision, ServiceError> {
        let none = |why| Ok(RuleOfDecision { no_shares: Some(why), ..RuleOfDecision::default() });
        let at = view.record.at;
        let Some(id) = view.record.algorithm.as_deref() else { return none(NoShares::NoVersion) };
        let version = match self.version_as_of(id, at)? {
            DeclaredThen::Never => return none(NoShares::NoVersion),
            DeclaredThen::Later => return none(NoShares::DeclaredLater),
            DeclaredThen::Then(version) => version,
        };
        let may_see = view.fields.contains(&Field::Facts);
        let (previous, rule_before) = self.previous(&version, at)?;
        let mut found = RuleOfDecision { version: Some(shown(&version, at, previous)), ..RuleOfDecision::default() };
        let Some(prepared) = self.prepared_rule(&version)? else {
            found.no_shares = Some(NoShares::NoRule);
            return Ok(found);
        };
        // Shares and regions are made of facts, and so is what another rule would have given.
        if !may_see {
            found.no_shares = Some(NoShares::Hidden);
            return Ok(found);
        }
        let values = match prepared.rule().values(|fact| known.get(fact)) {
            Ok(values) => values,
            Err(lacking) => {
                found.no_shares = Some(NoShares::Lacking);
                found.lacking = lacking;
                return Ok(found);
            }
        };
        let Ok(explained) = prepared.explain(&values) else {
            found.no_shares = Some(NoShares::NoNumber);
            return Ok(found);
        };
        found.outcome = Some(outcome(prepared.rule(), &values, &explained, known));
        found.would_change = regions(prepared.rule(), &explained);
        if let Some(previous) = found.version.as_mut().and_then(|version| version.previous.as_mut()) {
            previous.outcome = rule_before.and_then(|rule| outcome_under(&rule, known));
        }
        Ok(found)
    }

    fn previous(
        &self,
        version: &Version,
        at: Instant,
    ) -> Result<(Option<PreviousShown>, Option<Arc<PreparedRule>>), ServiceError> {
        let Some(id) = &version.based_on else { return Ok((None, None)) };
        let DeclaredThen::Then(before) = self.version_as_of(id, at)? else { return Ok((None, None)) };
        let different = difference(&before, version);
        let changed = different.lines.into_iter().filter(|line| line.op != LineOp::Same);
        let (mut lines, mut changed_lines) = (Vec::new(), 0);
        for line in changed {
            changed_lines += 1;
            if lines.len() < MOST_LINES {
                lines.push(line);
            }
        }
        let shown = PreviousShown {
            id: before.id.clone(),
            digest: before.digest.clone(),
            outcome: None,
            lines,
            changed_lines,
            factors: different.factors,
            rule: different.rule,
        };
        // Another outcome or unit cannot be set beside this one.
        let is_alike = |rule: &DeclaredRule| {
            version.rule.as_ref().is_some_and(|own| own.outcome == rule.outcome && own.unit == rule.unit)
        };
        let rule = self.prepared_rule(&before)?.filter(|rule| is_alike(rule.rule()));
        Ok((Some(shown), rule))
    }
}

/// What a rule gives for what is known; nothing where something is missing, or it gives no number.
pub(crate) fn outcome_under(rule: &PreparedRule, known: &StateFacts) -> Option<i64> {
    let values = rule.rule().values(|fact| known.get(fact)).ok()?;
    rule.outcomes(&[values]).ok()?.into_iter().next()?
}

fn shown(version: &Version, at: Instant, previous: Option<PreviousShown>) -> VersionShown {
    VersionShown {
        id: version.id.clone(),
        digest: version.digest.clone(),
        standing: version.hold().standing(at),
        from: version.publication.as_ref().filter(|publication| publication.at <= at).map(|one| one.from),
        consultation: version.consultation.clone(),
        expression: version.rule.as_ref().and_then(|rule| rule.expression.clone()),
        previous,
    }
}

/// The recorded outcome of a rule.
pub(crate) fn actual(rule: &DeclaredRule, known: &StateFacts) -> Option<i64> {
    match fact_of(known, &rule.outcome) {
        Some(FactValue::Long(number)) => Some(*number),
        Some(FactValue::Bool(truth)) => Some(i64::from(*truth)),
        _ => None,
    }
}

fn outcome(rule: &DeclaredRule, values: &[RuleValue], explained: &Explained, known: &StateFacts) -> OutcomeShown {
    let attribution = &explained.attribution;
    let actual = actual(rule, known);
    let shares = rule.factors.iter().zip(values).zip(&attribution.shares).map(|((factor, value), share)| ShareShown {
        name: factor.name.clone(),
        fact: factor.fact.clone(),
        zh: factor.zh.clone(),
        en: factor.en.clone(),
        value: value.clone(),
        baseline: factor.baseline.clone(),
        unit: factor.unit.clone(),
        share: share.units,
        exact: fraction(share.numerator, attribution.denominator),
        can: factor.can,
    });
    OutcomeShown {
        fact: rule.outcome.clone(),
        zh: rule.zh.clone(),
        en: rule.en.clone(),
        unit: rule.unit.clone(),
        better: rule.better,
        declared: attribution.outcome,
        actual,
        unaccounted: actual.and_then(|actual| actual.checked_sub(attribution.outcome)),
        baseline: attribution.baseline,
        method: attribution.method.as_str(),
        shares: shares.collect(),
    }
}

fn regions(rule: &DeclaredRule, explained: &Explained) -> Vec<RegionShown> {
    let told = explained.regions.iter().filter_map(|region| {
        let factor = rule.factors.get(region.factor)?;
        Some(RegionShown {
            name: factor.name.clone(),
            fact: factor.fact.clone(),
            zh: factor.zh.clone(),
            en: factor.en.clone(),
            can: region.can,
            from: region.from.clone(),
            to: region.to.clone(),
            unit: factor.unit.clone(),
            least: region.least,
            greatest: region.greatest,
        })
    });
    told.collect()
}

/// In lowest terms; `denominator` is above 0.
fn fraction(numerator: i128, denominator: i128) -> String {
    let (mut one, mut other) = (numerator.unsigned_abs(), denominator.unsigned_abs());
    while other != 0 {
        (one, other) = (other, one % other);
    }
    let shared = i128::try_from(one).unwrap_or(1).max(1);
    let (above, below) = (numerator / shared, denominator / shared);
    if below == 1 { above.to_string() } else { format!("{above}/{below}") }
}

#[cfg(test)]
mod tests {
    use super::fraction;

    #[test]
    fn a_share_before_rounding_is_a_fraction_in_lowest_terms() {
        for (numerator, denominator, text) in
            [(0, 6, "0"), (12, 6, "2"), (-12, 6, "-2"), (4, 6, "2/3"), (-4, 6, "-2/3"), (5, 1, "5")]
        {
            assert_eq!(fraction(numerator, denominator), text);
        }
    }
}
