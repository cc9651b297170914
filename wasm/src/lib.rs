//! The check of receipts for a browser.
//!
//! In: the bytes of a receipt and of what its reader trusts, written by the page's script into memory that is asked for here.
//! Out: what came of it, as JSON (`gongdao_receipt::told`). Imports nothing: no network, no clock, no random numbers, no
//! storage. Contains no decision of its own, only the way in and out.
//!
//! A call: `receipt_room` and `trust_room` give addresses of so many bytes; the script fills them; `check` answers with an address,
//! `answer_bytes` with the length. Each lies still until the next call of the same function.

use std::cell::Cell;

thread_local! {
    static RECEIPT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static TRUST: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static ANSWER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Room for a receipt of so many bytes: its address.
#[expect(unsafe_code, reason = "the script finds it by this name; no other crate of the module exports one")]
#[unsafe(no_mangle)]
pub extern "C" fn receipt_room(bytes: usize) -> *const u8 {
    room(&RECEIPT, bytes)
}

/// Room for a key or policy of so many bytes: its address.
#[expect(unsafe_code, reason = "the script finds it by this name; no other crate of the module exports one")]
#[unsafe(no_mangle)]
pub extern "C" fn trust_room(bytes: usize) -> *const u8 {
    room(&TRUST, bytes)
}

/// Check what lies in both rooms, which are empty afterwards. `is_pasted` is not 0 for a receipt that was pasted as text. The
/// address of the answer, UTF-8.
#[expect(unsafe_code, reason = "the script finds it by this name; no other crate of the module exports one")]
#[unsafe(no_mangle)]
pub extern "C" fn check(is_pasted: u32) -> *const u8 {
    let (receipt, trust) = (RECEIPT.take(), TRUST.take());
    let receipt = if is_pasted == 0 { receipt } else { gongdao_receipt::pasted(&String::from_utf8_lossy(&receipt)) };
    let answer = gongdao_receipt::told(&receipt, &String::from_utf8_lossy(&trust)).into_bytes();
    let at = answer.as_ptr();
    ANSWER.set(answer);
    at
}

/// Bytes of the answer.
#[expect(unsafe_code, reason = "the script finds it by this name; no other crate of the module exports one")]
#[unsafe(no_mangle)]
pub extern "C" fn answer_bytes() -> usize {
    let answer = ANSWER.take();
    let bytes = answer.len();
    ANSWER.set(answer);
    bytes
}

fn room(place: &'static std::thread::LocalKey<Cell<Vec<u8>>>, bytes: usize) -> *const u8 {
    let mut room = vec![0_u8; bytes];
    // The address does not move with the vector.
    let at = room.as_mut_ptr();
    place.set(room);
    at
}
