//! The pages over HTTP, as a browser without scripts sees them, in both languages and in every role.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]

#[path = "pages/browser.rs"]
mod browser;
mod support;

use browser::{Browser, Page};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use support::client::Client;
use support::{Served, start};

const PASSWORD: &str = "correct horse battery";
/// What a phone loads first, stylesheet included.
const FIRST_VIEW: usize = 100_000;

/// Headers of a request.
type Fields<'a> = &'a [(&'a str, &'a str)];

struct World {
    served: Served,
    _folder: tempfile::TempDir,
}

impl World {
    /// A worker with decisions and requests at several stages, an officer, a reviewer, a representative.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let served = start(folder.path(), "127.0.0.1:0", &[]);
        let world = Self { served, _folder: folder };
        let token = world.served.token.as_ref().unwrap().reveal().to_owned();
        let nobody = Client::new(world.served.address, None);
        nobody.post("/v1/setup", &json!({"token": token, "name": "root", "password": PASSWORD}));
        let admin = world.api("root");
        for (name, roles, persons) in [
            ("worker", ["person"], vec!["p-1"]),
            ("colleague", ["person"], vec!["p-2"]),
            ("officer", ["officer"], vec![]),
            ("second", ["officer"], vec![]),
            ("reviewer", ["reviewer"], vec![]),
            ("union", ["representative"], vec![]),
        ] {
            let new = json!({"name": name, "roles": roles, "persons": persons, "password": PASSWORD});
            assert_eq!(admin.post("/v1/accounts", &new).status, 201);
        }
        let key = admin.post("/v1/keys", &json!({"name": "orders", "roles": ["machine"]})).json();
        let machine = Client::new(world.served.address, key["secret"].as_str());
        for (id, person) in [("d-1", "p-1"), ("d-2", "p-1"), ("d/3 <b>", "p-1"), ("d-9", "p-2")] {
            let answer = machine.post("/v1/decisions:check", &decision(id, person));
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        let limits =
            json!({"answer": "15 working days", "review": "5 working days", "appeal": "30 days", "input": "30 days"});
        let officer = world.api("officer");
        let body = limits.to_string();
        let headers = [("if-match", "\"0\""), ("content-type", "application/json")];
        assert_eq!(officer.send("PUT", "/v1/desk/limits", &headers, Some(body.as_bytes())).status, 200);
        world
    }

    fn api(&self, name: &str) -> Client {
        let body = json!({"name": name, "password": PASSWORD});
        let session = Client::new(self.served.address, None).post("/v1/sessions", &body).json();
        Client::new(self.served.address, session["token"].as_str())
    }

    fn browser(&self, language: &'static str, name: &str) -> Browser {
        Browser::logged_in(self.served.address, language, name, PASSWORD)
    }
}

fn decision(id: &str, person: &str) -> Value {
    json!({
        "id": id, "at": "2026-05-01T12:00:00+08:00", "action": "recommend", "algorithm": "feed-v3", "person": person,
        "principal": {"category": "push", "nonPersonalisedOffered": true, "switchOffOffered": true},
        "context": {"personalised": true, "solelyAutomated": true, "tagsUsed": ["night-owl", "a b"]},
    })
}

/// The number of the case that a page is about.
fn case_of(page: &Page) -> String {
    let (_, id) = page.path.rsplit_once('/').unwrap();
    id.split('?').next().unwrap().to_owned()
}

/// What must hold of every page.
fn check(page: &Page, language: &str) {
    let at = &page.path;
    assert!(page.headers["content-type"].starts_with("text/html"), "{at}: {:?}", page.headers);
    page.check_policy();
    let tag = if language == "zh" { "zh-Hans" } else { "en" };
    assert!(page.text.contains(&format!("<html lang=\"{tag}\">")), "{at}: another language");
    // Scripts are files of the service under the names of their content.
    let scripts = (page.text.matches("<script").count(), page.text.matches("<script src=\"&#x2f;static&#x2f;").count());
    assert_eq!(scripts.0, scripts.1, "{at} has a script of its own");
    for wrong in ["style=\"", "<style", "src=\"http", "href=\"http", "{{"] {
        assert!(!page.text.contains(wrong), "{at} has `{wrong}`: {}", page.text);
    }
    // A key where a text should be, and `none`, which a template prints for nothing; in English it is a word, too.
    for key in ["page.", "explain.", "outcome.", "record."] {
        let is_key = |rest: &str| rest.starts_with(|next: char| next.is_ascii_lowercase());
        assert!(!page.text.split(key).skip(1).any(is_key), "{at} shows a key below `{key}`: {}", page.text);
    }
    assert!(language == "en" || !page.text.contains(">none<"), "{at} prints nothing as `none`");
    assert!(page.text.len() < FIRST_VIEW - 15_000, "{at}: {} bytes", page.text.len());
    let headings = page.text.matches("<h1").count();
    assert_eq!(headings, 1, "{at} has {headings} first headings");
}

