//! Matroska and WebM (RFC 9559): `Segment.Tags.Tag.SimpleTag` named `AIGC`. Nothing that an index names may move: the
//! label takes unused room before the first cluster, or stands at the end of the segment and in the `SeekHead`.

mod ebml;

use super::Survey;
use crate::LabelError;
use crate::model::Label;
use crate::source::{Source, size};
use crate::splice::Edit;
use ebml::{Element, Item, children, element, items, sized, void};

const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114d_9b74;
const SEEK: u32 = 0x4dbb;
const SEEK_ID: u32 = 0x53ab;
const SEEK_POSITION: u32 = 0x53ac;
const TAGS: u32 = 0x1254_c367;
const TAG: u32 = 0x7373;
const TARGETS: u32 = 0x63c0;
const SIMPLE_TAG: u32 = 0x67c8;
const TAG_NAME: u32 = 0x45a3;
const TAG_STRING: u32 = 0x4487;
const CLUSTER: u32 = 0x1f43_b675;
const CHECKSUM: u32 = 0xbf;
const VOID: u32 = 0xec;
const NAME: &[u8] = b"AIGC";

/// A label: its element in a `Tags` body, and its text.
struct Tagged {
    at: usize,
    whole: usize,
    text: String,
    text_at: usize,
    text_size: usize,
}

struct Segment {
    own: Element,
    below: Vec<Element>,
}

fn segment(source: &mut Source<'_>) -> Result<Segment, LabelError> {
    let top = children(source, 0, source.length())?;
    let own = top.into_iter().find(|found| found.id == SEGMENT);
    let own = own.ok_or_else(|| LabelError::malformed(0, "the file has no segment"))?;
    let below = children(source, own.data_at(), own.end())?;
    Ok(Segment { own, below })
}

pub(crate) fn survey(source: &mut Source<'_>) -> Result<Survey, LabelError> {
    let mut survey = Survey::default();
    for tags in segment(source)?.below.iter().filter(|found| found.id == TAGS) {
        let bytes = source.bytes(tags.data_at(), tags.length)?;
        match labels(&bytes) {
            Some(found) => {
                for label in found {
                    let place = (tags.data_at() + label.text_at as u64, label.text_size as u64);
                    survey.text("Matroska Tags SimpleTag AIGC", place, label.text, &[]);
                }
            }
            None => survey.unread.push("Matroska Tags: the element is broken".to_owned()),
        }
    }
    Ok(survey)
}

pub(crate) fn edits(source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    let segment = segment(source)?;
    let own = own_tags(&label.to_json());
    let mut edits = Vec::new();
    // Our own element from an earlier writing gives its place.
    for tags in segment.below.iter().filter(|found| found.id == TAGS) {
        let bytes = source.bytes(tags.data_at(), tags.length)?;
        let broken = || LabelError::malformed(tags.at, "the element `Tags` is broken");
        let found = labels(&bytes).ok_or_else(broken)?;
        let is_last = tags.end() == segment.own.end() && !segment.own.is_open;
        let is_own = source.bytes(tags.at, tags.end() - tags.at)? == own_tags(&found_text(&found));
        if is_own && (is_last || size(&own) == tags.end() - tags.at) && edits.is_empty() {
            let place = Edit::replace(tags.at, tags.end() - tags.at, own.clone());
            edits.extend(segment.own.resized(source, size(&place.insert), place.remove)?);
            edits.push(place);
            return Ok(edits);
        }
        edits.extend(
            found.iter().map(|label| {
                Edit::over(tags.data_at() + label.at as u64, void(label.whole as u64).unwrap_or_default())
            }),
        );
        if !found.is_empty() {
            edits.extend(without_checksum(tags, &bytes));
        }
    }
    if let Some(room) = room(&segment, size(&own)) {
        let left = room.end() - room.at - size(&own);
        edits.push(Edit::over(room.at, [own, void(left).unwrap_or_default()].concat()));
        return Ok(edits);
    }
    let at = segment.own.end();
    edits.extend(seek_entry(source, &segment, at)?);
    edits.extend(segment.own.resized(source, size(&own), 0)?);
    edits.push(Edit::insert(at, own));
    Ok(edits)
}

fn found_text(found: &[Tagged]) -> String {
    found.first().map(|label| label.text.clone()).unwrap_or_default()
}

