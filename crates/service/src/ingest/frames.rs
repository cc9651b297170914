//! Whether an Arrow stream's messages are what they say, before a reader believes them: it makes room for a length that a
//! message claims, and a claim of terabytes would end the process (Arrow's format, "Encapsulated message format").

use arrow_ipc::{CompressionType, Message, RecordBatch, root_as_message};

/// Begins each message since version 0.15 of the format.
const CONTINUATION: [u8; 4] = [0xff; 4];
/// What one message may unpack to, in bytes.
const UNPACKED: u64 = 1 << 30;

/// Bytes of the messages that are whole, and why what follows is not; nothing follows where all is read.
pub(super) fn whole(body: &[u8]) -> (usize, Option<&'static str>) {
    let mut at = 0;
    loop {
        match message(body.get(at..).unwrap_or_default()) {
            Ok(Some(length)) => at += length,
            Ok(None) => return (body.len(), None),
            Err(cause) => return (at, Some(cause)),
        }
    }
}

/// Length of the first message with its body; none at the end of the stream.
fn message(rest: &[u8]) -> Result<Option<usize>, &'static str> {
    const SHORT: &str = "it breaks off within a message";
    if rest.is_empty() {
        return Ok(None);
    }
    let start = if rest.starts_with(&CONTINUATION) { 8 } else { 4 };
    let size = rest.get(start - 4..start).and_then(|size| size.try_into().ok()).map(u32::from_le_bytes).ok_or(SHORT)?;
    if size == 0 {
        return Ok(None);
    }
    let size = usize::try_from(size).map_err(|_| SHORT)?;
    // A copy, as the reader of messages wants them aligned.
    let head = rest.get(start..).and_then(|rest| rest.get(..size)).ok_or(SHORT)?.to_vec();
    let message = root_as_message(&head).map_err(|_| "a message is damaged")?;
    let length = usize::try_from(message.bodyLength()).map_err(|_| "a message has a length below zero")?;
    let body = rest.get(start + size..).and_then(|rest| rest.get(..length)).ok_or(SHORT)?;
    unpacked(&message, body)?;
    Ok(Some(start + size + length))
}

fn batch<'a>(message: &Message<'a>) -> Option<RecordBatch<'a>> {
    message.header_as_record_batch().or_else(|| message.header_as_dictionary_batch()?.data())
}

/// Errors: a buffer that lies outside the body, or that claims to unpack to too much.
fn unpacked(message: &Message<'_>, body: &[u8]) -> Result<(), &'static str> {
    const OUTSIDE: &str = "a buffer lies outside its message";
    let Some(batch) = batch(message) else { return Ok(()) };
    let is_packed = batch
        .compression()
        .is_some_and(|kind| [CompressionType::LZ4_FRAME, CompressionType::ZSTD].contains(&kind.codec()));
    let mut total = 0_u64;
    for buffer in batch.buffers().into_iter().flatten() {
        let from = usize::try_from(buffer.offset()).map_err(|_| OUTSIDE)?;
        let length = usize::try_from(buffer.length()).map_err(|_| OUTSIDE)?;
        let bytes = body.get(from..).and_then(|rest| rest.get(..length)).ok_or(OUTSIDE)?;
        if !is_packed || bytes.is_empty() {
            continue;
        }
        let claim = bytes.get(..8).and_then(|claim| claim.try_into().ok()).map(i64::from_le_bytes).ok_or(OUTSIDE)?;
        // -1: it is not packed after all.
        total = total.saturating_add(if claim == -1 { 0 } else { u64::try_from(claim).map_err(|_| OUTSIDE)? });
        if total > UNPACKED {
            return Err("a message unpacks to more than 1 GiB");
        }
    }
    Ok(())
}
