//! Every right over HTTP, with the real packs: as the person, a representative, the desk and a reviewer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]

mod support;

use serde_json::{Value, json};
use support::client::{Answer, Client};
use support::{Served, start};

const PASSWORD: &str = "correct horse battery";

struct World {
    served: Served,
    admin: Client,
    machine: Client,
    own: Client,
    officer: Client,
    reviewer: Client,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let served = start(folder.path(), "127.0.0.1:0", &[]);
        let token = served.token.as_ref().unwrap().reveal();
        let nobody = Client::new(served.address, None);
        made(&nobody.post("/v1/setup", &json!({"token": token, "name": "root", "password": PASSWORD})));
        let admin = log_in(&served, "root");
        let key = admin.post("/v1/keys", &json!({"name": "orders", "roles": ["machine"]}));
        let machine = Client::new(served.address, made(&key)["secret"].as_str());
        let own = account(&served, &admin, "own", "person", &["p-1"]);
        let officer = account(&served, &admin, "officer", "officer", &[]);
        let reviewer = account(&served, &admin, "reviewer", "reviewer", &[]);
        Self { served, admin, machine, own, officer, reviewer, _folder: folder }
    }

    fn check(&self, id: &str) -> Value {
        let record = json!({
            "id": id, "at": "2026-05-01T12:00:00+08:00", "action": "recommend", "algorithm": "feed-v3", "person": "p-1",
            "principal": {"category": "push", "nonPersonalisedOffered": true, "switchOffOffered": true},
            "context": {"personalised": true, "tagsUsed": ["night-owl"]},
        });
        let answer = self.machine.post("/v1/decisions:check", &record);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    fn file(&self, body: &Value) -> Value {
        let mut body = body.clone();
        body["person"] = "p-1".into();
        made(&self.own.post("/v1/cases", &body))
    }
}

