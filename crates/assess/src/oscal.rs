//! An assessment as OSCAL 1.2 assessment results, for programs that read those.
//!
//! One observation a provision and one a duty, each with its state in our own words. OSCAL's finding knows `satisfied` and
//! `not-satisfied` and nothing between; so only what was decided becomes a finding, and what cannot be told is an
//! observation with that state and no finding. A duty that waits to be done is a risk with its deadline.

use crate::page::{Wording, item, status};
use crate::{AssessError, Assessment, DutyFinding, Gap, Kept, Law, ProvisionFinding, Service};
use gongdao_clock::{State, clock_lines};
use gongdao_i18n::{Catalogue, Language};
use gongdao_model::{ProvisionId, Standing};
use gongdao_pack::oscal::{NAMESPACE, VERSION, control_id, statement_id, uuid_of};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The results as JSON. UUIDs follow from the service's name, provision and duty; times are the end of the assessed day,
/// so equal packs, description and day give equal bytes.
pub fn oscal(
    assessment: &Assessment,
    service: &Service,
    law: &Law<'_>,
    catalogue: &Catalogue,
) -> Result<String, AssessError> {
    let both = Language::ALL.map(|language| Wording { assessment, service, law, words: catalogue.words(language) });
    let results = Results { assessment, both };
    serde_json::to_string_pretty(&results.document()?)
        .map_err(|error| AssessError::of_program(format!("cannot write JSON: {error}")))
}

struct Results<'a> {
    assessment: &'a Assessment,
    both: [Wording<'a>; Language::ALL.len()],
}

