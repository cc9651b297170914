//! Expressions of the rule language for one kind of request, of the right types.

use super::Draw;
use super::pools::{self, quoted};
use super::schema::{Action, Field, Schema, Type};
use super::values::{ADDRESSES, CALLED, DATETIMES, DECIMALS, DURATIONS, draw_uid};
use super::world::TAGS;

/// A way to a value from a variable, and what must hold for it to be there.
#[derive(Debug, Clone)]
struct Path {
    text: String,
    kind: Type,
    guards: Vec<String>,
    /// What it starts at, and its names where `has` can name them all at once.
    start: String,
    names: Option<Vec<&'static str>>,
}

pub(crate) struct Expressions<'a> {
    schema: &'a Schema,
    paths: Vec<Path>,
    /// Whether an expression may ask for what may be absent, and call constructors with any text: then it is no longer
    /// valid, and errs more often.
    is_loose: bool,
}

const MOST_PATHS: usize = 120;

impl<'a> Expressions<'a> {
    /// For requests of one action, principal and resource.
    pub(crate) fn new(
        draw: &mut Draw<'_>,
        schema: &'a Schema,
        action: &Action,
        of: [usize; 2],
        is_loose: bool,
    ) -> Self {
        let mut paths = Vec::new();
        let start = |text: &str, kind: Type| {
            let (text, start) = (text.to_owned(), text.to_owned());
            Path { text, kind, guards: Vec::new(), start, names: Some(Vec::new()) }
        };
        let mut open = vec![start("principal", Type::Entity(of[0])), start("resource", Type::Entity(of[1]))];
        open.push(start("context", Type::Record(action.context.clone())));
        let kind = draw.below(schema.kinds.len());
        open.push(start(&draw_uid(draw, schema, kind).text(), Type::Entity(kind)));
        for _ in 0..3 {
            let next: Vec<Path> = open.iter().flat_map(|path| steps(schema, path)).collect();
            paths.append(&mut open);
            open = next;
        }
        paths.append(&mut open);
        paths.truncate(MOST_PATHS);
        Self { schema, paths, is_loose }
    }

    pub(crate) fn condition(&self, draw: &mut Draw<'_>) -> String {
        let fuel = draw.pick(&[1, 2, 4, 7, 11, 18]);
        self.of(draw, &Type::Bool, fuel)
    }

    fn of(&self, draw: &mut Draw<'_>, kind: &Type, fuel: usize) -> String {
        if fuel <= 1 {
            return self.leaf(draw, kind);
        }
        if draw.one_in(9) {
            let third = fuel / 3;
            let a = self.of(draw, &Type::Bool, third);
            return format!("(if {a} then {} else {})", self.of(draw, kind, third), self.of(draw, kind, third));
        }
        if draw.one_in(12) {
            return format!("{{\"x\": {}, y: 1}}[\"x\"]", self.of(draw, kind, fuel - 1));
        }
        let fuel = fuel - 1;
        match kind {
            Type::Bool => self.truth(draw, fuel),
            Type::Long => self.number(draw, fuel),
            Type::Datetime if draw.one_in(2) => {
                let (at, by) = self.two(draw, &Type::Datetime, &Type::Duration, fuel);
                if draw.one_in(3) { format!("{at}.toDate()") } else { format!("{at}.offset({by})") }
            }
            Type::Duration if draw.one_in(2) => {
                let (a, b) = self.two(draw, &Type::Datetime, &Type::Datetime, fuel);
                if draw.one_in(3) { format!("{a}.toTime()") } else { format!("{a}.durationSince({b})") }
            }
            Type::Set(element) if draw.one_in(2) => self.set(draw, element, fuel),
            Type::Record(fields) if fields.iter().all(|field| field.is_required) && draw.one_in(2) => {
                self.record(draw, fields, fuel)
            }
            _ => self.leaf(draw, kind),
        }
    }

    fn two(&self, draw: &mut Draw<'_>, a: &Type, b: &Type, fuel: usize) -> (String, String) {
        let left = draw.below(fuel.max(1));
        (self.of(draw, a, left), self.of(draw, b, fuel - left))
    }

