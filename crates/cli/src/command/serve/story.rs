//! What happened in the demo before today: the register from declaration to force, filings in every state, consultations at each
//! stage, trials in sandboxes, orders. The clock is set back meanwhile, so that each thing has the day that it would have had.

use super::declared::{by_night, draft_of_time, night, pay, read, time};
use super::demo::checked;
use super::life::known;
use super::start::Running;
use gongdao_model::{DecisionRecord, LegalDate};
use gongdao_register::{FilingAct, VersionWhat};
use gongdao_service::{AlgorithmQuery, Caller, ServiceError, TrialTurn, VersionTurn};
use serde_json::{Value, json};

/// How many days ago the story begins.
pub(super) const BEGINS: i64 = 60;
/// The version that is tried, and the one that it is to follow.
pub(super) const TRIED_VERSION: &str = "delivery-time-night";
pub(super) const VERSION_BEFORE: &str = "delivery-time";
/// The place of the trial that runs, and one outside it.
const PLACE: &str = "440300";
const ELSEWHERE: &str = "440100";
/// Decisions that are made in the trial, and the first that is made outside.
const TRIED: usize = 24;
const INSIDE: usize = 20;
/// Those of the first day, which weigh something that was not declared.
const FIRST_DAY: usize = 5;

/// Whoever does something in the register.
pub(super) struct Story<'a> {
    running: &'a Running,
    officer: Caller,
    regulator: Caller,
    union: Caller,
    elected: Caller,
}

/// Algorithms that are filed differently, by their names in the register.
struct Algorithms {
    time: String,
    pay: String,
    feed: String,
}

impl<'a> Story<'a> {
    /// Errors: somebody has no account yet.
    pub(super) fn new(running: &'a Running) -> Result<Self, ServiceError> {
        let of = |name: &str| known(running, name);
        let (officer, regulator) = (of("officer")?, of("regulator")?);
        Ok(Self { running, officer, regulator, union: of("union")?, elected: of("worker2")? })
    }

    /// Everything up to the day from which the city's decisions are recorded on: versions in force, filings, the trials' plans.
    pub(super) fn before(&self) -> Result<(), ServiceError> {
        self.running.clock.days_ago(BEGINS);
        let all = self.algorithms()?;
        let trial = self.apply(TRIED_VERSION, PLACE, "cn.shenzhen-ai/44", (-12, 25))?;
        let talks = [
            ("delivery-time", "每 270 米多给一分钟，够吗？", "上坡路段 270 米一分钟不够。"),
            ("courier-pay", "在线一小时 30 元，等单也算，可以吗？", "夜里应当比白天多。"),
            (TRIED_VERSION, "夜里多给六分钟，先在一个区试，可以吗？", "试的时候不能扣款。"),
        ];
        let mut called = Vec::new();
        for (version, question, comment) in talks {
            called.push(self.call(version, -52, question)?);
            self.comment(called.last(), &self.union, comment)?;
        }
        self.running.clock.days_ago(50);
        let results = [
            ("agreed", "taken-up", "同意。上坡按实际时间另算。"),
            ("partly-agreed", "partly", "白天的标准同意；夜里的先试再谈。"),
            ("agreed", "taken-up", "同意试，试点期间超时不扣款。"),
        ];
        for (consultation, (outcome, status, text)) in called.iter().zip(results) {
            self.conclude(consultation, outcome, status, text)?;
        }
        for version in ["delivery-time", "courier-pay", TRIED_VERSION, "home-feed"] {
            self.effect(version, 9)?;
        }
        self.file(&all)?;
        self.running.clock.days_ago(30);
        let text = "每周报告一次；超时不扣款；有人受伤立即停。".to_owned();
        self.trial(&self.regulator, &trial, TrialTurn::Granted { text, document: Some("模拟〔2026〕7号".to_owned()) })?;
        self.running.clock.days_ago(25);
        let other = self.apply("home-feed-2", PLACE, "cn.shenzhen-ai/44", (-10, 20))?;
        self.running.clock.days_ago(21);
        let text = "推给未成年人的内容没有分开，先把这一点改好。".to_owned();
        let provision = Some("cn.iisarmp/18".parse()?);
        self.trial(&self.regulator, &other, TrialTurn::Refused { text, provision })
    }

