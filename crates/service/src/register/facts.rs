//! What the register tells the gate: facts of the vocabulary that rules ask for, as changes of the version's state.

use crate::Service;
use crate::ServiceError;
use crate::event::EventBody;
use crate::port::{JournalKind, NewEntry};
use gongdao_gate::StateChange;
use gongdao_model::FactValue;
use gongdao_register::{Algorithm, OutcomeWord, Version};

impl Service {
    /// Facts of a version that takes effect, or that was withdrawn. A vocabulary that lacks one is not told it.
    pub(super) fn version_facts(&self, before: &Version, version: &Version) -> Result<Vec<NewEntry>, ServiceError> {
        let mut facts = Vec::new();
        if before.withdrawal.is_none() && version.withdrawal.is_some() {
            facts.push(("principal.suspended", FactValue::Bool(true)));
        }
        if before.activated_at.is_none() && version.activated_at.is_some() {
            facts.push(("principal.suspended", FactValue::Bool(false)));
            facts.push(("principal.publishedBeforeEffect", FactValue::Bool(true)));
            let names = version.factors.iter().map(|factor| factor.name.clone()).collect();
            facts.push(("principal.declaredFactors", FactValue::TextSet(names)));
            let algorithm = self.stored_algorithm(&version.algorithm)?.value;
            let class = algorithm.description.class.as_str().to_owned();
            facts.push(("principal.category", FactValue::Text(class)));
            if let Some(consultation) = self.consultation_over(version)? {
                let agreed = consultation.result.as_ref().map(|result| result.outcome == OutcomeWord::Agreed);
                facts.push(("principal.consulted", FactValue::Bool(consultation.result.is_some())));
                facts.push(("principal.consultationAgreed", FactValue::Bool(agreed == Some(true))));
                facts.push(("principal.resultAnnounced", FactValue::Bool(consultation.announcement.is_some())));
            }
        }
        let made = facts.into_iter().map(|(fact, value)| self.fact_entry(&version.id, version.events, fact, value));
        Ok(made.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// Whether the algorithm of a version is filed.
    pub(super) fn filed_fact(&self, version: &str, algorithm: &Algorithm) -> Result<Option<NewEntry>, ServiceError> {
        let value = FactValue::Bool(algorithm.filing.is_filed());
        self.fact_entry(version, algorithm.events, "principal.filed", value)
    }

    /// Nothing where the vocabulary of the packs in use has no such fact.
    fn fact_entry(
        &self,
        version: &str,
        events: u32,
        fact: &str,
        value: FactValue,
    ) -> Result<Option<NewEntry>, ServiceError> {
        let at = self.clock.now();
        let body = EventBody::new(fact.parse()?, StateChange::Set(value));
        if self.gate.validate(&body.clone().into_event(version.to_owned(), at)).is_err() {
            return Ok(None);
        }
        Ok(Some(NewEntry {
            kind: JournalKind::AlgorithmEvent,
            id: format!("register:fact:{version}#{events}:{fact}"),
            person: None,
            subject: Some(version.to_owned()),
            actor: self.node.to_string(),
            at,
            body: serde_json::to_string(&body).map_err(ServiceError::storage)?,
        }))
    }
}
