//! Differences, the published lists, and the shapes of other registers.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use gongdao_model::Instant;
use gongdao_register::export::{self, Feed, Record};
use gongdao_register::{
    Algorithm, AlgorithmEvent, AlgorithmWhat, Factor, FilingAct, LineOp, NewVersion, PublishedFiling, RowFault,
    SubmissionKind, Version, difference, read_published,
};
use proptest::prelude::*;

fn at(text: &str) -> Instant {
    format!("{text}T10:00:00+08:00").parse().unwrap()
}

fn algorithm() -> Algorithm {
    let description = serde_json::json!({
        "provider": "=某平台", "name": "配送调度", "class": "dispatch", "affects_labour": true, "places": ["310000"],
        "texts": {"purpose": "少等<五>分钟", "mechanism": "打分"}, "contact": "a@example.cn", "website": "https://example.cn/a",
        "details": {"legal_basis": ["cn.iisarmp/20"], "human_review": "站长可改"},
    });
    let what = AlgorithmWhat::Registered { description: serde_json::from_value(description).unwrap() };
    let mut it = Algorithm::register("algorithm-1", &AlgorithmEvent { at: at("2024-03-01"), what }).unwrap();
    let on = "2024-03-04".parse().unwrap();
    let number = Some("网信算备110108224236606220017号".to_owned());
    for act in [FilingAct::Submitted { submission: SubmissionKind::First, on }, FilingAct::Accepted { number, on }] {
        it = it.after(&AlgorithmEvent { at: at("2024-03-04"), what: AlgorithmWhat::Filing { act } }).unwrap();
    }
    it
}

fn version(text: &str, factors: &[(&str, &str)]) -> Version {
    let factor = |(name, weight): &(&str, &str)| Factor {
        name: (*name).to_owned(),
        weight: Some((*weight).to_owned()),
        meaning: String::new(),
    };
    let new = NewVersion {
        id: "v/1".replace('/', "-"),
        text: text.to_owned(),
        factors: factors.iter().map(factor).collect(),
        based_on: None,
        note: "放宽".to_owned(),
        affects_labour: None,
        rule: None,
    };
    Version::declare(&algorithm(), new, at("2024-03-02")).unwrap().0
}

#[test]
fn a_difference_says_lines_and_factors() {
    let old = version("一\n二\n三", &[("距离", "0.6"), ("准时", "0.4")]);
    let new = version("一\n二半\n三\n四", &[("距离", "0.5"), ("天气", "0.1")]);
    let found = difference(&old, &new);
    let shown: Vec<String> = found.lines.iter().map(|line| format!("{:?} {}", line.op, line.text)).collect();
    assert_eq!(shown, ["Same 一", "Removed 二", "Added 二半", "Same 三", "Added 四"]);
    let names: Vec<(&str, bool, bool)> =
        found.factors.iter().map(|one| (one.name.as_str(), one.old.is_some(), one.new.is_some())).collect();
    assert_eq!(names, [("准时", true, false), ("天气", false, true), ("距离", true, true)]);
    assert_ne!(found.old_digest, found.new_digest);
}

