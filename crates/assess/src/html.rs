//! An assessment as one self-contained page in Chinese and English: no script, no request, every value escaped.

use crate::page::{Page, page};
use crate::{AssessError, Assessment, Law, Service};
use gongdao_i18n::{Catalogue, Language};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};

const TEMPLATES: [(&str, &str); 2] = [
    ("assess.html", include_str!("../../../templates/assess.html")),
    ("assess.css", include_str!("../../../templates/assess.css")),
];

/// The page; `first` is shown when it opens, the other language is one switch away.
pub fn html(
    assessment: &Assessment,
    service: &Service,
    law: &Law<'_>,
    catalogue: &Catalogue,
    first: Language,
) -> Result<String, AssessError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| match name.rsplit('.').next() {
        Some("html") => AutoEscape::Html,
        _ => AutoEscape::None,
    });
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    let pages: Vec<Page> = Language::ALL
        .into_iter()
        .map(|language| page(assessment, service, law, catalogue.words(language)))
        .collect::<Result<_, _>>()?;
    let title = format!("{} · 公道 Gongdao", assessment.service);
    let values = context! { pages, title, first => first.code(), first_tag => first.tag() };
    Ok(environment.get_template("assess.html")?.render(values)?)
}
