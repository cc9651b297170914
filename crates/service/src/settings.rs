//! How the gate is set, who changed it, and which rules are stopped.

use crate::follow::Acknowledged;
use crate::identity::new_id;
use crate::port::{Expected, JournalKind, NewEntry, Put, Store};
use crate::{Caller, ErrorKind, Right, Service, ServiceError};
use gongdao_gate::{Gate, GateSettings, StopReason};
use gongdao_model::VersionKey;
use serde::{Deserialize, Serialize};

const COLLECTION: &str = "settings";
const GATE: &str = "gate";

/// What is kept: settings, and the rule versions that people ordered to stop.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoredSettings {
    /// Modes, failure behaviour, the official evaluator's share.
    pub gate: GateSettings,
    /// Rule versions that judge nothing until they are resumed.
    pub stopped: Vec<OrderedStop>,
}

/// A rule version that two people stopped, or on which the official evaluator disagreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderedStop {
    /// The version.
    pub version: VersionKey,
    /// Who, and why.
    pub note: String,
    /// Whether the official evaluator disagreed: then it takes two people to let it judge again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_divergence: bool,
}

/// Something with the version that a change of it has to name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Versioned<T> {
    /// Grows by one with each change; 0 where nobody ever set it.
    pub version: u64,
    /// The thing.
    pub value: T,
}

/// What the journal keeps of a change.
#[derive(Serialize)]
pub(crate) struct Changed<'a> {
    pub(crate) version: u64,
    pub(crate) settings: &'a StoredSettings,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) approval: Option<&'a str>,
    /// A rule version that judges again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resumed: Option<&'a VersionKey>,
    /// On what both evaluators disagreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) found: Option<serde_json::Value>,
}

/// Why settings are changed, beside who does it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Because<'a> {
    /// Two people agreed.
    pub(crate) approval: Option<&'a str>,
    /// A rule version judges again.
    pub(crate) resumed: Option<&'a VersionKey>,
}

/// The rule version that judges again by an entry of the journal.
pub(crate) fn resumed_by(body: &str) -> Option<VersionKey> {
    #[derive(Deserialize)]
    struct Read {
        resumed: Option<VersionKey>,
    }
    serde_json::from_str::<Read>(body).ok()?.resumed
}

impl StoredSettings {
    /// Set the gate so. What it refuses of settings that were checked before, another version of the packs explains: the
    /// gate then keeps what it has, and rules that are not there cannot be stopped.
    pub(crate) fn apply(&self, gate: &Gate) {
        let _ = gate.set_settings(self.gate.clone());
        for stopped in gate.stopped() {
            let is_ordered = matches!(stopped.reason, StopReason::Ordered { .. });
            if is_ordered && !self.stopped.iter().any(|order| order.version == stopped.version) {
                let _ = gate.resume(&stopped.version);
            }
        }
        for order in &self.stopped {
            let _ = gate.stop(&order.version, StopReason::Ordered { note: order.note.clone() });
        }
    }
}

/// What is kept, or the gate's own settings where nobody ever set it.
pub(crate) fn stored(store: &dyn Store) -> Result<StoredSettings, ServiceError> {
    match store.document(COLLECTION, GATE)? {
        Some(document) => serde_json::from_str(&document.body).map_err(ServiceError::storage),
        None => Ok(StoredSettings::default()),
    }
}

/// What is kept, with its version; the gate's own settings where nobody ever set it.
pub(crate) fn versioned(store: &dyn Store, gate: &Gate) -> Result<Versioned<StoredSettings>, ServiceError> {
    let Some(document) = store.document(COLLECTION, GATE)? else {
        let value = StoredSettings { gate: (*gate.settings()).clone(), stopped: Vec::new() };
        return Ok(Versioned { version: 0, value });
    };
    let value = serde_json::from_str(&document.body).map_err(ServiceError::storage)?;
    Ok(Versioned { version: document.version, value })
}

/// The change of what is kept, from a version on.
pub(crate) fn settings_put(version: u64, settings: &StoredSettings) -> Result<Put, ServiceError> {
    Ok(Put {
        collection: COLLECTION,
        id: GATE.to_owned(),
        expected: if version == 0 { Expected::Absent } else { Expected::Version(version) },
        body: Some(serde_json::to_string(settings).map_err(ServiceError::storage)?),
        alias: None,
        expires: None,
    })
}

