//! Standard Base64 with padding (RFC 4648, section 4), strict: one text for one byte string.

use crate::MerkleError;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HINT: &str = "use standard Base64 with padding and nothing after it (RFC 4648, section 4)";

/// The text of some bytes.
pub fn encode_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| chunk.get(at).copied().map_or(0, u32::from);
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let sextet = usize::try_from(word >> (18 - 6 * place) & 63).unwrap_or(0);
            let sign = ALPHABET.get(sextet).copied().map_or('=', char::from);
            text.push(if place <= chunk.len() { sign } else { '=' });
        }
    }
    text
}

/// The bytes of a text. Refused: other signs, missing padding, bits that no byte holds, anything after the padding.
pub fn decode_base64(text: &str) -> Result<Vec<u8>, MerkleError> {
    let refused = || MerkleError::new(format!("`{}` is not Base64", shortened(text)), HINT);
    if !text.len().is_multiple_of(4) {
        return Err(refused());
    }
    let body = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    let mut bytes = Vec::with_capacity(body.len() / 4 * 3 + 2);
    for chunk in body.as_bytes().chunks(4) {
        let mut word = 0_u32;
        for sign in chunk {
            word = word << 6 | sextet(*sign).ok_or_else(refused)?;
        }
        let missing = 4 - chunk.len();
        word <<= 6 * missing;
        let [_, first, second, third] = word.to_be_bytes();
        let whole = [first, second, third];
        let (kept, rest) = whole.split_at_checked(3 - missing).ok_or_else(refused)?;
        if chunk.len() == 1 || rest.iter().any(|byte| *byte != 0) {
            return Err(refused());
        }
        bytes.extend_from_slice(kept);
    }
    if text.len() - body.len() != (4 - body.len() % 4) % 4 {
        return Err(refused());
    }
    Ok(bytes)
}

fn sextet(sign: u8) -> Option<u32> {
    let at = |first: u8, base: u32| base + u32::from(sign - first);
    match sign {
        b'A'..=b'Z' => Some(at(b'A', 0)),
        b'a'..=b'z' => Some(at(b'a', 26)),
        b'0'..=b'9' => Some(at(b'0', 52)),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// At most the first sixty signs of a text that was refused.
pub(crate) fn shortened(text: &str) -> String {
    let mut signs = text.chars();
    let mut start: String = signs.by_ref().take(60).collect();
    if signs.next().is_some() {
        start.push('…');
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648_hold() {
        let rows =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")];
        for (bytes, text) in rows {
            assert_eq!(encode_base64(bytes.as_bytes()), text);
            assert_eq!(decode_base64(text).unwrap(), bytes.as_bytes());
        }
    }

    #[test]
    fn a_second_text_for_the_same_bytes_is_refused() {
        for text in [
            "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "=", "Zm9v=", "Zm 9", "Zm9v\n", "Zm-_", "Zg==Zg==",
            "é===",
        ] {
            assert!(decode_base64(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_byte_comes_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 0..bytes.len() {
            let part = &bytes[..length];
            assert_eq!(decode_base64(&encode_base64(part)).unwrap(), part);
        }
    }
}
