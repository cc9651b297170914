//! How often a true null hypothesis is rejected at 5 %, by simulation with a fixed seed.

use crate::*;

/// `SplitMix64` (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        real((bits ^ (bits >> 31)) >> 11) / real(1 << 53)
    }

    fn share(&mut self, rate: f64, total: u64) -> Share {
        Share::new((0..total).filter(|_| self.uniform() < rate).count() as u64, total)
    }

    /// The rate of one cluster, about 0.15 around the middle.
    fn rate(&mut self, middle: f64) -> f64 {
        let normal = (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0;
        (middle + 0.15 * normal).clamp(0.05, 0.95)
    }
}

fn rejected(runs: u32, mut p: impl FnMut() -> Option<f64>) -> f64 {
    f64::from((0..runs).map(|_| u32::from(p().is_some_and(|p| p < 0.05))).sum::<u32>()) / f64::from(runs)
}

#[test]
fn many_thin_strata_reject_about_one_in_twenty() {
    let mut random = Random(1);
    for rows in [1, 2, 3, 5] {
        let share = rejected(4_000, || {
            let tables: Vec<StratumTable> = (0..300)
                .map(|_| {
                    let rate = 0.2 + 0.6 * random.uniform();
                    StratumTable { group: random.share(rate, rows), reference: random.share(rate, rows) }
                })
                .collect();
            mantel_haenszel(&tables).map(|found| found.p)
        });
        println!("300 strata of {rows} a side: {share}");
        assert!((0.04..0.065).contains(&share), "300 strata of {rows} a side: {share}");
    }
}

/// Clusters of each stratum in the group and in its reference, and the rows of a cluster.
type Design<'a> = &'a [(usize, usize, &'a [u64])];

#[test]
fn few_clusters_do_not_reject_more_often() {
    const ALIKE: &[u64] = &[40];
    const UNLIKE: &[u64] = &[5, 150, 10, 40, 20];
    let (thin, mixed) = ([(2, 2, [20].as_slice()); 10], [(2, 6, [120].as_slice()), (10, 10, &[8])]);
    let designs: [(&str, Design<'_>, std::ops::Range<f64>); 9] = [
        ("2/50", &[(2, 50, ALIKE)], 0.0..0.02),
        ("3/50", &[(3, 50, ALIKE)], 0.015..0.055),
        ("5/50", &[(5, 50, ALIKE)], 0.025..0.06),
        ("20/20", &[(20, 20, ALIKE)], 0.035..0.065),
        ("2/2", &[(2, 2, ALIKE)], 0.01..0.06),
        ("5/50 of unlike size", &[(5, 50, UNLIKE)], 0.0..0.05),
        ("20/20 of unlike size", &[(20, 20, UNLIKE)], 0.03..0.07),
        ("ten strata of 2/2", &thin, 0.03..0.07),
        ("a large stratum of 2/6, a small one of 10/10", &mixed, 0.0..0.05),
    ];
    let mut random = Random(2);
    for (name, design, expected) in designs {
        let share = rejected(2_000, || {
            let mut cells = Vec::new();
            for (stratum, (own, other, sizes)) in design.iter().enumerate() {
                for place in 0..own + other {
                    let rate = random.rate(0.5 - 0.02 * real(stratum as u64));
                    let share = random.share(rate, sizes[place % sizes.len()]);
                    cells.push(ClusterCell { cluster: cells.len(), stratum, in_group: place < *own, share });
                }
            }
            clustered_stratified_difference(&cells).map(|found| found.p)
        });
        println!("{name}: {share}");
        assert!(expected.contains(&share), "{name}: {share}, expected {expected:?}");
    }
}
