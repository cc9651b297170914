//! Filing with the authority: IISARMP arts 24 to 26, and their clocks.

use crate::text::{TEXT_CHARS, address, said};
use crate::{Algorithm, Class, RegisterError};
use gongdao_clock::{Calendar, CountingRule, Explanation, explain};
use gongdao_model::{Instant, LegalDate, ProvisionId};
use serde::{Deserialize, Serialize};

/// What is handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubmissionKind {
    /// The filing (art. 24(1)).
    First,
    /// What changed (art. 24(2)).
    Change,
    /// The end of the service (art. 24(3)).
    Deregistration,
}

/// What happened to a filing. Days are those of Asia/Shanghai.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FilingAct {
    /// The service is provided from this day on.
    ServiceBegan {
        /// The day.
        on: LegalDate,
    },
    /// Something was handed in.
    Submitted {
        /// What.
        submission: SubmissionKind,
        /// The day.
        on: LegalDate,
    },
    /// The authority filed it and gave a number, or took a change or the end of the service.
    Accepted {
        /// The number, for a first filing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<String>,
        /// The day.
        on: LegalDate,
    },
    /// The authority refused, with reasons.
    Refused {
        /// They.
        reason: String,
        /// The day.
        on: LegalDate,
    },
    /// The number stands in a conspicuous place, with a link (art. 26).
    NumberShown {
        /// Where.
        address: String,
        /// Since which day.
        on: LegalDate,
    },
    /// The service ended.
    ServiceEnded {
        /// Its last day.
        on: LegalDate,
    },
    /// The authority took the filing away (art. 33).
    Revoked {
        /// Why.
        reason: String,
        /// The day.
        on: LegalDate,
    },
}

impl FilingAct {
    fn on(&self) -> LegalDate {
        match self {
            Self::ServiceBegan { on }
            | Self::Submitted { on, .. }
            | Self::Accepted { on, .. }
            | Self::Refused { on, .. }
            | Self::NumberShown { on, .. }
            | Self::ServiceEnded { on }
            | Self::Revoked { on, .. } => *on,
        }
    }
}

/// Something that was handed in, and what the authority said. Without an answer there is none: however long it takes, nothing
/// counts as approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// What.
    pub submission: SubmissionKind,
    /// The day.
    pub on: LegalDate,
    /// When the authority answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_on: Option<LegalDate>,
    /// Whether it took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A change of what was filed, and when it was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiledChange {
    /// The day of the change.
    pub on: LegalDate,
    /// The day on which it was handed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_on: Option<LegalDate>,
}

/// The number, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filed {
    /// As the authority gave it.
    pub number: String,
    /// The day.
    pub on: LegalDate,
    /// Where it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_at: Option<String>,
    /// Since which day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_on: Option<LegalDate>,
}

/// The filing of an algorithm. It says nothing about quality or lawfulness.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilingRecord {
    /// Since when the service is provided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_from: Option<LegalDate>,
    /// The last day of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_until: Option<LegalDate>,
    /// What was handed in, in its order.
    pub submissions: Vec<Submission>,
    /// Changes of what was filed.
    pub changes: Vec<FiledChange>,
    /// The number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filed: Option<Filed>,
    /// When the filing ended: taken back at the end of the service, or taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<LegalDate>,
    /// Why, where the authority took it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<String>,
}

/// Submissions and changes of one algorithm at most.
const MOST: usize = 1000;

impl FilingRecord {
    /// Whether there is a filing now.
    pub fn is_filed(&self) -> bool {
        self.filed.is_some() && self.ended_on.is_none()
    }

    pub(crate) fn described(&mut self, on: LegalDate) {
        // What changed before it was handed in is handed in with it.
        if self.is_filed() && self.changes.last().is_none_or(|last| last.submitted_on.is_some()) {
            self.changes.push(FiledChange { on, submitted_on: None });
        }
    }

