use super::counts::{Counts, Summed};
use super::random::Random;
use super::sample::{Atom, Sample, Standing, weighed};
use super::statistic::Statistic;
use super::{DRAWN_ROWS, LEAST_UNITS, NotResampled, Plan, Resampled, Scheme};
use crate::distribution::normal_two_sided;
use crate::{Interval, real, student_t_quantile_975};
use std::collections::BTreeMap;

/// One side of one stratum: its rows in the order of their numbers, and what is known of its part of the variance.
struct Side {
    atoms: Vec<Atom>,
    /// Weight in the whole, with its sign.
    part: f64,
    seen: f64,
    /// How many equally large units would vary as much.
    units: f64,
    sum: f64,
    squares: f64,
}

pub(super) fn bootstrap(sample: &Sample, plan: Plan) -> Result<Resampled, NotResampled> {
    let mut sides = sides(sample)?;
    let mut random = Random::new(plan.seed);
    let mut drawing = Drawing::new(sample, &sides);
    let mut weights: Vec<Vec<u64>> = sides.iter().map(|side| vec![0; side.atoms.len()]).collect();
    let mut values = Vec::new();
    for _ in 0..plan.draws {
        drawing.draw(&sides, &mut random, &mut weights);
        values.extend(resample(sample.statistic, &mut sides, &weights));
    }
    let defined = values.len() as u64;
    if (u64::from(plan.draws) - defined) * 100 > u64::from(plan.draws) {
        return Err(NotResampled::Undefined);
    }
    values.sort_by(f64::total_cmp);
    if values.first() == values.last() {
        return Err(NotResampled::NoVariation);
    }
    let (inflation, freedom) = spread(&sides, defined);
    // Infinite where all the variance is in sides of one unit.
    if !(freedom >= 1.0 && inflation.is_finite()) {
        return Err(NotResampled::TooFew);
    }
    let interval = expanded(&values, student_t_quantile_975(freedom) * inflation.sqrt()).ok_or(NotResampled::TooFew)?;
    let mean = values.iter().sum::<f64>() / real(defined);
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / real(defined - 1);
    Ok(Resampled {
        interval,
        error: (variance * inflation).sqrt(),
        freedom,
        scheme: drawing.scheme(),
        draws: plan.draws,
        units: sample.units(),
    })
}

/// The percentiles of a normal distribution's tails beyond `half_width`. None where even the outermost values lie inside.
fn expanded(sorted: &[f64], half_width: f64) -> Option<Interval> {
    let tail = normal_two_sided(half_width) / 2.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number")]
    let rank = (tail * real(sorted.len() as u64 + 1)).floor() as usize;
    let low = sorted.get(rank.checked_sub(1)?)?;
    let high = sorted.get(sorted.len().checked_sub(rank)?)?;
    Some(Interval { low: *low, high: *high })
}

fn sides(sample: &Sample) -> Result<Vec<Side>, NotResampled> {
    let mut sides = Vec::new();
    for stratum in &sample.strata {
        for &in_group in sample.sides {
            let (units, alike) = sample.units_of(stratum, in_group);
            let atoms: Vec<Atom> = stratum.side(in_group).copied().collect();
            let rows = atoms.iter().map(|atom| weighed(atom, atom.count));
            let seen = sample.statistic.of(rows).ok_or(NotResampled::Undefined)?;
            if units < LEAST_UNITS {
                return Err(NotResampled::TooFew);
            }
            let part = if in_group { stratum.part } else { -stratum.part };
            sides.push(Side { atoms, part, seen, units: alike, sum: 0.0, squares: 0.0 });
        }
    }
    Ok(sides)
}

/// The quantity or difference of one resample; none where a side has none.
fn resample(statistic: Statistic, sides: &mut [Side], weights: &[Vec<u64>]) -> Option<f64> {
    let mut values = Vec::with_capacity(sides.len());
    for (side, weights) in sides.iter().zip(weights) {
        values.push(statistic.of(side.atoms.iter().zip(weights).map(|(atom, weight)| weighed(atom, *weight)))?);
    }
    let mut whole = 0.0;
    for (side, value) in sides.iter_mut().zip(values) {
        whole += side.part * value;
        let off = value - side.seen;
        side.sum += off;
        side.squares += off * off;
    }
    Some(whole)
}

