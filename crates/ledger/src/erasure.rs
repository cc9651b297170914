//! Erasing the content of records and keeping every proof.
//!
//! Order: a note of what is to be done, the erasure entry, the key, the rows, a checkpoint, the write-ahead log, the note. A
//! crash anywhere in between leaves the note, and the next start goes on from it.

use crate::cbor::Value;
use crate::core::{Core, locked};
use crate::draft::{Draft, DraftGroup, Names, OwnDraft, prepare};
use crate::prepared::Prepared;
use crate::row_files::Scope;
use crate::{Content, EntryKind, GroupNumber, LedgerError, LoggedAt, PersonId, RecordId};

const PENDING: &str = "erasures/pending";
const RESTRICTIONS: &str = "erasures/restrictions";
/// Schema of an erasure entry's group: ground, reference, list of entry and group numbers.
pub const ERASURE_SCHEMA: &str = "gongdao/erasure/1";
/// Schema of the group of a rights entry that restricts: article, until.
pub const RESTRICTION_SCHEMA: &str = "gongdao/restriction/1";

/// What is to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Everything about a person: their key is destroyed at once.
    Person(PersonId),
    /// Some groups of some entries.
    Groups(Scope),
}

/// A request to erase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// What.
    pub target: Target,
    /// On what ground: an article, `cn.pipl/47/1`.
    pub ground: String,
    /// What the request is filed under; stands in the erasure entry, so it must not name the person.
    pub reference: String,
}

/// What an erasure did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// Place of the erasure entry.
    pub leaf: u64,
    /// Groups whose content is gone.
    pub groups: u64,
}

/// That a person's records are kept, and only kept, though they could be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    /// Whose.
    pub person: PersonId,
    /// The article that asks to keep them.
    pub article: String,
    /// From when on they can be erased; never by itself where nothing stands.
    pub until: Option<LoggedAt>,
}

impl Core {
    /// Erase. Errors: a restriction, with its article; nothing to erase.
    pub(crate) fn erase(&mut self, erasure: &Erasure) -> Result<Erased, LedgerError> {
        self.rows.write()?;
        let scope = match &erasure.target {
            Target::Person(person) => {
                self.check_not_restricted(person)?;
                self.row_reader.of_person(self.size(), person)?
            }
            Target::Groups(scope) => self.open_groups(scope)?,
        };
        let has_key = match &erasure.target {
            Target::Person(person) => locked(&self.keys)?.of(person).is_some(),
            Target::Groups(_) => false,
        };
        if scope.is_empty() && !has_key {
            return Err(LedgerError::input("there is nothing to erase", "check the pseudonym and the entries"));
        }
        let mut record = [0; 16];
        locked(&self.entropy)?.fill(&mut record)?;
        let pending =
            Pending { record: RecordId::from_bytes(record), leaf: self.size(), scope, erasure: erasure.clone() };
        self.disk.replace(PENDING, &pending.to_value().to_bytes())?;
        self.carry_out(&pending)
    }

    /// Whether a crash interrupted an erasure.
    pub(crate) fn is_erasure_pending(&self) -> Result<bool, LedgerError> {
        Ok(self.disk.open(PENDING)?.is_some())
    }

    /// Complete an erasure that a crash interrupted.
    pub(crate) fn resume_erasure(&mut self) -> Result<bool, LedgerError> {
        let Some(bytes) = self.disk.read(PENDING)? else { return Ok(false) };
        let pending = Pending::parse(&bytes).map_err(|error| error.at(format_args!("`{PENDING}`")))?;
        self.carry_out(&pending)?;
        Ok(true)
    }

    fn carry_out(&mut self, pending: &Pending) -> Result<Erased, LedgerError> {
        let by = match self.logged_erasure(pending)? {
            Some(leaf) => leaf,
            None => self.log_erasure(pending)?,
        };
        if let Target::Person(person) = &pending.erasure.target {
            let mut keys = locked(&self.keys)?;
            if let Some(slot) = keys.slot_of(person.as_str()) {
                self.destroyed.insert(slot);
                self.epoch.forget(slot);
                if let Some(before) = &mut self.half_closed {
                    before.open.forget(slot);
                }
                keys.destroy(person, &mut **locked(&self.entropy)?)?;
            }
            drop(keys);
            self.forget_restrictions(person)?;
        }
        self.rows.erase(&pending.scope, by)?;
        self.erase_segments(&pending.scope, by)?;
        self.checkpoint()?;
        // The log still holds the rows as they were.
        self.rotate()?;
        self.disk.remove(PENDING)?;
        Ok(Erased { leaf: by, groups: u64::try_from(pending.scope.len()).unwrap_or(u64::MAX) })
    }

