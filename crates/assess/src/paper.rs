//! Drafts of the papers that follow from an assessment, in Markdown. What nobody said stays to be filled in.

mod filing;
mod impact;
mod notice;

use crate::page::Wording;
use crate::service::write::values_text;
use crate::{Application, AssessError, Assessment, Kept, Law, ProvisionFinding, Service};
use gongdao_i18n::Words;
use gongdao_model::FactPath;

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Name for a file, without folder.
    pub file_name: &'static str,
    /// Markdown.
    pub text: String,
}

/// The drafts that follow: none of a paper that no provision in force asks for.
pub fn papers(
    assessment: &Assessment,
    service: &Service,
    law: &Law<'_>,
    words: Words<'_>,
) -> Result<Vec<Paper>, AssessError> {
    let sheet = || Sheet { wording: Wording { assessment, service, law, words }, lines: Vec::new() };
    let drafts = [
        ("filing-record.md", filing::write(sheet())?),
        ("impact-assessment.md", impact::write(sheet())?),
        ("public-notice.md", notice::write(sheet())?),
    ];
    let paper = |(file_name, text): (&'static str, Option<String>)| text.map(|text| Paper { file_name, text });
    Ok(drafts.into_iter().filter_map(paper).collect())
}

/// A draft that is being written.
struct Sheet<'a> {
    wording: Wording<'a>,
    lines: Vec<String>,
}

impl<'a> Sheet<'a> {
    fn say(&self, key: &str, values: &[(&str, &str)]) -> Result<String, AssessError> {
        self.wording.say(&format!("paper.{key}"), values)
    }

    /// The provisions of these identifiers that are in force, and do not fail to apply.
    fn asked_by(&self, ids: &[&str]) -> Vec<&'a ProvisionFinding> {
        let findings = self.wording.assessment.provisions.iter();
        let wanted = findings.filter(|finding| ids.contains(&finding.provision.as_str()));
        wanted.filter(|finding| finding.application != Application::DoesNotApply).collect()
    }

    /// Title, mark of a draft, and why it follows.
    fn begin(&mut self, title: &str, asked_by: &[&ProvisionFinding]) -> Result<(), AssessError> {
        let name = &self.wording.assessment.service;
        let title = self.say(title, &[("name", name)])?;
        let on = self.wording.assessment.on.to_string();
        let mark = self.say("mark", &[("on", &on)])?;
        self.lines.extend([format!("# {title}"), String::new(), format!("> **{mark}**"), String::new()]);
        let heading = self.say("because", &[])?;
        self.lines.extend([heading, String::new()]);
        for finding in asked_by {
            let key = if finding.application == Application::Applies { "applies" } else { "may_apply" };
            let (cite, says) = (self.cite(finding), finding.says.choose(self.wording.words.language()));
            let line = self.say(key, &[("cite", &cite), ("says", says)])?;
            self.lines.push(format!("- {line}"));
        }
        Ok(())
    }

    fn heading(&mut self, key: &str) -> Result<(), AssessError> {
        let heading = self.say(key, &[])?;
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(String::new());
        }
        self.lines.extend([format!("## {heading}"), String::new()]);
        Ok(())
    }

    /// A line of a list: what is asked, and what was said.
    fn item(&mut self, key: &str, value: &str) -> Result<(), AssessError> {
        let label = self.say(&format!("field.{key}"), &[])?;
        let colon = self.wording.words.language().choose("：", ": ");
        self.lines.push(format!("- **{label}**{colon}{value}"));
        Ok(())
    }

    fn note(&mut self, key: &str, values: &[(&str, &str)]) -> Result<(), AssessError> {
        let text = self.say(key, values)?;
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(String::new());
        }
        self.lines.extend([text, String::new()]);
        Ok(())
    }

    /// A field of `[papers]`, or that it is to be filled in.
    fn field(&self, name: &str) -> Result<String, AssessError> {
        match self.wording.service.papers.get(name) {
            Some(text) => Ok(one_line(text)),
            None => self.blank(&format!("papers.{name}")),
        }
    }

    fn provider(&self) -> Result<String, AssessError> {
        match &self.wording.service.provider {
            Some(name) => Ok(one_line(name)),
            None => self.blank("provider"),
        }
    }

    /// What was said of a fact, or that it is to be filled in.
    fn fact(&self, path: &str) -> Result<String, AssessError> {
        let known: FactPath = path.parse()?;
        match self.wording.service.facts.get(&known) {
            Some(values) => Ok(format!("{} (`{path}`)", values_text(values))),
            None => self.blank(path),
        }
    }

    fn blank(&self, name: &str) -> Result<String, AssessError> {
        self.say("blank", &[("name", name)])
    }

    fn cite(&self, finding: &ProvisionFinding) -> String {
        finding.cite.choose(self.wording.words.language()).to_owned()
    }

    /// A list of provisions with how far each is kept.
    fn states(&mut self, findings: &[&ProvisionFinding]) -> Result<(), AssessError> {
        if findings.is_empty() {
            let none = self.wording.say("none", &[])?;
            self.lines.push(format!("- {none}"));
        }
        for finding in findings {
            let key = match (finding.disputed, finding.application, finding.kept) {
                (true, ..) => "disputed",
                (_, Application::Applies, _) if finding.is_basis() => "basis",
                (_, Application::CannotTell, _) if finding.is_basis() => "basis-open",
                (_, Application::CannotTell, _) => "cannot-tell",
                (_, _, Some(Kept::Broken)) => "broken",
                (_, _, Some(Kept::Mixed)) => "mixed",
                (_, _, Some(Kept::Missing)) => "missing",
                (_, _, Some(Kept::Kept)) => "kept",
                (_, _, None) => "applies",
            };
            let state = self.wording.say(&format!("state.{key}"), &[])?;
            let says = finding.says.choose(self.wording.words.language());
            let mut values = vec![("says", says), ("state", state.as_str())];
            let cite = self.cite(finding);
            values.push(("cite", &cite));
            let line = self.say("state", &values)?;
            self.lines.push(format!("- {line}"));
            if !finding.missing.is_empty() {
                let names: Vec<String> = finding.missing.iter().map(crate::Gap::name).collect();
                let blank = self.blank(&names.join("`, `"))?;
                self.lines.push(format!("  - {blank}"));
            }
        }
        Ok(())
    }

    fn end(self) -> String {
        format!("{}\n", self.lines.join("\n").trim_end())
    }
}

/// A field stays on its line, whatever was written into it.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
