//! A visible label in a file of any kind that can have one.

use super::badge::{Badge, BadgeOptions};
use super::picture::Picture;
use super::text::with_notice;
use super::{decode, find, find_rhythm, plan, with_badge, with_rhythm};
use crate::source::Source;
use crate::{Format, LabelError, Medium, WriteOptions};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// How to label.
#[derive(Debug, Clone)]
pub struct VisibleOptions<'a> {
    /// Words and corner of a badge.
    pub badge: BadgeOptions,
    /// The line for texts.
    pub line: String,
    /// Whether a C2PA manifest may be broken.
    pub write: WriteOptions,
    /// The programs for video: `ffmpeg` and `ffprobe`.
    pub ffmpeg: Option<(&'a Path, &'a Path)>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq)]
pub enum Applied {
    /// A badge was drawn.
    Badge(Badge),
    /// A line stands first and last.
    Notice,
    /// The rhythm sounds at the start.
    Rhythm,
}

/// Copies a file with a visible label.
///
/// Errors: a kind of file whose content is not changed here (PDF, office documents, WebP, GIF, TIFF, MP3, FLAC, OGG): label
/// it where it is made; video without ffmpeg; those of the single ways.
pub fn label_visibly(from: &Path, to: &Path, options: &VisibleOptions<'_>) -> Result<Applied, LabelError> {
    let name = from.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let format = Format::detect(&mut Source::new(&mut File::open(from)?)?, &name)?;
    match format {
        Format::Png | Format::Jpeg => {
            let (bytes, badge) = with_badge(&std::fs::read(from)?, &name, &options.badge, options.write)?;
            File::create_new(to)?.write_all(&bytes)?;
            Ok(Applied::Badge(badge))
        }
        Format::Markdown | Format::Text => {
            let text = String::from_utf8(std::fs::read(from)?).map_err(|error| {
                LabelError::malformed(error.utf8_error().valid_up_to() as u64, "the text is not UTF-8")
            })?;
            File::create_new(to)?.write_all(with_notice(&text, &options.line).as_bytes())?;
            Ok(Applied::Notice)
        }
        Format::Wav => {
            with_rhythm(&mut File::open(from)?, &mut std::io::BufWriter::new(File::create_new(to)?))?;
            if find_rhythm(&mut File::open(to)?)?.is_none() {
                return Err(LabelError::refused(
                    "the rhythm is not heard in the new file",
                    "the sound before it may be too loud; add a spoken label instead",
                ));
            }
            Ok(Applied::Rhythm)
        }
        format if format.medium() == Medium::Video => video(from, to, options).map(Applied::Badge),
        other => Err(LabelError::new(
            crate::ErrorKind::Unsupported,
            format!("the content of {other} is not changed here"),
            "put the visible label in where the content is made, then write the embedded label",
        )),
    }
}

fn video(from: &Path, to: &Path, options: &VisibleOptions<'_>) -> Result<Badge, LabelError> {
    let Some((ffmpeg, ffprobe)) = options.ffmpeg else {
        return Err(LabelError::refused(
            "a video's frames are drawn on by ffmpeg, and there is none: the video has no visible label",
            "install ffmpeg, or draw on the first 2 seconds where the video is made",
        ));
    };
    let (width, height) = frame_size(ffprobe, from)?;
    let plan = plan(width, height, &options.badge)?;
    run(ffmpeg, &plan.ffmpeg_arguments(from, to), plan.overlay.bytes())?;
    let first = first_frame(ffmpeg, to, width, height)?;
    match find(&first, &options.badge.words) {
        Some(found) if found.is_high_enough => Ok(plan.badge),
        found => {
            std::fs::remove_file(to)?;
            let message = format!("the badge is not measured in the first frame: {found:?}");
            Err(LabelError::refused(message, "use a higher bit rate, or draw where the video is made"))
        }
    }
}

fn frame_size(ffprobe: &Path, file: &Path) -> Result<(u32, u32), LabelError> {
    let arguments = ["-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height", "-of", "csv=p=0"];
    let arguments: Vec<String> =
        arguments.iter().map(|word| (*word).to_owned()).chain([file.display().to_string()]).collect();
    let output = run(ffprobe, &arguments, &[])?;
    let text = String::from_utf8_lossy(&output).into_owned();
    let mut sides = text.trim().split(',').map(str::parse);
    match (sides.next(), sides.next()) {
        (Some(Ok(width)), Some(Ok(height))) => Ok((width, height)),
        _ => Err(LabelError::malformed(0, format!("ffprobe does not say the size of a frame: `{}`", text.trim()))),
    }
}

fn first_frame(ffmpeg: &Path, file: &Path, width: u32, height: u32) -> Result<Picture, LabelError> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let arguments = [
        words(&["-v", "error", "-nostdin", "-i"]),
        vec![file.display().to_string()],
        words(&["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgba", "pipe:1"]),
    ];
    Picture::new(width, height, run(ffmpeg, &arguments.concat(), &[])?)
}

/// Runs a program with bytes on its standard input; what it prints.
fn run(program: &Path, arguments: &[String], input: &[u8]) -> Result<Vec<u8>, LabelError> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not want all of it says so by its exit code.
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().last().unwrap_or("it did not say why").to_owned();
    Err(LabelError::refused(
        format!("`{}` failed: {last}", program.display()),
        "run it alone to see more; the file was not labelled",
    ))
}

/// What is perceptible in a file, measured.
#[derive(Debug, Clone, PartialEq)]
pub enum Perceived {
    /// A badge, or none that is known.
    Badge(Option<super::Measured>),
    /// The rhythm, or none.
    Rhythm(Option<super::Rhythm>),
    /// The lines that are notices.
    Notices(Vec<super::TextNotice>),
    /// Nothing is looked for in such a file.
    NotLookedAt,
}

/// Looks for a visible label of the kinds that are written here. "None" is "not found".
pub fn look(file: &Path, words: &str) -> Result<Perceived, LabelError> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(match Format::detect(&mut Source::new(&mut File::open(file)?)?, &name)? {
        Format::Png | Format::Jpeg => Perceived::Badge(find(&decode(&std::fs::read(file)?, &name)?, words)),
        Format::Wav => Perceived::Rhythm(find_rhythm(&mut File::open(file)?)?),
        Format::Markdown | Format::Text => {
            Perceived::Notices(super::check_text(&String::from_utf8_lossy(&std::fs::read(file)?)))
        }
        _ => Perceived::NotLookedAt,
    })
}
