//! Provisions as people cite them: one wording for reports, for the command line and for whatever comes later.

use crate::Instrument;
use gongdao_model::ProvisionId;
use std::fmt::Write as _;

impl Instrument {
    /// A provision of it, cited in Chinese: `《个人信息保护法》第24条第1款`.
    pub fn cite_zh(&self, provision: &ProvisionId) -> String {
        cite_zh(&self.title_zh, &self.level, provision)
    }

    /// A provision of it, cited in English: `Personal Information Protection Law, art. 24(1)`.
    pub fn cite_en(&self, provision: &ProvisionId) -> String {
        cite_en(&self.title_en, &self.level, provision)
    }
}

/// `《个人信息保护法》第24条第1款`, from the instrument's Chinese title and its level.
pub fn cite_zh(title: &str, level: &str, provision: &ProvisionId) -> String {
    let mut text = format!("《{}》", short_title(title));
    let article = provision.article();
    if !has_number(provision) {
        return by_subject(text, article, "〔", "〕");
    }
    // Writing into a string cannot fail.
    let _ = if by_item(level) { write!(text, "第{article}项") } else { write!(text, "第{article}条") };
    for (part, counter) in provision.parts().zip(["款", "项"]) {
        let _ = if by_item(level) { write!(text, "({part})") } else { write!(text, "第{part}{counter}") };
    }
    text
}

/// `Personal Information Protection Law, art. 24(1)`, from the instrument's English title and its level.
pub fn cite_en(title: &str, level: &str, provision: &ProvisionId) -> String {
    if !has_number(provision) {
        return by_subject(title.to_owned(), provision.article(), " (", ")");
    }
    let word = if by_item(level) { "item" } else { "art." };
    let mut text = format!("{title}, {word} {}", provision.article());
    for part in provision.parts() {
        let _ = write!(text, "({part})");
    }
    text
}

/// A text whose articles are not known is cited by its subjects, or as a whole: the name in the identifier.
fn has_number(provision: &ProvisionId) -> bool {
    provision.article().starts_with(|first: char| first.is_ascii_digit())
}

fn by_subject(title: String, subject: &str, open: &str, close: &str) -> String {
    if subject == "whole" { title } else { format!("{title}{open}{subject}{close}") }
}

/// Laws, rules and the measures below them have articles, paragraphs and items; policy documents and lists of principles have
/// items only.
fn by_item(level: &str) -> bool {
    matches!(level, "policy document" | "ethical principles")
}

/// The title as cited in Chinese: without the state's name and without marks of its own.
fn short_title(title: &str) -> &str {
    let bare = title.trim_start_matches('《').trim_end_matches('》');
    bare.strip_prefix("中华人民共和国").unwrap_or(bare)
}

#[cfg(test)]
mod tests {
    use super::{cite_en, cite_zh};

    fn check(title: [&str; 2], level: &str, provision: &str, zh: &str, en: &str) {
        let provision = provision.parse().unwrap();
        assert_eq!(cite_zh(title[0], level, &provision), zh);
        assert_eq!(cite_en(title[1], level, &provision), en);
    }

    #[test]
    fn provisions_are_cited_as_each_language_does_it() {
        let law = ["中华人民共和国劳动法", "Labour Law"];
        check(law, "law", "cn.labour-law/36", "《劳动法》第36条", "Labour Law, art. 36");
        check(law, "law", "cn.labour-law/44/1/2", "《劳动法》第44条第1款第2项", "Labour Law, art. 44(1)(2)");
        let measures = ["《标识办法》", "Labelling Measures"];
        let (zh, en) = ("《标识办法》第6条第1款第2项", "Labelling Measures, art. 6(1)(2)");
        check(measures, "normative document", "cn.labelling-measures/6/1/2", zh, en);
        let opinions = ["《指导意见》", "Guiding Opinions"];
        check(opinions, "policy document", "cn.doc-56/4", "《指导意见》第4项", "Guiding Opinions, item 4");
        let local = ["上海市促进人工智能产业发展条例", "Shanghai Regulations"];
        let zh = "《上海市促进人工智能产业发展条例》";
        check(local, "local regulation", "cn.shanghai-ai/whole", zh, "Shanghai Regulations");
        check(
            local,
            "local regulation",
            "cn.shanghai-ai/sandbox",
            &format!("{zh}〔sandbox〕"),
            "Shanghai Regulations (sandbox)",
        );
        check(opinions, "policy document", "cn.doc-56/4/1", "《指导意见》第4项(1)", "Guiding Opinions, item 4(1)");
    }
}
