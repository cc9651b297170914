//! Tree ensembles: `ai.onnx.ml`'s regressor and classifier (versions 1 and 3).

use super::learning::{Labels, Transform};
use super::{Found, Step, at};
use crate::ScoreError;
use crate::node::Node;
use crate::tensor::{Kind, Tensor};
use std::collections::BTreeMap;

pub(super) fn step(node: &Node<'_>) -> Found {
    Some(match node.learning()? {
        "TreeEnsembleRegressor" => regressor(node),
        "TreeEnsembleClassifier" => classifier(node),
        _ => return None,
    })
}

/// Results a row that a model may have.
const MOST_RESULTS: usize = 10_000;

/// How a branch compares its factor with its threshold.
#[derive(Debug, Clone, Copy)]
enum Compare {
    AtMost,
    Below,
    AtLeast,
    Above,
    Equal,
    Unequal,
}

#[derive(Debug, Clone)]
enum Place {
    Branch {
        compare: Compare,
        factor: usize,
        threshold: f64,
        missing_is_true: bool,
        yes: usize,
        no: usize,
    },
    /// Votes: result and weight.
    Leaf(Vec<(usize, f64)>),
}

/// All trees of a model: their nodes in one list.
#[derive(Debug, Clone)]
struct Forest {
    places: Vec<Place>,
    roots: Vec<usize>,
    /// Factors that a row must have.
    width: usize,
}

impl Forest {
    /// `votes` is the prefix of the attributes on leaves, `result` the one that says for which result a vote is.
    fn read(node: &Node<'_>, votes: &str, result: &str) -> Result<Self, ScoreError> {
        let broken = |what: &str| ScoreError::malformed(format!("{}: {what}", node.shown()));
        let trees = node.ints("nodes_treeids");
        let numbers = node.ints("nodes_nodeids");
        let mut index: BTreeMap<(i64, i64), usize> = BTreeMap::new();
        let mut roots = Vec::new();
        let mut last = None;
        for (place, (tree, number)) in trees.iter().zip(numbers).enumerate() {
            if index.insert((*tree, *number), place).is_some() {
                return Err(broken(&format!("node {number} of tree {tree} stands twice")));
            }
            // The first node of a tree is its root.
            if last.replace(*tree) != Some(*tree) {
                roots.push(place);
            }
        }
        let mut leaves: BTreeMap<usize, Vec<(usize, f64)>> = BTreeMap::new();
        let weights = node.numbers(&format!("{votes}_weights"))?;
        let at_nodes = node.ints(&format!("{votes}_treeids")).iter().zip(node.ints(&format!("{votes}_nodeids")));
        for ((at_node, id), weight) in at_nodes.zip(node.ints(result)).zip(weights) {
            let place = index.get(&(*at_node.0, *at_node.1)).ok_or_else(|| broken("a vote has no node"))?;
            let id = usize::try_from(*id).map_err(|_| broken("a vote is for no result"))?;
            leaves.entry(*place).or_default().push((id, weight));
        }
        let mut forest = Self { places: Vec::new(), roots, width: 0 };
        let columns = Columns::of(node)?;
        for place in 0..index.len() {
            let found = columns.place(node, place, &index, &leaves)?;
            if let Place::Branch { factor, .. } = &found {
                forest.width = forest.width.max(factor + 1);
            }
            forest.places.push(found);
        }
        if forest.roots.is_empty() || index.len() != trees.len() {
            return Err(broken("it has no trees, or a tree in pieces"));
        }
        Ok(forest)
    }

    /// The votes of every tree for a row.
    fn votes<'a>(&'a self, row: &'a [f64]) -> impl Iterator<Item = Result<&'a [(usize, f64)], ScoreError>> {
        self.roots.iter().map(move |root| {
            let mut here = *root;
            // A tree is never deeper than it has nodes: more steps mean a circle.
            for _ in 0..=self.places.len() {
                match self.places.get(here) {
                    Some(Place::Leaf(votes)) => return Ok(votes.as_slice()),
                    Some(branch) => here = branch.next(row),
                    None => break,
                }
            }
            Err(ScoreError::malformed("a tree goes in a circle"))
        })
    }

