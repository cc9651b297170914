//! Cues of GB 45438-2025, 5.3, before the sound of WAV files: the rhythm short long, short short (Morse for `AI`), or
//! spoken words that somebody recorded.
//!
//! The standard gives neither speed nor pitch. Here a long is three shorts, gaps are one and three, as Morse code has it
//! (ITU-R M.1677-1); a short is 120 ms of 1 kHz at half of full scale.

use crate::LabelError;
use crate::carrier::{Riff, RiffChunk, open_riff};
use crate::source::{ReadSeek, Source, number};
use crate::splice::{Edit, Edits};
use std::io::Write;

const UNIT_MILLISECONDS: u32 = 120;
const PITCH_HERTZ: f64 = 1000.0;
const LOUDNESS: f64 = 0.5;
/// Sound fades in and out, so that it does not click.
const RAMP_MILLISECONDS: u32 = 5;
/// Units of sound and silence: A, a gap between letters, I, and a pause before the content.
const PATTERN: [(bool, u32); 8] =
    [(true, 1), (false, 1), (true, 3), (false, 3), (true, 1), (false, 1), (true, 1), (false, 7)];
/// So much of the start and the end is listened to.
const HEARD_SECONDS: u64 = 15;
const WINDOW_MILLISECONDS: u32 = 10;
/// Quieter than this share of full scale is silence.
const SILENCE: f64 = 0.02;
/// Lengths may be off by so much of a unit.
const TOLERANCE: f64 = 0.4;

/// A rhythm that was heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rhythm {
    /// Where it begins, in milliseconds from the start.
    pub start_milliseconds: u64,
    /// Length of a short, in milliseconds.
    pub unit_milliseconds: f64,
    /// Whether it begins in the second half of the sound.
    pub is_at_end: bool,
}

/// What is put before the sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cue {
    /// The rhythm.
    Rhythm,
    /// A recording of spoken words: a WAV file, whole. Nobody hears here whether it says what it must.
    Spoken(Vec<u8>),
}

/// How samples are stored.
#[derive(Debug, Clone, Copy)]
struct Samples {
    channels: u16,
    rate: u32,
    bits: u16,
    is_float: bool,
    at: u64,
    length: u64,
}

impl Samples {
    fn frame_size(self) -> u64 {
        u64::from(self.channels) * u64::from(self.bits / 8)
    }

    fn frames(self, milliseconds: u32) -> u32 {
        u32::try_from(u64::from(self.rate) * u64::from(milliseconds) / 1000).unwrap_or(0)
    }

    /// One sample, from -1 to 1.
    #[expect(clippy::cast_possible_truncation, reason = "scaled to the range of the type before")]
    fn encode(self, value: f64) -> Vec<u8> {
        match (self.bits, self.is_float) {
            (8, _) => vec![((value * 127.0) as i8).cast_unsigned() ^ 0x80],
            (16, _) => ((value * 32_767.0) as i16).to_le_bytes().to_vec(),
            (24, _) => ((value * 8_388_607.0) as i32).to_le_bytes().get(..3).unwrap_or_default().to_vec(),
            (_, false) => ((value * 2_147_483_647.0) as i32).to_le_bytes().to_vec(),
            (_, true) => (value as f32).to_le_bytes().to_vec(),
        }
    }

    fn decode(self, bytes: &[u8]) -> Option<f64> {
        Some(match (self.bits, self.is_float) {
            (8, _) => (f64::from(*bytes.first()?) - 128.0) / 128.0,
            (16, _) => f64::from(number::le16(bytes, 0)?.cast_signed()) / 32_768.0,
            (24, _) => {
                let wide = [0, *bytes.first()?, *bytes.get(1)?, *bytes.get(2)?];
                f64::from(i32::from_le_bytes(wide)) / 2_147_483_648.0
            }
            (_, false) => f64::from(number::le32(bytes, 0)?.cast_signed()) / 2_147_483_648.0,
            (_, true) => f64::from(f32::from_bits(number::le32(bytes, 0)?)),
        })
    }
}

