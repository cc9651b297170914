//! `gongdao pack check`: every problem of the packs with file, line and hint.

use super::{counted, nothing_matches, pretty, rows};
use crate::command::output::Format;
use crate::command::{is_signed_by, packs_folder, print};
use gongdao_pack::{Packs, Problem, Severity, check_texts};
use gongdao_rules::RuleSet;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao pack check
  gongdao pack check cn/pipl
  gongdao pack check --texts ../shared/law/texts --format json

Exit code: 0 no error (warnings may stand), 1 errors, 64 wrong arguments.")]
pub(crate) struct Arguments {
    /// The packs folder [default: `$GONGDAO_PACKS`, else `packs`]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// Folder of imported official texts, to compare the articles' digests with
    #[arg(long, value_name = "DIR")]
    texts: Option<PathBuf>,
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Only problems of files whose path contains this
    filter: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let mut survey = Survey::of(&packs_folder(arguments.packs.as_deref()), arguments.texts.as_deref());
    if let Some(filter) = &arguments.filter {
        if survey.folders.iter().all(|folder| !folder.contains(filter)) && !survey.mentions(filter) {
            return nothing_matches(filter, "path");
        }
        survey.problems.retain(|problem| problem.file.to_string_lossy().contains(filter));
    }
    match arguments.format {
        Format::Human => print(&survey.human()),
        Format::Json => print(&survey.json()),
    }
    if survey.errors() > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Every problem, ordered by file and line, and what was looked at.
pub(super) struct Survey {
    pub(super) problems: Vec<Problem>,
    folders: Vec<String>,
    provisions: usize,
    versions: usize,
}

impl Survey {
    pub(super) fn of(folder: &Path, texts: Option<&Path>) -> Self {
        let (packs, problems) = Packs::survey(folder);
        let mut survey = Self { problems, folders: Vec::new(), provisions: 0, versions: 0 };
        if let Some(packs) = packs {
            let (packs, unsigned) = packs.with_signed_agreements(&is_signed_by);
            survey.problems.extend(unsigned);
            survey.look(&packs, texts);
        }
        survey.problems.sort_by(|a, b| (&a.file, a.line, &a.message).cmp(&(&b.file, b.line, &b.message)));
        survey.problems.dedup();
        survey
    }

    fn look(&mut self, packs: &Packs, texts: Option<&Path>) {
        self.folders = packs.instruments.iter().map(|pack| pack.folder.to_string_lossy().into_owned()).collect();
        self.provisions = packs.instruments.iter().map(|pack| pack.provisions.len()).sum();
        self.problems.extend(gongdao_pack::check(packs));
        self.problems.extend(gongdao_audit::derived::check(packs));
        self.problems.extend(texts.map(|texts| check_texts(packs, texts)).unwrap_or_default());
        let (rules, found) = RuleSet::survey(packs);
        self.problems.extend(found);
        if let Some(rules) = &rules {
            self.versions = rules.versions.len();
            self.problems.extend(gongdao_rules::check(packs, rules));
        }
    }

    fn mentions(&self, filter: &str) -> bool {
        self.problems.iter().any(|problem| problem.file.to_string_lossy().contains(filter))
    }

    fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
    }

    fn human(&self) -> String {
        let mut lines: Vec<String> = self.problems.iter().map(Problem::to_string).collect();
        lines.push(format!(
            "{}, {}, {}: {}, {}",
            counted(self.folders.len(), "pack"),
            counted(self.provisions, "provision"),
            counted(self.versions, "rule version"),
            counted(self.errors(), "error"),
            counted(self.problems.len() - self.errors(), "warning")
        ));
        lines.join("\n")
    }

    fn json(&self) -> String {
        pretty(&json!({
            "packs": self.folders.len(),
            "provisions": self.provisions,
            "rule_versions": self.versions,
            "problems": rows(&self.problems),
        }))
    }
}
