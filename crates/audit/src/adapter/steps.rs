//! Views and derived facts, in the order in which the file has them.

use super::raw::{RawDerived, RawView};
use super::read::{Reader, line_of};
use super::{DerivedUse, NamedSql, Step};
use std::collections::BTreeSet;

impl Reader<'_> {
    pub(super) fn steps(
        &mut self,
        views: Vec<RawView>,
        derived: Vec<RawDerived>,
        names: &mut BTreeSet<String>,
    ) -> Vec<Step> {
        let mut steps: Vec<(usize, Step)> = Vec::new();
        for view in views {
            let place = view.name.span().start;
            self.sql_name(&view.name, names);
            steps.push((place, Step::View(NamedSql { sql: self.sql(&view.sql), name: view.name.into_inner() })));
        }
        for derived in derived {
            let place = derived.name.span().start;
            self.word(&derived.name);
            self.sql_name(&derived.view, names);
            let line = line_of(self.text, place);
            steps.push((
                place,
                Step::Derived(DerivedUse {
                    name: derived.name.into_inner(),
                    view: derived.view.into_inner(),
                    from: derived.from,
                    parameters: derived.parameters,
                    line,
                }),
            ));
        }
        steps.sort_by_key(|(place, _)| *place);
        steps.into_iter().map(|(_, step)| step).collect()
    }
}
