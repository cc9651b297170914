//! What one rule version says of a whole service.

use crate::gap::Gap;
use crate::given::{Case, Given, Where, told};
use crate::truth::{Truth, truth};
use gongdao_model::{FactPath, Standing, VersionKey};
use gongdao_rules::{RuleKind, RuleSet, RuleVersion};
use serde::Serialize;
use std::collections::BTreeSet;

/// Whether something speaks of the service at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Application {
    /// It does, if only in some cases. A legal basis: it holds.
    Applies,
    /// That cannot be told without what is missing.
    CannotTell,
    /// It does not, whatever is missing. A legal basis: it does not hold.
    DoesNotApply,
    /// Nothing in the packs decides it.
    NotJudged,
}

/// How far what applies is kept, by what was said of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// Broken wherever it applies.
    Broken,
    /// Broken in some cases, if they come about.
    Mixed,
    /// What would show it is missing.
    Missing,
    /// Kept.
    Kept,
}

/// Whether a rule that applies is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// How far.
    pub kept: Kept,
    /// The facts that decided it.
    pub because: BTreeSet<FactPath>,
    /// What would decide it.
    pub missing: BTreeSet<Gap>,
    /// Where it is broken, if not everywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub broken_where: Vec<Where>,
    /// Facts among those that are only the operator's own claim.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub claims: BTreeSet<FactPath>,
}

/// What a rule version says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleFinding {
    /// Rule, reading and first day in force.
    #[serde(flatten)]
    pub version: VersionKey,
    /// What it asks, Chinese.
    pub zh: String,
    /// What it asks, English.
    pub en: String,
    /// Whether it is a legal basis.
    pub is_basis: bool,
    /// How far the law behind it was checked.
    pub standing: Standing,
    /// Whether it speaks of the service.
    pub application: Application,
    /// The service does nothing that the rule speaks of.
    pub is_other_action: bool,
    /// The facts that decided whether it applies.
    pub because: BTreeSet<FactPath>,
    /// What would decide more.
    pub missing: BTreeSet<Gap>,
    /// Where it applies, if not everywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub applies_where: Vec<Where>,
    /// Whether it is kept; only where it applies and is no legal basis.
    pub evidence: Option<Evidence>,
}

/// The rule versions in force, and what is known of the service.
pub(crate) struct Judge<'a> {
    pub(crate) rules: &'a RuleSet,
    /// Those in force on the day at the place.
    pub(crate) in_force: Vec<&'a RuleVersion>,
    pub(crate) given: &'a Given,
    pub(crate) actions: Option<&'a BTreeSet<String>>,
}

/// The cases in which a condition is true, false and neither.
#[derive(Default)]
struct Sorted<'c> {
    holds: Vec<&'c Case>,
    fails: Vec<&'c Case>,
    because: BTreeSet<FactPath>,
    because_not: BTreeSet<FactPath>,
    gaps: BTreeSet<Gap>,
}

impl<'c> Sorted<'c> {
    fn of(cases: impl IntoIterator<Item = &'c Case>, mut truth: impl FnMut(&Case) -> Truth) -> Self {
        let mut sorted = Self::default();
        for case in cases {
            match truth(case) {
                Truth::True(because) => {
                    sorted.holds.push(case);
                    sorted.because.extend(because);
                }
                Truth::False(because) => {
                    sorted.fails.push(case);
                    sorted.because_not.extend(because);
                }
                Truth::Unknown(gaps) => sorted.gaps.extend(gaps),
            }
        }
        sorted
    }
}

