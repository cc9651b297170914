//! Court cases and events, the readings that they speak for, and questions for self-assessment: what is read of them, and
//! each way to break them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_model::{MatterId, Standing};
use gongdao_pack::{Bearing, Packs, Problem, Severity};
use std::collections::BTreeSet;
use support::{Files, expect};

const CASE: &str = "cases/a-v-b.toml";
const CHECKLIST: &str = "cn/example/checklist.toml";
const PROVISIONS: &str = "cn/example/provisions.toml";

const MATTER: &str = r#"format = 1
id = "a-v-b"
kind = "court case"
title_zh = "甲诉乙"
title_en = "A v. B"
zh = "关了还推"
en = "Switched off, still pushed"
outcome_zh = "停止"
outcome_en = "Stop"
status = "unverified"
source_zh = "编的"
source_en = "made up"

[[step]]
on = "2023-05"
until = "2023-05-31"
court_zh = "某法院"
court_en = "some court"
number = "1号"
zh = "判决"
en = "Judgment"

[[link]]
provision = "cn.example/2"
reading = "broad"
bearing = "applied"

[[link]]
provision = "cn.example/3"
bearing = "by analogy"
"#;

const QUESTIONS: &str = r#"[[question]]
id = "cn.example/5#meaning"
provision = "cn.example/5"
zh = "懂吗？"
en = "Understood?"
evidence_zh = "笔记"
evidence_en = "notes"
"#;

/// The good pack with a case that its reading names, and a checklist.
fn good() -> Files {
    let names = "en = \"everything stops\"\nheld_by_zh = \"本包起草者\"\nheld_by_en = \"drafter of this pack\"\n";
    Files::good().with(CASE, MATTER).with(CHECKLIST, QUESTIONS).replaced(
        PROVISIONS,
        names,
        &format!("{names}cases = [\"a-v-b\"]\n"),
    )
}

fn found(files: &Files) -> (Option<Packs>, Vec<Problem>) {
    let (packs, mut problems) = files.survey();
    problems.extend(packs.iter().flat_map(gongdao_pack::check));
    (packs, problems)
}

#[test]
fn a_case_and_a_checklist_are_read_as_written() {
    let (packs, problems) = found(&good());
    assert!(problems.is_empty(), "{problems:#?}");
    let packs = packs.unwrap();
    let matter = packs.matter(&"a-v-b".parse().unwrap()).unwrap();
    assert_eq!((matter.kind.as_str(), matter.status), ("court case", Standing::Unverified));
    let step = &matter.steps[0];
    assert_eq!(
        (step.on.as_str(), step.until.as_ref().map(ToString::to_string)),
        ("2023-05", Some("2023-05-31".into()))
    );
    let bearings: Vec<Bearing> = matter.links.iter().map(|link| link.bearing).collect();
    assert_eq!(bearings, [Bearing::Applied, Bearing::Analogy]);
    let provision = packs.provision(&"cn.example/2".parse().unwrap()).unwrap();
    let named: Vec<&str> = provision.readings.iter().flat_map(|reading| &reading.cases).map(MatterId::as_str).collect();
    assert_eq!(named, ["a-v-b"]);
    let question = &packs.instruments[0].questions[0];
    assert_eq!((question.id.as_str(), question.line), ("cn.example/5#meaning", 2));
}

fn check(name: &str, files: &Files, expected: &[&str]) {
    expect(name, found(files).1, expected);
}

