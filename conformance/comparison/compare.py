"""Runs Schemathesis and the conformance suite on the same mutants, and writes a table of what each of them found.

    python3 conformance/comparison/compare.py [--every N] [--every-named N] [--examples N] [--seed N] [--work FOLDER]

Both get our OpenAPI document and the same credentials. Schemathesis gets, as its documentation recommends for stateful
testing, links between the operations (`LINKS`), all of its checks and phases, a fixed seed, and a baseline: what it reports of
the emulator without a mutant (with three seeds) is no find. Its number of requests follows from `--examples`.

Needs cargo, and Python 3.10 or later. Installs Schemathesis, pinned in `requirements.txt`, into the work folder. An interrupted
comparison goes on where it was.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

import page

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DOCUMENT = ROOT / "openapi" / "descope-mcp.yaml"
REQUIREMENTS = HERE / "requirements.txt"
BASELINE_SEEDS = 3
# The columns of the matrix, with which the names of its mutants say what goes wrong.
GROUPS = ["request member", "response member", "identifier", "filter, sort", "pages", "management key", "effect", "grant"]

# From the operation that makes or shows a record to those that take it: member of the request, place in the response.
SERVER_OF = {"CreateMcpServer": "server/id", "UpdateMcpServer": "server/id", "LoadAllMcpServers": "servers/0/id"}
CLIENT_OF = {
    "CreateMcpServerClient": ("$response.body#/id", "$request.body#/mcpServerId"),
    "UpdateMcpServerClient": ("$response.body#/client/id", "$response.body#/client/mcpServerId"),
    "SearchMcpServerClients": ("$response.body#/clients/0/id", "$response.body#/clients/0/mcpServerId"),
}
TAKES_SERVER = {
    "LoadMcpServer": lambda server: {"id": server},
    "UpdateMcpServer": lambda server: {"server": {"id": server, "name": "linked"}},
    "DeleteMcpServer": lambda server: {"id": server},
    "DeleteMcpServers": lambda server: {"ids": [server]},
    "CreateMcpServerClient": lambda server: {"mcpServerId": server},
    "SearchMcpServerClients": lambda server: {"mcpServerId": server},
}
TAKES_CLIENT = {
    "LoadMcpServerClient": lambda client, server: {"id": client, "mcpServerId": server},
    "UpdateMcpServerClient": lambda client, server: {"id": client, "mcpServerId": server},
    "GetMcpServerClientSecret": lambda client, server: {"id": client, "mcpServerId": server},
    "RotateMcpServerClientSecret": lambda client, server: {"id": client, "mcpServerId": server},
    "DeleteMcpServerClient": lambda client, server: {"id": client, "mcpServerId": server},
    "DeleteMcpServerClients": lambda client, server: {"ids": [client], "mcpServerId": server},
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=25, help="take every Nth mutant of the matrix")
    parser.add_argument("--every-named", type=int, default=3, help="take every Nth mutant that was written by hand")
    parser.add_argument("--examples", type=int, default=10, help="test cases of Schemathesis for each operation and phase")
    parser.add_argument("--seed", type=int, default=20_261_128, help="seed of both tools")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target" / "comparison", help="what is kept and resumed")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs" / "comparison.md")
    return parser.parse_args()


def into_environment_of_its_own(work):
    """Goes on as the Python that has Schemathesis."""
    folder = work / "python"
    python = folder / "bin" / "python"
    wanted = REQUIREMENTS.read_text()
    stamp = folder / ".made-from"
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--requirement", REQUIREMENTS], check=True)
        stamp.write_text(wanted)
    if pathlib.Path(sys.prefix) != folder:
        os.execv(python, [str(python), "-B", *sys.argv])
    return folder / "bin" / "schemathesis"


def programs():
    """The programs that serve mutants, and the suite; optimised, as campaigns are."""
    build = [os.environ.get("CARGO", "cargo"), "test", "--release"]
    build += ["--package", "descope-mcp-conformance", "--test", "matrix", "--test", "mutants"]
    build += ["--no-run", "--message-format", "json"]
    done = subprocess.run(build, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    made = [json.loads(line) for line in done.stdout.splitlines()]
    made = {one["target"]["name"]: one["executable"] for one in made if one.get("executable")}
    suite = pathlib.Path(made["matrix"]).parent.parent / "descope-mcp-conformance"
    return made["matrix"], made["mutants"], suite


def sample(program, variable, every):
    """Which mutants of a program to take."""
    done = subprocess.run([program], env=os.environ | {f"{variable}_NAMES": "1"}, stdout=subprocess.PIPE, text=True, check=True)
    return [(program, f"{variable}_SERVE", name) for name in done.stdout.splitlines()[::every]]


class Target:
    """A mutant at an address, in a process of its own."""

    def __init__(self, program, variable, name):
        environment = os.environ | {variable: name}
        self.process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.variables = dict(self._line().removeprefix("export ").split("=", 1) for _ in range(3))

    def _line(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("the target does not start")
        return line.strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        """How often the mutant did something else than the emulator, if it counts that."""
        if self.process.poll() is None:
            said, _ = self.process.communicate()
            self.acted = int(said.split()[-1]) if said else None
        return self.acted


def document_with_links(work):
    import yaml

    document = yaml.safe_load(DOCUMENT.read_text())
    of = {operation["operationId"]: operation for path in document["paths"].values() for operation in path.values()}
    for source, place in SERVER_OF.items():
        for taker, body in TAKES_SERVER.items():
            add_link(of[source], taker, body(f"$response.body#/{place}"))
    for source, (client, server) in CLIENT_OF.items():
        for taker, body in TAKES_CLIENT.items():
            add_link(of[source], taker, body(client, server))
    path = work / "with-links.json"
    path.write_text(json.dumps(document, default=str))
    return path


def add_link(operation, taker, body):
    links = operation["responses"]["200"].setdefault("links", {})
    links[taker] = {"operationId": taker, "requestBody": body}


def run_schemathesis(program, document, target, options, work, baseline_options):
    """The exit code, the failures with the number of requests up to each, all requests, and the seconds."""
    events = work / "events.ndjson"
    variables = target.variables
    key = f"{variables['DESCOPE_PROJECT_ID']}:{variables['DESCOPE_MANAGEMENT_KEY']}"
    command = [program, "run", document, "--url", variables["DESCOPE_BASE_URL"], "--header", f"Authorization: Bearer {key}"]
    command += ["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--workers", "1", "--no-color"]
    command += ["--continue-on-failure", "--generation-database", "none", "--warnings", "off"]
    command += ["--max-examples", str(options["examples"]), "--seed", str(options["seed"])]
    command += ["--report", "ndjson", "--report-ndjson-path", events, *baseline_options]
    began = time.monotonic()
    done = subprocess.run([str(word) for word in command], cwd=work, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    seconds = time.monotonic() - began
    if done.returncode not in (0, 1):
        sys.exit(f"Schemathesis ended with {done.returncode}\n{done.stdout}{done.stderr}")
    requests, failures = 0, []
    for line in events.read_text().splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder")
        if recorder is None:
            continue
        for case in recorder.get("interactions", {}):
            requests += 1
            for check in recorder.get("checks", {}).get(case, []):
                if check["status"] == "failure":
                    failures.append((identity(check), requests))
    return done.returncode, failures, requests, seconds


def identity(check):
    """What makes two failures the same, as near as the report of events says it."""
    failure = check["failure_info"]["failure"]
    place = failure.get("schema_path") or failure.get("status_code") or ""
    return json.dumps([failure["operation"], check["name"], failure["type"], place])


def run_suite(program, target, seed, work):
    """Whether the run fails, the number of the first request that shows it, all requests, and the seconds."""
    report = work / "suite.json"
    command = [program, "--target", target.variables["DESCOPE_BASE_URL"], "--profile", "standard", "--seed", str(seed)]
    command += ["--shrink", "0", "--journal", work / "journal.jsonl", "--report", f"json={report}"]
    report.unlink(missing_ok=True)
    done = subprocess.run(
        [str(word) for word in command], env=os.environ | target.variables, capture_output=True, text=True, cwd=work
    )
    if not report.exists():
        # It could not begin: nothing can be made on the target, which it says with an exit code of its own.
        return {"found": done.returncode not in (0, 10), "until": None, "requests": None, "code": done.returncode}
    said = json.loads(report.read_text())
    broken = [p for p in said["properties"] if p["verdict"] == "fail" and p["level"] != "info"]
    numbers = [p["failure"]["exchanges"][-1]["number"] for p in broken if p.get("failure")]
    return {
        "found": bool(broken),
        "until": min(numbers, default=None),
        "requests": said["requests"],
        "seconds": said["elapsedMs"] / 1000,
        "code": done.returncode,
    }


def main():
    options = vars(arguments())
    work = options["work"].resolve()
    work.mkdir(parents=True, exist_ok=True)
    schemathesis = into_environment_of_its_own(work)
    document = document_with_links(work)
    matrix, mutants, suite = programs()
    chosen = sample(matrix, "MATRIX", options["every"]) + sample(mutants, "MUTANTS", options["every_named"])
    kind = f"{options['seed']}-{options['examples']}"
    kept = work / f"results-{kind}-{options['every']}-{options['every_named']}.jsonl"
    results = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    baseline, known_path = work / f"baseline-{kind}.json", work / f"known-{kind}.json"
    if not known_path.exists():
        known = set()
        for number in range(BASELINE_SEEDS):
            with Target(matrix, "MATRIX_SERVE", "none") as target:
                of_seed = options | {"seed": options["seed"] + number}
                flags = ["--baseline", baseline, "--baseline-update"]
                _, failures, requests, seconds = run_schemathesis(schemathesis, document, target, of_seed, work, flags)
                known |= {failure for failure, _ in failures}
                print(f"no mutant: {len(known)} kinds of failures, {requests} requests in {seconds:.1f} s", flush=True)
        known_path.write_text(json.dumps(sorted(known)))
    known = set(json.loads(known_path.read_text()))
    for program, variable, name in chosen[len(results) :]:
        with Target(program, variable, name) as target:
            flags = ["--baseline", baseline]
            code, failures, requests, seconds = run_schemathesis(schemathesis, document, target, options, work, flags)
            acted = target.end()
        with Target(program, variable, name) as target:
            ours = run_suite(suite, target, options["seed"], work)
        new = [at for failure, at in failures if failure not in known]
        theirs = {"found": code == 1, "until": min(new, default=None), "requests": requests, "seconds": seconds, "acted": acted}
        group = name.split(": ")[1] if ": " in name else "written by hand"
        group = next((kind for kind in GROUPS if group.startswith(kind)), group)
        results.append({"name": name, "group": group, "schemathesis": theirs, "suite": ours})
        with kept.open("a") as file:
            file.write(json.dumps(results[-1]) + "\n")
        print(f"{len(results)}/{len(chosen)} {name}: Schemathesis {theirs}, suite {ours}", flush=True)
    version = next(line.split("==")[1] for line in REQUIREMENTS.read_text().splitlines() if line.startswith("schemathesis=="))
    options["out"].write_text(page.page(options, results, version))


if __name__ == "__main__":
    main()