    pub(crate) fn take(&mut self, act: &FilingAct, today: LegalDate) -> Result<(), RegisterError> {
        let on = act.on();
        if on > today {
            return Err(RegisterError::new(
                format!("`{on}` has not come yet"),
                "record what happened, on its day or later",
            ));
        }
        match act {
            FilingAct::ServiceBegan { .. } => self.began(on),
            FilingAct::Submitted { submission, .. } => self.submitted(*submission, on),
            FilingAct::Accepted { number, .. } => self.accepted(number.as_deref(), on),
            FilingAct::Refused { reason, .. } => {
                said("reason", reason, TEXT_CHARS)?;
                let open = self.open_submission(on)?;
                (open.answered_on, open.accepted, open.reason) = (Some(on), Some(false), Some(reason.clone()));
                Ok(())
            }
            FilingAct::NumberShown { address: shown, .. } => {
                address("address", shown)?;
                let filed = self.filed.as_mut().filter(|filed| filed.on <= on).ok_or_else(not_filed)?;
                (filed.shown_at, filed.shown_on) = (Some(shown.clone()), Some(on));
                Ok(())
            }
            FilingAct::ServiceEnded { .. } => {
                if self.service_until.is_some() || self.service_from.is_none_or(|from| on < from) {
                    return Err(RegisterError::order("the service does not run on that day", "read the filing again"));
                }
                self.service_until = Some(on);
                Ok(())
            }
            FilingAct::Revoked { reason, .. } => {
                said("reason", reason, TEXT_CHARS)?;
                if !self.is_filed() || self.filed.as_ref().is_some_and(|filed| on < filed.on) {
                    return Err(not_filed());
                }
                (self.ended_on, self.revoked) = (Some(on), Some(reason.clone()));
                Ok(())
            }
        }
    }

    fn began(&mut self, on: LegalDate) -> Result<(), RegisterError> {
        match (self.service_from, self.service_until) {
            (None, _) => self.service_from = Some(on),
            (Some(_), None) => return Err(RegisterError::order("the service runs already", "read the filing again")),
            (Some(_), Some(until)) if on <= until => {
                return Err(RegisterError::order(format!("the service ran until `{until}`"), "give a later day"));
            }
            (Some(_), Some(_)) if self.is_filed() => {
                return Err(RegisterError::order("the earlier service is not deregistered", "record that first"));
            }
            // A service that begins again is filed again; what was before is in the ledger.
            (Some(_), Some(_)) => *self = Self { service_from: Some(on), ..Self::default() },
        }
        Ok(())
    }

    fn submitted(&mut self, submission: SubmissionKind, on: LegalDate) -> Result<(), RegisterError> {
        if self.submissions.len() >= MOST {
            return Err(RegisterError::new("the filing has too many submissions", "register the algorithm anew"));
        }
        if self.submissions.last().is_some_and(|last| last.answered_on.is_none()) {
            return Err(RegisterError::order("an earlier submission is not answered", "record the answer first"));
        }
        match submission {
            SubmissionKind::First if self.is_filed() => {
                return Err(RegisterError::order("the algorithm is filed", "hand in a change"));
            }
            SubmissionKind::Change | SubmissionKind::Deregistration if !self.is_filed() => return Err(not_filed()),
            SubmissionKind::Change => {
                for change in self.changes.iter_mut().filter(|change| change.submitted_on.is_none() && change.on <= on)
                {
                    change.submitted_on = Some(on);
                }
            }
            SubmissionKind::First | SubmissionKind::Deregistration => {}
        }
        self.submissions.push(Submission { submission, on, answered_on: None, accepted: None, reason: None });
        Ok(())
    }

    fn accepted(&mut self, number: Option<&str>, on: LegalDate) -> Result<(), RegisterError> {
        let kind = self.open_submission(on)?.submission;
        match (kind, number) {
            (SubmissionKind::First, Some(number)) => {
                RecordNumber::read(number)?;
                self.filed = Some(Filed { number: number.to_owned(), on, shown_at: None, shown_on: None });
                self.ended_on = None;
                self.revoked = None;
                self.changes.clear();
            }
            (SubmissionKind::First, None) => {
                return Err(RegisterError::new("a filing without its number", "give the `number` of the authority"));
            }
            (SubmissionKind::Deregistration, _) => self.ended_on = Some(on),
            (SubmissionKind::Change, _) => {}
        }
        let open = self.open_submission(on)?;
        (open.answered_on, open.accepted) = (Some(on), Some(true));
        Ok(())
    }

