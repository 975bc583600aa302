//! Who may import whom. The table below is the only place where that is said in code.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::Finding;

/// Which crates of ours a member may depend on.
struct Rule {
    /// Folder of the member.
    member: &'static str,
    /// Always.
    normal: &'static [&'static str],
    /// Only as an optional dependency, switched on by the feature named beside it.
    optional: &'static [(&'static str, &'static str)],
    /// Only in tests.
    dev: &'static [&'static str],
    /// Why no more.
    reason: &'static str,
}

const OPENAPI: &str = "descope-mcp-openapi";
const OPERATIONS: &str = "descope-mcp-operations";
const CODEGEN: &str = "descope-mcp-codegen";
const SPEC: &str = "descope-mcp-spec";
const CLIENT: &str = "descope-mcp-management";
const EMULATOR: &str = "descope-mcp-emulator";
const SUITE: &str = "descope-mcp-conformance";
const PROGRAM: &str = "descope-mcp-program";
const XTASK: &str = "xtask";

/// All crates of ours.
const OURS: [&str; 9] = [OPENAPI, OPERATIONS, CODEGEN, SPEC, CLIENT, PROGRAM, EMULATOR, SUITE, XTASK];

const RULES: [Rule; 10] = [
    Rule {
        member: "operations",
        normal: &[],
        optional: &[],
        dev: &[],
        reason: "it is data that everything else reads, the client included",
    },
    Rule {
        member: "openapi",
        normal: &[OPERATIONS],
        optional: &[],
        dev: &[],
        reason: "everything else builds on it",
    },
    Rule {
        member: "codegen",
        normal: &[],
        optional: &[],
        dev: &[],
        reason: "it must build when every other crate is broken",
    },
    Rule {
        member: "spec",
        normal: &[CODEGEN, OPENAPI],
        optional: &[],
        dev: &[CODEGEN, OPENAPI],
        reason: "it must tell what changed when the client made from the last document is broken",
    },
    Rule {
        member: "generated",
        normal: &[],
        optional: &[(OPERATIONS, "untyped")],
        dev: &[EMULATOR, OPERATIONS, CLIENT],
        reason: "users of typed calls compile nothing but the client; its tests run the examples on the emulator, with all features",
    },
    Rule { member: "program", normal: &[], optional: &[], dev: &[], reason: "every program builds on it" },
    Rule {
        member: "emulator",
        normal: &[OPENAPI, PROGRAM],
        optional: &[],
        dev: &[OPENAPI],
        reason: "if it shared types with the client, a wrong name in both would go unseen",
    },
    Rule {
        member: "conformance",
        normal: &[CLIENT, OPENAPI, OPERATIONS, PROGRAM],
        optional: &[(EMULATOR, "embedded")],
        dev: &[CLIENT, OPENAPI, OPERATIONS, EMULATOR],
        reason: "the suite must work on any URL; the emulator is only its default target",
    },
    Rule {
        member: "xtask",
        normal: &[PROGRAM],
        optional: &[],
        dev: &[],
        reason: "the first command must compile nothing that it does not need",
    },
    Rule {
        member: "xtask/maintenance",
        normal: &[CODEGEN, PROGRAM, SPEC, XTASK],
        optional: &[],
        dev: &[CODEGEN, SPEC],
        reason: "a broken client must not keep itself from being generated anew",
    },
];

/// Checks every manifest of the workspace against the table.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let manifest = Manifest::read(root, "Cargo.toml")?;
    let mut findings = Vec::new();
    let members = manifest.table.get("workspace").and_then(|w| w.get("members")).and_then(Value::as_array);
    for member in members.into_iter().flatten().filter_map(Value::as_str) {
        match RULES.iter().find(|rule| rule.member == member) {
            Some(rule) => {
                findings.extend(check_member(rule, &Manifest::read(root, &format!("{member}/Cargo.toml"))?))
            }
            None => findings.push(manifest.finding(
                &format!("\"{member}\""),
                format!("no rule says what member `{member}` may import"),
                "add a row to RULES in xtask/maintenance/src/tidy/imports.rs",
            )),
        }
    }
    Ok(findings)
}

fn check_member(rule: &Rule, manifest: &Manifest) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (section, name, dependency) in manifest.dependencies() {
        let inherited = dependency.get("workspace").and_then(Value::as_bool) == Some(true);
        // Without a version, `cargo package` drops it, and a crate can be published before the one it is tested with.
        let dropped_when_packaged = section == "dev-dependencies"
            && dependency.get("path").is_some()
            && dependency.get("version").is_none();
        if !inherited && !dropped_when_packaged {
            findings.push(manifest.finding(
                &name,
                format!("`{name}` does not take its version from the workspace"),
                "write `workspace = true`, and the version in the root manifest",
            ));
        }
        if !OURS.contains(&name.as_str()) {
            continue;
        }
        let optional = dependency.get("optional").and_then(Value::as_bool) == Some(true);
        let feature = rule.optional.iter().find(|(allowed, _)| *allowed == name).map(|(_, feature)| *feature);
        let allowed = match (section, feature) {
            ("dev-dependencies", _) => rule.dev.contains(&name.as_str()),
            (_, Some(feature)) => optional && manifest.feature_enables(feature, &name),
            (_, None) => rule.normal.contains(&name.as_str()),
        };
        if !allowed {
            let cure = match (section, feature) {
                ("dev-dependencies", _) | (_, None) => format!("remove it: {}", rule.reason),
                (_, Some(feature)) => {
                    format!(
                        "make it optional and list \"dep:{name}\" under feature `{feature}`: {}",
                        rule.reason
                    )
                }
            };
            let message = format!("`{}` may not import `{name}` under [{section}]", rule.member);
            findings.push(manifest.finding(&name, message, &cure));
        }
    }
    findings
}

