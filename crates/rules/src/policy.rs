//! One Cedar policy on its way into a rule version.

use crate::condition::Condition;
use crate::split::Segment;
use crate::version::{RuleKind, RuleVersion};
use crate::vocabulary::{Grade, Vocabulary};
use crate::{expression, nesting};
use cedar_policy::pst::{ActionConstraint, Clause, Effect as PolicyEffect, PrincipalConstraint, ResourceConstraint};
use cedar_policy::pst::{Expr, Template};
use cedar_policy::{Policy, PolicyId};
use gongdao_model::{Effect, LegalDate, ModelError, ProvisionId, ReadingId, RuleId, VersionKey};
use gongdao_pack::{InstrumentPack, Packs, Problem, RuleFile, line_of};
use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;

/// A rule version with the two conditions that the evaluator runs.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    pub(crate) version: RuleVersion,
    pub(crate) policy: Policy,
    pub(crate) when: Option<Condition>,
    pub(crate) unless: Option<Condition>,
}

#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) packs: &'a Packs,
    pub(crate) pack: &'a InstrumentPack,
    pub(crate) file: &'a RuleFile,
    pub(crate) vocabulary: &'a Vocabulary,
}

const ANNOTATIONS: [&str; 10] =
    ["id", "provision", "from", "until", "effect", "zh", "en", "reading", "basis", "demands_basis"];

