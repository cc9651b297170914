//! The reference evaluator beside raw `is_authorized` on the same policies, entities and context.
//!
//! Three variants, run in turn in every round so that a change of the machine's speed meets all of them:
//! A `Reference::judge`: one verdict a rule, from `Facts`; B raw Cedar from the same `Facts`: entities, context and request
//! are built, then `is_authorized` gives one combined answer; C raw Cedar with request and entities built beforehand.

use crate::decisions::{Decision, draw};
use crate::machine;
use crate::options::Options;
use cedar_policy::{
    Authorizer, Context, Decision as CedarDecision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet,
    Request, RestrictedExpression,
};
use gongdao_model::{Entity as Whose, FactPath, FactValue, Facts, Outcome};
use gongdao_pack::Packs;
use gongdao_rules::{Reference, RuleSet};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::{Display, Write as _};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, Instant};

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let (count, rounds) = (options.value("decisions", 1_000_usize)?, options.value("rounds", 9_usize)?);
    let seed = options.value("seed", 1_u64)?;
    if count == 0 || rounds == 0 {
        return Err("`--decisions` and `--rounds` are at least 1".to_owned());
    }
    let machine = machine::line();
    let folder: PathBuf = options.value("packs", PathBuf::from("packs"))?;
    let said =
        |problems: Vec<gongdao_pack::Problem>| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let packs = Packs::read(&folder).map_err(said)?;
    let rules = RuleSet::load(&packs).map_err(said)?;
    let decisions = draw(&packs, &rules.vocabulary, count, seed)?;
    let bench = Bench::new(&rules, decisions)?;
    let pairs = bench.warm_up()?;
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..rounds {
        let round = [timed(|| bench.judge())?, timed(|| bench.raw_from_facts())?, timed(|| Ok(bench.raw_prepared()))?];
        for (times, time) in times.iter_mut().zip(round) {
            times.push(time);
        }
    }
    let medians = times.each_mut().map(|times| median(times));
    let size = format!("{count} decisions, {pairs} pairs of rule and decision, {rounds} rounds, seed {seed}");
    Ok(report(&machine, &size, count, pairs, medians))
}

pub(crate) struct Bench {
    reference: Reference,
    decisions: Vec<Decision>,
    /// The policies in force, by action.
    sets: BTreeMap<String, (PolicySet, BTreeSet<FactPath>)>,
    prepared: Vec<(Request, Entities)>,
    authorizer: Authorizer,
}

impl Bench {
    /// Errors: a policy that cannot stand in a set.
    pub(crate) fn new(rules: &RuleSet, decisions: Vec<Decision>) -> Result<Self, String> {
        let mut sets = BTreeMap::new();
        for decision in &decisions {
            if sets.contains_key(&decision.action) {
                continue;
            }
            let versions = rules.in_force(decision.at.date_in_shanghai(), None, &decision.action);
            let versions: Vec<_> = versions.iter().filter_map(|index| rules.versions.get(*index)).collect();
            let text = versions.iter().map(|version| version.text.as_str()).collect::<Vec<_>>().join("\n");
            let set = PolicySet::from_str(&text).map_err(told)?;
            if set.num_of_policies() != versions.len() {
                return Err(format!("{} policies for {} rule versions", set.num_of_policies(), versions.len()));
            }
            // Both sides get the facts that the rules refer to and no others.
            let needed = versions.iter().flat_map(|version| version.facts.iter().cloned()).collect();
            sets.insert(decision.action.clone(), (set, needed));
        }
        let mut bench = Self {
            reference: Reference::new(rules).map_err(told)?,
            decisions,
            sets,
            prepared: Vec::new(),
            authorizer: Authorizer::new(),
        };
        let prepared: Result<_, String> = bench.decisions.iter().map(|decision| bench.scene(decision)).collect();
        bench.prepared = prepared?;
        Ok(bench)
    }

    /// The decisions that each variant judges.
    pub(crate) fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    pub(crate) fn len(&self) -> usize {
        self.decisions.len()
    }

    /// One pass of every variant; counts the verdicts and holds that none lacked a fact.
    fn warm_up(&self) -> Result<usize, String> {
        let mut pairs = 0;
        for decision in &self.decisions {
            let judged = self.reference.judge(decision.at, &decision.action, None, &decision.facts).map_err(told)?;
            pairs += judged.len();
            if let Some(open) = judged.iter().find(|one| one.outcome == Outcome::Undetermined) {
                return Err(format!("a decision with every fact known is undetermined: {:?}", open.cause));
            }
        }
        self.raw_from_facts()?;
        self.raw_prepared();
        Ok(pairs)
    }

