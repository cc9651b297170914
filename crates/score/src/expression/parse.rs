use super::token::{Token, tokens};
use super::{Binary, Function, Kind, Node};
use crate::ScoreError;

/// Nodes from the root to a leaf at most: what runs an expression goes down as deep.
const MOST_DEEP: usize = 100;
/// Nodes at most.
const MOST_NODES: usize = 1_000;
/// Words that begin or join something that is no expression here.
const REFUSED: [&str; 12] =
    ["select", "cast", "is", "like", "ilike", "null", "exists", "over", "interval", "extract", "any", "all"];
const KEYWORDS: [&str; 11] = ["and", "or", "not", "case", "when", "then", "else", "end", "between", "in", "distinct"];

/// A part with what it gives, how deep it is, and of how many nodes. What stands once in the text can stand twice in it.
#[derive(Clone)]
struct Part {
    node: Node,
    kind: Kind,
    size: Size,
}

#[derive(Clone, Copy, Default)]
struct Size {
    depth: usize,
    nodes: usize,
}

impl Size {
    fn beside(self, other: Self) -> Self {
        Self { depth: self.depth.max(other.depth), nodes: self.nodes + other.nodes }
    }

    fn of<'a>(parts: impl IntoIterator<Item = &'a Part>) -> Self {
        parts.into_iter().map(|part| part.size).fold(Self::default(), Self::beside)
    }
}

pub(super) struct Parser<'a> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    factors: &'a [(String, Kind)],
}

/// The expression with what it gives.
pub(super) fn parse(text: &str, factors: &[(String, Kind)]) -> Result<(Node, Kind), ScoreError> {
    let tokens = tokens(text)?.into_iter().peekable();
    let mut parser = Parser { tokens, factors };
    let part = parser.or(0)?;
    match parser.tokens.next() {
        None => Ok((part.node, part.kind)),
        Some(token) => Err(unexpected(Some(&token))),
    }
}

