//! Official texts in and out: digests, round trips, hostile input, nothing half.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs, reason = "tests")]

mod support;

use gongdao_law::{ArticleText, Book, OfficialText, Texts, akn, import};
use gongdao_pack::{Packs, article_digests};
use std::path::Path;
use support::{day, example, example_packs, root, shared};

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

const TEXT: &str = include_str!("texts/example-law.zh.md");

#[test]
fn a_text_is_read_into_articles_paragraphs_and_items() {
    let text = OfficialText::from_markdown(TEXT).unwrap();
    assert_eq!(text.title, "中华人民共和国示例法");
    assert_eq!(text.front("promulgated"), Some("2021-08-20"));
    assert_eq!(text.articles().map(|article| article.number.as_str()).collect::<Vec<_>>(), ["2", "17", "24", "25"]);
    let article = text.article("17").unwrap();
    assert_eq!(article.paragraphs.len(), 2);
    assert_eq!(article.paragraphs[1].items[1].text, "停用后的\"影响\"与 <范围> & 例外。");
    assert_eq!(article.cited(["2", "1"]), ["服务提供者应当写明下列事项：", "停用的方法；"]);
    assert_eq!(article.cited(["9"]), article.lines());
}

#[test]
fn markdown_and_akoma_ntoso_come_back_equal() {
    let text = OfficialText::from_markdown(TEXT).unwrap();
    assert_eq!(OfficialText::from_markdown(&text.to_markdown()).unwrap(), text);
    let xml = akn(&example(), &"cn.example-law".parse().unwrap()).unwrap();
    assert_eq!(OfficialText::from_akn(&xml).unwrap(), text);
    insta::assert_snapshot!("akn", xml);
}

