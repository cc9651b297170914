//! A list of provisions outside of the packs, one a line, that the packs are held against.
//!
//! In: a Markdown text whose items are eleven fields separated by ` · `: instrument, reference, who owes, to whom, kind,
//! statement, trigger, deadline, exceptions, notes, status. Out: each item with the parts of articles that its reference
//! names. Only the first two fields are read; whatever is no item is passed over.

use crate::Problem;
use gongdao_model::InstrumentId;
use std::path::Path;

const FIELDS: usize = 11;

/// The items of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisionList {
    /// In the file's order.
    pub lines: Vec<ListedLine>,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedLine {
    /// 1-based line in the file.
    pub line: usize,
    /// The instruments that it speaks of; nearly always one.
    pub instruments: Vec<InstrumentId>,
    /// The reference as written: `art.17(1)`.
    pub reference: String,
    /// What it names, as in identifiers: `17/1`. Empty: the instrument as a whole.
    pub targets: Vec<String>,
}

impl ProvisionList {
    /// Read a list; `jurisdiction` is put before the names of its instruments: `cn` makes `cn.pipl` of `pipl`.
    pub fn read(file: &Path, text: &str, jurisdiction: &str) -> Result<Self, Vec<Problem>> {
        let mut lines = Vec::new();
        let mut problems = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let Some(item) = line.strip_prefix("- ") else { continue };
            let fields: Vec<&str> = item.split(" · ").collect();
            // A note or a heading's bullet is no item; something in between is a slip.
            let [instruments, reference, rest @ ..] = fields.as_slice() else { continue };
            let at = Some(index + 1);
            if rest.len() + 2 != FIELDS {
                let problem = Problem::error(file, at, format!("the line has {} fields", fields.len()));
                problems.push(problem.hint("separate eleven fields by ` · `"));
                continue;
            }
            match instruments_of(instruments, jurisdiction) {
                Ok(instruments) => lines.push(ListedLine {
                    line: index + 1,
                    instruments,
                    reference: (*reference).to_owned(),
                    targets: targets(reference),
                }),
                Err(message) => {
                    problems.push(Problem::error(file, at, message).hint("name instruments by their identifiers"));
                }
            }
        }
        if lines.is_empty() && problems.is_empty() {
            let problem = Problem::error(file, None, "the file lists no provision");
            problems.push(problem.hint("each line begins with `- ` and has eleven fields separated by ` · `"));
        }
        if problems.is_empty() { Ok(Self { lines }) } else { Err(problems) }
    }
}

/// `pipl`, or several with remarks in brackets: `aidp-2017, ethical-norms-2021 (25 articles)`.
fn instruments_of(field: &str, jurisdiction: &str) -> Result<Vec<InstrumentId>, String> {
    let names = field.split(',').map(|name| name.split_once('(').map_or(name, |(name, _)| name).trim());
    let ids = names.map(|name| format!("{jurisdiction}.{name}").parse::<InstrumentId>().map_err(|error| error.message));
    ids.collect()
}

/// The parts that a reference names: `art.22(3), 41–43 of the 2016 text` names `22/3`, `41`, `42`, `43`. Brackets after an
/// article are its paragraph, then the item. What is no article names the whole.
fn targets(reference: &str) -> Vec<String> {
    let reference = reference.trim();
    let marks = ["articles ", "arts ", "art.", "items ", "item ", "s."];
    let Some(rest) = marks.iter().find_map(|mark| reference.strip_prefix(mark)) else { return Vec::new() };
    // Words end the numbers: ` of the 2016 text`, ` (pay)`.
    let numbers = rest.trim_start();
    let end = numbers.find(|c: char| c.is_alphabetic()).unwrap_or(numbers.len());
    let numbers = numbers.get(..end).unwrap_or_default().trim_end_matches([' ', '(']);
    let mut found = Vec::new();
    let mut article = String::new();
    for part in numbers.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        for one in range(part, &article) {
            if let Some(first) = one.split('/').next() {
                first.clone_into(&mut article);
            }
            found.push(one);
        }
    }
    found
}

/// `17(1)`, `38–40`, `3(1)-(2)` or, after an article that was named before, `(3)`.
fn range(part: &str, article: &str) -> Vec<String> {
    let ends = part.split_once(['–', '-']);
    let (first, last) = ends.map_or((part, None), |(first, last)| (first, Some(last)));
    let first = path(first, article);
    let Some(last) = last else { return vec![first] };
    let stem = first.rsplit_once('/').map(|(stem, _)| format!("{stem}/")).unwrap_or_default();
    let number = |path: &str| path.rsplit('/').next().and_then(|number| number.parse::<u32>().ok());
    let own = first.split('/').next().unwrap_or_default();
    match (number(&first), number(&path(last, own))) {
        (Some(from), Some(to)) if from <= to && to - from < 100 => (from..=to).map(|n| format!("{stem}{n}")).collect(),
        _ => vec![first],
    }
}

/// `17(1)` as `17/1`; `(3)` after article 2 as `2/3`.
fn path(text: &str, article: &str) -> String {
    let text = text.trim();
    let spelled = if text.starts_with('(') { format!("{article}{text}") } else { text.to_owned() };
    spelled.split(['(', ')']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::{ProvisionList, targets};
    use std::path::Path;

    #[test]
    fn a_reference_names_articles_paragraphs_and_items() {
        for (reference, expected) in [
            ("art.17(1)", "17/1"),
            ("art.8", "8"),
            ("art.3(1)-(2)", "3/1 3/2"),
            ("art.2(1),(3)", "2/1 2/3"),
            ("art.6(1)(4)", "6/1/4"),
            ("art.38–40", "38 39 40"),
            ("art.22(3), 41–43 of the 2016 text", "22/3 41 42 43"),
            ("art.21(3) of the 2016 text", "21/3"),
            ("item 10", "10"),
            ("items 8–9", "8 9"),
            ("s.1 (pay)", "1"),
            ("s.6–8 (environment, organisation, disputes)", "6 7 8"),
            ("art.1034–1038", "1034 1035 1036 1037 1038"),
            ("whole", ""),
            ("人社厅发〔2023〕50号 (2023-11, posted 2024-02)", ""),
            ("notice of CAC and three departments", ""),
        ] {
            assert_eq!(targets(reference).join(" "), expected, "{reference}");
        }
    }

    #[test]
    fn a_line_may_speak_of_several_instruments() {
        let list =
            "# List\n\n- a note · of two\n- x-2017, y (25 articles) · whole · a · b · c · d · e · f · g · h · i\n";
        let read = ProvisionList::read(Path::new("list.md"), &list.replace("- a note · of two\n", ""), "cn").unwrap();
        let [line] = read.lines.as_slice() else { panic!("{read:?}") };
        let names: Vec<&str> = line.instruments.iter().map(gongdao_model::InstrumentId::as_str).collect();
        assert_eq!((line.line, names, line.targets.len()), (3, vec!["cn.x-2017", "cn.y"], 0));
        let problems = ProvisionList::read(Path::new("list.md"), list, "cn").unwrap_err();
        assert_eq!(problems.first().unwrap().message, "the line has 2 fields");
        let problems = ProvisionList::read(Path::new("list.md"), "nothing\n", "cn").unwrap_err();
        assert_eq!(problems.first().unwrap().message, "the file lists no provision");
    }
}