proptest! {
    #[test]
    fn a_difference_leads_from_the_one_text_to_the_other(
        old in proptest::collection::vec("[abc]{1,2}", 1..12),
        new in proptest::collection::vec("[abc]{1,2}", 1..12),
    ) {
        let found = difference(&version(&old.join("\n"), &[]), &version(&new.join("\n"), &[]));
        let side = |gone: LineOp| -> Vec<&str> {
            found.lines.iter().filter(|line| line.op != gone).map(|line| line.text.as_str()).collect()
        };
        prop_assert_eq!(side(LineOp::Added), old.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert_eq!(side(LineOp::Removed), new.iter().map(String::as_str).collect::<Vec<_>>());
        let same = found.lines.iter().filter(|line| line.op == LineOp::Same).count();
        prop_assert_eq!(same, common(&old, &new), "no line that could stay is taken out");
        prop_assert!(difference(&version("a", &[]), &version("a", &[])).lines.iter().all(|line| line.op == LineOp::Same));
    }
}

/// The longest common run, by trying everything.
fn common(old: &[String], new: &[String]) -> usize {
    match (old, new) {
        ([], _) | (_, []) => 0,
        ([one, old_rest @ ..], [other, new_rest @ ..]) if one == other => 1 + common(old_rest, new_rest),
        ([_, old_rest @ ..], [_, new_rest @ ..]) => common(old_rest, new).max(common(old, new_rest)),
    }
}

const HEADER: &str = "filingType,batch,announcementDate,algorithmName,algorithmClass,role,entityName,product,purpose,recordNumber,remark,province,domainTags,sourceUrl";

fn read(text: &str) -> (Vec<PublishedFiling>, Vec<RowFault>) {
    let (mut filings, mut faults) = (Vec::new(), Vec::new());
    let taken = read_published(text.as_bytes(), |row| {
        match row {
            Ok(filing) => filings.push(filing),
            Err(fault) => faults.push(fault),
        }
        Ok(())
    });
    taken.unwrap();
    (filings, faults)
}

#[test]
fn rows_of_the_published_lists_are_read_and_bad_ones_are_named() {
    let good = "互联网信息服务算法备案,2022年8月,2022-08,配送,调度决策类,,某公司,\"甲,乙\",送餐,网信算备110108224236606220017号,,北京,x,https://a.cn";
    let long = good.replace("6606220017", "66066220017");
    let bad = good.replace("网信算备", "备");
    let unnamed = good.replace(",配送,", ",,");
    let text = format!("\u{feff}{HEADER}\n{good}\n{bad}\n{long}\nx,y\n{unnamed}\n");
    let (filings, faults) = read(&text);
    assert_eq!(filings.len(), 2);
    assert_eq!(filings[0].product, "甲,乙");
    assert!(filings[0].remarks.is_empty());
    assert_eq!(filings[1].remarks, ["unusual-number"], "the one published number with 22 digits stays");
    let told: Vec<(u64, u64, &str)> =
        faults.iter().map(|fault| (fault.row, fault.line, fault.message.as_str())).collect();
    assert_eq!(
        told,
        [
            (2, 3, "`recordNumber` is `备110108224236606220017号`"),
            (4, 5, "the row has 2 fields and the table 14 columns"),
            (5, 6, "`algorithmName` is empty"),
        ]
    );
    assert_eq!(read(&text).0, filings, "the same row is the same filing");
    let missing = read_published("a,b\n".as_bytes(), |_| Ok(())).unwrap_err();
    assert!(missing.message.contains("recordNumber"), "{missing}");
}

#[test]
fn the_record_has_the_fields_of_other_registers_and_nothing_made_up() {
    let (it, versions) = (algorithm(), [version("一", &[("距离", "0.6")])]);
    let record = Record { algorithm: &it, versions: &versions, now: at("2024-03-05"), url: None, decisions: None };
    let atrs = export::atrs(&record);
    assert_eq!(atrs["standard_version"], "3.0");
    assert_eq!(
        (&atrs["name"], &atrs["model_input"], &atrs["team"]),
        (&"配送调度".into(), &"距离 (0.6)".into(), &"".into())
    );
    assert_eq!(atrs["phase"], "Pre-deployment", "nothing decides yet");
    let csv = export::atrs_csv(&record).unwrap();
    assert!(csv.starts_with("reference number,attribute,value\r\n"));
    assert!(csv.contains("2.1.1,organisation_or_department,'=某平台"), "no formula: {csv}");
    let dutch = export::dutch(&record);
    assert_eq!((&dutch["status"], &dutch["standard_version"]), (&"In ontwikkeling".into(), &"1.0".into()));
    assert_eq!(dutch["lawful_basis"], "cn.iisarmp/20");
    assert!(dutch.get("risks").is_none() && dutch.get("begin_date").is_none());
    let schema = export::schema_org(&record);
    assert_eq!((&schema["@type"], &schema["softwareVersion"]), (&"SoftwareApplication".into(), &"v-1".into()));
    assert_eq!(schema["identifier"][1]["value"], "网信算备110108224236606220017号");
    let list = export::cac_list(&[record]).unwrap();
    assert_eq!(list.lines().next(), Some("序号,算法名称,算法类别,主体名称,应用产品,主要用途,备案编号,备注"));
    assert!(list.contains("1,配送调度,调度决策类,'=某平台,,少等<五>分钟,网信算备110108224236606220017号,"), "{list}");
    let notice = export::cac_notice(&record);
    assert!(notice.contains("算法运行机制：打分\n") && notice.contains("算法基本原理：\n"), "{notice}");
}

#[test]
fn the_feed_is_well_formed_and_its_identifiers_stay() {
    let (it, versions) = (algorithm(), [version("一", &[])]);
    let record = Record { algorithm: &it, versions: &versions, now: at("2024-03-05"), url: None, decisions: None };
    let changes = export::changes(&record, &[]);
    assert_eq!(changes.iter().map(|one| one.what).collect::<Vec<_>>(), ["registered", "declared"]);
    let feed = |now: &str| {
        let head = Feed { origin: "ledger.example/one", title: "登记<簿>", base: "https://a.cn", now: at(now) };
        export::atom(&head, &changes, |change| format!("{} & {}", change.what, change.algorithm))
    };
    let text = feed("2024-03-05");
    assert_eq!(text, feed("2024-04-05"), "asked later, it is the same");
    assert!(text.contains("<updated>2024-03-02T10:00:00+08:00</updated>"));
    assert!(text.contains("<title>declared &amp; 配送调度</title>") && text.contains("登记&lt;簿&gt;"));
    let id = format!("<id>urn:gongdao:register:ledger.example%2Fone:v-1:declared:{}</id>", at("2024-03-02").millis());
    assert!(text.contains(&id), "{text}");
    let (open, close) = (text.matches("<entry>").count(), text.matches("</entry>").count());
    assert_eq!((open, close), (2, 2));
}
