//! An assessment laid out for people in one language: what text and HTML have in common.

mod difference;
mod provision;
mod sections;
mod wording;

pub(crate) use provision::{item, status};
pub(crate) use wording::{Wording, role_text};

use crate::{AssessError, Assessment, Law, Service};
use gongdao_i18n::Words;
use serde::Serialize;

/// Everything that is shown, in the order in which it is shown.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    pub(crate) lang: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) own_name: &'static str,
    pub(crate) language_label: String,
    pub(crate) title: String,
    pub(crate) heading: String,
    pub(crate) head: Vec<String>,
    pub(crate) provisional: Option<String>,
    pub(crate) counts_heading: String,
    pub(crate) counts: Vec<Count>,
    pub(crate) sections: Vec<Section>,
    pub(crate) limits_heading: String,
    pub(crate) limits: Vec<String>,
}

/// How many of a kind.
#[derive(Debug, Serialize)]
pub(crate) struct Count {
    pub(crate) kind: &'static str,
    pub(crate) number: usize,
    pub(crate) label: String,
}

/// Items of one kind.
#[derive(Debug, Serialize)]
pub(crate) struct Section {
    pub(crate) kind: &'static str,
    pub(crate) heading: String,
    pub(crate) intro: String,
    pub(crate) none: String,
    /// What most readers can do without: counted in short texts, folded in HTML.
    pub(crate) is_quiet: bool,
    pub(crate) items: Vec<Item>,
}

/// A provision, a duty, a question or an instrument.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Item {
    pub(crate) title: String,
    pub(crate) cite: String,
    pub(crate) mark: Option<String>,
    pub(crate) lines: Vec<Line>,
    pub(crate) details_label: String,
    pub(crate) details: Vec<String>,
}

/// One line below an item's title; `kind` says how it looks.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) kind: &'static str,
    pub(crate) text: String,
}

pub(crate) fn page(
    assessment: &Assessment,
    service: &Service,
    law: &Law<'_>,
    words: Words<'_>,
) -> Result<Page, AssessError> {
    let wording = Wording { assessment, service, law, words };
    let language = words.language();
    let sections = sections::all(wording)?;
    let counted = sections.iter().filter(|section| section.kind != "questions" && section.kind != "left-out");
    let counts = counted
        .map(|section| {
            let label = wording.say(&format!("count.{}", section.kind), &[])?;
            Ok(Count { kind: section.kind, number: section.items.len(), label })
        })
        .collect::<Result<_, AssessError>>()?;
    let is_provisional = assessment.provisions.iter().any(|finding| finding.standing.is_provisional());
    let limits = ["words", "facts", "cases", "roles", "record"];
    Ok(Page {
        lang: language.code(),
        tag: language.tag(),
        own_name: language.own_name(),
        language_label: wording.say("language", &[])?,
        title: assessment.service.clone(),
        heading: wording.say("heading", &[])?,
        head: head(wording)?,
        provisional: is_provisional.then(|| wording.say("provisional", &[])).transpose()?,
        counts_heading: wording.say("counts", &[])?,
        counts,
        sections,
        limits_heading: wording.say("limits.heading", &[])?,
        limits: limits.iter().map(|key| wording.say(&format!("limits.{key}"), &[])).collect::<Result<_, _>>()?,
    })
}

fn head(wording: Wording<'_>) -> Result<Vec<String>, AssessError> {
    let Assessment { provider, place, on, include_drafts, packs, calendar, .. } = wording.assessment;
    let provider = match provider {
        Some(name) => wording.say("head.provider", &[("name", name)])?,
        None => wording.say("head.no_provider", &[])?,
    };
    let place = match place {
        Some(place) => wording.say("head.place", &[("place", &place.to_string())])?,
        None => wording.say("head.no_place", &[])?,
    };
    let drafts = if *include_drafts { "head.drafts" } else { "head.no_drafts" };
    Ok(vec![
        provider,
        place,
        wording.say("head.on", &[("on", &on.to_string())])?,
        wording.say(drafts, &[])?,
        wording.say("head.packs", &[("digest", packs), ("calendar", calendar)])?,
    ])
}
