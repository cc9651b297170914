use crate::carrier::{self, Content, Found};
use crate::model::{
    Dialect, Finding, FindingKind, FoundLabel, Key, Label, LabelCode, Level, check, understand, understand_members,
};
use crate::source::{ReadSeek, Source};
use crate::{Format, LabelError, security};
use std::collections::BTreeSet;

/// Where something stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// In the container's own words: chunk, box, field.
    pub field: String,
    /// Bytes from the start of the file to the label's value; to the compressed piece around it where it is compressed.
    pub offset: u64,
    /// Bytes of the value as it stands there; 0 where it has no place of its own.
    pub length: u64,
}

/// One label in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Where it stands.
    pub place: Place,
    /// Its text as it was found, unescaped.
    pub text: String,
    /// What the text says; `None` if it is not a label object.
    pub label: Option<FoundLabel>,
    /// Ways of writing that are not the guides'.
    pub dialects: BTreeSet<Dialect>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// What its security data says, if it has any.
    pub security: Vec<security::Checked>,
}

/// Everything a file says about itself as generated content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What kind of file it is.
    pub format: Format,
    /// Its labels, in the order of the file.
    pub sites: Vec<Site>,
    /// Findings about the file as a whole.
    pub findings: Vec<Finding>,
    /// Where a C2PA manifest stands. It is not verified here.
    pub credentials: Option<u64>,
    /// Pieces of metadata that could not be looked into, and why: a label may be there.
    pub unread: Vec<String>,
}

/// How a file's label stands to the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conformity {
    /// One label, without errors.
    Conforms,
    /// A label with errors, or several.
    Fails,
    /// No label.
    Absent,
    /// No label was found, and a piece of metadata could not be read.
    CannotTell,
}

impl Conformity {
    /// Its name in reports.
    pub fn code(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::Fails => "fails",
            Self::Absent => "absent",
            Self::CannotTell => "cannot-tell",
        }
    }
}

/// Reads all labels of a file. `name` is its file name; only the ending is used, and only for text.
///
/// Errors: a kind of file without a known place for a label; a container that is broken.
pub fn read<R: std::io::Read + std::io::Seek>(source: &mut R, name: &str) -> Result<Reading, LabelError> {
    let mut source = Source::new(source)?;
    let format = Format::detect(&mut source, name)?;
    read_as(format, &mut source)
}

pub(crate) fn read_as(format: Format, source: &mut Source<'_>) -> Result<Reading, LabelError> {
    let survey = carrier::survey(format, source)?;
    let mut sites: Vec<Site> = survey.sites.into_iter().map(site).collect();
    sites.sort_by_key(|site| site.place.offset);
    let findings = of_file(&sites);
    Ok(Reading { format, sites, findings, credentials: survey.credentials, unread: survey.unread })
}

fn site(found: Found) -> Site {
    let (text, understood) = match found.content {
        Content::Text(text, shape) => {
            let understood = understand(&text, shape);
            (text, understood)
        }
        Content::Members(members) => {
            let text = crate::model::print(&crate::model::json::Json::Object(members.clone()));
            (text, understand_members(members))
        }
    };
    let mut dialects = found.dialects;
    dialects.extend(understood.dialects);
    let place = Place { field: found.field, offset: found.offset, length: found.length };
    match understood.label {
        Ok(label) => {
            let mut findings = check(&label);
            if dialects.contains(&Dialect::NotAString) {
                findings.push(Finding::new(FindingKind::NotAString, None, ""));
            }
            let security = security::check(&label);
            findings.extend(security.iter().filter_map(security::Checked::finding));
            Site { place, text, label: Some(label), dialects, findings, security }
        }
        Err(problem) => {
            let findings = vec![Finding::new(FindingKind::Unreadable, None, problem)];
            Site { place, text, label: None, dialects, findings, security: Vec::new() }
        }
    }
}

fn of_file(sites: &[Site]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if sites.len() > 1 {
        findings.push(Finding::new(FindingKind::Copies, None, sites.len().to_string()));
    }
    let labels: Vec<&FoundLabel> = sites.iter().filter_map(|site| site.label.as_ref()).collect();
    for key in [Key::Label, Key::ContentProducer, Key::ProduceId] {
        let values: BTreeSet<&str> = labels.iter().filter_map(|label| label.stated(key)).collect();
        if values.len() > 1 {
            let values: Vec<&str> = values.into_iter().collect();
            findings.push(Finding::new(FindingKind::Disagree, Some(key), values.join(" / ")));
        }
    }
    findings
}

impl Reading {
    /// How the file stands to the standard.
    pub fn conformity(&self) -> Conformity {
        let all = self.findings.iter().chain(self.sites.iter().flat_map(|site| &site.findings));
        let has_error = all.clone().any(|finding| finding.level() == Level::Error);
        match (self.sites.is_empty(), self.unread.is_empty()) {
            (true, true) => Conformity::Absent,
            (true, false) => Conformity::CannotTell,
            (false, _) if has_error => Conformity::Fails,
            (false, _) => Conformity::Conforms,
        }
    }

    /// The label that counts: the first that can be read.
    pub fn label(&self) -> Option<&FoundLabel> {
        self.sites.iter().find_map(|site| site.label.as_ref())
    }

    /// What the file's metadata says about the content. A doubled key, or labels that say different things, say nothing.
    pub fn code(&self) -> Option<LabelCode> {
        let codes: Option<Vec<LabelCode>> = self
            .sites
            .iter()
            .map(|site| {
                let label = site.label.as_ref().filter(|label| label.duplicate.is_none())?;
                LabelCode::read(label.stated(Key::Label)?)
            })
            .collect();
        let codes = codes?;
        let first = *codes.first()?;
        codes.iter().all(|code| *code == first).then_some(first)
    }

    /// Whether exactly this label stands in the file, once.
    pub fn holds(&self, label: &Label) -> bool {
        matches!(self.sites.as_slice(), [site] if site.label.as_ref() == Some(label.found()))
    }
}

/// A reader for code that has the source as a trait object.
pub(crate) fn read_dyn(source: &mut dyn ReadSeek, format: Format) -> Result<Reading, LabelError> {
    read_as(format, &mut Source::new(source)?)
}
