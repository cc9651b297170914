//! The register over HTTP, with the real packs: public to read, written by roles, spoken in by seats.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]

mod support;

use serde_json::{Value, json};
use support::client::{Answer, Client};
use support::{Served, start};

const PASSWORD: &str = "correct horse battery";

struct World {
    served: Served,
    anyone: Client,
    machine: Client,
    engineer: Client,
    officer: Client,
    union: Client,
    person: Client,
    regulator: Client,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let served = start(folder.path(), "127.0.0.1:0", &[]);
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
        Self {
            machine: Client::new(served.address, made(&key)["secret"].as_str()),
            engineer: account("engineer", "engineer", &[]),
            officer: account("officer", "officer", &[]),
            union: account("union", "representative", &[]),
            person: account("rider", "person", &["p-1"]),
            regulator: account("authority", "regulator", &[]),
            anyone,
            served,
            _folder: folder,
        }
    }

    fn algorithm(&self) -> String {
        made(&self.engineer.post("/v1/algorithms", &description()))["id"].as_str().unwrap().to_owned()
    }

    fn version(&self, algorithm: &str, id: &str, text: &str) -> Value {
        let new = json!({"id": id, "text": text, "factors": [{"name": "距离", "weight": "0.6"}]});
        made(&self.engineer.post(&format!("/v1/algorithms/{algorithm}/versions"), &new))
    }
}

fn description() -> Value {
    json!({"provider": "某平台", "name": "配送调度", "class": "dispatch", "affects_labour": true, "opinion_attributes": true,
        "texts": {"purpose": "少等五分钟"}})
}