    /// From the day on which the city was recorded: the trial with its decisions, drafts, orders. `tried` are decisions on times.
    pub(super) fn after(&self, tried: &[DecisionRecord]) -> Result<(), ServiceError> {
        self.orders()?;
        self.running.clock.days_ago(14);
        let waits = self.call("courier-pay-2", -1, "在线一小时 32 元，白天夜里一样，可以吗？")?;
        self.comment(Some(&waits), &self.union, "夜里应当再多四元。")?;
        self.running.clock.days_ago(12);
        let all = self.running.service.trials_in_order()?;
        let trial = all.iter().find(|view| view.trial.plan.version == TRIED_VERSION);
        let trial = trial.map(|view| view.trial.id.clone()).unwrap_or_default();
        self.trial(&self.officer, &trial, TrialTurn::Began)?;
        let tried: Vec<(usize, &DecisionRecord)> = tried.iter().take(TRIED).enumerate().collect();
        let (first, rest) = tried.split_at(FIRST_DAY.min(tried.len()));
        self.running.clock.days_ago(11);
        self.tried(first)?;
        self.running.clock.days_ago(10);
        self.tried(rest)?;
        self.running.clock.days_ago(9);
        let open = self.call("delivery-time-2", 11, "近单少给一分钟，远单多给几分钟，可以吗？")?;
        self.comment(Some(&open), &self.union, "近单本来就紧，一分钟也不能少。")?;
        self.comment(Some(&open), &self.elected, "远单多给，骑手欢迎。")?;
        self.running.clock.days_ago(5);
        let answer = json!({"what": "answered", "number": 1, "status": "partly", "text": "一公里以内的不减。"});
        self.say(&self.officer, &open, answer)?;
        let text = "第一周：没有投诉，超时没有扣款。头一天的五个决定把手上的单数也算了进去，这一项没有公布过，违反个人信息保护法第二十四条第一款，\
                    第二天已经去掉。四单在区外，被拦下。"
            .to_owned();
        self.trial(&self.officer, &trial, TrialTurn::Reported { text })?;
        let began = json!({"what": "service-began", "on": self.day(-6)?});
        let query = AlgorithmQuery { query: Some("接单排序".to_owned()), ..AlgorithmQuery::default() };
        for line in self.running.service.algorithms(&query, None, 1)? {
            self.running.service.act_on_filing(&self.officer, &line.id, read::<FilingAct>(began.clone())?)?;
        }
        self.running.clock.days_ago(2);
        self.apply("task-rank", "310000", "cn.shanghai-ai/sandbox", (5, 65)).map(drop)
    }

    fn algorithms(&self) -> Result<Algorithms, ServiceError> {
        let labour = |name: &str, purpose: &str| {
            json!({"provider": "模拟平台", "name": name, "class": "dispatch", "affects_labour": true,
                "opinion_attributes": true, "product": "模拟外卖", "service_form": "App",
                "texts": {"purpose": purpose, "mechanism": "按公布的规则算，规则可以重新运行核对。"},
                "details": {"human_review": "站点组长复核，五个工作日内答复。"}})
        };
        let time =
            self.algorithm(labour("配送时间", "告诉骑手和顾客多久送到。"), vec![time(), draft_of_time(), night()])?;
        let pay = self.algorithm(labour("骑手报酬", "算出骑手当天的报酬。"), pay())?;
        let feed = json!({"provider": "模拟平台", "name": "首页推荐", "class": "push", "affects_labour": false,
            "opinion_attributes": true, "product": "模拟外卖", "texts": {"purpose": "把附近的店按口味排出来。"}});
        let feeds = [
            ("home-feed", "按距离和评分排序。\n关闭个性化后只按距离。"),
            ("home-feed-2", "按距离、评分和常点的口味排序。\n关闭个性化后只按距离。\n深夜不推酒。"),
        ];
        let feed = self.algorithm(feed, feeds.map(|(id, text)| plain(id, text)).into())?;
        let rank = json!({"provider": "邻里跑腿", "name": "接单排序", "class": "ranking", "affects_labour": true,
            "opinion_attributes": true, "product": "邻里跑腿", "texts": {"purpose": "把任务按距离排给跑腿员看。"}});
        self.algorithm(rank, vec![plain("task-rank", "按距离从近到远。\n当天拒单不影响排序。")])?;
        Ok(Algorithms { time, pay, feed })
    }

