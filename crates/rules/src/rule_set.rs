use crate::policy::{Compiled, Reading};
use crate::version::RuleVersion;
use crate::vocabulary::{self, Vocabulary};
use crate::{check, side_by_side, split};
use cedar_policy::{PolicySet, Schema, ValidationMode, Validator};
use gongdao_model::{Entity, FactPath, LegalDate, PlaceCode, ProvisionId, Standing, VersionKey};
use gongdao_pack::{Drafts, Packs, Problem, next_version, version_end};
use std::collections::{BTreeMap, BTreeSet};

/// All rule versions of the packs, validated.
#[derive(Debug, Clone)]
pub struct RuleSet {
    /// The words of records and rules.
    pub vocabulary: Vocabulary,
    /// The versions, sorted by key.
    pub versions: Vec<RuleVersion>,
    pub(crate) compiled: Vec<Compiled>,
    pub(crate) packs: Packs,
    pub(crate) schema: Schema,
}

impl RuleSet {
    /// Read every policy of the packs; all problems are collected, and any refuses the whole. So does a reading without
    /// a rule or a demand without a basis: verdicts would be wrong. Lacking cases do not; `check` tells of them.
    ///
    /// Rules of drafts are read and checked, then left out unless the packs come with their drafts.
    pub fn load(packs: &Packs) -> Result<Self, Vec<Problem>> {
        let mut rules = match Self::survey(packs) {
            (Some(rules), problems) if problems.is_empty() => rules,
            (_, problems) => return Err(problems),
        };
        if rules.versions.is_empty() {
            let problem =
                Problem::error(&packs.vocabulary.path, None, "the packs hold no rule, so nothing can be judged");
            return Err(vec![problem.hint("name the folder that holds the packs, or write a rule")]);
        }
        let problems = check::judging(packs, &rules);
        if !problems.is_empty() {
            return Err(problems);
        }
        if packs.drafts() == Drafts::Off {
            rules.leave_out_drafts();
        }
        if rules.versions.is_empty() {
            let problem =
                Problem::error(&packs.vocabulary.path, None, "all rules of the packs are drafts, which are off");
            return Err(vec![problem.hint("ask for drafts, or give the instrument another status")]);
        }
        Ok(rules)
    }

    fn leave_out_drafts(&mut self) {
        self.versions.retain(|version| version.standing != Standing::Draft);
        self.compiled.retain(|rule| rule.version.standing != Standing::Draft);
    }

    /// The rules that can be read, with every problem, so that a check can go on past the first bad rule. None where
    /// the vocabulary cannot be read. Not for judging: use `load`.
    pub fn survey(packs: &Packs) -> (Option<Self>, Vec<Problem>) {
        let (vocabulary, schema) = match vocabulary::read(&packs.vocabulary) {
            Ok(read) => read,
            Err(problems) => return (None, problems),
        };
        let mut problems = Vec::new();
        let mut written = Vec::new();
        for pack in &packs.instruments {
            for file in &pack.rule_files {
                let segments = split::policies(&file.source.text);
                if segments.is_empty() {
                    let problem = Problem::error(&file.source.path, None, "the file has no rule");
                    problems.push(problem.hint("write a policy, or take the file out"));
                }
                let reading = Reading { packs, pack, file, vocabulary: &vocabulary };
                written.extend(segments.into_iter().map(|segment| (reading, segment)));
            }
        }
        let validator = Validator::new(schema.clone());
        let read = side_by_side::each(&written, |(reading, segment)| {
            let rule = reading.policy(segment)?;
            let found = validate(&rule, &validator, &vocabulary);
            Ok::<_, Vec<Problem>>((rule, found))
        });
        let (mut compiled, mut refused) = (Vec::with_capacity(read.len()), Vec::new());
        for rule in read {
            match rule {
                Ok((rule, found)) => {
                    compiled.push(rule);
                    refused.extend(found);
                }
                Err(found) => problems.extend(found),
            }
        }
        problems.append(&mut refused);
        compiled.sort_by(|a, b| a.version.key.cmp(&b.version.key));
        refuse_twins(&compiled, &mut problems);
        let ends = packs.instruments.iter().map(|pack| (pack.instrument.id.clone(), pack.instrument.until)).collect();
        close_periods(&mut compiled, &ends, &mut problems);
        let versions = compiled.iter().map(|rule| rule.version.clone()).collect();
        (Some(Self { vocabulary, versions, compiled, packs: packs.clone(), schema }), problems)
    }

    /// Indexes of the versions that speak about `action` on a day at a place, in order. Without a place only national
    /// law counts.
    pub fn in_force(&self, on: LegalDate, place: Option<PlaceCode>, action: &str) -> Vec<usize> {
        let place = place.unwrap_or(PlaceCode::COUNTRY);
        let speaks = |version: &RuleVersion| {
            version.holds_on(on) && version.place.covers(place) && version.actions.contains(action)
        };
        self.versions.iter().enumerate().filter(|(_, version)| speaks(version)).map(|(index, _)| index).collect()
    }
}

