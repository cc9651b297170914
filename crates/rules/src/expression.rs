use crate::tree::{self, Leaves, Tree};
use cedar_policy::pst::Expr;
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
