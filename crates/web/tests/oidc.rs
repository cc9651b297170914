//! Login with another provider: a certified one from npm, on this machine, and a browser that keeps cookies, follows links and
//! sends forms, without a script.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]
#![allow(clippy::print_stdout, reason = "says what is skipped")]

#[path = "oidc/browser.rs"]
mod browser;
#[path = "oidc/provider.rs"]
mod provider;
mod support;

use browser::Browser;
use provider::Provider;
use serde_json::{Value, json};
use support::client::Client;
use support::{Served, start};

const PASSWORD: &str = "correct horse battery";

/// A service beside a provider; nothing where no provider can be had.
struct World {
    served: Served,
    provider: Provider,
    admin: Client,
    url: String,
    _folder: tempfile::TempDir,
}

impl World {
    fn new(more: &[(&'static str, &str)]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        let provider = Provider::start(&format!("{url}/v1/oidc/callback"))?;
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "a secret: with signs/+&\n").unwrap();
        let mut flags = vec![
            ("public_url", url.clone()),
            ("oidc.issuer", provider.issuer.clone()),
            ("oidc.client_id", "gongdao".to_owned()),
            ("oidc.client_secret_file", secret.display().to_string()),
        ];
        flags.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let served = start(&folder.path().join("data"), &format!("127.0.0.1:{port}"), &flags);
        let nobody = Client::new(served.address, None);
        let token = served.token.as_ref().unwrap().reveal();
        nobody.post("/v1/setup", &json!({"token": token, "name": "root", "password": PASSWORD}));
        let session = nobody.post("/v1/sessions", &json!({"name": "root", "password": PASSWORD})).json();
        let admin = Client::new(served.address, session["token"].as_str());
        Some(Self { served, provider, admin, url, _folder: folder })
    }

    /// Whom a browser is logged in as here.
    fn me(&self, browser: &Browser) -> Option<Value> {
        let answer = browser.get(&format!("{}/v1/me", self.url));
        (answer.status == 200).then(|| serde_json::from_str(&answer.text).unwrap())
    }

    /// The provider's answer to a login under a name: the address here that it sends the browser to.
    fn come_back(&self, browser: &Browser, begin: &str, name: &str) -> String {
        let callback = format!("{}/v1/oidc/callback", self.url);
        browser.log_in(&format!("{}{begin}", self.url), name, &callback)
    }

    fn account(&self, name: &str, roles: &[&str]) -> String {
        let made = self.admin.post("/v1/accounts", &json!({"name": name, "roles": roles, "password": PASSWORD}));
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["id"].as_str().unwrap().to_owned()
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn whoever_was_linked_logs_in_and_out_and_nobody_else_does() {
    let Some(world) = World::new(&[]) else { return };
    let browser = Browser::default();
    let unknown = browser.get(&world.come_back(&browser, "/v1/oidc/login", "s-1"));
    assert_eq!(unknown.status, 401, "{}", unknown.text);
    assert!(unknown.text.contains("no account here is linked to `s-1`"), "{}", unknown.text);
    assert_eq!(world.me(&browser), None, "the provider says `root`, which is an account here: a name links nobody");
    let id = world.account("Li", &["regulator"]);
    let link = json!({"issuer": world.provider.issuer, "subject": "s-1"});
    assert_eq!(world.admin.post(&format!("/v1/accounts/{id}/links"), &link).status, 204);
    let back = world.come_back(&browser, "/v1/oidc/login?to=/v1/me", "s-1");
    let page = browser.get(&back);
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains(r#"content="0;url=/v1/me""#) && !page.text.contains("<script"), "{}", page.text);
    assert_eq!(world.me(&browser).unwrap()["actor"], format!("account:{id}"));
    // The same answer again, and somebody else's answer in this browser.
    assert_eq!(browser.get(&back).status, 401);
    let other = Browser::default();
    let stolen = world.come_back(&other, "/v1/oidc/login", "s-1");
    assert_eq!(Browser::default().get(&stolen).status, 401);
    assert_eq!(browser.get(&stolen).status, 401);
    let out = browser.post(&format!("{}/v1/oidc/logout", world.url));
    assert_eq!(out.status, 200, "{}", out.text);
    assert!(out.text.contains(&format!("url={}/session/end?client_id=gongdao", world.provider.issuer)), "{}", out.text);
    assert_eq!(world.me(&browser), None);
    assert_eq!(world.admin.post(&format!("/v1/accounts/{id}/links:remove"), &link).status, 204);
    assert_eq!(browser.get(&world.come_back(&browser, "/v1/oidc/login", "s-1")).status, 401);
    world.served.stop();
}

#[test]
fn whoever_is_logged_in_links_their_own_account() {
    let Some(world) = World::new(&[]) else { return };
    let id = world.account("courier", &["person"]);
    let browser = Browser::default();
    browser.post_json(&format!("{}/v1/sessions", world.url), &json!({"name": "courier", "password": PASSWORD}));
    assert_eq!(Browser::default().get(&format!("{}/v1/oidc/link", world.url)).status, 401);
    let page = browser.get(&world.come_back(&browser, "/v1/oidc/link", "s-7"));
    assert!(page.status == 200 && page.text.contains("账号已关联"), "{}", page.text);
    let later = Browser::default();
    assert_eq!(later.get(&world.come_back(&later, "/v1/oidc/login", "s-7")).status, 200);
    assert_eq!(world.me(&later).unwrap()["actor"], format!("account:{id}"));
    world.served.stop();
}

#[test]
fn the_providers_groups_give_roles_where_the_operator_says_so() {
    let Some(world) = World::new(&[("oidc.roles_claim", "groups"), ("oidc.role_officer", "legal")]) else { return };
    let browser = Browser::default();
    assert_eq!(browser.get(&world.come_back(&browser, "/v1/oidc/login", "s-1")).status, 401, "a group without a role");
    // Another browser: in this one the provider remembers who logged in.
    let browser = Browser::default();
    assert_eq!(browser.get(&world.come_back(&browser, "/v1/oidc/login", "legal-1")).status, 200);
    let me = world.me(&browser).unwrap();
    assert_eq!(me["roles"], json!(["officer"]), "{me}");
    assert!(me["name"].as_str().unwrap().starts_with("root ("), "the provider's name is taken here: {me}");
    world.served.stop();
}

#[test]
fn what_cannot_be_believed_logs_nobody_in() {
    let Some(world) = World::new(&[]) else { return };
    let browser = Browser::default();
    for address in
        ["/v1/oidc/login?to=https://evil.example", "/v1/oidc/login?to=//evil.example", "/v1/oidc/login?to=/%5Cevil"]
    {
        assert_eq!(browser.get(&format!("{}{address}", world.url)).status, 422, "{address}");
    }
    let back = world.come_back(&browser, "/v1/oidc/login", "s-1");
    let changed = |from: &str, to: &str| {
        let (before, after) = back.split_once(&format!("{from}=")).unwrap();
        let rest = after.split_once('&').map_or("", |(_, rest)| rest);
        format!("{before}{from}={to}&{rest}")
    };
    assert_eq!(browser.get(&changed("state", "0")).status, 401);
    assert_eq!(browser.get(&changed("iss", "https%3A%2F%2Fevil.example")).status, 401);
    let back = world.come_back(&browser, "/v1/oidc/login", "s-1");
    let (start, _) = back.split_once("code=").unwrap();
    let state = back.split_once("state=").unwrap().1.split('&').next().unwrap();
    let iss = world.provider.issuer.replace(':', "%3A").replace('/', "%2F");
    let wrong = browser.get(&format!("{start}code=0&state={state}&iss={iss}"));
    assert_eq!(wrong.status, 502, "a code that the provider did not give: {}", wrong.text);
    assert!(!wrong.text.contains("token endpoint"), "the reason is in the log alone");
    world.provider.stop();
    assert_eq!(browser.get(&changed("code", "0")).status, 401);
    world.served.stop();
}
