//! What the caller is told to do: each outcome under each mode, failure behaviour and treatment of provisional law.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]
#![allow(clippy::match_same_arms, reason = "the table is written line by line")]

mod support;

use gongdao_gate::{CheckRequest, Checked, RefusalKind};
use support::files::Files;
use support::{IN_2023, Law, check, outcome, request, settings};

/// One rule of a small pack: it forbids a personalised dispatch unless the purpose is `service`.
fn law(effect: &str, status: &str) -> Law {
    let rule = format!(
        "@id(\"cn.example/1#limit\")\n@provision(\"cn.example/1\")\n@from(\"2022-03-01\")\n@effect(\"{effect}\")\n\
         @zh(\"一\")\n@en(\"one\")\n\
         forbid (principal is Algorithm, action == Action::\"dispatch\", resource is Person)\n\
         when {{ context.personalised }}\nunless {{ context.purpose == \"service\" }};\n"
    );
    let files = Files::good()
        .with("cn/example/rules/art-1@2022-03-01.cedar", rule)
        .without("cn/example/rules/art-1@2022-03-01.cases.toml")
        .without("cn/example/rules/art-1@2024-01-01.cedar")
        .without("cn/example/rules/art-1@2024-01-01.cases.toml")
        .replaced("cn/example/instrument.toml", "\"verified\"", &format!("\"{status}\""));
    Law::of(&files)
}

/// Facts under which the rule is not applicable, satisfied, violated, and cannot be judged.
const OUTCOMES: [(&str, &str); 4] = [
    ("not-applicable", "context.personalised=false"),
    ("satisfied", "context.personalised=true context.purpose=service"),
    ("violated", "context.personalised=true context.purpose=ads"),
    ("undetermined", "context.personalised=true"),
];

fn asked(known: &str) -> CheckRequest {
    request("dispatch", IN_2023, &format!("{known} context.personalInformation=false"))
}

/// `hold`, `proceed flagged`.
fn told(checked: &Checked) -> String {
    let flag = if checked.flagged { " flagged" } else { "" };
    format!("{}{flag}", checked.effect.as_str())
}

#[test]
fn every_outcome_under_every_setting() {
    let effects = ["stop", "hold", "non-personalised", "duties"];
    let on_unknowns = ["hold", "safe-default", "proceed-and-flag"];
    for status in ["verified", "unverified", "draft"] {
        for effect in effects {
            let law = law(effect, status);
            for mode in ["enforce", "shadow", "off"] {
                for on_unknown in on_unknowns {
                    for enforced in [false, true] {
                        let text = format!(
                            "[default]\nmode = \"{mode}\"\non_unknown = \"{on_unknown}\"\nenforce_provisional = {enforced}\n\
                             [oracle]\nshare = 0.0"
                        );
                        let gate = law.gate_with(settings(&text), &gongdao_gate::Initial::new());
                        for (found, known) in OUTCOMES {
                            let name = format!("{status} {effect} {mode} {on_unknown} {enforced} {found}");
                            let checked = check(&gate, asked(known));
                            if mode == "off" {
                                assert!(checked.answer.is_none(), "{name}");
                            } else {
                                assert_eq!(outcome(&checked, "1#limit"), found, "{name}");
                            }
                            let counts = status == "verified" || enforced;
                            let expected = expected(effect, mode, on_unknown, counts, found);
                            assert_eq!(told(&checked), expected, "{name}");
                        }
                    }
                }
            }
        }
    }
}

/// The table, written out by hand.
fn expected(effect: &str, mode: &str, on_unknown: &str, counts: bool, found: &str) -> String {
    let is_unknown = found == "undetermined" && counts;
    let enforced = match (found, effect) {
        _ if !counts => "proceed",
        ("not-applicable" | "satisfied", _) => "proceed",
        ("violated", "duties") => "proceed-with-duties",
        ("violated", effect) => effect,
        // What cannot be judged asks for no more than its breach would.
        ("undetermined", "duties") => "proceed-with-duties",
        ("undetermined", "non-personalised") => "non-personalised",
        ("undetermined", _) => match on_unknown {
            "hold" => "hold",
            "safe-default" => "safe-default",
            _ => "proceed",
        },
        other => panic!("{other:?}"),
    };
    let asks = is_unknown && matches!(effect, "stop" | "hold") && on_unknown != "hold";
    match mode {
        "enforce" => format!("{enforced}{}", if asks { " flagged" } else { "" }),
        "shadow" => format!("proceed{}", if asks { " flagged" } else { "" }),
        _ => "proceed".to_owned(),
    }
}