    fn truth(&self, draw: &mut Draw<'_>, fuel: usize) -> String {
        let infix = |(a, b): (String, String), op: &str| format!("({a} {op} {b})");
        let method = |(a, b): (String, String), op: &str| format!("{a}.{op}({b})");
        match draw.below(27) {
            0..=2 => infix(self.two(draw, &Type::Bool, &Type::Bool, fuel), "&&"),
            3 | 4 => infix(self.two(draw, &Type::Bool, &Type::Bool, fuel), "||"),
            5 => format!("(!{})", self.of(draw, &Type::Bool, fuel)),
            6..=8 => {
                let kind = draw.pick(&[&Type::Long, &Type::Long, &Type::Datetime, &Type::Duration]);
                infix(self.two(draw, kind, kind, fuel), draw.pick(&["<", "<=", ">", ">="]))
            }
            9..=11 => {
                let kind = self.some_kind(draw);
                infix(self.two(draw, &kind, &kind, fuel), draw.pick(&["==", "!="]))
            }
            12 | 13 => {
                let element = self.some_kind(draw);
                method(self.two(draw, &Type::Set(Box::new(element.clone())), &element, fuel), "contains")
            }
            14 | 15 => {
                let set = Type::Set(Box::new(self.some_kind(draw)));
                method(self.two(draw, &set, &set, fuel), draw.pick(&["containsAll", "containsAny"]))
            }
            16 => {
                let set = Type::Set(Box::new(self.some_kind(draw)));
                format!("{}.isEmpty()", self.of(draw, &set, fuel))
            }
            17 => format!("({} like {})", self.of(draw, &Type::Text, fuel), pools::pattern(draw)),
            18 | 19 => self.hierarchy(draw, fuel),
            20 => self.has(draw),
            21 => method(
                self.two(draw, &Type::Decimal, &Type::Decimal, fuel),
                draw.pick(&["lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"]),
            ),
            22 => {
                if draw.one_in(2) {
                    return method(self.two(draw, &Type::Ip, &Type::Ip, fuel), "isInRange");
                }
                let test = draw.pick(&["isIpv4", "isIpv6", "isLoopback", "isMulticast"]);
                format!("{}.{test}()", self.of(draw, &Type::Ip, fuel))
            }
            23 => self.dead(draw, fuel),
            24 => {
                let by = self.of(draw, &Type::Duration, fuel / 2);
                format!(
                    "({}.offset({by}) < {})",
                    self.of(draw, &Type::Datetime, fuel / 2),
                    self.leaf(draw, &Type::Datetime)
                )
            }
            _ => format!("({} <= {})", self.number(draw, fuel), self.leaf(draw, &Type::Long)),
        }
    }

    fn number(&self, draw: &mut Draw<'_>, fuel: usize) -> String {
        match draw.below(6) {
            0 => format!("(-{})", self.of(draw, &Type::Long, fuel)),
            1 => {
                let to = draw.pick(&["toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays"]);
                format!("{}.{to}()", self.of(draw, &Type::Duration, fuel))
            }
            _ => {
                let (a, b) = self.two(draw, &Type::Long, &Type::Long, fuel);
                format!("({a} {} {b})", draw.pick(&["+", "-", "*"]))
            }
        }
    }

    fn set(&self, draw: &mut Draw<'_>, element: &Type, fuel: usize) -> String {
        let count = 1 + draw.below(3);
        let elements: Vec<String> = (0..count).map(|_| self.of(draw, element, fuel / count)).collect();
        format!("[{}]", elements.join(", "))
    }

    fn record(&self, draw: &mut Draw<'_>, fields: &[Field], fuel: usize) -> String {
        let share = fuel / fields.len().max(1);
        let field = |field: &Field| format!("{}: {}", quoted(field.name), self.of(draw, &field.kind, share));
        format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
    }

    fn hierarchy(&self, draw: &mut Draw<'_>, fuel: usize) -> String {
        let below = draw.below(self.schema.kinds.len());
        let above = &self.schema.kinds[below].above;
        let above = if above.is_empty() || draw.one_in(6) { below } else { draw.pick(above) };
        let above = Type::Entity(above);
        let entity = self.of(draw, &Type::Entity(below), fuel / 2);
        match draw.below(5) {
            0 => format!("({entity} is {})", self.schema.kind(draw.below(self.schema.kinds.len()))),
            1 => format!("({entity} is {} in {})", self.schema.kind(below), self.of(draw, &above, fuel / 2)),
            2 => format!("({entity} in {})", self.of(draw, &Type::Set(Box::new(above)), fuel / 2)),
            3 => format!("(action in {})", self.schema.action(draw.pick(&super::schema::GROUPS))),
            _ => format!("({entity} in {})", self.of(draw, &above, fuel / 2)),
        }
    }

    /// Whether something is there.
    fn has(&self, draw: &mut Draw<'_>) -> String {
        let named: Vec<&Path> =
            self.paths.iter().filter(|path| path.names.as_ref().is_some_and(|names| !names.is_empty())).collect();
        if !named.is_empty() && draw.one_in(2) {
            let path = draw.pick(&named);
            return format!(
                "({} has {})",
                path.start,
                path.names.iter().flatten().copied().collect::<Vec<_>>().join(".")
            );
        }
        let guarded: Vec<&Path> = self.paths.iter().filter(|path| !path.guards.is_empty()).collect();
        if guarded.is_empty() {
            return self.leaf(draw, &Type::Bool);
        }
        let path = draw.pick(&guarded);
        format!("({})", path.guards.join(" && "))
    }

