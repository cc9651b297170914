//! The declared rule, ready to run over factors.

use super::{AlgorithmVersion, OnnxSpec, RuleSpec};
use crate::query::sql_error;
use crate::{AuditError, digest};
use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::prelude::SessionContext;
use gongdao_score::{Feed, Model, ScoreError};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::Arc;

/// A rule that was checked against its factors.
pub(super) struct Rule {
    /// The version's file or its model's, for messages.
    file: PathBuf,
    kind: Kind,
}

enum Kind {
    Expression(Arc<dyn PhysicalExpr>),
    Model { model: Box<Model>, inputs: Vec<(String, Vec<usize>)>, output: String, column: usize },
}

impl Rule {
    /// Parse the expression, or read the model and hold it against its digest. `factors` are their names and types.
    pub(super) fn open(
        context: &SessionContext,
        version: &AlgorithmVersion,
        factors: SchemaRef,
    ) -> Result<Self, AuditError> {
        match &version.rule {
            RuleSpec::Expression(text) => {
                let expression = expression(context, text, factors).map_err(|error| {
                    let words = sql_error(&version.file, &error).into_problem().message;
                    let words = words.replacen("the query failed: ", "the expression cannot be used: ", 1);
                    AuditError::new(
                        &version.file,
                        words,
                        "write one SQL value over the declared factors, and nothing else",
                    )
                })?;
                Ok(Self { file: version.file.clone(), kind: Kind::Expression(expression) })
            }
            RuleSpec::Onnx(own) => {
                let kind = model(own, &factors)?;
                Ok(Self { file: own.file.clone(), kind })
            }
        }
    }

    /// What the rule gives for each row; none where it gives no finite number.
    pub(super) fn predict(&self, factors: &RecordBatch) -> Result<Vec<Option<f64>>, AuditError> {
        let numbers: Vec<Option<f64>> = match &self.kind {
            Kind::Expression(expression) => {
                let found = expression.evaluate(factors).and_then(|value| value.into_array(factors.num_rows()));
                floats(&found.map_err(|error| sql_error(&self.file, &error))?)?
            }
            Kind::Model { model, inputs, output, column } => {
                let arrays: Vec<Vec<f64>> = factors.columns().iter().map(filled).collect::<Result<_, _>>()?;
                let feed: Feed<'_> = inputs
                    .iter()
                    .map(|(name, places)| {
                        let columns = places.iter().filter_map(|place| arrays.get(*place)).map(Vec::as_slice);
                        (name.as_str(), columns.collect())
                    })
                    .collect();
                let scores = model.run(&feed, output, *column).map_err(|error| score_error(&self.file, error))?;
                scores.into_iter().map(Some).collect()
            }
        };
        Ok(numbers.into_iter().map(|number| number.filter(|number| number.is_finite())).collect())
    }
}

fn expression(
    context: &SessionContext,
    text: &str,
    factors: SchemaRef,
) -> Result<Arc<dyn PhysicalExpr>, DataFusionError> {
    let schema = DFSchema::try_from(factors)?;
    let parsed = context.parse_sql_expr(text, &schema)?;
    let parsed = parsed.transform(|node| Ok(with_floats(node)))?.data;
    let expression = context.create_physical_expr(parsed, &schema)?;
    let kind = expression.data_type(schema.as_arrow())?;
    if !(kind.is_numeric() || kind == DataType::Boolean) {
        return Err(DataFusionError::Plan(format!("it gives `{kind}`, not a number or a boolean")));
    }
    Ok(expression)
}

