//! What an evaluation says: readings and disputes, legal bases and demands, effects, provisional law, claims.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../../pack/tests/support/mod.rs"]
mod support;

use gongdao_model::{Cause, Evaluation, FactValue, Facts, ProvisionVerdict};
use gongdao_pack::Drafts;
use gongdao_rules::{Reference, RuleSet, evaluation};
use support::Files;

const FIRST: &str = "cn/example/rules/art-1@2022-03-01.cedar";
const INSTRUMENT: &str = "cn/example/instrument.toml";
const IN_2023: &str = "2023-05-01T12:00:00+08:00";

/// `resource.optedOut=true context.minutes=240 context.purpose=ads resource.consents=[ads,dispatch]`
fn facts(text: &str) -> Facts {
    let fact = |pair: &str| {
        let (path, value) = pair.split_once('=').unwrap();
        let value = match value {
            "true" | "false" => FactValue::Bool(value == "true"),
            number if number.parse::<i64>().is_ok() => FactValue::Long(number.parse().unwrap()),
            list if list.starts_with('[') => {
                let words = list.trim_matches(['[', ']']).split(',').filter(|word| !word.is_empty());
                FactValue::TextSet(words.map(str::to_owned).collect())
            }
            word => FactValue::Text(word.to_owned()),
        };
        (path.parse().unwrap(), value)
    };
    text.split_whitespace().map(fact).collect()
}

fn evaluate(files: &Files, at: &str, action: &str, known: &str) -> Evaluation {
    let (packs, problems) = files.survey();
    assert!(problems.is_empty(), "{problems:#?}");
    let rules = RuleSet::load(&packs.unwrap().with_drafts(Drafts::Included)).unwrap();
    let judged = Reference::new(&rules).unwrap().judge(at.parse().unwrap(), action, None, &facts(known)).unwrap();
    evaluation(&rules, "d-1".parse().unwrap(), &judged)
}

/// A provision in one line: `narrow satisfied, broad violated, disputed`.
fn told(verdict: &ProvisionVerdict) -> String {
    let mut parts: Vec<String> = verdict
        .by_reading
        .iter()
        .map(|(reading, outcome)| match reading {
            Some(reading) => format!("{reading} {outcome}"),
            None => outcome.to_string(),
        })
        .collect();
    parts.extend(verdict.disputed.then(|| "disputed".to_owned()));
    parts.extend(verdict.standing.is_provisional().then(|| "provisional".to_owned()));
    parts.join(", ")
}

fn provision(evaluation: &Evaluation, id: &str) -> String {
    let found = evaluation.provisions.iter().find(|verdict| verdict.provision.as_str() == id);
    found.map_or_else(|| "silent".to_owned(), told)
}

fn effect(evaluation: &Evaluation) -> String {
    serde_json::to_value(evaluation.effect).unwrap().as_str().unwrap().to_owned()
}

fn cause(evaluation: &Evaluation, rule: &str) -> Option<Cause> {
    evaluation.rules.iter().find(|verdict| verdict.version.rule.as_str() == rule).unwrap().cause.clone()
}

#[test]
fn readings_that_disagree_make_a_provision_disputed_and_ask_the_operator() {
    for (known, verdict, gate) in [
        // The broad reading would stop it, the narrow one only wants it without traits: that much both ask for.
        ("resource.optedOut=true context.personalised=true", "broad violated, narrow violated", "non-personalised"),
        (
            "resource.optedOut=true context.personalised=false",
            "broad violated, narrow satisfied, disputed",
            "cannot-tell",
        ),
        ("resource.optedOut=false", "broad not-applicable, narrow not-applicable", "proceed"),
        ("resource.optedOut=true", "broad violated, narrow undetermined, disputed", "cannot-tell"),
        ("context.personalised=true", "broad undetermined, narrow undetermined", "cannot-tell"),
    ] {
        let known = format!("{known} context.personalInformation=false");
        let found = evaluate(&Files::good(), IN_2023, "recommend", &known);
        assert_eq!((provision(&found, "cn.example/2").as_str(), effect(&found).as_str()), (verdict, gate), "{known}");
    }
}

