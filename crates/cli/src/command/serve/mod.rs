//! `gongdao serve`: the gate, its ledger and its interface, out of one folder.
//!
//! Exit codes: 0 stopped when asked; 64 wrong arguments; 65 settings, packs or folder are not what they should be; 66 they
//! cannot be read; 70 the program is at fault; 73 the folder or the address cannot be used.

mod declared;
mod demo;
mod life;
mod machine;
pub(crate) mod settings;
mod start;
mod story;

pub(crate) use start::of_service;

use crate::command::output::{CANNOT_CREATE, Fault, Format, INTERNAL, Output, spoken};
use crate::command::{clock, print};
use gongdao_i18n::{Catalogue, Words};
use gongdao_web::settings::Settings;
use gongdao_web::{Setup, Stopper, serve};
use serde_json::json;
use start::Running;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao serve --demo --data city
  gongdao serve --data gongdao-data --listen 127.0.0.1:8380
  gongdao serve --config gongdao.toml --db postgres://gongdao@localhost/gongdao
  gongdao config check --config gongdao.toml

The first start shows a token; with it the first administrator is made, once, on the page /setup. A file, then the environment
(GONGDAO_LISTEN, GONGDAO_DATA, GONGDAO_DATABASE, ...), then these options: each overrides the one before. The service
speaks HTTP without TLS: put a server in front of it that has it. The interface is described at /docs.

Ctrl-C answers what was asked and stops; a second one stops at once.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: settings::Flags,
    /// Start with a simulated city: its people, its algorithms, two days of its decisions
    #[arg(long)]
    demo: bool,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| match answer(arguments, catalogue) {
        Ok(()) => ExitCode::SUCCESS,
        Err(faults) => arguments.output.refuse(catalogue, &faults),
    })
}

fn answer(arguments: &Arguments, catalogue: &Catalogue) -> Result<(), Vec<Fault>> {
    let words = catalogue.words(arguments.output.language());
    let mut settings = arguments.settings.read()?;
    if settings.audits.program.is_none() {
        // This very program audits, unless another is named.
        settings.audits.program = std::env::current_exe().ok();
    }
    // A second service of the process cannot be: the log is installed once.
    gongdao_web::log::install(settings.log).map_err(|error| vec![Fault::new(INTERNAL, error, None)])?;
    let running = start::start(&settings, arguments.demo, words)?;
    let said = Said { format: arguments.output.format, words };
    said.started(&running, &settings)?;
    let outcome = listen(&running, settings, said, catalogue);
    // What was acknowledged is safe in any case; what is said here is about the last checkpoint.
    let stopped = running.service.stop().map_err(|error| vec![of_service(error)]);
    outcome.and(stopped).and_then(|()| said.line("stopped", &[]))
}

fn listen(running: &Running, settings: Settings, said: Said<'_>, catalogue: &Catalogue) -> Result<(), Vec<Fault>> {
    let (stopper, stop) = Stopper::new();
    on_interrupt(stopper)?;
    let setup = Setup {
        service: std::sync::Arc::clone(&running.service),
        settings,
        catalogue: catalogue.clone(),
        law: std::sync::Arc::clone(&running.law),
        seed: machine::random()?,
        unix_nanos: clock::since_epoch().as_nanos(),
    };
    let served = serve(setup, stop, |address| said.listening(address));
    served.map_err(|error| vec![Fault::new(CANNOT_CREATE, error.message, Some(error.hint))])
}

/// The first signal asks to stop, the second stops.
fn on_interrupt(stopper: Stopper) -> Result<(), Vec<Fault>> {
    let asked = std::sync::atomic::AtomicBool::new(false);
    let handled = ctrlc::set_handler(move || {
        if asked.swap(true, std::sync::atomic::Ordering::Relaxed) {
            std::process::exit(130);
        }
        stopper.stop();
    });
    handled.map_err(|error| vec![Fault::new(INTERNAL, format!("signals cannot be heard: {error}"), None)])
}

/// What is said on standard output; the log is on standard error.
#[derive(Clone, Copy)]
struct Said<'a> {
    format: Format,
    words: Words<'a>,
}

impl Said<'_> {
    fn line(self, key: &str, values: &[(&str, &str)]) -> Result<(), Vec<Fault>> {
        if self.format == Format::Human {
            print(&self.words.say(&format!("serve.{key}"), values).map_err(|error| vec![error.into()])?);
        }
        Ok(())
    }

    fn started(self, running: &Running, settings: &Settings) -> Result<(), Vec<Fault>> {
        let data = settings.data.display().to_string();
        let token = running.token.as_ref().map(|first| first.token.reveal());
        if self.format == Format::Json {
            print(&json!({ "data": data, "token": token, "accounts": running.accounts }).to_string());
            return Ok(());
        }
        self.line("data", &[("folder", &data)])?;
        for refused in &running.refused {
            self.line("refused", &[("what", refused)])?;
        }
        if let Some(token) = token {
            self.line("first_run", &[("token", token)])?;
        }
        if let Some(demo) = &running.demo {
            let (events, decisions) = (demo.events.to_string(), demo.decisions.to_string());
            self.line("demo", &[("events", &events), ("decisions", &decisions)])?;
        }
        for (name, secret) in &running.accounts {
            self.line("account", &[("name", name), ("secret", secret)])?;
        }
        Ok(())
    }

    fn listening(self, address: SocketAddr) {
        let address = format!("http://{address}");
        if self.format == Format::Json {
            print(&json!({ "listening": address }).to_string());
        } else {
            // The catalogue has the key: a test holds both languages against each other.
            let _ = self.line("listening", &[("address", &address)]);
        }
    }
}

/// The folder's parts.
fn inside(settings: &Settings, name: &str) -> PathBuf {
    settings.data.join(name)
}
