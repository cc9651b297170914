//! Rules as the statute book names them: the annotations of each Cedar policy. What a policy means is for
//! `gongdao-rules`; a test holds both against each other.

use gongdao_model::{LegalDate, ProvisionId, VersionKey};
use gongdao_pack::{Problem, RuleFile, SourceText, line_of};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One rule version, by what its annotations say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleText {
    /// Rule, reading and first day in force.
    pub key: VersionKey,
    /// The provision that it implements.
    pub provision: ProvisionId,
    /// First day no longer in force; in a book the earliest of `@until`, the next version's first day and the instrument's end.
    pub until: Option<LegalDate>,
    /// What a gate does when it is violated; none for legal bases.
    pub effect: Option<String>,
    /// What it asks, Chinese.
    pub zh: String,
    /// What it asks, English.
    pub en: String,
    /// The file, relative to the packs folder.
    pub file: PathBuf,
    /// Line of the policy's first annotation.
    pub line: usize,
}

impl RuleText {
    /// Whether the version is in force on a day.
    pub fn holds_on(&self, on: LegalDate) -> bool {
        self.key.from <= on && self.until.is_none_or(|until| on < until)
    }
}

/// The rule versions of a file, or what keeps one from being named.
pub(crate) fn scan(file: &RuleFile) -> Result<Vec<RuleText>, Vec<Problem>> {
    let source = &file.source;
    let mut cursor = Cursor { source, rest: &source.text };
    let (mut rules, mut problems) = (Vec::new(), Vec::new());
    loop {
        match cursor.policy() {
            Ok(Some(policy)) => match policy.rule(source) {
                Ok(rule) => rules.push(rule),
                Err(problem) => problems.push(problem),
            },
            Ok(None) => break,
            Err(problem) => {
                problems.push(problem);
                break;
            }
        }
    }
    if problems.is_empty() { Ok(rules) } else { Err(problems) }
}

struct Policy {
    annotations: BTreeMap<String, String>,
    line: usize,
}

impl Policy {
    fn rule(&self, source: &SourceText) -> Result<RuleText, Problem> {
        let refuse = |message: String, hint: String| Problem::error(&source.path, Some(self.line), message).hint(hint);
        let word = |name: &str| {
            let absent = || refuse(format!("the policy has no `@{name}`"), "see docs/formats/pack.md".to_owned());
            self.annotations.get(name).ok_or_else(absent)
        };
        let wrong = |error: gongdao_model::ModelError| refuse(error.message, error.hint.unwrap_or_default());
        let key = VersionKey {
            rule: word("id")?.parse().map_err(wrong)?,
            reading: self.annotations.get("reading").map(|text| text.parse()).transpose().map_err(wrong)?,
            from: word("from")?.parse().map_err(wrong)?,
        };
        Ok(RuleText {
            key,
            provision: word("provision")?.parse().map_err(wrong)?,
            until: self.annotations.get("until").map(|text| text.parse()).transpose().map_err(wrong)?,
            effect: self.annotations.get("effect").cloned(),
            zh: word("zh")?.clone(),
            en: word("en")?.clone(),
            file: source.path.clone(),
            line: self.line,
        })
    }
}

