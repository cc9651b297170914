//! What people do in the demo: two couriers, somebody of their union, and the desk, so that every page has something to show.

use super::demo::secret;
use super::start::Running;
use gongdao_desk::{About, Done, Limit, Limits, NewMandate, Outcome, RequestKind, What};
use gongdao_model::{DecisionRecord, Instant};
use gongdao_service::{
    Caller, Credential, ErrorKind, Member, NewAccount, NewCase, NewFiling, Role, Secret, ServiceError, Turn,
};
use std::collections::BTreeMap;

const DAY_MILLIS: i64 = 86_400_000;
/// How long a review takes.
const REVIEW_MILLIS: i64 = 420_000;
/// What couriers ask about: work, not parcels that they ordered themselves.
const WORK: [&str; 3] = ["dispatch", "pay", "penalise"];

/// The couriers whom most of the city's work is about, those with most decisions first.
pub(super) fn couriers(decisions: &[DecisionRecord], count: usize) -> Vec<String> {
    let mut work: BTreeMap<&str, usize> = BTreeMap::new();
    for decision in decisions.iter().filter(|decision| WORK.contains(&decision.action.as_str())) {
        if let Some(person) = &decision.person {
            *work.entry(person).or_default() += 1;
        }
    }
    let mut ranked: Vec<(&str, usize)> = work.into_iter().collect();
    ranked.sort_by_key(|(person, count)| (std::cmp::Reverse(*count), *person));
    ranked.into_iter().take(count).map(|(person, _)| person.to_owned()).collect()
}

/// Accounts of couriers and of their union.
pub(super) fn accounts(running: &mut Running, admin: &Caller, people: &[String]) -> Result<(), ServiceError> {
    account(running, admin, "worker", Role::Person, people.first().map(String::as_str))?;
    account(running, admin, "worker2", Role::Person, people.get(1).map(String::as_str))?;
    account(running, admin, "union", Role::Representative, None).map(drop)
}

/// Published limits, mandates and requests at several stages. `decisions` are those of the first courier, newest first.
pub(super) fn bring(running: &Running, people: &[String], decisions: &[String]) -> Result<(), ServiceError> {
    let (Some(first), Some(second)) = (people.first(), people.get(1)) else { return Ok(()) };
    let (worker, colleague) = (known(running, "worker")?, known(running, "worker2")?);
    let union = known(running, "union")?;
    let (officer, reviewer) = (known(running, "officer")?, known(running, "reviewer")?);
    publish(running, &officer)?;
    mandates(running, &colleague, &union, (first, second))?;
    reviewed(running, &worker, &reviewer, first, decisions)?;
    running.clock.days_ago(1);
    requests(running, &worker, first, decisions)?;
    answer(running, &worker, &officer, first)?;
    let members = vec![Member { person: second.clone(), about: About::default() }];
    let text = "连续三天派单间隔不到两分钟，没有时间休息。".to_owned();
    let filing = NewFiling { kind: RequestKind::Complain, members, text, ground: None, language: None, password: None };
    running.service.file_for_many(&union, filing)?;
    // Staff look at what they work on, and the courier sees it.
    for view in running.service.cases_of(&worker, first, None, 1)? {
        running.service.case(&reviewer, &view.case.id)?;
    }
    Ok(())
}

fn account(
    running: &mut Running,
    admin: &Caller,
    name: &str,
    role: Role,
    person: Option<&str>,
) -> Result<Caller, ServiceError> {
    let password = secret(running)?;
    let persons = person.iter().map(|person| (*person).to_owned()).collect();
    let new = NewAccount { name: name.to_owned(), roles: [role].into(), persons };
    running.service.create_account(admin, new, Some(&password))?;
    running.accounts.push((name.to_owned(), password.reveal().to_owned()));
    known(running, name)
}

/// Somebody whose account the demo has made.
pub(super) fn known(running: &Running, name: &str) -> Result<Caller, ServiceError> {
    let found = running.accounts.iter().find(|(known, _)| known == name);
    let absent = || ServiceError::new(ErrorKind::NotFound, format!("the demo has no `{name}`"), "remove its folder");
    let (_, password) = found.ok_or_else(absent)?;
    let session = running.service.log_in(name, &Secret::new(password.clone()))?;
    let caller = running.service.recognise(Credential::Session(session.token.reveal()))?;
    running.service.log_out(session.token.reveal())?;
    Ok(caller)
}

fn publish(running: &Running, officer: &Caller) -> Result<(), ServiceError> {
    let limit = |text: &str| text.parse().map(|period| Some(Limit(period))).map_err(ServiceError::from);
    let limits = Limits {
        identity: limit("3 working days")?,
        answer: limit("15 working days")?,
        agreement: limit("3 working days")?,
        review: limit("5 working days")?,
        input: limit("30 days")?,
        appeal: limit("30 days")?,
    };
    let version = running.service.desk_limits()?.version;
    running.service.change_desk_limits(officer, version, limits).map(drop)
}

