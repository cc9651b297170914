//! The process's log: one line an event, on standard error.

use crate::settings::{LogLevel, LogSettings};
use tracing::level_filters::LevelFilter;

/// Sends events of this process to standard error. Standard output stays free.
///
/// Errors: the process has a log already.
pub fn install(settings: LogSettings) -> Result<(), String> {
    let level = match settings.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let builder = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr);
    let installed = if settings.json {
        builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    } else {
        builder.with_ansi(false).try_init()
    };
    installed.map_err(|error| error.to_string())
}
