//! `gongdao label verify`: whether a file's labels keep the standard.

use super::{Anchors, fault, programs, reading};
use crate::command::output::{Fault, Format, Output};
use crate::command::print;
use gongdao_i18n::{Catalogue, Words};
use gongdao_label::credentials::{Examined, Validity};
use gongdao_label::report::{records_text, report};
use gongdao_label::visible::{Measured, Perceived, Rectangle, decode, look, measure_in};
use gongdao_label::{Conformity, Reading};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao label verify picture.png
  gongdao label verify picture.jpg --visible
  gongdao label verify picture.png --box 1600,1900,448,148

--visible looks for visible labels as `gongdao label write --visible` makes them: a badge in PNG and JPEG, the rhythm in
WAV, lines in texts, and with ffmpeg the badge on the first 2 seconds of video. A mark of another maker is measured with --box; whether its words say what they must, you read
yourself. Not found is not: not there.

A C2PA manifest is verified where the program was built with the feature `c2pa`, and compared with the label. With
--c2pa-anchors its signer must lead to one of them.

Exit code: 0 one label, as the standard asks, 1 a label that does not keep it, or a C2PA manifest that does not hold, says
something else than the label, or leads to no anchor given, 2 no label, or it cannot be told,
64 wrong arguments, 65 no place for a label is known in such a file, or it is broken, 66 it cannot be read.")]
pub(super) struct Arguments {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Look for visible labels too
    #[arg(long)]
    visible: bool,
    /// The words of a badge
    #[arg(long, value_name = "TEXT", default_value = "AI生成")]
    words: String,
    /// Measure the mark in this rectangle of a picture, in pixels
    #[arg(long = "box", value_name = "X,Y,WIDTH,HEIGHT", value_parser = rectangle)]
    within: Option<Rectangle>,
    #[command(flatten)]
    anchors: Anchors,
    #[command(flatten)]
    output: Output,
}

fn rectangle(text: &str) -> Result<Rectangle, String> {
    let numbers: Result<Vec<u32>, _> = text.split(',').map(|number| number.trim().parse::<u32>()).collect();
    match numbers.as_deref() {
        Ok([x, y, width, height]) => Ok(Rectangle { x: *x, y: *y, width: *width, height: *height }),
        _ => Err("write it like `1600,1900,448,148`: left edge, upper edge, width, height".to_owned()),
    }
}

pub(super) fn run(arguments: &Arguments, catalogue: &Catalogue) -> ExitCode {
    match verify(arguments, catalogue) {
        Ok((text, code)) => {
            print(&text);
            ExitCode::from(code)
        }
        Err(fault) => arguments.output.refuse(catalogue, &[fault]),
    }
}

fn exit_code(reading: &Reading, examined: &Examined, has_anchors: bool) -> u8 {
    let is_kept = match examined {
        Examined::Found(found) => {
            found.validity != Validity::Invalid
                && found.disagreements.is_empty()
                && (!has_anchors || found.validity == Validity::Trusted)
        }
        Examined::Absent | Examined::NotVerified => true,
    };
    match reading.conformity() {
        Conformity::Fails => 1,
        _ if !is_kept => 1,
        Conformity::Conforms => 0,
        Conformity::Absent | Conformity::CannotTell => 2,
    }
}

fn verify(arguments: &Arguments, catalogue: &Catalogue) -> Result<(String, u8), Fault> {
    let file = &arguments.file;
    let reading = reading(file)?;
    let examined = arguments.anchors.examine(file, &reading)?;
    let perceived = if let Some(within) = arguments.within {
        Some(measured(file, within)?)
    } else if arguments.visible {
        Some(look(file, &arguments.words, programs()).map_err(|error| fault(file, error))?)
    } else {
        None
    };
    let words = catalogue.words(arguments.output.language());
    let text = match arguments.output.format {
        Format::Json => machine(&reading, &examined, perceived.as_ref()),
        Format::Human => {
            let mut text = records_text(&reading, &examined, words).map_err(|error| fault(file, error))?;
            if let Some(perceived) = &perceived {
                text.push('\n');
                text.push_str(&visible(perceived, words)?);
            }
            text
        }
    };
    Ok((text, exit_code(&reading, &examined, arguments.anchors.c2pa_anchors.is_some())))
}

