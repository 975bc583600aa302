//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use descope_mcp_emulator::environment::MANAGEMENT_KEY;

use crate::log::LogFormat;

const AFTER_HELP: &str = "\
The emulator prints three lines to standard output, for `eval` or a file: export DESCOPE_BASE_URL=...,
export DESCOPE_PROJECT_ID=... and export DESCOPE_MANAGEMENT_KEY=.... Then it serves until SIGINT or SIGTERM.
Without --data it keeps nothing.

DESCOPE_EMULATOR_LOG sets the log level on standard error: error, warn, info (default), debug (each exchange) or trace.

Exit codes:
   0  stopped by a signal
   1  an error while serving
   3  cannot listen on the address
   4  the data directory cannot be used
   5  `check` found damage; standard output has one line for each fault
  64  a flag, setting or seed file is wrong";

/// An emulator of Descope's MCP server management API and its authorization server. Unofficial.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP, args_conflicts_with_subcommands = true)]
pub(crate) struct Flags {
    #[command(subcommand)]
    pub(crate) command: Option<Task>,

    /// Address and port to listen on; with port 0 the system chooses a free port, which the printed URL shows
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8787")]
    pub(crate) listen: SocketAddr,

    /// URL at which clients and browsers reach the emulator, if it is not the listening address; every issuer and URL is
    /// derived from it. A proxy in front of the emulator must pass the Host header on unchanged, or consent pages cannot
    /// be answered
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,

    /// Keep all data in this directory, which is created if it does not exist; one process at a time [default: in memory]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,

    /// Projects, servers and clients to start with (JSON, see SEED-FILE.md); existing records are not changed
    #[arg(long, value_name = "FILE")]
    pub(crate) seed_file: Option<PathBuf>,

    /// Id of the project to print; the project is created if it does not exist [default: the first project of the seed
    /// file, or of the data directory, or a new one]
    #[arg(long, value_name = "ID")]
    pub(crate) project_id: Option<String>,

    /// Management key of the project; prefer the variable, because other users of this machine can see arguments [default:
    /// the stored key, or a new one]
    #[arg(long, value_name = "KEY", env = MANAGEMENT_KEY, hide_env_values = true)]
    pub(crate) management_key: Option<String>,

    /// Give another answer to an open question; repeatable, see --variants
    #[arg(long = "variant", value_name = "NAME=VALUE")]
    pub(crate) variant: Vec<String>,

    /// List every variant with its values, default, question (a row of docs/facts.md) and basis, and stop
    #[arg(long)]
    pub(crate) variants: bool,

    /// Inject faults, such as seed=7,rate=0.1; also kinds=delay+429+503+520+reset-before+reset-after+truncate, delay=MS,
    /// retry-after=SECONDS, well-known=yes. The settings logged at the start repeat the same faults
    #[arg(long, value_name = "SETTINGS")]
    pub(crate) adversity: Option<String>,

    /// Serve at most REQUESTS requests per address in SECONDS seconds; refuse everything for SECONDS seconds after one more
    #[arg(long, value_name = "REQUESTS/SECONDS", num_args = 0..=1, default_missing_value = "100/60")]
    pub(crate) rate_limit: Option<String>,

    /// Loopback address and port of the inspector (/_emulator/), which also switches settings at run time
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) control: Option<SocketAddr>,

    /// Format of the logs
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,

    /// Use FILE as the client metadata document of URL, which is then never fetched; repeatable
    #[arg(long = "cimd-pin", value_name = "URL=FILE")]
    pub(crate) cimd_pins: Vec<String>,

    /// Fetch client metadata documents from this machine too, also over http; needs a loopback address to listen on
    #[arg(long)]
    pub(crate) cimd_allow_loopback: bool,

    /// Accept redirect URIs with private-use URI schemes, such as cursor://
    #[arg(long)]
    pub(crate) allow_private_use_redirects: bool,

    /// Grant everything that a client asks for, without a consent page
    #[arg(long)]
    pub(crate) auto_consent: bool,

    /// Compare the port of http://localhost redirect URIs too: RFC 8252 lets only the port of 127.0.0.1 and [::1] differ
    #[arg(long)]
    pub(crate) exact_localhost_port: bool,

    /// Allow an address to listen on that other machines can reach
    #[arg(long)]
    pub(crate) allow_remote: bool,
}

/// What to do instead of serving.
#[derive(Subcommand)]
pub(crate) enum Task {
    /// Verify a data directory without serving it. Exit codes: 0 sound, 5 damaged, 4 cannot be read
    Check {
        /// The data directory
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
}
