//! The pages that everyone can open: the register, consultations, receipts, figures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]

#[path = "pages/browser.rs"]
mod browser;
#[path = "public_pages/world.rs"]
mod world;

mod support;

use browser::{Browser, Page};
use serde_json::json;
use std::collections::BTreeSet;
use world::{World, check, form_of, opened};

#[test]
fn thousands_of_published_filings_are_searched_filtered_and_paged() {
    let world = World::new();
    world.import(2500);
    for language in ["zh", "en"] {
        let browser = Browser::new(world.served.address, language);
        let first = opened(&browser, "/register", language);
        assert!(first.text.contains("2500"), "{}", first.text);
        let of = |links: Vec<String>| -> BTreeSet<String> {
            links.into_iter().filter(|link| link.starts_with("/register/filings/")).collect()
        };
        let more = first.links().into_iter().find(|link| link.contains("more=")).unwrap();
        let second = opened(&browser, &more, language);
        let (one, other) = (of(first.links()), of(second.links()));
        assert!(one.len() == 20 && other.len() == 20 && one.is_disjoint(&other), "{one:?} {other:?}");
        // 上海 has every second filing, 调度决策类 every fifth.
        let shanghai = opened(&browser, "/register?province=%E4%B8%8A%E6%B5%B7", language);
        assert!(shanghai.text.contains("1250") && shanghai.text.contains("selected"), "{}", shanghai.text);
        assert!(opened(&browser, "/register?class=dispatch", language).text.contains("500"));
        let found = opened(&browser, "/register?q=%E7%AC%AC1234%E5%8F%B7", language);
        assert_eq!(of(found.links()).len(), 1, "{}", found.text);
        let card = opened(&browser, of(found.links()).first().unwrap(), language);
        assert!(card.text.contains("网信算备310112345678900001234号"), "{}", card.text);
        let enterprise = card.links().into_iter().find(|link| link.starts_with("/enterprises/")).unwrap();
        assert!(opened(&browser, &enterprise, language).text.contains("第1234号算法"));
        // With one criterion of workers the lists are left out: they say nothing about it.
        assert!(!opened(&browser, "/register?labour=yes", language).text.contains("2500"));
        for wrong in ["/register?q=%00", "/register/filings/none", "/enterprises/none", "/register/none"] {
            assert!(browser.open(wrong).status >= 400, "{wrong}");
        }
    }
    world.served.stop();
}

#[test]
fn what_is_the_same_for_everyone_goes_out_compressed_and_nothing_else_does() {
    let world = World::new();
    let gzip = ("accept-encoding", "gzip, br");
    let nobody = support::client::Client::new(world.served.address, None);
    let ask = |path: &str, headers: &[(&str, &str)]| nobody.send("GET", path, headers, None);
    let plain = ask("/law", &[]);
    let style = plain.text.split('"').find(|part| part.contains("static") && part.contains(".css")).unwrap();
    let style = style.replace("&#x2f;", "/");
    for path in ["/law", "/", style.as_str(), style.as_str(), "/v1/providers"] {
        let whole = ask(path, &[]);
        assert_eq!((whole.status, whole.header("content-encoding")), (200, None), "{path}");
        let small = ask(path, &[gzip]);
        let varies = |answer: &support::client::Answer| {
            answer.headers.iter().any(|(name, value)| name == "vary" && value == "accept-encoding")
        };
        let is_long = whole.text.len() >= 1024;
        assert_eq!((small.header("content-encoding").is_some(), varies(&small)), (is_long, is_long), "{path}");
        assert_eq!(varies(&whole), is_long, "{path}");
        assert_eq!(small.header("content-length").unwrap().parse::<usize>().unwrap() < whole.text.len(), is_long);
    }
    for secret in [("authorization", "Bearer abc"), ("cookie", "gongdao_session=abc"), ("cookie", "gongdao_form=x")] {
        let answer = ask("/law", &[gzip, secret]);
        assert_eq!((answer.status, answer.header("content-encoding")), (200, None), "{secret:?}");
    }
    let login = ask("/login", &[gzip]);
    assert_eq!((login.status, login.header("content-encoding")), (200, None), "it gives a cookie for its form");
    // The service's own files hold nothing of anybody.
    let file = ask(&style, &[gzip, ("cookie", "gongdao_session=abc")]);
    assert_eq!(file.header("content-encoding"), Some("gzip"));
    world.served.stop();
}