impl Results<'_> {
    fn document(&self) -> Result<Value, AssessError> {
        let Assessment { service, packs, .. } = self.assessment;
        let described = self.uuid("description");
        Ok(json!({ "assessment-results": {
            "uuid": self.uuid(&format!("results {packs} {}", self.when())),
            "metadata": {
                "title": format!("{} · {service}", self.join(|one| one.say("heading", &[]), " / ")?),
                "last-modified": self.when(),
                "version": packs,
                "oscal-version": VERSION,
                "remarks": self.join(|one| one.say("limits.facts", &[]), "\n\n")?,
            },
            // There is no plan: everything in force was held against what was said of the service.
            "import-ap": { "href": format!("#{described}") },
            "results": [self.result()?],
            "back-matter": { "resources": [{
                "uuid": described,
                "title": service,
                "description": self.join(|one| one.say("oscal.description", &[]), "\n\n")?,
                "props": [property("packs", packs), property("calendar", &self.assessment.calendar)],
            }] },
        } }))
    }

    fn result(&self) -> Result<Value, AssessError> {
        let Assessment { provisions, duties, .. } = self.assessment;
        let controls: Vec<Value> =
            provisions.iter().map(|finding| json!({ "control-id": control_id(&finding.provision) })).collect();
        let mut observations = Vec::new();
        for finding in provisions {
            observations.push(self.of_provision(finding)?);
        }
        for duty in duties {
            observations.push(self.of_duty(duty)?);
        }
        let mut risks = Vec::new();
        for duty in duties.iter().filter(|duty| duty.is_open()) {
            risks.push(self.risk(duty)?);
        }
        let of_provision = |id: &ProvisionId| duties.iter().filter(|duty| duty.provision == *id).collect::<Vec<_>>();
        let mut findings = Vec::new();
        for finding in provisions {
            findings.extend(self.finding(finding, &of_provision(&finding.provision))?);
        }
        let mut selection = BTreeMap::new();
        // OSCAL refuses an empty list.
        if controls.is_empty() {
            selection.insert("include-all", json!({}));
        } else {
            selection.insert("include-controls", Value::from(controls));
        }
        let mut result = json!({
            "uuid": self.uuid("result"),
            "title": self.join(|one| one.say("heading", &[]), " / ")?,
            "description": self.join(|one| one.say("oscal.result", &[]), "\n\n")?,
            "start": self.when(),
            "props": [
                property("include-drafts", if self.assessment.include_drafts { "true" } else { "false" }),
                property("place", &self.assessment.place.map_or_else(|| "not said".to_owned(), |place| place.to_string())),
            ],
            "reviewed-controls": { "control-selections": [selection] },
        });
        if let Some(result) = result.as_object_mut() {
            for (name, list) in [("observations", observations), ("risks", risks), ("findings", findings)] {
                result.extend((!list.is_empty()).then(|| (name.to_owned(), Value::from(list))));
            }
        }
        Ok(result)
    }

    fn of_provision(&self, finding: &ProvisionFinding) -> Result<Value, AssessError> {
        let mut properties = vec![
            property("provision", finding.provision.as_str()),
            property("control-id", &control_id(&finding.provision)),
            property("state", status(finding)),
            property("standing", finding.standing.as_str()),
            property("binding", if finding.binding { "true" } else { "false" }),
        ];
        properties.extend(finding.missing.iter().map(|gap| property("missing", &Gap::name(gap))));
        let told = |one: Wording<'_>| -> Result<String, AssessError> {
            let item = item(finding, one)?;
            let mut lines = vec![item.title];
            lines.extend(item.lines.into_iter().map(|line| line.text));
            Ok(lines.join("\n"))
        };
        Ok(json!({
            "uuid": self.observation(finding.provision.as_str()),
            "title": format!("{} / {}", finding.cite.zh, finding.cite.en),
            "description": self.join(told, "\n\n")?,
            "props": properties,
            "methods": ["EXAMINE"],
            "types": ["control-objective"],
            "collected": self.when(),
        }))
    }

    fn of_duty(&self, finding: &DutyFinding) -> Result<Value, AssessError> {
        let mut properties = vec![
            property("provision", finding.provision.as_str()),
            property("control-id", &control_id(&finding.provision)),
            property("duty", &finding.duty.id),
            property("state", duty_state(finding)),
            property("standing", finding.clock.standing.as_str()),
            property("owed-by", &finding.owed_by),
        ];
        properties.extend(due(finding).map(|due| property("due", &due)));
        Ok(json!({
            "uuid": self.observation(&finding.clock.key),
            "title": format!("{} / {}", finding.asks.zh, finding.asks.en),
            "description": self.duty_lines(finding)?,
            "props": properties,
            "methods": ["EXAMINE"],
            "types": ["control-objective"],
            "collected": self.when(),
        }))
    }

    fn duty_lines(&self, finding: &DutyFinding) -> Result<String, AssessError> {
        let told = |one: Wording<'_>| Ok(clock_lines(&finding.clock, &finding.duty, one.words)?.join("\n"));
        self.join(told, "\n\n")
    }

    fn risk(&self, finding: &DutyFinding) -> Result<Value, AssessError> {
        let mut risk = json!({
            "uuid": self.risk_id(finding),
            "title": format!("{} / {}", finding.asks.zh, finding.asks.en),
            "description": self.duty_lines(finding)?,
            "statement": format!("{} / {}", finding.cite.zh, finding.cite.en),
            "props": [property("duty", &finding.duty.id), property("state", duty_state(finding))],
            "status": "open",
            "related-observations": [{ "observation-uuid": self.observation(&finding.clock.key) }],
        });
        if let Some(risk) = risk.as_object_mut() {
            risk.extend(due(finding).map(|due| ("deadline".to_owned(), Value::from(due))));
        }
        Ok(risk)
    }

    /// None where nothing is decided: that is not said to be satisfied, nor to be the contrary.
    fn finding(&self, finding: &ProvisionFinding, duties: &[&DutyFinding]) -> Result<Option<Value>, AssessError> {
        let Some((state, reason)) = decided(finding, duties) else { return Ok(None) };
        let mut observed = vec![json!({ "observation-uuid": self.observation(finding.provision.as_str()) })];
        observed.extend(duties.iter().map(|duty| json!({ "observation-uuid": self.observation(&duty.clock.key) })));
        let risks: Vec<Value> = duties
            .iter()
            .filter(|duty| duty.is_open())
            .map(|duty| json!({ "risk-uuid": self.risk_id(duty) }))
            .collect();
        let mut value = json!({
            "uuid": self.uuid(&format!("finding {}", finding.provision)),
            "title": format!("{} / {}", finding.cite.zh, finding.cite.en),
            "description": format!("{}\n\n{}", finding.says.zh, finding.says.en),
            "props": [
                property("provision", finding.provision.as_str()),
                property("control-id", &control_id(&finding.provision)),
                property("standing", finding.standing.as_str()),
                property("binding", if finding.binding { "true" } else { "false" }),
            ],
            "target": {
                "type": "statement-id",
                "target-id": statement_id(&finding.provision),
                "status": {
                    "state": state,
                    "reason": reason,
                    "remarks": self.join(|one| one.say("limits.facts", &[]), "\n\n")?,
                },
            },
            "related-observations": observed,
        });
        if let (Some(value), false) = (value.as_object_mut(), risks.is_empty()) {
            value.insert("related-risks".to_owned(), Value::from(risks));
        }
        Ok(Some(value))
    }

    /// The end of the day, in Beijing, for which this is told.
    fn when(&self) -> String {
        format!("{}T23:59:59+08:00", self.assessment.on)
    }

    fn uuid(&self, name: &str) -> String {
        uuid_of(&format!("{} {name}", self.assessment.service))
    }

    fn observation(&self, of: &str) -> String {
        self.uuid(&format!("observation {of}"))
    }

    fn risk_id(&self, finding: &DutyFinding) -> String {
        self.uuid(&format!("risk {}", finding.clock.key))
    }

    /// A text in both languages.
    fn join(
        &self,
        say: impl Fn(Wording<'_>) -> Result<String, AssessError>,
        between: &str,
    ) -> Result<String, AssessError> {
        let texts: Vec<String> = self.both.iter().map(|one| say(*one)).collect::<Result<_, _>>()?;
        Ok(texts.join(between))
    }
}