fn measured(file: &Path, within: Rectangle) -> Result<Perceived, Fault> {
    let name = file.display().to_string();
    let bytes = std::fs::read(file).map_err(|error| fault(file, error.into()))?;
    let picture = decode(&bytes, &name).map_err(|error| fault(file, error))?;
    Ok(Perceived::Badge(measure_in(&picture, within)))
}

fn visible(perceived: &Perceived, words: Words<'_>) -> Result<String, Fault> {
    Ok(match perceived {
        Perceived::Badge(Some(found)) => badge(found, words)?,
        Perceived::Frames(seen) => match &seen.first {
            Some(found) => {
                let (labelled, count) = (seen.labelled.to_string(), seen.looked_at.to_string());
                let held = if seen.are_long_enough {
                    words.say("label.seen.frames_held", &[("count", &count)])?
                } else {
                    words.say("label.seen.frames", &[("labelled", &labelled), ("count", &count)])?
                };
                format!("{}\n{held}", badge(found, words)?)
            }
            None => words.say("label.visible.not_found", &[])?,
        },
        Perceived::Rhythm(Some(rhythm)) => {
            let (start, unit) = (rhythm.start_milliseconds.to_string(), format!("{:.0}", rhythm.unit_milliseconds));
            words.say("label.visible.rhythm", &[("start", &start), ("unit", &unit)])?
        }
        Perceived::Notices(notices) if !notices.is_empty() => {
            let lines: Vec<String> =
                notices.iter().map(|notice| format!("{}: {}", notice.line, notice.words)).collect();
            words.say("label.visible.notices", &[("lines", &lines.join("; "))])?
        }
        Perceived::NotLookedAt => words.say("label.visible.not_looked_at", &[])?,
        Perceived::Badge(None) | Perceived::Rhythm(None) | Perceived::Notices(_) => {
            words.say("label.visible.not_found", &[])?
        }
    })
}

fn badge(found: &Measured, words: Words<'_>) -> Result<String, Fault> {
    let (pixels, share) = (found.text_height.to_string(), percent(found));
    let key = if found.is_high_enough { "label.visible.badge" } else { "label.visible.badge_low" };
    Ok(words.say(key, &[("pixels", &pixels), ("share", &share)])?)
}

fn percent(found: &Measured) -> String {
    format!("{:.1}", found.share * 100.0)
}

fn measured_json(found: Option<&Measured>) -> Value {
    found.map_or(Value::Null, |found| {
        json!({
            "x": found.ink.x, "y": found.ink.y, "width": found.ink.width, "height": found.ink.height,
            "textHeightPixels": found.text_height, "share": found.share, "isHighEnough": found.is_high_enough,
            "likeness": found.likeness,
        })
    })
}

fn machine(reading: &Reading, examined: &Examined, perceived: Option<&Perceived>) -> String {
    let visible = perceived.map_or(Value::Null, |perceived| match perceived {
        Perceived::Badge(found) => json!({ "badge": measured_json(found.as_ref()) }),
        Perceived::Frames(seen) => json!({
            "badge": measured_json(seen.first.as_ref()), "framesLookedAt": seen.looked_at,
            "framesLabelled": seen.labelled, "isLongEnough": seen.are_long_enough,
        }),
        Perceived::Rhythm(found) => json!({ "rhythm": found.map(|rhythm| json!({
            "startMilliseconds": rhythm.start_milliseconds, "unitMilliseconds": rhythm.unit_milliseconds,
        })) }),
        Perceived::Notices(notices) => json!({ "notices": notices.iter().map(|notice| json!({
            "line": notice.line, "words": notice.words,
        })).collect::<Vec<_>>() }),
        Perceived::NotLookedAt => json!("not looked at"),
    });
    // Text beside text, so that the label's keys keep the standard's order.
    let visible = serde_json::to_string_pretty(&visible).unwrap_or_default();
    format!("{{\n\"embedded\": {},\n\"visible\": {visible}\n}}", report(reading).with_credentials(examined).to_json())
}
