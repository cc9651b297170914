use super::*;
use std::fmt::Write as _;

fn caller(role: Role, persons: &[&str]) -> Caller {
    let roles = BTreeSet::from([role]);
    let rights = Access::new().unwrap().rights(&roles);
    let persons = persons.iter().map(|person| (*person).to_owned()).collect();
    let actor = format!("account:{}", role.as_str());
    Caller { actor, name: String::new(), roles, persons, rights, must_change_password: false }
}

/// Whoever changes a policy reads here what it changed.
#[test]
fn what_each_role_may_do_to_the_service() {
    let mut table = String::new();
    for role in Role::ALL {
        let rights = caller(role, &[]).rights;
        let rights: Vec<&str> = rights.into_iter().map(Right::as_str).collect();
        writeln!(table, "{}: {}", role.as_str(), rights.join(" ")).unwrap();
    }
    let wanted = "\
person: read-ledger
representative: read-ledger
officer: record-algorithm-event read-settings change-settings read-alarms read-operations read-algorithm-events read-approvals ask-approval erase read-ledger read-orders answer-orders run-audits
engineer: record-algorithm-event read-settings read-alarms read-operations read-algorithm-events manage-webhooks read-approvals ask-approval read-ledger
reviewer: read-settings read-alarms read-operations read-algorithm-events read-approvals ask-approval read-ledger
regulator: read-settings read-alarms read-operations read-algorithm-events read-approvals read-ledger read-orders issue-orders run-audits
administrator: read-settings change-settings read-alarms read-operations read-algorithm-events manage-accounts manage-webhooks read-approvals ask-approval read-ledger
machine: check log-decisions record-algorithm-event read-settings read-ledger
";
    assert_eq!(table, wanted);
}

#[test]
fn nobody_without_a_role_may_do_anything_but_check_the_ledger() {
    let rights = Access::new().unwrap().rights(&BTreeSet::new());
    assert_eq!(rights, BTreeSet::from([Right::ReadLedger]));
}

#[test]
fn what_concerns_nobody_is_nobodys_own() {
    let access = Access::new().unwrap();
    let why = Purpose::new("case").unwrap();
    for (role, persons, may) in [
        (Role::Person, vec!["p"], false),
        (Role::Person, vec![], false),
        (Role::Regulator, vec![], true),
        (Role::Machine, vec![], false),
    ] {
        let caller = caller(role, &persons);
        assert_eq!(access.may_look(&caller, Look::Decision, None, &why).is_ok(), may, "{role:?}");
    }
}

#[test]
fn who_asked_does_not_decide_whatever_their_role_is() {
    let access = Access::new().unwrap();
    for role in Role::ALL {
        let caller = caller(role, &[]);
        let decides = ["officer", "reviewer", "administrator"].contains(&role.as_str());
        assert_eq!(access.may_decide(&caller, "account:someone-else").is_ok(), decides, "{role:?}");
        assert!(access.may_decide(&caller, &caller.actor).is_err(), "{role:?}");
    }
}
