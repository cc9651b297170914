//! JSON of a reading: `docs/formats/label.md`.

use crate::credentials::{Credentials, Disagreement, Examined};
use crate::model::{Finding, FoundLabel, Key, Level};
use crate::read::{Reading, Site};
use crate::security::{SignatureOutcome, SignedText};
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What a file says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Kind of file.
    pub format: String,
    /// `conforms`, `fails`, `absent` or `cannot-tell`.
    pub conformity: String,
    /// Its labels, in the order of the file.
    pub labels: Vec<LabelReport>,
    /// Findings about the file as a whole.
    pub findings: Vec<FindingReport>,
    /// Byte at which a C2PA manifest stands.
    pub c2pa: Option<u64>,
    /// What it says and whether it holds, where it was verified.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credentials: Option<Box<CredentialsReport>>,
    /// Metadata that could not be read.
    pub unread: Vec<String>,
}

/// One label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelReport {
    /// The label with the standard's own key names; `null` if the text is not a label object.
    #[serde(rename = "AIGC")]
    pub aigc: Option<Members>,
    /// Where it stands.
    pub place: PlaceReport,
    /// The text as found, where it is not a label object.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
    /// Ways of writing that are not the guides'.
    pub dialects: Vec<String>,
    /// What is wrong with it.
    pub findings: Vec<FindingReport>,
    /// Signatures in the reserved codes.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub security: Vec<SecurityReport>,
}

/// A verified C2PA manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialsReport {
    /// `invalid`, `valid` or `trusted`.
    pub validity: String,
    /// C2PA's codes of what does not hold.
    pub failures: Vec<String>,
    /// The name in the signer's certificate.
    pub signer: Option<String>,
    /// The program that made the claim.
    pub generator: Option<String>,
    /// When, by a time stamp.
    pub signed_at: Option<String>,
    /// Digital source types of its actions.
    pub source_types: Vec<String>,
    /// The label as the manifest has it.
    #[serde(rename = "AIGC")]
    pub aigc: Option<Members>,
    /// Where it and the label say different things.
    pub disagreements: Vec<DisagreementReport>,
}

/// A difference between a file's two records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DisagreementReport {
    /// `value`, `label-gone`, `only-manifest` or `only-label`.
    pub kind: String,
    /// The key of the label.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key: Option<String>,
    /// As it stands in the file's label.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub in_label: Option<String>,
    /// As it stands in the manifest.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub in_manifest: Option<String>,
}

/// Members of a JSON object in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members(pub Vec<(String, String)>);

/// A place in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceReport {
    /// Chunk, box or field.
    pub field: String,
    /// Bytes from the start of the file.
    pub offset: u64,
    /// Bytes of the value.
    pub length: u64,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingReport {
    /// `error` or `advice`.
    pub level: String,
    /// Its kind.
    pub kind: String,
    /// The key it is about.
    pub key: Option<String>,
    /// What was found there.
    pub value: String,
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityReport {
    /// The reserved code it stands in.
    pub key: String,
    /// `fits`, `wrong` or `open`.
    pub outcome: String,
    /// `text` or `digest`: what was signed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub over: Option<String>,
    /// The key that came with the file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub public_key: Option<String>,
    /// Why it is open.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<String>,
}

/// The report of a reading.
pub fn report(reading: &Reading) -> Report {
    Report {
        format: reading.format.code().to_owned(),
        conformity: reading.conformity().code().to_owned(),
        labels: reading.sites.iter().map(label).collect(),
        findings: reading.findings.iter().map(finding).collect(),
        c2pa: reading.credentials,
        credentials: None,
        unread: reading.unread.clone(),
    }
}

fn members(label: &FoundLabel) -> Members {
    let own = Key::ALL.iter().filter_map(|key| Some((key.name().to_owned(), label.value(*key)?.to_owned())));
    Members(own.chain(label.others.iter().cloned()).collect())
}

/// The report of a verified manifest.
fn credentials(found: &Credentials) -> CredentialsReport {
    let difference = |difference: &Disagreement| {
        let (key, in_label, in_manifest) = match difference {
            Disagreement::Value { key, in_label, in_manifest } => {
                (Some(key.name().to_owned()), Some(in_label.clone()), Some(in_manifest.clone()))
            }
            _ => (None, None, None),
        };
        DisagreementReport { kind: difference.code().to_owned(), key, in_label, in_manifest }
    };
    CredentialsReport {
        validity: found.validity.code().to_owned(),
        failures: found.failures.clone(),
        signer: found.signer.clone(),
        generator: found.generator.clone(),
        signed_at: found.signed_at.clone(),
        source_types: found.claimed.source_types.iter().cloned().collect(),
        aigc: found.claimed.label.as_ref().map(members),
        disagreements: found.disagreements.iter().map(difference).collect(),
    }
}

fn label(site: &Site) -> LabelReport {
    let members = site.label.as_ref().map(members);
    let place = &site.place;
    LabelReport {
        text: members.is_none().then(|| site.text.clone()),
        aigc: members,
        place: PlaceReport { field: place.field.clone(), offset: place.offset, length: place.length },
        dialects: site.dialects.iter().map(|dialect| dialect.code().to_owned()).collect(),
        findings: site.findings.iter().map(finding).collect(),
        security: site.security.iter().map(security).collect(),
    }
}

fn finding(finding: &Finding) -> FindingReport {
    let level = match finding.level() {
        Level::Error => "error",
        Level::Advice => "advice",
    };
    FindingReport {
        level: level.to_owned(),
        kind: finding.kind.code().to_owned(),
        key: finding.key.clone(),
        value: finding.value.clone(),
    }
}

fn security(checked: &crate::Checked) -> SecurityReport {
    let key = checked.key.name().to_owned();
    let plain = |outcome: &str| SecurityReport {
        key: key.clone(),
        outcome: outcome.to_owned(),
        over: None,
        public_key: None,
        why: None,
    };
    match &checked.outcome {
        SignatureOutcome::Fits { over, public_key } => {
            let over = match over {
                SignedText::Text => "text",
                SignedText::Digest => "digest",
            };
            SecurityReport { over: Some(over.to_owned()), public_key: Some(public_key.clone()), ..plain("fits") }
        }
        SignatureOutcome::Wrong => plain("wrong"),
        SignatureOutcome::Open(why) => SecurityReport { why: Some(why.clone()), ..plain("open") },
    }
}

impl Report {
    /// With what was found out about the file's manifest.
    #[must_use]
    pub fn with_credentials(mut self, examined: &Examined) -> Self {
        if let Examined::Found(found) = examined {
            self.credentials = Some(Box::new(credentials(found)));
        }
        self
    }

    /// JSON for programs, indented.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = access.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}
