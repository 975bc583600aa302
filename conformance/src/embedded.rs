//! The target for those who name none: the emulator of this project, in this process. The only file of the suite that
//! knows the emulator; without the feature `embedded` there is no such target.

#[cfg(feature = "embedded")]
pub use with_emulator::Embedded;
#[cfg(not(feature = "embedded"))]
pub use without_emulator::Embedded;

/// Why the embedded emulator cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// Built without it.
    #[error("this build has no embedded emulator; name a target with --target URL")]
    NotBuiltIn,
    /// It does not start.
    #[error("cannot start the embedded emulator: {0}")]
    Start(String),
}

#[cfg(feature = "embedded")]
mod with_emulator {
    use descope_mcp_emulator::{Config, Project, PublicUrl, app, serve};
    use descope_mcp_management::{ManagementKey, ProjectId};
    use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

    use super::EmbeddedError;
    use crate::target::{Target, parse_url};

    /// A running emulator.
    pub struct Embedded {
        target: Target,
        stop: oneshot::Sender<()>,
        server: JoinHandle<()>,
    }

    impl Embedded {
        /// Starts an emulator with one fresh project on a free loopback port.
        ///
        /// # Errors
        /// If no port is free, or the emulator refuses to start.
        pub async fn start() -> Result<Self, EmbeddedError> {
            Self::start_wrapped(|router| router).await
        }

        /// Starts an emulator whose answers pass through `wrap`, which may make them wrong.
        ///
        /// # Errors
        /// If no port is free, or the emulator refuses to start.
        pub async fn start_wrapped(
            wrap: impl FnOnce(axum::Router) -> axum::Router,
        ) -> Result<Self, EmbeddedError> {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
            let public_url =
                PublicUrl::of_listener(listener.local_addr().map_err(failed)?).map_err(failed)?;
            let project = Project::generate().map_err(failed)?;
            let target = Target {
                base_url: parse_url(public_url.as_str()).map_err(failed)?,
                project_id: project.id().parse::<ProjectId>().map_err(failed)?,
                management_key: ManagementKey::new(project.expose_management_key()).map_err(failed)?,
                name: "the embedded emulator".to_owned(),
            };
            let router = wrap(app(Config::new(public_url, vec![project])).map_err(failed)?);
            let (stop, stopped) = oneshot::channel();
            let server = tokio::spawn(async {
                let until_stopped = async {
                    // Dropping the sender also stops it.
                    let _ = stopped.await;
                };
                if let Err(error) = serve(listener, router, until_stopped).await {
                    tracing::error!(%error, "the embedded emulator ended");
                }
            });
            Ok(Self { target, stop, server })
        }

        /// How to reach it.
        pub fn target(&self) -> Target {
            self.target.clone()
        }

        /// Stops it and waits until it has.
        pub async fn stop(self) {
            // It has already stopped if nobody listens.
            let _ = self.stop.send(());
            let _ = self.server.await;
        }
    }

    fn failed(error: impl std::fmt::Display) -> EmbeddedError {
        EmbeddedError::Start(error.to_string())
    }
}

#[cfg(not(feature = "embedded"))]
mod without_emulator {
    use super::EmbeddedError;
    use crate::target::Target;

    /// Stands where the embedded emulator would; it cannot be made.
    pub enum Embedded {}

    impl Embedded {
        /// Says that there is none.
        ///
        /// # Errors
        /// Always.
        pub async fn start() -> Result<Self, EmbeddedError> {
            Err(EmbeddedError::NotBuiltIn)
        }

        /// How to reach it.
        pub fn target(&self) -> Target {
            match *self {}
        }

        /// Stops it.
        pub async fn stop(self) {
            match self {}
        }
    }
}