fn made(answer: &Answer) -> Value {
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

fn log_in(served: &Served, name: &str) -> Client {
    let session = Client::new(served.address, None).post("/v1/sessions", &json!({"name": name, "password": PASSWORD}));
    Client::new(served.address, made(&session)["token"].as_str())
}

fn account(served: &Served, admin: &Client, name: &str, role: &str, persons: &[&str]) -> Client {
    made(
        &admin.post("/v1/accounts", &json!({"name": name, "roles": [role], "persons": persons, "password": PASSWORD})),
    );
    log_in(served, name)
}

fn act(client: &Client, case: &Value, body: &Value) -> Answer {
    client.post(&format!("/v1/cases/{}/events", case["id"].as_str().unwrap()), body)
}

fn outcome(answer: &Value, rule: &str) -> String {
    let rules = answer["answer"]["rules"].as_array().unwrap();
    let found = rules.iter().find(|one| one["rule"].as_str() == Some(rule));
    found.unwrap_or_else(|| panic!("no rule {rule}"))["outcome"].as_str().unwrap().to_owned()
}

#[test]
fn opting_out_and_deleting_a_tag_are_known_to_the_next_check() {
    let world = World::new();
    let rule = "cn.iisarmp/17/1#honour-non-personal-option";
    assert_eq!(outcome(&world.check("d-1"), rule), "not-applicable");
    let case = world.file(&json!({"kind": "opt-out", "language": "en"}));
    assert_eq!((&case["stage"], &case["answer"]["outcome"]), (&json!("answered"), &json!("granted")), "{case}");
    assert!(case["receipt"]["leaf"].is_u64());
    assert_eq!(outcome(&world.check("d-2"), rule), "violated");
    world.file(&json!({"kind": "delete-tag", "about": {"tag": "night-owl"}}));
    let checked = world.check("d-3");
    assert_eq!(checked["seen"]["person"]["resource.deletedTags"], json!(["night-owl"]));
    assert_eq!(outcome(&checked, "cn.iisarmp/17/2#deleted-tags-unused"), "violated");
    // No article lets either be refused.
    let refusal = json!({"what": "answered", "outcome": "refused", "article": "cn.pipl/44", "text": "no"});
    assert_eq!(act(&world.officer, &case, &refusal).problem(), "not-now");
    world.served.stop();
}

#[test]
fn a_refusal_names_an_article_that_counts_and_the_ways_on() {
    let world = World::new();
    let case =
        world.file(&json!({"kind": "correct", "about": {"information": "distance of order 7"}, "text": "2.6 km"}));
    let refusal =
        |article: &str| json!({"what": "answered", "outcome": "refused", "article": article, "text": "核实无误"});
    let wrong = act(&world.officer, &case, &refusal("cn.pipl/47/2"));
    assert_eq!(wrong.problem(), "input");
    assert_eq!(wrong.json()["hint"], "these do: cn.pipl/46/1");
    let answered = act(&world.officer, &case, &refusal("cn.pipl/46/1"));
    assert_eq!(answered.status, 200, "{}", answered.text);
    let ways = answered.json()["remedies"].clone();
    assert_eq!(
        ways,
        json!([
            {"remedy": "review"},
            {"remedy": "authority", "article": "cn.pipl/65/1"},
            {"remedy": "court", "article": "cn.pipl/50/2"}
        ])
    );
    act(&world.own, &case, &json!({"what": "review-asked", "text": "再看一次"}));
    let begun = act(&world.reviewer, &case, &json!({"what": "review-begun", "role": "map lead"}));
    assert_eq!(begun.json()["stage"], "review", "{}", begun.text);
    let stranger = account(&world.served, &world.admin, "stranger", "person", &["p-2"]);
    let address = format!("/v1/cases/{}", case["id"].as_str().unwrap());
    assert_eq!(stranger.get(&address).problem(), "not-found");
    assert_eq!(world.admin.get(&address).problem(), "not-found");
    let looked = world.own.get("/v1/persons/p-1/lookups").json();
    assert_eq!(looked["items"], json!([]), "working on a case is in the case");
    assert_eq!(world.officer.get(&address).status, 200);
    assert_eq!(world.own.get("/v1/persons/p-1/lookups").json()["items"][0]["purpose"], "rights desk");
    world.served.stop();
}

#[test]
fn the_record_is_the_same_as_json_page_and_table() {
    let world = World::new();
    world.check("d-1");
    world.file(&json!({"kind": "complain", "text": "=HYPERLINK(\"x\") <b>"}));
    let get = |query: &str, language: &str| {
        world.own.send("GET", &format!("/v1/persons/p-1/record{query}"), &[("accept-language", language)], None)
    };
    let json = get("", "en").json();
    assert_eq!(json["sections"]["decisions"][0]["record"]["id"], "d-1");
    assert_eq!(json["glossary"]["context.tagsUsed"]["zh"].as_str().map(str::is_empty), Some(false));
    for (language, words) in [("zh", ["关于你的决定", "没有"]), ("en", ["Decisions about you", "none"])] {
        let page = get("?format=html", language);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(page.text.contains("&lt;b&gt;") && !page.text.contains("<b>"), "what people wrote is text");
        let table = get("?format=csv", language);
        assert!(table.text.starts_with('\u{feff}') && table.text.contains("\r\n"));
        assert!(table.text.contains("\"'=HYPERLINK"), "no formula");
        for answer in [&page, &table] {
            assert!(words.iter().all(|word| answer.text.contains(word)), "{language}: {}", answer.text);
            assert!(answer.text.contains("night-owl") && answer.text.contains("d-1"));
        }
    }
    assert_eq!(get("?format=pdf", "en").problem(), "malformed");
    assert_eq!(world.officer.get("/v1/persons/p-1/record").problem(), "forbidden", "staff says why");
    assert_eq!(world.officer.get("/v1/persons/p-1/record?purpose=inspection").status, 200);
    let copy = world.file(&json!({"kind": "copy", "password": PASSWORD}));
    let file = world.own.get(&format!("/v1/cases/{}/record?format=csv", copy["id"].as_str().unwrap()));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"record.csv\""));
    world.served.stop();
}

#[test]
fn the_union_files_for_members_who_said_yes() {
    let world = World::new();
    let union = account(&world.served, &world.admin, "union", "representative", &[]);
    let actor = union.get("/v1/me").json()["actor"].clone();
    let new =
        json!({"person": "p-1", "representative": actor, "kinds": ["complain"], "until": "2099-01-01T00:00:00+08:00"});
    let mandate = made(&union.post("/v1/mandates", &new));
    let filing = json!({"kind": "complain", "members": [{"person": "p-1"}, {"person": "p-2"}], "text": "时限太短"});
    let rows = |answer: &Answer| -> Vec<bool> {
        made(answer)["rows"].as_array().unwrap().iter().map(|row| row["case"].is_object()).collect()
    };
    assert_eq!(rows(&union.post("/v1/filings", &filing)), [false, false]);
    let bad = |field: &str, value: Value| {
        let mut filing = filing.clone();
        filing[field] = value;
        let refused = union.post("/v1/filings", &filing);
        refused.status
    };
    for (field, value) in [
        ("text", json!("太".repeat(10_001))),
        ("language", json!("fr")),
        ("ground", json!("pay")),
        ("members", json!([{"person": "p-1"}, {"person": ""}])),
    ] {
        assert_eq!(bad(field, value), 422, "{field}: nobody's is filed");
    }
    let confirm = format!("/v1/mandates/{}/events", mandate["id"].as_str().unwrap());
    assert_eq!(union.post(&confirm, &json!({"act": "confirm"})).problem(), "forbidden");
    assert_eq!(world.own.post(&confirm, &json!({"act": "confirm"})).json()["state"], "confirmed");
    let filed = union.post("/v1/filings", &filing);
    assert_eq!(rows(&filed), [true, false]);
    assert_eq!(filed.json()["rows"][1]["problem"]["type"], "/problems/forbidden");
    let address = format!("/v1/filings/{}", filed.json()["filing"].as_str().unwrap());
    assert_eq!(union.get(&address).json()["items"][0]["person"], "p-1");
    world.own.post(&confirm, &json!({"act": "revoke"}));
    assert_eq!(union.get(&address).problem(), "not-found");
    assert_eq!(world.own.get("/v1/mandates").json()["items"][0]["state"], "revoked");
    world.served.stop();
}

