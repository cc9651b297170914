use crate::text::reads_from_text;
use crate::{LegalDate, ModelError};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

// Identifiers stand in many verdicts at once, so copies share the text.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(into = "String")]
        pub struct $name(Arc<str>);

        reads_from_text!($name);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = ModelError;
            fn from_str(text: &str) -> Result<Self, ModelError> {
                $check(text)?;
                Ok(Self(text.into()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = ModelError;
            fn try_from(text: String) -> Result<Self, ModelError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// Jurisdiction and slug of an instrument: `cn.pipl`.
    InstrumentId,
    check_instrument
);
text_id!(
    /// Smallest cited part of an instrument: `cn.pipl/24/1` is article 24, paragraph 1.
    ProvisionId,
    check_provision
);
text_id!(
    /// A rule across its versions: provision, `#`, name: `cn.iisarmp/17/1#stop-on-opt-out`.
    RuleId,
    check_rule
);
text_id!(
    /// One of several tenable meanings of an open provision.
    ReadingId,
    check_word
);
text_id!(
    /// A court case, labour event or report that provisions and readings are linked to.
    MatterId,
    check_word
);
text_id!(
    /// Identifier that the source gave a decision; unique within a source.
    DecisionId,
    check_not_empty
);

impl ProvisionId {
    /// The instrument that the provision stands in.
    pub fn instrument(&self) -> InstrumentId {
        InstrumentId(self.0.split('/').next().unwrap_or_default().into())
    }

    /// The article (or item of a policy document) as written: `24`.
    pub fn article(&self) -> &str {
        self.0.split('/').nth(1).unwrap_or_default()
    }

    /// Paragraph and item parts after the article, if any.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').skip(2)
    }
}

impl RuleId {
    /// The provision before the `#`.
    pub fn provision(&self) -> ProvisionId {
        ProvisionId(self.0.split('#').next().unwrap_or_default().into())
    }
}

/// What names one rule version for ever: rule, reading and first day in force.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VersionKey {
    /// The rule.
    pub rule: RuleId,
    /// The reading it follows, where the provision is open.
    pub reading: Option<ReadingId>,
    /// First day in force.
    pub from: LegalDate,
}

impl fmt::Display for VersionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.rule, self.from)?;
        match &self.reading {
            Some(reading) => write!(f, "?{reading}"),
            None => Ok(()),
        }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn check_word(text: &str) -> Result<(), ModelError> {
    if is_word(text) {
        return Ok(());
    }
    Err(ModelError::new(format!("`{text}` is not an identifier"), "use lower-case letters, digits and hyphens"))
}

fn check_not_empty(text: &str) -> Result<(), ModelError> {
    if text.trim().is_empty() {
        return Err(ModelError::new("the identifier is empty", "give each decision the identifier of its source"));
    }
    Ok(())
}

fn check_instrument(text: &str) -> Result<(), ModelError> {
    match text.split_once('.') {
        Some((place, slug)) if is_word(place) && is_word(slug) => Ok(()),
        _ => Err(ModelError::new(
            format!("`{text}` is not an instrument"),
            "write it like `cn.pipl`: jurisdiction, full stop, slug",
        )),
    }
}

fn check_provision(text: &str) -> Result<(), ModelError> {
    let mut parts = text.split('/');
    let instrument = parts.next().unwrap_or_default();
    let mut count = 0;
    let numbers_fit = parts.all(|part| {
        count += 1;
        is_word(part)
    });
    if check_instrument(instrument).is_ok() && numbers_fit && (1..=3).contains(&count) {
        return Ok(());
    }
    Err(ModelError::new(
        format!("`{text}` is not a provision"),
        "write it like `cn.iisarmp/17/1`: instrument, article, then paragraph and item if needed",
    ))
}

fn check_rule(text: &str) -> Result<(), ModelError> {
    match text.split_once('#') {
        Some((provision, name)) if check_provision(provision).is_ok() && is_word(name) => Ok(()),
        _ => Err(ModelError::new(
            format!("`{text}` is not a rule"),
            "write it like `cn.iisarmp/17/1#stop-on-opt-out`: provision, `#`, name",
        )),
    }
}
