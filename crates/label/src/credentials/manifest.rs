//! The only file that calls the crate `c2pa`.

use super::{Claimed, Credentials, Examined, Signing, Validity, compare, format_of, mime};
use crate::model::{Key, Label, LabelCode, Shape, understand};
use crate::read::Reading;
use crate::{ErrorKind, LabelError};
use c2pa::{Builder, BuilderIntent, Context, DigitalSourceType, Manifest, Reader, Signer, SigningAlg, ValidationState};
use serde_json::{Value, json};
use std::fs::File;
use std::path::Path;

/// Our assertion: metadata in JSON-LD under a name of our own (C2PA specification 2.x, "Metadata assertions").
const ASSERTION: &str = "gongdao.metadata";
const PREFIX: &str = "TC260";
/// The name space that the label has in XMP, so that both records name it alike.
const NAME_SPACE: &str = "http://www.tc260.org.cn/ns/AIGC/1.0/";
const PROPERTY: &str = "TC260:AIGC";
/// Kinds of keys that C2PA signs with here, tried in turn.
const ALGORITHMS: [SigningAlg; 4] = [SigningAlg::Es256, SigningAlg::Es384, SigningAlg::Ed25519, SigningAlg::Ps256];

/// No network: nothing is fetched, and no host is allowed. No anchor but the caller's.
fn context(anchors: Option<&str>) -> Result<Context, LabelError> {
    let mut settings = json!({
        "verify": { "remote_manifest_fetch": false, "ocsp_fetch": false },
        "core": { "allowed_network_hosts": [] },
    });
    if let (Some(anchors), Some(settings)) = (anchors, settings.as_object_mut()) {
        if !anchors.contains("-----BEGIN CERTIFICATE-----") {
            return Err(unreadable_anchors("no certificate stands in them"));
        }
        settings.insert("trust".to_owned(), json!({ "user_anchors": anchors }));
    }
    Context::new().with_settings(settings).map_err(|error| match anchors {
        Some(_) => unreadable_anchors(&error.to_string()),
        None => LabelError::new(ErrorKind::Program, format!("C2PA refuses its settings: {error}"), ""),
    })
}

fn unreadable_anchors(why: &str) -> LabelError {
    LabelError::refused(format!("the anchors cannot be read: {why}"), "give the roots' X.509 certificates as PEM")
}

pub(super) fn examine(file: &Path, reading: &Reading, anchors: Option<&str>) -> Result<Examined, LabelError> {
    let context = context(anchors)?;
    let Some(mime) = mime(reading.format) else {
        return Ok(if reading.credentials.is_some() { Examined::NotVerified } else { Examined::Absent });
    };
    match Reader::from_context(context).with_stream(mime, File::open(file)?) {
        Ok(reader) => Ok(Examined::Found(Box::new(credentials(&reader, reading)))),
        // A manifest that stands elsewhere is not fetched.
        Err(c2pa::Error::JumbfNotFound | c2pa::Error::RemoteManifestUrl(_)) => Ok(Examined::Absent),
        // The label is still worth reading beside it.
        Err(error) => Ok(Examined::Found(Box::new(Credentials {
            validity: Validity::Invalid,
            failures: vec![error.to_string()],
            signer: None,
            generator: None,
            signed_at: None,
            claimed: Claimed::default(),
            disagreements: Vec::new(),
        }))),
    }
}

fn credentials(reader: &Reader, reading: &Reading) -> Credentials {
    let active = reader.active_manifest();
    let claimed = Claimed {
        label: active.and_then(copied_label),
        source_types: reader.iter_manifests().flat_map(source_types).collect(),
    };
    let failures = reader.validation_results().and_then(|results| results.active_manifest());
    let failures = failures.map(|codes| codes.failure().iter().map(|status| status.code().to_owned()).collect());
    let info = active.and_then(Manifest::signature_info);
    Credentials {
        validity: match reader.validation_state() {
            ValidationState::Invalid => Validity::Invalid,
            ValidationState::Valid => Validity::Valid,
            ValidationState::Trusted => Validity::Trusted,
        },
        failures: failures.unwrap_or_default(),
        signer: info.and_then(|info| info.common_name.clone().or_else(|| info.issuer.clone())),
        generator: active.and_then(generator),
        signed_at: info.and_then(|info| info.time.clone()),
        disagreements: compare(reading, &claimed),
        claimed,
    }
}

