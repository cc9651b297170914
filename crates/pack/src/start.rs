//! A new pack: the files that every pack has, with what is to be filled in as comments.

use crate::{Problem, write_whole};
use gongdao_model::{InstrumentId, LegalDate};
use std::path::{Path, PathBuf};

/// What is known of an instrument when its pack is begun. What is not known is left out of the files, so that the
/// check asks for it: nothing is invented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPack {
    /// Jurisdiction and slug.
    pub id: InstrumentId,
    /// Chinese title.
    pub title_zh: Option<String>,
    /// English title.
    pub title_en: Option<String>,
    /// First day in force.
    pub effective: Option<LegalDate>,
}

/// Make the folder of a new pack below `root` and give its path relative to it. The folder is written under a hidden
/// name and then renamed; a folder that is there already is refused.
pub fn start(root: &Path, new: &NewPack) -> Result<PathBuf, Box<Problem>> {
    let folder = PathBuf::from(new.id.as_str().replace('.', "/"));
    let refuse = |message: String, hint: &str| Box::new(Problem::error(&folder, None, message).hint(hint));
    if !root.join("vocabulary.cedarschema").is_file() {
        let message = format!("`{}` is not a packs folder: it has no `vocabulary.cedarschema`", root.display());
        return Err(refuse(message, "name the folder that holds the packs and their vocabulary"));
    }
    if root.join(&folder).exists() {
        return Err(refuse(format!("the pack `{}` is there already", new.id), "choose another slug, or edit the pack"));
    }
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(folder.file_name().unwrap_or_default());
    hidden.push(".new");
    let temporary = root.join(folder.with_file_name(hidden));
    let made = fill(&temporary, new).and_then(|()| std::fs::rename(&temporary, root.join(&folder)));
    made.map_err(|error| {
        // The first error is the one to tell.
        let _ = std::fs::remove_dir_all(&temporary);
        refuse(format!("cannot write the pack: {error}"), "make room or fix the rights, then try again")
    })?;
    Ok(folder)
}

fn fill(folder: &Path, new: &NewPack) -> std::io::Result<()> {
    std::fs::create_dir_all(folder.join("rules"))?;
    write_whole(&folder.join("instrument.toml"), &instrument(new))?;
    write_whole(&folder.join("provisions.toml"), &provisions(new))?;
    write_whole(&folder.join("no-rule.toml"), &no_rules(new))?;
    write_whole(&folder.join("CHANGES.md"), "# Changes\n")
}

fn instrument(new: &NewPack) -> String {
    let effective = new.effective.map(|date| format!("effective = {date}"));
    let lines = [
        "# docs/formats/pack.md says what each line means.".to_owned(),
        "format = 1".to_owned(),
        format!("id = \"{}\"", new.id),
        format!("title_zh = {}", quoted(new.title_zh.as_deref())),
        format!("title_en = {}", quoted(new.title_en.as_deref())),
        "issuers = []".to_owned(),
        "# law, administrative regulation, departmental rule, policy document, collective agreement, …".to_owned(),
        "level = \"\"".to_owned(),
        "# GB/T 2260; 000000 is the whole country".to_owned(),
        "place = \"000000\"".to_owned(),
        "# midnight in Asia/Shanghai".to_owned(),
        effective.unwrap_or_else(|| "# effective = 2022-03-01".to_owned()),
        "binding = false".to_owned(),
        "# verified once the official text was read; until then every verdict is provisional".to_owned(),
        "status = \"draft\"".to_owned(),
        "# file of the imported official text".to_owned(),
        "# text = \"….zh.md\"".to_owned(),
    ];
    lines.join("\n") + "\n"
}

/// A TOML string; empty where nothing is known, which the check refuses.
fn quoted(text: Option<&str>) -> String {
    toml::Value::String(text.unwrap_or_default().to_owned()).to_string()
}

fn provisions(new: &NewPack) -> String {
    let id = &new.id;
    format!(
        "# One entry a provision, in your own words, never the official sentence.\n\
         # [[provision]]\n# id = \"{id}/1\"\n# kind = \"duty\"\n# owed_by = \"provider\"\n# owed_to = \"user\"\n\
         # zh = \"…\"\n# en = \"…\"\n"
    )
}

fn no_rules(new: &NewPack) -> String {
    let id = &new.id;
    format!(
        "# Provisions that have neither rule nor duty, and why.\n\
         # [[no_rule]]\n# provision = \"{id}/1\"\n# reason = \"principle\"\n# zh = \"…\"\n# en = \"…\"\n"
    )
}
