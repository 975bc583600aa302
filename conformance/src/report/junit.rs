//! The report as JUnit XML: one test case for each property, one suite for each resource.

use std::io::{self, Write};
use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::{Failure, PropertyReport, Report, Verdict, wording};

/// Writes the report. What fails the run is a failure, what was never exercised an error; what is broken and does not
/// fail the run, because of its level or of the baseline, is skipped with the reason.
pub(crate) fn write(report: &Report, to: &mut impl Write) -> io::Result<()> {
    let mut document = quick_junit::Report::new("descope-mcp-conformance");
    document.set_time(Duration::from_millis(report.elapsed_ms));
    for (resource, properties) in report.resources() {
        let mut suite = TestSuite::new(resource);
        for property in properties {
            let mut case = TestCase::new(property.id, status(report, property));
            case.set_classname(resource);
            suite.add_test_case(case);
        }
        suite.add_property(("target", report.target.as_str()));
        suite.add_property(("seed", report.seed.to_string().as_str()));
        document.add_test_suite(suite);
    }
    document.serialize(to).map_err(io::Error::other)
}

fn status(report: &Report, property: &PropertyReport) -> TestCaseStatus {
    let finding = wording::finding(report, property);
    let mut status = match property.verdict {
        Verdict::Pass => return TestCaseStatus::success(),
        Verdict::Fail if property.level <= report.fails_from => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        Verdict::UnexpectedPass => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Untested => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Fail | Verdict::ExpectedFail | Verdict::NotApplicable => TestCaseStatus::skipped(),
    };
    status.set_type(property.level.to_string());
    match &property.failure {
        Some(failure) => {
            let Failure { expected, actual, .. } = failure;
            status.set_message(format!("{} Expected {expected}, got {actual}.", property.sentence));
            status.set_description(details(report, property, failure, &finding));
        }
        None => {
            status.set_message(format!("{} {finding}", property.sentence));
        }
    }
    status
}

fn details(report: &Report, property: &PropertyReport, failure: &Failure, finding: &str) -> String {
    let mut text = format!("{}\n{}\n{finding}\n\nsteps\n", property.sentence, property.source);
    for (number, step) in failure.steps.iter().enumerate() {
        text += &format!("  {}. {step}\n", number + 1);
    }
    if let Some(cut_down) = wording::cut_down(report, property, failure) {
        text += &format!("  ({cut_down})\n");
    }
    text += &format!("expected {}\nactual   {}\n", failure.expected, failure.actual);
    if let Some(last) = failure.exchanges.last() {
        let status = last.status.map(|status| format!("{status} ")).unwrap_or_default();
        text += &format!("answer   {status}{}\n", last.answer);
        if let Some(note) = wording::of_curl_lines(std::slice::from_ref(last)) {
            text += &format!("note     {note}\n");
        }
        text += &format!("curl     {}\n", last.curl);
    }
    if let Some(cause) = property.follows_from {
        text += &format!("follows from {cause}\n");
    }
    if let Some(repeat) = &failure.repeat {
        text += &format!("repeat   {repeat}\n");
    }
    text
}
