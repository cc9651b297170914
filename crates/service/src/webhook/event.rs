use super::subscribe::Webhook;
use super::{ERASURE, FULFILMENT, WebhookField};
use crate::ServiceError;
use crate::fulfilment::told_of;
use crate::port::{JournalEntry, NewEntry};
use gongdao_desk::Case;
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// An erasure that other systems have to follow. It names the person until every subscription has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Erased {
    /// The erasure's name.
    pub(crate) id: String,
    /// Whose records.
    pub(crate) person: String,
    /// The article.
    pub(crate) ground: String,
    /// When.
    pub(crate) at: Instant,
}

/// An event as it is sent: CloudEvents 1.0.2, JSON format, structured mode.
pub(super) struct Event {
    pub(super) id: String,
    pub(super) body: String,
}

/// An entry of the journal, for a subscription: the same however often it is sent. Its own name is not told: whoever gave it may
/// have written a person into it.
pub(super) fn of_entry(entry: &JournalEntry, webhook: &Webhook) -> Result<Event, ServiceError> {
    let NewEntry { kind, person, subject, actor, at, body, .. } = &entry.entry;
    let mut data = Map::new();
    data.insert("seq".to_owned(), entry.seq.into());
    for field in &webhook.fields {
        let value = match field {
            WebhookField::Actor => Some(actor.clone().into()),
            WebhookField::Details => Some(serde_json::from_str(body).map_err(ServiceError::storage)?),
            WebhookField::Person => person.clone().map(Value::from),
            WebhookField::Subject => subject.clone().map(Value::from),
        };
        data.extend(value.map(|value| (field.as_str().to_owned(), value)));
    }
    let mut event = event(&format!("journal-{}", entry.seq), &entry.node, kind.as_str(), *at, &data);
    // So that a receiver sees order and gaps (CloudEvents, extension "sequence").
    event.insert("sequence".to_owned(), format!("{:020}", entry.seq).into());
    Ok(Event { id: format!("journal-{}", entry.seq), body: Value::Object(event).to_string() })
}

/// An erasure, for a subscription.
pub(super) fn of_erasure(erased: &Erased, node: &str, webhook: &Webhook) -> Event {
    let mut data = Map::new();
    data.insert("ground".to_owned(), erased.ground.clone().into());
    if webhook.fields.contains(&WebhookField::Person) {
        data.insert("person".to_owned(), erased.person.clone().into());
    }
    let event = event(&erased.id, node, ERASURE, erased.at, &data);
    Event { id: erased.id.clone(), body: Value::Object(event).to_string() }
}

/// A task of a system, for a subscription. For whom it is the system asks with its key, unless two people opened it.
pub(super) fn of_task(case: &Case, system: &str, node: &str, webhook: &Webhook) -> Option<Event> {
    let (id, name, task) = told_of(case, system)?;
    let mut data = Map::new();
    data.insert("fulfilment".to_owned(), name.into());
    data.insert("case".to_owned(), case.id.clone().into());
    data.insert("kind".to_owned(), case.kind.as_str().into());
    data.insert("system".to_owned(), system.into());
    if webhook.fields.contains(&WebhookField::Person) {
        data.insert("person".to_owned(), case.person.clone().into());
    }
    if webhook.fields.contains(&WebhookField::Details) {
        data.insert("about".to_owned(), serde_json::to_value(&case.about).ok()?);
        data.insert("text".to_owned(), case.text.clone().into());
    }
    let event = event(&id, node, FULFILMENT, task.ordered_at, &data);
    Some(Event { id, body: Value::Object(event).to_string() })
}

pub(super) fn event(id: &str, node: &str, kind: &str, at: Instant, data: &Map<String, Value>) -> Map<String, Value> {
    let event = json!({
        "specversion": "1.0", "id": id, "source": node, "type": format!("cn.gongdao.{kind}.v1"), "time": at,
        "datacontenttype": "application/json", "data": data,
    });
    match event {
        Value::Object(event) => event,
        _ => Map::new(),
    }
}
