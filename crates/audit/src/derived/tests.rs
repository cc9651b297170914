//! The packs' derived facts through a real session, beside their definitions by a naive oracle.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod adapters;
mod city;
mod oracle;
mod rows;

use crate::AuditError;
use crate::adapter::{Adapter, Sql};
use crate::query::Session;
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use gongdao_pack::Packs;
use oracle::{Order, TICKS};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Two hours before a midnight in Beijing.
const START: i64 = 1_760_364_000_000;
/// That midnight, in ticks from the start.
const MIDNIGHT: i64 = 120 * TICKS;
const TICK_MILLIS: i64 = 60_000 / TICKS;

fn packs() -> &'static Packs {
    static PACKS: OnceLock<Packs> = OnceLock::new();
    PACKS.get_or_init(|| Packs::read(&root().join("packs")).unwrap())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A session over tables (name, columns in TOML, CSV) and more TOML.
fn open(folder: &Path, tables: &[(&str, &str, String)], more: &str) -> Result<Session, AuditError> {
    let mut toml =
        "format = 1\nname = \"test\"\nzh = \"试\"\nen = \"Test\"\nkind = \"register\"\ndata = \".\"\n".to_owned();
    for (name, columns, csv) in tables {
        std::fs::write(folder.join(format!("{name}.csv")), csv).unwrap();
        let _ = write!(toml, "[[table]]\nname = \"{name}\"\nfiles = [\"{name}.csv\"]\n[table.columns]\n{columns}\n");
    }
    std::fs::write(folder.join("test.toml"), toml + more).unwrap();
    let adapter = Adapter::read(&folder.join("test.toml")).map_err(AuditError::from)?;
    Session::open(&adapter, folder, &packs().derived)
}

/// Whole numbers of a query by the text in its first column.
fn numbers(session: &Session, query: &str) -> BTreeMap<String, Vec<Option<i64>>> {
    let mut found = BTreeMap::new();
    let sql = Sql { file: "test.sql".into(), text: query.to_owned() };
    for batch in session.stream(&sql).unwrap() {
        let batch = batch.unwrap();
        let key = cast(batch.column(0), &DataType::Utf8).unwrap();
        let columns: Vec<_> = batch.columns()[1..].iter().map(|array| cast(array, &DataType::Int64).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let value = |array: &dyn Array| array.is_valid(row).then(|| array.as_primitive::<Int64Type>().value(row));
            let values = columns.iter().map(|array| value(array)).collect();
            assert!(found.insert(key.as_string::<i32>().value(row).to_owned(), values).is_none(), "a row stands twice");
        }
    }
    found
}

fn millis(tick: Option<i64>) -> String {
    tick.map(|tick| (START + tick * TICK_MILLIS).to_string()).unwrap_or_default()
}

/// Somebody's orders, decisions and periods.
type Person = (Vec<Order>, Vec<i64>, Vec<(i64, i64)>);

/// What one proptest case is about: the orders, decisions and periods of some persons.
#[derive(Debug, Clone)]
struct Day {
    persons: Vec<Person>,
    pause: i64,
    rest: i64,
}

/// Minutes before and after midnight, most of them few enough to meet.
fn minute() -> impl Strategy<Value = i64> {
    prop_oneof![3 => (6_i64..20).prop_map(|tens| tens * 10), 1 => 60_i64..200].prop_map(|minute| minute * TICKS)
}

fn order() -> impl Strategy<Value = Order> {
    let length = prop_oneof![Just(0), Just(10), Just(30), 1_i64..90];
    (minute(), length).prop_map(|(from, length)| Order { accepted: Some(from), finished: Some(from + length * TICKS) })
}

/// At most two orders of a person lack a time, so that all they could have been can be tried.
fn person() -> impl Strategy<Value = Person> {
    let orders = prop::collection::vec(order(), 0..9);
    let flaws = prop::collection::vec((any::<prop::sample::Index>(), 0_u8..16), 0..3);
    let moments = prop::collection::vec(prop_oneof![4 => minute(), 1 => Just(MIDNIGHT)], 1..7);
    let periods = prop::collection::vec((minute(), minute()), 1..4);
    (orders, flaws, moments, periods).prop_map(|(mut orders, flaws, moments, periods)| {
        for (which, flaw) in flaws {
            if let Some(order) = orders.get_mut(which.index(9)) {
                match flaw {
                    0..4 => order.accepted = None,
                    4..8 => order.finished = None,
                    8 => (order.accepted, order.finished) = (None, None),
                    9 => order.finished = order.accepted.map(|from| from - 1),
                    _ => {}
                }
            }
        }
        (orders, moments, periods)
    })
}

