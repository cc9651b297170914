//! Webhooks: what is sent, in which order, what happens when it is not taken, and what two people have to agree to.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_service::{
    Act, Caller, Courier, Delivery, ErrorKind, NewWebhook, Parcel, Role, WebhookChange, WebhookField, WebhookState,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;
use support::{Home, Running, machine, on_each};

/// A receiver: keeps what it takes, and answers as the test says.
#[derive(Default)]
struct Receiver {
    taken: Mutex<Vec<Value>>,
    tried: Mutex<Vec<String>>,
    /// What it says by address; it takes what is sent elsewhere.
    says: Mutex<BTreeMap<String, Delivery>>,
}

impl Receiver {
    fn says(&self, url: &str, delivery: Delivery) {
        self.says.lock().unwrap().insert(url.to_owned(), delivery);
    }

    /// What was taken since the last time: type without prefix, and data.
    fn new_ones(&self) -> Vec<(String, Value)> {
        let taken = std::mem::take(&mut *self.taken.lock().unwrap());
        let kind = |one: &Value| one["type"].as_str().unwrap().replace("cn.gongdao.", "").replace(".v1", "");
        taken.into_iter().map(|one| (kind(&one), one["data"].clone())).collect()
    }

    fn tried(&self) -> usize {
        std::mem::take(&mut *self.tried.lock().unwrap()).len()
    }
}

impl Courier for Receiver {
    fn deliver(&self, parcel: &Parcel) -> Delivery {
        self.tried.lock().unwrap().push(parcel.id.clone());
        let said = self.says.lock().unwrap().get(&parcel.url).cloned().unwrap_or(Delivery::Taken);
        if said == Delivery::Taken {
            self.taken.lock().unwrap().push(serde_json::from_str(&parcel.body).unwrap());
        }
        said
    }

    fn goes_on(&self) -> bool {
        true
    }
}

fn new(url: &str, kinds: &[&str], fields: &[WebhookField]) -> NewWebhook {
    let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    NewWebhook { url: url.to_owned(), kinds, fields: fields.iter().copied().collect() }
}

/// Until nothing more is due.
fn rounds(running: &Running, receiver: &Receiver) {
    for _ in 0..20 {
        if !running.service.deliver_webhooks(receiver).unwrap() {
            return;
        }
    }
    panic!("it does not end");
}

