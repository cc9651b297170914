//! Requests in the shape of the Data Rights Protocol: who signs, for whom, how they stand, and what is turned away.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]

mod support;

use gongdao_model::Instant;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;
use support::client::{Answer, Client};
use support::receiver::receiver;
use support::{Served, since_epoch, start};

const PASSWORD: &str = "correct horse battery";
const BUSINESS: &str = "gongdao.test/web";

struct World {
    served: Served,
    admin: Client,
    own: Client,
    officer: Client,
    /// The union's account.
    account: String,
    key: Ed25519KeyPair,
    _folder: tempfile::TempDir,
}

fn made(answer: &Answer) -> Value {
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

fn moment(seconds: i64) -> String {
    Instant::from_millis((i64::try_from(since_epoch().as_secs()).unwrap() + seconds) * 1000).unwrap().to_string()
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn signed(key: &Ed25519KeyPair, body: &Value) -> Vec<u8> {
    let message = body.to_string();
    let bytes = [key.sign(message.as_bytes()).as_ref(), message.as_bytes()].concat();
    gongdao_merkle::encode_base64(&bytes).into_bytes()
}

fn put(client: &Client, path: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("if-match", "\"0\"")];
    client.send("PUT", path, &headers, Some(body.to_string().as_bytes()))
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let flags = [("public_url", "https://rights.example.cn".to_owned()), ("webhooks.private", "true".to_owned())];
        let served = start(folder.path(), "127.0.0.1:0", &flags);
        let token = served.token.as_ref().unwrap().reveal();
        let nobody = Client::new(served.address, None);
        made(&nobody.post("/v1/setup", &json!({"token": token, "name": "root", "password": PASSWORD})));
        let log_in = |name: &str| {
            let session = nobody.post("/v1/sessions", &json!({"name": name, "password": PASSWORD}));
            Client::new(served.address, made(&session)["token"].as_str())
        };
        let admin = log_in("root");
        let account = |name: &str, role: &str, persons: &[&str]| {
            let body = json!({"name": name, "roles": [role], "persons": persons, "password": PASSWORD});
            made(&admin.post("/v1/accounts", &body))["id"].as_str().unwrap().to_owned()
        };
        account("own", "person", &["p-1"]);
        account("officer", "officer", &[]);
        let union = account("union", "representative", &[]);
        let (own, officer) = (log_in("own"), log_in("officer"));
        let key = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
        let agent = json!({"account": union, "verify_key": digits(key.public_key().as_ref())});
        let added = put(&admin, "/v1/agents/union-7", &agent);
        assert_eq!(added.status, 200, "{}", added.text);
        assert_eq!(put(&officer, "/v1/agents/other", &agent).problem(), "forbidden");
        assert_eq!(put(&admin, "/v1/agents/other", &agent).problem(), "taken", "one agent an account");
        Self { served, admin, own, officer, account: union, key, _folder: folder }
    }

    fn envelope() -> Value {
        json!({
            "agent-id": "union-7", "business-id": BUSINESS, "issued-at": moment(-5), "expires-at": moment(600),
            "drp.version": "0.9.4",
        })
    }

    fn agent(&self) -> Client {
        let nobody = Client::new(self.served.address, None);
        let answer = nobody.raw("/v1/agent/union-7", "text/plain", &signed(&self.key, &Self::envelope()));
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json()["agent-id"], "union-7");
        Client::new(self.served.address, answer.json()["token"].as_str())
    }

    /// The person lets the union act.
    fn mandate(&self, kinds: &[&str]) -> String {
        let until = "2099-01-01T00:00:00+08:00";
        let body = json!({
            "person": "p-1", "representative": format!("account:{}", self.account), "kinds": kinds, "until": until,
        });
        let mandate = made(&self.own.post("/v1/mandates", &body));
        assert_eq!(mandate["state"], "confirmed");
        mandate["id"].as_str().unwrap().to_owned()
    }

    fn request(exercise: &str, more: &Value) -> Value {
        let mut body = Self::envelope();
        body["exercise"] = exercise.into();
        body["gongdao:person"] = "p-1".into();
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }
}

fn exercise(agent: &Client, key: &Ed25519KeyPair, body: &Value) -> Answer {
    agent.raw("/v1/data-rights-request", "text/plain", &signed(key, body))
}

