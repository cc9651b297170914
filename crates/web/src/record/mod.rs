//! Everything about a person, for people and for programs: a page first, then tables. Each renders the one record, so what is
//! hidden in one is hidden in all.

mod csv;
mod flat;
mod page;

pub(crate) use csv::csv;
pub(crate) use page::page;