    fn check(&self, tensor: &Tensor) -> Result<usize, ScoreError> {
        let (rows, width) = tensor.matrix()?;
        if width < self.width {
            let message = format!("the trees ask for {} numbers a row, and get {width}", self.width);
            return Err(ScoreError::new(message, "name as many factors as the model was made for, in its order"));
        }
        Ok(rows)
    }
}

impl Place {
    /// Where a row goes on from a branch.
    #[expect(clippy::float_cmp, reason = "the model asks for equality")]
    fn next(&self, row: &[f64]) -> usize {
        let Self::Branch { compare, factor, threshold, missing_is_true, yes, no } = self else { return usize::MAX };
        let value = row.get(*factor).copied().unwrap_or(f64::NAN);
        let is_true = match compare {
            _ if value.is_nan() => *missing_is_true,
            Compare::AtMost => value <= *threshold,
            Compare::Below => value < *threshold,
            Compare::AtLeast => value >= *threshold,
            Compare::Above => value > *threshold,
            Compare::Equal => value == *threshold,
            Compare::Unequal => value != *threshold,
        };
        if is_true { *yes } else { *no }
    }
}

/// The attributes that describe nodes, side by side.
struct Columns<'a> {
    modes: &'a [String],
    factors: &'a [i64],
    thresholds: Vec<f64>,
    yes: &'a [i64],
    no: &'a [i64],
    missing: &'a [i64],
    trees: &'a [i64],
}

impl<'a> Columns<'a> {
    fn of(node: &'a Node<'_>) -> Result<Self, ScoreError> {
        Ok(Self {
            modes: node.texts("nodes_modes"),
            factors: node.ints("nodes_featureids"),
            thresholds: node.numbers("nodes_values")?,
            yes: node.ints("nodes_truenodeids"),
            no: node.ints("nodes_falsenodeids"),
            missing: node.ints("nodes_missing_value_tracks_true"),
            trees: node.ints("nodes_treeids"),
        })
    }

    fn place(
        &self,
        node: &Node<'_>,
        place: usize,
        index: &BTreeMap<(i64, i64), usize>,
        leaves: &BTreeMap<usize, Vec<(usize, f64)>>,
    ) -> Result<Place, ScoreError> {
        let gap = || ScoreError::malformed(format!("{}: its attributes are not equally long", node.shown()));
        let mode = self.modes.get(place).ok_or_else(gap)?;
        let compare = match mode.as_str() {
            "LEAF" => return Ok(Place::Leaf(leaves.get(&place).cloned().unwrap_or_default())),
            "BRANCH_LEQ" => Compare::AtMost,
            "BRANCH_LT" => Compare::Below,
            "BRANCH_GTE" => Compare::AtLeast,
            "BRANCH_GT" => Compare::Above,
            "BRANCH_EQ" => Compare::Equal,
            "BRANCH_NEQ" => Compare::Unequal,
            other => return Err(node.refuse("nodes_modes", other)),
        };
        let tree = *self.trees.get(place).ok_or_else(gap)?;
        let child = |list: &[i64]| {
            let number = *list.get(place).ok_or_else(gap)?;
            let message = format!("{}: node {number} of tree {tree} is missing", node.shown());
            index.get(&(tree, number)).copied().ok_or_else(|| ScoreError::malformed(message))
        };
        Ok(Place::Branch {
            compare,
            factor: self.factors.get(place).and_then(|factor| usize::try_from(*factor).ok()).ok_or_else(gap)?,
            threshold: *self.thresholds.get(place).ok_or_else(gap)?,
            missing_is_true: self.missing.get(place).is_some_and(|flag| *flag != 0),
            yes: child(self.yes)?,
            no: child(self.no)?,
        })
    }
}

/// How the votes of all trees become one number.
#[derive(Debug, Clone, Copy)]
enum Aggregate {
    Sum,
    Average,
    Lowest,
    Highest,
}

impl Aggregate {
    fn of(node: &Node<'_>) -> Result<Self, ScoreError> {
        match node.text("aggregate_function").unwrap_or("SUM") {
            "SUM" => Ok(Self::Sum),
            "AVERAGE" => Ok(Self::Average),
            "MIN" => Ok(Self::Lowest),
            "MAX" => Ok(Self::Highest),
            other => Err(node.refuse("aggregate_function", other)),
        }
    }

