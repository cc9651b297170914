//! The table of rights beside the packs: every article exists and was checked in the official text.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use gongdao_desk::{RequestKind, Rights};
use gongdao_model::Standing;
use gongdao_pack::{Drafts, Packs};
use std::path::Path;

fn packs() -> Packs {
    Packs::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")).unwrap().with_drafts(Drafts::Off)
}

#[test]
fn every_article_is_one_of_the_packs_and_verified() {
    let (rights, packs) = (Rights::shipped().unwrap(), packs());
    for (kind, right) in rights.all() {
        let refusals = right.refusals.iter().map(|ground| &ground.article);
        for article in right.rests_on.iter().chain(refusals) {
            assert!(packs.provision(article).is_some(), "{kind:?}: no provision `{article}`");
            assert_eq!(packs.standing(article), Some(Standing::Verified), "{kind:?}: `{article}`");
        }
        assert!(!right.rests_on.is_empty(), "{kind:?} rests on nothing");
        if let Some(duty) = &right.duty {
            let known = packs.instruments.iter().flat_map(|pack| &pack.duties).any(|known| known.id == *duty);
            assert!(known, "{kind:?}: no duty `{duty}`");
        }
    }
    for article in ["cn.pipl/65/1", "cn.pipl/50/2"] {
        assert_eq!(packs.standing(&article.parse().unwrap()), Some(Standing::Verified), "{article}: a remedy");
    }
}

#[test]
fn what_the_law_gives_without_exception_cannot_be_refused() {
    let rights = Rights::shipped().unwrap();
    for kind in [
        RequestKind::WithdrawConsent,
        RequestKind::DeleteTag,
        RequestKind::OptOut,
        RequestKind::Contest,
        RequestKind::Complain,
    ] {
        assert!(rights.of(kind).unwrap().refusals.is_empty(), "{kind:?}");
    }
    assert!(rights.of(RequestKind::Delete).unwrap().two_people);
}

#[test]
fn a_table_without_a_kind_or_with_an_unknown_word_is_refused() {
    let error = Rights::read("").unwrap_err();
    assert_eq!(error.message, "the table of rights has no `see`");
    let error = Rights::read("[see]\nrests_on = []\nzh = \"查\"\nen = \"See\"\nscore = 3\n").unwrap_err();
    assert!(error.message.contains("score"), "{error}");
}
