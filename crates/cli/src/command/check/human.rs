//! The evaluation for people: first the answer, then provision by provision, worst first.

use super::answer::{Answer, Class, Judgement};
use super::machine::grade_key;
use super::{Checked, wording};
use crate::command::output::Pen;
use gongdao_i18n::{I18nError, Words};
use gongdao_model::{Cause, FactPath, Outcome, ProvisionId, ReadingId, RuleVerdict, Standing};
use gongdao_rules::{RuleKind, RuleVersion};
use std::collections::BTreeSet;

/// The whole output, without the last line's end.
pub(super) fn text(
    checked: &Checked<'_>,
    words: Words<'_>,
    pen: Pen,
    not_applicable: bool,
) -> Result<String, I18nError> {
    let mut page = Page { checked, words, pen, lines: Vec::new() };
    page.head()?;
    for class in Class::ALL.into_iter().filter(|class| not_applicable || *class != Class::NotApplicable) {
        page.section(class)?;
    }
    page.notes(not_applicable)?;
    Ok(page.lines.join("\n"))
}

struct Page<'a> {
    checked: &'a Checked<'a>,
    words: Words<'a>,
    pen: Pen,
    lines: Vec<String>,
}

impl<'a> Page<'a> {
    fn say(&self, key: &str, values: &[(&str, &str)]) -> Result<String, I18nError> {
        self.words.say(key, values)
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.lines.push(format!("{}{text}", " ".repeat(indent)));
    }

