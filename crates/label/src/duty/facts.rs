//! What a file's labels say, in the words of the rules (`packs/vocabulary.cedarschema`), for a gate or an audit to judge.
//!
//! Only what was observed becomes a fact. A visible label that is not found, metadata that cannot be read, a label that is not
//! clear: each stays unknown, and a rule that needs it cannot be judged.

use super::removal::Sign;
use super::{Declaration, Detection};
use crate::model::{FoundLabel, Key, LabelCode};
use crate::read::{Conformity, Reading};
use crate::visible::{Measured, Perceived};
use crate::{LabelError, Medium};
use gongdao_model::{Entity, FactPath, FactValue, Facts};
use std::collections::BTreeSet;

/// The article's mark for a rhythm or a notice at the end; sounds that begin in the second half stand there.
const START: &str = "start";
const END: &str = "end";

/// A file that a service made (`generate`).
#[derive(Debug, Clone, Copy)]
pub struct Made<'a> {
    /// What its metadata say.
    pub reading: &'a Reading,
    /// What people perceive; `None` if nobody looked.
    pub perceived: Option<&'a Perceived>,
}

/// An item that a platform spreads (`disseminate`, `publish`).
#[derive(Debug, Clone, Copy)]
pub struct Spread<'a> {
    /// The file as it was uploaded; `None` if nobody could read it.
    pub upload: Option<&'a Reading>,
    /// The file as the platform published it, and the platform's name or code as it writes it.
    pub published: Option<(&'a Reading, &'a str)>,
    /// What the user said.
    pub declaration: Declaration,
    /// What the platform found.
    pub detection: Detection,
    /// What the upload shows beside the record of issued labels; `None` if nobody compared.
    pub signs: Option<&'a BTreeSet<Sign>>,
}

/// Facts about a file that a service made: `generatedMedium`, `fileProduced`, `embeddedLabelItems`, `technicalLabelAdded`,
/// `visibleLabelPlaces`, `fileLabelled`, `labelShown`.
///
/// Errors: the program is at fault, if a fact's name is none.
pub fn made_facts(made: &Made<'_>) -> Result<Facts, LabelError> {
    let reading = made.reading;
    let mut facts = Facts::new();
    let medium = match reading.format.medium() {
        Medium::Text => "text",
        Medium::Image => "image",
        Medium::Audio => "audio",
        Medium::Video => "video",
    };
    learn(&mut facts, "generatedMedium", text(medium))?;
    learn(&mut facts, "fileProduced", FactValue::Bool(true))?;
    let items = [(Key::ContentProducer, "provider"), (Key::ProduceId, "content-number")];
    if let Some(items) = items_of(reading, items, |_| true) {
        learn(&mut facts, "embeddedLabelItems", items)?;
    }
    // A file without such a label may have a technical label of another kind, such as a watermark.
    if reading.conformity() == Conformity::Conforms {
        learn(&mut facts, "technicalLabelAdded", FactValue::Bool(true))?;
    }
    let places = made.perceived.map(places).unwrap_or_default();
    if !places.is_empty() {
        learn(&mut facts, "visibleLabelPlaces", FactValue::TextSet(places))?;
        learn(&mut facts, "fileLabelled", FactValue::Bool(true))?;
        learn(&mut facts, "labelShown", FactValue::Bool(true))?;
    }
    Ok(facts)
}

