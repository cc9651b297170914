/// One policy of a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment<'a> {
    /// From the first byte that is neither white space nor comment to the closing semicolon.
    pub(crate) text: &'a str,
    /// Byte offset of `text` in the file.
    pub(crate) start: usize,
}

/// The policies of a file, cut at the semicolons that stand outside strings and comments; Cedar's grammar has no
/// other semicolon. Text after the last one is a segment too, so that the parser can refuse it.
pub(crate) fn policies(text: &str) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    let mut start = None;
    let mut state = State::Code;
    let mut previous = b' ';
    for (offset, byte) in text.bytes().enumerate() {
        match state {
            State::Comment => {
                if byte == b'\n' {
                    state = State::Code;
                }
            }
            State::Text { escaped } => {
                state = match byte {
                    b'"' if !escaped => State::Code,
                    b'\\' => State::Text { escaped: !escaped },
                    _ => State::Text { escaped: false },
                };
            }
            State::Code => match byte {
                b'/' if previous == b'/' => {
                    state = State::Comment;
                    if start == Some(offset - 1) {
                        start = None;
                    }
                }
                b';' => {
                    let from = start.take().unwrap_or(offset);
                    segments.extend(text.get(from..=offset).map(|text| Segment { text, start: from }));
                }
                _ => {
                    if byte == b'"' {
                        state = State::Text { escaped: false };
                    }
                    if !byte.is_ascii_whitespace() && start.is_none() {
                        start = Some(offset);
                    }
                }
            },
        }
        previous = byte;
    }
    if let Some(from) = start {
        segments.extend(text.get(from..).map(|rest| Segment { text: rest.trim_end(), start: from }));
    }
    segments
}

enum State {
    Code,
    Comment,
    Text { escaped: bool },
}
