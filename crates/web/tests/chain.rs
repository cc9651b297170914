//! The whole chain over the API, with the clock moved: an algorithm is filed, published, consulted on, agreed, comes into force, decides,
//! explains; a consent is withdrawn, a decision contested and changed, the next version declared. And each right that the study
//! behind this project names, used by a person, a representative or a regulator; and a copy of everything beside what the store has.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]

mod support;

use gongdao_model::Instant;
use gongdao_service::port::{Cursor, JournalKind};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use support::client::{Answer, Client};
use support::{Served, root, since_epoch, start_moved};

const PASSWORD: &str = "correct horse battery";
const DAY: i64 = 86_400_000;

struct World {
    served: Served,
    shift: Arc<AtomicI64>,
    machine: Client,
    accounts: BTreeMap<&'static str, String>,
    _folder: tempfile::TempDir,
}

fn made(answer: &Answer) -> Value {
    assert!((200..300).contains(&answer.status), "{}", answer.text);
    answer.json()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

impl World {
    fn new(flags: &[(&'static str, String)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shift = Arc::new(AtomicI64::new(0));
        let served = start_moved(folder.path(), "127.0.0.1:0", flags, &shift);
        let token = served.token.as_ref().unwrap().reveal();
        let nobody = Client::new(served.address, None);
        made(&nobody.post("/v1/setup", &json!({"token": token, "name": "root", "password": PASSWORD})));
        let session = nobody.post("/v1/sessions", &json!({"name": "root", "password": PASSWORD}));
        let admin = Client::new(served.address, made(&session)["token"].as_str());
        let mut accounts = BTreeMap::new();
        for (name, role, persons) in [
            ("rider", "person", vec!["p-1"]),
            ("colleague", "person", vec!["p-2"]),
            ("union", "representative", vec![]),
            ("officer", "officer", vec![]),
            ("second", "officer", vec![]),
            ("engineer", "engineer", vec![]),
            ("reviewer", "reviewer", vec![]),
            ("regulator", "regulator", vec![]),
        ] {
            let new = json!({"name": name, "roles": [role], "persons": persons, "password": PASSWORD});
            accounts.insert(name, text(&made(&admin.post("/v1/accounts", &new))["id"]));
        }
        let key = made(&admin.post("/v1/keys", &json!({"name": "orders", "roles": ["machine"]})));
        let machine = Client::new(served.address, key["secret"].as_str());
        Self { served, shift, machine, accounts, _folder: folder }
    }

    /// Logged in anew: sessions end while the clock is moved.
    fn who(&self, name: &str) -> Client {
        let nobody = Client::new(self.served.address, None);
        let session = nobody.post("/v1/sessions", &json!({"name": name, "password": PASSWORD}));
        Client::new(self.served.address, made(&session)["token"].as_str())
    }

    fn actor(&self, name: &str) -> String {
        format!("account:{}", self.accounts[name])
    }

    fn pass(&self, days: i64) {
        self.shift.fetch_add(days * DAY, Ordering::SeqCst);
    }

    fn now(&self) -> Instant {
        let now = since_epoch().as_millis() as i64 + self.shift.load(Ordering::SeqCst);
        Instant::from_millis(now).unwrap()
    }

    /// The day in so many days.
    fn day(&self, days: i64) -> String {
        Instant::from_millis(self.now().millis() + days * DAY).unwrap().date_in_shanghai().to_string()
    }

    fn check(&self, id: &str, algorithm: &str, person: &str) -> Value {
        let record = json!({
            "id": id, "at": self.now(), "action": "dispatch", "algorithm": algorithm, "person": person,
            "resource": {"ageGroup": "adult"},
            "context": {"personalInformation": true, "purpose": "dispatch", "solelyAutomated": true},
        });
        made(&self.machine.post("/v1/decisions:check", &record))
    }

    fn put(&self, who: &str, path: &str, body: &Value) -> Value {
        let headers = [("content-type", "application/json"), ("if-match", "\"0\"")];
        made(&self.who(who).send("PUT", path, &headers, Some(body.to_string().as_bytes())))
    }

    /// A decision on a person's request, by kind.
    fn file(&self, who: &str, body: &Value) -> Value {
        let mut body = body.clone();
        body["person"] = "p-1".into();
        made(&self.who(who).post("/v1/cases", &body))
    }

    fn act(&self, who: &str, case: &Value, body: &Value) -> Value {
        made(&self.who(who).post(&format!("/v1/cases/{}/events", text(&case["id"])), body))
    }
}

fn outcome(answer: &Value, rule: &str) -> String {
    let rules = answer["answer"]["rules"].as_array().unwrap();
    text(&rules.iter().find(|one| one["rule"] == rule).unwrap_or_else(|| panic!("no {rule}"))["outcome"])
}

/// From the filing to the day on which the version is in force. Returns the algorithm.
fn into_force(world: &World) -> String {
    let described = json!({"provider": "某平台", "name": "配送调度", "class": "dispatch", "affects_labour": true,
        "opinion_attributes": true, "texts": {"purpose": "少等五分钟"}});
    let algorithm = text(&made(&world.who("engineer").post("/v1/algorithms", &described))["id"]);
    let filing = format!("/v1/filing-records/{algorithm}/events");
    let today = world.day(0);
    for event in [
        json!({"what": "service-began", "on": today}),
        json!({"what": "submitted", "submission": "first", "on": today}),
        json!({"what": "accepted", "number": "网信算备110108224236606220017号", "on": today}),
    ] {
        made(&world.who("officer").post(&filing, &event));
    }
    let version = json!({"id": "dispatch-v8", "text": "一\n二\n三", "factors": [{"name": "距离", "weight": "0.6"}]});
    made(&world.who("engineer").post(&format!("/v1/algorithms/{algorithm}/versions"), &version));
    assert_eq!(world.check("early-1", "dispatch-v8", "p-1")["register"], "not-published");
    let seats = json!([
        {"side": "union", "name": "市总工会", "account": world.actor("union")},
        {"side": "platform", "name": "某平台", "account": world.actor("officer")},
    ]);
    let call = json!({"last_day": world.day(5), "seats": seats, "question": "放宽吗"});
    let called = made(&world.who("officer").post("/v1/versions/dispatch-v8/consultations", &call));
    let events = format!("/v1/consultations/{}/events", text(&called["id"]));
    let passage = json!({"digest": called["digest"], "from_line": 2, "to_line": 3});
    let comment = json!({"what": "commented", "passage": passage, "text": "下雨时太快"});
    made(&world.who("union").post(&events, &comment));
    let answer = json!({"what": "answered", "number": 1, "status": "taken-up", "text": "下雨加十分钟"});
    made(&world.who("officer").post(&events, &answer));
    let activate = json!({"what": "activated"});
    let early = world.who("officer").post("/v1/versions/dispatch-v8/events", &activate);
    assert_eq!(early.problem(), "not-now", "no result yet");
    world.pass(7);
    for (who, event) in [
        ("officer", json!({"what": "concluded", "outcome": "agreed", "text": "按答复执行"})),
        ("officer", json!({"what": "announced", "told": "站点公告、App 通知"})),
        ("union", json!({"what": "agreement-signed", "digest": format!("sha256:{}", "ab".repeat(32))})),
    ] {
        made(&world.who(who).post(&events, &event));
    }
    let publish = json!({"what": "published", "from": world.day(9)});
    made(&world.who("officer").post("/v1/versions/dispatch-v8/events", &publish));
    made(&world.who("officer").post("/v1/versions/dispatch-v8/events", &activate));
    assert_eq!(world.check("early-2", "dispatch-v8", "p-1")["register"], "not-in-force");
    world.pass(10);
    algorithm
}

#[test]
fn from_the_filing_to_the_next_version_each_link_leads_to_the_next() {
    let world = World::new(&[("register.require", "true".to_owned())]);
    let anyone = Client::new(world.served.address, None);
    let algorithm = into_force(&world);
    let standing = anyone.get("/v1/versions/dispatch-v8").json();
    assert_eq!((&standing["standing"], &standing["algorithm"]), (&json!("in-force"), &json!(algorithm)), "{standing}");
    // It decides, on a consent.
    let consents =
        json!({"id": "consent-1", "fact": "resource.consents", "change": {"op": "set", "value": ["dispatch"]}});
    made(&world.who("rider").post("/v1/persons/p-1/events", &consents));
    for number in 1..=5 {
        let checked = world.check(&format!("d-{number}"), "dispatch-v8", "p-1");
        assert_eq!(checked.get("register"), None, "{checked}");
        assert_eq!(outcome(&checked, "cn.pipl/13/1/1#consent"), "established");
    }
    // Decision -> algorithm version, rule version, provision.
    let explained = world.who("rider").get("/v1/decisions/d-1/explanation").json();
    assert_eq!(explained["algorithm"], "dispatch-v8");
    assert_eq!(
        explained["factors"].as_array().unwrap().iter().find(|one| one["fact"] == "resource.consents").unwrap()["source"],
        "person"
    );
    let verdicts = explained["verdicts"].as_array().unwrap();
    assert!(!verdicts.is_empty());
    for verdict in verdicts {
        let provision = text(&verdict["provision"]);
        assert!(text(&verdict["rule"]).starts_with(&format!("{provision}#")), "{verdict}");
        assert!(verdict["from"].is_string(), "{verdict}: which version of the rule");
        assert_eq!(anyone.get(&format!("/law/{provision}")).status, 200, "{provision}");
    }
    let receipt = world.who("rider").get("/v1/decisions/d-1/receipt");
    assert_eq!(receipt.status, 200, "{}", receipt.text);
    let shown = world.who("rider").get("/v1/decisions/d-1").json();
    assert_eq!(shown["ledger"]["leaf"], explained["leaf"], "the explanation is of the entry that is proved: {shown}");
    assert!(receipt.text.contains(&format!("index {}\n", explained["leaf"])), "{}", receipt.text);
    // Withdrawn, and the next check knows it.
    let withdrawn = world.file("rider", &json!({"kind": "withdraw-consent", "about": {"purpose": "dispatch"}}));
    assert_eq!(withdrawn["answer"]["outcome"], "granted", "{withdrawn}");
    let next = world.check("d-6", "dispatch-v8", "p-1");
    assert_eq!(outcome(&next, "cn.pipl/13/1/1#consent"), "not-established");
    assert_ne!(next["enforced"], "proceed", "{next}");
    contested(&world);
    let figures = anyone.get(&format!("/v1/algorithms/{algorithm}")).json()["figures"].clone();
    assert_eq!(
        (&figures["contested"], &figures["reviewed"], &figures["changed"]),
        (&json!(5), &json!(5), &json!(5)),
        "{figures}"
    );
    // The next version says on which it rests, and what is different.
    let version =
        json!({"id": "dispatch-v9", "based_on": "dispatch-v8", "text": "一\n二\n三，下雨加十分钟", "factors": []});
    let declared = made(&world.who("engineer").post(&format!("/v1/algorithms/{algorithm}/versions"), &version));
    assert_eq!(declared["based_on"], "dispatch-v8");
    let diff = anyone.get("/v1/versions/dispatch-v8/diff/dispatch-v9").json();
    assert!(diff["lines"].as_array().unwrap().iter().any(|line| line["op"] == "added"), "{diff}");
    assert_eq!(
        world.check("d-7", "dispatch-v9", "p-2")["register"],
        "not-published",
        "the old one goes on, the new one waits"
    );
    world.served.stop();
}

/// Five decisions are contested, reviewed and changed; each case leads back to its decision.
fn contested(world: &World) {
    for number in 1..=5 {
        let decision = format!("d-{number}");
        let contest = json!({"kind": "contest", "about": {"decision": decision}, "ground": "weather", "text": "暴雨"});
        let case = world.file("rider", &contest);
        let suspension = format!("/v1/decisions/{decision}/suspension");
        let waits = world.machine.get(&suspension).json();
        assert_eq!((&waits["suspended"], &waits["cases"][0]["case"]), (&json!(true), &case["id"]), "{waits}");
        world.act("reviewer", &case, &json!({"what": "review-begun", "role": "station lead"}));
        world.shift.fetch_add(90_000, Ordering::SeqCst);
        let decide = json!({"what": "reviewed", "seen": ["track", "weather"], "could_change": true, "changed": true,
            "text": "当时暴雨，取消扣款", "done": [{"system": "pay", "what": "fine taken back"}]});
        let reviewed = world.act("reviewer", &case, &decide);
        assert_eq!(reviewed["about"]["decision"], decision.as_str());
        assert_eq!((&reviewed["closed"], &reviewed["review"]["changed"]), (&json!("reviewed"), &json!(true)));
        assert_eq!(world.machine.get(&suspension).json()["suspended"], false);
        let person = world.who("rider").get(&format!("/v1/cases/{}", text(&case["id"]))).json();
        assert_eq!(person["review"]["role"], "station lead", "the person sees who, by role");
    }
}

/// A right that the study names: its line there, words of the line, who uses it, and how.
struct Right {
    line: usize,
    words: &'static str,
    used: fn(&World),
}

fn granted(case: &Value) {
    assert_eq!(case["answer"]["outcome"], "granted", "{case}");
}

const RIGHTS: [Right; 17] = [
    Right {
        line: 11,
        words: "deleting user tags aimed at personal characteristics",
        used: |world| {
            granted(&world.file("rider", &json!({"kind": "delete-tag", "about": {"tag": "night-owl"}})));
        },
    },
    Right {
        line: 11,
        words: "demanding explanation of algorithmic practice",
        used: |world| {
            let case = world.file("union", &json!({"kind": "explain", "about": {"decision": "r-1"}, "text": "为什么"}));
            assert_eq!(case["filed_by"]["as"], "representative", "{case}");
            let answered = json!({"what": "answered", "outcome": "granted", "text": "按距离"});
            granted(&world.act("officer", &case, &answered));
        },
    },
    Right {
        line: 23,
        words: "user notification, norms disclosure",
        used: |world| {
            let anyone = Client::new(world.served.address, None);
            assert_eq!(anyone.get("/v1/algorithms").status, 200);
            assert_eq!(anyone.get("/v1/register.atom").status, 200);
        },
    },
    Right {
        line: 23,
        words: "procedures for obtaining consent",
        used: |world| {
            let event = json!({"id": "c-1", "fact": "resource.consents", "change": {"op": "add", "value": ["survey"]}});
            made(&world.who("rider").post("/v1/persons/p-1/events", &event));
        },
    },
    Right {
        line: 23,
        words: "opting out of monitoring and surveillance",
        used: |world| {
            granted(&world.file("rider", &json!({"kind": "restrict", "about": {"purpose": "location-offline"}})));
        },
    },
    Right {
        line: 23,
        words: "control over personal data",
        used: |world| {
            let state = world.who("rider").get("/v1/persons/p-1/events").json();
            assert!(state["items"].as_array().unwrap().len() > 1, "{state}");
        },
    },
    Right {
        line: 23,
        words: "contest their outputs",
        used: |world| {
            let contest = json!({"kind": "contest", "about": {"decision": "r-1"}, "ground": "unfair", "text": "不公"});
            assert_eq!(world.file("rider", &contest)["stage"], "review");
        },
    },
    Right {
        line: 29,
        words: "turn off targeting based on individual characteristics",
        used: |world| {
            granted(&world.file("rider", &json!({"kind": "opt-out"})));
        },
    },
    Right {
        line: 29,
        words: "exclusion from automated decision-making",
        used: |world| {
            let contest = json!({"kind": "contest", "about": {"decision": "r-2"}, "ground": "machine-alone"});
            assert_eq!(world.file("rider", &contest)["suspends_penalty"], true);
        },
    },
    Right {
        line: 29,
        words: "provide user feedback",
        used: |world| {
            assert_eq!(world.file("union", &json!({"kind": "complain", "text": "时限太短"}))["stage"], "open");
        },
    },
    Right {
        line: 29,
        words: "inquire about what personal data is being collected",
        used: |world| {
            let case = world.file("rider", &json!({"kind": "see"}));
            granted(&case);
            let record = world.who("rider").get(&format!("/v1/cases/{}/record", text(&case["id"])));
            assert_eq!(record.json()["person"], "p-1");
        },
    },
    Right {
        line: 29,
        words: "request a copy of their personal data",
        used: |world| {
            granted(&world.file("rider", &json!({"kind": "copy", "password": PASSWORD})));
        },
    },
    Right {
        line: 29,
        words: "correct any inaccurate personal information",
        used: |world| {
            let case =
                world.file("rider", &json!({"kind": "correct", "about": {"information": "distance"}, "text": "2.6"}));
            let done = json!([{"system": "orders", "what": "2.6 km"}]);
            granted(&world.act(
                "officer",
                &case,
                &json!({"what": "answered", "outcome": "granted", "text": "改了", "done": done}),
            ));
        },
    },
    Right {
        line: 31,
        words: "withdraw their consent",
        used: |world| {
            granted(&world.file("rider", &json!({"kind": "withdraw-consent", "about": {"purpose": "survey"}})));
        },
    },
    Right {
        line: 31,
        words: "refuse service if a user denies or withdraws their consent",
        used: |world| {
            let record = json!({"id": "r-9", "at": world.now(), "action": "offer", "algorithm": "feed-v3", "person": "p-1",
            "context": {"serviceRefused": true, "refusalBecauseNoConsent": true, "necessaryForService": false}});
            let checked = made(&world.machine.post("/v1/decisions:check", &record));
            assert_eq!(outcome(&checked, "cn.pipl/16#no-refusal"), "violated");
        },
    },
    Right {
        line: 25,
        words: "increased social supervision, heightened transparency",
        used: |world| {
            let seen = world.who("regulator").get("/v1/decisions/r-1?purpose=inspection");
            assert_eq!(seen.status, 200, "{}", seen.text);
            let looked = world.who("rider").get("/v1/persons/p-1/lookups").json();
            assert!(looked.to_string().contains("inspection"), "the person sees that it was looked at: {looked}");
            assert_eq!(world.who("regulator").get("/v1/ledger").status, 200);
            assert_eq!(world.who("regulator").get("/v1/desk/queue").status, 200);
        },
    },
    // The last: nothing of the person is left after it.
    Right {
        line: 29,
        words: "delete their personal information when withdrawing consent",
        used: |world| {
            let case = world.file("rider", &json!({"kind": "delete", "password": PASSWORD}));
            world.act("officer", &case, &json!({"what": "answered", "outcome": "granted", "text": "同意删除"}));
            assert_eq!(world.served.service.carry_out_deletions().unwrap(), 1);
            assert_eq!(world.who("officer").get(&format!("/v1/cases/{}", text(&case["id"]))).problem(), "erased");
        },
    },
];

#[test]
fn every_right_that_the_study_names_is_used() {
    let world = World::new(&[]);
    let until = json!("2099-01-01T00:00:00+08:00");
    let mandate = json!({"person": "p-1", "representative": world.actor("union"), "kinds": ["explain", "complain"], "until": until});
    made(&world.who("rider").post("/v1/mandates", &mandate));
    for id in ["r-1", "r-2"] {
        world.check(id, "feed-v3", "p-1");
    }
    for right in &RIGHTS {
        println!("line {}: {}", right.line, right.words);
        (right.used)(&world);
    }
    world.served.stop();
}

#[test]
fn the_rights_are_those_of_the_study() {
    let folder = root().join("../shared/seed");
    let Ok(mut files) = std::fs::read_dir(&folder) else {
        println!("skipped: no {}", folder.display());
        return;
    };
    let study = std::fs::read_to_string(files.next().unwrap().unwrap().path()).unwrap();
    let lines: Vec<&str> = study.lines().collect();
    for Right { line, words, .. } in &RIGHTS {
        assert!(lines[line - 1].contains(words), "line {line} has no `{words}`");
    }
}

#[test]
fn a_copy_of_everything_has_every_field_that_the_store_has() {
    let world = World::new(&[]);
    let consents = json!({"id": "c-1", "fact": "resource.consents", "change": {"op": "set", "value": ["dispatch"]}});
    made(&world.who("rider").post("/v1/persons/p-1/events", &consents));
    for number in 0..7 {
        world.check(&format!("d-{number}"), "feed-v3", "p-1");
    }
    world.check("others", "feed-v3", "p-2");
    world.file("rider", &json!({"kind": "opt-out"}));
    world.file("rider", &json!({"kind": "complain", "text": "太慢"}));
    let until = json!("2099-01-01T00:00:00+08:00");
    let mandate =
        json!({"person": "p-1", "representative": world.actor("union"), "kinds": ["complain"], "until": until});
    made(&world.who("rider").post("/v1/mandates", &mandate));
    assert_eq!(world.who("officer").get("/v1/decisions/d-1?purpose=audit").status, 200);
    let unseal = json!({"act": "unseal", "person": "p-1", "reason": "an appeal"});
    made(&world.who("engineer").post("/v1/approvals", &unseal));
    let case = world.file("rider", &json!({"kind": "copy", "password": PASSWORD}));
    let answered = world.who("rider").get(&format!("/v1/cases/{}/record?format=json", text(&case["id"]))).json();
    let store = world.served.service.store();
    let mut compared = 0;
    for (section, kind) in [
        ("changes", JournalKind::PersonEvent),
        ("look-ups", JournalKind::LookUp),
        ("approvals", JournalKind::Approval),
        ("cases", JournalKind::Case),
        ("mandates", JournalKind::Mandate),
    ] {
        let shown: BTreeMap<u64, Value> = answered["sections"][section]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["seq"].as_u64().unwrap(), one.clone()))
            .collect();
        let kept = store.of_person("p-1", &[kind], None, 1000).unwrap();
        assert!(!kept.is_empty() && kept.len() == shown.len(), "{section}: {} kept, {} shown", kept.len(), shown.len());
        for entry in kept {
            let one = &shown[&entry.seq];
            let body: Value = serde_json::from_str(&entry.entry.body).unwrap();
            let wanted = [
                ("id", json!(entry.entry.id)),
                ("subject", json!(entry.entry.subject)),
                ("actor", json!(entry.entry.actor)),
                ("at", json!(entry.entry.at)),
                ("body", body),
                ("leaf", json!(entry.leaf)),
            ];
            for (field, value) in wanted {
                assert_eq!(one[field], value, "{section} {} {field}", entry.seq);
                compared += 1;
            }
        }
    }
    let kinds =
        [JournalKind::PersonEvent, JournalKind::LookUp, JournalKind::Approval, JournalKind::Case, JournalKind::Mandate];
    let others: Vec<JournalKind> = JournalKind::ALL.into_iter().filter(|kind| !kinds.contains(kind)).collect();
    assert!(store.of_person("p-1", &others, None, 10).unwrap().is_empty(), "an entry of a kind that no section shows");
    compared += compare_decisions(&world, &answered);
    for held in answered["manifest"].as_array().unwrap() {
        let section = &answered["sections"][text(&held["category"])];
        let count = section.as_array().map_or(0, Vec::len);
        assert_eq!(held["count"], count, "{held}");
        assert_eq!(held["missing"], 0, "{held}");
    }
    assert!(compared > 100, "{compared}");
    world.served.stop();
}

/// Every decision that the projection has, and of each what was sent. Returns how many fields were compared.
fn compare_decisions(world: &World, answered: &Value) -> usize {
    let store = world.served.service.store();
    let mut compared = 0;
    let mut after: Option<Cursor> = None;
    let mut kept = BTreeSet::new();
    while let Some(last) = store.page(Some("p-1"), after.as_ref(), 3).unwrap().last().cloned() {
        kept.extend(store.page(Some("p-1"), after.as_ref(), 3).unwrap().into_iter().map(|line| line.id));
        after = Some(Cursor { at: last.at, id: last.id });
    }
    let decisions = answered["sections"]["decisions"].as_array().unwrap();
    let shown: BTreeSet<String> = decisions.iter().map(|one| text(&one["record"]["id"])).collect();
    assert_eq!(kept, shown);
    assert_eq!(kept.len(), 7, "not the other person's");
    for one in decisions {
        let record = &one["record"];
        for (field, value) in [("action", json!("dispatch")), ("algorithm", json!("feed-v3")), ("person", json!("p-1"))]
        {
            assert_eq!(record[field], value, "{record}");
        }
        assert_eq!(record["context"]["purpose"], "dispatch");
        assert_eq!(record["resource"]["ageGroup"], "adult");
        assert!(one["checked"]["rules"].is_array() || one["checked"].is_object(), "{one}");
        assert!(one["leaf"].is_u64());
        compared += 7;
    }
    compared
}
