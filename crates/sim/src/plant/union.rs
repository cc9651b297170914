//! Trade unions, rules published in time, and the platform's own limit of hours.

use super::{ADULT, EMPLOYEE, INDEPENDENT, LEFT_OUT, MANAGED, Plant, plant, set};
use crate::action::Action::{Dispatch, Pay, Penalise, Promise, Recommend, SuspendAccount};

const UNION: (&str, &str) = ("unionFactorUsed", "true");
const DEDUCTED: (&str, &str) = ("deductedForUnionWork", "true");
const BOTH_READINGS: &[&str] =
    &["cn.trade-union-law/3/1#no-union-factor?employees", "cn.trade-union-law/3/1#no-union-factor?managed-too"];

pub(super) const PLANTS: &[Plant] = &[
    // Being in the union is no factor.
    plant("union-factor-of-employee", Penalise, EMPLOYEE).facts(&[UNION]).breaks(BOTH_READINGS),
    plant("union-factor-of-managed", SuspendAccount, MANAGED)
        .facts(&[UNION])
        .breaks(&["cn.trade-union-law/3/1#no-union-factor?managed-too"]),
    plant("union-factor-of-independent", Penalise, INDEPENDENT).facts(&[UNION]),
    plant("union-factor-not-recorded", Penalise, EMPLOYEE)
        .facts(&[("unionFactorUsed", LEFT_OUT)])
        .unknown(BOTH_READINGS),
    // Meetings and paid time.
    plant("rules-settled-without-the-union", Dispatch, EMPLOYEE)
        .algorithm(&[set("unionAtMeeting", "false")])
        .breaks(&["cn.trade-union-law/39/1#union-at-meeting"]),
    plant("rules-settled-without-a-meeting", Dispatch, EMPLOYEE)
        .algorithm(&[set("unionAtMeeting", "false"), set("decidedAtMeeting", "false")]),
    plant("three-union-days-deducted", Pay, EMPLOYEE)
        .facts(&[DEDUCTED])
        .numbers(&[("unionWorkDaysMonth", 3)])
        .breaks(&["cn.trade-union-law/41/2#paid-union-time"]),
    plant("fourth-union-day-deducted", Pay, EMPLOYEE).facts(&[DEDUCTED]).numbers(&[("unionWorkDaysMonth", 4)]),
    plant("union-days-not-recorded", Pay, EMPLOYEE)
        .facts(&[DEDUCTED])
        .no_numbers(&["unionWorkDaysMonth"])
        .unknown(&["cn.trade-union-law/41/2#paid-union-time"]),
    // Own limit of hours, notice of rules.
    plant("sent-beyond-own-limit", Dispatch, INDEPENDENT)
        .facts(&[("ownTimeLimitReached", "true")])
        .breaks(&["cn.mohrss-three-guides-2023/rest#stops-at-own-limit"]),
    plant("own-limit-not-recorded", Dispatch, MANAGED)
        .facts(&[("ownTimeLimitReached", LEFT_OUT)])
        .unknown(&["cn.mohrss-three-guides-2023/rest#stops-at-own-limit"]),
    plant("rules-published-six-days-before", Promise, MANAGED)
        .algorithm(&[set("publicationLeadDays", "6")])
        .breaks(&["cn.mohrss-three-guides-2023/rules-notice#days-before"]),
    plant("handling-rules-unpublished-in-a-feed", Recommend, ADULT)
        .algorithm(&[set("handlingRulesPublished", "false")])
        .breaks(&["cn.civil-code-excerpts/1035/1#rules-published", "cn.pipl/7#rules-published"]),
];
