use crate::{Judged, RuleSet, RuleVersion};
use gongdao_model::{
    DecisionId, Effect, Evaluation, Outcome, ProvisionId, ProvisionVerdict, ReadingId, RuleVerdict, Standing,
};
use std::collections::{BTreeMap, BTreeSet};

type Group<'a> = Vec<(&'a RuleVersion, &'a Judged)>;

/// All verdicts of one decision: per rule, per provision and reading, and what the gate would do.
pub fn evaluation(rules: &RuleSet, id: DecisionId, judged: &[Judged]) -> Evaluation {
    let mut by_provision: BTreeMap<&ProvisionId, Group<'_>> = BTreeMap::new();
    let mut verdicts = Vec::with_capacity(judged.len());
    for one in judged {
        let Some(version) = rules.versions.get(one.version) else { continue };
        verdicts.push(rule_verdict(version, one));
        by_provision.entry(&version.provision).or_default().push((version, one));
    }
    let mut effect = Effect::Proceed;
    let mut provisions = Vec::with_capacity(by_provision.len());
    for (provision, group) in by_provision {
        let verdict = provision_verdict(provision, &group);
        effect = effect.max(effect_of(&verdict, &group));
        provisions.push(verdict);
    }
    Evaluation { decision: id, rules: verdicts, provisions, effect }
}

fn rule_verdict(version: &RuleVersion, judged: &Judged) -> RuleVerdict {
    RuleVerdict {
        version: version.key.clone(),
        provision: version.provision.clone(),
        outcome: judged.outcome,
        cause: judged.cause.clone(),
        asserted: version.asserted.clone(),
        effect: version.effect,
        standing: version.standing,
    }
}

fn provision_verdict(provision: &ProvisionId, group: &Group<'_>) -> ProvisionVerdict {
    let readings: BTreeSet<&ReadingId> = group.iter().filter_map(|(version, _)| version.key.reading.as_ref()).collect();
    let by_reading: Vec<(Option<ReadingId>, Outcome)> = if readings.is_empty() {
        vec![(None, combined(group.iter().map(|(_, judged)| judged.outcome)))]
    } else {
        let under = |reading: &ReadingId| {
            let counted =
                group.iter().filter(|(version, _)| version.key.reading.as_ref().is_none_or(|own| own == reading));
            combined(counted.map(|(_, judged)| judged.outcome))
        };
        readings.into_iter().map(|reading| (Some(reading.clone()), under(reading))).collect()
    };
    let disputed = by_reading.windows(2).any(|pair| matches!(pair, [(_, a), (_, b)] if a != b));
    let standing = group.iter().map(|(version, _)| version.standing).max().unwrap_or(Standing::Verified);
    ProvisionVerdict { provision: provision.clone(), by_reading, disputed, standing }
}

/// Violated before undetermined before satisfied before not applicable; legal bases count only among themselves,
/// where one that holds is enough.
fn combined(outcomes: impl Iterator<Item = Outcome> + Clone) -> Outcome {
    let prohibitions =
        [Outcome::Violated, Outcome::Undetermined, Outcome::Satisfied, Outcome::NotApplicable].into_iter();
    let bases = [Outcome::Established, Outcome::Undetermined, Outcome::NotEstablished].into_iter();
    let only_bases = outcomes
        .clone()
        .all(|outcome| matches!(outcome, Outcome::Established | Outcome::NotEstablished | Outcome::Undetermined));
    let any_basis = outcomes.clone().any(|outcome| matches!(outcome, Outcome::Established | Outcome::NotEstablished));
    let mut order =
        if only_bases && any_basis { bases.collect::<Vec<_>>() } else { prohibitions.collect() }.into_iter();
    order.find(|wanted| outcomes.clone().any(|outcome| outcome == *wanted)).unwrap_or(Outcome::NotApplicable)
}

/// Provisional law stops nothing; a disputed violation and whatever cannot be judged ask the operator.
fn effect_of(verdict: &ProvisionVerdict, group: &Group<'_>) -> Effect {
    let binding = group.iter().filter(|(version, _)| !version.standing.is_provisional() && version.effect.is_some());
    let effects = binding.map(|(version, judged)| match judged.outcome {
        Outcome::Violated if verdict.disputed && version.key.reading.is_some() => Effect::CannotTell,
        Outcome::Violated => version.effect.unwrap_or(Effect::Proceed),
        Outcome::Undetermined => Effect::CannotTell,
        _ => Effect::Proceed,
    });
    effects.max().unwrap_or(Effect::Proceed)
}
