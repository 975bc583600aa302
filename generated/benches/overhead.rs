//! What a typed call costs, compared with the same call made with bare `reqwest` and `serde_json::Value`.
//!
//! `cargo bench -p descope-mcp-management` prints CPU and wall time per call and their ratios; with `-- --check` it
//! fails when a ratio is above the limit. Server and client are two processes on loopback, so that the CPU time is
//! the client's alone. All sides take turns in short rounds within one run: whatever else the machine does hits all.
//! Not quite alike: a busy machine has cold caches, and a typed call is more code. Compare on an idle machine.
//!
//! The bare side sends the same request, with the headers that Descope's SDKs send. A second one leaves them out.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot be set up should stop")]
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use descope_mcp_management::{ManagementClient, ManagementKey, ProjectId, Quota, RetryPolicy};
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, USER_AGENT};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PROJECT: &str = "P32juVkF2iM8wAGoM8PiLkGi6POV";
const KEY: &str = "K2verySecretManagementKey0123456789";
const SERVER_ID: &str = "MS35d1Xw1Yo6zozsW7n8BU6xLmnAs";

/// Set for the process that is the server.
const SERVER_ROLE: &str = "OVERHEAD_BENCH_SERVER";
/// Rounds per side. Odd, so that the median is a round.
const ROUNDS: usize = 301;
const CALLS_PER_ROUND: u32 = 50;
/// A typed call may cost this many times as much.
const LIMIT: f64 = 1.10;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if env::var_os(SERVER_ROLE).is_some() {
        runtime.block_on(serve());
        return ExitCode::SUCCESS;
    }
    let server = ServerProcess::start();
    let within_limit = runtime.block_on(compare(&server.url));
    if env::args().any(|argument| argument == "--check") && !within_limit {
        println!("a typed call costs more than {LIMIT:.2} times a bare one");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// One way to make the call, and what its rounds took per call, in microseconds.
struct Side {
    name: &'static str,
    way: Way,
    cpu: Vec<f64>,
    wall: Vec<f64>,
}

enum Way {
    Bare(reqwest::Client, String),
    Typed(ManagementClient),
}

impl Way {
    /// Loads a server and looks at its id, as a caller would.
    async fn call(&self) {
        match self {
            Self::Bare(http, url) => {
                let request = http
                    .post(format!("{url}/v1/mgmt/mcp/server/load"))
                    .bearer_auth(format_args!("{PROJECT}:{KEY}"))
                    .json(&json!({"id": SERVER_ID}));
                let response = request.send().await.unwrap().error_for_status().unwrap();
                let body: Value = response.json().await.unwrap();
                assert_eq!(body["server"]["id"], SERVER_ID);
            }
            Self::Typed(client) => {
                let server = client.servers().load(SERVER_ID).await.unwrap();
                assert_eq!(server.id, SERVER_ID);
            }
        }
    }
}

async fn compare(url: &str) -> bool {
    let client = || {
        let key = ManagementKey::new(KEY).unwrap();
        ManagementClient::builder(ProjectId::new(PROJECT).unwrap(), key).base_url(url)
    };
    let bare = |headers: HeaderMap| {
        let http = reqwest::Client::builder().no_proxy().default_headers(headers).build().unwrap();
        Way::Bare(http, url.to_owned())
    };
    // So much that nobody ever waits.
    let wide = Quota::new(u32::MAX, Duration::from_secs(1)).unwrap();
    // Bare and typed by turns: what one leaves in the caches, the other finds, either way round.
    let mut sides = [
        Side::new("bare reqwest + Value", bare(sdk_headers())),
        Side::new("typed, as it comes", Way::Typed(client().build().unwrap())),
        Side::new("bare again (noise)", bare(sdk_headers())),
        Side::new("typed, with a quota", Way::Typed(client().quota(wide).build().unwrap())),
        Side::new("bare, fewer headers", bare(HeaderMap::new())),
        Side::new("typed, never repeats", Way::Typed(client().retry(RetryPolicy::never()).build().unwrap())),
    ];
    for side in &sides {
        // Connections, caches, branch predictors.
        for _ in 0..500 {
            side.way.call().await;
        }
    }
    for round in 0..ROUNDS {
        // Everyone is first as often as anyone else.
        for turn in 0..sides.len() {
            let turn = if round % 2 == 0 { turn } else { sides.len() - 1 - turn };
            let index = (round + turn) % sides.len();
            sides[index].round().await;
        }
    }
    report(&sides)
}

/// What the typed client sends besides what it must.
fn sdk_headers() -> HeaderMap {
    const NAME: &str = "descope-mcp-management";
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    [
        (ACCEPT, "application/json".to_owned()),
        (USER_AGENT, format!("{NAME}/{VERSION}")),
        (HeaderName::from_static("x-descope-sdk-name"), NAME.to_owned()),
        (HeaderName::from_static("x-descope-sdk-version"), VERSION.to_owned()),
        (HeaderName::from_static("x-descope-project-id"), PROJECT.to_owned()),
    ]
    .map(|(name, value)| (name, value.parse().unwrap()))
    .into_iter()
    .collect()
}

impl Side {
    fn new(name: &'static str, way: Way) -> Self {
        Self { name, way, cpu: Vec::new(), wall: Vec::new() }
    }

    async fn round(&mut self) {
        let (cpu, wall) = (cpu_time(), Instant::now());
        for _ in 0..CALLS_PER_ROUND {
            self.way.call().await;
        }
        self.cpu.push(per_call(cpu_time() - cpu));
        self.wall.push(per_call(wall.elapsed()));
    }
}

fn report(sides: &[Side]) -> bool {
    let (bare_cpu, bare_wall) = (median(&sides[0].cpu), median(&sides[0].wall));
    println!("medians of {ROUNDS} rounds of {CALLS_PER_ROUND} calls each");
    println!("{:<24} {:>10} {:>7} {:>10} {:>7}", "", "CPU µs", "ratio", "wall µs", "ratio");
    let mut within_limit = true;
    for side in sides {
        let (cpu, wall) = (median(&side.cpu), median(&side.wall));
        let ratios = (cpu / bare_cpu, wall / bare_wall);
        println!("{:<24} {cpu:>10.1} {:>7.3} {wall:>10.1} {:>7.3}", side.name, ratios.0, ratios.1);
        within_limit &= ratios.0 <= LIMIT && ratios.1 <= LIMIT;
    }
    within_limit
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn per_call(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6 / f64::from(CALLS_PER_ROUND)
}

/// CPU time of this process, on all its threads.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// This program once more, as the server. Ends with it.
struct ServerProcess {
    child: Child,
    url: String,
}

impl ServerProcess {
    fn start() -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        let mut child = command.env(SERVER_ROLE, "1").stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim().to_owned() }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

async fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let body = json!({"server": record()}).to_string();
    let length = body.len();
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    let answer = head + &body;
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer_all(stream, answer.clone()));
    }
}