    fn log_erasure(&mut self, pending: &Pending) -> Result<u64, LedgerError> {
        let Erasure { ground, reference, .. } = &pending.erasure;
        let columns = vec![Value::Text(ground.clone()), Value::Text(reference.clone()), scope_value(&pending.scope)];
        let group = DraftGroup { person: None, schema: ERASURE_SCHEMA.to_owned(), columns };
        let draft = Draft { kind: EntryKind::Erasure, groups: vec![group] };
        let names = Names::Known(pending.record);
        let prepared = prepare(&[OwnDraft(&draft)], &names, &self.keys, &self.entropy)?;
        self.log_one(&prepared)
    }

    fn log_one(&mut self, prepared: &Prepared) -> Result<u64, LedgerError> {
        let placed = self.commit(&[prepared])?;
        self.file()?;
        match placed.into_iter().flatten().next() {
            Some(placed) => placed.map(|logged| logged.leaf),
            None => Err(LedgerError::storage("the record was not logged", "start the program again")),
        }
    }

    /// Where the erasure's entry stands, if a crash came after it.
    fn logged_erasure(&self, pending: &Pending) -> Result<Option<u64>, LedgerError> {
        let mut found = None;
        self.row_reader.each(pending.leaf..self.size(), |row| {
            if row.record == pending.record {
                found = Some(row.leaf);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Keep a person's records from erasure, and log on which article.
    pub(crate) fn restrict(&mut self, restriction: &Restriction) -> Result<u64, LedgerError> {
        let until = restriction.until.map_or(Value::Null, |until| Value::unsigned(until.seconds()));
        let group = DraftGroup {
            person: Some(restriction.person.clone()),
            schema: RESTRICTION_SCHEMA.to_owned(),
            columns: vec![Value::Text(restriction.article.clone()), until],
        };
        let draft = Draft { kind: EntryKind::Rights, groups: vec![group] };
        let prepared = prepare(&[draft], &Names::Random, &self.keys, &self.entropy)?;
        let mut all = self.restrictions()?;
        all.retain(|other| other.person != restriction.person || other.article != restriction.article);
        all.push(restriction.clone());
        let values = all.iter().map(Restriction::to_value).collect();
        self.disk.replace(RESTRICTIONS, &Value::List(values).to_bytes())?;
        self.log_one(&prepared)
    }

    fn restrictions(&self) -> Result<Vec<Restriction>, LedgerError> {
        read_restrictions(self.disk.read(RESTRICTIONS)?.as_deref())
    }

    /// Restrictions that have ended name the person too.
    fn forget_restrictions(&self, person: &PersonId) -> Result<(), LedgerError> {
        let all = self.restrictions()?;
        let kept: Vec<Value> = all.iter().filter(|other| other.person != *person).map(Restriction::to_value).collect();
        if kept.len() == all.len() { Ok(()) } else { self.disk.replace(RESTRICTIONS, &Value::List(kept).to_bytes()) }
    }

    fn check_not_restricted(&self, person: &PersonId) -> Result<(), LedgerError> {
        let now = self.last_at.max(self.clock.now());
        let holds = |other: &&Restriction| other.person == *person && other.until.is_none_or(|until| now < until);
        match self.restrictions()?.iter().find(holds) {
            None => Ok(()),
            Some(restriction) => Err(LedgerError::input(
                format!("the person's records are kept under `{}`", restriction.article),
                "restrict their use instead, tell the person the article, and erase when it no longer holds",
            )),
        }
    }

    /// The groups of a scope that are not erased yet: an erasure is named by one entry. Errors: a group that is not there, or
    /// that an article keeps.
    fn open_groups(&self, scope: &Scope) -> Result<Scope, LedgerError> {
        let Some(((first, _), (last, _))) = scope.first().zip(scope.last()) else { return Ok(Scope::new()) };
        let (mut found, mut open) = (Scope::new(), Scope::new());
        let mut persons = Vec::new();
        self.row_reader.each(*first..last.saturating_add(1), |row| {
            for (number, group) in GroupNumber::all().zip(&row.groups) {
                if scope.contains(&(row.leaf, number)) {
                    found.insert((row.leaf, number));
                    if let Content::Open { person, .. } = &group.content {
                        open.insert((row.leaf, number));
                        persons.extend(person.clone());
                    }
                }
            }
            Ok(())
        })?;
        if let Some((leaf, group)) = scope.difference(&found).next() {
            return Err(LedgerError::input(format!("entry {leaf} has no group {}", group.0), "check the entries"));
        }
        persons.iter().try_for_each(|person| self.check_not_restricted(person))?;
        Ok(open)
    }
}

struct Pending {
    record: RecordId,
    leaf: u64,
    scope: Scope,
    erasure: Erasure,
}

impl Pending {
    fn to_value(&self) -> Value {
        let person = match &self.erasure.target {
            Target::Person(person) => Value::Text(person.as_str().to_owned()),
            Target::Groups(_) => Value::Null,
        };
        Value::List(vec![
            Value::Bytes(self.record.as_bytes().to_vec()),
            Value::unsigned(self.leaf),
            scope_value(&self.scope),
            person,
            Value::Text(self.erasure.ground.clone()),
            Value::Text(self.erasure.reference.clone()),
        ])
    }

    fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let value = Value::parse(bytes)?;
        let Some([Value::Bytes(record), leaf, scope, person, Value::Text(ground), Value::Text(reference)]) =
            value.as_list()
        else {
            return Err(malformed());
        };
        let scope = read_scope(scope)?;
        let target = match person {
            Value::Null => Target::Groups(scope.clone()),
            Value::Text(person) => Target::Person(person.parse()?),
            _ => return Err(malformed()),
        };
        Ok(Self {
            record: RecordId::try_from(record.as_slice())?,
            leaf: leaf.as_unsigned().ok_or_else(malformed)?,
            scope,
            erasure: Erasure { target, ground: ground.clone(), reference: reference.clone() },
        })
    }
}

impl Restriction {
    fn to_value(&self) -> Value {
        let until = self.until.map_or(Value::Null, |until| Value::unsigned(until.seconds()));
        Value::List(vec![Value::Text(self.person.as_str().to_owned()), Value::Text(self.article.clone()), until])
    }
}

fn read_restrictions(bytes: Option<&[u8]>) -> Result<Vec<Restriction>, LedgerError> {
    let Some(bytes) = bytes else { return Ok(Vec::new()) };
    let value = Value::parse(bytes)?;
    let rows = value.as_list().ok_or_else(malformed)?.iter().map(|row| {
        let Some([Value::Text(person), Value::Text(article), until]) = row.as_list() else { return Err(malformed()) };
        let until = if *until == Value::Null { None } else { Some(until.as_unsigned().ok_or_else(malformed)?) };
        Ok(Restriction { person: person.parse()?, article: article.clone(), until: until.map(LoggedAt::from_seconds) })
    });
    rows.collect()
}

fn scope_value(scope: &Scope) -> Value {
    let pair =
        |(leaf, group): &(u64, GroupNumber)| Value::List(vec![Value::unsigned(*leaf), Value::Int(i64::from(group.0))]);
    Value::List(scope.iter().map(pair).collect())
}

/// The entries and groups that an erasure entry names.
pub(crate) fn read_scope(value: &Value) -> Result<Scope, LedgerError> {
    let pairs = value.as_list().ok_or_else(malformed)?.iter().map(|pair| {
        let Some([leaf, group]) = pair.as_list() else { return Err(malformed()) };
        let group = group.as_unsigned().and_then(|group| u16::try_from(group).ok());
        Ok((leaf.as_unsigned().ok_or_else(malformed)?, GroupNumber(group.ok_or_else(malformed)?)))
    });
    pairs.collect()
}

fn malformed() -> LedgerError {
    LedgerError::evidence("a note of an erasure that cannot be read", "restore the file, or erase again")
}
