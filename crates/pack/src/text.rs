//! Imported official texts: their articles, and the digests by which provisions are tied to them.

use crate::lock::digest;
use crate::snapshot::in_words;
use crate::{InstrumentPack, Packs, Problem, Provision};
use gongdao_model::ProvisionId;
use std::collections::BTreeMap;
use std::path::Path;

/// Articles of an official text by number (`24`), each with its digest.
///
/// An article runs from its mark 第…条 at the beginning of a line to the next mark or heading (`#`). White space does
/// not count.
pub fn article_digests(text: &str) -> BTreeMap<String, String> {
    let mut articles: BTreeMap<String, String> = BTreeMap::new();
    let mut current = None;
    for line in body(text).lines() {
        if line.starts_with('#') {
            current = None;
        } else if let Some(number) = article_number(line.trim_start()) {
            current = Some(number);
        }
        if let Some(number) = &current {
            articles.entry(number.clone()).or_default().extend(line.chars().filter(|c| !c.is_whitespace()));
        }
    }
    articles.into_iter().map(|(number, text)| (number, digest(&text))).collect()
}

/// The text after its YAML front matter, if it has one.
fn body(text: &str) -> &str {
    let after = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    after.map_or(text, |(_, body)| body)
}

/// The number in an article's mark at the beginning of a line: 第二十四条 gives `24`. A reference in running text is
/// no mark: after a mark comes white space.
fn article_number(line: &str) -> Option<String> {
    let (number, rest) = line.strip_prefix('第')?.split_once('条')?;
    if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
        return None;
    }
    chinese_number(number).map(|number| number.to_string())
}

/// A number below ten thousand in Chinese numerals or digits.
fn chinese_number(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().filter(|number| *number > 0);
    }
    let (mut total, mut digit) = (0, 0);
    for character in text.chars() {
        let unit = match character {
            '十' => 10,
            '百' => 100,
            '千' => 1000,
            '零' | '〇' => {
                digit = 0;
                continue;
            }
            _ => {
                let value = "一二三四五六七八九".chars().position(|known| known == character)?;
                digit = u32::try_from(value).ok()? + 1;
                continue;
            }
        };
        // 十 alone is ten: no digit before it.
        total += unit * if digit == 0 { 1 } else { digit };
        digit = 0;
    }
    Some(total + digit).filter(|number| *number > 0)
}

/// Compare every provision's digest with the imported texts in `texts`.
pub fn check_texts(packs: &Packs, texts: &Path) -> Vec<Problem> {
    packs.instruments.iter().flat_map(|pack| check_pack(pack, texts)).collect()
}

/// A provision's digest as kept in its pack, and as found in the imported text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleDigest {
    /// The provision.
    pub provision: ProvisionId,
    /// Line of its identifier in `provisions.toml`.
    pub line: usize,
    /// What the pack says.
    pub kept: Option<String>,
    /// What the text gives; none where it has no such article.
    pub found: Option<String>,
}

/// The digests of one pack beside those of its imported text; empty where the pack names no text.
pub fn digests(pack: &InstrumentPack, texts: &Path) -> Result<Vec<ArticleDigest>, Box<Problem>> {
    let Some(articles) = articles_of(pack, texts)? else { return Ok(Vec::new()) };
    let row = |provision: &Provision| ArticleDigest {
        provision: provision.id.clone(),
        line: provision.line,
        kept: provision.digest.clone(),
        found: articles.get(provision.id.article()).cloned(),
    };
    Ok(pack.provisions.iter().map(row).collect())
}

fn check_pack(pack: &InstrumentPack, texts: &Path) -> Vec<Problem> {
    let rows = match digests(pack, texts) {
        Ok(rows) => rows,
        Err(problem) => return vec![*problem],
    };
    let file = pack.folder.join("provisions.toml");
    let mut problems = Vec::new();
    for row in rows {
        let (provision, article) = (&row.provision, row.provision.article());
        let (message, hint) = match (&row.found, &row.kept) {
            (None, _) => {
                problems.push(missing_article(&file, &row));
                continue;
            }
            (Some(_), None) => (
                format!("`{provision}` has no digest of its article"),
                "run `gongdao pack digests --texts DIR --write`",
            ),
            (Some(found), Some(kept)) if found != kept => (
                format!("article {article} is not the one that `{provision}` was written for"),
                "read the new text, correct the provision, then run `gongdao pack digests --texts DIR --write`",
            ),
            _ => continue,
        };
        problems.push(Problem::error(&file, Some(row.line), message).hint(hint));
    }
    problems
}

fn missing_article(file: &Path, row: &ArticleDigest) -> Problem {
    let message =
        format!("the imported text has no article {}, which `{}` cites", row.provision.article(), row.provision);
    Problem::error(file, Some(row.line), message).hint("correct the number, or import the whole text")
}

/// The articles of a pack's imported text; none where the pack names no text.
fn articles_of(pack: &InstrumentPack, texts: &Path) -> Result<Option<BTreeMap<String, String>>, Box<Problem>> {
    let Some(name) = &pack.instrument.text else { return Ok(None) };
    let refuse = |message: String| {
        let problem = Problem::error(pack.folder.join("instrument.toml"), None, message);
        Box::new(problem.hint("name the folder of the imported texts, and the file in `text`"))
    };
    match std::fs::read_to_string(texts.join(name)) {
        Ok(text) => Ok(Some(article_digests(&text))),
        Err(error) => Err(refuse(format!("cannot read the imported text `{name}`: {}", in_words(&error)))),
    }
}

/// `provisions.toml` of a pack with the digests of the imported text in it; none where nothing changes.
///
/// Each digest stands on its own line right after the provision's `id`; other lines stay as they are.
pub fn with_digests(pack: &InstrumentPack, provisions: &str, texts: &Path) -> Result<Option<String>, Vec<Problem>> {
    let rows = digests(pack, texts).map_err(|problem| vec![*problem])?;
    if rows.is_empty() {
        return Ok(None);
    }
    let file = pack.folder.join("provisions.toml");
    let missing: Vec<Problem> =
        rows.iter().filter(|row| row.found.is_none()).map(|row| missing_article(&file, row)).collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let by_line: BTreeMap<usize, &String> =
        rows.iter().filter_map(|row| Some((row.line, row.found.as_ref()?))).collect();
    let mut written = String::with_capacity(provisions.len());
    for (index, line) in provisions.lines().enumerate() {
        if line.starts_with("digest = ") {
            continue;
        }
        written.push_str(line);
        written.push('\n');
        if let Some(digest) = by_line.get(&(index + 1)) {
            written.push_str("digest = \"");
            written.push_str(digest);
            written.push_str("\"\n");
        }
    }
    Ok(Some(written).filter(|written| written != provisions))
}
