//! `gongdao label write`: a label into a file, read back and compared.

use super::issued::Issuing;
use super::{bytes_of, fault, programs, reading, shown};
use crate::command::output::{BAD_DATA, Fault, Format, NO_INPUT, Output};
use crate::command::{USAGE, print};
use gongdao_i18n::{Catalogue, Words};
use gongdao_label::credentials::{Credentials, Examined, Signing, write_signed_file};
use gongdao_label::duty::Propagation;
use gongdao_label::report::{records_text, report};
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
  gongdao label write picture.png --producer 001191110102MACQD9K64010000 --produce-id 17 --ledger issued --ledger-key issued.key
  gongdao label write picture.png --producer 001191110102MACQD9K64010000 --produce-id 17 --c2pa-cert chain.pem --c2pa-key key.pem

The label replaces any that stands in the file; pictures, samples, frames and text are copied byte for byte. With --visible
the content itself changes: a badge is drawn into PNG and JPEG, a line stands first and last in texts, a rhythm sounds
or your recording (--spoken) sounds before WAV; video needs ffmpeg, and without it is refused. A visible label alone, or an embedded one alone, is not what
articles 4 and 5 of the Measures ask for together.

Without --out the file itself is replaced, when the new one is whole and read back.

With --c2pa-cert and --c2pa-key a C2PA manifest is signed last, offline, without a time stamp: it holds as long as the
certificate is in force. A manifest that stands in the file becomes an ingredient of the new one. This needs a program built
with the feature `c2pa`.

With --ledger the number, the label and the fingerprint of the new file are logged as issued; `gongdao label compare` uses them.

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
    /// Words that you recorded, for WAV: they name both artificial intelligence and generation
    #[arg(long, value_name = "WORDS.wav", requires = "visible")]
    spoken: Option<PathBuf>,
    /// Sign a C2PA manifest with this certificate; those that vouch for it follow in the file, without the root
    #[arg(long, value_name = "CHAIN.pem", requires = "c2pa_key")]
    c2pa_cert: Option<PathBuf>,
    /// The certificate's private key, PKCS #8
    #[arg(long, value_name = "KEY.pem", requires = "c2pa_cert")]
    c2pa_key: Option<PathBuf>,
    #[command(flatten)]
    issuing: Issuing,
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
        Err(faults) => arguments.output.refuse(catalogue, &faults),
    }
}

fn write(arguments: &Arguments, words: Words<'_>) -> Result<String, Vec<Fault>> {
    if let Err(error) = std::fs::File::open(&arguments.file) {
        return Err(vec![Fault {
            file: Some(shown(&arguments.file)),
            ..Fault::new(NO_INPUT, error.to_string(), None)
        }]);
    }
    let label = label(arguments, words)?;
    let to = arguments.out.as_deref().unwrap_or(&arguments.file);
    // Whatever can be wrong with it is found before the file changes.
    let is_producer = arguments.producer.is_some() || arguments.label.is_some();
    let ledger = arguments.issuing.open(is_producer, words)?;
    let signing = signing(arguments)?;
    let (written, credentials) = if arguments.visible {
        visibly(arguments, to, &label, signing.as_ref(), words)?
    } else {
        embedded(arguments, &arguments.file, to, &label, signing.as_ref())?
    };
    let mut text = said(&written, credentials, to, arguments, words)?;
    if let Some(ledger) = ledger {
        let logged =
            ledger.log(to, &label, &written.after, arguments.visible.then_some(arguments.words.as_str()), words)?;
        if arguments.output.format == Format::Human {
            text.push('\n');
            text.push_str(&logged);
        }
    }
    Ok(text)
}

fn signing(arguments: &Arguments) -> Result<Option<Signing>, Fault> {
    let (Some(certificates), Some(key)) = (&arguments.c2pa_cert, &arguments.c2pa_key) else { return Ok(None) };
    Ok(Some(Signing { certificates: bytes_of(certificates)?, key: bytes_of(key)? }))
}

/// The embedded label, and the manifest last.
fn embedded(
    arguments: &Arguments,
    from: &Path,
    to: &Path,
    label: &Label,
    signing: Option<&Signing>,
) -> Result<(Written, Option<Credentials>), Fault> {
    let original = &arguments.file;
    let done = match signing {
        Some(signing) => write_signed_file(from, original, to, label, signing)
            .map(|(written, credentials)| (written, Some(credentials))),
        None => write_file(from, to, label, options(arguments, signing)).map(|written| (written, None)),
    };
    done.map_err(|error| fault(original, error))
}

/// A manifest that is signed anew may be broken before.
fn options(arguments: &Arguments, signing: Option<&Signing>) -> WriteOptions {
    WriteOptions { breaks_credentials: arguments.break_c2pa || signing.is_some() }
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

/// The visible label first, into a file beside the new one; the embedded label then; the manifest last.
fn visibly(
    arguments: &Arguments,
    to: &Path,
    label: &Label,
    signing: Option<&Signing>,
    words: Words<'_>,
) -> Result<(Written, Option<Credentials>), Fault> {
    let line = words.say("label.notice_line.text", &[])?;
    let name = arguments.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // The same ending: texts and videos are told by it.
    let between = to.with_file_name(format!(".gongdao-visible-{name}"));
    // What a killed run left.
    let _ = std::fs::remove_file(&between);
    let options = VisibleOptions {
        badge: BadgeOptions { words: arguments.words.clone(), ..BadgeOptions::default() },
        line,
        write: options(arguments, signing),
        spoken: arguments.spoken.as_deref(),
        programs: programs(),
    };
    let written = label_visibly(&arguments.file, &between, &options)
        .map_err(|error| fault(&arguments.file, error))
        .and_then(|_| embedded(arguments, &between, to, label, signing));
    // A file that was never made cannot be removed.
    let _ = std::fs::remove_file(&between);
    written
}

fn said(
    written: &Written,
    credentials: Option<Credentials>,
    to: &Path,
    arguments: &Arguments,
    words: Words<'_>,
) -> Result<String, Fault> {
    let examined = credentials.map_or(Examined::NotVerified, |found| Examined::Found(Box::new(found)));
    if arguments.output.format == Format::Json {
        return Ok(report(&written.after).with_credentials(&examined).to_json());
    }
    let mut lines = vec![words.say("label.says.written", &[("file", &to.display().to_string())])?];
    if !written.before.sites.is_empty() {
        lines.push(words.say("label.says.replaced", &[("count", &written.before.sites.len().to_string())])?);
    }
    lines.push(records_text(&written.after, &examined, words).map_err(|error| fault(to, error))?);
    Ok(lines.join("\n"))
}
