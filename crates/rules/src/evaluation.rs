use crate::{Judged, RuleKind, RuleSet, RuleVersion};
use gongdao_model::{
    DecisionId, Effect, Evaluation, FactPath, Outcome, ProvisionId, ProvisionVerdict, ReadingId, RuleVerdict, Standing,
};
use std::collections::{BTreeMap, BTreeSet};

type Group<'a> = Vec<(&'a RuleVersion, &'a Judged)>;

/// All verdicts of one decision: per rule, per provision and reading, and what the gate would do.
pub fn evaluation(rules: &RuleSet, id: DecisionId, judged: &[Judged]) -> Evaluation {
    let mut by_provision: BTreeMap<&ProvisionId, Group<'_>> = BTreeMap::new();
    let mut verdicts = Vec::with_capacity(judged.len());
    for one in judged {
        let Some(version) = rules.versions.get(one.version) else { continue };
        verdicts.push(rule_verdict(version, one, rules, judged));
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

fn rule_verdict(version: &RuleVersion, one: &Judged, rules: &RuleSet, judged: &[Judged]) -> RuleVerdict {
    let mut asserted: BTreeSet<FactPath> = version.asserted.iter().cloned().collect();
    if let (RuleKind::Demand { basis }, Outcome::Satisfied) = (&version.kind, one.outcome) {
        asserted.extend(claims_behind(basis, version.key.reading.as_ref(), rules, judged));
    }
    RuleVerdict {
        version: version.key.clone(),
        provision: version.provision.clone(),
        outcome: one.outcome,
        cause: one.cause.clone(),
        asserted: asserted.into_iter().collect(),
        effect: version.effect,
        standing: version.standing,
    }
}

/// The operator's claims that a satisfied demand rests on: none where one basis holds without any.
fn claims_behind(
    basis: &ProvisionId,
    reading: Option<&ReadingId>,
    rules: &RuleSet,
    judged: &[Judged],
) -> BTreeSet<FactPath> {
    let holds = judged.iter().filter(|one| one.outcome == Outcome::Established);
    let versions = holds.filter_map(|one| rules.versions.get(one.version));
    let meets = |version: &&RuleVersion| {
        matches!(&version.kind, RuleKind::Basis { basis: of } if of == basis)
            && version.key.reading.as_ref().is_none_or(|own| Some(own) == reading)
    };
    let carrying: Vec<&RuleVersion> = versions.filter(meets).collect();
    if carrying.iter().any(|version| version.asserted.is_empty()) {
        return BTreeSet::new();
    }
    carrying.into_iter().flat_map(|version| version.asserted.iter().cloned()).collect()
}

fn provision_verdict(provision: &ProvisionId, group: &Group<'_>) -> ProvisionVerdict {
    let readings: BTreeSet<&ReadingId> = group.iter().filter_map(|(version, _)| version.key.reading.as_ref()).collect();
    let by_reading: Vec<(Option<ReadingId>, Outcome)> = if readings.is_empty() {
        vec![(None, combined(group, None))]
    } else {
        readings.into_iter().map(|reading| (Some(reading.clone()), combined(group, Some(reading)))).collect()
    };
    let differs = by_reading.windows(2).any(|pair| matches!(pair, [(_, a), (_, b)] if a != b));
    // Kept under one reading and not touched under another: whoever reads the text finds no breach, so there is nothing
    // to dispute (docs/adr/0006).
    let is_kept = |outcome: Outcome| matches!(outcome, Outcome::Satisfied | Outcome::NotApplicable);
    let disputed = differs && !by_reading.iter().all(|(_, outcome)| is_kept(*outcome));
    let standing = group.iter().map(|(version, _)| version.standing).max().unwrap_or(Standing::Verified);
    ProvisionVerdict { provision: provision.clone(), by_reading, disputed, standing }
}

const PROHIBITIONS_FIRST: [Outcome; 4] =
    [Outcome::Violated, Outcome::Undetermined, Outcome::Satisfied, Outcome::NotApplicable];
const BASES_FIRST: [Outcome; 3] = [Outcome::Established, Outcome::Undetermined, Outcome::NotEstablished];

/// The outcome under one reading: violated before undetermined before satisfied before not applicable. Legal bases
/// count only where the provision has nothing else, and there one that holds is enough: what an open basis means for
/// its demand has been settled at the demand.
fn combined(group: &Group<'_>, reading: Option<&ReadingId>) -> Outcome {
    let follows = |version: &RuleVersion| version.key.reading.as_ref().is_none_or(|own| Some(own) == reading);
    let is_basis = |version: &RuleVersion| matches!(version.kind, RuleKind::Basis { .. });
    let only_bases = group.iter().all(|(version, _)| is_basis(version));
    let counted = group.iter().filter(|(version, _)| follows(version) && is_basis(version) == only_bases);
    let outcomes: BTreeSet<Outcome> = counted.map(|(_, judged)| judged.outcome).collect();
    let order: &[Outcome] = if only_bases { &BASES_FIRST } else { &PROHIBITIONS_FIRST };
    order.iter().copied().find(|wanted| outcomes.contains(wanted)).unwrap_or(Outcome::NotApplicable)
}

/// What every reading asks for: the weakest of the readings' effects. Where they dispute whether there is a breach at
/// all, the operator is asked besides. Provisional law stops nothing, and neither does a text that does not bind.
fn effect_of(verdict: &ProvisionVerdict, group: &Group<'_>) -> Effect {
    let stops =
        |version: &RuleVersion| version.binding && !version.standing.is_provisional() && version.effect.is_some();
    let binding = || group.iter().filter(|(version, _)| stops(version));
    let under = |reading: Option<&ReadingId>| {
        let follows = |version: &RuleVersion| version.key.reading.as_ref().is_none_or(|own| Some(own) == reading);
        let effects = binding().filter(|(version, _)| follows(version)).map(|(version, judged)| match judged.outcome {
            Outcome::Violated => version.effect.unwrap_or(Effect::Proceed),
            Outcome::Undetermined => Effect::CannotTell,
            _ => Effect::Proceed,
        });
        effects.max().unwrap_or(Effect::Proceed)
    };
    let effects: BTreeSet<Effect> = verdict.by_reading.iter().map(|(reading, _)| under(reading.as_ref())).collect();
    let weakest = effects.first().copied().unwrap_or(Effect::Proceed);
    let asks = verdict.disputed && effects.iter().any(|effect| *effect > Effect::Proceed);
    if asks { weakest.max(Effect::CannotTell) } else { weakest }
}
