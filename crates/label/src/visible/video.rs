//! Visible labels in video (GB 45438-2025, 5.4): on the first frames for at least 2 seconds. Frames are decoded and encoded
//! by ffmpeg, where there is one; without it there is a plan, and nobody may say that the video is labelled.

use super::badge::{Badge, BadgeOptions, draw};
use super::picture::Picture;
use crate::LabelError;
use std::path::Path;

/// A little more than the standard's 2 seconds.
const SHOWN_SECONDS: &str = "2.5";

/// How a video gets its label.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoPlan {
    /// The badge, transparent around, as large as a frame.
    pub overlay: Picture,
    /// Where it stands and how high it is.
    pub badge: Badge,
    /// Seconds that it is shown from the start.
    pub seconds: &'static str,
}

/// The plan for frames of a size. A bottom corner is often under the player's controls; the plan takes the top right one
/// unless told otherwise.
///
/// Errors: as [`draw`].
pub fn plan(width: u32, height: u32, options: &BadgeOptions) -> Result<VideoPlan, LabelError> {
    let size = usize::try_from(u64::from(width) * u64::from(height) * 4).unwrap_or(usize::MAX);
    // A frame larger than any real one is refused before memory is taken.
    if size > 1 << 30 {
        return Err(LabelError::refused(format!("a frame of {width} by {height} pixels"), "check the video's size"));
    }
    let mut overlay = Picture::new(width, height, vec![0; size])?;
    let corner = options.corner.or(Some(super::Corner::TopRight));
    let badge = draw(&mut overlay, &BadgeOptions { corner, ..options.clone() })?;
    Ok(VideoPlan { overlay, badge, seconds: SHOWN_SECONDS })
}

impl VideoPlan {
    /// The arguments of ffmpeg, with the overlay as a raw picture on its standard input. Sound is copied. The label in the
    /// metadata is written afterwards: ffmpeg drops it from some containers without a word.
    pub fn ffmpeg_arguments(&self, from: &Path, to: &Path) -> Vec<String> {
        let size = format!("{}x{}", self.overlay.width(), self.overlay.height());
        let filter = format!("[0:v][1:v]overlay=0:0:enable='lte(t,{})'[labelled]", self.seconds);
        let fixed = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        [
            fixed(&["-v", "error", "-nostdin", "-y", "-i"]),
            vec![from.display().to_string()],
            fixed(&["-f", "rawvideo", "-pixel_format", "rgba", "-video_size", &size, "-i", "pipe:0"]),
            fixed(&["-filter_complex", &filter, "-map", "[labelled]", "-map", "0:a?", "-c:a", "copy"]),
            vec![to.display().to_string()],
        ]
        .concat()
    }
}