struct Manifest {
    file: String,
    text: String,
    table: Table,
}

impl Manifest {
    fn read(root: &Path, file: &str) -> Result<Self> {
        let text = fs::read_to_string(root.join(file)).with_context(|| format!("reading {file}"))?;
        Self::parse(file, text)
    }

    fn parse(file: &str, text: String) -> Result<Self> {
        let table = text.parse::<Table>().with_context(|| format!("parsing {file}"))?;
        Ok(Self { file: file.to_owned(), text, table })
    }

    /// Section, package and specification of every dependency, those of targets included.
    fn dependencies(&self) -> Vec<(&'static str, String, Value)> {
        let targets = self.table.get("target").and_then(Value::as_table);
        let holders = targets.into_iter().flatten().filter_map(|(_, target)| target.as_table());
        let mut found = Vec::new();
        for holder in std::iter::once(&self.table).chain(holders) {
            for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
                for (name, value) in holder.get(section).and_then(Value::as_table).into_iter().flatten() {
                    // A renamed dependency is still the package that it names.
                    let package = value.get("package").and_then(Value::as_str).unwrap_or(name);
                    found.push((section, package.to_owned(), value.clone()));
                }
            }
        }
        found
    }

    fn feature_enables(&self, feature: &str, package: &str) -> bool {
        let enabled =
            self.table.get("features").and_then(|features| features.get(feature)).and_then(Value::as_array);
        enabled.into_iter().flatten().any(|item| item.as_str() == Some(&format!("dep:{package}")))
    }

    /// A finding at the first line that has this text.
    fn finding(&self, text: &str, message: String, cure: &str) -> Finding {
        let line =
            self.text.lines().position(|line| line.trim_start().starts_with(text) || line.contains(text));
        Finding {
            file: self.file.clone(),
            line: line.map_or(1, |index| index + 1),
            message,
            cure: cure.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(member: &str, manifest: &str) -> Vec<String> {
        let rule = RULES.iter().find(|rule| rule.member == member).unwrap();
        let manifest = Manifest::parse(&format!("{member}/Cargo.toml"), manifest.to_owned()).unwrap();
        check_member(rule, &manifest).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn refuses_the_client_in_the_emulator() {
        let found = findings(
            "emulator",
            "[dependencies]\ndescope-mcp-openapi.workspace = true\ndescope-mcp-management.workspace = true\n",
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("emulator/Cargo.toml:3: `emulator` may not import `descope-mcp-management`")
        );
    }

    #[test]
    fn refuses_anything_of_ours_in_the_client_even_in_tests_or_for_one_target() {
        for section in ["dev-dependencies", "build-dependencies", "target.'cfg(unix)'.dependencies"] {
            let found =
                findings("generated", &format!("[{section}]\ndescope-mcp-openapi.workspace = true\n"));
            assert_eq!(found.len(), 1, "{section}");
        }
    }

    #[test]
    fn the_client_takes_the_emulator_in_tests_only_and_may_leave_out_its_version_there() {
        let by_path = "descope-mcp-emulator.path = \"../emulator\"\n";
        assert_eq!(findings("generated", &format!("[dev-dependencies]\n{by_path}")), Vec::<String>::new());
        assert_eq!(findings("generated", &format!("[dependencies]\n{by_path}")).len(), 2);
        let with_version = "[dev-dependencies]\nwiremock = { path = \"x\", version = \"1\" }\n";
        assert_eq!(findings("generated", with_version).len(), 1);
    }

    #[test]
    fn the_client_takes_the_table_of_operations_only_behind_its_feature() {
        let always = "[dependencies]\ndescope-mcp-operations.workspace = true\n";
        assert_eq!(findings("generated", always).len(), 1);
        let optional = "[dependencies]\ndescope-mcp-operations = { workspace = true, optional = true }\n";
        assert_eq!(findings("generated", optional).len(), 1);
        let enabled = format!("{optional}[features]\nuntyped = [\"dep:descope-mcp-operations\"]\n");
        assert_eq!(findings("generated", &enabled), Vec::<String>::new());
    }

    #[test]
    fn refuses_a_renamed_dependency_too() {
        let manifest = "[dependencies]\nx = { workspace = true, package = \"descope-mcp-management\" }\n";
        assert_eq!(findings("xtask/maintenance", manifest).len(), 1);
    }

    #[test]
    fn the_suite_takes_the_emulator_only_behind_its_feature() {
        let optional = "[dependencies]\ndescope-mcp-emulator = { workspace = true, optional = true }\n";
        assert_eq!(findings("conformance", optional).len(), 1);
        let enabled = format!("{optional}[features]\nembedded = [\"dep:descope-mcp-emulator\"]\n");
        assert_eq!(findings("conformance", &enabled), Vec::<String>::new());
        let always = "[dependencies]\ndescope-mcp-emulator.workspace = true\n[features]\nembedded = [\"dep:descope-mcp-emulator\"]\n";
        assert_eq!(findings("conformance", always).len(), 1);
        assert!(
            findings("conformance", "[dev-dependencies]\ndescope-mcp-emulator.workspace = true\n").is_empty()
        );
    }

    #[test]
    fn refuses_a_version_outside_of_the_root_manifest() {
        let found = findings("openapi", "[dependencies]\nserde = \"1\"\n");
        assert!(found[0].contains("does not take its version from the workspace"), "{found:?}");
    }
}
