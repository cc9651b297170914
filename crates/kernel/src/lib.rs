//! Compiled rules and the state as of an instant, over Arrow batches.
//!
//! In: rule versions as `gongdao-rules` read them, batches of decisions, events of persons and algorithms. Out: for
//! each rule version the decisions that it is satisfied by, violated by, or cannot judge, and why; the state that each
//! decision could see. Contains no SQL, no file access, no clock: the gate and the audit call the same functions.