#[test]
fn a_signed_request_becomes_a_case_and_its_way_is_told_in_the_protocols_words() {
    let world = World::new();
    let agent = world.agent();
    assert_eq!(agent.get("/v1/agent/union-7").json(), json!({}));
    assert_eq!(agent.get("/v1/agent/union-8").problem(), "forbidden");
    let request = World::request("access", &json!({"agent-request-id": "m-7", "regime": "cn.pipl"}));
    assert_eq!(exercise(&agent, &world.key, &request).problem(), "forbidden", "nobody gave a mandate");
    world.mandate(&["see", "delete", "complain", "opt-out"]);
    let status = exercise(&agent, &world.key, &request);
    assert_eq!(status.status, 200, "{}", status.text);
    let seen = status.json();
    assert_eq!((&seen["status"], &seen["agent_request_id"]), (&json!("fulfilled"), &json!("m-7")), "{seen}");
    let id = seen["request_id"].as_str().unwrap();
    assert_eq!(seen["results_url"], format!("https://rights.example.cn/v1/cases/{id}/record"));
    // A deletion waits until it is known who asks.
    let deletion = exercise(&agent, &world.key, &World::request("deletion", &json!({}))).json();
    assert_eq!(deletion["reason"], "need_user_verification", "{deletion}");
    let id = deletion["request_id"].as_str().unwrap().to_owned();
    assert_eq!(deletion["user_verification_url"], format!("https://rights.example.cn/me/requests/{id}"));
    let address = format!("/v1/data-rights-request/{id}");
    let events = format!("/v1/cases/{id}/events");
    world.own.post(&events, &json!({"what": "identified", "identity": "password", "password": PASSWORD}));
    assert_eq!(agent.get(&address).json()["gongdao:stage"], "open");
    world.officer.post(&events, &json!({"what": "answered", "outcome": "granted", "text": "同意"}));
    assert_eq!(agent.get(&address).json()["status"], "in_progress", "granted, not done");
    assert_eq!(world.served.service.carry_out_deletions().unwrap(), 1);
    assert_eq!(agent.get(&address).json()["status"], "fulfilled", "done, and the case is gone with the rest");
    world.served.stop();
}

#[test]
fn our_rights_are_asked_for_and_taken_back_in_the_same_shape() {
    let world = World::new();
    let agent = world.agent();
    world.mandate(&["complain", "correct"]);
    let request = World::request("gongdao:complain", &json!({"gongdao:text": "时限太短", "gongdao:language": "zh"}));
    let status = exercise(&agent, &world.key, &request).json();
    assert_eq!((&status["status"], &status["gongdao:stage"]), (&json!("in_progress"), &json!("open")), "{status}");
    let address = format!("/v1/data-rights-request/{}", status["request_id"].as_str().unwrap());
    assert_eq!(world.own.get(&address).problem(), "forbidden", "people have their own way");
    let unsigned = agent.send("DELETE", &address, &[("content-type", "text/plain")], Some(b"e30="));
    assert_eq!(unsigned.problem(), "forbidden");
    let take_back = signed(&world.key, &json!({"reason": "settled"}));
    let revoked = agent.send("DELETE", &address, &[("content-type", "text/plain")], Some(&take_back));
    assert_eq!(revoked.json()["status"], "revoked", "{}", revoked.text);
    assert_eq!(agent.get(&address).json()["status"], "revoked");
    let about = json!({"gongdao:about": {"information": "distance of order 7"}});
    let correct = exercise(&agent, &world.key, &World::request("gongdao:correct", &about)).json();
    let id = correct["request_id"].as_str().unwrap();
    let refusal = json!({"what": "answered", "outcome": "refused", "article": "cn.pipl/46/1", "text": "核实无误"});
    world.officer.post(&format!("/v1/cases/{id}/events"), &refusal);
    let denied = agent.get(&format!("/v1/data-rights-request/{id}")).json();
    assert_eq!((&denied["status"], &denied["reason"]), (&json!("denied"), &json!("claim_not_covered")));
    assert_eq!(denied["gongdao:article"], "cn.pipl/46/1");
    world.served.stop();
}

#[test]
fn what_is_not_signed_in_time_for_us_and_by_the_agent_is_turned_away() {
    let world = World::new();
    let agent = world.agent();
    world.mandate(&["complain"]);
    let good = World::request("gongdao:complain", &json!({}));
    let other = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
    assert_eq!(exercise(&agent, &other, &good).problem(), "forbidden");
    let mut tampered = signed(&world.key, &good);
    let last = tampered.len() - 6;
    tampered[last] = if tampered[last] == b'A' { b'B' } else { b'A' };
    for body in [&tampered[..], b"", b"AAAA", "不".as_bytes()] {
        assert_eq!(agent.raw("/v1/data-rights-request", "text/plain", body).problem(), "forbidden");
    }
    for (name, value, wanted) in [
        ("agent-id", json!("union-8"), "input"),
        ("business-id", json!("another"), "input"),
        ("drp.version", json!("1.7"), "input"),
        ("expires-at", json!(moment(-1)), "input"),
        ("issued-at", json!(moment(3600)), "input"),
        ("expires-at", json!(moment(90_000)), "input"),
        ("issued-at", json!("yesterday"), "input"),
        ("exercise", json!("sale:opt_out"), "input"),
        ("exercise", json!("gongdao:everything"), "input"),
        ("regime", json!("ccpa"), "input"),
        ("status_callback", json!("https://example.org"), "input"),
        ("gongdao:person", json!("p-2"), "forbidden"),
        ("gongdao:person", json!(7), "input"),
    ] {
        let mut body = good.clone();
        body[name] = value.clone();
        assert_eq!(exercise(&agent, &world.key, &body).problem(), wanted, "{name}: {value}");
    }
    assert_eq!(exercise(&world.own, &world.key, &good).problem(), "forbidden", "a person is no agent");
    let nobody = Client::new(world.served.address, None);
    assert_eq!(exercise(&nobody, &world.key, &good).problem(), "unauthenticated");
    for (name, body) in [("union-7", signed(&other, &World::envelope())), ("nobody", signed(&world.key, &good))] {
        assert_eq!(nobody.raw(&format!("/v1/agent/{name}"), "text/plain", &body).problem(), "forbidden");
    }
    assert_eq!(exercise(&agent, &world.key, &good).json()["status"], "in_progress");
    assert_eq!(world.admin.send("DELETE", "/v1/agents/union-7", &[], None).status, 204);
    assert_eq!(exercise(&agent, &world.key, &good).problem(), "forbidden", "taken away");
    world.served.stop();
}

