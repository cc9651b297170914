use super::*;
use crate::port::{Digest, JournalEntry, JournalKind, NewEntry};
use gongdao_gate::{ActionSettings, Answer, Contradiction, Directive, Effects, Mode, OnUnknown, Seen, Shared, Told};
use gongdao_ledger::{Draft, EntryKind, Written, decision_draft};
use gongdao_model::{Effect, FactValue, Instant};
use sha2::{Digest as _, Sha256};

fn moment(text: &str) -> Instant {
    text.parse().unwrap()
}

fn record(json: &str) -> DecisionRecord {
    serde_json::from_str(json).unwrap()
}

fn groups(written: &Written) -> Vec<Group> {
    written.groups().map(|(_, bytes)| read_group(bytes).unwrap()).collect()
}

fn of_draft(draft: &Draft) -> Vec<Group> {
    draft.groups.iter().map(|group| (group.schema.clone(), group.columns.clone())).collect()
}

#[test]
fn a_check_comes_back_from_its_groups() {
    let request = record(
        r#"{"id":"d-1","at":"2024-05-01T12:00:00+08:00","action":"dispatch","place":"110000","algorithm":"a","person":"p",
            "resource":{"optedOut":true},"context":{"minutes":5}}"#,
    );
    let facts = |path: &str, value: FactValue| Shared::new([(path.parse().unwrap(), value)].into());
    let effects = Effects { lawful: Effect::Hold, certain: Effect::Proceed };
    let answer = Answer {
        digest: "sha256:00".to_owned(),
        packs: "sha256:11".to_owned(),
        effects,
        with_provisional: effects,
        violated: false,
        disputed: true,
        undetermined: true,
        silent: false,
        rules: Vec::new(),
        provisions: Vec::new(),
        duties: Vec::new(),
    };
    let checked = gongdao_gate::Checked {
        decision: request.id.clone(),
        at: request.at,
        state_at: moment("2024-05-01T12:00:01.5+08:00"),
        effect: Directive::SafeDefault,
        enforced: Directive::Hold,
        flagged: true,
        settings: ActionSettings { mode: Mode::Shadow, on_unknown: OnUnknown::SafeDefault, enforce_provisional: true },
        answer: Some(Told::new(answer.clone())),
        seen: Seen {
            person: facts("resource.consents", FactValue::TextSet(["a".to_owned(), "b".to_owned()].into())),
            algorithm: facts("principal.filed", FactValue::Bool(false)),
            parameters: facts("context.parameters.limitMinutes", FactValue::Long(240)),
        },
        contradictions: [None, Some(FactValue::Bool(false))]
            .map(|held| Contradiction {
                fact: "resource.optedOut".parse().unwrap(),
                given: FactValue::Bool(true),
                held,
            })
            .into(),
        register: Some(gongdao_gate::RegisterHold::NotInForce),
        trial: Some(gongdao_gate::InTrial { id: "sandbox-1".to_owned(), hold: Some(gongdao_gate::TrialHold::Full) }),
    };
    let decision = written(&request).unwrap();
    let digest = decision.digest();
    let draft = written_check(decision, &checked, &Meaning::unknown(&Told::new(answer.clone()), |_| false).unwrap());
    let about: Vec<Option<&str>> =
        draft.groups().map(|(person, _)| person.map(gongdao_ledger::PersonId::as_str)).collect();
    assert_eq!(about, [None, Some("p"), None, None, None, None]);
    let groups = groups(&draft);
    let read = read_check(&groups).unwrap().unwrap();
    assert_eq!(read.request, request);
    assert_eq!(read.answer.as_deref(), Some("sha256:00"));
    assert_eq!(read.checked, gongdao_gate::Checked { answer: None, ..checked });
    let (named, json) = meanings_of(&groups).next().unwrap();
    assert_eq!((named, serde_json::from_str::<Answer>(json).unwrap()), ("sha256:00", answer));
    assert_eq!(written(&read.request).unwrap().digest(), digest, "the digest of what was handed in can be made again");
    let mut whole = Sha256::new();
    for group in decision_draft(&request).unwrap().groups {
        whole.update(gongdao_ledger::group_bytes(&group.schema, group.columns));
    }
    assert_eq!(digest, <Digest>::from(whole.finalize()), "it is over the bytes that the ledger commits to");
    let words = |group: &Group| format!("{group:?}");
    assert!(!words(&groups[2]).contains("resource."), "what outlives an erasure says nothing of the person");
}

#[test]
fn a_decision_made_elsewhere_is_no_check_and_an_erased_one_is_nothing() {
    let request = record(r#"{"id":"d-1","at":"2024-05-01T12:00:00+08:00","action":"dispatch"}"#);
    let all = groups(&written(&request).unwrap().alone());
    assert_eq!(all, of_draft(&decision_draft(&request).unwrap()), "the same as its draft");
    assert_eq!(decision_of(&all).unwrap(), Some(request));
    assert_eq!(read_check(&all).unwrap(), None);
    assert_eq!(decision_of(&all[..1]).unwrap(), None);
}

#[test]
fn every_part_of_a_decision_changes_its_digest() {
    let base = r#"{"id":"d","at":"2024-05-01T12:00:00+08:00","action":"dispatch","algorithm":"a","person":"p"}"#;
    let digests: std::collections::BTreeSet<Digest> = [
        base.to_owned(),
        base.replace("\"d\"", "\"e\""),
        base.replace(":00+08", ":01+08"),
        base.replace("dispatch", "price"),
        base.replace("\"a\"", "\"b\""),
        base.replace("\"p\"", "\"q\""),
        base.replace("\"action\"", "\"place\":\"110000\",\"action\""),
        base.replace("\"action\"", "\"context\":{\"minutes\":1},\"action\""),
    ]
    .iter()
    .map(|json| written(&record(json)).unwrap().digest())
    .collect();
    assert_eq!(digests.len(), 8);
}

#[test]
fn a_journal_entry_comes_back_and_bears_the_kind_of_whom_it_concerns() {
    for (person, kind) in [(Some("p"), EntryKind::Rights), (None, EntryKind::Operation)] {
        let entry = NewEntry {
            kind: JournalKind::Approval,
            id: "a-1".to_owned(),
            person: person.map(str::to_owned),
            subject: Some("s".to_owned()),
            actor: "account:1".to_owned(),
            at: moment("2024-05-01T12:00:00+08:00"),
            body: r#"{"x":1}"#.to_owned(),
        };
        let draft =
            journal_draft(&JournalEntry { seq: 1, node: "n".to_owned(), entry: entry.clone(), leaf: None }).unwrap();
        assert_eq!(draft.kind, kind);
        assert_eq!(read_journal_groups(&of_draft(&draft)).unwrap(), Some(entry));
    }
    assert_eq!(read_journal_groups(&[]).unwrap(), None);
}