#[test]
fn a_rule_without_a_reading_counts_in_every_reading() {
    let plain = "\n@id(\"cn.example/2#plain\")\n@provision(\"cn.example/2\")\n@from(\"2022-03-01\")\n@effect(\"hold\")\n@zh(\"一\")\n@en(\"one\")\nforbid (principal is Algorithm, action == Action::\"recommend\", resource is Person)\nwhen { context.personalised };\n";
    let files = Files::good().extended("cn/example/rules/art-2@2022-03-01.cedar", plain);
    for (known, verdict, gate) in [
        ("resource.optedOut=false context.personalised=true", "broad violated, narrow violated", "hold"),
        (
            "resource.optedOut=true context.personalised=false",
            "broad violated, narrow satisfied, disputed",
            "cannot-tell",
        ),
        (
            "resource.optedOut=false context.personalised=false",
            "broad not-applicable, narrow not-applicable",
            "proceed",
        ),
    ] {
        let known = format!("{known} context.personalInformation=false");
        let found = evaluate(&files, IN_2023, "recommend", &known);
        assert_eq!((provision(&found, "cn.example/2").as_str(), effect(&found).as_str()), (verdict, gate), "{known}");
    }
}

#[test]
fn an_open_rule_of_duties_under_several_readings_asks_the_operator_as_a_dispute_would() {
    let rules = "cn/example/rules/art-2@2022-03-01.cedar";
    let files = Files::good().replaced(rules, "\"non-personalised\"", "\"duties\"");
    let files = files.replaced(rules, "\"stop\"", "\"duties\"");
    for (known, gate) in [
        ("resource.optedOut=true context.personalised=true", "duties"),
        ("resource.optedOut=true context.personalised=false", "cannot-tell"),
        // Forgetting the opt-out of the line above must not weaken the gate.
        ("context.personalised=false", "cannot-tell"),
    ] {
        let found = evaluate(&files, IN_2023, "recommend", &format!("{known} context.personalInformation=false"));
        assert_eq!(effect(&found), gate, "{known}");
    }
}

#[test]
fn a_reading_whose_rule_does_not_speak_of_the_action_or_day_finds_no_breach() {
    let rules = "cn/example/rules/art-2@2022-03-01.cedar";
    for (name, from, to) in [
        ("another action", "action == Action::\"recommend\"", "action == Action::\"dispatch\""),
        ("an earlier end", "@effect", "@until(\"2023-01-01\")\n@effect"),
    ] {
        let files = Files::good().replaced(rules, from, to);
        let known = "resource.optedOut=true context.personalised=true context.personalInformation=false";
        let found = evaluate(&files, IN_2023, "recommend", known);
        assert_eq!(provision(&found, "cn.example/2"), "broad violated, narrow not-applicable, disputed", "{name}");
        assert_eq!(effect(&found), "cannot-tell", "{name}");
    }
}

#[test]
fn a_demand_is_met_by_one_basis_and_open_while_one_could_still_be() {
    let yes = "resource.consents=[ads] context.purpose=ads";
    let no = "resource.consents=[] context.purpose=ads";
    for (consent, contract, demand) in [
        (yes, "context.necessary=true", "satisfied"),
        (yes, "context.necessary=false", "satisfied"),
        (yes, "", "satisfied"),
        (no, "context.necessary=true", "satisfied"),
        (no, "context.necessary=false", "violated"),
        (no, "", "undetermined"),
        ("context.purpose=ads", "context.necessary=true", "satisfied"),
        ("context.purpose=ads", "context.necessary=false", "undetermined"),
        ("", "", "undetermined"),
    ] {
        let known = format!("{consent} {contract} context.personalInformation=true context.minutes=0");
        let found = evaluate(&Files::good(), IN_2023, "dispatch", &known);
        let gate = match demand {
            "satisfied" => "proceed",
            "violated" => "stop",
            _ => "cannot-tell",
        };
        assert_eq!((provision(&found, "cn.example/3").as_str(), effect(&found).as_str()), (demand, gate), "{known}");
    }
    for (known, demand) in [("context.personalInformation=false", "not-applicable"), ("", "undetermined")] {
        let found = evaluate(&Files::good(), IN_2023, "dispatch", known);
        assert_eq!(provision(&found, "cn.example/3"), demand, "{known}");
    }
}

#[test]
fn an_open_demand_names_the_fact_that_its_basis_lacks() {
    let known = "context.personalInformation=true resource.consents=[] context.purpose=ads";
    let found = evaluate(&Files::good(), IN_2023, "dispatch", known);
    let missing = Some(Cause::MissingFact("context.necessary".parse().unwrap()));
    assert_eq!(cause(&found, "cn.example/3#basis"), missing);
    assert_eq!(cause(&found, "cn.example/3/2#contract"), missing);
    assert_eq!(cause(&found, "cn.example/3/1#consent"), None);
}

