use crate::{Judged, RuleKind, RuleSet, RuleVersion};
use gongdao_model::{
    DecisionId, Effect, Evaluation, FactPath, Outcome, ProvisionId, ProvisionVerdict, ReadingId, RuleVerdict, Standing,
};
use std::collections::{BTreeMap, BTreeSet};

type Group<'a> = Vec<Member<'a>>;

/// A rule version with what it says, and what that rests on.
struct Member<'a> {
    version: &'a RuleVersion,
    outcome: Outcome,
    support: Option<Support>,
}

/// What the legal bases that meet a demand bring with them.
struct Support {
    standing: Standing,
    claims: BTreeSet<FactPath>,
}

impl Member<'_> {
    fn is_basis(&self) -> bool {
        self.version.is_basis()
    }

    fn follows(&self, reading: Option<&ReadingId>) -> bool {
        self.version.key.reading.as_ref().is_none_or(|own| Some(own) == reading)
    }

    /// The law's standing, and for a demand that is met not better than its bases'.
    fn standing(&self) -> Standing {
        self.support.as_ref().map_or(self.version.standing, |support| self.version.standing.max(support.standing))
    }
}

/// Which law counts for what the gate would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counting {
    /// Verified law alone.
    Verified,
    /// Unverified and draft law as if it were verified.
    Provisional,
}

/// What binding law asks the gate to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// All told: what cannot be judged, and what the readings dispute, asks that somebody is asked.
    pub all: Effect,
    /// Breaches under every reading alone; never more than `all`.
    pub certain: Effect,
}

impl Asked {
    pub(crate) const NOTHING: Self = Self { all: Effect::Proceed, certain: Effect::Proceed };

    pub(crate) fn with(self, other: Self) -> Self {
        Self { all: self.all.max(other.all), certain: self.certain.max(other.certain) }
    }
}

/// The verdicts of one decision, and what follows from all of them together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "answers to different questions, each a column of the results")]
pub struct Appraisal {
    /// Per rule, per provision and reading, and what the gate would do.
    pub evaluation: Evaluation,
    /// What verified law asks for; `all` of it is the evaluation's effect.
    pub verified: Asked,
    /// What unverified and draft law would ask for besides, were it verified.
    pub provisional: Asked,
    /// Some provision is violated under every reading.
    pub violated: bool,
    /// It is violated, and only by provisional law.
    pub provisional_only: bool,
    /// Some provision depends on the reading.
    pub disputed: bool,
    /// Some provision cannot be judged.
    pub undetermined: bool,
    /// No rule in force speaks about it: nothing was judged, so nothing is clear.
    pub silent: bool,
    /// Provisions that have nothing but legal bases. One that does not hold, or cannot be judged, matters only through the
    /// rule that demands one.
    pub bases: BTreeSet<ProvisionId>,
}

/// All verdicts of one decision: per rule, per provision and reading, and what the gate would do.
pub fn evaluation(rules: &RuleSet, id: DecisionId, judged: &[Judged]) -> Evaluation {
    appraisal(rules, id, judged).evaluation
}

/// All verdicts of one decision, and what follows from all of them together.
pub fn appraisal(rules: &RuleSet, id: DecisionId, judged: &[Judged]) -> Appraisal {
    let members = members(rules, judged);
    let verdicts = members.iter().map(|(member, one)| rule_verdict(member, one)).collect();
    let (mut verified, mut provisional) = (Asked::NOTHING, Asked::NOTHING);
    let (mut provisions, mut bases) = (Vec::new(), BTreeSet::new());
    let (mut violated, mut firmly, mut disputed, mut undetermined) = (false, false, false, false);
    let mut silent = true;
    for (provision, group) in by_provision(members) {
        let verdict = provision_verdict(provision, &group, rules);
        verified = verified.with(asked_by(&verdict, &group, Counting::Verified));
        provisional = provisional.with(asked_by(&verdict, &group, Counting::Provisional));
        if group.iter().all(Member::is_basis) {
            bases.insert(provision.clone());
        } else {
            let is = |wanted: Outcome| {
                !verdict.disputed && verdict.by_reading.first().is_some_and(|(_, outcome)| *outcome == wanted)
            };
            silent = false;
            violated |= is(Outcome::Violated);
            firmly |= is(Outcome::Violated) && !verdict.standing.is_provisional();
            disputed |= verdict.disputed;
            undetermined |= is(Outcome::Undetermined);
        }
        provisions.push(verdict);
    }
    let evaluation = Evaluation { decision: id, rules: verdicts, provisions, effect: verified.all };
    let provisional_only = violated && !firmly;
    Appraisal { evaluation, verified, provisional, violated, provisional_only, disputed, undetermined, silent, bases }
}

