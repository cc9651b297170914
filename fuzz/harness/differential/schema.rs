//! A schema of the rule language: kinds of entities with a hierarchy, attributes and tags; actions with groups.

use super::Draw;
use super::pools::quoted;
use std::fmt::Write;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    Bool,
    Long,
    Text,
    Decimal,
    Ip,
    Datetime,
    Duration,
    /// By the number of its kind.
    Entity(usize),
    Set(Box<Type>),
    Record(Vec<Field>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Type,
    pub(crate) is_required: bool,
}

#[derive(Debug)]
pub(crate) struct Kind {
    /// Kinds that may stand above it; never one with a smaller number, so that nothing stands above itself.
    pub(crate) above: Vec<usize>,
    pub(crate) fields: Vec<Field>,
    pub(crate) tags: Option<Type>,
}

#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) name: &'static str,
    pub(crate) groups: Vec<&'static str>,
    pub(crate) principals: Vec<usize>,
    pub(crate) resources: Vec<usize>,
    pub(crate) context: Vec<Field>,
}

#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) namespace: &'static str,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) actions: Vec<Action>,
}

/// Groups of actions: the second is in the first.
pub(crate) const GROUPS: [&str; 2] = ["all", "some"];
const NAMES: [&str; 7] = ["a", "b", "c", "name", "size", "two words", "骑手"];

impl Schema {
    pub(crate) fn draw(draw: &mut Draw<'_>) -> Self {
        let count = 2 + draw.below(3);
        let kinds = (0..count).map(|kind| Kind {
            above: (kind..count).filter(|_| draw.one_in(2)).collect(),
            fields: fields(draw, count, 6, 2),
            tags: draw.one_in(2).then(|| plain(draw, count)),
        });
        let kinds: Vec<Kind> = kinds.collect();
        let actions = ["view", "查看"].map(|name| {
            let some = |draw: &mut Draw<'_>| {
                let mut kinds: Vec<usize> = (0..count).collect();
                draw.shuffle(&mut kinds);
                kinds.truncate(1 + draw.below(2));
                kinds
            };
            let (principals, resources) = (some(draw), some(draw));
            let groups = GROUPS.into_iter().filter(|_| draw.one_in(2)).collect();
            Action { name, groups, principals, resources, context: fields(draw, count, 5, 2) }
        });
        Self { namespace: draw.pick(&["", "App::"]), kinds, actions: actions.into() }
    }

    /// The name of a kind, as policies write it.
    pub(crate) fn kind(&self, kind: usize) -> String {
        format!("{}K{kind}", self.namespace)
    }

    pub(crate) fn action_kind(&self) -> String {
        format!("{}Action", self.namespace)
    }

    pub(crate) fn action(&self, name: &str) -> String {
        format!("{}::{}", self.action_kind(), quoted(name))
    }

    /// Every group that an action or a group stands in.
    pub(crate) fn groups_above(groups: &[&'static str]) -> Vec<&'static str> {
        let mut above = groups.to_vec();
        if above.contains(&GROUPS[1]) && !above.contains(&GROUPS[0]) {
            above.push(GROUPS[0]);
        }
        above
    }

    /// As the rule language writes it.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (number, kind) in self.kinds.iter().enumerate() {
            let above: Vec<String> = kind.above.iter().map(|kind| format!("K{kind}")).collect();
            let above = if above.is_empty() { String::new() } else { format!(" in [{}]", above.join(", ")) };
            let tags = kind.tags.as_ref().map_or_else(String::new, |tags| format!(" tags {}", written(tags)));
            let _ = writeln!(text, "entity K{number}{above} = {}{tags};", record(&kind.fields));
        }
        let [all, some] = GROUPS;
        let _ = writeln!(text, "action \"{all}\";\naction \"{some}\" in [\"{all}\"];");
        for action in &self.actions {
            let list = |kinds: &[usize]| kinds.iter().map(|kind| format!("K{kind}")).collect::<Vec<_>>().join(", ");
            let groups: Vec<String> = action.groups.iter().map(|group| quoted(group)).collect();
            let groups = if groups.is_empty() { String::new() } else { format!(" in [{}]", groups.join(", ")) };
            let _ = writeln!(
                text,
                "action {}{groups} appliesTo {{ principal: [{}], resource: [{}], context: {} }};",
                quoted(action.name),
                list(&action.principals),
                list(&action.resources),
                record(&action.context)
            );
        }
        if self.namespace.is_empty() { text } else { format!("namespace App {{\n{text}}}\n") }
    }
}

fn written(kind: &Type) -> String {
    match kind {
        Type::Bool => "Bool".to_owned(),
        Type::Long => "Long".to_owned(),
        Type::Text => "String".to_owned(),
        Type::Decimal => "decimal".to_owned(),
        Type::Ip => "ipaddr".to_owned(),
        Type::Datetime => "datetime".to_owned(),
        Type::Duration => "duration".to_owned(),
        Type::Entity(kind) => format!("K{kind}"),
        Type::Set(element) => format!("Set<{}>", written(element)),
        Type::Record(fields) => record(fields),
    }
}

fn record(fields: &[Field]) -> String {
    let field = |field: &Field| {
        format!("{}{}: {}", quoted(field.name), if field.is_required { "" } else { "?" }, written(&field.kind))
    };
    format!("{{ {} }}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
}

fn fields(draw: &mut Draw<'_>, kinds: usize, most: usize, depth: usize) -> Vec<Field> {
    let names: Vec<&str> = NAMES.into_iter().filter(|_| !draw.one_in(3)).collect();
    let field = |name| Field { name, kind: any(draw, kinds, depth), is_required: !draw.one_in(3) };
    names.into_iter().take(most).map(field).collect()
}

fn plain(draw: &mut Draw<'_>, kinds: usize) -> Type {
    match draw.below(11) {
        0 => Type::Bool,
        1 | 2 => Type::Long,
        3 | 4 => Type::Text,
        5 => Type::Decimal,
        6 => Type::Ip,
        7 => Type::Datetime,
        8 => Type::Duration,
        _ => Type::Entity(draw.below(kinds)),
    }
}

fn any(draw: &mut Draw<'_>, kinds: usize, depth: usize) -> Type {
    match draw.below(6) {
        0 if depth > 0 => Type::Set(Box::new(any(draw, kinds, depth - 1))),
        1 if depth > 0 => Type::Record(fields(draw, kinds, 3, depth - 1)),
        _ => plain(draw, kinds),
    }
}
