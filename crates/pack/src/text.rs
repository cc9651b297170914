//! Imported official texts: their articles, and the digests by which provisions are tied to them.

use crate::lock::digest;
use crate::{InstrumentPack, Packs, Problem, Severity};
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
    if let Ok(number) = text.parse() {
        return Some(number);
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

fn check_pack(pack: &InstrumentPack, texts: &Path) -> Vec<Problem> {
    let articles = match articles_of(pack, texts) {
        Ok(Some(articles)) => articles,
        Ok(None) => return Vec::new(),
        Err(problem) => return vec![*problem],
    };
    let file = pack.folder.join("provisions.toml");
    let mut problems = Vec::new();
    for provision in &pack.provisions {
        let found = articles.get(provision.id.article());
        let (message, hint) = match (found, &provision.digest) {
            (None, _) => (
                format!("the imported text has no article {}, which `{}` cites", provision.id.article(), provision.id),
                "correct the number, or import the whole text",
            ),
            (Some(_), None) => (
                format!("`{}` has no digest of its article", provision.id),
                "run `gongdao pack digests --texts DIR --write`",
            ),
            (Some(found), Some(kept)) if found != kept => (
                format!("article {} is not the one that `{}` was written for", provision.id.article(), provision.id),
                "read the new text, correct the provision, then run `gongdao pack digests --texts DIR --write`",
            ),
            _ => continue,
        };
        problems.push(Problem::error(&file, Some(provision.line), message).hint(hint));
    }
    problems
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
        Err(error) => Err(refuse(format!("cannot read the imported text `{name}`: {error}"))),
    }
}

/// `provisions.toml` of a pack with the digests of the imported text in it; none where nothing changes.
///
/// Each digest stands on its own line right after the provision's `id`; other lines stay as they are.
pub fn with_digests(pack: &InstrumentPack, provisions: &str, texts: &Path) -> Result<Option<String>, Vec<Problem>> {
    let articles = match articles_of(pack, texts) {
        Ok(Some(articles)) => articles,
        Ok(None) => return Ok(None),
        Err(problem) => return Err(vec![*problem]),
    };
    let missing: Vec<Problem> = check_pack(pack, texts).into_iter().filter(is_missing_article).collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let by_line: BTreeMap<usize, &String> = pack
        .provisions
        .iter()
        .filter_map(|provision| Some((provision.line, articles.get(provision.id.article())?)))
        .collect();
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

fn is_missing_article(problem: &Problem) -> bool {
    problem.severity == Severity::Error && problem.message.starts_with("the imported text has no article")
}
