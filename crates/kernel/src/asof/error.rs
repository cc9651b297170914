use std::fmt;

/// Why events cannot become states, or states not be looked up. Never a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsOfError {
    /// What is wrong: lower case, input in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl AsOfError {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()) }
    }

    /// A number that arrow refuses; no input should cause it.
    pub(super) fn of_arrow(error: &arrow_schema::ArrowError) -> Self {
        Self::new(format!("a column of states cannot be built: {error}"), "report this with the event log")
    }
}

impl fmt::Display for AsOfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for AsOfError {}

/// `count` as a 32-bit number; the two largest are kept free as marks. `what` names what is counted.
pub(super) fn number(count: usize, what: &str) -> Result<u32, AsOfError> {
    u32::try_from(count).ok().filter(|number| *number < u32::MAX - 1).ok_or_else(|| {
        AsOfError::new(
            format!("an event log holds at most 4,294,967,293 {what}"),
            "divide it by key with `partition` and fold each part on its own",
        )
    })
}
