//! The leak matrix: every hidden thing against every way out. Markers are planted; each way out is asked by each caller, and holds
//! no marker that is hidden from that caller. Ways out come from the OpenAPI document and from the pages' sources, so a way that
//! is added is asked too, or fails the test because nothing stands for a new part of its address.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]

mod support;

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, OnceLock};
use support::client::{Answer, Client};
use support::{Served, root, start};

const PASSWORD: &str = "Pa55-marker-of-everyone";

/// A caller of the matrix.
struct Who {
    name: &'static str,
    /// The token, which is itself hidden from all others.
    token: String,
}

impl Who {
    fn client(&self, world: &World) -> Client {
        Client::new(world.served.address, Some(self.token.as_str()).filter(|token| !token.is_empty()))
    }
}

/// Something hidden.
struct Hidden {
    name: &'static str,
    marker: String,
    /// Who may see it, and must somewhere; everyone else must nowhere.
    seen_by: &'static [&'static str],
}

struct World {
    served: Served,
    callers: Vec<Who>,
    hidden: Vec<Hidden>,
    /// What stands for each part of an address.
    parts: BTreeMap<&'static str, String>,
    webhooks: Arc<Mutex<String>>,
    traces: Arc<Mutex<String>>,
    logs: Arc<Mutex<String>>,
    _folder: tempfile::TempDir,
}

/// Keeps all that it is sent.
fn receiver() -> (String, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let all = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&all);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut length, mut line) = (0, String::new());
            while reader.read_line(&mut line).unwrap_or(0) > 2 {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                    length = value.trim().parse().unwrap();
                }
                // Only the signature is a secret's child; all else is looked at.
                kept.lock().unwrap().push_str(&line);
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            kept.lock().unwrap().push_str(&String::from_utf8_lossy(&body));
            let _ = write!(stream, "HTTP/1.1 204 x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    (url, all)
}

/// All that this process logs, at the most talkative level: of every test in it, as there is one log.
fn logs() -> Arc<Mutex<String>> {
    static LOGS: OnceLock<Arc<Mutex<String>>> = OnceLock::new();
    let logs = LOGS.get_or_init(|| {
        let logs = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&logs);
        let builder = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
        builder.with_writer(move || Log(Arc::clone(&kept))).try_init().unwrap();
        logs
    });
    Arc::clone(logs)
}

