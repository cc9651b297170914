//! Bounds on a text before Cedar parses it. Its parser, trees and evaluator recurse: an expression nested without end
//! overflows the stack, which ends the program and cannot be turned into a message. The released packs stay below a
//! quarter of each bound.

const MOST_BYTES: usize = 16 * 1024;
const DEEPEST: usize = 48;
const MOST_OPERATORS: usize = 384;

/// Why a policy or a condition is not given to the parser, if it is not. Texts and comments count like code: a bound
/// that a quotation mark can switch off is none.
pub(crate) fn of_policy(text: &str) -> Result<(), String> {
    if text.len() > MOST_BYTES {
        return Err(format!("the text has {} bytes, at most {MOST_BYTES} are read", text.len()));
    }
    let operators = text.bytes().filter(|byte| b".+-*!&|[".contains(byte)).count();
    if operators > MOST_OPERATORS {
        return Err(format!("more than {MOST_OPERATORS} operators stand in one rule"));
    }
    if text.matches("then").count() > DEEPEST {
        return Err(format!("more than {DEEPEST} choices (`if`) stand in one rule"));
    }
    // `<` and `>` compare here, and bracket nothing.
    brackets(text, b"([{", b")]}")
}

/// The same for the vocabulary, where types nest in `<` and `>`.
pub(crate) fn of_vocabulary(text: &str) -> Result<(), String> {
    brackets(text, b"([{<", b")]}>")
}

fn brackets(text: &str, open: &[u8], close: &[u8]) -> Result<(), String> {
    let mut depth = 0_usize;
    for byte in text.bytes() {
        if open.contains(&byte) {
            depth += 1;
        } else if close.contains(&byte) {
            depth = depth.saturating_sub(1);
        }
        if depth > DEEPEST {
            return Err(format!("brackets stand more than {DEEPEST} deep"));
        }
    }
    Ok(())
}
