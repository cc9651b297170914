use crate::declared;
use crate::facts::{CONTEXT, Kind, NO_WORDS, NUMBERS, PERSON_INITIAL};
use crate::measures;
use crate::settings::{Settings, SimError};
use crate::write::action_names;
use std::fmt::Write as _;
use std::path::Path;

/// The city's hourly minimum wage, fen: an assumption of the adapter, since the figure differs by place.
const MINIMUM_WAGE_FEN: i64 = 2_640;
/// Most orders that a courier may have on hand when the next is given: the guidance names no number.
const ORDERS_ON_HAND: i64 = 4;
/// Where the city lies in law: the whole country and no local rule.
const PLACE: &str = "000000";

/// Write `adapter.toml` and its SQL files into `folder`, over the files that lie there.
pub(crate) fn write(settings: &Settings, folder: &Path) -> Result<(), SimError> {
    let sql = folder.join("sql");
    std::fs::create_dir(&sql).map_err(|cause| SimError::Write(sql.clone(), cause))?;
    let files = [
        (folder.join("adapter.toml"), adapter_text(settings)),
        (sql.join("decisions.sql"), decisions_sql()),
        (sql.join("person-events.sql"), events_sql("person_events")),
        (sql.join("algorithm-events.sql"), events_sql("algorithm_events")),
    ];
    for (path, text) in files {
        std::fs::write(&path, text).map_err(|cause| SimError::Write(path, cause))?;
    }
    Ok(())
}

fn adapter_text(settings: &Settings) -> String {
    let mut text = format!(
        "format = 1\n\
         name = \"synthetic-city\"\n\
         zh = \"合成城市（种子 {seed}，{days} 天）\"\n\
         en = \"Synthetic city (seed {seed}, {days} days)\"\n\
         note_zh = \"数据全部为程序生成，不涉及任何真实个人或企业；埋入的违法情形见 truth.csv。\"\n\
         note_en = \"All data is generated; no real person or company is in it. What was planted stands in truth.csv.\"\n\
         kind = \"decisions\"\n\
         data = \".\"\n\n",
        seed = settings.seed,
        days = settings.days,
    );
    text.push_str(&tables_text());
    let _ = write!(text, "[[view]]\nname = \"{}\"\nsql = \"{}\"\n\n", declared::VIEW, declared::SQL_FILE);
    text.push_str("[decisions]\nsql = \"sql/decisions.sql\"\n\n");
    let initial: Vec<String> =
        PERSON_INITIAL.iter().map(|(fact, value)| format!("{fact} = {}", toml_value(value))).collect();
    let _ = write!(
        text,
        "# Both logs are complete from the beginning; what a person never chose was not chosen.\n\
         [[state]]\nentity = \"resource\"\nsql = \"sql/person-events.sql\"\ninitial = {{ {} }}\n\n\
         [[state]]\nentity = \"principal\"\nsql = \"sql/algorithm-events.sql\"\n\n\
         [parameters.hourlyMinimumWageFen]\nvalue = {MINIMUM_WAGE_FEN}\n\
         zh = \"合成城市的设定，不是任何地方的标准\"\n\
         en = \"set for the synthetic city; no place's figure\"\n\n\
         [parameters.ordersOnHandLimit]\nvalue = {ORDERS_ON_HAND}\n\
         zh = \"合成城市的设定；文件没有规定数字\"\n\
         en = \"set for the synthetic city; the document gives no number\"\n",
        initial.join(", ")
    );
    for file in measures::FILES {
        let _ = write!(text, "\n[[measure]]\nfile = \"{file}\"\n");
    }
    let _ = write!(text, "\n[[algorithm]]\nfile = \"{}\"\n", declared::FILE);
    text
}

fn toml_value(value: &str) -> &str {
    if value == NO_WORDS { "[]" } else { value }
}

fn tables_text() -> String {
    let actions: Vec<String> = action_names().iter().map(|name| format!("\"{name}\"")).collect();
    let mut text = format!(
        "[[table]]\nname = \"decisions\"\nfiles = [\"decisions.csv\"]\n[table.columns]\n\
         decision_id = {{ type = \"text\", required = true, unique = true }}\n\
         at = {{ type = \"instant\", required = true }}\n\
         action = {{ type = \"text\", required = true, values = [{}] }}\n\
         algorithm = {{ type = \"text\", required = true }}\n\
         person = {{ type = \"text\", required = true }}\n\
         person_group = \"text\"\n\
         practice = {{ type = \"text\", required = true }}\n\
         tags_used = \"text\"\n",
        actions.join(", ")
    );
    for name in NUMBERS {
        let _ = writeln!(text, "{name} = {{ type = \"integer\", min = 0 }}");
    }
    text.push_str("\n[[table]]\nname = \"practices\"\nfiles = [\"practices.csv\"]\n[table.columns]\n");
    text.push_str("practice = { type = \"text\", required = true, unique = true }\n");
    for fact in CONTEXT {
        let kind = if fact.kind == Kind::Flag { "bool" } else { "text" };
        let _ = writeln!(text, "{} = \"{kind}\"", fact.name);
    }
    for name in ["person", "algorithm"] {
        let _ = write!(
            text,
            "\n[[table]]\nname = \"{name}_events\"\nfiles = [\"{name}-events.csv\"]\n[table.columns]\n\
             # Text: the state query reads them, so that a bad event touches its own fact and not the whole log.\n\
             key = \"text\"\n\
             at = \"text\"\n\
             seq = {{ type = \"integer\", required = true }}\n\
             fact = {{ type = \"text\", required = true }}\n\
             op = \"text\"\n\
             value = \"text\"\n"
        );
    }
    text.push('\n');
    text
}

fn decisions_sql() -> String {
    let mut text = format!(
        "-- One row a decision: its own numbers, and the facts of the practice that it followed.\n\
         -- The files write `{NO_WORDS}` for the empty set, since an empty cell is a missing fact.\n\
         SELECT\n  d.decision_id, d.at, d.action, '{PLACE}' AS place, d.algorithm, d.person, d._file, d._row,\n\
         \x20 {}",
        words("d.tags_used", "tagsUsed")
    );
    for name in NUMBERS {
        let _ = write!(text, ",\n  d.\"{name}\" AS \"context.{name}\"");
    }
    for fact in CONTEXT {
        let column = match fact.kind {
            Kind::Words => words(&format!("p.\"{}\"", fact.name), fact.name),
            Kind::Flag | Kind::Word => format!("p.\"{0}\" AS \"context.{0}\"", fact.name),
        };
        let _ = write!(text, ",\n  {column}");
    }
    text.push_str("\n-- The side that is read into memory stands first: the practices are few, the decisions many and in order.\nFROM practices AS p\nRIGHT JOIN decisions AS d ON d.practice = p.practice\n");
    text
}

fn words(column: &str, name: &str) -> String {
    format!("CASE WHEN {column} = '{NO_WORDS}' THEN '' ELSE {column} END AS \"context.{name}\"")
}

fn events_sql(table: &str) -> String {
    format!("SELECT \"key\", at, seq, fact, op, value, _file, _row\nFROM {table}\n")
}