    fn open_submission(&mut self, on: LegalDate) -> Result<&mut Submission, RegisterError> {
        let open = self.submissions.last_mut().filter(|last| last.answered_on.is_none() && last.on <= on);
        open.ok_or_else(|| {
            RegisterError::order("nothing waits for the authority on that day", "record what was handed in first")
        })
    }
}

fn not_filed() -> RegisterError {
    RegisterError::order("the algorithm is not filed", "record the filing and its number first")
}

/// A number of the published lists, taken apart. What its digits mean was read off the lists; no law states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordNumber {
    /// Division code of the provider (GB/T 2260).
    pub division: String,
    /// The provider, in seven digits.
    pub entity: String,
    /// The type of algorithm, in two digits.
    pub type_code: String,
    /// The year, in two digits.
    pub year: String,
    /// Whether the last digit is the one that the lists let expect.
    pub is_check_digit_usual: bool,
}

impl RecordNumber {
    /// Errors: not `网信算备`, 21 digits and `号`.
    pub fn read(text: &str) -> Result<Self, RegisterError> {
        let digits = text.strip_prefix("网信算备").and_then(|rest| rest.strip_suffix('号'));
        let digits = digits.filter(|digits| digits.len() == 21 && digits.bytes().all(|byte| byte.is_ascii_digit()));
        let Some(digits) = digits else {
            let hint = "write it as the authority gave it: `网信算备`, 21 digits, `号`";
            return Err(RegisterError::new(format!("`{}` is no filing number", text.escape_debug()), hint));
        };
        let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().to_owned();
        let mut values = digits.bytes().map(|byte| u32::from(byte - b'0'));
        let weighted: u32 =
            values.clone().take(20).zip([4, 2, 1, 3].into_iter().cycle()).map(|(value, weight)| value * weight).sum();
        // The odd digit with this remainder by five.
        let usual = [5, 1, 7, 3, 9].into_iter().find(|digit| digit % 5 == (1 + weighted) % 5);
        Ok(Self {
            division: part(0, 6),
            entity: part(6, 13),
            type_code: part(13, 15),
            year: part(15, 17),
            is_check_digit_usual: values.next_back() == usual,
        })
    }

    /// What looks unusual; hints alone, as the rules behind them are not published.
    pub fn remarks(&self, class: Class) -> Vec<&'static str> {
        let digit = (!self.is_check_digit_usual).then_some("unusual-check-digit");
        let code = (!class.has_code(&self.type_code)).then_some("type-code-of-another-class");
        digit.into_iter().chain(code).collect()
    }
}

/// How a clock of a filing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockState {
    /// It runs.
    Open,
    /// Done in time.
    Met,
    /// Done too late.
    MetLate,
    /// Not done, and its time is over. For the authority: late, never approved.
    Late,
    /// It depends on days whose arrangement is not published.
    Provisional,
    /// It cannot be told.
    CannotTell,
}

/// A clock of a filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FilingClock {
    /// The duty of the packs.
    pub duty: &'static str,
    /// The article.
    pub provision: ProvisionId,
    /// The day from which it is counted.
    pub since: LegalDate,
    /// When it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_on: Option<LegalDate>,
    /// How it stands.
    pub state: ClockState,
    /// When it ends and how that was computed; nothing where the article gives no time, or the calendar lacks the days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
    /// Why it cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

struct Running {
    duty: &'static str,
    provision: &'static str,
    period: Option<&'static str>,
    since: LegalDate,
    done_on: Option<LegalDate>,
}

