//! Answers in the letters of a frame, from outcomes alone: no answer is made for it.

use crate::answer::{Answer, digest};
use crate::frame::{Brief, Frame, letter};
use crate::inner::Core;
use crate::{Effects, NamedFrame};
use gongdao_model::{Cause, DecisionId, LegalDate, Outcome};
use gongdao_rules::{Judged, Outliner, Supported};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A frame, and what follows from outcomes under its law.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) named: Arc<NamedFrame>,
    outliner: Outliner,
    /// By rule, the positions of the duties of its provision.
    duties: Vec<Vec<usize>>,
}

impl Form {
    /// For versions by their indexes, on a day. None where the frame cannot be written.
    pub(crate) fn new(core: &Core, decision: &DecisionId, on: LegalDate, versions: &[usize]) -> Option<Self> {
        let idle = |version: &usize| Judged { version: *version, outcome: Outcome::NotApplicable, cause: None };
        let idle: Vec<Judged> = versions.iter().map(idle).collect();
        let answer = Answer::new(core, decision, on, &idle);
        let provisions: BTreeSet<_> = answer.rules.iter().map(|verdict| &verdict.provision).collect();
        let owed = core.duties.on(&provisions, on);
        let of_rule = |rule: &gongdao_model::RuleVerdict| {
            let own = owed.iter().enumerate().filter(|(_, duty)| duty.provision == rule.provision);
            own.map(|(position, _)| position).collect()
        };
        let duties = answer.rules.iter().map(of_rule).collect();
        let frame = Frame::of(answer, owed);
        let outliner = Outliner::new(core.rules.rules(), versions);
        Some(Self { named: Arc::new(NamedFrame::new(frame)?), outliner, duties })
    }

    /// What was judged, in letters; with the frame it is [`Answer::new`] of the same.
    pub(crate) fn brief(&self, core: &Core, judged: &[Judged], effects: [Effects; 2]) -> Brief {
        let outcomes: Vec<Outcome> = judged.iter().map(|one| one.outcome).collect();
        let outline = self.outliner.outline(&outcomes);
        let duties = self.duties(&outcomes);
        let name = |one: &Judged| core.names.get(one.version).map_or("", String::as_str);
        let lines = judged.iter().map(|one| (name(one), one.outcome, one.cause.as_ref()));
        let owed = duties.iter().filter_map(|duty| self.named.frame.duty(*duty));
        let (mut missing, mut errors) = (BTreeMap::<_, Vec<usize>>::new(), BTreeMap::<_, Vec<usize>>::new());
        for (position, one) in judged.iter().enumerate() {
            match &one.cause {
                None => {}
                Some(Cause::MissingFact(fact)) => missing.entry(fact.clone()).or_default().push(position),
                Some(Cause::EngineError(words)) => errors.entry(words.clone()).or_default().push(position),
            }
        }
        let [effects, with_provisional] = effects;
        let (mut asserted, mut standings) = (BTreeMap::new(), BTreeMap::new());
        for Supported { position, standing, asserted: claims } in outline.supported {
            let Some((own_standing, own)) = self.named.frame.rests_on(position) else { continue };
            if claims != own {
                asserted.insert(position, claims);
            }
            if standing != own_standing {
                standings.insert(position, standing);
            }
        }
        Brief {
            digest: digest(&core.packs, lines, owed),
            frame: self.named.digest.clone(),
            effects,
            with_provisional,
            violated: outline.violated,
            disputed: outline.disputed,
            undetermined: outline.undetermined,
            silent: outline.silent,
            rules: outcomes.iter().map(|outcome| letter(*outcome)).collect(),
            missing,
            errors,
            asserted,
            standings,
            provisions: outline.by_reading.iter().map(|outcome| letter(*outcome)).collect(),
            disagree: outline.disagree,
            provision_standings: outline.standings.into_iter().collect(),
            duties,
        }
    }

    /// The duties of provisions that a rule speaks for.
    fn duties(&self, outcomes: &[Outcome]) -> Vec<usize> {
        let speaking = outcomes.iter().zip(&self.duties).filter(|(outcome, _)| **outcome != Outcome::NotApplicable);
        let mut duties: Vec<usize> = speaking.flat_map(|(_, duties)| duties).copied().collect();
        duties.sort_unstable();
        duties.dedup();
        duties
    }
}