/// Two provisions: one asks for something certain, the other cannot be judged.
#[test]
fn going_on_without_knowing_still_does_what_is_certain() {
    let known = "context.personalised=true context.purpose=ads";
    for (effect, certain) in [
        ("duties", "proceed-with-duties flagged"),
        ("non-personalised", "non-personalised flagged"),
        ("hold", "hold"),
        ("stop", "stop"),
    ] {
        let law = law(effect, "verified");
        let gate = law.gate_with(
            settings("[default]\non_unknown = \"proceed-and-flag\"\n[oracle]\nshare = 0.0"),
            &gongdao_gate::Initial::new(),
        );
        // Nobody recorded whether personal information is handled, so the demand for a basis is open.
        let checked = check(&gate, request("dispatch", IN_2023, known));
        assert_eq!(outcome(&checked, "3#basis"), "undetermined", "{effect}");
        assert_eq!(told(&checked), certain, "{effect}");
    }
}

#[test]
fn an_action_has_settings_of_its_own() {
    let law = law("stop", "verified");
    let gate = law.gate_with(
        settings("[default]\nmode = \"shadow\"\n[actions.dispatch]\nmode = \"enforce\"\n[oracle]\nshare = 0.0"),
        &gongdao_gate::Initial::new(),
    );
    let known = OUTCOMES[2].1;
    assert_eq!(told(&check(&gate, asked(known))), "stop");
    gate.set_settings(settings("[default]\nmode = \"shadow\"\n[oracle]\nshare = 0.0")).unwrap();
    let checked = check(&gate, asked(known));
    assert_eq!((told(&checked).as_str(), checked.enforced.as_str()), ("proceed", "stop"));
}

#[test]
fn the_settings_that_nobody_changed_enforce_and_hold() {
    let defaults = gongdao_gate::GateSettings::default();
    let text = toml::to_string(&defaults).unwrap();
    assert!(text.contains("mode = \"enforce\"") && text.contains("on_unknown = \"hold\""), "{text}");
    assert!(text.contains("enforce_provisional = false"), "{text}");
    assert_eq!(settings(""), defaults);
}

#[test]
fn settings_that_do_not_fit_are_refused_and_the_old_ones_stay() {
    let law = Law::small();
    let gate = law.gate();
    let before = gate.settings();
    for (text, message) in [
        ("[actions.fly]\nmode = \"off\"", "`fly` is not an action"),
        ("[oracle]\nshare = 1.5", "the oracle's share `1.5` is no share"),
        ("[oracle]\nshare = -0.1", "the oracle's share `-0.1` is no share"),
        ("[oracle]\nshare = nan", "the oracle's share `NaN` is no share"),
    ] {
        let error = gate.set_settings(settings(text)).unwrap_err();
        assert_eq!(error.message, message);
        assert!(!error.hint.is_empty());
    }
    assert_eq!(gate.settings(), before);
    assert!(
        toml::from_str::<gongdao_gate::GateSettings>("[default]\nmoed = \"off\"").is_err(),
        "a slip in a name is refused"
    );
}

