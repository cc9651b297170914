//! One case of each duty of the packs: an event of 28 September 2024, ten in the morning, and when the duty is due.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_clock::{Condition, CountingRule, Due, Event, Events, Setting, clocks};
use gongdao_pack::Packs;
use std::collections::BTreeMap;
use std::path::Path;
use support::{at, calendar};

/// Days counted by hand (see `due.rs`).
const DUE: [(&str, &str); 43] = [
    ("cn.catering-guidance/2#publish-before-use", "before rule-in-use"),
    ("cn.catering-guidance/8#answer-complaint", "no number"),
    ("cn.doc-56/10#hear-before-change", "before rule-settled"),
    ("cn.doc-56/10#answer-appeal", "no number"),
    ("cn.iisarmp/8#review", "no number"),
    ("cn.iisarmp/9/2#report", "at once"),
    ("cn.iisarmp/22#answer", "no number"),
    ("cn.iisarmp/24/1#file", "by 2024-10-16"),
    ("cn.iisarmp/24/2#change", "by 2024-10-16"),
    ("cn.iisarmp/24/3#deregister", "by 2024-10-30"),
    ("cn.iisarmp/25#decide", "by 2024-11-13"),
    // Which act it comes before follows from what made the assessment due; the pack does not say.
    ("cn.iisarmp/27#assess", "before an act unnamed"),
    ("cn.iisarmp/30#handle", "no number"),
    ("cn.labour-contract-law/43#tell-union", "before contract-terminated"),
    ("cn.labour-contract-law/43#answer-union", "no number"),
    ("cn.labour-law/50#pay-monthly", "by 2024-10-28"),
    ("cn.minors-online-protection/20/1/1#impact-assessment", "no number"),
    ("cn.minors-online-protection/20/1/6#yearly-report", "by 2024-12-31"),
    ("cn.minors-online-protection/34/1#handle-request", "no number"),
    ("cn.minors-online-protection/37#yearly-audit", "by 2024-12-31"),
    ("cn.minors-online-protection/37#report-audit", "no number"),
    ("cn.network-data-regulations/44#yearly-report", "by 2024-12-31"),
    ("cn.pipl/18/2#notice-after-emergency", "no number"),
    ("cn.pipl/20/1#joint-agreement", "before joint-handling-begun"),
    ("cn.pipl/21/1#supervise", "no number"),
    ("cn.pipl/21/2#return-or-delete", "no number"),
    ("cn.pipl/22#tell-recipient", "before business-transferred"),
    ("cn.pipl/45/2#provide-copy", "no number"),
    ("cn.pipl/45/3#transfer-way", "no number"),
    ("cn.pipl/46/2#correct", "no number"),
    ("cn.pipl/47/1#delete-on-request", "no number"),
    ("cn.pipl/48#explain-rules", "no number"),
    ("cn.pipl/49#serve-relatives", "no number"),
    ("cn.pipl/50/1#give-reasons", "at once"),
    ("cn.pipl/51#train-staff", "no number"),
    ("cn.pipl/52/1#name-officer", "no number"),
    ("cn.pipl/52/2#publish-and-report-officer", "no number"),
    ("cn.pipl/53#name-representative", "before overseas-handling-begun"),
    ("cn.pipl/54#compliance-audit", "no number"),
    ("cn.pipl/56/2#keep-assessment", "not before 2027-09-28, provisional"),
    ("cn.pipl/57/1#remedy-and-notify", "at once"),
    ("cn.pipl/58#responsibility-report", "no number"),
    ("cn.pipl/65/1#handle-complaint", "no number"),
];

fn word(due: &Due) -> String {
    let date = |explanation: &gongdao_clock::Explanation| {
        let due = explanation.due.unwrap();
        format!("{}{}", due.end.day(), if due.is_provisional { ", provisional" } else { "" })
    };
    match due {
        Due::By { explanation } => format!("by {}", date(explanation)),
        Due::NotBefore { explanation } => format!("not before {}", date(explanation)),
        Due::AtOnce { .. } => "at once".to_owned(),
        Due::NoNumber { .. } => "no number".to_owned(),
        Due::Before { act, .. } => format!("before {}", act.as_deref().unwrap_or("an act unnamed")),
        Due::None => "none".to_owned(),
    }
}

#[test]
fn every_duty_listed_is_due_as_the_list_says() {
    let packs = Packs::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")).unwrap();
    let calendar = calendar();
    let (published, changes) = (BTreeMap::new(), BTreeMap::new());
    let rule = CountingRule::default();
    let now = at("2024-09-28T10:00:00+08:00");
    let setting = Setting { calendar: &calendar, rule, now, published: &published, changes: &changes };
    let listed: BTreeMap<&str, &str> = DUE.into_iter().collect();
    let mut found = 0;
    for duty in packs.instruments.iter().flat_map(|pack| &pack.duties) {
        // A duty that is not listed has its length in `due.rs`, or none.
        let Some(expected) = listed.get(duty.id.as_str()) else { continue };
        found += 1;
        let event = Event::new("e0", &duty.trigger, now, ["x"]).unwrap();
        let events = Events::new(vec![event]).unwrap();
        let standing = packs.provision(&duty.provision).unwrap().status;
        let clock = clocks(duty, standing, &events, &|_| Condition::Holds, &setting).unwrap().remove(0);
        assert_eq!(word(&clock.due), *expected, "{}", duty.id);
    }
    assert_eq!(found, DUE.len(), "a duty of the list is no longer in the packs");
}
