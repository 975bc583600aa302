//! What a property is. No I/O here: a property is a pure function over what was known, what was asked and answered.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use descope_mcp_openapi::Document;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::Call;
pub use crate::capability::Capability;
use crate::invisible;
use crate::json::{Difference, Members};
use crate::labels::{ClientLabel, ServerLabel};
use crate::model::effect::Effect;
use crate::model::semantics::{Seen, ShownRecords, Sighting};
use crate::model::{InterferingEvent, Model, Record, Trust};
use crate::plan::Action;
use crate::plan::ask::Ask;
use crate::wire::exchange::{Answer, Exchange};

/// A rule that every correct target follows, with its source and the function that judges it.
pub struct Property {
    /// Permanent id, `resource/operation/what-holds`. Never reused, never renamed.
    pub id: &'static str,
    /// The rule in one sentence.
    pub sentence: &'static str,
    /// How much a broken property counts.
    pub level: Level,
    /// The facts that the rule rests on: ids of rows of `docs/facts.md`, after the basis that they have.
    pub source: &'static str,
    /// What the target must be able to do before the rule can apply.
    pub needs: Option<Capability>,
    /// Whether a failure may be a delay: if so, the request is repeated within the consistency window before it counts.
    pub eventually: bool,
    /// Judges one moment of a run.
    pub judge: fn(&Moment<'_>) -> Verdict,
}

/// How much a broken property counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Documented, required by a standard, or observed on the live API.
    Must,
    /// The official SDKs rely on it, or any reasonable server does it.
    Should,
    /// Our assumption: reported, but fails a run only with `--strict`.
    Info,
}

/// One request of a run with what was known before and after it.
pub struct Moment<'a> {
    /// What was known before.
    pub before: &'a Model,
    /// What was asked.
    pub call: &'a Call,
    /// What came of it.
    pub exchange: &'a Exchange,
    /// What is known now.
    pub after: &'a Model,
    /// The API document.
    pub document: &'a Document,
    /// How long a secret may work after its rotation.
    pub rotation_grace: Duration,
}

/// What a property says of a moment.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The rule applied and was kept.
    Holds,
    /// The rule applied and was broken.
    Broken(Why),
    /// The rule has nothing to say here.
    DoesNotApply,
}

/// How a rule was broken.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    /// What the property expects.
    pub expected: String,
    /// What the target did.
    pub actual: String,
    /// The members of records that this is about, as JSON pointers without positions in lists.
    pub members: Vec<String>,
}

/// A record that a request looked at: what was known of it, and what the answer shows.
pub struct Look<'a> {
    /// The record in words.
    pub subject: String,
    /// What was known of it.
    pub record: &'a Record,
    /// Its members as shown, or `None` if the answer says that it does not exist.
    pub shown: Option<&'a Members>,
}

/// What is to blame if something is not as it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspect {
    /// Nothing happened since: the answer that shows it is.
    TheAnswer,
    /// This happened since and nothing else.
    Event(InterferingEvent),
    /// More than one of the events since, or the answer that shows it.
    Several,
}

impl Suspect {
    /// The suspect after these events. `confirmed` says that such an answer was right before they happened.
    pub fn of(since: &BTreeSet<InterferingEvent>, confirmed: bool) -> Self {
        match (since.len(), since.first()) {
            (0, _) => Self::TheAnswer,
            (1, Some(event)) if confirmed => Self::Event(*event),
            _ => Self::Several,
        }
    }

    /// The verdict on this suspect after these events, if `found` is the one on what they left. After several events, it is
    /// not known which of them made a change; but what is as it was before shows that none of them did.
    pub fn verdict(self, since: &BTreeSet<InterferingEvent>, confirmed: bool, found: Verdict) -> Verdict {
        let is_among_them = || confirmed && matches!(self, Self::Event(event) if since.contains(&event));
        if self == Self::of(since, confirmed) {
            found
        } else if is_among_them() && matches!(found, Verdict::Holds) {
            Verdict::Holds
        } else {
            Verdict::DoesNotApply
        }
    }
}

impl Verdict {
    /// Broken, in the words given.
    pub fn broken(expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self::Broken(Why { expected: expected.into(), actual: actual.into(), members: Vec::new() })
    }

    /// The same, about these members of a record, given as JSON pointers.
    #[must_use]
    pub fn about<P: AsRef<str>>(self, members: impl IntoIterator<Item = P>) -> Self {
        match self {
            Self::Broken(why) => {
                let members = members.into_iter().map(|pointer| without_positions(pointer.as_ref()));
                Self::Broken(Why { members: members.collect(), ..why })
            }
            Self::Holds | Self::DoesNotApply => self,
        }
    }