/// Writes into a text.
struct Log(Arc<Mutex<String>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn made(answer: &Answer) -> Value {
    assert!((200..300).contains(&answer.status), "{}", answer.text);
    answer.json()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

fn decision(id: &str, person: &str, tag: &str) -> Value {
    json!({
        "id": id, "at": "2026-05-01T12:00:00+08:00", "action": "recommend", "algorithm": "feed-v3", "person": person,
        "principal": {"category": "push"}, "context": {"personalised": true, "tagsUsed": [tag]},
    })
}

/// Everyone's token and account, by the names of the matrix.
struct People {
    tokens: BTreeMap<&'static str, String>,
    accounts: BTreeMap<&'static str, String>,
    key: String,
    address: std::net::SocketAddr,
}

impl People {
    fn of(served: &Served, first: &str) -> Self {
        let nobody = Client::new(served.address, None);
        made(&nobody.post("/v1/setup", &json!({"token": first, "name": "root", "password": PASSWORD})));
        let log_in = |name: &str| {
            text(&made(&nobody.post("/v1/sessions", &json!({"name": name, "password": PASSWORD})))["token"])
        };
        let mut tokens = BTreeMap::from([("admin", log_in("root"))]);
        let admin = Client::new(served.address, Some(&tokens["admin"]));
        let mut accounts = BTreeMap::new();
        for (name, login, role, persons) in [
            ("own", "own", "person", vec!["p-1"]),
            ("stranger", "stranger", "person", vec!["p-2"]),
            ("union", "union", "representative", vec![]),
            ("other-union", "other-union", "representative", vec![]),
            ("officer", "officer", "officer", vec![]),
            ("engineer", "engineer", "engineer", vec![]),
            ("reviewer", "Reviewer-Zhang-marker", "reviewer", vec![]),
            ("regulator", "regulator", "regulator", vec![]),
        ] {
            let new = json!({"name": login, "roles": [role], "persons": persons, "password": PASSWORD});
            accounts.insert(name, text(&made(&admin.post("/v1/accounts", &new))["id"]));
            tokens.insert(name, log_in(login));
        }
        let key = made(&admin.post("/v1/keys", &json!({"name": "orders", "roles": ["machine"]})));
        tokens.insert("machine", text(&key["secret"]));
        Self { tokens, accounts, key: text(&key["key"]["id"]), address: served.address }
    }

    fn who(&self, name: &str) -> Client {
        Client::new(self.address, Some(&self.tokens[name]))
    }

    fn put(&self, who: &str, path: &str, body: &Value) {
        let headers = [("content-type", "application/json"), ("if-match", "\"0\"")];
        made(&self.who(who).send("PUT", path, &headers, Some(body.to_string().as_bytes())));
    }

    fn mandate(&self, from: &str, person: &str, to: &str) -> String {
        let representative = format!("account:{}", self.accounts[to]);
        let until = "2099-01-01T00:00:00+08:00";
        let body = json!({"person": person, "representative": representative, "kinds": ["complain"], "until": until});
        text(&made(&self.who(from).post("/v1/mandates", &body))["id"])
    }

    /// A request of the first person; its name.
    fn file(&self, more: &Value) -> String {
        let mut body = more.clone();
        body["person"] = "p-1".into();
        text(&made(&self.who("own").post("/v1/cases", &body))["id"])
    }
}

/// What was made and is named in addresses, and the secret of the webhook.
fn made_things(people: &People, hook: &str) -> (BTreeMap<&'static str, String>, String) {
    for (id, person, tag) in
        [("d-1", "p-1", "tag-marker-of-p1"), ("d-2", "p-2", "tag-marker-of-p2"), ("d-3", "p-3", "tag-marker-erased")]
    {
        made(&people.who("machine").post("/v1/decisions:check", &decision(id, person, tag)));
    }
    let kinds = ["access", "approval", "case", "fulfilment", "look-up", "mandate", "person-event", "settings"];
    let new = json!({"url": hook, "kinds": kinds, "fields": ["actor", "subject"]});
    let webhook = made(&people.who("admin").post("/v1/webhooks", &new));
    let webhook_id = text(&webhook["webhook"]["id"]);
    let system = json!({"zh": "订单", "en": "orders", "way": "webhook", "kinds": ["opt-out", "delete"],
        "webhook": webhook_id, "key": people.key});
    people.put("engineer", "/v1/systems/orders", &system);
    let open = json!({"act": "open-system", "system": "orders", "base": 1, "reason": "it holds orders"});
    let open = text(&made(&people.who("engineer").post("/v1/approvals", &open))["id"]);
    made(
        &people
            .who("officer")
            .post(&format!("/v1/approvals/{open}/decision"), &json!({"grants": true, "reason": "yes"})),
    );
    people.put(
        "admin",
        "/v1/agents/union-7",
        &json!({"account": people.accounts["union"], "verify_key": "ab".repeat(32)}),
    );
    let mandate = people.mandate("own", "p-1", "union");
    let case = people.file(&json!({"kind": "complain", "text": "words-marker-of-p1"}));
    let opted = people.file(&json!({"kind": "opt-out"}));
    let contest = people.file(&json!({"kind": "contest", "about": {"decision": "d-1"}, "ground": "weather",
        "text": "contest-marker-of-p1"}));
    let begin = json!({"what": "review-begun", "role": "station lead"});
    made(&people.who("reviewer").post(&format!("/v1/cases/{contest}/events"), &begin));
    let filing = json!({"kind": "complain", "members": [{"person": "p-1"}], "text": "filed by the union"});
    let filing = text(&made(&people.who("union").post("/v1/filings", &filing))["filing"]);
    let approval = json!({"act": "unseal", "person": "p-2", "reason": "reason-marker"});
    let approval = text(&made(&people.who("reviewer").post("/v1/approvals", &approval))["id"]);
    made(&people.who("officer").send("DELETE", "/v1/persons/p-3?ground=cn.pipl/47/1", &[], None));
    let described = json!({"provider": "某平台", "name": "配送", "class": "dispatch", "affects_labour": true,
        "opinion_attributes": true, "texts": {"purpose": "快"}});
    let algorithm = text(&made(&people.who("engineer").post("/v1/algorithms", &described))["id"]);
    let version = json!({"id": "v-1", "text": "一", "factors": []});
    made(&people.who("engineer").post(&format!("/v1/algorithms/{algorithm}/versions"), &version));
    let order = json!({"kind": "information", "provisions": ["cn.iisarmp/28"], "text": "send the log",
        "period": "10 working days"});
    let order = text(&made(&people.who("regulator").post("/v1/orders", &order))["id"]);
    let plan = json!({"version": "v-1", "place": "440300", "from": "2098-01-01", "until": "2098-06-01", "persons": 9,
        "purpose": "a", "safeguards": "b", "informed": "c", "leaving": "d", "report_days": 9,
        "stops": [{"measure": "violated", "percent": 9, "after": 9}]});
    let sandbox = text(&made(&people.who("officer").post("/v1/sandboxes", &plan))["id"]);
    let task = format!("{opted}.orders");
    let fixed = [
        ("agent", "union-7"),
        ("consultation", "consultation-none"),
        ("decision", "d-1"),
        ("kind", "input"),
        ("leaf", "0"),
        ("letter", "letter-none"),
        ("other", "v-1"),
        ("person", "p-1"),
        ("system", "orders"),
        ("tile", "0/000"),
        ("version", "v-1"),
        // Of pages.
        ("act", "take"),
        ("action", "recommend"),
        ("enterprise", "%E6%9F%90%E5%B9%B3%E5%8F%B0"),
        ("file", "summary.json"),
        ("number", "1"),
        ("run", "audit-none"),
        ("tag", "en"),
        ("name", "none.css"),
        ("*reference", "cn.pipl/24"),
    ];
    let mut parts: BTreeMap<&'static str, String> = fixed.map(|(name, value)| (name, value.to_owned())).into();
    parts.extend([("account", people.accounts["own"].clone()), ("algorithm", algorithm), ("approval", approval)]);
    parts.extend([("case", case.clone()), ("request", case), ("contest", contest), ("filing", filing)]);
    parts.extend([("fulfilment", task.clone()), ("task", task), ("key", people.key.clone())]);
    parts.extend([("mandate", mandate), ("webhook", webhook_id), ("order", order), ("sandbox", sandbox)]);
    (parts, text(&webhook["secret"]))
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let logs = logs();
        let ((hook, webhooks), (collector, traces)) = (receiver(), receiver());
        let flags = [("webhooks.private", "true".to_owned()), ("traces.endpoint", collector)];
        let served = start(folder.path(), "127.0.0.1:0", &flags);
        let first = served.token.as_ref().unwrap().reveal().to_owned();
        let people = People::of(&served, &first);
        let others_mandate = people.mandate("stranger", "p-2", "other-union");
        let (parts, secret) = made_things(&people, &hook);
        let nobody = Who { name: "nobody", token: String::new() };
        let mut hidden = planted(&others_mandate, &secret);
        for (name, token) in &people.tokens {
            hidden.push(Hidden { name: "a session or key", marker: token.clone(), seen_by: &[] });
            assert!(!token.is_empty(), "{name}");
        }
        hidden.push(Hidden { name: "the first start's token", marker: first, seen_by: &[] });
        let callers = people.tokens.into_iter().map(|(name, token)| Who { name, token });
        let callers = callers.chain([nobody]).collect();
        Self { callers, hidden, parts, webhooks, traces, logs, served, _folder: folder }
    }
}

/// What is hidden, and from whom.
fn planted(others_mandate: &str, secret: &str) -> Vec<Hidden> {
    let hidden = |name, marker: &str, seen_by| Hidden { name, marker: marker.to_owned(), seen_by };
    let raw = gongdao_merkle::decode_base64(secret.strip_prefix("whsec_").unwrap()).unwrap();
    vec![
        hidden("a fact of a decision", "tag-marker-of-p1", &["own", "officer", "reviewer", "regulator"]),
        hidden("another person's fact", "tag-marker-of-p2", &["stranger", "officer", "reviewer", "regulator"]),
        hidden("an erased fact", "tag-marker-erased", &[]),
        hidden("words of a request", "words-marker-of-p1", &["own", "union", "officer", "reviewer", "regulator"]),
        hidden("words without a mandate", "contest-marker-of-p1", &["own", "officer", "reviewer", "regulator"]),
        hidden("who reviews", "Reviewer-Zhang-marker", &["admin", "reviewer"]),
        // No request rests on it, so whoever may see the whole record of the person does not see whom they trust. Two of them ask for it by
        // its name here, and that they did stands, with the name, among the look-ups.
        hidden("a mandate of others", others_mandate, &["stranger", "other-union", "reviewer", "regulator"]),
        hidden("a password", PASSWORD, &[]),
        hidden("a password's digest", "$argon2", &[]),
        hidden("a webhook's secret", secret, &[]),
        hidden("a webhook's secret as it is kept", std::str::from_utf8(&raw).unwrap(), &[]),
    ]
}

/// An address with something for each of its parts.
fn filled(path: &str, parts: &BTreeMap<&'static str, String>) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, later) = after.split_once('}').unwrap();
        let value = parts.get(name).unwrap_or_else(|| panic!("{path}: nothing stands for `{name}`: plant one"));
        out = out + before + value;
        rest = later;
    }
    out + rest
}

