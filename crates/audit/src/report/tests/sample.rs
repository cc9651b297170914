//! A summary with something of everything that the report can show.

use crate::summary::*;
use gongdao_model::{Effect, Outcome, Standing, VersionKey};
use std::collections::BTreeMap;

fn two(zh: &str, en: &str) -> Bilingual {
    Bilingual::new(zh, en)
}

fn outcomes(list: &[(Outcome, u64)]) -> BTreeMap<Outcome, u64> {
    list.iter().copied().collect()
}

pub(super) fn summary() -> Summary {
    Summary {
        format: format_of(&measures()),
        source: Source {
            adapter: "city".to_owned(),
            title: two("合成城市：一个平台的一周", "A synthetic city: one platform, one week"),
            note: Some(two("数据是合成的，没有真实的人。", "The data is synthetic; nobody in it is real.")),
            illustration: true,
            kind: SourceKind::Decisions,
        },
        period: Some(Period {
            first: "2024-05-01T00:00:12+08:00".parse().unwrap(),
            last: "2024-05-07T23:59:48.250+08:00".parse().unwrap(),
        }),
        counts: counts(),
        coverage: Coverage {
            pairs: 1_640_000,
            judged: 1_412_118,
            rules: 41,
            rules_fully_judged: 29,
            rules_never_judged: 3,
        },
        provisions: provisions(),
        rules: rules(),
        measures: measures(),
        figures: figures(),
        declared: super::declared::rows(),
        data_quality: vec![DataFinding {
            file: "orders.csv".to_owned(),
            column: Some("price".to_owned()),
            code: "out-of-range".to_owned(),
            message: two("`1250000` 大于上限 10000", "`1250000` is more than 10000"),
            hint: Some(two("检查单位是不是差了 1,000 倍", "check whether the unit is off by 1,000")),
            set_aside: true,
            count: 112,
            first_rows: vec![17, 240, 1_311],
        }],
        parameters: parameters(),
        run: Run {
            program: "gongdao 0.1.0".to_owned(),
            engine: "reference".to_owned(),
            command: "gongdao audit adapters/city.toml --out out".to_owned(),
            packs_digest: format!("sha256:{}", "1f".repeat(32)),
            strict: false,
            drafts: false,
            adapter_digest: format!("sha256:{}", "2e".repeat(32)),
            data_digest: format!("sha256:{}", "3d".repeat(32)),
            ledger: None,
            files: vec![DataFile {
                file: "orders.csv".to_owned(),
                rows: 200_112,
                bytes: 31_457_280,
                digest: format!("sha256:{}", "3d".repeat(32)),
            }],
        },
    }
}

fn counts() -> Counts {
    Counts {
        rows: 200_112,
        set_aside: 112,
        erased: 0,
        decisions: 200_000,
        violated: 3_481,
        violated_provisional_only: 1_204,
        disputed: 912,
        undetermined: 61_530,
        clear: 134_997,
        silent: 80,
        by_action: BTreeMap::from([
            (
                "dispatch".to_owned(),
                ActionCount { label: two("派单", "dispatch an order"), decisions: 120_000, violated: 1_204 },
            ),
            (
                "recommend".to_owned(),
                ActionCount { label: two("推荐", "recommend"), decisions: 80_000, violated: 2_277 },
            ),
        ]),
    }
}

fn parameters() -> Vec<ParameterUsed> {
    vec![
        ParameterUsed {
            name: "continuousDeliveryMinutes".to_owned(),
            label: two("连续送单多久须停派", "continuous delivery before a break"),
            value: 240,
            unit: "minutes".to_owned(),
            origin: ParameterOrigin::Provision {
                id: "cn.catering-guidance/3".parse().unwrap(),
                source: "secondary page".to_owned(),
            },
        },
        ParameterUsed {
            name: "hourlyMinimumWageFen".to_owned(),
            label: two("小时最低工资", "hourly minimum wage"),
            value: 2_640,
            unit: "fen".to_owned(),
            origin: ParameterOrigin::Assumption,
        },
    ]
}

fn provision(id: &str, title: (&str, &str), level: &str, text: (&str, &str)) -> ProvisionSummary {
    let id: gongdao_model::ProvisionId = id.parse().unwrap();
    ProvisionSummary {
        instrument: id.instrument(),
        id,
        instrument_title: two(title.0, title.1),
        instrument_level: level.to_owned(),
        text: two(text.0, text.1),
        ambiguity: None,
        readings: Vec::new(),
        standing: Standing::Verified,
        outcomes: BTreeMap::new(),
        disputed: 0,
        basis: false,
    }
}

const PIPL: (&str, &str) = ("中华人民共和国个人信息保护法", "Personal Information Protection Law");
const IISARMP: (&str, &str) =
    ("互联网信息服务算法推荐管理规定", "Internet Information Service Algorithmic Recommendation Management Provisions");
const CATERING: (&str, &str) =
    ("网络餐饮平台保障外卖送餐员权益指导意见", "Guiding Opinions on Online Catering Riders' Rights");

