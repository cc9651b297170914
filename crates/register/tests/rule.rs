//! Rules that can be run: checked when they are declared, bound to the version's digest, explained by running them again.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

use gongdao_merkle::encode_base64;
use gongdao_model::{FactPath, FactValue, Instant};
use gongdao_register::{
    Algorithm, AlgorithmEvent, AlgorithmWhat, DeclaredRule, NewVersion, PreparedRule, RuleValue, Version, VersionEvent,
    VersionWhat, difference, digest_of_version,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

fn fee() -> Value {
    json!({
        "outcome": "context.priceFen", "zh": "配送费", "en": "delivery fee", "unit": "fen", "better": "lower",
        "expression": "300 + metres / 3 + CASE WHEN storm THEN 100 ELSE 0 END + CASE WHEN area = 'far' THEN 50 ELSE 0 END \
            + CASE WHEN marked THEN 20 ELSE 0 END",
        "factors": [
            {"name": "metres", "fact": "context.distanceMetres", "zh": "距离", "en": "distance", "unit": "metres",
                "baseline": 1000, "can": "correct", "values": {"from": 0, "to": 3000, "step": 100}},
            {"name": "storm", "fact": "context.severeWeather", "zh": "恶劣天气", "en": "severe weather", "baseline": false,
                "can": "correct"},
            {"name": "area", "fact": "context.area", "zh": "区域", "en": "area", "baseline": "near", "can": "influence",
                "values": ["far", "near"]},
            {"name": "marked", "fact": "context.tagsUsed", "contains": "slow", "zh": "标签“慢”", "en": "tag `slow`",
                "baseline": false, "can": "influence"},
        ],
    })
}

fn rule(json: Value) -> DeclaredRule {
    serde_json::from_value(json).unwrap()
}

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut json = fee();
    change(&mut json);
    json
}

fn known() -> BTreeMap<FactPath, FactValue> {
    let facts = [
        ("context.distanceMetres", FactValue::Long(1900)),
        ("context.severeWeather", FactValue::Bool(true)),
        ("context.area", FactValue::Text("far".to_owned())),
        ("context.tagsUsed", FactValue::TextSet(["slow".to_owned()].into())),
    ];
    facts.into_iter().map(|(path, value)| (path.parse().unwrap(), value)).collect()
}

#[test]
fn shares_add_up_and_each_region_flips_when_the_rule_is_run_again() {
    let declared = rule(fee());
    declared.check().unwrap();
    let prepared = PreparedRule::open(&declared).unwrap();
    let known = known();
    let values = declared.values(|fact| known.get(fact)).unwrap();
    let explained = prepared.explain(&values).unwrap();
    let found = &explained.attribution;
    assert_eq!((found.outcome, found.baseline), (1103, 633));
    let shares: Vec<i64> = found.shares.iter().map(|share| share.units).collect();
    assert_eq!(shares, [300, 100, 50, 20]);
    assert_eq!(shares.iter().sum::<i64>(), found.outcome - found.baseline);
    let of = |factor: usize| explained.regions.iter().filter(|region| region.factor == factor).collect::<Vec<_>>();
    assert_eq!((&of(0)[0].from, &of(0)[0].to), (&RuleValue::Number(0), &RuleValue::Number(1800)));
    assert_eq!(of(2)[0].from, RuleValue::Text("near".to_owned()));
    assert_eq!(of(3)[0].from, RuleValue::Truth(false), "without the tag it would have been less");
    for region in &explained.regions {
        for value in [&region.from, &region.to] {
            let mut other = values.clone();
            other[region.factor] = value.clone();
            let outcome = prepared.outcomes(&[other]).unwrap()[0].unwrap();
            assert!(outcome < found.outcome && (region.least..=region.greatest).contains(&outcome), "{region:?}");
        }
    }
    // A word that nobody declared is a value like another.
    let mut elsewhere = values.clone();
    elsewhere[2] = RuleValue::Text("beyond".to_owned());
    assert_eq!(prepared.outcomes(&[elsewhere]).unwrap(), [Some(1053)]);
    assert!(prepared.explain(&values[1..]).is_err());
}

