//! What takes two people: one asks and says why, another agrees, and only then it is done.

use crate::event::check_name;
use crate::follow::Acknowledged;
use crate::identity::new_id;
use crate::port::{Document, Expected, JournalKind, NewEntry, Put, Store};
use crate::settings::{Because, OrderedStop, StoredSettings, Versioned};
use crate::{Caller, Right, Service, ServiceError, webhook};
use gongdao_gate::GateSettings;
use gongdao_ledger::{LoggedAt, Restriction};
use gongdao_model::{Instant, ProvisionId, VersionKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const COLLECTION: &str = "approvals";
/// Who may see what is sealed: pseudonym, actors and until when.
const UNSEALED: &str = "unsealed";
/// How long an opened record stays open.
const UNSEALED_MILLIS: i64 = 24 * 3_600_000;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Act {
    /// Settings that protect people less.
    Settings {
        /// The version that they replace.
        base: u64,
        /// The settings.
        settings: GateSettings,
    },
    /// Stop a rule version: its verdict is "cannot be judged" from then on.
    SuspendRule {
        /// The version.
        version: VersionKey,
    },
    /// Let a rule version judge again on which the official evaluator disagreed.
    ResumeRule {
        /// The version.
        version: VersionKey,
    },
    /// Let a webhook tell other systems of persons.
    OpenWebhook {
        /// The webhook.
        webhook: String,
        /// Its version: what is agreed to is this.
        base: u64,
    },
    /// Let a system learn of persons whose requests it carries out.
    OpenSystem {
        /// The system.
        system: String,
        /// Its version: what is agreed to is this.
        base: u64,
    },
    /// Keep a person's records although they asked for deletion.
    RefuseDeletion {
        /// Whose records.
        person: String,
        /// The article that asks to keep them.
        article: ProvisionId,
        /// From when on they can be erased; open-ended where nothing stands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Instant>,
    },
    /// Let whoever asks see fields of a person's records that their role does not show, for 24 hours.
    Unseal {
        /// Whose records.
        person: String,
    },
}

impl Act {
    /// Whom it is about.
    fn person(&self) -> Option<&str> {
        match self {
            Self::RefuseDeletion { person, .. } | Self::Unseal { person } => Some(person),
            _ => None,
        }
    }
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApprovalState {
    /// A second person has to decide.
    Open,
    /// Agreed, and done.
    Granted,
    /// Refused.
    Refused,
}

/// Something that takes two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// Its name.
    pub id: String,
    /// What is asked for.
    pub act: Act,
    /// Why, in the words of who asked.
    pub reason: String,
    /// Who asked.
    pub asked_by: String,
    /// When.
    pub asked_at: Instant,
    /// How it stands.
    pub state: ApprovalState,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Instant>,
    /// In their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_reason: Option<String>,
}

/// Who may see a person's sealed fields until when.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Unsealed {
    actors: Vec<(String, Instant)>,
}

impl Service {
    /// Ask for something that takes two. Returns when it is in the ledger.
    ///
    /// Errors: the caller may not; no reason; what could not be done anyway.
    pub fn ask_approval(&self, caller: &Caller, act: Act, reason: &str) -> Result<Approval, ServiceError> {
        caller.may(Right::AskApproval)?;
        check_reason(reason)?;
        match &act {
            Act::Settings { settings, .. } => self.check_settings(settings)?,
            Act::SuspendRule { version } => self.check_rule(version)?,
            Act::ResumeRule { version } => self.check_stopped(version)?,
            Act::OpenWebhook { webhook, base } => webhook::waiting(&*self.store, webhook, *base)?,
            Act::OpenSystem { system, base } => self.waiting_system(system, *base).map(drop)?,
            Act::RefuseDeletion { person, .. } | Act::Unseal { person } => check_name("person", person)?,
        }
        let now = self.clock.now();
        let approval = Approval {
            id: new_id("approval", &*self.entropy)?,
            act,
            reason: reason.trim().to_owned(),
            asked_by: caller.actor.clone(),
            asked_at: now,
            state: ApprovalState::Open,
            decided_by: None,
            decided_at: None,
            decision_reason: None,
        };
        let put = approval_put(&approval, Expected::Absent)?;
        let entry = self.approval_entry(&approval, "asked", &caller.actor)?;
        let change = self.store.change(&self.node, &[put], &[entry])?;
        if let Some(recorded) = change.entries.first() {
            self.follower.wait(*recorded)?;
        }
        Ok(approval)
    }