fn members<'a>(rules: &'a RuleSet, judged: &'a [Judged]) -> Vec<(Member<'a>, &'a Judged)> {
    let mut members = Vec::with_capacity(judged.len());
    for one in judged {
        let Some(version) = rules.versions.get(one.version) else { continue };
        let support = match (&version.kind, one.outcome) {
            (RuleKind::Demand { .. }, Outcome::Satisfied) => support(version, rules, judged),
            _ => None,
        };
        members.push((Member { version, outcome: one.outcome, support }, one));
    }
    members
}

fn by_provision<'a>(members: Vec<(Member<'a>, &Judged)>) -> BTreeMap<&'a ProvisionId, Group<'a>> {
    let mut groups: BTreeMap<&ProvisionId, Group<'_>> = BTreeMap::new();
    for (member, _) in members {
        groups.entry(&member.version.provision).or_default().push(member);
    }
    groups
}

fn rule_verdict(member: &Member<'_>, one: &Judged) -> RuleVerdict {
    let version = member.version;
    let mut asserted: BTreeSet<FactPath> = version.asserted.iter().cloned().collect();
    asserted.extend(member.support.iter().flat_map(|support| support.claims.iter().cloned()));
    RuleVerdict {
        version: version.key.clone(),
        provision: version.provision.clone(),
        outcome: one.outcome,
        cause: one.cause.clone(),
        asserted: asserted.into_iter().collect(),
        effect: version.effect,
        standing: member.standing(),
    }
}

/// What a satisfied demand rests on. One basis is enough, so the best-read of those that hold counts; among equals one
/// without the operator's claims, else the claims of them all. A text that does not bind counts as unverified.
fn support(demand: &RuleVersion, rules: &RuleSet, judged: &[Judged]) -> Option<Support> {
    let holds = judged.iter().filter(|one| one.outcome == Outcome::Established);
    let versions = holds.filter_map(|one| rules.versions.get(one.version));
    let meeting: Vec<(Standing, &RuleVersion)> = versions
        .filter(|version| version.meets(demand))
        .map(|version| (version.standing_as_basis(), version))
        .collect();
    let standing = meeting.iter().map(|(standing, _)| *standing).min()?;
    let best: Vec<&RuleVersion> =
        meeting.into_iter().filter(|(own, _)| *own == standing).map(|(_, version)| version).collect();
    let claims = if best.iter().any(|version| version.asserted.is_empty()) {
        BTreeSet::new()
    } else {
        best.into_iter().flat_map(|version| version.asserted.iter().cloned()).collect()
    };
    Some(Support { standing, claims })
}

fn provision_verdict(provision: &ProvisionId, group: &Group<'_>, rules: &RuleSet) -> ProvisionVerdict {
    let readings = readings_of(provision, group.iter().map(|member| member.version), rules);
    let by_reading: Vec<(Option<ReadingId>, Outcome)> = if readings.is_empty() {
        vec![(None, combined(group, None))]
    } else {
        readings.into_iter().map(|reading| (Some(reading.clone()), combined(group, Some(reading)))).collect()
    };
    let differs = by_reading.windows(2).any(|pair| matches!(pair, [(_, a), (_, b)] if a != b));
    let disputed = differs && !by_reading.iter().all(|(_, outcome)| is_kept(*outcome));
    // What meets a demand marks the provision only where the demand decides it: a breach of another rule stands as well
    // as its own law.
    let decides = |member: &Member<'_>| {
        by_reading.iter().any(|(reading, outcome)| member.follows(reading.as_ref()) && *outcome == member.outcome)
    };
    let standing = |member: &Member<'_>| if decides(member) { member.standing() } else { member.version.standing };
    let standing = group.iter().map(standing).max().unwrap_or(Standing::Verified);
    ProvisionVerdict { provision: provision.clone(), by_reading, disputed, standing }
}

