//! Lists scopes that reach further than they should, on every server of a project. Changes nothing.
//!
//! ```sh
//! cargo run --example audit
//! ```
//!
//! A scope is over-broad when
//!
//! * `wildcard`: a server approves it, or a client has it, and a part of its name between `:`, `.` and `/` is `*`;
//! * `not-approved`: a client has it, and its server approves no scope of that name;
//! * `everything`: a client has each of three or more scopes that its server approves, so nobody chose;
//! * `open-door`: anyone who registers gets it: dynamic registration is on and hands out all approved scopes, or
//!   metadata documents of every host (`*`) are trusted.
//!
//! One line per finding, with tabs between: rule, server id, client id or `-`, scopes or setting. The exit code is 1
//! if there is a finding.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::Result;
use descope_mcp_management::{ManagementClient, McpServer, McpServerClient, Scope};

/// Fewer scopes than this are soon all needed.
const EVERYTHING_FROM: usize = 3;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let client = ManagementClient::from_env()?;
    let (mut servers, mut clients, mut findings) = (0, 0, 0);
    for server in client.servers().load_all().await? {
        servers += 1;
        let approved = approved(&server);
        for (rule, what) in of_server(&server, &approved) {
            println!("{rule}\t{}\t-\t{what}", server.id);
            findings += 1;
        }
        let mut found = client.clients(&server.id).search().stream();
        while let Some(client) = found.next().await {
            let client = client?;
            clients += 1;
            for (rule, what) in of_client(&client, &approved) {
                println!("{rule}\t{}\t{}\t{what}", server.id, client.id);
                findings += 1;
            }
        }
    }
    eprintln!("{findings} findings on {servers} servers with {clients} clients");
    Ok(ExitCode::from(u8::from(findings > 0)))
}

type Finding = (&'static str, String);

/// Names of all scopes that a server approves, of whatever category.
fn approved(server: &McpServer) -> BTreeSet<String> {
    let Some(scopes) = &server.approved_scopes else { return BTreeSet::new() };
    let categories = [&scopes.permissions_scopes, &scopes.attributes_scopes, &scopes.connections_scopes];
    let names = |scope: &Scope| scope.name.clone().filter(|name| !name.is_empty());
    categories.into_iter().flatten().flatten().filter_map(names).collect()
}

fn of_server(server: &McpServer, approved: &BTreeSet<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let wildcards: Vec<_> = approved.iter().map(String::as_str).filter(|scope| is_wildcard(scope)).collect();
    if !wildcards.is_empty() {
        findings.push(("wildcard", wildcards.join(" ")));
    }
    if approved.is_empty() {
        return findings;
    }
    let registration = server.dynamic_registration.as_ref();
    let hands_out_all = registration.is_some_and(|registration| {
        registration.enabled == Some(true) && registration.disable_approved_scopes_as_default != Some(true)
    });
    if hands_out_all {
        findings.push(("open-door", "dynamicRegistration".to_owned()));
    }
    let cimd = server.cimd_settings.as_ref().filter(|settings| settings.enabled == Some(true));
    let policies =
        cimd.and_then(|settings| settings.domain_policies.as_ref()).and_then(|all| all.policies.as_ref());
    let trusts_all = |policy: &descope_mcp_management::CimdDomainPolicy| {
        policy.enabled == Some(true) && policy.domain_pattern.as_deref() == Some("*")
    };
    if policies.into_iter().flatten().any(trusts_all) {
        findings.push(("open-door", "cimdSettings".to_owned()));
    }
    findings
}

fn of_client(client: &McpServerClient, approved: &BTreeSet<String>) -> Vec<Finding> {
    let scopes: BTreeSet<&str> = client.scopes.iter().flatten().map(String::as_str).collect();
    let mut findings = Vec::new();
    let mut add = |rule, scopes: Vec<&str>| {
        if !scopes.is_empty() {
            findings.push((rule, scopes.join(" ")));
        }
    };
    add("wildcard", scopes.iter().copied().filter(|scope| is_wildcard(scope)).collect());
    add("not-approved", scopes.iter().copied().filter(|scope| !approved.contains(*scope)).collect());
    let everything =
        approved.len() >= EVERYTHING_FROM && approved.iter().all(|scope| scopes.contains(scope.as_str()));
    if everything {
        add("everything", approved.iter().map(String::as_str).collect());
    }
    findings
}

fn is_wildcard(scope: &str) -> bool {
    scope.split([':', '.', '/']).any(|part| part == "*")
}
