//! `gongdao audit --verify`: a published result done again and compared.

use super::{Work, faults_of};
use crate::command::output::{BAD_DATA, CANNOT_CREATE, Fault, Format, Output};
use crate::command::{drafts, print};
use gongdao_audit::engine::EngineKind;
use gongdao_audit::run::{Difference, Ended, Pinned};
use gongdao_audit::summary::Summary;
use gongdao_audit::{Adapter, AuditError};
use gongdao_i18n::{Catalogue, I18nError};
use std::path::Path;

/// Do the audit of a result again beside it, with its own options and command line, and say what differs.
pub(super) fn verify(
    work: &Work<'_>,
    summary: &Path,
    adapter: Option<&Adapter>,
    catalogue: &Catalogue,
    output: &Output,
) -> Result<u8, Vec<Fault>> {
    let faulty = |error: AuditError| faults_of(&error);
    let pinned = Pinned::read(summary).map_err(faulty)?;
    let engine = EngineKind::ALL.into_iter().find(|engine| engine.as_str() == pinned.run.engine);
    let engine = engine.ok_or_else(|| {
        let message = format!("`{}` is no engine of this program", pinned.run.engine);
        vec![Fault::new(BAD_DATA, message, Some("verify with the program that the result names".to_owned()))]
    })?;
    let again = tempfile::tempdir()
        .map_err(|error| vec![Fault::new(CANNOT_CREATE, format!("cannot make a temporary folder: {error}"), None)])?;
    let out = again.path().join("again");
    let own = Work {
        engine,
        strict: pinned.run.strict,
        drafts: drafts(pinned.run.drafts),
        out: &out,
        fresh: true,
        command: &pinned.run.command,
        ..*work
    };
    let done = match own.run(adapter, catalogue, output)? {
        Ended::Complete(done) => done,
        stopped @ Ended::Stopped { .. } => return super::stopped(&stopped, catalogue, output),
    };
    let mut differences = pinned.differences(&done.run);
    differences.extend(pinned.compare(&out).map_err(faulty)?);
    let text = match output.format {
        Format::Human => human(&pinned, &differences, catalogue, output),
        Format::Json => json(&pinned, &differences, &done),
    };
    print(&text.map_err(|error| vec![error.into()])?);
    Ok(u8::from(!differences.is_empty()))
}

fn human(
    pinned: &Pinned,
    differences: &[Difference],
    catalogue: &Catalogue,
    output: &Output,
) -> Result<String, I18nError> {
    let words = catalogue.words(output.language());
    let folder = pinned.folder.display().to_string();
    if differences.is_empty() {
        return words.say("audit.verified", &[("folder", &folder), ("files", "5")]);
    }
    let mut lines = vec![words.say("audit.not_verified", &[("folder", &folder)])?];
    for one in differences {
        let slots = [("what", one.what.as_str()), ("pinned", &one.pinned), ("found", &one.found)];
        lines.push(words.say("audit.differs", &slots)?);
    }
    Ok(lines.join("\n"))
}

fn json(pinned: &Pinned, differences: &[Difference], done: &Summary) -> Result<String, I18nError> {
    let line = |one: &Difference| serde_json::json!({ "what": one.what, "pinned": one.pinned, "found": one.found });
    let value = serde_json::json!({
        "verified": differences.is_empty(),
        "folder": pinned.folder.display().to_string(),
        "differences": differences.iter().map(line).collect::<Vec<_>>(),
        "run": done.run,
    });
    serde_json::to_string_pretty(&value)
        .map_err(|error| I18nError { message: format!("cannot word the answer: {error}"), hint: None })
}
