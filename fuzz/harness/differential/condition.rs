//! Conditions over facts, written as rules write them and of the right types, except where nothing is evaluated.

use super::pools::{self, quoted};
use super::{Draw, packs::Fact};
use gongdao_model::{Entity, FactType};

/// What an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Long,
    Text,
    Texts,
    Longs,
    /// A set of sets of texts.
    Deep,
}

/// Writes conditions; sometimes a part of an earlier one again, since equal parts are worked out once.
pub(crate) struct Conditions<'a> {
    facts: &'a [Fact],
    earlier: Vec<(Kind, String)>,
}

impl<'a> Conditions<'a> {
    pub(crate) fn new(facts: &'a [Fact]) -> Self {
        Self { facts, earlier: Vec::new() }
    }

    pub(crate) fn condition(&mut self, draw: &mut Draw<'_>) -> String {
        let fuel = draw.pick(&[1, 2, 4, 6, 9, 14, 22]);
        self.expression(draw, Kind::Bool, fuel)
    }

    fn expression(&mut self, draw: &mut Draw<'_>, kind: Kind, fuel: usize) -> String {
        if fuel > 1 && draw.one_in(5) {
            let same: Vec<&String> = self.earlier.iter().filter(|(of, _)| *of == kind).map(|(_, text)| text).collect();
            if !same.is_empty() {
                return draw.pick(&same).clone();
            }
        }
        if fuel <= 1 {
            return self.leaf(draw, kind);
        }
        let text = if draw.one_in(9) { self.choice(draw, kind, fuel) } else { self.operator(draw, kind, fuel) };
        // Long ones would grow without end.
        if text.len() < 160 {
            self.earlier.push((kind, text.clone()));
        }
        text
    }

    fn operator(&mut self, draw: &mut Draw<'_>, kind: Kind, fuel: usize) -> String {
        match kind {
            Kind::Bool => self.truth(draw, fuel - 1),
            Kind::Long => self.number(draw, fuel - 1),
            Kind::Text => self.leaf(draw, kind),
            Kind::Texts => self.set(draw, Kind::Text, fuel - 1),
            Kind::Longs => self.set(draw, Kind::Long, fuel - 1),
            Kind::Deep => self.set(draw, Kind::Texts, fuel - 1),
        }
    }

    fn truth(&mut self, draw: &mut Draw<'_>, fuel: usize) -> String {
        match draw.below(20) {
            0..=3 => {
                let (a, b) = self.two(draw, Kind::Bool, Kind::Bool, fuel);
                format!("({a} && {b})")
            }
            4..=6 => {
                let (a, b) = self.two(draw, Kind::Bool, Kind::Bool, fuel);
                format!("({a} || {b})")
            }
            7 => format!("(!{})", self.expression(draw, Kind::Bool, fuel)),
            8..=10 => {
                let (a, b) = self.two(draw, Kind::Long, Kind::Long, fuel);
                format!("({a} {} {b})", draw.pick(&["<", "<=", ">", ">="]))
            }
            11 | 12 => {
                let kinds =
                    [Kind::Bool, Kind::Long, Kind::Long, Kind::Text, Kind::Text, Kind::Texts, Kind::Longs, Kind::Deep];
                let kind = draw.pick(&kinds);
                let (a, b) = self.two(draw, kind, kind, fuel);
                format!("({a} {} {b})", draw.pick(&["==", "!="]))
            }
            13 | 14 => {
                let (set, element) = draw.pick(&[
                    (Kind::Texts, Kind::Text),
                    (Kind::Texts, Kind::Text),
                    (Kind::Longs, Kind::Long),
                    (Kind::Deep, Kind::Texts),
                ]);
                let (a, b) = self.two(draw, set, element, fuel);
                format!("{a}.contains({b})")
            }
            15 | 16 => {
                let kind = draw.pick(&[Kind::Texts, Kind::Texts, Kind::Texts, Kind::Longs, Kind::Deep]);
                let (a, b) = self.two(draw, kind, kind, fuel);
                format!("{a}.{}({b})", draw.pick(&["containsAll", "containsAny"]))
            }
            17 => {
                let kind = draw.pick(&[Kind::Texts, Kind::Texts, Kind::Longs, Kind::Deep]);
                format!("{}.isEmpty()", self.expression(draw, kind, fuel))
            }
            18 => format!("({} like {})", self.expression(draw, Kind::Text, fuel), pools::pattern(draw)),
            _ => self.dead(draw, fuel),
        }
    }

