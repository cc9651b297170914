//! From the rule language's public syntax tree to [`Tree`].

use super::{Arithmetic, Constant, Extension, Function, PatternPart, Tree, Variable};
use cedar_policy::pst::{
    ActionConstraint, BinaryOp, Clause, Effect, EntityOrSlot, EntityUID, Expr, Literal, PatternElem,
    PrincipalConstraint, ResourceConstraint, Template, UnaryOp, Var,
};
use cedar_policy::{Policy, PolicySet};
use gongdao_model::{Entity, FactPath};
use std::str::FromStr;

/// What an attribute of a request stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaves {
    /// Facts of the vocabulary: `principal.x`, `resource.x`, `context.x`, `context.parameters.x`, and nothing else.
    Facts,
    /// Any attribute of any value.
    Attributes,
}

/// The tree of an expression. A kind of expression that is not understood is refused in words, never skipped.
pub(crate) fn read(expr: &Expr, leaves: Leaves) -> Result<Tree, String> {
    Reader { leaves }.tree(expr)
}

struct Reader {
    leaves: Leaves,
}

type Read = Result<Tree, String>;

impl Reader {
    fn tree(&self, expr: &Expr) -> Read {
        let one = |expr: &Expr| self.tree(expr).map(Box::new);
        if self.leaves == Leaves::Facts && !is_of_rules(expr) {
            return Err(match expr {
                Expr::HasAttr { .. } => format!("`{expr}` uses `has`, which turns a missing fact into a decided one"),
                _ => unknown(expr),
            });
        }
        Ok(match expr {
            Expr::Literal(literal) => Tree::Constant(constant(literal)?),
            Expr::Var(variable) => Tree::Variable(match variable {
                Var::Principal => Variable::Principal,
                Var::Action => Variable::Action,
                Var::Resource => Variable::Resource,
                Var::Context => Variable::Context,
            }),
            Expr::UnaryOp { op, expr } => self.unary(*op, expr)?,
            Expr::BinaryOp { op, left, right } => self.binary(*op, left, right)?,
            Expr::GetAttr { expr: of, attr } => self.attribute(of, attr, expr)?,
            Expr::HasAttr { expr, attrs } => Tree::Has(one(expr)?, attrs.iter().map(ToString::to_string).collect()),
            Expr::Like { expr, pattern } => {
                let part = |element: &PatternElem| match element {
                    PatternElem::Char(char) => PatternPart::Char(*char),
                    PatternElem::Wildcard => PatternPart::Any,
                };
                Tree::Like(one(expr)?, pattern.iter().map(part).collect())
            }
            Expr::Is { expr, entity_type, in_expr } => {
                let of = self.tree(expr)?;
                let is = Tree::Is(Box::new(of.clone()), entity_type.to_string());
                match in_expr {
                    Some(above) => Tree::And(Box::new(is), Box::new(Tree::In(Box::new(of), one(above)?))),
                    None => is,
                }
            }
            Expr::IfThenElse { cond, then_expr, else_expr } => Tree::If(one(cond)?, one(then_expr)?, one(else_expr)?),
            Expr::Set(elements) => {
                Tree::Set(elements.iter().map(|element| self.tree(element)).collect::<Result<_, _>>()?)
            }
            Expr::Record(fields) => {
                let field = |(name, value): (&String, &std::sync::Arc<Expr>)| Ok((name.clone(), self.tree(value)?));
                Tree::Record(fields.iter().map(field).collect::<Result<_, String>>()?)
            }
            _ => return Err(unknown(expr)),
        })
    }

    fn attribute(&self, of: &Expr, name: &str, expr: &Expr) -> Read {
        if self.leaves == Leaves::Attributes {
            return Ok(Tree::Attribute(Box::new(self.tree(of)?), name.to_owned()));
        }
        let entity = match of {
            Expr::Var(Var::Principal) => Entity::Algorithm,
            Expr::Var(Var::Resource) => Entity::Person,
            Expr::Var(Var::Context) if name != "parameters" => Entity::Decision,
            Expr::GetAttr { expr, attr }
                if matches!(expr.as_ref(), Expr::Var(Var::Context)) && attr == "parameters" =>
            {
                Entity::Parameter
            }
            _ => return Err(format!("`{expr}` is not a fact")),
        };
        FactPath::new(entity, name).map(Tree::Fact).map_err(|error| error.message)
    }

