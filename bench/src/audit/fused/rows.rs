//! The loop: one pass over the rows, each rule a branch on the row's action.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, UInt32Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, RecordBatch};
use std::collections::HashMap;

/// Satisfied, violated, undetermined of each of the twelve.
#[derive(Default)]
pub(super) struct Tally(pub(super) [[u64; 3]; 12]);

impl Tally {
    /// `applies` is the rule's `when`, `kept` its `unless`.
    #[inline]
    fn add(&mut self, rule: usize, applies: Option<bool>, kept: impl FnOnce() -> Option<bool>) {
        let outcome = match applies {
            Some(false) => return,
            None => 2,
            Some(true) => match kept() {
                Some(true) => 0,
                Some(false) => 1,
                None => 2,
            },
        };
        if let Some(count) = self.0.get_mut(rule).and_then(|counts| counts.get_mut(outcome)) {
            *count += 1;
        }
    }
}

/// `&&` and `||`: the right side counts only where the left one does not decide.
#[inline]
fn and(a: Option<bool>, b: impl FnOnce() -> Option<bool>) -> Option<bool> {
    if a == Some(true) { b() } else { a }
}

#[inline]
fn or(a: Option<bool>, b: impl FnOnce() -> Option<bool>) -> Option<bool> {
    if a == Some(false) { b() } else { a }
}

#[inline]
fn not(a: Option<bool>) -> Option<bool> {
    a.map(|a| !a)
}

struct Bools<'a>(&'a BooleanArray);

impl Bools<'_> {
    #[inline]
    fn at(&self, row: usize) -> Option<bool> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }
}

struct Longs<'a>(&'a Int64Array);

impl Longs<'_> {
    #[inline]
    fn at(&self, row: usize) -> Option<i64> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }
}

/// Words as numbers, the same in every column; 0 is unknown.
#[derive(Default)]
struct Words(HashMap<String, u32>);

impl Words {
    fn number(&mut self, word: &str) -> u32 {
        let next = u32::try_from(self.0.len() + 1).unwrap_or(0);
        if let Some(number) = self.0.get(word) {
            return *number;
        }
        self.0.insert(word.to_owned(), next);
        next
    }

    /// One number a row.
    fn texts(&mut self, array: &ArrayRef) -> Vec<u32> {
        let numbers = |words: &ArrayRef, known: &mut Self| -> Vec<u32> {
            words.as_string::<i32>().iter().map(|word| word.map_or(0, |word| known.number(word))).collect()
        };
        let Some(dictionary) = array.as_any_dictionary_opt() else { return numbers(array, self) };
        let by_key = numbers(dictionary.values(), self);
        keyed(array, &by_key)
    }

    /// One mask a row, bit 63 set where the set is known.
    fn sets(&mut self, array: &ArrayRef) -> Vec<u64> {
        if let Some(dictionary) = array.as_any_dictionary_opt() {
            let by_key = self.sets(dictionary.values());
            return keyed(array, &by_key);
        }
        let lists = array.as_list::<i32>();
        let elements = self.texts(lists.values());
        let bounds = lists.value_offsets().windows(2).enumerate();
        let mask = |(row, bounds): (usize, &[i32])| {
            let bound = |at: usize| bounds.get(at).and_then(|at| usize::try_from(*at).ok()).unwrap_or(0);
            let members = elements.get(bound(0)..bound(1)).unwrap_or_default();
            let mask = members.iter().fold(KNOWN, |mask, word| mask | 1 << word);
            if lists.is_valid(row) { mask } else { 0 }
        };
        bounds.map(mask).collect()
    }
}

const KNOWN: u64 = 1 << 63;

fn keyed<T: Copy + Default>(array: &ArrayRef, by_key: &[T]) -> Vec<T> {
    let of = |key: Option<usize>| key.and_then(|key| by_key.get(key)).copied().unwrap_or_default();
    if let Some(array) = array.as_dictionary_opt::<Int32Type>() {
        return array.keys().iter().map(|key| of(key.and_then(|key| usize::try_from(key).ok()))).collect();
    }
    let Some(array) = array.as_dictionary_opt::<UInt32Type>() else { return Vec::new() };
    array.keys().iter().map(|key| of(key.map(|key| key as usize))).collect()
}

