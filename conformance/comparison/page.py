"""The page about a comparison."""

import datetime
import statistics

HEAD = """# Side by side with Schemathesis

[Schemathesis](https://schemathesis.readthedocs.io/) tests any API against its OpenAPI document: requests that the document
allows must be accepted, others refused; responses must have the documented form; nothing may fail with a 5xx; deleted resources
must be gone. It needs nothing but the document. The conformance suite tests one API, and knows what its operations mean: what
was stored must come back, a rotated secret must stop working, a filter must filter. So the numbers do not say which tool is
better; they say what a test by the document alone sees of wrong behaviours like these.

Both tools got the same wrong emulators: one in {every} of those mutants of the matrix that are about the management API, and one
in {every_named} of those that were written by hand; [mutants.md](mutants.md) has both. The matrix is made from the OpenAPI
document, and not with either tool in mind. Those written by hand favour the suite, which has a property for each.

Schemathesis {version} got our OpenAPI document with links between operations added, which its documentation recommends where
it cannot infer them (they are in `compare.py`), all of its checks, all of its phases, the management key, and a fixed seed. With
`--max-examples {examples}` it sends about {theirs:,} requests, twice as many as the suite in the profile `standard` ({ours:,}).
A failure counts as a find if its own baseline file, made of three runs on the emulator without a mutant, does not know it. The
suite is counted by broken properties that fail a run, without shrinking; those of level `info` fail none.
"""

COMMAND = """
Measured on {date}, repeated with `{command}`, on a machine with two cores that did much other
work. Tools and target share it, so the rates compare the tools with each other and say nothing of a target elsewhere. The time of
Schemathesis includes its start, about two seconds. The suite waits where it must tell a late list from a wrong one.
"""


def page(options, results, version):
    median = lambda tool: round(statistics.median(r[tool]["requests"] for r in results if r[tool]["requests"]))
    head = HEAD.format(
        every=options["every"],
        every_named=options["every_named"],
        examples=options["examples"],
        version=version,
        theirs=median("schemathesis"),
        ours=median("suite"),
    )
    command = "python3 conformance/comparison/compare.py"
    for name, usual in (("every", 25), ("every_named", 3), ("examples", 10), ("seed", 20_261_128)):
        if options[name] != usual:
            command += f" --{name.replace('_', '-')} {options[name]}"
    parts = [head, table(results), rates(results), COMMAND.format(date=datetime.date.today(), command=command)]
    return "\n".join(parts) + exceptions(results)


def table(results):
    lines = [
        "| mutants | number | found by Schemathesis | found by the suite | requests until found: Schemathesis | the suite |",
        "|---|---|---|---|---|---|",
    ]
    groups = list(dict.fromkeys(result["group"] for result in results))
    for group in [*groups, None]:
        of_group = [result for result in results if group in (None, result["group"])]
        cells = [group or "**all**", len(of_group)]
        cells += [sum(result[tool]["found"] for result in of_group) for tool in ("schemathesis", "suite")]
        cells += [until(of_group, tool) for tool in ("schemathesis", "suite")]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


def until(results, tool):
    """The median, of those that the tool found."""
    numbers = [result[tool]["until"] for result in results if result[tool]["found"] and result[tool]["until"]]
    return round(statistics.median(numbers)) if numbers else "–"


def rates(results):
    lines = ["| | Schemathesis | the suite |", "|---|---|---|"]
    tools = ("schemathesis", "suite")
    timed = {tool: [r[tool] for r in results if r[tool]["requests"] and r[tool].get("seconds")] for tool in tools}
    rate = {tool: sum(r["requests"] for r in timed[tool]) / sum(r["seconds"] for r in timed[tool]) for tool in tools}
    seconds = {tool: statistics.median(r["seconds"] for r in timed[tool]) for tool in tools}
    lines.append("| requests per second, all runs | " + " | ".join(f"{rate[tool]:.0f}" for tool in tools) + " |")
    lines.append("| seconds for a run, median | " + " | ".join(f"{seconds[tool]:.1f}" for tool in tools) + " |")
    return "\n".join(lines)


def exceptions(results):
    alone = [r["name"] for r in results if r["schemathesis"]["found"] and not r["suite"]["found"]]
    neither = [r["name"] for r in results if not r["schemathesis"]["found"] and not r["suite"]["found"]]
    incomplete = sum(r["suite"]["code"] not in (0, 1) for r in results)
    text = f"\nFound by Schemathesis alone: {', '.join(alone) or 'none'}.\n\n"
    text += f"Runs of the suite that ended neither passed nor failed: {incomplete}.\n\nFound by neither: {len(neither)}\n\n"
    return text + "".join(f"- {name}\n" for name in neither)