#[test]
fn a_broken_case_is_named_with_its_line() {
    let broken: &[(&str, &str, &str, &str)] = &[
        (
            "another name",
            "id = \"a-v-b\"",
            "id = \"a-v-c\"",
            "cases/a-v-b.toml:2: `a-v-c` lies in the file `a-v-b.toml`",
        ),
        ("no kind", "court case", "quarrel", "cases/a-v-b.toml:3: `quarrel` is not a kind of case"),
        ("no date", "2023-05-31", "2023-05-32", "cases/a-v-b.toml:16: `2023-05-32` is no year, month or day"),
        ("no bearing", "by analogy", "somehow", "cases/a-v-b.toml:30: `somehow` is not a bearing"),
        ("no format", "format = 1", "format = 2", "cases/a-v-b.toml:1: format 2 is not known"),
        ("no words", "\"Stop\"", "\" \"", "cases/a-v-b.toml: `outcome_en` is empty"),
        (
            "no provision",
            "cn.example/3",
            "cn.example/33",
            "cases/a-v-b.toml:29: `cn.example/33` is in no `provisions.toml`",
        ),
        (
            "no pack",
            "cn.example/3",
            "cn.other/3",
            "cases/a-v-b.toml:29: `cn.other/3` is linked, and no pack holds `cn.other`",
        ),
    ];
    for (name, from, to, expected) in broken {
        let problems = found(&good().replaced(CASE, from, to)).1;
        // What follows from it is not looked at here: a renamed case is missed by its reading, an unread step is none.
        let follows = |message: &str| message.contains("does not name") || message.starts_with("there is no `[[");
        let own = |problem: &Problem| problem.file.ends_with("a-v-b.toml") && !follows(&problem.message);
        let own: Vec<Problem> = problems.into_iter().filter(own).collect();
        expect(name, own, &[expected]);
    }
    let (_, problems) = found(&good().replaced(CASE, "cn.example/3", "cn.other/3"));
    assert_eq!(problems[0].severity, Severity::Warning, "packs are released one by one");
    check(
        "another file",
        &good().with("cases/notes.md", "x"),
        &["cases/notes.md: `notes.md` does not belong in `cases`"],
    );
    let twice = MATTER.replace("cn.example/3\"", "cn.example/2\"\nreading = \"broad\"");
    check(
        "twice",
        &good().with(CASE, twice),
        &["cases/a-v-b.toml:29: `cn.example/2` is linked twice, first on line 24"],
    );
    let without = MATTER.split("[[step]]").next().unwrap();
    let problems = found(&good().with(CASE, without)).1;
    let told: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert!(told.contains(&"there is no `[[step]]`") && told.contains(&"there is no `[[link]]`"), "{told:?}");
}

#[test]
fn a_reading_and_its_case_name_each_other() {
    let silent = good().replaced(PROVISIONS, "cases = [\"a-v-b\"]\n", "");
    check("not named", &silent, &["cases/a-v-b.toml:24: the reading `broad` of `cn.example/2` does not name `a-v-b`"]);
    let unlinked = good().replaced(CASE, "reading = \"broad\"\n", "");
    check(
        "not linked",
        &unlinked,
        &["cn/example/provisions.toml:10: `a-v-b` does not link back to the reading `broad` of `cn.example/2`"],
    );
    check("gone", &good().without(CASE), &["cn/example/provisions.toml:10: there is no case `a-v-b`"]);
    let problems = found(&good().replaced(CASE, "reading = \"broad\"", "reading = \"wide\"")).1;
    assert!(problems.iter().any(|problem| problem.message == "`cn.example/2` has no reading `wide`"), "{problems:#?}");
}

#[test]
fn a_broken_checklist_is_named_with_its_line() {
    let broken: &[(&str, &str, &str, &[&str])] = &[
        (
            "another provision",
            "id = \"cn.example/5#",
            "id = \"cn.example/4#",
            &["cn/example/checklist.toml:2: `cn.example/4#meaning` does not begin with its provision `cn.example/5`"],
        ),
        ("no question", "懂吗？", " ", &["cn/example/checklist.toml:2: `zh` of `cn.example/5#meaning` is empty"]),
        (
            "no evidence",
            "notes",
            "",
            &["cn/example/checklist.toml:2: `evidence_en` of `cn.example/5#meaning` is empty"],
        ),
        ("unknown key", "zh = ", "cn = ", &["cn/example/checklist.toml:4: unknown field `cn`"]),
    ];
    for (name, from, to, expected) in broken {
        check(name, &good().replaced(CHECKLIST, from, to), expected);
    }
    let nowhere = QUESTIONS.replace("cn.example/5", "cn.example/55");
    check(
        "no provision",
        &good().with(CHECKLIST, nowhere),
        &["cn/example/checklist.toml:2: `cn.example/55` is in no `provisions.toml`"],
    );
    check(
        "twice",
        &good().with(CHECKLIST, QUESTIONS.repeat(2)),
        &["cn/example/checklist.toml:9: `cn.example/5#meaning` stands twice, first on line 2"],
    );
}

