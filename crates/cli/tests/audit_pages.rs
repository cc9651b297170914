//! Audits from the browser, with the program as people start it: run, cancelled, killed with the service, gone on with, read.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod running;

use running::{PASSWORD, Service, program};
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

/// What one part of a form says.
struct Part<'a> {
    name: &'a str,
    file: Option<&'a str>,
    bytes: &'a [u8],
}

fn field<'a>(name: &'a str, value: &'a str) -> Part<'a> {
    Part { name, file: None, bytes: value.as_bytes() }
}

/// Somebody with a browser.
struct Browser {
    url: String,
    cookie: String,
}

struct Page {
    status: u16,
    text: String,
    to: Option<String>,
    policy: String,
}

impl Browser {
    fn new(service: &Service, name: &str) -> Self {
        Self { url: service.url.clone(), cookie: format!("gongdao_session={}", service.log_in(name)) }
    }

    fn send(&self, method: &str, path: &str, kind: &str, body: Option<Vec<u8>>) -> Page {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent: ureq::Agent = config.build().into();
        let request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        let request =
            request.header("accept", "text/html").header("accept-language", "en").header("cookie", &self.cookie);
        let request = request.header("origin", &self.url).header("content-type", kind);
        let mut answer = match body {
            Some(body) => agent.run(request.body(body).unwrap()).unwrap(),
            None => agent.run(request.body(()).unwrap()).unwrap(),
        };
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (to, policy) = (header("location"), header("content-security-policy").unwrap_or_default());
        let bytes = answer.body_mut().with_config().limit(1 << 28).read_to_vec().unwrap();
        Page { status: answer.status().as_u16(), text: String::from_utf8_lossy(&bytes).into_owned(), to, policy }
    }

    fn open(&self, path: &str) -> Page {
        self.send("GET", path, "", None)
    }

