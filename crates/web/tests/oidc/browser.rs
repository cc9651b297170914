//! A browser without scripts: cookies by host, links, forms. It keeps the rule that matters here: cookies that are `Strict` are
//! not sent where another site sends the browser.

use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Browser {
    /// Origin, name: value, and whether it is sent from other sites.
    cookies: RefCell<BTreeMap<(String, String), (String, bool)>>,
}

pub struct Page {
    pub status: u16,
    pub text: String,
    location: Option<String>,
}

impl Browser {
    pub fn get(&self, address: &str) -> Page {
        self.send("GET", address, "", "", true)
    }

    pub fn post(&self, address: &str) -> Page {
        self.send("POST", address, "", "", true)
    }

    pub fn post_json(&self, address: &str, body: &Value) -> Page {
        self.send("POST", address, "application/json", &body.to_string(), true)
    }

    /// Begin at an address, log in at the provider under a name and agree; stops before `callback` is opened.
    pub fn log_in(&self, begin: &str, name: &str, callback: &str) -> String {
        let mut page = self.get(begin);
        assert_eq!(page.status, 303, "{}", page.text);
        let mut address = begin.to_owned();
        for _ in 0..20 {
            if let Some(location) = page.location.take() {
                address = absolute(&address, &location);
                if address.starts_with(callback) {
                    return address;
                }
                page = self.send("GET", &address, "", "", false);
                continue;
            }
            assert_eq!(page.status, 200, "{address}: {}", page.text);
            let action = between(&page.text, "action=\"", "\"").unwrap_or_else(|| panic!("no form: {}", page.text));
            let prompt = between(&page.text, "name=\"prompt\" value=\"", "\"").unwrap();
            let form = if prompt == "login" {
                format!("prompt=login&login={name}&password=any")
            } else {
                format!("prompt={prompt}")
            };
            address = absolute(&address, &action);
            page = self.send("POST", &address, "application/x-www-form-urlencoded", &form, true);
        }
        panic!("the provider goes in circles: {}", page.text);
    }

    fn send(&self, method: &str, address: &str, kind: &str, body: &str, own: bool) -> Page {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
        let mut request = ureq::http::Request::builder().method(method).uri(address);
        let origin = origin(address);
        let cookies = self.cookies.borrow();
        let sent = cookies.iter().filter(|((at, _), (_, lax))| *at == origin && (own || *lax));
        let sent: Vec<String> = sent.map(|((_, name), (value, _))| format!("{name}={value}")).collect();
        drop(cookies);
        if !sent.is_empty() {
            request = request.header("cookie", sent.join("; "));
        }
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        if method == "POST" {
            request = request.header("origin", &origin);
        }
        let mut answer = if method == "POST" {
            agent.run(request.body(body.to_owned()).unwrap()).unwrap()
        } else {
            agent.run(request.body(()).unwrap()).unwrap()
        };
        for set in answer.headers().get_all("set-cookie") {
            self.keep(&origin, set.to_str().unwrap());
        }
        let location = answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        // Templates escape more signs than they have to.
        let text = answer.body_mut().read_to_string().unwrap().replace("&#x2f;", "/");
        Page { status: answer.status().as_u16(), text, location }
    }

    fn keep(&self, origin: &str, set: &str) {
        let (pair, rest) = set.split_once(';').unwrap_or((set, ""));
        let (name, value) = pair.split_once('=').unwrap();
        let key = (origin.to_owned(), name.to_owned());
        let rest = rest.to_ascii_lowercase();
        if value.is_empty() || rest.contains("max-age=0") || rest.contains("thu, 01 jan 1970") {
            self.cookies.borrow_mut().remove(&key);
        } else {
            self.cookies.borrow_mut().insert(key, (value.to_owned(), !rest.contains("samesite=strict")));
        }
    }
}

fn origin(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap();
    format!("{scheme}://{}", rest.split(['/', '?']).next().unwrap())
}

fn absolute(base: &str, link: &str) -> String {
    if link.contains("://") { link.to_owned() } else { format!("{}{link}", origin(base)) }
}

fn between(text: &str, start: &str, end: &str) -> Option<String> {
    let from = text.find(start)? + start.len();
    let until = text[from..].find(end)? + from;
    Some(text[from..until].replace("&amp;", "&"))
}