    fn join(self, known: Option<f64>, vote: f64) -> f64 {
        match (self, known) {
            (_, None) => vote,
            (Self::Sum | Self::Average, Some(known)) => known + vote,
            (Self::Lowest, Some(known)) => known.min(vote),
            (Self::Highest, Some(known)) => known.max(vote),
        }
    }
}

/// The votes for each result, joined; none where no tree votes.
fn joined(forest: &Forest, row: &[f64], results: usize, how: Aggregate) -> Result<Vec<Option<f64>>, ScoreError> {
    let mut sums: Vec<Option<f64>> = vec![None; results];
    for votes in forest.votes(row) {
        for (result, weight) in votes? {
            let slot = sums.get_mut(*result).ok_or_else(|| ScoreError::malformed("a vote is for no result"))?;
            *slot = Some(how.join(*slot, *weight));
        }
    }
    Ok(sums)
}

fn base(node: &Node<'_>, results: usize) -> Result<Vec<f64>, ScoreError> {
    let base = node.numbers("base_values")?;
    match base.len() {
        0 => Ok(vec![0.0; results]),
        found if found == results => Ok(base),
        found => Err(node.refuse("base_values", &format!("{found} for {results} results"))),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a model has far fewer than 2^53 trees")]
fn regressor(node: &Node<'_>) -> Result<Step, ScoreError> {
    let targets = node.int("n_targets").and_then(|count| usize::try_from(count).ok()).unwrap_or(1).max(1);
    if targets > MOST_RESULTS {
        return Err(node.refuse("n_targets", &targets.to_string()));
    }
    let forest = Forest::read(node, "target", "target_ids")?;
    let (how, base, transform) = (Aggregate::of(node)?, base(node, targets)?, Transform::of(node)?);
    let divisor = if matches!(how, Aggregate::Average) { forest.roots.len() as f64 } else { 1.0 };
    Ok(Box::new(move |inputs| {
        let tensor = at(inputs, 0)?;
        let rows = forest.check(tensor)?;
        let mut data = Vec::with_capacity(rows * targets);
        for row in tensor.rows()? {
            let sums = joined(&forest, row, targets, how)?;
            let scores = sums.into_iter().zip(&base).map(|(sum, base)| sum.unwrap_or(0.0) / divisor + base).collect();
            data.extend(transform.apply(scores));
        }
        Tensor::new(vec![rows, targets], Kind::Float, data).map(|tensor| vec![tensor])
    }))
}

/// With votes for one of two classes only, the other one's score follows from it, as ONNX Runtime has it: its negative before the
/// transform; without a transform and with positive votes alone, its complement.
fn classifier(node: &Node<'_>) -> Result<Step, ScoreError> {
    let labels = Labels::of(node, "classlabels_int64s");
    let forest = Forest::read(node, "class", "class_ids")?;
    let transform = Transform::of(node)?;
    let ids = node.ints("class_ids");
    let is_single = labels.count == 2 && ids.first().is_some_and(|first| ids.iter().all(|id| id == first));
    let given = node.numbers("base_values")?;
    let is_positive = node.numbers("class_weights")?.iter().all(|weight| *weight >= 0.0);
    if is_single && (!given.is_empty() || transform == Transform::Softmax) {
        return Err(node.refuse("class_ids", "votes for one of two classes, with base values or SOFTMAX"));
    }
    let is_complement = is_positive && transform == Transform::Nothing;
    let base = base(node, labels.count)?;
    Ok(Box::new(move |inputs| {
        let tensor = at(inputs, 0)?;
        let rows = forest.check(tensor)?;
        let mut scores = Vec::with_capacity(rows * labels.count);
        for row in tensor.rows()? {
            let sums = joined(&forest, row, labels.count, Aggregate::Sum)?;
            if is_single {
                let score = sums.into_iter().flatten().next().unwrap_or(0.0);
                let other = if is_complement { 1.0 - score } else { -score };
                scores.extend(transform.apply(vec![other, score]));
            } else {
                let all = sums.into_iter().zip(&base).map(|(sum, base)| sum.unwrap_or(0.0) + base).collect();
                scores.extend(transform.apply(all));
            }
        }
        labels.with_scores(rows, scores)
    }))
}
