//! `report.html`: one self-contained page in Chinese and English, from a [`Summary`].
//!
//! Everything that can be worked out is worked out here, once a language, into plain values; the templates under
//! `templates/` only lay them out. No script, no external request, every value escaped.

mod article;
mod bar;
mod chart;
mod declared;
mod figures;
mod unknown;
mod view;
mod wording;

use crate::summary::Summary;
use gongdao_i18n::{Catalogue, I18nError, Language};
use minijinja::value::Kwargs;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use std::fmt;

const TEMPLATES: [(&str, &str); 10] = [
    ("report.html", include_str!("../../../../templates/report.html")),
    ("report/style.css", include_str!("../../../../templates/report/style.css")),
    ("report/parts.html", include_str!("../../../../templates/report/parts.html")),
    ("report/result.html", include_str!("../../../../templates/report/result.html")),
    ("report/findings.html", include_str!("../../../../templates/report/findings.html")),
    ("report/rules.html", include_str!("../../../../templates/report/rules.html")),
    ("report/unknown.html", include_str!("../../../../templates/report/unknown.html")),
    ("report/declared.html", include_str!("../../../../templates/report/declared.html")),
    ("report/measures.html", include_str!("../../../../templates/report/measures.html")),
    ("report/rest.html", include_str!("../../../../templates/report/rest.html")),
];

/// The report could not be written: a fault of the program's templates or texts, never of the data.
#[derive(Debug)]
pub enum ReportError {
    /// A text is missing or asks for something else.
    Text(I18nError),
    /// A template does not fit the values.
    Template(minijinja::Error),
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(error) => write!(f, "the report's texts: {error}"),
            Self::Template(error) => write!(f, "the report's template: {error:#}"),
        }
    }
}

impl std::error::Error for ReportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Text(error) => Some(error),
            Self::Template(error) => Some(error),
        }
    }
}

impl From<I18nError> for ReportError {
    fn from(error: I18nError) -> Self {
        Self::Text(error)
    }
}

impl From<minijinja::Error> for ReportError {
    fn from(error: minijinja::Error) -> Self {
        Self::Template(error)
    }
}

/// The report with Chinese shown first; English is one switch away.
pub fn render(summary: &Summary) -> Result<String, ReportError> {
    render_first(summary, Language::Zh)
}

/// The report with `first` shown when the page opens.
pub fn render_first(summary: &Summary, first: Language) -> Result<String, ReportError> {
    let environment = environment()?;
    let catalogue = Catalogue::embedded()?;
    let mut pages = Vec::new();
    for language in Language::ALL {
        let view = view::Page::new(summary, catalogue.words(language))?;
        pages.push(context! { t => translate(catalogue.clone(), language), ..Value::from_serialize(&view) });
    }
    let html = environment.get_template("report.html")?.render(context! {
        pages,
        first => first.code(),
        first_tag => first.tag(),
        page_title => catalogue.words(first).say("report.page_title", &[])?,
    })?;
    Ok(html)
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // Cascading style sheets of our own are the one part that is not HTML text.
    let is_style = |name: &str| name.rsplit_once('.').is_some_and(|(_, extension)| extension == "css");
    environment.set_auto_escape_callback(move |name| if is_style(name) { AutoEscape::None } else { AutoEscape::Html });
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

/// The function `t("key", name=value, …)` of one language.
fn translate(catalogue: Catalogue, language: Language) -> Value {
    Value::from_function(move |key: &str, values: Kwargs| -> Result<String, minijinja::Error> {
        let mut filled = Vec::new();
        for name in values.args() {
            filled.push((name, values.get::<Value>(name)?.to_string()));
        }
        let borrowed: Vec<(&str, &str)> = filled.iter().map(|(name, value)| (*name, value.as_str())).collect();
        catalogue
            .words(language)
            .say(key, &borrowed)
            .map_err(|error| minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, error.message))
    })
}

#[cfg(test)]
mod tests;
