//! Every page as the one it is for: what a phone loads for a first view, and how long the service takes for it, with many decisions
//! logged. Asked one after the other over a connection that stays open; the loopback is in the time.

use super::client::Client;
use super::served::{Place, Served};
use super::{JSON, table_line, tables, told};
use crate::audit::rules;
use crate::gate::world::{Drawn, World};
use crate::machine;
use crate::options::Options;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Decisions of a check's request.
const BATCH: usize = 500;
/// Aims: bytes of a first view as they are sent, and the wait of 95 of 100.
const MOST_BYTES: usize = 100_000;
const LONGEST: Duration = Duration::from_millis(30);
/// Published filings, as many as the lists had in 2025.
const FILINGS: usize = 7_945;
/// Requests of the worker.
const CASES: usize = 60;

/// One line a page.
pub(crate) fn run(options: &Options) -> Result<String, String> {
    let decisions: usize = options.value("decisions", 1_000_000)?;
    let checked: usize = options.value("sample", (decisions / 10).max(1))?;
    let (persons, rounds) = (options.value("persons", 1_000_u64)?, options.value("rounds", 100_usize)?.max(1));
    let parent: PathBuf = options.value("folder", std::env::temp_dir())?;
    let room = tempfile::tempdir_in(parent).map_err(told)?;
    let (_, rules) = rules::all(options)?;
    let world = World::draw(&rules, Drawn::Practices, checked.clamp(1, 20_000), persons, options.value("seed", 1)?)?;
    let place = Place::new(options, options.value("packs", PathBuf::from("packs"))?, room.path(), &world)?;
    let served = place.start("pages", None)?;
    let key = served.set_up()?;
    let start = Instant::now();
    let first = check(&served, &key, &super::records(&world.requests)?, checked)?;
    let logged = decisions.saturating_sub(checked);
    tables::log(&served, &key, &rules, &world.requests, logged)?;
    let took = start.elapsed().as_secs_f64();
    let person = world.requests.first().and_then(|request| request.person.clone()).ok_or("no decision")?;
    let people = People::new(&served, &person)?;
    let algorithm = people.fill(&served, &person)?;
    let mut text = format!(
        "machine: {}\n{checked} checks and {logged} decisions made elsewhere about {persons} persons in {took:.0} s; \
         {FILINGS} published filings, {CASES} requests; {rounds} rounds a page\n\n",
        machine::line()
    );
    text.push_str(
        "| who | page | HTML bytes | first view bytes | gzip | first ms | p50 ms | p95 ms | p99 ms | misses |\n",
    );
    text.push_str("|---|---|---|---|---|---|---|---|---|---|\n");
    let mut missed = 0;
    for (who, session) in &people.sessions {
        let mut client = Client::connect(served.address(), "")?;
        for path in paths(who, &first, &algorithm) {
            let seen = see(&mut client, &path, session, rounds)?;
            missed += usize::from(!seen.misses().is_empty());
            table_line(&mut text, &seen.cells(who, &path));
        }
    }
    let _ = writeln!(text, "\n{missed} pages miss {} kB or {} ms", MOST_BYTES / 1000, LONGEST.as_millis());
    Ok(text)
}

/// Put decisions to the gate; the name of one of the first.
fn check(served: &Served, key: &str, records: &[String], count: usize) -> Result<String, String> {
    let mut client = Client::connect(served.address(), key)?.minimal(true);
    for from in (0..count).step_by(BATCH) {
        let rows = (from..count.min(from + BATCH)).zip(records.iter().cycle().skip(from % records.len().max(1)));
        let rows: Vec<String> = rows.map(|(number, rest)| format!("{{\"id\":\"page-{number}\"{rest}")).collect();
        client.post("/v1/decisions:check", JSON, format!("[{}]", rows.join(",")).as_bytes())?;
    }
    Ok("page-0".to_owned())
}

/// A session each, and a visitor without one.
struct People {
    sessions: Vec<(&'static str, String)>,
}

impl People {
    fn new(served: &Served, person: &str) -> Result<Self, String> {
        let root = served.session("root")?;
        let mut sessions = vec![("anyone", String::new())];
        for (name, persons) in [
            ("person", vec![person]),
            ("officer", vec![]),
            ("reviewer", vec![]),
            ("engineer", vec![]),
            ("regulator", vec![]),
            ("representative", vec![]),
        ] {
            served.account(&root, name, &persons)?;
            sessions.push((name, served.session(name)?));
        }
        sessions.push(("administrator", root));
        Ok(Self { sessions })
    }

    fn client(&self, served: &Served, who: &str) -> Result<Client, String> {
        let session = self.sessions.iter().find(|(name, _)| *name == who).map_or("", |(_, session)| session);
        Client::connect(served.address(), session)
    }

