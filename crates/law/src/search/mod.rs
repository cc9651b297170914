//! Full-text search in Chinese and English over the book: own words, readings, rules, duties, and imported texts.
//!
//! The index lies in memory and is built from the packs that were read, so it cannot be older than they are.

mod query;
mod synonyms;
mod tokens;

use crate::book::Place;
use crate::{Book, Force, LawError};
use gongdao_model::{LegalDate, PlaceCode, ProvisionId};
use serde::Serialize;
use synonyms::{Synonyms, Table};
use tantivy::collector::TopDocs;
use tantivy::directory::RamDirectory;
use tantivy::schema::{Field, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions, Value};
use tantivy::tokenizer::{TextAnalyzer, TokenizerManager};
use tantivy::{Searcher, TantivyDocument};

/// Memory for building the index; a hundred times what the packs need.
const BUILD_BYTES: usize = 32 * 1024 * 1024;
const TOKENIZER: &str = "law";

/// What somebody looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query<'a> {
    /// The question, in Chinese, English or both.
    pub text: &'a str,
    /// How many answers at most.
    pub limit: usize,
    /// Only law that reaches this place.
    pub place: Option<PlaceCode>,
    /// Only law in force on this day.
    pub on: Option<LegalDate>,
}

/// A provision that answers a question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// The provision.
    pub id: String,
    /// How it is cited, Chinese.
    pub cite_zh: String,
    /// How it is cited, English.
    pub cite_en: String,
    /// Own words, Chinese.
    pub zh: String,
    /// Own words, English.
    pub en: String,
    /// Whether it is law at all: false for drafts.
    pub is_law: bool,
    /// How well it fits: higher is better; comparable within one answer only.
    pub score: f32,
}

/// The search index of one book.
pub struct Index<'a> {
    book: &'a Book,
    places: Vec<Place<'a>>,
    searcher: Searcher,
    analyzer: TextAnalyzer,
    fields: Fields,
    synonyms: Synonyms,
}

/// Where words stand. INVARIANT: `number` is the position in `places`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    number: Field,
    pub(crate) summary: Field,
    pub(crate) title: Field,
    pub(crate) open: Field,
    pub(crate) rules: Field,
    pub(crate) official: Field,
}

impl<'a> Index<'a> {
    /// Index a book. `on` is only needed to build sheets and changes nothing of what is indexed.
    ///
    /// Errors: the library cannot build the index, for instance for want of memory.
    pub fn new(book: &'a Book, on: LegalDate) -> Result<Self, LawError> {
        let table = Table::embedded()?;
        let mut analyzer = tokens::analyzer(&table);
        let synonyms = Synonyms::new(table, &mut analyzer);
        let (schema, fields) = schema();
        let tokenizers = TokenizerManager::default();
        tokenizers.register(TOKENIZER, analyzer.clone());
        let index = tantivy::Index::builder().schema(schema).tokenizers(tokenizers);
        let mut writer = index.single_segment_index_writer(RamDirectory::create(), BUILD_BYTES).map_err(failed)?;
        let places: Vec<Place<'a>> = book.places().collect();
        for (number, place) in places.iter().enumerate() {
            writer.add_document(document(book, fields, number, *place, on)).map_err(failed)?;
        }
        let index = writer.finalize().map_err(failed)?;
        index.tokenizers().register(TOKENIZER, analyzer.clone());
        let searcher = index.reader().map_err(failed)?.searcher();
        Ok(Self { book, places, searcher, analyzer, fields, synonyms })
    }

    /// The provisions that answer best, best first; of equals the one that stands first in the packs. None where no
    /// word of the question occurs anywhere.
    ///
    /// Errors: a question without a word.
    pub fn search(&self, query: &Query<'_>) -> Result<Vec<Found>, LawError> {
        let builder = query::Builder { searcher: &self.searcher, fields: self.fields };
        let asked = builder.build(query.text, self.analyzer.clone(), &self.synonyms);
        let Some(asked) = asked else {
            let message = format!("`{}` has no word to look for", query.text.chars().take(60).collect::<String>());
            return Err(LawError::new(message, "ask with a noun or a verb, like `关闭推荐` or `switch off`"));
        };
        // Filters come after ranking, so all are ranked: the book is small.
        let all = TopDocs::with_limit(self.places.len().max(1)).order_by_score();
        let mut ranked: Vec<(f32, usize)> = Vec::new();
        for (score, address) in self.searcher.search(&asked, &all).map_err(failed)? {
            let document: TantivyDocument = self.searcher.doc(address).map_err(failed)?;
            let number = document.get_first(self.fields.number).and_then(|value| value.as_u64());
            ranked.extend(number.and_then(|number| usize::try_from(number).ok()).map(|number| (score, number)));
        }
        ranked.sort_by(|(a, first), (b, second)| b.total_cmp(a).then(first.cmp(second)));
        let places = ranked.into_iter().filter_map(|(score, number)| Some((score, *self.places.get(number)?)));
        Ok(places
            .filter(|(_, place)| takes(query, *place))
            .take(query.limit)
            .map(|(score, place)| Self::found(score, place))
            .collect())
    }

