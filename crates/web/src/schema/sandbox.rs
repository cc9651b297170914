//! Shapes of trials of `gongdao-register`.

use super::Anything;
use utoipa::ToSchema;

/// When a trial stops by itself
#[derive(ToSchema)]
pub(crate) struct StopCondition {
    /// `violated`: decisions that break a rule, of those that were judged; `contested`, `changed`: of all
    #[schema(example = "violated")]
    measure: String,
    /// From this share on, in percent
    #[schema(minimum = 1, maximum = 100)]
    percent: u32,
    /// Decisions that there have to be before it counts
    #[schema(minimum = 1, maximum = 1_000_000)]
    after: u32,
}

/// What is applied for
#[derive(ToSchema)]
pub(crate) struct TrialPlan {
    /// The version that is tried, as decisions name their algorithm
    #[schema(min_length = 1, max_length = 200, example = "dispatch-v9")]
    version: String,
    /// Where, by six digits of GB/T 2260
    #[schema(pattern = "^[0-9]{6}$", example = "440300")]
    place: String,
    /// The first day
    #[schema(format = Date)]
    from: String,
    /// The first day after it, at most 731 days later
    #[schema(format = Date)]
    until: String,
    /// Persons whom it may touch at most
    #[schema(minimum = 1, maximum = 1_000_000)]
    persons: u32,
    /// The provision that it rests on: `cn.shenzhen-ai/44` or `cn.shanghai-ai/sandbox`. It lifts no rule
    #[schema(example = "cn.shenzhen-ai/44")]
    ground: Option<String>,
    /// What is tried, and what is to be learnt
    #[schema(min_length = 1, max_length = 5000)]
    purpose: String,
    /// What keeps harm away, and who pays for what happens all the same
    #[schema(min_length = 1, max_length = 5000)]
    safeguards: String,
    /// Who is told beforehand, and how
    #[schema(min_length = 1, max_length = 5000)]
    informed: String,
    /// How a person leaves, and what they have then
    #[schema(min_length = 1, max_length = 5000)]
    leaving: String,
    /// When it stops by itself
    #[schema(min_items = 1, max_items = 10)]
    stops: Vec<StopCondition>,
    /// Working days after its end in which the last report is due
    #[schema(minimum = 1, maximum = 60)]
    report_days: u32,
}

/// What is done with a trial
#[derive(ToSchema)]
pub(crate) struct TrialTurn {
    /// Of the regulator: `granted`, `refused`, `stopped`; of the provider: `began`, `stopped`, `reported`, `closed`
    #[schema(example = "granted")]
    what: String,
    /// In words; not of `began`
    #[schema(nullable = false)]
    text: Option<String>,
    /// Of `granted`: the authority’s document
    document: Option<String>,
    /// Of `refused`: the provision that stands against it
    provision: Option<String>,
}

/// What is published of what came of a trial
#[derive(ToSchema)]
pub(crate) struct TrialFigures {
    /// Decisions within the trial
    decisions: u64,
    /// Persons whom it touched
    #[schema(nullable = false)]
    persons: Option<u64>,
    /// Decisions that were judged
    judged: u64,
    /// Those that break a rule under every reading
    #[schema(nullable = false)]
    violated: Option<u64>,
    /// Those that somebody contested
    #[schema(nullable = false)]
    contested: Option<u64>,
    /// Those of which something was changed
    #[schema(nullable = false)]
    changed: Option<u64>,
    /// Counts below this are absent
    smallest_count: u64,
}

/// A trial as everyone may see it
#[derive(ToSchema)]
pub(crate) struct TrialView {
    /// Its name
    id: String,
    /// What was applied for
    plan: TrialPlan,
    /// Digest of the version then
    digest: String,
    /// When it was applied for
    #[schema(format = DateTime)]
    applied_at: String,
    /// What the authority said
    #[schema(nullable = false)]
    answer: Option<Anything>,
    /// When it began
    #[schema(nullable = false, format = DateTime)]
    began_at: Option<String>,
    /// That it was stopped, and the condition that was met
    #[schema(nullable = false)]
    stop: Option<Anything>,
    /// Reports, the last one with its figures
    reports: Vec<Anything>,
    /// When the last report was there
    #[schema(nullable = false, format = DateTime)]
    closed_at: Option<String>,
    /// When something happened last
    #[schema(format = DateTime)]
    changed_at: String,
    /// Events so far
    events: u32,
    /// `applied`, `refused`, `granted`, `running`, `stopped`, `over`, `closed`
    stage: String,
    /// What came of it so far
    #[schema(nullable = false)]
    figures: Option<TrialFigures>,
    /// The last day for the last report
    #[schema(nullable = false, format = Date)]
    report_due: Option<String>,
    /// Whether that day is over without it
    is_late: bool,
    /// How the day was worked out
    #[schema(nullable = false)]
    explanation: Option<Anything>,
    /// Where the last event stands in the ledger, where this is the answer to a change
    #[schema(nullable = false)]
    receipt: Option<super::desk::CaseReceipt>,
}

/// The trial whose version decides
#[derive(ToSchema)]
pub(crate) struct InTrial {
    /// Its name in the register
    id: String,
    /// Why it does not let the version decide here: `not-running`, `outside-period`, `outside-place`, `full`, `stopped`
    #[schema(nullable = false)]
    hold: Option<String>,
}
