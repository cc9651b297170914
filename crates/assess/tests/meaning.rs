//! What an assessment may say, and what it must not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_assess::{Application, Assessment, Kept, ProvisionFinding, Service, WhyLeftOut, assess};
use gongdao_clock::State;
use support::{EXAMPLES, Shelf, on, scope};

fn finding<'a>(assessment: &'a Assessment, id: &str) -> &'a ProvisionFinding {
    let found = assessment.provisions.iter().find(|finding| finding.provision.as_str() == id);
    found.unwrap_or_else(|| panic!("{id} is not in force"))
}

/// A service by what follows its first lines.
fn told(shelf: &Shelf, text: &str, day: &str) -> Assessment {
    let service = shelf.read(&format!("format = 1\nname = \"test\"\n{text}")).unwrap();
    assess(&shelf.law(), &service, on(day)).unwrap()
}

#[test]
fn of_an_unknown_service_nothing_is_said_to_apply_or_to_be_kept() {
    let shelf = Shelf::whole();
    let assessment = told(&shelf, "", "2024-10-10");
    for finding in &assessment.provisions {
        assert!(finding.kept.is_none(), "{}", finding.provision);
        if !finding.rules.is_empty() {
            assert_eq!(finding.application, Application::CannotTell, "{}", finding.provision);
        }
    }
    let first = assessment.questions.first().unwrap();
    assert_eq!(first.gap.name(), "actions", "no fact decides more than what the service does");
}

#[test]
fn a_rule_is_kept_broken_or_open_by_the_facts_that_it_asks_for() {
    let shelf = Shelf::whole();
    let rows = [
        (
            "principal.opinionAttributes = true\nprincipal.securityAssessed = true",
            Application::Applies,
            Some(Kept::Kept),
        ),
        (
            "principal.opinionAttributes = true\nprincipal.securityAssessed = false",
            Application::Applies,
            Some(Kept::Broken),
        ),
        ("principal.opinionAttributes = true", Application::Applies, Some(Kept::Missing)),
        (
            "principal.opinionAttributes = true\nprincipal.securityAssessed = [true, false]",
            Application::Applies,
            Some(Kept::Mixed),
        ),
        ("principal.opinionAttributes = false", Application::DoesNotApply, None),
        ("principal.securityAssessed = true", Application::CannotTell, None),
    ];
    for (facts, application, kept) in rows {
        let assessment = told(&shelf, &format!("actions = [\"recommend\"]\n[facts]\n{facts}"), "2024-10-10");
        let found = finding(&assessment, "cn.iisarmp/27");
        assert_eq!((found.application, found.kept), (application, kept), "{facts}");
    }
    let other = told(&shelf, "actions = [\"price\"]\n[facts]\nprincipal.opinionAttributes = true", "2024-10-10");
    let found = finding(&other, "cn.iisarmp/27");
    assert_eq!(found.application, Application::DoesNotApply);
    assert!(found.rules.iter().all(|rule| rule.is_other_action));
}

#[test]
fn the_fact_that_decided_is_named_and_what_did_not_matter_is_not() {
    let shelf = Shelf::whole();
    let text = "actions = [\"recommend\"]\n[facts]\ncontext.personalInformation = false\ncontext.incomeEffect = true";
    let assessment = told(&shelf, text, "2024-10-10");
    let found = finding(&assessment, "cn.pipl/55");
    assert_eq!(found.application, Application::DoesNotApply);
    for rule in found.rules.iter().filter(|rule| !rule.is_other_action) {
        let names: Vec<String> = rule.because.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["context.personalInformation"], "{}", rule.version);
    }
}

#[test]
fn readings_that_differ_are_told_apart() {
    let shelf = Shelf::whole();
    let text =
        "actions = [\"dispatch\"]\n[facts]\nresource.worker = \"independent\"\nprincipal.workerAlgorithms = [\"pay\"]";
    let assessment = told(&shelf, text, "2024-10-10");
    let found = finding(&assessment, "cn.iisarmp/20");
    assert!(found.disputed);
    let by_reading: Vec<(String, Application)> =
        found.by_reading.iter().map(|one| (one.reading.as_ref().unwrap().to_string(), one.application)).collect();
    assert!(by_reading.contains(&("every-worker".to_owned(), Application::Applies)), "{by_reading:?}");
    assert!(by_reading.contains(&("labour-managed".to_owned(), Application::DoesNotApply)), "{by_reading:?}");
}

