//! A copy that a plain web server can serve: C2SP tlog-tiles, and the sealed epochs. No rows, no keys, no personal data.

use crate::Epoch;
use crate::LedgerError;
use crate::epoch::epoch_name;
use crate::reader::Reader;
use crate::storage::{Disk, Storage};
use gongdao_merkle::new_tiles;
use std::sync::Arc;

impl Reader {
    /// Write what the tree of `old` entries lacked; 0 for a first copy. The checkpoint comes last, so that whoever reads it
    /// finds every tile. Returns the number of files.
    ///
    /// Errors: the disk.
    pub fn export(&self, to: Arc<dyn Storage>, old: u64) -> Result<usize, LedgerError> {
        let target = Disk(to);
        let mut files = 0;
        for path in new_tiles(old, self.size()) {
            target.replace(&path.to_string(), &self.tile(path)?)?;
            files += 1;
        }
        let mut epoch = Epoch(0);
        while self.closed_epoch(epoch)?.is_some() {
            let name = epoch_name(epoch);
            target.replace(&name, &self.disk.read(&name)?.unwrap_or_default())?;
            files += 1;
            epoch = Epoch(epoch.0 + 1);
        }
        target.replace("checkpoint", self.checkpoint().to_string().as_bytes())?;
        Ok(files + 1)
    }
}