fn samples(source: &mut Source<'_>, riff: &Riff) -> Result<Samples, LabelError> {
    let find = |id: &[u8; 4]| riff.chunks.iter().find(|chunk| &chunk.id == id);
    let broken = || LabelError::malformed(12, "the file has no `fmt ` and `data` chunks");
    let (format, data): (&RiffChunk, &RiffChunk) =
        (find(b"fmt ").ok_or_else(broken)?, find(b"data").ok_or_else(broken)?);
    let head = source.bytes(format.data_at(), format.length.min(40))?;
    let field = |at| number::le16(&head, at).ok_or_else(broken);
    let tag = if field(0)? == 0xfffe { field(24)? } else { field(0)? };
    let (channels, bits) = (field(2)?, field(14)?);
    let rate = number::le32(&head, 4).ok_or_else(broken)?;
    let is_known =
        matches!((tag, bits), (1, 8 | 16 | 24 | 32) | (3, 32)) && channels > 0 && (4000..=768_000).contains(&rate);
    if !is_known {
        return Err(LabelError::refused(
            format!("the samples are of format {tag} with {bits} bits"),
            "save the sound as PCM of 8, 16, 24 or 32 bits, or 32-bit float",
        ));
    }
    Ok(Samples { channels, rate, bits, is_float: tag == 3, at: data.data_at(), length: data.length })
}

/// Copies a WAV file with a cue before its sound; all samples stay.
///
/// Errors: another kind of file, or of samples; marks that would have to move; 64-bit lengths; a recording whose samples are
/// stored in another way than the sound's, or that is shorter than a second.
pub fn with_cue<R>(source: &mut R, cue: &Cue, sink: &mut dyn Write) -> Result<(), LabelError>
where
    R: std::io::Read + std::io::Seek,
{
    let mut source = Source::new(source)?;
    let riff = open_wav(&mut source)?;
    let samples = samples(&mut source, &riff)?;
    let has = |id: &[u8; 4]| riff.chunks.iter().any(|chunk| &chunk.id == id);
    if has(b"cue ") || has(b"smpl") || has(b"ds64") {
        return Err(LabelError::refused(
            "the file has marks or 64-bit lengths that a cue before the sound would have to move",
            "save the sound as a plain WAV file",
        ));
    }
    let cue = match cue {
        Cue::Rhythm => rhythm(samples),
        Cue::Spoken(recording) => spoken(recording, samples)?,
    };
    let length = u32::try_from(samples.length + cue.len() as u64)
        .map_err(|_| LabelError::refused("the file would be larger than 4 GiB", "cut it into parts"))?;
    let mut edits = vec![Edit::insert(samples.at, cue)];
    edits.push(riff.resized(&edits)?);
    edits.push(Edit::over(samples.at - 4, length.to_le_bytes().to_vec()));
    if let Some(fact) = riff.chunks.iter().find(|chunk| &chunk.id == b"fact" && chunk.length >= 4) {
        let frames = u32::try_from(u64::from(length) / samples.frame_size()).unwrap_or(u32::MAX);
        edits.push(Edit::over(fact.data_at(), frames.to_le_bytes().to_vec()));
    }
    Edits::new(edits)?.apply(&mut source, sink)
}

/// The samples of a recording, with half a second of silence after them.
fn spoken(recording: &[u8], like: Samples) -> Result<Vec<u8>, LabelError> {
    let mut cursor = std::io::Cursor::new(recording);
    let mut source = Source::new(&mut cursor)?;
    let riff = open_wav(&mut source)?;
    let own = samples(&mut source, &riff)?;
    let kind = |samples: Samples| (samples.channels, samples.rate, samples.bits, samples.is_float);
    if kind(own) != kind(like) {
        let said = |samples: Samples| {
            let float = if samples.is_float { ", floating point" } else { "" };
            format!("{} Hz, {} channel(s), {} bits{float}", samples.rate, samples.channels, samples.bits)
        };
        return Err(LabelError::refused(
            format!("the recording has {}, and the sound {}", said(own), said(like)),
            "save the recording as the sound is stored",
        ));
    }
    // Both elements take four syllables at least (GB 45438-2025, 5.3).
    if own.length < u64::from(own.rate) * own.frame_size() {
        return Err(LabelError::refused(
            "the recording is shorter than a second",
            "record words that name both artificial intelligence and generation, at normal speed",
        ));
    }
    let mut bytes = source.bytes(own.at, own.length / own.frame_size() * own.frame_size())?;
    let silence = own.encode(0.0).repeat(usize::from(own.channels));
    (0..own.frames(500)).for_each(|_| bytes.extend_from_slice(&silence));
    Ok(bytes)
}

