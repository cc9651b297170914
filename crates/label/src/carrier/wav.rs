//! WAV: a chunk `AIGC` after the samples.

use super::{Survey, riff};
use crate::LabelError;
use crate::model::Label;
use crate::source::Source;
use crate::splice::Edit;

pub(crate) fn survey(source: &mut Source<'_>) -> Result<Survey, LabelError> {
    let riff = riff::open(source)?;
    let mut survey = Survey::default();
    riff::survey(source, &riff, "WAV", &mut survey)?;
    Ok(survey)
}

pub(crate) fn edits(source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    let riff = riff::open(source)?;
    let labels = riff::labels(source, &riff)?;
    let mut edits: Vec<Edit> = labels.top.iter().map(|chunk| Edit::cut(chunk.at, chunk.whole())).collect();
    edits.push(Edit::insert(riff.end, riff::chunk(*riff::LABEL, label.to_json().as_bytes())));
    edits.push(riff.resized(&edits)?);
    // In a list, a chunk that says nothing takes the label's place, so that the list keeps its length.
    edits.extend(labels.info.iter().map(super::avi::junk));
    Ok(edits)
}
