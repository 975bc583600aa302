use super::{PAGE, check_texts};

/// A page with a fact, an open question and a source that are as they should be.
const GOOD: &str = "\
| <a id=\"fact/one\"></a>`fact/one` | One is one. | documented | `guide` section 1 |
| <a id=\"fact/two\"></a>`fact/two` | Two is two. | assumed | after `fact/one` |
| <a id=\"question/three\"></a>`question/three` | Is three three? | nothing | variant `three`, observation `a/three` |

## Sources

| `guide` | The guide | <https://example.com/> | 2026-11-27 |
";

/// Code that asks the question of the page.
const SWITCHES: (&str, &str) = (
    "emulator/src/variants/switches.rs",
    "three Three \"three\" {\n    question_id: \"question/three\",\n    question: \"is three three?\",\n}\n",
);
const OBSERVATIONS: (&str, &str) = (
    "conformance/src/observations.rs",
    "Observation {\n    id: \"a/three\",\n    question_id: \"question/three\",\n},\n",
);

/// What is found in a page and in files beside the code that asks its question.
fn found(page: &str, files: &[(&str, &str)]) -> Vec<String> {
    let files = files.iter().chain(&[SWITCHES, OBSERVATIONS]);
    let files: Vec<_> = files.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    check_texts(page, &files).iter().map(ToString::to_string).collect()
}

/// That there is one finding, with these words in it.
fn assert_one(findings: &[String], words: &[&str]) {
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert!(words.iter().all(|word| findings[0].contains(word)), "{words:?} in {}", findings[0]);
}

#[test]
fn facts_that_nothing_cites_are_fine() {
    assert_eq!(found(GOOD, &[]), Vec::<String>::new());
}

#[test]
fn an_id_that_the_page_lacks_is_found_wherever_it_stands() {
    for (file, text) in [
        ("openapi/x.yaml", "a: 1\nx-source: fact/one, fact/none\n"),
        ("generated/src/x.rs", "\n/// As `fact/none` says.\n"),
        ("docs/x.md", "\n[`fact/none`](facts.md#fact/one)\n"),
        ("README.md", "\nsee question/none.\n"),
    ] {
        let place = format!("{file}:2: ");
        assert_one(&found(GOOD, &[(file, text)]), &[&place, "/none` is not in docs/facts.md", "add a row"]);
    }
    let page = GOOD.replace("after `fact/one`", "after `fact/none`");
    assert_one(&found(&page, &[]), &["docs/facts.md:2: `fact/none` is not in"]);
}

#[test]
fn what_only_looks_like_an_id_is_left_alone() {
    let text =
        "an artifact/one, https://x.example/fact/none, fact/…, `fact/`, fact/X, src/question/none.rs\n";
    assert_eq!(found(GOOD, &[("README.md", text)]), Vec::<String>::new());
}

#[test]
fn an_id_with_two_rows_is_found_at_the_second() {
    let page = GOOD.replace("fact/two", "fact/one");
    assert_one(
        &found(&page, &[]),
        &["docs/facts.md:2: `fact/one` has a row already, in line 1", "id of its own"],
    );
}

#[test]
fn a_row_needs_its_anchor_an_id_in_lower_case_and_four_cells() {
    for (from, to, message) in [
        ("<a id=\"fact/two\"></a>", "", "begin it with `<a id=\"fact/two\"></a>`"),
        ("<a id=\"fact/two\">", "<a id=\"fact/too\">", "begin it with `<a id=\"fact/two\"></a>`"),
        ("fact/two", "fact/two-", "`fact/two-` is no id"),
        ("Two is two. | ", "", "3 cells instead of 4"),
    ] {
        assert_one(&found(&GOOD.replace(from, to), &[]), &["docs/facts.md:2: ", message]);
    }
}

#[test]
fn a_fact_has_a_basis_and_names_sources_of_the_table() {
    for (from, to, message) in [
        ("| documented |", "| certain |", "`certain` is no basis"),
        ("`guide` section 1", "`guid` section 1", "`guid` is not in the table of sources"),
        ("`guide` section 1", "the guide", "no source"),
    ] {
        assert_one(&found(&GOOD.replace(from, to), &[]), &["docs/facts.md:1: ", message]);
    }
}

