//! What holds for all decisions under the released packs.
//!
//! Order: the order of policies in files, and of rules among files of one date, changes no verdict.
//! Prohibitions: one more prohibition removes no violation, of a rule or of a provision in any reading.
//! Forgetting: with facts forgotten (parameters apart, for which dated values step in), every rule's outcome and every
//! provision's outcome in every reading stays as it was or becomes undetermined; undetermined stays undetermined; the
//! gate's effect is not weaker than the lesser of before and cannot-tell.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../../pack/tests/support/mod.rs"]
mod support;

use gongdao_model::{
    Effect, Entity, Evaluation, FactPath, FactType, FactValue, Facts, Instant, Outcome, PlaceCode, ProvisionId,
    ReadingId, VersionKey,
};
use gongdao_rules::{FactDeclaration, Reference, RuleSet, evaluation};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::OnceLock;
use support::Files;

/// A loaded rule set with its evaluator.
struct Judge {
    rules: RuleSet,
    reference: Reference,
}

impl Judge {
    fn of(files: &Files) -> Self {
        let (packs, problems) = files.survey();
        assert!(problems.is_empty(), "{problems:#?}");
        let rules = RuleSet::load(&packs.unwrap()).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let reference = Reference::new(&rules).unwrap();
        Self { rules, reference }
    }

    fn real() -> &'static Self {
        static REAL: OnceLock<Judge> = OnceLock::new();
        REAL.get_or_init(|| Self::of(&Files::real()))
    }

    fn judge(&self, scene: &Scene) -> Evaluation {
        let judged = self.reference.judge(scene.at, &scene.action, scene.place, &scene.facts).unwrap();
        evaluation(&self.rules, "d".parse().unwrap(), &judged)
    }
}

/// A decision drawn from the vocabulary.
#[derive(Debug, Clone)]
struct Scene {
    at: Instant,
    action: String,
    place: Option<PlaceCode>,
    facts: Facts,
}

/// Texts that rules compare with, so that comparisons can hold.
fn words() -> &'static Vec<String> {
    static WORDS: OnceLock<Vec<String>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let conditions = Judge::real().rules.versions.iter().filter_map(|version| version.text.split_once("when"));
        let quoted = conditions.flat_map(|(_, text)| text.split('"').skip(1).step_by(2));
        quoted.chain(["other"]).map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
    })
}

const NUMBERS: [i64; 10] = [0, 1, 5, 59, 60, 241, 481, 2641, -1, i64::MAX];

/// A value that the fact can have: one of its own words, where it has a list of them.
fn value(declared: &FactDeclaration, dice: u32) -> FactValue {
    let own: Vec<&String> = declared.words.iter().collect();
    let pick = |dice: u32| match own.len() {
        0 => words()[dice as usize % words().len()].clone(),
        count => own[dice as usize % count].clone(),
    };
    match declared.fact_type {
        FactType::Bool => FactValue::Bool(dice & 1 == 0),
        FactType::Long => FactValue::Long(NUMBERS[dice as usize % NUMBERS.len()]),
        FactType::Text => FactValue::Text(pick(dice)),
        FactType::TextSet => FactValue::TextSet((0..dice % 4).map(|n| pick(dice / 4 + n * 7)).collect()),
    }
}

/// Facts from one throw each: most are known, so that rules get past their conditions.
fn facts(throws: &[u32]) -> Facts {
    let vocabulary = Judge::real().rules.vocabulary.facts.iter();
    let known = vocabulary.zip(throws).filter(|(_, throw)| *throw % 8 != 0);
    known.map(|((path, fact), throw)| (path.clone(), value(fact, throw / 8))).collect()
}

/// Days around all commencements, and one in the middle of each year since.
fn moments() -> Vec<Instant> {
    let mut days: BTreeSet<i64> = Judge::real()
        .rules
        .versions
        .iter()
        .flat_map(|version| [Some(version.key.from), version.until])
        .flatten()
        .flat_map(|day| [day.starts_at().millis() - 1, day.starts_at().millis()])
        .collect();
    days.extend((2021..2027).map(|year| format!("{year}-06-15T12:00:00+08:00").parse::<Instant>().unwrap().millis()));
    days.into_iter().map(|millis| Instant::from_millis(millis).unwrap()).collect()
}