    /// Decide on what another asked for; granted, it is done at once. Returns when it is in the ledger, and every gate has it.
    ///
    /// Errors: who asked decides; it was decided before; what was asked can no longer be done.
    pub fn decide_approval(
        &self,
        caller: &Caller,
        id: &str,
        grants: bool,
        reason: &str,
    ) -> Result<(Approval, Acknowledged), ServiceError> {
        let (mut approval, version) = self.approval_with_version(id)?;
        self.access.may_decide(caller, &approval.asked_by)?;
        check_reason(reason)?;
        if approval.state != ApprovalState::Open {
            return Err(ServiceError::changed());
        }
        approval.state = if grants { ApprovalState::Granted } else { ApprovalState::Refused };
        approval.decided_by = Some(caller.actor.clone());
        approval.decided_at = Some(self.clock.now());
        approval.decision_reason = Some(reason.trim().to_owned());
        let mut puts = vec![approval_put(&approval, Expected::Version(version))?];
        let word = if grants { "granted" } else { "refused" };
        let mut entries = vec![self.approval_entry(&approval, word, &caller.actor)?];
        if grants {
            self.prepare_act(&approval, &mut puts, &mut entries)?;
        }
        // Whoever changed the approval or the settings meanwhile wins; then nothing of this is done.
        let change = self.store.change(&self.node, &puts, &entries)?;
        if grants {
            self.carry_out(&approval)?;
        }
        let last = change.entries.last().copied().ok_or_else(ServiceError::changed)?;
        Ok((approval, self.follower.wait(last)?))
    }

    /// One that was asked for, with its version.
    pub fn approval(&self, caller: &Caller, id: &str) -> Result<Versioned<Approval>, ServiceError> {
        caller.may(Right::ReadApprovals)?;
        let (value, version) = self.approval_with_version(id)?;
        Ok(Versioned { version, value })
    }

    /// All that were asked for, in the order of their names, after one.
    pub fn approvals(&self, caller: &Caller, after: Option<&str>, limit: u32) -> Result<Vec<Approval>, ServiceError> {
        caller.may(Right::ReadApprovals)?;
        self.store.list(COLLECTION, after, limit)?.iter().map(read).collect()
    }

    /// Actors to whom two people opened a person's records.
    pub(crate) fn unsealed_for(&self, person: Option<&str>) -> Result<BTreeSet<String>, ServiceError> {
        let Some(person) = person else { return Ok(BTreeSet::new()) };
        let now = self.clock.now();
        let unsealed = self.store.document(UNSEALED, person)?.map(|document| document.body);
        let unsealed: Unsealed = unsealed
            .map_or(Ok(Unsealed::default()), |body| serde_json::from_str(&body))
            .map_err(ServiceError::storage)?;
        Ok(unsealed.actors.into_iter().filter(|(_, until)| now < *until).map(|(actor, _)| actor).collect())
    }

    /// Changes that are made in one step with the decision.
    fn prepare_act(
        &self,
        approval: &Approval,
        puts: &mut Vec<Put>,
        entries: &mut Vec<NewEntry>,
    ) -> Result<(), ServiceError> {
        match &approval.act {
            Act::Settings { base, settings } => {
                let current = self.current_settings()?;
                let stored = StoredSettings { gate: settings.clone(), ..current.value };
                self.add_settings(approval, *base, &stored, puts, entries)
            }
            Act::SuspendRule { version } => {
                self.check_rule(version)?;
                let mut current = self.current_settings()?;
                let note = format!("{} ({})", approval.reason, approval.id);
                current.value.stopped.retain(|order| order.version != *version);
                current.value.stopped.push(OrderedStop { version: version.clone(), note, by_divergence: false });
                self.add_settings(approval, current.version, &current.value, puts, entries)
            }
            Act::ResumeRule { version } => {
                self.check_stopped(version)?;
                let mut current = self.current_settings()?;
                current.value.stopped.retain(|order| order.version != *version);
                self.add_settings(approval, current.version, &current.value, puts, entries)
            }
            Act::OpenWebhook { webhook, base } => {
                puts.push(webhook::open(&*self.store, webhook, *base)?);
                Ok(())
            }
            Act::OpenSystem { system, base } => {
                puts.push(self.open_system(system, *base)?);
                Ok(())
            }
            Act::Unseal { person } => {
                let now = self.clock.now();
                let until = Instant::from_millis(now.millis() + UNSEALED_MILLIS)?;
                let document = self.store.document(UNSEALED, person)?;
                let expected =
                    document.as_ref().map_or(Expected::Absent, |document| Expected::Version(document.version));
                let mut unsealed: Unsealed = match &document {
                    Some(document) => serde_json::from_str(&document.body).map_err(ServiceError::storage)?,
                    None => Unsealed::default(),
                };
                unsealed.actors.retain(|(actor, until)| now < *until && *actor != approval.asked_by);
                unsealed.actors.push((approval.asked_by.clone(), until));
                let body = serde_json::to_string(&unsealed).map_err(ServiceError::storage)?;
                puts.push(put(UNSEALED, person, expected, body));
                Ok(())
            }
            Act::RefuseDeletion { .. } => Ok(()),
        }
    }

