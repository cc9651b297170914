use crate::{Amount, Book, Force, LawError, cite};
use gongdao_model::{InstrumentId, LegalDate, ModelError, PlaceCode};
use gongdao_pack::InstrumentPack;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// One side of a comparison: `cn.iisarmp`, `cn.iisarmp@2022-02-28`, `440300`, `440300@2024-01-01`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// What is seen.
    pub what: What,
    /// From which day; without one, the day of the call.
    pub on: Option<LegalDate>,
}

/// What a side is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// One instrument.
    Instrument(InstrumentId),
    /// All law that reaches a place.
    Place(PlaceCode),
}

impl FromStr for Side {
    type Err = ModelError;
    fn from_str(text: &str) -> Result<Self, ModelError> {
        let (what, on) = match text.split_once('@') {
            Some((what, on)) => (what, Some(on.parse()?)),
            None => (text, None),
        };
        let what = if what.bytes().all(|byte| byte.is_ascii_digit()) {
            What::Place(what.parse()?)
        } else {
            What::Instrument(what.parse()?)
        };
        Ok(Self { what, on })
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Instrument(id) => write!(f, "{id}")?,
            What::Place(place) => write!(f, "{place}")?,
        }
        self.on.map_or(Ok(()), |on| write!(f, "@{on}"))
    }
}

/// What differs between two sides. An entry in both sides with another content stands under `changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The first side.
    pub a: String,
    /// The second side.
    pub b: String,
    /// Properties that differ: level, place, dates, numbers of provisions by kind.
    pub fields: Vec<Field>,
    /// Entries of the first side only.
    pub only_a: Vec<Entry>,
    /// Entries of the second side only.
    pub only_b: Vec<Entry>,
    /// Entries of both with another content: first, second.
    pub changed: Vec<(Entry, Entry)>,
}

impl Difference {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.only_a.is_empty() && self.only_b.is_empty() && self.changed.is_empty()
    }
}

/// A property that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name: `level`, `effective`, `kind.duty`, …
    pub name: String,
    /// In the first side; none where it has none.
    pub a: Option<String>,
    /// In the second side.
    pub b: Option<String>,
}

/// A provision, a rule version, a duty or a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// `provision`, `rule`, `duty` or `number`.
    pub sort: &'static str,
    /// Its identifier.
    pub id: String,
    /// How it is cited, or what it is; Chinese.
    pub zh: String,
    /// The same, English.
    pub en: String,
    /// Of a number: how much.
    pub amount: Option<Amount>,
    /// Of a duty: when it is due, in the words of the pack format.
    pub due: Option<String>,
}

impl Entry {
    fn new(sort: &'static str, id: String, zh: String, en: String) -> Self {
        Self { sort, id, zh, en, amount: None, due: None }
    }

    fn says_as(&self, other: &Self) -> bool {
        (&self.zh, &self.en, &self.amount, &self.due) == (&other.zh, &other.en, &other.amount, &other.due)
    }
}

/// Compare two sides; `on` is the day of a side that names none.
///
/// Two instruments are compared by their properties; by number, article for article, only where one is a version of
/// the other (`cn.csl` and `cn.csl-2025`), as equal numbers of different laws have nothing in common. Two days or two
/// places are compared by what is in force.
///
/// Errors: no such instrument; an instrument beside a place.
pub fn diff(book: &Book, a: &Side, b: &Side, on: LegalDate) -> Result<Difference, LawError> {
    let dated = |side: &Side| Side { what: side.what.clone(), on: Some(side.on.unwrap_or(on)) };
    let (fields, entries_a, entries_b) = match (&a.what, &b.what) {
        (What::Place(first), What::Place(second)) => {
            (Vec::new(), in_place(book, *first, a.on.unwrap_or(on)), in_place(book, *second, b.on.unwrap_or(on)))
        }
        (What::Instrument(first), What::Instrument(second)) if first == second => {
            let pack = book.pack(first)?;
            let (on_a, on_b) = (a.on.unwrap_or(on), b.on.unwrap_or(on));
            (
                forces(pack, on_a, on_b),
                entries(book, pack, Some(on_a), Key::Own),
                entries(book, pack, Some(on_b), Key::Own),
            )
        }
        (What::Instrument(first), What::Instrument(second)) => two_instruments(book, first, second)?,
        _ => {
            let message = format!("`{a}` and `{b}` are not of one sort");
            return Err(LawError::new(
                message,
                "compare two instruments, two days of one (`cn.iisarmp@2022-02-28`), or two places",
            ));
        }
    };
    // The day plays no part where two instruments are compared.
    let sides = match (&a.what, &b.what) {
        (What::Instrument(first), What::Instrument(second)) if first != second => (a.clone(), b.clone()),
        _ => (dated(a), dated(b)),
    };
    Ok(compared((&sides.0, &sides.1), fields, entries_a, entries_b))
}

type Entries = BTreeMap<String, Entry>;

/// By what entries of both sides are paired.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Own,
    /// Without the instrument: article for article.
    Number,
}

fn two_instruments(
    book: &Book,
    a: &InstrumentId,
    b: &InstrumentId,
) -> Result<(Vec<Field>, Entries, Entries), LawError> {
    let (pack_a, pack_b) = (book.pack(a)?, book.pack(b)?);
    let fields = fields(&properties(pack_a), &properties(pack_b));
    if versions_of_one(a, b) {
        return Ok((fields, entries(book, pack_a, None, Key::Number), entries(book, pack_b, None, Key::Number)));
    }
    Ok((fields, Entries::new(), Entries::new()))
}

