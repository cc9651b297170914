//! Carrying granted requests out on both databases: who is told, who says what, what is stuck, and what is erased by itself.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_desk::{About, Outcome, RequestKind, Stage, TaskState, Way, What};
use gongdao_service::{
    Act, Caller, CaseView, Courier, Credential, Delivery, ErrorKind, NewCase, NewKey, NewSystem, NewWebhook, Parcel,
    Role, ServiceError, SystemState, TaskQuestion, TaskTurn, Told, Turn, WebhookField,
};
use serde_json::Value;
use std::sync::Mutex;
use support::{Running, decision, on_each, password};

struct World {
    own: Caller,
    officer: Caller,
    second: Caller,
    engineer: Caller,
    regulator: Caller,
    /// Answers for `orders`.
    orders: Caller,
    /// A machine that answers for nothing.
    other: Caller,
    webhook: String,
}

/// Keeps what it is sent; says what the test wants.
struct Receiver {
    taken: Mutex<Vec<Value>>,
    says: Mutex<Delivery>,
}

impl Receiver {
    fn new(says: Delivery) -> Self {
        Self { taken: Mutex::default(), says: Mutex::new(says) }
    }

    fn taken(&self) -> Vec<Value> {
        std::mem::take(&mut *self.taken.lock().unwrap())
    }
}

impl Courier for Receiver {
    fn deliver(&self, parcel: &Parcel) -> Delivery {
        let said = self.says.lock().unwrap().clone();
        let body: Value = serde_json::from_str(&parcel.body).unwrap();
        assert_eq!(body["id"], parcel.id);
        self.taken.lock().unwrap().push(body);
        said
    }

    fn goes_on(&self) -> bool {
        true
    }
}

impl World {
    /// `orders` is told by a webhook, `shop` asks by itself, `archive` is a person's work.
    fn new(running: &Running) -> Self {
        let service = &running.service;
        let administrator = running.administrator();
        let someone = |name: &str, role, persons: &[&str]| running.someone(&administrator, name, role, persons);
        let key = |name: &str| {
            let new = NewKey { name: name.to_owned(), roles: [Role::Machine].into(), until: None };
            let (key, secret) = service.create_key(&administrator, new).unwrap();
            (key.id, service.recognise(Credential::Key(secret.reveal())).unwrap())
        };
        let ((orders_key, orders), (_, other)) = (key("orders"), key("other"));
        let webhook = NewWebhook {
            url: "https://orders.example/hook".to_owned(),
            kinds: ["fulfilment".to_owned()].into(),
            fields: [WebhookField::Subject].into(),
        };
        let webhook = service.create_webhook(&administrator, webhook).unwrap().0.value.id;
        let engineer = someone("engineer", Role::Engineer, &[]);
        let world = Self {
            own: someone("own", Role::Person, &["p"]),
            officer: someone("officer", Role::Officer, &[]),
            second: someone("second", Role::Officer, &[]),
            regulator: someone("regulator", Role::Regulator, &[]),
            engineer,
            orders,
            other,
            webhook: webhook.clone(),
        };
        let all = [RequestKind::Delete, RequestKind::Correct, RequestKind::OptOut, RequestKind::WithdrawConsent];
        let mut orders = system(Way::Webhook, &all);
        (orders.webhook, orders.key) = (Some(webhook), Some(orders_key.clone()));
        world.declare(running, "orders", 0, orders);
        service.put_system(&world.engineer, "archive", 0, system(Way::Manual, &[RequestKind::Delete])).unwrap();
        let shop = NewSystem { key: Some(orders_key), ..system(Way::DataMap, &[RequestKind::Delete]) };
        world.declare(running, "shop", 0, shop);
        world
    }

    /// A system that would learn of persons counts when a second person agreed.
    fn declare(&self, running: &Running, id: &str, version: u64, what: NewSystem) {
        let service = &running.service;
        let made = service.put_system(&self.engineer, id, version, what).unwrap();
        assert_eq!(made.value.state, SystemState::Waiting);
        let act = Act::OpenSystem { system: id.to_owned(), base: made.version };
        let asked = service.ask_approval(&self.engineer, act, "it holds orders").unwrap();
        service.decide_approval(&self.officer, &asked.id, true, "it does").unwrap();
    }