/// Every address that is read, with every form that it offers.
fn reads(document: &Value, parts: &BTreeMap<&'static str, String>) -> Vec<String> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(get) = item.get("get") else { continue };
        let mut places = vec![filled(path, parts)];
        for (name, other) in [("{person}", "p-2"), ("{person}", "p-3"), ("{decision}", "d-2"), ("{decision}", "d-3")] {
            if path.contains(name) {
                places.push(filled(&path.replace(name, other), parts));
            }
        }
        if path.contains("{case}") {
            places.push(filled(&path.replace("{case}", &parts["contest"]), parts));
        }
        let query: BTreeSet<&str> = get["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let mut queries = vec![String::new()];
        if query.contains("purpose") {
            queries.push("purpose=inspection".to_owned());
        }
        if query.contains("format") {
            for format in
                ["json", "html", "text", "csv", "cac-notice", "cac-list", "atrs", "atrs-csv", "dutch", "schema-org"]
            {
                queries.push(format!("purpose=inspection&format={format}"));
            }
        }
        if query.contains("proofs") {
            queries.push("purpose=inspection&proofs=true".to_owned());
        }
        for place in places {
            all.extend(queries.iter().map(|query| format!("{place}?{query}").trim_end_matches('?').to_owned()));
        }
    }
    all
}