#[test]
fn a_fact_that_is_missing_or_of_another_kind_is_named() {
    let declared = rule(fee());
    let mut known = known();
    known.remove(&"context.distanceMetres".parse::<FactPath>().unwrap());
    known.insert("context.severeWeather".parse().unwrap(), FactValue::Text("yes".to_owned()));
    let missing = declared.values(|fact| known.get(fact)).unwrap_err();
    let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
    assert_eq!(missing, ["context.distanceMetres", "context.severeWeather"]);
}

#[test]
fn a_rule_that_gives_no_number_says_nothing() {
    let declared = rule(with(|json| json["expression"] = "1000 / (metres - 1000)".into()));
    let prepared = PreparedRule::open(&declared).unwrap();
    let known = known();
    let values = declared.values(|fact| known.get(fact)).unwrap();
    assert!(prepared.explain(&values).unwrap_err().message.contains("gives no number"));
    let mut at_nothing = values.clone();
    at_nothing[0] = RuleValue::Number(1000);
    assert_eq!(prepared.outcomes(&[at_nothing, values]).unwrap(), [None, Some(1)]);
}

#[test]
fn a_rule_is_refused_with_what_is_wrong_in_it() {
    let factor = |name: &str, value: Value| with(|json| json["factors"][0][name] = value);
    for (json, says) in [
        (with(|json| json["expression"] = "speed".into()), "`speed` is no declared factor"),
        (with(|json| json["expression"] = "storm + 1".into()), "takes a number"),
        (with(|json| drop(json.as_object_mut().unwrap().remove("expression"))), "one of both"),
        (with(|json| json["factors"] = json!([])), "`rule.factors` is empty"),
        (with(|json| json["factors"][1]["name"] = "metres".into()), "`metres` of the rule stands twice"),
        (with(|json| json["outcome"] = "context.distanceMetres".into()), "a factor of itself"),
        (with(|json| json["least_change"] = 0.into()), "`rule.least_change`"),
        (with(|json| json["zh"] = "".into()), "`rule.zh`"),
        (factor("name", "Metres".into()), "is no name of a factor"),
        (factor("baseline", (1_i64 << 60).into()), "the baseline of the factor `metres`"),
        (factor("contains", "slow".into()), "the baseline of the factor `metres`"),
        (factor("can", Value::Null), "`values` of the factor `metres`"),
        (factor("values", json!({"from": 5, "to": 1, "step": 1})), "`values` of the factor `metres`"),
        (factor("values", json!({"from": 0, "to": 1, "step": 0})), "`values` of the factor `metres`"),
        (factor("values", json!({"from": 0, "to": 1_000_000, "step": 1})), "`values` of the factor `metres`"),
        (factor("values", json!(["a"])), "`values` of the factor `metres`"),
    ] {
        let error = rule(json).check().expect_err(says);
        assert!(error.message.contains(says), "{says}: {error}");
    }
    assert!(serde_json::from_value::<DeclaredRule>(with(|json| json["wieght"] = 1.into())).is_err());
}

#[test]
fn a_model_is_bound_to_its_digest_and_gives_what_it_gives() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../score/tests/models/linear.onnx");
    let bytes = std::fs::read(file).unwrap();
    let model = gongdao_score::Model::read(&bytes).unwrap();
    let input = &model.inputs()[0];
    let width = input.width.unwrap();
    let names: Vec<String> = (0..width).map(|number| format!("f{number}")).collect();
    let factors: Vec<Value> = names
        .iter()
        .map(|name| json!({"name": name, "fact": format!("context.{name}"), "zh": "甲", "en": "a", "baseline": 0}))
        .collect();
    let declared = |digest: &str, inputs: Value| {
        rule(json!({
            "outcome": "context.priceFen", "zh": "分", "en": "score", "unit": "points", "better": "higher", "factors": factors,
            "onnx": {"model": encode_base64(&bytes), "digest": digest, "inputs": inputs, "output": model.outputs()[0]},
        }))
    };
    let inputs = json!({input.name.clone(): names});
    let wrong = declared("sha256:00", inputs.clone()).check().unwrap_err();
    let digest = wrong.message.split('`').nth(1).unwrap().to_owned();
    assert!(wrong.message.contains("declared is `sha256:00`"));
    let good = declared(&digest, inputs);
    good.check().unwrap();
    let values: Vec<i64> = (0..width).map(|number| i64::try_from(number).unwrap() * 3 + 1).collect();
    let columns: Vec<Vec<f64>> = values.iter().map(|value| vec![f64::from(i32::try_from(*value).unwrap())]).collect();
    let feed = [(input.name.as_str(), columns.iter().map(Vec::as_slice).collect())].into();
    let expected = model.run(&feed, &model.outputs()[0], 0).unwrap()[0];
    let row = values.into_iter().map(RuleValue::Number).collect::<Vec<_>>();
    let found = PreparedRule::open(&good).unwrap().outcomes(&[row]).unwrap()[0].unwrap();
    assert!((f64::from(i32::try_from(found).unwrap()) - expected).abs() <= 0.5);
    for (inputs, says) in [
        (json!({input.name.clone(): names[1..]}), "does not get its factors"),
        (json!({input.name.clone(): vec!["speed"; width]}), "`speed` is no declared factor"),
    ] {
        let error = declared(&digest, inputs).check().unwrap_err();
        assert!(error.message.contains(says), "{error}");
    }
}