    fn add_settings(
        &self,
        approval: &Approval,
        version: u64,
        stored: &StoredSettings,
        puts: &mut Vec<Put>,
        entries: &mut Vec<NewEntry>,
    ) -> Result<(), ServiceError> {
        let actor = approval.decided_by.as_deref().unwrap_or_default();
        let resumed = match &approval.act {
            Act::ResumeRule { version } => Some(version),
            _ => None,
        };
        let because = Because { approval: Some(&approval.id), resumed };
        let (put, entry) = self.settings_change(actor, version, stored, because)?;
        puts.push(put);
        entries.push(entry);
        Ok(())
    }

    /// What is no change of a document. Made after the decision: a crash in between leaves a granted approval, and the
    /// restriction is made when it is granted again or asked anew.
    fn carry_out(&self, approval: &Approval) -> Result<(), ServiceError> {
        if let Act::RefuseDeletion { person, article, until } = &approval.act {
            let until = until.and_then(|until| u64::try_from(until.millis() / 1000).ok()).map(LoggedAt::from_seconds);
            let restriction = Restriction { person: person.parse()?, article: article.to_string(), until };
            self.ledger.restrict(restriction)?;
        }
        Ok(())
    }

    fn check_rule(&self, version: &VersionKey) -> Result<(), ServiceError> {
        if self.versions.contains(version) {
            return Ok(());
        }
        Err(ServiceError::input(format!("there is no rule version `{version}`"), "take one of the packs in use"))
    }

    fn check_stopped(&self, version: &VersionKey) -> Result<(), ServiceError> {
        let current = self.current_settings()?;
        if current.value.stopped.iter().any(|stop| stop.version == *version) {
            return Ok(());
        }
        Err(ServiceError::input(format!("the rule version `{version}` is not stopped"), "see `/v1/gate/alarms`"))
    }

    fn approval_with_version(&self, id: &str) -> Result<(Approval, u64), ServiceError> {
        let document = self.store.document(COLLECTION, id)?.ok_or_else(|| ServiceError::not_found("approval"))?;
        Ok((read(&document)?, document.version))
    }

    fn approval_entry(&self, approval: &Approval, word: &str, actor: &str) -> Result<NewEntry, ServiceError> {
        let person = approval.act.person().map(str::to_owned);
        Ok(NewEntry {
            kind: JournalKind::Approval,
            id: format!("{}-{word}", approval.id),
            person,
            subject: Some(approval.id.clone()),
            actor: actor.to_owned(),
            at: self.clock.now(),
            body: serde_json::to_string(approval).map_err(ServiceError::storage)?,
        })
    }
}

fn read(document: &Document) -> Result<Approval, ServiceError> {
    serde_json::from_str(&document.body).map_err(ServiceError::storage)
}

fn approval_put(approval: &Approval, expected: Expected) -> Result<Put, ServiceError> {
    let body = serde_json::to_string(approval).map_err(ServiceError::storage)?;
    Ok(put(COLLECTION, &approval.id, expected, body))
}

fn put(collection: &'static str, id: &str, expected: Expected, body: String) -> Put {
    Put { collection, id: id.to_owned(), expected, body: Some(body), alias: None, expires: None }
}

/// Take away what was asked for about a person, and who may see what of theirs.
pub(crate) fn forget_approvals(store: &dyn Store, node: &str, person: &str) -> Result<(), ServiceError> {
    const AT_ONCE: u32 = 500;
    let mut puts = vec![taken_away(UNSEALED, person)];
    let mut after: Option<String> = None;
    loop {
        let page = store.list(COLLECTION, after.as_deref(), AT_ONCE)?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        for document in &page {
            if read(document)?.act.person() == Some(person) {
                puts.push(taken_away(COLLECTION, &document.id));
            }
        }
    }
    store.change(node, &puts, &[])?;
    Ok(())
}

fn taken_away(collection: &'static str, id: &str) -> Put {
    Put { collection, id: id.to_owned(), expected: Expected::Any, body: None, alias: None, expires: None }
}

fn check_reason(reason: &str) -> Result<(), ServiceError> {
    let chars = reason.trim().chars().count();
    if (1..=2000).contains(&chars) {
        return Ok(());
    }
    Err(ServiceError::input("a reason is missing or too long", "say why, in 1 to 2,000 characters"))
}
