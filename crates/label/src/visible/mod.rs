//! Labels that people perceive: words, a badge in a picture, a rhythm in sound, a plan for video; each with a check that
//! measures.

mod apply;
mod badge;
mod file;
mod glyph;
mod measure;
mod picture;
mod sound;
mod text;
mod video;

pub use apply::{Applied, Frames, Perceived, Programs, VisibleOptions, label_visibly, look};
pub use badge::{Badge, BadgeOptions, Corner, HeightBasis, draw};
pub use file::{decode, with_badge};
pub use measure::{Measured, Rectangle, find, measure_in};
pub use picture::Picture;
pub use sound::{Cue, Rhythm, find_rhythm, with_cue};
pub use text::{Elements, TextNotice, check_text, elements, with_notice};
pub use video::{VideoPlan, plan};