fn generator(manifest: &Manifest) -> Option<String> {
    let info = manifest.claim_generator_info.as_ref().and_then(|all| all.first());
    info.map(|info| info.name.clone()).or_else(|| manifest.claim_generator().map(str::to_owned))
}

/// A copy of the label in metadata of any name.
fn copied_label(manifest: &Manifest) -> Option<crate::FoundLabel> {
    let text = manifest
        .assertions()
        .iter()
        .filter(|assertion| assertion.label().ends_with("metadata"))
        .find_map(|assertion| assertion.value().ok()?.get(PROPERTY)?.as_str().map(str::to_owned))?;
    understand(&text, Shape::Bare).label.ok()
}

fn source_types(manifest: &Manifest) -> Vec<String> {
    let actions = manifest.assertions().iter().filter(|assertion| assertion.label().starts_with("c2pa.actions"));
    let mut found = Vec::new();
    for value in actions.filter_map(|assertion| assertion.value().ok()) {
        let list = value.get("actions").and_then(Value::as_array).into_iter().flatten();
        let types = list.filter_map(|action| action.get("digitalSourceType")?.as_str());
        found.extend(types.filter_map(|address| address.rsplit('/').next()).map(str::to_owned));
    }
    found
}

/// Signs `labelled` into the new file `part`.
pub(super) fn sign(
    labelled: &Path,
    original: &Path,
    part: &Path,
    label: &Label,
    signing: &Signing,
) -> Result<(), LabelError> {
    let refuse = |error: c2pa::Error| {
        LabelError::refused(
            format!("the C2PA manifest cannot be signed: {error}"),
            "check the certificates and the key; the file was not changed",
        )
    };
    let Some(mime) = mime(format_of(labelled)?) else {
        return Err(LabelError::new(ErrorKind::Unsupported, "a C2PA manifest has no place in such a file", ""));
    };
    let definition = json!({
        "claim_generator_info": [{ "name": "gongdao", "version": env!("CARGO_PKG_VERSION") }],
        "assertions": [{
            "label": ASSERTION,
            "data": { "@context": { PREFIX: NAME_SPACE }, PROPERTY: label.to_json() },
            "kind": "Json",
        }],
    });
    let mut builder = Builder::from_context(context(None)?).with_definition(definition).map_err(refuse)?;
    if is_first(label) && !has_manifest(original, mime)? {
        builder.set_intent(BuilderIntent::Create(DigitalSourceType::TrainedAlgorithmicMedia));
    } else {
        // Whoever spreads content, or labels it again, did not make it: what was there before is an ingredient.
        builder.set_intent(BuilderIntent::Edit);
        let parent = json!({ "relationship": "parentOf" }).to_string();
        builder.add_ingredient_from_stream(parent, mime, &mut File::open(original)?).map_err(refuse)?;
        builder.add_action(json!({ "action": "c2pa.edited.metadata" })).map_err(refuse)?;
    }
    let mut sink = crate::write::create(part)?;
    builder.sign(signer(signing)?.as_ref(), mime, &mut File::open(labelled)?, &mut sink).map_err(refuse)?;
    Ok(())
}

/// The producer's own first label: "is generated", spread by nobody else yet.
fn is_first(label: &Label) -> bool {
    label.code() == LabelCode::Is && label.value(Key::ContentProducer) == label.value(Key::ContentPropagator)
}

fn has_manifest(file: &Path, mime: &str) -> Result<bool, LabelError> {
    let read = Reader::from_context(context(None)?).with_stream(mime, File::open(file)?);
    Ok(!matches!(read, Err(c2pa::Error::JumbfNotFound | c2pa::Error::RemoteManifestUrl(_))))
}

fn signer(signing: &Signing) -> Result<Box<dyn Signer + Send + Sync>, LabelError> {
    let mut first = None;
    for algorithm in ALGORITHMS {
        match c2pa::create_signer::from_keys(&signing.certificates, &signing.key, algorithm, None) {
            Ok(signer) => return Ok(signer),
            Err(error) => first = first.or(Some(error)),
        }
    }
    let why = first.map(|error| error.to_string()).unwrap_or_default();
    Err(LabelError::refused(
        format!("no manifest can be signed with this certificate and key: {why}"),
        "give PEM: a certificate chain without its root, and a PKCS #8 key (P-256, P-384, Ed25519 or RSA)",
    ))
}
