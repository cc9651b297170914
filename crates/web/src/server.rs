//! Listening, and stopping without leaving anybody without an answer.

use crate::audits::Audits;
use crate::law::Shelf;
use crate::metrics::Metrics;
use crate::oidc::Oidc;
use crate::settings::Settings;
use crate::template::Templates;
use crate::trace::Tracer;
use crate::{App, routes};
use axum::serve::ListenerExt;
use gongdao_i18n::Catalogue;
use gongdao_law::Book;
use gongdao_service::Service;
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use tokio::sync::watch;

/// Why the service cannot be offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeError {
    /// What is wrong: lower case, input in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ServeError {}

/// What is served, and how.
pub struct Setup {
    /// The use cases. Whoever built it stops it after [`serve`] has returned.
    pub service: Arc<Service>,
    /// File, environment and flags, read.
    pub settings: Settings,
    /// Words for people.
    pub catalogue: Catalogue,
    /// The statute book of the packs in use, for the pages that show it.
    pub law: Arc<Book>,
    /// Random: makes numbers of requests and spans differ from another process's.
    pub seed: u64,
    /// The time of day, in nanoseconds since 1970.
    pub unix_nanos: u128,
}

/// Asks a server to stop; cheap to clone.
#[derive(Debug, Clone)]
pub struct Stopper(Arc<watch::Sender<bool>>);

/// Learns that it is to stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stopper {
    /// Both ends.
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(Arc::new(sender)), Stop(receiver))
    }

    /// Answer what was asked and take nothing new.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    async fn asked(mut self) {
        // Without anybody left who could ask, nobody will.
        if self.0.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Listens until it is asked to stop, then answers what was asked. `ready` learns the address once requests are taken.
///
/// Errors: the address cannot be listened at; the machine gives no threads.
pub fn serve(setup: Setup, stop: Stop, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("web").build();
    let runtime = runtime.map_err(|error| ServeError {
        message: format!("the machine gives no threads: {error}"),
        hint: "raise the limits of processes and files".to_owned(),
    })?;
    let grace = setup.settings.limits.grace;
    let outcome = runtime.block_on(listen(setup, stop, ready));
    // Uploads that outlived the grace period end here.
    runtime.shutdown_timeout(grace);
    outcome
}

async fn listen(setup: Setup, stop: Stop, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let address = setup.settings.listen;
    let refused = |error: std::io::Error| ServeError {
        message: format!("cannot listen at `{address}`: {error}"),
        hint: "stop what listens there, or choose another address with `--listen`".to_owned(),
    };
    let listener = tokio::net::TcpListener::bind(address).await.map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    let app = Arc::new(app(setup)?);
    let router = routes::router(&app).map_err(|problem| ServeError {
        message: problem.internal.unwrap_or_else(|| "the routes do not fit together".to_owned()),
        hint: "this is a mistake in the program; report it".to_owned(),
    })?;
    // Small answers leave at once; a listener that cannot be told so is slower, not wrong.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    let courier = Arc::clone(&app);
    // Ends with the service: each of its attempts takes some seconds at most.
    let sending = std::thread::Builder::new()
        .name("webhooks".to_owned())
        .spawn(move || crate::courier::run(&courier.service, courier.settings.webhooks_private, &courier.is_stopping))
        .map_err(|error| ServeError {
            message: format!("the machine gives no thread for webhooks: {error}"),
            hint: "raise the limits of processes".to_owned(),
        })?;
    ready(bound);
    let (asked, grace) = (stop.clone(), app.settings.limits.grace);
    let stopping = Arc::clone(&app);
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move {
        asked.asked().await;
        stopping.is_stopping.store(true, Ordering::Relaxed);
    });
    let outcome = tokio::select! {
        served = serving.into_future() => served.map_err(refused),
        () = async { stop.asked().await; tokio::time::sleep(grace).await } => {
            tracing::warn!("some requests did not end within the grace period");
            Ok(())
        }
    };
    app.is_stopping.store(true, Ordering::Relaxed);
    // Whoever stopped the server stops the service next: nothing may use it any more. It does not panic.
    let _ = tokio::task::spawn_blocking(move || sending.join()).await;
    outcome
}

fn app(setup: Setup) -> Result<App, ServeError> {
    let started = Instant::now();
    let tracer = Tracer::new(setup.settings.traces.as_deref(), setup.seed, started, setup.unix_nanos);
    let oidc = oidc(&setup.settings)?;
    let shelf = Arc::new(Shelf::new(setup.law));
    let templates = Templates::new(&setup.catalogue, &shelf).map_err(|problem| ServeError {
        message: problem.internal.unwrap_or_else(|| "a page cannot be made".to_owned()),
        hint: "this is a mistake in the program; report it".to_owned(),
    })?;
    let given = &setup.settings;
    let audits = Audits::new(given.audits.clone(), given.data.clone(), given.packs.clone(), given.include_drafts);
    Ok(App {
        service: setup.service,
        settings: setup.settings,
        catalogue: setup.catalogue,
        shelf,
        templates,
        audits,
        metrics: Metrics::new(),
        tracer,
        oidc,
        document: OnceLock::new(),
        is_stopping: AtomicBool::new(false),
        seed: setup.seed,
        requests: AtomicU64::new(1),
        squeezed: crate::compress::Squeezed::default(),
        buffers: crate::buffers::Buffers::default(),
    })
}

/// Login with another provider, where it is set.
fn oidc(settings: &Settings) -> Result<Option<Arc<Oidc>>, ServeError> {
    let (Some(oidc), Some(url)) = (&settings.oidc, &settings.public_url) else { return Ok(None) };
    let made = Oidc::new(oidc, url).map_err(|error| ServeError {
        message: format!("`{}` cannot be read: {error}", oidc.client_secret_file.display()),
        hint: "put the secret that the provider gave this service into the file that `oidc.client_secret_file` names"
            .to_owned(),
    })?;
    Ok(Some(Arc::new(made)))
}
