//! The columns that are judged: what a decision is, then one column a fact, named by its path.
//!
//! `at` is an instant: Int64 or Timestamp (any unit, UTC). `action` and `place` are text. Other columns of a decision are
//! carried for whoever reads the verdicts. A fact that has no column is missing in every decision; a null is missing.
//! `Bool` is a Boolean column, `Long` a 64-bit integer, `String` text or a dictionary of texts, `Set<String>` a list of
//! texts, a list of dictionary texts, or a dictionary of lists.

/// The source's identifier of the decision.
pub const DECISION: &str = "decision_id";
/// Its instant, milliseconds since the epoch where it is a number.
pub const AT: &str = "at";
/// What was done.
pub const ACTION: &str = "action";
/// Where, as a division code.
pub const PLACE: &str = "place";
/// Key of the algorithm.
pub const ALGORITHM: &str = "algorithm";
/// Key of the person.
pub const PERSON: &str = "person";
/// The file the decision stands in.
pub const FILE: &str = "_file";
/// Its 1-based row there.
pub const ROW: &str = "_row";
/// The columns that are not facts, in order.
pub const DECISION_COLUMNS: [&str; 8] = [DECISION, AT, ACTION, PLACE, ALGORITHM, PERSON, FILE, ROW];