impl Reading<'_> {
    /// The rule version of one policy, or every problem found in it.
    pub(crate) fn policy(&self, segment: &Segment<'_>) -> Result<Compiled, Vec<Problem>> {
        let line = line_of(&self.file.source.text, segment.start);
        let problem =
            |message: String, hint: &str| Problem::error(&self.file.source.path, Some(line), message).hint(hint);
        let id = PolicyId::new(format!("{}:{}", self.file.source.path.display(), line));
        nesting::of_policy(segment.text)
            .map_err(|message| vec![problem(message, "split the rule, or write its condition plainer")])?;
        let policy = Policy::parse(Some(id), segment.text).map_err(|error| {
            vec![problem(format!("not a policy: {error}"), "see docs/formats/pack.md, `rules/*.cedar`")]
        })?;
        let tree = policy
            .to_pst()
            .map_err(|error| vec![problem(format!("cannot read the policy: {error}"), "write it plainer")])?;
        let mut problems = Vec::new();
        let body = tree.body();
        let mut note = |message: String, hint: &str| problems.push(problem(message, hint));
        for name in body.annotations.keys().filter(|name| !ANNOTATIONS.contains(&name.as_str())) {
            note(format!("`@{name}` is not an annotation of rules"), "see the table in docs/formats/pack.md");
        }
        let conditions = conditions(body, &mut note);
        let actions = scope(body, &mut note);
        let mut facts = BTreeSet::new();
        let mut read = |expr: Option<&Arc<Expr>>| {
            let tree = expr.map(|expr| expression::read(expr, &mut facts)).transpose();
            tree.unwrap_or_else(|message| {
                note(message, "see the rules for writing in docs/formats/pack.md");
                None
            })
        };
        let trees = (read(conditions.0), read(conditions.1));
        let (when, unless) = (conditions.0.map(Condition::new), conditions.1.map(Condition::new));
        let head = self.head(body, &mut note);
        let Some(head) = head else { return Err(problems) };
        if !problems.is_empty() {
            return Err(problems);
        }
        let asserted =
            facts.iter().filter(|path| self.vocabulary.facts.get(path).is_some_and(|f| f.grade == Grade::Asserted));
        let asserted = asserted.cloned().collect();
        let version = RuleVersion {
            actions,
            asserted,
            facts: facts.into_iter().collect(),
            file: self.file.source.path.clone(),
            line,
            text: segment.text.to_owned(),
            binding: self.pack.instrument.binding,
            place: self.pack.instrument.place,
            has_unless: conditions.1.is_some(),
            when: trees.0,
            unless: trees.1,
            ..head
        };
        Ok(Compiled { version, policy, when, unless })
    }

    /// What the annotations say. Fields that do not come from annotations are left empty.
    fn head(&self, body: &Template, note: &mut dyn FnMut(String, &str)) -> Option<RuleVersion> {
        let rule: Option<RuleId> = required(body, "id", note);
        let provision: Option<ProvisionId> = required(body, "provision", note);
        let from: Option<LegalDate> = required(body, "from", note);
        let until: Option<LegalDate> = optional(body, "until", note);
        let reading: Option<ReadingId> = optional(body, "reading", note);
        let kind = kind(body, note);
        let effect = effect(body, note);
        let zh = required_text(body, "zh", note);
        let en = required_text(body, "en", note);
        let (rule, provision, from) = (rule?, provision?, from?);
        if rule.provision() != provision {
            note(
                format!("`{rule}` does not begin with its provision `{provision}`"),
                "an id is the provision, `#`, a name",
            );
        }
        if from != self.file.from {
            let message = format!("`@from` is {from} but the file's name says {}", self.file.from);
            note(message, "move the rule into a file of its own date");
        }
        if from < self.pack.instrument.effective {
            let message =
                format!("`@from` {from} lies before the instrument binds ({})", self.pack.instrument.effective);
            note(message, "begin with the instrument, or correct `effective`");
        }
        if until.is_some_and(|until| until <= from) {
            note(
                format!("`@until` is not after `@from` {from}"),
                "periods are half-open: `@until` is the first day without the rule",
            );
        }
        if let Some(end) = self.pack.instrument.until.filter(|end| from >= *end) {
            note(format!("`@from` {from} lies after the instrument's end ({end})"), "such a rule is never in force");
        }
        if provision.instrument() != self.pack.instrument.id {
            note(format!("`{provision}` belongs to another pack"), "put the rule into the pack of its provision");
        }
        let Some(declared) = self.packs.provision(&provision) else {
            note(format!("`{provision}` is in no `provisions.toml`"), "add the provision, or correct the identifier");
            return None;
        };
        let standing = declared.status.max(self.pack.instrument.status);
        let kind = kind?;
        self.reading_is_declared(reading.as_ref(), &provision, &kind, note);
        Some(RuleVersion {
            key: VersionKey { rule, reading, from },
            until,
            provision,
            kind,
            has_unless: false,
            when: None,
            unless: None,
            effect,
            actions: BTreeSet::new(),
            zh: zh?,
            en: en?,
            standing,
            binding: self.pack.instrument.binding,
            place: self.pack.instrument.place,
            facts: Vec::new(),
            asserted: Vec::new(),
            file: self.file.source.path.clone(),
            line: 0,
            text: String::new(),
        })
    }

    fn reading_is_declared(
        &self,
        reading: Option<&ReadingId>,
        provision: &ProvisionId,
        kind: &RuleKind,
        note: &mut dyn FnMut(String, &str),
    ) {
        let Some(reading) = reading else { return };
        let basis = match kind {
            RuleKind::Prohibition => None,
            RuleKind::Demand { basis } | RuleKind::Basis { basis } => Some(basis),
        };
        let packs = self.packs;
        // A demand follows the readings of its bases, which stand at other provisions of the same article.
        let of_bases =
            self.pack.provisions.iter().filter(|other| basis.is_some_and(|basis| is_below(&other.id, basis)));
        let declared = packs.provision(provision).into_iter().chain(basis.and_then(|basis| packs.provision(basis)));
        if !declared.chain(of_bases).flat_map(|provision| &provision.readings).any(|known| known.id == *reading) {
            let message = format!("`{reading}` is no reading of `{provision}`");
            note(message, "declare it as `[[provision.reading]]` with who holds it");
        }
    }
}

fn is_below(provision: &ProvisionId, above: &ProvisionId) -> bool {
    provision.as_str().strip_prefix(above.as_str()).is_some_and(|rest| rest.starts_with('/'))
}

fn text<'a>(body: &'a Template, name: &str) -> Option<&'a str> {
    body.annotations.get(name).map(smol_text)
}

fn smol_text<T: AsRef<str>>(text: &T) -> &str {
    text.as_ref()
}

fn required_text(body: &Template, name: &str, note: &mut dyn FnMut(String, &str)) -> Option<String> {
    let found = text(body, name).filter(|text| !text.trim().is_empty()).map(str::to_owned);
    if found.is_none() {
        note(format!("the rule has no `@{name}`"), "see the table of annotations in docs/formats/pack.md");
    }
    found
}

