use crate::text::{ADDRESS_CHARS, NAME_CHARS, TEXT_CHARS, said};
use crate::{RegisterError, Version};
use gongdao_model::{Instant, LegalDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Seats of one consultation at most.
const MOST_SEATS: usize = 50;

/// For whom a seat speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The union.
    Union,
    /// Workers who were elected.
    Elected,
    /// The platform.
    Platform,
}

impl Side {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Union => "union",
            Self::Elected => "elected",
            Self::Platform => "platform",
        }
    }
}

/// A seat that is to be given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSeat {
    /// For whom.
    pub side: Side,
    /// Which union, station or company.
    pub name: String,
    /// Who sits there: an account.
    pub account: String,
}

/// A seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Its name: side and number.
    pub id: String,
    /// For whom.
    pub side: Side,
    /// Which union, station or company.
    pub name: String,
    /// Who sits there. Kept for the parties; not shown to everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// A part of the frozen text, by lines from 1, both ends with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passage {
    /// Digest of the text.
    pub digest: String,
    /// First line.
    pub from_line: u32,
    /// Last line.
    pub to_line: u32,
}

/// What became of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerStatus {
    /// Nobody decided yet.
    Open,
    /// The text of the next version does it.
    TakenUp,
    /// In part.
    Partly,
    /// Not, for a reason.
    NotTaken,
}

/// An answer to a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentAnswer {
    /// What became of it.
    pub status: AnswerStatus,
    /// In words; the reason where it is not taken up.
    pub text: String,
    /// Which seat answered.
    pub seat: String,
    /// When.
    pub at: Instant,
}

/// A comment on a passage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentMade {
    /// Its number, from 1.
    pub number: u32,
    /// Which seat; not who.
    pub seat: String,
    /// On what.
    pub passage: Passage,
    /// What they say.
    pub text: String,
    /// When.
    pub at: Instant,
    /// The answer that stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<CommentAnswer>,
}

impl CommentMade {
    /// Whether somebody has to decide.
    pub fn is_open(&self) -> bool {
        self.answer.as_ref().is_none_or(|answer| answer.status == AnswerStatus::Open)
    }
}

/// A meeting, as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// The day.
    pub on: LegalDate,
    /// Seats that were there.
    pub present: BTreeSet<String>,
    /// What was said and agreed.
    pub minutes: String,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeWord {
    /// Both sides agree.
    Agreed,
    /// In part.
    PartlyAgreed,
    /// They do not.
    NotAgreed,
}

/// The result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// How it ended.
    pub outcome: OutcomeWord,
    /// In words.
    pub text: String,
    /// When.
    pub at: Instant,
}

/// That the result was made public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// When.
    pub at: Instant,
    /// Where else than here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// How the workers were told.
    pub told: String,
}

/// A signed agreement, by the digest of its pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// `sha256:…` of the agreement's pack.
    pub digest: String,
    /// Which seat named it.
    pub seat: String,
    /// When.
    pub at: Instant,
}

/// A report on how the result is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Performance {
    /// First day of what is reported on.
    pub from: LegalDate,
    /// Last day.
    pub until: LegalDate,
    /// What was done.
    pub text: String,
    /// Which seat reports.
    pub seat: String,
    /// When.
    pub at: Instant,
}

/// Where a consultation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsultationStage {
    /// Comments, answers, meetings.
    Open,
    /// There is a result.
    Concluded,
}

