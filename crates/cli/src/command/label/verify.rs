//! `gongdao label verify`: whether a file's labels keep the standard.

use super::{fault, reading};
use crate::command::output::{Fault, Format, Output};
use crate::command::print;
use gongdao_i18n::{Catalogue, Words};
use gongdao_label::report::{reading_text, report};
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
WAV, lines in texts. A mark of another maker is measured with --box; whether its words say what they must, you read
yourself. Not found is not: not there.

Exit code: 0 one label, as the standard asks, 1 a label that does not keep it, 2 no label, or it cannot be told,
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
        Ok((text, conformity)) => {
            print(&text);
            ExitCode::from(match conformity {
                Conformity::Conforms => 0,
                Conformity::Fails => 1,
                Conformity::Absent | Conformity::CannotTell => 2,
            })
        }
        Err(fault) => arguments.output.refuse(catalogue, &[fault]),
    }
}

fn verify(arguments: &Arguments, catalogue: &Catalogue) -> Result<(String, Conformity), Fault> {
    let file = &arguments.file;
    let reading = reading(file)?;
    let perceived = if let Some(within) = arguments.within {
        Some(measured(file, within)?)
    } else if arguments.visible {
        Some(look(file, &arguments.words).map_err(|error| fault(file, error))?)
    } else {
        None
    };
    let words = catalogue.words(arguments.output.language());
    let text = match arguments.output.format {
        Format::Json => machine(&reading, perceived.as_ref()),
        Format::Human => human(file, &reading, perceived.as_ref(), words)?,
    };
    Ok((text, reading.conformity()))
}

fn measured(file: &Path, within: Rectangle) -> Result<Perceived, Fault> {
    let name = file.display().to_string();
    let bytes = std::fs::read(file).map_err(|error| fault(file, error.into()))?;
    let picture = decode(&bytes, &name).map_err(|error| fault(file, error))?;
    Ok(Perceived::Badge(measure_in(&picture, within)))
}

fn human(file: &Path, reading: &Reading, perceived: Option<&Perceived>, words: Words<'_>) -> Result<String, Fault> {
    let mut text = reading_text(reading, words).map_err(|error| fault(file, error))?;
    if let Some(perceived) = perceived {
        text.push('\n');
        text.push_str(&visible(perceived, words)?);
    }
    Ok(text)
}

fn visible(perceived: &Perceived, words: Words<'_>) -> Result<String, Fault> {
    Ok(match perceived {
        Perceived::Badge(Some(found)) => {
            let (pixels, share) = (found.text_height.to_string(), percent(found));
            let key = if found.is_high_enough { "label.visible.badge" } else { "label.visible.badge_low" };
            words.say(key, &[("pixels", &pixels), ("share", &share)])?
        }
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

fn percent(found: &Measured) -> String {
    format!("{:.1}", found.share * 100.0)
}

fn machine(reading: &Reading, perceived: Option<&Perceived>) -> String {
    let visible = perceived.map_or(Value::Null, |perceived| match perceived {
        Perceived::Badge(found) => json!({ "badge": found.as_ref().map(|found| json!({
            "x": found.ink.x, "y": found.ink.y, "width": found.ink.width, "height": found.ink.height,
            "textHeightPixels": found.text_height, "share": found.share, "isHighEnough": found.is_high_enough,
            "likeness": found.likeness,
        })) }),
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
    format!("{{\n\"embedded\": {},\n\"visible\": {visible}\n}}", report(reading).to_json())
}