impl Parser<'_> {
    fn takes_word(&mut self, word: &str) -> bool {
        self.tokens.next_if(|token| matches!(token, Token::Word(found) if found == word)).is_some()
    }

    fn takes_sign(&mut self, sign: &str) -> bool {
        self.tokens.next_if(|token| matches!(token, Token::Sign(found) if *found == sign)).is_some()
    }

    fn word(&mut self, word: &str) -> Result<(), ScoreError> {
        if self.takes_word(word) { Ok(()) } else { Err(unexpected(self.tokens.peek())) }
    }

    fn sign(&mut self, sign: &str) -> Result<(), ScoreError> {
        if self.takes_sign(sign) { Ok(()) } else { Err(unexpected(self.tokens.peek())) }
    }

    fn or(&mut self, level: usize) -> Result<Part, ScoreError> {
        if level > MOST_DEEP {
            return Err(too_long());
        }
        let mut left = self.and(level)?;
        while self.takes_word("or") {
            let right = self.and(level)?;
            left = Self::joined(Binary::Or, left, right)?;
        }
        Ok(left)
    }

    fn and(&mut self, level: usize) -> Result<Part, ScoreError> {
        let mut left = self.not(level)?;
        while self.takes_word("and") {
            let right = self.not(level)?;
            left = Self::joined(Binary::And, left, right)?;
        }
        Ok(left)
    }

    fn not(&mut self, level: usize) -> Result<Part, ScoreError> {
        if level > MOST_DEEP {
            return Err(too_long());
        }
        if !self.takes_word("not") {
            return self.comparison(level);
        }
        let inner = self.not(level + 1)?;
        Self::negated(inner)
    }

    fn negated(inner: Part) -> Result<Part, ScoreError> {
        wanted(&inner, Kind::Truth, "NOT")?;
        part(Node::Not(Box::new(inner.node)), Kind::Truth, inner.size)
    }

    fn comparison(&mut self, level: usize) -> Result<Part, ScoreError> {
        let left = self.sum(level)?;
        let operator = [
            ("=", Binary::Equal),
            ("<>", Binary::Unequal),
            ("!=", Binary::Unequal),
            ("<=", Binary::AtMost),
            (">=", Binary::AtLeast),
            ("<", Binary::Less),
            (">", Binary::Greater),
        ];
        if let Some((_, operator)) = operator.into_iter().find(|(sign, _)| self.takes_sign(sign)) {
            let right = self.sum(level)?;
            return Self::joined(operator, left, right);
        }
        let is_negated = self.takes_word("not");
        let found = if self.takes_word("between") {
            let low = self.sum(level)?;
            self.word("and")?;
            let high = self.sum(level)?;
            let above = Self::joined(Binary::AtLeast, left.clone(), low)?;
            let below = Self::joined(Binary::AtMost, left, high)?;
            Self::joined(Binary::And, above, below)?
        } else if self.takes_word("in") {
            self.listed(&left, level)?
        } else if is_negated {
            return Err(unexpected(self.tokens.peek()));
        } else {
            return Ok(left);
        };
        if is_negated { Self::negated(found) } else { Ok(found) }
    }

    fn listed(&mut self, left: &Part, level: usize) -> Result<Part, ScoreError> {
        self.sign("(")?;
        let mut found: Option<Part> = None;
        loop {
            let one = self.sum(level + 1)?;
            let equal = Self::joined(Binary::Equal, left.clone(), one)?;
            found = Some(match found {
                None => equal,
                Some(before) => Self::joined(Binary::Or, before, equal)?,
            });
            if !self.takes_sign(",") {
                break;
            }
        }
        self.sign(")")?;
        found.ok_or_else(|| unexpected(None))
    }

    fn sum(&mut self, level: usize) -> Result<Part, ScoreError> {
        let mut left = self.product(level)?;
        loop {
            let operator = if self.takes_sign("+") {
                Binary::Plus
            } else if self.takes_sign("-") {
                Binary::Minus
            } else {
                return Ok(left);
            };
            let right = self.product(level)?;
            left = Self::joined(operator, left, right)?;
        }
    }

    fn product(&mut self, level: usize) -> Result<Part, ScoreError> {
        let mut left = self.signed(level)?;
        loop {
            let signs = [("*", Binary::Times), ("/", Binary::Over), ("%", Binary::Rest)];
            let Some((_, operator)) = signs.into_iter().find(|(sign, _)| self.takes_sign(sign)) else {
                return Ok(left);
            };
            let right = self.signed(level)?;
            left = Self::joined(operator, left, right)?;
        }
    }

    fn signed(&mut self, level: usize) -> Result<Part, ScoreError> {
        if level > MOST_DEEP {
            return Err(too_long());
        }
        if !self.takes_sign("-") {
            return self.single(level);
        }
        let inner = self.signed(level + 1)?;
        wanted(&inner, Kind::Number, "-")?;
        part(Node::Negative(Box::new(inner.node)), Kind::Number, inner.size)
    }

    fn single(&mut self, level: usize) -> Result<Part, ScoreError> {
        match self.tokens.next() {
            Some(Token::Number(number)) => part(Node::Number(number), Kind::Number, Size::default()),
            Some(Token::Text(text)) => part(Node::Text(text), Kind::Text, Size::default()),
            Some(Token::Quoted(name)) => self.factor(&name),
            Some(Token::Sign("(")) => {
                let inner = self.or(level + 1)?;
                self.sign(")")?;
                Ok(inner)
            }
            Some(Token::Word(word)) => match word.as_str() {
                "true" => part(Node::Truth(true), Kind::Truth, Size::default()),
                "false" => part(Node::Truth(false), Kind::Truth, Size::default()),
                "case" => self.case(level + 1),
                word if REFUSED.contains(&word) => {
                    let hint = "write sums, comparisons, CASE, and functions that docs/register.md names";
                    Err(ScoreError::new(format!("`{}` is not covered", word.to_ascii_uppercase()), hint))
                }
                word if self.takes_sign("(") => self.function(word, level + 1),
                word => self.factor(word),
            },
            token => Err(unexpected(token.as_ref())),
        }
    }

    fn factor(&self, name: &str) -> Result<Part, ScoreError> {
        if KEYWORDS.contains(&name) {
            return Err(unexpected(Some(&Token::Word(name.to_owned()))));
        }
        let found = self.factors.iter().enumerate().find(|(_, (known, _))| known == name);
        let Some((place, (_, kind))) = found else {
            let known: Vec<&str> = self.factors.iter().map(|(name, _)| name.as_str()).collect();
            let message = format!("`{}` is no declared factor", name.escape_debug());
            return Err(ScoreError::new(message, format!("declared are: {}", known.join(", "))));
        };
        let kind = *kind;
        part(Node::Factor(place), kind, Size::default())
    }

    fn function(&mut self, name: &str, level: usize) -> Result<Part, ScoreError> {
        let Some(function) = Function::of(name) else {
            let known: Vec<&str> = Function::ALL.iter().map(|(name, _)| *name).collect();
            let message = format!("the function `{}` is not covered", name.escape_debug());
            return Err(ScoreError::new(message, format!("covered are: {}", known.join(", "))));
        };
        let mut arguments = Vec::new();
        loop {
            let argument = self.or(level)?;
            wanted(&argument, Kind::Number, name)?;
            arguments.push(argument);
            if !self.takes_sign(",") {
                break;
            }
        }
        self.sign(")")?;
        if arguments.len() > 1 && !function.takes_many() {
            let message = format!("`{name}` takes one value, and gets {}", arguments.len());
            return Err(ScoreError::new(message, "write one value"));
        }
        let below = Size::of(&arguments);
        part(Node::Call(function, arguments.into_iter().map(|part| part.node).collect()), Kind::Number, below)
    }

    fn case(&mut self, level: usize) -> Result<Part, ScoreError> {
        let subject = if matches!(self.tokens.peek(), Some(Token::Word(word)) if word == "when") {
            None
        } else {
            Some(self.or(level)?)
        };
        let mut arms: Vec<(Part, Part)> = Vec::new();
        while self.takes_word("when") {
            let when = self.or(level)?;
            let when = match &subject {
                None => when,
                Some(subject) => Self::joined(Binary::Equal, subject.clone(), when)?,
            };
            wanted(&when, Kind::Truth, "WHEN")?;
            self.word("then")?;
            arms.push((when, self.or(level)?));
        }
        let Some(kind) = arms.first().map(|(_, then)| then.kind) else { return Err(unexpected(self.tokens.peek())) };
        if !self.takes_word("else") {
            let hint = "say with ELSE what is given where no WHEN holds";
            return Err(ScoreError::new("a CASE has no ELSE", hint));
        }
        let otherwise = self.or(level)?;
        self.word("end")?;
        for (_, then) in &arms {
            wanted(then, kind, "THEN")?;
        }
        wanted(&otherwise, kind, "ELSE")?;
        let below = Size::of(arms.iter().flat_map(|(when, then)| [when, then]).chain([&otherwise]));
        let nodes = arms.into_iter().map(|(when, then)| (when.node, then.node)).collect();
        part(Node::Case(nodes, Box::new(otherwise.node)), kind, below)
    }

    fn joined(operator: Binary, left: Part, right: Part) -> Result<Part, ScoreError> {
        use Binary::{And, AtLeast, AtMost, Equal, Greater, Less, Minus, Or, Over, Plus, Rest, Times, Unequal};
        let (needed, kind) = match operator {
            Plus | Minus | Times | Over | Rest => (Some(Kind::Number), Kind::Number),
            And | Or => (Some(Kind::Truth), Kind::Truth),
            Equal | Unequal | Less | AtMost | Greater | AtLeast => (None, Kind::Truth),
        };
        let sign = operator.as_str();
        if let Some(needed) = needed {
            wanted(&left, needed, sign)?;
            wanted(&right, needed, sign)?;
        } else {
            wanted(&right, left.kind, sign)?;
            if left.kind == Kind::Truth && !matches!(operator, Equal | Unequal) {
                let message = format!("`{sign}` stands between yes and no");
                return Err(ScoreError::new(message, "compare numbers or texts"));
            }
        }
        let below = left.size.beside(right.size);
        part(Node::Binary(operator, Box::new(left.node), Box::new(right.node)), kind, below)
    }
}