    fn algorithm(&self, description: Value, versions: Vec<Value>) -> Result<String, ServiceError> {
        let service = &self.running.service;
        let id = service.register_algorithm(&self.officer, read(description)?)?.algorithm.id;
        for version in versions {
            service.declare_version(&self.officer, &id, read(version)?)?;
        }
        Ok(id)
    }

    fn call(&self, version: &str, last_day: i32, question: &str) -> Result<String, ServiceError> {
        let seats = json!([
            {"side": "union", "name": "市总工会", "account": self.union.actor},
            {"side": "elected", "name": "骑手代表", "account": self.elected.actor},
            {"side": "platform", "name": "模拟平台", "account": self.officer.actor},
        ]);
        let new = json!({"last_day": self.day(last_day)?, "seats": seats, "question": question});
        let called = self.running.service.call_consultation(&self.officer, version, read(new)?)?;
        Ok(called.consultation.id)
    }

    fn comment(&self, consultation: Option<&String>, who: &Caller, text: &str) -> Result<(), ServiceError> {
        let Some(id) = consultation else { return Ok(()) };
        let digest = self.running.service.consultation(None, id)?.consultation.digest;
        let passage = json!({"digest": digest, "from_line": 1, "to_line": 1});
        self.say(who, id, json!({"what": "commented", "passage": passage, "text": text}))
    }

    fn say(&self, who: &Caller, consultation: &str, what: Value) -> Result<(), ServiceError> {
        self.running.service.act_on_consultation(who, consultation, read(what)?).map(drop)
    }

    fn conclude(&self, id: &str, outcome: &str, status: &str, text: &str) -> Result<(), ServiceError> {
        let today = self.running.service.now().date_in_shanghai();
        for what in [
            json!({"what": "answered", "number": 1, "status": status, "text": "见结果。"}),
            json!({"what": "met", "on": today, "present": ["union-1", "elected-1", "platform-1"],
                "minutes": "逐条谈了意见，平台说明了怎么算。"}),
            json!({"what": "concluded", "outcome": outcome, "text": text}),
            json!({"what": "announced", "told": "App 公告，站点张贴。"}),
        ] {
            self.say(&self.officer, id, what)?;
        }
        let report = json!({"what": "reported", "from": today, "until": today, "text": "公告已张贴，条文和协议一致。"});
        self.say(&self.union, id, report)
    }

    /// Public from today on, in force so many days later.
    fn effect(&self, version: &str, days: i32) -> Result<(), ServiceError> {
        let today = self.running.service.now().date_in_shanghai().day_number();
        let from = of_number(today.checked_add(days))?;
        for what in [VersionWhat::Published { from, address: None }, VersionWhat::Activated] {
            self.running.service.act_on_version(&self.officer, version, VersionTurn { what })?;
        }
        Ok(())
    }

    /// Filed, late, waiting for the authority. What is due soon begins later.
    fn file(&self, all: &Algorithms) -> Result<(), ServiceError> {
        let number = "网信算备440305224236606260011号";
        let acts: [(i64, &str, Value); 7] = [
            (48, all.time.as_str(), json!({"what": "service-began", "on": self.day(-50)?})),
            (47, all.time.as_str(), json!({"what": "submitted", "submission": "first", "on": self.day(-47)?})),
            (45, all.feed.as_str(), json!({"what": "service-began", "on": self.day(-45)?})),
            (40, all.pay.as_str(), json!({"what": "service-began", "on": self.day(-40)?})),
            (34, all.pay.as_str(), json!({"what": "submitted", "submission": "first", "on": self.day(-34)?})),
            (32, all.time.as_str(), json!({"what": "accepted", "number": number, "on": self.day(-32)?})),
            (
                31,
                all.time.as_str(),
                json!({"what": "number-shown", "address": "https://platform.example/filing", "on": self.day(-31)?}),
            ),
        ];
        for (days, algorithm, act) in acts {
            self.running.clock.days_ago(days);
            self.running.service.act_on_filing(&self.officer, algorithm, read::<FilingAct>(act)?)?;
        }
        Ok(())
    }

