//! Sixty questions and those for further instruments: the right provision is among the first three.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs, reason = "tests")]

mod support;

use gongdao_law::{Book, Index, Query, Texts};
use gongdao_pack::Packs;
use serde::Deserialize;
use support::{day, law, root, shared};

#[derive(Deserialize)]
struct Questions {
    zh: Vec<Question>,
    en: Vec<Question>,
    further: Vec<Question>,
    unseen: Vec<Question>,
}

#[derive(Deserialize)]
struct Question {
    ask: String,
    want: Vec<String>,
}

fn questions() -> Questions {
    toml::from_str(include_str!("questions.toml")).unwrap()
}

/// The questions whose answer is not among the first three, with what stands there.
fn missed(book: &Book, questions: &[Question]) -> Vec<String> {
    let index = Index::new(book, day("2024-05-01")).unwrap();
    let mut missed = Vec::new();
    for question in questions {
        let found = index.search(&Query { text: &question.ask, limit: 3, place: None, on: None }).unwrap();
        if !found.iter().any(|found| question.want.contains(&found.id)) {
            let got: Vec<&str> = found.iter().map(|found| found.id.as_str()).collect();
            missed.push(format!("{}: wants {:?}, gets {got:?}", question.ask, question.want));
        }
    }
    missed
}

#[test]
fn sixty_questions_find_their_provision_among_the_first_three() {
    let (book, questions) = (law(), questions());
    assert_eq!((questions.zh.len(), questions.en.len()), (30, 30));
    assert_eq!(missed(&book, &questions.zh), Vec::<String>::new());
    assert_eq!(missed(&book, &questions.en), Vec::<String>::new());
}

#[test]
fn questions_for_further_instruments_find_theirs_too() {
    let (book, questions) = (law(), questions());
    assert_eq!(missed(&book, &questions.further), Vec::<String>::new());
    assert_eq!(questions.further.len(), 16);
}

#[test]
fn every_wanted_provision_exists() {
    let (book, questions) = (law(), questions());
    for question in [questions.zh, questions.en, questions.further, questions.unseen].iter().flatten() {
        for want in &question.want {
            let known = book.packs().provision(&want.parse().unwrap()).is_some();
            assert!(known, "`{}` wants {want}, which no pack has", question.ask);
        }
    }
}

#[test]
fn imported_texts_do_not_push_the_answers_aside() {
    let Some(shared) = shared() else { return };
    let packs = Packs::read(&root().join("packs")).unwrap();
    let texts = Texts::read(&shared.join("law/texts"), &packs).unwrap();
    let (book, questions) = (Book::new(packs, texts).unwrap(), questions());
    assert_eq!(missed(&book, &questions.zh), Vec::<String>::new());
    assert_eq!(missed(&book, &questions.en), Vec::<String>::new());
}

/// Questions that the table of synonyms was not made for say how well others will fare.
#[test]
fn half_of_the_unseen_questions_find_their_provision_too() {
    let (book, questions) = (law(), questions());
    let missed = missed(&book, &questions.unseen);
    for question in &missed {
        println!("{question}");
    }
    println!("{} of {} unseen questions missed", missed.len(), questions.unseen.len());
    assert!(missed.len() * 2 <= questions.unseen.len());
}