#[test]
fn a_basis_falls_by_its_unless_even_where_its_when_is_unknown() {
    let bases = "cn/example/rules/art-3@2022-03-01.cedar";
    let files =
        Files::good().replaced(bases, "{ context.necessary }", "{ context.necessary } unless { resource.optedOut }");
    for (known, basis) in [
        ("context.necessary=true resource.optedOut=false", "established"),
        ("context.necessary=true resource.optedOut=true", "not-established"),
        ("context.necessary=false resource.optedOut=false", "not-established"),
        ("context.necessary=false", "not-established"),
        ("resource.optedOut=true", "not-established"),
        ("resource.optedOut=false", "undetermined"),
        ("context.necessary=true", "undetermined"),
    ] {
        let found = evaluate(&files, IN_2023, "dispatch", known);
        assert_eq!(provision(&found, "cn.example/3/2"), basis, "{known}");
    }
}

#[test]
fn an_open_basis_beside_a_rule_of_the_same_provision_leaves_that_rule_decided() {
    // The demand moves to the provision of one basis: its own verdict counts there, not the other basis's.
    let file = "cn/example/rules/art-3@2022-03-01.cedar";
    let files = Files::good().replaced(
        file,
        "@id(\"cn.example/3#basis\")\n@provision(\"cn.example/3\")",
        "@id(\"cn.example/3/2#basis\")\n@provision(\"cn.example/3/2\")",
    );
    let known = "context.personalInformation=true resource.consents=[ads] context.purpose=ads";
    let found = evaluate(&files, IN_2023, "dispatch", known);
    assert_eq!(provision(&found, "cn.example/3/2"), "satisfied");
}

#[test]
fn the_gate_takes_the_strongest_effect() {
    let quiet = "context.personalInformation=false";
    for (word, gate) in
        [("duties", "duties"), ("non-personalised", "non-personalised"), ("hold", "hold"), ("stop", "stop")]
    {
        let files = Files::good().replaced(FIRST, "\"hold\"", &format!("\"{word}\""));
        // What is unknown asks for no more than a breach would, and never for nothing.
        let unknown = if matches!(word, "hold" | "stop") { "cannot-tell" } else { word };
        for (known, gate) in [
            (format!("context.minutes=241 {quiet}"), gate),
            (format!("context.minutes=240 {quiet}"), "proceed"),
            (quiet.to_owned(), unknown),
        ] {
            assert_eq!(effect(&evaluate(&files, IN_2023, "dispatch", &known)), gate, "{word}: {known}");
        }
        // The demand for a basis is open beside the violation.
        let open = "context.minutes=241 context.personalInformation=true";
        let stronger = if matches!(word, "hold" | "stop") { word } else { "cannot-tell" };
        assert_eq!(effect(&evaluate(&files, IN_2023, "dispatch", open)), stronger, "{word} beside an open demand");
    }
}

#[test]
fn unverified_and_draft_law_is_marked_and_stops_nothing() {
    let provision_line = "kind = \"prohibition\"";
    let instrument = |status: &str| Files::good().replaced(INSTRUMENT, "\"verified\"", &format!("\"{status}\""));
    let single = |files: Files, status: &str| {
        let to = format!("{provision_line}\nstatus = \"{status}\"");
        files.replaced("cn/example/provisions.toml", provision_line, &to)
    };
    let known = "context.minutes=241 context.personalInformation=false";
    for (name, files, verdict, gate) in [
        ("verified", Files::good(), "violated", "hold"),
        ("unverified instrument", instrument("unverified"), "violated, provisional", "proceed"),
        ("draft instrument", instrument("draft"), "violated, provisional", "proceed"),
        ("unverified provision", single(Files::good(), "unverified"), "violated, provisional", "proceed"),
        ("verified within a draft", single(instrument("draft"), "verified"), "violated, provisional", "proceed"),
    ] {
        let found = evaluate(&files, IN_2023, "dispatch", known);
        assert_eq!((provision(&found, "cn.example/1").as_str(), effect(&found).as_str()), (verdict, gate), "{name}");
        let rule = found.rules.iter().find(|rule| rule.version.rule.as_str() == "cn.example/1#limit").unwrap();
        assert_eq!(rule.standing.is_provisional(), verdict.ends_with("provisional"), "{name}");
    }
}

