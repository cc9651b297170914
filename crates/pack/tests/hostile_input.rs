//! Damaged pack files, through the same harness as the fuzz target `pack`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../../../fuzz/harness/mutate.rs"]
mod mutate;
#[path = "../../../fuzz/harness/pack.rs"]
mod pack;
mod support;

use mutate::{damage, damaged};
use proptest::prelude::*;
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
    fn any_text_gives_articles_or_none(text in "(第[一二三四五六七八九十百千零〇0-9]{0,6}条?[\u{3000} \n]?|#|\n|---\n|[款项a]){0,40}") {
        for (number, digest) in gongdao_pack::article_digests(&text) {
            prop_assert!(number.parse::<u32>().is_ok_and(|number| number > 0), "{}", number);
            prop_assert_eq!(digest.len(), "sha256:".len() + 64);
        }
    }
}

#[test]
fn the_good_packs_pass_through_undamaged() {
    assert!(pack::drive(&Files::good().0, &[]).1.is_some());
}
