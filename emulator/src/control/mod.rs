//! The control listener: a second router, for loopback only, that switches the emulator at run time and shows what it
//! holds. Nothing here exists in the service.
//!
//! A browser on the same machine is a way in for any web site, so a request counts only if it names a loopback host
//! (a name that a site points at 127.0.0.1 is none), comes from a page of this listener or from no page at all, and,
//! where it changes something, is one that a form cannot send.

mod guard;
mod inspector;
mod switches;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::response::Redirect;
use axum::routing::{get, post};

use crate::app::App;

/// The routes of the control listener.
pub(crate) fn router(state: Arc<App>) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/_emulator/") }))
        .route("/_emulator", get(|| async { Redirect::temporary("/_emulator/") }))
        .route("/_emulator/", get(inspector::overview))
        .route("/_emulator/servers/{project}/{server}", get(inspector::server))
        .route("/_emulator/exchanges", get(inspector::all_exchanges))
        .route("/_emulator/exchanges/{number}", get(inspector::exchange))
        .route("/_emulator/tail", get(inspector::tail))
        .route("/_emulator/style.css", get(inspector::style))
        .route("/_emulator/tail.js", get(inspector::script))
        .route("/_emulator/adversity", get(switches::adversity).put(switches::set_adversity))
        .route("/_emulator/variants", get(switches::variants))
        .route("/_emulator/rotate-keys", post(switches::rotate_keys))
        .route("/_emulator/reset", post(switches::reset))
        .layer(middleware::from_fn(guard::admit))
        .with_state(state)
}
