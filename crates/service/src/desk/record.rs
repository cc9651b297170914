//! Everything that is kept about a person, in one piece, with what each thing means and what is not shown.

use super::access::OnCase;
use super::cases::is_self;
use crate::access::Look;
use crate::check::rebuilt;
use crate::port::{Cursor, JournalEntry, JournalKind};
use crate::{Caller, ErrorKind, Purpose, Service, ServiceError};
use gongdao_desk::{RequestKind, Stage};
use gongdao_model::{Entity, FactPath, Instant};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const AT_ONCE: u32 = 1000;

/// Everything about a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PersonRecord {
    /// About whom.
    pub person: String,
    /// When it was put together.
    pub at: Instant,
    /// Whose ledger it was read from.
    pub origin: String,
    /// What there is, by category: each thing as it is kept.
    pub sections: BTreeMap<Category, Vec<Value>>,
    /// Every category: whether it is here, and why where it is not.
    pub manifest: Vec<Held>,
    /// What the facts in it mean.
    pub glossary: BTreeMap<String, Meaning>,
}

/// What a fact means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Meaning {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A kind of thing that is kept about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Accounts that are the person, or act for them.
    Accounts,
    /// What is so of them now: consents, tags, choices.
    State,
    /// Decisions with their facts and verdicts.
    Decisions,
    /// Changes of their state.
    Changes,
    /// Requests with all that happened to them.
    Cases,
    /// Mandates.
    Mandates,
    /// What two people decided about their records.
    Approvals,
    /// Who looked.
    LookUps,
    /// Digests of passwords and of sessions.
    Secrets,
}

impl Category {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 9] = [
        Self::Accounts,
        Self::State,
        Self::Decisions,
        Self::Changes,
        Self::Cases,
        Self::Mandates,
        Self::Approvals,
        Self::LookUps,
        Self::Secrets,
    ];

    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::State => "state",
            Self::Decisions => "decisions",
            Self::Changes => "changes",
            Self::Cases => "cases",
            Self::Mandates => "mandates",
            Self::Approvals => "approvals",
            Self::LookUps => "look-ups",
            Self::Secrets => "secrets",
        }
    }
}

/// A line of the scope manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// What.
    pub category: Category,
    /// `included`, `none`, `partly` or `withheld`.
    pub status: &'static str,
    /// How many are here.
    pub count: u64,
    /// How many are not.
    pub missing: u64,
    /// Why not: a key of the catalogue below `record.reason`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

impl Service {
    /// Everything about a person, for themselves: being logged in is enough. A representative needs a mandate for `see`;
    /// anyone else a role that shows every field, and a purpose. A look by another is logged first.
    ///
    /// Errors: the caller may not see it; the disk.
    pub fn person_record(
        &self,
        caller: &Caller,
        person: &str,
        purpose: &Purpose,
    ) -> Result<PersonRecord, ServiceError> {
        self.may_see_record(caller, person, purpose)?;
        self.gather(person)
    }

    /// The same as the answer to a request to see or to have a copy.
    ///
    /// Errors: as for the case; it is of another kind; it is not granted, or it is not known yet who asks.
    pub fn case_record(&self, caller: &Caller, id: &str) -> Result<PersonRecord, ServiceError> {
        let (case, mandate) = self.readable_case(caller, id)?;
        if !matches!(case.kind, RequestKind::See | RequestKind::Copy) {
            return Err(ServiceError::input("the request asks for no record", "file `see` or `copy`"));
        }
        if case.stage == Stage::Identity || !case.is_granted() {
            let hint = "say who you are with the password; or wait for the desk";
            return Err(ServiceError::new(ErrorKind::Forbidden, "the request is not granted yet", hint));
        }
        let is_theirs = is_self(caller, &case.person) || mandate.is_some();
        if !is_theirs {
            return Err(crate::access::forbidden("a copy is handed out to who asked for it"));
        }
        self.log_desk_look(caller, &case.person, mandate.as_deref(), "record")?;
        self.gather(&case.person)
    }

    fn may_see_record(&self, caller: &Caller, person: &str, purpose: &Purpose) -> Result<(), ServiceError> {
        if is_self(caller, person) {
            return Ok(());
        }
        if let Some(mandate) = self.mandate_for(person, RequestKind::See, None, caller)? {
            return self.log_desk_look(caller, person, Some(&mandate), "record");
        }
        let staff = self.desk.access.may_on_case(caller, OnCase::Read, person, &BTreeSet::new());
        if !staff {
            return Err(crate::access::forbidden("you may not see what is kept about this person"));
        }
        self.look(caller, Look::Decision, Some(person), purpose, "record")
    }

    fn gather(&self, person: &str) -> Result<PersonRecord, ServiceError> {
        let at = self.clock.now();
        self.queue().projector().flush();
        let mut gathered = Gathered::default();
        self.gather_decisions(person, &mut gathered)?;
        gathered.put(Category::Accounts, self.accounts_of(person)?);
        let state = self.gate.state_of(Entity::Person, person, at);
        gathered
            .put(Category::State, state.iter().map(|(fact, value)| json!({ "fact": fact, "value": value })).collect());
        for (category, kind) in [
            (Category::Changes, JournalKind::PersonEvent),
            (Category::LookUps, JournalKind::LookUp),
            (Category::Approvals, JournalKind::Approval),
            (Category::Cases, JournalKind::Case),
            (Category::Mandates, JournalKind::Mandate),
        ] {
            gathered.put(category, self.entries_of(person, kind)?);
        }
        gathered.add(Category::Cases, self.photos_of(person)?);
        let manifest = gathered.manifest();
        let glossary = self.glossary(&gathered.sections);
        let origin = self.node.to_string();
        Ok(PersonRecord { person: person.to_owned(), at, origin, sections: gathered.sections, manifest, glossary })
    }