/// A part above others.
fn part(node: Node, kind: Kind, below: Size) -> Result<Part, ScoreError> {
    let size = Size { depth: below.depth + 1, nodes: below.nodes + 1 };
    if size.depth > MOST_DEEP || size.nodes > MOST_NODES { Err(too_long()) } else { Ok(Part { node, kind, size }) }
}

fn wanted(part: &Part, kind: Kind, of: &str) -> Result<(), ScoreError> {
    if part.kind == kind {
        return Ok(());
    }
    let message = format!("`{of}` takes {}, and gets {}", kind.as_str(), part.kind.as_str());
    Err(ScoreError::new(message, "give it what it takes; yes and no become numbers by CASE"))
}

fn unexpected(token: Option<&Token>) -> ScoreError {
    let hint = "write one SQL value over the declared factors, and nothing else";
    let found = match token {
        None => return ScoreError::new("the expression ends too early", hint),
        Some(Token::Word(word)) => word.to_ascii_uppercase(),
        Some(Token::Quoted(name)) => format!("\"{}\"", name.escape_debug()),
        Some(Token::Number(number)) => number.to_string(),
        Some(Token::Text(text)) => format!("'{}'", text.escape_debug()),
        Some(Token::Sign(sign)) => (*sign).to_owned(),
    };
    ScoreError::new(format!("`{found}` does not fit where it stands"), hint)
}

fn too_long() -> ScoreError {
    let hint = format!("write at most {MOST_NODES} parts, {MOST_DEEP} inside each other");
    ScoreError::new("the expression has too many parts", hint)
}
