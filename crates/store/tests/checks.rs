//! Checks and decisions made elsewhere: answered once, found again, in the ledger.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_gate::{Brief, Checked, Frame};
use gongdao_ledger::{Content, Reader, Value, read_group};
use gongdao_model::{DecisionRecord, Instant, Outcome};
use gongdao_service::{ErrorKind, Purpose, Role, RowRefusal, RowResult};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use support::{Running, decision, machine, on_each};

fn effect(result: &RowResult) -> String {
    match result {
        Ok(taken) => taken.checked.as_ref().map_or("logged", |checked| checked.effect.as_str()).to_owned(),
        Err(RowRefusal::Check(refusal)) => format!("refused {:?}", refusal.kind),
        Err(RowRefusal::Duplicate { is_same }) => format!("duplicate, same {is_same}"),
        Err(RowRefusal::Service(error)) => format!("error {}", error.kind.as_str()),
    }
}

fn checked(result: &RowResult) -> Arc<Checked> {
    result.as_ref().unwrap().checked.clone().unwrap()
}

/// Identifiers of the decisions in the ledger, with how often each stands there.
fn logged(running: &Running) -> BTreeMap<String, usize> {
    let reader = Reader::open(Arc::clone(&running.storage)).unwrap();
    let mut all = BTreeMap::new();
    reader
        .each_row(0..reader.size(), |row| {
            for group in &row.groups {
                let Content::Open { bytes, .. } = &group.content else { continue };
                let (schema, columns) = read_group(bytes)?;
                if ["gongdao/decision/1", "gongdao/check/1"].contains(&schema.as_str()) {
                    *all.entry(columns[0].as_text().unwrap().to_owned()).or_default() += 1;
                }
            }
            Ok(())
        })
        .unwrap();
    all
}

#[test]
fn each_row_of_a_call_is_answered_on_its_own_and_only_answered_ones_are_logged() {
    on_each(|home| {
        let running = home.start();
        let mut unknown = decision("d-3", "p", 1);
        unknown.action = "fly".to_owned();
        let mut long = decision("d-4", "p", 1);
        long.person = Some("x".repeat(256));
        let rows = vec![decision("d-1", "p", 1), decision("d-2", "p", 300), unknown, long, decision("d-1", "p", 2)];
        let effects: Vec<String> = running.check(rows).unwrap().iter().map(effect).collect();
        assert_eq!(
            effects,
            ["hold", "stop", "refused UnknownAction", "error input", "duplicate, same false"],
            "no consent is known, so nobody can tell; 300 minutes are too many"
        );
        running.service.stop().unwrap();
        assert_eq!(logged(&running).into_keys().collect::<Vec<_>>(), ["d-1", "d-2"]);
    });
}

