//! Rules are read and validated one by one and know nothing of each other, so several threads do it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, available_parallelism, scope};

/// As much as the main thread has: the parser goes down once for each bracket.
const STACK_BYTES: usize = 8 << 20;
const MOST_THREADS: usize = 8;

/// Do the same with each item; results in the order of the items. The caller's thread works too, and alone where no other can be
/// started.
pub(crate) fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return done };
            done.push((at, work(item)));
        }
    };
    let helpers = available_parallelism().map_or(1, usize::from).min(MOST_THREADS).min(items.len()).saturating_sub(1);
    let mut done = scope(|scope| {
        let start = |_| Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, take).ok();
        let started: Vec<_> = (0..helpers).filter_map(start).collect();
        let mut done = take();
        for thread in started {
            match thread.join() {
                Ok(others) => done.extend(others),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
