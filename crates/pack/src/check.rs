//! What must hold across the files of all packs, apart from the rule language.

use crate::content::{InstrumentPack, Parameter, ParameterPeriod};
use crate::{Packs, Problem, agreement, checklist, lock, matter};
use gongdao_model::{InstrumentId, PlaceCode, ProvisionId, Standing};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Every problem in the structure of the packs: identifiers, references, periods, released files.
pub fn check(packs: &Packs) -> Vec<Problem> {
    let mut problems = Vec::new();
    let known = Known::of(packs);
    let mut instruments = BTreeMap::new();
    for pack in &packs.instruments {
        let file = pack.folder.join("instrument.toml");
        if let Some(first) = instruments.insert(&pack.instrument.id, &pack.folder) {
            let message = format!("`{}` is also the instrument of `{}`", pack.instrument.id, first.display());
            problems.push(Problem::error(&file, None, message).hint("give each instrument its own identifier"));
        }
        folder_fits(pack, &file, &mut problems);
        provisions(pack, &mut problems);
        no_rules(pack, &known, &mut problems);
        duties(pack, &known, &mut problems);
        checklist::check(pack, &known, &mut problems);
        problems.extend(lock::check(pack));
    }
    parameters(packs, &known, &mut problems);
    derived(packs, &known, &mut problems);
    agreement::check(packs, &mut problems);
    matter::check(packs, &known, &mut problems);
    problems
}

/// The provisions of all packs. Those of a pack without any count as known: that pack has its own error, and a
/// hundred more would hide it.
pub(crate) struct Known<'a> {
    provisions: BTreeSet<&'a ProvisionId>,
    empty: BTreeSet<&'a InstrumentId>,
}

impl<'a> Known<'a> {
    fn of(packs: &'a Packs) -> Self {
        let provisions = packs.instruments.iter().flat_map(|pack| &pack.provisions).map(|provision| &provision.id);
        let empty = packs.instruments.iter().filter(|pack| pack.provisions.is_empty()).map(|pack| &pack.instrument.id);
        Self { provisions: provisions.collect(), empty: empty.collect() }
    }

    pub(crate) fn has(&self, provision: &ProvisionId) -> bool {
        self.provisions.contains(provision) || self.empty.contains(&provision.instrument())
    }

    /// Whether a paragraph or item of it is known.
    pub(crate) fn has_part_of(&self, provision: &ProvisionId) -> bool {
        let folder = format!("{provision}/");
        self.provisions.iter().any(|known| known.as_str().starts_with(&folder))
    }
}

fn folder_fits(pack: &InstrumentPack, file: &Path, problems: &mut Vec<Problem>) {
    let folder = pack.folder.to_string_lossy().replace(['/', '\\'], ".");
    if folder != pack.instrument.id.as_str() {
        let message = format!("`{}` lies in the folder `{}`", pack.instrument.id, pack.folder.display());
        problems.push(Problem::error(file, None, message).hint("the folder is the jurisdiction, `/`, the slug"));
    }
    if let Some(until) = pack.instrument.until
        && until <= pack.instrument.effective
    {
        let message = format!("`until` {until} is not after `effective` {}", pack.instrument.effective);
        problems.push(Problem::error(file, None, message).hint("`until` is the first day without the instrument"));
    }
    let instrument = &pack.instrument;
    let words = [("title_zh", &instrument.title_zh), ("title_en", &instrument.title_en), ("level", &instrument.level)];
    for (name, _) in words.into_iter().filter(|(_, text)| text.trim().is_empty()) {
        problems.push(Problem::error(file, None, format!("`{name}` is empty")).hint("fill it in"));
    }
    if instrument.issuers.is_empty() {
        problems.push(Problem::error(file, None, "`issuers` is empty").hint("say who issued the instrument"));
    }
    if instrument.status == Standing::Verified && instrument.text.is_none() && pack.agreement.is_none() {
        let problem = Problem::error(file, None, "the status is verified, but no `text` says against what");
        problems.push(problem.hint("name the file of the imported official text, or set `status = \"unverified\"`"));
    }
}

fn provisions(pack: &InstrumentPack, problems: &mut Vec<Problem>) {
    let file = pack.folder.join("provisions.toml");
    let mut seen = BTreeMap::new();
    for provision in &pack.provisions {
        let at = Some(provision.line);
        if let Some(first) = seen.insert(&provision.id, provision.line) {
            let message = format!("`{}` stands twice, first on line {first}", provision.id);
            problems.push(Problem::error(&file, at, message).hint("one entry a provision"));
        }
        if provision.id.instrument() != pack.instrument.id {
            let message = format!("`{}` is not a provision of `{}`", provision.id, pack.instrument.id);
            problems.push(Problem::error(&file, at, message).hint("put it into the pack of its instrument"));
        }
        let words = [("zh", &provision.zh), ("en", &provision.en)];
        for (name, _) in words.into_iter().filter(|(_, text)| text.trim().is_empty()) {
            let message = format!("`{name}` of `{}` is empty", provision.id);
            problems.push(Problem::error(&file, at, message).hint("say in own words what the provision says"));
        }
        let mut readings = BTreeSet::new();
        for reading in provision.readings.iter().filter(|reading| !readings.insert(&reading.id)) {
            let message = format!("`{}` has the reading `{}` twice", provision.id, reading.id);
            problems.push(Problem::error(&file, at, message).hint("give each reading its own name"));
        }
    }
}

