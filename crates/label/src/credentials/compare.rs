//! Two records of one file side by side.

use crate::model::{FoundLabel, Key, LabelCode};
use crate::read::Reading;
use std::collections::BTreeSet;

/// What a manifest says of its content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claimed {
    /// A copy of the label, where one stands in the manifest.
    pub label: Option<FoundLabel>,
    /// Digital source types (of IPTC, or C2PA's own) of all actions: the last part of each address, such as
    /// `trainedAlgorithmicMedia`.
    pub source_types: BTreeSet<String>,
}

/// Source types that say: made by a model, all or in part.
const GENERATED: [&str; 4] =
    ["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic", "trainedAlgorithmicData"];
/// Source types that say: taken from the world by a device.
const CAPTURED: [&str; 5] =
    ["digitalCapture", "computationalCapture", "compositeCapture", "negativeFilm", "positiveFilm"];

impl Claimed {
    /// Whether it says that the content, or a part of it, was made by a model.
    pub fn is_generated(&self) -> bool {
        self.has(&GENERATED)
    }

    fn has(&self, types: &[&str]) -> bool {
        types.iter().any(|kind| self.source_types.contains(*kind))
    }
}

/// Where manifest and label say different things. It shows a change, or a mistake; it does not show who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disagreement {
    /// A value of the label is another one in the manifest's copy.
    Value {
        /// Which.
        key: Key,
        /// As it stands in the file; empty where it does not.
        in_label: String,
        /// As it stands in the manifest.
        in_manifest: String,
    },
    /// The manifest has a copy of a label, and the file has no label.
    LabelGone,
    /// The manifest says that a model made the content, and the file has no label.
    OnlyManifest,
    /// The label says "is generated", and the manifest that a device captured it.
    OnlyLabel,
}

impl Disagreement {
    /// Its name in reports, and the last part of its key in the catalogue.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Value { .. } => "value",
            Self::LabelGone => "label-gone",
            Self::OnlyManifest => "only-manifest",
            Self::OnlyLabel => "only-label",
        }
    }
}

/// All differences between what a file's label and its manifest say. A manifest that is silent disagrees with nothing.
pub fn compare(reading: &Reading, claimed: &Claimed) -> Vec<Disagreement> {
    let found = reading.label();
    let mut all = Vec::new();
    match (&claimed.label, found) {
        (Some(_), None) => all.push(Disagreement::LabelGone),
        (Some(signed), Some(label)) => {
            let value = |label: &FoundLabel, key| label.value(key).unwrap_or_default().to_owned();
            for key in Key::ALL {
                let (in_label, in_manifest) = (value(label, key), value(signed, key));
                if in_label != in_manifest {
                    all.push(Disagreement::Value { key, in_label, in_manifest });
                }
            }
        }
        // Metadata that could not be read may hold a label.
        (None, None) if claimed.is_generated() && reading.unread.is_empty() => all.push(Disagreement::OnlyManifest),
        (None, _) => {}
    }
    let is_captured = claimed.has(&CAPTURED) && !claimed.is_generated();
    if is_captured && reading.code() == Some(LabelCode::Is) {
        all.push(Disagreement::OnlyLabel);
    }
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::{Claimed, Disagreement, compare};
    use crate::model::{Key, Label};
    use crate::read::{Reading, read};
    use std::io::Cursor;

    const PRODUCER: &str = "001191110102MACQD9K64010000";

    fn reading(number: Option<&str>) -> Reading {
        let text = number.map_or_else(String::new, |number| {
            format!("---\nAIGC: {}\n---\n", Label::first(PRODUCER, number).unwrap().to_json())
        });
        read(&mut Cursor::new(text + "Text\n"), "a.md").unwrap()
    }

    fn claimed(number: Option<&str>, types: &[&str]) -> Claimed {
        Claimed {
            label: number.map(|number| Label::first(PRODUCER, number).unwrap().found().clone()),
            source_types: types.iter().map(|&kind| kind.to_owned()).collect(),
        }
    }

    #[test]
    fn label_and_manifest_are_compared_and_silence_disagrees_with_nothing() {
        let number = |key| Disagreement::Value { key, in_label: "1".to_owned(), in_manifest: "2".to_owned() };
        let both = vec![number(Key::ProduceId), number(Key::PropagateId)];
        for (name, label, copy, types, expected) in [
            ("the same", Some("1"), Some("1"), &["trainedAlgorithmicMedia"][..], vec![]),
            ("another number", Some("1"), Some("2"), &[], both),
            ("the label is gone", None, Some("1"), &["trainedAlgorithmicMedia"], vec![Disagreement::LabelGone]),
            ("others' manifest, no label", None, None, &["trainedAlgorithmicMedia"], vec![Disagreement::OnlyManifest]),
            ("a camera's, and labelled", Some("1"), None, &["digitalCapture"], vec![Disagreement::OnlyLabel]),
            ("a camera's with a model's part", Some("1"), None, &["digitalCapture", "compositeSynthetic"], vec![]),
            ("silent, labelled", Some("1"), None, &[], vec![]),
            ("silent, not labelled", None, None, &["digitalCapture"], vec![]),
        ] {
            assert_eq!(compare(&reading(label), &claimed(copy, types)), expected, "{name}");
        }
    }
}
