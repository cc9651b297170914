//! What a comparison's row says about its method, in both languages.

mod resampled;

pub(super) use resampled::{Drawn, ResampledMethod, quantity, single};

use super::row::Rows;
use super::{Comparison, MeasureSpec};
use crate::summary::{Bilingual, Quantity};
use gongdao_stats::{Statistic, TableTest};

/// How the interval and the p-value of a row were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// Newcombe's interval and a test of the two-by-two table.
    Counts(Option<TableTest>),
    /// Cluster-robust difference, with the number of clusters.
    Clustered(usize),
    /// Mantel–Haenszel, with the number of strata.
    Pooled(usize),
    /// Mantel–Haenszel with a cluster-robust error: strata, clusters.
    PooledClustered(usize, usize),
    /// The same where nothing varies within the strata.
    NoPooledError(usize),
    /// Clusters were asked for, and their error cannot be estimated.
    NoClusterError,
    /// The same after stratification, with the number of strata.
    NoPooledClusterError(usize),
    /// Welch's difference of means.
    Welch,
    /// A difference of means of numbers that do not vary, or of one number a side.
    NoWelch,
    /// By bootstrap and permutation.
    Resampled(ResampledMethod),
}

impl Method {
    /// Whether strata were put together.
    pub(super) fn is_pooled(self) -> bool {
        match self {
            Self::Pooled(_) | Self::NoPooledError(_) | Self::PooledClustered(..) | Self::NoPooledClusterError(_) => {
                true
            }
            Self::Resampled(method) => method.strata.is_some(),
            _ => false,
        }
    }

    /// What is compared.
    pub(super) fn quantity(self) -> Quantity {
        match self {
            Self::Welch | Self::NoWelch => Quantity::Mean,
            Self::Resampled(method) => match method.statistic {
                Statistic::Mean => Quantity::Mean,
                Statistic::Ratio => Quantity::Ratio,
                Statistic::Quantile(_) => Quantity::Quantile,
                Statistic::Gini => Quantity::Gini,
            },
            _ => Quantity::Share,
        }
    }
}

/// The method in words, with the correction and the size of its family.
pub(super) fn method(method: Method, comparison: &Comparison, family: usize) -> Bilingual {
    let unit = cluster_unit(comparison);
    let own = match method {
        Method::Counts(test) => {
            let test = match test {
                Some(TableTest::Fisher) => Bilingual::new("Fisher 精确检验（双侧）", "Fisher's exact test, two-sided"),
                Some(TableTest::ChiSquare) => Bilingual::new(
                    "Pearson 卡方检验（无连续性校正）",
                    "Pearson's chi-square test without continuity correction",
                ),
                None => Bilingual::new("无从检验（结果全同）", "no test: all outcomes are the same"),
            };
            Bilingual::new(
                format!("差：Newcombe 混合得分 95% 区间；比：Katz 对数 95% 区间；{}", test.zh),
                format!("difference: Newcombe hybrid score 95 % interval; ratio: Katz log 95 % interval; {}", test.en),
            )
        }
        Method::Clustered(clusters) => Bilingual::new(
            format!(
                "差：按{}聚类的稳健误差（线性化），t 分布 95% 区间与检验，{clusters} 个{}；比未给区间",
                unit.zh, unit.zh
            ),
            format!(
                "difference: error robust to {} (linearised), 95 % interval and test by Student's t, {clusters} {}; no interval for the ratio",
                unit.en, unit.en
            ),
        ),
        Method::Pooled(strata) => Bilingual::new(
            format!("分层：Mantel–Haenszel 率差，Sato 方差，95% 正态区间与检验，{strata} 层"),
            format!(
                "stratified: Mantel–Haenszel risk difference with Sato's variance, 95 % normal interval and test, {}",
                strata_en(strata)
            ),
        ),
        Method::PooledClustered(strata, clusters) => Bilingual::new(
            format!(
                "分层：Mantel–Haenszel 率差，按{}聚类的稳健误差，t 分布 95% 区间与检验，{strata} 层，{clusters} 个{}",
                unit.zh, unit.zh
            ),
            format!(
                "stratified: Mantel–Haenszel risk difference with an error robust to {}, 95 % interval and test by Student's t, {}, {clusters} {}",
                unit.en,
                strata_en(strata),
                unit.en
            ),
        ),
        Method::NoPooledError(strata) => Bilingual::new(
            format!("分层：Mantel–Haenszel 率差，{strata} 层；各层之内结果没有变化，不给区间，不作检验"),
            format!(
                "stratified: Mantel–Haenszel risk difference, {}; nothing varies within: no interval, no test",
                strata_en(strata)
            ),
        ),
        Method::NoClusterError => no_cluster_error(&unit),
        Method::NoPooledClusterError(strata) => {
            let own = no_cluster_error(&unit);
            Bilingual::new(
                format!("分层：Mantel–Haenszel 率差，{strata} 层；{}", own.zh),
                format!("stratified: Mantel–Haenszel risk difference, {}; {}", strata_en(strata), own.en),
            )
        }
        Method::Welch => Bilingual::new(
            "均值差：Welch t 检验及其 95% 区间",
            "difference of means: Welch's t test and its 95 % interval",
        ),
        Method::NoWelch => Bilingual::new(
            "均值差：数值没有变化，或一方只有一个，不给区间，不作检验",
            "difference of means: the numbers do not vary, or a side has only one: no interval, no test",
        ),
        Method::Resampled(found) => resampled::difference(&found, &unit),
    };
    let plural = if family == 1 { "" } else { "s" };
    Bilingual::new(
        format!("{}；Holm 校正（{family} 次比较）", own.zh),
        format!("{}; Holm correction over {family} comparison{plural}", own.en),
    )
}

