//! What the official evaluator stopped stays stopped: in the database, in the ledger, over a restart, until two people lift it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_gate::{Gate, GateError, GateSettings, Initial, Oracle, OracleSettings};
use gongdao_model::{Facts, Instant, Outcome, PlaceCode};
use gongdao_pack::Packs;
use gongdao_rules::{Judged, Reference, RuleSet};
use gongdao_service::port::JournalKind;
use gongdao_service::{Act, ErrorKind, Role};
use std::sync::Arc;
use std::time::{Duration, Instant as Ticks};
use support::{Home, Running, decision, on_each};

/// Says the contrary of the first rule that is satisfied or violated.
#[derive(Debug)]
struct Erring(Reference);

impl Oracle for Erring {
    fn judge(&self, at: Instant, action: &str, place: Option<PlaceCode>, facts: &Facts) -> Result<Vec<Judged>, String> {
        let mut judged = Oracle::judge(&self.0, at, action, place, facts)?;
        for one in &mut judged {
            match one.outcome {
                Outcome::Satisfied => one.outcome = Outcome::Violated,
                Outcome::Violated => one.outcome = Outcome::Satisfied,
                _ => continue,
            }
            break;
        }
        Ok(judged)
    }
}

fn errs(packs: &Packs, rules: &RuleSet) -> Result<Gate, GateError> {
    let settings = GateSettings { oracle: OracleSettings { share: 1.0, wait: false }, ..GateSettings::default() };
    let oracle = Arc::new(Erring(Reference::new(rules).unwrap()));
    Gate::with_oracle(packs, rules, settings, &Initial::new(), oracle)
}

fn start(home: &Home) -> Running {
    home.start_gate("ledger.example/one", home.store(), errs, |_| {}).unwrap()
}

/// Wait for the thread that keeps what the gate stopped.
fn kept(running: &Running, count: usize) {
    let began = Ticks::now();
    let caller = running.log_in("officer");
    while running.service.settings(&caller).unwrap().value.stopped.len() != count {
        assert!(began.elapsed() < Duration::from_secs(10), "it is not kept");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_rule_that_a_divergence_stopped_stays_stopped_until_two_people_lift_it() {
    on_each(|home| {
        let running = start(home);
        let administrator = running.administrator();
        let officer = running.someone(&administrator, "officer", Role::Officer, &[]);
        let reviewer = running.someone(&administrator, "reviewer", Role::Reviewer, &[]);
        running.check_one(decision("d-1", "p", 300)).unwrap();
        running.service.gate().settle();
        let stopped = running.service.gate().stopped();
        let [one] = stopped.as_slice() else { panic!("{stopped:?}") };
        let version = one.version.clone();
        kept(&running, 1);
        let trail = running.service.operations(&officer, JournalKind::Settings, None, 10).unwrap();
        assert_eq!((trail.len(), trail[0].actor.as_str()), (1, "official-evaluator"));
        assert!(trail[0].body["found"]["official"].is_object() && !trail[0].body.to_string().contains("d-1"));
        running.service.stop().unwrap();
        drop(running);

        // A gate that finds nothing: it is stopped by what was kept.
        let running = home.start();
        assert_eq!(running.service.gate().stopped()[0].version, version);
        let alone = running.service.resume_rule(&officer, &version).unwrap_err();
        assert_eq!(alone.kind, ErrorKind::NeedsApproval);
        let act = Act::ResumeRule { version: version.clone() };
        let asked = running.service.ask_approval(&officer, act.clone(), "it was the evaluator").unwrap();
        assert_eq!(
            running.service.decide_approval(&officer, &asked.id, true, "yes").unwrap_err().kind,
            ErrorKind::Forbidden
        );
        running.service.decide_approval(&reviewer, &asked.id, true, "checked").unwrap();
        assert!(running.service.gate().stopped().is_empty());
        assert_eq!(running.service.ask_approval(&officer, act, "again").unwrap_err().kind, ErrorKind::Input);
        let trail = running.service.operations(&officer, JournalKind::Settings, None, 10).unwrap();
        assert!(trail.len() == 2 && trail.iter().all(|one| one.leaf.is_some()), "{trail:?}");
        running.service.stop().unwrap();
        drop(running);
        assert!(home.start().service.gate().stopped().is_empty());
    });
}

#[test]
fn the_process_that_found_a_divergence_lets_the_rule_judge_again_when_two_people_lift_it() {
    on_each(|home| {
        let running = start(home);
        let administrator = running.administrator();
        let officer = running.someone(&administrator, "officer", Role::Officer, &[]);
        let reviewer = running.someone(&administrator, "reviewer", Role::Reviewer, &[]);
        running.check_one(decision("d-1", "p", 300)).unwrap();
        running.service.gate().settle();
        kept(&running, 1);
        let version = running.service.gate().stopped()[0].version.clone();
        let asked =
            running.service.ask_approval(&officer, Act::ResumeRule { version: version.clone() }, "why").unwrap();
        running.service.decide_approval(&reviewer, &asked.id, true, "checked").unwrap();
        assert!(running.service.gate().stopped().is_empty());
        // Found again, it is stopped again.
        running.check_one(decision("d-2", "p", 300)).unwrap();
        running.service.gate().settle();
        kept(&running, 1);
        assert_eq!(running.service.gate().stopped()[0].version, version);
    });
}