fn own_tags(json: &str) -> Vec<u8> {
    let simple = [element(TAG_NAME, NAME), element(TAG_STRING, json.as_bytes())].concat();
    let tag = [element(TARGETS, &[]), element(SIMPLE_TAG, &simple)].concat();
    element(TAGS, &element(TAG, &tag))
}

/// A `Void` before the first cluster that is just as large, or leaves room for another.
fn room(segment: &Segment, need: u64) -> Option<&Element> {
    let before = segment.below.iter().take_while(|found| found.id != CLUSTER);
    let whole = |found: &Element| found.end() - found.at;
    before.filter(|found| found.id == VOID).find(|found| whole(found) == need || whole(found) >= need + 2)
}

/// A check sum over bytes that change gives way to a `Void` of its size.
fn without_checksum(parent: &Element, bytes: &[u8]) -> Option<Edit> {
    let first = items(bytes)?.into_iter().next().filter(|item| item.id == CHECKSUM)?;
    Some(Edit::over(parent.data_at() + first.at as u64, void(first.whole as u64)?))
}

/// The `SeekHead` with an entry for the new element, if a `Void` after it gives the room. Without it the label is found by
/// reading on, as RFC 9559 lets readers do.
fn seek_entry(source: &mut Source<'_>, segment: &Segment, at: u64) -> Result<Option<Edit>, LabelError> {
    let pair = segment.below.windows(2).find_map(|pair| match pair {
        [head, void] if head.id == SEEK_HEAD && void.id == VOID => Some((head, void)),
        _ => None,
    });
    let Some((head, room)) = pair else { return Ok(None) };
    let bytes = source.bytes(head.data_at(), head.length)?;
    let Some(found) = items(&bytes) else { return Ok(None) };
    let kept = found.iter().filter(|item| item.id != CHECKSUM && item.id != VOID);
    let mut body: Vec<u8> =
        kept.filter_map(|item| bytes.get(item.at..item.at + item.whole)).flatten().copied().collect();
    let position = (at - segment.own.data_at()).to_be_bytes();
    let entry = [element(SEEK_ID, &TAGS.to_be_bytes()), element(SEEK_POSITION, &position)].concat();
    body.extend(element(SEEK, &entry));
    let new = element(SEEK_HEAD, &body);
    let whole = room.end() - head.at;
    let Some(left) = whole.checked_sub(size(&new)) else { return Ok(None) };
    let filler = if left == 0 { Some(Vec::new()) } else { void(left) };
    Ok(filler.map(|filler| Edit::over(head.at, [new, filler].concat())))
}

/// The labels in the body of a `Tags` element; `None` if it is broken.
fn labels(tags: &[u8]) -> Option<Vec<Tagged>> {
    let mut found = Vec::new();
    for tag in items(tags)?.iter().filter(|item| item.id == TAG) {
        let simple = items(tags.get(tag.data.clone())?)?;
        for item in simple.iter().filter(|item| item.id == SIMPLE_TAG) {
            collect(tags, item, tag.data.start, &mut found)?;
        }
    }
    Some(found)
}

fn collect(tags: &[u8], item: &Item, base: usize, found: &mut Vec<Tagged>) -> Option<()> {
    let start = base + item.data.start;
    let body = tags.get(start..base + item.data.end)?;
    let below = items(body)?;
    let value =
        |id| below.iter().find(|item| item.id == id).and_then(|item| Some((item, body.get(item.data.clone())?)));
    let is_label = value(TAG_NAME).is_some_and(|(_, name)| name.windows(4).any(|part| part == NAME));
    if let Some((item_text, text)) = value(TAG_STRING).filter(|_| is_label) {
        found.push(Tagged {
            at: base + item.at,
            whole: item.whole,
            text: String::from_utf8_lossy(text).trim_end_matches('\0').to_owned(),
            text_at: start + item_text.data.start,
            text_size: text.len(),
        });
    }
    Some(())
}

impl Element {
    /// The edit of the length when `more` bytes come and `less` go; none where the length is open.
    fn resized(&self, source: &mut Source<'_>, more: u64, less: u64) -> Result<Option<Edit>, LabelError> {
        if self.is_open || more == less {
            return Ok(None);
        }
        let width = self.data_at() - self.length_at;
        let new = (self.length + more).saturating_sub(less);
        let bytes = sized(new, width).ok_or_else(|| {
            LabelError::refused("the segment's length field is too narrow for the label", "remux the file once")
        })?;
        source.bytes(self.length_at, width)?;
        Ok(Some(Edit::over(self.length_at, bytes)))
    }
}
