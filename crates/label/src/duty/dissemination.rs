use crate::model::{FoundLabel, Key, Label, LabelCode};
use crate::read::{Conformity, Reading};
use crate::{LabelError, i18n_fault};
use gongdao_i18n::Words;
use gongdao_model::ProvisionId;

/// What the user who publishes the item said about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Declaration {
    /// It is generated.
    Generated,
    /// It is not.
    NotGenerated,
    /// Nothing, or nobody asked.
    Silent,
}

/// What the platform itself found in the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detection {
    /// A visible label.
    VisibleLabel,
    /// Other traces of generation.
    Traces,
    /// It looked, and found nothing.
    Nothing,
    /// It did not look.
    NotDone,
}

/// All that a platform knows of an item.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// What the file says; `None` if nobody could read it.
    pub metadata: Option<&'a Reading>,
    /// What the user said.
    pub declaration: Declaration,
    /// What the platform found.
    pub detection: Detection,
}

/// What the public must be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It is generated (article 6, paragraph 1, item 1).
    Confirmed,
    /// It may be generated (item 2).
    Possible,
    /// It is suspected to be generated (item 3).
    Suspected,
    /// Nothing: all was looked at, and nothing says that it is generated.
    None,
    /// Something was not looked at, or could not be.
    CannotTell,
}

/// What a status rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The metadata says `1`.
    MetadataIs,
    /// The metadata says `2`: another platform wrote "may be". How the next platform treats that is not settled.
    MetadataMayBe,
    /// The metadata says `3`: another platform suspected it. How the next platform treats that is not settled.
    MetadataSuspected,
    /// A label stands in the metadata, and what it says is not clear.
    MetadataUnclear,
    /// Metadata could not be read.
    MetadataUnread,
    /// The user declared it.
    Declared,
    /// A visible label was found.
    VisibleLabel,
    /// Traces were found.
    Traces,
    /// Nobody looked for visible labels or traces.
    NotLookedAt,
}

impl Status {
    /// Its name in reports, and the last part of its keys in the catalogue.
    pub fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Possible => "possible",
            Self::Suspected => "suspected",
            Self::None => "none",
            Self::CannotTell => "cannot-tell",
        }
    }

    /// The provision that asks for the notice.
    pub fn provision(self) -> Option<ProvisionId> {
        let id = match self {
            Self::Confirmed => "cn.labelling-measures/6/1/1",
            Self::Possible => "cn.labelling-measures/6/1/2",
            Self::Suspected => "cn.labelling-measures/6/1/3",
            Self::None | Self::CannotTell => return None,
        };
        id.parse().ok()
    }

    /// The label code that the platform writes.
    pub fn label_code(self) -> Option<LabelCode> {
        match self {
            Self::Confirmed => Some(LabelCode::Is),
            Self::Possible => Some(LabelCode::MayBe),
            Self::Suspected => Some(LabelCode::Suspected),
            Self::None | Self::CannotTell => None,
        }
    }
}

impl Reason {
    /// Its name in reports, and the last part of its key in the catalogue.
    pub fn code(self) -> &'static str {
        match self {
            Self::MetadataIs => "metadata-is",
            Self::MetadataMayBe => "metadata-may-be",
            Self::MetadataSuspected => "metadata-suspected",
            Self::MetadataUnclear => "metadata-unclear",
            Self::MetadataUnread => "metadata-unread",
            Self::Declared => "declared",
            Self::VisibleLabel => "visible-label",
            Self::Traces => "traces",
            Self::NotLookedAt => "not-looked-at",
        }
    }

    fn status(self) -> Status {
        match self {
            Self::MetadataIs => Status::Confirmed,
            Self::MetadataMayBe | Self::Declared => Status::Possible,
            Self::MetadataSuspected | Self::MetadataUnclear | Self::VisibleLabel | Self::Traces => Status::Suspected,
            Self::MetadataUnread | Self::NotLookedAt => Status::CannotTell,
        }
    }
}

