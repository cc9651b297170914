use super::check::{Finding, FindingKind, Level, check};
use super::found::{Shape, understand};
use super::{FoundLabel, Key};
use crate::{ErrorKind, LabelError};
use std::fmt::Write as _;

/// What a label says about the content (GB 45438-2025, annex E).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelCode {
    /// `1`: it is generated.
    Is,
    /// `2`: it may be generated.
    MayBe,
    /// `3`: it is suspected to be generated.
    Suspected,
}

impl LabelCode {
    /// The code of this text.
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "1" => Some(Self::Is),
            "2" => Some(Self::MayBe),
            "3" => Some(Self::Suspected),
            _ => None,
        }
    }

    /// As the standard writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Is => "1",
            Self::MayBe => "2",
            Self::Suspected => "3",
        }
    }
}

/// A label that keeps the standard, and so may be written.
///
/// INVARIANT: [`check`] has no error about it, and every value is ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    code: LabelCode,
    found: FoundLabel,
}

impl Label {
    /// The label of a service that just generated the content. The propagator's fields equal the producer's (annex E,
    /// note 1).
    ///
    /// Errors: a name or number is empty, or holds a character that annex E j) does not have.
    pub fn first(producer: &str, produce_id: &str) -> Result<Self, LabelError> {
        let found = FoundLabel {
            values: [
                (Key::Label, LabelCode::Is.as_str()),
                (Key::ContentProducer, producer),
                (Key::ProduceId, produce_id),
                (Key::ReservedCode1, ""),
                (Key::ContentPropagator, producer),
                (Key::PropagateId, produce_id),
                (Key::ReservedCode2, ""),
            ]
            .into_iter()
            .map(|(key, value)| (key, value.to_owned()))
            .collect(),
            ..FoundLabel::default()
        };
        Self::strict(found)
    }

    /// A found label, if it keeps the standard.
    ///
    /// Errors: the first finding that is an error; a value that is not ASCII; a key that the standard does not have.
    pub fn strict(found: FoundLabel) -> Result<Self, LabelError> {
        let findings = check(&found);
        let blocking = |finding: &&Finding| {
            finding.level() == Level::Error || matches!(finding.kind, FindingKind::BeyondAscii | FindingKind::ExtraKey)
        };
        if let Some(finding) = findings.iter().find(blocking) {
            return Err(refusal(finding));
        }
        let code = found.value(Key::Label).and_then(LabelCode::read);
        let code = code.ok_or_else(|| refusal(&Finding::new(FindingKind::LabelCode, Some(Key::Label), "")))?;
        Ok(Self { code, found })
    }

    /// Strict reading of a label's JSON: the seven keys, or an object with the one key `AIGC`.
    pub fn from_json(text: &str) -> Result<Self, LabelError> {
        let understood = understand(text, Shape::Bare);
        let found = understood.label.map_err(|problem| {
            LabelError::new(
                ErrorKind::Label,
                format!("the label is not a JSON object: {problem}"),
                "write an object with the seven keys of GB 45438-2025, annex E",
            )
        })?;
        if understood.dialects.contains(&super::Dialect::NotAString) {
            return Err(LabelError::new(
                ErrorKind::Label,
                "a value of the label is not a string",
                "put every value in quotation marks, `\"Label\": \"1\"` too",
            ));
        }
        Self::strict(found)
    }

    /// The same label with other propagator fields, as a platform writes them when it publishes.
    pub fn spread_by(&self, propagator: &str, propagate_id: &str) -> Result<Self, LabelError> {
        let mut found = self.found.clone();
        found.values.insert(Key::ContentPropagator, propagator.to_owned());
        found.values.insert(Key::PropagateId, propagate_id.to_owned());
        Self::strict(found)
    }

    /// The same label with protection data in one of the reserved codes.
    pub fn with_reserved(&self, key: Key, text: &str) -> Result<Self, LabelError> {
        if !key.is_optional() {
            return Err(LabelError::new(
                ErrorKind::Label,
                format!("`{key}` holds no protection data"),
                "use `ReservedCode1` or `ReservedCode2`",
            ));
        }
        let mut found = self.found.clone();
        found.values.insert(key, text.to_owned());
        Self::strict(found)
    }

    /// What it says about the content.
    pub fn code(&self) -> LabelCode {
        self.code
    }

    /// A value; empty for a reserved code that is not used.
    pub fn value(&self, key: Key) -> &str {
        self.found.value(key).unwrap_or_default()
    }

    /// The label as it would be found.
    pub fn found(&self) -> &FoundLabel {
        &self.found
    }

    /// JSON of the seven keys in the standard's order, without spaces.
    pub fn to_json(&self) -> String {
        let mut text = String::from("{");
        for (place, key) in Key::ALL.into_iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            // Writing to a string cannot fail.
            let _ = write!(text, "{comma}\"{key}\":{}", serde_json::Value::from(self.value(key)));
        }
        text.push('}');
        text
    }

    /// The same under `AIGC`, as annex B has it in comments.
    pub fn to_wrapped_json(&self) -> String {
        format!("{{\"AIGC\":{}}}", self.to_json())
    }
}

fn refusal(finding: &Finding) -> LabelError {
    let key = finding.key.as_deref().unwrap_or("AIGC");
    let value = &finding.value;
    let (message, hint) = match finding.kind {
        FindingKind::DuplicateKey => (format!("`{key}` stands twice"), "keep one of them"),
        FindingKind::Missing | FindingKind::PropagatorEmpty => {
            (format!("`{key}` is missing or empty"), "give it a value; only the two reserved codes may be empty")
        }
        FindingKind::LabelCode => {
            (format!("`{value}` is not a label code"), "use `1` (is generated), `2` (may be) or `3` (suspected)")
        }
        FindingKind::Character | FindingKind::BeyondAscii => (
            format!("`{key}` holds `{value}`, which GB 45438-2025, annex E j) does not have"),
            "use codes and numbers of visible ASCII characters, without spaces and backslashes",
        ),
        FindingKind::ProviderCode => (
            format!("the code in `{key}` is wrong at `{value}`"),
            "check the 27 characters against the code that was issued",
        ),
        FindingKind::ExtraKey => (format!("`{key}` is not a key of the label"), "use the standard's seven keys"),
        _ => (format!("`{key}` breaks the standard: {}", finding.kind.code()), "see `gongdao label verify`"),
    };
    LabelError::new(ErrorKind::Label, message, hint)
}
