//! A badge in a picture (GB 45438-2025, 5.2): words in a corner, legible, at least 5 % of the shorter side high.
//!
//! The standard does not say what the height of a text is. The strictest reading is the default: the lowest character's ink
//! has that height, so that every character has it.

use super::glyph::{self, Ink};
use super::picture::Picture;
use super::text::elements;
use crate::LabelError;

/// The share of the shorter side that the text must have.
pub(crate) const LEAST_SHARE: f64 = 0.05;
/// A little more, so that rounding and encoding never make it less.
const DRAWN_SHARE: f64 = 0.052;
/// The plate's margin around the ink, as a share of the ink's height.
const PADDING: f64 = 0.35;
const DARK: [u8; 3] = [20, 20, 20];
const LIGHT: [u8; 3] = [250, 250, 250];
const PLATE_OPACITY: u8 = 217;

/// What "text height" means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HeightBasis {
    /// The ink of the lowest character, here capital letters.
    #[default]
    Ink,
    /// The size of the font, which is more than its ink.
    Em,
}

/// A corner of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Corner {
    /// Bottom right, the standard's example.
    BottomRight,
    /// Bottom left.
    BottomLeft,
    /// Top right.
    TopRight,
    /// Top left.
    TopLeft,
}

impl Corner {
    /// All, the standard's example first.
    pub const ALL: [Self; 4] = [Self::BottomRight, Self::BottomLeft, Self::TopRight, Self::TopLeft];
}

/// How to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadgeOptions {
    /// The words.
    pub words: String,
    /// The corner; without one, the calmest.
    pub corner: Option<Corner>,
    /// What the height is.
    pub basis: HeightBasis,
}

impl Default for BadgeOptions {
    fn default() -> Self {
        Self { words: "AI生成".to_owned(), corner: None, basis: HeightBasis::Ink }
    }
}

/// What was drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Badge {
    /// The corner.
    pub corner: Corner,
    /// Left edge of the plate, in pixels from the left.
    pub x: u32,
    /// Upper edge of the plate, in pixels from the top.
    pub y: u32,
    /// Width of the plate in pixels.
    pub width: u32,
    /// Height of the plate in pixels.
    pub height: u32,
    /// Height of the lowest character's ink, in pixels.
    pub text_height: u32,
    /// The same as a share of the shorter side.
    pub share: f64,
}

/// Where a badge of a size stands; drawing and finding share it.
pub(crate) struct Layout {
    pub(crate) ink: Ink,
    padding: u32,
    gap: u32,
}

impl Layout {
    /// For an em of so many pixels.
    pub(crate) fn new(words: &str, em: f64) -> Option<Self> {
        let ink = glyph::draw(words, em)?;
        let padding = share_of(ink.height, PADDING);
        Some(Self { padding, gap: padding, ink })
    }

    pub(crate) fn size(&self) -> (u32, u32) {
        (self.ink.width + 2 * self.padding, self.ink.height + 2 * self.padding)
    }

    /// The plate's place; `None` if the picture is too small.
    pub(crate) fn place(&self, picture: &Picture, corner: Corner) -> Option<(u32, u32)> {
        let (width, height) = self.size();
        let right = picture.width().checked_sub(width + self.gap)?;
        let bottom = picture.height().checked_sub(height + self.gap)?;
        Some(match corner {
            Corner::BottomRight => (right, bottom),
            Corner::BottomLeft => (self.gap, bottom),
            Corner::TopRight => (right, self.gap),
            Corner::TopLeft => (self.gap, self.gap),
        })
    }

    pub(crate) fn ink_at(&self, (x, y): (u32, u32)) -> (u32, u32) {
        (x + self.padding, y + self.padding)
    }
}

fn share_of(length: u32, share: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a u32, below 1")]
    {
        (f64::from(length) * share).round() as u32
    }
}