#[test]
fn the_same_decision_gets_its_first_answer_again_whatever_happened_since() {
    on_each(|home| {
        let running = home.start();
        let machine = machine(&running);
        let first = running.check_one(decision("d-1", "p", 1));
        running.event(&machine, "e-1", "p", r#"resource.consents set ["dispatch"]"#).unwrap();
        let again = running.check_one(decision("d-1", "p", 1));
        assert!(again.as_ref().unwrap().is_repeat && !first.as_ref().unwrap().is_repeat);
        assert_eq!(checked(&again), checked(&first), "the consent came later");
        assert_eq!(effect(&running.check_one(decision("d-1", "p", 2))), "duplicate, same false");
        assert_eq!(effect(&running.check_one(decision("d-2", "p", 1))), "proceed", "with the consent");
        drop(running);
        let running = home.start();
        let later = running.check_one(decision("d-1", "p", 1));
        assert_eq!(checked(&later), checked(&first), "read from the ledger");
        assert_eq!(later.as_ref().unwrap().place, first.as_ref().unwrap().place);
        let other = running.check_one(decision("d-2", "p", 1));
        assert_eq!(checked(&other).seen.person.len(), 1, "what the state had is in the ledger too");
        assert_eq!(effect(&running.check_one(decision("d-1", "p", 2))), "duplicate, same false");
        running.service.stop().unwrap();
        assert_eq!(logged(&running), BTreeMap::from([("d-1".to_owned(), 1), ("d-2".to_owned(), 1)]));
    });
}

#[test]
fn of_many_who_send_one_identifier_at_once_exactly_one_is_taken() {
    on_each(|home| {
        let running = home.start();
        let effects: Vec<(i64, String)> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..24_i64)
                .map(|thread| {
                    let running = &running;
                    // Four different decisions, each sent six times.
                    scope.spawn(move || {
                        let minutes = thread % 4;
                        (minutes, effect(&running.check_one(decision("double-click", "p", minutes))))
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let answered: Vec<&(i64, String)> = effects.iter().filter(|(_, effect)| effect == "hold").collect();
        assert_eq!(answered.len(), 6, "the winner's six senders hear the same: {effects:?}");
        assert!(answered.iter().all(|(minutes, _)| *minutes == answered[0].0));
        assert_eq!(effects.iter().filter(|(_, effect)| effect == "duplicate, same false").count(), 18);
        running.service.stop().unwrap();
        assert_eq!(logged(&running), BTreeMap::from([("double-click".to_owned(), 1)]));
    });
}

#[test]
fn decisions_made_elsewhere_are_logged_and_an_identifier_is_refused_the_second_time() {
    on_each(|home| {
        let running = home.start();
        let rows = || (0..3_i64).map(|number| decision(&format!("d-{number}"), "p", number)).collect::<Vec<_>>();
        let effects =
            |rows: Vec<DecisionRecord>| -> Vec<String> { running.log(rows).unwrap().iter().map(effect).collect() };
        assert_eq!(effects(rows()), ["logged"; 3]);
        assert_eq!(effects(rows()), ["duplicate, same true"; 3]);
        assert_eq!(
            effects(vec![decision("d-1", "p", 9), decision("d-9", "p", 9)]),
            ["duplicate, same false", "logged"]
        );
        assert_eq!(effect(&running.check_one(decision("d-1", "p", 1))), "duplicate, same true", "it has no answer");
        drop(running);
        let running = home.start();
        assert_eq!(effect(&running.log(rows()).unwrap()[0]), "duplicate, same true");
    });
}

#[test]
fn one_key_is_one_call() {
    on_each(|home| {
        let running = home.start();
        let call = |id: &str| running.check_with(vec![decision(id, "p", 1)], Some("key-1"));
        assert_eq!(effect(&call("d-1").unwrap()[0]), "hold");
        assert!(call("d-1").unwrap()[0].as_ref().unwrap().is_repeat);
        assert_eq!(call("d-2").unwrap_err().kind, ErrorKind::KeyReused);
        assert_eq!(effect(&running.check_one(decision("d-2", "p", 1))), "hold", "nothing of that call was taken");
    });
}

#[test]
fn who_sends_more_than_fits_is_told_so_and_nothing_of_it_is_taken() {
    on_each(|home| {
        let store = home.store();
        let running = home
            .start_with("ledger.example/one", store, |settings| {
                settings.limits.call_rows = 4;
                settings.limits.rows = 6;
            })
            .unwrap();
        let rows = |count: i64| (0..count).map(|number| decision(&format!("d-{number}"), "p", 1)).collect::<Vec<_>>();
        assert_eq!(running.check(rows(5)).unwrap_err().kind, ErrorKind::Input);
        let mut kinds = BTreeSet::new();
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..40)
                .map(|thread| {
                    let running = &running;
                    scope.spawn(move || {
                        let row = |number: i64| decision(&format!("t-{thread}-{number}"), "p", 1);
                        running.check((0..4).map(row).collect()).map(|rows| rows.iter().all(Result::is_ok))
                    })
                })
                .collect();
            for thread in threads {
                match thread.join().unwrap() {
                    Ok(all) => assert!(all),
                    Err(error) => drop(kinds.insert(error.kind)),
                }
            }
        });
        assert!(kinds.iter().all(|kind| *kind == ErrorKind::Busy), "{kinds:?}");
        assert_eq!(running.service.queue().waiting_rows(), 0);
        assert!(running.check(rows(4)).unwrap().iter().all(Result::is_ok), "afterwards there is room again");
    });
}

#[test]
fn a_lost_database_is_made_again_from_the_ledger() {
    on_each(|home| {
        let running = home.start();
        let machine = machine(&running);
        running.event(&machine, "e-1", "p", r#"resource.consents set ["dispatch"]"#).unwrap();
        let first = running.check_one(decision("d-1", "p", 1));
        running.log(vec![decision("d-2", "q", 1)]).unwrap();
        let lines = |running: &Running| {
            running.service.stop().unwrap();
            running.store.page(None, None, 10).unwrap()
        };
        let before = lines(&running);
        assert_eq!(before.len(), 2);
        drop(running);
        let other = support::Home { address: empty_database(home), ..home.again() };
        let running = other.start();
        assert_eq!((running.started.recovered.decisions, running.started.recovered.restored), (2, 3));
        let again = running.check_one(decision("d-1", "p", 1));
        assert_eq!(checked(&again), checked(&first), "the answer was in the ledger");
        assert_eq!(effect(&running.check_one(decision("d-3", "p", 1))), "proceed", "the consent is known again");
        let mut after = lines(&running);
        after.retain(|line| line.id != "d-3");
        assert_eq!(after, before);
    });
}

fn empty_database(home: &support::Home) -> String {
    match home.database {
        support::Database::Sqlite => format!("sqlite:{}", home.path("other.sqlite").display()),
        support::Database::Postgres => support::server::database().unwrap(),
    }
}

#[test]
fn a_decision_is_shown_with_what_was_answered_and_its_receipt_is_valid_offline() {
    on_each(|home| {
        let running = home.start();
        let administrator = running.administrator();
        let courier = running.someone(&administrator, "courier", Role::Person, &["p"]);
        let first = running.check_one(decision("d-1", "p", 300));
        let none = Purpose::default();
        let view = running.service.decision(&courier, "d-1", &none).unwrap();
        assert_eq!((view.record, view.checked.map(Arc::new)), (decision("d-1", "p", 300), Some(checked(&first))));
        let receipt = running.service.receipt(&courier, "d-1", &none).unwrap();
        let receipt = gongdao_ledger::Receipt::parse(receipt.text.as_bytes()).unwrap();
        let signer = gongdao_merkle::NoteSigner::new("ledger.example/one".parse().unwrap(), &[7; 32]);
        let opened = receipt.verify(&gongdao_merkle::Policy::of_log(signer.log_key())).unwrap();
        assert_eq!((opened.schema.as_str(), opened.columns[0].as_text()), ("gongdao/check/1", Some("d-1")));
        let error = running.service.decision(&courier, "no-such", &none).unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound);
    });
}

/// What the ledger's own records say of each article and rule, by month and outcome; told apart by the letters of their answers.
fn recounted(running: &Running) -> BTreeMap<(String, String, String), u64> {
    let reader = Reader::open(Arc::clone(&running.storage)).unwrap();
    let (mut meanings, mut decisions) = (BTreeMap::new(), Vec::new());
    reader
        .each_row(0..reader.size(), |row| {
            let (mut at, mut answer) = (None, None);
            for group in &row.groups {
                let Content::Open { bytes, .. } = &group.content else { continue };
                let (schema, columns) = read_group(bytes)?;
                match schema.as_str() {
                    "gongdao/check/1" => {
                        let Value::Int(millis) = columns[1] else { panic!("{columns:?}") };
                        at = Some(millis);
                    }
                    "gongdao/evaluation/1" => answer = columns[0].as_text().map(str::to_owned),
                    "gongdao/frame/1" | "gongdao/answer/2" => {
                        let text = |column: usize| columns[column].as_text().unwrap().to_owned();
                        meanings.insert(text(0), text(1));
                    }
                    _ => {}
                }
            }
            decisions.extend(at.zip(answer));
            Ok(())
        })
        .unwrap();
    let mut counts = BTreeMap::new();
    for (at, digest) in decisions {
        let brief: Brief = serde_json::from_str(&meanings[&digest]).unwrap();
        let frame: Frame = serde_json::from_str(&meanings[brief.frame()]).unwrap();
        let answer = frame.answer(&brief).unwrap();
        let month = Instant::from_millis(at).unwrap().to_string()[..7].to_owned();
        let mut add = |subject: String, outcome: &str| {
            *counts.entry((subject, month.clone(), outcome.to_owned())).or_insert(0) += 1;
        };
        for one in answer.provisions {
            let outcomes: Vec<Outcome> = one.by_reading.iter().map(|(_, outcome)| *outcome).collect();
            let graver = [Outcome::Violated, Outcome::NotEstablished, Outcome::Undetermined, Outcome::Satisfied];
            let gravest = graver.into_iter().chain([Outcome::Established]).find(|word| outcomes.contains(word));
            if let Some(gravest) = gravest {
                add(one.provision.to_string(), if one.disputed { "disputed" } else { gravest.as_str() });
            }
        }
        // No rule of these decisions has two readings that differ.
        let speaking = answer.rules.iter().filter(|rule| rule.outcome != Outcome::NotApplicable);
        let rules: BTreeMap<String, Outcome> =
            speaking.map(|rule| (rule.version.rule.to_string(), rule.outcome)).collect();
        for (rule, outcome) in rules {
            add(rule, outcome.as_str());
        }
    }
    counts
}

#[test]
fn decisions_that_cited_an_article_are_counted_as_they_come_as_a_recount_of_the_ledger_would() {
    on_each(|home| {
        let mut running = home.start();
        let rows = |from: i64, until: i64| {
            (from..until).map(|number| decision(&format!("d-{number}"), &format!("p-{}", number % 3), number % 7 * 50))
        };
        running.check(rows(0, 40).collect()).unwrap();
        running.check(rows(30, 60).collect()).unwrap();
        running.log(vec![decision("elsewhere", "p-1", 1)]).unwrap();
        for state in ["as they came", "after a restart", "made again"] {
            running.service.stop().unwrap();
            let expected = recounted(&running);
            let subjects: BTreeSet<&String> = expected.keys().map(|(subject, ..)| subject).collect();
            assert!(subjects.len() > 2, "{subjects:?}");
            let mut found = BTreeMap::new();
            for subject in subjects {
                for count in running.store.cited(subject).unwrap() {
                    found.insert((subject.clone(), count.month, count.outcome), count.decisions);
                }
            }
            assert_eq!(found, expected, "{state}");
            drop(running);
            if state == "after a restart" {
                for table in ["decisions", "watermarks", "answer_subjects", "subject_decisions", "algorithm_decisions"]
                {
                    support::sql(home, &format!("DELETE FROM {table}"));
                }
                support::sql(home, "DELETE FROM documents WHERE collection = 'answers'");
            }
            running = home.start();
        }
        // What one person is shown is their own, with the outcome of each.
        let administrator = running.administrator();
        let person = running.someone(&administrator, "worker", Role::Person, &["p-1"]);
        let mut totals: BTreeMap<String, u64> = BTreeMap::new();
        for ((subject, ..), count) in recounted(&running) {
            *totals.entry(subject).or_default() += count;
        }
        let (subject, _) = totals.into_iter().find(|(_, count)| *count == 60).unwrap();
        let own = running.service.own_citations(&person, &subject, 100).unwrap();
        assert_eq!(own.len(), 20);
        assert!(own.iter().all(|(line, _)| line.person.as_deref() == Some("p-1")), "{own:?}");
        assert!(own.is_sorted_by(|(one, _), (other, _)| (one.at, &one.id) >= (other.at, &other.id)));
        let figures = running.service.citations(&[subject.as_str()]).unwrap().remove(0);
        let told: u64 = figures.outcomes.values().sum();
        assert!(told > 0 && figures.months.iter().all(|month| month.outcomes.values().all(|count| *count >= 5)));
        assert_eq!(figures.contests, None, "nobody contested");
    });
}