/// `cn.csl` and `cn.csl-2025`.
fn versions_of_one(a: &InstrumentId, b: &InstrumentId) -> bool {
    let follows = |long: &InstrumentId, short: &InstrumentId| {
        let year = long.as_str().strip_prefix(short.as_str()).and_then(|rest| rest.strip_prefix('-'));
        year.is_some_and(|year| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()))
    };
    follows(a, b) || follows(b, a)
}

fn in_place(book: &Book, place: PlaceCode, on: LegalDate) -> Entries {
    let packs = book.packs().instruments.iter();
    let reaching = packs.filter(|pack| pack.instrument.place.covers(place));
    let mut all: Entries = reaching.flat_map(|pack| entries(book, pack, Some(on), Key::Own)).collect();
    all.retain(|_, entry| entry.sort != "number");
    for number in book.in_force(on, place).numbers {
        let worded = |text: &str| format!("{text} ({})", number.provision);
        let amount = Some(Amount { value: number.value, unit: number.unit.clone() });
        let entry = Entry::new("number", number.name.clone(), worded(&number.zh), worded(&number.en));
        all.insert(format!("number {}", number.name), Entry { amount, ..entry });
    }
    all
}

/// The entries of a pack; with a day, of what is in force on it.
fn entries(book: &Book, pack: &InstrumentPack, on: Option<LegalDate>, key: Key) -> Entries {
    let instrument = &pack.instrument;
    let mut entries = Entries::new();
    if on.is_some_and(|on| !Force::of(instrument, on).holds()) {
        return entries;
    }
    let prefix = format!("{}/", instrument.id);
    let mut add = |entry: Entry| {
        let paired = if key == Key::Number { entry.id.strip_prefix(&prefix).unwrap_or(&entry.id) } else { &entry.id };
        entries.insert(format!("{} {paired}", entry.sort), entry);
    };
    for provision in &pack.provisions {
        // Where articles of two versions are compared, only what they say counts.
        let cited = |cite: String, says: &str, colon: &str| {
            if key == Key::Number { says.to_owned() } else { format!("{cite}{colon}{says}") }
        };
        let zh = cited(cite::zh(instrument, &provision.id), &provision.zh, "：");
        let en = cited(cite::en(instrument, &provision.id), &provision.en, ": ");
        add(Entry::new("provision", provision.id.to_string(), zh, en));
        for rule in book.rules_of(&provision.id).filter(|rule| on.is_none_or(|on| rule.holds_on(on))) {
            add(Entry::new("rule", rule.key.to_string(), rule.zh.clone(), rule.en.clone()));
        }
    }
    for duty in pack.duties.iter().filter(|duty| on.is_none_or(|on| duty.from <= on)) {
        let due = Some(duty.due.clone());
        add(Entry { due, ..Entry::new("duty", duty.id.clone(), duty.zh.clone(), duty.en.clone()) });
    }
    for number in &pack.parameters {
        for value in number.values.iter().filter(|value| on.is_none_or(|on| value.holds_on(on))) {
            let amount = Some(Amount { value: value.value, unit: number.unit.clone() });
            let id = format!("{}@{}", number.name, value.place);
            add(Entry { amount, ..Entry::new("number", id, number.zh.clone(), number.en.clone()) });
        }
    }
    entries
}

fn forces(pack: &InstrumentPack, a: LegalDate, b: LegalDate) -> Vec<Field> {
    let force = |on| BTreeMap::from([("force".to_owned(), Force::of(&pack.instrument, on).key().to_owned())]);
    fields(&force(a), &force(b))
}

fn properties(pack: &InstrumentPack) -> BTreeMap<String, String> {
    let instrument = &pack.instrument;
    let mut properties = BTreeMap::from([
        ("level".to_owned(), instrument.level.clone()),
        ("issuers".to_owned(), instrument.issuers.join(", ")),
        ("place".to_owned(), instrument.place.to_string()),
        ("effective".to_owned(), instrument.effective.to_string()),
        ("binding".to_owned(), instrument.binding.to_string()),
        ("status".to_owned(), instrument.status.as_str().to_owned()),
        ("provisions".to_owned(), pack.provisions.len().to_string()),
        ("duties".to_owned(), pack.duties.len().to_string()),
    ]);
    properties.extend(instrument.promulgated.map(|date| ("promulgated".to_owned(), date.to_string())));
    properties.extend(instrument.until.map(|date| ("until".to_owned(), date.to_string())));
    for provision in &pack.provisions {
        let count = properties.entry(format!("kind.{}", provision.kind)).or_insert_with(|| "0".to_owned());
        *count = count.parse::<usize>().map_or(0, |count| count + 1).to_string();
    }
    properties
}

fn fields(a: &BTreeMap<String, String>, b: &BTreeMap<String, String>) -> Vec<Field> {
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let differing = names.into_iter().filter(|name| a.get(*name) != b.get(*name));
    differing.map(|name| Field { name: name.clone(), a: a.get(name).cloned(), b: b.get(name).cloned() }).collect()
}

fn compared(sides: (&Side, &Side), fields: Vec<Field>, mut a: Entries, b: Entries) -> Difference {
    let mut difference = Difference {
        a: sides.0.to_string(),
        b: sides.1.to_string(),
        fields,
        only_a: Vec::new(),
        only_b: Vec::new(),
        changed: Vec::new(),
    };
    for (key, second) in b {
        match a.remove(&key) {
            None => difference.only_b.push(second),
            Some(first) if !first.says_as(&second) => {
                difference.changed.push((first, second));
            }
            Some(_) => {}
        }
    }
    difference.only_a = a.into_values().collect();
    difference
}
