//! The derived facts that look at rows: required speed, repeat offers; and what a missing person or an impossible time does.

use super::{START, TIMES, numbers, open};
use proptest::prelude::*;
use std::fmt::Write as _;

fn cell(value: Option<i64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

type Promise = (Option<i64>, Option<i64>, Option<i64>);

fn number(most: i64) -> impl Strategy<Value = Option<i64>> {
    prop_oneof![8 => (0..most).prop_map(Some), 1 => Just(None), 1 => Just(Some(-1))]
}

/// The rule's own comparison, `distance <= minutes * speed`, decides what the required speed has to say.
fn check_speed(promises: &[Promise]) {
    let mut csv = "decision_id,distance_metres,promised_minutes,fixed_minutes\n".to_owned();
    for (number, (distance, promised, fixed)) in promises.iter().enumerate() {
        let _ = writeln!(csv, "{number},{},{},{}", cell(*distance), cell(*promised), cell(*fixed));
    }
    let folder = tempfile::tempdir().unwrap();
    let columns = "decision_id = \"text\"\ndistance_metres = \"integer\"\npromised_minutes = \"integer\"\n\
                   fixed_minutes = \"integer\"";
    let more = "[[derived]]\nname = \"required-speed\"\nview = \"speed\"\nfrom = { promises = \"promises\" }\n";
    let session = open(folder.path(), &[("promises", columns, csv)], more).unwrap();
    let query = "SELECT decision_id, required_metres_per_minute, CAST(out_of_reach AS BIGINT) FROM speed";
    let found = numbers(&session, query);
    let known = |value: Option<i64>| value.filter(|value| *value >= 0);
    for (number, (distance, promised, fixed)) in promises.iter().enumerate() {
        let (speed, out_of_reach) = (found[&number.to_string()][0], found[&number.to_string()][1]);
        let (distance, left) = (known(*distance), known(*promised).zip(known(*fixed)).map(|(all, fixed)| all - fixed));
        let Some((distance, left)) = distance.zip(left) else {
            // Without a distance, no time at all decides alone, and some time is enough for some speed.
            let decided = left.filter(|left| *left != 0).map(|left| i64::from(left < 0));
            assert_eq!((speed, out_of_reach), (None, decided), "a number is missing");
            continue;
        };
        let keeps = |speed: i64| distance <= left * speed;
        assert_eq!(out_of_reach, Some(i64::from(!keeps(1_000_000_000))));
        let slowest = (0..=20_000).find(|speed| keeps(*speed));
        assert_eq!(speed, slowest, "{distance} m in {left} min");
    }
}

type Offer = (u8, u8, Option<i64>, Option<bool>);

fn offer() -> impl Strategy<Value = Offer> {
    let at = prop_oneof![12 => (0_i64..6).prop_map(Some), 1 => Just(None)];
    let refused = prop_oneof![6 => any::<bool>().prop_map(Some), 1 => Just(None)];
    (0_u8..3, 0_u8..3, at, refused)
}

fn offers(rows: &[String]) -> std::collections::BTreeMap<String, Vec<Option<i64>>> {
    let folder = tempfile::tempdir().unwrap();
    let columns =
        "offer_id = \"text\"\nperson = \"text\"\norder_id = \"text\"\noffered_at = \"millis\"\nrefused = \"bool\"";
    let csv = format!("offer_id,person,order_id,offered_at,refused\n{}\n", rows.join("\n"));
    let more = "[[derived]]\nname = \"repeat-offers\"\nview = \"repeats\"\nfrom = { offers = \"offers\" }\n";
    let session = open(folder.path(), &[("offers", columns, csv)], more).unwrap();
    numbers(&session, "SELECT offer_id, earlier_offers, earlier_refusals FROM repeats")
}

fn check_offers(all: &[Offer]) {
    let row = |(number, (person, order, at, refused)): (usize, &Offer)| {
        let refused = refused.map(|refused| refused.to_string()).unwrap_or_default();
        format!("{number},P{person},O{order},{},{refused}", cell(at.map(|at| START + at)))
    };
    let found = offers(&all.iter().enumerate().map(row).collect::<Vec<_>>());
    for (number, (person, order, at, _)) in all.iter().enumerate() {
        let same: Vec<_> = all.iter().filter(|other| (other.0, other.1) == (*person, *order)).collect();
        let timed = same.iter().all(|other| other.2.is_some());
        let earlier: Vec<_> = same.into_iter().filter(|other| other.2 < *at).collect();
        let count = |found: usize| i64::try_from(found).unwrap();
        let refusals = earlier.iter().filter(|other| other.3 == Some(true)).count();
        let answered = earlier.iter().all(|other| other.3.is_some());
        let expected = [timed.then_some(count(earlier.len())), (timed && answered).then_some(count(refusals))];
        assert_eq!(found[&number.to_string()], expected, "offer {number} of {all:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]

    #[test]
    fn the_required_speed_is_the_slowest_that_keeps_the_limit(
        promises in prop::collection::vec((number(3_000), number(60), number(20)), 1..60)
    ) {
        check_speed(&promises);
    }

    #[test]
    fn repeat_offers_are_those_of_the_same_order_to_the_same_person_before(
        all in prop::collection::vec(offer(), 1..40)
    ) {
        check_offers(&all);
    }
}

#[test]
fn an_offer_to_nobody_knows_whom_leaves_all_repeats_unknown() {
    let known = ["a,P1,O1,1760364000000,true".to_owned(), "b,P1,O1,1760364000001,false".to_owned()];
    assert_eq!(offers(&known)["b"], [Some(1), Some(1)]);
    for lost in ["c,,O7,1760364000001,true", "c,P7,,1760364000001,true"] {
        let found = offers(&[known.as_slice(), &[lost.to_owned()]].concat());
        assert!(found.values().flatten().all(Option::is_none), "{lost}: {found:?}");
    }
}

/// Continuous, since rest, daily minutes of one decision, an hour after the start, over these rows of orders.
fn minutes(orders: &str) -> Vec<Option<i64>> {
    let folder = tempfile::tempdir().unwrap();
    let tables = [
        ("orders", TIMES, format!("person,accepted_at,finished_at\n{orders}")),
        (
            "moments",
            "decision_id = \"text\"\nperson = \"text\"\nat = \"millis\"",
            format!("decision_id,person,at\nD,P,{}\n", START + 3_600_000),
        ),
    ];
    let from = "from = { orders = \"orders\", moments = \"moments\" }";
    let more = format!(
        "[[derived]]\nname = \"continuous-minutes\"\nview = \"s\"\n{from}\n\
         [[derived]]\nname = \"daily-minutes\"\nview = \"d\"\n{from}\n"
    );
    let session = open(folder.path(), &tables, &more).unwrap();
    let query = "SELECT s.decision_id, continuous_minutes, minutes_since_rest, daily_minutes \
                 FROM s JOIN d ON s.decision_id = d.decision_id";
    numbers(&session, query).remove("D").unwrap()
}

#[test]
fn whose_orders_nobody_knows_leave_everybody_unknown() {
    let order = |person: &str, from: i64, until: i64| {
        format!("{person},{},{}\n", START + from * 60_000, START + until * 60_000)
    };
    let own = order("P", 10, 40);
    let all = |minutes: [i64; 3]| minutes.map(Some).to_vec();
    // An hour after the start the stretch of thirty minutes is over: twenty minutes of rest have passed.
    assert_eq!(minutes(&own), all([0, 0, 30]));
    assert_eq!(minutes(&order("P", 10, 41)), all([31, 50, 31]));
    assert_eq!(minutes(&(own.clone() + &order("Q", 0, 90))), all([0, 0, 30]), "somebody else's");
    assert_eq!(minutes(&(own.clone() + &order("", 0, 90))), [None, None, None], "nobody's");
    assert_eq!(minutes(&order("Q", 0, 90)), [None, None, None], "no order of the person is known");
    // Milliseconds in a column of seconds, an order of 1970: no moment, so no beginning.
    assert_eq!(minutes(&format!("{own}P,5,{}\n", START + 3_000_000)), [None, None, None], "an impossible time");
}

/// 240 minutes and a millisecond are over a limit of 240.
#[test]
fn a_begun_minute_counts_where_a_limit_must_not_be_exceeded() {
    let order = |more: i64| format!("P,{},{}\n", START, START + 30 * 60_000 + more);
    for (more, daily) in [(0, 30), (1, 31), (60_000, 31), (60_001, 32)] {
        assert_eq!(minutes(&order(more))[2], Some(daily), "{more} ms more");
    }
}