fn scene() -> impl Strategy<Value = Scene> {
    let actions: Vec<String> = Judge::real().rules.vocabulary.actions.keys().cloned().collect();
    let places = [None, Some("000000"), Some("110000"), Some("440305")];
    let throws = prop::collection::vec(any::<u32>(), Judge::real().rules.vocabulary.facts.len());
    (prop::sample::select(moments()), prop::sample::select(actions), prop::sample::select(places.to_vec()), throws)
        .prop_map(|(at, action, place, throws)| Scene {
            at,
            action,
            place: place.map(|place| place.parse().unwrap()),
            facts: facts(&throws),
        })
}

type InReading = (ProvisionId, Option<ReadingId>);

fn by_rule(found: &Evaluation) -> BTreeMap<VersionKey, Outcome> {
    found.rules.iter().map(|verdict| (verdict.version.clone(), verdict.outcome)).collect()
}

fn by_reading(found: &Evaluation) -> BTreeMap<InReading, Outcome> {
    let verdicts = found.provisions.iter().flat_map(|verdict| {
        verdict.by_reading.iter().map(|(reading, outcome)| ((verdict.provision.clone(), reading.clone()), *outcome))
    });
    verdicts.collect()
}

/// Whether every violation is still one in its reading. A rule that follows readings makes several of a provision that had
/// none: the violation must then stand in each.
fn in_every_reading(before: &Evaluation, after: &Evaluation) -> bool {
    let after = by_reading(after);
    violated(&by_reading(before)).into_iter().all(|(provision, reading)| {
        let mut same = after
            .iter()
            .filter(|((other, theirs), _)| *other == provision && (reading.is_none() || *theirs == reading));
        let first = same.next();
        first.is_some_and(|(_, outcome)| *outcome == Outcome::Violated)
            && same.all(|(_, outcome)| *outcome == Outcome::Violated)
    })
}

fn violated<K: Ord + Clone>(outcomes: &BTreeMap<K, Outcome>) -> BTreeSet<K> {
    outcomes.iter().filter(|(_, outcome)| **outcome == Outcome::Violated).map(|(key, _)| key.clone()).collect()
}

/// The real packs with the policies of one date dealt anew over the pack's files of that date.
fn shuffled(dice: &[u32]) -> Files {
    let mut files = Files::real();
    let mut decks: BTreeMap<(PathBuf, String), (Vec<PathBuf>, Vec<String>)> = BTreeMap::new();
    for version in &Judge::real().rules.versions {
        let deck = decks.entry((version.file.parent().unwrap().to_owned(), version.key.from.to_string())).or_default();
        deck.0.push(version.file.clone());
        deck.1.push(version.text.clone());
    }
    for (places, mut texts) in decks.into_values() {
        for (index, throw) in (0..texts.len()).zip(dice.iter().cycle()) {
            let other = *throw as usize % texts.len();
            texts.swap(index, other);
        }
        let mut dealt: BTreeMap<PathBuf, String> = BTreeMap::new();
        for (place, text) in places.into_iter().zip(texts) {
            let file = dealt.entry(place).or_default();
            file.push_str(&text);
            file.push_str("\n\n");
        }
        for (place, text) in dealt {
            files = files.with(place.to_str().unwrap(), text);
        }
    }
    files
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rules_never_matters(
        dice in prop::collection::vec(any::<u32>(), 64),
        scenes in prop::collection::vec(scene(), 100),
    ) {
        let files = shuffled(&dice);
        prop_assert_ne!(files.survey().0.unwrap().digest(), Files::real().survey().0.unwrap().digest());
        let other = Judge::of(&files);
        for scene in &scenes {
            prop_assert_eq!(Judge::real().judge(scene), other.judge(scene), "{:?}", scene);
        }
    }

    #[test]
    fn one_more_prohibition_removes_no_violation(
        at in any::<prop::sample::Index>(),
        condition in any::<prop::sample::Index>(),
        follows_reading in any::<bool>(),
        scenes in prop::collection::vec(scene(), 100),
    ) {
        let (files, reading) = with_prohibition(at, condition, follows_reading);
        let other = Judge::of(&files);
        for scene in &scenes {
            let (before, after) = (Judge::real().judge(scene), other.judge(scene));
            prop_assert!(violated(&by_rule(&before)).is_subset(&violated(&by_rule(&after))), "{:?}", scene);
            prop_assert!(in_every_reading(&before, &after), "{:?}", scene);
            // In one reading only, it may turn an agreed violation into a disputed one.
            prop_assert!(reading || before.effect <= after.effect, "{:?}", scene);
        }
    }
}