/// The clocks of an algorithm's filing: to file, to hand in changes, to deregister, the authority's answer, the number in a
/// conspicuous place.
///
/// Errors: an article or period of the program that cannot be read, which a test excludes.
pub fn filing_clocks(
    algorithm: &Algorithm,
    calendar: &Calendar,
    now: Instant,
) -> Result<Vec<FilingClock>, RegisterError> {
    let filing = &algorithm.filing;
    let mut clocks = Vec::new();
    let must_file = algorithm.description.opinion_attributes;
    if let Some(since) = filing.service_from.filter(|_| must_file != Some(false)) {
        let of_this_service = |one: &&Submission| one.submission == SubmissionKind::First;
        let done_on = filing.submissions.iter().find(of_this_service).map(|one| one.on);
        let running = Running {
            duty: "cn.iisarmp/24/1#file",
            provision: "cn.iisarmp/24/1",
            period: Some("10 working days"),
            since,
            done_on,
        };
        let mut clock = running.clock(calendar, now)?;
        if must_file.is_none() && clock.done_on.is_none() {
            clock.state = ClockState::CannotTell;
            clock.reason =
                Some("nobody said whether it has public-opinion attributes or social-mobilisation capacity".to_owned());
        }
        clocks.push(clock);
    }
    let rest = filing.submissions.iter().filter(|one| one.submission == SubmissionKind::First).map(|one| Running {
        duty: "cn.iisarmp/25#decide",
        provision: "cn.iisarmp/25",
        period: Some("30 working days"),
        since: one.on,
        done_on: one.answered_on,
    });
    let changes = filing.changes.iter().map(|change| Running {
        duty: "cn.iisarmp/24/2#change",
        provision: "cn.iisarmp/24/2",
        period: Some("10 working days"),
        since: change.on,
        done_on: change.submitted_on,
    });
    let shown = filing.filed.iter().map(|filed| Running {
        duty: "cn.iisarmp/26",
        provision: "cn.iisarmp/26",
        period: None,
        since: filed.on,
        done_on: filed.shown_on,
    });
    let end = filing.service_until.filter(|_| filing.filed.is_some()).map(|until| Running {
        duty: "cn.iisarmp/24/3#deregister",
        provision: "cn.iisarmp/24/3",
        period: Some("20 working days"),
        since: until,
        done_on: filing
            .submissions
            .iter()
            .find(|one| one.submission == SubmissionKind::Deregistration)
            .map(|one| one.on),
    });
    for running in rest.chain(changes).chain(shown).chain(end) {
        clocks.push(running.clock(calendar, now)?);
    }
    Ok(clocks)
}

impl Running {
    fn clock(self, calendar: &Calendar, now: Instant) -> Result<FilingClock, RegisterError> {
        let of_model =
            |error: gongdao_model::ModelError| RegisterError::new(error.message, error.hint.unwrap_or_default());
        let provision = self.provision.parse().map_err(of_model)?;
        let base = FilingClock {
            duty: self.duty,
            provision,
            since: self.since,
            done_on: self.done_on,
            state: ClockState::CannotTell,
            explanation: None,
            reason: None,
        };
        let Some(period) = self.period else {
            let state = if self.done_on.is_some() { ClockState::Met } else { ClockState::Open };
            return Ok(FilingClock { state, ..base });
        };
        let period = period.parse().map_err(of_model)?;
        match explain(calendar, CountingRule::default(), period, self.since.starts_at(), &[]) {
            Ok(explanation) => {
                let state = state(&explanation, self.done_on, now);
                Ok(FilingClock { state, explanation: Some(explanation), ..base })
            }
            Err(error) => Ok(FilingClock { reason: Some(error.message), ..base }),
        }
    }
}

fn state(explanation: &Explanation, done_on: Option<LegalDate>, now: Instant) -> ClockState {
    let Some(due) = explanation.due else { return ClockState::CannotTell };
    let today = now.date_in_shanghai();
    let day = done_on.unwrap_or(today);
    if day <= due.earliest.day() {
        return if done_on.is_some() { ClockState::Met } else { ClockState::Open };
    }
    match (due.is_provisional, day <= due.end.day(), done_on.is_some()) {
        (true, ..) => ClockState::Provisional,
        (false, true, true) => ClockState::Met,
        (false, true, false) => ClockState::Open,
        (false, false, true) => ClockState::MetLate,
        (false, false, false) => ClockState::Late,
    }
}