    fn unary(&self, op: UnaryOp, operand: &Expr) -> Read {
        let of = Box::new(self.tree(operand)?);
        let function = match op {
            UnaryOp::Not => return Ok(Tree::Not(of)),
            UnaryOp::Neg => return Ok(Tree::Negate(of)),
            UnaryOp::IsEmpty => return Ok(Tree::IsEmpty(of)),
            UnaryOp::Datetime => Function::Datetime,
            UnaryOp::Decimal => Function::Decimal,
            UnaryOp::Duration => Function::Duration,
            UnaryOp::Ip => Function::Ip,
            UnaryOp::IsIPv4 => Function::IsIpv4,
            UnaryOp::IsIPV6 => Function::IsIpv6,
            UnaryOp::IsLoopback => Function::IsLoopback,
            UnaryOp::IsMulticast => Function::IsMulticast,
            UnaryOp::ToDate => Function::ToDate,
            UnaryOp::ToTime => Function::ToTime,
            UnaryOp::ToMilliseconds => Function::ToMilliseconds,
            UnaryOp::ToSeconds => Function::ToSeconds,
            UnaryOp::ToMinutes => Function::ToMinutes,
            UnaryOp::ToHours => Function::ToHours,
            UnaryOp::ToDays => Function::ToDays,
            _ => return Err(format!("`{op}` is an operator that rules do not use")),
        };
        Ok(call(function, vec![*of]))
    }

    fn binary(&self, op: BinaryOp, left: &Expr, right: &Expr) -> Read {
        let (a, b) = (Box::new(self.tree(left)?), Box::new(self.tree(right)?));
        let not = |tree: Tree| Tree::Not(Box::new(tree));
        Ok(match op {
            BinaryOp::Eq => Tree::Equal(a, b),
            BinaryOp::NotEq => not(Tree::Equal(a, b)),
            BinaryOp::Less => Tree::Less(a, b),
            BinaryOp::LessEq => Tree::LessOrEqual(a, b),
            BinaryOp::Greater => not(Tree::LessOrEqual(a, b)),
            BinaryOp::GreaterEq => not(Tree::Less(a, b)),
            BinaryOp::And => Tree::And(a, b),
            BinaryOp::Or => Tree::Or(a, b),
            BinaryOp::Add => Tree::Arithmetic(Arithmetic::Add, a, b),
            BinaryOp::Sub => Tree::Arithmetic(Arithmetic::Subtract, a, b),
            BinaryOp::Mul => Tree::Arithmetic(Arithmetic::Multiply, a, b),
            BinaryOp::Contains => Tree::Contains(a, b),
            BinaryOp::ContainsAll => Tree::ContainsAll(a, b),
            BinaryOp::ContainsAny => Tree::ContainsAny(a, b),
            BinaryOp::In => Tree::In(a, b),
            BinaryOp::GetTag => Tree::Tag(a, b),
            BinaryOp::HasTag => Tree::HasTag(a, b),
            BinaryOp::IsInRange => call(Function::IsInRange, vec![*a, *b]),
            BinaryOp::Offset => call(Function::Offset, vec![*a, *b]),
            BinaryOp::DurationSince => call(Function::DurationSince, vec![*a, *b]),
            BinaryOp::DecimalLessThan => call(Function::DecimalLess, vec![*a, *b]),
            BinaryOp::DecimalLessEq => call(Function::DecimalLessOrEqual, vec![*a, *b]),
            BinaryOp::DecimalGreater => call(Function::DecimalGreater, vec![*a, *b]),
            BinaryOp::DecimalGreaterEq => call(Function::DecimalGreaterOrEqual, vec![*a, *b]),
            _ => return Err(format!("`{op}` is an operator that rules do not use")),
        })
    }
}

/// A constructor with a literal text is a value at once; one that is refused at every evaluation stays a call.
fn call(function: Function, operands: Vec<Tree>) -> Tree {
    let value = match operands.as_slice() {
        [Tree::Constant(Constant::Text(text))] => match function {
            Function::Decimal => Extension::decimal(text),
            Function::Datetime => Extension::datetime(text),
            Function::Duration => Extension::duration(text),
            Function::Ip => Extension::ip(text),
            _ => None,
        },
        _ => None,
    };
    value.map_or(Tree::Call(function, operands), |value| Tree::Constant(Constant::Extension(value)))
}

/// What rules are made of: facts, literals, and operators on them.
fn is_of_rules(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(literal) => matches!(literal, Literal::Bool(_) | Literal::Long(_) | Literal::String(_)),
        Expr::UnaryOp { op, .. } => matches!(op, UnaryOp::Not | UnaryOp::Neg | UnaryOp::IsEmpty),
        Expr::BinaryOp { op, .. } => matches!(
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
        ),
        Expr::GetAttr { .. } | Expr::Like { .. } | Expr::IfThenElse { .. } | Expr::Set(_) => true,
        _ => false,
    }
}

fn constant(literal: &Literal) -> Result<Constant, String> {
    Ok(match literal {
        Literal::Bool(value) => Constant::Bool(*value),
        Literal::Long(value) => Constant::Long(*value),
        Literal::String(value) => Constant::Text(value.to_string()),
        Literal::EntityUID(uid) => entity(uid),
        other => return Err(format!("`{other:?}` is a literal that rules do not use")),
    })
}

