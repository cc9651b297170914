//! A vocabulary and packs that hold together, with conditions drawn for them.

use super::Draw;
use super::condition::Conditions;
use super::pools::WORDS;
use gongdao_model::{Entity, FactPath, FactType};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

/// A fact of the vocabulary.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    pub(crate) path: FactPath,
    pub(crate) kind: FactType,
    /// The words that it can have; empty where any will do.
    pub(crate) words: Vec<&'static str>,
}

pub(crate) const ACTIONS: [&str; 3] = ["price", "rank", "派单"];
pub(crate) const PLACES: [&str; 6] = ["000000", "440000", "440300", "440305", "310000", "440100"];
/// First days of rules and numbers. Two follow each other, so that a period can be of one day.
const DAYS: [&str; 8] =
    ["2020-02-29", "2021-06-15", "2021-06-16", "2022-03-01", "2023-12-31", "2024-01-01", "2024-02-29", "2026-11-24"];
const READINGS: [&str; 2] = ["narrow", "broad"];

/// The files of a packs folder, and what they are about.
pub(crate) struct Drawn {
    pub(crate) facts: Vec<Fact>,
    pub(crate) days: Vec<&'static str>,
    pub(crate) files: BTreeMap<PathBuf, Vec<u8>>,
}

pub(crate) fn draw(draw: &mut Draw<'_>) -> Drawn {
    let facts = vocabulary(draw);
    let mut days: Vec<&str> = DAYS.to_vec();
    draw.shuffle(&mut days);
    days.truncate(2 + draw.below(3));
    days.sort_unstable();
    let mut files = BTreeMap::from([(PathBuf::from("vocabulary.cedarschema"), schema(&facts))]);
    let local = draw.pick(&["440000", "440300", "310000"]);
    let mut writer = Writer { days: &days, conditions: Conditions::new(&facts), files: BTreeMap::new() };
    writer.national(draw);
    writer.local(draw);
    let rules = writer.files;
    for (name, place) in [("alpha", "000000"), ("beta", local)] {
        let until = (name == "beta" && draw.one_in(3)).then(|| days[days.len() - 1]);
        files.insert(PathBuf::from(format!("cn/{name}/instrument.toml")), instrument(name, place, days[0], until));
        files.insert(PathBuf::from(format!("cn/{name}/provisions.toml")), provisions(name));
        if let Some(text) = parameters(draw, name, local, &facts, &days) {
            files.insert(PathBuf::from(format!("cn/{name}/parameters.toml")), text);
        }
        files.insert(PathBuf::from(format!("cn/{name}/no-rule.toml")), String::new());
        files.insert(PathBuf::from(format!("cn/{name}/CHANGES.md")), "# Changes\n".to_owned());
    }
    files.extend(rules);
    let files = files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
    Drawn { facts, days, files }
}

fn vocabulary(draw: &mut Draw<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut declare = |draw: &mut Draw<'_>, entity: Entity, name: &str, kind: FactType| {
        let has_words = matches!(kind, FactType::Text | FactType::TextSet) && draw.one_in(3);
        let words = WORDS.into_iter().filter(|_| has_words && !draw.one_in(3)).collect();
        facts.push(Fact { path: FactPath::new(entity, name).unwrap(), kind, words });
    };
    let kinds =
        [("flag", FactType::Bool), ("count", FactType::Long), ("word", FactType::Text), ("words", FactType::TextSet)];
    // The same names for all three: an error names an attribute alone.
    for entity in [Entity::Algorithm, Entity::Person, Entity::Decision] {
        for (name, kind) in kinds {
            for number in 0..draw.below(3).max(usize::from(name == "flag")) {
                declare(draw, entity, &format!("{name}{number}"), kind);
            }
        }
    }
    declare(draw, Entity::Decision, "flag9", FactType::Bool);
    declare(draw, Entity::Parameter, "limit0", FactType::Long);
    declare(draw, Entity::Parameter, "limit1", FactType::Long);
    if draw.one_in(2) {
        declare(draw, Entity::Parameter, "isOn", FactType::Bool);
        declare(draw, Entity::Parameter, "mode", FactType::Text);
        declare(draw, Entity::Parameter, "allowed", FactType::TextSet);
    }
    facts
}

