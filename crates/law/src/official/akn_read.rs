//! Akoma Ntoso into an official text. What statutes do not have is refused with its line, not dropped: a text with a
//! hole in it would look whole.

use super::akn_write::{FRONT_MATTER, NAMESPACE};
use super::{Article, Block, Item, LARGEST_BYTES, OfficialText, Paragraph, article_number, normal};
use crate::LawError;
use roxmltree::{Document, Node, ParsingOptions};

/// Chapters within parts within books: no statute goes deeper than this.
const DEEPEST: u8 = 12;
/// An eight-megabyte text has fewer; more is an attack on memory.
const MOST_NODES: u32 = 500_000;
/// Containers that become headings.
const CONTAINERS: [&str; 10] = [
    "book",
    "part",
    "title",
    "chapter",
    "section",
    "subsection",
    "subchapter",
    "division",
    "subdivision",
    "hcontainer",
];

pub(super) fn read(text: &str) -> Result<OfficialText, LawError> {
    if text.len() > LARGEST_BYTES {
        return Err(LawError::new("the text is larger than 8 MiB", "import one instrument a file"));
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let line = usize::try_from(error.pos().row).unwrap_or(1);
        LawError::new(
            format!("no well-formed XML: {error}"),
            "take document type declarations out, and mend the markup",
        )
        .at(line)
    })?;
    let root = document.root_element();
    if !root.has_tag_name((NAMESPACE, "akomaNtoso")) {
        let message = format!("the root is not `akomaNtoso` of the namespace `{NAMESPACE}`");
        return Err(fault(root, message, "convert the text to Akoma Ntoso 1.0 (the namespace of version 3.0)"));
    }
    let act =
        root.children().find(|child| child.is_element() && ["act", "bill", "doc"].contains(&child.tag_name().name()));
    let act = act.ok_or_else(|| fault(root, "there is no `act` in it", "one file holds one act"))?;
    let text = Reader::default().act(act)?;
    // What was read must be what Markdown can hold, or the text that is kept would not be the one that was imported.
    match OfficialText::from_markdown(&text.to_markdown()) {
        Ok(again) if again == text => Ok(text),
        Ok(_) => Err(fault(
            act,
            "a paragraph stands outside its article, or looks like a mark or a heading",
            "put each paragraph where it belongs",
        )),
        Err(error) => Err(LawError { line: None, ..error }),
    }
}

#[derive(Default)]
struct Reader {
    text: OfficialText,
}

impl Reader {
    fn act(mut self, act: Node<'_, '_>) -> Result<OfficialText, LawError> {
        for child in elements(act) {
            match child.tag_name().name() {
                "meta" => self.front_matter(child)?,
                "preface" | "preamble" | "coverPage" => self.preface(child),
                "body" | "mainBody" => self.children(child, 0)?,
                "conclusions" => self.text.blocks.extend(paragraphs(child).into_iter().map(Block::Text)),
                name => return Err(unknown(child, name, "an act")),
            }
        }
        if self.text.title.is_empty() {
            return Err(fault(act, "there is no `docTitle` in it", "put the title into the preface"));
        }
        Ok(self.text)
    }

    fn front_matter(&mut self, meta: Node<'_, '_>) -> Result<(), LawError> {
        for entry in meta.descendants().filter(|node| node.has_tag_name((FRONT_MATTER, "entry"))) {
            let key = entry.attribute("key").unwrap_or_default();
            if key.is_empty() || self.text.front(key).is_some() {
                return Err(fault(entry, "an entry of the front matter has no key of its own", "give each one key"));
            }
            self.text.front_matter.push((key.to_owned(), flat(entry)));
        }
        Ok(())
    }

    fn preface(&mut self, preface: Node<'_, '_>) {
        let title = preface.descendants().find(|node| node.has_tag_name((NAMESPACE, "docTitle")));
        if let Some(title) = title.filter(|_| self.text.title.is_empty()) {
            self.text.title = flat(title);
        }
        let others = preface.descendants().filter(|node| is(*node, "p"));
        let others = others.filter(|p| !p.descendants().any(|inner| is(inner, "docTitle")));
        self.text.preamble.extend(others.map(flat).filter(|text| !text.is_empty()));
    }

    fn children(&mut self, parent: Node<'_, '_>, depth: u8) -> Result<(), LawError> {
        if depth > DEEPEST {
            return Err(fault(
                parent,
                "the text is nested too deeply",
                "statutes have books, parts, chapters and sections",
            ));
        }
        for child in elements(parent) {
            match child.tag_name().name() {
                "num" | "heading" if CONTAINERS.contains(&parent.tag_name().name()) => {}
                "article" => self.article(child)?,
                name if CONTAINERS.contains(&name) => self.container(child, depth)?,
                "content" | "intro" | "wrapUp" | "p" => {
                    self.text.blocks.extend(paragraphs(child).into_iter().map(Block::Text));
                }
                name => return Err(unknown(child, name, "a body")),
            }
        }
        Ok(())
    }

