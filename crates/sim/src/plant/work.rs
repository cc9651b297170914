//! What a courier gets and is asked at work: agreement, training, cover, delivery times.

use super::{EMPLOYEE, INDEPENDENT, LEFT_OUT, MANAGED, Plant, plant, remove};
use crate::action::Action::{Dispatch, Pay, Penalise, Promise};

pub(super) const PLANTS: &[Plant] = &[
    plant("training-not-given", Dispatch, MANAGED)
        .facts(&[("trainingGiven", "false")])
        .breaks(&["cn.catering-guidance/3#training", "cn.doc-56/7#training"]),
    plant("training-not-recorded", Dispatch, INDEPENDENT)
        .facts(&[("trainingGiven", LEFT_OUT)])
        .unknown(&["cn.catering-guidance/3#training", "cn.doc-56/7#training"]),
    plant("training-not-given-elsewhere", Dispatch, MANAGED)
        .facts(&[("trainingGiven", "false"), ("sector", "ride-hailing")])
        .breaks(&["cn.doc-56/7#training"]),
    plant("equipment-not-provided", Dispatch, MANAGED)
        .facts(&[("equipmentProvided", "false")])
        .breaks(&["cn.catering-guidance/3#equipment", "cn.doc-56/7#equipment"]),
    plant("sector-not-recorded", Dispatch, MANAGED).facts(&[("sector", LEFT_OUT)]).unknown(&[
        "cn.catering-guidance/3#equipment",
        "cn.catering-guidance/3#fatigue-prompt?any-gap-ends",
        "cn.catering-guidance/3#fatigue-prompt?only-rest-ends",
        "cn.catering-guidance/3#no-dispatch-after-limit?any-gap-ends",
        "cn.catering-guidance/3#no-dispatch-after-limit?only-rest-ends",
        "cn.catering-guidance/3#order-saturation",
        "cn.catering-guidance/3#training",
        "cn.catering-guidance/4#social-insurance",
        "cn.catering-guidance/5#injury-cover",
    ]),
    plant("no-social-insurance", Dispatch, EMPLOYEE)
        .facts(&[("socialInsurance", "false")])
        .breaks(&["cn.catering-guidance/4#social-insurance"]),
    plant("no-social-insurance-at-pay", Pay, EMPLOYEE)
        .facts(&[("socialInsurance", "false")])
        .breaks(&["cn.catering-guidance/4#social-insurance"]),
    plant("no-social-insurance-of-no-employee", Dispatch, MANAGED).facts(&[("socialInsurance", "false")]),
    plant("no-injury-cover", Dispatch, INDEPENDENT).facts(&[("insured", "false")]).breaks(&[
        "cn.catering-guidance/5#injury-cover",
        "cn.doc-56/9#injury-cover",
        "cn.occupational-injury-measures-2025/contribution#covered",
    ]),
    plant("no-injury-cover-outside-the-pilot", Dispatch, INDEPENDENT)
        .facts(&[("insured", "false"), ("injuryPilot", "false")]),
    plant("injury-pilot-not-recorded", Dispatch, MANAGED).facts(&[("injuryPilot", LEFT_OUT)]).unknown(&[
        "cn.catering-guidance/5#injury-cover",
        "cn.doc-56/9#injury-cover",
        "cn.occupational-injury-measures-2025/contribution#covered",
    ]),
    plant("no-labour-contract", Dispatch, EMPLOYEE)
        .facts(&[("writtenAgreement", "false")])
        .breaks(&["cn.doc-56/2#labour-contract"]),
    plant("no-agreement-with-managed", Pay, MANAGED)
        .facts(&[("writtenAgreement", "false")])
        .breaks(&["cn.doc-56/2#written-agreement"]),
    plant("no-agreement-with-independent", Dispatch, INDEPENDENT).facts(&[("writtenAgreement", "false")]),
    plant("agreement-not-recorded", Dispatch, MANAGED)
        .facts(&[("writtenAgreement", LEFT_OUT)])
        .unknown(&["cn.doc-56/2#written-agreement"]),
    plant("exclusive", Dispatch, INDEPENDENT)
        .facts(&[("exclusivityRequired", "true")])
        .breaks(&["cn.doc-56/4#no-exclusivity"]),
    plant("punished-for-another-platform", Penalise, MANAGED)
        .facts(&[("exclusivityRequired", "true")])
        .breaks(&["cn.doc-56/4#no-exclusivity"]),
    plant("dispatch-by-sex", Dispatch, MANAGED)
        .facts(&[("discriminatoryFactor", "true")])
        .breaks(&["cn.doc-56/4#no-discrimination", "cn.pipl/24/1#fair-result"]),
    plant("pay-by-sex-reckoned-by-hand", Pay, MANAGED)
        .facts(&[("discriminatoryFactor", "true"), ("automatedDecision", "false"), ("solelyAutomated", "false")])
        .breaks(&["cn.doc-56/4#no-discrimination"]),
    // Delivery times: 19 minutes between shop and door at 416 m a minute are 7,904 m.
    plant("speed-416", Promise, MANAGED).numbers(&[("distanceMetres", 7_904)]),
    plant("speed-above-416", Promise, MANAGED)
        .numbers(&[("distanceMetres", 7_905)])
        .breaks(&["cn.catering-guidance/2#lawful-speed", "cn.doc-56/7#lawful-speed"]),
    plant("speed-above-416-by-car", Promise, MANAGED)
        .numbers(&[("distanceMetres", 7_905)])
        .facts(&[("vehicle", "car")]),
    plant("no-minute-left-to-ride", Promise, INDEPENDENT)
        .numbers(&[("promisedMinutes", 12), ("distanceMetres", 1)])
        .breaks(&["cn.catering-guidance/2#lawful-speed", "cn.doc-56/7#lawful-speed"]),
    plant("no-metre-left-to-ride", Promise, INDEPENDENT).numbers(&[("promisedMinutes", 12), ("distanceMetres", 0)]),
    plant("vehicle-not-recorded", Promise, MANAGED)
        .facts(&[("vehicle", LEFT_OUT)])
        .unknown(&["cn.catering-guidance/2#lawful-speed", "cn.doc-56/7#lawful-speed"]),
    plant("distance-not-recorded", Promise, MANAGED)
        .no_numbers(&["distanceMetres"])
        .unknown(&["cn.catering-guidance/2#lawful-speed", "cn.doc-56/7#lawful-speed"]),
    plant("time-not-loosened", Promise, MANAGED)
        .facts(&[("timeLimitRelaxed", "false")])
        .breaks(&["cn.catering-guidance/2#time-loosened"]),
    plant("time-not-loosened-in-a-storm", Promise, MANAGED)
        .facts(&[("timeLimitRelaxed", "false"), ("severeWeather", "true")])
        .breaks(&["cn.catering-guidance/2#time-loosened", "cn.doc-56/7#severe-weather"]),
    plant("time-loosened-in-a-storm", Promise, INDEPENDENT).facts(&[("severeWeather", "true")]),
    plant("weather-not-recorded", Promise, MANAGED)
        .facts(&[("severeWeather", LEFT_OUT)])
        .unknown(&["cn.doc-56/7#severe-weather"]),
    plant("strictest-algorithm", Promise, MANAGED)
        .facts(&[("strictestAlgorithm", "true")])
        .breaks(&["cn.catering-guidance/2#no-strictest-algorithm"]),
    plant("strictest-algorithm-punishes", Penalise, INDEPENDENT)
        .facts(&[("strictestAlgorithm", "true")])
        .breaks(&["cn.catering-guidance/2#no-strictest-algorithm"]),
    plant("harmful-indicator", Promise, INDEPENDENT)
        .facts(&[("harmfulIndicator", "true")])
        .breaks(&["cn.doc-56/7#no-harmful-indicator"]),
    plant("harmful-indicator-pays", Pay, MANAGED)
        .facts(&[("harmfulIndicator", "true")])
        .breaks(&["cn.doc-56/7#no-harmful-indicator"]),
    plant("work-relation-not-recorded", Promise, MANAGED).unregistered(&["worker"]).unknown(&[
        "cn.catering-guidance/2#lawful-speed",
        "cn.catering-guidance/2#no-strictest-algorithm",
        "cn.catering-guidance/2#time-loosened",
        "cn.doc-56/10#published-before-effect",
        "cn.doc-56/10#representatives-heard",
        "cn.doc-56/10#result-announced",
        "cn.doc-56/7#lawful-speed",
        "cn.doc-56/7#no-harmful-indicator",
        "cn.doc-56/7#severe-weather",
        "cn.iisarmp/20#work-algorithms?every-worker",
        "cn.iisarmp/20#work-algorithms?labour-managed",
        "cn.mohrss-three-guides-2023/rules-notice#days-before",
        "cn.mohrss-three-guides-2023/rules-shown#published",
        "cn.trade-union-law/39/1#union-at-meeting",
        "cn.labour-contract-law/4/2#discussed-and-consulted?employer-decides",
        "cn.labour-contract-law/4/2#discussed-and-consulted?joint-decision",
        "cn.labour-contract-law/4/4#made-known",
    ]),
    plant("work-relation-changed-a-moment-ago", Dispatch, MANAGED)
        .person(&[(-1, "worker", "set", "employee")])
        .numbers(&[("restDaysThisWeek", 0)])
        .breaks(&["cn.labour-law/38#weekly-rest"]),
    plant("work-relation-changes-in-a-moment", Dispatch, MANAGED)
        .person(&[(1, "worker", "set", "employee")])
        .numbers(&[("restDaysThisWeek", 0)]),
    // Whereabouts of a courier: sensitive, needed for the contract.
    plant("whereabouts-without-separate-consent", Dispatch, MANAGED)
        .person(&[remove("separateConsents", "order-dispatch")])
        .breaks(&["cn.pipl/29#separate-consent?always"]),
];
