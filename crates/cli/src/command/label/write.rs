//! `gongdao label write`: a label into a file, read back and compared.

use super::{fault, reading, shown};
use crate::command::output::{BAD_DATA, Fault, Format, NO_INPUT, Output};
use crate::command::{USAGE, print};
use gongdao_i18n::{Catalogue, Words};
use gongdao_label::duty::Propagation;
use gongdao_label::report::{reading_text, report};
use gongdao_label::visible::{BadgeOptions, VisibleOptions, label_visibly};
use gongdao_label::{Label, LabelCode, WriteOptions, Written, write_file};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao label write picture.png --producer 001191110102MACQD9K64010000 --produce-id 20250901-17
  gongdao label write film.mp4 --out labelled.mp4 --label label.json
  gongdao label write upload.jpg --code 1 --propagator 001191110102MACQD9K64020000 --propagate-id 42
  gongdao label write picture.png --visible --producer 001191110102MACQD9K64010000 --produce-id 20250901-17

The label replaces any that stands in the file; pictures, samples, frames and text are copied byte for byte. With --visible
the content itself changes: a badge is drawn into PNG and JPEG, a line stands first and last in texts, a rhythm sounds
before WAV; video needs ffmpeg, and without it is refused. A visible label alone, or an embedded one alone, is not what
articles 4 and 5 of the Measures ask for together.

Without --out the file itself is replaced, when the new one is whole and read back.

Exit code: 0 written and read back, 64 wrong arguments, 65 the file or the label is refused, 66 the file cannot be read,
73 the new file cannot be written.")]
pub(super) struct Arguments {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The new file [default: FILE itself]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// A label as JSON with the standard's seven keys
    #[arg(long, value_name = "LABEL.json", conflicts_with_all = ["producer", "propagator", "code"])]
    label: Option<PathBuf>,
    /// Name or code of the service that made the content
    #[arg(long, value_name = "CODE", requires = "produce_id")]
    producer: Option<String>,
    /// That service's number of the content
    #[arg(long, value_name = "ID", requires = "producer")]
    produce_id: Option<String>,
    /// Name or code of the platform that spreads the content
    #[arg(long, value_name = "CODE", requires = "propagate_id")]
    propagator: Option<String>,
    /// The platform's number of the content
    #[arg(long, value_name = "ID", requires = "propagator")]
    propagate_id: Option<String>,
    /// 1 is generated, 2 may be, 3 suspected; for platforms, see `gongdao label decide`
    #[arg(long, value_name = "1|2|3", value_parser = code, conflicts_with = "producer", requires = "propagator")]
    code: Option<LabelCode>,
    /// Add a visible label too
    #[arg(long)]
    visible: bool,
    /// The words of a badge
    #[arg(long, value_name = "TEXT", default_value = "AI生成")]
    words: String,
    /// Write although a C2PA manifest in the file no longer fits then; sign again afterwards
    #[arg(long)]
    break_c2pa: bool,
    #[command(flatten)]
    output: Output,
}

fn code(text: &str) -> Result<LabelCode, String> {
    LabelCode::read(text).ok_or_else(|| "use 1 (is generated), 2 (may be) or 3 (suspected)".to_owned())
}

pub(super) fn run(arguments: &Arguments, catalogue: &Catalogue) -> ExitCode {
    let words = catalogue.words(arguments.output.language());
    match write(arguments, words) {
        Ok(text) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Err(fault) => arguments.output.refuse(catalogue, &[fault]),
    }
}

fn write(arguments: &Arguments, words: Words<'_>) -> Result<String, Fault> {
    if let Err(error) = std::fs::File::open(&arguments.file) {
        return Err(Fault { file: Some(shown(&arguments.file)), ..Fault::new(NO_INPUT, error.to_string(), None) });
    }
    let label = label(arguments, words)?;
    let to = arguments.out.as_deref().unwrap_or(&arguments.file);
    let options = WriteOptions { breaks_credentials: arguments.break_c2pa };
    let written = if arguments.visible {
        visibly(arguments, to, &label, options, words)?
    } else {
        write_file(&arguments.file, to, &label, options).map_err(|error| fault(&arguments.file, error))?
    };
    said(&written, to, arguments, words)
}

