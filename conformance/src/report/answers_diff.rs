//! How the answers of two targets differ, or those of one target at two times, in words. No I/O here.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::Verdict;
use super::answers::{Answers, Kind, Question};
use super::wording::count;
use crate::text::printable;

/// Answers with the name by which the comparison calls them.
pub struct Named<'a> {
    /// Its name, such as that of the file.
    pub name: &'a str,
    /// The answers.
    pub answers: &'a Answers,
}

/// How two sets of answers differ.
#[derive(Debug, PartialEq)]
pub struct Comparison<'a> {
    /// Questions that both answer, and not in the same way.
    questions: Vec<(&'a str, &'a Question, &'a Question)>,
    /// Properties that hold on one and are broken on the other.
    properties: Vec<(&'a str, Verdict, Verdict)>,
    /// The number of questions that both answer in the same way.
    alike: usize,
    /// Questions that only the first answers.
    only_first: Vec<&'a str>,
    /// Questions that only the second answers.
    only_second: Vec<&'a str>,
}

impl<'a> Comparison<'a> {
    /// Compares two sets of answers. A question that only one of them answers is no difference: the other run may not have
    /// asked it.
    pub fn new(first: &'a Answers, second: &'a Answers) -> Self {
        let ids: BTreeSet<&str> =
            first.questions.keys().chain(second.questions.keys()).map(String::as_str).collect();
        let mut comparison = Self {
            questions: Vec::new(),
            properties: Vec::new(),
            alike: 0,
            only_first: Vec::new(),
            only_second: Vec::new(),
        };
        for id in ids {
            match (answered(&first.questions, id), answered(&second.questions, id)) {
                (Some(one), Some(other)) if one.answers == other.answers => comparison.alike += 1,
                (Some(one), Some(other)) => comparison.questions.push((id, one, other)),
                (Some(_), None) => comparison.only_first.push(id),
                (None, Some(_)) => comparison.only_second.push(id),
                (None, None) => {}
            }
        }
        for (id, one) in &first.properties {
            let Some(other) = second.properties.get(id) else { continue };
            if let (Verdict::Pass, Verdict::Fail) | (Verdict::Fail, Verdict::Pass) = (one, other) {
                comparison.properties.push((id, *one, *other));
            }
        }
        comparison
    }

    /// Whether something differs.
    pub fn differs(&self) -> bool {
        !self.questions.is_empty() || !self.properties.is_empty()
    }

    /// Writes it in words.
    pub fn write(&self, first: &Named<'_>, second: &Named<'_>, to: &mut impl Write) -> io::Result<()> {
        let width = first.name.chars().count().max(second.name.chars().count());
        let listed = |ids: &[&str]| ids.iter().map(|id| printable(id)).collect::<Vec<_>>().join(", ");
        for Named { name, answers } in [first, second] {
            let Answers { suite, target, date, profile, seed, .. } = answers;
            let [suite, date, profile] = [suite, date, profile].map(|text| printable(text));
            let target = kind(*target);
            writeln!(
                to,
                "{name:<width$}  {target}, {date}, {profile}, seed {seed}, version {suite} of the suite"
            )?;
        }
        for (id, one, other) in &self.questions {
            let [id, fact, text] = [*id, &one.fact, &one.question].map(printable);
            writeln!(to, "\n{id} ({fact})\n  {text}")?;
            for (named, question) in [(first, one), (second, other)] {
                writeln!(to, "  {:<width$}  {}", named.name, printable(&question.answers.join("; ")))?;
            }
        }
        for (id, one, other) in &self.properties {
            writeln!(to, "\n{} (property)", printable(id))?;
            for (named, verdict) in [(first, one), (second, other)] {
                let word = if *verdict == Verdict::Pass { "holds" } else { "is broken" };
                writeln!(to, "  {:<width$}  {word}", named.name)?;
            }
        }
        for (named, ids) in [(first, &self.only_first), (second, &self.only_second)] {
            if !ids.is_empty() {
                writeln!(to, "\nanswered in {} only: {}", named.name, listed(ids))?;
            }
        }
        let differing = count(self.questions.len() as u64, "question");
        let verb = if self.questions.len() == 1 { "is" } else { "are" };
        writeln!(to, "\n{differing} {verb} answered differently, {} alike", self.alike)?;
        match self.properties.len() as u64 {
            0 => Ok(()),
            1 => writeln!(to, "1 property holds in one only"),
            many => writeln!(to, "{} hold in one only", count(many, "property")),
        }
    }
}

fn answered<'a>(questions: &'a BTreeMap<String, Question>, id: &str) -> Option<&'a Question> {
    questions.get(id).filter(|question| !question.answers.is_empty())
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::EmbeddedEmulator => "the embedded emulator",
        Kind::ThisMachine => "a server on the machine of the suite",
        Kind::Descope => "Descope",
        Kind::Elsewhere => "another server",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(date: &str, questions: &[(&str, &[&str])], properties: &[(&str, Verdict)]) -> Answers {
        let question = |(id, answers): &(&str, &[&str])| {
            let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
            let question =
                Question { question: format!("{id}?"), fact: "question/total".to_owned(), answers };
            ((*id).to_owned(), question)
        };
        Answers {
            format: 1,
            suite: "0.1.0".to_owned(),
            target: Kind::Descope,
            date: date.to_owned(),
            profile: "smoke".to_owned(),
            seed: 1,
            questions: questions.iter().map(question).collect(),
            properties: properties.iter().map(|(id, verdict)| ((*id).to_owned(), *verdict)).collect(),
        }
    }

    fn said(first: &Answers, second: &Answers) -> (bool, String) {
        let comparison = Comparison::new(first, second);
        let mut text = Vec::new();
        let named = |name, answers| Named { name, answers };
        comparison.write(&named("a", first), &named("b", second), &mut text).unwrap();
        (comparison.differs(), String::from_utf8(text).unwrap())
    }

    #[test]
    fn what_differs_is_told_with_both_answers() {
        let first = answers(
            "2026-11-28",
            &[("x", &["yes"]), ("same", &["1", "2"]), ("gone", &["yes"]), ("never", &[])],
            &[("p", Verdict::Pass), ("q", Verdict::Fail), ("r", Verdict::Untested)],
        );
        let second = answers(
            "2026-12-28",
            &[("x", &["no", "yes"]), ("same", &["1", "2"]), ("new", &["yes"]), ("gone", &[])],
            &[("p", Verdict::Fail), ("q", Verdict::Fail), ("r", Verdict::Pass)],
        );
        let (differs, text) = said(&first, &second);
        assert!(differs);
        assert_eq!(
            text,
            "a  Descope, 2026-11-28, smoke, seed 1, version 0.1.0 of the suite\n\
             b  Descope, 2026-12-28, smoke, seed 1, version 0.1.0 of the suite\n\n\
             x (question/total)\n  x?\n  a  yes\n  b  no; yes\n\n\
             p (property)\n  a  holds\n  b  is broken\n\n\
             answered in a only: gone\n\nanswered in b only: new\n\n\
             1 question is answered differently, 1 alike\n1 property holds in one only\n"
        );
    }

    #[test]
    fn nothing_from_a_file_can_change_the_terminal() {
        let evil = "\u{1b}[2J";
        let first = answers(evil, &[(evil, &[evil]), ("gone\u{1b}", &["x"])], &[(evil, Verdict::Pass)]);
        let second = answers("2026-12-28", &[(evil, &["x"])], &[(evil, Verdict::Fail)]);
        let (differs, text) = said(&first, &second);
        assert!(differs && !text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn what_only_one_of_them_answers_is_no_difference() {
        let first =
            answers("2026-11-28", &[("x", &["yes"]), ("y", &["no"])], &[("p", Verdict::NotApplicable)]);
        let second = answers("2026-12-28", &[("x", &["yes"])], &[("p", Verdict::Pass)]);
        let (differs, text) = said(&first, &second);
        assert!(!differs, "{text}");
        assert!(
            text.ends_with("answered in a only: y\n\n0 questions are answered differently, 1 alike\n"),
            "{text}"
        );
    }
}
