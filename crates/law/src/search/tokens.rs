//! Text into words: Chinese by a dictionary, everything else at what is neither letter nor digit, English by its stem.

use super::synonyms::Table;
use jieba_rs::Jieba;
use std::sync::Arc;
use tantivy::tokenizer::{Language, LowerCaser, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer};

/// The analyzer of index and questions. Words of the synonyms are words of the dictionary.
pub(super) fn analyzer(table: &Table) -> TextAnalyzer {
    let mut jieba = Jieba::new();
    for word in table.chinese_words() {
        jieba.add_word(word, None, None);
    }
    let words = LawWords { jieba: Arc::new(jieba) };
    TextAnalyzer::builder(words).filter(LowerCaser).filter(Stemmer::new(Language::English)).build()
}

/// The words of a text, in order.
pub(super) fn words(analyzer: &mut TextAnalyzer, text: &str) -> Vec<String> {
    let mut words = Vec::new();
    analyzer.token_stream(text).process(&mut |token| words.push(token.text.clone()));
    words
}

#[derive(Clone)]
struct LawWords {
    jieba: Arc<Jieba>,
}

/// Words that were cut already.
struct Cut {
    words: std::vec::IntoIter<Token>,
    token: Token,
}

impl Tokenizer for LawWords {
    type TokenStream<'a> = Cut;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Cut {
        // In search mode long words are given with the words inside them: 个人信息保护 also as 个人, 信息, 保护.
        let cut = self.jieba.cut_for_search(text, true);
        let words = cut.into_iter().map(|token| token.word).filter(|word| word.chars().any(char::is_alphanumeric));
        let tokens = words.enumerate().map(|(position, word)| Token {
            offset_from: 0,
            offset_to: word.len(),
            position,
            text: word.to_owned(),
            position_length: 1,
        });
        Cut { words: tokens.collect::<Vec<_>>().into_iter(), token: Token::default() }
    }
}

impl TokenStream for Cut {
    fn advance(&mut self) -> bool {
        self.words.next().is_some_and(|token| {
            self.token = token;
            true
        })
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
