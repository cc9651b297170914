//! What the service sends by itself, webhooks and traces: a receiver listens at a port of this machine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]

mod support;

use serde_json::{Value, json};
use std::time::Duration;
use support::client::Client;
use support::receiver::receiver;
use support::{Served, start};

const PASSWORD: &str = "correct horse battery";

fn world(flags: &[(&'static str, String)]) -> (Served, Client, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let served = start(folder.path(), "127.0.0.1:0", flags);
    let nobody = Client::new(served.address, None);
    let token = served.token.as_ref().unwrap().reveal();
    nobody.post("/v1/setup", &json!({"token": token, "name": "root", "password": PASSWORD}));
    let session = nobody.post("/v1/sessions", &json!({"name": "root", "password": PASSWORD})).json();
    let admin = Client::new(served.address, session["token"].as_str());
    (served, admin, folder)
}

/// Wait for what the service does on its own.
fn until(holds: impl Fn() -> bool) {
    for _ in 0..400 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it did not happen");
}

fn hook(url: &str) -> Value {
    json!({"url": url, "kinds": ["access"], "fields": ["actor", "subject"]})
}

#[test]
fn an_event_arrives_signed_and_a_refused_one_under_the_same_name_again() {
    let (served, admin, _folder) = world(&[("webhooks.private", "true".to_owned())]);
    let (url, heard) = receiver(vec![500]);
    let made = admin.post("/v1/webhooks", &hook(&url));
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    let address = format!("/v1/webhooks/{}", made["webhook"]["id"].as_str().unwrap());
    let first = heard.recv_timeout(Duration::from_secs(20)).unwrap();
    // Its own making is an event of the kind: the first attempt is refused, the second comes five seconds later.
    let again = heard.recv_timeout(Duration::from_secs(20)).unwrap();
    assert_eq!((&first.headers["webhook-id"], &first.body), (&again.headers["webhook-id"], &again.body));
    assert_eq!(again.headers["content-type"], "application/cloudevents+json");
    let event: Value = serde_json::from_str(&again.body).unwrap();
    assert_eq!((&event["type"], &event["id"]), (&json!("cn.gongdao.access.v1"), &json!(again.headers["webhook-id"])));
    assert_eq!(event["data"]["subject"], made["webhook"]["id"]);
    let secret = made["secret"].as_str().unwrap().strip_prefix("whsec_").unwrap();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &gongdao_merkle::decode_base64(secret).unwrap());
    let signed = format!("{}.{}.{}", again.headers["webhook-id"], again.headers["webhook-timestamp"], again.body);
    let tag = again.headers["webhook-signature"].strip_prefix("v1,").unwrap();
    ring::hmac::verify(&key, signed.as_bytes(), &gongdao_merkle::decode_base64(tag).unwrap()).unwrap();
    until(|| admin.get(&format!("{address}/progress")).json()["attempts"] == 0);
    assert!(!admin.get("/v1/webhooks").text.contains(secret), "the secret is shown once");
    let read = admin.get(&address);
    let etag = read.header("etag").unwrap().to_owned();
    let rest = json!({"is_paused": true}).to_string();
    let headers = [("content-type", "application/json"), ("if-match", etag.as_str())];
    let paused = admin.send("PATCH", &address, &headers, Some(rest.as_bytes()));
    assert_eq!(paused.json()["state"], "paused", "{}", paused.text);
    assert_eq!(admin.send("PATCH", &address, &headers, Some(rest.as_bytes())).problem(), "changed");
    assert_eq!(admin.get(&format!("{address}/dead-letters")).json()["items"], json!([]));
    assert_eq!(admin.send("DELETE", &address, &[], None).status, 204);
    assert_eq!(admin.get(&address).problem(), "not-found");
    served.stop();
}

#[test]
fn nothing_is_sent_into_the_network_unless_the_operator_allows_it() {
    let (served, admin, _folder) = world(&[]);
    let (url, heard) = receiver(vec![]);
    let port = url.split(':').nth(2).unwrap();
    for url in [url.as_str(), "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/"] {
        let refused = admin.post("/v1/webhooks", &hook(url));
        assert_eq!((refused.status, refused.problem().as_str()), (422, "input"), "{url}");
    }
    // A name that leads inside is found out when it is looked up.
    let made = admin.post("/v1/webhooks", &hook(&format!("https://localhost:{port}")));
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    let progress = format!("/v1/webhooks/{}/progress", made["webhook"]["id"].as_str().unwrap());
    until(|| admin.get(&progress).json()["attempts"] == 1);
    let progress = admin.get(&progress).json();
    assert_eq!(progress["last_error"], "no machine outside the network has this name", "{progress}");
    assert!(heard.try_recv().is_err(), "nobody connected");
    let key = admin.post("/v1/keys", &json!({"name": "orders", "roles": ["machine"]})).json();
    let machine = Client::new(served.address, key["secret"].as_str());
    assert_eq!(machine.post("/v1/webhooks", &hook("https://example.cn/")).problem(), "forbidden");
    served.stop();
}

#[test]
fn a_collector_gets_spans_that_belong_to_the_callers_trace_and_tell_of_nobody() {
    let (url, heard) = receiver(vec![]);
    let (served, admin, _folder) = world(&[("traces.endpoint", url.replace("/hook", ""))]);
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let parent = format!("00-{trace}-b7ad6b7169203331-01");
    let headers = [("traceparent", parent.as_str())];
    let path = "/v1/persons/courier-8f3a1c/events?purpose=case-7";
    assert_eq!(admin.send("GET", path, &headers, None).status, 403);
    let mut spans = Vec::new();
    while !spans.iter().any(|span: &Value| span["traceId"] == trace) {
        let got = heard.recv_timeout(Duration::from_secs(20)).unwrap();
        assert_eq!((got.path.as_str(), got.headers["content-type"].as_str()), ("/v1/traces", "application/json"));
        for word in ["courier-8f3a1c", "case-7", "root"] {
            assert!(!got.body.contains(word), "{}", got.body);
        }
        let parcel: Value = serde_json::from_str(&got.body).unwrap();
        let resource = &parcel["resourceSpans"][0];
        assert_eq!(resource["resource"]["attributes"][0]["value"]["stringValue"], "gongdao");
        spans.extend(resource["scopeSpans"][0]["spans"].as_array().unwrap().clone());
    }
    let span = spans.iter().find(|span| span["traceId"] == trace).unwrap();
    assert_eq!(
        (&span["parentSpanId"], &span["name"]),
        (&json!("b7ad6b7169203331"), &json!("GET /v1/persons/{person}/events"))
    );
    let number = |name: &str| span[name].as_str().unwrap().parse::<u128>().unwrap();
    assert!(number("endTimeUnixNano") >= number("startTimeUnixNano"), "{span}");
    served.stop();
}
