//! schema.org, as JSON-LD: a `SoftwareApplication`, so that search engines and catalogues find it.

use super::Record;
use serde_json::{Map, Value, json};

/// As JSON-LD. What was not declared is left out.
pub fn schema_org(record: &Record<'_>) -> Value {
    let description = &record.algorithm.description;
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| {
        let is_empty = value.is_null() || value.as_str() == Some("");
        if !is_empty {
            members.insert(name.to_owned(), value);
        }
    };
    put("@context", json!("https://schema.org"));
    put("@type", json!("SoftwareApplication"));
    let mut names = vec![json!(record.algorithm.id)];
    if let Some(filed) = record.algorithm.filing.filed.as_ref().filter(|_| record.algorithm.filing.is_filed()) {
        names.push(json!({"@type": "PropertyValue", "propertyID": "互联网信息服务算法备案", "value": filed.number}));
    }
    put("identifier", Value::Array(names));
    put("name", json!(description.name));
    put("description", json!(record.summary()));
    put("url", json!(record.url));
    put("sameAs", json!(description.website));
    put("applicationCategory", json!(description.class.as_str()));
    put("provider", json!({"@type": "Organization", "name": description.provider}));
    put("dateCreated", json!(record.algorithm.registered_at));
    put("dateModified", json!(record.changed_at()));
    if let Some(version) = record.shown_version() {
        put("softwareVersion", json!(version.id));
        put("releaseNotes", json!(version.note));
        put("datePublished", json!(version.publication.as_ref().map(|publication| publication.at)));
    }
    if !description.places.is_empty() {
        let area =
            |place: &gongdao_model::PlaceCode| json!({"@type": "AdministrativeArea", "identifier": place.as_str()});
        put("spatialCoverage", description.places.iter().map(area).collect());
    }
    Value::Object(members)
}