    fn apply(&self, version: &str, place: &str, ground: &str, days: (i32, i32)) -> Result<String, ServiceError> {
        let plan = json!({
            "version": version, "place": place, "from": self.day(days.0)?, "until": self.day(days.1)?, "persons": 40,
            "ground": ground, "purpose": "看这个规则在一个区里是不是行得通，有没有人因此受损。",
            "safeguards": "超时不扣款，少拿的由平台补足。", "informed": "开始前三天在 App 里告诉这个区的每个人，工会同时收到。",
            "leaving": "在 App 里点“不参加试点”，当天起按原来的规则算。", "report_days": 20,
            "stops": [{"measure": "violated", "percent": 20, "after": 100}, {"measure": "contested", "percent": 15, "after": 20}],
        });
        Ok(self.running.service.apply_for_trial(&self.officer, read(plan)?)?.trial.id)
    }

    fn trial(&self, who: &Caller, id: &str, turn: TrialTurn) -> Result<(), ServiceError> {
        self.running.service.act_on_trial(who, id, turn).map(drop)
    }

    /// Decisions of the version that is tried, each with its number: the first ones weigh too much, the last ones are outside its
    /// place.
    fn tried(&self, decisions: &[(usize, &DecisionRecord)]) -> Result<(), ServiceError> {
        let now = self.running.service.now();
        let again = |(number, record): &(usize, &DecisionRecord)| -> Result<DecisionRecord, ServiceError> {
            let place = if *number < INSIDE { PLACE } else { ELSEWHERE };
            Ok(DecisionRecord {
                id: format!("trial-{}", number + 1).parse()?,
                at: now,
                algorithm: Some(TRIED_VERSION.to_owned()),
                place: Some(place.parse()?),
                ..by_night((*record).clone(), *number < FIRST_DAY)?
            })
        };
        let again = decisions.iter().map(again).collect::<Result<Vec<_>, _>>()?;
        checked(self.running, &again)
    }

    /// One that is late, one that was kept, one that was answered, one that is open.
    fn orders(&self) -> Result<(), ServiceError> {
        let issue = |days: i64, kind: &str, provision: &str, text: &str, period: &str| {
            self.running.clock.days_ago(days);
            let new = json!({"kind": kind, "provisions": [provision], "text": text, "period": period});
            Ok::<_, ServiceError>(self.running.service.issue_order(&self.regulator, read(new)?)?.order.id)
        };
        let act = |who: &Caller, id: &str, what: &str, text: &str| {
            let what = read(json!({"what": what, "text": text}))?;
            self.running.service.act_on_order(who, id, what).map(drop)
        };
        let kept = issue(19, "information", "cn.iisarmp/28", "交出九月的派单日志和模型说明。", "10 working days")?;
        issue(18, "correction", "cn.iisarmp/20", "超时扣款的规则要写明计算方式，并在 App 里公示。", "5 working days")?;
        let answered = issue(17, "information", "cn.iisarmp/22", "说明申诉入口在哪里，多久答复。", "10 working days")?;
        self.running.clock.days_ago(16);
        act(&self.officer, &kept, "answered", "日志和说明已经交到指定的地方。")?;
        act(&self.regulator, &kept, "accepted", "材料齐全。")?;
        act(&self.officer, &answered, "answered", "入口在“我的”第一项，五个工作日内答复。")?;
        issue(15, "suspension", "cn.iisarmp/12", "在说明结果之前，停用按拒单次数排序。", "15 working days").map(drop)
    }

    /// A day from the present one on, as the demo will have it.
    fn day(&self, from_today: i32) -> Result<String, ServiceError> {
        Ok(of_number(self.running.clock.today().day_number().checked_add(from_today))?.to_string())
    }
}

fn of_number(number: Option<i32>) -> Result<LegalDate, ServiceError> {
    let day = number.and_then(LegalDate::from_day_number);
    day.ok_or_else(|| ServiceError::storage("the clock of this machine is at the end of the calendar"))
}

fn plain(id: &str, text: &str) -> Value {
    json!({"id": id, "text": text, "factors": [{"name": "距离"}]})
}
