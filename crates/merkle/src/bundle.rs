use crate::{MerkleError, TILE_WIDTH};

/// Bytes of the largest entry: bundles give its length in 16 bits.
pub const ENTRY_BYTES_CAP: usize = u16::MAX as usize;

/// Append one entry to a bundle: its length as two bytes, big-endian, and its bytes (C2SP tlog-tiles, Log entries).
///
/// Errors: an entry above 65,535 bytes; nothing is written then.
pub fn write_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), MerkleError> {
    let length = u16::try_from(entry.len()).map_err(|_| {
        MerkleError::new(format!("an entry of {} bytes", entry.len()), "entries hold at most 65,535 bytes")
    })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle, 1 to 256 of them, as slices of it.
///
/// Errors: bytes that end inside an entry; none or more than 256 entries.
pub fn parse_bundle(bytes: &[u8]) -> Result<Vec<&[u8]>, MerkleError> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let torn =
            || MerkleError::new(format!("entry {} of the bundle is torn", entries.len()), "fetch the bundle again");
        let (length, after) = rest.split_first_chunk::<2>().ok_or_else(torn)?;
        let (entry, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or_else(torn)?;
        entries.push(entry);
        rest = after;
    }
    if entries.is_empty() || entries.len() > usize::from(TILE_WIDTH) {
        return Err(MerkleError::new(
            format!("a bundle of {} entries", entries.len()),
            "bundles hold 1 to 256 entries",
        ));
    }
    Ok(entries)
}
