use super::flat::{lines, meaning, shown};
use crate::problem::Problem;
use crate::template::rendered;
use gongdao_i18n::Words;
use gongdao_service::{Category, PersonRecord};
use minijinja::{Value, context};

const PAGE: &str = include_str!("../../../../templates/record.html");

/// The record as a page: what there is and what not, then each thing.
pub(crate) fn page(record: &PersonRecord, words: Words<'_>) -> Result<String, Problem> {
    let say = |key: &str| words.say(key, &[]).map_err(|error| Problem::internal(error.message));
    let manifest = record.manifest.iter().map(|held| {
        Ok(context! {
            name => say(&format!("record.category.{}", held.category.as_str()))?,
            status => say(&format!("record.status.{}", held.status))?,
            count => held.count,
            missing => held.missing,
            reason => held.reason.map(|reason| say(&format!("record.reason.{reason}"))).transpose()?,
        })
    });
    let manifest = manifest.collect::<Result<Vec<_>, Problem>>()?;
    let all = lines(record)?;
    let section = |category: &Category| {
        let rows: Vec<Value> = all
            .iter()
            .filter(|line| line.category == *category)
            .map(|line| {
                let meaning = meaning(record, &line.field);
                context! {
                    item => line.item,
                    field => line.field,
                    meaning => meaning.map(|meaning| words.language().choose(&meaning.zh, &meaning.en)),
                    value => shown(&line.value),
                }
            })
            .collect();
        Ok(context! { name => say(&format!("record.category.{}", category.as_str()))?, rows })
    };
    let sections = record.sections.keys().map(section).collect::<Result<Vec<_>, Problem>>()?;
    let columns = ["category", "item", "field", "meaning", "value"].map(|name| say(&format!("record.column.{name}")));
    let columns = columns.into_iter().collect::<Result<Vec<_>, _>>()?;
    let values = context! {
        tag => words.language().tag(),
        title => say("record.title")?,
        about => words
            .say("record.about", &[("person", &record.person), ("at", &record.at.to_string()), ("origin", &record.origin)])
            .map_err(|error| Problem::internal(error.message))?,
        scope => say("record.scope")?,
        columns,
        manifest,
        sections,
    };
    rendered(PAGE, &values)
}