#[test]
fn a_verdict_that_rests_on_a_claim_says_so() {
    let claims = |known: &str| {
        let known = format!("context.personalInformation=true {known}");
        let found = evaluate(&Files::good(), IN_2023, "dispatch", &known);
        let demand = found.rules.into_iter().find(|rule| rule.version.rule.as_str() == "cn.example/3#basis").unwrap();
        demand.asserted.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let consent = "resource.consents=[ads] context.purpose=ads";
    assert_eq!(claims("context.necessary=true"), "context.necessary");
    assert_eq!(claims(&format!("context.necessary=true {consent}")), "", "the consent alone carries it");
    assert_eq!(claims(&format!("context.necessary=false {consent}")), "");
    assert_eq!(claims("context.necessary=false resource.consents=[] context.purpose=ads"), "", "violated");
}

/// The good pack with consent from an unverified provision, and one more basis in a text that does not bind.
fn weak_bases() -> Files {
    let good = Files::good();
    let instrument =
        good.text(INSTRUMENT).replace("cn.example", "cn.other").replace("binding = true", "binding = false");
    let rule = "@id(\"cn.other/1#custom\")\n@provision(\"cn.other/1\")\n@from(\"2022-03-01\")\n@basis(\"cn.example/3\")\n@zh(\"一\")\n@en(\"one\")\npermit (principal is Algorithm, action == Action::\"dispatch\", resource is Person)\nwhen { context.personalised };\n";
    let consent = "id = \"cn.example/3/1\"\n";
    good.with("cn/other/instrument.toml", instrument)
        .with(
            "cn/other/provisions.toml",
            "[[provision]]\nid = \"cn.other/1\"\nkind = \"permission\"\nzh = \"一\"\nen = \"one\"\n",
        )
        .with("cn/other/rules/art-1@2022-03-01.cedar", rule)
        .replaced("cn/example/provisions.toml", consent, &format!("{consent}status = \"unverified\"\n"))
}

#[test]
fn a_demand_stands_no_better_than_the_best_basis_that_meets_it() {
    let consent = |given: bool| if given { "resource.consents=[ads]" } else { "resource.consents=[]" };
    for (consented, necessary, custom, verdict, claims) in [
        (true, false, false, "satisfied, provisional", ""),
        (false, false, true, "satisfied, provisional", ""),
        (true, false, true, "satisfied, provisional", ""),
        (false, true, false, "satisfied", "context.necessary"),
        // The verified basis carries it, and with it the claim that it rests on.
        (true, true, true, "satisfied", "context.necessary"),
        (false, false, false, "violated", ""),
    ] {
        let known = format!(
            "{} context.necessary={necessary} context.personalised={custom} context.purpose=ads \
             context.personalInformation=true context.minutes=0",
            consent(consented)
        );
        let found = evaluate(&weak_bases(), IN_2023, "dispatch", &known);
        assert_eq!(provision(&found, "cn.example/3"), verdict, "{known}");
        let demand = found.rules.iter().find(|rule| rule.version.rule.as_str() == "cn.example/3#basis").unwrap();
        assert_eq!(demand.standing.is_provisional(), verdict.ends_with("provisional"), "{known}");
        assert_eq!(demand.asserted.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), claims, "{known}");
    }
}

#[test]
fn a_weak_basis_leaves_the_breach_of_another_rule_verified() {
    let plain = "\n@id(\"cn.example/3#plain\")\n@provision(\"cn.example/3\")\n@from(\"2022-03-01\")\n@effect(\"hold\")\n@zh(\"一\")\n@en(\"one\")\nforbid (principal is Algorithm, action == Action::\"dispatch\", resource is Person)\nwhen { context.minutes > 9 };\n";
    let files = weak_bases().extended("cn/example/rules/art-3@2022-03-01.cedar", plain);
    let met = "resource.consents=[ads] context.purpose=ads context.necessary=false context.personalised=false";
    for (minutes, verdict, gate) in [(9, "satisfied, provisional", "proceed"), (10, "violated", "hold")] {
        let known = format!("{met} context.personalInformation=true context.minutes={minutes}");
        let found = evaluate(&files, IN_2023, "dispatch", &known);
        assert_eq!((provision(&found, "cn.example/3").as_str(), effect(&found).as_str()), (verdict, gate), "{minutes}");
    }
}

