use cedar_policy::pst::{BinaryOp, Expr, Literal, UnaryOp, Var};
use gongdao_model::{Entity, FactPath};
use std::collections::BTreeSet;

/// The facts that an expression refers to. An expression of a kind that is not understood is refused in words,
/// never skipped: a kind that is skipped could hide a fact.
pub(crate) fn facts(expr: &Expr, found: &mut BTreeSet<FactPath>) -> Result<(), String> {
    match expr {
        Expr::Literal(Literal::Bool(_) | Literal::Long(_) | Literal::String(_)) => Ok(()),
        Expr::GetAttr { expr: inner, attr } => attribute(inner, attr, found),
        Expr::UnaryOp { op: UnaryOp::Not | UnaryOp::Neg | UnaryOp::IsEmpty, expr } | Expr::Like { expr, .. } => {
            facts(expr, found)
        }
        Expr::BinaryOp { op, left, right } if is_plain(*op) => {
            facts(left, found)?;
            facts(right, found)
        }
        Expr::IfThenElse { cond, then_expr, else_expr } => {
            facts(cond, found)?;
            facts(then_expr, found)?;
            facts(else_expr, found)
        }
        Expr::Set(elements) => elements.iter().try_for_each(|element| facts(element, found)),
        Expr::HasAttr { .. } => Err(format!("`{expr}` uses `has`, which turns a missing fact into a decided one")),
        _ => Err(format!("`{expr}` is of a kind that rules do not use")),
    }
}

fn attribute(inner: &Expr, attr: &str, found: &mut BTreeSet<FactPath>) -> Result<(), String> {
    let entity = match inner {
        Expr::Var(Var::Principal) => Entity::Algorithm,
        Expr::Var(Var::Resource) => Entity::Person,
        Expr::Var(Var::Context) if attr != "parameters" => Entity::Decision,
        Expr::GetAttr { expr, attr: outer }
            if matches!(expr.as_ref(), Expr::Var(Var::Context)) && outer == "parameters" =>
        {
            Entity::Parameter
        }
        _ => return Err(format!("`{inner}.{attr}` is not a fact")),
    };
    found.insert(FactPath::new(entity, attr).map_err(|error| error.message)?);
    Ok(())
}

fn is_plain(op: BinaryOp) -> bool {
    matches!(
        op,
        BinaryOp::Eq
            | BinaryOp::NotEq
            | BinaryOp::Less
            | BinaryOp::LessEq
            | BinaryOp::Greater
            | BinaryOp::GreaterEq
            | BinaryOp::And
            | BinaryOp::Or
            | BinaryOp::Add
            | BinaryOp::Sub
            | BinaryOp::Mul
            | BinaryOp::Contains
            | BinaryOp::ContainsAll
            | BinaryOp::ContainsAny
    )
}
