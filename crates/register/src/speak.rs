//! What seats say in a consultation: what may follow what, by whom, and until when.

use crate::RegisterError;
use crate::consultation::{
    Agreement, Announcement, AnswerStatus, CommentAnswer, CommentMade, Consultation, ConsultationStage, Meeting,
    OutcomeWord, Passage, Performance, Seat, Settled, Side,
};
use crate::text::{TEXT_CHARS, address, said, short};
use gongdao_model::{Instant, LegalDate};
use std::collections::BTreeSet;

/// Comments, meetings or reports of one consultation at most.
const MOST_ITEMS: usize = 1000;

impl Consultation {
    pub(crate) fn comment(
        &mut self,
        seat: &Seat,
        passage: &Passage,
        text: &str,
        at: Instant,
    ) -> Result<(), RegisterError> {
        self.while_open()?;
        if at.date_in_shanghai() > self.last_day {
            let message = format!("the last day for comments was `{}`", self.last_day);
            return Err(RegisterError::order(message, "say it at a meeting, or when the next version is drafted"));
        }
        said("text", text, TEXT_CHARS)?;
        if passage.digest != self.digest {
            let hint = format!("comment on the text of this consultation, `{}`", self.digest);
            return Err(RegisterError::new("the passage is of another text", hint));
        }
        if passage.from_line == 0 || passage.from_line > passage.to_line || passage.to_line > self.lines {
            let hint = format!("name lines from 1 to {}, the first one first", self.lines);
            return Err(RegisterError::new("the text has no such lines", hint));
        }
        full("comments", self.comments.len())?;
        let number = u32::try_from(self.comments.len()).unwrap_or(u32::MAX).saturating_add(1);
        let (passage, text, seat) = (passage.clone(), text.to_owned(), seat.id.clone());
        self.comments.push(CommentMade { number, seat, passage, text, at, answer: None });
        Ok(())
    }

    pub(crate) fn answer(
        &mut self,
        seat: &Seat,
        number: u32,
        status: AnswerStatus,
        text: &str,
        at: Instant,
    ) -> Result<(), RegisterError> {
        by_platform(seat, "answers comments")?;
        self.while_open()?;
        short("text", text, TEXT_CHARS)?;
        if status == AnswerStatus::NotTaken {
            said("text", text, TEXT_CHARS)?;
        }
        let comment = self.comments.iter_mut().find(|comment| comment.number == number);
        let comment = comment.ok_or_else(|| {
            RegisterError::new(format!("there is no comment {number}"), "read the consultation again")
        })?;
        comment.answer = Some(CommentAnswer { status, text: text.to_owned(), seat: seat.id.clone(), at });
        Ok(())
    }

    pub(crate) fn met(
        &mut self,
        on: LegalDate,
        present: &BTreeSet<String>,
        minutes: &str,
        at: Instant,
    ) -> Result<(), RegisterError> {
        self.while_open()?;
        said("minutes", minutes, TEXT_CHARS)?;
        full("meetings", self.meetings.len())?;
        if on < self.called_at.date_in_shanghai() || on > at.date_in_shanghai() {
            return Err(RegisterError::new(
                format!("`{on}` is no day of a meeting"),
                "give a day from the call to today",
            ));
        }
        let sides = self.seats.iter().filter(|seat| present.contains(&seat.id)).map(|seat| seat.side == Side::Platform);
        let sides: BTreeSet<bool> = sides.collect();
        let unknown = present.iter().find(|id| !self.seats.iter().any(|seat| seat.id == **id));
        if unknown.is_some() || sides.len() < 2 {
            let known: Vec<&str> = self.seats.iter().map(|seat| seat.id.as_str()).collect();
            let hint = format!("name seats of both sides, of: {}", known.join(", "));
            return Err(RegisterError::new("the meeting does not say who was there", hint));
        }
        self.meetings.push(Meeting { on, present: present.clone(), minutes: minutes.to_owned() });
        Ok(())
    }

