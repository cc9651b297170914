//! The description as a file, and questions in a terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_assess::{Asked, Service, ask, assess};
use gongdao_i18n::{Catalogue, Language};
use support::{EXAMPLES, Shelf, on, scope};

fn asked(shelf: &Shelf, text: &str, answers: &str, language: Language) -> (Asked, String) {
    let catalogue = Catalogue::embedded().unwrap();
    let service = shelf.read(&format!("format = 1\nname = \"test\"\n{text}")).unwrap();
    let mut output = Vec::new();
    let words = catalogue.words(language);
    let asked = ask(&shelf.law(), service, on("2024-10-10"), words, &mut answers.as_bytes(), &mut output).unwrap();
    (asked, String::from_utf8(output).unwrap())
}

#[test]
fn a_conversation_reads_well_in_both_languages() {
    let shelf = Shelf::first();
    let answers = "recommend fly\nrecommend push\n也许\nyes\n\n是\nq\n";
    for language in Language::ALL {
        let (asked, said) = asked(&shelf, "", answers, language);
        assert!(asked.answered >= 2);
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(format!("asked-{language}"), said);
        });
    }
}

#[test]
fn an_answer_is_what_a_description_would_say() {
    let shelf = Shelf::whole();
    let (asked, _) = asked(&shelf, "", "recommend, push\n", Language::En);
    assert_eq!(asked.answered, 1);
    assert_eq!(asked.service.actions.unwrap().into_iter().collect::<Vec<_>>(), ["push", "recommend"]);
}

#[test]
fn an_empty_answer_leaves_it_unknown_and_the_end_of_input_ends_it() {
    let shelf = Shelf::whole();
    let (first, _) = asked(&shelf, "", "\n\n\n", Language::Zh);
    assert_eq!(first.answered, 0);
    assert_eq!(first.service.facts.len() + first.service.roles.len(), 0);
    // Asked without end, each once.
    let (all, said) = asked(&shelf, "", &"\n".repeat(2_000), Language::Zh);
    assert_eq!(all.answered, 0);
    assert!(said.ends_with("没有要问的了。\n"));
}

#[test]
fn what_is_written_is_read_again() {
    let shelf = Shelf::whole();
    for name in EXAMPLES {
        let service = shelf.example(name);
        let again = shelf.read(&service.to_toml()).unwrap_or_else(|faults| panic!("{faults:?}\n{}", service.to_toml()));
        assert_eq!(again, service, "{name}");
        let law = shelf.law();
        assert_eq!(assess(&law, &again, scope(&service)).unwrap(), assess(&law, &service, scope(&service)).unwrap());
    }
}

#[test]
fn a_wrong_description_is_refused_with_line_and_hint() {
    let shelf = Shelf::whole();
    let rows = [
        ("format = 2\nname = \"x\"", 1, "format `2` is not known"),
        ("format = 1\nname = \" \"", 2, "the service has no name"),
        ("format = 1\nname = \"x\"\nnmae = 1", 3, "unknown field `nmae`"),
        ("format = 1\nname = \"x\"\nplace = \"1100\"", 3, "`1100` is not a place"),
        ("format = 1\nname = \"x\"\non = \"soon\"", 3, "`soon` is not a date"),
        ("format = 1\nname = \"x\"\nactions = [\"rank\", \"fly\"]", 3, "`fly` is not an action"),
        ("format = 1\nname = \"x\"\n[roles]\nwizard = true", 4, "no provision is owed by `wizard`"),
        ("format = 1\nname = \"x\"\n[facts]\nprincipal.colour = 1", 4, "`principal.colour` is not in the vocabulary"),
        ("format = 1\nname = \"x\"\n[facts]\nservice.colour = 1", 4, "`service.colour` is not a fact"),
        (
            "format = 1\nname = \"x\"\n[facts]\nprincipal.filed = \"yes\"",
            4,
            "`principal.filed`: the value is not of type Bool",
        ),
        (
            "format = 1\nname = \"x\"\n[facts]\nprincipal.category = \"Push\"",
            4,
            "`principal.category`: it cannot be `Push`",
        ),
        (
            "format = 1\nname = \"x\"\n[facts]\nprincipal.category = []",
            4,
            "`principal.category`: an empty list says nothing",
        ),
        (
            "format = 1\nname = \"x\"\n[[event]]\nname = \"party\"\nat = 2024-01-01",
            4,
            "no duty knows the event `party`",
        ),
        (
            "format = 1\nname = \"x\"\n[[event]]\nname = \"service-provided\"\nat = \"soon\"",
            5,
            "`soon` is not a moment",
        ),
        ("format = 1\nname = \"x\"\n[published]\n\"cn.none/1#x\" = \"5 days\"", 4, "no duty is called `cn.none/1#x`"),
        ("format = 1\nname = \"x\"\n[papers]\ncolour = \"red\"", 4, "`colour` is no field of the papers"),
    ];
    for (text, line, message) in rows {
        let faults = shelf.read(text).unwrap_err();
        let fault = &faults[0];
        assert!(fault.message.starts_with(message), "{text}: {}", fault.message);
        assert_eq!(fault.line, Some(line), "{text}");
        assert!(fault.hint.as_ref().is_some_and(|hint| !hint.is_empty()), "{text}");
    }
    assert!(shelf.read("format = 1").unwrap_err()[0].message.contains("name"));
    assert_eq!(shelf.read("format = 1\nname = \"x\"").unwrap(), Service { name: "x".to_owned(), ..Service::default() });
}
