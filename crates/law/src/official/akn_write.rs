//! Akoma Ntoso 1.0 (OASIS, namespace `…/akn/3.0`): an `act` with chapters, sections, articles, paragraphs,
//! lists and points. Element identifiers follow the OASIS naming convention (`art_17__para_1__list_1__point_2`).

use super::{Article, Block, OfficialText, Paragraph};
use crate::export::Identity;
use std::fmt::Write as _;

/// Namespace of Akoma Ntoso 1.0; OASIS kept the number 3.0 of the tradition before it.
pub(super) const NAMESPACE: &str = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0";
/// Namespace of the front matter, which Akoma Ntoso keeps under `proprietary`.
pub(super) const FRONT_MATTER: &str = "urn:gongdao:front-matter:1";

/// The text as an XML document.
pub(crate) fn write(text: &OfficialText, identity: &Identity) -> String {
    let mut xml = Xml { text: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"), open: Vec::new() };
    xml.open("akomaNtoso", &[("xmlns", NAMESPACE)]);
    xml.open("act", &[("name", "act"), ("contains", "originalVersion")]);
    meta(&mut xml, text, identity);
    preface(&mut xml, text);
    xml.open("body", &[]);
    Body { xml: &mut xml, containers: Vec::new(), chapters: 0, loose: 0 }.blocks(&text.blocks);
    xml.close_all();
    xml.text
}

fn meta(xml: &mut Xml, text: &OfficialText, identity: &Identity) {
    let work = format!("/akn/{}/act/{}/{}", identity.country, identity.date, identity.slug);
    let expression = format!("{work}/zho@{}", identity.version);
    xml.open("meta", &[]);
    xml.open("identification", &[("source", "#editor")]);
    for (element, this) in [
        ("FRBRWork", work.clone()),
        ("FRBRExpression", expression.clone()),
        ("FRBRManifestation", format!("{expression}.xml")),
    ] {
        let is_work = element == "FRBRWork";
        let date = if is_work { &identity.date } else { &identity.version };
        xml.open(element, &[]);
        xml.empty("FRBRthis", &[("value", &format!("{this}/!main"))]);
        xml.empty("FRBRuri", &[("value", &this)]);
        xml.empty("FRBRdate", &[("date", date), ("name", if is_work { "promulgated" } else { "version" })]);
        xml.empty("FRBRauthor", &[("href", if is_work { "#issuer" } else { "#editor" })]);
        match element {
            "FRBRWork" => xml.empty("FRBRcountry", &[("value", &identity.country)]),
            "FRBRExpression" => xml.empty("FRBRlanguage", &[("language", "zho")]),
            _ => {}
        }
        xml.close();
    }
    xml.close();
    xml.open("references", &[("source", "#editor")]);
    let issuer = text.front("issuer").unwrap_or(&identity.issuer);
    for (id, name) in [("issuer", issuer), ("editor", "gongdao")] {
        xml.empty(
            "TLCOrganization",
            &[("eId", id), ("href", &format!("/ontology/organization/{id}")), ("showAs", name)],
        );
    }
    xml.close();
    if !text.front_matter.is_empty() {
        xml.open("proprietary", &[("source", "#editor"), ("xmlns:front", FRONT_MATTER)]);
        for (key, value) in &text.front_matter {
            xml.line("front:entry", &[("key", key)], value);
        }
        xml.close();
    }
    xml.close();
}

fn preface(xml: &mut Xml, text: &OfficialText) {
    xml.open("preface", &[]);
    xml.open("longTitle", &[]);
    xml.open("p", &[]);
    xml.line("docTitle", &[], &text.title);
    xml.close();
    xml.close();
    text.preamble.iter().for_each(|paragraph| xml.line("p", &[], paragraph));
    xml.close();
}

/// The body: headings open containers, which close at the next heading of the same level or a higher one.
struct Body<'a> {
    xml: &'a mut Xml,
    /// Level, identifier, how many containers it has, whether anything stands in it yet.
    containers: Vec<(u8, String, usize, bool)>,
    chapters: usize,
    loose: usize,
}

