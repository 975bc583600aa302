//! Listening, the lines on standard output, and serving until a signal.

use std::io::{self, Write};
use std::net::SocketAddr;

use descope_mcp_emulator::environment::{BASE_URL, MANAGEMENT_KEY, PROJECT_ID};
use descope_mcp_emulator::{Config, Project, PublicUrl, RegistrationSettings, app, app_with_control, serve};
use descope_mcp_program::export;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::failure::Failure;
use crate::records::Stored;
use crate::settings::Behaviour;

pub(crate) async fn listen_and_serve(
    listen: SocketAddr,
    public_url: Option<PublicUrl>,
    project: Project,
    stored: Stored,
    registration: RegistrationSettings,
    behaviour: Behaviour,
) -> Result<(), Failure> {
    let listener = TcpListener::bind(listen).await.map_err(|error| Failure::Listen(listen, error))?;
    let address = listener.local_addr().map_err(|error| Failure::Listen(listen, error))?;
    let public_url = match public_url {
        Some(url) => url,
        None => PublicUrl::of_listener(address).map_err(Failure::Start)?,
    };
    // Before the lines are printed, so that whoever reads them can stop it.
    let stopped = stop_signal().map_err(|error| Failure::Serve("cannot wait for signals", error))?;
    let lines = [
        (BASE_URL, public_url.as_str()),
        (PROJECT_ID, project.id()),
        (MANAGEMENT_KEY, project.expose_management_key()),
    ];
    let lines: String = lines.iter().map(|(name, value)| export::line(name, value) + "\n").collect();
    let mut config = Config::new(public_url, vec![project]);
    config.registration = registration;
    config.data = stored.data;
    config.seed = stored.seed;
    config.authorization = behaviour.authorization;
    config.variants = behaviour.variants;
    config.rate_limit = behaviour.rate_limit;
    if let Some(adversity) = behaviour.adversity {
        // At a level that is always printed short of errors: without the seed nothing can be repeated.
        tracing::warn!(%adversity, "adversity is on; --adversity with these settings repeats it");
        config.adversity = Some(adversity);
    }
    let (router, control) = match behaviour.control {
        Some(address) => {
            let listener =
                TcpListener::bind(address).await.map_err(|error| Failure::Listen(address, error))?;
            let (router, control) = app_with_control(config).map_err(Failure::Start)?;
            (router, Some((listener, control)))
        }
        None => (app(config).map_err(Failure::Start)?, None),
    };
    let mut stdout = io::stdout();
    stdout
        .write_all(lines.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| Failure::Serve("cannot write to standard output", error))?;
    drop(lines);
    tracing::info!(%address, "listening");
    let Some((control_listener, control)) = control else {
        return serve(listener, router, stopped).await.map_err(|error| Failure::Serve("cannot serve", error));
    };
    let control_address = control_listener.local_addr().map_err(|error| Failure::Listen(address, error))?;
    tracing::info!(url = %format_args!("http://{control_address}/_emulator/"), "inspector");
    // Both stop when the sender is gone.
    let (stop, stopping) = watch::channel(());
    let until_stopped = || {
        let mut stopping = stopping.clone();
        async move {
            let _ = stopping.changed().await;
        }
    };
    tokio::spawn(async move {
        stopped.await;
        drop(stop);
    });
    tokio::try_join!(
        serve(listener, router, until_stopped()),
        serve(control_listener, control, until_stopped())
    )
    .map(|_| ())
    .map_err(|error| Failure::Serve("cannot serve", error))
}

fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    })
}
