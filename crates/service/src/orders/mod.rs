//! Orders of regulators to the provider: to say something, to put something right, to stop a version; each with a clock in
//! working days, a reply, and what comes after it. An order is what its journal entries come to; the database has it a second time.

mod order;

pub use order::{NewOrder, Order, OrderAbout, OrderEvent, OrderKind, OrderStage, OrderWhat};

use crate::follow::{Acknowledged, taken};
use crate::identity::new_id;
use crate::port::{Document, Expected, JournalKind, NewEntry, Put, Recorded, Store};
use crate::{Caller, Right, Service, ServiceError};
use gongdao_clock::{Calendar, CountingRule, Explanation, explain};
use gongdao_model::{DecisionId, Instant, LegalDate};
use order::period_of;
use serde::Serialize;
use std::collections::BTreeMap;

const ORDERS: &str = "orders";

/// An order, and what follows from it now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OrderView {
    /// The order.
    #[serde(flatten)]
    pub order: Order,
    /// Whether the provider's time is over without a reply.
    pub is_late: bool,
    /// Whether the last day depends on holidays that are not announced.
    pub is_provisional: bool,
    /// How the last day was computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
    /// Where the last event stands, where this is the answer to a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Acknowledged>,
}

impl Service {
    /// Make an order. Returns when it is in the ledger.
    ///
    /// Whether its provisions are in a pack is for the interface to see to, which has the statute book.
    ///
    /// Errors: the caller may not; an algorithm that the register does not have; a text, list, period or identifier that cannot be.
    pub fn issue_order(&self, caller: &Caller, new: NewOrder) -> Result<OrderView, ServiceError> {
        caller.may(Right::IssueOrders)?;
        if let Some(algorithm) = &new.about.algorithm {
            self.algorithm(algorithm)?;
        }
        if let Some(decision) = &new.about.decision {
            decision.parse::<DecisionId>()?;
        }
        let id = new_id("order", &*self.entropy)?;
        let event = self.order_event(caller, OrderWhat::Issued { order: Box::new(new) })?;
        let order = Order::issue(&id, &event)?;
        self.keep_order(order, &event, Expected::Absent)
    }

    /// Reply to an order, or go on with it. Returns when it is in the ledger.
    ///
    /// Errors: the caller may not; there is none; it cannot follow (`NotNow`).
    pub fn act_on_order(&self, caller: &Caller, id: &str, what: OrderWhat) -> Result<OrderView, ServiceError> {
        caller.may(if what.is_of_provider() { Right::AnswerOrders } else { Right::IssueOrders })?;
        let document = self.store.document(ORDERS, id)?.ok_or_else(|| ServiceError::not_found("order"))?;
        let before = read(&document)?;
        let event = self.order_event(caller, what)?;
        self.keep_order(before.after(&event)?, &event, Expected::Version(document.version))
    }

    /// One order.
    ///
    /// Errors: the caller may not see it; there is none.
    pub fn order(&self, caller: &Caller, id: &str) -> Result<OrderView, ServiceError> {
        caller.may(Right::ReadOrders)?;
        let document = self.store.document(ORDERS, id)?.ok_or_else(|| ServiceError::not_found("order"))?;
        self.order_view(read(&document)?, None)
    }

    /// Orders in the order of their names, after one.
    pub fn orders(&self, caller: &Caller, after: Option<&str>, limit: u32) -> Result<Vec<OrderView>, ServiceError> {
        caller.may(Right::ReadOrders)?;
        let found = self.store.list(ORDERS, after, limit)?;
        found.iter().map(|document| self.order_view(read(document)?, None)).collect()
    }

    fn order_event(&self, caller: &Caller, what: OrderWhat) -> Result<OrderEvent, ServiceError> {
        let at = self.clock.now();
        let due = what.period().map(|period| last_day(&self.desk.calendar, period, at)).transpose()?;
        Ok(OrderEvent { at, by: caller.actor.clone(), due, what })
    }

    fn keep_order(&self, order: Order, event: &OrderEvent, expected: Expected) -> Result<OrderView, ServiceError> {
        let entry = NewEntry {
            kind: JournalKind::Order,
            id: format!("order:{}#{}", order.id, order.events.len()),
            person: None,
            subject: Some(order.id.clone()),
            actor: event.by.clone(),
            at: event.at,
            body: serde_json::to_string(event).map_err(ServiceError::storage)?,
        };
        let change = self.store.change(&self.node, &[put(&order, expected)?], &[entry])?;
        let recorded = change.entries.first().copied().ok_or_else(ServiceError::changed)?;
        if recorded == Recorded::Other {
            return Err(taken());
        }
        let receipt = self.follower.wait(recorded)?;
        self.order_view(order, Some(receipt))
    }

    fn order_view(&self, order: Order, receipt: Option<Acknowledged>) -> Result<OrderView, ServiceError> {
        // A calendar that no longer reaches so far leaves the day as it was told.
        let explanation =
            explain(&self.desk.calendar, CountingRule::default(), period_of(&order.period)?.0, order.since, &[]).ok();
        let due = explanation.as_ref().and_then(|found| found.due);
        let is_provisional = due.is_some_and(|due| due.is_provisional);
        Ok(OrderView { is_late: order.is_late(self.clock.now()), is_provisional, explanation, order, receipt })
    }
}

fn last_day(calendar: &Calendar, period: &str, since: Instant) -> Result<LegalDate, ServiceError> {
    let hint = "give a shorter period";
    let explanation = explain(calendar, CountingRule::default(), period_of(period)?.0, since, &[])
        .map_err(|error| ServiceError::input(error.message, hint))?;
    let due = explanation.due.ok_or_else(|| ServiceError::input("the period has no end", hint))?;
    Ok(due.end.day())
}

fn read(document: &Document) -> Result<Order, ServiceError> {
    serde_json::from_str(&document.body).map_err(ServiceError::storage)
}

fn put(order: &Order, expected: Expected) -> Result<Put, ServiceError> {
    let body = Some(serde_json::to_string(order).map_err(ServiceError::storage)?);
    Ok(Put { collection: ORDERS, id: order.id.clone(), expected, body, alias: None, expires: None })
}

/// Make the documents again from the journal: the ledger gave entries back that the database had lost.
pub(crate) fn restore(store: &dyn Store, node: &str) -> Result<(), ServiceError> {
    const AT_ONCE: u32 = 1000;
    let (mut entries, mut before) = (Vec::new(), None);
    loop {
        let page = store.of_subject(JournalKind::Order, None, before, AT_ONCE)?;
        let Some(last) = page.last() else { break };
        before = Some(last.seq);
        entries.extend(page);
    }
    entries.sort_by_key(|entry| entry.seq);
    let mut made: BTreeMap<String, Order> = BTreeMap::new();
    for entry in entries {
        let Some(id) = entry.entry.subject else { continue };
        let event: OrderEvent = serde_json::from_str(&entry.entry.body).map_err(ServiceError::storage)?;
        let next = match made.get(&id) {
            None => Order::issue(&id, &event)?,
            Some(order) => order.after(&event)?,
        };
        made.insert(id, next);
    }
    let puts = made.values().map(|order| put(order, Expected::Any)).collect::<Result<Vec<_>, _>>()?;
    store.change(node, &puts, &[]).map(|_| ())
}
