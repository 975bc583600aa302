//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::log::LogFormat;

const AFTER_HELP: &str = "\
Standard output gets three lines, for `eval` or a file: export DESCOPE_BASE_URL=..., DESCOPE_PROJECT_ID=... and
DESCOPE_MANAGEMENT_KEY=.... Then it serves until SIGINT or SIGTERM. Without --data it keeps
nothing.

DESCOPE_EMULATOR_LOG sets how much is logged on standard error: error, warn, info (default), debug (each exchange).

Exit codes: 0 stopped by a signal, 1 failed while serving, 3 cannot listen,
4 the data directory cannot be used, 5 `check` found damage (one line each on standard output),
64 a bad flag or setting.";

/// An emulator of Descope's MCP server management API and its authorization server. Unofficial.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP, args_conflicts_with_subcommands = true)]
pub(crate) struct Flags {
    #[command(subcommand)]
    pub(crate) command: Option<Task>,

    /// Address and port to listen on; port 0 takes a free one, which the printed URL names
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8787")]
    pub(crate) listen: SocketAddr,

    /// Where clients and browsers reach the emulator, if not at the listening address; every issuer and URL derives from
    /// it. A proxy before the emulator must pass the Host on as it came, or consent pages cannot be answered
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,

    /// Keep everything in this directory, which is made if it is not there; one process at a time [default: in memory]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,

    /// Projects, servers and clients to begin with (JSON, see SEED-FILE.md); what is there already stays
    #[arg(long, value_name = "FILE")]
    pub(crate) seed_file: Option<PathBuf>,

    /// Id of the project to print, and to make if it is not there [default: the first of the seed file, or of the data
    /// directory, or a fresh one]
    #[arg(long, value_name = "ID")]
    pub(crate) project_id: Option<String>,

    /// Management key of the project; better given by the variable, since others can see arguments [default: the
    /// stored one, or a fresh one]
    #[arg(long, value_name = "KEY", env = "DESCOPE_MANAGEMENT_KEY", hide_env_values = true)]
    pub(crate) management_key: Option<String>,

    /// Answers an open question in another way; repeatable, see --variants
    #[arg(long = "variant", value_name = "NAME=VALUE")]
    pub(crate) variant: Vec<String>,

    /// Lists every variant with its values, default, question and basis, and ends
    #[arg(long)]
    pub(crate) variants: bool,

    /// Makes faults, such as seed=7,rate=0.1; also kinds=delay+429+503+520+reset-before+reset-after+truncate, delay=MS,
    /// retry-after=SECONDS, well-known=yes. The line printed at the start makes the same faults again
    #[arg(long, value_name = "SETTINGS")]
    pub(crate) adversity: Option<String>,

    /// Answers so many requests per address in so many seconds, and after one more none for as long
    #[arg(long, value_name = "REQUESTS/SECONDS", num_args = 0..=1, default_missing_value = "100/60")]
    pub(crate) rate_limit: Option<String>,

    /// Loopback address and port of the inspector at /_emulator/ and of what can be switched while it runs
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) control: Option<SocketAddr>,

    /// How logs look
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,

    /// A client metadata document that counts for the URL and is never fetched; repeatable
    #[arg(long = "cimd-pin", value_name = "URL=FILE")]
    pub(crate) cimd_pins: Vec<String>,

    /// Take client metadata documents from this machine too, also by http; needs to listen on a loopback address
    #[arg(long)]
    pub(crate) cimd_allow_loopback: bool,

    /// Take redirect URIs with schemes of applications, such as cursor://
    #[arg(long)]
    pub(crate) allow_private_use_redirects: bool,

    /// Grant all that a client asks for without a consent page
    #[arg(long)]
    pub(crate) auto_consent: bool,

    /// Compare the port of http://localhost redirect URIs too, as RFC 8252 has it
    #[arg(long)]
    pub(crate) exact_localhost_port: bool,

    /// Listen on an address that other machines can reach
    #[arg(long)]
    pub(crate) allow_remote: bool,
}

/// What to do instead of serving.
#[derive(Subcommand)]
pub(crate) enum Task {
    /// Look a data directory over, without serving it: 0 sound, 5 damaged, 4 cannot be looked at
    Check {
        /// The directory
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
}