/// What the platform owes for an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What the public must be told.
    pub status: Status,
    /// What that rests on, strongest first.
    pub reasons: Vec<Reason>,
    /// The provisions that apply: the notice, the propagation fields, the labelling function.
    pub provisions: Vec<ProvisionId>,
    /// The label code to write into the metadata (article 6, paragraph 2); `None` if none is owed.
    pub write_back: Option<LabelCode>,
}

/// Decides under article 6 of the Measures. The strongest evidence counts; a user's "not generated" never weakens what the
/// metadata or a detection says.
pub fn decide(evidence: &Evidence<'_>) -> Decision {
    let mut reasons: Vec<Reason> = metadata(evidence.metadata).into_iter().collect();
    if evidence.declaration == Declaration::Generated {
        reasons.push(Reason::Declared);
    }
    match evidence.detection {
        Detection::VisibleLabel => reasons.push(Reason::VisibleLabel),
        Detection::Traces => reasons.push(Reason::Traces),
        Detection::NotDone => reasons.push(Reason::NotLookedAt),
        Detection::Nothing => {}
    }
    reasons.sort_by_key(|reason| reason.status());
    // What nobody looked at matters only where nothing else says anything: it sorts last.
    let status = reasons.first().map_or(Status::None, |reason| reason.status());
    let ids = [
        status.provision(),
        status.label_code().and_then(|_| "cn.labelling-measures/6/2".parse().ok()),
        "cn.labelling-measures/6/1/4".parse().ok(),
    ];
    Decision { status, reasons, provisions: ids.into_iter().flatten().collect(), write_back: status.label_code() }
}

fn metadata(reading: Option<&Reading>) -> Option<Reason> {
    let Some(reading) = reading else { return Some(Reason::MetadataUnread) };
    match (reading.conformity(), reading.code()) {
        (Conformity::Absent, _) => None,
        (Conformity::CannotTell, _) => Some(Reason::MetadataUnread),
        (_, Some(LabelCode::Is)) => Some(Reason::MetadataIs),
        (_, Some(LabelCode::MayBe)) => Some(Reason::MetadataMayBe),
        (_, Some(LabelCode::Suspected)) => Some(Reason::MetadataSuspected),
        (_, None) => Some(Reason::MetadataUnclear),
    }
}

/// The notice beside the content, in words that hold both elements of GB 45438-2025, 5.1; `None` if none is owed.
pub fn notice(status: Status, words: Words<'_>) -> Result<Option<String>, LabelError> {
    match status {
        Status::None | Status::CannotTell => Ok(None),
        _ => words.say(&format!("label.notice.{}", status.code()), &[]).map(Some).map_err(i18n_fault),
    }
}

/// The propagation fields of a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Propagation {
    /// Name or code of the platform.
    pub propagator: String,
    /// The platform's own number of the item.
    pub propagate_id: String,
}

impl Propagation {
    /// The label to write: what the file says of its producer stays, the propagation fields are the platform's. Where the
    /// producer is not known, its fields are empty: a platform does not claim to have made the content.
    ///
    /// Errors: what the file says of its producer may not be written again, or the platform's own fields may not.
    pub fn label(&self, code: LabelCode, found: Option<&FoundLabel>) -> Result<Label, LabelError> {
        let producer = |key| found.and_then(|found| found.value(key)).unwrap_or_default().to_owned();
        let values = [
            (Key::Label, code.as_str().to_owned()),
            (Key::ContentProducer, producer(Key::ContentProducer)),
            (Key::ProduceId, producer(Key::ProduceId)),
            (Key::ReservedCode1, producer(Key::ReservedCode1)),
            (Key::ContentPropagator, self.propagator.clone()),
            (Key::PropagateId, self.propagate_id.clone()),
            (Key::ReservedCode2, String::new()),
        ];
        Label::strict(FoundLabel { values: values.into_iter().collect(), ..FoundLabel::default() })
    }
}