fn entity(uid: &EntityUID) -> Constant {
    Constant::Entity { kind: uid.ty.to_string(), id: uid.eid.to_string() }
}

fn unknown(expr: &Expr) -> String {
    format!("`{expr}` is of a kind that rules do not use")
}

/// A policy as one condition: its scope, every `when`, and no `unless`.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyCondition {
    /// The policy's identifier.
    pub id: String,
    /// Whether it is a `permit`.
    pub is_permit: bool,
    /// True where the policy is satisfied; an error where it errs.
    pub condition: Result<Tree, String>,
}

/// The conditions of any policies of the rule language, not only of rules: for comparison with other evaluators.
///
/// Errors: the text is no set of policies. A policy that cannot be compiled says why in its own condition.
pub fn policy_conditions(text: &str) -> Result<Vec<PolicyCondition>, String> {
    let set = PolicySet::from_str(text).map_err(|error| error.to_string())?;
    Ok(set.policies().map(policy_condition).collect())
}

fn policy_condition(policy: &Policy) -> PolicyCondition {
    let tree = policy.to_pst().map_err(|error| error.to_string());
    let condition = tree.and_then(|tree| whole(tree.body()));
    PolicyCondition {
        id: policy.id().to_string(),
        is_permit: policy.effect() == cedar_policy::Effect::Permit,
        condition,
    }
}

fn whole(body: &Template) -> Read {
    debug_assert!(matches!(body.effect, Effect::Permit | Effect::Forbid));
    let reader = Reader { leaves: Leaves::Attributes };
    let mut parts: Vec<Tree> = Vec::new();
    parts.extend(principal(&body.principal)?);
    parts.extend(action(&body.action));
    parts.extend(resource(&body.resource)?);
    for clause in body.clauses() {
        parts.push(match clause {
            Clause::When(expr) => reader.tree(expr)?,
            Clause::Unless(expr) => Tree::Not(Box::new(reader.tree(expr)?)),
        });
    }
    let all = parts.into_iter().reduce(|a, b| Tree::And(Box::new(a), Box::new(b)));
    Ok(all.unwrap_or(Tree::Constant(Constant::Bool(true))))
}

fn fixed(of: &EntityOrSlot) -> Read {
    match of {
        EntityOrSlot::Entity(uid) => Ok(Tree::Constant(entity(uid))),
        EntityOrSlot::Slot(slot) => Err(format!("`{slot}` is a slot of a template")),
    }
}

fn is(variable: Variable, kind: &str) -> Tree {
    Tree::Is(Box::new(Tree::Variable(variable)), kind.to_owned())
}

fn equal(variable: Variable, of: &EntityOrSlot) -> Read {
    Ok(Tree::Equal(Box::new(Tree::Variable(variable)), Box::new(fixed(of)?)))
}

fn below(variable: Variable, of: &EntityOrSlot) -> Read {
    Ok(Tree::In(Box::new(Tree::Variable(variable)), Box::new(fixed(of)?)))
}

fn principal(scope: &PrincipalConstraint) -> Result<Vec<Tree>, String> {
    let who = Variable::Principal;
    Ok(match scope {
        PrincipalConstraint::Any => vec![],
        PrincipalConstraint::Eq(of) => vec![equal(who, of)?],
        PrincipalConstraint::In(of) => vec![below(who, of)?],
        PrincipalConstraint::Is(kind) => vec![is(who, &kind.to_string())],
        PrincipalConstraint::IsIn(kind, of) => vec![is(who, &kind.to_string()), below(who, of)?],
    })
}

fn resource(scope: &ResourceConstraint) -> Result<Vec<Tree>, String> {
    let whom = Variable::Resource;
    Ok(match scope {
        ResourceConstraint::Any => vec![],
        ResourceConstraint::Eq(of) => vec![equal(whom, of)?],
        ResourceConstraint::In(of) => vec![below(whom, of)?],
        ResourceConstraint::Is(kind) => vec![is(whom, &kind.to_string())],
        ResourceConstraint::IsIn(kind, of) => vec![is(whom, &kind.to_string()), below(whom, of)?],
    })
}

fn action(scope: &ActionConstraint) -> Vec<Tree> {
    let what = || Box::new(Tree::Variable(Variable::Action));
    match scope {
        ActionConstraint::Any => vec![],
        ActionConstraint::Eq(uid) => vec![Tree::Equal(what(), Box::new(Tree::Constant(entity(uid))))],
        ActionConstraint::In(uids) => {
            let above = Tree::Set(uids.iter().map(|uid| Tree::Constant(entity(uid))).collect());
            vec![Tree::In(what(), Box::new(above))]
        }
    }
}