/// Addresses of pages, out of their sources.
fn pages(parts: &BTreeMap<&'static str, String>) -> Vec<String> {
    let mut all = Vec::new();
    for file in std::fs::read_dir(root().join("crates/web/src/pages")).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for route in source.split(".route(\"").skip(1) {
            let (path, handler) = route.split_once('"').unwrap();
            if handler.trim_start_matches([',', ' ', '\n']).starts_with("get(") {
                let path = path.replace("/me/requests/new/{kind}", "/me/requests/new/complain");
                all.push(filled(&path.replace("/review/{case}", "/review/{contest}"), parts));
                if path.contains("{case}") {
                    all.push(filled(&path.replace("{case}", "{contest}"), parts));
                }
            }
        }
    }
    assert!(all.len() > 20, "the pages are not found: {all:?}");
    all
}

/// What nobody who may not see a thing is shown, and what whoever may is shown somewhere.
#[derive(Default)]
struct Found {
    leaks: Vec<String>,
    seen: BTreeSet<(&'static str, &'static str)>,
    answers: u64,
}

impl Found {
    fn look(&mut self, who: &Who, hidden: &[Hidden], place: &str, answer: &Answer) {
        self.answers += 1;
        let headers: Vec<String> = answer.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let headers = headers.join("\n");
        for one in hidden {
            // What the caller wrote itself tells nothing; a page's own session is in its cookie.
            let is_own = one.marker == who.token || place.contains(&one.marker);
            if is_own || !(answer.text.contains(&one.marker) || headers.contains(&one.marker)) {
                continue;
            }
            if one.seen_by.contains(&who.name) {
                self.seen.insert((one.name, who.name));
            } else {
                self.leaks.push(format!("{} sees {} at {place} ({})", who.name, one.name, answer.status));
            }
        }
    }
}

