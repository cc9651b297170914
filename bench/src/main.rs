//! Measurements of Gongdao, each of which states machine, data size, command and caveats.
//!
//! In: the packs, a built `gongdao`, sizes. Out: a text for bench/README.md. Contains nothing that the product calls; raw
//! Cedar is called here, and rules are written by hand, only to be compared with.

mod asof;
mod audit;
mod connections;
mod decisions;
mod desk;
mod differential;
mod explain;
mod gate;
mod http;
mod label;
mod ledger;
mod machine;
mod memory;
mod options;
mod reference;
mod statute;

use mimalloc::MiMalloc;
use options::Options;
use std::io::Write;
use std::process::ExitCode;

/// As in the program.
#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

const USAGE: &str = "cargo run -p gongdao-bench -- <bench> [options]

  reference      rules x decisions per second of the reference evaluator, beside raw Cedar on the same policies
      --packs DIR       the packs folder [packs]
      --decisions N     decisions in the set [1000]
      --rounds N        rounds, each of which runs every variant once [9]
      --seed N          seed of the decisions [1]

  asof           the as-of index: events pushed, folded and applied, decisions probed, columns built; bytes an event
      --probes N        decisions [10000000]
      --events N        events [1000000]
      --persons N       keys of events and decisions [200000]
      --threads N       threads that fold [2]
      --seed N          seed of events and decisions [1]
  audit-data     decisions and events drawn into Parquet files, for the measurements below
      --rows N          decisions [10000000]; a tenth as many events
      --kept WHICH      facts of the `sixty` rule versions of bench/audit-rules.txt, or of `all` [sixty]
      --out DIR         where the files go [target/bench-audit]
      --seed N          seed of decisions and events [1]

  audit          the sixty over the files, states included: time, memory, counts as JSON
  audit-peers    the same beside DuckDB and Polars, which must count the same
      --rounds N        rounds of each engine [3]
      --peers DIR       the folder of their scripts [bench/peers]
      --venv DIR        the environment they are installed into [target/bench-peers]
  audit-official the same beside the official evaluator over a sample, each verdict compared
  audit-by-hand  twelve of them in memory beside a loop by hand
  audit-curve    cost of one more rule and one more reading; needs files with `--kept all`
  gate-kernel    1 and 500 decisions at a time beside the official evaluator, each verdict compared
      --data DIR        the files [target/bench-audit]
      --threads N       threads of `audit`, `audit-peers`, `audit-official` [2]
      --batch N         rows of a batch [32768]
      --sample N        decisions in memory [20000; by hand 1000000; curve 500000]

  gate           the gate in process: 1 and 500 checks at a time, beside raw Cedar and regorus; memory of persons' state
      --sample N        decisions in memory [20000]
      --persons N       persons with state [1000000]
      --rounds N        rounds [5]
      --seed N          seed of decisions and events [1]

  gate-http      `gongdao serve` on 127.0.0.1: single checks, batches, Arrow streams, withdrawals, memory of persons' state
      --gongdao PATH    the built program [target/debug/gongdao]
      --packs DIR       the packs folder [packs]
      --kept WHICH      the `sixty` rule versions of bench/audit-rules.txt in force, or `all` [sixty]
      --seconds N       length of each measurement [20]
      --connections N   connections that stay open [8]
      --sample N        decisions that are sent, each under new identifiers [20000]
      --persons N       persons with state, an event each [100000]
      --rounds N        withdrawals [500]
      --postgres DIR    folder of PostgreSQL's programs, for two processes on one database; else one on SQLite
      --folder DIR      where the services lie for the time being [the system's temporary folder]
      --seed N          seed of decisions and events [1]

  pages          every page as the one it is for, with many decisions logged: bytes of a first view, server time, what misses the aims
      --gongdao PATH    the built program [target/debug/gongdao]
      --packs DIR       the packs folder [packs]
      --decisions N     decisions in all, most of them made elsewhere [1000000]
      --sample N        those among them that are checked [a tenth]
      --persons N       persons that they are about [1000]
      --rounds N        times that each page is asked for [100]
      --folder DIR      where the service lies for the time being [the system's temporary folder]
      --seed N          seed of the decisions [1]

  audit-memory   peak memory and rows per second of `gongdao audit` over a simulated city
      --gongdao PATH    the built program [target/debug/gongdao]
      --packs DIR       the packs folder [packs]
      --decisions N     decisions of the city [2000000]
      --seed N          seed of the city [1]
      --folder DIR      where the city and the results go for the time being [the system's temporary folder]

  law            the statute book: packs read, rules frozen, index built, questions asked
      --packs DIR       the packs folder [packs]
      --texts DIR       imported official texts [none]
      --rounds N        rounds of each [20]
  assess         the worked examples held against everything in force
      --packs DIR       the packs folder [packs]
      --services DIR    their descriptions [examples/services]
      --rounds N        rounds of each [100]
  clock          due dates a second, by unit
      --dates N         dates of each unit [4000000]
      --seed N          seed of events and lengths [1]

  explain        one explanation after the other: exact shares over 14 factors, and what would have changed the outcome
      --rounds N        explanations [2000]
      --seed N          seed of the values [1]

  desk           the rights desk: pages of a long queue, due dates counted again, everything about one person
      --cases N         open cases [1000000]
      --decisions N     decisions about the person [50000]
      --rounds N        rounds of what is asked [20]
      --database URL    an empty database of PostgreSQL [SQLite in the folder]
      --packs DIR       the packs folder [packs]
      --folder DIR      where the service lies for the time being [the system's temporary folder]

  differential   the kernel beside the reference evaluator and the official authorizer, over drawn rules and rows
      --rows N          rows of all levels together [100000]
      --seed N          seed of the first world; the others follow [1]
      --level LEVEL     rules, language or both [both]

  ledger-writer  records from the network, acknowledged when they are on the disk, beside SQLite and PostgreSQL
      --records N       records of a round [1000000]
      --rounds N        rounds, each of which runs every one [3]
      --connections N   connections over 127.0.0.1 [4]
      --batch N         records of a request [500]
      --window N        requests that a connection has on the way [5]
      --per-second N    one more run in which so many records are sent a second, for its waits; 0 for none [100000]
      --persons N       persons that decisions are about [10000]
      --checkpoint-ms N how often a checkpoint is signed [1000]
      --peers yes|no    SQLite and PostgreSQL too [yes]
      --postgres DIR    folder of its programs, /usr/lib/postgresql/15/bin; left out where none is given
      --folder DIR      where the stores go for the time being [the system's temporary folder]

  ledger-growth  rate, memory and start at growing numbers of records
      --marks LIST      millions of records [1,3,10,30,100]
      --threads N       threads that log [2]
      --persons N       persons that decisions are about [100000]
      --out DIR         the ledger's folder, which must not exist [target/bench-ledger]

  ledger-verify  microseconds a receipt, rows an auditor recomputes a second
      --records N       records of the ledger [1000000]
      --rounds N        rounds [3]
      --folder DIR      where the ledger goes for the time being [the system's temporary folder]
  label          embedding into PNG and JPEG beside exiftool and Python tools, a folder of pictures beside copying it, peak
                 memory of a film; needs ffmpeg
      --part WHICH      files, folder, film or all [all]
      --rounds N        rounds, each of which runs every way once [15]
      --files N         pictures in the folder [10000]
      --threads N       threads for the folder [the machine's cores]
      --gib N           size of the film [4]
      --peers DIR       the folder of the script for Python tools [bench/peers]
      --venv DIR        the environment they are installed into [target/bench-label]
      --folder DIR      where the files go for the time being [the system's temporary folder]

  label-one      one file into another; what `label` starts as a process of its own
      --from FILE, --to FILE
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let said = match arguments.split_first() {
        Some((bench, rest)) => match (bench.as_str(), Options::read(rest)) {
            ("law", Ok(options)) => statute::law(&options),
            ("assess", Ok(options)) => statute::assess(&options),
            ("clock", Ok(options)) => statute::clock(&options),
            ("desk", Ok(options)) => desk::run(&options),
            ("explain", Ok(options)) => explain::run(&options),
            ("reference", Ok(options)) => reference::run(&options),
            ("asof", Ok(options)) => asof::run(&options),
            ("audit-memory", Ok(options)) => memory::run(&options),
            ("differential", Ok(options)) => differential::run(&options),
            ("label", Ok(options)) => label::run(&options),
            ("label-one", Ok(options)) => label::one(&options),
            ("audit-data", Ok(options)) => audit::data::run(&options),
            ("audit", Ok(options)) => audit::run::run(&options),
            ("audit-official", Ok(options)) => audit::official::run(&options),
            ("gate", Ok(options)) => gate::run(&options),
            ("gate-http", Ok(options)) => http::run(&options),
            ("pages", Ok(options)) => http::pages::run(&options),
            ("gate-kernel", Ok(options)) => audit::official::gate(&options),
            ("audit-by-hand", Ok(options)) => audit::fused::run(&options),
            ("audit-curve", Ok(options)) => audit::curve::run(&options),
            ("audit-peers", Ok(options)) => audit::peers::run(&options),
            ("ledger-writer", Ok(options)) => ledger::writer::run(&options),
            ("ledger-client", Ok(options)) => ledger::client(&options),
            ("ledger-growth", Ok(options)) => ledger::growth::run(&options),
            ("ledger-verify", Ok(options)) => ledger::verify::run(&options),
            (_, Err(error)) => Err(error),
            _ => Err(USAGE.to_owned()),
        },
        None => Err(USAGE.to_owned()),
    };
    match said {
        Ok(text) => {
            let _ = writeln!(std::io::stdout().lock(), "{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr().lock(), "{error}");
            ExitCode::FAILURE
        }
    }
}
