//! Rules that versions declare: as they were at a moment, and ready to run.

use super::lines::{RegisterBody, body_of};
use crate::port::{JournalEntry, JournalKind};
use crate::{ErrorKind, Service, ServiceError};
use gongdao_model::{FactPath, FactType, Instant};
use gongdao_register::{DeclaredRule, PreparedRule, RuleFactor, RuleValue, Version, VersionEvent};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Rules that are kept ready to run.
const KEPT: usize = 64;

/// Rules by the digest of their version: read once, as a model takes time to read.
#[derive(Debug, Default)]
pub(crate) struct PreparedRules(Mutex<HashMap<String, Arc<PreparedRule>>>);

impl PreparedRules {
    /// Errors: the rule cannot be run, which its declaration excludes.
    fn of(&self, version: &Version) -> Result<Option<Arc<PreparedRule>>, ServiceError> {
        let Some(rule) = &version.rule else { return Ok(None) };
        let held = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = held().get(&version.digest) {
            return Ok(Some(Arc::clone(found)));
        }
        let made = Arc::new(PreparedRule::open(rule)?);
        let mut kept = held();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(version.digest.clone(), Arc::clone(&made));
        Ok(Some(made))
    }
}

/// What the register had of a version at a moment.
#[derive(Debug)]
pub(crate) enum DeclaredThen {
    /// It has no such version, then or now.
    Never,
    /// It was declared later.
    Later,
    /// The version as it was.
    Then(Box<Version>),
}

impl Service {
    /// A version with text, factors and rule as they were declared at a moment.
    pub(crate) fn version_as_of(&self, id: &str, at: Instant) -> Result<DeclaredThen, ServiceError> {
        let version = match self.stored_version(id) {
            Ok(stored) => stored.value,
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(DeclaredThen::Never),
            Err(error) => return Err(error),
        };
        // What is declared stays from here on: only what was declared otherwise before has to be read again.
        if version.content_at.is_some_and(|since| since <= at) {
            return Ok(DeclaredThen::Then(Box::new(version)));
        }
        if version.declared_at > at {
            return Ok(DeclaredThen::Later);
        }
        let then = version.as_declared_at(&self.version_events(id)?, at);
        Ok(then.map_or(DeclaredThen::Later, |version| DeclaredThen::Then(Box::new(version))))
    }

    /// The rule of a version, ready to run.
    pub(crate) fn prepared_rule(&self, version: &Version) -> Result<Option<Arc<PreparedRule>>, ServiceError> {
        self.register.rules.of(version)
    }

    fn version_events(&self, id: &str) -> Result<Vec<VersionEvent>, ServiceError> {
        const AT_ONCE: u32 = 1000;
        let (mut entries, mut before) = (Vec::<JournalEntry>::new(), None);
        loop {
            let page = self.store.of_subject(JournalKind::Register, Some(id), before, AT_ONCE)?;
            let Some(last) = page.last() else { break };
            before = Some(last.seq);
            entries.extend(page);
        }
        let mut events = Vec::new();
        for entry in entries.iter().rev() {
            if let RegisterBody::Version(event) = body_of(&entry.entry)? {
                events.push(event);
            }
        }
        Ok(events)
    }

    /// Errors: the rule names a fact that the vocabulary does not have, or has in another kind.
    pub(super) fn check_declared_rule(&self, rule: Option<&DeclaredRule>) -> Result<(), ServiceError> {
        let Some(rule) = rule else { return Ok(()) };
        let kind = |fact: &FactPath| self.vocabulary.facts.get(fact).map(|declared| declared.fact_type);
        if !matches!(kind(&rule.outcome), Some(FactType::Long | FactType::Bool)) {
            let message = format!("the outcome `{}` is no number and no yes or no of the vocabulary", rule.outcome);
            return Err(ServiceError::input(
                message,
                "name a fact of packs/vocabulary.cedarschema, like `context.payFen`",
            ));
        }
        let fits = |factor: &RuleFactor| match (&factor.baseline, factor.contains.is_some(), kind(&factor.fact)) {
            (RuleValue::Truth(_), contains, Some(found)) => {
                found == if contains { FactType::TextSet } else { FactType::Bool }
            }
            (RuleValue::Number(_), _, Some(found)) => found == FactType::Long,
            (RuleValue::Text(_), _, Some(found)) => found == FactType::Text,
            (_, _, None) => false,
        };
        match rule.factors.iter().find(|factor| !fits(factor)) {
            None => Ok(()),
            Some(factor) => {
                let message = format!("the vocabulary has no fact `{}` of the kind of its baseline", factor.fact);
                let hint = "give a baseline of the fact's kind; of a set of words name one with `contains`";
                Err(ServiceError::input(message, hint))
            }
        }
    }
}