/// How many times larger the variance is than what resamples show of it, and Satterthwaite's degrees of freedom.
fn spread(sides: &[Side], draws: u64) -> (f64, f64) {
    let (mut shown, mut true_sum, mut squares) = (0.0, 0.0, 0.0);
    for side in sides {
        let mean = side.sum / real(draws);
        let variance = side.part * side.part * (side.squares / real(draws) - mean * mean).max(0.0);
        let own = variance * side.units / (side.units - 1.0);
        if variance > 0.0 {
            shown += variance;
            true_sum += own;
            squares += own * own / (side.units - 1.0);
        }
    }
    (true_sum / shown, true_sum * true_sum / squares)
}

/// How resamples are drawn.
enum Drawing {
    /// Each side's rows.
    Rows(Vec<RowDraw>),
    /// Classes of clusters, each drawn from by itself, and how often each cluster was drawn.
    Clusters(Vec<Vec<usize>>, Vec<u64>),
}

enum RowDraw {
    /// Each row's place among the atoms.
    One(Vec<usize>),
    /// Each atom's count around its own.
    Counts(Summed),
}

impl Drawing {
    fn new(sample: &Sample, sides: &[Side]) -> Self {
        if sample.clustered {
            Self::Clusters(cluster_classes(&sample.standings()), vec![0; sample.clusters])
        } else {
            Self::Rows(sides.iter().map(|side| RowDraw::new(&side.atoms)).collect())
        }
    }

    fn scheme(&self) -> Scheme {
        match self {
            Self::Clusters(..) => Scheme::Clusters,
            Self::Rows(sides) if sides.iter().any(|side| matches!(side, RowDraw::Counts(..))) => Scheme::Counts,
            Self::Rows(_) => Scheme::Rows,
        }
    }

    fn draw(&mut self, sides: &[Side], random: &mut Random, weights: &mut [Vec<u64>]) {
        match self {
            Self::Rows(own) => {
                for ((draw, side), weights) in own.iter().zip(sides).zip(weights) {
                    draw.draw(&side.atoms, random, weights);
                }
            }
            Self::Clusters(classes, times) => {
                times.fill(0);
                for class in classes {
                    for _ in 0..class.len() {
                        if let Some(slot) = pick(class, random).and_then(|cluster| times.get_mut(cluster)) {
                            *slot += 1;
                        }
                    }
                }
                for (side, weights) in sides.iter().zip(weights) {
                    for (atom, weight) in side.atoms.iter().zip(weights) {
                        *weight = times.get(atom.cluster).copied().unwrap_or(0) * atom.count;
                    }
                }
            }
        }
    }
}

impl RowDraw {
    fn new(atoms: &[Atom]) -> Self {
        if atoms.iter().map(|atom| atom.count).sum::<u64>() <= DRAWN_ROWS {
            let times = |count| usize::try_from(count).unwrap_or(0);
            let rows = atoms.iter().enumerate().flat_map(|(at, atom)| std::iter::repeat_n(at, times(atom.count)));
            return Self::One(rows.collect());
        }
        Self::Counts(Summed::new(atoms.iter().map(|atom| atom.count), Counts::poisson))
    }

    fn draw(&self, atoms: &[Atom], random: &mut Random, weights: &mut [u64]) {
        match self {
            Self::One(rows) => {
                weights.fill(0);
                for _ in 0..rows.len() {
                    if let Some(slot) = pick(rows, random).and_then(|at| weights.get_mut(at)) {
                        *slot += 1;
                    }
                }
            }
            Self::Counts(counts) => {
                for (slot, atom) in weights.iter_mut().zip(atoms) {
                    *slot = counts.draw(atom.count, random);
                }
            }
        }
    }
}

fn pick(from: &[usize], random: &mut Random) -> Option<usize> {
    usize::try_from(random.below(from.len() as u64)).ok().and_then(|place| from.get(place)).copied()
}

/// Clusters that stand alike are drawn from each other, so that each stratum and side keeps its number. One that stands like no
/// other would never vary; such clusters are drawn from together.
fn cluster_classes(standings: &[Option<Standing>]) -> Vec<Vec<usize>> {
    let mut classes: BTreeMap<Standing, Vec<usize>> = BTreeMap::new();
    for (cluster, standing) in standings.iter().enumerate() {
        if let Some(standing) = standing {
            classes.entry(*standing).or_default().push(cluster);
        }
    }
    let (lone, mut together): (Vec<_>, Vec<_>) = classes.into_values().partition(|class| class.len() < 2);
    let mut lone: Vec<usize> = lone.concat();
    if lone.len() == 1 {
        lone.extend(together.pop().unwrap_or_default());
    }
    together.push(lone);
    together
}