#[test]
fn the_released_cases_and_checklists_are_complete() {
    let packs = Files::real().survey().0.unwrap();
    let ids: Vec<&str> = packs.matters.iter().map(|matter| matter.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "delivery-riders-trapped-2020",
            "guo-bing-v-hangzhou-safari-park",
            "huang-v-tencent-weread",
            "huolala-strike-2022",
            "ling-v-douyin"
        ]
    );
    for matter in &packs.matters {
        assert!(matter.links.len() >= 8, "{}", matter.id);
        let years: BTreeSet<&str> = matter.steps.iter().filter_map(|step| step.on.as_str().get(..4)).collect();
        assert!(!years.is_empty(), "{}", matter.id);
    }
    let asked = |id: &str| -> BTreeSet<String> {
        let pack = packs.instruments.iter().find(|pack| pack.instrument.id.as_str() == id).unwrap();
        pack.questions.iter().map(|question| question.provision.to_string()).collect()
    };
    let principles: BTreeSet<String> = (1..=8).map(|n| format!("cn.governance-principles-2019/{n}")).collect();
    assert_eq!(asked("cn.governance-principles-2019"), principles);
    let norms = (1..=6).map(|n| format!("cn.ethical-norms-2021/3/1/{n}"));
    let norms = norms.chain((5..=22).map(|n| format!("cn.ethical-norms-2021/{n}")));
    assert_eq!(asked("cn.ethical-norms-2021"), norms.collect());
}

/// The outside list of cases and events: `pipl art.47(1)` is `cn.pipl/47/1`, `doc-56 item 5` is `cn.doc-56/5`, a bare
/// instrument any of its provisions.
#[test]
fn each_listed_case_is_linked_to_every_provision_that_it_engages() {
    let Some(texts) = support::texts() else { return };
    let listed: toml::Table = std::fs::read_to_string(texts.with_file_name("cases.toml")).unwrap().parse().unwrap();
    let packs = Files::real().survey().0.unwrap();
    let entries = ["case", "event"].into_iter().flat_map(|kind| listed[kind].as_array().unwrap());
    let (mut cases, mut engaged) = (0, 0);
    for entry in entries {
        cases += 1;
        let id = entry["id"].as_str().unwrap();
        let matter = packs.matter(&id.parse().unwrap()).unwrap_or_else(|| panic!("no case `{id}`"));
        for line in entry["engages"].as_array().unwrap() {
            engaged += 1;
            let line = line.as_str().unwrap();
            let mut words = line.split(' ');
            let instrument = words.next().unwrap();
            let number = match words.next() {
                Some("item") => words.next().unwrap().to_owned(),
                Some(article) => {
                    article.trim_start_matches("art.").trim_start_matches("s.").replace('(', "/").replace(')', "")
                }
                None => String::new(),
            };
            let wanted = format!("cn.{instrument}/{number}");
            let is_it =
                |linked: &str| linked == wanted || linked.starts_with(&format!("{}/", wanted.trim_end_matches('/')));
            assert!(matter.links.iter().any(|link| is_it(link.provision.as_str())), "{id}: `{line}` is not linked");
        }
    }
    assert_eq!((cases, engaged > 40), (5, true), "{engaged}");
    // Every reading says who holds it; a case that speaks for it names it as well.
    let provisions = packs.instruments.iter().flat_map(|pack| &pack.provisions);
    for (provision, reading) in provisions.flat_map(|one| one.readings.iter().map(move |reading| (one, reading))) {
        assert!(!reading.held_by_zh.is_empty() && !reading.held_by_en.is_empty(), "{} {}", provision.id, reading.id);
        for case in &reading.cases {
            let matter = packs.matter(case).unwrap();
            let names = |link: &gongdao_pack::Link| {
                link.provision == provision.id && link.reading.as_ref() == Some(&reading.id)
            };
            assert!(matter.links.iter().any(names), "{case} does not name {} {}", provision.id, reading.id);
        }
    }
}
