//! What a receipt says, in the words of the pages: what was asked and, where receipts of the same entry's other parts are at hand,
//! what was answered.

use crate::command::check::wording;
use crate::command::output::Fault;
use gongdao_gate::{Answer, Brief, Frame, InTrial, RegisterHold, StateFacts, TrialHold};
use gongdao_i18n::{I18nError, Words};
use gongdao_ledger::{ALGORITHM_SCHEMA, DECISION_SCHEMA, Opened, Value, read_decision};
use gongdao_model::{DecisionRecord, FactPath, FactValue, Outcome};
use gongdao_pack::Packs;
use gongdao_rules::RuleSet;
use gongdao_service::digest_of;
use gongdao_service::record::{
    AskedPart, CHECK_SCHEMA, EVALUATION_SCHEMA, REGISTER_SCHEMA, TRIAL_SCHEMA, ToldPart, meanings_of, read_asked,
    read_hold, read_told,
};
use serde_json::json;
use std::collections::BTreeMap;

/// Packs and rules that name facts, actions and articles; without them identifiers stand as they are.
pub(super) type Names = Option<(Packs, RuleSet)>;

/// What receipts of one entry open together, and what digests in them stand for.
#[derive(Debug, Default)]
pub(super) struct Parts {
    asked: Option<AskedPart>,
    decision: Option<DecisionRecord>,
    algorithm: Option<String>,
    told: Option<ToldPart>,
    register: Option<RegisterHold>,
    trial: Option<InTrial>,
    meanings: BTreeMap<String, String>,
    /// Parts of the entry that no receipt opens.
    pub(super) hidden: usize,
}

impl Parts {
    /// Take a checked receipt in. `is_same`: it is of the entry that is asked about; others lend what their digests stand for.
    pub(super) fn add(&mut self, opened: &Opened, is_same: bool) {
        let group = [(opened.schema.clone(), opened.columns.clone())];
        self.meanings.extend(meanings_of(&group).map(|(digest, json)| (digest.to_owned(), json.to_owned())));
        if !is_same {
            return;
        }
        let columns = opened.columns.as_slice();
        match opened.schema.as_str() {
            CHECK_SCHEMA => self.asked = read_asked(columns).ok(),
            DECISION_SCHEMA => self.decision = read_decision(columns).ok(),
            ALGORITHM_SCHEMA => self.algorithm = columns.first().and_then(Value::as_text).map(str::to_owned),
            EVALUATION_SCHEMA => self.told = read_told(columns).ok(),
            REGISTER_SCHEMA => self.register = read_hold(columns).ok(),
            TRIAL_SCHEMA => self.trial = read_trial(columns),
            _ => {}
        }
    }

    /// Whether there is anything that can be said in words.
    pub(super) fn is_told(&self) -> bool {
        self.asked.is_some() || self.decision.is_some() || self.told.is_some()
    }

    /// What the digest of the answer stands for, if the receipts have it, its frame too.
    fn answer(&self) -> Option<Answer> {
        let digest = self.told.as_ref()?.answer.as_deref()?;
        let json = self.meanings.get(digest)?;
        let answer = match serde_json::from_str::<Brief>(json) {
            Ok(brief) => {
                let frame = self.meanings.get(brief.frame())?;
                // The answer's digest is not over all that a frame says.
                if format!("sha256:{}", digest_of(frame.as_bytes())) != brief.frame() {
                    return None;
                }
                let frame: Frame = serde_json::from_str(frame).ok()?;
                frame.answer(&brief).ok()?
            }
            Err(_) => serde_json::from_str(json).ok()?,
        };
        (answer.digest_of() == digest).then_some(answer)
    }

    /// For programs: what was asked and answered, by names.
    pub(super) fn json(&self) -> serde_json::Value {
        let asked = self.asked.as_ref().map(|asked| {
            json!({
                "decision": asked.request, "state_at": asked.state_at, "person": asked.person,
                "parameters": asked.parameters, "contradictions": asked.contradictions,
            })
        });
        let told = self.told.as_ref().map(|told| {
            json!({
                "answer": told.answer, "effect": told.effect, "enforced": told.enforced, "flagged": told.flagged,
                "settings": told.settings, "algorithm": told.algorithm,
            })
        });
        json!({
            "asked": asked, "algorithm": self.algorithm, "told": told, "register": self.register,
            "trial": self.trial, "answer": self.answer(), "hidden": self.hidden,
        })
    }

    /// For people, a line each.
    pub(super) fn lines(&self, words: Words<'_>, names: &Names) -> Result<Vec<String>, Vec<Fault>> {
        let mut page = Page { words, names, lines: Vec::new() };
        page.all(self).map_err(|error| vec![Fault::from(error)])?;
        Ok(page.lines)
    }
}

/// The trial whose version decides, and why it does not let it.
fn read_trial(columns: &[Value]) -> Option<InTrial> {
    let [Value::Text(id), hold] = columns else { return None };
    let hold = hold.as_text().map(|word| serde_json::from_value(json!(word))).transpose().ok()?;
    Some(InTrial { id: id.clone(), hold })
}

