use super::algorithms::{AlgorithmLine, AlgorithmQuery, VersionLine};
use super::figures::Figures;
use super::filings::FilingView;
use super::lines::{ALGORITHMS, CONSULTATIONS, VERSIONS, all};
use super::published::PublishedQuery;
use super::versions::days_left;
use crate::{Service, ServiceError};
use gongdao_model::Instant;
use gongdao_register::{
    Algorithm, AnswerStatus, Consultation, ConsultationStage, OutcomeWord, PublishedFiling, Standing, Version,
};
use serde::Serialize;

/// Filings of the published lists that are looked through and shown for one enterprise.
const MOST_PUBLISHED: u32 = 500;

/// An algorithm in a list, with what people look for first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlgorithmCard {
    /// The algorithm.
    #[serde(flatten)]
    pub line: AlgorithmLine,
    /// The version in force that came last.
    pub in_force: Option<String>,
    /// The version that takes effect next, published and not in force yet.
    pub next: Option<NextVersion>,
    /// A consultation that is open.
    pub consultation: Option<String>,
}

/// A version that takes effect on a day to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextVersion {
    /// Its name.
    pub id: String,
    /// Days until then.
    pub days_left: u32,
}

/// What is public about how an enterprise keeps the register's duties. There is none of a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EnterpriseView {
    /// Its name, as the register and the lists write it.
    pub name: String,
    /// Its filings, with their clocks.
    pub filings: Vec<FilingView>,
    /// Its versions, oldest first.
    pub versions: Vec<VersionLine>,
    /// Versions that may not decide yet, as a duty is not met.
    pub held: u64,
    /// Consultations over them.
    pub consultations: Talks,
    /// What was decided by its versions. A count that is left out of one algorithm is left out here.
    pub figures: Figures,
    /// Its filings in the published lists.
    pub published: Vec<PublishedFiling>,
}

/// Consultations, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Talks {
    /// All of them.
    pub called: u64,
    /// Those without a result.
    pub open: u64,
    /// Those in which both sides agreed.
    pub agreed: u64,
    /// Comments.
    pub comments: u64,
    /// Comments that were taken up, in whole or in part.
    pub taken_up: u64,
    /// Reports on how results are kept.
    pub reports: u64,
}

impl Talks {
    fn add(&mut self, one: &Consultation) {
        let taken = |status| matches!(status, AnswerStatus::TakenUp | AnswerStatus::Partly);
        let answers = one.comments.iter().filter_map(|comment| comment.answer.as_ref());
        self.called += 1;
        self.open += u64::from(one.stage() == ConsultationStage::Open);
        self.agreed += u64::from(one.result.as_ref().is_some_and(|result| result.outcome == OutcomeWord::Agreed));
        self.comments += one.comments.len() as u64;
        self.taken_up += answers.filter(|answer| taken(answer.status)).count() as u64;
        self.reports += one.reports.len() as u64;
    }
}

impl Service {
    /// Algorithms in the order of their names in the register, after one, each with its versions of now and next.
    pub fn algorithm_cards(
        &self,
        query: &AlgorithmQuery,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AlgorithmCard>, ServiceError> {
        let lines = self.algorithms(query, after, limit)?;
        let versions: Vec<Version> = all(&*self.store, VERSIONS)?;
        let consultations: Vec<Consultation> = all(&*self.store, CONSULTATIONS)?;
        let now = self.clock.now();
        Ok(lines.into_iter().map(|line| card(line, &versions, &consultations, now)).collect())
    }

    /// What is public about an enterprise, for everyone.
    ///
    /// Errors: neither the register nor the published lists have it.
    pub fn enterprise(&self, name: &str) -> Result<EnterpriseView, ServiceError> {
        let algorithms: Vec<Algorithm> = all(&*self.store, ALGORITHMS)?;
        let own: Vec<Algorithm> = algorithms.into_iter().filter(|one| one.description.provider == name).collect();
        let query = PublishedQuery { query: Some(name.to_owned()), ..PublishedQuery::default() };
        let mut published = self.published(&query, None, MOST_PUBLISHED)?;
        published.retain(|filing| filing.provider == name);
        if own.is_empty() && published.is_empty() {
            return Err(ServiceError::not_found("enterprise"));
        }
        let mut versions: Vec<Version> = all(&*self.store, VERSIONS)?;
        versions.retain(|version| own.iter().any(|one| one.id == version.algorithm));
        versions.sort_by(|a, b| (a.declared_at, &a.id).cmp(&(b.declared_at, &b.id)));
        let now = self.clock.now();
        let mut talks = Talks::default();
        for one in all::<Consultation>(&*self.store, CONSULTATIONS)? {
            if versions.iter().any(|version| version.id == one.version) {
                talks.add(&one);
            }
        }
        let figures = own.iter().map(|one| {
            let names = versions.iter().filter(|version| version.algorithm == one.id);
            self.figures_of(&names.map(|version| version.id.clone()).collect::<Vec<_>>())
        });
        let figures = Figures::together(&figures.collect::<Result<Vec<_>, _>>()?);
        let is_held = |version: &&Version| {
            matches!(version.hold().standing(now), Standing::Declared | Standing::Published)
                && version.activated_at.is_none()
        };
        Ok(EnterpriseView {
            name: name.to_owned(),
            held: versions.iter().filter(is_held).count() as u64,
            versions: versions.iter().map(|version| VersionLine::of(version, now)).collect(),
            filings: own.into_iter().map(|one| self.filing_view(one)).collect::<Result<_, _>>()?,
            consultations: talks,
            figures,
            published,
        })
    }
}

fn card(line: AlgorithmLine, versions: &[Version], consultations: &[Consultation], now: Instant) -> AlgorithmCard {
    let own: Vec<&Version> = versions.iter().filter(|version| version.algorithm == line.id).collect();
    let in_force = own.iter().filter(|version| version.hold().standing(now) == Standing::InForce);
    let next = own.iter().filter_map(|version| {
        let days_left = days_left(version, now)?;
        Some(NextVersion { id: version.id.clone(), days_left })
    });
    let open = consultations
        .iter()
        .find(|one| one.stage() == ConsultationStage::Open && own.iter().any(|version| version.id == one.version));
    AlgorithmCard {
        in_force: in_force.max_by_key(|version| version.hold().from).map(|version| version.id.clone()),
        next: next.min_by_key(|next| next.days_left),
        consultation: open.map(|one| one.id.clone()),
        line,
    }
}
