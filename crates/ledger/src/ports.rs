use crate::{LedgerError, LoggedAt};
use gongdao_merkle::Origin;

/// Where random bytes come from. They must be unpredictable: keys, nonces and padding are made of them.
pub trait Entropy: Send {
    /// Fill the buffer. Errors: none are to be had.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), LedgerError>;
}

/// The ledger's clock.
pub trait Clock: Send {
    /// Now. May go backwards: the ledger then repeats the last time until the clock is past it.
    fn now(&self) -> LoggedAt;
}

/// Someone who cosigns this log and remembers how far it was.
pub trait Witness: Send {
    /// Its name, for messages.
    fn name(&self) -> String;
    /// The size that it cosigned last for the log; 0 where it cosigned none (the 409 answer of C2SP tlog-witness).
    fn size_of(&self, origin: &Origin) -> Result<u64, LedgerError>;
}