    fn token(&self) -> String {
        let page = self.open("/account");
        page.text.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    fn upload(&self, parts: &[Part<'_>]) -> Page {
        let mut body = Vec::new();
        for part in parts {
            let file = part.file.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
            body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{}\"{file}\r\n\r\n", part.name).bytes());
            body.extend_from_slice(part.bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--x--\r\n");
        self.send("POST", "/audit/runs", "multipart/form-data; boundary=x", Some(body))
    }

    fn act(&self, run: &str, act: &str) -> Page {
        let body = format!("form={}&act={act}", self.token());
        self.send("POST", run, "application/x-www-form-urlencoded", Some(body.into_bytes()))
    }

    fn until(&self, run: &str, words: &str) -> Page {
        let begun = Instant::now();
        loop {
            let page = self.open(run);
            if page.text.contains(words) {
                return page;
            }
            assert!(begun.elapsed() < Duration::from_mins(5), "{words}: {}", page.text);
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

/// A city in a folder, under an allowed one.
fn city(folder: &Path, orders: &str) {
    let made = program().args(["simulate", "--decisions", orders, "--out"]).arg(folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// Processes that a process started and that still run.
fn children_of(id: u32) -> Vec<String> {
    let processes =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    let is_child = |process: &String| {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // Behind the name, which may hold anything and ends with the last bracket: state, parent.
        let behind = stat.rsplit(')').next().unwrap_or_default();
        behind.split_whitespace().nth(1) == Some(id.to_string().as_str())
    };
    processes.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).filter(is_child).collect()
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[test]
fn the_ledger_is_audited_from_the_browser_and_reading_the_report_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(&folder.path().join("data"), &[]);
    let (officer, key) = service.set_up();
    service.post("/v1/decisions:check", &key, &running::recommend("d-1", "somebody"));
    let browser = Browser::new(&service, "officer");
    let token = browser.token();
    let foreign = browser.upload(&[field("form", "0000"), field("source", "ledger")]);
    assert_eq!(foreign.status, 403, "{}", foreign.text);
    for parts in [
        vec![field("form", &token)],
        vec![field("form", &token), field("source", "folder:../..")],
        vec![field("form", &token), field("source", "upload")],
        vec![
            field("form", &token),
            field("source", "upload"),
            Part { name: "data", file: Some("../a.csv"), bytes: b"x" },
        ],
    ] {
        let page = browser.upload(&parts);
        assert_eq!(page.status, 422, "{}", page.text);
    }
    assert!(browser.open("/audit").text.contains("Nothing was audited here yet"));
    let started = browser.upload(&[field("form", &token), field("source", "ledger")]);
    let run = started.to.unwrap_or_else(|| panic!("{}", started.text));
    let done = browser.until(&run, "Read the report");
    assert!(!done.text.contains("http-equiv=\"refresh\""), "{}", done.text);
    let report = browser.open(&format!("{run}/report"));
    assert!(
        report.status == 200 && report.text.contains("<html") && !report.text.contains("<script"),
        "{}",
        report.text
    );
    assert!(report.policy.contains("default-src 'none'") && !report.policy.contains("script"), "{}", report.policy);
    assert!(browser.open(&format!("{run}/files/summary.json")).text.contains("\"decisions\": 1"));
    for absent in ["files/run.json", "files/..%2Frun.json", "files/told.txt"] {
        assert_eq!(browser.open(&format!("{run}/{absent}")).status, 404, "{absent}");
    }
    let id = run.rsplit('/').next().unwrap();
    let mut answer = ureq::get(format!("{}/v1/operations?kind=access", service.url))
        .header("authorization", format!("Bearer {officer}"))
        .call()
        .unwrap();
    let noted = answer.body_mut().read_to_string().unwrap();
    for what in ["started", "report-opened", "fetched summary.json"] {
        assert!(noted.contains(what) && noted.contains(id), "{what}: {noted}");
    }
    // Those who may not, and names that lead elsewhere.
    let root = service.log_in("root");
    service.post("/v1/accounts", &root, &json!({"name": "engineer", "roles": ["engineer"], "password": PASSWORD}));
    let engineer = Browser::new(&service, "engineer");
    for path in ["/audit", run.as_str(), &format!("{run}/report")] {
        assert_eq!(engineer.open(path).status, 403, "{path}");
    }
    assert_eq!(browser.open("/audit/runs/..").status, 404);
    assert_eq!(browser.act(&run, "remove").to.as_deref(), Some("/audit"));
    assert_eq!(browser.open(&run).status, 404);
    assert_eq!(service.terminate(), Some(0));
}

#[test]
fn an_upload_with_its_adapter_is_audited_and_one_that_does_not_fit_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(&folder.path().join("data"), &[]);
    service.set_up();
    let browser = Browser::new(&service, "officer");
    let token = browser.token();
    let adapter = "format = 1\nname = \"one\"\nzh = \"一\"\nen = \"one\"\nkind = \"decisions\"\ndata = \".\"\n\n\
        [[table]]\nname = \"t\"\nfiles = [\"t.csv\"]\ncolumns = { id = \"text\", at = \"instant\", person = \"text\" }\n\n\
        [decisions]\nsql = \"decisions.sql\"\n";
    let query = "SELECT id AS decision_id, at, 'recommend' AS action, person, _file, _row FROM t";
    let table = "id,at,person\nd-1,2026-05-01T12:00:00+08:00,p\n";
    let parts = |data: &'static str| {
        vec![
            field("form", &token),
            field("source", "upload"),
            Part { name: "adapter", file: Some("mine.toml"), bytes: adapter.as_bytes() },
            Part { name: "data", file: Some(data), bytes: table.as_bytes() },
            Part { name: "data", file: Some("decisions.sql"), bytes: query.as_bytes() },
        ]
    };
    let started = browser.upload(&parts("t.csv"));
    let run = started.to.unwrap_or_else(|| panic!("{}", started.text));
    let page = browser.until(&run, "All audits");
    assert_eq!(page.status, 200);
    let ended = browser.until(&run, "Delete");
    assert!(ended.text.contains("Read the report"), "{}", ended.text);
    let other = browser.upload(&parts("other.csv"));
    let failed = browser.until(&other.to.unwrap(), "it did not work");
    assert!(failed.text.contains("t.csv"), "what is missing is said: {}", failed.text);
    assert_eq!(service.terminate(), Some(0));
}

#[test]
fn an_audit_is_cancelled_goes_on_and_survives_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let sources = folder.path().join("sources");
    std::fs::create_dir(&sources).unwrap();
    city(&sources.join("city"), "60000");
    let config = folder.path().join("gongdao.toml");
    std::fs::write(&config, format!("[audits]\nsources = {:?}\n", sources.display().to_string())).unwrap();
    let data = folder.path().join("data");
    let more = ["--config", config.to_str().unwrap()];
    let service = Service::start(&data, &more);
    service.set_up();
    let browser = Browser::new(&service, "officer");
    let token = browser.token();
    let parts = [field("form", &token), field("source", "folder:city")];
    // Of four that begin at once one runs.
    let begun: Vec<Page> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(|| browser.upload(&parts))).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(begun.iter().filter(|page| page.status == 503).count(), 3, "as many as may run");
    let run = begun.iter().find_map(|page| page.to.clone()).unwrap();
    assert_eq!(children_of(service.child.id()).len(), 1, "one audit runs");
    assert!(browser.open(&run).text.contains("http-equiv=\"refresh\""));
    assert_eq!(browser.upload(&parts).status, 503, "one at a time");
    assert_eq!(browser.act(&run, "cancel").to.as_deref(), Some(run.as_str()));
    assert!(browser.open(&run).text.contains("cancelled; it can go on"));
    assert_eq!(browser.act(&run, "cancel").status, 409, "it does not run");
    browser.act(&run, "go-on");
    assert!(browser.open(&run).text.contains(">running<"));
    // The service is killed, and with it nothing of what was done.
    let children = children_of(service.child.id());
    assert_eq!(children.len(), 1, "one audit runs");
    service.kill();
    for id in children {
        std::process::Command::new("kill").args(["-9", &id]).status().unwrap();
    }
    let service = Service::start(&data, &more);
    let browser = Browser::new(&service, "officer");
    let page = browser.open(&run);
    assert!(
        page.text.contains("stopped; it can go on") && page.text.contains("The service ended while it ran"),
        "{}",
        page.text
    );
    browser.act(&run, "go-on");
    browser.until(&run, "Read the report");
    let name = run.rsplit('/').next().unwrap();
    let result = data.join("audits").join(name).join("result");
    // The same audit by hand comes to the same rows.
    let alone = folder.path().join("alone");
    let by_hand =
        program().arg("audit").arg(sources.join("city/adapter.toml")).arg("--out").arg(&alone).arg("--quiet").output();
    assert_eq!(by_hand.unwrap().status.code(), Some(1), "the city holds planted violations");
    for file in ["findings.parquet", "verdicts.parquet"] {
        assert!(read(&result.join(file)) == read(&alone.join(file)), "{file} differs");
    }
    assert_eq!(service.terminate(), Some(0));
}
