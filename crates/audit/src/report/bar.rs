//! Bars of parts of a whole, drawn in per cent of the width so that they fit any screen.

use super::wording::{count, fraction, share};
use serde::Serialize;

/// One part of a bar.
#[derive(Debug, Serialize)]
pub(super) struct Segment {
    /// Class of colour and pattern: an outcome's word.
    pub class: &'static str,
    pub label: String,
    pub count: String,
    pub share: String,
    /// Left edge and width in per cent, as SVG wants them.
    pub x: String,
    pub width: String,
}

/// A bar with its legend; parts of nothing are left out.
#[derive(Debug, Serialize)]
pub(super) struct Bar {
    pub segments: Vec<Segment>,
    /// The same in words, for those who do not see it.
    pub text: String,
}

/// A bar of `parts` (class, label, count) of `whole`.
pub(super) fn bar(parts: &[(&'static str, String, u64)], whole: u64) -> Bar {
    let mut segments = Vec::new();
    let mut before = 0;
    for (class, label, number) in parts.iter().filter(|(_, _, number)| *number > 0) {
        segments.push(Segment {
            class,
            label: label.clone(),
            count: count(*number),
            share: share(*number, whole),
            x: percent(fraction(before, whole)),
            width: percent(fraction(*number, whole)),
        });
        before += number;
    }
    let words: Vec<String> = segments.iter().map(|s| format!("{} {} ({})", s.label, s.count, s.share)).collect();
    Bar { segments, text: words.join(" · ") }
}

/// A fraction as a length in per cent; what is there stays visible.
pub(super) fn percent(fraction: f64) -> String {
    format!("{:.2}%", (fraction * 100.0).clamp(0.0, 100.0))
}