fn at(text: &str) -> Instant {
    format!("{text}T10:00:00+08:00").parse().unwrap()
}

#[test]
fn a_version_is_as_it_was_declared_then_whatever_came_later() {
    let description = json!({"provider": "某平台", "name": "计价", "class": "dispatch", "affects_labour": false,
        "opinion_attributes": false});
    let what = AlgorithmWhat::Registered { description: serde_json::from_value(description).unwrap() };
    let algorithm = Algorithm::register("algorithm-1", &AlgorithmEvent { at: at("2026-01-01"), what }).unwrap();
    let new: NewVersion = serde_json::from_value(json!({"id": "fee-v1", "text": "一\n二", "rule": fee()})).unwrap();
    let (first, declared) = Version::declare(&algorithm, new, at("2026-01-02")).unwrap();
    let other = rule(with(|json| json["expression"] = "metres".into()));
    let what = VersionWhat::Amended {
        text: "一\n三".to_owned(),
        factors: Vec::new(),
        note: String::new(),
        rule: Some(Box::new(other)),
    };
    let amended = VersionEvent { at: at("2026-01-04"), what };
    let duties = gongdao_register::Duties::shipped().unwrap();
    let second = first.after(&amended, None, 0, &duties).unwrap();
    assert_ne!(first.digest, second.digest);
    assert_eq!(second.content_at, Some(at("2026-01-04")));
    let events = [declared, amended];
    assert_eq!(second.as_declared_at(&events, at("2026-01-01")), None);
    let then = second.as_declared_at(&events, at("2026-01-03")).unwrap();
    assert_eq!((&then.digest, &then.rule, &then.text), (&first.digest, &first.rule, &first.text));
    assert_eq!(second.as_declared_at(&events, at("2026-01-05")).unwrap().digest, second.digest);
    let changed = difference(&first, &second).rule.unwrap();
    assert_eq!(changed.new.unwrap().expression.as_deref(), Some("metres"));
    // Without a rule the digest is what it was before rules could be declared.
    let plain = digest_of_version("一\n二", &[], None);
    let expected = "sha256:".to_owned() + &sha256("{\"factors\":[],\"text\":\"一\\n二\"}");
    assert_eq!(plain, expected);
    let with_rule =
        format!("{{\"factors\":[],\"rule\":{},\"text\":\"一\\n二\"}}", serde_json::to_string(&rule(fee())).unwrap());
    assert_eq!(first.digest, "sha256:".to_owned() + &sha256(&with_rule));
    // Members stand by name, so that whoever sorts them comes to the same.
    let value: Value = serde_json::from_str(&serde_json::to_string(&rule(fee())).unwrap()).unwrap();
    let sorted: BTreeMap<String, Value> = serde_json::from_value(value).unwrap();
    let own = serde_json::to_string(&rule(fee())).unwrap();
    assert_eq!(serde_json::to_string(&sorted).unwrap().len(), own.len());
    assert!(own.starts_with("{\"better\":") && own.ends_with("\"zh\":\"配送费\"}"));
}

fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    format!("{:x}", Sha256::digest(text.as_bytes()))
}