/// Follow every link from the first page on; each must lead to a page.
fn walk(browser: &Browser, language: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut waiting = vec!["/".to_owned()];
    while let Some(path) = waiting.pop() {
        let is_page = path.starts_with('/') && !path.starts_with("/v1/") && !path.starts_with("/language/");
        // The statute book has hundreds of pages of one kind: some of them tell about all.
        let is_another_law =
            path.starts_with("/law/") && seen.iter().filter(|known: &&String| known.starts_with("/law/")).count() > 12;
        if !is_page || path == "/docs" || is_another_law || !seen.insert(path.clone()) {
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
fn every_page_of_every_role_renders_in_both_languages_and_no_link_is_dead() {
    let world = World::new();
    let worker = world.api("worker");
    let file = |body: Value| {
        let mut body = body;
        body["person"] = "p-1".into();
        let answer = worker.post("/v1/cases", &body);
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    };
    file(
        json!({"kind": "contest", "about": {"decision": "d-1"}, "ground": "weather", "text": "<script>alert(1)</script>"}),
    );
    file(json!({"kind": "copy"}));
    file(json!({"kind": "opt-out"}));
    file(json!({"kind": "delete-tag", "about": {"tag": "night-owl"}}));
    let refused = file(json!({"kind": "correct", "about": {"information": "distance"}}));
    let asked = file(json!({"kind": "complain", "text": "x"}));
    let officer = world.api("officer");
    let act = |id: &str, body: Value| assert_eq!(officer.post(&format!("/v1/cases/{id}/events"), &body).status, 200);
    act(&refused, json!({"what": "answered", "outcome": "refused", "article": "cn.pipl/46/1", "text": "ok"}));
    act(&asked, json!({"what": "asked", "question": "when?"}));
    let union = world.api("union");
    let actor = union.get("/v1/me").json()["actor"].clone();
    let mandate = |person: &str| json!({"person": person, "representative": actor, "kinds": ["see", "complain", "contest"], "until": "2030-01-01T00:00:00+08:00"});
    assert_eq!(union.post("/v1/mandates", &mandate("p-1")).status, 201);
    assert_eq!(world.api("colleague").post("/v1/mandates", &mandate("p-2")).status, 201);
    let members = json!({"kind": "complain", "members": [{"person": "p-2"}], "text": "for all"});
    assert_eq!(union.post("/v1/filings", &members).status, 201);
    let wanted = [
        (
            "worker",
            vec![
                "/me",
                "/me/decisions/d%2F3%20%3Cb%3E",
                "/me/requests",
                "/me/record",
                "/me/hours",
                "/me/mandates",
                "/me/requests/new/contest",
                "/law",
                "/account",
                "/labels",
                "/register",
                "/register/changes",
                "/consultations",
                "/verify",
                "/indicators",
            ],
        ),
        (
            "officer",
            vec!["/desk", "/desk/duties", "/orders", "/operate", "/operate/approvals", "/operate/actions/dispatch"],
        ),
        ("reviewer", vec!["/desk", "/operate"]),
        (
            "union",
            vec!["/members", "/members/new", "/members/new?kind=complain", "/members/patterns", "/consultations/mine"],
        ),
    ];
    for language in ["zh", "en"] {
        for (name, paths) in &wanted {
            let seen = walk(&world.browser(language, name), language);
            for path in paths {
                let found = seen.iter().any(|known| known == path || known.starts_with(&format!("{path}?")));
                assert!(found, "{name} finds no way to {path}: {seen:?}");
            }
            let kinds = seen.iter().filter(|path| path.starts_with("/me/requests/case-")).count();
            assert!(*name != "worker" || kinds >= 6, "{seen:?}");
        }
        walk(&Browser::new(world.served.address, language), language);
    }
    world.served.stop();
}

#[test]
fn a_worker_logs_in_contests_answers_and_is_told_where_it_stands() {
    let world = World::new();
    let address = world.served.address;
    let stranger = Browser::new(address, "en");
    let led = stranger.open("/me/requests");
    assert!(led.path.starts_with("/login?to=%2Fme%2Frequests"), "{}", led.path);
    let wrong = stranger.send(&led, "/login", &[("name", "worker"), ("password", "wrong wrong wrong")]);
    assert!(wrong.status == 401 && wrong.text.contains("Name or password is wrong"), "{}", wrong.text);
    let page = stranger.send(&wrong, "/login", &[("name", "worker"), ("password", PASSWORD)]);
    assert_eq!(page.path, "/me/requests");
    let explained = stranger.open("/me/decisions/d-1");
    // Every right is at most two taps away: a link here, a button there. Unfolding would be a third.
    let folded = explained.text.split("<details").skip(1).filter_map(|rest| rest.split("</details>").next());
    assert!(
        folded.clone().all(|part| !part.contains("/me/requests/new/") || part.contains("/correct?")),
        "{}",
        explained.text
    );
    for kind in [
        "contest",
        "correct",
        "explain",
        "complain",
        "see",
        "copy",
        "delete",
        "opt-out",
        "delete-tag",
        "withdraw-consent",
        "restrict",
    ] {
        let start = format!("/me/requests/new/{kind}");
        let link = explained.links().into_iter().find(|link| link.split('?').next() == Some(&start));
        let form = stranger.open(&link.unwrap_or_else(|| panic!("no way to {kind}")));
        assert!(form.text.contains(&format!("action=\"{start}\"")), "{kind}");
    }
    let form = stranger.open("/me/requests/new/contest?decision=d-1");
    let lacking = stranger.send(&form, "/me/requests/new/contest", &[("decision", "d-1"), ("text", "closed road")]);
    assert!(lacking.status == 422 && lacking.text.contains("Choose a ground") && lacking.text.contains("closed road"));
    let filed = stranger.send(
        &lacking,
        "/me/requests/new/contest",
        &[("decision", "d-1"), ("ground", "weather"), ("text", "closed road")],
    );
    assert!(filed.text.contains("It is handed in") && filed.text.contains("The penalty waits"), "{}", filed.text);
    assert!(filed.text.contains("Due by"), "{}", filed.text);
    let id = case_of(&filed);
    let officer = world.browser("zh", "officer");
    let desk = officer.open(&format!("/desk/cases/{id}"));
    let ask = format!("/desk/cases/{id}/ask");
    assert_eq!(officer.send(&desk, &ask, &[("text", "哪条路？")]).status, 200);
    let asked = stranger.open(&format!("/me/requests/{id}"));
    assert!(asked.text.contains("哪条路？") && asked.text.contains("Waiting for your words"), "{}", asked.text);
    let given = stranger.send(&asked, &format!("/me/requests/{id}/answer"), &[("text", "Ring road")]);
    assert!(given.text.contains("It is sent") && given.text.contains("A person reviews it"), "{}", given.text);
    let reviewer = world.browser("en", "reviewer");
    let review = reviewer.open(&format!("/desk/review/{id}"));
    let begun = reviewer.send(&review, &format!("/desk/review/{id}/begin"), &[("role", "shift lead")]);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let decide = [
        ("seen", "map"),
        ("could", "yes"),
        ("changed", "yes"),
        ("text", "right"),
        ("system1", "pay"),
        ("what1", "+0.90"),
    ];
    let done = reviewer.send(&begun, &format!("/desk/review/{id}/decide"), &decide);
    assert_eq!(done.status, 200, "{}", done.text);
    let over = stranger.open(&format!("/me/requests/{id}"));
    assert!(over.text.contains("The result was changed") && over.text.contains("+0.90"), "{}", over.text);
    let out = stranger.send(&over, "/logout", &[]);
    assert_eq!((out.status, out.path.as_str()), (200, "/"));
    assert!(stranger.open("/me").path.starts_with("/login"));
    world.served.stop();
}

#[test]
fn opting_out_is_done_at_once_and_a_copy_waits_for_the_password() {
    let world = World::new();
    let worker = world.browser("zh", "worker");
    let form = worker.open("/me/requests/new/opt-out");
    let done = worker.send(&form, "/me/requests/new/opt-out", &[]);
    assert!(done.text.contains("个性化已关闭"), "{}", done.text);
    assert!(worker.open("/me/record").text.contains("已关闭"));
    let form = worker.open("/me/requests/new/copy");
    let wrong = worker.send(&form, "/me/requests/new/copy", &[("password", "not the password")]);
    assert!(wrong.status == 422 && wrong.text.contains("密码不对"), "{}", wrong.text);
    let waits = worker.send(&wrong, "/me/requests/new/copy", &[]);
    assert!(waits.text.contains("核实身份"), "{}", waits.text);
    let id = case_of(&waits);
    let known = worker.send(&waits, &format!("/me/requests/{id}/identify"), &[("password", PASSWORD)]);
    assert!(known.text.contains(&format!("/v1/cases/{id}/record?format=html")), "{}", known.text);
    let record = worker.open(&format!("/v1/cases/{id}/record?format=html"));
    assert_eq!(record.status, 200);
    world.served.stop();
}

#[test]
fn a_refusal_offers_only_articles_that_count_and_takes_a_second_person() {
    let world = World::new();
    let delete =
        world.api("worker").post("/v1/cases", &json!({"kind": "delete", "person": "p-1", "password": PASSWORD})).json();
    let id = delete["id"].as_str().unwrap();
    let officer = world.browser("en", "officer");
    let page = officer.open(&format!("/desk/cases/{id}"));
    let text = page.text.replace("&#x2f;", "/");
    let offered: Vec<&str> =
        text.split("value=\"refused ").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(offered, ["cn.pipl/47/1", "cn.pipl/47/2"]);
    let path = format!("/desk/cases/{id}/answer");
    let other = officer.send(&page, &path, &[("outcome", "refused cn.pipl/44"), ("text", "no")]);
    assert!(
        other.status == 422 && other.text.contains("Something in it cannot be used") && other.text.contains(">no<")
    );
    let proposed = officer.send(&page, &path, &[("outcome", "refused cn.pipl/47/2"), ("text", "kept by law")]);
    assert!(
        proposed.text.contains("Another person has to agree") && !proposed.text.contains("/agree\""),
        "{}",
        proposed.text
    );
    let second = world.browser("en", "second");
    let page = second.open(&format!("/desk/cases/{id}"));
    assert!(second.send(&page, &format!("/desk/cases/{id}/agree"), &[]).status == 200);
    let told = world.browser("en", "worker").open(&format!("/me/requests/{id}"));
    for words in ["Refused", "kept by law", "Go to court", "Have another person review it"] {
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
    assert!(told.links().contains(&"/law/cn.pipl/50/2".to_owned()), "{}", told.text);
    world.served.stop();
}

#[test]
fn a_representative_acts_by_a_mandate_that_the_person_confirms_and_takes_back() {
    let world = World::new();
    let (union, worker) = (world.browser("en", "union"), world.browser("zh", "worker"));
    let page = union.open("/members");
    let terms = [("person", "p-1"), ("kinds", "complain"), ("kinds", "see"), ("until", "2030-12-31")];
    let nothing = union.send(&page, "/members/mandates", &[("person", "p-1"), ("until", "2030-12-31")]);
    assert_eq!(nothing.status, 422, "a mandate for nothing");
    let proposed = union.send(&page, "/members/mandates", &terms);
    assert!(proposed.status == 200 && proposed.text.contains("waits for the person"), "{}", proposed.text);
    let mandates = worker.open("/me/mandates");
    let confirm = mandates.text.split("action=\"").map(|rest| rest.split('"').next().unwrap().to_owned());
    let confirm = confirm.map(|path| path.replace("&#x2f;", "/")).find(|path| path.ends_with("/confirm")).unwrap();
    assert!(worker.send(&mandates, &confirm, &[]).text.contains("有效"));
    let form = union.open("/members/new?kind=complain");
    let filed = union.send(&form, "/members/new", &[("members", "p-1"), ("text", "for all")]);
    let filing = filed.links().into_iter().find(|link| link.starts_with("/members/filings/")).unwrap();
    assert!(union.open(&filing).text.contains("p-1"));
    assert!(union.open("/members").text.contains("Received"));
    let revoke = confirm.replace("/confirm", "/revoke");
    worker.send(&worker.open("/me/mandates"), &revoke, &[]);
    assert_eq!(union.open(&filing).status, 404, "what was taken back shows nothing more");
    world.served.stop();
}

#[test]
fn a_form_of_another_page_changes_nothing() {
    let world = World::new();
    let worker = world.browser("en", "worker");
    let page = worker.open("/me/requests/new/opt-out");
    let token = page.text.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let others = world.browser("en", "colleague");
    let rows: [(&Browser, String, Fields<'_>); 4] = [
        (&worker, String::new(), &[]),
        (&worker, "form=0000".to_owned(), &[]),
        (&others, format!("form={token}"), &[]),
        (&worker, format!("form={token}"), &[("origin", "https://elsewhere.example")]),
    ];
    for (browser, body, headers) in rows {
        let answer = browser.post("/me/requests/new/opt-out", &body, headers);
        assert_eq!(answer.status, 403, "{body} {headers:?}: {}", answer.text);
        check(&answer, "en");
    }
    let cases = world.api("worker").get("/v1/persons/p-1/cases").json();
    assert_eq!(cases["items"], json!([]));
    assert_eq!(worker.post("/me/requests/new/opt-out", &format!("form={token}"), &[]).status, 200);
    world.served.stop();
}

#[test]
fn a_refusal_is_a_page_for_a_browser_and_a_problem_for_a_program() {
    let world = World::new();
    let address = world.served.address;
    let worker = world.browser("zh", "worker");
    for (path, status) in [
        ("/nowhere", 404),
        ("/me/decisions/none", 404),
        ("/me/decisions/d-9", 404),
        ("/law/cn.none", 404),
        ("/desk", 403),
        ("/members", 403),
        ("/me/requests/new/nothing", 404),
    ] {
        let page = worker.open(path);
        assert_eq!(page.status, status, "{path}");
        check(&page, "zh");
        assert!(page.links().contains(&"/".to_owned()), "{path} has no way on");
    }
    assert_eq!(Client::new(address, None).get("/nowhere").problem(), "not-found");
    assert_eq!(world.api("worker").get("/v1/cases/none").problem(), "not-found");
    // The session is not sent along where another site links here; the page opens itself once more.
    let elsewhere = Browser::new(address, "en").open_with("/me", &[("sec-fetch-site", "cross-site")]);
    assert!(
        elsewhere.status == 200 && elsewhere.text.contains("http-equiv=\"refresh\" content=\"0;url=&#x2f;me\""),
        "{}",
        elsewhere.text
    );
    // A path of ours and nothing else is gone on to.
    let led = Browser::new(address, "en");
    for to in ["https://elsewhere.example", "//elsewhere.example", "/%5Celsewhere"] {
        assert_eq!(led.open(&format!("/login?to={to}")).status, 422, "{to}");
    }
    let page = led.open("/language/zh-Hans?to=/law");
    assert!(page.path == "/law" && page.text.contains("<html lang=\"zh-Hans\">"));
    assert_eq!(led.open("/language/fr").status, 404);
    world.served.stop();
}

#[test]
fn the_stylesheet_is_named_by_its_content_and_all_that_a_phone_loads_is_small() {
    let world = World::new();
    let browser = Browser::new(world.served.address, "zh");
    let page = browser.open("/");
    let path =
        page.text.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#x2f;", "/");
    let style = browser.open(&path);
    assert_eq!(style.headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(style.headers["content-type"], "text/css; charset=utf-8");
    assert!(
        style.text.len() + page.text.len() < FIRST_VIEW
            && !style.text.contains("http")
            && !style.text.contains("@import")
    );
    assert_eq!(browser.open("/static/other.css").status, 404);
    let drawing = browser.open("/law/timeline.svg");
    assert_eq!(drawing.headers["content-type"], "image/svg+xml");
    assert!(drawing.headers["content-security-policy"].contains("default-src 'none'"));
    let found = browser.open("/law?q=%E5%85%B3%E9%97%AD%E4%B8%AA%E6%80%A7%E5%8C%96%E6%8E%A8%E8%8D%90");
    assert!(
        found.text.contains("/law/cn.iisarmp/17/1") || found.text.contains("cn.iisarmp&#x2f;17&#x2f;1"),
        "{}",
        found.text
    );
    assert_eq!(browser.open("/law?q=%3F%3F").status, 200);
    world.served.stop();
}