/// Walks over Cedar's tokens as far as annotations need: white space, comments, texts and names.
struct Cursor<'a> {
    source: &'a SourceText,
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn line(&self) -> usize {
        line_of(&self.source.text, self.source.text.len() - self.rest.len())
    }

    fn fault(&self, message: &str) -> Problem {
        let problem = Problem::error(&self.source.path, Some(self.line()), message);
        problem.hint("run `gongdao pack check`: it says what Cedar makes of the file")
    }

    fn skip_blank(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let Some(comment) = self.rest.strip_prefix("//") else { return };
            self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }

    /// The next policy up to its semicolon; none at the end of the file.
    fn policy(&mut self) -> Result<Option<Policy>, Problem> {
        self.skip_blank();
        if self.rest.is_empty() {
            return Ok(None);
        }
        let mut policy = Policy { annotations: BTreeMap::new(), line: self.line() };
        while let Some(rest) = self.rest.strip_prefix('@') {
            self.rest = rest;
            let name = self.name();
            self.skip_blank();
            let value = self.bracketed_text()?;
            if policy.annotations.insert(name.to_owned(), value).is_some() {
                return Err(self.fault("an annotation stands twice"));
            }
            self.skip_blank();
        }
        self.skip_body()?;
        Ok(Some(policy))
    }

    fn name(&mut self) -> &'a str {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        name
    }

    /// `("…")`; an annotation without a value counts as an empty text.
    fn bracketed_text(&mut self) -> Result<String, Problem> {
        let Some(rest) = self.rest.strip_prefix('(') else { return Ok(String::new()) };
        self.rest = rest;
        self.skip_blank();
        let text = self.text()?;
        self.skip_blank();
        self.rest = self.rest.strip_prefix(')').ok_or_else(|| self.fault("an annotation is not closed"))?;
        Ok(text)
    }

    /// A text in quotes with its escapes resolved.
    fn text(&mut self) -> Result<String, Problem> {
        let mut rest = self.rest.strip_prefix('"').ok_or_else(|| self.fault("a text in quotes is missing"))?.chars();
        let mut text = String::new();
        while let Some(character) = rest.next() {
            match character {
                '"' => {
                    self.rest = rest.as_str();
                    return Ok(text);
                }
                '\\' => text.push(escaped(&mut rest).ok_or_else(|| self.fault("an escape in a text is not known"))?),
                other => text.push(other),
            }
        }
        Err(self.fault("a text is not closed"))
    }

    fn skip_body(&mut self) -> Result<(), Problem> {
        loop {
            self.skip_blank();
            match self.rest.chars().next() {
                None => return Err(self.fault("a policy is not closed by a semicolon")),
                Some('"') => drop(self.text()?),
                Some(character) => {
                    self.rest = self.rest.get(character.len_utf8()..).unwrap_or_default();
                    if character == ';' {
                        return Ok(());
                    }
                }
            }
        }
    }
}

/// The escapes of Cedar's texts.
fn escaped(rest: &mut std::str::Chars<'_>) -> Option<char> {
    match rest.next()? {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        '0' => Some('\0'),
        'u' => {
            let (code, after) = rest.as_str().strip_prefix('{')?.split_once('}')?;
            let character = char::from_u32(u32::from_str_radix(code, 16).ok()?);
            *rest = after.chars();
            character
        }
        character @ ('"' | '\'' | '\\' | '*') => Some(character),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, SourceText};

    fn policies(text: &str) -> Result<Vec<Vec<(String, String)>>, String> {
        let source = SourceText { path: "a.cedar".into(), text: text.to_owned() };
        let mut cursor = Cursor { source: &source, rest: &source.text };
        let mut found = Vec::new();
        while let Some(policy) = cursor.policy().map_err(|problem| problem.to_string())? {
            found.push(policy.annotations.into_iter().collect());
        }
        Ok(found)
    }

    #[test]
    fn annotations_are_read_past_comments_and_texts_that_look_like_code() {
        let text = "// @id(\"no\")\n@id(\"a\")\n@zh(\"说；\\\"是\\\"\\u{41}\")\nforbid (principal, action, resource)\nwhen { principal.x == \"; @id(\" }; // end\n@id(\"b\") permit (principal, action, resource);";
        let found = policies(text).unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(found, [vec![pair("id", "a"), pair("zh", "说；\"是\"A")], vec![pair("id", "b")]]);
    }

    #[test]
    fn what_is_not_closed_is_an_error_with_its_line() {
        for (text, line) in
            [("@id(\"a\"\n", 2), ("\n@id(\"a\") forbid (", 2), ("@id(\"a", 1), ("@id(\"\\q\") permit;", 1)]
        {
            assert!(policies(text).unwrap_err().starts_with(&format!("a.cedar:{line}: error: ")), "{text}");
        }
    }
}