#[test]
fn a_source_has_one_row_with_an_address_and_a_date() {
    let row = "| `guide` | The guide | <https://example.com/> | 2026-11-27 |\n";
    for (replacement, message) in [
        (row.replace("<https://example.com/>", ""), "no address"),
        (row.replace("2026-11-27", "lately"), "`lately` is no date"),
        (row.replace("2026-11-27", "2026-13-27"), "`2026-13-27` is no date"),
        (row.replace("| The guide ", ""), "3 cells instead of 4"),
        (format!("{row}{row}"), "`guide` has a row already"),
    ] {
        assert_one(&found(&GOOD.replace(row, &replacement), &[]), &["docs/facts.md:", message]);
    }
}

#[test]
fn an_open_question_has_a_variant_an_observation_or_a_reason() {
    let row = |shown: &str| {
        format!("| <a id=\"question/four\"></a>`question/four` | Is four four? | nothing | {shown} |\n{GOOD}")
    };
    let words =
        ["docs/facts.md:1: `question/four` has neither a variant nor an observation", "CONTRIBUTING.md"];
    assert_one(&found(&row(""), &[]), &words);
    assert_one(&found(&row("neither: "), &[]), &words);
    assert_eq!(found(&row("neither: nobody can ask"), &[]), Vec::<String>::new());
    assert_one(&found(&row("somewhere"), &[]), &["docs/facts.md:1: `somewhere`"]);
}

#[test]
fn the_row_of_a_question_and_the_code_that_asks_it_agree() {
    let without = GOOD.replace("variant `three`, ", "");
    assert_one(
        &found(&without, &[]),
        &["emulator/src/variants/switches.rs:2: variant `three` asks `question/three`", "docs/facts.md:3"],
    );
    let more = GOOD.replace("variant `three`", "variant `three`, variant `four`");
    assert_one(&found(&more, &[]), &["docs/facts.md:3: variant `four` does not ask `question/three`"]);
    let neither = GOOD.replace("variant `three`, observation `a/three`", "neither: nobody can ask");
    let findings = found(&neither, &[]);
    assert_eq!(findings.len(), 2, "{findings:#?}");
    assert!(
        findings[0].starts_with("conformance/src/observations.rs:3: observation `a/three` asks"),
        "{findings:#?}"
    );
    let one_line =
        ("conformance/src/x.rs", "Observation { id: \"a/more\", question_id: \"question/three\" },\n");
    assert_one(&found(GOOD, &[one_line]), &["conformance/src/x.rs:1: observation `a/more` asks"]);
}

#[test]
fn the_word_before_an_id_is_the_basis_of_the_fact() {
    for (file, text) in [
        ("conformance/src/x.rs", "\nsource: \"assumed: fact/two; standard: fact/two, fact/one\",\n"),
        ("openapi/x.yaml", "x-basis: standard\nx-source: fact/two, fact/one\n"),
    ] {
        let findings = found(GOOD, &[(file, text)]);
        assert_eq!(findings.len(), 2, "{findings:#?}");
        let place = format!("{file}:2: ");
        assert!(findings.iter().all(|finding| finding.starts_with(&place)), "{findings:#?}");
        assert!(findings.iter().any(|finding| finding.contains("`fact/one` is documented, not standard")));
        assert!(findings.iter().any(|finding| finding.contains("`fact/two` is assumed, not standard")));
    }
    let right = [
        ("conformance/src/x.rs", "source: \"documented: fact/one; assumed: fact/two\",\n"),
        ("openapi/x.yaml", "x-basis: documented\nx-source: fact/one\n"),
    ];
    assert_eq!(found(GOOD, &right), Vec::<String>::new());
}

#[test]
fn a_page_without_rows_is_no_page_of_facts() {
    assert_one(
        &check_texts("# Facts\n", &[]).iter().map(ToString::to_string).collect::<Vec<_>>(),
        &[PAGE, "no fact"],
    );
}
