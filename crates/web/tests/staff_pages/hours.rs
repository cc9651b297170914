//! Hours and pay, as the person sees them and others may not.

use super::World;
use serde_json::json;

#[test]
fn hours_and_pay_are_added_up_by_week_and_what_is_missing_is_said() {
    let world = World::new();
    // Monday and Sunday of one week in Shanghai; the first is still Sunday in UTC.
    world.pay("a", "2026-05-04T00:30:00+08:00", Some(120), Some(60), 6000);
    world.pay("b", "2026-05-10T23:30:00+08:00", Some(60), Some(60), 3001);
    world.pay("c", "2026-05-11T00:30:00+08:00", Some(60), None, 3000);
    world.decide("d", "2026-05-04T12:00:00+08:00", "dispatch", &json!({"dailyMinutes": 430, "continuousMinutes": 90}));
    let worker = world.api("worker");
    let found = worker.get("/v1/persons/p-1/hours").json();
    let weeks = found["weeks"].as_array().unwrap();
    assert_eq!(weeks.len(), 2, "{found}");
    let (later, earlier) = (&weeks[0], &weeks[1]);
    assert_eq!((later["from"].as_str(), earlier["from"].as_str()), (Some("2026-05-11"), Some("2026-05-04")));
    assert_eq!((earlier["worked_minutes"].as_i64(), earlier["waiting_minutes"].as_i64()), (Some(180), Some(120)));
    // 9001 fen for three hours of work, five with waiting, rounded down.
    assert_eq!(
        (earlier["fen_per_hour"].as_i64(), earlier["fen_per_hour_with_waiting"].as_i64()),
        (Some(3000), Some(1800))
    );
    assert_eq!(
        (earlier["longest_day_minutes"].as_i64(), earlier["longest_stretch_minutes"].as_i64()),
        (Some(430), Some(90))
    );
    assert_eq!((later["fen_per_hour"].as_i64(), later.get("fen_per_hour_with_waiting")), (Some(3000), None));
    assert_eq!(later["lacking"], json!({"waitingMinutes": 1}));
    let page = world.browser("en", "worker").open("/me/hours");
    for words in ["¥18.00", "¥30.00", "cannot be worked out", "missing in 1 payments", "7:10", "<svg"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    // Others look with a reason, and the person sees it; machines and strangers do not.
    assert_eq!(world.api("officer").get("/v1/persons/p-1/hours").problem(), "forbidden");
    assert_eq!(world.api("officer").get("/v1/persons/p-1/hours?purpose=case").status, 200);
    assert!(worker.get("/v1/persons/p-1/lookups").text.contains("case"));
    assert_eq!(world.machine.get("/v1/persons/p-1/hours?purpose=x").problem(), "forbidden");
    world.served.stop();
}

#[test]
fn hours_are_shown_some_weeks_at_once_and_say_which() {
    let world = World::new();
    // 15 Mondays from 5 January on, a payment each.
    for week in 0..15 {
        let day = 4 + week * 7;
        let at = gongdao_model::LegalDate::from_day_number(20_454 + day).unwrap();
        world.pay(&format!("pay-{week}"), &format!("{at}T12:00:00+08:00"), Some(60), Some(0), 1000 + i64::from(week));
    }
    let worker = world.api("worker");
    let all = worker.get("/v1/persons/p-1/hours").json();
    assert_eq!(all["weeks"].as_array().unwrap().len(), 15);
    assert_eq!((all["from"].as_str(), all["until"].as_str()), (Some("2026-01-05"), Some("2026-04-19")));
    assert_eq!((all["read"].as_u64(), all.get("older"), all["is_cut"].as_bool()), (Some(15), None, Some(false)));
    // A day within a week stands for its Monday.
    let before = worker.get("/v1/persons/p-1/hours?before=2026-01-22").json();
    assert_eq!((before["weeks"].as_array().unwrap().len(), before["until"].as_str()), (2, Some("2026-01-18")));
    assert_eq!(worker.get("/v1/persons/p-1/hours?before=soon").problem(), "malformed");
    let browser = world.browser("en", "worker");
    let page = browser.open("/me/hours");
    assert!(page.text.contains("¥10.14") && page.text.contains("¥10.03") && !page.text.contains("¥10.02"));
    assert!(page.text.contains("12 decisions about you of that time"), "{}", page.text);
    let older = page.links().into_iter().find(|link| link.contains("before=2026-01-26")).unwrap();
    let page = browser.open(&older);
    assert!(page.text.contains("¥10.02") && page.text.contains("¥10.00") && !page.text.contains("¥10.03"));
    assert!(page.text.contains("3 decisions about you of that time"), "{}", page.text);
    let links = page.links();
    assert!(!links.iter().any(|link| link.contains("before=")) && links.contains(&"/me/hours?person=p-1".to_owned()));
    assert_eq!(browser.open("/me/hours?before=2025-01-01").status, 200);
    assert_eq!(browser.open("/me/hours?before=soon").status, 422);
    world.served.stop();
}
