//! Many threads check while others change the state and the settings.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_gate::{CheckRequest, StateEvent};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use support::{Law, event, moment, outcome, request, settings};

const KNOWN: &str =
    "context.minutes=1 context.personalInformation=true context.necessary=false context.purpose=dispatch";

/// One writer a person counts withdrawals and consents up; a check must never see less than was acknowledged before it
/// began, nor more than was begun before it ended.
#[test]
fn no_check_sees_less_than_was_acknowledged_before_it_began() {
    const WRITERS: usize = 2;
    const ROUNDS: i64 = 2_000;
    let law = Law::small();
    let gate = law.gate_with(settings("[oracle]\nshare = 0.05"), &gongdao_gate::Initial::new());
    let acknowledged: Vec<AtomicI64> = (0..WRITERS).map(|_| AtomicI64::new(0)).collect();
    let begun: Vec<AtomicI64> = (0..WRITERS).map(|_| AtomicI64::new(0)).collect();
    let checks = AtomicU64::new(0);
    let person = |number: usize| format!("p-{number}");
    let noon = moment("2023-05-01T12:00:00+08:00").millis();
    std::thread::scope(|scope| {
        for number in 0..WRITERS {
            let (gate, acknowledged, begun) = (&gate, &acknowledged, &begun);
            scope.spawn(move || {
                for round in 1..=ROUNDS {
                    // Odd rounds consent, even ones withdraw.
                    let change = if round % 2 == 1 { "set [dispatch]" } else { "set []" };
                    let at = gongdao_model::Instant::from_millis(noon + round).unwrap();
                    let base = event(&format!("resource.consents {change}"), "2023-05-01T12:00:00+08:00");
                    begun[number].store(round, Ordering::SeqCst);
                    gate.apply(&StateEvent { key: person(number), at, recorded_at: at, ..base }).unwrap();
                    acknowledged[number].store(round, Ordering::SeqCst);
                }
            });
        }
        for reader in 0..3 {
            let (gate, acknowledged, begun, checks) = (&gate, &acknowledged, &begun, &checks);
            scope.spawn(move || {
                loop {
                    let number = reader % WRITERS;
                    let before = acknowledged[number].load(Ordering::SeqCst);
                    let asked = CheckRequest {
                        person: Some(person(number)),
                        ..request("dispatch", "2023-05-01T12:00:00+08:00", KNOWN)
                    };
                    let answer = gate.check(&[asked]).remove(0).unwrap();
                    let after = begun[number].load(Ordering::SeqCst);
                    let seen = outcome(&answer, "3#basis");
                    let possible = (before..=after).map(|round| match round {
                        0 => "undetermined",
                        odd if odd % 2 == 1 => "satisfied",
                        _ => "violated",
                    });
                    assert!(
                        possible.clone().any(|one| one == seen),
                        "{seen} with {before} acknowledged, {after} begun"
                    );
                    checks.fetch_add(1, Ordering::Relaxed);
                    if before == ROUNDS {
                        break;
                    }
                }
            });
        }
        let (gate, acknowledged) = (&gate, &acknowledged);
        scope.spawn(move || {
            for round in 0.. {
                let mode = if round % 2 == 0 { "shadow" } else { "enforce" };
                gate.set_settings(settings(&format!("[default]\nmode = \"{mode}\"\n[oracle]\nshare = 0.05"))).unwrap();
                if acknowledged.iter().all(|done| done.load(Ordering::SeqCst) == ROUNDS) {
                    break;
                }
                std::thread::yield_now();
            }
        });
    });
    gate.settle();
    assert!(gate.alarms().is_empty(), "{:?}", gate.alarms());
    assert!(checks.load(Ordering::Relaxed) >= 3);
}

#[test]
fn a_batch_sees_one_state() {
    let law = Law::small();
    let gate = law.gate();
    let batch: Vec<CheckRequest> = (0..200).map(|_| request("dispatch", "2023-05-01T12:00:00+08:00", KNOWN)).collect();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for round in 0..400 {
                let change = if round % 2 == 0 { "set [dispatch]" } else { "set []" };
                gate.apply(&event(&format!("resource.consents {change}"), "2023-05-01T12:00:00+08:00")).unwrap();
            }
        });
        while !writer.is_finished() {
            let seen: Vec<_> =
                gate.check(&batch).into_iter().map(|answer| outcome(&answer.unwrap(), "3#basis")).collect();
            assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
        }
    });
}
