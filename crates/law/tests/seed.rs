//! Every date and every article that the seed report names is found in the statute book. Each row has the line of the
//! report; the report itself is read where it is at hand, and must say there what the row says.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs, reason = "tests")]

mod support;

use gongdao_law::{Book, EventKind, Reference, timeline};
use support::{day, law, shared};

/// How a row is found.
enum Found {
    /// A day on the timeline of an instrument: in its fields or in its note.
    Day(&'static str, &'static str),
    /// A day that begins a state: promulgated, or in force.
    Kind(&'static str, &'static str, EventKind),
    /// The year in which an instrument was made or began.
    Year(&'static str, &'static str),
    /// A provision, or all of an article.
    Provision(&'static str),
    /// As many provisions as the report says, at least.
    Provisions(&'static str, usize),
    /// An instrument that covers a place and is in force on a day.
    InPlace(&'static str, &'static str, &'static str),
}

use EventKind::{InForce, Promulgated};
use Found::{Day, InPlace, Kind, Provision, Provisions, Year};

/// Line of the report, what it says there, and where the book has it.
const ROWS: [(usize, &str, Found); 37] = [
    (15, "in 2017", Year("cn.aidp-2017", "2017")),
    (17, "in 2019", Year("cn.governance-principles-2019", "2019")),
    (17, "eight core principles", Provisions("cn.governance-principles-2019", 8)),
    (17, "in 2021", Year("cn.ethical-norms-2021", "2021")),
    (17, "25 Articles", Provisions("cn.ethical-norms-2021", 25)),
    (19, "2019", Year("cn.ai-security-white-paper-2019", "2019")),
    (21, "27 August of 2021", Day("cn.iisarmp", "2021-08-27")),
    (21, "26 September", Day("cn.iisarmp", "2021-09-26")),
    (21, "4 January 2022", Day("cn.iisarmp", "2022-01-04")),
    (21, "1 March 2022", Kind("cn.iisarmp", "2022-03-01", InForce)),
    (21, "several dozen rules or provisions", Provisions("cn.iisarmp", 24)),
    (23, "protection of user rights", Provision("cn.iisarmp/17")),
    (23, "deleting user tags", Provision("cn.iisarmp/17/2")),
    (27, "20 August of 2021", Kind("cn.pipl", "2021-08-20", Promulgated)),
    (27, "1 November", Kind("cn.pipl", "2021-11-01", InForce)),
    (27, "Data Security Law", Provision("cn.dsl/27")),
    (27, "Cybersecurity Law", Provision("cn.csl/41")),
    (29, "automated decision-making", Provision("cn.pipl/24/3")),
    (29, "copy of their personal data", Provision("cn.pipl/45/1")),
    (31, "Article 15", Provision("cn.pipl/15")),
    (31, "cannot refuse service", Provision("cn.pipl/16")),
    (31, "separate consent", Provision("cn.pipl/23")),
    (31, "sensitive personal information", Provision("cn.pipl/28")),
    (33, "10 January 2023", Kind("cn.deep-synthesis", "2023-01-10", InForce)),
    (37, "Shenzhen", InPlace("cn.shenzhen-ai", "440300", "2022-11-01")),
    (37, "Shenzhen", Kind("cn.shenzhen-ai", "2022-09-05", Promulgated)),
    (39, "September 2022", InPlace("cn.shanghai-ai", "310000", "2022-10-01")),
    (47, "launched in 2015", Year("cn.made-in-china-2025", "2015")),
    (49, "14th plan (2021-2025)", Year("cn.fyp-14", "2021")),
    (51, "pilot zones", Year("cn.ai-pilot-zones", "2019")),
    (81, "July of 2021", Kind("cn.doc-56", "2021-07-16", Promulgated)),
    (81, "online catering", Provision("cn.catering-guidance/2")),
    (85, "Article 10", Provision("cn.doc-56/10")),
    (87, "24 December 2021", Day("cn.trade-union-law", "2021-12-24")),
    (87, "1 January 2022", Day("cn.trade-union-law", "2022-01-01")),
    (87, "Article 3", Provision("cn.trade-union-law/3")),
    (87, "Article 10", Provision("cn.doc-56/10")),
];

impl Found {
    fn instrument(&self) -> &'static str {
        match self {
            Day(id, _) | Kind(id, _, _) | Year(id, _) | Provisions(id, _) | InPlace(id, _, _) => id,
            Provision(id) => id.split('/').next().unwrap(),
        }
    }

    fn holds(&self, book: &Book) -> bool {
        let events = timeline(book, Some(&self.instrument().parse().unwrap()), None).unwrap();
        match self {
            Day(_, on) => events.iter().any(|event| event.date == day(on)),
            Kind(_, on, kind) => events.iter().any(|event| event.date == day(on) && event.kind == *kind),
            Year(_, year) => events.iter().any(|event| event.date.to_string().starts_with(year)),
            Provision(id) => {
                let reference: Reference = id.parse().unwrap();
                book.show(&reference, day("2024-05-01")).is_ok_and(|sheets| !sheets.is_empty())
            }
            Provisions(id, at_least) => {
                let reference: Reference = id.parse().unwrap();
                book.show(&reference, day("2024-05-01")).unwrap().len() >= *at_least
            }
            InPlace(id, place, on) => {
                let in_force = book.in_force(day(on), place.parse().unwrap());
                in_force.instruments.iter().any(|row| row.instrument.id == *id)
            }
        }
    }
}

#[test]
fn every_date_and_article_of_the_report_is_found() {
    let book = law();
    let missing: Vec<String> = ROWS
        .iter()
        .filter(|(.., found)| !found.holds(&book))
        .map(|(line, says, found)| format!("line {line}, `{says}`: {}", found.instrument()))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn the_report_says_what_the_rows_say() {
    let Some(shared) = shared() else { return };
    let report = std::fs::read_dir(shared.join("seed")).unwrap().next().unwrap().unwrap().path();
    let report = std::fs::read_to_string(report).unwrap();
    let lines: Vec<&str> = report.lines().collect();
    for (line, says, _) in &ROWS {
        assert!(lines[line - 1].contains(says), "line {line} does not say `{says}`");
    }
}

/// Days and articles in the report's text, found by their form: none is left out of the rows by oversight.
#[test]
fn no_date_and_no_article_of_the_report_is_left_out() {
    let Some(shared) = shared() else { return };
    let report = std::fs::read_dir(shared.join("seed")).unwrap().next().unwrap().unwrap().path();
    let report = std::fs::read_to_string(report).unwrap();
    let mut unlisted = Vec::new();
    // The references begin at line 89; their dates are those of web pages.
    for (index, line) in report.lines().take(88).enumerate() {
        for found in days_and_articles(line) {
            let listed = ROWS.iter().any(|(row, says, _)| *row == index + 1 && says.contains(&found));
            if !listed {
                unlisted.push(format!("line {}: {found}", index + 1));
            }
        }
    }
    assert_eq!(unlisted, Vec::<String>::new());
}

/// `27 August`, `Article 15`: a number beside the name of a month, or after the word article.
fn days_and_articles(line: &str) -> Vec<String> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_number = |word: &str| word.parse::<u32>().is_ok_and(|number| number <= 31);
    let mut found = Vec::new();
    for pair in words.windows(2) {
        if is_number(pair[0]) && MONTHS.contains(&pair[1]) || pair[0] == "Article" && is_number(pair[1]) {
            found.push(format!("{} {}", pair[0], pair[1]));
        }
    }
    found
}