    /// The same, for a comparison of what is at this JSON pointer in two records.
    #[must_use]
    pub fn inside(self, pointer: &str) -> Self {
        match &self {
            Self::Broken(why) => {
                let members: Vec<_> = why.members.iter().map(|member| format!("{pointer}{member}")).collect();
                self.about(members)
            }
            Self::Holds | Self::DoesNotApply => self,
        }
    }

    /// Holds or broken by a comparison of two records, or of what is at the same place in them.
    pub fn from_comparison(subject: impl fmt::Display, result: Result<(), Difference>) -> Self {
        match result {
            Ok(()) => Self::Holds,
            Err(Difference { pointer, expected, actual }) => {
                let place = if pointer.is_empty() { String::new() } else { format!(" {pointer}") };
                let hidden = match (expected.as_str(), actual.as_str()) {
                    (Some(one), Some(other)) => invisible::kind(one, other),
                    _ => None,
                };
                // What a reader cannot see is spelled out, and named.
                let shown = |value: &Value| match (hidden, value.as_str()) {
                    (Some(_), Some(text)) => format!("\"{}\"", invisible::escaped(text)),
                    _ => quote(value),
                };
                let differ = hidden.map(|kind| format!(" (they differ only in {kind})")).unwrap_or_default();
                Self::broken(
                    format!("{subject}{place} = {}", shown(&expected)),
                    format!("{subject}{place} = {}{differ}", shown(&actual)),
                )
                .about([pointer])
            }
        }
    }

    /// Holds if `kept`, else broken in the words given.
    pub fn of(kept: bool, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        if kept { Self::Holds } else { Self::broken(expected, actual) }
    }

    /// The first breach among several verdicts; else holds if any of them does.
    pub fn all(verdicts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::DoesNotApply;
        for verdict in verdicts {
            match verdict {
                Self::Broken(_) => return verdict,
                Self::Holds => all = Self::Holds,
                Self::DoesNotApply => {}
            }
        }
        all
    }
}

/// A JSON pointer without positions in lists: the same for all items of a list.
fn without_positions(pointer: &str) -> String {
    let is_position = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let names = pointer.split('/').filter(|part| !is_position(part));
    names.collect::<Vec<_>>().join("/")
}

fn quote(value: &Value) -> String {
    if value.is_null() { "nothing".to_owned() } else { value.to_string() }
}

impl<'a> Moment<'a> {
    /// What was asked, if it was asked rightly and by itself.
    pub fn rightly(&self) -> Option<&'a Action> {
        let step = &self.call.step;
        (step.fault.is_none() && step.at_once.is_none()).then_some(&step.action)
    }

    /// What was asked, if it was asked rightly and at the same time as something else. What was known before does not
    /// say what the answer must be.
    pub fn at_once(&self) -> Option<&'a Action> {
        let step = &self.call.step;
        (step.fault.is_none() && step.at_once.is_some()).then_some(&step.action)
    }

    /// What was asked of an authorization server.
    pub fn asked(&self) -> Option<&'a Ask> {
        let Some(Action::Ask(ask)) = self.rightly() else { return None };
        Some(ask)
    }

    /// What it does that was asked, if it was asked rightly and by itself.
    pub fn effect(&self) -> Option<Effect<'a>> {
        self.rightly().map(|action| action.semantics().effect)
    }

    /// The records in a successful answer, if it was asked rightly and by itself.
    pub fn shows(&self) -> ShownRecords {
        self.rightly().map_or(ShownRecords::Nothing, |action| action.semantics().shows)
    }

    /// The JSON body of a success.
    pub fn success(&self) -> Option<&'a Value> {
        self.exchange.success()
    }

    /// The answer, unless it is a success with a body that cannot be read: that does not say what was done.
    pub fn readable_answer(&self) -> Option<&'a Answer> {
        self.exchange.answer().filter(|_| !self.call.asked().is_unreadable(self.exchange))
    }

    /// The records that a rightly asked read looked at and that the plan made, with what the answer shows of them.
    /// Lists show only what is in them: that something is missing from a list is judged by properties of the list.
    pub fn looks(&self) -> Vec<Look<'a>> {
        let server = |label: ServerLabel| {
            let record = self.before.servers.get(&label)?;
            Some((label.to_string(), record))
        };
        let client = |label: ClientLabel| {
            let client = self.before.clients.get(&label)?;
            Some((label.to_string(), &client.record))
        };
        let one = |looked_at: Option<(String, &'a Record)>| {
            let Some((subject, record)) = looked_at else { return Vec::new() };
            let shown = match self.call.sightings(self.exchange).first() {
                Some(Sighting::Server(_, members) | Sighting::Client(_, members)) => Some(*members),
                None if self.exchange.refusal().is_some() => None,
                None => return Vec::new(),
            };
            vec![Look { subject, record, shown }]
        };
        match self.shows() {
            ShownRecords::Nothing
            | ShownRecords::Server(_, Seen::Written)
            | ShownRecords::Client(_, Seen::Written) => Vec::new(),
            ShownRecords::Server(label, Seen::Loaded | Seen::LoadedByAnotherWay) => one(server(label)),
            ShownRecords::Client(label, Seen::Loaded | Seen::LoadedByAnotherWay) => one(client(label)),
            ShownRecords::Servers | ShownRecords::Clients => {
                let known = |sighting| {
                    let (looked_at, shown) = match sighting {
                        Sighting::Server(id, shown) => (server(self.before.server_with_id(id)?), shown),
                        Sighting::Client(id, shown) => (client(self.before.client_with_id(id)?), shown),
                    };
                    let (subject, record) = looked_at?;
                    Some(Look { subject, record, shown: Some(shown) })
                };
                self.call.sightings(self.exchange).into_iter().filter_map(known).collect()
            }
        }
    }

    /// Judges a record that was loaded, if what happened to it since it was last seen leaves that suspect: it must be as
    /// it was.
    pub fn loaded_as_before(&self, suspect: Suspect) -> Verdict {
        match self.shows() {
            ShownRecords::Server(_, Seen::Loaded) | ShownRecords::Client(_, Seen::Loaded) => {
                let looks = self.looks();
                Verdict::all(looks.iter().map(|look| {
                    let confirmed = look.record.trust == Trust::Confirmed;
                    suspect.verdict(&look.record.since, confirmed, look.agreement())
                }))
            }
            ShownRecords::Nothing
            | ShownRecords::Server(_, Seen::Written | Seen::LoadedByAnotherWay)
            | ShownRecords::Client(_, Seen::Written | Seen::LoadedByAnotherWay)
            | ShownRecords::Servers
            | ShownRecords::Clients => Verdict::DoesNotApply,
        }
    }

    /// Judges every record looked at by another way than its own load: in a list, or by its client id. What nobody
    /// disputes must be the same there.
    pub fn same_by_another_way(&self) -> Verdict {
        let looks = self.looks();
        let certain = |look: &&Look<'_>| {
            let Record { since, trust, .. } = look.record;
            since.is_empty() && *trust != Trust::Disputed && look.record.seen().is_some()
        };
        Verdict::all(looks.iter().filter(certain).map(Look::agreement))
    }
}