#[test]
fn every_text_at_hand_comes_back_equal_with_the_digests_of_its_articles() {
    let Some(shared) = shared() else { return };
    let packs = Packs::read(&root().join("packs")).unwrap();
    let texts = shared.join("law/texts");
    let book = Book::new(packs.clone(), Texts::read(&texts, &packs).unwrap()).unwrap();
    let mut count = 0;
    for entry in std::fs::read_dir(&texts).unwrap() {
        let markdown = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let text = OfficialText::from_markdown(&markdown).unwrap();
        assert_eq!(OfficialText::from_markdown(&text.to_markdown()).unwrap(), text);
        assert_eq!(article_digests(&text.to_markdown()), article_digests(&markdown), "{}", text.title);
        count += 1;
    }
    assert!(count >= 18, "{count} texts");
    for instrument in book.instruments().filter(|instrument| instrument.text.is_some()) {
        let markdown = std::fs::read_to_string(texts.join(instrument.text.as_ref().unwrap())).unwrap();
        let xml = akn(&book, &instrument.id).unwrap();
        let identifiers: Vec<&str> = xml.split("eId=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let distinct: std::collections::BTreeSet<&&str> = identifiers.iter().collect();
        assert_eq!(distinct.len(), identifiers.len(), "{}: an identifier stands twice", instrument.id);
        assert_eq!(
            OfficialText::from_akn(&xml).unwrap(),
            OfficialText::from_markdown(&markdown).unwrap(),
            "{}",
            instrument.id
        );
    }
}

#[test]
fn an_import_writes_what_the_packs_know_and_says_what_differs() {
    let packs = example_packs();
    let source = folder(&[("example-law.zh.md", TEXT), ("other.md", "# 别的\n\n第一条 文。\n")]);
    let target = tempfile::tempdir().unwrap();
    let into = target.path().join("texts");
    let report = import(&packs, source.path(), &into).unwrap();
    support::in_both("import", |print| print.import(&report).unwrap());
    let law = &report.texts[0];
    assert_eq!((law.articles, law.matching, law.agrees()), (4, 3, false));
    assert_eq!(law.differing, ["cn.example-law/24"]);
    assert_eq!(law.without_digest, ["cn.example-law/25"]);
    let book = Book::new(packs.clone(), Texts::read(&into, &packs).unwrap()).unwrap();
    let state = |reference: &str| book.show(&reference.parse().unwrap(), day("2024-05-01")).unwrap()[0].article.clone();
    assert!(matches!(state("cn.example-law/17/1"), ArticleText::Matches { .. }));
    assert!(matches!(state("cn.example-law/24"), ArticleText::Differs { .. }));
    assert!(matches!(state("cn.example-law/25"), ArticleText::NoDigest { .. }));
    assert!(matches!(state("cn.example-plan/3"), ArticleText::NoText));
    // Again, now from Akoma Ntoso under another name: found by its title, and the same bytes.
    let before = std::fs::read_to_string(into.join("example-law.zh.md")).unwrap();
    let source = folder(&[("law.xml", &akn(&book, &"cn.example-law".parse().unwrap()).unwrap())]);
    let again = import(&packs, source.path(), &into).unwrap();
    assert_eq!(again.texts[0].instrument.as_deref(), Some("cn.example-law"));
    assert_eq!(std::fs::read_to_string(into.join("example-law.zh.md")).unwrap(), before);
    assert!(!into.join("other.md").exists(), "an import replaces the one before");
    assert_eq!(std::fs::read_dir(target.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn with_one_bad_file_nothing_is_written() {
    let packs = example_packs();
    let source = folder(&[("a.md", TEXT), ("b.md", "---\nlist: [a]\n---\n# 题\n\n文\n"), ("c.xml", "<a>")]);
    let target = tempfile::tempdir().unwrap();
    let errors = import(&packs, source.path(), &target.path().join("texts")).unwrap_err();
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("b.md:2: ") && told[1].contains("c.xml:1: "), "{told:?}");
    assert_eq!(std::fs::read_dir(target.path()).unwrap().count(), 0);
}

#[test]
fn a_pack_cannot_lead_an_import_out_of_its_folder() {
    let mut files = Packs::files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs")).unwrap();
    let instrument = files.get_mut(Path::new("cn/example-law/instrument.toml")).unwrap();
    let led_out = String::from_utf8(instrument.clone()).unwrap().replace("\"example-law.zh.md\"", "\"../out.md\"");
    *instrument = led_out.into_bytes();
    let packs = Packs::survey_files(files).0.unwrap();
    let (source, target) = (folder(&[("law.md", TEXT)]), tempfile::tempdir().unwrap());
    let refused = import(&packs, source.path(), &target.path().join("texts")).unwrap_err();
    assert!(refused[0].message.contains("`../out.md`, which is no plain file name"), "{refused:?}");
    assert_eq!(std::fs::read_dir(target.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_that_is_no_import_is_left_alone() {
    let packs = example_packs();
    let source = folder(&[("a.md", TEXT)]);
    let mine = folder(&[("letter.txt", "mine")]);
    let refused = import(&packs, source.path(), mine.path()).unwrap_err();
    assert!(refused[0].message.contains("is no import"));
    assert_eq!(std::fs::read_to_string(mine.path().join("letter.txt")).unwrap(), "mine");
    let empty = folder(&[]);
    assert!(import(&packs, source.path(), empty.path()).is_ok());
    assert!(import(&packs, folder(&[("x.txt", "")]).path(), empty.path()).unwrap_err()[0].message.contains("no `.md`"));
    assert!(import(&packs, Path::new("no/such/folder"), empty.path()).unwrap_err()[0].message.contains("cannot list"));
    let twice = folder(&[("example-law.zh.md", TEXT), ("law.md", TEXT)]);
    assert!(import(&packs, twice.path(), empty.path()).unwrap_err()[0].message.contains("are both"));
}

fn check_markdown(text: &str, line: Option<usize>, message: &str) {
    let error = OfficialText::from_markdown(text).unwrap_err();
    assert!(error.message.contains(message), "{text:?}: {error}");
    assert_eq!(error.line, line, "{text:?}: {error}");
    assert!(error.hint.is_some());
}

#[test]
fn hostile_markdown_is_refused_with_its_line() {
    check_markdown("", None, "no title");
    check_markdown("# 题\n", None, "nothing below it");
    check_markdown("---\na: b\n", Some(1), "not closed");
    check_markdown("---\na: &x b\n---\n# 题\n", Some(2), "not a flat line");
    check_markdown("---\na: b\na: c\n---\n# 题\n", Some(3), "stands twice");
    check_markdown("---\n- a\n---\n# 题\n", Some(2), "not a flat line");
    check_markdown("---\na: \"\\u0007\"\n---\n# 题\n", Some(2), "not a flat line");
    check_markdown("# 题\n\n第一条 甲\n\n第一条 乙\n", Some(5), "article 1 stands twice");
    check_markdown("---\na: b\n---\n# 题\n\n第一条 甲\n第一条 乙\n", Some(7), "article 1 stands twice");
    check_markdown("# 题\n第一条\n## 第二章\n第二条 甲\n", None, "article 1 has no text");
    check_markdown("# 题\n甲\u{0}乙\n", Some(2), "control character");
    check_markdown("# 题\n甲\n# 题\n", Some(3), "second title");
    check_markdown("# 题\n####### 深\n", Some(2), "deeper than six");
    check_markdown(&format!("# 题\n{}", "甲".repeat(3_000_000)), None, "larger than 8 MiB");
}

fn check_akn(inside: &str, line: Option<usize>, message: &str) {
    let xml = format!("<akomaNtoso xmlns=\"http://docs.oasis-open.org/legaldocml/ns/akn/3.0\">\n{inside}</akomaNtoso>");
    let error = OfficialText::from_akn(&xml).unwrap_err();
    assert!(error.message.contains(message), "{inside}: {error}");
    assert_eq!(error.line, line, "{inside}: {error}");
}

#[test]
fn hostile_akoma_ntoso_is_refused_with_its_line() {
    let act =
        |body: &str| format!("<act><preface><p><docTitle>题</docTitle></p></preface>\n<body>\n{body}\n</body></act>");
    check_akn("", Some(1), "no `act`");
    check_akn("<act></act>", Some(2), "no `docTitle`");
    check_akn(&act("<table/>"), Some(4), "`table` in a body is not read");
    check_akn(&act("<article><content><p>甲</p></content></article>"), Some(4), "no `num`");
    check_akn(&act("<article><num>Art. 1</num></article>"), Some(4), "not the mark of an article");
    check_akn(&act("<article><num>第一条</num>\n<table/></article>"), Some(5), "`table` in an article");
    check_akn(&act("<article><num>第一条</num></article>"), Some(4), "has no text");
    let listed = |points: &str| {
        act(&format!("<article><num>第一条</num><paragraph><list>{points}</list></paragraph></article>"))
    };
    check_akn(&listed("<point><num>（一）</num><content><p>甲</p></content></point>"), Some(4), "no introduction");
    check_akn(
        &listed("<intro><p>甲</p></intro><point><num>a)</num><content><p>甲</p></content></point>"),
        Some(4),
        "not the mark of an item",
    );
    check_akn(
        &listed("<intro><p>甲</p></intro><point><num>（一）</num><content><p>甲</p><p>乙</p></content></point>"),
        Some(4),
        "exactly one paragraph",
    );
    check_akn(
        &act("<article><num>第一条</num><paragraph><content><p>甲</p><p>第二条 乙</p></content></paragraph></article>"),
        Some(2),
        "looks like a mark",
    );
    check_akn(
        &act(&format!("{}{}", "<chapter><num>第一章</num>".repeat(20), "</chapter>".repeat(20))),
        Some(4),
        "nested too deeply",
    );
    for (xml, message) in [
        ("<a/>", "the root is not"),
        ("<a>", "no well-formed XML"),
        ("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "no well-formed XML"),
        ("\u{0}", "no well-formed XML"),
    ] {
        assert!(OfficialText::from_akn(xml).unwrap_err().message.contains(message), "{xml}");
    }
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert!(OfficialText::from_akn(&deep).is_err(), "a deep tree does not overflow the stack");
}

#[test]
fn what_was_not_imported_is_not_exported() {
    let book = Book::new(example_packs(), Texts::none()).unwrap();
    let error = akn(&book, &"cn.example-law".parse().unwrap()).unwrap_err();
    assert!(error.message.contains("was not imported"), "{error}");
    let state = &book.show(&"cn.example-law/24".parse().unwrap(), day("2024-05-01")).unwrap()[0].article;
    assert_eq!(*state, ArticleText::NotImported);
    assert!(Texts::read(Path::new("no/such/folder"), book.packs()).unwrap_err().message.contains("not a folder"));
}