#[test]
fn an_agent_is_told_signed_at_its_callback_how_a_request_stands_as_long_as_the_mandate_lasts() {
    let world = World::new();
    let (url, heard) = receiver(vec![500]);
    let webhook = json!({"url": url, "kinds": ["right-status"]});
    let webhook = made(&world.admin.post("/v1/webhooks", &webhook));
    let (busy, _unheard) = receiver(Vec::new());
    let other = made(&world.admin.post("/v1/webhooks", &json!({"url": busy, "kinds": ["right-status", "access"]})));
    let agent = |webhook: &Value| json!({"account": world.account, "verify_key": digits(world.key.public_key().as_ref()), "webhook": webhook});
    let change = |webhook: &Value| {
        let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
        world.admin.send("PUT", "/v1/agents/union-7", &headers, Some(agent(webhook).to_string().as_bytes()))
    };
    assert_eq!(change(&other["webhook"]["id"]).problem(), "input", "one of other kinds too");
    assert_eq!(change(&webhook["webhook"]["id"]).status, 200);
    let agent = world.agent();
    let mandate = world.mandate(&["complain", "correct"]);
    world.mandate(&["delete"]);
    let callback = |url: &str, id: &str| json!({"status_callback": url, "agent-request-id": id});
    let elsewhere = World::request("gongdao:complain", &callback("https://elsewhere.example/hook", "m-1"));
    assert_eq!(exercise(&agent, &world.key, &elsewhere).problem(), "input");
    let status = exercise(&agent, &world.key, &World::request("gongdao:complain", &callback(&url, "m-1"))).json();
    let case = status["request_id"].as_str().unwrap().to_owned();
    // One without a callback is told to nobody.
    let about = json!({"gongdao:about": {"information": "distance of order 7"}});
    exercise(&agent, &world.key, &World::request("gongdao:correct", &about));
    let next = || {
        let got = heard.recv_timeout(Duration::from_secs(30)).unwrap();
        assert!(got.headers["webhook-signature"].starts_with("v1,"), "{:?}", got.headers);
        assert!(!got.body.contains("p-1") && !got.body.contains("同意"), "it names nobody: {}", got.body);
        serde_json::from_str::<Value>(&got.body).unwrap()
    };
    let (refused, filed) = (next(), next());
    assert_eq!(refused["id"], filed["id"], "what was not taken comes again under its name");
    assert_eq!(filed["type"], "cn.gongdao.right-status.v1");
    assert_eq!(filed["data"], json!({"request_id": case, "agent_request_id": "m-1", "status": "in_progress"}));
    let answer = json!({"what": "answered", "outcome": "granted", "text": "同意"});
    made_or_ok(&world.officer.post(&format!("/v1/cases/{case}/events"), &answer));
    assert_eq!(next()["data"], json!({"request_id": case, "agent_request_id": "m-1", "status": "fulfilled"}));
    // A mandate that was taken back gives nothing from that moment.
    let mut second = World::request("gongdao:complain", &callback(&url, "m-3"));
    second["gongdao:text"] = "again".into();
    let second = exercise(&agent, &world.key, &second).json();
    assert_eq!(next()["data"]["agent_request_id"], "m-3");
    made_or_ok(&world.own.post(&format!("/v1/mandates/{mandate}/events"), &json!({"act": "revoke"})));
    let events = format!("/v1/cases/{}/events", second["request_id"].as_str().unwrap());
    made_or_ok(&world.officer.post(&events, &answer));
    // A deletion takes the case with it; that is told by its name alone.
    let deletion = exercise(&agent, &world.key, &World::request("deletion", &callback(&url, "m-2"))).json();
    let gone = deletion["request_id"].as_str().unwrap().to_owned();
    assert_eq!(next()["data"]["reason"], "need_user_verification");
    let events = format!("/v1/cases/{gone}/events");
    made_or_ok(&world.own.post(&events, &json!({"what": "identified", "identity": "password", "password": PASSWORD})));
    assert_eq!(next()["data"]["status"], "in_progress");
    made_or_ok(&world.officer.post(&events, &answer));
    assert_eq!(next()["data"]["status"], "in_progress", "granted, not done");
    assert_eq!(world.served.service.carry_out_deletions().unwrap(), 1);
    let told = next();
    assert_eq!(told["data"], json!({"request_id": gone, "agent_request_id": "m-2", "status": "fulfilled"}));
    world.served.stop();
}

fn made_or_ok(answer: &Answer) {
    assert!((200..300).contains(&answer.status), "{}", answer.text);
}
