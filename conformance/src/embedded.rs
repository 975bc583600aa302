//! The target for those who name none: the emulator of this project, in this process. The only file of the suite that
//! knows the emulator; without the feature `embedded` there is no such target.

#[cfg(feature = "embedded")]
pub use with_emulator::{Embedded, variants};
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
    use descope_mcp_emulator::{Config, Project, PublicUrl, Values, Variants, app, serve};
    use descope_mcp_management::{ManagementKey, ProjectId};
    use tokio::net::TcpListener;
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::EmbeddedError;
    use crate::wire::target::{Target, parse_url};

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

        /// Starts an emulator that answers these questions in these other ways; [`variants`] lists them.
        ///
        /// # Errors
        /// As [`Self::start`], and for an unknown question or answer.
        pub async fn start_varied(variants: &[(&str, &str)]) -> Result<Self, EmbeddedError> {
            Self::start_as(|config| vary(config, variants), |router| router).await
        }

        /// The same with faults on the way, such as `seed=7,rate=0.1`, and with a limit on the requests in so many seconds,
        /// such as `50/1`.
        ///
        /// # Errors
        /// As [`Self::start_varied`], and for settings that make no adversity or no rate limit.
        pub async fn start_troubled(
            adversity: Option<&str>,
            rate_limit: Option<&str>,
            variants: &[(&str, &str)],
        ) -> Result<Self, EmbeddedError> {
            let configure = |mut config: Config| {
                if let Some(adversity) = adversity {
                    config = config.with_adversity(adversity.parse().map_err(failed)?);
                }
                if let Some(rate_limit) = rate_limit {
                    config = config.with_rate_limit(rate_limit.parse().map_err(failed)?);
                }
                vary(config, variants)
            };
            Self::start_as(configure, |router| router).await
        }

        /// Starts an emulator whose answers pass through `wrap`, which may make them wrong.
        ///
        /// # Errors
        /// If no port is free, or the emulator refuses to start.
        pub async fn start_wrapped(
            wrap: impl FnOnce(axum::Router) -> axum::Router,
        ) -> Result<Self, EmbeddedError> {
            Self::start_as(Ok, wrap).await
        }

        /// Starts an emulator that answers these questions in these other ways and whose answers pass through `wrap`.
        ///
        /// # Errors
        /// As [`Self::start_varied`].
        pub async fn start_varied_and_wrapped(
            variants: &[(&str, &str)],
            wrap: impl FnOnce(axum::Router) -> axum::Router,
        ) -> Result<Self, EmbeddedError> {
            Self::start_as(|config| vary(config, variants), wrap).await
        }

        async fn start_as(
            configure: impl FnOnce(Config) -> Result<Config, EmbeddedError>,
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
                authorities: Vec::new(),
            };
            let config = configure(Config::new(public_url, vec![project]))?;
            let router = wrap(app(config).map_err(failed)?);
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

    fn vary(config: Config, variants: &[(&str, &str)]) -> Result<Config, EmbeddedError> {
        let varied =
            variants.iter().try_fold(config, |config, (name, value)| config.with_variant(name, value));
        varied.map_err(failed)
    }

    /// The questions that no public document settles, each with all answers that the emulator can give, the usual one
    /// first. Of numbers, they are the usual one and the least above zero.
    pub fn variants() -> Vec<(&'static str, Vec<String>)> {
        let values = |values: &Values| match values {
            Values::Words(words) => words.iter().map(|(word, _)| (*word).to_owned()).collect(),
            Values::Number { least, unit, .. } => vec![values.default(), format!("{}{unit}", least.max(&1))],
            _ => Vec::new(),
        };
        Variants::switches().iter().map(|switch| (switch.name, values(&switch.values))).collect()
    }

    fn failed(error: impl std::fmt::Display) -> EmbeddedError {
        EmbeddedError::Start(error.to_string())
    }
}

#[cfg(not(feature = "embedded"))]
mod without_emulator {
    use super::EmbeddedError;
    use crate::wire::target::Target;

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
