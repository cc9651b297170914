//! Progress of a scan on standard error: a bar on a terminal, nothing elsewhere; Ctrl-C as a wish to stop.

use gongdao_label::scan::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shows a scan to whoever started it.
pub(super) struct Terminal {
    bar: ProgressBar,
    stopped: Arc<AtomicBool>,
}

impl Terminal {
    pub(super) fn new(quiet: bool) -> Self {
        let is_shown = !quiet && std::io::stderr().is_terminal();
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{bar:16} {human_pos}/{human_len} {per_sec} {eta}") {
            bar.set_style(style);
        }
        let stopped = Arc::new(AtomicBool::new(false));
        let wish = Arc::clone(&stopped);
        // A second Ctrl-C does not wait for the files in hand. Where no handler can be set, Ctrl-C ends the program at once,
        // and the journal is still there to go on with.
        let _ = ctrlc::set_handler(move || {
            if wish.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
        });
        Self { bar, stopped }
    }

    /// Take the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Watch for Terminal {
    fn progress(&self, done: usize, all: usize) {
        self.bar.set_length(all as u64);
        self.bar.set_position(done as u64);
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }
}