    fn found(score: f32, place: Place<'_>) -> Found {
        let (instrument, provision) = (&place.pack.instrument, place.provision);
        let cited: (String, String) =
            (crate::cite::zh(instrument, &provision.id), crate::cite::en(instrument, &provision.id));
        Found {
            id: provision.id.to_string(),
            cite_zh: cited.0,
            cite_en: cited.1,
            zh: provision.zh.clone(),
            en: provision.en.clone(),
            is_law: provision.status != gongdao_model::Standing::Draft,
            score,
        }
    }

    /// The position of a provision among the answers to a question, from 1; none where it is no answer.
    pub fn rank(&self, text: &str, wanted: &ProvisionId) -> Result<Option<usize>, LawError> {
        let query = Query { text, limit: usize::MAX, place: None, on: None };
        let found = self.search(&query)?;
        Ok(found.iter().position(|found| found.id == wanted.as_str()).map(|position| position + 1))
    }

    /// The book that was indexed.
    pub fn book(&self) -> &'a Book {
        self.book
    }
}

fn takes(query: &Query<'_>, place: Place<'_>) -> bool {
    let instrument = &place.pack.instrument;
    query.place.is_none_or(|asked| instrument.place.covers(asked))
        && query.on.is_none_or(|on| Force::of(instrument, on).holds())
}

fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let text = || {
        let indexing =
            TextFieldIndexing::default().set_tokenizer(TOKENIZER).set_index_option(IndexRecordOption::WithFreqs);
        TextOptions::default().set_indexing_options(indexing)
    };
    let fields = Fields {
        number: schema.add_u64_field("number", STORED),
        summary: schema.add_text_field("summary", text()),
        title: schema.add_text_field("title", text()),
        open: schema.add_text_field("open", text()),
        rules: schema.add_text_field("rules", text()),
        official: schema.add_text_field("official", text()),
    };
    (schema.build(), fields)
}

fn document(book: &Book, fields: Fields, number: usize, place: Place<'_>, on: LegalDate) -> TantivyDocument {
    let sheet = book.sheet(place, on);
    let mut document = TantivyDocument::new();
    document.add_u64(fields.number, number as u64);
    let mut add = |field, texts: &[&str]| texts.iter().for_each(|text| document.add_text(field, text));
    add(fields.summary, &[sheet.zh, sheet.en]);
    add(fields.title, &[&sheet.cite_zh, &sheet.cite_en, sheet.id, sheet.title_zh, sheet.kind]);
    add(fields.open, &[sheet.ambiguity_zh.unwrap_or_default(), sheet.ambiguity_en.unwrap_or_default()]);
    for reading in &sheet.readings {
        add(fields.open, &[reading.zh, reading.en, reading.held_by_zh, reading.held_by_en]);
    }
    sheet.rules.iter().for_each(|rule| add(fields.rules, &[rule.zh, rule.en]));
    sheet.duties.iter().for_each(|duty| add(fields.rules, &[duty.zh, duty.en]));
    sheet.numbers.iter().for_each(|number| add(fields.rules, &[number.zh, number.en]));
    sheet.no_rule.iter().for_each(|no_rule| add(fields.open, &[no_rule.zh, no_rule.en]));
    add(fields.rules, &[sheet.owed_by.unwrap_or_default(), sheet.owed_to.unwrap_or_default()]);
    for line in book.cited(place) {
        document.add_text(fields.official, line);
    }
    document
}

#[expect(clippy::needless_pass_by_value, reason = "goes to `map_err`, which hands the error over")]
fn failed(error: tantivy::TantivyError) -> LawError {
    LawError::new(format!("the search index failed: {error}"), "try again; if it stays, report it with the packs")
}
