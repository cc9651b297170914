//! A question as a query: each thing that is asked for counts once, by how telling it is and where it stands.
//!
//! Plain BM25 weighs each word by its own rarity, so that a rare synonym of a common word outweighs what was asked.
//! Here all ways to say a thing weigh as much as the thing: its rarity is that of all of them together. Texts are a
//! sentence or two, so how often a word occurs in one, and how long it is, only decides between equals.

use super::Fields;
use super::synonyms::{Concept, Synonyms};
use tantivy::collector::Count;
use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{Searcher, Term};

/// A word that means the same counts a little less than the word itself.
const SYNONYM: f32 = 0.85;
/// How much the places count in which a word stands too.
const OTHER_PLACES: f32 = 0.1;
/// How much frequency and length count beside rarity.
const BM25: f32 = 0.12;

/// Builds queries against one state of the index.
pub(super) struct Builder<'a> {
    pub(super) searcher: &'a Searcher,
    pub(super) fields: Fields,
}

impl Builder<'_> {
    /// None where the question has no word.
    pub(super) fn build(
        &self,
        question: &str,
        mut analyzer: TextAnalyzer,
        synonyms: &Synonyms,
    ) -> Option<BooleanQuery> {
        let concepts = synonyms.concepts(question, &mut analyzer);
        let clauses: Vec<(Occur, Box<dyn Query>)> =
            concepts.iter().map(|concept| (Occur::Should, self.one_of(concept))).collect();
        (!clauses.is_empty()).then(|| BooleanQuery::new(clauses))
    }

    fn one_of(&self, concept: &Concept) -> Box<dyn Query> {
        let rarity = self.rarity(self.texts_with_one(concept));
        let alternatives = concept.alternatives.iter().map(|(words, asked)| {
            let weight = rarity * if *asked { 1.0 } else { SYNONYM };
            // All words of an alternative together count as one.
            #[expect(clippy::cast_precision_loss, reason = "an alternative has a handful of words")]
            let share = weight / words.len().max(1) as f32;
            self.all_of(words, share)
        });
        Box::new(DisjunctionMaxQuery::with_tie_breaker(alternatives.collect(), OTHER_PLACES))
    }

    /// In how many texts one of the alternatives stands.
    fn texts_with_one(&self, concept: &Concept) -> u64 {
        let alternatives = concept.alternatives.iter().map(|(words, _)| (Occur::Should, self.all_of(words, 1.0)));
        let union = BooleanQuery::new(alternatives.collect());
        self.searcher.search(&union, &Count).ok().and_then(|count| u64::try_from(count).ok()).unwrap_or_default()
    }

    fn texts(&self, field: Field, word: &str) -> u64 {
        self.searcher.doc_freq(&Term::from_field_text(field, word)).unwrap_or_default()
    }

    /// The inverse document frequency of BM25.
    #[expect(clippy::cast_precision_loss, reason = "there are some hundreds of texts")]
    fn rarity(&self, texts: u64) -> f32 {
        let all = self.searcher.num_docs() as f32;
        let with = (texts as f32).min(all);
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }

    fn all_of(&self, words: &[String], weight: f32) -> Box<dyn Query> {
        let each = words.iter().map(|word| (Occur::Must, self.anywhere(word, weight)));
        Box::new(BooleanQuery::new(each.collect()))
    }

    fn anywhere(&self, word: &str, weight: f32) -> Box<dyn Query> {
        let places = self.fields.weighted().into_iter().map(|(field, share)| {
            let term = || Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs));
            let stands: Box<dyn Query> = Box::new(ConstScoreQuery::new(term(), weight * share));
            let own = self.rarity(self.texts(field, word)).max(f32::EPSILON);
            let often: Box<dyn Query> = Box::new(BoostQuery::new(term(), BM25 * weight * share / own));
            let both: Box<dyn Query> = Box::new(BooleanQuery::new(vec![(Occur::Must, stands), (Occur::Should, often)]));
            both
        });
        Box::new(DisjunctionMaxQuery::with_tie_breaker(places.collect(), OTHER_PLACES))
    }
}

impl Fields {
    /// Where words stand, and how much that place counts.
    fn weighted(self) -> [(Field, f32); 5] {
        [(self.summary, 1.0), (self.rules, 0.85), (self.official, 0.8), (self.title, 0.6), (self.open, 0.5)]
    }
}
