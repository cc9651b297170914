//! Names that the OSCAL exports of the statute book and of assessments have in common, so that a finding points at the
//! control of its provision.

use crate::snapshot::hex_digest;
use gongdao_model::ProvisionId;

/// The version of OSCAL that is written.
pub const VERSION: &str = "1.2.3";
/// Names that OSCAL does not define are ours.
pub const NAMESPACE: &str = "urn:gongdao:oscal:1";

/// A name as OSCAL takes it (its datatype `token`): letters, digits, full stops, hyphens and underscores.
pub fn token(name: &str) -> String {
    name.replace('/', "_")
}

/// The control of a provision.
pub fn control_id(provision: &ProvisionId) -> String {
    token(provision.as_str())
}

/// A part of a control: `name` is what it is, `number` its place in the control from 1, `language` zh or en.
pub fn part_id(control: &str, name: &str, number: usize, language: &str) -> String {
    format!("{control}_{name}-{number}.{language}")
}

/// The part of a control that says in Chinese what the provision says; it always comes first.
pub fn statement_id(provision: &ProvisionId) -> String {
    part_id(&control_id(provision), "statement", 1, "zh")
}

/// The UUID of something by its name: equal names give equal UUIDs.
pub fn uuid_of(name: &str) -> String {
    uuid(&hex_digest(name.as_bytes()))
}

/// A UUID made of a digest. RFC 9562, version 8 (other schemes), would not pass OSCAL's pattern, which takes versions 4
/// and 5 only; version 5 says "from a name by hashing", which is what this is, with SHA-256 for SHA-1.
pub fn uuid(digest: &str) -> String {
    let digits = digest.split_once(':').map_or(digest, |(_, digits)| digits);
    let mut uuid = String::new();
    for (index, digit) in digits.chars().filter(char::is_ascii_hexdigit).take(32).enumerate() {
        if [8, 12, 16, 20].contains(&index) {
            uuid.push('-');
        }
        uuid.push(match index {
            12 => '5',
            16 => '8',
            _ => digit,
        });
    }
    uuid
}

#[cfg(test)]
mod tests {
    use super::{statement_id, uuid, uuid_of};

    #[test]
    fn equal_names_give_equal_uuids_of_the_form_that_oscal_takes() {
        let one = uuid_of("cn.iisarmp/17/1");
        assert_eq!(one, uuid_of("cn.iisarmp/17/1"));
        assert_ne!(one, uuid_of("cn.iisarmp/17/2"));
        assert_eq!((one.len(), &one[14..15], &one[19..20]), (36, "5", "8"));
        let digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        assert_eq!(uuid(digest), "01234567-89ab-5def-8123-456789abcdef");
    }

    #[test]
    fn a_statement_is_named_after_its_provision() {
        assert_eq!(statement_id(&"cn.iisarmp/17/1".parse().unwrap()), "cn.iisarmp_17_1_statement-1.zh");
    }
}