fn open_wav(source: &mut Source<'_>) -> Result<Riff, LabelError> {
    if source.head(8, 4)? != b"WAVE" {
        return Err(LabelError::new(
            crate::ErrorKind::Unsupported,
            "a cue is put before the sound of WAV files only",
            "convert the sound to WAV first, then label it and convert it back",
        ));
    }
    open_riff(source)
}

fn rhythm(samples: Samples) -> Vec<u8> {
    let unit = samples.frames(UNIT_MILLISECONDS);
    let ramp = f64::from(samples.frames(RAMP_MILLISECONDS).max(1));
    let mut bytes = Vec::new();
    for (sounds, units) in PATTERN {
        let length = unit * units;
        for frame in 0..length {
            let edge = f64::from(frame.min(length - 1 - frame));
            let angle = std::f64::consts::TAU * PITCH_HERTZ * f64::from(frame) / f64::from(samples.rate);
            let value = if sounds { angle.sin() * LOUDNESS * (edge / ramp).min(1.0) } else { 0.0 };
            let encoded = samples.encode(value);
            (0..samples.channels).for_each(|_| bytes.extend_from_slice(&encoded));
        }
    }
    bytes
}

/// Listens to the start and the end of a WAV file.
///
/// Errors: another kind of file, or of samples.
pub fn find_rhythm<R>(source: &mut R) -> Result<Option<Rhythm>, LabelError>
where
    R: std::io::Read + std::io::Seek,
{
    find_dyn(source)
}

fn find_dyn(source: &mut dyn ReadSeek) -> Result<Option<Rhythm>, LabelError> {
    let mut source = Source::new(source)?;
    let riff = open_wav(&mut source)?;
    let samples = samples(&mut source, &riff)?;
    let heard = (HEARD_SECONDS * u64::from(samples.rate) * samples.frame_size()).min(samples.length);
    for from in [0, (samples.length - heard) / samples.frame_size() * samples.frame_size()] {
        let bytes = source.bytes(samples.at + from, heard)?;
        if let Some(rhythm) = heard_in(samples, &bytes) {
            let before = from / samples.frame_size() * 1000 / u64::from(samples.rate);
            let start_milliseconds = before + rhythm.start_milliseconds;
            let all = samples.length / samples.frame_size() * 1000 / u64::from(samples.rate);
            return Ok(Some(Rhythm { start_milliseconds, is_at_end: start_milliseconds * 2 > all, ..rhythm }));
        }
    }
    Ok(None)
}

/// A run of windows with or without sound.
struct Run {
    sounds: bool,
    start: u64,
    windows: u64,
}

fn heard_in(samples: Samples, bytes: &[u8]) -> Option<Rhythm> {
    let runs = runs(samples, bytes);
    // Four sounds with three silences between.
    runs.windows(7).filter(|runs| runs.first().is_some_and(|first| first.sounds)).find_map(|runs| {
        let windows: Vec<f64> =
            runs.iter().map(|run| f64::from(u32::try_from(run.windows).unwrap_or(u32::MAX))).collect();
        let unit = windows.iter().sum::<f64>() / 11.0;
        let fits = windows
            .iter()
            .zip(&PATTERN)
            .all(|(found, (_, units))| (found / unit - f64::from(*units)).abs() <= TOLERANCE);
        let is_audible = (4.0..=60.0).contains(&unit);
        (fits && is_audible).then(|| Rhythm {
            start_milliseconds: runs.first().map_or(0, |run| run.start * u64::from(WINDOW_MILLISECONDS)),
            unit_milliseconds: unit * f64::from(WINDOW_MILLISECONDS),
            is_at_end: false,
        })
    })
}

fn runs(samples: Samples, bytes: &[u8]) -> Vec<Run> {
    let frame = usize::try_from(samples.frame_size()).unwrap_or(1).max(1);
    let window = frame * usize::try_from(samples.frames(WINDOW_MILLISECONDS)).unwrap_or(1).max(1);
    let mut runs: Vec<Run> = Vec::new();
    for (index, window) in (0_u64..).zip(bytes.chunks(window)) {
        let mut squares = 0.0;
        let mut count = 0.0;
        for value in window.chunks(frame).filter_map(|frame| samples.decode(frame)) {
            squares += value * value;
            count += 1.0;
        }
        let sounds = count > 0.0 && (squares / count) > SILENCE * SILENCE;
        match runs.last_mut() {
            Some(run) if run.sounds == sounds => run.windows += 1,
            _ => runs.push(Run { sounds, start: index, windows: 1 }),
        }
    }
    runs
}
