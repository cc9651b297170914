//! Every day from 2015 to 2027: each provision is not yet in force, in force or ended, in this order, without a gap.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs, reason = "tests")]

mod support;

use gongdao_law::{Force, Reference, RuleText, Sheet};
use gongdao_model::{LegalDate, VersionKey};
use std::collections::BTreeMap;
use support::{day, example, law};

/// The days from 2015-01-01 to 2027-12-31.
fn days() -> Vec<LegalDate> {
    let mut days = Vec::new();
    let mut at = day("2027-12-31");
    while at >= day("2015-01-01") {
        days.push(at);
        at = at.previous();
    }
    days.reverse();
    days
}

/// Not yet, in force, ended; a draft is apart.
fn stage(force: Force) -> u8 {
    match force {
        Force::Draft => 0,
        Force::NotYet { .. } => 1,
        Force::InForce { .. } => 2,
        Force::Ended { .. } => 3,
    }
}

#[test]
fn on_every_day_a_provision_is_shown_in_one_state_and_states_follow_each_other() {
    let days = days();
    assert_eq!(days.len(), 4748);
    for book in [law(), example()] {
        for pack in &book.packs().instruments {
            let reference = Reference::Instrument(pack.instrument.id.clone());
            let mut before: BTreeMap<String, u8> = BTreeMap::new();
            for on in &days {
                let sheets = book.show(&reference, *on).unwrap();
                assert_eq!(sheets.len(), pack.provisions.len());
                for sheet in sheets {
                    check(&sheet, *on, pack.instrument.effective, pack.instrument.until);
                    let stage = stage(sheet.force);
                    let earlier = before.insert(sheet.id.to_owned(), stage).unwrap_or(stage);
                    assert!(earlier <= stage && stage - earlier <= 1, "{} on {on}: {earlier} then {stage}", sheet.id);
                }
            }
        }
    }
}

/// What the sheet says is what the dates of its instrument say, for it and for its rules.
fn check(sheet: &Sheet<'_>, on: LegalDate, from: LegalDate, until: Option<LegalDate>) {
    let holds = from <= on && until.is_none_or(|until| on < until);
    assert_eq!(sheet.force.holds(), holds && sheet.force != Force::Draft, "{} on {on}", sheet.id);
    for rule in &sheet.rules {
        let own = rule.from <= on && rule.until.is_none_or(|until| on < until);
        assert_eq!(rule.in_force, sheet.force.holds() && own, "{} on {on}", rule.rule);
    }
    for duty in &sheet.duties {
        assert_eq!(duty.in_force, sheet.force.holds() && duty.from <= on, "{} on {on}", duty.id);
    }
    assert_eq!(sheet.on, on);
}

#[test]
fn the_versions_of_a_rule_neither_overlap_nor_leave_a_gap() {
    for book in [law(), example()] {
        let mut rules: BTreeMap<(String, Option<String>), Vec<&RuleText>> = BTreeMap::new();
        for rule in book.rules() {
            let VersionKey { rule: id, reading, .. } = &rule.key;
            rules.entry((id.to_string(), reading.as_ref().map(ToString::to_string))).or_default().push(rule);
        }
        assert!(!rules.is_empty());
        for ((rule, _), mut versions) in rules {
            versions.sort_by_key(|version| version.key.from);
            for pair in versions.windows(2) {
                assert_eq!(pair[0].until, Some(pair[1].key.from), "{rule}: one version ends where the next begins");
            }
            for on in days() {
                let holding = versions.iter().filter(|version| version.holds_on(on)).count();
                let last = versions.last().unwrap().until;
                let expected = versions[0].key.from <= on && last.is_none_or(|until| on < until);
                assert_eq!(holding, usize::from(expected), "{rule} on {on}");
            }
        }
    }
}

#[test]
fn what_is_in_force_in_a_place_is_what_the_sheets_say() {
    for book in [law(), example()] {
        for on in days().into_iter().step_by(7) {
            for place in ["000000", "110000", "440300"] {
                let place = place.parse().unwrap();
                let law = book.in_force(on, place);
                let listed: Vec<&str> = law.instruments.iter().map(|row| row.instrument.id.as_str()).collect();
                for instrument in book.instruments() {
                    let expected = Force::of(instrument, on).holds() && instrument.place.covers(place);
                    assert_eq!(
                        listed.contains(&instrument.id.as_str()),
                        expected,
                        "{} on {on} in {place}",
                        instrument.id
                    );
                }
            }
        }
    }
}
