//! What texts may be: every limit stands here once.

use crate::RegisterError;

/// Characters of a name.
pub(crate) const NAME_CHARS: usize = 200;
/// Characters of anything that people write, but for the text of a rule.
pub(crate) const TEXT_CHARS: usize = 5000;
/// Characters of an address.
pub(crate) const ADDRESS_CHARS: usize = 500;

/// Errors: empty, or longer than `most` characters.
pub(crate) fn said(what: &str, text: &str, most: usize) -> Result<(), RegisterError> {
    if (1..=most).contains(&text.trim().chars().count()) && text.chars().count() <= most {
        return Ok(());
    }
    Err(RegisterError::new(format!("`{what}` is missing or too long"), format!("say it in 1 to {most} characters")))
}

/// Errors: longer than `most` characters.
pub(crate) fn short(what: &str, text: &str, most: usize) -> Result<(), RegisterError> {
    if text.chars().count() <= most {
        return Ok(());
    }
    Err(RegisterError::new(format!("`{what}` is too long"), format!("say it in {most} characters")))
}

/// Errors: no address of the web.
pub(crate) fn address(what: &str, text: &str) -> Result<(), RegisterError> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_one = host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'));
    let is_plain =
        !text.chars().any(|char| char.is_whitespace() || char.is_control() || matches!(char, '<' | '>' | '"'));
    if is_one && is_plain && text.chars().count() <= ADDRESS_CHARS {
        return Ok(());
    }
    Err(RegisterError::new(
        format!("`{what}` is no address of the web"),
        "write it whole, like `https://example.cn/rules`, in 500 characters",
    ))
}
