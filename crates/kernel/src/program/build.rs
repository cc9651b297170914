use super::{Binary, Layout, Node, NodeId, Program, Slot, Unary};
use crate::value::{Fault, Values};
use gongdao_model::{FactPath, FactType};
use gongdao_rules::{Function, Tree, Vocabulary};
use std::collections::HashMap;

/// Takes trees, gives steps.
pub(crate) struct Builder<'a> {
    vocabulary: Option<&'a Vocabulary>,
    program: Program,
    layouts: Vec<Layout>,
    known: HashMap<Node, NodeId>,
    slots: HashMap<FactPath, usize>,
}

impl<'a> Builder<'a> {
    /// For conditions over the facts of a vocabulary, or over any attributes where there is none.
    pub(crate) fn new(vocabulary: Option<&'a Vocabulary>) -> Self {
        Self {
            vocabulary,
            program: Program { nodes: Vec::new(), slots: Vec::new(), values: Values::new() },
            layouts: Vec::new(),
            known: HashMap::new(),
            slots: HashMap::new(),
        }
    }

    /// The steps so far.
    pub(crate) fn finish(self) -> Program {
        self.program
    }

    /// The step that gives a condition's truth.
    ///
    /// Errors: a fact that the vocabulary does not have.
    pub(crate) fn condition(&mut self, tree: &Tree) -> Result<NodeId, String> {
        let node = self.tree(tree)?;
        self.truth(node)
    }

    fn layout(&self, id: NodeId) -> Layout {
        self.layouts.get(id.index()).copied().unwrap_or(Layout::Value)
    }

    fn node(&self, id: NodeId) -> &Node {
        self.program.nodes.get(id.index()).unwrap_or(&Node::Value(crate::value::ValueId::NONE))
    }

    fn add(&mut self, node: Node) -> Result<NodeId, String> {
        if let Some(id) = self.known.get(&node) {
            return Ok(*id);
        }
        let id = u32::try_from(self.program.nodes.len()).map_err(|_| "the rules have too many steps".to_owned())?;
        let id = NodeId(id);
        self.layouts.push(node.layout(|of| self.layout(of)));
        self.program.nodes.push(node.clone());
        self.known.insert(node, id);
        Ok(id)
    }

    fn tree(&mut self, tree: &Tree) -> Result<NodeId, String> {
        match tree {
            Tree::Constant(constant) => {
                let node = match constant {
                    gongdao_rules::Constant::Bool(value) => Node::Bool(*value),
                    gongdao_rules::Constant::Long(value) => Node::Long(*value),
                    other => Node::Value(self.program.values.constant(other)),
                };
                self.add(node)
            }
            Tree::Fact(path) => self.fact(path),
            Tree::Variable(variable) => self.add(Node::Variable(*variable)),
            Tree::Not(a) => {
                let a = self.condition(a)?;
                self.add(Node::Not(a))
            }
            Tree::And(a, b) => {
                let (a, b) = (self.condition(a)?, self.condition(b)?);
                self.add(Node::And(a, b))
            }
            Tree::Or(a, b) => {
                let (a, b) = (self.condition(a)?, self.condition(b)?);
                self.add(Node::Or(a, b))
            }
            Tree::If(a, b, c) => self.choice(a, b, c),
            Tree::Equal(a, b) => self.equal(a, b),
            Tree::Less(a, b) => self.compare(Binary::Less, a, b),
            Tree::LessOrEqual(a, b) => self.compare(Binary::LessOrEqual, a, b),
            Tree::Negate(a) => {
                let a = self.number(a)?;
                self.add(Node::Negate(a))
            }
            Tree::Arithmetic(op, a, b) => {
                let (a, b) = (self.number(a)?, self.number(b)?);
                self.add(Node::Arithmetic(*op, a, b))
            }
            Tree::IsEmpty(a) => self.unary(Unary::IsEmpty, a),
            Tree::Is(a, kind) => self.unary(Unary::Is(kind.clone()), a),
            Tree::Like(a, pattern) => self.unary(Unary::Like(pattern.clone()), a),
            Tree::Attribute(a, name) => self.unary(Unary::Attribute(name.clone()), a),
            Tree::Has(a, names) => self.unary(Unary::Has(names.clone()), a),
            Tree::Contains(a, b) => self.binary(Binary::Contains, a, b),
            Tree::ContainsAll(a, b) => self.binary(Binary::ContainsAll, a, b),
            Tree::ContainsAny(a, b) => self.binary(Binary::ContainsAny, a, b),
            Tree::In(a, b) => self.binary(Binary::In, a, b),
            Tree::Tag(a, b) => self.binary(Binary::Tag, a, b),
            Tree::HasTag(a, b) => self.binary(Binary::HasTag, a, b),
            Tree::Set(elements) => self.set(elements),
            Tree::Record(fields) => {
                let mut nodes = Vec::with_capacity(fields.len());
                for (name, value) in fields {
                    nodes.push((name.clone(), self.value_of(value)?));
                }
                self.add(Node::Record(nodes))
            }
            Tree::Call(function, operands) => self.call(*function, operands),
        }
    }

