//! The pages of engineers, administrators, officers and regulators, as a browser without scripts sees them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]

#[path = "pages/browser.rs"]
mod browser;
#[path = "staff_pages/hours.rs"]
mod hours;
#[path = "staff_pages/rules_tried.rs"]
mod rules_tried;
mod support;

use browser::{Browser, Page};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use support::client::{Answer, Client};
use support::{Served, start};

const PASSWORD: &str = "correct horse battery";

struct World {
    served: Served,
    machine: Client,
    _folder: tempfile::TempDir,
}

fn made(answer: &Answer) -> Value {
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let served = start(folder.path(), "127.0.0.1:0", &[]);
        let token = served.token.as_ref().unwrap().reveal().to_owned();
        made(
            &Client::new(served.address, None)
                .post("/v1/setup", &json!({"token": token, "name": "root", "password": PASSWORD})),
        );
        let admin = api(&served, "root");
        for (name, role, persons) in [
            ("worker", "person", vec!["p-1"]),
            ("officer", "officer", vec![]),
            ("engineer", "engineer", vec![]),
            ("reviewer", "reviewer", vec![]),
            ("regulator", "regulator", vec![]),
        ] {
            let new = json!({"name": name, "roles": [role], "persons": persons, "password": PASSWORD});
            made(&admin.post("/v1/accounts", &new));
        }
        let key = made(&admin.post("/v1/keys", &json!({"name": "orders", "roles": ["machine"]})));
        let machine = Client::new(served.address, key["secret"].as_str());
        Self { served, machine, _folder: folder }
    }

    fn api(&self, name: &str) -> Client {
        api(&self.served, name)
    }

    fn browser(&self, language: &'static str, name: &str) -> Browser {
        Browser::logged_in(self.served.address, language, name, PASSWORD)
    }

    /// A check of a decision by an algorithm of a version.
    fn decide(&self, id: &str, at: &str, action: &str, context: &Value) {
        let record = json!({
            "id": id, "at": at, "action": action, "algorithm": "dispatch-v7", "person": "p-1", "context": context,
        });
        let answer = self.machine.post("/v1/decisions:check", &record);
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    fn pay(&self, id: &str, at: &str, worked: Option<i64>, waiting: Option<i64>, fen: i64) {
        let mut context = json!({"payFen": fen, "payDeductionFen": 0});
        for (name, value) in [("workedMinutes", worked), ("waitingMinutes", waiting)] {
            if let Some(value) = value {
                context[name] = value.into();
            }
        }
        self.decide(id, at, "pay", &context);
    }

    /// An algorithm that is late with its filing, and a version of it.
    fn algorithm(&self) -> String {
        let description = json!({"provider": "某平台", "name": "配送调度 <b>", "class": "dispatch", "affects_labour": true,
            "opinion_attributes": true, "texts": {"purpose": "少等五分钟"}});
        let engineer = self.api("engineer");
        let id = made(&engineer.post("/v1/algorithms", &description))["id"].as_str().unwrap().to_owned();
        let new = json!({"id": "dispatch-v7", "text": "一\n二", "factors": [{"name": "距离", "weight": "0.6"}]});
        made(&engineer.post(&format!("/v1/algorithms/{id}/versions"), &new));
        let began = json!({"what": "service-began", "on": "2025-01-06"});
        let answer = self.api("officer").post(&format!("/v1/filing-records/{id}/events"), &began);
        assert_eq!(answer.status, 200, "{}", answer.text);
        id
    }
}

fn api(served: &Served, name: &str) -> Client {
    let session = Client::new(served.address, None).post("/v1/sessions", &json!({"name": name, "password": PASSWORD}));
    Client::new(served.address, made(&session)["token"].as_str())
}

