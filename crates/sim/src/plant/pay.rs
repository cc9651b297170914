//! What a courier is paid. The adapter sets the minimum wage: 2,640 fen an hour.

use super::{EMPLOYEE, INDEPENDENT, LEFT_OUT, MANAGED, Plant, Role, plant};
use crate::action::Action;

const fn pay(name: &'static str, role: Role) -> Plant {
    plant(name, Action::Pay, role)
}

pub(super) const PLANTS: &[Plant] = &[
    // 300 minutes of orders are 13,200 fen; with 40 minutes of waiting, 14,960.
    pay("wage-14960", MANAGED).numbers(&[("payFen", 14_960), ("basePayFen", 14_960)]),
    pay("wage-14959", MANAGED)
        .numbers(&[("payFen", 14_959), ("basePayFen", 14_959)])
        .breaks(&["cn.catering-guidance/1#minimum-wage?online-time", "cn.doc-56/5#minimum-wage?online-time"]),
    pay("wage-13200", EMPLOYEE)
        .numbers(&[("payFen", 13_200), ("basePayFen", 13_200)])
        .breaks(&["cn.catering-guidance/1#minimum-wage?online-time", "cn.doc-56/5#minimum-wage?online-time"]),
    pay("wage-13199", EMPLOYEE).numbers(&[("payFen", 13_199), ("basePayFen", 13_199)]).breaks(&[
        "cn.catering-guidance/1#minimum-wage?online-time",
        "cn.catering-guidance/1#minimum-wage?order-time",
        "cn.doc-56/5#minimum-wage?online-time",
        "cn.doc-56/5#minimum-wage?order-time",
    ]),
    pay("wage-13199-of-independent", INDEPENDENT)
        .numbers(&[("payFen", 13_199), ("basePayFen", 13_199)])
        .breaks(&["cn.catering-guidance/1#minimum-wage?online-time", "cn.catering-guidance/1#minimum-wage?order-time"]),
    pay("wage-without-normal-labour", MANAGED)
        .numbers(&[("payFen", 100), ("basePayFen", 100)])
        .facts(&[("normalLabour", "false")]),
    pay("waiting-not-recorded", MANAGED)
        .no_numbers(&["waitingMinutes"])
        .unknown(&["cn.catering-guidance/1#minimum-wage?online-time", "cn.doc-56/5#minimum-wage?online-time"]),
    pay("labour-not-recorded", INDEPENDENT).facts(&[("normalLabour", LEFT_OUT)]).unknown(&[
        "cn.catering-guidance/1#minimum-wage?online-time",
        "cn.catering-guidance/1#minimum-wage?order-time",
    ]),
    pay("pay-not-recorded", MANAGED).no_numbers(&["payFen"]).unknown(&[
        "cn.catering-guidance/1#minimum-wage?online-time",
        "cn.catering-guidance/1#minimum-wage?order-time",
        "cn.doc-56/5#minimum-wage?online-time",
        "cn.doc-56/5#minimum-wage?order-time",
    ]),
    // Late.
    pay("late-to-independent", INDEPENDENT)
        .facts(&[("payDelayed", "true")])
        .breaks(&["cn.catering-guidance/1#on-time"]),
    pay("late-to-managed", MANAGED)
        .facts(&[("payDelayed", "true")])
        .breaks(&["cn.catering-guidance/1#on-time", "cn.doc-56/5#on-time"]),
    pay("late-to-employee", EMPLOYEE).facts(&[("payDelayed", "true")]).breaks(&[
        "cn.catering-guidance/1#on-time",
        "cn.doc-56/5#on-time",
        "cn.labour-law/50#not-late",
    ]),
    pay("delay-not-recorded", MANAGED)
        .facts(&[("payDelayed", LEFT_OUT)])
        .unknown(&["cn.catering-guidance/1#on-time", "cn.doc-56/5#on-time"]),
    // A statutory holiday: more than usual, for employees three times.
    pay("holiday-one-fen-more", MANAGED).facts(&[("statutoryHoliday", "true")]).numbers(&[("payFen", 20_001)]),
    pay("holiday-nothing-more", MANAGED).facts(&[("statutoryHoliday", "true")]).breaks(&[
        "cn.catering-guidance/1#holiday-allowance",
        "cn.doc-56/6#holiday-pay?all-workers",
        "cn.doc-56/6#holiday-pay?labour-management",
    ]),
    pay("holiday-nothing-more-to-independent", INDEPENDENT)
        .facts(&[("statutoryHoliday", "true")])
        .breaks(&["cn.catering-guidance/1#holiday-allowance", "cn.doc-56/6#holiday-pay?all-workers"]),
    pay("holiday-300-percent", EMPLOYEE).facts(&[("statutoryHoliday", "true")]).numbers(&[("payFen", 60_000)]),
    pay("holiday-one-fen-short", EMPLOYEE)
        .facts(&[("statutoryHoliday", "true")])
        .numbers(&[("payFen", 59_999)])
        .breaks(&["cn.labour-law/44/1/3#holiday-rate"]),
    pay("holiday-not-recorded", EMPLOYEE).facts(&[("statutoryHoliday", LEFT_OUT)]).unknown(&[
        "cn.catering-guidance/1#holiday-allowance",
        "cn.doc-56/6#holiday-pay?all-workers",
        "cn.doc-56/6#holiday-pay?labour-management",
        "cn.labour-law/44/1/3#holiday-rate",
    ]),
    // Overtime and rest days of employees.
    pay("overtime-150-percent", EMPLOYEE).facts(&[("overtimeWork", "true")]).numbers(&[("payFen", 30_000)]),
    pay("overtime-one-fen-short", EMPLOYEE)
        .facts(&[("overtimeWork", "true")])
        .numbers(&[("payFen", 29_999)])
        .breaks(&["cn.labour-contract-law/31#overtime-paid", "cn.labour-law/44/1/1#overtime-rate"]),
    pay("overtime-of-no-employee", MANAGED).facts(&[("overtimeWork", "true")]),
    pay("overtime-base-not-recorded", EMPLOYEE)
        .facts(&[("overtimeWork", "true")])
        .no_numbers(&["basePayFen"])
        .unknown(&["cn.labour-contract-law/31#overtime-paid", "cn.labour-law/44/1/1#overtime-rate"]),
    pay("rest-day-200-percent", EMPLOYEE).facts(&[("restDayWork", "true")]).numbers(&[("payFen", 40_000)]),
    pay("rest-day-one-fen-short", EMPLOYEE)
        .facts(&[("restDayWork", "true")])
        .numbers(&[("payFen", 39_999)])
        .breaks(&["cn.labour-law/44/1/2#rest-day-rate"]),
    pay("rest-day-with-substitute", EMPLOYEE).facts(&[("restDayWork", "true"), ("substituteRest", "true")]),
    pay("substitute-not-recorded", EMPLOYEE)
        .facts(&[("restDayWork", "true"), ("substituteRest", LEFT_OUT)])
        .unknown(&["cn.labour-law/44/1/2#rest-day-rate"]),
    // Allowances.
    pay("storm-without-allowance", INDEPENDENT)
        .facts(&[("severeWeather", "true")])
        .breaks(&["cn.catering-guidance/1#weather-allowance"]),
    pay("storm-with-allowance", INDEPENDENT).facts(&[("severeWeather", "true"), ("weatherAllowance", "true")]),
    pay("night-without-allowance", MANAGED)
        .facts(&[("nightWork", "true")])
        .breaks(&["cn.catering-guidance/1#night-allowance"]),
    pay("night-with-allowance", MANAGED).facts(&[("nightWork", "true"), ("nightAllowance", "true")]),
    pay("night-allowance-not-recorded", MANAGED)
        .facts(&[("nightWork", "true"), ("nightAllowance", LEFT_OUT)])
        .unknown(&["cn.catering-guidance/1#night-allowance"]),
    // Deductions.
    pay("deduction-without-ground", MANAGED)
        .numbers(&[("payDeductionFen", 1)])
        .breaks(&["cn.doc-56/5#no-groundless-deduction"]),
    pay("deduction-without-ground-of-employee", EMPLOYEE).numbers(&[("payDeductionFen", 1)]).breaks(&[
        "cn.doc-56/5#no-groundless-deduction",
        "cn.labour-law/50#no-deduction?law-or-agreement",
        "cn.labour-law/50#no-deduction?rule-suffices",
    ]),
    pay("deduction-by-house-rule", EMPLOYEE)
        .numbers(&[("payDeductionFen", 500)])
        .facts(&[("deductionGround", "rule")])
        .breaks(&["cn.labour-law/50#no-deduction?law-or-agreement"]),
    pay("deduction-by-agreement", EMPLOYEE)
        .numbers(&[("payDeductionFen", 500)])
        .facts(&[("deductionGround", "agreement")]),
    pay("deduction-from-independent", INDEPENDENT).numbers(&[("payDeductionFen", 500)]),
    pay("deduction-ground-not-recorded", EMPLOYEE)
        .numbers(&[("payDeductionFen", 500)])
        .facts(&[("deductionGround", LEFT_OUT)])
        .unknown(&[
            "cn.doc-56/5#no-groundless-deduction",
            "cn.labour-law/50#no-deduction?law-or-agreement",
            "cn.labour-law/50#no-deduction?rule-suffices",
        ]),
    pay("no-deduction-so-no-ground-is-needed", EMPLOYEE).facts(&[("deductionGround", LEFT_OUT)]),
    plant("fine-without-ground", Action::Penalise, MANAGED)
        .numbers(&[("payDeductionFen", 2_000)])
        .breaks(&["cn.doc-56/5#no-groundless-deduction"]),
];
