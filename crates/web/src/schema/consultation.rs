//! Shapes of consultations and published filings of `gongdao-register`.

use super::Anything;
use utoipa::ToSchema;

/// A seat that is to be given
#[derive(ToSchema)]
pub(crate) struct NewSeat {
    /// `union`, `elected`, `platform`
    side: String,
    /// Which union, station or company
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Who sits there: an account, `account:…`, as `/v1/me` names it
    account: String,
}

/// A consultation that is to be called
#[derive(ToSchema)]
pub(crate) struct NewConsultation {
    /// The last day for comments, after today
    #[schema(format = Date)]
    last_day: String,
    /// Who takes part: both sides
    #[schema(min_items = 2, max_items = 50)]
    seats: Vec<NewSeat>,
    /// What is asked, in plain words
    #[schema(min_length = 1, max_length = 5000)]
    question: String,
}

/// A part of the frozen text
#[derive(ToSchema)]
pub(crate) struct Passage {
    /// Digest of the text
    digest: String,
    /// First line, from 1
    from_line: u32,
    /// Last line
    to_line: u32,
}

/// What a seat says. Which members it has depends on `what`: docs/register.md
#[derive(ToSchema)]
pub(crate) struct ConsultationTurn {
    /// `commented`, `answered`, `met`, `concluded`, `announced`, `agreement-signed`, `reported`
    #[schema(example = "commented")]
    what: String,
    /// Of `commented`
    #[schema(nullable = false)]
    passage: Option<Passage>,
    /// Of `commented`, `answered`, `concluded`, `reported`
    #[schema(nullable = false)]
    text: Option<String>,
    /// Of `answered`: which comment
    #[schema(nullable = false)]
    number: Option<u32>,
    /// Of `answered`: `taken-up`, `partly`, `not-taken` (with a reason), `open`
    #[schema(nullable = false)]
    status: Option<String>,
    /// Of `met`: the day
    #[schema(nullable = false)]
    on: Option<String>,
    /// Of `met`: seats that were there
    #[schema(nullable = false)]
    present: Option<Vec<String>>,
    /// Of `met`
    #[schema(nullable = false)]
    minutes: Option<String>,
    /// Of `concluded`: `agreed`, `partly-agreed`, `not-agreed`
    #[schema(nullable = false)]
    outcome: Option<String>,
    /// Of `announced`: how the workers were told
    #[schema(nullable = false)]
    told: Option<String>,
    /// Of `announced`: where else than here
    address: Option<String>,
    /// Of `agreement-signed`: `sha256:…` of the agreement’s pack
    #[schema(nullable = false)]
    digest: Option<String>,
    /// Of `reported`: first day
    #[schema(nullable = false)]
    from: Option<String>,
    /// Of `reported`: last day
    #[schema(nullable = false)]
    until: Option<String>,
}

/// A consultation as everyone may see it: seats, not who sits there
#[derive(ToSchema)]
pub(crate) struct ConsultationView {
    /// Its name
    id: String,
    /// Over which version
    version: String,
    /// Digest of the text, frozen
    digest: String,
    /// Lines of the text
    lines: u32,
    /// What is asked
    question: String,
    /// When it was called
    #[schema(format = DateTime)]
    called_at: String,
    /// The last day for comments
    #[schema(format = Date)]
    last_day: String,
    /// Who takes part: seat, side, and which union or company
    seats: Vec<Anything>,
    /// What was said, with its answers
    comments: Vec<Anything>,
    /// When they met, who was there, the minutes
    meetings: Vec<Anything>,
    /// The result
    #[schema(nullable = false)]
    result: Option<Anything>,
    /// That it is public
    #[schema(nullable = false)]
    announcement: Option<Anything>,
    /// A signed agreement
    #[schema(nullable = false)]
    agreement: Option<Anything>,
    /// How the result is kept
    reports: Vec<Anything>,
    /// `open`, `concluded`
    stage: String,
    /// Comments on which nobody decided
    open_comments: u64,
    /// Your own seat, in the answer to what you said
    #[schema(nullable = false)]
    your_seat: Option<String>,
    /// Where it stands in the ledger, where this is the answer to a change
    #[schema(nullable = false)]
    receipt: Option<super::desk::CaseReceipt>,
}

/// A filing as it was published
#[derive(ToSchema)]
pub(crate) struct PublishedFiling {
    /// Its name here
    id: String,
    /// Which list
    list: String,
    /// Its batch
    batch: String,
    /// When it was announced
    announced: String,
    /// The algorithm
    name: String,
    /// Its class, in the words of the list
    class: String,
    /// The provider’s role, in lists of deep synthesis
    role: String,
    /// The provider
    provider: String,
    /// Products
    product: String,
    /// Purpose
    purpose: String,
    /// The number
    number: String,
    /// What was noted later
    remark: String,
    /// The province, not official
    province: String,
    /// Where it was announced
    source: String,
    /// What looks unusual about the number: hints alone
    remarks: Vec<String>,
}

/// A row that was left out
#[derive(ToSchema)]
pub(crate) struct RowFault {
    /// 1-based, without the header
    row: u64,
    /// 1-based line of the file
    line: u64,
    /// What is wrong
    message: String,
    /// What to do
    hint: String,
}

/// What came of an import
#[derive(ToSchema)]
pub(crate) struct ImportReport {
    /// SHA-256 of the file
    digest: String,
    /// Rows of the file
    rows: u64,
    /// Filings that were not there
    added: u64,
    /// Filings that say something else now
    changed: u64,
    /// Filings that were there
    unchanged: u64,
    /// Rows that were left out
    refused: u64,
    /// The first hundred of them
    faults: Vec<RowFault>,
}

/// What the provider sets for its register
#[derive(ToSchema)]
pub(crate) struct RegisterSettings {
    /// Days between publication and first day in force at least, for versions that touch workers
    #[schema(minimum = 1, maximum = 365)]
    notice_days: u32,
}
