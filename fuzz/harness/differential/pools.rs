//! Values that are met again and again, so that comparisons can hold, and those at the edge of what can be.

use super::Draw;

/// Texts; some fit into the view of a text, some do not, some are equal to the eye only.
pub(crate) const TEXTS: [&str; 24] = [
    "",
    "a",
    "b",
    "ab",
    "aab",
    "*",
    "a*b",
    "A",
    "骑手",
    "骑手派单",
    "骑",
    "é",
    "e\u{301}",
    "😀",
    "👨\u{200d}👩",
    "\0",
    "\"",
    "\\",
    "a\nb",
    " ",
    "push",
    "\u{feff}a",
    "a text of more than twelve bytes",
    "超过十二个字节的文字",
];

/// Those of them that can stand in a list of words.
pub(crate) const WORDS: [&str; 8] = ["a", "ab", "a*b", "骑手", "é", "😀", "push", "超过十二个字节的文字"];

const LONGS: [i64; 22] = [
    0,
    1,
    -1,
    2,
    3,
    -2,
    5,
    60,
    240,
    241,
    -240,
    1_000_000,
    i64::MAX,
    i64::MIN,
    i64::MAX - 1,
    i64::MIN + 1,
    3_037_000_500,
    3_037_000_499,
    -3_037_000_500,
    4_611_686_018_427_387_904,
    2_147_483_648,
    4_294_967_296,
];

pub(crate) fn long(draw: &mut Draw<'_>) -> i64 {
    match draw.below(8) {
        0 => draw.bits().cast_signed(),
        1..=4 => i64::try_from(draw.below(7)).unwrap() - 3,
        _ => draw.pick(&LONGS),
    }
}

pub(crate) fn text(draw: &mut Draw<'_>) -> &'static str {
    draw.pick(&TEXTS)
}

/// As the rule language writes a text.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}

/// A pattern of `like`, often one that some text of the pool fits.
pub(crate) fn pattern(draw: &mut Draw<'_>) -> String {
    let mut pattern = String::new();
    let star = |draw: &mut Draw<'_>, pattern: &mut String| {
        if draw.one_in(3) {
            pattern.push('*');
        }
    };
    for char in text(draw).chars() {
        star(draw, &mut pattern);
        match char {
            '*' => pattern.push_str("\\*"),
            // A character left out where a `*` may stand for it.
            _ if draw.one_in(4) => {}
            other => pattern.extend(other.escape_debug()),
        }
    }
    star(draw, &mut pattern);
    format!("\"{pattern}\"")
}

/// A text that a constructor of an extension type takes, or almost.
pub(crate) fn constructed(draw: &mut Draw<'_>, function: &str) -> String {
    let mut text = match function {
        "decimal" => format!("{}{}.{}", sign(draw), digits(draw, 16), digits(draw, 5)),
        "ip" => address(draw),
        "datetime" => datetime(draw),
        _ => ["d", "h", "m", "s", "ms"].iter().fold(sign(draw).to_owned(), |text, unit| {
            if draw.one_in(2) { text } else { format!("{text}{}{unit}", digits(draw, 9)) }
        }),
    };
    if draw.one_in(4) && text.is_ascii() {
        let at = draw.below(text.len() + 1);
        match draw.below(3) {
            0 => text.truncate(at),
            1 => text.insert_str(at, draw.pick(&["0", "-", "+", ".", ":", "/", "Z", "m", "s", " ", "١", "e"])),
            _ => drop(text.drain(at..(at + 1).min(text.len()))),
        }
    }
    text
}

fn sign(draw: &mut Draw<'_>) -> &'static str {
    draw.pick(&["", "", "-"])
}

fn digits(draw: &mut Draw<'_>, most: usize) -> String {
    if draw.one_in(16) {
        return draw
            .pick(&["922337203685477", "9223372036854775807", "9223372036854775808", "5807", "106751991167", "0"])
            .to_owned();
    }
    let count = 1 + draw.below(most);
    (0..count).map(|_| char::from(b'0' + u8::try_from(draw.below(10)).unwrap())).collect()
}

fn address(draw: &mut Draw<'_>) -> String {
    let is_short = draw.one_in(2);
    let address = if draw.one_in(2) {
        let parts: Vec<String> = (0..4).map(|_| (draw.below(257)).to_string()).collect();
        parts.join(".")
    } else if is_short {
        format!("{:x}::{:x}", draw.below(65_536), draw.below(65_537))
    } else {
        let parts: Vec<String> = (0..8).map(|_| format!("{:x}", draw.below(65_536))).collect();
        parts.join(":")
    };
    if draw.one_in(2) { address } else { format!("{address}/{}", draw.below(131)) }
}

fn datetime(draw: &mut Draw<'_>) -> String {
    let (year, month, day) =
        (draw.pick(&[0, 1, 1969, 1970, 1900, 2000, 2023, 2024, 9999]), draw.below(14), draw.below(33));
    let mut text = format!("{year:04}-{month:02}-{day:02}");
    if draw.one_in(3) {
        return text;
    }
    text.push(if draw.one_in(24) { ' ' } else { 'T' });
    text.push_str(&[draw.below(25), draw.below(61), draw.below(61)].map(|part| format!("{part:02}")).join(":"));
    if draw.one_in(2) {
        text.push('.');
        text.push_str(&digits(draw, 3));
    }
    if draw.one_in(3) {
        text.push('Z');
    } else {
        text.push_str(draw.pick(&["+", "-"]));
        text.push_str(&[draw.below(25), draw.below(61)].map(|part| format!("{part:02}")).concat());
    }
    text
}
