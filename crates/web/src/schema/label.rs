//! What a file says about itself (`gongdao-label`).

use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Where a label stands in a file
#[derive(ToSchema)]
pub(crate) struct LabelPlace {
    /// In the container's own words: chunk, box, field
    field: String,
    /// Bytes from the start of the file
    offset: u64,
    /// Bytes of the value as it stands there
    length: u64,
}

/// Something about a label
#[derive(ToSchema)]
pub(crate) struct LabelFinding {
    /// `error` or `advice`
    level: String,
    /// What is wrong, as a word
    kind: String,
    /// The key it is about
    key: Option<String>,
    /// What was found there
    value: String,
}

/// One label
#[derive(ToSchema)]
pub(crate) struct FoundLabel {
    /// The label with the standard's own key names; null if the text is no label object
    #[schema(rename = "AIGC")]
    aigc: Option<BTreeMap<String, String>>,
    /// Where it stands
    place: LabelPlace,
    /// The text as found, where it is no label object
    text: Option<String>,
    /// Ways of writing that are not the guides'
    dialects: Vec<String>,
    /// What is wrong with it
    findings: Vec<LabelFinding>,
    /// Signatures in the reserved codes
    security: Option<Vec<BTreeMap<String, String>>>,
}

/// What a file says about itself (docs/formats/label.md)
#[derive(ToSchema)]
pub(crate) struct LabelReport {
    /// Kind of file
    format: String,
    /// `conforms`, `fails`, `absent` or `cannot-tell`
    conformity: String,
    /// Its labels, in the order of the file
    labels: Vec<FoundLabel>,
    /// Findings about the file as a whole
    findings: Vec<LabelFinding>,
    /// Byte at which a C2PA manifest stands
    c2pa: Option<u64>,
    /// Metadata that could not be read
    unread: Vec<String>,
}
