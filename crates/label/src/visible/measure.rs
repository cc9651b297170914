//! Visible labels in a picture, measured. Badges as [`super::draw`] makes them are found by their own shapes; a mark of
//! another maker is measured where somebody points at it.

use super::badge::{Corner, HeightBasis, LEAST_SHARE, Layout, em_for};
use super::glyph::Ink;
use super::picture::Picture;

/// A rectangle in pixels from the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rectangle {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// A measured label.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Where the ink stands.
    pub ink: Rectangle,
    /// Height of the text in pixels: of the lowest character where the shapes are known, else of all ink.
    pub text_height: u32,
    /// The same as a share of the shorter side.
    pub share: f64,
    /// Whether that is the 5 % of GB 45438-2025, 5.2.
    pub is_high_enough: bool,
    /// How well the shapes fit, from 0 to 1; `None` where only ink was measured and nobody read the words.
    pub likeness: Option<f64>,
}

/// Shares of the shorter side that are tried, in thousandths.
const SHARES: std::ops::RangeInclusive<u32> = 20..=110;
/// A fit below is none. Badges stay above it in JPEG of quality 40 and at half the size; the tests print how they fit.
const LEAST_LIKENESS: f64 = 0.7;
/// Each way so many pixels are tried around a corner's place.
const SHIFT: u32 = 1;

/// Finds a badge with these words as this program draws them, also after encoding and scaling. A crop moves it away from
/// its place, and then it is not found: "not found" is not "not there".
pub fn find(picture: &Picture, words: &str) -> Option<Measured> {
    let mut best: Option<(f64, Measured)> = None;
    for thousandth in SHARES {
        let share = f64::from(thousandth) / 1000.0;
        let Some(em) = em_for(words, picture.short_side(), share, HeightBasis::Ink) else { continue };
        let Some(layout) = Layout::new(words, em.round()) else { continue };
        for corner in Corner::ALL {
            let Some(place) = layout.place(picture, corner) else { continue };
            let (x, y) = layout.ink_at(place);
            for (x, y) in around(x, y) {
                let likeness = likeness(picture, &layout.ink, x, y);
                if likeness >= LEAST_LIKENESS && best.as_ref().is_none_or(|(found, _)| likeness > *found) {
                    best = Some((likeness, measured(picture, &layout.ink, x, y, likeness)));
                }
            }
        }
    }
    best.map(|(_, measured)| measured)
}

fn around(x: u32, y: u32) -> impl Iterator<Item = (u32, u32)> {
    let near = |at: u32| at.saturating_sub(SHIFT)..=at + SHIFT;
    near(x).flat_map(move |x| near(y).map(move |y| (x, y)))
}

fn measured(picture: &Picture, ink: &Ink, x: u32, y: u32, likeness: f64) -> Measured {
    let share = f64::from(ink.least_height) / f64::from(picture.short_side());
    Measured {
        ink: Rectangle { x, y, width: ink.width, height: ink.height },
        text_height: ink.least_height,
        share,
        is_high_enough: share >= LEAST_SHARE,
        likeness: Some(likeness),
    }
}

/// Correlation of brightness with ink, without sign: words may be lighter or darker than their plate. Large badges are
/// sampled.
fn likeness(picture: &Picture, ink: &Ink, x: u32, y: u32) -> f64 {
    const MOST_SAMPLES: u64 = 6000;
    let area = u64::from(ink.width) * u64::from(ink.height);
    let mut step = 1_u32;
    while area / (u64::from(step) * u64::from(step)) > MOST_SAMPLES {
        step += 1;
    }
    let stride = usize::try_from(step).unwrap_or(1);
    let (mut count, mut sums) = (0.0_f64, [0.0_f64; 5]);
    for down in (0..ink.height).step_by(stride) {
        for across in (0..ink.width).step_by(stride) {
            let one = f64::from(ink.at(across, down));
            let other = f64::from(picture.brightness(x + across, y + down));
            count += 1.0;
            for (sum, value) in sums.iter_mut().zip([one, other, one * one, other * other, one * other]) {
                *sum += value;
            }
        }
    }
    let [one, other, one_squared, other_squared, product] = sums;
    let covariance = product - one * other / count;
    let variances = (one_squared - one * one / count) * (other_squared - other * other / count);
    if variances > 0.0 { (covariance / variances.sqrt()).abs() } else { 0.0 }
}

/// Measures the ink in a rectangle that holds one line of words of any maker. Ink is what is farther from the rectangle's
/// edge in brightness than halfway to its extreme. Nobody reads the words here: whether they say what they must is for
/// [`super::elements`] and whoever can read them.
pub fn measure_in(picture: &Picture, within: Rectangle) -> Option<Measured> {
    let cells: Vec<(u32, u32, i32)> = (0..within.height)
        .flat_map(|down| (0..within.width).map(move |across| (within.x + across, within.y + down)))
        .filter(|(x, y)| *x < picture.width() && *y < picture.height())
        .map(|(x, y)| (x, y, i32::from(picture.brightness(x, y))))
        .collect();
    let is_edge = |x: u32, y: u32| {
        x == within.x || y == within.y || x + 1 == within.x + within.width || y + 1 == within.y + within.height
    };
    let mut edge: Vec<i32> = cells.iter().filter(|(x, y, _)| is_edge(*x, *y)).map(|(.., value)| *value).collect();
    edge.sort_unstable();
    let ground = *edge.get(edge.len() / 2)?;
    let extreme = cells.iter().map(|(.., value)| (value - ground).abs()).max()?;
    // A rectangle without contrast has no words.
    if extreme < 24 {
        return None;
    }
    let ink: Vec<(u32, u32)> =
        cells.iter().filter(|(.., value)| (value - ground).abs() * 2 > extreme).map(|(x, y, _)| (*x, *y)).collect();
    let (left, right) = (ink.iter().map(|(x, _)| *x).min()?, ink.iter().map(|(x, _)| *x).max()?);
    let (top, bottom) = (ink.iter().map(|(_, y)| *y).min()?, ink.iter().map(|(_, y)| *y).max()?);
    let text_height = bottom - top + 1;
    let share = f64::from(text_height) / f64::from(picture.short_side());
    Some(Measured {
        ink: Rectangle { x: left, y: top, width: right - left + 1, height: text_height },
        text_height,
        share,
        is_high_enough: share >= LEAST_SHARE,
        likeness: None,
    })
}