/// The real packs with one prohibition more, at a provision that has one already; whether it follows a reading.
fn with_prohibition(at: prop::sample::Index, condition: prop::sample::Index, follow: bool) -> (Files, bool) {
    let rules = &Judge::real().rules;
    let prohibitions: Vec<_> = rules.versions.iter().filter(|version| version.effect.is_some()).collect();
    let beside = prohibitions[at.index(prohibitions.len())];
    let flags: Vec<&FactPath> = rules
        .vocabulary
        .facts
        .iter()
        .filter(|(_, fact)| fact.fact_type == FactType::Bool)
        .map(|(path, _)| path)
        .collect();
    let reading = beside.key.reading.as_ref().filter(|_| follow);
    let actions: Vec<String> = rules.vocabulary.actions.keys().map(|name| format!("Action::\"{name}\"")).collect();
    let policy = |mark: &str, condition: &str| {
        format!(
            "@id(\"{provision}#one-more\")\n@provision(\"{provision}\")\n@from(\"{from}\")\n@effect(\"stop\")\n{mark}\
         @zh(\"又一条\")\n@en(\"one more\")\n\
         forbid (principal is Algorithm, action in [{actions}], resource is Person)\nwhen {{ {condition} }};\n\n",
            provision = beside.provision,
            from = beside.key.from,
            actions = actions.join(", "),
        )
    };
    let condition = flags[condition.index(flags.len())].to_string();
    let text = match reading {
        None => policy("", &condition),
        // A rule stands once per reading; in the others this one never applies.
        Some(chosen) => {
            let packs = Files::real().survey().0.unwrap();
            let readings = &packs.provision(&beside.provision).unwrap().readings;
            let condition = |reading: &ReadingId| if reading == chosen { condition.as_str() } else { "false" };
            let marked = |reading: &ReadingId| policy(&format!("@reading(\"{reading}\")\n"), condition(reading));
            readings.iter().map(|reading| marked(&reading.id)).collect()
        }
    };
    let file = beside.file.with_file_name(format!("one-more@{}.cedar", beside.key.from));
    (Files::real().with(file.to_str().unwrap(), text), reading.is_some())
}

fn is_as_before_or_open(before: Outcome, after: Outcome) -> bool {
    after == before || after == Outcome::Undetermined
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn forgetting_facts_only_opens_verdicts(scene in scene(), forgotten in prop::collection::vec(any::<prop::sample::Index>(), 1..6)) {
        let paths: Vec<FactPath> =
            scene.facts.iter().map(|(path, _)| path).filter(|path| path.entity() != Entity::Parameter).cloned().collect();
        prop_assume!(!paths.is_empty());
        let mut less = scene.clone();
        for index in &forgotten {
            less.facts.remove(&paths[index.index(paths.len())]);
        }
        let (before, after) = (Judge::real().judge(&scene), Judge::real().judge(&less));
        let (rules, rules_after) = (by_rule(&before), by_rule(&after));
        prop_assert_eq!(rules.len(), rules_after.len());
        for (key, outcome) in &rules {
            prop_assert!(is_as_before_or_open(*outcome, rules_after[key]), "{}: {} became {}", key, outcome, rules_after[key]);
        }
        let provisions_after = by_reading(&after);
        for (key, outcome) in by_reading(&before) {
            let then = provisions_after[&key];
            prop_assert!(is_as_before_or_open(outcome, then), "{:?}: {} became {}", key, outcome, then);
        }
        prop_assert!(after.effect >= before.effect.min(Effect::CannotTell), "{:?} became {:?}", before.effect, after.effect);
    }
}

#[test]
fn the_scenes_reach_every_outcome() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    let mut disputed = 0;
    for _ in 0..200 {
        let found = Judge::real().judge(&scene().new_tree(&mut runner).unwrap().current());
        seen.extend(found.rules.iter().map(|verdict| verdict.outcome));
        disputed += found.provisions.iter().filter(|verdict| verdict.disputed).count();
    }
    assert_eq!(seen, BTreeSet::from(Outcome::ALL), "else the properties above would prove little");
    assert!(disputed > 0, "no scene was disputed");
}
