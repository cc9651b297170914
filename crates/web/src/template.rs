//! Pages out of templates. Each language has an environment of its own, so that every text, date and number of a template is in
//! that language without being told.

use crate::law::Shelf;
use crate::oidc::encoded;
use crate::problem::Problem;
use crate::value::{clock_time, day_text, money_or_number};
use gongdao_i18n::{Catalogue, Language};
use gongdao_law::PlaceNames;
use gongdao_model::{Instant, LegalDate};
use minijinja::value::{Kwargs, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        /// All templates, by their names.
        pub(crate) const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../templates/pages/", $name)))),+];
    };
}

files!(
    "account.html",
    "account_of.html",
    "accounts.html",
    "algorithm.html",
    "approval_of.html",
    "approvals.html",
    "ask_fields.html",
    "bars.html",
    "audit_run.html",
    "audits.html",
    "base.html",
    "case_body.html",
    "case_card.html",
    "case_facts.html",
    "case_head.html",
    "changes.html",
    "choose.html",
    "cited.html",
    "clocks.html",
    "compare.html",
    "consultation.html",
    "consultation_acts.html",
    "consultation_comment.html",
    "consultation_line.html",
    "consultations.html",
    "decision.html",
    "desk.html",
    "desk_case.html",
    "done_fields.html",
    "done_now.html",
    "due.html",
    "due_of.html",
    "duties.html",
    "enterprise.html",
    "factors.html",
    "figures.html",
    "file.html",
    "file_for_many.html",
    "filed.html",
    "filing.html",
    "filing_clocks.html",
    "filing_of_record.html",
    "fulfilment.html",
    "home.html",
    "hours.html",
    "how_due.html",
    "indicators.html",
    "keys.html",
    "labels.html",
    "law.html",
    "login.html",
    "look_up.html",
    "look_up_fields.html",
    "mandate.html",
    "mandate_fields.html",
    "mandates.html",
    "me.html",
    "members.html",
    "members_table.html",
    "missing.html",
    "my_consultations.html",
    "my_record.html",
    "note.html",
    "operate.html",
    "operate_action.html",
    "operate_webhook.html",
    "order.html",
    "order_act.html",
    "order_rows.html",
    "orders.html",
    "oversight.html",
    "own_look_ups.html",
    "patterns.html",
    "persons.html",
    "photos.html",
    "problem.html",
    "problem_answer.html",
    "provision.html",
    "receipt_answer.html",
    "register.html",
    "replay.html",
    "request.html",
    "requests.html",
    "review.html",
    "roles_field.html",
    "rule_said.html",
    "rule_test.html",
    "rule_tests.html",
    "rule_version.html",
    "sandbox.html",
    "sandbox_act.html",
    "sandbox_rows.html",
    "sandboxes.html",
    "secret.html",
    "setup.html",
    "shares.html",
    "story.html",
    "taken_apart.html",
    "timeline.html",
    "verdicts.html",
    "verify.html",
    "version.html",
    "wrong.html",
);

const STYLE: &str = include_str!("../../../templates/pages/style.css");
/// Scripts of single pages, and the module that one of them loads (`cargo xtask wasm` makes it, ADR 16). No page needs one: they
/// make easier what works without.
const SCRIPTS: [(&str, &str, &[u8]); 3] = [
    ("drafts", "js", include_bytes!("../../../templates/pages/drafts.js")),
    ("verify", "js", include_bytes!("../../../templates/pages/verify.js")),
    ("check", "wasm", include_bytes!("../../../templates/pages/verify.wasm")),
];

/// A page of a template, in which every value is text and no markup.
pub(crate) fn rendered(template: &str, values: &Value) -> Result<String, Problem> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.render_str(template, values).map_err(|error| Problem::internal(error.to_string()))
}

/// The templates in both languages, and the stylesheet.
pub(crate) struct Templates {
    zh: Environment<'static>,
    en: Environment<'static>,
    style_path: String,
    /// Addresses of the scripts, by their names.
    script_paths: BTreeMap<&'static str, String>,
}

impl Templates {
    /// Errors: a template that cannot be read, which a test excludes.
    pub(crate) fn new(catalogue: &Catalogue, shelf: &Arc<Shelf>) -> Result<Self, Problem> {
        let catalogue = Arc::new(catalogue.clone());
        let made = |language| environment(&catalogue, shelf, language).map_err(|error| failed(&error));
        let path = |source: &[u8], kind: &str| {
            let digest = gongdao_service::digest_of(source);
            format!("/static/{}.{kind}", digest.get(..16).unwrap_or_default())
        };
        let script_paths = SCRIPTS.iter().map(|(name, kind, source)| (*name, path(source, kind))).collect();
        let style_path = path(STYLE.as_bytes(), "css");
        Ok(Self { zh: made(Language::Zh)?, en: made(Language::En)?, style_path, script_paths })
    }

    /// The address of the stylesheet. It names the content, so that it may be kept for ever.
    pub(crate) fn style_path(&self) -> &str {
        &self.style_path
    }