/// One mandate that waits for a yes, and one that counts.
fn mandates(
    running: &Running,
    colleague: &Caller,
    union: &Caller,
    (first, second): (&str, &str),
) -> Result<(), ServiceError> {
    let until = Instant::from_millis(running.service.now().millis() + 180 * DAY_MILLIS)?;
    let of = |person: &str| NewMandate {
        person: person.to_owned(),
        representative: union.actor.clone(),
        kinds: [RequestKind::See, RequestKind::Explain, RequestKind::Contest, RequestKind::Complain].into(),
        decision: None,
        until,
    };
    running.service.propose_mandate(union, of(first))?;
    running.service.propose_mandate(colleague, of(second)).map(drop)
}

/// Contests that a person decided: some changed, some not, one that it still looks at.
fn reviewed(
    running: &Running,
    worker: &Caller,
    reviewer: &Caller,
    person: &str,
    decisions: &[String],
) -> Result<(), ServiceError> {
    let told = [
        ("weather", "下暴雨，路面积水，只能推着走。", Some((true, "当时有暴雨预警，时间应当放宽。这一单不扣。"))),
        ("others", "商家出餐晚了二十分钟。", Some((true, "商家的出餐记录晚了 22 分钟。这一单不算超时。"))),
        ("unfair", "同样的路，别人的钱多。", Some((false, "两单距离差 900 米，按公布的规则没有算错。"))),
        ("system-fault", "定位漂到了河对面。", Some((true, "轨迹有 1.2 公里的跳点，已按实际路线重算。"))),
        ("wrong-facts", "那天我没有拒单。", None),
    ];
    for (decision, (ground, text, result)) in decisions.iter().skip(2).zip(told) {
        let new = NewCase {
            kind: RequestKind::Contest,
            person: person.to_owned(),
            about: About { decision: Some(decision.clone()), ..About::default() },
            text: text.to_owned(),
            ground: Some(ground.to_owned()),
            language: None,
            password: None,
        };
        let id = running.service.file_case(worker, new)?.case.id;
        let act = |what| running.service.act_on_case(reviewer, &id, Turn { what, password: None }).map(drop);
        act(What::ReviewBegun { role: "十二站组长".to_owned() })?;
        running.clock.go_on(REVIEW_MILLIS);
        let Some((changed, text)) = result else { continue };
        let done = Done { system: "结算".to_owned(), what: "按复核的结果改正".to_owned() };
        act(What::Reviewed {
            seen: vec!["轨迹".to_owned(), "天气".to_owned(), "出餐记录".to_owned()],
            could_change: true,
            changed,
            text: text.to_owned(),
            done: if changed { vec![done] } else { Vec::new() },
            orders: Vec::new(),
        })?;
    }
    Ok(())
}

/// A contest, an explanation, something to be corrected.
fn requests(running: &Running, worker: &Caller, person: &str, decisions: &[String]) -> Result<(), ServiceError> {
    let new = |kind, about: About, text: &str, ground: Option<&str>| NewCase {
        kind,
        person: person.to_owned(),
        about,
        text: text.to_owned(),
        ground: ground.map(str::to_owned),
        language: None,
        password: None,
    };
    let about = |decision: Option<&String>| About { decision: decision.cloned(), ..About::default() };
    if let Some(decision) = decisions.first() {
        let told = "那段路积水封了，绕行多走了一公里多。";
        running
            .service
            .file_case(worker, new(RequestKind::Contest, about(Some(decision)), told, Some("traffic-control")))?;
    }
    running
        .service
        .file_case(worker, new(RequestKind::Explain, about(decisions.get(1)), "为什么这一单给了别人？", None))?;
    let wrong = About { information: Some("昨天第 7 单的里程".to_owned()), ..About::default() };
    running.service.file_case(worker, new(RequestKind::Correct, wrong, "实际骑了 2.6 公里。", None)).map(drop)
}

/// The desk takes one and asks back, and refuses another on an article that counts.
fn answer(running: &Running, worker: &Caller, officer: &Caller, person: &str) -> Result<(), ServiceError> {
    let act = |case: &str, what| running.service.act_on_case(officer, case, Turn { what, password: None });
    for view in running.service.cases_of(worker, person, None, 10)? {
        let id = view.case.id.as_str();
        match view.case.kind {
            RequestKind::Explain => {
                act(id, What::Taken)?;
                act(id, What::Asked { question: "您说的是上午还是下午的那一单？".to_owned() })?;
            }
            RequestKind::Correct => {
                act(id, What::Taken)?;
                let outcome = Outcome::Refused { article: "cn.pipl/46/1".parse()? };
                let text = "核对了轨迹，记录的 1.9 公里与定位一致，所以没有改。".to_owned();
                act(id, What::Answered { outcome, text, done: Vec::new(), kinds: Vec::new(), orders: Vec::new() })?;
            }
            _ => {}
        }
    }
    Ok(())
}