#[test]
fn a_change_that_protects_less_is_named() {
    let law = Law::small();
    for (from, to, weakened) in [
        ("", "", vec![]),
        ("", "[default]\nmode = \"shadow\"", vec!["dispatch", "recommend"]),
        ("[default]\nmode = \"off\"", "", vec![]),
        ("", "[actions.dispatch]\non_unknown = \"proceed-and-flag\"", vec!["dispatch"]),
        ("[actions.dispatch]\nenforce_provisional = true", "", vec!["dispatch"]),
        (
            "[default]\nmode = \"shadow\"",
            "[default]\nmode = \"enforce\"\non_unknown = \"safe-default\"",
            vec!["dispatch", "recommend"],
        ),
    ] {
        assert_eq!(settings(to).weakened(&settings(from), &law.rules.vocabulary), weakened, "{from} -> {to}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_and_its_neighbours_are_answered() {
    let gate = Law::small().gate();
    let bad = |known: &str| request("dispatch", IN_2023, known);
    let requests = [
        asked("context.minutes=1"),
        request("fly", IN_2023, "context.minutes=1"),
        bad("context.nothing=1"),
        bad("context.minutes=true"),
        bad("resource.consents=dispatch"),
        asked("context.minutes=1"),
    ];
    let answers = gate.check(&requests);
    let refused = |at: usize| answers[at].as_ref().unwrap_err().clone();
    for (at, kind, message) in [
        (1, RefusalKind::UnknownAction, "`fly` is not an action"),
        (2, RefusalKind::UnknownFact, "`context.nothing` is not in the vocabulary"),
        (3, RefusalKind::WrongType, "`context.minutes` is of type Long and not Bool"),
        (4, RefusalKind::WrongType, "`resource.consents` is of type Set<String> and not String"),
    ] {
        let refusal = refused(at);
        assert_eq!((refusal.kind, refusal.message.as_str()), (kind, message));
        assert!(!refusal.hint.is_empty(), "{message}: no hint");
    }
    assert_eq!(answers[0], answers[5], "a refused neighbour leaves nothing behind");
    assert!(answers[0].is_ok());
    let off = Law::small().gate_with(settings("[default]\nmode = \"off\""), &gongdao_gate::Initial::new());
    assert!(off.check(&[request("fly", IN_2023, "")])[0].is_err(), "off is no answer to an action that nobody knows");
}

#[test]
fn an_action_that_no_rule_in_force_speaks_about_is_said_to_be_silent() {
    let gate = Law::small().gate();
    let before_the_law = "2021-05-01T12:00:00+08:00";
    let checked = check(&gate, request("dispatch", before_the_law, "context.minutes=999"));
    let answer = checked.answer.unwrap();
    assert!(answer.silent && answer.rules.is_empty());
    assert_eq!(checked.effect.as_str(), "proceed");
}

#[test]
fn duties_of_the_provisions_that_speak_are_named() {
    let files = Files::good().extended(
        "cn/example/duties.toml",
        "\n[[duty]]\nid = \"cn.example/1#report\"\nprovision = \"cn.example/1\"\nfrom = 2023-01-01\nowed_by = \"provider\"\n\
         owed_to = \"worker\"\ntrigger = \"order-refused\"\ndue = \"promptly\"\ndischarged_by = \"reported\"\nzh = \"告知\"\nen = \"Tell\"\n",
    );
    let gate = Law::of(&files).gate();
    let duties = |at: &str, known: &str| {
        let checked = check(&gate, request("dispatch", at, &format!("{known} context.personalInformation=false")));
        checked.answer.unwrap().duties.iter().map(|duty| duty.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(duties(IN_2023, "context.minutes=300"), ["cn.example/1#report"]);
    assert!(duties(IN_2023, "context.minutes=1").is_empty(), "the provision does not speak about it");
    assert!(duties("2022-05-01T12:00:00+08:00", "context.minutes=300").is_empty(), "the duty does not bind yet");
}

#[test]
fn answers_with_the_same_outcomes_are_one_and_have_one_name() {
    let gate = Law::small().gate();
    let [one, other, third] = ["context.minutes=1", "context.minutes=2", "context.minutes=999"]
        .map(|known| check(&gate, asked(known)).answer.unwrap());
    assert!(one.is_same(&other));
    assert_ne!(one.digest, third.digest);
    let back: gongdao_gate::Answer = serde_json::from_str(&serde_json::to_string(&one).unwrap()).unwrap();
    assert_eq!((back.digest_of(), &back), (one.digest.clone(), &*one), "the name can be made again from the record");
    assert!(one.digest.starts_with("sha256:"));
    assert_eq!(one.packs, gate.packs_digest());
}
