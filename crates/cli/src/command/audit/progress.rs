//! Progress on standard error: a bar on a terminal, a line now and then elsewhere; Ctrl-C as a wish to stop.

use crate::command::output::print_error;
use gongdao_audit::run::{Progress, Watch};
use gongdao_i18n::{I18nError, Words};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::cell::Cell;
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shares of the rows after which a log gets a line.
const LINES_A_RUN: u64 = 10;

/// Shows a run to whoever started it.
pub(super) struct Terminal<'a> {
    words: Words<'a>,
    bar: ProgressBar,
    /// Neither a terminal nor quiet: plain lines.
    lines: bool,
    last_line: Cell<u64>,
    stopped: Arc<AtomicBool>,
}

impl<'a> Terminal<'a> {
    pub(super) fn new(words: Words<'a>, quiet: bool) -> Result<Self, I18nError> {
        let is_terminal = std::io::stderr().is_terminal();
        let target = if quiet || !is_terminal { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        let stopped = Arc::new(AtomicBool::new(false));
        let wish = Arc::clone(&stopped);
        // A second Ctrl-C does not wait for the batch in hand. Where no handler can be set, Ctrl-C ends the program at
        // once, and what was written in parts is still there to go on with.
        let _ = ctrlc::set_handler(move || {
            if wish.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
        });
        // Asked once here, so that a missing text shows at the start and not after hours.
        words.say("audit.progress.judging", &[("done", "0"), ("total", "0")])?;
        Ok(Self { words, bar, lines: !quiet && !is_terminal, last_line: Cell::new(0), stopped })
    }

    /// Take the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn say(&self, key: &str, values: &[(&str, &str)]) {
        let text = self.words.say(key, values).unwrap_or_default();
        if self.lines {
            print_error(&text);
        }
        self.bar.set_message(text);
    }

    fn judging(&self, done: u64, total: u64) {
        if self.bar.length() != Some(total) {
            self.bar.set_length(total);
            let template = "{msg} {bar:16} {human_pos}/{human_len} {rate} {eta}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                    // Before anything is measured there is no rate to show; a failed write is the terminal's.
                    let _ = if state.pos() == 0 { Ok(()) } else { write!(out, "{:.0}/s", state.per_sec()) };
                };
                self.bar.set_style(style.with_key("rate", rate));
            }
            self.bar.set_message(self.words.say("audit.progress.bar", &[]).unwrap_or_default());
            self.bar.reset_eta();
        }
        self.bar.set_position(done);
        let tenth = done * LINES_A_RUN / total.max(1);
        if self.lines && tenth > self.last_line.get() {
            self.last_line.set(tenth);
            self.say("audit.progress.judging", &[("done", &done.to_string()), ("total", &total.to_string())]);
        }
    }
}

impl Watch for Terminal<'_> {
    fn progress(&self, progress: Progress) {
        match progress {
            Progress::Reading => self.say("audit.progress.reading", &[]),
            Progress::Resuming(decisions) => {
                self.say("audit.progress.resuming", &[("decisions", &decisions.to_string())]);
            }
            Progress::Judging(done, total) => self.judging(done, total),
            Progress::Measuring => self.say("audit.progress.measuring", &[]),
            Progress::Writing => self.say("audit.progress.writing", &[]),
        }
        self.bar.tick();
    }

    fn stop(&self) -> bool {
        let stopped = self.stopped.load(Ordering::SeqCst);
        if stopped {
            self.say("audit.progress.stopping", &[]);
        }
        stopped
    }
}