    pub(crate) fn conclude(
        &mut self,
        seat: &Seat,
        outcome: OutcomeWord,
        text: &str,
        at: Instant,
    ) -> Result<(), RegisterError> {
        by_platform(seat, "records the result")?;
        self.while_open()?;
        said("text", text, TEXT_CHARS)?;
        if at.date_in_shanghai() <= self.last_day {
            let message = format!("comments can be made until `{}`", self.last_day);
            return Err(RegisterError::order(message, "wait until that day is over"));
        }
        let open: Vec<String> = self.open_comments().map(|comment| comment.number.to_string()).collect();
        if !open.is_empty() {
            let message = format!("comments are not answered: {}", open.join(", "));
            return Err(RegisterError::order(message, "say of each whether it is taken up, and why not"));
        }
        self.result = Some(Settled { outcome, text: text.to_owned(), at });
        Ok(())
    }

    pub(crate) fn announce(
        &mut self,
        seat: &Seat,
        elsewhere: Option<&str>,
        told: &str,
        at: Instant,
    ) -> Result<(), RegisterError> {
        by_platform(seat, "makes the result public")?;
        self.once_concluded()?;
        said("told", told, TEXT_CHARS)?;
        elsewhere.map_or(Ok(()), |text| address("address", text))?;
        if self.announcement.is_some() {
            return Err(RegisterError::order("the result is public", "read it again"));
        }
        self.announcement = Some(Announcement { at, address: elsewhere.map(str::to_owned), told: told.to_owned() });
        Ok(())
    }

    pub(crate) fn agree(&mut self, seat: &Seat, digest: &str, at: Instant) -> Result<(), RegisterError> {
        self.once_concluded()?;
        let hex = digest.strip_prefix("sha256:").unwrap_or_default();
        let is_digest = hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !is_digest {
            let hint = "give the digest of the agreement's pack: `sha256:` and 64 hexadecimal digits";
            return Err(RegisterError::new("`digest` is no digest", hint));
        }
        if self.result.as_ref().is_some_and(|result| result.outcome == OutcomeWord::NotAgreed) {
            return Err(RegisterError::order("the parties did not agree", "consult again over another version"));
        }
        self.agreement = Some(Agreement { digest: digest.to_owned(), seat: seat.id.clone(), at });
        Ok(())
    }

    pub(crate) fn report(
        &mut self,
        seat: &Seat,
        from: LegalDate,
        until: LegalDate,
        text: &str,
        at: Instant,
    ) -> Result<(), RegisterError> {
        self.once_concluded()?;
        said("text", text, TEXT_CHARS)?;
        full("reports", self.reports.len())?;
        if until < from || until > at.date_in_shanghai() {
            return Err(RegisterError::new(
                "the report has no period",
                "give `from` and `until`, until today at the latest",
            ));
        }
        self.reports.push(Performance { from, until, text: text.to_owned(), seat: seat.id.clone(), at });
        Ok(())
    }

    fn while_open(&self) -> Result<(), RegisterError> {
        if self.stage() == ConsultationStage::Open {
            return Ok(());
        }
        Err(RegisterError::order("the consultation has a result", "read it again"))
    }

    fn once_concluded(&self) -> Result<(), RegisterError> {
        if self.stage() == ConsultationStage::Concluded {
            return Ok(());
        }
        Err(RegisterError::order("the consultation has no result", "conclude it first"))
    }
}

fn by_platform(seat: &Seat, what: &str) -> Result<(), RegisterError> {
    if seat.side == Side::Platform {
        return Ok(());
    }
    Err(RegisterError::new(format!("only the platform {what}"), "leave it to its seat"))
}

fn full(what: &str, count: usize) -> Result<(), RegisterError> {
    if count < MOST_ITEMS {
        return Ok(());
    }
    Err(RegisterError::new(format!("the consultation has too many {what}"), format!("it takes at most {MOST_ITEMS}")))
}