#[test]
fn the_card_shows_what_changes_from_which_day_and_whether_the_text_was_touched() {
    let world = World::new();
    let algorithm = world.algorithm();
    world.version("dispatch-v7", "一\n二\n<b>三</b>\n四\n五\n六\n七\n八", "0.6");
    world.version("dispatch-v8", "一\n二\n三半\n四\n五\n六\n七\n八", "0.4");
    let day = World::day(10);
    let published = world.officer.post("/v1/versions/dispatch-v8/events", &json!({"what": "published", "from": day}));
    assert_eq!(published.status, 200, "{}", published.text);
    for (language, next, holds, gone) in [
        ("zh", "dispatch-v8 还有 10 天起用", "和登记的摘要一致", "…… 3 行没有变"),
        ("en", "dispatch-v8 takes effect in 10 days", "it matches the registered digest", "… 3 lines are the same"),
    ] {
        let browser = Browser::new(world.served.address, language);
        let list = opened(&browser, "/register", language);
        assert!(list.text.contains(next), "{}", list.text);
        let card = opened(&browser, &format!("/register/{algorithm}"), language);
        for words in [next, "&lt;b&gt;平台", "少等五分钟"] {
            assert!(card.text.contains(words), "{words}: {}", card.text);
        }
        assert!(card.links().iter().any(|link| link.ends_with("/export?format=atrs")));
        let version = opened(&browser, "/register/versions/dispatch-v8", language);
        assert!(version.text.contains(holds) && version.text.contains("sha256:"), "{}", version.text);
        assert!(version.links().contains(&"/law/cn.iisarmp/16".to_owned()) || version.text.contains("/law/"));
        let diff = card.links().into_iter().find(|link| link.starts_with("/register/compare")).unwrap();
        let diff = opened(&browser, &diff, language);
        for words in ["<del>&lt;b&gt;三&lt;&#x2f;b&gt;</del>", "<ins>三半</ins>", gone, "0.6", "0.4"] {
            assert!(diff.text.contains(words), "{words}: {}", diff.text);
        }
        let same = opened(&browser, "/register/compare?old=dispatch-v7&new=dispatch-v7", language);
        assert!(!same.text.contains("<del>"));
        assert_eq!(browser.open("/register/compare?old=dispatch-v7").status, 404);
        let changes = opened(&browser, "/register/changes", language);
        assert!(changes.links().contains(&"/v1/register.atom".to_owned()));
        assert!(changes.links().contains(&"/register/versions/dispatch-v8".to_owned()), "{:?}", changes.links());
        let enterprise = card.links().into_iter().find(|link| link.starts_with("/enterprises/")).unwrap();
        let enterprise = opened(&browser, &enterprise, language);
        assert!(enterprise.links().contains(&format!("/register/{algorithm}")), "{}", enterprise.text);
    }
    world.served.stop();
}

