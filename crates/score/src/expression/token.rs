use crate::ScoreError;

/// A piece of the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name or a word of the language, in small letters.
    Word(String),
    /// A name in quotation marks, as it stands.
    Quoted(String),
    Number(f64),
    Text(String),
    /// An operator, a parenthesis or a comma.
    Sign(&'static str),
}

const SIGNS: [&str; 15] = ["<=", ">=", "<>", "!=", "<", ">", "=", "+", "-", "*", "/", "%", "(", ")", ","];
/// The greatest whole number that a float keeps exactly: 2^53.
const GREATEST: f64 = 9_007_199_254_740_992.0;

/// The pieces of an expression, in their order.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ScoreError> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = if first.is_ascii_alphabetic() || first == '_' {
            let (word, after) = split(rest, |char| char.is_ascii_alphanumeric() || char == '_');
            (Token::Word(word.to_ascii_lowercase()), after)
        } else if first.is_ascii_digit() || first == '.' {
            number(rest)?
        } else if first == '\'' || first == '"' {
            let (inside, after) = quoted(rest, first)?;
            (if first == '"' { Token::Quoted(inside) } else { Token::Text(inside) }, after)
        } else {
            sign(rest, first)?
        };
        found.push(token);
        rest = after.trim_start();
    }
    Ok(found)
}

fn split(text: &str, is_part: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|char| !is_part(char)).unwrap_or(text.len()))
}

fn sign(text: &str, first: char) -> Result<(Token, &str), ScoreError> {
    if text.starts_with("--") || text.starts_with("/*") {
        return Err(ScoreError::new("a comment stands in the expression", "write what it says into the rule's text"));
    }
    let found = SIGNS.into_iter().find_map(|sign| text.strip_prefix(sign).map(|after| (Token::Sign(sign), after)));
    found.ok_or_else(|| {
        ScoreError::new(format!("`{}` is no sign of an expression", first.escape_debug()), "take it out")
    })
}

fn number(text: &str) -> Result<(Token, &str), ScoreError> {
    let (mut digits, mut after) = split(text, |char| char.is_ascii_digit() || char == '.');
    if let Some(exponent) = after.strip_prefix(['e', 'E']) {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let (power, end) = split(unsigned, |char| char.is_ascii_digit());
        if !power.is_empty() {
            (digits, after) = text.split_at(text.len() - end.len());
        }
    }
    let refused = || ScoreError::new(format!("`{digits}` is no number"), "write numbers like `13.5`");
    if after.starts_with(|char: char| char.is_ascii_alphanumeric() || char == '_') {
        return Err(refused());
    }
    let value: f64 = digits.parse().map_err(|_| refused())?;
    if value > GREATEST {
        let hint = "write numbers up to 9007199254740992, which are kept exactly";
        return Err(ScoreError::new(format!("`{digits}` is too large"), hint));
    }
    Ok((Token::Number(value), after))
}

/// What stands between two marks; a mark that stands twice is one.
fn quoted(text: &str, mark: char) -> Result<(String, &str), ScoreError> {
    let mut inside = String::new();
    let mut rest = text.strip_prefix(mark).unwrap_or(text);
    while let Some((part, after)) = rest.split_once(mark) {
        inside.push_str(part);
        match after.strip_prefix(mark) {
            Some(further) => {
                inside.push(mark);
                rest = further;
            }
            None => return Ok((inside, after)),
        }
    }
    Err(ScoreError::new(format!("a `{mark}` is not closed"), "close it"))
}