fn strata_en(count: usize) -> String {
    if count == 1 { "1 stratum".to_owned() } else { format!("{count} strata") }
}

fn cluster_unit(comparison: &Comparison) -> Bilingual {
    comparison.cluster_words.clone().unwrap_or_else(any_cluster)
}

/// A cluster without a name.
pub(super) fn any_cluster() -> Bilingual {
    Bilingual::new("聚类", "clusters")
}

fn no_cluster_error(unit: &Bilingual) -> Bilingual {
    Bilingual::new(
        format!("{}太少，或各{}结果全同，按其聚类的误差无从估计：不给区间，不作检验", unit.zh, unit.zh),
        format!(
            "too few {}, or no variation among them, to estimate an error robust to them: no interval, no test",
            unit.en
        ),
    )
}

/// In place of the method where the figures are withheld: which test it was would say what the figures are like.
pub(super) fn withheld() -> Bilingual {
    Bilingual::new("行数少于最小单元，数字不予显示", "fewer rows than the minimum cell: figures are withheld")
}

/// How small a difference these numbers could have shown.
pub(super) fn power(least: f64, quantity: Quantity, unit: Option<&str>) -> Bilingual {
    let size = size(&format!("{least:.4}"), least, quantity, unit);
    Bilingual::new(
        format!("在 5% 双侧水平、未作多重校正时，80% 的把握只能发现不小于 {} 的差", size.zh),
        format!(
            "at the 5 % two-sided level, before correction, only a difference of {} or more is found with 80 % power",
            size.en
        ),
    )
}

/// A size of a difference: shares in percentage points, others as they are `written`, with their unit.
fn size(written: &str, size: f64, quantity: Quantity, unit: Option<&str>) -> Bilingual {
    match (quantity, unit) {
        (Quantity::Share, _) => {
            Bilingual::new(format!("{:.2} 个百分点", size * 100.0), format!("{:.2} percentage points", size * 100.0))
        }
        (_, Some(unit)) => Bilingual::new(format!("{written} {unit}"), format!("{written} {unit}")),
        (_, None) => Bilingual::new(written, written),
    }
}

/// What a side of a stratum needs at least where clusters make the error.
pub(super) fn fewer_than_two(own: &Comparison) -> Bilingual {
    let unit = cluster_unit(own);
    Bilingual::new(format!("、某一方只有一个{}", unit.zh), format!(" or a side of fewer than two {}", unit.en))
}

/// The same where a side is resampled.
pub(super) fn fewer_than(least: u64, own: &Comparison) -> Bilingual {
    match own.cluster.as_ref().map(|_| cluster_unit(own)) {
        Some(unit) => Bilingual::new(
            format!("、某一方不足 {least} 个{}", unit.zh),
            format!(" or a side of fewer than {least} {}", unit.en),
        ),
        None => Bilingual::new(format!("、某一方不足 {least} 行"), format!(" or a side of fewer than {least} rows")),
    }
}

/// What a row left out, with the measure's own note.
pub(super) fn note(spec: &MeasureSpec, rows: &Rows) -> Option<Bilingual> {
    let Rows { missing, left_out, .. } = *rows;
    let mut parts: Vec<Bilingual> = spec.note.iter().cloned().collect();
    if missing > 0 {
        parts.push(without_outcome(missing));
    }
    if left_out > 0 {
        let Bilingual { zh: lone_zh, en: lone_en } = rows.thin.clone().unwrap_or_default();
        parts.push(Bilingual::new(
            format!("{left_out} 行缺少分层变量或所在层只有一组{lone_zh}，未计入分层结果"),
            format!("{left_out} rows lack a stratifying value or stand in a stratum with one group alone{lone_en}; the stratified row leaves them out"),
        ));
    }
    parts.into_iter().reduce(|before, part| sentences(&before, &part))
}

fn without_outcome(missing: u64) -> Bilingual {
    Bilingual::new(format!("{missing} 行缺少结果，未计入"), format!("{missing} rows without the outcome are left out"))
}

/// A figure's method, with the rows that have nothing to measure.
pub(super) fn with_missing(method: Bilingual, missing: u64) -> Bilingual {
    if missing == 0 {
        return method;
    }
    let rows = without_outcome(missing);
    Bilingual::new(format!("{}；{}", method.zh, rows.zh), format!("{}; {}", method.en, rows.en))
}

/// Two remarks, one after the other; the first may come with its full stop.
fn sentences(before: &Bilingual, after: &Bilingual) -> Bilingual {
    Bilingual::new(
        format!("{}。{}", before.zh.trim_end_matches('。'), after.zh),
        format!("{}. {}", before.en.trim_end_matches('.'), after.en),
    )
}

/// A remark for a difference that is there but smaller than the measure's threshold.
pub(super) fn below_threshold(note: Option<Bilingual>, own: &Comparison, quantity: Quantity) -> Bilingual {
    let least = own.least_difference;
    let size = size(&least.to_string(), least, quantity, own.unit.as_deref());
    let own = Bilingual::new(
        format!("差异存在，但小于本度量的提示门槛 {}", size.zh),
        format!("a difference exists, but below this measure's threshold of {}", size.en),
    );
    match note {
        Some(note) => sentences(&note, &own),
        None => own,
    }
}
