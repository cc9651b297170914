//! Reading an ONNX file and running its graph.

use crate::ScoreError;
use crate::node::Node;
use crate::operator::{self, Step};
use crate::tensor::{Kind, Tensor};
use rten_onnx::onnx::{GraphProto, ModelProto, ValueInfoProto};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A scoring model, checked: every operator is covered and every tensor has a maker.
pub struct Model {
    inputs: Vec<Input>,
    outputs: Vec<String>,
    constants: BTreeMap<String, Tensor>,
    nodes: Vec<Planned>,
    /// The file fixes the number of rows to one.
    one_row: bool,
}

struct Planned {
    shown: String,
    step: Step,
    inputs: Vec<String>,
    outputs: Vec<String>,
}

/// An input that the model wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The tensor's name.
    pub name: String,
    /// How many numbers a decision; none where the file leaves it open.
    pub width: Option<usize>,
    kind: Kind,
    rank: usize,
}

/// What one input gets: for every factor its numbers, one a decision; `NaN` where a number is missing.
pub type Feed<'a> = BTreeMap<&'a str, Vec<&'a [f64]>>;

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").field("inputs", &self.inputs).field("outputs", &self.outputs).finish_non_exhaustive()
    }
}

impl Model {
    /// Read the bytes of an ONNX file. Fails on what is no ONNX, on an operator or setting that is not covered, and on a graph
    /// with a gap.
    pub fn read(bytes: &[u8]) -> Result<Self, ScoreError> {
        let proto = ModelProto::parse_buf(bytes)
            .map_err(|error| ScoreError::malformed(format!("the file is no ONNX model: {error}")))?;
        let graph = proto.graph.ok_or_else(|| ScoreError::malformed("the file is no ONNX model: it has no graph"))?;
        let mut constants = BTreeMap::new();
        for initializer in &graph.initializer {
            constants.insert(initializer.name.clone().unwrap_or_default(), Tensor::read(initializer)?);
        }
        let wanted = graph.input.iter().filter(|input| !constants.contains_key(name_of(input)));
        let (inputs, fixed): (Vec<Input>, Vec<bool>) =
            wanted.map(input).collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        let nodes = plan(&graph, &inputs, &constants)?;
        let outputs: Vec<String> = graph.output.iter().map(|output| name_of(output).to_owned()).collect();
        Ok(Self { inputs, outputs, constants, nodes, one_row: fixed.contains(&true) })
    }

    /// The inputs in the order of the file; constants are not among them.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Names of the outputs in the order of the file.
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// One number a decision: column `column` of `output`. Fails where the feed does not fit the inputs, or the graph does
    /// not give one row a decision.
    pub fn run(&self, feed: &Feed<'_>, output: &str, column: usize) -> Result<Vec<f64>, ScoreError> {
        let rows = feed.values().flatten().map(|numbers| numbers.len()).max().unwrap_or(0);
        if rows == 0 {
            return Ok(Vec::new());
        }
        if !self.one_row || rows == 1 {
            return self.run_at_once(feed, rows, output, column);
        }
        let mut scores = Vec::with_capacity(rows);
        for row in 0..rows {
            let one = |numbers: &Vec<&'_ [f64]>| -> Vec<Vec<f64>> {
                numbers.iter().map(|column| column.get(row).copied().into_iter().collect()).collect()
            };
            let owned: BTreeMap<&str, Vec<Vec<f64>>> = feed.iter().map(|(name, all)| (*name, one(all))).collect();
            let feed: Feed<'_> =
                owned.iter().map(|(name, all)| (*name, all.iter().map(Vec::as_slice).collect())).collect();
            scores.extend(self.run_at_once(&feed, 1, output, column)?);
        }
        Ok(scores)
    }

    fn run_at_once(&self, feed: &Feed<'_>, rows: usize, output: &str, column: usize) -> Result<Vec<f64>, ScoreError> {
        let mut made: BTreeMap<&str, Tensor> = BTreeMap::new();
        for input in &self.inputs {
            let columns = feed.get(input.name.as_str()).ok_or_else(|| {
                ScoreError::new(
                    format!("nothing is given for input `{}`", input.name),
                    "name its factors under `inputs`",
                )
            })?;
            made.insert(&input.name, input.filled(columns, rows)?);
        }
        for node in &self.nodes {
            let find = |name: &String| made.get(name.as_str()).or_else(|| self.constants.get(name));
            let inputs: Vec<Option<&Tensor>> = node.inputs.iter().map(find).collect();
            let found = (node.step)(&inputs).map_err(|error| ScoreError {
                message: format!("{}: {}", node.shown, error.message),
                hint: error.hint,
            })?;
            for (name, tensor) in node.outputs.iter().zip(found).filter(|(name, _)| !name.is_empty()) {
                made.insert(name, tensor);
            }
        }
        let found = made.get(output).or_else(|| self.constants.get(output)).ok_or_else(|| self.no_output(output))?;
        pick(found, rows, output, column)
    }

    /// The file has no such output, or it is text.
    fn no_output(&self, output: &str) -> ScoreError {
        if self.outputs.iter().any(|name| name == output) {
            let hint = "name the output with the probabilities";
            return ScoreError::new(format!("output `{output}` is text, no number"), hint);
        }
        ScoreError::new(
            format!("the model has no output `{output}`"),
            format!("its outputs: {}", self.outputs.join(", ")),
        )
    }

    /// Check that `output` is there, before any decision is read.
    pub fn check_output(&self, output: &str) -> Result<(), ScoreError> {
        if self.outputs.iter().any(|name| name == output) { Ok(()) } else { Err(self.no_output(output)) }
    }
}

