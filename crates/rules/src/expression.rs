use crate::nesting;
use crate::tree::{self, Leaves, Tree};
use cedar_policy::Policy;
use cedar_policy::pst::{Clause, Expr};
use gongdao_model::FactPath;
use std::collections::BTreeSet;

/// The tree of a rule's condition, and the facts that it refers to. An expression of a kind that is not understood is
/// refused in words, never skipped: a kind that is skipped could hide a fact.
pub(crate) fn read(expr: &Expr, facts: &mut BTreeSet<FactPath>) -> Result<Tree, String> {
    let tree = tree::read(expr, Leaves::Facts)?;
    tree.visit(&mut |node| {
        if let Tree::Fact(path) = node {
            facts.insert(path.clone());
        }
    });
    Ok(tree)
}

/// The tree of a condition that stands alone, as `when` of a duty does; `check` validates it against the vocabulary.
///
/// Errors: it is no condition, or of a kind that rules do not use; in words.
pub fn condition(text: &str) -> Result<Tree, String> {
    nesting::of_policy(text)?;
    let policy = Policy::parse(None, format!("permit (principal, action, resource) when {{ {text} }};"));
    let whole = policy.map_err(|error| error.to_string())?.to_pst().map_err(|error| error.to_string())?;
    match whole.body().clauses().as_slice() {
        [Clause::When(expr)] => tree::read(expr, Leaves::Facts),
        _ => Err(format!("`{text}` is not one condition")),
    }
}
