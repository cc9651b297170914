//! Whatever stands in one file of a pack, reading the rules and judging by them ends in verdicts or in problems.

use crate::pack::{self, Files};
use gongdao_rules::{RuleSet, case_failures};

/// As for packs, and then the rules: load, check, and run the cases where they load.
pub(crate) fn drive(good: &Files, bytes: &[u8]) {
    let (files, packs) = pack::drive(good, bytes);
    let Some(packs) = packs else { return };
    let (rules, mut problems) = RuleSet::survey(&packs);
    let sound = problems.is_empty();
    if let Some(rules) = &rules {
        problems.extend(gongdao_rules::check(&packs, rules));
    }
    pack::well_told(&files, &problems);
    if let (true, Some(rules)) = (sound, rules) {
        let (ran, failures) = case_failures(&packs, &rules, "").unwrap();
        assert!(failures.len() <= ran);
    }
}
