//! A register with an algorithm, people with roles, and published filings.

use crate::browser::{Browser, Page};
use crate::support::client::{Answer, Client};
use crate::support::{Served, since_epoch, start};
use gongdao_model::{Instant, LegalDate};
use gongdao_service::port::{Documents, Expected, Put};
use gongdao_store::SqlStore;
use serde_json::{Value, json};
use std::fmt::Write as _;

pub const PASSWORD: &str = "correct horse battery";

pub struct World {
    pub served: Served,
    pub machine: Client,
    pub engineer: Client,
    pub officer: Client,
    pub union: Client,
    pub rider: Client,
    pub regulator: Client,
    pub algorithm: std::cell::RefCell<String>,
    folder: tempfile::TempDir,
}

pub fn made(answer: &Answer) -> Value {
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

fn log_in(served: &Served, name: &str) -> Client {
    let session = Client::new(served.address, None).post("/v1/sessions", &json!({"name": name, "password": PASSWORD}));
    Client::new(served.address, made(&session)["token"].as_str())
}

impl World {
    pub fn new() -> Self {
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
            rider: account("rider", "person", &["p-1"]),
            regulator: account("authority", "regulator", &[]),
            algorithm: std::cell::RefCell::default(),
            served,
            folder,
        }
    }

    pub fn browser(&self, language: &'static str, name: &str) -> Browser {
        Browser::logged_in(self.served.address, language, name, PASSWORD)
    }

    /// A day from today on, in Asia/Shanghai.
    pub fn day(from_today: i32) -> String {
        let now = Instant::from_millis(since_epoch().as_millis() as i64).unwrap();
        LegalDate::from_day_number(now.date_in_shanghai().day_number() + from_today).unwrap().to_string()
    }

    pub fn algorithm(&self) -> String {
        let description = json!({"provider": "<b>平台", "name": "配送调度", "class": "dispatch", "affects_labour": true,
            "opinion_attributes": true, "texts": {"purpose": "少等五分钟"}});
        let id = made(&self.engineer.post("/v1/algorithms", &description))["id"].as_str().unwrap().to_owned();
        self.algorithm.replace(id.clone());
        id
    }

    pub fn version(&self, id: &str, text: &str, weight: &str) {
        let new = json!({"id": id, "text": text, "factors": [{"name": "距离", "weight": weight, "meaning": "骑行"}]});
        made(&self.engineer.post(&format!("/v1/algorithms/{}/versions", self.algorithm.borrow()), &new));
    }

    pub fn consultation(&self, version: &str) -> String {
        let actor = |client: &Client| client.get("/v1/me").json()["actor"].clone();
        let call = json!({"last_day": Self::day(5), "question": "新的计价规则怎么样？", "seats": [
            {"side": "union", "name": "某市工会", "account": actor(&self.union)},
            {"side": "platform", "name": "某平台", "account": actor(&self.officer)}]});
        let answer = self.officer.post(&format!("/v1/versions/{version}/consultations"), &call);
        made(&answer)["id"].as_str().unwrap().to_owned()
    }

    /// As if the last day for comments had been yesterday.
    pub fn end_comments(&self, id: &str) {
        let store = SqlStore::sqlite(&self.folder.path().join("state.sqlite")).unwrap();
        let found = store.document("register-consultations", id).unwrap().unwrap();
        let mut body: Value = serde_json::from_str(&found.body).unwrap();
        body["last_day"] = Self::day(-1).into();
        let put = Put {
            collection: "register-consultations",
            id: id.to_owned(),
            expected: Expected::Version(found.version),
            body: Some(body.to_string()),
            alias: None,
            expires: None,
        };
        store.change("test", &[put], &[]).unwrap();
    }

    /// How many documents of photos the database has.
    pub fn photo_documents(&self) -> usize {
        let store = SqlStore::sqlite(&self.folder.path().join("state.sqlite")).unwrap();
        let count = |collection| store.list(collection, None, 100).unwrap().len();
        count("desk-photos") + count("desk-photo-bytes")
    }

    /// So many filings of the published lists.
    pub fn import(&self, count: usize) {
        let head = "filingType,batch,announcementDate,algorithmName,algorithmClass,role,entityName,product,purpose,recordNumber,remark,province,sourceUrl";
        let mut table = format!("{head}\n");
        for number in 1..=count {
            let province = if number % 2 == 0 { "上海" } else { "广东" };
            let class = if number % 5 == 0 { "调度决策类" } else { "个性化推送类" };
            let _ = writeln!(
                table,
                "推荐算法,第{}批,2023-01,第{number}号算法,{class},,企业{},产品,少等,网信算备3101123456789{number:08}号,,{province},https://example.cn/list",
                number / 100,
                number / 3
            );
        }
        let answer = self.officer.raw("/v1/filings-of-record", "text/csv", table.as_bytes());
        assert_eq!((answer.status, &answer.json()["added"]), (200, &json!(count)), "{}", answer.text);
    }
}

/// What must hold of every page.
pub fn check(page: &Page, language: &str) {
    let at = &page.path;
    assert!(page.headers["content-type"].starts_with("text/html"), "{at}: {:?}", page.headers);
    page.check_policy();
    let tag = if language == "zh" { "zh-Hans" } else { "en" };
    assert!(page.text.contains(&format!("<html lang=\"{tag}\">")), "{at}: another language");
    let scripts = page.text.matches("<script").count();
    assert_eq!(scripts, page.text.matches("<script src=\"&#x2f;static&#x2f;").count(), "{at} has a script of its own");
    for wrong in ["style=\"", "<style", "src=\"http", "href=\"http", "{{", "onclick"] {
        assert!(!page.text.contains(wrong), "{at} has `{wrong}`: {}", page.text);
    }
    for key in ["page.", "register.", "explain."] {
        let is_key = |rest: &str| rest.starts_with(|next: char| next.is_ascii_lowercase());
        let found = page.text.split(key).skip(1).find(|rest| is_key(rest) && !rest.starts_with("atom"));
        assert!(found.is_none(), "{at} shows a key below `{key}`: {:?}", found.map(|rest| &rest[..rest.len().min(80)]));
    }
    assert!(language == "en" || !page.text.contains(">none<"), "{at} prints nothing as `none`");
    assert!(page.text.len() < 85_000, "{at}: {} bytes", page.text.len());
    assert_eq!(page.text.matches("<h1").count(), 1, "{at}");
}

pub fn opened(browser: &Browser, path: &str, language: &str) -> Page {
    let page = browser.open(path);
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    check(&page, language);
    page
}

/// Sends a form that the page does not offer, with the session's token.
pub fn form_of(browser: &Browser, page: &str, action: &str, fields: &[(&str, &str)]) -> Page {
    let token = browser.open(page);
    let token = token.text.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", crate::browser::encoded(value)));
    let body: Vec<String> = pairs.chain([format!("form={token}")]).collect();
    browser.post(action, &body.join("&"), &[])
}
