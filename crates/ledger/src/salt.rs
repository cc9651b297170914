use crate::tag::{MacKey, first_half};
use crate::{EntryKind, GroupNumber, Nonce, PersonKey, RecordId, Salt};

/// Put bytes into the place that was left for them.
pub(crate) fn fixed_bytes_at(to: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = to.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}

/// The name of a record that the caller's system knows under an id. Nobody without the ledger's key can tell the one from
/// the other. Records of different kinds may have the same id.
pub(crate) fn record_id(shared: &MacKey, kind: EntryKind, id: &str) -> RecordId {
    let mac = shared.mac(&[b"gongdao/record-id/1", &[kind.code()], id.as_bytes()]);
    RecordId::from_bytes(first_half(mac))
}

/// The salt of a group: HMAC-SHA256 under the person's key. Either half gone, key or nonce, it cannot be made again.
pub fn salt(key: &PersonKey, record: RecordId, group: GroupNumber, nonce: Nonce) -> Salt {
    salt_under(&key.ready(), record, group, nonce)
}

pub(crate) fn salt_under(key: &MacKey, record: RecordId, group: GroupNumber, nonce: Nonce) -> Salt {
    // In one piece: a short message costs more in calls than in hashing.
    let mut message = [0; 48];
    fixed_bytes_at(&mut message, 0, b"gongdao/salt/1");
    fixed_bytes_at(&mut message, 14, record.as_bytes());
    fixed_bytes_at(&mut message, 30, &group.0.to_be_bytes());
    fixed_bytes_at(&mut message, 32, nonce.as_bytes());
    Salt::from_bytes(key.mac(&[&message]))
}