    fn dead(&self, draw: &mut Draw<'_>, fuel: usize) -> String {
        let alive = self.of(draw, &Type::Bool, fuel);
        let wrong = match draw.below(6) {
            0 => "(\"a\" < 1)".to_owned(),
            1 => format!("decimal(\"{}\").isIpv4()", draw.pick(&["1.0", "x"])),
            2 => "principal.nowhere".to_owned(),
            3 => format!("({}.isEmpty() == [])", self.leaf(draw, &Type::Long)),
            4 => "(if 1 then context in 1 else principal has a.b.c)".to_owned(),
            _ => format!("ip(\"{}\").isInRange({{}})", draw.pick(&CALLED)),
        };
        match draw.below(3) {
            0 => format!("((false && {wrong}) || {alive})"),
            1 => format!("((true || {wrong}) && {alive})"),
            _ => format!("(if true then {alive} else {wrong})"),
        }
    }

    /// A type that some path has, so that not only constants are compared.
    fn some_kind(&self, draw: &mut Draw<'_>) -> Type {
        let kind = self.paths[draw.below(self.paths.len())].kind.clone();
        match kind {
            Type::Set(element) if draw.one_in(2) => *element,
            other => other,
        }
    }

    fn leaf(&self, draw: &mut Draw<'_>, kind: &Type) -> String {
        let paths: Vec<&Path> = self.paths.iter().filter(|path| path.kind == *kind).collect();
        if !paths.is_empty() && !draw.one_in(4) {
            let path = draw.pick(&paths);
            return self.path(draw, path);
        }
        if draw.one_in(6)
            && let Some(tag) = self.tag(draw, kind)
        {
            return tag;
        }
        self.constant(draw, kind)
    }

    fn path(&self, draw: &mut Draw<'_>, path: &Path) -> String {
        if path.guards.is_empty() || (self.is_loose && draw.one_in(2)) {
            return path.text.clone();
        }
        let guards = path.guards.join(" && ");
        match path.kind {
            Type::Bool if draw.one_in(2) => format!("({guards} && {})", path.text),
            _ => format!("(if {guards} then {} else {})", path.text, self.constant(draw, &path.kind)),
        }
    }

    fn tag(&self, draw: &mut Draw<'_>, kind: &Type) -> Option<String> {
        let tagged = |path: &&Path| match path.kind {
            Type::Entity(of) => path.guards.is_empty() && self.schema.kinds[of].tags.as_ref() == Some(kind),
            _ => false,
        };
        let paths: Vec<&Path> = self.paths.iter().filter(tagged).collect();
        if paths.is_empty() {
            return None;
        }
        let of = &draw.pick(&paths).text;
        let texts: Vec<&Path> =
            self.paths.iter().filter(|path| path.kind == Type::Text && path.guards.is_empty()).collect();
        let name =
            if texts.is_empty() || draw.one_in(2) { quoted(draw.pick(&TAGS)) } else { draw.pick(&texts).text.clone() };
        let tag = format!("{of}.getTag({name})");
        if self.is_loose && draw.one_in(2) {
            return Some(tag);
        }
        Some(format!("(if {of}.hasTag({name}) then {tag} else {})", self.constant(draw, kind)))
    }

    fn constant(&self, draw: &mut Draw<'_>, kind: &Type) -> String {
        let call = |draw: &mut Draw<'_>, function: &str, good: &[&str]| {
            if self.is_loose && draw.one_in(3) {
                let is_literal = draw.one_in(2);
                let text =
                    if is_literal { quoted(&pools::constructed(draw, function)) } else { self.leaf(draw, &Type::Text) };
                return format!("{function}({text})");
            }
            format!("{function}(\"{}\")", draw.pick(good))
        };
        match kind {
            Type::Bool => draw.pick(&["true", "false"]).to_owned(),
            Type::Long => format!("({})", pools::long(draw)),
            Type::Text => quoted(pools::text(draw)),
            Type::Decimal => call(draw, "decimal", &DECIMALS),
            Type::Ip => call(draw, "ip", &ADDRESSES),
            Type::Datetime => call(draw, "datetime", &DATETIMES),
            Type::Duration => call(draw, "duration", &DURATIONS),
            Type::Entity(kind) => draw_uid(draw, self.schema, *kind).text(),
            Type::Set(element) => self.set(draw, element, 1),
            Type::Record(fields) => self.record(draw, fields, 1),
        }
    }
}

/// The attributes of what a path leads to.
fn steps(schema: &Schema, path: &Path) -> Vec<Path> {
    let fields = match &path.kind {
        Type::Entity(kind) => &schema.kinds[*kind].fields,
        Type::Record(fields) => fields,
        _ => return Vec::new(),
    };
    let step = |field: &Field| {
        let is_word = field.name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (name, last) = if is_word {
            (field.name.to_owned(), format!(".{}", field.name))
        } else {
            (quoted(field.name), format!("[{}]", quoted(field.name)))
        };
        let mut guards = path.guards.clone();
        if !field.is_required {
            guards.push(format!("{} has {name}", path.text));
        }
        let mut names = path.names.clone().filter(|_| is_word);
        if let Some(names) = &mut names {
            names.push(field.name);
        }
        let (text, start) = (format!("{}{last}", path.text), path.start.clone());
        Path { text, kind: field.kind.clone(), guards, start, names }
    };
    fields.iter().map(step).collect()
}
