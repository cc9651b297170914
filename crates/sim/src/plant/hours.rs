//! How long a courier works: rests of the catering guidance, hours of the labour law.

use super::{EMPLOYEE, INDEPENDENT, LEFT_OUT, MANAGED, Plant, Role, plant};
use crate::action::Action;

const fn dispatch(name: &'static str, role: Role) -> Plant {
    plant(name, Action::Dispatch, role)
}

pub(super) const PLANTS: &[Plant] = &[
    // Rests: 240 minutes are still inside, 20 minutes after the prompt are enough.
    dispatch("continuous-240", MANAGED)
        .numbers(&[("continuousMinutes", 240), ("minutesSinceRest", 240)])
        .facts(&[("fatiguePromptShown", "false")]),
    dispatch("continuous-241-no-prompt", MANAGED)
        .numbers(&[("continuousMinutes", 241), ("minutesSinceRest", 241)])
        .facts(&[("fatiguePromptShown", "false")])
        .breaks(&[
            "cn.catering-guidance/3#fatigue-prompt?any-gap-ends",
            "cn.catering-guidance/3#fatigue-prompt?only-rest-ends",
            "cn.catering-guidance/3#no-dispatch-after-limit?any-gap-ends",
            "cn.catering-guidance/3#no-dispatch-after-limit?only-rest-ends",
        ]),
    dispatch("continuous-241-prompted-20-ago", INDEPENDENT).numbers(&[
        ("continuousMinutes", 241),
        ("minutesSinceRest", 241),
        ("minutesSinceFatiguePrompt", 20),
    ]),
    dispatch("continuous-241-prompted-19-ago", INDEPENDENT)
        .numbers(&[("continuousMinutes", 241), ("minutesSinceRest", 241), ("minutesSinceFatiguePrompt", 19)])
        .breaks(&[
            "cn.catering-guidance/3#no-dispatch-after-limit?any-gap-ends",
            "cn.catering-guidance/3#no-dispatch-after-limit?only-rest-ends",
        ]),
    dispatch("short-gaps-but-no-rest", MANAGED)
        .numbers(&[("continuousMinutes", 30), ("minutesSinceRest", 300), ("minutesSinceFatiguePrompt", 5)])
        .breaks(&["cn.catering-guidance/3#no-dispatch-after-limit?only-rest-ends"]),
    dispatch("short-gaps-no-rest-no-prompt", MANAGED)
        .numbers(&[("continuousMinutes", 30), ("minutesSinceRest", 300)])
        .facts(&[("fatiguePromptShown", "false")])
        .breaks(&[
            "cn.catering-guidance/3#fatigue-prompt?only-rest-ends",
            "cn.catering-guidance/3#no-dispatch-after-limit?only-rest-ends",
        ]),
    dispatch("continuous-not-recorded", MANAGED).no_numbers(&["continuousMinutes"]).unknown(&[
        "cn.catering-guidance/3#fatigue-prompt?any-gap-ends",
        "cn.catering-guidance/3#no-dispatch-after-limit?any-gap-ends",
    ]),
    dispatch("rest-not-recorded", MANAGED).no_numbers(&["minutesSinceRest"]).unknown(&[
        "cn.catering-guidance/3#fatigue-prompt?only-rest-ends",
        "cn.catering-guidance/3#no-dispatch-after-limit?only-rest-ends",
    ]),
    dispatch("time-of-prompt-not-recorded", MANAGED)
        .numbers(&[("continuousMinutes", 300), ("minutesSinceRest", 300)])
        .no_numbers(&["minutesSinceFatiguePrompt"])
        .unknown(&[
            "cn.catering-guidance/3#no-dispatch-after-limit?any-gap-ends",
            "cn.catering-guidance/3#no-dispatch-after-limit?only-rest-ends",
        ]),
    dispatch("no-prompt-so-its-time-is-not-needed", MANAGED)
        .numbers(&[("continuousMinutes", 30), ("minutesSinceRest", 241)])
        .no_numbers(&["minutesSinceFatiguePrompt"])
        .facts(&[("fatiguePromptShown", "false")])
        .breaks(&[
            "cn.catering-guidance/3#fatigue-prompt?only-rest-ends",
            "cn.catering-guidance/3#no-dispatch-after-limit?only-rest-ends",
        ]),
    dispatch("prompt-not-recorded-but-not-needed", MANAGED).facts(&[("fatiguePromptShown", LEFT_OUT)]),
    // Orders on hand: the adapter's limit is 4.
    dispatch("orders-on-hand-4", MANAGED).numbers(&[("ordersOnHand", 4)]),
    dispatch("orders-on-hand-5", MANAGED)
        .numbers(&[("ordersOnHand", 5)])
        .breaks(&["cn.catering-guidance/3#order-saturation"]),
    dispatch("orders-on-hand-not-recorded", MANAGED)
        .no_numbers(&["ordersOnHand"])
        .unknown(&["cn.catering-guidance/3#order-saturation"]),
    // Labour law 36: eight hours a day, forty-four a week.
    dispatch("day-480", EMPLOYEE).numbers(&[("dailyMinutes", 480)]).facts(&[("overtimeConsulted", "false")]),
    dispatch("day-481-unagreed", EMPLOYEE)
        .numbers(&[("dailyMinutes", 481), ("overtimeMinutesToday", 1), ("overtimeMinutesMonth", 1)])
        .facts(&[("overtimeConsulted", "false")])
        .breaks(&["cn.labour-law/36#daily-hours", "cn.labour-law/41#consulted"]),
    dispatch("day-481-agreed", EMPLOYEE).numbers(&[
        ("dailyMinutes", 481),
        ("overtimeMinutesToday", 1),
        ("overtimeMinutesMonth", 1),
    ]),
    dispatch("day-481-of-no-employee", MANAGED)
        .numbers(&[("dailyMinutes", 481)])
        .facts(&[("overtimeConsulted", "false")]),
    dispatch("day-not-recorded", EMPLOYEE).no_numbers(&["dailyMinutes"]).unknown(&["cn.labour-law/36#daily-hours"]),
    dispatch("week-2640", EMPLOYEE)
        .numbers(&[("weeklyMinutes", 2_640), ("averageWeeklyMinutes", 2_640)])
        .facts(&[("overtimeConsulted", "false")]),
    dispatch("week-2641-average-less", EMPLOYEE)
        .numbers(&[("weeklyMinutes", 2_641), ("averageWeeklyMinutes", 2_500)])
        .facts(&[("overtimeConsulted", "false")])
        .breaks(&["cn.labour-law/36#weekly-hours?each-week"]),
    dispatch("week-less-average-2641", EMPLOYEE)
        .numbers(&[("weeklyMinutes", 2_600), ("averageWeeklyMinutes", 2_641)])
        .facts(&[("overtimeConsulted", "false")])
        .breaks(&["cn.labour-law/36#weekly-hours?period-average"]),
    dispatch("average-not-recorded", EMPLOYEE)
        .no_numbers(&["averageWeeklyMinutes"])
        .unknown(&["cn.labour-law/36#weekly-hours?period-average"]),
    dispatch("other-hours-system", EMPLOYEE)
        .numbers(&[("dailyMinutes", 600), ("weeklyMinutes", 3_000), ("restDaysThisWeek", 0)])
        .facts(&[("otherHoursSystemApproved", "true"), ("overtimeConsulted", "false")]),
    dispatch("other-hours-system-not-recorded", EMPLOYEE).facts(&[("otherHoursSystemApproved", LEFT_OUT)]).unknown(&[
        "cn.labour-law/36#daily-hours",
        "cn.labour-law/36#weekly-hours?each-week",
        "cn.labour-law/36#weekly-hours?period-average",
        "cn.labour-law/38#weekly-rest",
    ]),
    // Labour law 38: a day of rest a week.
    dispatch("rest-day-1", EMPLOYEE).numbers(&[("restDaysThisWeek", 1)]),
    dispatch("rest-day-0", EMPLOYEE).numbers(&[("restDaysThisWeek", 0)]).breaks(&["cn.labour-law/38#weekly-rest"]),
    dispatch("rest-day-0-of-no-employee", MANAGED).numbers(&[("restDaysThisWeek", 0)]),
    dispatch("rest-day-not-recorded", EMPLOYEE)
        .no_numbers(&["restDaysThisWeek"])
        .unknown(&["cn.labour-law/38#weekly-rest"]),
    // Labour law 41: one hour a day, three for a reason, thirty-six a month, none by force.
    dispatch("overtime-60", EMPLOYEE).numbers(&[
        ("dailyMinutes", 540),
        ("overtimeMinutesToday", 60),
        ("overtimeMinutesMonth", 60),
    ]),
    dispatch("overtime-61", EMPLOYEE)
        .numbers(&[("dailyMinutes", 541), ("overtimeMinutesToday", 61), ("overtimeMinutesMonth", 61)])
        .breaks(&["cn.labour-law/41#one-hour-a-day"]),
    dispatch("overtime-180-for-a-reason", EMPLOYEE)
        .numbers(&[("dailyMinutes", 660), ("overtimeMinutesToday", 180), ("overtimeMinutesMonth", 180)])
        .facts(&[("specialOvertimeReason", "true")]),
    dispatch("overtime-181-for-a-reason", EMPLOYEE)
        .numbers(&[("dailyMinutes", 661), ("overtimeMinutesToday", 181), ("overtimeMinutesMonth", 181)])
        .facts(&[("specialOvertimeReason", "true")])
        .breaks(&["cn.labour-law/41#three-hours-a-day"]),
    dispatch("overtime-300-for-a-rescue", EMPLOYEE)
        .numbers(&[
            ("dailyMinutes", 780),
            ("weeklyMinutes", 3_000),
            ("averageWeeklyMinutes", 2_700),
            ("overtimeMinutesToday", 300),
            ("overtimeMinutesMonth", 2_400),
        ])
        .facts(&[("overtimeLimitExempt", "true"), ("overtimeConsulted", "false")]),
    dispatch("rescue-not-recorded", EMPLOYEE)
        .numbers(&[("dailyMinutes", 481), ("overtimeMinutesToday", 1), ("overtimeMinutesMonth", 1)])
        .facts(&[("overtimeLimitExempt", LEFT_OUT), ("overtimeConsulted", "false")])
        .unknown(&[
            "cn.labour-law/36#daily-hours",
            "cn.labour-law/41#consulted",
            "cn.labour-law/41#one-hour-a-day",
            "cn.labour-law/41#thirty-six-hours-a-month",
        ]),
    dispatch("overtime-reason-not-recorded", EMPLOYEE)
        .numbers(&[("dailyMinutes", 541), ("overtimeMinutesToday", 61), ("overtimeMinutesMonth", 61)])
        .facts(&[("specialOvertimeReason", LEFT_OUT)])
        .unknown(&["cn.labour-law/41#one-hour-a-day", "cn.labour-law/41#three-hours-a-day"]),
    dispatch("overtime-month-2160", EMPLOYEE).numbers(&[("overtimeMinutesMonth", 2_160)]),
    dispatch("overtime-month-2161", EMPLOYEE)
        .numbers(&[("overtimeMinutesMonth", 2_161)])
        .breaks(&["cn.labour-law/41#thirty-six-hours-a-month"]),
    dispatch("overtime-month-not-recorded", EMPLOYEE)
        .no_numbers(&["overtimeMinutesMonth"])
        .unknown(&["cn.labour-law/41#thirty-six-hours-a-month"]),
    dispatch("overtime-forced", EMPLOYEE)
        .numbers(&[("dailyMinutes", 510), ("overtimeMinutesToday", 30), ("overtimeMinutesMonth", 30)])
        .facts(&[("overtimeForced", "true")])
        .breaks(&["cn.labour-contract-law/31#no-forced-overtime"]),
    dispatch("overtime-today-not-recorded", EMPLOYEE).no_numbers(&["overtimeMinutesToday"]).unknown(&[
        "cn.labour-contract-law/31#no-forced-overtime",
        "cn.labour-law/41#consulted",
        "cn.labour-law/41#one-hour-a-day",
        "cn.labour-law/41#three-hours-a-day",
    ]),
    plant("refused-overtime-punished", Action::Penalise, EMPLOYEE)
        .numbers(&[("overtimeMinutesToday", 1)])
        .facts(&[("overtimeForced", "true")])
        .breaks(&["cn.labour-contract-law/31#no-forced-overtime"]),
];