fn required<T: FromStr<Err = ModelError>>(
    body: &Template,
    name: &str,
    note: &mut dyn FnMut(String, &str),
) -> Option<T> {
    required_text(body, name, note)?;
    optional(body, name, note)
}

fn optional<T: FromStr<Err = ModelError>>(
    body: &Template,
    name: &str,
    note: &mut dyn FnMut(String, &str),
) -> Option<T> {
    match text(body, name)?.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            note(format!("`@{name}`: {error}"), error.hint.as_deref().unwrap_or_default());
            None
        }
    }
}

fn kind(body: &Template, note: &mut dyn FnMut(String, &str)) -> Option<RuleKind> {
    let basis: Option<ProvisionId> = optional(body, "basis", note);
    let demand: Option<ProvisionId> = optional(body, "demands_basis", note);
    match (body.effect, basis, demand) {
        (PolicyEffect::Forbid, None, None) => Some(RuleKind::Prohibition),
        (PolicyEffect::Forbid, None, Some(basis)) => Some(RuleKind::Demand { basis }),
        (PolicyEffect::Permit, Some(basis), None) => Some(RuleKind::Basis { basis }),
        (PolicyEffect::Permit, None, _) => {
            note("a `permit` needs `@basis`".to_owned(), "name the provision whose demand it meets");
            None
        }
        _ => {
            note("`@basis` belongs on a `permit`, `@demands_basis` on a `forbid`".to_owned(), "take the other one out");
            None
        }
    }
}

fn effect(body: &Template, note: &mut dyn FnMut(String, &str)) -> Option<Effect> {
    let word = text(body, "effect");
    if body.effect == PolicyEffect::Permit {
        if word.is_some() {
            note("a `permit` has no `@effect`".to_owned(), "take it out: a legal basis is not violated");
        }
        return None;
    }
    match word {
        Some("duties") => Some(Effect::Duties),
        Some("non-personalised") => Some(Effect::NonPersonalised),
        Some("hold") => Some(Effect::Hold),
        Some("stop") => Some(Effect::Stop),
        _ => {
            let message = format!("`@effect` is `{}`", word.unwrap_or("missing"));
            note(message, "use duties, non-personalised, hold or stop");
            None
        }
    }
}

type Conditions<'a> = (Option<&'a Arc<Expr>>, Option<&'a Arc<Expr>>);

fn conditions<'a>(body: &'a Template, note: &mut dyn FnMut(String, &str)) -> Conditions<'a> {
    let (mut whens, mut unlesses) = (Vec::new(), Vec::new());
    for clause in body.clauses() {
        match clause {
            Clause::When(expr) => whens.push(expr),
            Clause::Unless(expr) => unlesses.push(expr),
        }
    }
    if whens.len() > 1 || unlesses.len() > 1 {
        note("a rule has one `when` and at most one `unless`".to_owned(), "join the conditions with `&&` or `||`");
    }
    if !unlesses.is_empty() && body.annotations.contains_key("demands_basis") {
        note("a rule with `@demands_basis` has no `unless`".to_owned(), "what satisfies it stands in the bases");
    }
    (whens.first().copied(), unlesses.first().copied())
}

fn scope(body: &Template, note: &mut dyn FnMut(String, &str)) -> BTreeSet<String> {
    let principal = matches!(&body.principal, PrincipalConstraint::Is(kind) if kind.to_string() == "Algorithm");
    let resource = matches!(&body.resource, ResourceConstraint::Is(kind) if kind.to_string() == "Person");
    if !principal || !resource {
        note(
            "the scope is not `principal is Algorithm` and `resource is Person`".to_owned(),
            "write the scope like that",
        );
    }
    match &body.action {
        ActionConstraint::Eq(action) => BTreeSet::from([action.eid.to_string()]),
        ActionConstraint::In(actions) => actions.iter().map(|action| action.eid.to_string()).collect(),
        ActionConstraint::Any => {
            note(
                "the scope names no action".to_owned(),
                "write `action == Action::\"…\"` or `action in [Action::\"…\", …]`",
            );
            BTreeSet::new()
        }
    }
}