/// What must hold of every page.
fn check(page: &Page, language: &str) {
    let at = &page.path;
    page.check_policy();
    let scripts = (page.text.matches("<script").count(), page.text.matches("<script src=\"&#x2f;static&#x2f;").count());
    assert_eq!(scripts.0, scripts.1, "{at} runs a script of another place");
    for wrong in ["style=\"", "<style", "src=\"http", "href=\"http", "{{", "<b>"] {
        assert!(!page.text.contains(wrong), "{at} has `{wrong}`: {}", page.text);
    }
    for key in ["page.", "explain.", "outcome.", "register.", "clock."] {
        let is_key = |rest: &str| !rest.starts_with("atom") && rest.starts_with(|next: char| next.is_ascii_lowercase());
        assert!(!page.text.split(key).skip(1).any(is_key), "{at} shows a key below `{key}`: {}", page.text);
    }
    assert!(language == "en" || !page.text.contains(">none<"), "{at} prints nothing as `none`");
    assert!(page.text.len() < 85_000, "{at}: {} bytes", page.text.len());
    assert_eq!(page.text.matches("<h1").count(), 1, "{at}");
}

/// Follow every link from the first page on; each must lead to a page.
fn walk(browser: &Browser, language: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut waiting = vec!["/".to_owned()];
    while let Some(path) = waiting.pop() {
        let is_page = path.starts_with('/') && !path.starts_with("/v1/") && !path.starts_with("/language/");
        if !is_page || path == "/docs" || path.starts_with("/law") || !seen.insert(path.clone()) {
            continue;
        }
        let page = browser.open(&path);
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        check(&page, language);
        waiting.extend(page.links());
    }
    seen
}

#[test]
fn every_page_of_staff_renders_in_both_languages_and_is_found_by_links() {
    let world = World::new();
    world.algorithm();
    world.pay("pay/1 <b>", "2026-05-04T20:00:00+08:00", Some(120), Some(60), 6000);
    world.decide(
        "d-1",
        "2026-05-04T12:00:00+08:00",
        "dispatch",
        &json!({"dailyMinutes": 430, "continuousMinutes": 90}),
    );
    let engineer = world.api("engineer");
    let hook = json!({"url": "https://hook.example/gongdao", "kinds": ["settings"]});
    made(&engineer.post("/v1/webhooks", &hook));
    let stop =
        json!({"act": "suspend-rule", "version": version("cn.iisarmp/17/1#stop-on-switch-off"), "reason": "to look"});
    made(&engineer.post("/v1/approvals", &stop));
    let order = json!({"kind": "information", "provisions": ["cn.iisarmp/28"], "text": "send the log", "period": "10 working days"});
    made(&world.api("regulator").post("/v1/orders", &order));
    let wanted: [(&str, &[&str]); 5] = [
        (
            "engineer",
            &[
                "/operate",
                "/operate/approvals",
                "/operate/actions/default",
                "/operate/actions/pay",
                "/operate/tests",
                "/operate/webhooks/",
            ],
        ),
        ("root", &["/operate", "/operate/accounts", "/operate/accounts/account-", "/operate/keys"]),
        ("officer", &["/desk/duties", "/orders", "/orders/order-", "/operate"]),
        ("regulator", &["/oversight", "/oversight/look-ups", "/orders", "/orders/order-", "/desk"]),
        ("worker", &["/me/hours"]),
    ];
    for language in ["zh", "en"] {
        for (name, paths) in wanted {
            let browser = world.browser(language, name);
            let seen = walk(&browser, language);
            for path in paths {
                let found =
                    seen.iter().any(|known| known == path || (path.ends_with(['-', '/']) && known.starts_with(path)));
                assert!(found, "{name} finds no way to {path}: {seen:?}");
            }
        }
        let apart =
            world.browser(language, "regulator").open("/oversight/decisions?decision=pay%2F1+%3Cb%3E&purpose=case+7");
        assert_eq!(apart.status, 200, "{}", apart.text);
        check(&apart, language);
    }
    world.served.stop();
}

/// Key of a rule version of the packs.
fn version(rule: &str) -> Value {
    let (_, rules) = support::law();
    let found = rules.versions.iter().find(|version| version.key.rule.to_string() == rule).unwrap();
    serde_json::to_value(&found.key).unwrap()
}