    fn fact(&mut self, path: &FactPath) -> Result<NodeId, String> {
        let declared = self.vocabulary.and_then(|vocabulary| vocabulary.facts.get(path));
        let declared = declared.ok_or_else(|| format!("`{path}` is not in the vocabulary"))?;
        let next = self.program.slots.len();
        let slot = *self.slots.entry(path.clone()).or_insert(next);
        if slot == next {
            let slot = Slot { path: path.clone(), kind: declared.fact_type, words: declared.words.clone() };
            self.program.slots.push(slot);
        }
        self.add(match declared.fact_type {
            FactType::Bool => Node::BoolFact(slot),
            FactType::Long => Node::LongFact(slot),
            FactType::Text | FactType::TextSet => Node::ValueFact(slot),
        })
    }

    fn choice(&mut self, a: &Tree, b: &Tree, c: &Tree) -> Result<NodeId, String> {
        let a = self.condition(a)?;
        let (mut b, mut c) = (self.tree(b)?, self.tree(c)?);
        if self.layout(b) != self.layout(c) {
            (b, c) = (self.value(b)?, self.value(c)?);
        }
        let layout = self.layout(b);
        self.add(Node::If(a, b, c, layout))
    }

    fn equal(&mut self, a: &Tree, b: &Tree) -> Result<NodeId, String> {
        let (a, b) = (self.tree(a)?, self.tree(b)?);
        match (self.layout(a), self.layout(b)) {
            (Layout::Truth, Layout::Truth) => self.add(Node::BoolEqual(a, b)),
            (Layout::Long, Layout::Long) => self.add(Node::LongEqual(a, b)),
            _ => {
                let (a, b) = (self.value(a)?, self.value(b)?);
                self.join(Binary::Equal, a, b)
            }
        }
    }

    fn compare(&mut self, op: Binary, a: &Tree, b: &Tree) -> Result<NodeId, String> {
        let (a, b) = (self.tree(a)?, self.tree(b)?);
        if (self.layout(a), self.layout(b)) == (Layout::Long, Layout::Long) {
            return self.add(if op == Binary::Less { Node::LongLess(a, b) } else { Node::LongLessOrEqual(a, b) });
        }
        let (a, b) = (self.value(a)?, self.value(b)?);
        self.join(op, a, b)
    }

    fn unary(&mut self, op: Unary, a: &Tree) -> Result<NodeId, String> {
        let a = self.value_of(a)?;
        self.add(Node::Unary(op, a))
    }

    fn binary(&mut self, op: Binary, a: &Tree, b: &Tree) -> Result<NodeId, String> {
        let (a, b) = (self.value_of(a)?, self.value_of(b)?);
        self.join(op, a, b)
    }

    /// With a constant at one side the operator is worked out once for each distinct value of the other.
    fn join(&mut self, op: Binary, a: NodeId, b: NodeId) -> Result<NodeId, String> {
        match (self.node(a), self.node(b)) {
            (_, Node::Value(id)) if id.is_value() => {
                let node = Node::Unary(Unary::With(op, *id), a);
                self.add(node)
            }
            (Node::Value(id), _) if id.is_value() => {
                let node = Node::Unary(Unary::Within(op, *id), b);
                self.add(node)
            }
            _ => self.add(Node::Binary(op, a, b)),
        }
    }

    fn set(&mut self, elements: &[Tree]) -> Result<NodeId, String> {
        let mut nodes = Vec::with_capacity(elements.len());
        for element in elements {
            nodes.push(self.value_of(element)?);
        }
        let constant = |id: &NodeId| match self.node(*id) {
            Node::Value(value) if value.is_value() => Some(*value),
            _ => None,
        };
        let constants: Option<Vec<_>> = nodes.iter().map(constant).collect();
        let node = match constants {
            Some(constants) => Node::Value(self.program.values.set(constants)),
            None => Node::Set(nodes),
        };
        self.add(node)
    }

    fn call(&mut self, function: Function, operands: &[Tree]) -> Result<NodeId, String> {
        match operands {
            [a] => self.unary(Unary::Call(function), a),
            [a, b] => self.binary(Binary::Call(function), a, b),
            _ => self.add(Node::Value(Fault::Function.id())),
        }
    }

    fn truth(&mut self, node: NodeId) -> Result<NodeId, String> {
        if self.layout(node) == Layout::Truth {
            return Ok(node);
        }
        let value = self.value(node)?;
        self.add(Node::ValueAsTruth(value))
    }

    fn number(&mut self, tree: &Tree) -> Result<NodeId, String> {
        let node = self.tree(tree)?;
        if self.layout(node) == Layout::Long {
            return Ok(node);
        }
        let value = self.value(node)?;
        self.add(Node::ValueAsLong(value))
    }

    fn value_of(&mut self, tree: &Tree) -> Result<NodeId, String> {
        let node = self.tree(tree)?;
        self.value(node)
    }

    fn value(&mut self, node: NodeId) -> Result<NodeId, String> {
        match (self.layout(node), self.node(node)) {
            (Layout::Value, _) => Ok(node),
            (_, Node::Bool(truth)) => {
                let id = crate::value::ValueId::of_bool(*truth);
                self.add(Node::Value(id))
            }
            (_, Node::Long(number)) => {
                let constant = gongdao_rules::Constant::Long(*number);
                let id = self.program.values.constant(&constant);
                self.add(Node::Value(id))
            }
            (Layout::Truth, _) => self.add(Node::TruthAsValue(node)),
            (Layout::Long, _) => self.add(Node::LongAsValue(node)),
        }
    }
}
