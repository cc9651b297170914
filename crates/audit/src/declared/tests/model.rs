//! Declared rules that are ONNX models; the models are those that `gongdao-score` holds against ONNX Runtime.

use super::*;
use crate::digest;
use std::path::{Path, PathBuf};

fn model(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../score/tests/models").join(format!("{name}.onnx"))
}

/// `linear` is `0.25 metres − 1.5 orders_before + 3 storm + 4`.
fn toml(inputs: &str, digest: &str) -> String {
    let declared = DECLARED
        .replace("[\"metres\", \"storm\"]", "[\"metres\", \"orders_before\", \"storm\"]")
        .replace("0.5", "0.01");
    format!(
        "{HEAD}{declared}[declared.onnx]\nfile = \"fee.onnx\"\ndigest = \"{digest}\"\ninputs = {{ {inputs} }}\noutput = \"y\"\n"
    )
}

fn rerun_model(name: &str, toml: &str, orders: &[Order]) -> Result<DeclaredRow, AuditError> {
    let (folder, version) = written(toml);
    fs::copy(model(name), folder.path().join("fee.onnx")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (context, version) = (context(orders), version?);
    runtime.block_on(check(&context, &version))?;
    runtime.block_on(run(&context, &version))
}

#[expect(clippy::cast_precision_loss, reason = "below 40")]
fn by_formula(seed: u64) -> Vec<Order> {
    let mut all = orders(seed, 800, |_| 0.0);
    for order in &mut all {
        let storm = f64::from(u8::from(order.storm.unwrap()));
        order.fee = Some(0.25 * order.metres.unwrap() - 1.5 * order.orders_before as f64 + 3.0 * storm + 4.0);
    }
    all
}

const INPUTS: &str = "x = [\"metres\", \"orders_before\", \"storm\"]";

#[test]
fn a_declared_model_is_run_again() {
    let (digest, _) = digest::of_file(&model("linear")).unwrap();
    let mut all = by_formula(40);
    let row = rerun_model("linear", &toml(INPUTS, &digest), &all).unwrap();
    assert_eq!((row.rows.recomputed, row.rows.reproduced), (800, 800), "{:?}", row.differences);
    assert!(row.removals.iter().all(|removal| removal.flag == RemovalFlag::Needed), "{:?}", row.removals);

    for order in all.iter_mut().filter(|order| order.phone == "old") {
        order.fee = order.fee.map(|fee| fee + 25.0);
    }
    let row = rerun_model("linear", &toml(INPUTS, &digest), &all).unwrap();
    assert_eq!(standing_out(&row).iter().map(|column| column.column.as_str()).collect::<Vec<_>>(), ["phone"]);
}

#[test]
fn factors_in_another_order_are_another_rule() {
    let (digest, _) = digest::of_file(&model("linear")).unwrap();
    let turned = "x = [\"orders_before\", \"metres\", \"storm\"]";
    let row = rerun_model("linear", &toml(turned, &digest), &by_formula(41)).unwrap();
    assert!(row.share.unwrap() < 0.05, "{:?}", row.share);
}

#[test]
fn another_model_than_the_declared_one_is_refused_with_both_digests() {
    let (declared, _) = digest::of_file(&model("linear")).unwrap();
    let (found, _) = digest::of_file(&model("logistic")).unwrap();
    let error = rerun_model("logistic", &toml(INPUTS, &declared), &by_formula(42)).unwrap_err();
    let message = &error.problems[0].message;
    assert!(message.contains(&declared) && message.contains(&found), "{message}");
}

#[test]
fn models_that_do_not_fit_are_refused() {
    let (linear, _) = digest::of_file(&model("linear")).unwrap();
    let (uncovered, _) = digest::of_file(&model("uncovered")).unwrap();
    let all = by_formula(43);
    let check = |name: &str, toml: &str, message: &str| {
        let error = rerun_model(name, toml, &all).unwrap_err();
        assert!(error.problems[0].message.contains(message), "{}", error.problems[0].message);
        assert!(error.problems[0].hint.is_some());
    };
    check("uncovered", &toml(INPUTS, &uncovered), "operator `Det` (node `volume`) is not covered");
    check("linear", &toml("x = [\"metres\", \"orders_before\"]", &linear), "factor `storm` is declared, and no input");
    check(
        "linear",
        &toml("x = [\"metres\", \"orders_before\", \"storm\", \"noise\"]", &linear),
        "the model is fed `noise`",
    );
    check("linear", &toml("z = [\"metres\", \"orders_before\", \"storm\"]", &linear), "nothing is given for input `x`");
    check("linear", &toml(&format!("{INPUTS}, z = [\"metres\"]"), &linear), "the model has no input `z`");
    check(
        "linear",
        &toml("x = [\"metres\", \"orders_before\", \"storm\", \"metres\"]", &linear),
        "takes 3 factors, and gets 4",
    );
    check("linear", &toml(INPUTS, "sha256:12"), "`sha256:12` is not a digest");
    check("linear", &toml(INPUTS, &linear).replace("\"y\"", "\"n\""), "the model has no output `n`");
    check(
        "linear",
        &toml(INPUTS, &linear).replace("storm", "phone"),
        "factor `phone` is text, and a model takes numbers",
    );
    check("linear", &toml(INPUTS, &linear).replace("fee.onnx", "../fee.onnx"), "`../fee.onnx` leads out of the folder");
}
