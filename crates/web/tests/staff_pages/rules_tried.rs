//! Rules tried on their cases and on facts.

use super::{World, check};

#[test]
fn an_engineer_tries_a_rule_on_its_cases_and_on_facts() {
    let world = World::new();
    let rule = "/operate/tests/rule?version=cn.iisarmp%2F17%2F1%23honour-non-personal-option%402022-03-01";
    for (language, broken, unknown, same) in [
        ("zh", "违反", "没有人说过", "网关和官方求值器说得一样"),
        ("en", "Violated", "nobody said", "Gate and official evaluator say the same"),
    ] {
        let engineer = world.browser(language, "engineer");
        let page = engineer.open("/operate/tests?instrument=cn.iisarmp");
        check(&page, language);
        assert!(page.links().iter().any(|link| link.starts_with(rule)), "{:?}", page.links());
        check(&engineer.open(rule), language);
        let tried = |query: &str| engineer.open(&format!("{rule}&on=2024-05-01&action=recommend&place=000000{query}"));
        let page = tried("&fact.resource.profilingOff=true&fact.context.personalised=true");
        check(&page, language);
        assert!(page.text.contains(broken) && page.text.contains(same), "{}", page.text);
        assert!(tried("&fact.context.personalised=true").text.contains(unknown));
        assert_eq!(tried("&fact.resource.profilingOff=perhaps").status, 422);
        assert!(engineer.open("/law/cn.iisarmp/17/1").links().iter().any(|link| link.starts_with(rule)));
    }
    let worker = world.browser("zh", "worker");
    assert!(worker.open(rule).status == 403 && !worker.open("/law/cn.iisarmp/17/1").text.contains("/operate/"));
    world.served.stop();
}
