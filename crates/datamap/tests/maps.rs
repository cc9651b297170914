//! Maps that cannot be followed are refused with the place.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use gongdao_datamap::DataMap;
use proptest::prelude::*;

const HEAD: &str = "name = \"shop\"\ndatabase = \"env:SHOP\"\n";
const RIDERS: &str = "[[table]]\nname = \"riders\"\nkey = [\"id\"]\nperson = \"no\"\n";

fn refusal(tables: &str) -> String {
    DataMap::parse(&format!("{HEAD}{tables}")).unwrap_err().message
}

#[test]
fn each_slip_is_told() {
    let column = |rest: &str| format!("column = [{{ name = \"c\", zh = \"甲\", en = \"c\"{rest} }}]\n");
    for (tables, said) in [
        (String::new(), "no `[[table]]`"),
        (format!("{RIDERS}on-delete = \"remove\"\ncolour = 1"), "line 8: unknown field"),
        (format!("{RIDERS}on-delete = \"forget\""), "unknown variant"),
        (format!("{RIDERS}on-delete = \"keep\""), "no article says why"),
        (format!("{RIDERS}on-delete = \"keep\"\narticle = \"somewhere\""), "line 8"),
        (format!("{RIDERS}on-delete = \"remove\"\narticle = \"cn.pipl/47/2\""), "where nothing is kept"),
        (format!("{RIDERS}on-delete = \"blank\""), "nothing to blank"),
        (format!("{RIDERS}on-delete = \"remove\"\n{}", column(", blank = true")), "whose rows remove"),
        (format!("{RIDERS}on-delete = \"blank\"\n{}", column(", blank = false")), "`blank = false`"),
        (format!("{RIDERS}on-delete = \"remove\"\n{}", column("").replace("甲", " ")), "has no words"),
        (
            format!("{RIDERS}on-delete = \"remove\"\n{}", column("").replace("\"c\", zh", "\"a\\\"b\", zh")),
            "is no name",
        ),
        (format!("{RIDERS}on-delete = \"remove\"\n{RIDERS}on-delete = \"remove\""), "stands twice"),
        (RIDERS.replace("person = \"no\"", "on-delete = \"remove\""), "either `person` or `through`"),
        (format!("{}on-delete = \"remove\"", RIDERS.replace("[\"id\"]", "[]")), "no `key`"),
        (
            format!(
                "{RIDERS}on-delete = \"remove\"\ncolumn = [{{ name = \"id\", zh = \"号\", en = \"id\", correct = true }}]"
            ),
            "is a key",
        ),
        (
            "[[table]]\nname = \"a\"\nkey = [\"id\"]\nthrough = { table = \"b\", column = \"x\", their = \"y\" }\n\
             on-delete = \"remove\""
                .to_owned(),
            "no table `b` before it",
        ),
        (
            format!(
                "{RIDERS}on-delete = \"remove\"\n[[table]]\nname = \"a\"\nkey = [\"id\"]\n\
                 through = {{ table = \"riders\", column = \"x\", their = \"id\" }}\non-delete = \"keep\"\n\
                 article = \"cn.pipl/47/2\""
            ),
            "through which they are found",
        ),
    ] {
        let message = refusal(&tables);
        assert!(message.contains(said), "{message}\nin\n{tables}");
    }
}

#[test]
fn the_example_of_the_docs_is_a_map() {
    let page = include_str!("../../../docs/datamap.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let map = DataMap::parse(example).unwrap();
    assert!(map.tables.len() > 2);
    assert_eq!(map.digest.len(), 64);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_stumble(text in "[a-z\\[\\]=\" \n{}.]{0,200}") {
        let _ = DataMap::parse(&text);
        let _ = DataMap::parse(&format!("{HEAD}{RIDERS}{text}"));
    }
}