#[inline]
fn meets(a: u64, b: u64) -> Option<bool> {
    (a & b & KNOWN != 0).then_some(a & b & !KNOWN != 0)
}

#[inline]
fn is(a: u32, b: u32) -> Option<bool> {
    (a != 0).then_some(a == b)
}

/// Consent of the person, or of a guardian of a child, to the purpose numbered `asked`.
fn consent(young: Option<bool>, asked: u32, own: u64, guardian: u64) -> Option<bool> {
    let asked = (asked != 0).then(|| KNOWN | 1 << asked);
    let holds = |set: u64| if set == 0 { None } else { meets(set, asked?) };
    or(and(holds(own), || not(young)), || and(young, || holds(guardian)))
}

/// A price of at most 1.05 times the reference.
#[inline]
fn is_fair(price: Option<i64>, reference: Option<i64>) -> Option<bool> {
    let (price, reference) = (price?.checked_mul(100)?, reference?);
    Some(price <= reference.checked_mul(105)?)
}

/// A distance that 25 km/h cover in the promised minutes.
#[inline]
fn is_lawful(distance: Option<i64>, promised: Option<i64>, fixed: Option<i64>) -> Option<bool> {
    let distance = distance?;
    let minutes = promised?.checked_sub(fixed?)?;
    Some(distance <= minutes.checked_mul(416)?)
}

/// Numbers of the words that the rules name.
struct Names {
    dispatch: u32,
    pays: u32,
    penalise: u32,
    promise: u32,
    push: u32,
    recommend: u32,
    rank: u32,
    search: u32,
    prices: u32,
    offer: u32,
    employee: u32,
    none: u32,
    food: u32,
    e_bike: u32,
    law: u32,
    agreement: u32,
    young: u32,
}

impl Names {
    fn of(words: &mut Words) -> Self {
        let mut number = |word: &str| words.number(word);
        Self {
            dispatch: number("dispatch"),
            pays: number("pay"),
            penalise: number("penalise"),
            promise: number("promise"),
            push: number("push"),
            recommend: number("recommend"),
            rank: number("rank"),
            search: number("search"),
            prices: number("price"),
            offer: number("offer"),
            employee: number("employee"),
            none: number("none"),
            food: number("food-delivery"),
            e_bike: number("e-bike"),
            law: number("law"),
            agreement: number("agreement"),
            young: number("under-14"),
        }
    }
}

/// The columns of one batch, each read once.
pub(super) struct Facts<'a> {
    batch: &'a RecordBatch,
    /// Words of texts; those of sets are bits, so tags and purposes are numbered on their own.
    words: Words,
    tags: Words,
    purposes: Words,
}

impl<'a> Facts<'a> {
    pub(super) fn of(batch: &'a RecordBatch) -> Self {
        Self { batch, words: Words::default(), tags: Words::default(), purposes: Words::default() }
    }