/// Em in pixels for words whose height is `share` of the shorter side.
pub(crate) fn em_for(words: &str, short_side: u32, share: f64, basis: HeightBasis) -> Option<f64> {
    let height = f64::from(short_side) * share;
    let (least, ..) = glyph::ink_range(words)?;
    Some(match basis {
        HeightBasis::Ink => height / least,
        HeightBasis::Em => height,
    })
}

/// Draws a badge.
///
/// Errors: the words lack an element of the standard or have a character that is not in the font; the picture is too small
/// to hold words of the height that the standard asks for.
pub fn draw(picture: &mut Picture, options: &BadgeOptions) -> Result<Badge, LabelError> {
    let words = &options.words;
    if !elements(words).are_complete() {
        return Err(LabelError::refused(
            format!("`{words}` does not say both that it is artificial intelligence and that it is generated"),
            "use words such as `AI生成` or `人工智能合成` (GB 45438-2025, 5.2)",
        ));
    }
    let unknown = || {
        LabelError::refused(
            format!("`{words}` has a character that the font for badges does not have"),
            "use the characters of `AI生成`, `人工智能合成`, `本内容由AI生成`",
        )
    };
    if !glyph::has_all(words) {
        return Err(unknown());
    }
    let short = picture.short_side();
    let em = em_for(words, short, DRAWN_SHARE, options.basis).ok_or_else(unknown)?;
    let layout = Layout::new(words, em.ceil()).ok_or_else(unknown)?;
    let too_small = || {
        LabelError::refused(
            format!("a picture of {} by {} pixels has no room for `{words}`", picture.width(), picture.height()),
            "use a larger picture, shorter words, or show the label beside the picture",
        )
    };
    let corner = options.corner.or_else(|| calmest(picture, &layout)).ok_or_else(too_small)?;
    let (x, y) = layout.place(picture, corner).ok_or_else(too_small)?;
    let (width, height) = layout.size();
    paint(picture, &layout, (x, y));
    let text_height = layout.ink.least_height;
    Ok(Badge { corner, x, y, width, height, text_height, share: f64::from(text_height) / f64::from(short) })
}

/// The corner whose pixels differ least: a badge hides least there. Of equals, the standard's example.
fn calmest(picture: &Picture, layout: &Layout) -> Option<Corner> {
    let (width, height) = layout.size();
    let unrest = |corner: &Corner| layout.place(picture, *corner).map(|(x, y)| variance(picture, x, y, width, height));
    Corner::ALL.into_iter().filter_map(|corner| Some((unrest(&corner)?, corner))).min().map(|(_, corner)| corner)
}

/// Variance of brightness of a rectangle.
fn variance(picture: &Picture, x: u32, y: u32, width: u32, height: u32) -> u64 {
    let (mut sum, mut squares) = (0_u64, 0_u64);
    for down in 0..height {
        for across in 0..width {
            let value = u64::from(picture.brightness(x + across, y + down));
            sum += value;
            squares += value * value;
        }
    }
    let count = u64::from(width) * u64::from(height);
    let mean = sum / count.max(1);
    (squares / count.max(1)).saturating_sub(mean * mean)
}

/// A plate that contrasts with the picture around, and words that contrast with the plate.
fn paint(picture: &mut Picture, layout: &Layout, place: (u32, u32)) {
    let (x, y) = place;
    let (width, height) = layout.size();
    let count = u64::from(width) * u64::from(height);
    let sum: u64 = (0..height)
        .flat_map(|down| (0..width).map(move |across| (across, down)))
        .map(|(across, down)| u64::from(picture.brightness(x + across, y + down)))
        .sum();
    let is_dark = sum / count.max(1) < 96;
    let (ground, letters) = if is_dark { (LIGHT, DARK) } else { (DARK, LIGHT) };
    for down in 0..height {
        for across in 0..width {
            picture.mix(x + across, y + down, ground, PLATE_OPACITY);
        }
    }
    let (ink_x, ink_y) = layout.ink_at(place);
    for down in 0..layout.ink.height {
        for across in 0..layout.ink.width {
            picture.mix(ink_x + across, ink_y + down, letters, layout.ink.at(across, down));
        }
    }
}