impl Judge<'_> {
    pub(crate) fn find(&self, version: &RuleVersion) -> RuleFinding {
        let mut finding = RuleFinding {
            version: version.key.clone(),
            zh: version.zh.clone(),
            en: version.en.clone(),
            is_basis: version.is_basis(),
            standing: version.standing,
            application: Application::DoesNotApply,
            is_other_action: false,
            because: BTreeSet::new(),
            missing: BTreeSet::new(),
            applies_where: Vec::new(),
            evidence: None,
        };
        if self.actions.is_some_and(|actions| actions.is_disjoint(&version.actions)) {
            finding.is_other_action = true;
            return finding;
        }
        let bases = self.bases(version);
        let facts = version.facts.iter().chain(bases.iter().flat_map(|basis| &basis.facts));
        let Some(cases) = self.given.cases(facts) else {
            finding.application = Application::CannotTell;
            finding.missing.insert(Gap::Engine { words: "too many facts of this rule vary together".to_owned() });
            return finding;
        };
        let sorted = Sorted::of(&cases, |case| self.speaks(version, case));
        self.settle(&mut finding, version, &bases, &cases, &sorted);
        finding
    }

    /// Whether the rule speaks of a decision: for a basis whether it holds.
    fn speaks(&self, version: &RuleVersion, case: &Case) -> Truth {
        let known = |path: &FactPath| self.given.value(path, case);
        let when = truth(version.when.as_ref(), true, &known);
        if !version.is_basis() || matches!(when, Truth::False(_)) {
            return when;
        }
        match (when, truth(version.unless.as_ref(), false, &known)) {
            (_, Truth::True(because)) => Truth::False(because),
            (Truth::Unknown(gaps), Truth::Unknown(more)) => Truth::Unknown(gaps.into_iter().chain(more).collect()),
            (Truth::Unknown(gaps), _) | (_, Truth::Unknown(gaps)) => Truth::Unknown(gaps),
            (Truth::True(because), Truth::False(more)) => Truth::True(because.into_iter().chain(more).collect()),
            (Truth::False(because), _) => Truth::False(because),
        }
    }

    fn settle(
        &self,
        finding: &mut RuleFinding,
        version: &RuleVersion,
        bases: &[&RuleVersion],
        cases: &[Case],
        sorted: &Sorted<'_>,
    ) {
        finding.missing.clone_from(&sorted.gaps);
        if sorted.holds.is_empty() {
            if sorted.gaps.is_empty() {
                finding.because.clone_from(&sorted.because_not);
                return;
            }
            finding.application = Application::CannotTell;
        } else {
            finding.application = Application::Applies;
            finding.because.clone_from(&sorted.because);
            finding.applies_where = told(&sorted.holds, cases, &sorted.because);
        }
        if self.actions.is_none() {
            finding.application = Application::CannotTell;
            finding.missing.insert(Gap::Actions);
        }
        if finding.application == Application::Applies && !finding.is_basis {
            let mut evidence = self.evidence(version, bases, cases, &sorted.holds);
            if !sorted.gaps.is_empty() {
                // It may apply in more cases, and nobody can tell whether it is kept in them.
                evidence.kept = evidence.kept.min(Kept::Missing);
            }
            finding.evidence = Some(evidence);
        }
    }

    /// Whether it is kept in the cases in which it applies.
    fn evidence(&self, version: &RuleVersion, bases: &[&RuleVersion], all: &[Case], applies: &[&Case]) -> Evidence {
        let sorted = Sorted::of(applies.iter().copied(), |case| match version.kind {
            RuleKind::Demand { .. } => self.demand(version, bases, case),
            _ => truth(version.unless.as_ref(), false, &|path: &FactPath| self.given.value(path, case)),
        });
        let breaks = sorted.fails.len();
        // Without `unless` the act itself is forbidden. That it happens in cases which only may come about nobody said.
        let is_everywhere =
            breaks == applies.len() && (version.has_unless || breaks == all.len() || is_demand(version));
        let kept = match (breaks, sorted.gaps.is_empty()) {
            (0, true) => Kept::Kept,
            (0, false) => Kept::Missing,
            _ if is_everywhere => Kept::Broken,
            _ => Kept::Mixed,
        };
        let mut because = BTreeSet::new();
        match kept {
            Kept::Kept => because.extend(sorted.because),
            Kept::Broken | Kept::Mixed => because.extend(sorted.because_not),
            Kept::Missing => {}
        }
        let mut tells_apart = because.clone();
        tells_apart.extend(version.when.iter().flat_map(facts_of));
        let broken_where = if kept == Kept::Mixed { told(&sorted.fails, all, &tells_apart) } else { Vec::new() };
        let asserted = |path: &&FactPath| {
            self.rules.vocabulary.facts.get(*path).is_some_and(|fact| fact.grade == gongdao_rules::Grade::Asserted)
        };
        let claims = because.iter().filter(asserted).cloned().collect();
        Evidence { kept, because, missing: sorted.gaps, broken_where, claims }
    }

    /// The legal bases that could meet a demand, in its reading.
    fn bases(&self, version: &RuleVersion) -> Vec<&RuleVersion> {
        self.in_force.iter().filter(|other| other.meets(version)).copied().collect()
    }

    /// Met by one basis that holds, for each action of the service; unknown while one could still hold.
    fn demand(&self, version: &RuleVersion, bases: &[&RuleVersion], case: &Case) -> Truth {
        let (mut held, mut open) = (BTreeSet::new(), BTreeSet::new());
        let done = |action: &&String| self.actions.is_none_or(|own| own.contains(*action));
        for action in version.actions.iter().filter(done) {
            let answers = bases.iter().filter(|basis| basis.actions.contains(action));
            let (mut reasons, mut gaps, mut against) = (None, BTreeSet::new(), BTreeSet::new());
            for answer in answers.map(|basis| self.speaks(basis, case)) {
                match answer {
                    Truth::True(because) => reasons = reasons.or(Some(because)),
                    Truth::False(because) => against.extend(because),
                    Truth::Unknown(more) => gaps.extend(more),
                }
            }
            match reasons {
                Some(because) => held.extend(because),
                None if gaps.is_empty() => return Truth::False(against),
                None => open.extend(gaps),
            }
        }
        if open.is_empty() { Truth::True(held) } else { Truth::Unknown(open) }
    }
}

fn is_demand(version: &RuleVersion) -> bool {
    matches!(version.kind, RuleKind::Demand { .. })
}

fn facts_of(tree: &gongdao_rules::Tree) -> BTreeSet<FactPath> {
    let mut facts = BTreeSet::new();
    tree.visit(&mut |node| {
        if let gongdao_rules::Tree::Fact(path) = node {
            facts.insert(path.clone());
        }
    });
    facts
}
