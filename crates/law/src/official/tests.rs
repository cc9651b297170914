use super::{Article, Block, Item, OfficialText, Paragraph, write_akn};
use crate::export::Identity;
use crate::numerals::to_chinese;
use proptest::prelude::*;

/// Text that is no mark and no heading, with what XML and YAML have to escape.
fn line() -> impl Strategy<Value = String> {
    "[一-龥A-Za-z0-9&<>\"'，。：-]{1,12}( [一-龥&\"#（）]{1,6}){0,2}"
        .prop_filter("no mark, no heading, no item", |text| {
            !text.starts_with('第') && !text.starts_with('（') && !text.starts_with('#')
        })
}

fn paragraph() -> impl Strategy<Value = Paragraph> {
    (line(), prop::collection::vec(line(), 0..4)).prop_map(|(text, items)| {
        let item = |(index, text): (usize, String)| Item { mark: format!("（{}）", numeral(index)), text };
        Paragraph { text, items: items.into_iter().enumerate().map(item).collect() }
    })
}

fn numeral(index: usize) -> String {
    to_chinese(u32::try_from(index + 1).unwrap()).unwrap()
}

/// A heading (its level) or an article (its paragraphs).
fn piece() -> impl Strategy<Value = Result<(u8, String), Vec<Paragraph>>> {
    prop_oneof![
        1 => (2..=6_u8, line()).prop_map(|(level, text)| Ok((level, text))),
        3 => prop::collection::vec(paragraph(), 1..4).prop_map(Err),
    ]
}

fn text() -> impl Strategy<Value = OfficialText> {
    let front = prop::collection::btree_map("[a-z_]{1,8}", line(), 0..4);
    let pieces = prop::collection::vec(piece(), 1..8);
    (front, line(), prop::collection::vec(line(), 0..3), pieces).prop_map(|(front, title, preamble, pieces)| {
        let mut articles = 0;
        let blocks = pieces.into_iter().map(|piece| match piece {
            Ok((level, text)) => Block::Heading { level, text },
            Err(paragraphs) => {
                articles += 1;
                let mark = format!("第{}条", numeral(articles - 1));
                Block::Article(Article { number: articles.to_string(), mark, paragraphs })
            }
        });
        OfficialText { front_matter: front.into_iter().collect(), title, preamble, blocks: blocks.collect() }
    })
}

fn identity() -> Identity {
    let word = |word: &str| word.to_owned();
    Identity {
        country: word("cn"),
        slug: word("x"),
        date: word("2021-01-01"),
        version: word("2021-02-01"),
        issuer: word("a<b"),
    }
}

proptest! {
    #[test]
    fn a_text_comes_back_from_markdown(text in text()) {
        prop_assert_eq!(OfficialText::from_markdown(&text.to_markdown()).unwrap(), text);
    }

    #[test]
    fn a_text_comes_back_from_akoma_ntoso(text in text()) {
        prop_assert_eq!(OfficialText::from_akn(&write_akn(&text, &identity())).unwrap(), text);
    }

    #[test]
    fn no_input_ends_the_program(text in "(---|#|第|条|（|一|）|<|>|\"|&|:|a| |\n){0,40}") {
        let _ = OfficialText::from_markdown(&text);
        let _ = OfficialText::from_akn(&text);
    }
}
