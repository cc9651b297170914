//! Fulfilment in a platform's own databases: a declared map says which tables hold data of persons, and what is seen, corrected and
//! deleted by it is done by statements made from the map.
//!
//! In: a map (docs/datamap.md), a person, what is asked. Out: rows, counts, or an error that says what to do. One transaction a
//! database: all of it, or nothing. Contains no law and no decision whether a request is granted: that is the rights desk's.

mod act;
mod database;
mod error;
mod map;
mod mysql;
mod postgres;
mod sqlite;
mod statement;

pub use act::{
    Change, Checked, Corrected, Deleted, Finding, Row, Seen, SeenTable, TableCount, check, correct, delete, see,
};
pub use error::{ErrorKind, MapError};
pub use map::{Blank, Column, DataMap, OnDelete, Table, Through};