impl Service {
    /// The settings, with their version.
    pub fn settings(&self, caller: &Caller) -> Result<Versioned<StoredSettings>, ServiceError> {
        caller.may(Right::ReadSettings)?;
        self.current_settings()
    }

    pub(crate) fn current_settings(&self) -> Result<Versioned<StoredSettings>, ServiceError> {
        versioned(&*self.store, &self.gate)
    }

    /// Change the gate's settings. Returns when every gate has them.
    ///
    /// Errors: the caller may not; `Changed` where another version is there; `NeedsApproval` where people would be
    /// protected less: ask for it as [`crate::Act::Settings`]; an action that the vocabulary does not have.
    pub fn change_settings(
        &self,
        caller: &Caller,
        version: u64,
        settings: GateSettings,
    ) -> Result<(u64, Acknowledged), ServiceError> {
        caller.may(Right::ChangeSettings)?;
        let current = self.current_settings()?;
        self.check_settings(&settings)?;
        let weakened = settings.weakened(&current.value.gate, &self.vocabulary);
        if !weakened.is_empty() || settings.oracle.share < current.value.gate.oracle.share {
            let what = if weakened.is_empty() { "fewer are checked twice".to_owned() } else { weakened.join(", ") };
            return Err(ServiceError::new(
                ErrorKind::NeedsApproval,
                format!("the change protects people less: {what}"),
                "ask for it as an approval; a second person has to agree",
            ));
        }
        let stored = StoredSettings { gate: settings, ..current.value };
        self.put_settings(&caller.actor, version, &stored, Because::default())
    }

    /// Let a rule version judge again that was stopped by order. It takes one person: people are protected more.
    ///
    /// Errors: the caller may not; it is not stopped; `NeedsApproval` where the official evaluator disagreed: ask for it as
    /// [`crate::Act::ResumeRule`].
    pub fn resume_rule(&self, caller: &Caller, rule: &VersionKey) -> Result<(u64, Acknowledged), ServiceError> {
        caller.may(Right::ChangeSettings)?;
        let mut current = self.current_settings()?;
        let stop = current.value.stopped.iter().find(|order| order.version == *rule);
        let Some(stop) = stop else { return Err(ServiceError::not_found("stopped rule")) };
        if stop.by_divergence {
            return Err(ServiceError::new(
                ErrorKind::NeedsApproval,
                "the official evaluator disagreed on this rule",
                "ask for it as an approval (`resume-rule`); a second person has to agree",
            ));
        }
        current.value.stopped.retain(|order| order.version != *rule);
        let because = Because { resumed: Some(rule), ..Because::default() };
        self.put_settings(&caller.actor, current.version, &current.value, because)
    }

    pub(crate) fn check_settings(&self, settings: &GateSettings) -> Result<(), ServiceError> {
        settings.check(&self.vocabulary).map_err(|error| ServiceError::input(error.message, error.hint))
    }

    /// Keep settings, write who changed them into the ledger, and set every gate.
    pub(crate) fn put_settings(
        &self,
        actor: &str,
        version: u64,
        settings: &StoredSettings,
        because: Because<'_>,
    ) -> Result<(u64, Acknowledged), ServiceError> {
        let (put, entry) = self.settings_change(actor, version, settings, because)?;
        let change = self.store.change(&self.node, &[put], &[entry])?;
        let recorded = change.entries.first().copied().ok_or_else(ServiceError::changed)?;
        Ok((version + 1, self.follower.wait(recorded)?))
    }

    pub(crate) fn settings_change(
        &self,
        actor: &str,
        version: u64,
        settings: &StoredSettings,
        because: Because<'_>,
    ) -> Result<(Put, NewEntry), ServiceError> {
        let put = settings_put(version, settings)?;
        let Because { approval, resumed } = because;
        let changed = Changed { version: version + 1, settings, approval, resumed, found: None };
        let entry = NewEntry {
            kind: JournalKind::Settings,
            id: new_id("settings", &*self.entropy)?,
            person: None,
            subject: Some(GATE.to_owned()),
            actor: actor.to_owned(),
            at: self.clock.now(),
            body: serde_json::to_string(&changed).map_err(ServiceError::storage)?,
        };
        Ok((put, entry))
    }
}
