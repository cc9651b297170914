//! A visible label in a file of any kind that can have one.

use super::badge::{Badge, BadgeOptions};
use super::picture::Picture;
use super::text::with_notice;
use super::{Cue, Measured, decode, find, find_rhythm, plan, with_badge, with_cue};
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
    /// A recording of spoken words for sound; without one, the rhythm.
    pub spoken: Option<&'a Path>,
    /// The programs for video.
    pub programs: Option<Programs<'a>>,
}

/// What decodes and encodes video.
#[derive(Debug, Clone, Copy)]
pub struct Programs<'a> {
    /// ffmpeg.
    pub ffmpeg: &'a Path,
    /// Its companion that tells the size of frames.
    pub ffprobe: &'a Path,
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
    /// The recording sounds at the start. What it says is for whoever hears it.
    Spoken,
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
        Format::Wav => sound(from, to, options.spoken),
        format if format.medium() == Medium::Video => video(from, to, options).map(Applied::Badge),
        other => Err(LabelError::new(
            crate::ErrorKind::Unsupported,
            format!("the content of {other} is not changed here"),
            "put the visible label in where the content is made, then write the embedded label",
        )),
    }
}

fn sound(from: &Path, to: &Path, spoken: Option<&Path>) -> Result<Applied, LabelError> {
    let cue = spoken.map_or(Ok(Cue::Rhythm), |recording| std::fs::read(recording).map(Cue::Spoken))?;
    let mut sink = std::io::BufWriter::new(File::create_new(to)?);
    with_cue(&mut File::open(from)?, &cue, &mut sink)?;
    sink.flush()?;
    if cue != Cue::Rhythm {
        return Ok(Applied::Spoken);
    }
    if find_rhythm(&mut File::open(to)?)?.is_none() {
        return Err(LabelError::refused(
            "the rhythm is not heard in the new file",
            "the sound before it may be too loud; add a spoken label instead",
        ));
    }
    Ok(Applied::Rhythm)
}

fn video(from: &Path, to: &Path, options: &VisibleOptions<'_>) -> Result<Badge, LabelError> {
    let Some(Programs { ffmpeg, ffprobe }) = options.programs else {
        // The plan in words: without frames nobody can draw, and nothing is called labelled.
        let words = &options.badge.words;
        return Err(LabelError::refused(
            "a video's frames are drawn on by ffmpeg, and there is none: the video has no visible label",
            format!(
                "install ffmpeg, or draw `{words}` where the video is made: from the first frame on, for 2 seconds at least, \
                 every letter at least 5 % of the shorter side high, on a plate that contrasts"
            ),
        ));
    };
    let (width, height) = frame_size(ffprobe, from)?;
    let plan = plan(width, height, &options.badge)?;
    run(ffmpeg, &plan.ffmpeg_arguments(from, to), plan.overlay.bytes())?;
    let seen = frames(Programs { ffmpeg, ffprobe }, to, &options.badge.words)?;
    if seen.are_long_enough {
        return Ok(plan.badge);
    }
    std::fs::remove_file(to)?;
    let first = seen.first.map_or(0, |found| found.text_height);
    Err(LabelError::refused(
        format!(
            "the badge is measured in {} of {} frames of the first 2 seconds, with {first} pixels in the first: the video has no \
             visible label",
            seen.labelled, seen.looked_at
        ),
        "use a video of more than 2 seconds and a higher bit rate, or draw where the video is made",
    ))
}

/// Frames that are looked at in the first 2 seconds, both ends included.
const LOOKED_AT: u32 = 5;

/// Looks at the frames of the first 2 seconds, two a second.
fn frames(programs: Programs<'_>, file: &Path, words: &str) -> Result<Frames, LabelError> {
    let (width, height) = frame_size(programs.ffprobe, file)?;
    let fixed = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let arguments = [
        fixed(&["-v", "error", "-nostdin", "-i"]),
        vec![file.display().to_string()],
        fixed(&["-vf", "fps=2", "-frames:v", &LOOKED_AT.to_string(), "-f", "rawvideo", "-pix_fmt", "rgba", "pipe:1"]),
    ];
    let bytes = run(programs.ffmpeg, &arguments.concat(), &[])?;
    let size = usize::try_from(u64::from(width) * u64::from(height) * 4).unwrap_or(usize::MAX).max(1);
    let mut seen = Frames { first: None, labelled: 0, looked_at: 0, are_long_enough: false };
    for frame in bytes.chunks(size) {
        let found = find(&Picture::new(width, height, frame.to_vec())?, words);
        seen.labelled += u32::from(found.as_ref().is_some_and(|found| found.is_high_enough));
        if seen.looked_at == 0 {
            seen.first = found;
        }
        seen.looked_at += 1;
    }
    seen.are_long_enough = seen.labelled == LOOKED_AT;
    Ok(seen)
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
    Badge(Option<Measured>),
    /// A badge on a video's first frames.
    Frames(Frames),
    /// The rhythm, or none.
    Rhythm(Option<super::Rhythm>),
    /// The lines that are notices.
    Notices(Vec<super::TextNotice>),
    /// Nothing is looked for in such a file.
    NotLookedAt,
}

/// What was measured in the first 2 seconds of a video (GB 45438-2025, 5.4).
#[derive(Debug, Clone, PartialEq)]
pub struct Frames {
    /// The badge in the first frame.
    pub first: Option<Measured>,
    /// Frames in which it is high enough.
    pub labelled: u32,
    /// Frames that were looked at, two a second.
    pub looked_at: u32,
    /// Whether it is in all frames of 2 seconds.
    pub are_long_enough: bool,
}

/// Looks for a visible label of the kinds that are written here. "None" is "not found". Video is looked at with `programs`
/// only.
pub fn look(file: &Path, words: &str, programs: Option<Programs<'_>>) -> Result<Perceived, LabelError> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(match Format::detect(&mut Source::new(&mut File::open(file)?)?, &name)? {
        Format::Png | Format::Jpeg => Perceived::Badge(find(&decode(&std::fs::read(file)?, &name)?, words)),
        Format::Wav => Perceived::Rhythm(find_rhythm(&mut File::open(file)?)?),
        Format::Markdown | Format::Text => {
            Perceived::Notices(super::check_text(&String::from_utf8_lossy(&std::fs::read(file)?)))
        }
        format if format.medium() == Medium::Video => match programs {
            Some(programs) => Perceived::Frames(frames(programs, file, words)?),
            None => Perceived::NotLookedAt,
        },
        _ => Perceived::NotLookedAt,
    })
}