    fn of(&self, class: Class) -> impl Iterator<Item = &Judgement<'_>> {
        self.checked.judgements.iter().filter(move |one| one.class == class)
    }

    fn head(&mut self) -> Result<(), I18nError> {
        let (key, count) = self.headline();
        let text = match count {
            Some(count) => self.say(key, &[("count", &count.to_string())])?,
            None => self.say(key, &[])?,
        };
        let text = match self.checked.answer {
            Answer::Violated => self.pen.red(&format!("✗ {text}")),
            Answer::CannotTell => self.pen.yellow(&format!("? {text}")),
            Answer::Lawful => self.pen.green(&format!("✓ {text}")),
        };
        self.line(0, &text);
        // Where no rule in force speaks about the decision, nobody can say what the system should do.
        if !self.checked.judgements.is_empty() {
            let effect = self.say(&format!("effect.{}", self.checked.evaluation.effect.as_str()), &[])?;
            let effect = self.say("check.gate", &[("effect", &effect)])?;
            self.line(0, &effect);
            let counts = self.counts()?;
            self.line(0, &counts);
        }
        self.line(0, "");
        self.decision()
    }

    /// The first line's key and what it counts.
    fn headline(&self) -> (&'static str, Option<usize>) {
        let verified = self.of(Class::Violated).filter(|one| !one.is_provisional()).count();
        let of = |class: Class| self.of(class).count();
        match self.checked.answer {
            Answer::Violated => ("check.violated", Some(verified)),
            Answer::Lawful if of(Class::Satisfied) == 0 => ("check.nothing_applies", None),
            Answer::Lawful => ("check.lawful", Some(of(Class::Satisfied))),
            Answer::CannotTell if self.checked.judgements.is_empty() => ("check.no_rule", None),
            Answer::CannotTell if of(Class::Violated) > 0 => ("check.provisional_only", Some(of(Class::Violated))),
            Answer::CannotTell if of(Class::Disputed) > 0 => ("check.disputed", Some(of(Class::Disputed))),
            Answer::CannotTell => ("check.undetermined", Some(of(Class::Undetermined))),
        }
    }

    fn counts(&self) -> Result<String, I18nError> {
        let mut counts = Vec::new();
        for class in Class::ALL {
            let count = self.of(class).count();
            let provisional = self.of(class).filter(|one| one.is_provisional()).count();
            let outcome = self.say(&format!("outcome.{}", class.key()), &[])?;
            let mut text = format!("{outcome} {count}");
            if provisional > 0 && class != Class::NotApplicable {
                text.push_str(&self.say("check.of_these_provisional", &[("count", &provisional.to_string())])?);
            }
            counts.push(text);
        }
        self.say("check.counts", &[("counts", &counts.join(" · "))])
    }

    fn decision(&mut self) -> Result<(), I18nError> {
        let record = self.checked.record;
        let language = self.words.language();
        let labels = self.checked.rules.vocabulary.actions.get(&record.action);
        let action = labels.map_or(record.action.as_str(), |labels| language.choose(&labels.zh, &labels.en));
        let at = record.at.to_string().trim_end_matches("+08:00").replacen('T', " ", 1);
        let values: [(&str, &str); 4] =
            [("id", record.id.as_str()), ("action", action), ("name", &record.action), ("at", &at)];
        let text = self.say("check.decision", &values)?;
        self.line(0, &text);
        let mut about = Vec::new();
        for (key, value) in [("check.algorithm", &record.algorithm), ("check.person", &record.person)] {
            if let Some(value) = value {
                about.push(self.say(key, &[("name", value)])?);
            }
        }
        about.push(match record.place {
            Some(place) => self.say("check.place", &[("place", &place.to_string())])?,
            None => self.say("check.no_place", &[])?,
        });
        let about = about.join(language.choose("；", "; "));
        self.line(0, &about);
        Ok(())
    }

    fn section(&mut self, class: Class) -> Result<(), I18nError> {
        let checked = self.checked;
        let judgements: Vec<_> = checked.judgements.iter().filter(|one| one.class == class).collect();
        if judgements.is_empty() {
            return Ok(());
        }
        let outcome = self.say(&format!("outcome.{}", class.key()), &[])?;
        let heading = self.say("check.section", &[("outcome", &outcome), ("count", &judgements.len().to_string())])?;
        self.line(0, "");
        self.line(0, &self.pen.bold(&heading));
        for judgement in judgements {
            if !matches!(class, Class::Satisfied | Class::NotApplicable) {
                self.line(0, "");
            }
            self.provision(judgement)?;
        }
        Ok(())
    }

    fn provision(&mut self, judgement: &Judgement<'_>) -> Result<(), I18nError> {
        let cite = wording::cite(self.checked.packs, self.words.language(), &judgement.verdict.provision);
        let mark = match judgement.class {
            Class::Violated => self.pen.red("✗"),
            Class::Disputed | Class::Undetermined => self.pen.yellow("?"),
            Class::Satisfied => self.pen.green("✓"),
            Class::NotApplicable => "–".to_owned(),
        };
        let mut title = format!("{mark} {}", self.pen.bold(&cite));
        if judgement.is_provisional() {
            title.push_str(&self.pen.yellow(&self.say("check.provisional", &[])?));
        }
        self.line(0, &title);
        match judgement.class {
            Class::Disputed => self.readings(judgement),
            _ => self.rules(judgement),
        }
    }

    /// The rules that matter for the class, each sentence once however many readings share it.
    fn rules(&mut self, judgement: &Judgement<'_>) -> Result<(), I18nError> {
        let settled = matches!(judgement.class, Class::Satisfied | Class::NotApplicable);
        let aside = |outcome: Outcome| match judgement.class {
            Class::NotApplicable => false,
            Class::Satisfied => outcome == Outcome::NotApplicable,
            _ => matches!(outcome, Outcome::NotApplicable | Outcome::Satisfied),
        };
        let counted = || judgement.rules.iter().filter(|rule| !aside(rule.outcome));
        let asks = |rule: &RuleVerdict| self.version(rule).map(|version| version.zh.as_str());
        let same = |a: &RuleVerdict, b: &RuleVerdict| {
            (&a.version.rule, a.outcome, &a.cause, asks(a)) == (&b.version.rule, b.outcome, &b.cause, asks(b))
        };
        let mut shown: Vec<(&RuleVerdict, Vec<&str>)> = Vec::new();
        for rule in counted() {
            let reading = rule.version.reading.as_ref().map(ReadingId::as_str);
            match shown.iter_mut().find(|(first, _)| same(first, rule)) {
                Some((_, readings)) => readings.extend(reading),
                None => shown.push((rule, reading.into_iter().collect())),
            }
        }
        let mut claims: Vec<&FactPath> = Vec::new();
        for (index, (rule, readings)) in shown.iter().enumerate() {
            let some_only = readings.len() < judgement.verdict.by_reading.len();
            let readings = if some_only { readings.as_slice() } else { &[] };
            if settled {
                let sentence = self.sentence(rule, readings)?;
                self.line(2, &sentence);
                if let Some(RuleKind::Demand { basis }) = self.version(rule).map(|version| &version.kind) {
                    self.bases(4, basis, rule)?;
                }
                claims.extend(&rule.asserted);
            } else {
                let next = shown.get(index + 1).map(|(next, _)| next);
                let same_cause = next.is_some_and(|next| next.outcome == rule.outcome && next.cause == rule.cause);
                self.rule(2, rule, readings, same_cause)?;
            }
        }
        if judgement.class == Class::Satisfied {
            self.claims(4, claims)?;
        }
        Ok(())
    }

    /// What a rule asks, and under which readings only.
    fn sentence(&self, rule: &RuleVerdict, readings: &[&str]) -> Result<String, I18nError> {
        let language = self.words.language();
        let version = self.version(rule);
        let mut text = version.map_or("", |version| language.choose(&version.zh, &version.en)).to_owned();
        if !readings.is_empty() {
            text.push_str(&self.say("check.under", &[("readings", &readings.join(language.choose("、", ", ")))])?);
        }
        Ok(text)
    }

    /// The readings side by side: what each says, who holds it, what comes out under it.
    fn readings(&mut self, judgement: &Judgement<'_>) -> Result<(), I18nError> {
        let language = self.words.language();
        let provision = self.checked.packs.provision(&judgement.verdict.provision);
        if let Some((zh, en)) = provision.and_then(|one| one.ambiguity_zh.as_ref().zip(one.ambiguity_en.as_ref())) {
            let text = self.say("check.open", &[("text", language.choose(zh, en))])?;
            self.line(2, &text);
        }
        for (id, outcome) in &judgement.verdict.by_reading {
            let Some(id) = id else { continue };
            let outcome = self.say(&format!("outcome.{outcome}"), &[])?;
            let text = self.say("check.reading", &[("reading", id.as_str()), ("outcome", &outcome)])?;
            self.line(2, &self.pen.bold(&text));
            let declared = provision.and_then(|provision| provision.readings.iter().find(|one| one.id == *id));
            if let Some(reading) = declared {
                self.line(4, language.choose(&reading.zh, &reading.en));
                let who = language.choose(&reading.held_by_zh, &reading.held_by_en);
                let held = self.say("check.held_by", &[("who", who)])?;
                self.line(4, &held);
            }
            let own = judgement.rules.iter().filter(|rule| rule.version.reading.as_ref() == Some(id));
            for rule in own.filter(|rule| rule.outcome != Outcome::NotApplicable) {
                self.rule(4, rule, &[], false)?;
            }
        }
        let shared = judgement.rules.iter().filter(|rule| rule.version.reading.is_none());
        for rule in shared.filter(|rule| rule.outcome != Outcome::NotApplicable) {
            self.rule(2, rule, &[], false)?;
        }
        Ok(())
    }

    /// One rule: what it asks, what came out, and on which facts. `cause_follows`: the next rule lacks the same fact.
    fn rule(
        &mut self,
        indent: usize,
        rule: &RuleVerdict,
        readings: &[&str],
        cause_follows: bool,
    ) -> Result<(), I18nError> {
        let Some(version) = self.version(rule) else { return Ok(()) };
        let sentence = self.sentence(rule, readings)?;
        let outcome = self.say(&format!("outcome.{}", rule.outcome), &[])?;
        let text = self.say("check.rule", &[("outcome", &outcome), ("sentence", &sentence)])?;
        self.line(indent, &text);
        if let RuleKind::Demand { basis } = &version.kind {
            self.bases(indent + 2, basis, rule)?;
            // What the demand rests on through its bases; its own facts follow below, each with its mark.
            self.claims(indent + 2, rule.asserted.iter().filter(|path| !version.facts.contains(path)))?;
        } else if rule.outcome == Outcome::Undetermined && !cause_follows {
            self.cause(indent + 2, rule)?;
        }
        if rule.outcome == Outcome::Undetermined {
            return Ok(());
        }
        for path in &version.facts {
            self.known(indent + 2, path)?;
        }
        let from = rule.version.from.to_string();
        let text = self.say("check.version", &[("rule", rule.version.rule.as_str()), ("from", &from)])?;
        self.line(indent + 2, &self.pen.dim(&text));
        Ok(())
    }

    fn cause(&mut self, indent: usize, rule: &RuleVerdict) -> Result<(), I18nError> {
        let text = match &rule.cause {
            None => return Ok(()),
            Some(Cause::EngineError(words)) => self.say("check.engine_error", &[("words", words)])?,
            Some(Cause::MissingFact(path)) => {
                let declared = self.checked.rules.vocabulary.facts.get(path);
                let fact = wording::fact(self.words, path, declared);
                let grade = declared.map_or("observed", |declared| grade_key(declared.grade));
                let grade = self.say(&format!("grade.{grade}"), &[])?;
                self.say("check.missing", &[("fact", &fact), ("grade", &grade)])?
            }
        };
        self.line(indent, &text);
        Ok(())
    }

    /// A fact that the record or the packs give, with its value and whether it is only a claim.
    fn known(&mut self, indent: usize, path: &FactPath) -> Result<(), I18nError> {
        let Some(value) = self.checked.value(path) else { return Ok(()) };
        let declared = self.checked.rules.vocabulary.facts.get(path);
        let value = wording::value(self.words, &value, declared)?;
        let label = declared.map_or_else(|| path.to_string(), |one| wording::label(self.words, one).to_owned());
        let mut text = self.say("check.known", &[("fact", &label), ("value", &value)])?;
        if self.checked.is_claim(path) {
            text.push_str(&self.pen.yellow(&self.say("check.claim", &[])?));
        }
        text.push_str(&self.pen.dim(&format!(" [{path}]")));
        self.line(indent, &text);
        Ok(())
    }

    /// Those of the facts that the record gives and only the operator vouches for.
    fn claims<'b>(&mut self, indent: usize, asserted: impl IntoIterator<Item = &'b FactPath>) -> Result<(), I18nError> {
        let facts = &self.checked.rules.vocabulary.facts;
        let known: BTreeSet<_> = asserted.into_iter().filter(|path| self.checked.value(path).is_some()).collect();
        let claims: Vec<_> = known.into_iter().map(|path| wording::fact(self.words, path, facts.get(path))).collect();
        if !claims.is_empty() {
            let text = claims.join(self.words.language().choose("；", "; "));
            let text = self.say("check.claims", &[("facts", &text)])?;
            self.line(indent, &self.pen.yellow(&text));
        }
        Ok(())
    }

    /// The legal bases that meet a demand: those that hold, those that cannot be judged, and how many do not hold.
    fn bases(&mut self, indent: usize, demanded: &ProvisionId, demand: &RuleVerdict) -> Result<(), I18nError> {
        let checked = self.checked;
        let reading = demand.version.reading.as_ref();
        let mut not = 0_usize;
        for rule in &checked.evaluation.rules {
            let Some(version) = self.version(rule) else { continue };
            let RuleKind::Basis { basis } = &version.kind else { continue };
            if basis != demanded || (rule.version.reading.is_some() && rule.version.reading.as_ref() != reading) {
                continue;
            }
            // One that holds is enough: the open ones matter no more.
            let open = rule.outcome == Outcome::Undetermined && demand.outcome != Outcome::Satisfied;
            not += usize::from(rule.outcome == Outcome::NotEstablished);
            if rule.outcome != Outcome::Established && !open {
                continue;
            }
            let sentence = self.words.language().choose(&version.zh, &version.en);
            let outcome = self.say(&format!("outcome.{}", rule.outcome), &[])?;
            let text = self.say("check.basis", &[("outcome", &outcome), ("sentence", sentence)])?;
            self.line(indent, &text);
            if open {
                self.cause(indent + 2, rule)?;
            }
        }
        if not > 0 && demand.outcome != Outcome::Satisfied {
            let text = self.say("check.no_basis", &[("count", &not.to_string())])?;
            self.line(indent, &text);
        }
        Ok(())
    }

    fn notes(&mut self, not_applicable: bool) -> Result<(), I18nError> {
        let mut notes = Vec::new();
        let aside = self.of(Class::NotApplicable).count();
        if aside > 0 && !not_applicable {
            notes.push(self.say("check.note.not_applicable", &[("count", &aside.to_string())])?);
        }
        let lacks = |one: &Judgement<'_>| one.rules.iter().any(|rule| rule.outcome == Outcome::Undetermined);
        if self.checked.judgements.iter().any(lacks) {
            notes.push(self.say("check.note.unknown", &[])?);
        }
        for standing in [Standing::Unverified, Standing::Draft] {
            let shown = |one: &Judgement<'_>| one.class != Class::NotApplicable && one.verdict.standing == standing;
            if self.checked.judgements.iter().any(shown) {
                let key = if standing == Standing::Draft { "standing.draft" } else { "standing.unverified" };
                let text = self.say(key, &[])?;
                notes.push(self.say("check.note.provisional", &[("text", &text)])?);
            }
        }
        notes.push(self.say("check.note.limits", &[])?);
        self.line(0, "");
        for note in notes {
            self.line(0, &self.pen.dim(&note));
        }
        Ok(())
    }

    fn version(&self, rule: &RuleVerdict) -> Option<&'a RuleVersion> {
        let checked: &'a Checked<'a> = self.checked;
        checked.rules.versions.iter().find(|version| version.key == rule.version)
    }
}
