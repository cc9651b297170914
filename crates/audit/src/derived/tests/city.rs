//! The simulated city keeps its own count of its couriers' minutes; the derived facts find it again from the waybills.

use super::{numbers, open};
use gongdao_sim::{Settings, simulate};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

/// A refused waybill has `0` for its times (a trap of real tables: as a moment it would be impossible), so they are read as numbers.
/// Waybills have arrivals in whole seconds, so an order ended up to a second later than its row says. Longer orders never make
/// a stretch shorter: what the city counted lies between the two.
const RIDES: &str = "SELECT courier AS person, dispatched_at AS accepted_at, \
    GREATEST(arrive_time * 1000 + MORE, CAST(dispatched_at AS BIGINT) + 60000) AS finished_at \
    FROM waybills WHERE NOT refused";

const TABLES: [(&str, &str); 2] = [
    (
        "decisions",
        "decision_id = \"text\"\nperson = \"text\"\nat = \"instant\"\naction = \"text\"\ncontinuousMinutes = \"integer\"\n\
         minutesSinceRest = \"integer\"\ndailyMinutes = \"integer\"",
    ),
    ("waybills", "courier = \"text\"\ndispatched_at = \"instant\"\nrefused = \"bool\"\narrive_time = \"integer\""),
];

type Found = BTreeMap<String, Vec<Option<i64>>>;

/// Continuous, since rest, daily minutes: what the city logged, and what is derived from the shorter and the longer orders.
fn derive(folder: &Path) -> [Found; 3] {
    let settings = Settings { seed: 3, orders: 3_000, couriers: None, days: 3, from: "2025-10-13".parse().unwrap() };
    simulate(&settings, folder).unwrap();
    let mut more = String::new();
    for (name, late) in [("early", 0), ("late", 999)] {
        std::fs::write(folder.join(format!("{name}.sql")), RIDES.replace("MORE", &late.to_string())).unwrap();
        let _ = write!(more, "[[view]]\nname = \"{name}\"\nsql = \"{name}.sql\"\n");
        for (fact, view) in [("continuous-minutes", "stretch"), ("daily-minutes", "daily")] {
            let _ = write!(
                more,
                "[[derived]]\nname = \"{fact}\"\nview = \"{view}_{name}\"\n\
                 from = {{ orders = \"{name}\", moments = \"decisions\" }}\n"
            );
        }
    }
    let text = |name: &str| std::fs::read_to_string(folder.join(format!("{name}.csv"))).unwrap();
    let session = open(folder, &TABLES.map(|(name, columns)| (name, columns, text(name))), &more).unwrap();
    let logged = "SELECT decision_id, \"continuousMinutes\", \"minutesSinceRest\", \"dailyMinutes\" FROM decisions";
    let derived = |name: &str| {
        format!(
            "SELECT s.decision_id, continuous_minutes, minutes_since_rest, daily_minutes \
             FROM stretch_{name} AS s JOIN daily_{name} AS d ON s.decision_id = d.decision_id"
        )
    };
    [numbers(&session, logged), numbers(&session, &derived("early")), numbers(&session, &derived("late"))]
}

fn rows(folder: &Path, file: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_path(folder.join(file)).unwrap().deserialize().map(Result::unwrap).collect()
}

/// The city drops what is left of a minute, the derived facts count it.
fn fits(logged: i64, early: i64, late: i64) -> bool {
    early <= logged + 1 && late >= logged
}

#[test]
fn the_minutes_that_the_city_logged_are_those_of_its_waybills() {
    let folder = tempfile::tempdir().unwrap();
    let [logged, early, late] = derive(folder.path());
    let waybills = rows(folder.path(), "waybills.csv");
    let taken = || waybills.iter().filter(|row| row["refused"] == "false");
    let riders: BTreeSet<&str> = taken().map(|row| row["courier"].as_str()).collect();
    // The city books an order on the day that it was taken on; the derived fact cuts it at midnight.
    let by_night: BTreeSet<&str> = taken()
        .filter(|row| !("02:00".."22:00").contains(&&row["dispatched_at"][11..16]))
        .map(|row| row["courier"].as_str())
        .collect();
    // An order that was refused goes out again half a minute later, before others that the city then takes for later ones.
    let mut last: BTreeMap<&str, &str> = BTreeMap::new();
    let out_of_order: BTreeSet<&str> = taken()
        .filter(|row| last.insert(&row["courier"], &row["dispatched_at"]) > Some(row["dispatched_at"].as_str()))
        .map(|row| row["courier"].as_str())
        .collect();
    let (mut stretches, mut days, mut sure) = (0, 0, 0);
    for row in rows(folder.path(), "decisions.csv") {
        let (id, person) = (&row["decision_id"], row["person"].as_str());
        if !riders.contains(person) {
            assert_eq!(early[id], [None, None, None], "nothing is known of `{person}`");
            continue;
        }
        if out_of_order.contains(person) {
            continue;
        }
        let known = |found: &Found| found[id].iter().map(|value| value.unwrap()).collect::<Vec<_>>();
        let (low, high, city) = (known(&early), known(&late), &logged[id]);
        match row["action"].as_str() {
            "dispatch" => {
                let (continuous, since_rest) = (city[0].unwrap(), city[1].unwrap());
                assert!(
                    fits(since_rest, low[1], high[1]),
                    "{id}: {since_rest} since rest, not {} to {}",
                    low[1],
                    high[1]
                );
                // Between orders the city counts no stretch; the derived fact keeps the one just ended.
                let most = if continuous == 0 { since_rest } else { continuous };
                assert!(fits(continuous, low[0].min(continuous), high[0]) && low[0] <= most + 1, "{id}: {continuous}");
                stretches += 1;
                sure += usize::from(low == high);
            }
            "pay" if !by_night.contains(person) => {
                assert!(fits(city[2].unwrap(), low[2], high[2]), "{id}: {city:?}, not {} to {}", low[2], high[2]);
                days += 1;
            }
            _ => {}
        }
    }
    assert!(stretches > 2_000 && days > 100, "{stretches} dispatches and {days} days were compared");
    assert!(sure * 10 > stretches * 8, "{sure} of {stretches} do not hang on the last second");
}