    fn column(&self, name: &str) -> &'a ArrayRef {
        self.batch.column_by_name(name).unwrap_or_else(|| self.batch.column(0))
    }

    fn bools(&self, name: &str) -> Bools<'a> {
        Bools(self.column(name).as_boolean())
    }

    fn longs(&self, name: &str) -> Longs<'a> {
        Longs(self.column(name).as_primitive::<Int64Type>())
    }

    fn texts(&mut self, name: &str) -> Vec<u32> {
        let column = self.column(name);
        self.words.texts(column)
    }

    fn tags(&mut self, name: &str) -> Vec<u64> {
        let column = self.column(name);
        self.tags.sets(column)
    }

    fn purposes(&mut self, name: &str) -> Vec<u64> {
        let column = self.column(name);
        self.purposes.sets(column)
    }

    #[expect(clippy::indexing_slicing, reason = "one loop over everything is what is measured")]
    pub(super) fn judge(&mut self, tally: &mut Tally) {
        let (other_system, overtime_consulted) =
            (self.bools("context.otherHoursSystemApproved"), self.bools("context.overtimeConsulted"));
        let (exempt, overtime_work) = (self.bools("context.overtimeLimitExempt"), self.bools("context.overtimeWork"));
        let (daily, rest_days) = (self.longs("context.dailyMinutes"), self.longs("context.restDaysThisWeek"));
        let overtime_today = self.longs("context.overtimeMinutesToday");
        let (pay, base_pay) = (self.longs("context.payFen"), self.longs("context.basePayFen"));
        let deduction = self.longs("context.payDeductionFen");
        let (continuous, prompt) = (self.longs("context.continuousMinutes"), self.bools("context.fatiguePromptShown"));
        let (distance, promised, fixed) = (
            self.longs("context.distanceMetres"),
            self.longs("context.promisedMinutes"),
            self.longs("context.fixedMinutes"),
        );
        let (personalised, profiling_off) = (self.bools("context.personalised"), self.bools("resource.profilingOff"));
        let (price, reference) = (self.longs("context.priceFen"), self.longs("context.referencePriceFen"));
        let (justified, consumer) = (self.bools("context.justifiedDifference"), self.bools("resource.consumer"));
        let personal = self.bools("context.personalInformation");
        let actions = self.texts("action");
        let (worker, age) = (self.texts("resource.worker"), self.texts("resource.ageGroup"));
        let (sector, vehicle) = (self.texts("context.sector"), self.texts("context.vehicle"));
        let ground = self.texts("context.deductionGround");
        let purpose = self.purposes.texts(self.column("context.purpose"));
        let (tag_flags, tags, deleted) =
            (self.tags("context.tagFlags"), self.tags("context.tagsUsed"), self.tags("resource.deletedTags"));
        let (consents, guardian) = (self.purposes("resource.consents"), self.purposes("resource.guardianConsents"));
        let names = Names::of(&mut self.words);
        let bad = ["illegal", "undesirable"].iter().fold(KNOWN, |mask, flag| mask | 1 << self.tags.number(flag));
        for row in 0..self.batch.num_rows() {
            let action = actions[row];
            let is_employee = is(worker[row], names.employee);
            let delivers = || and(is(sector[row], names.food), || not(is(worker[row], names.none)));
            if action == names.dispatch {
                let applies = and(is_employee, || not(other_system.at(row)));
                tally.add(0, applies, || {
                    or(or(daily.at(row).map(|daily| daily <= 480), || overtime_consulted.at(row)), || exempt.at(row))
                });
                tally.add(1, applies, || rest_days.at(row).map(|days| days >= 1));
                let overtime = and(is_employee, || overtime_today.at(row).map(|minutes| minutes > 0));
                tally.add(2, and(overtime, || not(exempt.at(row))), || overtime_consulted.at(row));
                let tired = and(delivers(), || continuous.at(row).map(|minutes| minutes > 240));
                tally.add(5, tired, || prompt.at(row));
            }
            if action == names.pays {
                tally.add(3, and(is_employee, || overtime_work.at(row)), || {
                    let (pay, base) = (pay.at(row)?.checked_mul(100)?, base_pay.at(row)?.checked_mul(150)?);
                    Some(pay >= base)
                });
            }
            if action == names.pays || action == names.penalise {
                tally.add(4, is_employee, || {
                    let without = deduction.at(row).map(|fen| fen == 0);
                    or(or(without, || is(ground[row], names.law)), || is(ground[row], names.agreement))
                });
            }
            if action == names.promise {
                tally.add(6, and(delivers(), || is(vehicle[row], names.e_bike)), || {
                    is_lawful(distance.at(row), promised.at(row), fixed.at(row))
                });
            }
            if action == names.push || action == names.recommend {
                tally.add(7, personalised.at(row), || not(meets(tag_flags[row], bad)));
            }
            if action == names.push || action == names.recommend || action == names.rank || action == names.search {
                tally.add(8, profiling_off.at(row), || not(personalised.at(row)));
                tally.add(9, personalised.at(row), || not(meets(tags[row], deleted[row])));
            }
            if action == names.prices || action == names.offer {
                tally.add(10, consumer.at(row), || or(is_fair(price.at(row), reference.at(row)), || justified.at(row)));
            }
            let young = is(age[row], names.young);
            let consented = and(personal.at(row), || consent(young, purpose[row], consents[row], guardian[row]));
            // A basis: established or not.
            tally.add(11, consented.map(|_| true), || consented);
        }
    }
}