#[test]
fn the_version_of_the_day_judges_from_midnight_in_shanghai() {
    for (at, minutes, verdict) in [
        ("2022-02-28T23:59:59.999+08:00", 300, "silent"),
        ("2022-02-28T16:00:00Z", 300, "violated"),
        ("2023-12-31T23:59:59.999+08:00", 240, "not-applicable"),
        ("2024-01-01T00:00:00+08:00", 240, "violated"),
        ("2023-12-31T16:00:00Z", 200, "violated"),
        ("2024-01-01T00:00:00+08:00", 199, "not-applicable"),
    ] {
        let found =
            evaluate(&Files::good(), at, "dispatch", &format!("context.minutes={minutes} principal.filed=false"));
        assert_eq!(provision(&found, "cn.example/1"), verdict, "{at} {minutes}");
        let versions = found.rules.iter().filter(|rule| rule.version.rule.as_str() == "cn.example/1#limit").count();
        assert_eq!(versions, usize::from(verdict != "silent"), "{at}: one version judges");
    }
}

#[test]
fn local_law_speaks_where_it_binds() {
    let files = Files::good().replaced(INSTRUMENT, "\"000000\"", "\"440300\"");
    let rules = RuleSet::load(&files.survey().0.unwrap()).unwrap();
    let on = "2023-05-01".parse().unwrap();
    for (place, count) in
        [(None, 0), (Some("000000"), 0), (Some("440000"), 0), (Some("440300"), 4), (Some("440305"), 4)]
    {
        let found = rules.in_force(on, place.map(|place| place.parse().unwrap()), "dispatch");
        assert_eq!(found.len(), count, "{place:?}");
    }
}

#[test]
fn a_record_outside_the_vocabulary_is_refused_and_not_judged() {
    let rules = RuleSet::load(&Files::good().survey().0.unwrap()).unwrap();
    let reference = Reference::new(&rules).unwrap();
    for (action, known, message, about) in [
        ("fly", "", "`fly` is not an action", None),
        ("dispatch", "context.metres=1", "`context.metres` is not in the vocabulary", Some("context.metres")),
        ("dispatch", "context.minutes=true", "`context.minutes` is of type Long and not Bool", Some("context.minutes")),
        (
            "dispatch",
            "resource.consents=ads",
            "`resource.consents` is of type Set<String> and not String",
            Some("resource.consents"),
        ),
    ] {
        let error = reference.judge(IN_2023.parse().unwrap(), action, None, &facts(known)).unwrap_err();
        assert_eq!(error.message, message);
        assert_eq!(error.fact.map(|path| path.to_string()).as_deref(), about);
        assert!(error.hint.is_some_and(|hint| !hint.is_empty()), "{message}");
    }
}

#[test]
fn arithmetic_that_overflows_is_undetermined_and_not_wrapped() {
    let files = Files::good().replaced(FIRST, "context.minutes >", "context.minutes * 4 >");
    let found = evaluate(&files, IN_2023, "dispatch", "context.minutes=9223372036854775807");
    assert_eq!(provision(&found, "cn.example/1"), "undetermined");
    let Some(Cause::EngineError(words)) = cause(&found, "cn.example/1#limit") else { panic!("an engine error") };
    assert_eq!(words, "integer overflow while attempting to multiply", "the same for all corrupt records");
}

#[test]
fn cedars_combined_decision_would_have_lost_the_prohibition() {
    use cedar_policy::{Authorizer, Context, Decision, Entities, PolicySet, Request};
    let text = Files::good().text(FIRST);
    let policies: PolicySet = format!("permit (principal, action, resource);\n{text}").parse().unwrap();
    let uid = |text: &str| text.parse().unwrap();
    let request = Request::new(
        uid("Algorithm::\"a\""),
        uid("Action::\"dispatch\""),
        uid("Person::\"p\""),
        Context::empty(),
        None,
    );
    let answer = Authorizer::new().is_authorized(&request.unwrap(), &policies, &Entities::empty());
    assert_eq!(answer.decision(), Decision::Allow, "the prohibition that erred is skipped");
    assert_eq!(answer.diagnostics().errors().count(), 1);

    let found = evaluate(&Files::good(), IN_2023, "dispatch", "");
    assert_eq!(provision(&found, "cn.example/1"), "undetermined");
    assert_eq!(effect(&found), "cannot-tell", "unknown is never fine");
}

#[test]
fn a_text_that_does_not_bind_never_stops_a_decision() {
    let good = "resource.optedOut=true context.personalised=true context.personalInformation=false";
    for (binding, gate) in [("binding = true", "non-personalised"), ("binding = false", "proceed")] {
        let files = Files::good().replaced("cn/example/instrument.toml", "binding = true", binding);
        let found = evaluate(&files, IN_2023, "recommend", good);
        assert_eq!(provision(&found, "cn.example/2"), "broad violated, narrow violated", "the verdict stays");
        assert_eq!(effect(&found), gate, "{binding}");
    }
}
