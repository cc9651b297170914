//! Everything that is kept about a person, in one piece, with what each thing means and what is not shown.

use super::access::OnCase;
use super::cases::is_self;
use super::held::Counted;
use super::kept::{Kept, KeptDecision, fact_paths};
use crate::access::{Field, Look};
use crate::check::Answers;
use crate::port::{Cursor, JournalEntry, JournalKind, Projected};
use crate::{Caller, ErrorKind, Purpose, Service, ServiceError};
use gongdao_desk::{RequestKind, Stage};
use gongdao_ledger::GroupNumber;
use gongdao_model::{Entity, FactPath, Instant};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const AT_ONCE: u32 = 1000;
/// Decisions that are read at once: the ledger's files are gone through once for all of them.
const DECISIONS: u32 = 10_000;

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
    pub sections: BTreeMap<Category, Vec<Kept>>,
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
    /// Decisions with their facts.
    Decisions,
    /// What the rules said: each answer once, by its digest, however many decisions have it.
    Verdicts,
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
    pub const ALL: [Self; 10] = [
        Self::Accounts,
        Self::State,
        Self::Decisions,
        Self::Verdicts,
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
            Self::Verdicts => "verdicts",
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
        self.gather(caller, person, false)
    }

    /// The same with the receipt of each decision, which stays valid whatever becomes of the service.
    ///
    /// Errors: the same; the caller may not have receipts of this person.
    pub fn proved_person_record(
        &self,
        caller: &Caller,
        person: &str,
        purpose: &Purpose,
    ) -> Result<PersonRecord, ServiceError> {
        self.may_see_record(caller, person, purpose)?;
        let holds_mandate = || self.mandate_for(person, RequestKind::See, None, caller);
        let unsealed = self.unsealed_for(Some(person))?;
        let may = self.access.fields(caller, Some(person), &unsealed).contains(&Field::Receipt)
            || is_self(caller, person)
            || holds_mandate()?.is_some();
        if !may {
            return Err(crate::access::forbidden("you may not have the receipts of this person"));
        }
        self.gather(caller, person, true)
    }

    /// The same as the answer to a request to see or to have a copy.
    ///
    /// Errors: as for the case; it is of another kind; it is not granted, or it is not known yet who asks.
    pub fn case_record(&self, caller: &Caller, id: &str) -> Result<PersonRecord, ServiceError> {
        let person = self.whose_record(caller, id)?;
        self.gather(caller, &person, false)
    }

    /// The same with the receipt of each decision.
    ///
    /// Errors: the same.
    pub fn proved_case_record(&self, caller: &Caller, id: &str) -> Result<PersonRecord, ServiceError> {
        let person = self.whose_record(caller, id)?;
        self.gather(caller, &person, true)
    }

    fn whose_record(&self, caller: &Caller, id: &str) -> Result<String, ServiceError> {
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
        Ok(case.person)
    }

    pub(super) fn may_see_record(&self, caller: &Caller, person: &str, purpose: &Purpose) -> Result<(), ServiceError> {
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

    fn gather(&self, caller: &Caller, person: &str, proved: bool) -> Result<PersonRecord, ServiceError> {
        let at = self.clock.now();
        self.queue().projector().flush();
        let mut gathered = Gathered::default();
        self.gather_decisions(person, proved, &mut gathered)?;
        gathered.put(Category::Accounts, self.accounts_of(person)?);
        let state = self.gate.state_of(Entity::Person, person, at);
        gathered
            .put(Category::State, state.iter().map(|(fact, value)| json!({ "fact": fact, "value": value })).collect());
        for (category, kind) in [
            (Category::Changes, JournalKind::PersonEvent),
            (Category::LookUps, JournalKind::LookUp),
            (Category::Approvals, JournalKind::Approval),
        ] {
            gathered.put(category, self.entries_of(person, kind)?);
        }
        let cases = self.entries_of(person, JournalKind::Case)?;
        let (mandates, hidden) = self.mandates_shown(caller, person, &cases)?;
        gathered.put(Category::Mandates, mandates);
        gathered.hidden_mandates = hidden;
        gathered.put(Category::Cases, cases);
        gathered.add(Category::Cases, self.photos_of(person)?);
        let manifest = gathered.manifest();
        let glossary = self.glossary(&gathered.sections);
        let origin = self.node.to_string();
        Ok(PersonRecord { person: person.to_owned(), at, origin, sections: gathered.sections, manifest, glossary })
    }

    fn gather_decisions(&self, person: &str, proved: bool, gathered: &mut Gathered) -> Result<(), ServiceError> {
        let mut after: Option<Cursor> = None;
        let mut answers = Answers::default();
        let mut decisions = Vec::new();
        loop {
            let page = self.store.page(Some(person), after.as_ref(), DECISIONS)?;
            let Some(last) = page.last() else { break };
            after = Some(Cursor { at: last.at, id: last.id.clone() });
            self.gather_page(&page, proved, &mut answers, &mut decisions, gathered)?;
        }
        gathered.sections.insert(Category::Decisions, decisions);
        let verdicts = answers.all().map(|answer| serde_json::to_value(answer).map_err(ServiceError::storage));
        gathered.put(Category::Verdicts, verdicts.collect::<Result<_, _>>()?);
        Ok(())
    }

    fn gather_page(
        &self,
        page: &[Projected],
        proved: bool,
        answers: &mut Answers,
        decisions: &mut Vec<Kept>,
        gathered: &mut Gathered,
    ) -> Result<(), ServiceError> {
        let leaves: Vec<Option<u64>> = page.iter().map(|line| self.own_leaf(line).ok()).collect();
        gathered.elsewhere += leaves.iter().filter(|leaf| leaf.is_none()).count() as u64;
        let own: BTreeSet<u64> = leaves.iter().flatten().copied().collect();
        let Some(last) = own.last() else { return Ok(()) };
        let reader = self.view.reader_with(*last)?;
        let rows = reader.rows(&own)?;
        let mut receipts = if proved { reader.receipts(rows.values(), GroupNumber(1))? } else { BTreeMap::new() };
        for leaf in leaves.into_iter().flatten() {
            let Some(row) = rows.get(&leaf) else { continue };
            let (place, record, mut checked) = match answers.rebuilt(&*self.store, &self.node, row) {
                Ok(found) => found,
                Err(error) if error.kind == ErrorKind::Erased => continue,
                Err(error) => return Err(error),
            };
            let answer = checked.as_mut().and_then(|checked| checked.answer.take());
            let answer = answer.map(|answer| answer.digest().to_owned());
            let receipt = receipts.remove(&leaf).map(|receipt| receipt.to_string());
            let explanation = place.explanation();
            decisions.push(Kept::Decision(Box::new(KeptDecision {
                record,
                checked,
                answer,
                explanation,
                leaf,
                receipt,
            })));
        }
        Ok(())
    }

    /// Mandates of a person as far as the caller may see them, and how many they may not.
    pub(super) fn mandates_shown(
        &self,
        caller: &Caller,
        person: &str,
        cases: &[Value],
    ) -> Result<(Vec<Value>, u64), ServiceError> {
        let mut resting: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for case in cases {
            let text = |pointer: &str| case.pointer(pointer).and_then(Value::as_str);
            if let (Some(mandate), Some(case)) = (text("/body/by/mandate"), text("/subject")) {
                resting.entry(mandate).or_default().insert(case.to_owned());
            }
        }
        let none = BTreeSet::new();
        let mut hidden = BTreeSet::new();
        for line in self.store.mandates_for(person, None)? {
            let cases = resting.get(line.id.as_str()).unwrap_or(&none);
            if !self.desk.access.may_read_in_record(caller, person, &line.representative, cases) {
                hidden.insert(line.id);
            }
        }
        let mut mandates = self.entries_of(person, JournalKind::Mandate)?;
        mandates.retain(|entry| {
            entry.get("subject").and_then(Value::as_str).is_none_or(|subject| !hidden.contains(subject))
        });
        Ok((mandates, hidden.len() as u64))
    }

    pub(super) fn entries_of(&self, person: &str, kind: JournalKind) -> Result<Vec<Value>, ServiceError> {
        let mut all = Vec::new();
        let mut before = None;
        loop {
            let page = self.store.of_person(person, &[kind], before, AT_ONCE)?;
            let Some(last) = page.last() else { return Ok(all) };
            before = Some(last.seq);
            all.extend(page.iter().map(entry_value).collect::<Result<Vec<_>, _>>()?);
        }
    }

    pub(super) fn accounts_of(&self, person: &str) -> Result<Vec<Value>, ServiceError> {
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

    fn glossary(&self, sections: &BTreeMap<Category, Vec<Kept>>) -> BTreeMap<String, Meaning> {
        let meaning = |path: String| {
            let declared = self.vocabulary.facts.get(&path.parse::<FactPath>().ok()?)?;
            Some((path, Meaning { zh: declared.zh.clone(), en: declared.en.clone() }))
        };
        fact_paths(sections.values().flatten()).into_iter().filter_map(meaning).collect()
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

#[derive(Default)]
struct Gathered {
    sections: BTreeMap<Category, Vec<Kept>>,
    /// Mandates that do not concern the caller.
    hidden_mandates: u64,
    /// Decisions that another process's ledger has.
    elsewhere: u64,
}

impl Gathered {
    fn put(&mut self, category: Category, values: Vec<Value>) {
        self.sections.insert(category, values.into_iter().map(Kept::Json).collect());
    }

    fn add(&mut self, category: Category, values: Vec<Value>) {
        self.sections.entry(category).or_default().extend(values.into_iter().map(Kept::Json));
    }

    fn manifest(&self) -> Vec<Held> {
        let counts = self.sections.iter().map(|(category, values)| (*category, values.len() as u64)).collect();
        Counted { counts, hidden_mandates: self.hidden_mandates, elsewhere: self.elsewhere }.manifest()
    }
}