#[test]
fn limits_are_published_with_a_version_and_the_queue_is_for_staff() {
    let world = World::new();
    for text in ["one", "two", "three"] {
        world.file(&json!({"kind": "complain", "text": text}));
    }
    let put = |version: &str| {
        let headers = [("content-type", "application/json"), ("if-match", version)];
        world.officer.send("PUT", "/v1/desk/limits", &headers, Some(br#"{"answer": "15 working days"}"#))
    };
    assert_eq!(put("\"7\"").problem(), "changed");
    let published = put("\"0\"");
    assert_eq!((published.status, published.header("etag")), (200, Some("\"1\"")), "{}", published.text);
    let queue = world.officer.get("/v1/desk/queue").json();
    assert!(queue["items"][0]["due"].is_string(), "{queue}");
    assert!(queue["items"][0].get("person").is_none());
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    while seen.len() < 9 {
        let page = world.officer.get(&format!("/v1/desk/queue?limit=1{cursor}")).json();
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
        seen.push(page["items"][0].clone());
    }
    assert_eq!(json!(seen), queue["items"], "page by page, each once");
    assert_eq!(seen.len(), 3);
    // Those of an older program have two parts.
    for cursor in ["case-1", "1770652800000~case-1", "~", "~~case-1"] {
        let answer = world.officer.get(&format!("/v1/desk/queue?cursor={cursor}"));
        assert_eq!(answer.problem(), "malformed", "{cursor}");
    }
    assert_eq!(world.own.get("/v1/desk/queue").problem(), "forbidden");
    assert_eq!(
        world.own.get("/v1/desk/figures").json()["kinds"]["complain"],
        json!({"outcomes": {}, "refused_on": {}})
    );
    world.served.stop();
}

#[test]
fn a_decision_is_explained_by_what_was_captured_in_json_and_in_words() {
    let world = World::new();
    world.file(&json!({"kind": "delete-tag", "about": {"tag": "night-owl"}}));
    world.check("d-1");
    let address = "/v1/decisions/d-1/explanation";
    let explained = world.own.get(address).json();
    let factor = |fact: &str| {
        let all = explained["factors"].as_array().unwrap();
        all.iter().find(|one| one["fact"] == fact).unwrap_or_else(|| panic!("{fact}: {explained}")).clone()
    };
    assert_eq!(factor("context.tagsUsed")["source"], "given");
    assert_eq!(factor("resource.deletedTags")["source"], "person");
    assert!(factor("context.tagsUsed")["correctable"].as_bool().unwrap());
    let broken = explained["verdicts"].as_array().unwrap().iter().find(|one| one["outcome"] == "violated").unwrap();
    assert!(broken["provision"].as_str().unwrap().starts_with("cn."), "{broken}");
    assert_eq!(explained["contest"][0]["rests_on"], json!(["cn.pipl/24/3", "cn.iisarmp/22"]));
    assert_eq!(explained["decided_by"], json!({}), "nobody recorded who decided, and nothing is made up");
    for (language, words) in [("zh", "你可以："), ("en", "You can:")] {
        let text = world.own.send("GET", &format!("{address}?format=text"), &[("accept-language", language)], None);
        assert_eq!(text.header("content-type"), Some("text/plain; charset=utf-8"));
        assert!(text.text.contains(words) && text.text.contains("night-owl"), "{}", text.text);
    }
    let stranger = account(&world.served, &world.admin, "stranger", "person", &["p-2"]);
    assert_eq!(stranger.get(address).problem(), "not-found");
    assert_eq!(world.own.get(&format!("{address}?format=pdf")).problem(), "malformed");
    world.served.stop();
}
