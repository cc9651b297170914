use super::{NewEntry, Recorded};
use crate::ServiceError;
use gongdao_model::Instant;
use std::collections::BTreeSet;

/// A case as the database has it: what it is found and counted by, and all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself in a query")]
pub struct CaseLine {
    /// Its name.
    pub id: String,
    /// For whom.
    pub person: String,
    /// What is asked for, in one word.
    pub kind: String,
    /// Where it stands, in one word.
    pub stage: String,
    /// Whether somebody of the operator has to do something.
    pub waits: bool,
    /// From when on its stage is counted; nothing where it is closed.
    pub since: Option<Instant>,
    /// Whether a pause or an extension moved the clock, so that its end is this case's own. When any other ends follows from stage
    /// and `since`, and is not kept.
    pub moved: bool,
    /// When a clock that was moved is due; nothing where nobody published a limit, and for all others.
    pub moved_to: Option<Instant>,
    /// Whether this stage was escalated.
    pub escalated: bool,
    /// When it came in.
    pub opened_at: Instant,
    /// The filing for many that it is a part of.
    pub filing: Option<String>,
    /// The decision that it is about.
    pub decision: Option<String>,
    /// Whether a penalty waits for it.
    pub suspends: bool,
    /// What came of it, in one word.
    pub outcome: Option<String>,
    /// The article of a refusal.
    pub article: Option<String>,
    /// Whether a review changed something; nothing without a review.
    pub changed: Option<bool>,
    /// How many seconds the review took.
    pub seconds: Option<u64>,
    /// Events so far: the version.
    pub events: u32,
    /// What systems have to do for it; empty where it is read.
    pub tasks: Vec<TaskLine>,
    /// JSON.
    pub body: String,
}

/// A task as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskLine {
    /// The case's name and the system's, with a full stop between them.
    pub id: String,
    /// The case.
    pub case: String,
    /// For whom.
    pub person: String,
    /// What is asked for, in one word.
    pub kind: String,
    /// Which system.
    pub system: String,
    /// How it learns of it, in one word.
    pub way: String,
    /// How it stands, in one word.
    pub state: String,
    /// Since when.
    pub since: Instant,
    /// Events of the case: the version.
    pub events: u32,
}

/// When a clock that was moved is due, by the version of its case: one that changed meanwhile is not touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The case.
    pub id: String,
    /// Its version.
    pub events: u32,
    /// From when on that is counted.
    pub since: Option<Instant>,
    /// Whether a pause or an extension moved the clock.
    pub moved: bool,
    /// When; nothing where nobody published a limit.
    pub moved_to: Option<Instant>,
}

/// Which tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskQuery {
    /// How they stand.
    pub state: Option<String>,
    /// Of these systems; of all where nothing stands.
    pub systems: Option<BTreeSet<String>>,
}

/// A mandate as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MandateLine {
    /// Its name.
    pub id: String,
    /// Who is acted for.
    pub person: String,
    /// Who acts.
    pub representative: String,
    /// How it stands, in one word.
    pub state: String,
    /// Events so far: the version.
    pub events: u32,
    /// JSON.
    pub body: String,
}

/// Which clocks: those of one stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClockQuery {
    /// The stage, in one word.
    pub stage: String,
    /// Of cases of a kind.
    pub kind: Option<String>,
    /// Only those whose stage was not escalated.
    pub not_escalated: bool,
}

/// A clock, without its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockLine {
    /// The case.
    pub case: String,
    /// From when on its stage is counted.
    pub since: Instant,
    /// When a clock that was moved is due.
    pub moved_to: Option<Instant>,
}

/// Cases that are counted together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseCount {
    /// What is asked for.
    pub kind: String,
    /// Where they stand.
    pub stage: String,
    /// What came of them.
    pub outcome: Option<String>,
    /// The article of a refusal.
    pub article: Option<String>,
    /// Whether a review changed something.
    pub changed: Option<bool>,
    /// How many.
    pub count: u64,
    /// Seconds of their reviews, together.
    pub seconds: u64,
}

/// Cases and mandates: made again from the journal, and changed in one step with it.
pub trait Desk: Send + Sync {
    /// Put lines and entries, or none of them; a line that is older than what is there changes nothing. An entry that is another's rolls everything back: of two who act on a case at
    /// once the second finds the first's entry.
    fn change_desk(
        &self,
        node: &str,
        cases: &[CaseLine],
        mandates: &[MandateLine],
        entries: &[NewEntry],
    ) -> Result<Vec<Recorded>, ServiceError>;
    /// A case by its name.
    fn case(&self, id: &str) -> Result<Option<CaseLine>, ServiceError>;
    /// Cases by their names, in no order; without those that there are not.
    fn cases(&self, ids: &[&str]) -> Result<Vec<CaseLine>, ServiceError>;
    /// Clocks that nothing moved, in the order in which they began and then of the cases' names: those after a beginning, in
    /// milliseconds since 1970, and a name, that began before `until`.
    fn begun_clocks(
        &self,
        query: &ClockQuery,
        after: (i64, &str),
        until: i64,
        limit: u32,
    ) -> Result<Vec<ClockLine>, ServiceError>;
    /// Clocks that were moved, in the order in which they are due, began, and of the cases' names; those without a date last, as
    /// if due at `i64::MAX`: those after a due date and a beginning, in milliseconds since 1970, and a name, that are due
    /// before `until` where one is named.
    fn moved_clocks(
        &self,
        query: &ClockQuery,
        after: (i64, i64, &str),
        until: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ClockLine>, ServiceError>;
    /// Cases that are not closed and whose end is counted for each alone, in the order of their names, after one.
    fn moved_cases(&self, after: Option<&str>, limit: u32) -> Result<Vec<CaseLine>, ServiceError>;
    /// Cases of a person, newest first, after a moment and a name.
    fn cases_of(
        &self,
        person: &str,
        after: Option<(Instant, String)>,
        limit: u32,
    ) -> Result<Vec<CaseLine>, ServiceError>;
    /// Cases of a filing, in the order of their names, after one.
    fn cases_of_filing(&self, filing: &str, after: Option<&str>, limit: u32) -> Result<Vec<CaseLine>, ServiceError>;
    /// Cases about a decision for which a penalty waits.
    fn suspending(&self, decision: &str) -> Result<Vec<CaseLine>, ServiceError>;
    /// All cases, counted.
    fn count_cases(&self) -> Result<Vec<CaseCount>, ServiceError>;
    /// Set when clocks that were moved are due, all in one step.
    fn set_dues(&self, dues: &[Due]) -> Result<(), ServiceError>;
    /// Tasks in the order of their names, after one.
    fn tasks(&self, query: &TaskQuery, after: Option<&str>, limit: u32) -> Result<Vec<TaskLine>, ServiceError>;
    /// A mandate by its name.
    fn mandate(&self, id: &str) -> Result<Option<MandateLine>, ServiceError>;
    /// Mandates for a person; of one representative where one is named.
    fn mandates_for(&self, person: &str, representative: Option<&str>) -> Result<Vec<MandateLine>, ServiceError>;
    /// Mandates of a representative, in the order of their names, after one.
    fn mandates_of(
        &self,
        representative: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<MandateLine>, ServiceError>;
    /// Take cases, their tasks and mandates of a person away.
    fn forget_desk_of(&self, person: &str) -> Result<u64, ServiceError>;
}