    fn delete(&self, running: &Running, about: About) -> CaseView {
        let new = NewCase { password: Some(password().reveal().to_owned()), ..new(RequestKind::Delete, about) };
        running.service.file_case(&self.own, new).unwrap()
    }
}

fn system(way: Way, kinds: &[RequestKind]) -> NewSystem {
    let kinds = kinds.iter().copied().collect();
    NewSystem { zh: "系统".to_owned(), en: "system".to_owned(), way, kinds, webhook: None, key: None }
}

fn new(kind: RequestKind, about: About) -> NewCase {
    NewCase { kind, person: "p".to_owned(), about, text: String::new(), ground: None, language: None, password: None }
}

fn granted() -> Turn {
    let (outcome, text) = (Outcome::Granted, "同意删除".to_owned());
    let what = What::Answered { outcome, text, done: Vec::new(), kinds: Vec::new(), orders: Vec::new() };
    Turn { what, password: None }
}

fn done(text: &str, place: Option<&str>) -> TaskTurn {
    TaskTurn::Done { text: text.to_owned(), place: place.map(str::to_owned) }
}

fn say(running: &Running, who: &Caller, case: &CaseView, system: &str, turn: TaskTurn) -> Result<Told, ServiceError> {
    running.service.answer_fulfilment(who, &format!("{}.{system}", case.case.id), turn)
}

fn kind_of<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> ErrorKind {
    result.unwrap_err().kind
}

fn rounds(running: &Running, receiver: &Receiver) {
    for _ in 0..20 {
        if !running.service.deliver_webhooks(receiver).unwrap() {
            return;
        }
    }
    panic!("it does not end");
}

fn states(view: &CaseView) -> Vec<(&str, TaskState)> {
    view.case.fulfilment.iter().map(|task| (task.system.as_str(), task.state)).collect()
}

#[test]
fn a_granted_deletion_is_done_everywhere_and_then_erased_by_itself() {
    on_each(|home| {
        let running = home.start();
        let world = World::new(&running);
        let service = &running.service;
        running.check_one(decision("d-1", "p", 100)).unwrap();
        let case = world.delete(&running, About::default());
        let case = service.act_on_case(&world.officer, &case.case.id, granted()).unwrap();
        let open = TaskState::Open;
        assert_eq!(states(&case), [("archive", open), ("orders", open), ("shop", open), ("gongdao", open)]);
        assert!(!case.is_fulfilled && case.case.stage == Stage::Answered);
        let closed = service.act_on_case(&world.own, &case.case.id, Turn { what: What::Closed, password: None });
        assert_eq!(kind_of(closed), ErrorKind::NotNow, "not done, so not closed");
        assert_eq!(service.carry_out_deletions().unwrap(), 0, "the others come first");
        // What the webhook says: which task, of nobody.
        let receiver = Receiver::new(Delivery::Taken);
        rounds(&running, &receiver);
        let sent = receiver.taken();
        let [event] = sent.as_slice() else { panic!("{sent:?}") };
        assert_eq!(event["type"], "cn.gongdao.fulfilment.v1");
        let name = format!("{}.orders", case.case.id);
        assert_eq!(event["data"]["fulfilment"], name.as_str());
        assert!(event["data"].get("person").is_none(), "{event}");
        rounds(&running, &receiver);
        service.tell_what_was_missed().unwrap();
        rounds(&running, &receiver);
        assert!(receiver.taken().is_empty(), "what was taken is not sent again");
        // The system reads for whom, with its key; another machine learns nothing.
        let told = service.fulfilment(&world.orders, &name).unwrap();
        assert_eq!((told.person.as_str(), told.kind, told.task.state), ("p", RequestKind::Delete, open));
        for stranger in [&world.other, &world.own, &world.engineer] {
            assert_eq!(kind_of(service.fulfilment(stranger, &name)), ErrorKind::NotFound);
            assert_eq!(kind_of(say(&running, stranger, &case, "orders", done("x", None))), ErrorKind::NotFound);
        }
        say(&running, &world.orders, &case, "orders", done("3 rows removed", None)).unwrap();
        let twice = say(&running, &world.orders, &case, "orders", done("3 rows removed", None));
        assert_eq!(kind_of(twice), ErrorKind::NotNow);
        say(&running, &world.orders, &case, "shop", done("2 rows removed", None)).unwrap();
        assert_eq!(kind_of(say(&running, &world.officer, &case, "gongdao", done("x", Some("y")))), ErrorKind::Input);
        assert_eq!(
            kind_of(say(&running, &world.officer, &case, "archive", done("box 7 shredded", None))),
            ErrorKind::Input,
            "by hand, and nobody says where"
        );
        let told = say(&running, &world.officer, &case, "archive", done("box 7 shredded", Some("cellar 2"))).unwrap();
        assert_eq!(told.task.by.unwrap().actor, world.officer.actor);
        assert!(!told.is_fulfilled, "the service itself is left");
        assert_eq!(service.carry_out_deletions().unwrap(), 1);
        let error = service.case(&world.officer, &case.case.id).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Erased, "{error:?}");
        assert!(!format!("{error:?}").contains("`p`"), "{error:?}");
        assert!(running.store.of_person("p", &gongdao_service::port::JournalKind::ALL, None, 10).unwrap().is_empty());
        let all = service.fulfilments(&world.officer, &TaskQuestion::default(), None, 10).unwrap();
        assert!(all.items.is_empty(), "{all:?}");
        assert_eq!(service.carry_out_deletions().unwrap(), 0);
    });
}

