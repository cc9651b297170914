use super::access::OnRegister;
use super::lines::{CONSULTATIONS, RegisterBody, Stored, VERSIONS, all, entry, put, read, stored};
use crate::follow::Acknowledged;
use crate::identity::{is_account, new_id};
use crate::port::{Expected, NewEntry};
use crate::{Caller, Service, ServiceError};
use gongdao_model::LegalDate;
use gongdao_register::{Consultation, ConsultationEvent, ConsultationStage, ConsultationWhat, NewSeat, VersionWhat};
use serde::{Deserialize, Serialize};

/// A consultation that is to be called.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewConsultation {
    /// The last day for comments.
    pub last_day: LegalDate,
    /// Who takes part.
    pub seats: Vec<NewSeat>,
    /// What is asked, in plain words.
    pub question: String,
}

/// A consultation as everyone may see it: who sits at a seat stays with the parties.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConsultationView {
    /// The consultation.
    #[serde(flatten)]
    pub consultation: Consultation,
    /// Where it stands.
    pub stage: ConsultationStage,
    /// Comments on which nobody decided.
    pub open_comments: u64,
    /// The caller's own seat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub your_seat: Option<String>,
    /// Where the last event stands, where this is the answer to a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Acknowledged>,
}

impl ConsultationView {
    fn of(consultation: Consultation, caller: Option<&Caller>, receipt: Option<Acknowledged>) -> Self {
        let seat = caller.and_then(|caller| consultation.seat_of(&caller.actor)).map(|seat| seat.id.clone());
        Self {
            stage: consultation.stage(),
            open_comments: consultation.open_comments().count() as u64,
            your_seat: seat,
            consultation: consultation.public(),
            receipt,
        }
    }
}

impl Service {
    /// Call a consultation over a version; from then on its text is frozen. Returns when it is in the ledger.
    ///
    /// Errors: the caller may not; there is no such version; one was called before (`NotNow`); a seat without an account.
    pub fn call_consultation(
        &self,
        caller: &Caller,
        version: &str,
        new: NewConsultation,
    ) -> Result<ConsultationView, ServiceError> {
        self.register.access.may(caller, OnRegister::Call)?;
        let before = self.stored_version(version)?;
        let NewConsultation { last_day, seats, question } = new;
        for seat in &seats {
            if !is_account(&*self.store, &seat.account)? {
                let hint = "name accounts as `/v1/me` names them: `account:…`";
                return Err(ServiceError::input(
                    format!("the seat `{}` has no account", seat.name.escape_debug()),
                    hint,
                ));
            }
        }
        let id = new_id("consultation", &*self.entropy)?;
        let (next, version_entry) =
            self.next_version(caller, &before.value, VersionWhat::Called { consultation: id.clone() })?;
        let opened = Consultation::call(&id, &next, last_day, seats, question, next.changed_at);
        let (consultation, event) = opened?;
        let puts = [before.put(VERSIONS, &next.id, &next)?, put(CONSULTATIONS, &id, Expected::Absent, &consultation)?];
        let entries = [version_entry, consultation_entry(&consultation, caller, event)?];
        let receipt = self.keep_register(&puts, &entries)?;
        Ok(ConsultationView::of(consultation, Some(caller), Some(receipt)))
    }

    /// Say something from a seat: comment, answer, meeting, result, agreement, report. Returns when it is in the ledger.
    ///
    /// Errors: the caller has no seat; not theirs to do; too late, with the last day named (`NotNow`).
    pub fn act_on_consultation(
        &self,
        caller: &Caller,
        id: &str,
        what: ConsultationWhat,
    ) -> Result<ConsultationView, ServiceError> {
        let before: Stored<Consultation> = stored(&*self.store, CONSULTATIONS, id, "consultation")?;
        self.register.access.may_speak(caller, &before.value)?;
        let seat = before.value.seat_of(&caller.actor).map(|seat| seat.id.clone());
        let event = ConsultationEvent { at: self.clock.now().max(before.value.changed_at), seat, what };
        let consultation = before.value.after(&event)?;
        let put = before.put(CONSULTATIONS, id, &consultation)?;
        let entry = consultation_entry(&consultation, caller, event)?;
        let receipt = self.keep_register(&[put], &[entry])?;
        Ok(ConsultationView::of(consultation, Some(caller), Some(receipt)))
    }

    /// One consultation, for everyone.
    ///
    /// Errors: there is none.
    pub fn consultation(&self, caller: Option<&Caller>, id: &str) -> Result<ConsultationView, ServiceError> {
        let found: Stored<Consultation> = stored(&*self.store, CONSULTATIONS, id, "consultation")?;
        Ok(ConsultationView::of(found.value, caller, None))
    }

    /// Consultations in the order of their names, after one; for everyone.
    pub fn consultations(&self, after: Option<&str>, limit: u32) -> Result<Vec<ConsultationView>, ServiceError> {
        let page = self.store.list(CONSULTATIONS, after, limit)?;
        page.iter().map(|document| Ok(ConsultationView::of(read(document)?, None, None))).collect()
    }

    /// All consultations, for everyone: those that are open first, the one that ends next before the others, then the newest.
    /// A caller is told which seat is theirs.
    pub fn consultations_in_order(&self, caller: Option<&Caller>) -> Result<Vec<ConsultationView>, ServiceError> {
        let found: Vec<Consultation> = all(&*self.store, CONSULTATIONS)?;
        let mut views: Vec<ConsultationView> =
            found.into_iter().map(|one| ConsultationView::of(one, caller, None)).collect();
        views.sort_by_key(|view| {
            let one = &view.consultation;
            let is_over = view.stage == ConsultationStage::Concluded;
            (is_over, (!is_over).then_some(one.last_day), std::cmp::Reverse(one.called_at), one.id.clone())
        });
        Ok(views)
    }
}

fn consultation_entry(
    consultation: &Consultation,
    caller: &Caller,
    event: ConsultationEvent,
) -> Result<NewEntry, ServiceError> {
    entry(&consultation.id, consultation.events, &caller.actor, event.at, &RegisterBody::Consultation(event))
}
