//! A browser without scripts: it keeps cookies, follows redirections, and sends the forms that pages have.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;

pub struct Browser {
    base: String,
    language: &'static str,
    cookies: RefCell<BTreeMap<String, String>>,
    agent: ureq::Agent,
}

pub struct Page {
    pub status: u16,
    /// Where it was found in the end.
    pub path: String,
    pub text: String,
    pub headers: BTreeMap<String, String>,
}

impl Page {
    /// Only the service's own files run, and only the page that checks receipts may run a module.
    pub fn check_policy(&self) {
        let module = if self.path == "/verify" { " 'wasm-unsafe-eval'; connect-src 'self'" } else { "" };
        let wanted = format!(
            "default-src 'none'; script-src 'self'{module}; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        );
        assert_eq!(self.headers["content-security-policy"], wanted, "{}", self.path);
    }
}

impl Browser {
    pub fn new(address: SocketAddr, language: &'static str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        Self { base: format!("http://{address}"), language, cookies: RefCell::default(), agent: config.build().into() }
    }

    /// Somebody who logged in on the page.
    pub fn logged_in(address: SocketAddr, language: &'static str, name: &str, password: &str) -> Self {
        let browser = Self::new(address, language);
        let form = browser.open("/login");
        let page = browser.send(&form, "/login", &[("name", name), ("password", password), ("to", "/")]);
        assert_eq!((page.status, page.path.as_str()), (200, "/"), "{name}: {}", page.text);
        browser
    }

    pub fn open(&self, path: &str) -> Page {
        self.follow("GET", path, None, &[])
    }

    pub fn open_with(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        self.follow("GET", path, None, headers)
    }

    /// Send the form of a page that goes to `action`, with its hidden fields and these.
    pub fn send(&self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let hidden = page.hidden(action).unwrap_or_else(|| panic!("no form goes to {action}: {}", page.text));
        let own = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let own = own.filter(|(name, _)| !fields.iter().any(|(known, _)| known == name));
        let pairs: Vec<String> = own
            .chain(fields.iter().copied())
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        self.follow("POST", action, Some(pairs.join("&")), &[])
    }

    /// A cookie that it has.
    pub fn cookie(&self, name: &str) -> String {
        self.cookies.borrow()[name].clone()
    }

    /// Send something that no page asked for.
    pub fn post(&self, path: &str, body: &str, headers: &[(&str, &str)]) -> Page {
        self.follow("POST", path, Some(body.to_owned()), headers)
    }

    fn follow(&self, method: &str, path: &str, body: Option<String>, headers: &[(&str, &str)]) -> Page {
        let mut page = self.once(method, path, body, headers);
        for _ in 0..5 {
            let Some(to) = page.headers.get("location").filter(|_| page.status == 303).cloned() else { return page };
            page = self.once("GET", &to, None, &[]);
        }
        panic!("{path} goes in circles");
    }

    fn once(&self, method: &str, path: &str, body: Option<String>, headers: &[(&str, &str)]) -> Page {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        request = request.header("accept", "text/html,*/*;q=0.8").header("accept-language", self.language);
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        if method == "POST" {
            if !headers.iter().any(|(name, _)| *name == "origin") {
                request = request.header("origin", &self.base);
            }
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut answer = match body {
            Some(body) => self.agent.run(request.body(body).unwrap()).unwrap(),
            None => self.agent.run(request.body(()).unwrap()).unwrap(),
        };
        for cookie in answer.headers().get_all("set-cookie") {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() || rest.contains("Max-Age=0") {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let text = answer.body_mut().read_to_string().unwrap();
        Page { status: answer.status().as_u16(), path: path.to_owned(), text, headers }
    }
}

impl Page {
    /// Addresses that its links lead to.
    pub fn links(&self) -> Vec<String> {
        let pieces = self.text.split("<a ").skip(1).filter_map(|rest| rest.split('>').next());
        let addresses = pieces.filter_map(|tag| Some(tag.split("href=\"").nth(1)?.split('"').next()?.to_owned()));
        addresses.map(|address| unescaped(&address)).collect()
    }

    /// Hidden fields of the form that goes to an address.
    fn hidden(&self, action: &str) -> Option<Vec<(String, String)>> {
        let forms = self.text.split("<form ").skip(1).map(|rest| rest.split("</form>").next().unwrap());
        let mut forms = forms.filter(|form| form.starts_with("method=\"post\"") || form.contains("method=\"post\""));
        let form = forms.find(|form| {
            form.split("action=\"").nth(1).and_then(|rest| rest.split('"').next()).map(unescaped).as_deref()
                == Some(action)
        })?;
        let inputs = form.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap());
        let inputs = inputs.filter(|input| input.contains("type=\"hidden\""));
        let value =
            |input: &str, name: &str| Some(unescaped(input.split(&format!("{name}=\"")).nth(1)?.split('"').next()?));
        Some(inputs.filter_map(|input| Some((value(input, "name")?, value(input, "value")?))).collect())
    }
}

fn unescaped(text: &str) -> String {
    let pairs = [("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |out, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => out + &char::from(byte).to_string(),
        _ => out + &format!("%{byte:02X}"),
    })
}