#[test]
fn an_act_forbidden_in_some_cases_is_not_said_to_have_happened() {
    let shelf = Shelf::whole();
    let facts = |off: &str| {
        format!("actions = [\"recommend\"]\n[facts]\nprincipal.category = \"push\"\nresource.recommendationOff = {off}")
    };
    let rows = [("true", Kept::Broken), ("[true, false]", Kept::Mixed)];
    for (off, kept) in rows {
        let assessment = told(&shelf, &facts(off), "2024-10-10");
        let found = finding(&assessment, "cn.iisarmp/17/1");
        let rule = found.rules.iter().find(|rule| rule.version.to_string().ends_with("?whole-service")).unwrap();
        assert_eq!(rule.evidence.as_ref().unwrap().kept, kept, "{off}");
    }
}

#[test]
fn a_demand_for_a_legal_basis_is_met_by_one() {
    let shelf = Shelf::whole();
    let with = |more: &str| {
        let text = format!("actions = [\"dispatch\"]\n[facts]\ncontext.personalInformation = true\n{more}");
        told(&shelf, &text, "2024-10-10")
    };
    let open = with("");
    assert_eq!(finding(&open, "cn.pipl/13/1").kept, Some(Kept::Missing));
    let met = with("context.legalDuty = true");
    assert_eq!(finding(&met, "cn.pipl/13/1").kept, Some(Kept::Kept));
    assert_eq!(finding(&met, "cn.pipl/13/1/3").application, Application::Applies);
}

#[test]
fn the_filing_is_due_ten_working_days_after_the_service_began() {
    let shelf = Shelf::whole();
    let text = concat!(
        "[roles]\nprovider = true\n[facts]\nprincipal.opinionAttributes = true\n",
        "[[event]]\nname = \"service-provided\"\nat = 2024-09-28T10:00:00+08:00\n",
    );
    let rows = [
        ("2024-10-16", "", State::Open),
        ("2024-10-17", "", State::Breached),
        ("2024-10-17", "[[event]]\nname = \"filing-submitted\"\nat = 2024-10-16\n", State::Met),
        ("2024-10-18", "[[event]]\nname = \"filing-submitted\"\nat = 2024-10-17\n", State::Late),
    ];
    for (day, more, state) in rows {
        let assessment = told(&shelf, &format!("{text}{more}"), day);
        let duty = assessment.duties.iter().find(|duty| duty.duty.id == "cn.iisarmp/24/1#file").unwrap();
        assert_eq!(duty.clock.state, state, "{day} {more}");
        assert_eq!(duty.clock.due_date().unwrap().end.day().to_string(), "2024-10-16");
    }
    let without = text.replace("principal.opinionAttributes = true", "");
    let assessment = told(&shelf, &without, "2024-10-17");
    let duty = assessment.duties.iter().find(|duty| duty.duty.id == "cn.iisarmp/24/1#file").unwrap();
    assert!(matches!(duty.clock.state, State::CannotTell { .. }));
    let never = text.replace("= true\n[[", "= false\n[[");
    let assessment = told(&shelf, &never, "2024-10-17");
    assert!(!assessment.duties.iter().any(|duty| duty.duty.id == "cn.iisarmp/24/1#file"));
}

#[test]
fn what_somebody_else_owes_is_not_the_services() {
    let shelf = Shelf::whole();
    let of = |role: &str| {
        let assessment = told(&shelf, &format!("[roles]\n\"cyberspace offices\" = {role}"), "2024-10-10");
        (finding(&assessment, "cn.iisarmp/25").application, assessment.duties.len())
    };
    assert_eq!(of("true").0, Application::Applies);
    assert_eq!(of("false").0, Application::DoesNotApply);
    assert!(of("false").1 < of("true").1);
    let unknown = told(&shelf, "", "2024-10-10");
    assert_eq!(finding(&unknown, "cn.iisarmp/25").application, Application::CannotTell);
    // Without rule and duty somebody judges it by reading, unless it is certainly somebody else's.
    let of = |roles: &str| finding(&told(&shelf, roles, "2024-10-10"), "cn.doc-56/11").application;
    assert_eq!(of(""), Application::NotJudged);
    assert_eq!(of("[roles]\n\"local government\" = false"), Application::DoesNotApply);
}