/// The label that the arguments describe.
fn label(arguments: &Arguments, words: Words<'_>) -> Result<Label, Fault> {
    let file = &arguments.file;
    let refuse = |error| fault(file, error);
    if let Some(path) = &arguments.label {
        let text = std::fs::read_to_string(path).map_err(|error| fault(path, error.into()))?;
        return Label::from_json(&text).map_err(|error| fault(path, error));
    }
    let own = arguments.propagator.clone().zip(arguments.propagate_id.clone());
    match (arguments.producer.as_ref().zip(arguments.produce_id.as_ref()), own) {
        (Some((producer, id)), None) => Label::first(producer, id).map_err(refuse),
        (Some((producer, id)), Some((propagator, propagate_id))) => {
            Label::first(producer, id).and_then(|label| label.spread_by(&propagator, &propagate_id)).map_err(refuse)
        }
        (None, Some((propagator, propagate_id))) => {
            let reading = reading(file)?;
            let code = arguments.code.or(reading.code()).ok_or_else(|| {
                let hint = "say with --code what the label says: 1, 2 or 3 (see `gongdao label decide`)".to_owned();
                Fault {
                    file: Some(shown(file)),
                    ..Fault::new(BAD_DATA, "the file has no clear label to keep", Some(hint))
                }
            })?;
            Propagation { propagator, propagate_id }.label(code, reading.label()).map_err(refuse)
        }
        (None, None) => {
            let message = words.say("label.fault.no_label", &[])?;
            let hint = words.say("label.advice.no_label", &[])?;
            Err(Fault::new(USAGE, message, Some(hint)))
        }
    }
}

/// The visible label first, into a file beside the new one; the embedded label last.
fn visibly(
    arguments: &Arguments,
    to: &Path,
    label: &Label,
    write: WriteOptions,
    words: Words<'_>,
) -> Result<Written, Fault> {
    let line = words.say("label.notice_line.text", &[])?;
    let name = arguments.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // The same ending: texts and videos are told by it.
    let between = to.with_file_name(format!(".gongdao-visible-{name}"));
    // What a killed run left.
    let _ = std::fs::remove_file(&between);
    let badge = BadgeOptions { words: arguments.words.clone(), ..BadgeOptions::default() };
    let ffmpeg = is_there("ffmpeg").then_some((Path::new("ffmpeg"), Path::new("ffprobe")));
    let options = VisibleOptions { badge, line, write, ffmpeg };
    let written = label_visibly(&arguments.file, &between, &options)
        .and_then(|_| write_file(&between, to, label, write))
        .map_err(|error| fault(&arguments.file, error));
    // A file that was never made cannot be removed.
    let _ = std::fs::remove_file(&between);
    written
}

fn is_there(program: &str) -> bool {
    let quiet = || std::process::Stdio::null();
    let status = std::process::Command::new(program).arg("-version").stdout(quiet()).stderr(quiet()).status();
    status.is_ok_and(|status| status.success())
}

fn said(written: &Written, to: &Path, arguments: &Arguments, words: Words<'_>) -> Result<String, Fault> {
    if arguments.output.format == Format::Json {
        return Ok(report(&written.after).to_json());
    }
    let mut lines = vec![words.say("label.says.written", &[("file", &to.display().to_string())])?];
    if !written.before.sites.is_empty() {
        lines.push(words.say("label.says.replaced", &[("count", &written.before.sites.len().to_string())])?);
    }
    lines.push(reading_text(&written.after, words).map_err(|error| fault(to, error))?);
    Ok(lines.join("\n"))
}
