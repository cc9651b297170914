//! The `meta` box: handler, keys, item list.

use super::boxes::{Piece, pieces, wrap};
use crate::model::looks_like_label;

const KEY: &str = "AIGC";
/// Type of a UTF-8 value (QuickTime well-known types).
const UTF8: u32 = 1;

/// The body of a `meta` box.
pub(crate) struct Meta<'a> {
    body: &'a [u8],
    /// Bytes before the first box: 4 where it is a full box, 0 in QuickTime.
    start: usize,
    boxes: Vec<Piece<'a>>,
}

/// One label in an item list.
pub(crate) struct Item {
    pub(crate) name: String,
    /// From the start of the `meta` body.
    pub(crate) value_at: u64,
    pub(crate) value_size: u64,
    pub(crate) value: String,
    pub(crate) is_keyless: bool,
    listed_at: usize,
}

/// A changed body.
pub(crate) struct Relabelled {
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_labelled: bool,
}

impl<'a> Meta<'a> {
    pub(crate) fn read(body: &'a [u8]) -> Option<Self> {
        let start = if body.get(4..8) == Some(b"hdlr") { 0 } else { 4 };
        let boxes = pieces(body.get(start..)?)?;
        Some(Self { body, start, boxes })
    }

    /// A whole `meta` box that holds only the label.
    pub(crate) fn fresh(json: &str) -> Vec<u8> {
        let handler = [&[0; 8], &b"mdta"[..], &[0; 13]].concat();
        let body = [
            vec![0; 4],
            wrap(*b"hdlr", &handler),
            wrap(*b"keys", &keys_body(&[KEY.as_bytes().to_vec()])),
            wrap(*b"ilst", &own_item(1, json)),
        ];
        wrap(*b"meta", &body.concat())
    }

    fn find(&self, kind: [u8; 4]) -> Option<&Piece<'a>> {
        self.boxes.iter().find(|piece| piece.kind == kind)
    }

    fn has_keys(&self) -> bool {
        self.find(*b"hdlr").and_then(|piece| piece.data.get(8..12)) == Some(b"mdta")
    }

    /// Names in the order of their numbers, from 1.
    fn keys(&self) -> Vec<Vec<u8>> {
        let data = self.find(*b"keys").map_or(&[][..], |piece| piece.data);
        let names = pieces(data.get(8..).unwrap_or_default()).unwrap_or_default();
        names.iter().map(|piece| piece.data.to_vec()).collect()
    }

    pub(crate) fn labels(&self) -> Vec<Item> {
        let keys = self.keys();
        let Some(list) = self.find(*b"ilst") else { return Vec::new() };
        let items = pieces(list.data).unwrap_or_default();
        let list_at = self.start + list.at + 8;
        items.iter().filter_map(|item| label(item, &keys, list_at, self.has_keys())).collect()
    }

    /// The body with `json` as its only label, if it can hold one, or without any.
    pub(crate) fn relabel(&self, json: Option<&str>) -> Relabelled {
        let labels = self.labels();
        let json = json.filter(|_| self.has_keys());
        let mut keys = self.keys();
        let number = keys.iter().position(|name| name == KEY.as_bytes()).unwrap_or_else(|| {
            if json.is_some() {
                keys.push(KEY.as_bytes().to_vec());
            }
            keys.len().saturating_sub(1)
        });
        let mut list = Vec::new();
        for item in self.find(*b"ilst").and_then(|piece| pieces(piece.data)).unwrap_or_default() {
            if !labels.iter().any(|label| label.listed_at == item.at) {
                list.extend_from_slice(item.whole);
            }
        }
        if let Some(json) = json {
            list.extend(own_item(u32::try_from(number + 1).unwrap_or(u32::MAX), json));
        }
        let mut bytes = self.body.get(..self.start).unwrap_or_default().to_vec();
        let (mut has_keys_box, mut has_list) = (false, false);
        for piece in &self.boxes {
            match &piece.kind {
                b"keys" if json.is_some() => {
                    has_keys_box = true;
                    bytes.extend(wrap(*b"keys", &keys_body(&keys)));
                }
                b"ilst" => {
                    has_list = true;
                    bytes.extend(wrap(*b"ilst", &list));
                }
                _ => bytes.extend_from_slice(piece.whole),
            }
        }
        if json.is_some() && !has_keys_box {
            bytes.extend(wrap(*b"keys", &keys_body(&keys)));
        }
        if json.is_some() && !has_list {
            bytes.extend(wrap(*b"ilst", &list));
        }
        Relabelled { bytes, is_labelled: json.is_some() }
    }
}

fn label(item: &Piece<'_>, keys: &[Vec<u8>], list_at: usize, has_keys: bool) -> Option<Item> {
    let below = pieces(item.data)?;
    let data = below.iter().find(|piece| &piece.kind == b"data")?;
    let raw = data.data.get(8..)?;
    let value = String::from_utf8_lossy(raw).into_owned();
    let number = usize::try_from(u32::from_be_bytes(item.kind)).ok()?;
    let key = number.checked_sub(1).and_then(|place| keys.get(place)).filter(|_| has_keys);
    // An iTunes item of a free form carries its name in a box beside the value.
    let free = below.iter().find(|piece| &piece.kind == b"name").and_then(|piece| piece.data.get(4..));
    let name = key.map(Vec::as_slice).or(free).map(|name| String::from_utf8_lossy(name).into_owned());
    let is_label = name.as_deref().is_some_and(|name| name.contains(KEY)) || looks_like_label(&value);
    let item_at = list_at + item.at;
    is_label.then(|| Item {
        name: name.unwrap_or_else(|| "ilst".to_owned()),
        value_at: (item_at + 8 + data.at + 16) as u64,
        value_size: raw.len() as u64,
        value,
        is_keyless: key.is_none(),
        listed_at: item.at,
    })
}

fn keys_body(names: &[Vec<u8>]) -> Vec<u8> {
    let count = u32::try_from(names.len()).unwrap_or(u32::MAX);
    let mut body = [&[0; 4], &count.to_be_bytes()[..]].concat();
    for name in names {
        body.extend(wrap(*b"mdta", name));
    }
    body
}

fn own_item(number: u32, json: &str) -> Vec<u8> {
    let data = [&UTF8.to_be_bytes()[..], &[0; 4], json.as_bytes()].concat();
    let item = wrap(*b"data", &data);
    wrap(number.to_be_bytes(), &item)
}