#[test]
fn law_is_that_of_the_day_and_place() {
    let shelf = Shelf::whole();
    let is_there = |day: &str| {
        let assessment = told(&shelf, "", day);
        assessment.provisions.iter().any(|finding| finding.provision.as_str() == "cn.iisarmp/16")
    };
    assert!(!is_there("2022-02-28"));
    assert!(is_there("2022-03-01"));
    let early = told(&shelf, "", "2022-02-28");
    assert!(early.left_out.iter().any(|one| one.instrument.as_str() == "cn.iisarmp"));
}

#[test]
fn drafts_count_when_asked_for_and_local_law_where_the_service_is() {
    let shelf = Shelf::edited(&[
        ("ecommerce-law/instrument.toml", "status = \"verified\"", "status = \"draft\""),
        ("minors-online-protection/instrument.toml", "place = \"000000\"", "place = \"440300\""),
    ]);
    let law = shelf.law();
    let instruments = |place: &str, include_drafts: bool| {
        let service = shelf.read(&format!("format = 1\nname = \"test\"\n{place}")).unwrap();
        let scope = gongdao_assess::Scope { include_drafts, ..on("2024-10-10") };
        let assessment = assess(&law, &service, scope).unwrap();
        let has = |id: &str| {
            let found = assessment.provisions.iter().find(|finding| finding.provision.instrument().as_str() == id);
            let why = assessment.left_out.iter().find(|one| one.instrument.as_str() == id).map(|one| one.why);
            assert_ne!(found.is_some(), why.is_some(), "{id}");
            (found.map(|finding| finding.standing), why)
        };
        (has("cn.ecommerce-law"), has("cn.minors-online-protection"))
    };
    let rows = [
        ("", false, WhyLeftOut::Draft, Some(WhyLeftOut::Elsewhere)),
        ("place = \"440305\"", false, WhyLeftOut::Draft, None),
        ("place = \"440000\"", false, WhyLeftOut::Draft, Some(WhyLeftOut::Elsewhere)),
    ];
    for (place, drafts, draft, local) in rows {
        let found = instruments(place, drafts);
        assert_eq!((found.0.1, found.1.1), (Some(draft), local), "{place}");
    }
    let with_drafts = instruments("", true);
    assert_eq!(with_drafts.0.0, Some(gongdao_model::Standing::Draft));
}

/// Every provision in force stands in the result once, whatever packs there are.
#[test]
fn nothing_in_force_is_left_out() {
    let shelf = Shelf::whole();
    for name in EXAMPLES {
        let service = shelf.example(name);
        let assessment = assess(&shelf.law(), &service, scope(&service)).unwrap();
        let looked_at: usize = shelf
            .packs
            .instruments
            .iter()
            .filter(|pack| !assessment.left_out.iter().any(|one| one.instrument == pack.instrument.id))
            .map(|pack| pack.provisions.len())
            .sum();
        assert_eq!(assessment.provisions.len(), looked_at, "{name}");
    }
}

/// Taking away what was said decides nothing, and keeps nothing.
#[test]
fn forgetting_never_decides_anything() {
    let shelf = Shelf::whole();
    let law = shelf.law();
    for name in EXAMPLES {
        let service = shelf.example(name);
        let whole = assess(&law, &service, scope(&service)).unwrap();
        for less in less(&service) {
            let other = assess(&law, &less, scope(&service)).unwrap();
            for (before, after) in whole.provisions.iter().zip(&other.provisions) {
                let was_decided = before.application != Application::CannotTell;
                if after.application != Application::CannotTell {
                    assert!(was_decided, "{name}: {} decided by forgetting", after.provision);
                }
                if after.kept == Some(Kept::Kept) {
                    assert_eq!(before.kept, Some(Kept::Kept), "{name}: {} kept by forgetting", after.provision);
                }
            }
        }
    }
}

/// The service with one thing less.
fn less(service: &Service) -> Vec<Service> {
    let mut all = vec![Service { actions: None, ..service.clone() }];
    for path in service.facts.keys() {
        let mut one = service.clone();
        one.facts.remove(path);
        all.push(one);
    }
    for role in service.roles.keys() {
        let mut one = service.clone();
        one.roles.remove(role);
        all.push(one);
    }
    all
}
