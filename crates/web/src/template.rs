//! Pages out of templates.

use crate::problem::Problem;
use minijinja::{AutoEscape, Environment, Value};

/// A page of a template, in which every value is text and no markup.
pub(crate) fn rendered(template: &str, values: &Value) -> Result<String, Problem> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.render_str(template, values).map_err(|error| Problem::internal(error.to_string()))
}