impl Look<'_> {
    /// Whether what is shown is what was known.
    pub fn agreement(&self) -> Verdict {
        if !self.record.is_alive() {
            return Verdict::DoesNotApply;
        }
        let Some(shown) = self.shown else {
            return Verdict::broken(
                format!("{} exists", self.subject),
                format!("{} does not exist", self.subject),
            );
        };
        match self.record.agrees_with(shown) {
            None => Verdict::DoesNotApply,
            Some(agreement) => Verdict::from_comparison(&self.subject, agreement),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Info => "info",
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_breach_names_its_members_alike_wherever_they_are_in_a_list_or_in_a_record() {
        let members = |verdict: Verdict| match verdict {
            Verdict::Broken(why) => why.members,
            other => panic!("{other:?}"),
        };
        let compared =
            |one: Value, other: Value| Verdict::from_comparison("server 1", crate::json::same(&one, &other));
        let whole = compared(json!({"a": [{"b": 1}, {"b": 2}]}), json!({"a": [{"b": 1}, {"b": 3}]}));
        let part = compared(json!([{"b": 1}]), json!([{"b": 2}])).inside("/a");
        assert_eq!(members(whole), ["/a/b"]);
        assert_eq!(members(part), ["/a/b"]);
        assert_eq!(members(compared(json!("a"), json!("b")).inside("/name")), ["/name"]);
        let two = Verdict::broken("one", "other").about(["/a/0/b", "/c"]);
        assert_eq!(members(two), ["/a/b", "/c"]);
        assert!(members(Verdict::broken("one", "other")).is_empty());
    }

    #[test]
    fn a_difference_that_nobody_sees_is_spelled_out_and_named() {
        let compared = |expected: &str, actual: &str| {
            let (pointer, expected, actual) = ("/name".to_owned(), json!(expected), json!(actual));
            match Verdict::from_comparison("server 1", Err(Difference { pointer, expected, actual })) {
                Verdict::Broken(Why { expected, actual, .. }) => (expected, actual),
                other => panic!("{other:?}"),
            }
        };
        let (expected, actual) = compared("e\u{301}", "\u{e9}");
        assert_eq!(expected, r#"server 1 /name = "e\u{301}""#);
        let named = "they differ only in their Unicode normal form";
        assert_eq!(actual, format!(r#"server 1 /name = "\u{{e9}}" ({named})"#));
        assert_eq!(
            compared("żółw", "lew"),
            (r#"server 1 /name = "żółw""#.into(), r#"server 1 /name = "lew""#.into())
        );
    }
}