impl RuleSet {
    /// The numbers that law or an agreement sets, on a day at a place. Without a place only national law counts.
    pub fn parameters(&self, on: LegalDate, place: Option<PlaceCode>) -> BTreeMap<FactPath, i64> {
        let values = self.packs.parameters(on, place).into_iter();
        values.filter_map(|(name, value)| Some((FactPath::new(Entity::Parameter, &name).ok()?, value.value))).collect()
    }

    /// The days on which a rule or a number begins or ends. Between two of them the law is the same every day.
    pub fn turning_days(&self) -> BTreeSet<LegalDate> {
        let rules = self.versions.iter().flat_map(|version| [Some(version.key.from), version.until]);
        let parameters = self.packs.instruments.iter().flat_map(|pack| &pack.parameters);
        let values = parameters.flat_map(|parameter| &parameter.values);
        rules.chain(values.flat_map(|period| [Some(period.from), period.until])).flatten().collect()
    }

    /// The provisions that a rule comes from.
    pub fn ruled_provisions(&self) -> BTreeSet<ProvisionId> {
        self.versions.iter().map(|version| version.provision.clone()).collect()
    }

    /// The rule versions that hold on a day at a place and not in the whole country.
    pub fn local(&self, on: LegalDate, place: PlaceCode) -> Vec<&RuleVersion> {
        let local = |version: &&RuleVersion| {
            version.place != PlaceCode::COUNTRY && version.place.covers(place) && version.holds_on(on)
        };
        self.versions.iter().filter(local).collect()
    }

    /// The places whose law differs from the whole country's. Two decisions that the same of them cover are under the
    /// same law.
    pub fn places(&self) -> BTreeSet<PlaceCode> {
        let rules = self.versions.iter().map(|version| version.place);
        let parameters = self.packs.instruments.iter().flat_map(|pack| &pack.parameters);
        let values = parameters.flat_map(|parameter| &parameter.values).map(|period| period.place);
        rules.chain(values).filter(|place| *place != PlaceCode::COUNTRY).collect()
    }
}

/// What the validator, and we beside it, hold against a rule.
fn validate(rule: &Compiled, validator: &Validator, vocabulary: &Vocabulary) -> Vec<Problem> {
    let problem = |message: String| Problem::error(&rule.version.file, Some(rule.version.line), message);
    let Ok(set) = PolicySet::from_policies([rule.policy.clone()]) else {
        return vec![problem("the policy cannot stand alone".to_owned()).hint("write it without template slots")];
    };
    let result = validator.validate(&set, ValidationMode::Strict);
    if result.validation_passed() {
        return nowhere_declared(&rule.version, vocabulary);
    }
    let prefix = format!("for policy `{}`, ", rule.policy.id());
    let told = result.validation_errors().map(|error| {
        let words = error.to_string();
        let message = format!("`{}`: {}", rule.version.key, words.strip_prefix(&prefix).unwrap_or(&words));
        problem(message).hint("use facts and actions of packs/vocabulary.cedarschema with their types")
    });
    told.collect()
}

/// The validator does not look at what it knows is never evaluated: `false && principal.x` passes for any `x`.
fn nowhere_declared(version: &RuleVersion, vocabulary: &Vocabulary) -> Vec<Problem> {
    let unknown = version.facts.iter().filter(|path| !vocabulary.facts.contains_key(path));
    let told = unknown.map(|path| {
        let message = format!("`{}`: `{path}` is not in the vocabulary", version.key);
        let problem = Problem::error(&version.file, Some(version.line), message);
        problem.hint("use facts of packs/vocabulary.cedarschema, or take the part out")
    });
    told.collect()
}

fn refuse_twins(compiled: &[Compiled], problems: &mut Vec<Problem>) {
    for (first, second) in compiled.iter().zip(compiled.iter().skip(1)) {
        if first.version.key == second.version.key {
            let message = format!(
                "`{}` stands twice, first at {}:{}",
                second.version.key,
                first.version.file.display(),
                first.version.line
            );
            let problem = Problem::error(&second.version.file, Some(second.version.line), message);
            problems.push(problem.hint("give one of them another name or reading"));
        }
    }
}

/// A version ends where it says, where the next version of the same rule and reading begins, or with its instrument.
/// A version that says an end other than the next one's beginning leaves a gap or an overlap.
fn close_periods(
    compiled: &mut [Compiled],
    ends: &BTreeMap<gongdao_model::InstrumentId, Option<LegalDate>>,
    problems: &mut Vec<Problem>,
) {
    let keys: Vec<VersionKey> = compiled.iter().map(|rule| rule.version.key.clone()).collect();
    for rule in compiled.iter_mut() {
        let version = &mut rule.version;
        let next = next_version(&version.key, &keys);
        if let (Some(next), Some(until)) = (next, version.until)
            && next != until
        {
            let what = if next < until { "overlaps with" } else { "leaves a gap before" };
            let message = format!("`{}` ends on {until} and {what} its next version of {next}", version.key);
            let problem = Problem::error(&version.file, Some(version.line), message);
            problems.push(problem.hint("end one version on the day the next begins"));
        }
        let end = ends.get(&version.provision.instrument()).copied().flatten();
        version.until = version_end(version.until, next, end);
    }
}
