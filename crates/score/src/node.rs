//! A node of the graph with its attributes by name.

use crate::ScoreError;
use crate::tensor::Tensor;
use rten_onnx::onnx::{AttributeProto, AttributeType, NodeProto};

/// The domain of classical machine learning.
const LEARNING: &str = "ai.onnx.ml";

/// One node of the file.
pub(crate) struct Node<'a> {
    pub(crate) proto: &'a NodeProto,
}

impl Node<'_> {
    /// The operator's name, with its domain unless that is ONNX's own: `Gemm`, `ai.onnx.ml.Scaler`.
    pub(crate) fn operator(&self) -> String {
        let name = self.proto.op_type.as_deref().unwrap_or_default();
        match self.proto.domain.as_deref().unwrap_or_default() {
            "" | "ai.onnx" => name.to_owned(),
            domain => format!("{domain}.{name}"),
        }
    }

    /// The operator's name within [`LEARNING`]; none outside it.
    pub(crate) fn learning(&self) -> Option<&str> {
        let is_learning = self.proto.domain.as_deref() == Some(LEARNING);
        self.proto.op_type.as_deref().filter(|_| is_learning)
    }

    /// The operator's name within ONNX's own domain.
    pub(crate) fn plain(&self) -> Option<&str> {
        let is_plain = matches!(self.proto.domain.as_deref(), None | Some("" | "ai.onnx"));
        self.proto.op_type.as_deref().filter(|_| is_plain)
    }

    /// Words for a message.
    pub(crate) fn shown(&self) -> String {
        match self.proto.name.as_deref() {
            None | Some("") => format!("operator `{}`", self.operator()),
            Some(name) => format!("operator `{}` (node `{name}`)", self.operator()),
        }
    }

    fn attribute(&self, name: &str) -> Option<&AttributeProto> {
        self.proto.attribute.iter().find(|attribute| attribute.name.as_deref() == Some(name))
    }

    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.attribute(name)?.i
    }

    pub(crate) fn float(&self, name: &str) -> Option<f64> {
        self.attribute(name)?.f.map(f64::from)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.attribute(name)?.s.as_deref()
    }

    pub(crate) fn ints(&self, name: &str) -> &[i64] {
        self.attribute(name).map(|attribute| attribute.ints.as_slice()).unwrap_or_default()
    }

    pub(crate) fn texts(&self, name: &str) -> &[String] {
        self.attribute(name).map(|attribute| attribute.strings.as_slice()).unwrap_or_default()
    }

    /// Numbers of an attribute: the list `name`, or the tensor `name_as_tensor` of models with 64-bit floats.
    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f64>, ScoreError> {
        if let Some(tensor) = self.tensor(&format!("{name}_as_tensor"))? {
            return Ok(tensor.data);
        }
        let listed = self.attribute(name).map(|attribute| attribute.floats.as_slice()).unwrap_or_default();
        Ok(listed.iter().map(|value| f64::from(*value)).collect())
    }

    pub(crate) fn tensor(&self, name: &str) -> Result<Option<Tensor>, ScoreError> {
        self.attribute(name).and_then(|attribute| attribute.t.as_ref()).map(Tensor::read).transpose()
    }

    /// Whether the node carries a graph of its own, such as a loop.
    pub(crate) fn has_graph(&self) -> bool {
        self.proto.attribute.iter().any(|attribute| attribute.r#type == Some(AttributeType::GRAPH))
    }

    /// A setting that is not covered.
    pub(crate) fn refuse(&self, setting: &str, value: &str) -> ScoreError {
        ScoreError::new(
            format!("{} has `{setting}` = `{value}`, which is not covered", self.shown()),
            "export the model without it, or write the rule as an `expression`",
        )
    }
}