    /// What pages show beside decisions; the algorithm's name.
    fn fill(&self, served: &Served, person: &str) -> Result<String, String> {
        let mut engineer = self.client(served, "engineer")?;
        let description = json!({"provider": "Example", "name": "Dispatch", "class": "dispatch", "affects_labour": true,
            "opinion_attributes": true, "texts": {"purpose": "shorter waits"}});
        let made = engineer.post("/v1/algorithms", JSON, description.to_string().as_bytes())?;
        let made: Value = serde_json::from_slice(&made).map_err(told)?;
        let algorithm = made.get("id").and_then(Value::as_str).ok_or("an algorithm without a name")?.to_owned();
        let version = json!({"id": "dispatch-v1", "text": "the nearest first", "factors": [{"name": "distance"}]});
        engineer.post(&format!("/v1/algorithms/{algorithm}/versions"), JSON, version.to_string().as_bytes())?;
        let mut table =
            "filingType,batch,announcementDate,algorithmName,algorithmClass,role,entityName,product,purpose,\
             recordNumber,remark,province,sourceUrl\n"
                .to_owned();
        for number in 0..FILINGS {
            let _ = writeln!(
                table,
                "互联网信息服务算法备案,1,2023-01,第{number}号推荐算法,个性化推送类,,企业{},产品,让人找得快,\
                 网信算备3101123456789012{number:05}号,,{},https://example.cn/",
                number % 2_000,
                if number % 3 == 0 { "上海" } else { "广东" }
            );
        }
        self.client(served, "officer")?.post("/v1/filings-of-record", "text/csv", table.as_bytes())?;
        let mut worker = self.client(served, "person")?;
        for number in 0..CASES {
            let filing = json!({"kind": "complain", "person": person, "text": format!("no rest, week {number}")});
            worker.post("/v1/cases", JSON, filing.to_string().as_bytes())?;
        }
        Ok(algorithm)
    }
}

/// The pages of a role.
fn paths(who: &str, decision: &str, algorithm: &str) -> Vec<String> {
    let own: &[&str] = match who {
        "person" => &["/me", "/me/requests", "/me/requests/new", "/me/record", "/me/mandates", "/me/hours", "/account"],
        "officer" => &["/desk", "/desk/duties", "/orders", "/operate", "/operate/approvals", "/audit"],
        "reviewer" => &["/desk?stage=review", "/operate"],
        "engineer" => &["/operate", "/operate/actions/dispatch", "/operate/actions/pay", "/operate/approvals"],
        "regulator" => &["/oversight", "/oversight/look-ups", "/orders", "/audit"],
        "representative" => &["/members", "/members/patterns", "/members/new", "/consultations/mine"],
        "administrator" => &["/operate/accounts", "/operate/keys"],
        _ => &[
            "/",
            "/login",
            "/register",
            "/register?q=%E6%8E%A8%E8%8D%90",
            "/register?q=%E6%8E%A8%E8%8D%90&class=push",
            "/register/changes",
            "/enterprises/Example",
            "/consultations",
            "/verify",
            "/indicators",
            "/labels",
            "/law",
            "/law?q=%E5%85%B3%E9%97%AD%E4%B8%AA%E6%80%A7%E5%8C%96",
            "/law/cn.pipl/24/1",
            "/law/cn.pipl",
            "/law/timeline",
        ],
    };
    let mut paths: Vec<String> = own.iter().map(|path| (*path).to_owned()).collect();
    match who {
        "anyone" => paths.push(format!("/register/{algorithm}")),
        "person" => {
            paths.push(format!("/me/decisions/{decision}"));
            // With the reader's own decisions that cited it.
            paths.push("/law/cn.pipl/24/1".to_owned());
        }
        "regulator" => paths.push(format!("/oversight/decisions/{decision}?purpose=measured")),
        _ => {}
    }
    paths
}

/// What was seen of a page.
struct Seen {
    html: usize,
    plain: usize,
    gzip: usize,
    /// The first look of all, which finds nothing that was kept.
    first: Duration,
    /// Those after it, sorted.
    waits: Vec<Duration>,
}

fn see(client: &mut Client, path: &str, session: &str, rounds: usize) -> Result<Seen, String> {
    let start = Instant::now();
    let html = client.page(path, session)?;
    let first = start.elapsed();
    let mut seen = Seen { html: html.len(), plain: html.len(), gzip: zipped(&html)?, first, waits: Vec::new() };
    for part in parts(&String::from_utf8_lossy(&html)) {
        let bytes = client.page(&part, session)?;
        seen.plain += bytes.len();
        seen.gzip += zipped(&bytes)?;
    }
    for _ in 0..rounds {
        let start = Instant::now();
        client.page(path, session)?;
        seen.waits.push(start.elapsed());
    }
    seen.waits.sort_unstable();
    Ok(seen)
}

/// Stylesheet and scripts of a page. A module comes when somebody asks for it.
fn parts(html: &str) -> BTreeSet<String> {
    let html = html.replace("&#x2f;", "/");
    let found = html.split("\"/static/").skip(1).filter_map(|rest| rest.split('"').next());
    found.filter(|name| name.rsplit('.').next() != Some("wasm")).map(|name| format!("/static/{name}")).collect()
}

fn zipped(bytes: &[u8]) -> Result<usize, String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).map_err(told)?;
    Ok(encoder.finish().map_err(told)?.len())
}

impl Seen {
    fn at(&self, percent: usize) -> Duration {
        self.waits
            .get((self.waits.len() * percent / 100).min(self.waits.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    }

    fn misses(&self) -> String {
        let size = (self.plain > MOST_BYTES).then_some("size");
        let time = (self.at(95) >= LONGEST).then_some("time");
        size.into_iter().chain(time).collect::<Vec<_>>().join(", ")
    }

    fn cells(&self, who: &str, path: &str) -> [String; 10] {
        let millis = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
        let [html, plain, gzip] = [self.html, self.plain, self.gzip].map(|bytes| bytes.to_string());
        let [first, median, high, highest] = [self.first, self.at(50), self.at(95), self.at(99)].map(millis);
        [who.to_owned(), format!("`{path}`"), html, plain, gzip, first, median, high, highest, self.misses()]
    }
}
