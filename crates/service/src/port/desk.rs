use super::{NewEntry, Recorded};
use crate::ServiceError;
use gongdao_model::Instant;
use std::collections::BTreeSet;
use std::ops::Range;

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
    /// When the stage is due; nothing where nobody published a limit.
    pub due: Option<Instant>,
    /// From when on that is counted; nothing where it is closed.
    pub since: Option<Instant>,
    /// Whether a pause or an extension moved the clock, so that its end is this case's own.
    pub moved: bool,
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

/// When a case is due, by its version: one that changed meanwhile is not touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The case.
    pub id: String,
    /// Its version.
    pub events: u32,
    /// When; nothing where nobody published a limit.
    pub due: Option<Instant>,
    /// From when on that is counted.
    pub since: Option<Instant>,
    /// Whether a pause or an extension moved the clock.
    pub moved: bool,
}

/// When cases are due whose clocks began together and which nothing moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// Nobody published a limit.
    Never,
    /// All at one moment: a limit in days.
    At(Instant),
    /// So many milliseconds after each began: a limit in hours.
    After(i64),
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

/// Which cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseQuery {
    /// Of a kind.
    pub kind: Option<String>,
    /// At a stage.
    pub stage: Option<String>,
    /// Due before.
    pub due_before: Option<Instant>,
    /// Those that wait for the person too.
    pub with_persons: bool,
    /// Only those whose stage was not escalated.
    pub not_escalated: bool,
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
    /// Cases that wait, those due first in front, after a due date and a name.
    fn case_queue(
        &self,
        query: &CaseQuery,
        after: Option<(Option<Instant>, String)>,
        limit: u32,
    ) -> Result<Vec<CaseLine>, ServiceError>;
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
    /// Set when cases are due, all in one step.
    fn set_dues(&self, dues: &[Due]) -> Result<(), ServiceError>;
    /// The first moment, not before another, at which a clock of cases at the stage began that nothing moved.
    fn first_since(&self, stage: &str, from: Option<Instant>) -> Result<Option<Instant>, ServiceError>;
    /// Set when cases at the stage are due whose clocks began in a time, half-open, and which nothing moved, all in one step; only
    /// what changes is written.
    fn set_dues_since(&self, stage: &str, began: Range<Instant>, ends: Ends) -> Result<(), ServiceError>;
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