/// What happens in a consultation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum ConsultationWhat {
    /// It is called.
    Called {
        /// Over which version.
        version: String,
        /// Digest of its text.
        digest: String,
        /// Lines of its text.
        lines: u32,
        /// The last day for comments.
        last_day: LegalDate,
        /// Who takes part.
        seats: Vec<NewSeat>,
        /// What is asked, in plain words.
        question: String,
    },
    /// A seat comments on a passage.
    Commented {
        /// On what.
        passage: Passage,
        /// What they say.
        text: String,
    },
    /// The platform answers a comment.
    Answered {
        /// Which comment.
        number: u32,
        /// What became of it.
        status: AnswerStatus,
        /// In words.
        #[serde(default)]
        text: String,
    },
    /// They met.
    Met {
        /// The day.
        on: LegalDate,
        /// Seats that were there.
        present: BTreeSet<String>,
        /// What was said and agreed.
        minutes: String,
    },
    /// There is a result.
    Concluded {
        /// How it ended.
        outcome: OutcomeWord,
        /// In words.
        text: String,
    },
    /// The result was made public, and the workers were told.
    Announced {
        /// Where else than here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
        /// How the workers were told.
        told: String,
    },
    /// An agreement was signed.
    AgreementSigned {
        /// `sha256:…` of its pack.
        digest: String,
    },
    /// A report on how the result is kept.
    Reported {
        /// First day.
        from: LegalDate,
        /// Last day.
        until: LegalDate,
        /// What was done.
        text: String,
    },
}

impl ConsultationWhat {
    /// The word in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Called { .. } => "called",
            Self::Commented { .. } => "commented",
            Self::Answered { .. } => "answered",
            Self::Met { .. } => "met",
            Self::Concluded { .. } => "concluded",
            Self::Announced { .. } => "announced",
            Self::AgreementSigned { .. } => "agreement-signed",
            Self::Reported { .. } => "reported",
        }
    }
}

/// An event of a consultation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsultationEvent {
    /// When.
    pub at: Instant,
    /// From which seat; nothing for the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<String>,
    /// What.
    #[serde(flatten)]
    pub what: ConsultationWhat,
}

/// A consultation: what its events come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consultation {
    /// Its name.
    pub id: String,
    /// Over which version.
    pub version: String,
    /// Digest of the text, frozen.
    pub digest: String,
    /// Lines of the text.
    pub lines: u32,
    /// What is asked.
    pub question: String,
    /// When it was called.
    pub called_at: Instant,
    /// The last day for comments.
    pub last_day: LegalDate,
    /// Who takes part.
    pub seats: Vec<Seat>,
    /// What was said, in its order.
    pub comments: Vec<CommentMade>,
    /// When they met.
    pub meetings: Vec<Meeting>,
    /// The result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Settled>,
    /// That it is public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announcement: Option<Announcement>,
    /// A signed agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Agreement>,
    /// How the result is kept.
    pub reports: Vec<Performance>,
    /// When something happened last.
    pub changed_at: Instant,
    /// Events so far.
    pub events: u32,
}

impl Consultation {
    /// Call a consultation over a version.
    ///
    /// Errors: nobody speaks for the workers, or for the platform; a last day that is today or before.
    pub fn call(
        id: &str,
        version: &Version,
        last_day: LegalDate,
        seats: Vec<NewSeat>,
        question: String,
        at: Instant,
    ) -> Result<(Self, ConsultationEvent), RegisterError> {
        let lines = u32::try_from(version.text.lines().count()).unwrap_or(u32::MAX);
        let (name, digest) = (version.id.clone(), version.digest.clone());
        let what = ConsultationWhat::Called { version: name, digest, lines, last_day, seats, question };
        let event = ConsultationEvent { at, seat: None, what };
        Ok((Self::open(id, &event)?, event))
    }

    /// A consultation by its first event.
    pub fn open(id: &str, event: &ConsultationEvent) -> Result<Self, RegisterError> {
        let ConsultationWhat::Called { version, digest, lines, last_day, seats, question } = &event.what else {
            return Err(RegisterError::order("a consultation begins with its call", "call it first"));
        };
        said("question", question, TEXT_CHARS)?;
        if *last_day <= event.at.date_in_shanghai() {
            let hint = "give a day after today: nobody can answer a call that ends with its day";
            return Err(RegisterError::new(format!("`{last_day}` is no last day for comments"), hint));
        }
        Ok(Self {
            id: id.to_owned(),
            version: version.clone(),
            digest: digest.clone(),
            lines: *lines,
            question: question.clone(),
            called_at: event.at,
            last_day: *last_day,
            seats: seated(seats)?,
            comments: Vec::new(),
            meetings: Vec::new(),
            result: None,
            announcement: None,
            agreement: None,
            reports: Vec::new(),
            changed_at: event.at,
            events: 1,
        })
    }

