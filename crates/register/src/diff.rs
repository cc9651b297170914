//! What is different between two versions: lines of the text, and factors.

use crate::{DeclaredRule, Factor, Version};
use serde::Serialize;

/// What a line is in the difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineOp {
    /// In both.
    Same,
    /// Only in the older.
    Removed,
    /// Only in the newer.
    Added,
}

/// A line of the difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// In which text.
    pub op: LineOp,
    /// Its number in the older text, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<u32>,
    /// Its number in the newer text, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<u32>,
    /// What it says.
    pub text: String,
}

/// A factor that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactorChange {
    /// Its name.
    pub name: String,
    /// As it was; nothing where it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Factor>,
    /// As it is; nothing where it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Factor>,
}

/// What is different between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The older.
    pub old: String,
    /// The newer.
    pub new: String,
    /// Digest of the older.
    pub old_digest: String,
    /// Digest of the newer.
    pub new_digest: String,
    /// All lines of both texts, in their order.
    pub lines: Vec<Line>,
    /// Factors that are new, gone or otherwise.
    pub factors: Vec<FactorChange>,
    /// The rule that can be run, where it is not the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleChange>,
}

/// Two rules that differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleChange {
    /// As it was; nothing where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<RuleLine>,
    /// As it is; nothing where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<RuleLine>,
}

/// A rule in a line: the whole stands with its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleLine {
    /// Of all that it declares.
    pub digest: String,
    /// The expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// The digest of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

impl RuleLine {
    /// Of a rule.
    pub fn of(rule: &DeclaredRule) -> Self {
        Self {
            digest: rule.digest(),
            expression: rule.expression.clone(),
            model: rule.onnx.as_ref().map(|onnx| onnx.digest.clone()),
        }
    }
}

/// The difference from one version to another.
pub fn difference(old: &Version, new: &Version) -> Difference {
    Difference {
        old: old.id.clone(),
        new: new.id.clone(),
        old_digest: old.digest.clone(),
        new_digest: new.digest.clone(),
        lines: lines(&old.text, &new.text),
        factors: factors(&old.factors, &new.factors),
        rule: (old.rule != new.rule).then(|| RuleChange {
            old: old.rule.as_deref().map(RuleLine::of),
            new: new.rule.as_deref().map(RuleLine::of),
        }),
    }
}

fn factors(old: &[Factor], new: &[Factor]) -> Vec<FactorChange> {
    let of = |all: &[Factor], name: &str| all.iter().find(|factor| factor.name == name).cloned();
    let mut names: Vec<&str> = old.iter().chain(new).map(|factor| factor.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let change = |name: &str| FactorChange { name: name.to_owned(), old: of(old, name), new: of(new, name) };
    names.into_iter().map(change).filter(|change| change.old != change.new).collect()
}

/// A longest common run of lines stays, the rest is taken out or put in.
fn lines(old: &str, new: &str) -> Vec<Line> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let lengths = common(&old, &new);
    let length = |i: usize, j: usize| lengths.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
    let number = |index: usize| u32::try_from(index + 1).ok();
    let (mut i, mut j) = (0, 0);
    let mut found = Vec::with_capacity(old.len().max(new.len()));
    loop {
        match (old.get(i), new.get(j)) {
            (Some(one), Some(other)) if one == other => {
                found.push(Line { op: LineOp::Same, old: number(i), new: number(j), text: (*one).to_owned() });
                (i, j) = (i + 1, j + 1);
            }
            (Some(one), other) if other.is_none() || length(i + 1, j) >= length(i, j + 1) => {
                found.push(Line { op: LineOp::Removed, old: number(i), new: None, text: (*one).to_owned() });
                i += 1;
            }
            (_, Some(other)) => {
                found.push(Line { op: LineOp::Added, old: None, new: number(j), text: (*other).to_owned() });
                j += 1;
            }
            (_, None) => return found,
        }
    }
}

/// How many lines the rests of both texts have in common at most, by where the rests begin. At most 2,000 lines each
/// (the limit of a version), so some megabytes.
fn common(old: &[&str], new: &[&str]) -> Vec<Vec<u16>> {
    let mut rows = vec![vec![0_u16; new.len() + 1]; old.len() + 1];
    let mut below = vec![0_u16; new.len() + 1];
    for (row, one) in rows.iter_mut().zip(old).rev() {
        let mut right = 0_u16;
        for (j, other) in new.iter().enumerate().rev() {
            let (down, across) = (below.get(j).copied().unwrap_or(0), below.get(j + 1).copied().unwrap_or(0));
            right = if one == other { across.saturating_add(1) } else { down.max(right) };
            if let Some(cell) = row.get_mut(j) {
                *cell = right;
            }
        }
        below.clone_from(row);
    }
    rows
}
