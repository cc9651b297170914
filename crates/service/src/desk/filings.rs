use super::cases::{ANSWER_LANGUAGE, CaseView, NewCase};
use crate::event::check_name;
use crate::identity::new_id;
use crate::{Caller, Page, Service, ServiceError};
use gongdao_desk::{About, RequestKind, check_words};
use serde::Deserialize;

/// Persons in one filing at most.
const MOST: usize = 1000;

/// One request for many. Each gets an answer of their own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewFiling {
    /// What is asked for.
    pub kind: RequestKind,
    /// For whom, and about what of theirs.
    pub members: Vec<Member>,
    /// In their words, for all.
    #[serde(default)]
    pub text: String,
    /// What a contest rests on.
    #[serde(default)]
    pub ground: Option<String>,
    /// Language of the answers.
    #[serde(default)]
    pub language: Option<String>,
    /// The password of whoever files, once more.
    #[serde(default)]
    pub password: Option<String>,
}

/// One of those for whom it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Who.
    pub person: String,
    /// About what of theirs.
    #[serde(default)]
    pub about: About,
}

/// What became of one of them.
#[derive(Debug, Clone, PartialEq)]
pub struct FiledRow {
    /// Who.
    pub person: String,
    /// Their case, or why there is none: the others have theirs all the same.
    pub case: Result<CaseView, ServiceError>,
}

impl Service {
    /// File for many at once. Returns the filing's name and a row for each, in their order.
    ///
    /// Errors: nobody, or too many; what is said for all, or a person's name, is no request. Then nobody's is filed.
    pub fn file_for_many(&self, caller: &Caller, new: NewFiling) -> Result<(String, Vec<FiledRow>), ServiceError> {
        let NewFiling { kind, members, text, ground, language, password } = new;
        if members.is_empty() || members.len() > MOST {
            return Err(ServiceError::input("a filing is for 1 to 1,000 persons", "split it"));
        }
        let spoken = language.as_deref().unwrap_or(ANSWER_LANGUAGE);
        check_words(kind, &text, ground.as_deref(), spoken, &self.desk.rights)?;
        for (at, member) in (1..).zip(&members) {
            check_name(&format!("person of member {at}"), &member.person)?;
        }
        let id = new_id("filing", &*self.entropy)?;
        let mut rows = Vec::with_capacity(members.len());
        for Member { person, about } in members {
            let new = NewCase {
                kind,
                person: person.clone(),
                about,
                text: text.clone(),
                ground: ground.clone(),
                language: language.clone(),
                password: password.clone(),
            };
            rows.push(FiledRow { person, case: self.file_as_part(caller, new, Some(&id)) });
        }
        Ok((id, rows))
    }

    /// How the cases of a filing stand: those that the caller may still see, in the order of their names, after one.
    pub fn filing(
        &self,
        caller: &Caller,
        id: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<CaseView>, ServiceError> {
        let lines = self.store.cases_of_filing(id, after, limit)?;
        if lines.is_empty() && after.is_none() {
            return Err(ServiceError::not_found("filing"));
        }
        let is_full = lines.len() == limit as usize;
        let next = lines.last().filter(|_| is_full).map(|line| line.id.clone());
        let mut items = Vec::new();
        for line in &lines {
            // A mandate that was taken back shows nothing more.
            let Ok((case, mandate)) = self.readable_case(caller, &line.id) else { continue };
            self.log_desk_look(caller, &case.person, mandate.as_deref(), &case.id)?;
            items.push(self.view_of_case(case, None)?);
        }
        if items.is_empty() && after.is_none() && next.is_none() {
            return Err(ServiceError::not_found("filing"));
        }
        Ok(Page { items, next })
    }
}