#[test]
fn what_nobody_takes_is_stuck_is_listed_and_is_tried_again() {
    on_each(|home| {
        let running = home.start();
        let world = World::new(&running);
        let service = &running.service;
        let case = service
            .file_case(
                &world.own,
                new(RequestKind::WithdrawConsent, About { purpose: Some("dispatch".to_owned()), ..About::default() }),
            )
            .unwrap();
        assert_eq!(states(&case), [("orders", TaskState::Open)], "the gate knows at once, the system is told");
        let receiver = Receiver::new(Delivery::Failed("status 500".to_owned()));
        rounds(&running, &receiver);
        for wait in [5, 30, 120, 600, 1800, 7200, 21_600, 43_200] {
            home.clock.advance(wait * 1000);
            rounds(&running, &receiver);
        }
        let ids: Vec<Value> = receiver.taken().into_iter().map(|event| event["id"].clone()).collect();
        assert!(ids.len() == 9 && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        let stuck = TaskQuestion { state: Some(TaskState::Stuck), system: None };
        for who in [&world.officer, &world.engineer, &world.regulator, &world.orders] {
            let found = service.fulfilments(who, &stuck, None, 10).unwrap().items;
            assert_eq!(found.len(), 1, "{}: {found:?}", who.name);
        }
        for who in [&world.own, &world.other] {
            assert_eq!(kind_of(service.fulfilments(who, &stuck, None, 10)), ErrorKind::Forbidden);
        }
        let view = service.case(&world.own, &case.case.id).unwrap();
        assert_eq!(view.case.task("orders").unwrap().text.as_deref(), Some("status 500"), "the person sees why");
        let dead = service.dead_letters(&world.engineer, &world.webhook, None, 10).unwrap();
        assert_eq!(dead[0].fulfilment.as_deref(), Some(format!("{}.orders", case.case.id).as_str()));
        *receiver.says.lock().unwrap() = Delivery::Taken;
        say(&running, &world.officer, &case, "orders", TaskTurn::Again).unwrap();
        rounds(&running, &receiver);
        assert_eq!(receiver.taken()[0]["id"], ids[0], "the same event");
        assert!(service.dead_letters(&world.engineer, &world.webhook, None, 10).unwrap().is_empty());
        let failed = TaskTurn::Failed { text: "no such rider".to_owned() };
        say(&running, &world.orders, &case, "orders", failed).unwrap();
        assert_eq!(service.fulfilments(&world.officer, &stuck, None, 10).unwrap().items.len(), 1);
        let told = say(&running, &world.orders, &case, "orders", done("found, off", None)).unwrap();
        assert!(told.is_fulfilled);
        let view = service.act_on_case(&world.own, &case.case.id, Turn { what: What::Closed, password: None });
        assert_eq!(view.unwrap().case.stage, Stage::Closed);
    });
}

#[test]
fn an_order_survives_the_process_and_the_database() {
    on_each(|home| {
        let running = home.start();
        let world = World::new(&running);
        let case = running
            .service
            .file_case(
                &world.own,
                new(RequestKind::WithdrawConsent, About { purpose: Some("dispatch".to_owned()), ..About::default() }),
            )
            .unwrap();
        // The letter is lost with the process that was to write it.
        let letter = gongdao_service::port::Put {
            collection: "webhook-extra",
            id: format!("{}.{}.orders", world.webhook, case.case.id),
            expected: gongdao_service::port::Expected::Any,
            body: None,
            alias: None,
            expires: None,
        };
        running.store.change("ledger.example/one", &[letter], &[]).unwrap();
        running.service.stop().unwrap();
        drop(running);
        let running = home.start();
        let receiver = Receiver::new(Delivery::Taken);
        rounds(&running, &receiver);
        assert!(receiver.taken().is_empty());
        running.service.tell_what_was_missed().unwrap();
        rounds(&running, &receiver);
        assert_eq!(receiver.taken().len(), 1);
        let view = running.service.case(&world.own, &case.case.id).unwrap();
        assert_eq!(states(&view), [("orders", TaskState::Open)]);
    });
}

#[test]
fn what_an_article_keeps_is_not_erased_and_a_part_is_left_to_a_person() {
    on_each(|home| {
        let running = home.start();
        let world = World::new(&running);
        let service = &running.service;
        running.check_one(decision("d-1", "p", 100)).unwrap();
        let article = "cn.pipl/47/2".parse().unwrap();
        let keep = Act::RefuseDeletion { person: "p".to_owned(), article, until: None };
        let asked = service.ask_approval(&world.officer, keep, "wages of 2025").unwrap();
        service.decide_approval(&world.second, &asked.id, true, "yes").unwrap();
        for system in ["orders", "archive", "shop"] {
            service.delete_system(&world.engineer, system).unwrap();
        }
        let case = world.delete(&running, About::default());
        let case = service.act_on_case(&world.officer, &case.case.id, granted()).unwrap();
        assert_eq!(states(&case), [("gongdao", TaskState::Open)]);
        assert_eq!(service.carry_out_deletions().unwrap(), 0);
        let view = service.case(&world.own, &case.case.id).unwrap();
        let task = view.case.task("gongdao").unwrap();
        assert_eq!((task.state, task.way), (TaskState::Stuck, Way::Own));
        assert!(task.text.as_ref().unwrap().contains("cn.pipl/47/2"), "{task:?}");
        assert!(service.decision(&world.own, "d-1", &gongdao_service::Purpose::default()).is_ok(), "nothing is lost");
        // Of a part the service erases nothing by itself.
        let photo = About { information: Some("the photo of my card".to_owned()), ..About::default() };
        let part = world.delete(&running, photo);
        let part = service.act_on_case(&world.officer, &part.case.id, granted()).unwrap();
        assert_eq!(part.case.task("gongdao").unwrap().way, Way::Manual);
        assert_eq!(service.carry_out_deletions().unwrap(), 0);
        let told = say(&running, &world.officer, &part, "gongdao", done("no photo here", Some("all tables"))).unwrap();
        assert!(told.is_fulfilled);
        let kept = |kinds: &[&str]| {
            let outcome = Outcome::Refused { article: "cn.pipl/47/2".parse().unwrap() };
            let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
            let what =
                What::Answered {
                    outcome, text: "依法保存".to_owned(), done: Vec::new(), kinds, orders: Vec::new()
                };
            Turn { what, password: None }
        };
        let wages = About { information: Some("my wages".to_owned()), ..About::default() };
        let case = world.delete(&running, wages);
        let unsaid = service.act_on_case(&world.officer, &case.case.id, kept(&[]));
        assert_eq!(kind_of(unsaid), ErrorKind::Input, "what is kept has to be named");
        service.act_on_case(&world.officer, &case.case.id, kept(&["wages"])).unwrap();
    });
}

#[test]
fn a_system_that_cannot_be_is_refused() {
    on_each(|home| {
        let running = home.start();
        let world = World::new(&running);
        let service = &running.service;
        let put = |id: &str, what: NewSystem| kind_of(service.put_system(&world.engineer, id, 0, what));
        let manual = || system(Way::Manual, &[RequestKind::Delete]);
        let key = world.orders.actor.strip_prefix("key:").map(str::to_owned);
        for (id, what) in [
            ("gongdao", manual()),
            ("", manual()),
            ("Orders", manual()),
            ("a.b", manual()),
            ("a", system(Way::Own, &[RequestKind::Delete])),
            ("a", system(Way::Manual, &[])),
            ("a", system(Way::Manual, &[RequestKind::See])),
            ("a", system(Way::Webhook, &[RequestKind::Delete])),
            ("a", system(Way::DataMap, &[RequestKind::Delete])),
            ("a", NewSystem { key: key.clone(), ..system(Way::DataMap, &[RequestKind::OptOut]) }),
            ("a", NewSystem { key: Some("key-none".to_owned()), ..system(Way::DataMap, &[RequestKind::Delete]) }),
            ("a", NewSystem { key: key.clone(), ..manual() }),
            ("a", NewSystem { zh: " ".to_owned(), ..manual() }),
            ("a", {
                let webhook = Some("webhook-none".to_owned());
                NewSystem { webhook, key, ..system(Way::Webhook, &[RequestKind::Delete]) }
            }),
        ] {
            assert_eq!(put(id, what.clone()), ErrorKind::Input, "{id}: {what:?}");
        }
        assert_eq!(put("orders", manual()), ErrorKind::Changed, "it is there already");
        assert_eq!(kind_of(service.put_system(&world.officer, "a", 0, manual())), ErrorKind::Forbidden);
        let found = service.system(&world.regulator, "archive").unwrap();
        let changed = service.put_system(&world.engineer, "archive", found.version, manual()).unwrap();
        assert_eq!(changed.version, found.version + 1);
        assert_eq!(changed.value.state, SystemState::Active, "a person sees what people of the operator see");
        assert_eq!(service.systems(&world.regulator).unwrap().len(), 3);
        assert_eq!(kind_of(service.systems(&world.own)), ErrorKind::Forbidden);
    });
}

#[test]
fn a_system_learns_of_persons_only_when_a_second_person_agreed() {
    on_each(|home| {
        let running = home.start();
        let world = World::new(&running);
        let service = &running.service;
        let systems_of = |part: &str| {
            let case = world.delete(&running, About { information: Some(part.to_owned()), ..About::default() }).case.id;
            let case = service.act_on_case(&world.officer, &case, granted()).unwrap().case;
            case.fulfilment.iter().map(|task| task.system.clone()).collect::<Vec<_>>()
        };
        assert!(systems_of("one").contains(&"shop".to_owned()));
        let found = service.system(&world.regulator, "shop").unwrap();
        // Another key and fewer kinds: the other key would learn of persons.
        let other =
            NewSystem { key: world.other.actor.strip_prefix("key:").map(str::to_owned), ..found.value.what.clone() };
        let changed = service.put_system(&world.engineer, "shop", found.version, other.clone()).unwrap();
        assert_eq!(
            (changed.value.state, changed.value.before.as_ref()),
            (SystemState::Waiting, Some(&found.value.what))
        );
        let task = |who: &Caller| {
            let question = TaskQuestion { state: None, system: Some("shop".to_owned()) };
            service.fulfilments(who, &question, None, 10).map_or(0, |found| found.items.len())
        };
        assert_eq!((task(&world.orders), task(&world.other)), (1, 0), "what was declared before counts until then");
        let act = |base| Act::OpenSystem { system: "shop".to_owned(), base };
        assert_eq!(kind_of(service.ask_approval(&world.engineer, act(found.version), "why")), ErrorKind::Changed);
        let asked = service.ask_approval(&world.engineer, act(changed.version), "another program").unwrap();
        assert_eq!(kind_of(service.decide_approval(&world.engineer, &asked.id, true, "yes")), ErrorKind::Forbidden);
        service.decide_approval(&world.officer, &asked.id, true, "yes").unwrap();
        assert_eq!((task(&world.orders), task(&world.other)), (0, 1));
        let again = service.ask_approval(&world.engineer, act(changed.version + 1), "again");
        assert_eq!(kind_of(again), ErrorKind::Changed, "it does not wait");
        // A new name tells nobody more.
        let found = service.system(&world.regulator, "shop").unwrap();
        let renamed = NewSystem { en: "store".to_owned(), ..other };
        let renamed = service.put_system(&world.engineer, "shop", found.version, renamed).unwrap();
        assert_eq!((renamed.value.state, renamed.value.before), (SystemState::Active, None));
        // One that is new counts nothing before.
        let key = world.other.actor.strip_prefix("key:").map(str::to_owned);
        let new = NewSystem { key, ..system(Way::DataMap, &[RequestKind::Delete]) };
        service.put_system(&world.engineer, "ads", 0, new).unwrap();
        assert!(!systems_of("two").contains(&"ads".to_owned()));
    });
}