fn schema(facts: &[Fact]) -> String {
    let attributes = |entity: Entity| {
        let own = facts.iter().filter(move |fact| fact.path.entity() == entity);
        let attribute = |fact: &Fact| {
            let words =
                if fact.words.is_empty() { String::new() } else { format!("@words(\"{}\") ", fact.words.join(" ")) };
            let unit = if fact.kind == FactType::Long { "@unit(\"pieces\") " } else { "" };
            let (name, kind) = (fact.path.name(), fact.kind.cedar_name());
            format!("  @grade(\"observed\") {words}{unit}@zh(\"事\") @en(\"fact\")\n  {name}: {kind},\n")
        };
        own.map(attribute).collect::<String>()
    };
    let mut text = format!(
        "entity Algorithm = {{\n{}}};\nentity Person = {{\n{}}};\ntype Parameters = {{\n{}}};\n\
         type Decision = {{\n  parameters: Parameters,\n{}}};\n",
        attributes(Entity::Algorithm),
        attributes(Entity::Person),
        attributes(Entity::Parameter),
        attributes(Entity::Decision),
    );
    for action in ACTIONS {
        let _ = writeln!(
            text,
            "@zh(\"做\") @en(\"do\")\naction \"{action}\" appliesTo {{ principal: Algorithm, resource: Person, context: Decision }};"
        );
    }
    text
}

fn instrument(name: &str, place: &str, effective: &str, until: Option<&str>) -> String {
    let until = until.map_or_else(String::new, |until| format!("until = {until}\n"));
    format!(
        "format = 1\nid = \"cn.{name}\"\ntitle_zh = \"规定\"\ntitle_en = \"Rules\"\nissuers = [\"nobody\"]\n\
         level = \"departmental rule\"\nplace = \"{place}\"\neffective = {effective}\n{until}binding = true\nstatus = \"unverified\"\n"
    )
}

fn provisions(name: &str) -> String {
    let mut text = String::new();
    for (number, is_open) in [("1", false), ("2", true), ("3", false), ("3/1", true), ("3/2", false)] {
        let _ = writeln!(
            text,
            "[[provision]]\nid = \"cn.{name}/{number}\"\nkind = \"duty\"\nzh = \"条\"\nen = \"provision\""
        );
        if is_open {
            text.push_str("ambiguity_zh = \"未写明\"\nambiguity_en = \"left open\"\n");
            for reading in READINGS {
                let _ = writeln!(
                    text,
                    "[[provision.reading]]\nid = \"{reading}\"\nzh = \"解\"\nen = \"reading\"\nheld_by_zh = \"起草者\"\n\
                     held_by_en = \"drafter\""
                );
            }
        }
    }
    text
}

/// Values of the country in the national pack, of places in the local one; without some of them rules lack a number.
fn parameters(draw: &mut Draw<'_>, name: &str, local: &str, facts: &[Fact], days: &[&str]) -> Option<String> {
    let mut text = String::new();
    let numbers = facts.iter().filter(|fact| fact.path.entity() == Entity::Parameter && fact.kind == FactType::Long);
    for fact in numbers {
        let places: &[&str] = if name == "alpha" { &["000000"] } else { &[local, "440305"] };
        let mut values = String::new();
        let periods =
            places.iter().flat_map(|place| days.iter().enumerate().map(move |(index, from)| (place, index, from)));
        for (place, index, from) in periods {
            if !draw.one_in(4) {
                // A gap before the next value, or none.
                let until = days.get(index + 1).map_or_else(String::new, |until| format!("until = {until}\n"));
                let value = super::pools::long(draw);
                let _ = write!(
                    values,
                    "[[parameter.value]]\nfrom = {from}\n{until}place = \"{place}\"\nvalue = {value}\nsource = \"made up\"\n"
                );
            }
        }
        if !values.is_empty() {
            let head = format!("name = \"{}\"\nunit = \"pieces\"\nprovision = \"cn.{name}/1\"", fact.path.name());
            let _ = write!(text, "[[parameter]]\n{head}\nzh = \"数\"\nen = \"number\"\n{values}");
        }
    }
    (!text.is_empty()).then_some(text)
}

struct Writer<'a> {
    days: &'a [&'static str],
    conditions: Conditions<'a>,
    files: BTreeMap<PathBuf, String>,
}

/// What a rule is, apart from its conditions.
#[derive(Clone, Copy)]
struct Head<'a> {
    pack: &'a str,
    provision: &'a str,
    name: &'a str,
    from: &'a str,
    until: Option<&'a str>,
    reading: Option<&'a str>,
    /// A permit names the provision whose demand it meets, a demand the one of which it wants a basis.
    marks: &'a str,
    is_permit: bool,
    is_demand: bool,
}

