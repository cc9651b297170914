//! What a row says about resampling: quantity, what was drawn how often, and what the test tests.

use crate::summary::Bilingual;
use gongdao_stats::{DRAWN_ROWS, LEAST_UNITS, NotResampled, Scheme, Statistic};

/// How a resampled row was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResampledMethod {
    pub statistic: Statistic,
    /// Strata of a pooled row.
    pub strata: Option<usize>,
    /// Whether clusters were declared.
    pub clustered: bool,
    pub found: Result<Drawn, NotResampled>,
}

/// What was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Drawn {
    pub scheme: Scheme,
    pub draws: u32,
    pub units: u64,
    /// What was relabelled; none without a permutation test.
    pub relabelled: Option<Scheme>,
}

/// The quantity's name.
pub(crate) fn quantity(statistic: Statistic) -> Bilingual {
    match statistic {
        Statistic::Mean => Bilingual::new("均值", "mean"),
        Statistic::Ratio => Bilingual::new("两和之比", "ratio of two sums"),
        Statistic::Quantile(500) => Bilingual::new("中位数", "median"),
        Statistic::Quantile(thousandths) => {
            let place = f64::from(thousandths) / 1_000.0;
            Bilingual::new(format!("{place} 分位数"), format!("{place} quantile"))
        }
        Statistic::Gini => Bilingual::new("基尼系数", "Gini coefficient"),
    }
}

/// A difference's method.
pub(super) fn difference(method: &ResampledMethod, unit: &Bilingual) -> Bilingual {
    let name = quantity(method.statistic);
    let held = method.strata.map_or_else(
        || Bilingual::new(format!("{}之差：", name.zh), format!("difference of the {}: ", name.en)),
        |strata| {
            let layers = if strata == 1 { "1 stratum".to_owned() } else { format!("{strata} strata") };
            Bilingual::new(
                format!("分层：各层{}之差按 Mantel–Haenszel 权重平均，{strata} 层；", name.zh),
                format!("stratified: differences of the {} averaged with Mantel–Haenszel weights, {layers}; ", name.en),
            )
        },
    );
    let how = match method.found {
        Err(reason) => no_interval(reason, unit, method.clustered),
        Ok(drawn) => {
            let (interval, test) = (interval(&drawn, unit), tests(&drawn, unit, method.strata.is_some()));
            Bilingual::new(format!("{}；{}", interval.zh, test.zh), format!("{}; {}", interval.en, test.en))
        }
    };
    Bilingual::new(format!("{}{}", held.zh, how.zh), format!("{}{}", held.en, how.en))
}

/// One group's method.
pub(crate) fn single(statistic: Statistic, found: Result<Drawn, NotResampled>, unit: Option<&Bilingual>) -> Bilingual {
    let name = quantity(statistic);
    let words = unit.cloned().unwrap_or_default();
    let how = match found {
        Ok(drawn) => interval(&drawn, &words),
        Err(reason) => no_interval(reason, &words, unit.is_some()),
    };
    Bilingual::new(format!("{}：{}", name.zh, how.zh), format!("{}: {}", name.en, how.en))
}

fn interval(drawn: &Drawn, unit: &Bilingual) -> Bilingual {
    let Drawn { scheme, draws, units, .. } = *drawn;
    let what = match scheme {
        Scheme::Rows => Bilingual::new("逐行有放回抽取", "of rows, drawn with replacement"),
        Scheme::Counts => Bilingual::new(
            format!("超过 {DRAWN_ROWS} 行的一方，各不同数值的行数按泊松分布抽取，其余逐行抽取"),
            format!(
                "in which a side above {DRAWN_ROWS} rows draws the count of each distinct number from Poisson's distribution, a smaller one its rows"
            ),
        ),
        Scheme::Clusters => Bilingual::new(
            format!("以{}为单位有放回抽取，共 {units} 个", unit.zh),
            format!("of whole {}, drawn with replacement, {units} in all", unit.en),
        ),
    };
    Bilingual::new(
        format!("自助法，重抽样 {draws} 次（{}），百分位 95% 区间，两端按 t 分布加宽", what.zh),
        format!(
            "bootstrap, {draws} resamples {}; percentile 95 % interval, its tails expanded after Student's t",
            what.en
        ),
    )
}

fn tests(drawn: &Drawn, unit: &Bilingual, stratified: bool) -> Bilingual {
    let Drawn { draws, relabelled: Some(relabelled), .. } = *drawn else {
        return Bilingual::new(
            format!("t 检验用自助误差；同一{}内有两组，组别无从置换，未作置换检验", unit.zh),
            format!("Student's t with the bootstrap error; {} hold both groups, so labels cannot be permuted", unit.en),
        );
    };
    let within = if stratified { Bilingual::new("各层之内", " within strata") } else { Bilingual::default() };
    let labels = match relabelled {
        Scheme::Rows => Bilingual::new("在各行之间置换组别", "labels permuted among rows"),
        Scheme::Counts => {
            Bilingual::new("每行按同一概率重新归组", "labels drawn anew, each row the group's with the same chance")
        }
        Scheme::Clusters => {
            Bilingual::new(format!("在{}之间置换组别", unit.zh), format!("labels permuted among {}", unit.en))
        }
    };
    Bilingual::new(
        format!(
            "p 取两者中较大的：置换检验（{}{} {draws} 次；零假设是组别对整个分布没有影响，不只是此量相等），与自助误差的 t 检验",
            within.zh, labels.zh
        ),
        format!(
            "p: the larger of a permutation test, {}{} {draws} times (its null hypothesis is that the group makes no difference to the whole distribution, not to this quantity alone), and of Student's t with the bootstrap error",
            labels.en, within.en
        ),
    )
}

fn no_interval(reason: NotResampled, unit: &Bilingual, clustered: bool) -> Bilingual {
    let few = match (reason, clustered) {
        (NotResampled::TooFew, true) => Bilingual::new(
            format!("{}太少（一方不足 {LEAST_UNITS} 个，或其中一个几乎占了一方），不足以重抽样", unit.zh),
            format!("too few {} to resample: below {LEAST_UNITS} on a side, or one is nearly a whole side", unit.en),
        ),
        (NotResampled::TooFew, false) => Bilingual::new(
            format!("行数太少（一方不足 {LEAST_UNITS} 行，或其中一行几乎占了一方），不足以重抽样"),
            format!("too few rows to resample: below {LEAST_UNITS} on a side, or one is nearly a whole side"),
        ),
        (NotResampled::NoVariation, _) => {
            Bilingual::new("重抽样的结果全同，没有变化", "all resamples give the same, nothing varies")
        }
        (NotResampled::Undefined, _) => Bilingual::new(
            "百分之一以上的重抽样中此量没有定义",
            "the quantity is not defined in more than one in a hundred resamples",
        ),
    };
    Bilingual::new(format!("{}：不给区间，不作检验", few.zh), format!("{}: no interval, no test", few.en))
}
