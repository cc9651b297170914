//! An assessment without the whole program: `cargo run -p gongdao-assess --example assess -- PACKS SERVICE zh|en FORMAT`.
//!
//! FORMAT is `text`, `full`, `json`, `html` or `papers`.

#![expect(clippy::print_stdout, reason = "an example prints its result")]

use gongdao_assess::{AssessError, Detail, Law, Scope, Service, assess, html, json, lines, papers};
use gongdao_clock::Calendar;
use gongdao_i18n::{Catalogue, Language};
use gongdao_pack::{Packs, Problem};
use gongdao_rules::RuleSet;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, file, language, format] = arguments.as_slice() else {
        return Err("give the packs folder, the description, zh or en, and a format".into());
    };
    let packs = Packs::read(Path::new(folder)).map_err(|problems| in_words(&problems))?;
    let rules = RuleSet::load(&packs).map_err(|problems| in_words(&problems))?;
    let calendar = Calendar::shipped()?;
    let law = Law::new(&packs, &rules, &calendar)?;
    let text = std::fs::read_to_string(file)?;
    let service = Service::read(&text, &rules.vocabulary, &packs).map_err(|faults| faults_in_words(&faults))?;
    let scope = Scope { on: service.on.ok_or("the description has no `on`")?, include_drafts: false };
    let assessment = assess(&law, &service, scope)?;
    let catalogue = Catalogue::embedded()?;
    let language: Language = language.parse()?;
    let words = catalogue.words(language);
    let text = match format.as_str() {
        "text" => lines(&assessment, &service, &law, words, Detail::Short)?.join("\n"),
        "full" => lines(&assessment, &service, &law, words, Detail::Full)?.join("\n"),
        "json" => json(&assessment, &service, &law, &catalogue)?,
        "html" => html(&assessment, &service, &law, &catalogue, language)?,
        "papers" => {
            let papers = papers(&assessment, &service, &law, words)?;
            let texts: Vec<String> =
                papers.into_iter().map(|paper| format!("{}\n\n{}", paper.file_name, paper.text)).collect();
            texts.join("\n")
        }
        other => return Err(format!("`{other}` is not a format").into()),
    };
    println!("{text}");
    Ok(())
}

fn in_words(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn faults_in_words(faults: &[AssessError]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
