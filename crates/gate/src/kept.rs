//! What was said before, to be said again: answers and facts of states.

use crate::answer::Answer;
use crate::form::Form;
use crate::inner::Core;
use crate::plan::Plan;
use crate::told::Named;
use crate::{CheckRequest, Effects, Shared, StateFacts, Told};
use gongdao_kernel::{AsOfIndex, RowVerdicts};
use gongdao_model::{Entity, Outcome};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

/// Answers that are kept, at two kilobytes each in letters; beyond it they are made anew. Logs have thousands.
const MOST_ANSWERS: usize = 1 << 14;
/// States in words of a law that are kept, of persons and of algorithms each; a power of two.
const SEEN: usize = 1 << 12;

/// Answers by what they were made of.
#[derive(Default)]
pub(crate) struct Answers {
    hasher: foldhash::fast::RandomState,
    table: HashTable<Kept>,
    outcomes: Vec<Outcome>,
    /// By law and period of duties; none where it could not be written.
    forms: HashMap<(usize, usize), Shared<Option<Form>>, foldhash::fast::RandomState>,
}

/// An answer with what it was made of.
#[derive(Debug)]
pub(crate) struct Kept {
    law: usize,
    duties: usize,
    words: Arc<[u32]>,
    pub(crate) answer: Told,
    /// What verified law asks for.
    pub(crate) effects: Effects,
    /// The same with provisional law.
    pub(crate) with_provisional: Effects,
}

impl Answers {
    /// The answer that verdicts stand for.
    pub(crate) fn of(
        &mut self,
        core: &Arc<Core>,
        plan: &Plan,
        verdicts: &RowVerdicts,
        request: &CheckRequest,
    ) -> &Kept {
        let (law, words, duties) = (verdicts.law(), verdicts.words(), core.duties.period(request.at));
        let hash = self.hasher.hash_one((law, duties, words));
        let is_same = |kept: &Kept| kept.law == law && kept.duties == duties && *kept.words == *words;
        if self.table.len() >= MOST_ANSWERS {
            self.table.clear();
        }
        let Self { hasher, table, outcomes, forms } = self;
        let hash_kept = |kept: &Kept| hasher.hash_one((kept.law, kept.duties, kept.words.as_ref()));
        match table.entry(hash, is_same, hash_kept) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => {
                outcomes.clear();
                outcomes.extend(verdicts.outcomes());
                let [effects, with_provisional] = plan.asking.asked(outcomes).map(Effects::from);
                let words: Arc<[u32]> = words.into();
                let form = forms.entry((law, duties)).or_insert_with(|| form(core, plan, request));
                let answer = answer(core, plan, &words, request, form.clone(), [effects, with_provisional]);
                free.insert(Kept { law, duties, words, answer, effects, with_provisional }).into_mut()
            }
        }
    }
}

fn answer(
    core: &Arc<Core>,
    plan: &Plan,
    words: &Arc<[u32]>,
    request: &CheckRequest,
    form: Shared<Option<Form>>,
    effects: [Effects; 2],
) -> Told {
    let (core, versions, words) = (Arc::clone(core), Arc::clone(&plan.versions), Arc::clone(words));
    let (decision, on) = (request.id.clone(), request.at.date_in_shanghai());
    let whole = {
        let (core, versions, words) = (Arc::clone(&core), Arc::clone(&versions), Arc::clone(&words));
        move || Answer::new(&core, &decision, on, &core.rules.judged(&versions, &words))
    };
    // Records want it in few bytes. The whole has a hundred times as many, and is mostly never asked for.
    let otherwise = whole.clone();
    let named = Shared::lazy(move || match &*form {
        Some(form) => {
            let brief = form.brief(&core, &core.rules.judged(&versions, &words), effects);
            Named { digest: brief.digest.clone(), brief: Some((brief, Arc::clone(&form.named))) }
        }
        None => Named { digest: otherwise().digest, brief: None },
    });
    let brief = named.clone();
    Told::lazy(named, move || {
        let known = brief.brief.as_ref().and_then(|(brief, frame)| frame.frame.answer(brief).ok());
        known.unwrap_or_else(&whole)
    })
}

/// What all answers under the law have in common while the same duties bind.
fn form(core: &Arc<Core>, plan: &Plan, request: &CheckRequest) -> Shared<Option<Form>> {
    let (core, versions) = (Arc::clone(core), Arc::clone(&plan.versions));
    let (decision, on) = (request.id.clone(), request.at.date_in_shanghai());
    Shared::lazy(move || Form::new(&core, &decision, on, &versions))
}

/// The facts of states that laws refer to.
pub(crate) struct SeenStates {
    entity: Entity,
    kept: Vec<Option<(usize, u32, Shared<StateFacts>)>>,
    nothing: Shared<StateFacts>,
}

impl SeenStates {
    pub(crate) fn of(entity: Entity) -> Self {
        Self { entity, kept: vec![None; SEEN], nothing: Shared::default() }
    }

    /// Those of one state under one law. They are read when somebody looks: a state keeps its number for ever.
    pub(crate) fn facts(&mut self, core: &Arc<Core>, plan: &Plan, law: usize, state: u32) -> Shared<StateFacts> {
        if state == AsOfIndex::NOTHING {
            return self.nothing.clone();
        }
        let place = self.kept.get_mut((state as usize ^ law.rotate_left(7)) % SEEN);
        if let Some(Some((of_law, of_state, seen))) = &place
            && (*of_law, *of_state) == (law, state)
        {
            return seen.clone();
        }
        let (core, slots, entity) = (Arc::clone(core), Arc::clone(&plan.slots), self.entity);
        let seen = Shared::lazy(move || core.seen(entity, state, &slots));
        if let Some(place) = place {
            *place = Some((law, state, seen.clone()));
        }
        seen
    }
}