    /// The consultation after another event. Whoever hands it in has made sure who sits at the seat.
    ///
    /// Errors: it cannot follow, and nothing changed; not theirs to do; too late, with the last day named.
    pub fn after(&self, event: &ConsultationEvent) -> Result<Self, RegisterError> {
        if event.at < self.changed_at {
            return Err(RegisterError::order("the event is older than the last", "record events in their order"));
        }
        let seat = event.seat.as_deref().and_then(|id| self.seats.iter().find(|seat| seat.id == id));
        let Some(seat) = seat else {
            return Err(RegisterError::new("only the parties take part", "leave it to whoever has a seat"));
        };
        let mut next = self.clone();
        match &event.what {
            ConsultationWhat::Called { .. } => {
                return Err(RegisterError::order(
                    "the consultation was called",
                    "declare another version, and call again",
                ));
            }
            ConsultationWhat::Commented { passage, text } => next.comment(seat, passage, text, event.at)?,
            ConsultationWhat::Answered { number, status, text } => {
                next.answer(seat, *number, *status, text, event.at)?;
            }
            ConsultationWhat::Met { on, present, minutes } => next.met(*on, present, minutes, event.at)?,
            ConsultationWhat::Concluded { outcome, text } => next.conclude(seat, *outcome, text, event.at)?,
            ConsultationWhat::Announced { address, told } => next.announce(seat, address.as_deref(), told, event.at)?,
            ConsultationWhat::AgreementSigned { digest } => next.agree(seat, digest, event.at)?,
            ConsultationWhat::Reported { from, until, text } => next.report(seat, *from, *until, text, event.at)?,
        }
        next.changed_at = event.at;
        next.events = self.events.saturating_add(1);
        Ok(next)
    }

    /// Where it stands.
    pub fn stage(&self) -> ConsultationStage {
        if self.result.is_some() { ConsultationStage::Concluded } else { ConsultationStage::Open }
    }

    /// Comments on which nobody decided.
    pub fn open_comments(&self) -> impl Iterator<Item = &CommentMade> {
        self.comments.iter().filter(|comment| comment.is_open())
    }

    /// The seat of an account.
    pub fn seat_of(&self, account: &str) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.account.as_deref() == Some(account))
    }

    /// As everyone may see it: seats without who sits there, and elected workers without their names.
    #[must_use]
    pub fn public(mut self) -> Self {
        for seat in &mut self.seats {
            seat.account = None;
            if seat.side == Side::Elected {
                seat.name.clear();
            }
        }
        self
    }
}

fn seated(new: &[NewSeat]) -> Result<Vec<Seat>, RegisterError> {
    let (mut seats, mut accounts) = (Vec::with_capacity(new.len()), BTreeSet::new());
    if new.len() > MOST_SEATS {
        return Err(RegisterError::new("`seats` is too long", format!("give at most {MOST_SEATS}")));
    }
    for NewSeat { side, name, account } in new {
        said("seats.name", name, NAME_CHARS)?;
        said("seats.account", account, ADDRESS_CHARS)?;
        if !accounts.insert(account) {
            return Err(RegisterError::new("an account has two seats", "give each seat to somebody else"));
        }
        let number = seats.iter().filter(|seat: &&Seat| seat.side == *side).count() + 1;
        let id = format!("{}-{number}", side.as_str());
        seats.push(Seat { id, side: *side, name: name.clone(), account: Some(account.clone()) });
    }
    let has = |side: Side| seats.iter().any(|seat| seat.side == side);
    if !(has(Side::Union) || has(Side::Elected)) {
        let hint = "give a seat to the union, or to workers who were elected";
        return Err(RegisterError::new("nobody speaks for the workers", hint));
    }
    if !has(Side::Platform) {
        return Err(RegisterError::new("nobody speaks for the platform", "give it a seat: only it answers comments"));
    }
    Ok(seats)
}