async fn answer_all(mut stream: TcpStream, answer: String) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut received = Vec::new();
    loop {
        // Every request ends with the one object of its body.
        while !received.ends_with(b"\"}") {
            if stream.read_buf(&mut received).await? == 0 {
                return Ok(());
            }
        }
        received.clear();
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// A server as they are in use: all members, some scopes.
fn record() -> Value {
    let scope = |name: &str| json!({"name": name, "description": format!("May {name}"), "optional": true, "values": []});
    json!({
        "id": SERVER_ID,
        "name": "orders",
        "description": "Tools that look at orders and change them",
        "logo": "https://example.com/logo.png",
        "dynamicRegistration": {"enabled": true, "disableApprovedScopesAsDefault": false, "flowId": "registration"},
        "audienceWhitelist": ["https://orders.example.com/mcp"],
        "approvedScopes": {
            "permissionsScopes": [scope("orders:read"), scope("orders:write"), scope("orders:refund")],
            "attributesScopes": [scope("email"), scope("name")],
            "connectionsScopes": [],
        },
        "approvedCallbackUrls": ["https://one.example.com/callback", "https://two.example.com/callback"],
        "loginPageURL": "https://auth.example.com/login?flow=inbound-apps-user-consent",
        "sessionSettings": {
            "enabled": true,
            "refreshTokenExpiration": 4, "refreshTokenExpirationUnit": "weeks",
            "sessionTokenExpiration": 10, "sessionTokenExpirationUnit": "minutes",
            "keySessionTokenExpiration": 10, "keySessionTokenExpirationUnit": "minutes",
            "userTemplateId": "", "keyTemplateId": "",
        },
        "tags": ["production", "orders"],
        "cimdSettings": {"enabled": false, "domainPolicies": {"policies": []}},
        "skipConsentScreen": false,
        "forceAddAllAuthorizationInfo": false,
    })
}
