//! Values of drawn types, for either evaluator. Neither's values are made from the other's.

use super::schema::{Field, Schema, Type};
use super::{Draw, pools};
use cedar_policy::{EntityId, EntityTypeName, EntityUid, RestrictedExpression};
use gongdao_kernel::Value;
use gongdao_rules::{Constant, Extension};
use std::collections::BTreeMap;
use std::fmt;

/// An entity, which need not be known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Uid {
    pub(crate) kind: String,
    pub(crate) id: &'static str,
}

#[derive(Debug, Clone)]
pub(crate) enum Val {
    Bool(bool),
    Long(i64),
    Text(&'static str),
    /// A function of an extension type and its text.
    Call(&'static str, &'static str),
    Entity(Uid),
    Set(Vec<Val>),
    Record(Vec<(&'static str, Val)>),
}

pub(crate) const IDS: [&str; 7] = ["a", "b", "c", "d", "骑手", "with \"quotes\" \\", ""];
pub(crate) const DECIMALS: [&str; 9] =
    ["0.0", "1.5", "-1.5", "1.50", "12.3456", "-0.0", "922337203685477.5807", "-922337203685477.5808", "1.4999"];
pub(crate) const ADDRESSES: [&str; 19] = [
    "10.0.0.1",
    "10.0.0.0/8",
    "10.0.0.0/9",
    "127.0.0.1",
    "127.0.0.0/8",
    "126.0.0.0/7",
    "224.0.0.1",
    "224.0.0.0/4",
    "224.0.0.0/3",
    "::1",
    "::/0",
    "0.0.0.0/0",
    "ff00::/8",
    "fe00::/7",
    "fe80::1/64",
    "192.168.1.1/32",
    "::1/127",
    "0:0::1",
    "255.255.255.255",
];
pub(crate) const DATETIMES: [&str; 9] = [
    "1970-01-01",
    "2024-02-29",
    "2024-02-29T23:59:59.999Z",
    "1969-12-31T23:59:59.999Z",
    "0000-01-01",
    "9999-12-31T23:59:59.999Z",
    "2024-03-01T00:00:00+0800",
    "2024-02-29T16:00:00Z",
    "2024-03-01T00:00:00.001-1130",
];
pub(crate) const DURATIONS: [&str; 13] = [
    "0ms",
    "1ms",
    "-1ms",
    "1d",
    "24h",
    "1d2h3m4s5ms",
    "-1d2h3m4s5ms",
    "9223372036854775807ms",
    "-9223372036854775808ms",
    "106751991167d",
    "-106751991167d",
    "60m",
    "1h",
];
/// Texts that some constructor takes, and texts that none does.
pub(crate) const CALLED: [&str; 12] = [
    "1.5",
    "10.0.0.1",
    "1d",
    "2024-02-29",
    "2023-02-29",
    "1.12345",
    "10.0.0.1/33",
    "1h1d",
    "",
    "骑手",
    "922337203685477.5808",
    "9223372036854775808ms",
];

impl Uid {
    pub(crate) fn official(&self) -> EntityUid {
        let kind: EntityTypeName = self.kind.parse().unwrap();
        EntityUid::from_type_name_and_id(kind, EntityId::new(self.id))
    }

    pub(crate) fn constant(&self) -> Constant {
        Constant::Entity { kind: self.kind.clone(), id: self.id.to_owned() }
    }

    pub(crate) fn text(&self) -> String {
        format!("{}::{}", self.kind, pools::quoted(self.id))
    }
}

/// As the rule language writes it.
impl fmt::Display for Val {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Long(value) => write!(f, "{value}"),
            Self::Text(text) => f.write_str(&pools::quoted(text)),
            Self::Call(function, text) => write!(f, "{function}(\"{text}\")"),
            Self::Entity(uid) => f.write_str(&uid.text()),
            Self::Set(elements) => {
                f.write_str("[")?;
                elements.iter().try_for_each(|element| write!(f, "{element}, "))?;
                f.write_str("]")
            }
            Self::Record(fields) => f.write_str(&shown(fields)),
        }
    }
}

/// As a record.
pub(crate) fn shown(fields: &[(&'static str, Val)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{}: {value}", pools::quoted(name))).collect();
    format!("{{{}}}", fields.join(", "))
}

impl Val {
    pub(crate) fn official(&self) -> RestrictedExpression {
        match self {
            Self::Bool(value) => RestrictedExpression::new_bool(*value),
            Self::Long(value) => RestrictedExpression::new_long(*value),
            Self::Text(text) => RestrictedExpression::new_string((*text).to_owned()),
            Self::Call("decimal", text) => RestrictedExpression::new_decimal(text),
            Self::Call("ip", text) => RestrictedExpression::new_ip(text),
            Self::Call("datetime", text) => RestrictedExpression::new_datetime(text),
            Self::Call(_, text) => RestrictedExpression::new_duration(text),
            Self::Entity(uid) => RestrictedExpression::new_entity_uid(uid.official()),
            Self::Set(elements) => RestrictedExpression::new_set(elements.iter().map(Self::official)),
            Self::Record(fields) => {
                let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.official()));
                RestrictedExpression::new_record(fields).unwrap()
            }
        }
    }

    pub(crate) fn ours(&self) -> Value {
        Value::Constant(match self {
            Self::Bool(value) => Constant::Bool(*value),
            Self::Long(value) => Constant::Long(*value),
            Self::Text(text) => Constant::Text((*text).to_owned()),
            Self::Call(function, text) => {
                let value = match *function {
                    "decimal" => Extension::decimal(text),
                    "ip" => Extension::ip(text),
                    "datetime" => Extension::datetime(text),
                    _ => Extension::duration(text),
                };
                Constant::Extension(value.unwrap_or_else(|| panic!("{function}(\"{text}\") has no value")))
            }
            Self::Entity(uid) => uid.constant(),
            Self::Set(elements) => return Value::Set(elements.iter().map(Self::ours).collect()),
            Self::Record(fields) => return Value::Record(named(fields)),
        })
    }
}

pub(crate) fn named(fields: &[(&'static str, Val)]) -> BTreeMap<String, Value> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), value.ours())).collect()
}

pub(crate) fn draw_uid(draw: &mut Draw<'_>, schema: &Schema, kind: usize) -> Uid {
    Uid { kind: schema.kind(kind), id: draw.pick(&IDS) }
}

/// A value of a type; `texts` of those that constructors take too.
pub(crate) fn draw_value(draw: &mut Draw<'_>, schema: &Schema, kind: &Type) -> Val {
    match kind {
        Type::Bool => Val::Bool(draw.one_in(2)),
        Type::Long => Val::Long(pools::long(draw)),
        Type::Text => Val::Text(if draw.one_in(4) { draw.pick(&CALLED) } else { pools::text(draw) }),
        Type::Decimal => Val::Call("decimal", draw.pick(&DECIMALS)),
        Type::Ip => Val::Call("ip", draw.pick(&ADDRESSES)),
        Type::Datetime => Val::Call("datetime", draw.pick(&DATETIMES)),
        Type::Duration => Val::Call("duration", draw.pick(&DURATIONS)),
        Type::Entity(kind) => Val::Entity(draw_uid(draw, schema, *kind)),
        Type::Set(element) => {
            let count = draw.below(4);
            Val::Set((0..count).map(|_| draw_value(draw, schema, element)).collect())
        }
        Type::Record(fields) => Val::Record(draw_fields(draw, schema, fields)),
    }
}

pub(crate) fn draw_fields(draw: &mut Draw<'_>, schema: &Schema, fields: &[Field]) -> Vec<(&'static str, Val)> {
    let present: Vec<&Field> = fields.iter().filter(|field| field.is_required || draw.one_in(2)).collect();
    present.into_iter().map(|field| (field.name, draw_value(draw, schema, &field.kind))).collect()
}
