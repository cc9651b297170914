//! The service as its users meet it: over a real listener, with the real packs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]

mod support;

use serde_json::{Value, json};
use std::collections::BTreeSet;
use support::client::Client;
use support::{Served, start};

const PASSWORD: &str = "correct horse battery";

/// A fresh service with an administrator, and keys by role.
struct World {
    served: Served,
    admin: Client,
    machine: Client,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(flags: &[(&'static str, String)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let served = start(folder.path(), "127.0.0.1:0", flags);
        let nobody = Client::new(served.address, None);
        let token = served.token.as_ref().unwrap().reveal();
        let made = nobody.post("/v1/setup", &json!({"token": token, "name": "root", "password": PASSWORD}));
        assert_eq!(made.status, 201, "{}", made.text);
        let admin = log_in(&served, "root");
        let key = admin.post("/v1/keys", &json!({"name": "orders", "roles": ["machine"]}));
        assert_eq!(key.status, 201, "{}", key.text);
        let machine = Client::new(served.address, key.json()["secret"].as_str());
        Self { served, admin, machine, _folder: folder }
    }

    fn account(&self, name: &str, roles: &[&str], persons: &[&str]) -> Client {
        let body = json!({"name": name, "roles": roles, "persons": persons, "password": PASSWORD});
        let made = self.admin.post("/v1/accounts", &body);
        assert_eq!(made.status, 201, "{}", made.text);
        log_in(&self.served, name)
    }
}

fn log_in(served: &Served, name: &str) -> Client {
    let session = Client::new(served.address, None).post("/v1/sessions", &json!({"name": name, "password": PASSWORD}));
    assert_eq!(session.status, 201, "{}", session.text);
    Client::new(served.address, session.json()["token"].as_str())
}

fn recommend(id: &str, person: &str) -> Value {
    json!({
        "id": id, "at": "2026-05-01T12:00:00+08:00", "action": "recommend", "algorithm": "feed-v3", "person": person,
        "principal": {"category": "push", "nonPersonalisedOffered": true, "switchOffOffered": true},
        "context": {"personalised": true},
    })
}

/// What the rule about switching off says in an answer.
fn switched_off(answer: &Value) -> String {
    let rules = answer["rules"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let rule = rules.iter().find(|rule| rule["rule"].as_str() == Some("cn.iisarmp/17/1#honour-non-personal-option"));
    rule.unwrap_or_else(|| panic!("{rules:?}"))["outcome"].as_str().unwrap().to_owned()
}

#[test]
fn a_withdrawal_is_respected_by_the_very_next_check() {
    let world = World::new();
    let before = world.machine.post("/v1/decisions:check", &recommend("d-1", "p-1"));
    assert_eq!(before.status, 200, "{}", before.text);
    let before = before.json();
    assert_eq!(before["seen"]["person"]["resource.profilingOff"], false, "{before}");
    assert_eq!(switched_off(&before["answer"]), "not-applicable");
    let event = json!({"id": "e-1", "fact": "resource.profilingOff", "change": {"op": "set", "value": true}});
    let acknowledged = world.machine.post("/v1/persons/p-1/events", &event);
    assert_eq!(acknowledged.status, 200, "{}", acknowledged.text);
    assert_eq!(acknowledged.json()["repeat"], false);
    let after = world.machine.post("/v1/decisions:check", &recommend("d-2", "p-1")).json();
    assert_eq!(after["seen"]["person"]["resource.profilingOff"], true);
    assert_eq!(switched_off(&after["answer"]), "violated");
    let other = world.machine.post("/v1/decisions:check", &recommend("d-3", "p-2")).json();
    assert_eq!(switched_off(&other["answer"]), "not-applicable");
    // The same event again counts once; another under its name is refused.
    assert_eq!(world.machine.post("/v1/persons/p-1/events", &event).json()["repeat"], true);
    let contrary = json!({"id": "e-1", "fact": "resource.profilingOff", "change": {"op": "set", "value": false}});
    assert_eq!(world.machine.post("/v1/persons/p-1/events", &contrary).problem(), "taken");
    world.served.stop();
}

#[test]
fn a_decision_sent_again_gets_its_first_answer_and_another_under_its_name_none() {
    let world = World::new();
    let first = world.machine.post("/v1/decisions:check", &recommend("d-1", "p-1")).json();
    let mut again = world.machine.post("/v1/decisions:check", &recommend("d-1", "p-1")).json();
    assert_eq!((&first["repeat"], &again["repeat"]), (&json!(false), &json!(true)));
    again["repeat"] = json!(false);
    assert_eq!(first, again);
    let other = world.machine.post("/v1/decisions:check", &recommend("d-1", "p-2"));
    assert_eq!((other.status, other.problem().as_str()), (409, "taken"));
    let send = |key: &str, body: &Value| {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        world.machine.send("POST", "/v1/decisions:check", &headers, Some(body.to_string().as_bytes()))
    };
    assert_eq!(send("k-1", &recommend("d-7", "p-1")).status, 200);
    assert_eq!(send("k-1", &recommend("d-7", "p-1")).json()["repeat"], true);
    assert_eq!(send("k-1", &recommend("d-8", "p-1")).problem(), "key-reused");
    world.served.stop();
}

#[test]
fn a_batch_answers_row_by_row_and_writes_each_answer_once() {
    let world = World::new();
    let mut unknown = recommend("d-2", "p-1");
    unknown["action"] = json!("recomend");
    let batch = json!([recommend("d-1", "p-1"), unknown, 7, recommend("d-3", "p-1"), recommend("d-1", "p-9")]);
    let answer = world.machine.post("/v1/decisions:check", &batch);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    let checks = body["checks"].as_array().unwrap();
    let told: Vec<String> = checks
        .iter()
        .map(|row| match row["decision"].as_str() {
            Some(decision) => decision.to_owned(),
            None => format!("{} {}", row["row"], row["problem"]["type"].as_str().unwrap()),
        })
        .collect();
    assert_eq!(told, ["d-1", "2 /problems/input", "3 /problems/input", "d-3", "5 /problems/taken"]);
    assert_eq!(checks[1]["problem"]["errors"][0]["message"], "`recomend` is not an action");
    assert_eq!(body["answers"].as_object().unwrap().len(), 1);
    assert_eq!(checks[0]["answer_digest"], checks[3]["answer_digest"]);
    let headers = [("content-type", "application/json"), ("prefer", "return=minimal")];
    let body = json!([recommend("d-4", "p-1")]).to_string();
    let minimal = world.machine.send("POST", "/v1/decisions:check", &headers, Some(body.as_bytes())).json();
    assert_eq!(minimal["answers"], json!({}));
    assert!(minimal["checks"][0]["answer_digest"].is_string());
    assert_eq!(world.machine.post("/v1/decisions:check", &json!([])).json(), json!({"checks": [], "answers": {}}));
    world.served.stop();
}

#[test]
fn bad_requests_are_problems_with_the_place() {
    let world = World::with(&[("limits.body_bytes", "2048".to_owned()), ("limits.check_rows", "2".to_owned())]);
    let check = "/v1/decisions:check";
    let kind = "application/json";
    let rows: [(&str, &str, &str, u16, &str); 15] = [
        (check, kind, "", 400, "malformed"),
        (check, kind, "{", 422, "input"),
        (check, kind, "[{]", 400, "malformed"),
        (check, kind, "{\"id\":\"d\"}", 422, "input"),
        (check, kind, "\u{0}", 422, "input"),
        (check, "text/plain", "{}", 415, "media-type"),
        (check, kind, &format!("[{}]", " ".repeat(3000)), 413, "too-large"),
        ("/v1/decisions", "text/csv", "id", 415, "media-type"),
        ("/v1/decisions", "application/vnd.apache.parquet", "PAR1", 400, "malformed"),
        ("/v1/decisions", "application/vnd.apache.arrow.stream", "", 400, "malformed"),
        ("/v1/persons/p-1/events", kind, "{\"id\":1}", 422, "input"),
        ("/v1/persons/p-1/events", kind, "{", 400, "malformed"),
        ("/v1/persons/p-1/events", kind, "[\"e\"]", 422, "input"),
        (
            "/v1/persons/p-1/events",
            kind,
            "{\"id\":\"e\",\"fact\":\"principal.filed\",\"change\":{\"op\":\"forget\"}}",
            422,
            "input",
        ),
        ("/v1/nothing", kind, "{}", 404, "not-found"),
    ];
    for (path, kind, body, status, problem) in rows {
        let answer = world.machine.raw(path, kind, body.as_bytes());
        assert_eq!((answer.status, answer.problem().as_str()), (status, problem), "{path} {body}: {}", answer.text);
        let told = answer.json();
        assert!(told["request"].is_string() && told["title"].is_string(), "{told}");
        assert_eq!(answer.header("content-language"), Some("en"));
        let page = world.machine.get(told["type"].as_str().unwrap());
        assert!(page.status == 200 && page.text.contains(told["title"].as_str().unwrap()));
    }
    let many = json!([recommend("a", "p"), recommend("b", "p"), recommend("c", "p")]).to_string();
    assert!(many.len() < 2048);
    assert_eq!(world.machine.raw(check, kind, many.as_bytes()).problem(), "too-large");
    let method = world.machine.get(check);
    assert_eq!((method.problem().as_str(), method.header("allow")), ("method", Some("POST")));
    let chinese = world.machine.send("GET", "/v1/nothing", &[("accept-language", "zh-CN")], None);
    assert_eq!(chinese.problem(), "not-found");
    world.served.stop();
}

#[test]
fn decisions_made_elsewhere_are_logged_and_bad_rows_named() {
    let world = World::new();
    let row = |id: &str| {
        format!("{{\"id\":\"{id}\",\"at\":\"2026-05-01T12:00:00+08:00\",\"action\":\"dispatch\",\"person\":\"p-1\"}}")
    };
    let body = format!("{}\n{}\nnonsense\n\n{}\n", row("d-1"), row("d-2").replace("dispatch", "x"), row("d-3"));
    let taken = world.machine.raw("/v1/decisions", "application/x-ndjson", body.as_bytes());
    assert_eq!(taken.status, 200, "{}", taken.text);
    let taken = taken.json();
    assert_eq!((&taken["accepted"], &taken["bad"], &taken["duplicates"]), (&json!(2), &json!(2), &json!(0)), "{taken}");
    let places: Vec<(u64, u64)> = taken["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["row"].as_u64().unwrap(), error["line"].as_u64().unwrap()))
        .collect();
    assert_eq!(places, [(2, 2), (3, 3)]);
    let again = world.machine.raw("/v1/decisions", "application/x-ndjson", body.as_bytes()).json();
    assert_eq!((&again["accepted"], &again["duplicates"]), (&json!(0), &json!(2)), "{again}");
    let event =
        format!("{{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":{}}}", row("d-9"));
    let taken = world.machine.raw("/v1/decisions", "application/cloudevents+json", event.as_bytes()).json();
    assert_eq!(taken["accepted"], 1, "{taken}");
    world.served.stop();
}

#[test]
fn of_many_who_send_one_identifier_exactly_one_is_first() {
    let world = World::new();
    let threads = 16;
    let outcomes: Vec<(u16, Value)> = std::thread::scope(|scope| {
        let send = |number: usize| {
            let machine = &world.machine;
            // Half of them are a double click, half another decision under the same name.
            let person = if number.is_multiple_of(2) { "p-1".to_owned() } else { format!("p-{number}") };
            scope.spawn(move || {
                let answer = machine.post("/v1/decisions:check", &recommend("d-1", &person));
                (answer.status, answer.json())
            })
        };
        let under_way: Vec<_> = (0..threads).map(send).collect();
        under_way.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let good: Vec<&Value> = outcomes.iter().filter(|(status, _)| *status == 200).map(|(_, body)| body).collect();
    assert_eq!(good.iter().filter(|body| body["repeat"] == false).count(), 1);
    let leaves: BTreeSet<u64> = good.iter().map(|body| body["ledger"]["leaf"].as_u64().unwrap()).collect();
    assert_eq!(leaves.len(), 1);
    assert!(outcomes.iter().all(|(status, _)| [200, 409].contains(status)), "{outcomes:?}");
    world.served.stop();
}

#[test]
fn nobody_does_what_their_role_does_not_allow() {
    let world = World::new();
    let engineer = world.account("erin", &["engineer"], &[]);
    let person = world.account("wang", &["person"], &["p-1"]);
    let nobody = Client::new(world.served.address, None);
    let wrong = Client::new(world.served.address, Some("gongdao_key-1_wrong"));
    assert_eq!(world.machine.post("/v1/decisions:check", &recommend("d-1", "p-1")).status, 200);
    assert_eq!(world.machine.post("/v1/decisions:check", &recommend("d-2", "p-2")).status, 200);
    let settings = json!({}).to_string();
    let rows: [(&Client, &str, &str, Option<&str>, u16); 13] = [
        (&nobody, "GET", "/v1/me", None, 401),
        (&wrong, "GET", "/v1/me", None, 401),
        (&nobody, "POST", "/v1/decisions:check", Some("{}"), 401),
        (&person, "POST", "/v1/decisions:check", Some("{}"), 403),
        (&person, "GET", "/v1/gate/settings", None, 403),
        (&person, "GET", "/v1/accounts", None, 403),
        (&engineer, "POST", "/v1/keys", Some("{\"name\":\"x\",\"roles\":[\"machine\"]}"), 403),
        (&engineer, "GET", "/v1/decisions/d-1", None, 403),
        (&engineer, "GET", "/v1/decisions/d-1?purpose=case%2017", None, 200),
        (&person, "GET", "/v1/decisions/d-1", None, 200),
        (&person, "GET", "/v1/decisions/d-2", None, 404),
        (&person, "GET", "/v1/persons/p-2/events", None, 403),
        (&world.machine, "PUT", "/v1/gate/settings", Some(&settings), 428),
    ];
    for (client, method, path, body, status) in rows {
        let answer = client.send(method, path, &[("content-type", "application/json")], body.map(str::as_bytes));
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
    }
    // An engineer sees verdicts and neither facts nor whom it is about; the person sees who looked, and why.
    let seen = engineer.get("/v1/decisions/d-1?purpose=case%2017").json();
    assert_eq!((&seen["record"]["person"], &seen["record"]["context"]), (&Value::Null, &Value::Null), "{seen}");
    let looked = person.get("/v1/persons/p-1/lookups").json();
    assert_eq!(looked["items"][0]["purpose"], "case 17", "{looked}");
    let own = person.get("/v1/persons/p-1/decisions").json();
    assert_eq!(own["items"][0]["decision"], "d-1");
    world.served.stop();
}

#[test]
fn what_protects_people_less_takes_two() {
    let world = World::new();
    let officer = world.account("otto", &["officer"], &[]);
    let reviewer = world.account("rosa", &["reviewer"], &[]);
    let settings = officer.get("/v1/gate/settings");
    let tag = settings.header("etag").unwrap().to_owned();
    let weaker = json!({"default": {"mode": "shadow"}});
    let put = |body: &Value, tag: &str| {
        let headers = [("content-type", "application/json"), ("if-match", tag)];
        officer.send("PUT", "/v1/gate/settings", &headers, Some(body.to_string().as_bytes()))
    };
    assert_eq!(put(&weaker, &tag).problem(), "needs-approval");
    let version: u64 = tag.trim_matches('"').parse().unwrap();
    let asked = json!({"act": "settings", "base": version, "settings": weaker, "reason": "trial run"});
    let approval = officer.post("/v1/approvals", &asked);
    assert_eq!(approval.status, 201, "{}", approval.text);
    let decision = format!("{}/decision", approval.header("location").unwrap());
    let yes = json!({"grants": true, "reason": "agreed"});
    assert_eq!(officer.post(&decision, &yes).problem(), "forbidden");
    assert_eq!(reviewer.post(&decision, &yes).json()["state"], "granted");
    assert_eq!(reviewer.post(&decision, &yes).problem(), "changed");
    let checked = world.machine.post("/v1/decisions:check", &recommend("d-1", "p-1")).json();
    assert_eq!((&checked["effect"], &checked["settings"]["mode"]), (&json!("proceed"), &json!("shadow")));
    // Whoever read the settings before is told, and stricter ones take one person.
    let strict = json!({"default": {"mode": "enforce"}});
    assert_eq!(put(&strict, &tag).problem(), "changed");
    let tag = officer.get("/v1/gate/settings").header("etag").unwrap().to_owned();
    assert_eq!(put(&strict, &tag).status, 200);
    let trail = officer.get("/v1/operations?kind=settings").json();
    assert_eq!(trail["items"].as_array().unwrap().len(), 2, "{trail}");
    world.served.stop();
}

#[test]
fn every_accepted_decision_has_a_receipt_that_anyone_can_check() {
    let world = World::new();
    let checked = world.machine.post("/v1/decisions:check", &recommend("d-1", "p-1")).json();
    let person = world.account("wang", &["person"], &["p-1"]);
    let head = person.get("/v1/ledger").json();
    assert_eq!(head["origin"], "gongdao.test/web");
    let receipt = person.get("/v1/decisions/d-1/receipt");
    assert_eq!(receipt.status, 200, "{}", receipt.text);
    let receipt = gongdao_ledger::Receipt::parse(receipt.text.as_bytes()).unwrap();
    let policy = gongdao_merkle::Policy::of_log(head["verifier_key"].as_str().unwrap().parse().unwrap());
    receipt.verify(&policy).unwrap();
    assert_eq!(receipt.proof().index, checked["ledger"]["leaf"].as_u64().unwrap());
    assert_eq!(person.get("/v1/ledger/proofs/99999").problem(), "not-found");
    assert_eq!(person.get("/v1/ledger/tile/0%2F000.p%2F999").problem(), "not-found");
    assert!(person.get("/v1/ledger/checkpoint").text.starts_with("gongdao.test/web\n"));
    world.served.stop();
}

#[test]
fn after_a_restart_everything_acknowledged_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let served = start(folder.path(), "127.0.0.1:0", &[]);
    let nobody = Client::new(served.address, None);
    let token = served.token.as_ref().unwrap().reveal();
    nobody.post("/v1/setup", &json!({"token": token, "name": "root", "password": PASSWORD}));
    let key = log_in(&served, "root").post("/v1/keys", &json!({"name": "orders", "roles": ["machine"]})).json();
    let machine = Client::new(served.address, key["secret"].as_str());
    let event = json!({"id": "e-1", "fact": "resource.profilingOff", "change": {"op": "set", "value": true}});
    assert_eq!(machine.post("/v1/persons/p-1/events", &event).status, 200);
    let first = machine.post("/v1/decisions:check", &recommend("d-1", "p-1")).json();
    served.stop();
    let served = start(folder.path(), "127.0.0.1:0", &[]);
    assert!(served.token.is_none(), "an administrator is there");
    let machine = Client::new(served.address, key["secret"].as_str());
    let again = machine.post("/v1/decisions:check", &recommend("d-1", "p-1")).json();
    assert_eq!(
        (&again["repeat"], &again["ledger"], &again["answer"]),
        (&json!(true), &first["ledger"], &first["answer"])
    );
    let next = machine.post("/v1/decisions:check", &recommend("d-2", "p-1")).json();
    assert_eq!(switched_off(&next["answer"]), "violated");
    served.stop();
}

#[test]
fn operators_see_health_numbers_and_the_document_without_anything_personal() {
    let world = World::new();
    assert_eq!(world.machine.post("/v1/decisions:check", &recommend("secret-decision", "secret-person")).status, 200);
    let nobody = Client::new(world.served.address, None);
    assert_eq!(nobody.get("/healthz").json()["status"], "ok");
    assert_eq!(nobody.get("/readyz").status, 200);
    let metrics = nobody.get("/metrics").text;
    assert!(metrics.contains("gongdao_checks_total{action=\"recommend\",effect=\"hold\"} 1"), "{metrics}");
    assert!(metrics.contains("route=\"/v1/decisions:check\""));
    assert!(!metrics.contains("secret"), "{metrics}");
    let document = nobody.get("/openapi.json");
    let tag = document.header("etag").unwrap().to_owned();
    assert_eq!(nobody.send("GET", "/openapi.json", &[("if-none-match", &tag)], None).status, 304);
    let body = document.json();
    assert_eq!(body["openapi"], "3.1.0");
    for (path, item) in body["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["operationId"].is_string() && operation["summary"].is_string(), "{method} {path}");
            assert!(operation["responses"]["default"].is_object(), "{method} {path}");
        }
    }
    let page = nobody.get("/docs").text;
    assert!(page.contains("id=\"check_decisions\"") && !page.contains("<script") && !page.contains("src=\"http"));
    world.served.stop();
}

#[test]
fn labels_are_written_read_and_decided_on() {
    let world = World::new();
    let text = "一段文字\n".as_bytes();
    let query = "name=a.md&producer=001191110102MACQD9K64010000&produce_id=20250901-17";
    let written = world.machine.raw(&format!("/v1/labels:write?{query}"), "application/octet-stream", text);
    assert_eq!(written.status, 200, "{}", written.text);
    let read =
        world.machine.raw("/v1/labels:read?name=a.md", "application/octet-stream", written.text.as_bytes()).json();
    assert_eq!(read["labels"][0]["AIGC"]["ProduceID"], "20250901-17", "{read}");
    let verified =
        world.machine.raw("/v1/labels:verify?name=a.md", "application/octet-stream", written.text.as_bytes());
    assert_eq!(verified.json()["conformity"], "conforms", "{}", verified.text);
    let decided = world.machine.raw(
        "/v1/labels:decide?name=a.md&detected=nothing",
        "application/octet-stream",
        written.text.as_bytes(),
    );
    assert_eq!(decided.json()["status"], "confirmed", "{}", decided.text);
    let rows = [
        ("/v1/labels:write?name=a.md", "input"),
        ("/v1/labels:read?name=a.xyz", "label"),
        ("/v1/labels:decide?declared=maybe", "malformed"),
    ];
    for (path, problem) in rows {
        assert_eq!(world.machine.raw(path, "application/octet-stream", b"\x00\x01").problem(), problem, "{path}");
    }
    world.served.stop();
}

/// The body of a form with one file, as browsers send it (RFC 7578).
fn form(name: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    [head.as_bytes(), content, b"\r\n--edge--\r\n"].concat()
}

#[test]
fn a_page_says_to_anybody_what_a_file_says_about_itself() {
    let world = World::new();
    let nobody = Client::new(world.served.address, None);
    let query = "name=a.md&producer=001191110102MACQD9K64010000&produce_id=20250901-17";
    let labelled = world.machine.raw(&format!("/v1/labels:write?{query}"), "application/octet-stream", "字".as_bytes());
    let empty = nobody.get("/labels");
    assert!(empty.text.contains("type=\"file\"") && empty.text.contains("lang=\"zh-Hans\""), "{}", empty.text);
    let rows: [(&str, &str, &[u8], &str); 7] = [
        ("zh", "a.md", labelled.text.as_bytes(), "它写明：由 AI 生成或合成"),
        ("en", "a.md", labelled.text.as_bytes(), "001191110102MACQD9K64010000"),
        ("zh", "a.md", b"plain", "没有找到标识"),
        ("zh", "a.xyz", b"\x00\x01", "不认识这类文件"),
        ("en", "a.png", b"\x89PNG\r\n\x1a\n\x00\x00", "The file is broken"),
        ("zh", "", b"", "没有选文件"),
        ("en", "<script>.md", b"plain", "&lt;script&gt;.md"),
    ];
    for (language, name, content, expected) in rows {
        let path = format!("/labels?lang={language}");
        let page = nobody.raw(&path, "multipart/form-data; boundary=edge", &form(name, content));
        assert_eq!(page.status, if name.is_empty() { 400 } else { 200 }, "{name}: {}", page.text);
        assert!(page.text.contains(expected) && !page.text.contains("<script"), "{name}: {}", page.text);
    }
    let broken = nobody.raw("/labels?lang=en", "multipart/form-data; boundary=edge", b"--edge\r\nContent-Dis");
    assert!(broken.status == 400 && broken.text.contains("It did not arrive whole"), "{}", broken.text);
    assert_eq!(nobody.raw("/labels", "text/plain", b"x").status, 400);
    world.served.stop();
}

#[test]
fn rules_are_tried_on_their_cases_and_on_facts_of_nobody_and_nothing_is_logged() {
    let world = World::new();
    let engineer = world.account("tester", &["engineer"], &[]);
    for path in ["/v1/rules", "/v1/rules/x/tests"] {
        assert_eq!(world.machine.get(path).problem(), "forbidden", "{path}");
    }
    let page = engineer.get("/v1/rules?limit=3").json();
    let next = engineer.get(&format!("/v1/rules?limit=3&cursor={}", encoded(page["next"].as_str().unwrap()))).json();
    assert!(page["items"][2]["version"].as_str() < next["items"][0]["version"].as_str(), "{page} {next}");
    let version = "cn.iisarmp/17/1#honour-non-personal-option@2022-03-01";
    let runs = engineer.get(&format!("/v1/rules/{}/tests", encoded(version))).json();
    let runs = runs.as_array().unwrap();
    let outcomes: BTreeSet<&str> = runs.iter().map(|run| run["gate"].as_str().unwrap()).collect();
    assert!(runs.iter().all(|run| run["holds"] == true && run["gate"] == run["official"]), "{runs:?}");
    assert!(outcomes.contains("violated") && outcomes.contains("undetermined"), "{outcomes:?}");
    assert_eq!(engineer.get("/v1/rules/none/tests").problem(), "not-found");
    let mut record = recommend("t-1", "p-1");
    let tried = |record: &Value| engineer.post("/v1/rules:try", record);
    let said = |answer: &Value| {
        let all = answer.as_array().unwrap_or_else(|| panic!("{answer}"));
        assert!(all.iter().all(|one| one["agree"] == true && one["gate"] == one["official"]), "{answer}");
        let own = all.iter().find(|one| one["version"]["rule"] == "cn.iisarmp/17/1#honour-non-personal-option");
        own.unwrap()["gate"].clone()
    };
    let unknown = said(&tried(&record).json());
    assert_eq!((&unknown["outcome"], &unknown["missing"]), (&json!("undetermined"), &json!("resource.profilingOff")));
    record["resource"] = json!({"profilingOff": true});
    assert_eq!(said(&tried(&record).json())["outcome"], "violated");
    record["resource"] = json!({"profilingOf": true});
    assert_eq!(tried(&record).problem(), "input");
    assert_eq!(tried(&json!([])).problem(), "malformed");
    assert_eq!(world.machine.post("/v1/rules:try", &record).problem(), "forbidden");
    let owner = world.account("owner", &["person"], &["p-1"]);
    assert_eq!(owner.get("/v1/decisions/t-1").problem(), "not-found", "it is no decision");
    world.served.stop();
}

fn encoded(text: &str) -> String {
    text.replace('/', "%2F").replace('#', "%23").replace('@', "%40").replace('?', "%3F")
}
