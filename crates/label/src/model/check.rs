//! What is wrong with a label: strict errors and advice.

use super::{CodeFault, FoundLabel, Key, LabelCode, Provider, ServiceKind};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Against the standard.
    Error,
    /// Allowed, or open, and better done otherwise.
    Advice,
}

/// Kinds of findings; [`FindingKind::code`] names them in reports, and the catalogue words them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// The text is not a label object.
    Unreadable,
    /// A key stands twice.
    DuplicateKey,
    /// A required key is absent or empty.
    Missing,
    /// A platform's own label (`2` or `3`) of content whose producer is not known.
    ProducerUnknown,
    /// The label code is none of `1`, `2`, `3`.
    LabelCode,
    /// A character that annex E j) does not have.
    Character,
    /// Characters beyond ASCII: annex E j) says what is "mainly" used.
    BeyondAscii,
    /// A code whose structure or check character is wrong.
    ProviderCode,
    /// A name where a code is the guide's way.
    ProviderName,
    /// A code for the other kind of service.
    ServiceKind,
    /// Propagator fields are empty; on first writing they equal the producer's.
    PropagatorEmpty,
    /// A key that the standard does not have.
    ExtraKey,
    /// A value is not a string.
    NotAString,
    /// More than one label stands in the file.
    Copies,
    /// Labels in one file say different things.
    Disagree,
    /// The security data's signature does not fit the label.
    SignatureWrong,
    /// The security data cannot be checked.
    SignatureOpen,
}

impl FindingKind {
    /// Its name in reports, and the last part of its key in the catalogue.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::DuplicateKey => "duplicate-key",
            Self::Missing => "missing",
            Self::ProducerUnknown => "producer-unknown",
            Self::LabelCode => "label-code",
            Self::Character => "character",
            Self::BeyondAscii => "beyond-ascii",
            Self::ProviderCode => "provider-code",
            Self::ProviderName => "provider-name",
            Self::ServiceKind => "service-kind",
            Self::PropagatorEmpty => "propagator-empty",
            Self::ExtraKey => "extra-key",
            Self::NotAString => "not-a-string",
            Self::Copies => "copies",
            Self::Disagree => "disagree",
            Self::SignatureWrong => "signature-wrong",
            Self::SignatureOpen => "signature-open",
        }
    }

    /// All, for tests and for the rules of SARIF.
    pub const ALL: [Self; 17] = [
        Self::Unreadable,
        Self::DuplicateKey,
        Self::Missing,
        Self::ProducerUnknown,
        Self::LabelCode,
        Self::Character,
        Self::BeyondAscii,
        Self::ProviderCode,
        Self::ProviderName,
        Self::ServiceKind,
        Self::PropagatorEmpty,
        Self::ExtraKey,
        Self::NotAString,
        Self::Copies,
        Self::Disagree,
        Self::SignatureWrong,
        Self::SignatureOpen,
    ];

    /// How much it weighs.
    pub fn level(self) -> Level {
        match self {
            Self::ProducerUnknown
            | Self::BeyondAscii
            | Self::ProviderName
            | Self::ServiceKind
            | Self::ExtraKey
            | Self::SignatureOpen => Level::Advice,
            _ => Level::Error,
        }
    }
}

/// One thing about a label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What kind.
    pub kind: FindingKind,
    /// Which key, as it stands in the file.
    pub key: Option<String>,
    /// What was found there.
    pub value: String,
}

impl Finding {
    pub(crate) fn new(kind: FindingKind, key: Option<Key>, value: impl Into<String>) -> Self {
        Self { kind, key: key.map(|key| key.name().to_owned()), value: value.into() }
    }

    /// How much it weighs.
    pub fn level(&self) -> Level {
        self.kind.level()
    }
}

/// All findings about one label, in the order of the keys.
pub fn check(label: &FoundLabel) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(key) = &label.duplicate {
        findings.push(Finding { kind: FindingKind::DuplicateKey, key: Some(key.clone()), value: key.clone() });
    }
    for key in Key::ALL {
        match label.value(key) {
            None | Some("") if !key.is_optional() => findings.push(absent(label, key)),
            None => {}
            Some(value) => check_value(key, value, &mut findings),
        }
    }
    check_services(label, &mut findings);
    for (name, value) in &label.others {
        findings.push(Finding { kind: FindingKind::ExtraKey, key: Some(name.clone()), value: value.clone() });
    }
    findings
}

fn absent(label: &FoundLabel, key: Key) -> Finding {
    let is_empty_propagator = matches!(key, Key::ContentPropagator | Key::PropagateId) && label.value(key) == Some("");
    let is_producers = matches!(key, Key::ContentProducer | Key::ProduceId);
    let code = label.value(Key::Label).and_then(LabelCode::read);
    let is_platforms_own = matches!(code, Some(LabelCode::MayBe | LabelCode::Suspected))
        && label.stated(Key::ContentProducer).is_none()
        && label.stated(Key::ProduceId).is_none();
    let kind = if is_empty_propagator {
        FindingKind::PropagatorEmpty
    } else if is_producers && is_platforms_own {
        FindingKind::ProducerUnknown
    } else {
        FindingKind::Missing
    };
    Finding::new(kind, Some(key), "")
}

fn check_value(key: Key, value: &str, findings: &mut Vec<Finding>) {
    if key == Key::Label {
        if LabelCode::read(value).is_none() {
            findings.push(Finding::new(FindingKind::LabelCode, Some(key), value));
        }
        return;
    }
    if let Some(character) = value.chars().find(|c| c.is_ascii() && !is_allowed(*c)) {
        findings.push(Finding::new(FindingKind::Character, Some(key), character.escape_default().to_string()));
    }
    if let Some(character) = value.chars().find(|c| !c.is_ascii()) {
        findings.push(Finding::new(FindingKind::BeyondAscii, Some(key), character.to_string()));
    }
    if matches!(key, Key::ContentProducer | Key::ContentPropagator) {
        match Provider::read(value) {
            Provider::Code(_) => {}
            Provider::BrokenCode { why } => findings.push(Finding::new(
                FindingKind::ProviderCode,
                Some(key),
                match why {
                    CodeFault::Beginning => "00",
                    CodeFault::CreditCharacter | CodeFault::CheckCharacter => value.get(4..22).unwrap_or_default(),
                    CodeFault::Service => value.get(22..23).unwrap_or_default(),
                },
            )),
            Provider::Name => findings.push(Finding::new(FindingKind::ProviderName, Some(key), value)),
        }
    }
}

/// Annex E j): 0x21, 0x23 to 0x5B, 0x5D to 0x7E, and the quotation mark (which JSON escapes).
pub(crate) fn is_allowed(character: char) -> bool {
    matches!(character, '\u{21}'..='\u{5b}' | '\u{5d}'..='\u{7e}')
}

/// A producer's code says "generates". A propagator's says "propagates", unless it is the producer that wrote first.
fn check_services(label: &FoundLabel, findings: &mut Vec<Finding>) {
    let service = |key| match Provider::read(label.value(key).unwrap_or_default()) {
        Provider::Code(code) => Some((code.service, code.as_str().to_owned())),
        _ => None,
    };
    let producer = service(Key::ContentProducer);
    if let Some((ServiceKind::Propagates, code)) = &producer {
        findings.push(Finding::new(FindingKind::ServiceKind, Some(Key::ContentProducer), code));
    }
    if let Some((ServiceKind::Generates, code)) = service(Key::ContentPropagator)
        && producer.is_none_or(|(_, own)| own != code)
    {
        findings.push(Finding::new(FindingKind::ServiceKind, Some(Key::ContentPropagator), code));
    }
}