fn consent(running: &Running, machine: &Caller, id: &str, person: &str) {
    running.event(machine, id, person, r#"resource.consents set ["dispatch"]"#).unwrap();
}

#[test]
fn events_are_sent_in_order_and_tell_nothing_of_persons() {
    on_each(|home| {
        let running = home.start();
        let machine = machine(&running);
        let administrator = running.log_in("root");
        let receiver = Receiver::default();
        consent(&running, &machine, "before", "courier-1");
        let (made, _) = running
            .service
            .create_webhook(&administrator, new("a", &["person-event"], &[WebhookField::Actor]))
            .unwrap();
        assert_eq!(made.value.state, WebhookState::Active);
        for number in 0..150 {
            consent(&running, &machine, &format!("e-{number}-of-courier-1"), "courier-1");
        }
        rounds(&running, &receiver);
        let sent = receiver.taken.lock().unwrap().clone();
        assert!(!sent.iter().any(|one| one.to_string().contains("courier-1")), "{}", sent[0]);
        assert_eq!((&sent[0]["specversion"], &sent[0]["type"]), (&"1.0".into(), &"cn.gongdao.person-event.v1".into()));
        assert_eq!(sent[0]["data"]["actor"], machine.actor.as_str());
        let numbers: Vec<u64> = receiver.new_ones().iter().map(|(_, data)| data["seq"].as_u64().unwrap()).collect();
        assert_eq!(numbers.len(), 150, "what was before it is not sent");
        assert!(numbers.is_sorted());
        // Another process goes on where the first was.
        running.service.stop().unwrap();
        drop(running);
        let running = home.start();
        consent(&running, &machine, "after", "courier-2");
        rounds(&running, &receiver);
        assert_eq!(receiver.new_ones().len(), 1);
    });
}

#[test]
fn what_is_not_taken_holds_up_the_later_ones_is_tried_for_a_day_and_can_be_sent_again() {
    on_each(|home| {
        let running = home.start();
        let machine = machine(&running);
        let administrator = running.log_in("root");
        let service = &running.service;
        let receiver = Receiver::default();
        let (bad, _) = service.create_webhook(&administrator, new("bad", &["person-event"], &[])).unwrap();
        service.create_webhook(&administrator, new("good", &["person-event"], &[])).unwrap();
        receiver.says("bad", Delivery::Failed("status 500".to_owned()));
        consent(&running, &machine, "e-1", "p");
        consent(&running, &machine, "e-2", "p");
        rounds(&running, &receiver);
        assert_eq!(receiver.new_ones().len(), 2, "the other webhook goes on");
        assert_eq!(receiver.tried(), 3);
        let progress = service.webhook_progress(&administrator, &bad.value.id).unwrap();
        assert_eq!((progress.attempts, progress.last_error.as_deref()), (1, Some("status 500")));
        let waits = [5, 30, 120, 600, 1800, 7200, 21_600, 43_200];
        for wait in waits {
            home.clock.advance(wait * 1000 - 1);
            rounds(&running, &receiver);
            assert_eq!(receiver.tried(), 0, "not before {wait} s");
            home.clock.advance(1);
            rounds(&running, &receiver);
            assert!(receiver.tried() >= 1, "after {wait} s");
        }
        let dead = service.dead_letters(&administrator, &bad.value.id, None, 10).unwrap();
        let [letter] = dead.as_slice() else { panic!("{dead:?}") };
        assert_eq!((letter.attempts, letter.last_error.as_deref()), (9, Some("status 500")));
        // The next one is tried by itself; both arrive once the receiver is well again.
        receiver.says("bad", Delivery::Taken);
        home.clock.advance(5000);
        rounds(&running, &receiver);
        let sent = receiver.new_ones();
        assert_eq!(sent.len(), 1);
        service.redeliver(&administrator, &bad.value.id, &letter.id).unwrap();
        assert_eq!(service.redeliver(&administrator, &bad.value.id, &letter.id).unwrap_err().kind, ErrorKind::NotFound);
        rounds(&running, &receiver);
        let again = receiver.new_ones();
        assert_eq!(again.len(), 1);
        assert!(again[0].1["seq"].as_u64() < sent[0].1["seq"].as_u64());
        assert!(service.dead_letters(&administrator, &bad.value.id, None, 10).unwrap().is_empty());
    });
}

#[test]
fn a_receiver_that_is_gone_is_left_alone_until_somebody_lets_it_go_on() {
    on_each(|home| {
        let running = home.start();
        let machine = machine(&running);
        let administrator = running.log_in("root");
        let service = &running.service;
        let receiver = Receiver::default();
        let (made, _) = service.create_webhook(&administrator, new("a", &["person-event"], &[])).unwrap();
        receiver.says("a", Delivery::Gone);
        consent(&running, &machine, "e-1", "p");
        rounds(&running, &receiver);
        consent(&running, &machine, "e-2", "p");
        rounds(&running, &receiver);
        assert_eq!(receiver.tried(), 1);
        let paused = service.webhook(&administrator, &made.value.id).unwrap();
        assert_eq!(paused.value.state, WebhookState::Paused);
        receiver.says("a", Delivery::Taken);
        let on = WebhookChange { is_paused: Some(false), ..WebhookChange::default() };
        let stale = service.change_webhook(&administrator, &made.value.id, paused.version - 1, on.clone());
        assert_eq!(stale.unwrap_err().kind, ErrorKind::Changed);
        service.change_webhook(&administrator, &made.value.id, paused.version, on).unwrap();
        rounds(&running, &receiver);
        assert_eq!(receiver.new_ones().len(), 2, "what happened meanwhile is sent");
        service.delete_webhook(&administrator, &made.value.id).unwrap();
        consent(&running, &machine, "e-3", "p");
        rounds(&running, &receiver);
        assert!(receiver.new_ones().is_empty());
    });
}

#[test]
fn a_webhook_tells_of_persons_only_where_two_people_agreed_to_just_that() {
    on_each(|home| {
        let running = home.start();
        let machine = machine(&running);
        let administrator = running.log_in("root");
        let officer = running.someone(&administrator, "officer", Role::Officer, &[]);
        let service = &running.service;
        let receiver = Receiver::default();
        let fields = [WebhookField::Person, WebhookField::Details];
        let (made, _) = service.create_webhook(&administrator, new("a", &["person-event"], &fields)).unwrap();
        let id = made.value.id;
        consent(&running, &machine, "e-1", "courier-1");
        rounds(&running, &receiver);
        assert_eq!((made.value.state, receiver.tried()), (WebhookState::Waiting, 0));
        let ask = |base: u64| {
            let act = Act::OpenWebhook { webhook: id.clone(), base };
            service.ask_approval(&administrator, act, "their store deletes what we delete")
        };
        assert_eq!(ask(2).unwrap_err().kind, ErrorKind::Changed);
        let asked = ask(1).unwrap();
        let other = WebhookChange { url: Some("b".to_owned()), ..WebhookChange::default() };
        service.change_webhook(&administrator, &id, 1, other).unwrap();
        assert_eq!(service.decide_approval(&officer, &asked.id, true, "yes").unwrap_err().kind, ErrorKind::Changed);
        let asked = ask(2).unwrap();
        service.decide_approval(&officer, &asked.id, true, "yes").unwrap();
        rounds(&running, &receiver);
        let sent = receiver.new_ones();
        assert_eq!(
            (&sent[0].1["person"], &sent[0].1["details"]["fact"]),
            (&"courier-1".into(), &"resource.consents".into())
        );
        // Fewer kinds need nobody, another address does.
        let change = WebhookChange { url: Some("c".to_owned()), ..WebhookChange::default() };
        assert_eq!(service.change_webhook(&administrator, &id, 3, change).unwrap().value.state, WebhookState::Waiting);
        let change = WebhookChange { fields: Some([].into()), ..WebhookChange::default() };
        assert_eq!(service.change_webhook(&administrator, &id, 4, change).unwrap().value.state, WebhookState::Active);
        for (caller, kinds) in [(&officer, "settings"), (&administrator, "everything")] {
            assert!(service.create_webhook(caller, new("a", &[kinds], &[])).is_err());
        }
    });
}

#[test]
fn an_erasure_is_told_and_what_was_erased_is_not() {
    on_each(|home: &Home| {
        let running = home.start();
        let machine = machine(&running);
        let administrator = running.log_in("root");
        let officer = running.someone(&administrator, "officer", Role::Officer, &[]);
        let service = &running.service;
        let receiver = Receiver::default();
        let kinds = ["person-event", "erasure"];
        let (made, _) = service.create_webhook(&administrator, new("a", &kinds, &[WebhookField::Person])).unwrap();
        let act = Act::OpenWebhook { webhook: made.value.id.clone(), base: 1 };
        let asked = service.ask_approval(&administrator, act, "why").unwrap();
        service.decide_approval(&officer, &asked.id, true, "yes").unwrap();
        service.create_webhook(&administrator, new("quiet", &["erasure"], &[])).unwrap();
        consent(&running, &machine, "e-1", "courier-1");
        consent(&running, &machine, "e-2", "courier-2");
        service.erase(&officer, "courier-1", &"cn.pipl/47/1".parse().unwrap()).unwrap();
        receiver.says("a", Delivery::Failed("no connection".to_owned()));
        rounds(&running, &receiver);
        let sent = receiver.new_ones();
        assert!(sent.len() == 1 && sent[0].1.get("person").is_none(), "{sent:?}");
        assert_eq!(sent[0].1["ground"], "cn.pipl/47/1");
        receiver.says("a", Delivery::Taken);
        home.clock.advance(5000);
        rounds(&running, &receiver);
        let mut sent: Vec<_> =
            receiver.new_ones().iter().map(|(kind, data)| format!("{kind} {}", data["person"])).collect();
        sent.sort();
        assert_eq!(sent, [r#"erasure "courier-1""#, r#"person-event "courier-2""#]);
        // Nothing of the person is kept for the webhook once it was told.
        rounds(&running, &receiver);
        assert!(receiver.new_ones().is_empty());
    });
}
