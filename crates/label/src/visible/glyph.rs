//! The few characters of badges, drawn from outlines (Noto Sans SC, SIL Open Font License 1.1: `fonts/OFL.txt`).

const OUTLINES: &str = include_str!("../../fonts/glyphs.txt");
/// Units of an outline in one em.
const EM: f64 = 1000.0;
/// Each pixel is looked at in so many rows and columns.
const SAMPLES: u32 = 4;

struct Glyph {
    advance: f64,
    contours: Vec<Vec<(f64, f64)>>,
}

/// Coverage of each pixel of a line of text, 0 to 255, row by row; the box is that of the ink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ink {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) coverage: Vec<u8>,
    /// Rows of ink of the lowest character: what "every character is at least so high" means.
    pub(crate) least_height: u32,
}

impl Ink {
    pub(crate) fn at(&self, x: u32, y: u32) -> u8 {
        if x >= self.width || y >= self.height {
            return 0;
        }
        usize::try_from(u64::from(y) * u64::from(self.width) + u64::from(x))
            .ok()
            .and_then(|at| self.coverage.get(at).copied())
            .unwrap_or(0)
    }
}

fn glyph(character: char) -> Option<Glyph> {
    let line = OUTLINES.lines().find(|line| line.starts_with(character))?;
    let mut fields = line.split('\t').skip(1);
    let advance = fields.next()?.parse().ok()?;
    let point = |pair: &str| {
        let (x, y) = pair.split_once(',')?;
        Some((x.parse().ok()?, y.parse().ok()?))
    };
    let contours = fields.map(|contour| contour.split(' ').filter_map(point).collect()).collect();
    Some(Glyph { advance, contours })
}

/// Whether a text can be drawn.
pub(crate) fn has_all(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| glyph(character).is_some())
}

/// Highest part of a character above the base line, in units of an em: of the lowest character of a text, and of all.
pub(crate) fn ink_range(text: &str) -> Option<(f64, f64, f64)> {
    let glyphs: Vec<Glyph> = text.chars().map(glyph).collect::<Option<_>>()?;
    let range = |glyph: &Glyph| {
        let heights = glyph.contours.iter().flatten().map(|(_, y)| *y);
        heights.fold((f64::MAX, f64::MIN), |(low, high), y| (low.min(y), high.max(y)))
    };
    let ranges: Vec<(f64, f64)> = glyphs.iter().map(range).collect();
    let least = ranges.iter().map(|(low, high)| high - low).fold(f64::MAX, f64::min);
    let low = ranges.iter().map(|(low, _)| *low).fold(f64::MAX, f64::min);
    let high = ranges.iter().map(|(_, high)| *high).fold(f64::MIN, f64::max);
    Some((least / EM, low / EM, high / EM))
}

/// Draws a text with an em of `size_pixels`; `None` if a character is not in the font.
pub(crate) fn draw(text: &str, size_pixels: f64) -> Option<Ink> {
    let scale = size_pixels / EM;
    let (least, low, high) = ink_range(text)?;
    let mut edges = Vec::new();
    let mut at = 0.0;
    for character in text.chars() {
        let glyph = glyph(character)?;
        for contour in &glyph.contours {
            let next = contour.iter().cycle().skip(1);
            for (from, to) in contour.iter().zip(next) {
                let place = |point: &(f64, f64)| ((at + point.0) * scale, (high * EM - point.1) * scale);
                edges.push((place(from), place(to)));
            }
        }
        at += glyph.advance;
    }
    let width = pixels((at * scale).ceil());
    let height = pixels(((high - low) * size_pixels).ceil());
    let coverage = fill(&edges, width, height);
    Some(Ink { width, height, coverage, least_height: pixels((least * size_pixels).floor()) })
}

/// A length as whole pixels; lengths here are far below 2^32.
fn pixels(length: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range before")]
    {
        length.clamp(0.0, 100_000.0) as u32
    }
}

type Edge = ((f64, f64), (f64, f64));

/// Non-zero winding, by lines through the middle of each row of samples.
fn fill(edges: &[Edge], width: u32, height: u32) -> Vec<u8> {
    let mut coverage = Vec::with_capacity(usize::try_from(u64::from(width) * u64::from(height)).unwrap_or(0));
    let step = 1.0 / f64::from(SAMPLES);
    for row in 0..height {
        let mut hits = vec![0_u32; usize::try_from(width).unwrap_or(0)];
        for sample in 0..SAMPLES {
            let y = f64::from(row) + (f64::from(sample) + 0.5) * step;
            for (from, to) in spans(edges, y) {
                // Samples whose middle lies within the span.
                let sample = |x: f64| pixels((x * f64::from(SAMPLES) - 0.5).ceil());
                for sample in sample(from)..sample(to) {
                    let column = usize::try_from(sample / SAMPLES).unwrap_or(usize::MAX);
                    if let Some(hits) = hits.get_mut(column) {
                        *hits += 1;
                    }
                }
            }
        }
        let most = SAMPLES * SAMPLES;
        coverage.extend(hits.iter().map(|hits| u8::try_from((hits.min(&most) * 255) / most).unwrap_or(u8::MAX)));
    }
    coverage
}

/// Where the inside begins and ends along a row.
fn spans(edges: &[Edge], y: f64) -> Vec<(f64, f64)> {
    let crossing = |((x0, y0), (x1, y1)): &Edge| {
        let down = *y0 <= y && *y1 > y;
        let up = *y1 <= y && *y0 > y;
        (down || up).then(|| (x0 + (y - y0) / (y1 - y0) * (x1 - x0), if down { 1 } else { -1 }))
    };
    let mut crossings: Vec<(f64, i32)> = edges.iter().filter_map(crossing).collect();
    crossings.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut spans = Vec::new();
    let (mut winding, mut from) = (0, 0.0);
    for (x, turn) in crossings {
        if winding == 0 {
            from = x;
        }
        winding += turn;
        if winding == 0 {
            spans.push((from, x));
        }
    }
    spans
}
