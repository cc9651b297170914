//! Rules as Rego text.

use gongdao_model::{Entity, FactPath};
use gongdao_rules::{Arithmetic, Constant, RuleKind, RuleSet, RuleVersion, Tree};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Rules of one action being written.
struct Package<'a> {
    numbers: &'a BTreeMap<FactPath, i64>,
    text: String,
    next: usize,
}

/// The package of an action, with the versions in force, as Rego.
pub(super) fn package(
    rules: &RuleSet,
    action: &str,
    versions: &[usize],
    numbers: &BTreeMap<FactPath, i64>,
) -> Result<String, String> {
    let mut package = Package { numbers, text: format!("package {}\n\n", name_of(action)), next: 0 };
    let versions: Vec<&RuleVersion> = versions.iter().filter_map(|index| rules.versions.get(*index)).collect();
    for version in &versions {
        package.version(version, &versions)?;
    }
    Ok(package.text)
}

pub(super) fn name_of(action: &str) -> String {
    action.replace('-', "_")
}

impl Package<'_> {
    fn version(&mut self, version: &RuleVersion, all: &[&RuleVersion]) -> Result<(), String> {
        if matches!(version.kind, RuleKind::Basis { .. }) {
            return Ok(());
        }
        let mut body = self.holds(version)?;
        if let RuleKind::Demand { basis } = &version.kind {
            let meets = |other: &&&RuleVersion| {
                matches!(&other.kind, RuleKind::Basis { basis: of } if of == basis)
                    && (other.key.reading.is_none() || other.key.reading == version.key.reading)
            };
            for base in all.iter().filter(meets) {
                let holds = self.holds(base)?;
                let name = self.rule(&[holds]);
                let _ = write!(body, "; not {name}");
            }
        }
        let _ = writeln!(self.text, "violated contains {} if {{ {body} }}", quoted(&version.key.to_string()));
        Ok(())
    }

    /// `when` holds and `unless` does not.
    fn holds(&mut self, version: &RuleVersion) -> Result<String, String> {
        let mut body = version.when.as_ref().map_or(Ok("true".to_owned()), |when| self.condition(when))?;
        if let Some(unless) = &version.unless {
            let unless = self.condition(unless)?;
            let name = self.rule(&[unless]);
            let _ = write!(body, "; not {name}");
        }
        Ok(body)
    }

    /// A rule that is true if one of the bodies is; its name.
    fn rule(&mut self, bodies: &[String]) -> String {
        self.next += 1;
        let name = format!("r{}", self.next);
        for body in bodies {
            let _ = writeln!(self.text, "{name} if {{ {body} }}");
        }
        name
    }

    fn condition(&mut self, tree: &Tree) -> Result<String, String> {
        Ok(match tree {
            Tree::And(a, b) => format!("{}; {}", self.condition(a)?, self.condition(b)?),
            Tree::Or(a, b) => {
                let bodies = [self.condition(a)?, self.condition(b)?];
                self.rule(&bodies)
            }
            Tree::Not(a) => {
                let body = self.condition(a)?;
                format!("not {}", self.rule(&[body]))
            }
            Tree::Equal(a, b) => format!("{} == {}", self.value(a)?, self.value(b)?),
            Tree::Less(a, b) => format!("{} < {}", self.value(a)?, self.value(b)?),
            Tree::LessOrEqual(a, b) => format!("{} <= {}", self.value(a)?, self.value(b)?),
            Tree::Contains(a, b) => format!("{} in {}", self.value(b)?, self.value(a)?),
            Tree::ContainsAll(a, b) => {
                let word = self.word();
                format!("every {word} in {} {{ {word} in {} }}", self.value(b)?, self.value(a)?)
            }
            Tree::ContainsAny(a, b) => {
                let word = self.word();
                let body = format!("some {word} in {}; {word} in {}", self.value(b)?, self.value(a)?);
                self.rule(&[body])
            }
            Tree::Fact(_) | Tree::Constant(_) => self.value(tree)?,
            other => return Err(format!("no Rego for {other:?}")),
        })
    }

    fn two(&mut self, op: &str, a: &Tree, b: &Tree) -> Result<String, String> {
        Ok(format!("({} {op} {})", self.value(a)?, self.value(b)?))
    }

    fn word(&mut self) -> String {
        self.next += 1;
        format!("w{}", self.next)
    }

    fn value(&mut self, tree: &Tree) -> Result<String, String> {
        match tree {
            Tree::Constant(Constant::Bool(value)) => Ok(value.to_string()),
            Tree::Constant(Constant::Long(value)) => Ok(value.to_string()),
            Tree::Constant(Constant::Text(value)) => Ok(quoted(value)),
            Tree::Fact(path) if path.entity() == Entity::Parameter => {
                let number = self.numbers.get(path).ok_or_else(|| format!("no pack gives `{path}` a value"))?;
                Ok(number.to_string())
            }
            Tree::Fact(path) => Ok(format!("input.{path}")),
            Tree::Arithmetic(Arithmetic::Add, a, b) => self.two("+", a, b),
            Tree::Arithmetic(Arithmetic::Subtract, a, b) => self.two("-", a, b),
            Tree::Arithmetic(Arithmetic::Multiply, a, b) => self.two("*", a, b),
            Tree::Set(elements) => {
                let elements: Result<Vec<String>, String> = elements.iter().map(|one| self.value(one)).collect();
                Ok(format!("{{{}}}", elements?.join(", ")))
            }
            other => {
                let body = self.condition(other)?;
                let name = self.rule(&[body]);
                let _ = writeln!(self.text, "default {name} := false");
                Ok(name)
            }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
