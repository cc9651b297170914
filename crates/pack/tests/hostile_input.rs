//! Damaged pack files, through the same harness as the fuzz target `pack`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../../../fuzz/harness/mutate.rs"]
mod mutate;
#[path = "../../../fuzz/harness/pack.rs"]
mod pack;
mod support;

use mutate::{damage, damaged};
use proptest::prelude::*;
use std::sync::OnceLock;
use support::Files;

const WORDS: [&str; 12] = [
    "[[provision]]\n",
    "[[rule.case]]\n",
    "\"\"\"",
    "2022-02-29",
    "1e999",
    "9223372036854775808",
    "\"cn.example/1\"",
    "'''",
    "= {",
    "\r\n",
    "#",
    "digest = \"sha256:\"\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_is_read_or_refused_with_its_place(pick in any::<u8>(), acts in damage()) {
        let good = Files::good().0;
        let seed = good.values().nth(usize::from(pick) % good.len()).unwrap();
        let mut bytes = vec![pick];
        bytes.extend(damaged(seed, &acts, &WORDS));
        pack::drive(&good, &bytes);
    }

    #[test]
    fn any_list_gives_lines_or_problems(text in "(- [a-z ·,()]{0,12}| · |art\\.|items? |[0-9]{1,11}|[(),–-]|\n|中){0,60}") {
        let file = std::path::Path::new("list.md");
        match gongdao_pack::ProvisionList::read(file, &text, "cn") {
            Ok(list) => prop_assert!(list.lines.iter().all(|line| line.line > 0 && !line.instruments.is_empty())),
            Err(problems) => prop_assert!(problems.iter().all(|problem| problem.hint.is_some())),
        }
    }

    #[test]
    fn any_text_gives_articles_or_none(text in "(第[一二三四五六七八九十百千零〇0-9]{0,6}条?[\u{3000} \n]?|#|\n|---\n|[款项a]){0,40}") {
        for (number, digest) in gongdao_pack::article_digests(&text) {
            prop_assert!(number.parse::<u32>().is_ok_and(|number| number > 0), "{}", number);
            prop_assert_eq!(digest.len(), "sha256:".len() + 64);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_case_checklist_or_agreement_is_read_or_refused_with_its_place(pick in any::<u8>(), acts in damage()) {
        let files = &more().0;
        let own: Vec<usize> = files.keys().enumerate().filter(|(_, path)| is_more(path)).map(|(at, _)| at).collect();
        let at = own[usize::from(pick) % own.len()];
        let mut bytes = vec![u8::try_from(at).unwrap()];
        bytes.extend(damaged(files.values().nth(at).unwrap(), &acts, &WORDS));
        pack::drive(files, &bytes);
    }
}

/// The good pack with a released case, a checklist and the example of an agreement.
fn more() -> &'static Files {
    static MORE: OnceLock<Files> = OnceLock::new();
    MORE.get_or_init(|| {
        let real = Files::real();
        let case = "cases/huolala-strike-2022.toml";
        let mut files = Files::good().with(case, real.text(case));
        for name in ["instrument.toml", "provisions.toml", "checklist.toml"] {
            let path = format!("cn/governance-principles-2019/{name}");
            files = files.with(&path, real.text(&path));
        }
        for (path, bytes) in Files::of(&support::manifest("../../docs/examples/collective-agreement")).0 {
            files.0.insert(std::path::Path::new("agreements/example-couriers").join(path), bytes);
        }
        files
    })
}

fn is_more(path: &std::path::Path) -> bool {
    let names = ["checklist.toml", "agreement.toml", "agreement.note", "instrument.toml"];
    path.starts_with("cases") || names.iter().any(|name| path.ends_with(name))
}

#[test]
fn the_good_packs_pass_through_undamaged() {
    assert!(pack::drive(&Files::good().0, &[]).1.is_some());
}