impl Writer<'_> {
    fn national(&mut self, draw: &mut Draw<'_>) {
        self.prohibitions(draw, "alpha");
        for from in self.from(draw) {
            for reading in READINGS {
                self.rule(
                    draw,
                    Head { provision: "2", name: "open", reading: Some(reading), ..Head::of("alpha", from) },
                );
            }
        }
        let has_readings = draw.one_in(2);
        let readings: &[Option<&str>] = if has_readings { &[Some("narrow"), Some("broad")] } else { &[None] };
        let mut own = readings.to_vec();
        if has_readings && draw.one_in(3) {
            own.push(None);
        }
        for from in self.from(draw) {
            for reading in &own {
                let marks = "@effect(\"stop\")\n@demands_basis(\"cn.alpha/3\")\n";
                let head = Head { provision: "3", name: "basis", reading: *reading, marks, ..Head::of("alpha", from) };
                self.rule(draw, Head { is_demand: true, ..head });
            }
        }
        for from in self.from(draw) {
            for reading in readings {
                self.basis(draw, Head { provision: "3/1", reading: *reading, ..Head::of("alpha", from) });
            }
        }
        for from in self.from(draw) {
            self.basis(draw, Head { provision: "3/2", ..Head::of("alpha", from) });
        }
    }

    /// Law of one place: rules of its own, and sometimes a basis for what national law demands.
    fn local(&mut self, draw: &mut Draw<'_>) {
        self.prohibitions(draw, "beta");
        if draw.one_in(2) {
            for from in self.from(draw) {
                self.basis(draw, Head { provision: "3", ..Head::of("beta", from) });
            }
        }
    }

    fn prohibitions(&mut self, draw: &mut Draw<'_>, pack: &str) {
        for number in 0..=draw.below(3) {
            let name = format!("p{number}");
            let days = self.from(draw);
            let last = days[days.len() - 1];
            for from in days {
                let end = self.days.iter().find(|day| **day > last && from == last);
                let until = end.copied().filter(|_| draw.one_in(2));
                self.rule(draw, Head { name: &name, until, ..Head::of(pack, from) });
            }
        }
    }

    fn basis(&mut self, draw: &mut Draw<'_>, head: Head<'_>) {
        self.rule(draw, Head { name: "ground", marks: "@basis(\"cn.alpha/3\")\n", is_permit: true, ..head });
    }

    /// One to all of the days, ascending. The last day of a local law may be its end, so none begins there.
    fn from(&self, draw: &mut Draw<'_>) -> Vec<&'static str> {
        let most = self.days.len() - 1;
        let mut days: Vec<&str> = self.days[..most].to_vec();
        draw.shuffle(&mut days);
        days.truncate(1 + draw.below(2));
        days.sort_unstable();
        days
    }

    fn rule(&mut self, draw: &mut Draw<'_>, head: Head<'_>) {
        let Head { pack, provision, name, from, until, reading, marks, is_permit, is_demand } = head;
        let mut actions: Vec<String> = ACTIONS.iter().map(|name| format!("Action::\"{name}\"")).collect();
        draw.shuffle(&mut actions);
        actions.truncate(draw.pick(&[1, 2, 3, 3]));
        let scope = match actions.as_slice() {
            [one] if draw.one_in(2) => format!("action == {one}"),
            more => format!("action in [{}]", more.join(", ")),
        };
        let mark =
            |name: &str, value: Option<&str>| value.map_or_else(String::new, |value| format!("@{name}(\"{value}\")\n"));
        let mut text = format!(
            "@id(\"cn.{pack}/{provision}#{name}\")\n@provision(\"cn.{pack}/{provision}\")\n@from(\"{from}\")\n{}{}{marks}\
             @zh(\"规则\")\n@en(\"rule\")\n{} (principal is Algorithm, {scope}, resource is Person)",
            mark("until", until),
            mark("reading", reading),
            if is_permit { "permit" } else { "forbid" },
        );
        if !draw.one_in(10) {
            let _ = write!(text, "\nwhen {{ {} }}", self.conditions.condition(draw));
        }
        if !is_demand && draw.one_in(2) {
            let _ = write!(text, "\nunless {{ {} }}", self.conditions.condition(draw));
        }
        let article = provision.replace('/', "-");
        let path = PathBuf::from(format!("cn/{pack}/rules/art-{article}@{from}.cedar"));
        let file = self.files.entry(path).or_default();
        file.push_str(&text);
        file.push_str(";\n\n");
    }
}

impl<'a> Head<'a> {
    /// A plain prohibition of the first provision.
    fn of(pack: &'a str, from: &'a str) -> Self {
        let marks = "@effect(\"hold\")\n";
        Self {
            pack,
            provision: "1",
            name: "p",
            from,
            until: None,
            reading: None,
            marks,
            is_permit: false,
            is_demand: false,
        }
    }
}