    fn container(&mut self, container: Node<'_, '_>, depth: u8) -> Result<(), LawError> {
        let words: Vec<String> = ["num", "heading"].iter().filter_map(|name| part(container, name)).collect();
        let inner = if words.is_empty() {
            depth
        } else {
            let kept = container.attribute("class").and_then(|class| class.strip_prefix("level-")?.parse().ok());
            let level = kept.unwrap_or_else(|| depth.saturating_add(2)).clamp(2, 6);
            self.text.blocks.push(Block::Heading { level, text: words.join(" ") });
            depth.saturating_add(1)
        };
        self.children(container, inner)
    }

    fn article(&mut self, article: Node<'_, '_>) -> Result<(), LawError> {
        let mark =
            part(article, "num").ok_or_else(|| fault(article, "an article has no `num`", "give it its mark 第…条"))?;
        let number = article_number(&mark).ok_or_else(|| {
            fault(article, format!("`{mark}` is not the mark of an article"), "write it like 第十七条")
        })?;
        let mut kept = Article { number, mark, paragraphs: Vec::new() };
        for child in elements(article) {
            match child.tag_name().name() {
                "num" => {}
                "paragraph" | "alinea" | "subparagraph" => paragraph(child, &mut kept)?,
                "content" | "intro" | "wrapUp" | "list" => contents(child, &mut kept)?,
                name => return Err(unknown(child, name, "an article")),
            }
        }
        if kept.paragraphs.is_empty() {
            return Err(fault(article, format!("{} has no text", kept.mark), "put its text into a paragraph"));
        }
        self.text.blocks.push(Block::Article(kept));
        Ok(())
    }
}

fn paragraph(node: Node<'_, '_>, article: &mut Article) -> Result<(), LawError> {
    for child in elements(node) {
        match child.tag_name().name() {
            "content" | "intro" | "wrapUp" | "list" => contents(child, article)?,
            name => return Err(unknown(child, name, "a paragraph")),
        }
    }
    Ok(())
}

/// A content, or a list with its points.
fn contents(node: Node<'_, '_>, article: &mut Article) -> Result<(), LawError> {
    let text = |text: String| Paragraph { text, items: Vec::new() };
    if node.tag_name().name() != "list" {
        article.paragraphs.extend(paragraphs(node).into_iter().map(text));
        return Ok(());
    }
    for child in elements(node) {
        match child.tag_name().name() {
            "intro" | "wrapUp" => article.paragraphs.extend(paragraphs(child).into_iter().map(text)),
            "point" | "item" => {
                let item = point(child)?;
                let paragraph = article.paragraphs.last_mut();
                paragraph
                    .ok_or_else(|| fault(child, "a list has no introduction", "put its first sentence into `intro`"))?
                    .items
                    .push(item);
            }
            name => return Err(unknown(child, name, "a list")),
        }
    }
    Ok(())
}

fn point(node: Node<'_, '_>) -> Result<Item, LawError> {
    let (mut mark, mut text) = (String::new(), Vec::new());
    for child in elements(node) {
        match child.tag_name().name() {
            "num" => mark = flat(child),
            "content" => text.extend(paragraphs(child)),
            name => return Err(unknown(child, name, "a point")),
        }
    }
    match super::item(&mark) {
        Some(_) if text.len() == 1 => Ok(Item { mark, text: text.concat() }),
        Some(_) => Err(fault(node, "a point has not exactly one paragraph", "split it, or join them")),
        None => Err(fault(node, format!("`{mark}` is not the mark of an item"), "write it like （一）")),
    }
}

/// The texts of the `p` elements in a node, or of itself; empty ones are left out.
fn paragraphs(node: Node<'_, '_>) -> Vec<String> {
    node.descendants().filter(|inner| is(*inner, "p")).map(flat).filter(|text| !text.is_empty()).collect()
}

fn part(node: Node<'_, '_>, name: &str) -> Option<String> {
    elements(node).find(|child| is(*child, name)).map(flat).filter(|text| !text.is_empty())
}

/// All text in a node, inline markup flattened.
fn flat(node: Node<'_, '_>) -> String {
    normal(&node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect::<String>())
}

fn elements<'a, 'input>(node: Node<'a, 'input>) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(Node::is_element)
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.has_tag_name((NAMESPACE, name))
}

fn unknown(node: Node<'_, '_>, name: &str, within: &str) -> LawError {
    fault(
        node,
        format!("`{name}` in {within} is not read"),
        "use chapters, sections, articles, paragraphs, lists and points",
    )
}

fn fault(node: Node<'_, '_>, message: impl Into<String>, hint: &str) -> LawError {
    let row = node.document().text_pos_at(node.range().start).row;
    LawError::new(message, hint).at(usize::try_from(row).unwrap_or(1))
}