/// Facts about an item that a platform spreads: `metadataLabel`, `userDeclared`, `tracesDetected`, `syntheticFound`,
/// `disseminationItems`, `labelTampered`. What stands beside the published content (`surroundingLabel`) no file shows.
///
/// Errors: the program is at fault, if a fact's name is none.
pub fn spread_facts(spread: &Spread<'_>) -> Result<Facts, LabelError> {
    let mut facts = Facts::new();
    let found = spread.upload.and_then(metadata_label);
    if let Some(label) = found {
        learn(&mut facts, "metadataLabel", text(label))?;
    }
    learn(&mut facts, "userDeclared", FactValue::Bool(spread.declaration == Declaration::Generated))?;
    let traces = match spread.detection {
        Detection::VisibleLabel | Detection::Traces => Some(true),
        Detection::Nothing => Some(false),
        Detection::NotDone => None,
    };
    if let Some(traces) = traces {
        learn(&mut facts, "tracesDetected", FactValue::Bool(traces))?;
    }
    // Traces and declarations make it suspected or possible, which is not "found to be".
    if found == Some("generated") {
        learn(&mut facts, "syntheticFound", FactValue::Bool(true))?;
    }
    if let Some((published, platform)) = spread.published {
        let items = [(Key::ContentPropagator, "platform"), (Key::PropagateId, "content-number")];
        let is_own = |label: &FoundLabel| label.stated(Key::ContentPropagator) == Some(platform);
        if let Some(items) = items_of(published, items, is_own) {
            learn(&mut facts, "disseminationItems", items)?;
        }
    }
    // Only the very file that was issued is known to be untouched. No sign says who changed a label, so none says "tampered".
    if spread.signs.is_some_and(|signs| signs.contains(&Sign::SameFile)) {
        learn(&mut facts, "labelTampered", FactValue::Bool(false))?;
    }
    Ok(facts)
}

fn learn(facts: &mut Facts, name: &str, value: FactValue) -> Result<(), LabelError> {
    let path = FactPath::new(Entity::Decision, name)
        .map_err(|error| LabelError::new(crate::ErrorKind::Program, error.message, error.hint.unwrap_or_default()))?;
    facts.insert(path, value);
    Ok(())
}

fn text(word: &str) -> FactValue {
    FactValue::Text(word.to_owned())
}

/// The items of article 5 or 6 that stand in the metadata; `None` if that is not known. An item counts where every label
/// of the file says the same; a label that does not count by `counts` gives none.
fn items_of(reading: &Reading, items: [(Key, &str); 2], counts: impl Fn(&FoundLabel) -> bool) -> Option<FactValue> {
    if reading.conformity() == Conformity::CannotTell {
        return None;
    }
    let labels: Vec<&FoundLabel> = reading.sites.iter().filter_map(|site| site.label.as_ref()).collect();
    let readable = labels.iter().all(|label| label.duplicate.is_none()) && labels.len() == reading.sites.len();
    let mut found = BTreeSet::new();
    if readable && labels.iter().all(|label| counts(label)) {
        let agreed = |key: Key| {
            let first = labels.first()?.stated(key)?;
            labels.iter().all(|label| label.stated(key) == Some(first)).then_some(first)
        };
        if agreed(Key::Label).and_then(LabelCode::read).is_some() {
            found.insert("attribute".to_owned());
        }
        found.extend(items.into_iter().filter(|(key, _)| agreed(*key).is_some()).map(|(_, item)| item.to_owned()));
    }
    Some(FactValue::TextSet(found))
}

/// The vocabulary knows "generated" and "none". Another platform's "may be" or "suspected", and a label that is not clear,
/// are neither, and how they are treated is not settled.
fn metadata_label(reading: &Reading) -> Option<&'static str> {
    match (reading.conformity(), reading.code()) {
        (Conformity::Absent, _) => Some("none"),
        (Conformity::Conforms | Conformity::Fails, Some(LabelCode::Is)) => Some("generated"),
        _ => None,
    }
}

/// Places of visible labels that were found and are large enough. A label that is too small is not said to be none.
fn places(perceived: &Perceived) -> BTreeSet<String> {
    let is_high_enough = |found: &Option<Measured>| found.as_ref().is_some_and(|found| found.is_high_enough);
    let places: Vec<&str> = match perceived {
        Perceived::Badge(found) if is_high_enough(found) => vec!["in-image"],
        Perceived::Frames(frames) if frames.are_long_enough && is_high_enough(&frames.first) => vec!["first-frame"],
        Perceived::Rhythm(Some(rhythm)) => vec![if rhythm.is_at_end { END } else { START }],
        Perceived::Notices(notices) => notices.iter().map(|notice| if notice.is_last { END } else { START }).collect(),
        Perceived::Badge(_) | Perceived::Frames(_) | Perceived::Rhythm(None) | Perceived::NotLookedAt => vec![],
    };
    places.into_iter().map(str::to_owned).collect()
}
