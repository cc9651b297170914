//! Explanations with shares, what would have changed them, and replays, over HTTP and the real packs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]

#[path = "pages/browser.rs"]
mod browser;
mod support;

use browser::Browser;
use gongdao_model::Instant;
use serde_json::{Value, json};
use std::sync::mpsc::sync_channel;
use support::client::{Answer, Client};
use support::{Served, since_epoch, start};

const PASSWORD: &str = "correct horse battery";

struct World {
    served: Served,
    anyone: Client,
    machine: Client,
    engineer: Client,
    officer: Client,
    union: Client,
    own: Client,
    other: Client,
    algorithm: String,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(flags: &[(&'static str, String)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let served = start(folder.path(), "127.0.0.1:0", flags);
        let token = served.token.as_ref().unwrap().reveal();
        let anyone = Client::new(served.address, None);
        made(&anyone.post("/v1/setup", &json!({"token": token, "name": "root", "password": PASSWORD})));
        let admin = log_in(&served, "root");
        let account = |name: &str, role: &str, persons: &[&str]| {
            let new = json!({"name": name, "roles": [role], "persons": persons, "password": PASSWORD});
            made(&admin.post("/v1/accounts", &new));
            log_in(&served, name)
        };
        let key = admin.post("/v1/keys", &json!({"name": "orders", "roles": ["machine"]}));
        let engineer = account("engineer", "engineer", &[]);
        let description = json!({"provider": "某平台", "name": "计价", "class": "dispatch", "affects_labour": true,
            "opinion_attributes": true});
        let algorithm = made(&engineer.post("/v1/algorithms", &description))["id"].as_str().unwrap().to_owned();
        Self {
            machine: Client::new(served.address, made(&key)["secret"].as_str()),
            officer: account("officer", "officer", &[]),
            union: account("union", "representative", &[]),
            own: account("rider", "person", &["p-1"]),
            other: account("other", "person", &["p-2"]),
            engineer,
            algorithm,
            anyone,
            served,
            _folder: folder,
        }
    }

    fn declare(&self, id: &str, based_on: Option<&str>, rule: Option<Value>) -> Answer {
        let mut new = json!({"id": id, "text": format!("规则\n{id}")});
        if let Some(based_on) = based_on {
            new["based_on"] = based_on.into();
        }
        if let Some(rule) = rule {
            new["rule"] = rule;
        }
        self.engineer.post(&format!("/v1/algorithms/{}/versions", self.algorithm), &new)
    }

    fn check(&self, id: &str, version: &str, change: impl FnOnce(&mut Value)) -> Value {
        let mut record = json!({
            "id": id, "at": now(), "action": "price", "algorithm": version, "person": "p-1",
            "context": {"distanceMetres": 1900, "severeWeather": true, "tagsUsed": ["slow"], "priceFen": 1051},
        });
        change(&mut record);
        let answer = self.machine.post("/v1/decisions:check", &record);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }
}

fn now() -> String {
    Instant::from_millis(since_epoch().as_millis() as i64).unwrap().to_string()
}

fn made(answer: &Answer) -> Value {
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

fn log_in(served: &Served, name: &str) -> Client {
    let session = Client::new(served.address, None).post("/v1/sessions", &json!({"name": name, "password": PASSWORD}));
    Client::new(served.address, made(&session)["token"].as_str())
}

/// 300 fen, a third of a fen a metre, 100 in severe weather, 20 for a tag.
fn fee(expression: &str) -> Value {
    json!({
        "outcome": "context.priceFen", "zh": "配送费", "en": "delivery fee", "unit": "fen", "better": "lower",
        "expression": expression,
        "factors": [
            {"name": "metres", "fact": "context.distanceMetres", "zh": "骑行距离", "en": "riding distance", "unit": "metres",
                "baseline": 1000, "can": "correct", "values": {"from": 0, "to": 3000, "step": 100}},
            {"name": "storm", "fact": "context.severeWeather", "zh": "恶劣天气", "en": "severe weather", "baseline": false},
            {"name": "slow", "fact": "context.tagsUsed", "contains": "slow", "zh": "标签“慢”", "en": "tag `slow`",
                "baseline": false, "can": "influence"},
        ],
    })
}

const FEE: &str = "300 + metres / 3 + CASE WHEN storm THEN 100 ELSE 0 END + CASE WHEN slow THEN 20 ELSE 0 END";

fn share(rule: &Value, name: &str) -> i64 {
    let shares = rule["outcome"]["shares"].as_array().unwrap();
    shares.iter().find(|share| share["name"] == name).unwrap()["share"].as_i64().unwrap()
}

#[test]
fn shares_add_up_and_what_the_rule_does_not_account_for_is_said() {
    let world = World::new();
    made(&world.declare("fee-v1", None, Some(fee(FEE))));
    world.check("d-1", "fee-v1", |_| {});
    let explained = world.own.get("/v1/decisions/d-1/explanation").json();
    let outcome = &explained["rule"]["outcome"];
    // 300 + 633.33 + 100 + 20, against 300 + 333.33; on record stand 1051, 2 fen less than declared.
    assert_eq!(
        (&outcome["declared"], &outcome["baseline"], &outcome["actual"]),
        (&json!(1053), &json!(633), &json!(1051))
    );
    assert_eq!(outcome["unaccounted"], -2, "{explained}");
    let shares = outcome["shares"].as_array().unwrap();
    let sum: i64 = shares.iter().map(|share| share["share"].as_i64().unwrap()).sum();
    assert_eq!(sum, 1053 - 633);
    assert_eq!(["metres", "storm", "slow"].map(|name| share(&explained["rule"], name)), [300, 100, 20]);
    assert_eq!((&outcome["method"], &shares[0]["exact"]), (&json!("shapley"), &json!("300")));
    let version = &explained["rule"]["version"];
    let digest = world.anyone.get("/v1/versions/fee-v1").json()["digest"].clone();
    assert_eq!((&version["digest"], &version["standing"]), (&digest, &json!("declared")));
    // What would have changed it does so when it is decided like that.
    let regions = explained["rule"]["would_change"].as_array().unwrap();
    let by = |name: &str| regions.iter().find(|region| region["name"] == name).unwrap();
    assert_eq!((&by("metres")["from"], &by("metres")["to"]), (&json!(0), &json!(1800)));
    assert_eq!((&by("slow")["from"], &by("slow")["least"]), (&json!(false), &json!(1033)));
    world.check("d-2", "fee-v1", |record| record["context"]["distanceMetres"] = 1800.into());
    let other = world.own.get("/v1/decisions/d-2/explanation").json();
    assert_eq!(other["rule"]["outcome"]["declared"], by("metres")["greatest"]);
    // As text and as a page it is the same.
    for (language, words) in
        [("zh", ["配送费是 ¥10.53", "+¥3.00", "−¥0.02"]), ("en", ["¥10.53", "riding distance", "−¥0.02"])]
    {
        let text =
            world.own.send("GET", "/v1/decisions/d-1/explanation?format=text", &[("accept-language", language)], None);
        for word in words {
            assert!(text.text.contains(word), "{word}: {}", text.text);
        }
    }
    world.served.stop();
}

#[test]
fn what_was_declared_later_changes_no_old_explanation() {
    let world = World::new();
    made(&world.declare("fee-v1", None, Some(fee(FEE))));
    world.check("d-1", "fee-v1", |_| {});
    let before = world.own.get("/v1/decisions/d-1/explanation").text;
    let amended = json!({"what": "amended", "text": "别的", "rule": fee("metres")});
    assert_eq!(world.engineer.post("/v1/versions/fee-v1/events", &amended).status, 200);
    made(&world.declare("fee-v2", Some("fee-v1"), Some(fee(FEE))));
    assert_eq!(world.own.get("/v1/decisions/d-1/explanation").text, before);
    world.check("d-2", "fee-v1", |_| {});
    let after = world.own.get("/v1/decisions/d-2/explanation").json();
    assert_eq!(after["rule"]["outcome"]["declared"], 1900, "{after}");
    // The next version says what it changed, and what would have been.
    world.check("d-3", "fee-v2", |_| {});
    let previous = world.own.get("/v1/decisions/d-3/explanation").json()["rule"]["version"]["previous"].clone();
    assert_eq!((&previous["id"], &previous["outcome"]), (&json!("fee-v1"), &json!(1900)), "{previous}");
    assert_eq!(previous["rule"]["old"]["expression"], "metres");
    assert_eq!(previous["changed_lines"], 3);
    // A decision that is older than the version is not explained by it.
    world.check("d-0", "fee-v2", |record| record["at"] = "2026-01-01T12:00:00+08:00".into());
    let old = world.own.get("/v1/decisions/d-0/explanation").json();
    assert_eq!((&old["rule"]["no_shares"], &old["rule"]["outcome"]), (&json!("declared-later"), &Value::Null));
    world.served.stop();
}

#[test]
fn a_tag_that_is_deleted_changes_what_comes_and_not_what_was_said() {
    let world = World::new();
    made(&world.declare("fee-v1", None, Some(fee(FEE))));
    world.check("d-1", "fee-v1", |_| {});
    let address = "/v1/decisions/d-1/explanation";
    let before = world.own.get(address).json();
    assert_eq!(share(&before["rule"], "slow"), 20);
    made(&world.own.post("/v1/cases", &json!({"kind": "delete-tag", "person": "p-1", "about": {"tag": "slow"}})));
    let after = world.own.get(address).json();
    assert_eq!(after["rule"], before["rule"]);
    world.check("d-2", "fee-v1", |record| record["context"]["tagsUsed"] = json!([]));
    let next = world.own.get("/v1/decisions/d-2/explanation").json();
    assert_eq!(share(&next["rule"], "slow"), 0, "{next}");
    world.served.stop();
}

#[test]
fn whoever_may_not_see_a_fact_sees_no_share_of_it() {
    let world = World::new();
    made(&world.declare("fee-v1", None, Some(fee(FEE))));
    world.check("d-1", "fee-v1", |_| {});
    let address = "/v1/decisions/d-1/explanation";
    let explained = world.engineer.get(&format!("{address}?purpose=audit"));
    let rule = &explained.json()["rule"];
    assert_eq!((&rule["no_shares"], &rule["would_change"]), (&json!("hidden"), &json!([])), "{}", explained.text);
    assert!(rule["outcome"].is_null() && rule["lacking"].is_null());
    let text = world.engineer.get(&format!("{address}?purpose=audit&format=text"));
    for answer in [&explained, &text] {
        assert_eq!(answer.status, 200);
        for told in ["1053", "1051", "1900", "10.53", "10.51", "1033", "633"] {
            assert!(!answer.text.contains(told), "{told}: {}", answer.text);
        }
    }
    for client in [&world.other, &world.union, &world.machine] {
        assert!(client.get(address).status >= 400);
    }
    let record = world.engineer.get("/v1/persons/p-1/record");
    assert!(record.status >= 400, "{}", record.text);
    world.served.stop();
}

#[test]
fn without_shares_it_is_said_why() {
    let world = World::new();
    made(&world.declare("plain", None, None));
    made(&world.declare("fee-v1", None, Some(fee("300 / (metres - 1900)"))));
    world.check("d-1", "plain", |_| {});
    world.check("d-2", "nothing", |_| {});
    world.check("d-3", "fee-v1", |record| drop(record["context"].as_object_mut().unwrap().remove("distanceMetres")));
    world.check("d-4", "fee-v1", |_| {});
    for (id, why) in [("d-1", "no-rule"), ("d-2", "no-version"), ("d-3", "lacking"), ("d-4", "no-number")] {
        let explained = world.own.get(&format!("/v1/decisions/{id}/explanation")).json();
        assert_eq!(explained["rule"]["no_shares"], why, "{explained}");
        let text = world.own.get(&format!("/v1/decisions/{id}/explanation?format=text"));
        assert_eq!(text.status, 200, "{}", text.text);
    }
    let lacking = world.own.get("/v1/decisions/d-3/explanation").json()["rule"]["lacking"].clone();
    assert_eq!(lacking, json!(["context.distanceMetres"]));
    world.served.stop();
}

#[test]
fn the_hold_of_the_register_is_told_in_every_form() {
    let world = World::with(&[("register.require", "true".to_owned())]);
    made(&world.declare("fee-v1", None, Some(fee(FEE))));
    let checked = world.check("d-1", "fee-v1", |_| {});
    assert_eq!(checked["register"], "not-published", "{checked}");
    let address = "/v1/decisions/d-1/explanation";
    assert_eq!(world.own.get(address).json()["register"], "not-published");
    let text = world.own.get(&format!("{address}?format=text")).text;
    assert!(text.contains("The register: this version was not published"), "{text}");
    let browser = Browser::logged_in(world.served.address, "zh", "rider", PASSWORD);
    let page = browser.open("/me/decisions/d-1").text;
    assert!(page.contains("登记簿：这个版本当时没有公示"), "{page}");
    world.served.stop();
}

#[test]
fn the_page_draws_the_shares_and_says_them_in_words_and_a_table() {
    let world = World::new();
    made(&world.declare("fee-v1", None, Some(fee(FEE))));
    made(&world.declare("fee-v2", Some("fee-v1"), Some(fee(&format!("{FEE} + 7")))));
    world.check("d-1", "fee-v2", |_| {});
    for (language, words) in [
        (
            "zh",
            [
                "配送费是怎么来的",
                "骑行距离 1900 米",
                "对你不利",
                "骑行距离如果是 0 米 到 1800 米",
                "按那个版本会是 ¥10.53",
            ],
        ),
        (
            "en",
            [
                "How it came to this",
                "riding distance",
                "worse for you",
                "riding distance: 0 metres to 1800 metres",
                "¥10.53",
            ],
        ),
    ] {
        let browser = Browser::logged_in(world.served.address, language, "rider", PASSWORD);
        let page = browser.open("/me/decisions/d-1");
        assert_eq!(page.status, 200, "{}", page.text);
        for word in words.iter().chain(&[
            "<svg",
            "<desc id=\"shares-text\"",
            "<rect class=\"worse\"",
            "+¥3.00",
            "<th scope=\"row\">",
        ]) {
            assert!(page.text.contains(word), "{language} {word}: {}", page.text);
        }
        for key in ["page.shares", "page.rule", "explain."] {
            assert!(!page.text.contains(key), "a key is shown: {}", page.text);
        }
    }
    let stranger = Browser::logged_in(world.served.address, "en", "other", PASSWORD);
    let hidden = stranger.open("/me/decisions/d-1");
    assert!(hidden.status >= 400 && !hidden.text.contains("10.6"), "{}", hidden.text);
    world.served.stop();
}

/// Makes what is sent wrong.
type Spoil<'a> = &'a dyn Fn(&mut Value);

#[test]
fn a_rule_that_does_not_fit_the_vocabulary_is_refused() {
    let world = World::new();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut rule = fee(FEE);
        change(&mut rule);
        world.declare("fee-v1", None, Some(rule))
    };
    let rows: [(Spoil<'_>, &str); 6] = [
        (&|rule| rule["outcome"] = "context.tagsUsed".into(), "the outcome `context.tagsUsed`"),
        (&|rule| rule["outcome"] = "context.nothing".into(), "the outcome `context.nothing`"),
        (
            &|rule| rule["factors"][0]["fact"] = "context.severeWeather".into(),
            "no fact `context.severeWeather` of the kind",
        ),
        (&|rule| rule["factors"][0]["fact"] = "context.nothing".into(), "no fact `context.nothing` of the kind"),
        (&|rule| rule["expression"] = "power(metres, 2)".into(), "the function `power` is not covered"),
        (&|rule| rule["onnx"] = json!({"model": "", "digest": "", "inputs": {}, "output": ""}), "one of both"),
    ];
    for (change, says) in rows {
        let answer = with(change);
        assert_eq!(answer.problem(), "input", "{}", answer.text);
        assert!(answer.json()["detail"].as_str().unwrap().contains(says), "{says}: {}", answer.text);
    }
    assert_eq!(with(&|rule| rule["better"] = "more".into()).problem(), "input");
    made(&with(&|_| {}));
    assert_eq!(world.anyone.get("/v1/versions/fee-v1").json()["rule"]["expression"], FEE);
    world.served.stop();
}

#[test]
fn a_replay_shows_winners_and_losers_and_no_small_group() {
    let world = World::new();
    made(&world.declare("fee-v1", None, Some(fee(FEE))));
    // The draft takes 100 more from 3 km on, and 50 less below 1 km.
    let draft = format!("{FEE} + CASE WHEN metres >= 3000 THEN 100 WHEN metres < 1000 THEN -50 ELSE 0 END");
    made(&world.declare("fee-v2", Some("fee-v1"), Some(fee(&draft))));
    let records: Vec<gongdao_model::DecisionRecord> = (0..202)
        .map(|number| {
            let metres = if number < 2 { None } else { Some((number - 2) * 20) };
            let mut record = json!({
                "id": format!("d-{number:03}"), "at": "2026-03-02T12:00:00+08:00", "action": "price", "algorithm": "fee-v1",
                "person": format!("p-{number}"), "context": {"severeWeather": false, "tagsUsed": []},
            });
            if let Some(metres) = metres {
                record["context"]["distanceMetres"] = metres.into();
                record["context"]["priceFen"] = (300 + (metres + 1) / 3).into();
            }
            serde_json::from_value(record).unwrap()
        })
        .collect();
    let (sender, receiver) = sync_channel(1);
    world.served.service.queue().log(records, Box::new(move |outcome| drop(sender.send(outcome)))).unwrap();
    receiver.recv().unwrap().unwrap();
    let actor = |client: &Client| client.get("/v1/me").json()["actor"].clone();
    let seats = json!([
        {"side": "union", "name": "市总工会", "account": actor(&world.union)},
        {"side": "platform", "name": "某平台", "account": actor(&world.officer)},
    ]);
    let call = json!({"last_day": "2099-01-01", "seats": seats, "question": "可以吗"});
    let id = made(&world.officer.post("/v1/versions/fee-v2/consultations", &call))["id"].as_str().unwrap().to_owned();
    let address = format!("/v1/consultations/{id}/replay?from=2026-03-01&until=2026-04-01");
    assert_eq!(world.anyone.get(&address).problem(), "unauthenticated");
    for client in [&world.own, &world.engineer, &world.machine] {
        assert_eq!(client.get(&address).problem(), "forbidden");
    }
    let found = world.union.get(&address);
    assert_eq!(found.status, 200, "{}", found.text);
    let replay = found.json();
    assert_eq!(replay, world.officer.get(&address).json());
    let total = &replay["total"];
    // 200 of 0 to 3,980 m: 50 below 1 km gain, 50 from 3 km on lose. Two have no distance: fewer than five.
    assert_eq!(
        (&total["decisions"], &total["better"], &total["worse"], &total["same"]),
        (&json!(200), &json!(50), &json!(50), &json!(100)),
        "{replay}"
    );
    assert_eq!(replay["cannot_tell"], Value::Null);
    assert_eq!(replay["other_than_declared"], 0);
    assert_eq!(replay["tenths"].as_array().unwrap().len(), 10);
    assert_eq!((&replay["tenths"][0]["better"], &replay["tenths"][9]["worse"]), (&json!(20), &json!(20)));
    for told in ["d-0", "p-1", "account:"] {
        assert!(!found.text.contains(told), "{told}");
    }
    for (language, words) in [("zh", ["谁会变好", "太少"]), ("en", ["Who would gain", "too few"])] {
        let browser = Browser::logged_in(world.served.address, language, "union", PASSWORD);
        let page = browser.open(&address.replacen("/v1", "", 1));
        assert_eq!(page.status, 200, "{}", page.text);
        for word in words.iter().chain(&["<td>50</td>", "<td>20</td>"]) {
            assert!(page.text.contains(word), "{word}: {}", page.text);
        }
        assert!(!page.text.contains("page.replay"), "{}", page.text);
        assert_eq!(browser.open(&format!("/consultations/{id}/replay")).status, 200, "without a period");
        assert!(browser.open(&format!("/consultations/{id}/replay?from=x")).status >= 400);
    }
    let empty = world.union.get(&format!("/v1/consultations/{id}/replay?from=2026-04-01&until=2026-05-01")).json();
    assert_eq!((&empty["total"], &empty["tenths"], &empty["cannot_tell"]), (&Value::Null, &json!([]), &json!(0)));
    for (period, problem) in [
        ("from=2026-03-01&until=2026-03-01", "input"),
        ("from=2026-01-01&until=2026-12-01", "input"),
        ("from=2026-03-01", "malformed"),
        ("from=soon&until=2026-03-01", "malformed"),
    ] {
        assert_eq!(world.union.get(&format!("/v1/consultations/{id}/replay?{period}")).problem(), problem, "{period}");
    }
    world.served.stop();
}