fn provisions() -> Vec<ProvisionSummary> {
    let guidance = ProvisionSummary {
        standing: Standing::Unverified,
        outcomes: outcomes(&[
            (Outcome::Violated, 1_204),
            (Outcome::Satisfied, 116_796),
            (Outcome::NotApplicable, 80_000),
            (Outcome::Undetermined, 2_000),
        ]),
        ..provision(
            "cn.catering-guidance/3",
            CATERING,
            "policy document",
            (
                "连续送单过久要提醒休息并停派一段时间",
                "After long unbroken delivery the system prompts a rest and sends no order for a while",
            ),
        )
    };
    let stop = ProvisionSummary {
        outcomes: outcomes(&[
            (Outcome::Violated, 2_277),
            (Outcome::Satisfied, 17_723),
            (Outcome::NotApplicable, 120_470),
            (Outcome::Undetermined, 59_530),
        ]),
        ..provision(
            "cn.iisarmp/17/1",
            IISARMP,
            "departmental rule",
            (
                "用户可以关掉个性化推荐，关掉后要立即停",
                "Users can switch recommendation off; once off, it stops at once",
            ),
        )
    };
    let hopeless = ProvisionSummary {
        outcomes: outcomes(&[(Outcome::Undetermined, 8_000)]),
        ..provision(
            "cn.iisarmp/18",
            IISARMP,
            "departmental rule",
            ("面向未成年人的服务不推荐有害内容", "Services for minors recommend nothing harmful"),
        )
    };
    let fine = ProvisionSummary {
        outcomes: outcomes(&[(Outcome::Satisfied, 5_000), (Outcome::NotApplicable, 195_000)]),
        ..provision(
            "cn.pipl/24/2",
            PIPL,
            "law",
            (
                "自动化营销要给出不针对个人特征的选项",
                "Automated marketing comes with an option that ignores personal traits",
            ),
        )
    };
    vec![guidance, stop, hopeless, open_text(), fine]
}

/// A provision whose readings disagree.
fn open_text() -> ProvisionSummary {
    ProvisionSummary {
        ambiguity: Some(two(
            "“人力资源管理所必需”是否包括平台骑手，条文没有说",
            "Whether “necessary for HR” reaches platform couriers is left open",
        )),
        readings: vec![
            ReadingSummary {
                id: "narrow".parse().unwrap(),
                text: two("只适用于有劳动关系的人", "Only people in a labour relationship"),
                held_by: Some(Bilingual::new("本包起草者", "drafter of this pack")),
                outcomes: outcomes(&[(Outcome::Violated, 912), (Outcome::Satisfied, 88)]),
            },
            ReadingSummary {
                id: "broad".parse().unwrap(),
                text: two("也适用于平台骑手", "Platform couriers too"),
                held_by: None,
                outcomes: outcomes(&[(Outcome::Satisfied, 1_000)]),
            },
        ],
        outcomes: outcomes(&[(Outcome::Satisfied, 88)]),
        disputed: 912,
        ..provision(
            "cn.pipl/13/1/2",
            PIPL,
            "law",
            (
                "为订立合同或人力资源管理所必需时，可以不经同意处理",
                "Handling may go without consent where a contract or HR management needs it",
            ),
        )
    }
}

fn rule(id: &str, reading: Option<&str>, from: &str, text: (&str, &str)) -> RuleSummary {
    let rule: gongdao_model::RuleId = id.parse().unwrap();
    RuleSummary {
        provision: rule.provision(),
        key: VersionKey { rule, reading: reading.map(|word| word.parse().unwrap()), from: from.parse().unwrap() },
        text: two(text.0, text.1),
        effect: Some(Effect::Hold),
        standing: Standing::Verified,
        outcomes: BTreeMap::new(),
        missing: Vec::new(),
        engine_errors: BTreeMap::new(),
        asserted: Vec::new(),
        examples: Vec::new(),
    }
}

fn example(number: u64, outcome: Outcome) -> Example {
    Example {
        decision: format!("d-{number}"),
        at: "2024-05-02T12:30:00+08:00".parse().unwrap(),
        outcome,
        file: "orders.csv".to_owned(),
        row: number,
    }
}

fn missing(fact: &str, label: (&str, &str), grade: FactGrade, count: u64) -> MissingFact {
    MissingFact { fact: fact.parse().unwrap(), label: two(label.0, label.1), grade, count }
}

