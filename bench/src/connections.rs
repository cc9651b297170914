//! Several connections at once, each on a thread of its own.

use std::time::Duration;

/// How long each request waited, connection by connection. Errors: the first connection's that failed.
pub(crate) fn all<N>(
    connections: impl Iterator<Item = N>,
    serve: impl Fn(N) -> Result<Vec<Duration>, String> + Sync,
) -> Result<Vec<Duration>, String>
where
    N: Send,
{
    let serve = &serve;
    std::thread::scope(|scope| {
        let running: Vec<_> = connections.map(|connection| scope.spawn(move || serve(connection))).collect();
        let mut waits = Vec::new();
        for one in running {
            waits.extend(one.join().map_err(|_| "a thread of the client ended")??);
        }
        Ok(waits)
    })
}