impl Body<'_> {
    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Heading { level, text } => self.heading(*level, text),
                Block::Article(article) => {
                    self.fill();
                    self.article(article);
                }
                Block::Text(text) => {
                    self.fill();
                    self.loose += 1;
                    let id = format!("text_{}", self.loose);
                    self.xml.open("hcontainer", &[("name", "text"), ("eId", &id)]);
                    self.content(&[text]);
                    self.xml.close();
                }
            }
        }
        if blocks.is_empty() {
            // A body needs something in it.
            self.xml.open("hcontainer", &[("name", "empty"), ("eId", "text_0")]);
            self.content(&[]);
            self.xml.close();
        }
        self.close_from(0);
    }

    fn fill(&mut self) {
        if let Some((.., filled)) = self.containers.last_mut() {
            *filled = true;
        }
    }

    fn heading(&mut self, level: u8, text: &str) {
        self.close_from(level);
        self.fill();
        let (prefix, number) = if let Some((_, id, children, _)) = self.containers.last_mut() {
            *children += 1;
            (format!("{id}__"), *children)
        } else {
            self.chapters += 1;
            (String::new(), self.chapters)
        };
        let depth = self.containers.len();
        let (element, short) = match depth {
            0 => ("chapter", "chp"),
            1 => ("section", "sec"),
            _ => ("hcontainer", "hcontainer"),
        };
        let (id, class) = (format!("{prefix}{short}_{number}"), format!("level-{level}"));
        let mut attributes = vec![("eId", id.as_str())];
        if depth > 1 {
            attributes.insert(0, ("name", "part"));
        }
        // Only a level that the nesting does not say already.
        if usize::from(level) != depth + 2 {
            attributes.push(("class", &class));
        }
        self.xml.open(element, &attributes);
        match text.split_once(' ') {
            Some((num, heading)) if num.starts_with('第') => {
                self.xml.line("num", &[], num);
                self.xml.line("heading", &[], heading);
            }
            _ => self.xml.line("heading", &[], text),
        }
        self.containers.push((level, id, 0, false));
    }

    /// Close the containers of a level and below.
    fn close_from(&mut self, level: u8) {
        while let Some((open, _, _, filled)) = self.containers.last() {
            if *open < level {
                break;
            }
            if !filled {
                self.content(&[]);
            }
            self.containers.pop();
            self.xml.close();
        }
    }

    fn article(&mut self, article: &Article) {
        let id = format!("art_{}", article.number);
        self.xml.open("article", &[("eId", &id)]);
        self.xml.line("num", &[], &article.mark);
        for (index, paragraph) in article.paragraphs.iter().enumerate() {
            self.paragraph(paragraph, &format!("{id}__para_{}", index + 1));
        }
        self.xml.close();
    }

    fn paragraph(&mut self, paragraph: &Paragraph, id: &str) {
        self.xml.open("paragraph", &[("eId", id)]);
        if paragraph.items.is_empty() {
            self.content(&[&paragraph.text]);
        } else {
            let list = format!("{id}__list_1");
            self.xml.open("list", &[("eId", &list)]);
            self.xml.open("intro", &[]);
            self.xml.line("p", &[], &paragraph.text);
            self.xml.close();
            for (index, item) in paragraph.items.iter().enumerate() {
                self.xml.open("point", &[("eId", &format!("{list}__point_{}", index + 1))]);
                self.xml.line("num", &[], &item.mark);
                self.content(&[&item.text]);
                self.xml.close();
            }
            self.xml.close();
        }
        self.xml.close();
    }

    fn content(&mut self, paragraphs: &[&str]) {
        self.xml.open("content", &[]);
        if paragraphs.is_empty() {
            self.xml.empty("p", &[]);
        }
        for text in paragraphs {
            self.xml.line("p", &[], text);
        }
        self.xml.close();
    }
}

/// Lines of XML, indented, their texts escaped.
struct Xml {
    text: String,
    open: Vec<&'static str>,
}

impl Xml {
    fn indent(&mut self) {
        let depth = self.open.len();
        self.text.extend(std::iter::repeat_n("  ", depth));
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.indent();
        let _ = write!(self.text, "<{name}");
        for (key, value) in attributes {
            let _ = write!(self.text, " {key}=\"{}\"", escaped(value));
        }
    }

    fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push_str(">\n");
        self.open.push(name);
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push_str("/>\n");
    }

    fn line(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.tag(name, attributes);
        let _ = writeln!(self.text, ">{}</{name}>", escaped(text));
    }

    fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            let _ = writeln!(self.text, "</{name}>");
        }
    }

    fn close_all(&mut self) {
        while !self.open.is_empty() {
            self.close();
        }
    }
}

/// Text for XML. Control characters do not get here: no reader lets them in.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
