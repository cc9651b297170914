//! A condition of a rule as the official evaluator runs it.

use cedar_policy::pst::{Clause, Expr};
use cedar_policy::{Expression, Policy};
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

/// Made when it is first asked for: that takes longer than to read the rule, and who judges by columns never asks.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    tree: Arc<Expr>,
    made: OnceLock<Option<Expression>>,
}

impl Condition {
    pub(crate) fn new(tree: &Arc<Expr>) -> Self {
        Self { tree: Arc::clone(tree), made: OnceLock::new() }
    }

    /// What the evaluator runs: the tree, printed and read again. Nothing where what is read is not the tree; `check` refuses such
    /// a rule, and nothing is judged by it.
    pub(crate) fn expression(&self) -> Option<&Expression> {
        self.made.get_or_init(|| self.make()).as_ref()
    }

    /// As it is printed.
    pub(crate) fn printed(&self) -> String {
        self.tree.to_string()
    }

    fn make(&self) -> Option<Expression> {
        let printed = self.printed();
        let text = format!("permit (principal, action, resource) when {{ {printed} }};");
        let again = Policy::parse(None, text).ok()?.to_pst().ok()?;
        match again.body().clauses().as_slice() {
            [Clause::When(read)] if read.as_ref() == self.tree.as_ref() => Expression::from_str(&printed).ok(),
            _ => None,
        }
    }
}
