//! Pages of lists: a cursor that only the service reads, and how many.

use crate::problem::{Problem, ProblemKind};
use gongdao_model::Instant;
use gongdao_service::QueuePlace;
use gongdao_service::port::Cursor;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const MOST: u32 = 1000;
const USUAL: u32 = 100;

/// Which part of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// `next` of the page before
    pub(crate) cursor: Option<String>,
    /// How many at most
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub(crate) limit: Option<u32>,
}

/// A page, and where the next begins
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// In their order
    pub(crate) items: Vec<T>,
    /// The `cursor` of the next page; none where this is the last
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

impl Part {
    /// How many.
    pub(crate) fn limit(&self) -> Result<u32, Problem> {
        let limit = self.limit.unwrap_or(USUAL);
        if (1..=MOST).contains(&limit) {
            return Ok(limit);
        }
        Err(Problem::new(ProblemKind::Malformed, format!("a page of {limit}"), format!("ask for 1 to {MOST}")))
    }

    /// A cursor that is a number.
    pub(crate) fn before(&self) -> Result<Option<u64>, Problem> {
        self.cursor.as_deref().map(|cursor| cursor.parse().map_err(|_| unknown(cursor))).transpose()
    }

    /// A cursor that is a decision.
    pub(crate) fn after_decision(&self) -> Result<Option<Cursor>, Problem> {
        let read = |cursor: &str| {
            let (millis, id) = cursor.split_once('~')?;
            let at = Instant::from_millis(millis.parse().ok()?).ok()?;
            Some(Cursor { at, id: id.to_owned() })
        };
        self.cursor.as_deref().map(|cursor| read(cursor).ok_or_else(|| unknown(cursor))).transpose()
    }
}

impl Part {
    /// A cursor that is a place in the desk's queue.
    pub(crate) fn after_place(&self) -> Result<Option<QueuePlace>, Problem> {
        self.cursor.as_deref().map(|cursor| cursor.parse().map_err(|_| unknown(cursor))).transpose()
    }
}

/// The cursor of what follows a decision.
pub(crate) fn after_decision(at: Instant, id: &str) -> String {
    format!("{}~{id}", at.millis())
}

impl<T> Page<T> {
    /// A full page has a next one, which may be empty.
    pub(crate) fn new(items: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Self {
        let is_full = u32::try_from(items.len()).is_ok_and(|count| count >= limit);
        let next = items.last().filter(|_| is_full).map(cursor);
        Self { items, next }
    }
}

fn unknown(cursor: &str) -> Problem {
    let shown: String = cursor.chars().take(40).collect();
    Problem::new(
        ProblemKind::Malformed,
        format!("`{shown}` is no cursor of this list"),
        "send `next` of the page before",
    )
}