    fn number(&mut self, draw: &mut Draw<'_>, fuel: usize) -> String {
        if draw.one_in(6) {
            return format!("(-{})", self.expression(draw, Kind::Long, fuel));
        }
        let (a, b) = self.two(draw, Kind::Long, Kind::Long, fuel);
        format!("({a} {} {b})", draw.pick(&["+", "-", "*"]))
    }

    fn set(&mut self, draw: &mut Draw<'_>, element: Kind, fuel: usize) -> String {
        let count = 1 + draw.below(3);
        let elements: Vec<String> = (0..count).map(|_| self.expression(draw, element, fuel / count)).collect();
        format!("[{}]", elements.join(", "))
    }

    fn two(&mut self, draw: &mut Draw<'_>, a: Kind, b: Kind, fuel: usize) -> (String, String) {
        let left = draw.below(fuel.max(1));
        let a = self.expression(draw, a, left);
        (a, self.expression(draw, b, fuel - left))
    }

    fn choice(&mut self, draw: &mut Draw<'_>, kind: Kind, fuel: usize) -> String {
        let third = fuel / 3;
        let a = self.expression(draw, Kind::Bool, third);
        let (b, c) = (self.expression(draw, kind, third), self.expression(draw, kind, third));
        format!("(if {a} then {b} else {c})")
    }

    /// What is never evaluated is not checked for its types either, and must still be compiled.
    fn dead(&mut self, draw: &mut Draw<'_>, fuel: usize) -> String {
        let wrong = self.wrong(draw);
        let alive = self.expression(draw, Kind::Bool, fuel);
        match draw.below(4) {
            0 => format!("((false && {wrong}) || {alive})"),
            1 => format!("((true || {wrong}) && {alive})"),
            2 => format!("(if true then {alive} else {wrong})"),
            _ => format!("(if false then {wrong} else {alive})"),
        }
    }

    fn wrong(&mut self, draw: &mut Draw<'_>) -> String {
        let text = self.leaf(draw, Kind::Text);
        let long = self.leaf(draw, Kind::Long);
        match draw.below(6) {
            0 => format!("({text} < {long})"),
            1 => format!("({long} like \"*\")"),
            2 => format!("([].contains({long}))"),
            3 => format!("([{long}, {text}].containsAny([{text}]))"),
            4 => format!("(({text} + {long}) == -{text})"),
            _ => format!("(if {long} then {text} else [])"),
        }
    }

    fn leaf(&mut self, draw: &mut Draw<'_>, kind: Kind) -> String {
        let of_type = |fact_type: FactType| self.facts.iter().filter(move |fact| fact.kind == fact_type);
        let wanted = match kind {
            Kind::Bool => Some(FactType::Bool),
            Kind::Long => Some(FactType::Long),
            Kind::Text => Some(FactType::Text),
            Kind::Texts => Some(FactType::TextSet),
            Kind::Longs | Kind::Deep => None,
        };
        let facts: Vec<&Fact> = wanted.into_iter().flat_map(of_type).collect();
        if !facts.is_empty() && !draw.one_in(4) {
            let mut fact = draw.pick(&facts);
            // Numbers set by law stand in many a rule.
            if kind == Kind::Long && draw.one_in(3) {
                let of_law = facts.iter().find(|fact| fact.path.entity() == Entity::Parameter);
                fact = of_law.copied().unwrap_or(fact);
            }
            return fact.path.to_string();
        }
        match kind {
            Kind::Bool => draw.pick(&["true", "false"]).to_owned(),
            Kind::Long => format!("({})", pools::long(draw)),
            Kind::Text => quoted(pools::text(draw)),
            Kind::Texts => self.set(draw, Kind::Text, 1),
            Kind::Longs => self.set(draw, Kind::Long, 1),
            Kind::Deep => self.set(draw, Kind::Texts, 1),
        }
    }
}
