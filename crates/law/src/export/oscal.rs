//! An OSCAL 1.2 catalog: one group an instrument, one control a provision, in own words of both languages.

use crate::{Book, Filter, Force, LawError, Reference, Sheet};
use gongdao_model::{InstrumentId, LegalDate};
use gongdao_pack::Instrument;
use gongdao_pack::oscal::{NAMESPACE, VERSION, part_id, token, uuid};
use serde_json::{Value, json};

/// The instruments that a filter takes as an OSCAL catalog, seen from a day. Its UUID follows from the packs' digest,
/// and its time of change is midnight of the day in Asia/Shanghai, so equal packs give equal bytes.
pub fn oscal(book: &Book, filter: &Filter, on: LegalDate) -> Result<String, LawError> {
    let mut groups = Vec::new();
    for listed in book.list(filter) {
        let id: InstrumentId = listed.id.parse()?;
        let instrument = &book.pack(&id)?.instrument;
        let sheets = book.show(&Reference::Instrument(id), on)?;
        groups.push(group(instrument, &sheets, on));
    }
    let digest = book.packs().digest();
    let mut catalog = json!({
        "uuid": uuid(&digest),
        "metadata": {
            "title": "Chinese law on algorithms, in own words",
            "last-modified": format!("{on}T00:00:00+08:00"),
            "version": digest,
            "oscal-version": VERSION,
            "remarks": "Own-words summaries; the official Chinese texts decide. Not legal advice.",
        },
    });
    // OSCAL refuses an empty list.
    if let (Some(catalog), false) = (catalog.as_object_mut(), groups.is_empty()) {
        catalog.insert("groups".to_owned(), Value::from(groups));
    }
    super::pretty(&json!({ "catalog": catalog }))
}

fn group(instrument: &Instrument, sheets: &[Sheet<'_>], on: LegalDate) -> Value {
    let mut properties = vec![
        property("level", &instrument.level),
        property("place", &instrument.place.to_string()),
        property("binding", if instrument.binding { "true" } else { "false" }),
        property("status", instrument.status.as_str()),
        property("effective", &instrument.effective.to_string()),
        property("force", Force::of(instrument, on).key()),
    ];
    properties.extend(instrument.promulgated.map(|date| property("promulgated", &date.to_string())));
    properties.extend(instrument.until.map(|date| property("until", &date.to_string())));
    let mut group = json!({
        "id": token(instrument.id.as_str()),
        "class": "instrument",
        "title": format!("{} / {}", instrument.title_zh, instrument.title_en),
        "props": properties,
    });
    let controls: Vec<Value> = sheets.iter().map(control).collect();
    if let (Some(group), false) = (group.as_object_mut(), controls.is_empty()) {
        group.insert("controls".to_owned(), Value::from(controls));
    }
    group
}

fn control(sheet: &Sheet<'_>) -> Value {
    let id = token(sheet.id);
    let mut properties = vec![
        json!({ "name": "label", "value": sheet.cite_zh }),
        json!({ "name": "alt-identifier", "value": sheet.id }),
        property("kind", sheet.kind),
        property("status", sheet.status.as_str()),
        property("force", sheet.force.key()),
    ];
    properties.extend(sheet.owed_by.map(|party| property("owed-by", party)));
    properties.extend(sheet.owed_to.map(|party| property("owed-to", party)));
    let mut parts = Parts { id: &id, parts: Vec::new() };
    parts.add("statement", None, "", sheet.zh, sheet.en);
    if let (Some(zh), Some(en)) = (sheet.ambiguity_zh, sheet.ambiguity_en) {
        parts.add("guidance", None, "", zh, en);
    }
    for reading in &sheet.readings {
        parts.add("reading", Some(NAMESPACE), reading.id, reading.zh, reading.en);
    }
    for rule in &sheet.rules {
        let named = rule.reading.map_or_else(
            || format!("{}@{}", rule.rule, rule.from),
            |reading| format!("{}@{}?{reading}", rule.rule, rule.from),
        );
        parts.add("rule", Some(NAMESPACE), &named, rule.zh, rule.en);
    }
    for duty in &sheet.duties {
        parts.add("duty", Some(NAMESPACE), &format!("{} ({})", duty.id, duty.due), duty.zh, duty.en);
    }
    json!({
        "id": id,
        "class": "provision",
        "title": sheet.cite_en,
        "props": properties,
        "parts": parts.parts,
    })
}

struct Parts<'a> {
    id: &'a str,
    parts: Vec<Value>,
}

impl Parts<'_> {
    /// One part in each language.
    fn add(&mut self, name: &str, namespace: Option<&str>, title: &str, zh: &str, en: &str) {
        let number = self.parts.len() / 2 + 1;
        for (language, prose) in [("zh", zh), ("en", en)] {
            let mut part = json!({
                "id": part_id(self.id, name, number, language),
                "name": name,
                "props": [property("language", language)],
                "prose": prose,
            });
            if let Some(part) = part.as_object_mut() {
                part.extend(namespace.map(|namespace| ("ns".to_owned(), Value::from(namespace))));
                part.extend((!title.is_empty()).then(|| ("title".to_owned(), Value::from(title))));
            }
            self.parts.push(part);
        }
    }
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "ns": NAMESPACE, "value": value })
}
