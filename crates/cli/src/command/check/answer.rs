//! One answer from many verdicts.

use gongdao_model::{Evaluation, Outcome, ProvisionId, ProvisionVerdict, RuleVerdict};
use serde::Serialize;

/// What the command says of a decision; its exit code follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Answer {
    /// Every rule that applies is satisfied.
    Lawful,
    /// A verified provision is violated under every reading.
    Violated,
    /// None is, but a provision is disputed, cannot be judged or is violated only provisionally, or no rule is in force.
    CannotTell,
}

impl Answer {
    pub(super) fn exit_code(self) -> u8 {
        match self {
            Self::Lawful => 0,
            Self::Violated => 1,
            Self::CannotTell => 2,
        }
    }
}

/// What came out for a provision across its readings, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Violated,
    Disputed,
    Undetermined,
    Satisfied,
    NotApplicable,
}

impl Class {
    pub(super) const ALL: [Self; 5] =
        [Self::Violated, Self::Disputed, Self::Undetermined, Self::Satisfied, Self::NotApplicable];

    /// Its key under `outcome`.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Violated => "violated",
            Self::Disputed => "disputed",
            Self::Undetermined => "undetermined",
            Self::Satisfied => "satisfied",
            Self::NotApplicable => "not-applicable",
        }
    }

    fn of(verdict: &ProvisionVerdict) -> Self {
        let some = |wanted: Outcome| verdict.by_reading.iter().any(|(_, outcome)| *outcome == wanted);
        match (some(Outcome::Violated), some(Outcome::Undetermined), verdict.disputed) {
            (true, _, false) => Self::Violated,
            (false, true, false) => Self::Undetermined,
            (true, _, true) | (_, true, true) => Self::Disputed,
            // Readings that differ only on whether a rule applies that is kept anyway agree on what matters.
            (false, false, _) if some(Outcome::Satisfied) => Self::Satisfied,
            (false, false, _) => Self::NotApplicable,
        }
    }
}

/// A provision with its class and the verdicts of its rules.
pub(super) struct Judgement<'a> {
    pub(super) class: Class,
    pub(super) verdict: &'a ProvisionVerdict,
    pub(super) rules: Vec<&'a RuleVerdict>,
}

impl Judgement<'_> {
    pub(super) fn is_provisional(&self) -> bool {
        self.verdict.standing.is_provisional()
    }
}

/// The provisions that ask something of the decision, worst first, then by instrument and number.
///
/// A provision with legal bases alone asks nothing: whether one holds matters through the rule that demands it.
pub(super) fn judgements(evaluation: &Evaluation) -> Vec<Judgement<'_>> {
    let rules_of = |verdict: &ProvisionVerdict| {
        let own = evaluation.rules.iter().filter(|rule| rule.provision == verdict.provision && rule.effect.is_some());
        own.collect::<Vec<_>>()
    };
    let all = evaluation.provisions.iter().map(|verdict| (verdict, rules_of(verdict)));
    let mut judgements: Vec<_> = all
        .filter(|(_, rules)| !rules.is_empty())
        .map(|(verdict, rules)| Judgement { class: Class::of(verdict), verdict, rules })
        .collect();
    judgements.sort_by_cached_key(|judgement| (judgement.class, place_in_law(&judgement.verdict.provision)));
    judgements
}

/// Instrument, then the numbers as numbers: article 9 stands before article 13.
fn place_in_law(provision: &ProvisionId) -> (String, Vec<(u32, String)>) {
    let parts = std::iter::once(provision.article()).chain(provision.parts());
    let parts = parts.map(|part| (part.parse().unwrap_or(u32::MAX), part.to_owned()));
    (provision.instrument().to_string(), parts.collect())
}

/// The answer over all provisions.
pub(super) fn answer(judgements: &[Judgement<'_>]) -> Answer {
    let some = |class: Class| judgements.iter().any(|one| one.class == class);
    if judgements.iter().any(|one| one.class == Class::Violated && !one.is_provisional()) {
        Answer::Violated
    } else if judgements.is_empty() || some(Class::Violated) || some(Class::Disputed) || some(Class::Undetermined) {
        Answer::CannotTell
    } else {
        Answer::Lawful
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Class, Judgement, answer};
    use gongdao_model::{Outcome, ProvisionVerdict, Standing};

    fn verdict(outcomes: &[Outcome], standing: Standing) -> ProvisionVerdict {
        let reading = |index: usize| (outcomes.len() > 1).then(|| format!("reading-{index}").parse().unwrap());
        let differs = outcomes.windows(2).any(|pair| pair[0] != pair[1]);
        let is_kept = |outcome: &Outcome| matches!(outcome, Outcome::Satisfied | Outcome::NotApplicable);
        ProvisionVerdict {
            provision: "cn.test/1".parse().unwrap(),
            by_reading: outcomes.iter().enumerate().map(|(index, outcome)| (reading(index), *outcome)).collect(),
            disputed: differs && !outcomes.iter().all(is_kept),
            standing,
        }
    }

    fn check(provisions: &[(&[Outcome], Standing)], expected: Answer) {
        let verdicts: Vec<_> = provisions.iter().map(|(outcomes, standing)| verdict(outcomes, *standing)).collect();
        let judgements: Vec<_> = verdicts
            .iter()
            .map(|verdict| Judgement { class: Class::of(verdict), verdict, rules: Vec::new() })
            .collect();
        assert_eq!(answer(&judgements), expected, "{provisions:?}");
    }

    #[test]
    fn only_what_is_kept_under_every_reading_of_every_rule_is_lawful() {
        use Outcome::{NotApplicable as N, Satisfied as S, Undetermined as U, Violated as V};
        use Standing::{Draft, Unverified, Verified};
        check(&[], Answer::CannotTell);
        check(&[(&[S], Verified)], Answer::Lawful);
        check(&[(&[N], Verified)], Answer::Lawful);
        check(&[(&[S, N], Verified)], Answer::Lawful);
        check(&[(&[S], Unverified)], Answer::Lawful);
        check(&[(&[S], Verified), (&[V], Verified)], Answer::Violated);
        check(&[(&[V, V], Verified)], Answer::Violated);
        check(&[(&[V], Verified), (&[U], Verified), (&[V, S], Verified)], Answer::Violated);
        check(&[(&[V], Unverified)], Answer::CannotTell);
        check(&[(&[V], Draft), (&[S], Verified)], Answer::CannotTell);
        check(&[(&[V, S], Verified)], Answer::CannotTell);
        check(&[(&[V, U], Verified)], Answer::CannotTell);
        check(&[(&[U], Verified), (&[S], Verified)], Answer::CannotTell);
        check(&[(&[U], Unverified)], Answer::CannotTell);
        check(&[(&[U, S], Verified)], Answer::CannotTell);
    }
}