fn no_rules(pack: &InstrumentPack, known: &Known<'_>, problems: &mut Vec<Problem>) {
    let file = pack.folder.join("no-rule.toml");
    let mut seen = BTreeMap::new();
    for line in &pack.no_rules {
        if let Some(first) = seen.insert(&line.provision, line.line) {
            let message = format!("`{}` stands twice, first on line {first}", line.provision);
            problems.push(Problem::error(&file, Some(line.line), message).hint("one reason is enough"));
        }
        must_be_known(&line.provision, known, &file, line.line, problems);
    }
}

pub(crate) fn must_be_known(
    provision: &ProvisionId,
    known: &Known<'_>,
    file: &Path,
    line: usize,
    problems: &mut Vec<Problem>,
) {
    if !known.has(provision) {
        let message = format!("`{provision}` is in no `provisions.toml`");
        problems.push(Problem::error(file, Some(line), message).hint("add the provision, or correct the identifier"));
    }
}

fn duties(pack: &InstrumentPack, known: &Known<'_>, problems: &mut Vec<Problem>) {
    let file = pack.folder.join("duties.toml");
    let mut seen = BTreeMap::new();
    for duty in &pack.duties {
        let mut error = |message: String, hint: &str| {
            problems.push(Problem::error(&file, Some(duty.line), message).hint(hint));
        };
        if let Some(first) = seen.insert((&duty.id, duty.from), duty.line) {
            error(format!("`{}` stands twice, first on line {first}", duty.id), "give each duty its own name");
        }
        if duty
            .id
            .split_once('#')
            .is_none_or(|(provision, name)| provision != duty.provision.as_str() || name.is_empty())
        {
            error(
                format!("`{}` does not begin with its provision `{}`", duty.id, duty.provision),
                "write provision, `#`, name",
            );
        }
        if duty.from < pack.instrument.effective {
            let message =
                format!("`from` {} lies before the instrument binds ({})", duty.from, pack.instrument.effective);
            error(message, "begin with the instrument, or correct `effective`");
        }
        if let Err(wrong) = duty.time_limit() {
            error(wrong.message, wrong.hint.as_deref().unwrap_or_default());
        } else if duty.before.is_some() && duty.due != "prior" {
            let message = format!("`before` stands beside `{}`", duty.due);
            error(message, "name the act that a duty comes before only where `due` is `prior`");
        }
        for provision in [Some(&duty.provision), duty.on_breach.as_ref()].into_iter().flatten() {
            must_be_known(provision, known, &file, duty.line, problems);
        }
    }
}

/// A derived fact serves provisions that some pack has. Its facts are for `gongdao-rules`, its query for `gongdao-audit`.
fn derived(packs: &Packs, known: &Known<'_>, problems: &mut Vec<Problem>) {
    for derived in &packs.derived {
        for provision in &derived.serves {
            if !known.has(provision) {
                let message = format!("`{provision}` is in no `provisions.toml`");
                let hint = "name a provision of a pack that the fact is computed for";
                problems.push(Problem::error(&derived.file, None, message).hint(hint));
            }
        }
    }
}

/// One value of a parameter with where it stands.
struct Placed<'a> {
    file: std::path::PathBuf,
    parameter: &'a Parameter,
    period: &'a ParameterPeriod,
}

fn parameters(packs: &Packs, known: &Known<'_>, problems: &mut Vec<Problem>) {
    let mut by_name: BTreeMap<(&str, PlaceCode), Vec<Placed<'_>>> = BTreeMap::new();
    let mut units: BTreeMap<&str, &str> = BTreeMap::new();
    for pack in &packs.instruments {
        let file = pack.folder.join("parameters.toml");
        for parameter in &pack.parameters {
            must_be_known(&parameter.provision, known, &file, parameter.line, problems);
            let unit = units.entry(&parameter.name).or_insert(&parameter.unit);
            if *unit != parameter.unit {
                let message = format!("`{}` is in {} here and in {unit} elsewhere", parameter.name, parameter.unit);
                problems.push(Problem::error(&file, Some(parameter.line), message).hint("a parameter has one unit"));
            }
            if parameter.values.is_empty() {
                let message = format!("`{}` has no value", parameter.name);
                let hint = "rules that need it are undetermined until an adapter or a record gives one; \
                            else add `[[parameter.value]]`";
                problems.push(Problem::warning(&file, Some(parameter.line), message).hint(hint));
            }
            for period in &parameter.values {
                let placed = Placed { file: file.clone(), parameter, period };
                by_name.entry((&parameter.name, period.place)).or_default().push(placed);
            }
        }
    }
    for values in by_name.values_mut() {
        no_overlap(values, problems);
    }
}

fn no_overlap(values: &mut [Placed<'_>], problems: &mut Vec<Problem>) {
    values.sort_by_key(|placed| placed.period.from);
    for placed in values.iter() {
        if placed.period.until.is_some_and(|until| until <= placed.period.from) {
            let message = format!("a value of `{}` ends before it begins", placed.parameter.name);
            let problem = Problem::error(&placed.file, Some(placed.period.line), message);
            problems.push(problem.hint("`until` is the first day without the value"));
        }
    }
    for (earlier, later) in values.iter().zip(values.iter().skip(1)) {
        if earlier.period.until.is_none_or(|until| until > later.period.from) {
            let message = format!(
                "two values of `{}` hold on {}: this and {}:{}",
                later.parameter.name,
                later.period.from,
                earlier.file.display(),
                earlier.period.line
            );
            let problem = Problem::error(&later.file, Some(later.period.line), message);
            problems.push(problem.hint("end the earlier one with `until`, or give one of them a narrower place"));
        }
    }
}
