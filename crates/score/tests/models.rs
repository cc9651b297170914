//! Every model of `tests/models` gives what ONNX Runtime gives (`make.py` wrote both), and what cannot be run is refused by
//! name.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

use gongdao_score::{Feed, Model, ScoreError};
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/models")
}

fn model(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(format!("{name}.onnx"))).unwrap()
}

/// Inputs and place by column, the numbers of each, and the scores that ONNX Runtime gave.
struct Known {
    output: String,
    column: usize,
    inputs: Vec<String>,
    factors: Vec<Vec<f64>>,
    scores: Vec<f64>,
}

impl Known {
    fn read(name: &str) -> Self {
        let text = std::fs::read_to_string(folder().join(format!("{name}.csv"))).unwrap();
        let mut lines = text.lines();
        let head: Vec<&str> = lines.next().unwrap().split(' ').collect();
        let names: Vec<&str> = lines.next().unwrap().split(',').collect();
        let rows: Vec<Vec<f64>> =
            lines.map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect()).collect();
        let column = |place: usize| rows.iter().map(|row| row[place]).collect::<Vec<f64>>();
        let last = names.len() - 1;
        Self {
            output: head[1].to_owned(),
            column: head[2].parse().unwrap(),
            inputs: names[..last].iter().map(|name| name.split(':').next().unwrap().to_owned()).collect(),
            factors: (0..last).map(column).collect(),
            scores: column(last),
        }
    }

    fn feed(&self) -> Feed<'_> {
        let mut feed = Feed::new();
        for (input, factor) in self.inputs.iter().zip(&self.factors) {
            feed.entry(input.as_str()).or_default().push(factor.as_slice());
        }
        feed
    }
}

fn check(name: &str) {
    let known = Known::read(name);
    let model = Model::read(&model(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    model.check_output(&known.output).unwrap();
    let scores = model.run(&known.feed(), &known.output, known.column).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(scores.len(), known.scores.len(), "{name}");
    for (row, (own, theirs)) in scores.iter().zip(&known.scores).enumerate() {
        assert!((own - theirs).abs() <= 2e-6 * theirs.abs().max(1.0), "{name}, row {row}: {own}, not {theirs}");
    }
}

#[test]
fn every_model_scores_as_onnx_runtime_does() {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            names.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    assert!(names.len() >= 12, "{names:?}");
    names.sort();
    for name in &names {
        check(name);
    }
}

/// Independent of any runtime: the rule by hand.
#[test]
fn a_linear_model_is_its_formula() {
    let known = Known::read("linear");
    let scores = Model::read(&model("linear")).unwrap().run(&known.feed(), "y", 0).unwrap();
    for (row, score) in scores.iter().enumerate() {
        let by_hand = 0.25 * known.factors[0][row] - 1.5 * known.factors[1][row] + 3.0 * known.factors[2][row] + 4.0;
        assert!((score - by_hand).abs() < 1e-5, "row {row}: {score}, by hand {by_hand}");
    }
}

#[test]
fn no_rows_give_no_scores() {
    let model = Model::read(&model("linear")).unwrap();
    let empty: &[f64] = &[];
    assert_eq!(model.run(&Feed::from([("x", vec![empty; 3])]), "y", 0).unwrap(), Vec::<f64>::new());
}

fn message(found: Result<impl std::fmt::Debug, ScoreError>) -> String {
    found.unwrap_err().message
}

#[test]
fn what_cannot_be_run_is_refused_by_name() {
    assert_eq!(message(Model::read(&model("uncovered"))), "operator `Det` (node `volume`) is not covered");
    assert!(message(Model::read(b"no model")).starts_with("the file is no ONNX model"));
    assert!(message(Model::read(b"")).starts_with("the file is no ONNX model"));

    let linear = Model::read(&model("linear")).unwrap();
    assert_eq!(message(linear.check_output("z")), "the model has no output `z`");
    assert_eq!(linear.check_output("z").unwrap_err().hint, "its outputs: y");
    let (one, two): (&[f64], &[f64]) = (&[1.0], &[1.0, 2.0]);
    let run = |feed: Feed<'_>, column| message(linear.run(&feed, "y", column));
    assert_eq!(run(Feed::from([("x", vec![one; 2])]), 0), "input `x` takes 3 numbers a decision, and gets 2");
    assert_eq!(run(Feed::from([("x", vec![one, two, one])]), 0), "input `x` takes 3 numbers a decision, and gets 3");
    assert_eq!(run(Feed::from([("z", vec![one; 3])]), 0), "nothing is given for input `x`");
    assert_eq!(run(Feed::from([("x", vec![one; 3])]), 1), "output `y` has 1 columns, and column 1 is asked for");
}

/// A file that was cut or changed is refused or gives other numbers; it never ends the program.
#[test]
fn a_broken_file_ends_in_an_error_or_in_numbers() {
    for name in ["boosted", "regression", "tariff", "network"] {
        let (bytes, known) = (model(name), Known::read(name));
        for place in 0..bytes.len().min(1_500) {
            let mut changed = bytes.clone();
            changed[place] ^= 0x55;
            for broken in [&bytes[..place], &changed] {
                if let Ok(model) = Model::read(broken) {
                    let _ = model.run(&known.feed(), &known.output, known.column);
                }
            }
        }
    }
}