impl Input {
    fn filled(&self, columns: &[&[f64]], rows: usize) -> Result<Tensor, ScoreError> {
        let width = if self.rank == 1 { Some(1) } else { self.width };
        let is_whole = columns.iter().all(|column| column.len() == rows);
        if width.is_some_and(|width| width != columns.len()) || !is_whole {
            let wanted = width.map_or_else(|| "the same".to_owned(), |width| width.to_string());
            return Err(ScoreError::new(
                format!("input `{}` takes {wanted} numbers a decision, and gets {}", self.name, columns.len()),
                "name as many factors as the model was made for, in its order",
            ));
        }
        let data =
            (0..rows).flat_map(|row| columns.iter().filter_map(move |column| column.get(row).copied())).collect();
        let shape = if self.rank == 1 { vec![rows] } else { vec![rows, columns.len()] };
        Tensor::new(shape, self.kind, data)
    }
}

fn pick(tensor: &Tensor, rows: usize, output: &str, column: usize) -> Result<Vec<f64>, ScoreError> {
    let (height, width) = tensor.matrix()?;
    if height != rows {
        return Err(ScoreError::new(
            format!("output `{output}` has {height} rows for {rows} decisions"),
            "a scoring model gives one row a decision",
        ));
    }
    if column >= width {
        return Err(ScoreError::new(
            format!("output `{output}` has {width} columns, and column {column} is asked for"),
            "columns are counted from 0",
        ));
    }
    Ok(tensor.rows()?.filter_map(|row| row.get(column).copied()).collect())
}

fn name_of(value: &ValueInfoProto) -> &str {
    value.name.as_deref().unwrap_or_default()
}

/// An input, and whether its number of rows is fixed to one.
fn input(value: &ValueInfoProto) -> Result<(Input, bool), ScoreError> {
    let name = name_of(value).to_owned();
    let tensor = value.r#type.as_ref().and_then(|kind| kind.tensor_type.as_ref());
    let kind = tensor.and_then(|tensor| tensor.elem_type).and_then(Kind::of).ok_or_else(|| {
        ScoreError::new(format!("input `{name}` takes no numbers"), "export the model with numbers as inputs")
    })?;
    let dimensions = tensor.and_then(|tensor| tensor.shape.as_ref()).map(|shape| shape.dim.as_slice());
    let sizes: Vec<Option<i64>> = dimensions.unwrap_or_default().iter().map(|dimension| dimension.dim_value).collect();
    let (rank, rows, width) = match sizes.as_slice() {
        [] => (2, None, None),
        [rows] => (1, *rows, Some(1)),
        [rows, width] => (2, *rows, width.and_then(|width| usize::try_from(width).ok()).filter(|width| *width > 0)),
        _ => {
            let hint = "a scoring model takes one row of factors a decision";
            return Err(ScoreError::new(format!("input `{name}` has {} dimensions", sizes.len()), hint));
        }
    };
    Ok((Input { name, width, kind, rank }, rows == Some(1)))
}

/// The nodes in the order of the file, which ONNX demands to be one in which they can run.
fn plan(
    graph: &GraphProto,
    inputs: &[Input],
    constants: &BTreeMap<String, Tensor>,
) -> Result<Vec<Planned>, ScoreError> {
    let mut known: BTreeSet<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
    known.extend(constants.keys().map(String::as_str));
    let mut nodes = Vec::new();
    for proto in &graph.node {
        let node = Node { proto };
        let step = operator::step(&node)?;
        for name in proto.input.iter().filter(|name| !name.is_empty()) {
            if !known.contains(name.as_str()) {
                return Err(ScoreError::malformed(format!("{} reads `{name}`, which nothing makes", node.shown())));
            }
        }
        known.extend(proto.output.iter().map(String::as_str));
        nodes.push(Planned { shown: node.shown(), step, inputs: proto.input.clone(), outputs: proto.output.clone() });
    }
    Ok(nodes)
}
