use crate::bits::Bits;
use crate::evaluate::{Run, Truth, Why};
use crate::program::NodeId;
use crate::rules::CompiledRules;
use crate::verdicts::{ScopeLists, Verdicts, VersionVerdicts};
use gongdao_model::Cause;
use std::collections::{BTreeMap, HashMap};

/// One batch: conditions become verdicts.
pub(crate) struct Session<'a> {
    rules: &'a CompiledRules,
    run: Run<'a>,
    causes: Vec<Cause>,
    numbers: HashMap<Why, usize>,
}

impl<'a> Session<'a> {
    pub(crate) fn new(rules: &'a CompiledRules, run: Run<'a>) -> Self {
        Self { rules, run, causes: Vec::new(), numbers: HashMap::new() }
    }

    /// The verdicts of every version, of which `members` says on which decisions it speaks.
    pub(crate) fn verdicts(mut self, rows: usize, members: BTreeMap<usize, Bits>, lists: ScopeLists) -> Verdicts {
        let mut versions: BTreeMap<usize, VersionVerdicts> = BTreeMap::new();
        for (version, scope) in members {
            versions.insert(version, self.version(version, scope));
        }
        let demands: Vec<usize> = versions.keys().copied().filter(|version| self.bases(*version).is_some()).collect();
        for demand in demands {
            let Some(mut verdicts) = versions.remove(&demand) else { continue };
            let bases = self.bases(demand).unwrap_or_default();
            settle(&mut verdicts, bases.iter().filter_map(|base| versions.get(base)));
            versions.insert(demand, verdicts);
        }
        let (scopes, scope_of) = lists.finish();
        Verdicts { rows, versions: versions.into_values().collect(), causes: self.causes, scopes, scope_of }
    }

    fn bases(&self, version: usize) -> Option<&'a [usize]> {
        self.rules.steps.get(version)?.bases.as_deref()
    }

    fn version(&mut self, version: usize, scope: Bits) -> VersionVerdicts {
        let rows = scope.rows();
        let steps = self.rules.steps.get(version);
        let (when, unless) = steps.map_or((None, None), |steps| (steps.when, steps.unless));
        let is_basis = steps.is_some_and(|steps| steps.is_basis);
        let none = || Bits::none(rows);
        let mut verdicts = VersionVerdicts {
            version,
            is_basis,
            scope,
            met: none(),
            unmet: none(),
            undetermined: none(),
            causes: Vec::new(),
        };
        if is_basis {
            self.basis(&mut verdicts, when, unless);
        } else {
            self.prohibition(&mut verdicts, when, unless);
        }
        verdicts
    }

    /// `when` says whether it applies, `unless` what satisfies it.
    fn prohibition(&mut self, verdicts: &mut VersionVerdicts, when: Option<NodeId>, unless: Option<NodeId>) {
        let applies = self.when(when, &verdicts.scope);
        let mut open = verdicts.scope.minus(&applies.yes).minus(&applies.no);
        self.open(verdicts, when, &open);
        let applying = verdicts.scope.and(&applies.yes);
        match unless {
            None => verdicts.unmet = applying,
            Some(unless) if !applying.is_empty() => {
                let kept = self.run.truth(unless);
                verdicts.met = applying.and(&kept.yes);
                verdicts.unmet = applying.and(&kept.no);
                let unknown = applying.minus(&kept.yes).minus(&kept.no);
                self.open(verdicts, Some(unless), &unknown);
                open.include(&unknown);
            }
            Some(_) => {}
        }
        verdicts.undetermined = open;
    }

    /// `when` says what establishes it, `unless` what keeps it from holding.
    fn basis(&mut self, verdicts: &mut VersionVerdicts, when: Option<NodeId>, unless: Option<NodeId>) {
        let holds = self.when(when, &verdicts.scope);
        let mut unmet = verdicts.scope.and(&holds.no);
        let mut rest = verdicts.scope.minus(&unmet);
        let kept_off = match unless {
            Some(unless) if !rest.is_empty() => self.run.truth(unless),
            _ => Truth::constant(rest.rows(), false),
        };
        unmet.include(&rest.and(&kept_off.yes));
        rest = rest.minus(&kept_off.yes);
        let mut open = rest.minus(&holds.yes);
        self.open(verdicts, when, &open);
        rest = rest.and(&holds.yes);
        let unknown = rest.minus(&kept_off.no);
        self.open(verdicts, unless, &unknown);
        open.include(&unknown);
        verdicts.met = rest.and(&kept_off.no);
        verdicts.unmet = unmet;
        verdicts.undetermined = open;
    }

    fn when(&mut self, when: Option<NodeId>, scope: &Bits) -> Truth {
        when.map_or_else(|| Truth::constant(scope.rows(), true), |when| self.run.truth(when))
    }

    /// Note why a condition has no value in `rows`.
    fn open(&mut self, verdicts: &mut VersionVerdicts, condition: Option<NodeId>, rows: &Bits) {
        let Some(condition) = condition.filter(|_| !rows.is_empty()) else { return };
        let Self { rules, run, causes, numbers } = self;
        run.why(condition, rows, &mut |why, rows| {
            if rows.is_empty() {
                return;
            }
            let number = *numbers.entry(why).or_insert_with(|| {
                causes.push(cause(rules, why));
                causes.len() - 1
            });
            note(verdicts, number, rows);
        });
    }
}

fn note(verdicts: &mut VersionVerdicts, number: usize, rows: &Bits) {
    match verdicts.causes.iter_mut().find(|(known, _)| *known == number) {
        Some((_, known)) => known.include(rows),
        None => verdicts.causes.push((number, rows.clone())),
    }
}

fn cause(rules: &CompiledRules, why: Why) -> Cause {
    match why {
        Why::Missing(slot) => match rules.program.slots.get(slot) {
            Some(slot) => Cause::MissingFact(slot.path.clone()),
            None => Cause::EngineError(crate::value::Fault::Missing.words().to_owned()),
        },
        Why::Fault(fault) => Cause::EngineError(fault.words().to_owned()),
    }
}

/// A demand that applies is satisfied by one established basis, undetermined while one could still be, and violated
/// otherwise.
fn settle<'a>(demand: &mut VersionVerdicts, bases: impl Iterator<Item = &'a VersionVerdicts> + Clone) {
    let mut left = demand.unmet.clone();
    for base in bases.clone() {
        demand.met.include(&left.and(&base.met));
    }
    left = left.minus(&demand.met);
    // The first basis that is open gives the reason.
    for base in bases {
        let open = left.and(&base.undetermined);
        for (number, rows) in &base.causes {
            let rows = rows.and(&open);
            if !rows.is_empty() {
                note(demand, *number, &rows);
            }
        }
        demand.undetermined.include(&open);
        left = left.minus(&open);
    }
    demand.unmet = left;
}