#[test]
fn nothing_that_is_hidden_comes_out_anywhere() {
    let world = World::new();
    let document = world.callers[0].client(&world).get("/openapi.json").json();
    let mut found = Found::default();
    for who in &world.callers {
        for place in reads(&document, &world.parts) {
            // A connection each: some answers end theirs.
            let answer = who.client(&world).get(&place);
            assert!(answer.status < 500, "{} {place}: {}", who.name, answer.text);
            found.look(who, &world.hidden, &place, &answer);
        }
        let cookie = format!("gongdao_session={}", who.token);
        for place in pages(&world.parts) {
            for language in ["zh", "en"] {
                let headers = [("cookie", cookie.as_str()), ("accept", "text/html"), ("accept-language", language)];
                let browser = Client::new(world.served.address, None);
                let answer = browser.send("GET", &place, &headers, None);
                assert!(answer.status < 500, "{} {place}: {}", who.name, answer.text);
                found.look(who, &world.hidden, &place, &answer);
            }
        }
    }
    // What is refused says nothing either: every change is tried by those who may do the least.
    for who in world.callers.iter().filter(|who| ["stranger", "other-union", "nobody"].contains(&who.name)) {
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in ["post", "put", "patch", "delete"] {
                // It would end the session that the others are tried with.
                let ends = path == "/v1/sessions" || path == "/v1/oidc/logout" || path == "/v1/me/password";
                if item.get(method).is_none() || ends {
                    continue;
                }
                let place = filled(path, &world.parts);
                let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
                let answer = who.client(&world).send(&method.to_uppercase(), &place, &headers, Some(b"{}"));
                assert!(answer.status >= 400, "{} {method} {place}: {} {}", who.name, answer.status, answer.text);
                found.look(who, &world.hidden, &place, &answer);
            }
        }
    }
    assert!(found.leaks.is_empty(), "{}", found.leaks.join("\n"));
    for one in &world.hidden {
        for who in one.seen_by {
            assert!(found.seen.contains(&(one.name, *who)), "{who} sees {} nowhere: it is not planted", one.name);
        }
    }
    assert!(found.answers > 1000, "{}", found.answers);
    // What the service sends by itself tells of nobody: not by words, not by pseudonym.
    let ways = [
        ("webhooks", &world.webhooks, "cn.gongdao.fulfilment.v1"),
        ("traces", &world.traces, "resourceSpans"),
        ("logs", &world.logs, "route=\"/v1/persons/{person}/record\""),
    ];
    let has_come = |(_, sent, least): &(_, &Arc<Mutex<String>>, &str)| sent.lock().unwrap().contains(least);
    for _ in 0..60 {
        // The last of each may come after its first.
        std::thread::sleep(std::time::Duration::from_secs(1));
        if ways.iter().all(has_come) {
            break;
        }
    }
    std::thread::sleep(std::time::Duration::from_secs(2));
    for (name, sent, least) in ways {
        let sent = sent.lock().unwrap().clone();
        assert!(sent.contains(least), "{name} came: {}", sent.len());
        for one in world.hidden.iter().filter(|one| one.name != "a mandate of others") {
            assert!(!sent.contains(&one.marker), "{name} tell {}", one.name);
        }
        for person in ["\"p-1\"", "\"p-2\"", "/p-1", "/p-2", "\"d-1\"", "/d-1"] {
            assert!(!sent.contains(person), "{name} tell of {person}");
        }
    }
    world.served.stop();
}

#[test]
fn what_is_kept_on_the_disk_holds_no_password_and_nothing_erased() {
    let World { served, _folder: folder, .. } = World::new();
    served.stop();
    let mut files = vec![folder.path().to_owned()];
    let (mut looked_at, mut bytes) = (0, Vec::new());
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        looked_at += 1;
        bytes = std::fs::read(&path).unwrap();
        for marker in [PASSWORD, "tag-marker-erased"] {
            let is_there = bytes.windows(marker.len()).any(|window| window == marker.as_bytes());
            assert!(!is_there, "{} has {marker}", path.display());
        }
    }
    assert!(looked_at > 3 && !bytes.is_empty());
}

#[test]
fn the_matrix_finds_a_leak_that_is_there() {
    let answer = |text: &str| Answer { status: 403, headers: Vec::new(), text: text.to_owned() };
    let who = Who { name: "stranger", token: "own-token".to_owned() };
    let hidden = [Hidden { name: "a fact", marker: "marker-7".to_owned(), seen_by: &["own"] }];
    let mut found = Found::default();
    found.look(&who, &hidden, "/v1/x", &answer("detail: `marker-7`"));
    found.look(&who, &hidden, "/v1/marker-7", &answer("no such `marker-7`"));
    assert_eq!(found.leaks, ["stranger sees a fact at /v1/x (403)"]);
    let unknown = std::panic::catch_unwind(|| filled("/v1/new/{thing}", &BTreeMap::new()));
    assert!(unknown.is_err(), "a part that nothing stands for");
}