struct Page<'a> {
    words: Words<'a>,
    names: &'a Names,
    lines: Vec<String>,
}

impl Page<'_> {
    fn say(&mut self, key: &str, values: &[(&str, &str)]) -> Result<(), I18nError> {
        self.lines.push(self.words.say(key, values)?);
        Ok(())
    }

    fn all(&mut self, parts: &Parts) -> Result<(), I18nError> {
        let asked = parts.asked.as_ref();
        if let Some(record) = asked.map(|asked| &asked.request).or(parts.decision.as_ref()) {
            self.decision(record, parts.algorithm.as_deref())?;
        }
        if let Some(asked) = asked {
            self.say("ledger.state_at", &[("at", &asked.state_at.to_string())])?;
            self.facts(&asked.person)?;
            if !asked.parameters.is_empty() {
                self.say("page.verify.law", &[])?;
                self.facts(&asked.parameters)?;
            }
            for found in &asked.contradictions {
                let (name, given) = (self.name(&found.fact), self.value(&found.fact, &found.given)?);
                self.say("page.decision.contradiction", &[("name", &name), ("given", &given)])?;
            }
        }
        match &parts.told {
            Some(told) => self.told(told, parts)?,
            None if asked.is_some() => self.say("ledger.no_answer_part", &[])?,
            None => {}
        }
        if parts.hidden > 0 {
            self.say("page.verify.hidden", &[("count", &parts.hidden.to_string())])?;
        }
        self.say("ledger.proves_not", &[])?;
        let mut open = vec!["not_true", "not_all", "not_lawful"];
        if asked.is_some() || parts.told.is_some() {
            open.push("not_done");
        }
        for key in open {
            let text = self.words.say(&format!("page.verify.{key}"), &[])?;
            self.lines.push(format!("  {text}"));
        }
        Ok(())
    }

    fn decision(&mut self, record: &DecisionRecord, algorithm: Option<&str>) -> Result<(), I18nError> {
        let labels = self.names.as_ref().and_then(|(_, rules)| rules.vocabulary.actions.get(&record.action));
        let action = labels.map_or(record.action.as_str(), |one| self.words.language().choose(&one.zh, &one.en));
        let at = record.at.to_string();
        self.say("explain.what", &[("decision", record.id.as_str()), ("action", action), ("at", &at)])?;
        if let Some(algorithm) = algorithm {
            self.say("check.algorithm", &[("name", algorithm)])?;
        }
        let facts: StateFacts = record.facts.iter().map(|(fact, value)| (fact.clone(), value.clone())).collect();
        self.facts(&facts)
    }

    fn told(&mut self, told: &ToldPart, parts: &Parts) -> Result<(), I18nError> {
        self.say(&format!("explain.effect.{}", told.effect.as_str()), &[])?;
        if let Some(hold) = parts.register {
            self.say(&format!("explain.register.{}", hold.as_str()), &[])?;
        }
        if let Some(trial) = &parts.trial {
            let word = trial.hold.map_or("in", TrialHold::as_str);
            self.say(&format!("explain.trial.{word}"), &[("id", &trial.id)])?;
        }
        if told.answer.is_none() {
            return self.say("explain.withheld.gate-off", &[]);
        }
        let Some(answer) = parts.answer() else { return self.say("ledger.no_answer_text", &[]) };
        let speaking = answer.rules.iter().filter(|verdict| verdict.outcome != Outcome::NotApplicable);
        let first = self.lines.len();
        for verdict in speaking {
            let outcome = self.words.say(&format!("outcome.{}", verdict.outcome.as_str()), &[])?;
            let provision = match self.names {
                Some((packs, _)) => wording::cite(packs, self.words.language(), &verdict.provision),
                None => verdict.provision.to_string(),
            };
            let line = self.words.say("explain.verdict", &[("provision", &provision), ("outcome", &outcome)])?;
            // Rules of one article with the same outcome are told once.
            if !self.lines.iter().skip(first).any(|told| *told == line) {
                self.lines.push(line);
            }
        }
        Ok(())
    }

    fn facts(&mut self, facts: &StateFacts) -> Result<(), I18nError> {
        for (fact, value) in facts {
            let (name, value) = (self.name(fact), self.value(fact, value)?);
            let text = self.words.say("check.known", &[("fact", &name), ("value", &value)])?;
            self.lines.push(format!("  {text}"));
        }
        Ok(())
    }

    fn name(&self, fact: &FactPath) -> String {
        let declared = self.names.as_ref().and_then(|(_, rules)| rules.vocabulary.facts.get(fact));
        declared.map_or_else(|| fact.to_string(), |declared| wording::label(self.words, declared).to_owned())
    }

    fn value(&self, fact: &FactPath, value: &FactValue) -> Result<String, I18nError> {
        let declared = self.names.as_ref().and_then(|(_, rules)| rules.vocabulary.facts.get(fact));
        wording::value(self.words, value, declared)
    }
}
