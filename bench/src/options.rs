//! `--name value` pairs.

use std::collections::BTreeMap;
use std::str::FromStr;

const KNOWN: [&str; 37] = [
    "cases",
    "packs",
    "decisions",
    "rounds",
    "seed",
    "gongdao",
    "folder",
    "probes",
    "events",
    "persons",
    "threads",
    "rows",
    "level",
    "out",
    "data",
    "batch",
    "sample",
    "peers",
    "venv",
    "kept",
    "texts",
    "services",
    "dates",
    "records",
    "connections",
    "window",
    "per-second",
    "checkpoint-ms",
    "address",
    "postgres",
    "marks",
    "part",
    "files",
    "gib",
    "from",
    "to",
    "seconds",
];

#[derive(Debug)]
pub(crate) struct Options(BTreeMap<String, String>);

impl Options {
    pub(crate) fn read(arguments: &[String]) -> Result<Self, String> {
        let mut options = BTreeMap::new();
        for pair in arguments.chunks(2) {
            let [name, value] = pair else { return Err(format!("`{}` has no value", pair.concat())) };
            let known = name.strip_prefix("--").filter(|name| KNOWN.contains(name));
            let known = known.ok_or_else(|| format!("`{name}` is not an option; the options are {KNOWN:?}"))?;
            options.insert(known.to_owned(), value.clone());
        }
        Ok(Self(options))
    }

    pub(crate) fn value<T: FromStr>(&self, name: &str, default: T) -> Result<T, String> {
        match self.0.get(name) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| format!("`--{name}` cannot be `{text}`")),
        }
    }
}
