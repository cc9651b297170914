//! Markdown with front matter: one line a paragraph, `#` the title, `##` chapters, 第…条 begins an article.

use super::{Article, Block, LARGEST_BYTES, OfficialText, Paragraph, article_number, front_matter, item, normal};
use crate::LawError;
use std::collections::BTreeSet;

pub(super) fn read(text: &str) -> Result<OfficialText, LawError> {
    if text.len() > LARGEST_BYTES {
        return Err(LawError::new("the text is larger than 8 MiB", "import one instrument a file"));
    }
    let unified = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let (front_matter, body, first) = front_matter::split(&unified)?;
    let mut reader =
        Reader { text: OfficialText { front_matter, ..OfficialText::default() }, seen: BTreeSet::new(), open: false };
    for (index, line) in body.lines().enumerate() {
        reader.line(line).map_err(|error| error.at(first + index))?;
    }
    reader.finish()
}

struct Reader {
    text: OfficialText,
    seen: BTreeSet<String>,
    /// Whether the last block is an article that goes on.
    open: bool,
}

impl Reader {
    fn line(&mut self, raw: &str) -> Result<(), LawError> {
        if raw.chars().any(|c| c.is_control() && c != '\t') {
            return Err(LawError::new("the line has a control character", "save the text without it"));
        }
        let line = normal(raw);
        if line.is_empty() {
            return Ok(());
        }
        if raw.starts_with('#') {
            return self.heading(&line);
        }
        if let Some((mark, number, rest)) = begins_article(&line) {
            return self.article(mark, number, rest);
        }
        self.paragraph(&line);
        Ok(())
    }

    fn heading(&mut self, line: &str) -> Result<(), LawError> {
        let text = line.trim_start_matches('#');
        let level = line.len() - text.len();
        let text = text.trim();
        let level = u8::try_from(level).ok().filter(|level| (1..=6).contains(level) && !text.is_empty());
        let Some(level) = level else {
            return Err(LawError::new(
                "a heading is empty or deeper than six levels",
                "write it like `## 第一章 总则`",
            ));
        };
        self.open = false;
        if level == 1 && self.text.title.is_empty() && self.text.blocks.is_empty() && self.text.preamble.is_empty() {
            text.clone_into(&mut self.text.title);
            return Ok(());
        }
        if level == 1 {
            return Err(LawError::new("a second title", "one file holds one instrument; chapters begin with `##`"));
        }
        self.text.blocks.push(Block::Heading { level, text: text.to_owned() });
        Ok(())
    }

    fn article(&mut self, mark: &str, number: String, rest: &str) -> Result<(), LawError> {
        if !self.seen.insert(number.clone()) {
            let message = format!("article {number} stands twice");
            return Err(LawError::new(message, "keep one of them, or put the amended text into a file of its own"));
        }
        let paragraphs =
            if rest.is_empty() { Vec::new() } else { vec![Paragraph { text: rest.to_owned(), items: Vec::new() }] };
        self.text.blocks.push(Block::Article(Article { number, mark: mark.to_owned(), paragraphs }));
        self.open = true;
        Ok(())
    }

    fn paragraph(&mut self, line: &str) {
        match self.text.blocks.last_mut() {
            Some(Block::Article(article)) if self.open => match (item(line), article.paragraphs.last_mut()) {
                (Some(item), Some(paragraph)) => paragraph.items.push(item),
                _ => article.paragraphs.push(Paragraph { text: line.to_owned(), items: Vec::new() }),
            },
            None => self.text.preamble.push(line.to_owned()),
            Some(_) => self.text.blocks.push(Block::Text(line.to_owned())),
        }
    }

    fn finish(self) -> Result<OfficialText, LawError> {
        if self.text.title.is_empty() {
            return Err(LawError::new("the text has no title", "begin it with a line like `# 中华人民共和国劳动法`"));
        }
        if self.text.blocks.is_empty() && self.text.preamble.is_empty() {
            return Err(LawError::new("the text has a title and nothing below it", "put the text below its title"));
        }
        let empty = self.text.articles().find(|article| article.paragraphs.is_empty());
        if let Some(number) = empty.map(|article| article.number.clone()) {
            return Err(LawError::new(format!("article {number} has no text"), "put its text after its mark"));
        }
        Ok(self.text)
    }
}

/// `第十七条 …`: the mark, its number, the rest. A reference in running text is no mark: after a mark comes white space.
fn begins_article(line: &str) -> Option<(&str, String, &str)> {
    let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
    Some((mark, article_number(mark)?, rest))
}

pub(super) fn write(text: &OfficialText) -> String {
    let mut markdown = front_matter::write(&text.front_matter);
    let mut line = |text: &str| {
        markdown.push_str(text);
        markdown.push_str("\n\n");
    };
    line(&format!("# {}", text.title));
    text.preamble.iter().for_each(|paragraph| line(paragraph));
    for block in &text.blocks {
        match block {
            Block::Heading { level, text } => line(&format!("{} {text}", "#".repeat(usize::from(*level)))),
            Block::Article(article) => article.lines().iter().for_each(|text| line(text)),
            Block::Text(text) => line(text),
        }
    }
    // One line end closes the file.
    markdown.pop();
    markdown
}