    pub(crate) fn judge(&self) -> Result<usize, String> {
        let mut violated = 0;
        for decision in &self.decisions {
            let judged = self.reference.judge(decision.at, &decision.action, None, &decision.facts).map_err(told)?;
            violated += judged.iter().filter(|one| one.outcome == Outcome::Violated).count();
        }
        Ok(violated)
    }

    pub(crate) fn raw_from_facts(&self) -> Result<usize, String> {
        let mut denied = 0;
        for decision in &self.decisions {
            let (request, entities) = self.scene(decision)?;
            denied += self.denied(decision, &request, &entities);
        }
        Ok(denied)
    }

    pub(crate) fn raw_prepared(&self) -> usize {
        let pairs = self.decisions.iter().zip(&self.prepared);
        pairs.map(|(decision, (request, entities))| self.denied(decision, request, entities)).sum()
    }

    fn denied(&self, decision: &Decision, request: &Request, entities: &Entities) -> usize {
        let Some((set, _)) = self.sets.get(&decision.action) else { return 0 };
        let response = self.authorizer.is_authorized(request, set, entities);
        usize::from(response.decision() == CedarDecision::Deny)
    }

    fn scene(&self, decision: &Decision) -> Result<(Request, Entities), String> {
        let needed = self.sets.get(&decision.action).map(|(_, needed)| needed).ok_or("an action without policies")?;
        let group = |whose: Whose| group(&decision.facts, needed, whose);
        let principal = uid("Algorithm", "this")?;
        let resource = uid("Person", "this")?;
        let parameters = RestrictedExpression::new_record(group(Whose::Parameter)).map_err(told)?;
        let context = group(Whose::Decision).chain([("parameters".to_owned(), parameters)]);
        let context = Context::from_pairs(context).map_err(told)?;
        let entity = |uid: &EntityUid, whose: Whose| {
            let attributes: HashMap<String, RestrictedExpression> = group(whose).collect();
            Entity::new(uid.clone(), attributes, HashSet::new()).map_err(told)
        };
        let all = [entity(&principal, Whose::Algorithm)?, entity(&resource, Whose::Person)?];
        let entities = Entities::from_entities(all, None).map_err(told)?;
        let action = uid("Action", &decision.action)?;
        let request = Request::new(principal, action, resource, context, None).map_err(told)?;
        Ok((request, entities))
    }
}

fn group<'a>(
    facts: &'a Facts,
    needed: &'a BTreeSet<FactPath>,
    whose: Whose,
) -> impl Iterator<Item = (String, RestrictedExpression)> + 'a {
    let own = needed.iter().filter(move |path| path.entity() == whose);
    own.filter_map(|path| Some((path.name().to_owned(), restricted(facts.value(path)?))))
}

fn restricted(value: &FactValue) -> RestrictedExpression {
    match value {
        FactValue::Bool(value) => RestrictedExpression::new_bool(*value),
        FactValue::Long(value) => RestrictedExpression::new_long(*value),
        FactValue::Text(value) => RestrictedExpression::new_string(value.clone()),
        FactValue::TextSet(words) => {
            RestrictedExpression::new_set(words.iter().map(|word| RestrictedExpression::new_string(word.clone())))
        }
    }
}

fn uid(kind: &str, name: &str) -> Result<EntityUid, String> {
    let kind = EntityTypeName::from_str(kind).map_err(told)?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(name)))
}

fn told(error: impl Display) -> String {
    error.to_string()
}

fn timed(work: impl FnOnce() -> Result<usize, String>) -> Result<Duration, String> {
    let start = Instant::now();
    std::hint::black_box(work()?);
    Ok(start.elapsed())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench stay far below 2^53")]
fn report(machine: &str, size: &str, count: usize, pairs: usize, medians: [Duration; 3]) -> String {
    let names = [
        "A reference: one verdict a rule, from facts",
        "B raw Cedar: one combined answer, from the same facts",
        "C raw Cedar: one combined answer, request built beforehand",
    ];
    let mut text = format!("machine: {machine}\ndata: {size}\n\n");
    text.push_str("| variant | median of a round | rules x decisions per second | microseconds a decision | of A |\n");
    text.push_str("|---|---|---|---|---|\n");
    let [first, ..] = medians.map(|median| median.as_secs_f64());
    for (name, median) in names.iter().zip(medians) {
        let seconds = median.as_secs_f64();
        let (rate, each) = (pairs as f64 / seconds, seconds * 1e6 / count as f64);
        let (millis, ratio) = (seconds * 1e3, seconds / first);
        // Writing into a string cannot fail.
        let _ = writeln!(text, "| {name} | {millis:.1} ms | {rate:.0} | {each:.1} | {ratio:.2} |");
    }
    text
}