/// What OSCAL calls the state of a provision that was decided, and why. Broken law and a breached duty are; what is kept is
/// only where no duty of the provision is open or untold. Law that was not checked decides nothing beyond its own words,
/// so its reason is `other`, as is what is not kept in some cases only.
fn decided(finding: &ProvisionFinding, duties: &[&DutyFinding]) -> Option<(&'static str, &'static str)> {
    let is_checked = finding.standing == Standing::Verified;
    let failed = if is_checked { "fail" } else { "other" };
    if duties.iter().any(|duty| duty.is_broken()) {
        return Some(("not-satisfied", failed));
    }
    let waits = duties.iter().any(|duty| !matches!(duty_state(duty), "met" | "not-applicable" | "not-yet-triggered"));
    match (status(finding), finding.kept) {
        ("broken", Some(Kept::Broken)) => Some(("not-satisfied", failed)),
        ("broken", _) => Some(("not-satisfied", "other")),
        ("kept", _) if !waits => Some(("satisfied", if is_checked { "pass" } else { "other" })),
        ("duty", _) if !waits && duties.iter().any(|duty| duty.clock.state == State::Met) => {
            Some(("satisfied", if is_checked { "pass" } else { "other" }))
        }
        _ => None,
    }
}

fn duty_state(finding: &DutyFinding) -> &'static str {
    match finding.clock.state {
        State::NotYetTriggered => "not-yet-triggered",
        State::NotApplicable => "not-applicable",
        State::CannotTell { .. } => "cannot-tell",
        State::Open => "open",
        State::Provisional => "provisional",
        State::Met => "met",
        State::Late => "late",
        State::Breached => "breached",
    }
}

/// The last moment that is in time, as OSCAL writes it.
fn due(finding: &DutyFinding) -> Option<String> {
    match finding.clock.due_date()?.end {
        gongdao_clock::End::Day(day) => Some(format!("{day}T23:59:59.999+08:00")),
        gongdao_clock::End::Moment(at) => Some(at.to_string()),
    }
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "ns": NAMESPACE, "value": value })
}