/// Whole numbers that are added, multiplied, divided or chosen count as floats: `1 / 3` of a published rule is a third, not 0.
fn with_floats(node: Expr) -> Transformed<Expr> {
    let float = |side: Box<Expr>| match *side {
        #[expect(clippy::cast_precision_loss, reason = "a number that somebody wrote down")]
        Expr::Literal(ScalarValue::Int64(Some(number)), notes) => {
            Box::new(Expr::Literal(ScalarValue::Float64(Some(number as f64)), notes))
        }
        other => Box::new(other),
    };
    let is_sum =
        |op| matches!(op, Operator::Plus | Operator::Minus | Operator::Multiply | Operator::Divide | Operator::Modulo);
    match node {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_sum(op) => {
            Transformed::yes(Expr::BinaryExpr(BinaryExpr { left: float(left), op, right: float(right) }))
        }
        Expr::Case(mut case) => {
            case.when_then_expr = case.when_then_expr.into_iter().map(|(when, then)| (when, float(then))).collect();
            case.else_expr = case.else_expr.map(float);
            Transformed::yes(Expr::Case(case))
        }
        other => Transformed::no(other),
    }
}

fn model(own: &OnnxSpec, factors: &SchemaRef) -> Result<Kind, AuditError> {
    let bytes = std::fs::read(&own.file).map_err(|error| AuditError::io(&own.file, "read the model", &error))?;
    let mut hasher = Sha256::new();
    hasher.update(&bytes);
    let found = digest::text(hasher);
    if found != own.digest {
        let message =
            format!("the model is not the declared one: its digest is `{found}`, declared is `{}`", own.digest);
        return Err(AuditError::new(
            &own.file,
            message,
            "use the file that was declared, or declare this one as a new version",
        ));
    }
    let model = Model::read(&bytes).map_err(|error| score_error(&own.file, error))?;
    model.check_output(&own.output).map_err(|error| score_error(&own.file, error))?;
    for input in model.inputs() {
        let fed = own.inputs.get(&input.name).map(Vec::len).ok_or_else(|| {
            let message = format!("nothing is given for input `{}` of the model", input.name);
            AuditError::new(&own.file, message, "name its factors under `inputs`")
        })?;
        if let Some(width) = input.width.filter(|width| *width != fed) {
            let message = format!("input `{}` of the model takes {width} factors, and gets {fed}", input.name);
            return Err(AuditError::new(
                &own.file,
                message,
                "name as many factors as the model was made for, in its order",
            ));
        }
    }
    if let Some(name) = own.inputs.keys().find(|name| model.inputs().iter().all(|input| input.name != **name)) {
        let known: Vec<&str> = model.inputs().iter().map(|input| input.name.as_str()).collect();
        let message = format!("the model has no input `{name}`");
        return Err(AuditError::new(&own.file, message, format!("its inputs: {}", known.join(", "))));
    }
    if let Some(text) = factors.fields().iter().find(|field| *field.data_type() == DataType::Utf8) {
        let message = format!("factor `{}` is text, and a model takes numbers", text.name());
        return Err(AuditError::new(&own.file, message, "turn it into numbers in a view, as the model was trained"));
    }
    let place = |name: &String| factors.index_of(name).ok();
    let inputs = own.inputs.iter().map(|(name, fed)| (name.clone(), fed.iter().filter_map(place).collect())).collect();
    Ok(Kind::Model { model: Box::new(model), inputs, output: own.output.clone(), column: own.column })
}

fn floats(array: &ArrayRef) -> Result<Vec<Option<f64>>, AuditError> {
    let numbers = cast(array, &DataType::Float64).map_err(|error| crate::columns::internal(&error.to_string()))?;
    Ok(numbers.as_primitive::<Float64Type>().iter().collect())
}

/// Numbers with `NaN` where missing; truths as 0 and 1.
fn filled(array: &ArrayRef) -> Result<Vec<f64>, AuditError> {
    debug_assert!(*array.data_type() != DataType::Utf8, "text is refused when the rule is opened");
    Ok(floats(array)?.into_iter().map(|number| number.unwrap_or(f64::NAN)).collect())
}

fn score_error(file: &std::path::Path, error: ScoreError) -> AuditError {
    AuditError::new(file, error.message, error.hint)
}