fn rules() -> Vec<RuleSummary> {
    let mut rules = vec![
        RuleSummary {
            standing: Standing::Unverified,
            effect: Some(Effect::Stop),
            outcomes: outcomes(&[
                (Outcome::Violated, 1_204),
                (Outcome::Satisfied, 116_796),
                (Outcome::NotApplicable, 80_000),
                (Outcome::Undetermined, 2_000),
            ]),
            missing: vec![missing(
                "context.continuousMinutes",
                ("连续配送时长", "continuous delivery time"),
                FactGrade::Derived,
                2_000,
            )],
            examples: vec![example(90, Outcome::Violated), example(212, Outcome::Violated)],
            ..rule(
                "cn.catering-guidance/3#no-order-when-tired",
                None,
                "2021-07-16",
                ("连续送单超过规定时长后不再派单", "No further order after the set time of unbroken delivery"),
            )
        },
        RuleSummary {
            effect: Some(Effect::NonPersonalised),
            outcomes: outcomes(&[
                (Outcome::Violated, 2_277),
                (Outcome::Satisfied, 17_723),
                (Outcome::NotApplicable, 120_470),
                (Outcome::Undetermined, 59_530),
            ]),
            missing: vec![missing(
                "resource.profilingOff",
                ("已关闭个性化推荐", "recommendation switched off"),
                FactGrade::Observed,
                59_530,
            )],
            examples: vec![example(17, Outcome::Violated)],
            ..rule(
                "cn.iisarmp/17/1#stop-on-opt-out",
                None,
                "2022-03-01",
                ("用户关掉后立即停止", "Stops at once after the switch"),
            )
        },
        RuleSummary {
            outcomes: outcomes(&[(Outcome::Undetermined, 8_000)]),
            missing: vec![missing("resource.minor", ("是否未成年人", "whether a minor"), FactGrade::Observed, 7_990)],
            engine_errors: BTreeMap::from([("integer overflow".to_owned(), 10)]),
            examples: vec![example(4, Outcome::Undetermined)],
            ..rule(
                "cn.iisarmp/18#no-harm",
                None,
                "2022-03-01",
                ("不向未成年人推荐有害内容", "Nothing harmful to minors"),
            )
        },
    ];
    for (reading, list) in [
        ("broad", vec![(Outcome::Satisfied, 1_000)]),
        ("narrow", vec![(Outcome::Violated, 912), (Outcome::Satisfied, 88)]),
    ] {
        rules.push(RuleSummary {
            outcomes: outcomes(&list),
            asserted: vec![FactLabel {
                fact: "context.necessaryForHr".parse().unwrap(),
                label: two("运营者称为人力资源管理所必需", "the operator says HR needs it"),
            }],
            ..rule("cn.pipl/13/1/2#basis", Some(reading), "2021-11-01", ("处理要有依据", "Handling needs a basis"))
        });
    }
    rules
}

fn measures() -> Vec<MeasureRow> {
    let crude = MeasureRow {
        measure: "price-by-habit".to_owned(),
        provision: "cn.pipl/24/2".parse().unwrap(),
        title: two("老用户和新用户看到的价格", "Prices shown to old and new users"),
        outcome: two("看到高于中位价的报价的比例", "share of offers above the median price"),
        quantity: Quantity::Share,
        unit: None,
        stratum: BTreeMap::new(),
        pooled: false,
        confounders: vec![two("时段", "time of day"), two("距离", "distance")],
        group_a: two("老用户", "old users"),
        group_b: two("新用户", "new users"),
        n_a: 12_400,
        n_b: 8_150,
        rate_a: Some(0.537),
        rate_b: Some(0.489),
        difference: Some(0.048),
        ci_low: Some(0.034),
        ci_high: Some(0.062),
        ratio: Some(1.098),
        ratio_low: Some(1.068),
        ratio_high: Some(1.129),
        p: Some(0.000_001),
        p_adjusted: Some(0.000_002),
        method: two("Newcombe 区间，95%；Holm 校正", "Newcombe interval, 95 %; Holm correction"),
        flag: MeasureFlag::Disparity,
        note: None,
        power: None,
        suppressed: false,
    };
    let pooled = MeasureRow {
        pooled: true,
        rate_a: Some(0.513),
        rate_b: Some(0.507),
        difference: Some(0.006),
        ci_low: Some(-0.009),
        ci_high: Some(0.021),
        ratio: Some(1.012),
        ratio_low: None,
        ratio_high: None,
        p: Some(0.41),
        p_adjusted: Some(0.41),
        flag: MeasureFlag::NotShown,
        power: Some(two("小于 2 个百分点的差别看不出来", "a difference under 2 points could not be seen")),
        ..crude.clone()
    };
    let few = MeasureRow {
        stratum: BTreeMap::from([("hour".to_owned(), "3".to_owned())]),
        n_a: 4,
        n_b: 9,
        rate_a: None,
        rate_b: None,
        difference: None,
        ci_low: None,
        ci_high: None,
        ratio: None,
        ratio_low: None,
        ratio_high: None,
        p: None,
        p_adjusted: None,
        suppressed: true,
        flag: MeasureFlag::TooFew,
        ..crude.clone()
    };
    vec![crude, pooled, few]
}

fn figures() -> Vec<FigureRow> {
    let figure = |sector: &str, value: Option<f64>, n: u64| FigureRow {
        measure: "price-by-sector".to_owned(),
        provision: "cn.pipl/24/1".parse().unwrap(),
        title: two("各业务的平均报价", "Average offer by line of business"),
        cell: BTreeMap::from([("sector".to_owned(), sector.to_owned())]),
        label: two("平均报价", "average offer"),
        value,
        low: None,
        high: None,
        unit: "fen".to_owned(),
        n,
        suppressed: value.is_none(),
        note: Some(two("只含有报价的决策。", "Only decisions with an offer.")),
        method: None,
    };
    vec![figure("ride", Some(2_315.5), 12_400), figure("food", Some(1_899.0), 8_150), figure("ferry", None, 4)]
}