#[test]
fn what_protects_less_is_asked_for_with_a_reason_and_done_by_a_second_person() {
    let world = World::new();
    let engineer = world.browser("en", "engineer");
    let page = engineer.open("/operate/actions/recommend");
    let path = "/operate/actions/recommend";
    let shadow = [("mode", "shadow"), ("on_unknown", "hold")];
    let lacking = engineer.send(&page, path, &shadow);
    assert!(lacking.status == 409 && lacking.text.contains("it takes a second person"), "{}", lacking.text);
    let asked = engineer.send(&lacking, path, &[shadow[0], shadow[1], ("why", "to measure first")]);
    assert!(
        asked.text.contains("waits for a second person") && asked.text.contains("You asked for it"),
        "{}",
        asked.text
    );
    assert!(asked.text.contains("binding") && asked.text.contains("<strong>shadow"), "{}", asked.text);
    let id = asked_id(&world);
    let own =
        engineer.post(&format!("/operate/approvals/{id}"), &format!("form={}&grants=yes&reason=x", token(&asked)), &[]);
    assert_eq!(own.status, 403, "who asked does not decide: {}", own.text);
    let officer = world.browser("en", "officer");
    let waits = officer.open("/operate/approvals");
    let path_of = format!("/operate/approvals/{id}");
    let unsaid = officer.send(&waits, &path_of, &[("grants", "yes"), ("reason", "")]);
    assert_eq!(unsaid.status, 422, "{}", unsaid.text);
    let done = officer.send(&waits, &path_of, &[("grants", "yes"), ("reason", "for a week")]);
    assert!(done.text.contains("It is decided") && done.text.contains("for a week"), "{}", done.text);
    world.decide("d-1", "2026-05-04T12:00:00+08:00", "recommend", &json!({"personalised": true}));
    let operate = engineer.open("/operate");
    assert!(
        operate.text.contains("1 in shadow") && operate.text.contains("Facts that are missing"),
        "{}",
        operate.text
    );
    assert!(operate.text.contains("<svg") && operate.text.contains("role=\"img\""), "a drawing with words");
    // More protection takes one person, and the page of an older state changes nothing.
    let page = officer.open(path);
    let enforce = [("mode", "enforce"), ("on_unknown", "hold")];
    assert_eq!(officer.send(&page, path, &enforce).path, "/operate");
    assert_eq!(officer.send(&page, path, &enforce).status, 412, "somebody else was faster");
    world.served.stop();
}

fn asked_id(world: &World) -> String {
    let found = world.api("officer").get("/v1/approvals").json();
    found["items"][0]["id"].as_str().unwrap().to_owned()
}