#[test]
fn a_long_rule_is_read_in_parts_that_a_phone_can_load() {
    let world = World::new();
    world.algorithm();
    let text: Vec<String> = (1..=900).map(|number| format!("第 {number} 条：按距离和时间计价，雨天加价。")).collect();
    world.version("dispatch-v9", &text.join("\n"), "1");
    let browser = Browser::new(world.served.address, "zh");
    let (mut path, mut read) = ("/register/versions/dispatch-v9".to_owned(), 0);
    loop {
        let page = opened(&browser, &path, "zh");
        read += page.text.matches("<li>第 ").count();
        match page.links().into_iter().find(|link| link.contains("?line=")) {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(read, 900);
    for line in ["0", "901", "99999999"] {
        assert_eq!(browser.open(&format!("/register/versions/dispatch-v9?line={line}")).status, 200, "{line}");
    }
    assert!(browser.open("/register/versions/dispatch-v9?line=-1").status >= 400);
    world.served.stop();
}

#[test]
fn seats_comment_answer_meet_conclude_agree_and_report_and_everyone_reads_it() {
    let world = World::new();
    world.algorithm();
    world.version("dispatch-v8", "一\n二\n三", "1");
    let id = world.consultation("dispatch-v8");
    let here = format!("/consultations/{id}");
    let anyone = Browser::new(world.served.address, "zh");
    let page = opened(&anyone, &here, "zh");
    assert!(page.text.contains("工会") && !page.text.contains("<form method=\"post\" action=\"&#x2f;consultations"));
    let union = world.browser("en", "union");
    let officer = world.browser("zh", "officer");
    let mine = opened(&union, "/consultations/mine", "en");
    assert!(mine.links().contains(&here), "{}", mine.text);
    let page = opened(&union, &here, "en");
    let wrong = union.send(
        &page,
        &format!("{here}/comment"),
        &[("from_line", "3"), ("to_line", "9"), ("text", "detour not counted")],
    );
    assert!(wrong.status == 422 && wrong.text.contains("detour not counted"), "{}", wrong.text);
    let said = [("from_line", "2"), ("to_line", "3"), ("text", "<i>detour</i> not counted")];
    let done = union.send(&wrong, &format!("{here}/comment"), &said);
    check(&done, "en");
    assert!(done.text.contains("&lt;i&gt;detour&lt;&#x2f;i&gt;") && done.text.contains("1 comments, 1 not answered"));
    assert!(!done.text.contains(&format!("action=\"{here}/answer\"").replace('/', "&#x2f;")), "not theirs to answer");
    let page = opened(&officer, &here, "zh");
    let answer = [("number", "1"), ("status", "not-taken"), ("text", "另行计算")];
    let done = officer.send(&page, &format!("{here}/answer"), &answer);
    assert!(done.text.contains("不采纳") && done.text.contains("另行计算"), "{}", done.text);
    let today = World::day(0);
    let met = [("on", today.as_str()), ("present", "union-1"), ("present", "platform-1"), ("minutes", "谈了绕行")];
    assert!(officer.send(&done, &format!("{here}/meet"), &met).text.contains("谈了绕行"));
    world.end_comments(&id);
    let late = union.send(&page_of(&union, &here), &format!("{here}/meet"), &[("on", "x"), ("minutes", "y")]);
    assert_eq!(late.status, 422);
    let late = form_of(&union, &here, &format!("{here}/comment"), &said);
    assert!(late.status == 409 && late.text.contains("Too late: it was not handed in"), "{}", late.text);
    assert!(late.text.contains("detour"), "what was written is not lost");
    let page = opened(&officer, &here, "zh");
    let done = officer.send(&page, &format!("{here}/conclude"), &[("outcome", "agreed"), ("text", "雨天加价")]);
    assert!(done.text.contains("结果还没有向劳动者公布"), "{}", done.text);
    let done = officer.send(&done, &format!("{here}/announce"), &[("told", "站点公告")]);
    assert!(done.text.contains("站点公告"), "{}", done.text);
    let digest = format!("sha256:{}", "ab".repeat(32));
    let done = officer.send(&done, &format!("{here}/agree"), &[("digest", &digest)]);
    assert!(done.text.contains(&digest), "{}", done.text);
    let report = [("from", today.as_str()), ("until", today.as_str()), ("text", "三次没有加价")];
    let done = union.send(&opened(&union, &here, "en"), &format!("{here}/report"), &report);
    assert!(done.text.contains("三次没有加价"), "{}", done.text);
    for language in ["zh", "en"] {
        let browser = Browser::new(world.served.address, language);
        assert!(opened(&browser, &here, language).text.contains("三次没有加价"));
        assert!(opened(&browser, "/consultations", language).links().contains(&here));
    }
    assert_eq!(anyone.open("/consultations/none").status, 404);
    assert!(opened(&union, "/consultations/mine", "en").text.contains("With a result"));
    world.served.stop();
}

fn page_of(browser: &Browser, path: &str) -> Page {
    let page = browser.open(path);
    assert_eq!(page.status, 200);
    page
}

#[test]
fn whoever_has_no_seat_is_refused_with_a_page() {
    let world = World::new();
    world.algorithm();
    world.version("dispatch-v8", "一\n二\n三", "1");
    let here = format!("/consultations/{}", world.consultation("dispatch-v8"));
    let worker = world.browser("zh", "rider");
    let said = [("from_line", "1"), ("to_line", "1"), ("text", "x")];
    let refused = form_of(&worker, "/account", &format!("{here}/comment"), &said);
    assert_eq!(refused.status, 403, "{}", refused.text);
    check(&refused, "zh");
    assert_eq!(worker.post(&format!("{here}/comment"), "text=x", &[]).status, 403, "no token");
    assert!(Browser::new(world.served.address, "zh").open("/consultations/mine").path.starts_with("/login"));
    world.served.stop();
}

#[test]
fn figures_of_others_stand_with_their_sources_as_a_drawing_and_as_a_table() {
    let world = World::new();
    for language in ["zh", "en"] {
        let page = opened(&Browser::new(world.served.address, language), "/indicators", language);
        assert_eq!((page.text.matches("<svg").count(), page.text.matches("<table").count()), (2, 2));
        assert_eq!(page.text.matches("<rect").count(), page.text.matches("<tr><th scope=\"row\">").count());
        // Each row of the tables names where it was published, and each zone.
        assert!(!page.text.contains("<td lang=\"en\"></td>") && page.text.matches("lang=\"en\">").count() >= 10);
        assert!(page.links().contains(&"/law/cn.ai-pilot-zones".to_owned()), "{:?}", page.links());
    }
    world.served.stop();
}

#[test]
fn counts_of_requests_stand_on_the_article_and_small_ones_are_left_out() {
    let world = World::new();
    let rider = &world.rider;
    for count in 1..=6 {
        let about = json!({"kind": "complain", "person": "p-1", "text": format!("{count}")});
        assert_eq!(rider.post("/v1/cases", &about).status, 201);
        let browser = Browser::new(world.served.address, "en");
        let page = opened(&browser, "/law/cn.iisarmp/22", "en");
        let told = if count < 5 { "fewer than 5, not shown".to_owned() } else { format!("{count} filed") };
        assert!(page.text.contains(&told), "{count}: {}", page.text);
    }
    let union = world.browser("en", "union");
    let page = opened(&union, "/members/patterns", "en");
    assert!(page.text.contains("<td>6</td>") && page.text.contains("too few"), "{}", page.text);
    world.served.stop();
}

/// The module that checks receipts lies under the name of its content, and is loaded by nobody who does not ask for it.
fn check_module(world: &World, page: &Page) {
    let path = page.text.split("data-module=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#x2f;", "/");
    let mut answer = ureq::get(format!("http://{}{path}", world.served.address)).call().unwrap();
    assert_eq!(answer.headers()["content-type"], "application/wasm");
    assert_eq!(answer.headers()["cache-control"], "public, max-age=31536000, immutable");
    let module = answer.body_mut().read_to_vec().unwrap();
    assert!(module.starts_with(b"\0asm\x01\0\0\0") && module.len() <= 120_000, "{} bytes", module.len());
    let digest = gongdao_service::digest_of(&module);
    assert!(
        digest.starts_with(path.strip_prefix("/static/").unwrap().strip_suffix(".wasm").unwrap()),
        "{path}: {digest}"
    );
    assert_eq!(page.text.matches(".wasm").count(), 1, "only the script asks for it");
}

#[test]
fn scripts_are_files_of_the_service_named_by_their_content() {
    let world = World::new();
    let anyone = Browser::new(world.served.address, "zh");
    let sources = |text: &str| -> Vec<String> {
        let found = text.split("<script src=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        found.map(|path| path.replace("&#x2f;", "/")).collect()
    };
    assert_eq!(sources(&anyone.open("/").text), [] as [String; 0], "nobody needs a script to read");
    for (page, words) in
        [(anyone.open("/verify"), "WebAssembly"), (world.browser("zh", "rider").open("/me"), "gongdao-draft")]
    {
        let [path] = sources(&page.text).try_into().unwrap();
        let script = anyone.open(&path);
        assert_eq!(script.headers["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(script.headers["cache-control"], "public, max-age=31536000, immutable");
        assert!(script.text.contains(words) && script.text.len() < 16_000, "{}", script.text.len());
        for forbidden in ["innerHTML", "eval(", "XMLHttpRequest", "sendBeacon", "document.cookie"] {
            assert!(!script.text.contains(forbidden), "{path} has {forbidden}");
        }
        // One request: for the module, whose address names its content.
        let fetches: Vec<&str> = script.text.split("fetch(").skip(1).collect();
        assert!(fetches.iter().all(|rest| rest.starts_with("button.dataset.module)")), "{path}: {fetches:?}");
        assert_eq!(fetches.len(), usize::from(words == "WebAssembly"), "{path}");
    }
    check_module(&world, &anyone.open("/verify"));
    let rider = world.browser("zh", "rider");
    let raw = rider.open("/account");
    let form = raw.text.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let cookie = rider.cookie("gongdao_session");
    // The answer itself, not the page that it leads to.
    let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
    let agent: ureq::Agent = agent.into();
    let base = format!("http://{}", world.served.address);
    let request = agent
        .post(format!("{base}/logout"))
        .header("cookie", format!("gongdao_session={cookie}"))
        .header("origin", &base)
        .header("content-type", "application/x-www-form-urlencoded");
    let out = request.send(format!("form={form}")).unwrap();
    assert_eq!(out.status(), 303);
    assert_eq!(out.headers()["clear-site-data"], "\"storage\"", "drafts go with the login");
    world.served.stop();
}

#[test]
fn a_sandbox_is_applied_for_and_answered_on_pages_and_everyone_reads_what_keeps_counting() {
    let world = World::new();
    world.algorithm();
    world.version("dispatch-v9", "一\n二\n三", "1");
    let (officer, regulator) = (world.browser("zh", "officer"), world.browser("en", "authority"));
    let page = opened(&officer, "/sandboxes", "zh");
    let (today, later) = (World::day(0), World::day(30));
    let fields = [
        ("version", "dispatch-v9"),
        ("place", "440300"),
        ("from", today.as_str()),
        ("until", later.as_str()),
        ("persons", "20"),
        ("ground", "cn.shenzhen-ai/44"),
        ("purpose", "<b>远单</b>多给几分钟"),
        ("safeguards", "超时不扣款"),
        ("informed", "短信"),
        ("leaving", "在应用里退出"),
        ("report_days", "20"),
    ];
    let wrong = officer.send(&page, "/sandboxes", &fields);
    assert!(wrong.status == 422 && wrong.text.contains("超时不扣款"), "no condition: {}", wrong.text);
    let stops = [("violated_percent", "10"), ("violated_after", "50")];
    let done = officer.send(&wrong, "/sandboxes", &[fields.as_slice(), stops.as_slice()].concat());
    check(&done, "zh");
    assert!(done.text.contains("等主管部门答复") && done.text.contains("&lt;b&gt;远单"), "{}", done.text);
    assert!(done.text.contains("判过 50 个决定以后，违反规则的达到 10%"), "{}", done.text);
    let here = opened(&officer, "/sandboxes", "zh");
    let here = here.links().into_iter().find(|link| link.starts_with("/sandboxes/")).unwrap();
    assert!(!opened(&officer, &here, "zh").text.contains("/grant\""), "not theirs to answer");
    let page = opened(&regulator, &here, "en");
    let wrong = regulator.send(&page, &format!("{here}/refuse"), &[("text", "too risky"), ("provision", "cn.none/1")]);
    assert!(wrong.status == 422 && wrong.text.contains("too risky"), "{}", wrong.text);
    let done = regulator.send(&wrong, &format!("{here}/grant"), &[("text", "a report a week"), ("document", "No. 7")]);
    assert!(done.text.contains("granted, not begun") && done.text.contains("No. 7"), "{}", done.text);
    let done = officer.send(&opened(&officer, &here, "zh"), &format!("{here}/begin"), &[]);
    assert!(done.text.contains("进行中"), "{}", done.text);
    let done = officer.send(&done, &format!("{here}/report"), &[("text", "第一周没有投诉")]);
    assert!(done.text.contains("第一周没有投诉"), "{}", done.text);
    for (language, rights, place) in
        [("zh", "也不减少任何权利", "深圳"), ("en", "lifts no rule and no right", "Shenzhen")]
    {
        let anyone = Browser::new(world.served.address, language);
        let page = opened(&anyone, &here, language);
        assert!(page.text.contains(rights) && !page.text.contains("<textarea"), "{}", page.text);
        assert!(page.text.contains(place) && !page.text.contains("440300"), "{}", page.text);
        assert!(opened(&anyone, "/sandboxes", language).text.contains(place));
        assert!(opened(&anyone, "/sandboxes", language).links().contains(&here));
        assert_eq!(anyone.open("/sandboxes/none").status, 404);
    }
    let done = regulator.send(&opened(&regulator, &here, "en"), &format!("{here}/stop"), &[("text", "complaints")]);
    assert!(done.text.contains("Last report") && done.text.contains("complaints"), "{}", done.text);
    let done = officer.send(&opened(&officer, &here, "zh"), &format!("{here}/close"), &[("text", "不再用")]);
    assert!(done.text.contains("已结束") && done.text.contains("不再用"), "{}", done.text);
    assert!(opened(&regulator, "/oversight", "en").links().contains(&"/sandboxes".to_owned()));
    let refused = form_of(&world.browser("zh", "rider"), "/account", &format!("{here}/report"), &[("text", "x")]);
    assert_eq!(refused.status, 403, "{}", refused.text);
    world.served.stop();
}
