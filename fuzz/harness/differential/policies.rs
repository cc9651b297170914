//! Policies with every form of scope.

use super::Draw;
use super::expression::Expressions;
use super::schema::{GROUPS, Schema};
use super::values::draw_uid;
use std::fmt::Write;

/// One policy. `forbids` of eight are prohibitions.
pub(crate) fn policy(draw: &mut Draw<'_>, schema: &Schema, forbids: usize, is_loose: bool) -> String {
    let action = &schema.actions[draw.below(schema.actions.len())];
    let of = [draw.pick(&action.principals), draw.pick(&action.resources)];
    let mut guards = Vec::new();
    let mut who = |draw: &mut Draw<'_>, name: &str, kind: usize| {
        let above = &schema.kinds[kind].above;
        let above = if above.is_empty() { kind } else { draw.pick(above) };
        let (own, above) = (draw_uid(draw, schema, kind).text(), draw_uid(draw, schema, above).text());
        let is = format!("{name} is {}", schema.kind(kind));
        match draw.below(12) {
            0..=3 => guards.push(is),
            4 => {
                guards.push(is);
                return format!("{name} in {above}");
            }
            5 => return format!("{name} == {own}"),
            6 => return format!("{is} in {above}"),
            _ => return is,
        }
        name.to_owned()
    };
    let (principal, resource) = (who(draw, "principal", of[0]), who(draw, "resource", of[1]));
    let is_action = format!("action == {}", schema.action(action.name));
    let what = match draw.below(5) {
        0 => "action".to_owned(),
        1 => format!("action in {}", schema.action(draw.pick(&GROUPS))),
        2 => {
            let other = schema.actions[draw.below(schema.actions.len())].name;
            format!("action in [{}, {}]", schema.action(other), schema.action(action.name))
        }
        _ => is_action.clone(),
    };
    if what != is_action {
        guards.push(is_action);
    }
    let expressions = Expressions::new(draw, schema, action, of, is_loose);
    let effect = if draw.below(8) < forbids { "forbid" } else { "permit" };
    let mut text = format!("{effect} ({principal}, {what}, {resource})");
    for _ in 0..draw.pick(&[0, 1, 1, 1, 2]) {
        let clause = draw.pick(&["when", "when", "unless"]);
        let condition = expressions.condition(draw);
        // The types of other requests are others: there the condition is not looked at.
        let guarded: Vec<&str> = guards.iter().map(String::as_str).chain([condition.as_str()]).collect();
        let _ = write!(text, "\n{clause} {{ {} }}", guarded.join(" && "));
    }
    text.push(';');
    text
}