    fn gather_decisions(&self, person: &str, gathered: &mut Gathered) -> Result<(), ServiceError> {
        let mut after: Option<Cursor> = None;
        let mut decisions = Vec::new();
        loop {
            let page = self.store.page(Some(person), after.as_ref(), AT_ONCE)?;
            let Some(last) = page.last() else { break };
            after = Some(Cursor { at: last.at, id: last.id.clone() });
            for line in page {
                let Ok(leaf) = self.own_leaf(&line) else {
                    gathered.elsewhere += 1;
                    continue;
                };
                let (place, record, checked) = match rebuilt(&self.view, &*self.store, &self.node, leaf) {
                    Ok(found) => found,
                    Err(error) if error.kind == ErrorKind::Erased => continue,
                    Err(error) => return Err(error),
                };
                decisions.push(json!({
                    "record": record,
                    "checked": checked,
                    "explanation": place.explanation(),
                    "leaf": place.leaf,
                }));
            }
        }
        gathered.put(Category::Decisions, decisions);
        Ok(())
    }

    fn entries_of(&self, person: &str, kind: JournalKind) -> Result<Vec<Value>, ServiceError> {
        let mut all = Vec::new();
        let mut before = None;
        loop {
            let page = self.store.of_person(person, &[kind], before, AT_ONCE)?;
            let Some(last) = page.last() else { return Ok(all) };
            before = Some(last.seq);
            all.extend(page.iter().map(entry_value).collect::<Result<Vec<_>, _>>()?);
        }
    }

    fn accounts_of(&self, person: &str) -> Result<Vec<Value>, ServiceError> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.stored_accounts(after.as_deref(), AT_ONCE)?;
            let Some(last) = page.last() else { return Ok(all) };
            after = Some(last.id.clone());
            for account in page.iter().filter(|account| account.persons.contains(person)) {
                // Whom else an account acts for is theirs.
                all.push(json!({
                    "id": account.id,
                    "name": account.name,
                    "roles": account.roles,
                    "is_disabled": account.is_disabled,
                    "created_at": account.created_at,
                }));
            }
        }
    }

    fn glossary(&self, sections: &BTreeMap<Category, Vec<Value>>) -> BTreeMap<String, Meaning> {
        let mut paths = BTreeSet::new();
        for value in sections.values().flatten() {
            collect_facts(value, &mut paths);
        }
        let meaning = |path: String| {
            let declared = self.vocabulary.facts.get(&path.parse::<FactPath>().ok()?)?;
            Some((path, Meaning { zh: declared.zh.clone(), en: declared.en.clone() }))
        };
        paths.into_iter().filter_map(meaning).collect()
    }
}

/// An entry of the journal, as it is kept.
fn entry_value(entry: &JournalEntry) -> Result<Value, ServiceError> {
    let body: Value = serde_json::from_str(&entry.entry.body).map_err(ServiceError::storage)?;
    Ok(json!({
        "seq": entry.seq,
        "id": entry.entry.id,
        "subject": entry.entry.subject,
        "actor": entry.entry.actor,
        "at": entry.entry.at,
        "body": body,
        "leaf": entry.leaf,
    }))
}

/// Names of facts, wherever they stand: as values of `fact`, and as members of the parts of a record.
fn collect_facts(value: &Value, paths: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                match (name.as_str(), inner) {
                    ("fact", Value::String(path)) => {
                        paths.insert(path.clone());
                    }
                    ("principal" | "resource" | "context", Value::Object(facts)) => {
                        paths.extend(facts.keys().map(|fact| format!("{name}.{fact}")));
                    }
                    _ if name.contains('.') => {
                        paths.insert(name.clone());
                    }
                    _ => {}
                }
                collect_facts(inner, paths);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_facts(item, paths)),
        _ => {}
    }
}

#[derive(Default)]
struct Gathered {
    sections: BTreeMap<Category, Vec<Value>>,
    /// Decisions that another process's ledger has.
    elsewhere: u64,
}

impl Gathered {
    fn put(&mut self, category: Category, values: Vec<Value>) {
        self.sections.insert(category, values);
    }

    fn add(&mut self, category: Category, values: Vec<Value>) {
        self.sections.entry(category).or_default().extend(values);
    }

    fn manifest(&self) -> Vec<Held> {
        let line = |category: Category| {
            let count = self.sections.get(&category).map_or(0, |values| values.len() as u64);
            let (missing, reason) = match category {
                Category::Decisions if self.elsewhere > 0 => (self.elsewhere, Some("elsewhere")),
                Category::Secrets => (0, Some("secrets")),
                _ => (0, None),
            };
            let status = match (category, count, missing) {
                (Category::Secrets, ..) => "withheld",
                (_, 0, 0) => "none",
                (_, _, 0) => "included",
                _ => "partly",
            };
            Held { category, status, count, missing, reason }
        };
        Category::ALL.into_iter().map(line).collect()
    }
}