fn token(page: &Page) -> String {
    page.text.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[test]
fn a_rule_is_stopped_by_two_and_judges_again() {
    let world = World::new();
    let engineer = world.browser("en", "engineer");
    let page = engineer.open("/operate");
    let none = engineer.send(&page, "/operate/rules/stop", &[("version", "nonsense"), ("why", "x")]);
    assert!(none.status == 422 && none.text.contains("value=\"nonsense\""), "{}", none.text);
    let (_, rules) = support::law();
    let key =
        rules.versions.iter().find(|version| version.key.rule.to_string().starts_with("cn.iisarmp/17/1#")).unwrap();
    let name = key.key.to_string();
    let asked = engineer.send(&page, "/operate/rules/stop", &[("version", &name), ("why", "a slip in it")]);
    assert!(asked.text.contains("Stop a rule") && asked.text.contains("a slip in it"), "{}", asked.text);
    let officer = world.browser("en", "officer");
    let waits = officer.open("/operate/approvals");
    officer.send(
        &waits,
        &format!("/operate/approvals/{}", asked_id(&world)),
        &[("grants", "yes"), ("reason", "right")],
    );
    let stopped = officer.open("/operate");
    assert!(stopped.text.contains("a slip in it"), "{}", stopped.text);
    let resumed = officer.send(&stopped, "/operate/rules/resume", &[("version", &name)]);
    assert!(resumed.text.contains("No rule is stopped"), "{}", resumed.text);
    world.served.stop();
}

#[test]
fn a_first_password_is_shown_once_and_leads_to_its_change() {
    let world = World::new();
    let root = world.browser("en", "root");
    let page = root.open("/operate/accounts");
    let lacking = root.send(&page, "/operate/accounts", &[("name", "courier 7")]);
    assert!(lacking.status == 422 && lacking.text.contains("value=\"courier 7\""), "{}", lacking.text);
    let fields = [("name", "courier 7"), ("roles", "person"), ("persons", "p-7\r\np-8")];
    let shown = root.send(&page, "/operate/accounts", &fields);
    let password = shown.text.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(password.len(), 23, "{password}");
    assert!(!root.open("/operate/accounts").text.contains(&password), "shown once");
    let courier = Browser::new(world.served.address, "en");
    let form = courier.open("/login");
    let led = courier.send(&form, "/login", &[("name", "courier 7"), ("password", &password), ("to", "/me")]);
    assert!(led.path.starts_with("/account") && led.text.contains("works for 72 hours"), "{}", led.text);
    // Before anything else it is changed: pages lead to that, forms and the API say so, and one can leave.
    let to_change = courier.open("/me");
    assert!(to_change.path == "/account" && to_change.text.contains("works for 72 hours"), "{}", to_change.text);
    let form = to_change.text.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let refused = courier.post("/me/requests/new/complain", &format!("form={form}&text=no+rest"), &[]);
    assert!(refused.status == 403 && refused.text.contains("href=\"/account\""), "{}", refused.text);
    assert_eq!(courier.open("/register").status, 200, "what everyone may see");
    let anyone = Client::new(world.served.address, None);
    let log_in = || anyone.post("/v1/sessions", &json!({"name": "courier 7", "password": password})).json();
    let session = log_in();
    assert_eq!(session["must_change_password"], true);
    let api = Client::new(world.served.address, session["token"].as_str());
    for path in ["/v1/me", "/v1/persons/p-7/cases", "/v1/operations"] {
        assert_eq!((api.get(path).status, api.get(path).problem()), (403, "first-password".to_owned()), "{path}");
    }
    assert_eq!(api.send("DELETE", "/v1/sessions", &[], None).status, 204);
    assert_eq!(api.get("/v1/me").status, 401, "the session is over");
    let api = Client::new(world.served.address, log_in()["token"].as_str());
    let done = courier.send(&led, "/account", &[("old", &password), ("new", "a new long password")]);
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(courier.open("/me").path, "/me");
    assert_eq!(api.get("/v1/me").json()["persons"], json!(["p-7", "p-8"]), "the account is whole again");
    let found = world.api("root").get("/v1/accounts").json();
    let items = found["items"].as_array().unwrap();
    let id = items.iter().find(|one| one["name"] == "courier 7").unwrap()["id"].as_str().unwrap().to_owned();
    // A lost one: another is given, and the one until now works no more.
    let address = format!("/operate/accounts/{id}/first-password");
    let again = root.send(&root.open(&format!("/operate/accounts/{id}")), &address, &[]);
    assert_eq!(again.status, 200, "{}", again.text);
    let old = Client::new(world.served.address, None)
        .post("/v1/sessions", &json!({"name": "courier 7", "password": "a new long password"}));
    assert_eq!(old.problem(), "unauthenticated");
    let own = world.api("root").get("/v1/me").json()["actor"].as_str().unwrap().replace("account:", "");
    assert_eq!(
        world.api("root").post(&format!("/v1/accounts/{own}/first-password"), &json!({})).problem(),
        "forbidden"
    );
    assert_eq!(
        world.api("officer").post(&format!("/v1/accounts/{id}/first-password"), &json!({})).problem(),
        "forbidden"
    );
    // Roles and the way in are taken away.
    let page = root.open(&format!("/operate/accounts/{id}"));
    let changed = root.send(&page, &format!("/operate/accounts/{id}"), &[("roles", "person"), ("disabled", "yes")]);
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert!(root.open("/operate/accounts").text.contains("cannot log in"));
    world.served.stop();
}

#[test]
fn a_key_is_shown_once_and_taken_back() {
    let world = World::new();
    let root = world.browser("en", "root");
    let page = root.open("/operate/keys");
    assert_eq!(
        root.send(&page, "/operate/keys", &[("name", "x"), ("until", "tomorrow"), ("roles", "machine")]).status,
        422
    );
    let shown = root.send(&page, "/operate/keys", &[("name", "intake"), ("roles", "machine"), ("until", "2030-01-01")]);
    let secret = shown.text.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let key = Client::new(world.served.address, Some(&secret));
    assert_eq!(key.get("/v1/me").status, 200);
    let page = root.open("/operate/keys");
    assert!(!page.text.contains(&secret));
    let id = key.get("/v1/me").json()["actor"].as_str().unwrap().replace("key:", "");
    root.send(&page, &format!("/operate/keys/{id}/revoke"), &[]);
    assert_eq!(key.get("/v1/me").status, 401);
    world.served.stop();
}

#[test]
fn an_order_is_made_answered_sent_back_and_kept() {
    let world = World::new();
    let algorithm = world.algorithm();
    let (regulator, officer) = (world.browser("en", "regulator"), world.browser("zh", "officer"));
    let page = regulator.open("/orders");
    let fields = [
        ("kind", "correction"),
        ("provisions", "cn.iisarmp/24/1"),
        ("algorithm", algorithm.as_str()),
        ("text", "file it"),
        ("days", "5"),
    ];
    let unknown =
        regulator.send(&page, "/orders", &[fields[0], ("provisions", "cn.iisarmp/999"), fields[3], fields[4]]);
    assert!(unknown.status == 422 && unknown.text.contains("file it"), "what was written stays: {}", unknown.text);
    let order = regulator.send(&page, "/orders", &fields);
    assert!(
        order.path.starts_with("/orders/order-") && order.text.contains("waiting for the provider"),
        "{}",
        order.text
    );
    assert!(order.text.contains("How the date was worked out"), "{}", order.text);
    let path = order.path.clone();
    assert!(officer.open("/desk/duties").links().contains(&path), "the officer finds it among what is due");
    // Each side does its own part.
    let theirs = officer.open(&path);
    let accept = format!("form={}&act=accept&text=x", token(&theirs));
    assert_eq!(officer.post(&path, &accept, &[]).status, 403);
    let answered = officer.send(&theirs, &path, &[("act", "answer"), ("text", "已备案")]);
    assert!(answered.text.contains("平台已答复"), "{}", answered.text);
    let back = regulator.open(&path);
    let sent = regulator.send(&back, &path, &[("act", "send-back"), ("text", "number missing"), ("days", "3")]);
    assert!(sent.text.contains("number missing"), "{}", sent.text);
    let early = format!("form={}&act=escalate&text=x", token(&sent));
    assert_eq!(regulator.post(&path, &early, &[]).status, 409, "it is not late");
    officer.send(&officer.open(&path), &path, &[("act", "answer"), ("text", "编号如下")]);
    let met = regulator.send(&regulator.open(&path), &path, &[("act", "accept"), ("text", "thanks")]);
    assert!(met.text.contains(">kept<") && !met.text.contains("Take the order back"), "{}", met.text);
    let id = path.trim_start_matches("/orders/");
    let stored = world.api("regulator").get(&format!("/v1/orders/{id}")).json();
    assert_eq!((stored["stage"].as_str(), stored["events"].as_array().unwrap().len()), (Some("met"), 5));
    for name in ["worker", "engineer"] {
        assert_eq!(world.api(name).get("/v1/orders").problem(), "forbidden");
        assert_eq!(world.browser("en", name).open("/orders").status, 403);
    }
    world.served.stop();
}

/// Makes what is sent wrong.
type Spoil<'a> = &'a dyn Fn(&mut Value);

#[test]
fn orders_over_the_interface_refuse_what_cannot_be() {
    let world = World::new();
    let regulator = world.api("regulator");
    let order = |change: &dyn Fn(&mut Value)| {
        let mut body =
            json!({"kind": "information", "provisions": ["cn.iisarmp/28"], "text": "x", "period": "10 working days"});
        change(&mut body);
        regulator.post("/v1/orders", &body)
    };
    let rows: [(Spoil<'_>, u16); 8] = [
        (&|_| {}, 201),
        (&|body| body["text"] = " ".into(), 422),
        (&|body| body["period"] = "soon".into(), 422),
        (&|body| body["provisions"] = json!([]), 422),
        (&|body| body["provisions"] = json!(["cn.none/1"]), 422),
        (&|body| body["about"] = json!({"algorithm": "none"}), 404),
        (&|body| body["kind"] = "fine".into(), 422),
        (&|body| body["more"] = 1.into(), 422),
    ];
    for (change, status) in rows {
        let answer = order(change);
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    let id = order(&|_| {}).json()["id"].as_str().unwrap().to_owned();
    let act = |client: &Client, body: Value| client.post(&format!("/v1/orders/{id}/events"), &body);
    assert_eq!(act(&regulator, json!({"what": "accepted", "text": "x"})).problem(), "not-now", "nobody replied");
    assert_eq!(
        act(&regulator, json!({"what": "extended", "text": "x", "period": "1 working days"})).status,
        422,
        "no more time"
    );
    assert_eq!(act(&regulator, json!({"what": "extended", "text": "x", "period": "20 working days"})).status, 200);
    assert_eq!(act(&world.api("officer"), json!({"what": "withdrawn", "text": "x"})).problem(), "forbidden");
    assert_eq!(act(&regulator, json!({"what": "withdrawn", "text": "x"})).json()["stage"], "withdrawn");
    assert_eq!(act(&world.api("officer"), json!({"what": "answered", "text": "x"})).problem(), "not-now");
    world.served.stop();
}

#[test]
fn a_regulator_takes_a_decision_apart_and_the_person_sees_it() {
    let world = World::new();
    world.algorithm();
    world.decide("d-1", "2026-05-04T12:00:00+08:00", "dispatch", &json!({"dailyMinutes": 430}));
    let regulator = world.browser("en", "regulator");
    let asked = regulator.open("/oversight/decisions/d-1");
    assert!(
        asked.text.contains("Nothing is shown before it is said why") && !asked.text.contains("430 minutes"),
        "{}",
        asked.text
    );
    assert!(!world.api("worker").get("/v1/persons/p-1/lookups").text.contains("d-1"), "nothing was looked up");
    let page = regulator.open("/oversight/decisions?decision=d-1&purpose=complaint+12");
    for words in [
        "430 minutes",
        "dispatch-v7",
        "declared, not published",
        "Each rule, with its article",
        "c2sp.org/tlog-proof",
        "/v1/ledger/proofs/",
    ] {
        assert!(
            page.text.contains(words) || page.text.replace("&#x2f;", "/").contains(words),
            "{words}: {}",
            page.text
        );
    }
    let seen = world.api("worker").get("/v1/persons/p-1/lookups").json();
    assert_eq!(
        (seen["items"].as_array().unwrap().len(), seen["items"][0]["purpose"].as_str()),
        (1, Some("complaint 12"))
    );
    assert!(regulator.open("/oversight/look-ups").text.contains("complaint 12"));
    assert_eq!(world.api("regulator").get("/v1/me/lookups").json()["items"][0]["person"], "p-1");
    assert!(!world.browser("en", "engineer").open("/oversight/look-ups").text.contains("complaint 12"), "others’ own");
    let receipt = page.links().into_iter().find(|link| link.starts_with("/v1/decisions/d-1/receipt")).unwrap();
    assert_eq!(world.api("regulator").get(&receipt).status, 200);
    assert_eq!(world.browser("en", "worker").open("/oversight").status, 403);
    assert_eq!(regulator.open("/oversight/decisions/none?purpose=x").status, 404);
    world.served.stop();
}

#[test]
fn a_kept_checkpoint_shows_whether_the_ledger_goes_on_from_it() {
    let world = World::new();
    world.decide("d-1", "2026-05-04T12:00:00+08:00", "dispatch", &json!({}));
    let regulator = world.browser("en", "regulator");
    let kept = world.api("regulator").get("/v1/ledger/checkpoint").text;
    world.decide("d-2", "2026-05-04T12:00:00+08:00", "dispatch", &json!({}));
    let page = regulator.open("/oversight");
    let whole = regulator.send(&page, "/oversight/ledger/check", &[]);
    assert!(whole.text.contains("The ledger is whole"), "{}", whole.text);
    let on = regulator.send(&page, "/oversight/ledger/compare", &[("checkpoint", &kept.replace('\n', "\r\n"))]);
    assert!(on.text.contains("The ledger goes on from this checkpoint"), "{}", on.text);
    // Another root under the same signature is none of this ledger's.
    let mut lines: Vec<&str> = kept.lines().collect();
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    lines[2] = other;
    let forged = regulator.send(&page, "/oversight/ledger/compare", &[("checkpoint", &lines.join("\n"))]);
    assert!(forged.text.contains("not signed by this ledger"), "{}", forged.text);
    assert_eq!(regulator.send(&page, "/oversight/ledger/compare", &[("checkpoint", "nonsense")]).status, 422);
    // Where an entry stands is noted a moment after it is logged.
    let state = || world.api("regulator").get("/v1/ledger/state").json();
    let begun = std::time::Instant::now();
    while state()["waiting"] != 0 {
        assert!(begun.elapsed() < std::time::Duration::from_secs(30), "{}", state());
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    assert_eq!(state()["cosigned_by"], json!([]));
    assert_eq!(world.api("worker").get("/v1/ledger/state").problem(), "forbidden");
    assert_eq!(world.api("regulator").post("/v1/ledger:check", &json!({})).json()["faults"], 0);
    world.served.stop();
}

#[test]
fn what_is_due_stands_with_its_day_and_limits_are_published() {
    let world = World::new();
    world.algorithm();
    let officer = world.browser("en", "officer");
    let page = officer.open("/desk/duties");
    for words in ["Late (1)", "某平台", "How the date was worked out", "days overdue"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let wrong = officer.send(&page, "/desk/limits", &[("answer-number", "0.5"), ("answer-unit", "days")]);
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    let fields =
        [("answer-number", "15"), ("answer-unit", "working days"), ("review-number", "1"), ("review-unit", "months")];
    let done = officer.send(&page, "/desk/limits", &fields);
    assert_eq!(done.status, 200, "{}", done.text);
    let limits = world.api("worker").get("/v1/desk/limits").json();
    assert_eq!(limits["answer"], "15 working days");
    assert!(limits["review"].as_str().unwrap().starts_with("1 month"), "{limits}");
    assert!(done.text.contains("value=\"15\""), "{}", done.text);
    // The authority sees the same filing as late, and providers side by side.
    let oversight = world.browser("en", "regulator").open("/oversight");
    assert!(oversight.text.contains("Late filings (1)") && oversight.text.contains("某平台"), "{}", oversight.text);
    let providers = Client::new(world.served.address, None).get("/v1/providers").json();
    assert_eq!((providers[0]["late"].as_u64(), providers[0]["algorithms"].as_u64()), (Some(1), Some(1)), "{providers}");
    assert_eq!(world.browser("en", "engineer").open("/desk/duties").status, 403);
    world.served.stop();
}