fn day() -> impl Strategy<Value = Day> {
    let gap = || prop_oneof![Just(0_i64), Just(10), 1_i64..30];
    (prop::collection::vec(person(), 1..20), gap(), gap()).prop_map(|(persons, pause, rest)| Day {
        persons,
        pause,
        rest,
    })
}

const TIMES: &str = "person = \"text\"\naccepted_at = \"millis\"\nfinished_at = \"millis\"";

/// The three facts of working time over one day, through the session.
fn session(folder: &Path, day: &Day) -> Session {
    let mut orders = "person,accepted_at,finished_at\n".to_owned();
    let mut moments = "decision_id,person,at\n".to_owned();
    let mut payments = "payment_id,person,from_at,until_at,pay_fen\n".to_owned();
    for (person, (own, asked, periods)) in day.persons.iter().enumerate() {
        for order in own {
            let _ = writeln!(orders, "P{person},{},{}", millis(order.accepted), millis(order.finished));
        }
        for (number, at) in asked.iter().enumerate() {
            let _ = writeln!(moments, "{person}-{number},P{person},{}", millis(Some(*at)));
        }
        for (number, (from, until)) in periods.iter().enumerate() {
            let _ =
                writeln!(payments, "{person}-{number},P{person},{},{},1000", millis(Some(*from)), millis(Some(*until)));
        }
    }
    let tables = [
        ("orders", TIMES, orders),
        ("moments", "decision_id = \"text\"\nperson = \"text\"\nat = \"millis\"", moments),
        (
            "payments",
            "payment_id = \"text\"\nperson = \"text\"\nfrom_at = \"millis\"\nuntil_at = \"millis\"\npay_fen = \"integer\"",
            payments,
        ),
    ];
    let (pause, rest) = (day.pause, day.rest);
    let more = format!(
        "[[derived]]\nname = \"continuous-minutes\"\nview = \"stretch\"\n\
         from = {{ orders = \"orders\", moments = \"moments\" }}\n\
         parameters = {{ pause_minutes = {pause}, rest_minutes = {rest} }}\n\
         [[derived]]\nname = \"daily-minutes\"\nview = \"daily\"\nfrom = {{ orders = \"orders\", moments = \"moments\" }}\n\
         [[derived]]\nname = \"hourly-pay\"\nview = \"paid\"\nfrom = {{ orders = \"orders\", payments = \"payments\" }}\n"
    );
    open(folder, &tables, &more).unwrap()
}

/// Begun minutes count.
fn up(ticks: Option<i64>) -> Option<i64> {
    ticks.map(|ticks| (ticks + TICKS - 1) / TICKS)
}

/// What the views say must be what the definitions say, missing answers included.
fn check(day: &Day) {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path(), day);
    let query = "SELECT s.decision_id, continuous_minutes, minutes_since_rest, daily_minutes \
                 FROM stretch AS s JOIN daily AS d ON s.decision_id = d.decision_id";
    let found = numbers(&session, query);
    let paid = numbers(&session, "SELECT payment_id, worked_minutes, pay_fen_per_hour FROM paid");
    let (pause, rest) = (day.pause * TICKS, day.rest * TICKS);
    for (person, (orders, asked, periods)) in day.persons.iter().enumerate() {
        for (number, at) in asked.iter().enumerate() {
            let midnight = if *at < MIDNIGHT { -22 * 60 * TICKS } else { MIDNIGHT };
            let expected = [
                up(oracle::continuous(orders, *at, pause, rest)),
                up(oracle::since_rest(orders, *at, rest)),
                up(oracle::worked(orders, midnight, *at)),
            ];
            let what = format!("decision at {at} with pause {pause}, rest {rest}, orders {orders:?}");
            assert_eq!(found[&format!("{person}-{number}")], expected, "{what}");
        }
        for (number, (from, until)) in periods.iter().enumerate() {
            let worked = if until < from { None } else { oracle::worked(orders, *from, *until) };
            let hourly = worked.filter(|ticks| *ticks > 0).map(|ticks| 1000 * 60 * TICKS / ticks);
            let expected = [worked.map(|ticks| ticks / TICKS), hourly];
            let what = format!("period {from} to {until}, orders {orders:?}");
            assert_eq!(paid[&format!("{person}-{number}")], expected, "{what}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn working_time_is_what_counting_half_minutes_gives_and_missing_where_it_could_be_another(day in day()) {
        check(&day);
    }
}