/// The readings that the rules follow, and with them all of the provision: one under which no rule speaks of this
/// action or day finds no breach, and must not be left out. A demand follows the readings of its bases.
pub(crate) fn readings_of<'a>(
    provision: &ProvisionId,
    group: impl Iterator<Item = &'a RuleVersion>,
    rules: &'a RuleSet,
) -> BTreeSet<&'a ReadingId> {
    let followed: BTreeSet<&ReadingId> = group.filter_map(|version| version.key.reading.as_ref()).collect();
    if followed.is_empty() {
        return followed;
    }
    let declared = rules.packs.provision(provision).into_iter().flat_map(|provision| &provision.readings);
    let declared: BTreeSet<&ReadingId> = declared.map(|reading| &reading.id).collect();
    if followed.is_disjoint(&declared) { followed } else { followed.union(&declared).copied().collect() }
}

/// Kept under one reading and not touched under another: whoever reads the text finds no breach, so there is nothing to
/// dispute (docs/adr/0006).
pub(crate) fn is_kept(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Satisfied | Outcome::NotApplicable)
}

const PROHIBITIONS_FIRST: [Outcome; 4] =
    [Outcome::Violated, Outcome::Undetermined, Outcome::Satisfied, Outcome::NotApplicable];
const BASES_FIRST: [Outcome; 3] = [Outcome::Established, Outcome::Undetermined, Outcome::NotEstablished];

/// The outcome under one reading: violated before undetermined before satisfied before not applicable. Legal bases
/// count only where the provision has nothing else, and there one that holds is enough: what an open basis means for
/// its demand has been settled at the demand.
fn combined(group: &Group<'_>, reading: Option<&ReadingId>) -> Outcome {
    let only_bases = group.iter().all(Member::is_basis);
    let counted = group.iter().filter(|member| member.follows(reading) && member.is_basis() == only_bases);
    let outcomes: BTreeSet<Outcome> = counted.map(|member| member.outcome).collect();
    let (order, otherwise): (&[Outcome], Outcome) = if only_bases {
        (&BASES_FIRST, Outcome::NotEstablished)
    } else {
        (&PROHIBITIONS_FIRST, Outcome::NotApplicable)
    };
    order.iter().copied().find(|wanted| outcomes.contains(wanted)).unwrap_or(otherwise)
}

/// What every reading asks for: the weakest of the readings' effects. Where they dispute whether there is a breach at
/// all, or may come to once what is unknown is known, the operator is asked besides. Provisional law stops nothing unless
/// it is to count, and a text that does not bind never does.
fn asked_by(verdict: &ProvisionVerdict, group: &Group<'_>, counting: Counting) -> Asked {
    let counts = |member: &&Member<'_>| {
        member.version.binding && (counting == Counting::Provisional || !member.version.standing.is_provisional())
    };
    let by_reading = |effect_of: fn(&Member<'_>) -> Option<Effect>| {
        let under = |reading: Option<&ReadingId>| {
            let own = group.iter().filter(counts).filter(|member| member.follows(reading));
            own.filter_map(effect_of).max().unwrap_or(Effect::Proceed)
        };
        verdict.by_reading.iter().map(|(reading, _)| under(reading.as_ref())).collect::<BTreeSet<Effect>>()
    };
    let effects = by_reading(effect_of_rule);
    let all = effects.first().copied().unwrap_or(Effect::Proceed);
    let is_open = || verdict.by_reading.iter().any(|(_, outcome)| *outcome == Outcome::Undetermined);
    let may_differ = verdict.disputed || (verdict.by_reading.len() > 1 && is_open());
    let asks = may_differ && effects.iter().any(|effect| *effect > Effect::Proceed);
    Asked {
        all: if asks { all.max(Effect::CannotTell) } else { all },
        certain: by_reading(effect_of_breach).first().copied().unwrap_or(Effect::Proceed),
    }
}

/// A rule that cannot be judged asks for no more than its breach would, and never for nothing.
fn effect_of_rule(member: &Member<'_>) -> Option<Effect> {
    let effect = member.version.effect?;
    match member.outcome {
        Outcome::Violated => Some(effect),
        Outcome::Undetermined => Some(effect.min(Effect::CannotTell)),
        _ => None,
    }
}

fn effect_of_breach(member: &Member<'_>) -> Option<Effect> {
    member.version.effect.filter(|_| member.outcome == Outcome::Violated)
}
