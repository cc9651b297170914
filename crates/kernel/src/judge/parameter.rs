use crate::bits::Bits;
use crate::evaluate::{Column, Longs};
use crate::rules::CompiledRules;
use crate::scope::{Finder, Scopes};

/// A number set by law: what the batch gives, else what the packs say for the decision's day and place.
pub(crate) fn column(
    rules: &CompiledRules,
    slot: usize,
    given: Option<Column>,
    scopes: &Scopes,
    finder: &Finder,
) -> Option<Column> {
    let path = &rules.program.slots.get(slot)?.path;
    let rows = scopes.of_row.len();
    let of_law = |law: &usize| finder.law(*law).and_then(|law| law.parameters.get(path)).copied();
    let by_group: Vec<Option<i64>> = scopes.groups.iter().map(|(law, _)| of_law(law)).collect();
    if by_group.iter().all(Option::is_none) {
        return given;
    }
    let mut known = Bits::none(rows);
    for ((_, members), _) in scopes.groups.iter().zip(&by_group).filter(|(_, value)| value.is_some()) {
        known.include(members);
    }
    let of_group = |number: &u32| by_group.get(*number as usize).copied().flatten().unwrap_or(0);
    let mut numbers: Vec<i64> = scopes.of_row.iter().map(of_group).collect();
    if let Some(Column::Long(given)) = given {
        for row in given.known.iter() {
            if let (Some(number), Some(own)) = (numbers.get_mut(row), given.numbers.get(row)) {
                *number = *own;
            }
        }
        known.include(&given.known);
    }
    Some(Column::Long(Longs { numbers, known }))
}
