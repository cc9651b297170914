//! Values, each once: equal values have equal numbers, so that a column of any type is a column of numbers.

use gongdao_rules::{Constant, Extension};
use hashbrown::HashTable;
use std::collections::HashMap;
use std::hash::BuildHasher;

/// The number of a value. Numbers below [`ValueId::FIRST`] are faults, and 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ValueId(pub(crate) u32);

impl ValueId {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const FALSE: Self = Self(16);
    pub(crate) const TRUE: Self = Self(17);

    #[inline]
    pub(crate) fn of_bool(value: bool) -> Self {
        if value { Self::TRUE } else { Self::FALSE }
    }

    #[inline]
    pub(crate) fn is_value(self) -> bool {
        self.0 >= Self::FALSE.0
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Why an expression has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub(crate) enum Fault {
    /// Nobody recorded the fact.
    Missing = 1,
    /// `a + b` does not fit into 64 bits.
    AddOverflow = 2,
    /// `a - b` does not fit into 64 bits.
    SubtractOverflow = 3,
    /// `a * b` does not fit into 64 bits.
    MultiplyOverflow = 4,
    /// `-a` does not fit into 64 bits.
    NegateOverflow = 5,
    /// An operand is of a type that the operator does not take.
    WrongType = 6,
    /// An attribute or tag is asked of an entity that nobody described.
    NoEntity = 7,
    /// An attribute or tag is absent.
    NoAttribute = 8,
    /// A function of an extension type failed.
    Function = 9,
    /// More than four billion distinct values.
    TooMany = 10,
}

impl Fault {
    const ALL: [Self; 10] = [
        Self::Missing,
        Self::AddOverflow,
        Self::SubtractOverflow,
        Self::MultiplyOverflow,
        Self::NegateOverflow,
        Self::WrongType,
        Self::NoEntity,
        Self::NoAttribute,
        Self::Function,
        Self::TooMany,
    ];

    pub(crate) fn id(self) -> ValueId {
        ValueId(self as u32)
    }

    pub(crate) fn of(id: ValueId) -> Option<Self> {
        Self::of_number(id.0)
    }

    pub(crate) fn of_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| *fault as u32 == number)
    }

    /// What it says, in the words of the reference evaluator.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Missing => "a fact is missing",
            Self::AddOverflow => "integer overflow while attempting to add",
            Self::SubtractOverflow => "integer overflow while attempting to subtract",
            Self::MultiplyOverflow => "integer overflow while attempting to multiply",
            Self::NegateOverflow => "integer overflow while attempting to negate",
            Self::WrongType => "an operand is of the wrong type",
            Self::NoEntity => "an entity does not exist",
            Self::NoAttribute => "an attribute that is no fact of the rule is absent",
            Self::Function => "an extension function failed",
            Self::TooMany => "too many distinct values",
        }
    }
}

/// A value. Elements of sets and records are numbers of values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Datum {
    Bool(bool),
    Long(i64),
    Text(Box<str>),
    Entity(Box<str>, Box<str>),
    /// Sorted, without repeats.
    Set(Box<[ValueId]>),
    /// Sorted by name.
    Record(Box<[(Box<str>, ValueId)]>),
    Extension(Extension),
}

/// Every value met so far.
#[derive(Debug, Clone)]
pub(crate) struct Values {
    /// The values that are no texts; each stands in `data` alone.
    numbers: HashTable<ValueId>,
    hasher: foldhash::fast::RandomState,
    /// Texts apart, so that a text can be looked up without copying it.
    texts: HashMap<Box<str>, ValueId, foldhash::fast::RandomState>,
    data: Vec<Datum>,
}

/// Where a value stands; beyond all of them for a fault.
fn position(id: ValueId) -> usize {
    id.index().wrapping_sub(ValueId::FALSE.index())
}

impl Values {
    pub(crate) fn new() -> Self {
        let mut values = Self {
            numbers: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            texts: HashMap::default(),
            data: Vec::new(),
        };
        let known = [values.id(Datum::Bool(false)), values.id(Datum::Bool(true))];
        debug_assert_eq!(known, [ValueId::FALSE, ValueId::TRUE]);
        values
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.data.len()
    }

    pub(crate) fn datum(&self, id: ValueId) -> Option<&Datum> {
        self.data.get(position(id))
    }

    pub(crate) fn id(&mut self, datum: Datum) -> ValueId {
        if let Datum::Text(text) = datum {
            return self.text(&text);
        }
        let hash = self.hasher.hash_one(&datum);
        if let Some(id) = self.numbers.find(hash, |id| self.datum(*id) == Some(&datum)) {
            return *id;
        }
        let id = self.next();
        if id.is_value() {
            self.data.push(datum);
            let Self { numbers, hasher, data, .. } = self;
            numbers.insert_unique(hash, id, |id| data.get(position(*id)).map_or(0, |datum| hasher.hash_one(datum)));
        }
        id
    }

    pub(crate) fn text(&mut self, text: &str) -> ValueId {
        if let Some(id) = self.texts.get(text) {
            return *id;
        }
        let id = self.next();
        if id.is_value() {
            self.data.push(Datum::Text(text.into()));
            self.texts.insert(text.into(), id);
        }
        id
    }

    /// The set of these elements; a fault among them is the set's.
    pub(crate) fn set(&mut self, elements: impl IntoIterator<Item = ValueId>) -> ValueId {
        let mut elements: Vec<ValueId> = elements.into_iter().collect();
        if let Some(fault) = elements.iter().find(|id| !id.is_value()) {
            return *fault;
        }
        elements.sort_unstable();
        elements.dedup();
        self.id(Datum::Set(elements.into_boxed_slice()))
    }

    pub(crate) fn constant(&mut self, constant: &Constant) -> ValueId {
        match constant {
            Constant::Bool(value) => ValueId::of_bool(*value),
            Constant::Long(value) => self.id(Datum::Long(*value)),
            Constant::Text(text) => self.text(text),
            Constant::Entity { kind, id } => self.id(Datum::Entity(kind.as_str().into(), id.as_str().into())),
            Constant::Extension(value) => self.id(Datum::Extension(*value)),
        }
    }

    fn next(&self) -> ValueId {
        let next = u32::try_from(self.data.len()).ok().and_then(|index| index.checked_add(ValueId::FALSE.0));
        next.map_or_else(|| Fault::TooMany.id(), ValueId)
    }

    pub(crate) fn set_elements(&self, id: ValueId) -> Option<&[ValueId]> {
        match self.datum(id)? {
            Datum::Set(elements) => Some(elements),
            _ => None,
        }
    }
}