    /// The addresses of the scripts, by their names; they name the content, too.
    pub(crate) fn script_paths(&self) -> &BTreeMap<&'static str, String> {
        &self.script_paths
    }

    /// What lies under an address, and its media type.
    pub(crate) fn asset(&self, path: &str) -> Option<(&'static str, &'static [u8])> {
        if path == self.style_path {
            return Some(("text/css; charset=utf-8", STYLE.as_bytes()));
        }
        let (name, _) = self.script_paths.iter().find(|(_, known)| *known == path)?;
        let (_, kind, source) = SCRIPTS.iter().find(|(known, ..)| known == name)?;
        let media = if *kind == "wasm" { "application/wasm" } else { "text/javascript; charset=utf-8" };
        Some((media, source))
    }

    /// A template with its values.
    pub(crate) fn render(&self, language: Language, name: &str, values: &Value) -> Result<String, Problem> {
        let environment = match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        };
        environment.get_template(name).and_then(|template| template.render(values)).map_err(|error| failed(&error))
    }
}

fn failed(error: &Error) -> Problem {
    Problem::internal(format!("{error:#}"))
}

fn environment(
    catalogue: &Arc<Catalogue>,
    shelf: &Arc<Shelf>,
    language: Language,
) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    // What is absent can be asked for, and not printed.
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    let words = Arc::clone(catalogue);
    environment.add_function("t", move |key: &str, values: Kwargs| said(&words, language, key, &values));
    environment.add_function("token", token);
    environment.add_filter("own", move |value: &Value| value.get_attr(language.choose("zh", "en")));
    environment.add_filter("segment", |text: &str| encoded(text));
    let words = Arc::clone(catalogue);
    environment.add_filter("when", move |text: &str| {
        let at: Instant = text.parse().map_err(|_| invalid(format!("`{text}` is no moment")))?;
        let day = day_text(at.date_in_shanghai(), words.words(language)).map_err(invalid)?;
        Ok::<_, Error>(format!("{day} {}", clock_time(at)))
    });
    let words = Arc::clone(catalogue);
    environment.add_filter("day", move |text: &str| {
        let day: LegalDate = text.parse().map_err(|_| invalid(format!("`{text}` is no day")))?;
        day_text(day, words.words(language)).map_err(invalid)
    });
    let words = Arc::clone(catalogue);
    environment.add_filter("shown", move |value: &Value, unit: Option<&str>| {
        shown(value, unit, &words, language).map_err(invalid)
    });
    let words = Arc::clone(catalogue);
    environment
        .add_filter("period", move |text: &str| crate::value::period(text, words.words(language)).map_err(invalid));
    let places = PlaceNames::embedded().map_err(|error| invalid(error.message))?;
    environment.add_filter("place", move |code: &str| {
        // Who writes codes into records may write what is none.
        code.parse().map_or_else(|_| code.to_owned(), |place| places.name(language, place))
    });
    let law = Arc::clone(shelf);
    environment.add_filter("cite", move |id: &str| law.cite(id, language));
    let law = Arc::clone(shelf);
    environment.add_filter("gist", move |id: &str| law.gist(id, language));
    for (name, source) in FILES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

fn invalid(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, what)
}

fn said(catalogue: &Catalogue, language: Language, key: &str, values: &Kwargs) -> Result<String, Error> {
    let names: Vec<&str> = values.args().collect();
    let texts = names.iter().map(|name| values.get::<Value>(name).map(|value| value.to_string()));
    let texts = texts.collect::<Result<Vec<_>, _>>()?;
    let pairs: Vec<(&str, &str)> = names.iter().copied().zip(texts.iter().map(String::as_str)).collect();
    catalogue.words(language).say(key, &pairs).map_err(|error| invalid(error.message))
}

/// What a form of a page sends back, so that no page of another site can send it (`crate::visitor`).
fn token(state: &State<'_, '_>) -> Value {
    let token = state.lookup("form").map(|value| value.to_string()).unwrap_or_default();
    // Hexadecimal digits: no markup can be in it.
    Value::from_safe_string(format!("<input type=\"hidden\" name=\"form\" value=\"{token}\">"))
}

/// A fact's value for people.
fn shown(value: &Value, unit: Option<&str>, catalogue: &Catalogue, language: Language) -> Result<String, String> {
    let words = catalogue.words(language);
    let say = |key: &str| words.say(key, &[]).map_err(|error| error.message);
    match value.kind() {
        ValueKind::Bool => say(if value.is_true() { "page.value.yes" } else { "page.value.no" }),
        ValueKind::Number => match i64::try_from(value.clone()) {
            Ok(number) => money_or_number(number, unit, words),
            Err(_) => Ok(value.to_string()),
        },
        ValueKind::Seq | ValueKind::Iterable => {
            let all: Vec<String> =
                value.try_iter().map_err(|error| error.to_string())?.map(|one| one.to_string()).collect();
            if all.is_empty() { say("page.value.none") } else { Ok(all.join(&say("page.value.join")?)) }
        }
        _ => Ok(value.to_string()),
    }
}