fn made(answer: &Answer) -> Value {
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

fn log_in(served: &Served, name: &str) -> Client {
    let session = Client::new(served.address, None).post("/v1/sessions", &json!({"name": name, "password": PASSWORD}));
    Client::new(served.address, made(&session)["token"].as_str())
}

fn actor(client: &Client) -> Value {
    client.get("/v1/me").json()["actor"].clone()
}

#[test]
fn the_register_is_public_to_read_and_written_by_roles() {
    let world = World::new();
    assert_eq!(world.anyone.post("/v1/algorithms", &description()).problem(), "unauthenticated");
    assert_eq!(world.person.post("/v1/algorithms", &description()).problem(), "forbidden");
    assert_eq!(world.machine.post("/v1/algorithms", &description()).problem(), "forbidden");
    let id = world.algorithm();
    world.version(&id, "dispatch v7", "一\n二");
    world.version(&id, "dispatch-v8", "一\n二半");
    let listed = world.anyone.get("/v1/algorithms?class=dispatch&affects_labour=true&query=%E8%B0%83%E5%BA%A6").json();
    assert_eq!(listed["items"][0]["id"], id.as_str());
    assert_eq!(world.anyone.get("/v1/algorithms?class=push").json()["items"], json!([]));
    assert_eq!(world.anyone.get("/v1/algorithms?class=score").problem(), "malformed");
    let shown = world.anyone.get(&format!("/v1/algorithms/{id}")).json();
    assert_eq!(shown["versions"][1]["id"], "dispatch-v8");
    assert_eq!(
        shown["figures"],
        json!({"decisions": 0, "contested": 0, "reviewed": 0, "changed": 0, "smallest_count": 5})
    );
    let page = world.anyone.get(&format!("/v1/algorithms/{id}/versions?limit=1")).json();
    let next = world.anyone.get(&format!("/v1/algorithms/{id}/versions?cursor=dispatch%20v7")).json();
    assert_eq!((&page["next"], &next["items"][0]["id"]), (&json!("dispatch v7"), &json!("dispatch-v8")));
    let diff = world.anyone.get("/v1/versions/dispatch%20v7/diff/dispatch-v8").json();
    let ops: Vec<&str> = diff["lines"].as_array().unwrap().iter().map(|line| line["op"].as_str().unwrap()).collect();
    assert_eq!(ops, ["same", "removed", "added"]);
    assert_eq!(world.anyone.get("/v1/versions/nothing").problem(), "not-found");
    world.served.stop();
}

#[test]
fn a_description_is_changed_from_the_version_that_was_read() {
    let world = World::new();
    let address = format!("/v1/algorithms/{}/description", world.algorithm());
    let read = world.anyone.get(&address);
    assert_eq!((read.header("etag"), &read.json()["name"]), (Some("\"1\""), &json!("配送调度")));
    let mut other = read.json();
    other["name"] = "配送调度二".into();
    let put = |client: &Client, version: Option<&str>, body: &Value| {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(version.map(|version| ("if-match", version)));
        client.send("PUT", &address, &headers, Some(body.to_string().as_bytes()))
    };
    assert_eq!(put(&world.engineer, None, &other).status, 428);
    assert_eq!(put(&world.engineer, Some("\"7\""), &other).problem(), "changed");
    assert_eq!(put(&world.engineer, Some("\"1\""), &other).header("etag"), Some("\"2\""));
    for (field, value) in [
        ("name", json!("")),
        ("provider", json!("长".repeat(201))),
        ("class", json!("score")),
        ("website", json!("ftp://a")),
        ("places", json!(["31"])),
        ("score", json!(1)),
    ] {
        let mut bad = other.clone();
        bad[field] = value;
        assert_eq!(put(&world.engineer, Some("\"2\""), &bad).problem(), "input", "{field}");
    }
    world.served.stop();
}

#[test]
fn a_version_that_touches_workers_is_refused_with_what_is_missing() {
    let world = World::new();
    let id = world.algorithm();
    let version = world.version(&id, "dispatch-v8", "一\n二\n三");
    let missing: Vec<&str> =
        version["missing"].as_array().unwrap().iter().map(|one| one["missing"].as_str().unwrap()).collect();
    assert_eq!(missing, ["not-consulted", "not-published"]);
    let act = |client: &Client, body: &Value| client.post("/v1/versions/dispatch-v8/events", body);
    assert_eq!(act(&world.engineer, &json!({"what": "activated"})).problem(), "forbidden");
    let refused = act(&world.officer, &json!({"what": "activated"}));
    assert_eq!(refused.problem(), "not-now");
    assert!(refused.json()["detail"].as_str().unwrap().contains("cn.doc-56/10"), "{}", refused.text);
    let soon = act(&world.officer, &json!({"what": "published", "from": "2026-01-01"}));
    assert_eq!(
        (soon.problem().as_str(), soon.json()["hint"].as_str().unwrap().starts_with("the earliest day")),
        ("input", true)
    );
    let published = act(&world.officer, &json!({"what": "published", "from": "2099-01-01"}));
    assert_eq!(published.json()["standing"], "published", "{}", published.text);
    assert!(published.json()["days_left"].as_u64().unwrap() > 7);
    let frozen = act(&world.engineer, &json!({"what": "amended", "text": "别的"}));
    assert_eq!((frozen.status, frozen.json()["detail"].as_str()), (409, Some("the text is frozen: it is published")));
    world.served.stop();
}

#[test]
fn seats_speak_and_nobody_learns_who_sits_there() {
    let world = World::new();
    let id = world.algorithm();
    world.version(&id, "dispatch-v8", "一\n二\n三");
    let seats = json!([
        {"side": "union", "name": "市总工会", "account": actor(&world.union)},
        {"side": "elected", "name": "王某", "account": actor(&world.person)},
        {"side": "platform", "name": "某平台", "account": actor(&world.officer)},
    ]);
    let call = |seats: &Value| {
        let new = json!({"last_day": "2099-01-01", "seats": seats, "question": "放宽吗"});
        world.officer.post("/v1/versions/dispatch-v8/consultations", &new)
    };
    let mut unknown = seats.clone();
    unknown[0]["account"] = "account:nobody".into();
    assert_eq!(call(&unknown).problem(), "input", "a seat for nobody");
    let called = made(&call(&seats));
    assert_eq!(call(&seats).problem(), "not-now", "one consultation a version");
    let address = format!("/v1/consultations/{}", called["id"].as_str().unwrap());
    let events = format!("{address}/events");
    let passage = json!({"digest": called["digest"], "from_line": 2, "to_line": 3});
    let comment = json!({"what": "commented", "passage": passage, "text": "太快"});
    assert_eq!(world.engineer.post(&events, &comment).problem(), "forbidden");
    let said = world.person.post(&events, &comment);
    assert_eq!((said.status, &said.json()["your_seat"]), (200, &json!("elected-1")), "{}", said.text);
    let answer = json!({"what": "answered", "number": 1, "status": "not-taken", "text": "成本"});
    assert_eq!(world.union.post(&events, &answer).problem(), "input");
    assert_eq!(world.officer.post(&events, &answer).json()["open_comments"], 0);
    let early = world.officer.post(&events, &json!({"what": "concluded", "outcome": "agreed", "text": "x"}));
    assert_eq!(early.json()["detail"], "comments can be made until `2099-01-01`", "{}", early.text);
    let shown = world.anyone.get(&address);
    assert!(!shown.text.contains("account:") && !shown.text.contains("王某"), "{}", shown.text);
    assert!(shown.text.contains("市总工会") && shown.text.contains("太快"));
    assert_eq!(world.anyone.get("/v1/consultations").json()["items"][0]["comments"][0]["seat"], "elected-1");
    world.served.stop();
}

#[test]
fn filings_have_clocks_and_silence_approves_nothing() {
    let world = World::new();
    let id = world.algorithm();
    let address = format!("/v1/filing-records/{id}");
    let act = |body: &Value| world.officer.post(&format!("{address}/events"), body);
    assert_eq!(
        world
            .engineer
            .post(&format!("{address}/events"), &json!({"what": "service-began", "on": "2024-03-01"}))
            .problem(),
        "forbidden"
    );
    assert_eq!(act(&json!({"what": "service-began", "on": "2024-03-01"})).json()["is_late"], true);
    assert_eq!(act(&json!({"what": "service-began", "on": "2099-03-01"})).problem(), "input");
    act(&json!({"what": "submitted", "submission": "first", "on": "2024-03-04"}));
    let shown = world.anyone.get(&address).json();
    assert_eq!(shown["is_filed"], false);
    let clock = |duty: &str| {
        let clocks = shown["clocks"].as_array().unwrap();
        clocks.iter().find(|clock| clock["duty"] == duty).unwrap()["state"].clone()
    };
    assert_eq!((clock("cn.iisarmp/24/1#file"), clock("cn.iisarmp/25#decide")), (json!("met"), json!("late")));
    assert_eq!(world.anyone.get("/v1/filing-records?late=true").json()["items"][0]["algorithm"], id.as_str());
    let number = "网信算备110108224236606220017号";
    assert_eq!(act(&json!({"what": "accepted", "number": "1", "on": "2024-05-01"})).problem(), "input");
    assert_eq!(act(&json!({"what": "accepted", "number": number, "on": "2024-05-01"})).json()["is_filed"], true);
    let list = world.anyone.get("/v1/register/filed-algorithms");
    assert!(list.text.contains(number) && list.header("content-type").unwrap().starts_with("text/csv"));
    for (format, kind, words) in [
        ("cac-notice", "text/plain; charset=utf-8", "算法目的意图：少等五分钟"),
        ("cac-list", "text/csv; charset=utf-8", number),
        ("atrs", "application/json", "\"standard_version\": \"3.0\""),
        ("atrs-csv", "text/csv; charset=utf-8", "2.3.6,appeals_and_review,"),
        ("dutch", "application/json", "\"standard_version\": \"1.0\""),
        ("schema-org", "application/ld+json", "https://schema.org"),
    ] {
        let answer = world.anyone.get(&format!("/v1/algorithms/{id}/export?format={format}"));
        assert_eq!(answer.header("content-type"), Some(kind), "{}", answer.text);
        assert!(answer.text.contains(words), "{format}: {}", answer.text);
    }
    assert_eq!(world.anyone.get(&format!("/v1/algorithms/{id}/export?format=pdf")).problem(), "malformed");
    world.served.stop();
}

#[test]
fn the_feed_tells_changes_in_both_languages() {
    let world = World::new();
    let id = world.algorithm();
    world.version(&id, "dispatch-v8", "一");
    let feed = |language: &str| {
        let answer = world.anyone.send("GET", "/v1/register.atom", &[("accept-language", language)], None);
        assert_eq!(answer.header("content-type"), Some("application/atom+xml"));
        answer.text
    };
    assert!(feed("zh").contains("配送调度：登记了新版本 dispatch-v8"), "{}", feed("zh"));
    let english = feed("en");
    assert!(english.contains("配送调度: new version dispatch-v8") && english.contains("urn:gongdao:register:"));
    assert_eq!(english, feed("en"), "asked again, it is the same");
    world.served.stop();
}

#[test]
fn published_lists_are_imported_by_officers_and_found_by_everyone() {
    let world = World::new();
    let header = "filingType,batch,announcementDate,algorithmName,algorithmClass,role,entityName,product,purpose,recordNumber,remark,province";
    let row =
        "互联网信息服务算法备案,一,2022-08,配送,调度决策类,,某公司,App,送餐,网信算备110108224236606220017号,,北京";
    let table = format!("{header}\n{row}\nx\n");
    let send = |client: &Client, kind: &str, body: &str| client.raw("/v1/filings-of-record", kind, body.as_bytes());
    assert_eq!(send(&world.engineer, "text/csv", &table).problem(), "forbidden");
    assert_eq!(send(&world.officer, "application/json", &table).problem(), "media-type");
    assert_eq!(send(&world.officer, "text/csv", "a,b\n").problem(), "input");
    let report = send(&world.officer, "text/csv; charset=utf-8", &table).json();
    assert_eq!((&report["added"], &report["refused"], &report["faults"][0]["line"]), (&json!(1), &json!(1), &json!(3)));
    assert_eq!(send(&world.officer, "text/csv", &table).json()["unchanged"], 1);
    let found = |query: &str| {
        world.anyone.get(&format!("/v1/filings-of-record{query}")).json()["items"].as_array().unwrap().len()
    };
    assert_eq!(found("?query=app&province=%E5%8C%97%E4%BA%AC"), 1);
    assert_eq!(found("?kind=push"), 0);
    assert_eq!(world.anyone.get("/v1/filings-of-record?query=%00").problem(), "malformed");
    world.served.stop();
}

#[test]
fn notice_is_set_with_a_version() {
    let world = World::new();
    let read = world.anyone.get("/v1/register/settings");
    assert_eq!((read.header("etag"), read.json()), (Some("\"0\""), json!({"notice_days": 7})));
    let put = |client: &Client, version: &str, body: &str| {
        let headers = [("content-type", "application/json"), ("if-match", version)];
        client.send("PUT", "/v1/register/settings", &headers, Some(body.as_bytes()))
    };
    assert_eq!(put(&world.engineer, "\"0\"", "{\"notice_days\": 14}").problem(), "forbidden");
    assert_eq!(put(&world.officer, "\"0\"", "{\"notice_days\": 0}").problem(), "input");
    assert_eq!(put(&world.officer, "\"0\"", "{\"notice_days\": 14}").header("etag"), Some("\"1\""));
    assert_eq!(put(&world.officer, "\"0\"", "{\"notice_days\": 10}").problem(), "changed");
    world.served.stop();
}

/// A day from today on, in Asia/Shanghai.
fn day(from_today: i32) -> String {
    let now = gongdao_model::Instant::from_millis(support::since_epoch().as_millis() as i64).unwrap();
    gongdao_model::LegalDate::from_day_number(now.date_in_shanghai().day_number() + from_today).unwrap().to_string()
}

fn now() -> String {
    gongdao_model::Instant::from_millis(support::since_epoch().as_millis() as i64).unwrap().to_string()
}

fn plan() -> Value {
    json!({"version": "dispatch-v9", "place": "440300", "from": day(0), "until": day(30), "persons": 20,
        "ground": "cn.shenzhen-ai/44", "purpose": "远单多给几分钟", "safeguards": "超时不扣款", "informed": "短信",
        "leaving": "在应用里退出", "stops": [{"measure": "violated", "percent": 50, "after": 100}], "report_days": 20})
}

#[test]
fn a_sandbox_is_applied_for_answered_by_the_authority_and_marks_its_decisions() {
    let world = World::new();
    let id = world.algorithm();
    world.version(&id, "dispatch-v9", "一\n二\n三");
    let apply = |client: &Client, plan: &Value| client.post("/v1/sandboxes", plan);
    assert_eq!(apply(&world.anyone, &plan()).problem(), "unauthenticated");
    for client in [&world.engineer, &world.regulator, &world.machine, &world.person] {
        assert_eq!(apply(client, &plan()).problem(), "forbidden");
    }
    for (field, value, problem) in [
        ("version", json!("none"), "not-found"),
        ("place", json!("44030"), "input"),
        ("until", json!(day(0)), "input"),
        ("persons", json!(0), "input"),
        ("persons", json!(1_000_001), "input"),
        ("ground", json!("cn.iisarmp/17/1"), "input"),
        ("ground", json!("cn.shanghai-ai/sandbox"), "input"),
        ("purpose", json!("长".repeat(5001)), "input"),
        ("leaving", json!(""), "input"),
        ("stops", json!([]), "input"),
        ("stops", json!([{"measure": "violated", "percent": 101, "after": 1}]), "input"),
        ("stops", json!([{"measure": "liked", "percent": 10, "after": 1}]), "input"),
        ("report_days", json!(61), "input"),
        ("waived", json!(["cn.iisarmp/17/1"]), "input"),
    ] {
        let mut bad = plan();
        bad[field] = value.clone();
        assert_eq!(apply(&world.officer, &bad).problem(), problem, "{field} {value}");
    }
    let answer = apply(&world.officer, &plan());
    let applied = made(&answer);
    let address = format!("/v1/sandboxes/{}", applied["id"].as_str().unwrap());
    assert_eq!((answer.header("location"), &applied["stage"]), (Some(address.as_str()), &json!("applied")));
    let act = |client: &Client, body: &Value| client.post(&format!("{address}/events"), body);
    let granted = json!({"what": "granted", "text": "每周报告", "document": "深监〔2026〕1号"});
    assert_eq!(act(&world.officer, &granted).problem(), "forbidden");
    let refused = json!({"what": "refused", "text": "风险高", "provision": "cn.iisarmp/999"});
    assert_eq!(act(&world.regulator, &refused).problem(), "input");
    assert_eq!(act(&world.officer, &json!({"what": "began"})).problem(), "not-now", "nobody answered");
    assert_eq!(act(&world.regulator, &json!({"what": "granted", "text": ""})).problem(), "input");
    assert_eq!(act(&world.regulator, &json!({"what": "granted"})).problem(), "input");
    assert_eq!(act(&world.regulator, &granted).json()["stage"], "granted");
    assert_eq!(act(&world.officer, &json!({"what": "began"})).json()["stage"], "running");
    let decide = |decision: &str, place: &str| {
        let record = json!({"id": decision, "at": now(), "action": "dispatch", "algorithm": "dispatch-v9",
            "person": "p-1", "place": place, "context": {"dailyMinutes": 100}});
        world.machine.post("/v1/decisions:check", &record).json()
    };
    let inside = decide("t-1", "440305");
    assert_eq!(inside["trial"], json!({"id": applied["id"]}), "{inside}");
    let outside = decide("t-2", "310000");
    assert_eq!((&outside["trial"]["hold"], &outside["effect"]), (&json!("outside-place"), &json!("hold")));
    let told = world.person.get("/v1/decisions/t-2/explanation").json();
    assert_eq!(told["trial"]["hold"], "outside-place", "{told}");
    let shown = world.anyone.get(&address);
    assert_eq!((&shown.json()["figures"]["decisions"], shown.text.contains("account:")), (&json!(1), false));
    assert_eq!(world.anyone.get("/v1/sandboxes").json()["items"][0]["id"], applied["id"]);
    assert_eq!(act(&world.officer, &json!({"what": "closed", "text": "好"})).problem(), "not-now");
    let stopped = act(&world.regulator, &json!({"what": "stopped", "text": "投诉多"})).json();
    assert!(stopped["stage"] == "stopped" && stopped["report_due"].is_string(), "{stopped}");
    assert_eq!(decide("t-3", "440305")["trial"]["hold"], "stopped");
    let closed = act(&world.officer, &json!({"what": "closed", "text": "不再用"})).json();
    assert_eq!((&closed["stage"], &closed["figures"]["decisions"]), (&json!("closed"), &json!(1)), "{closed}");
    world.served.stop();
}
