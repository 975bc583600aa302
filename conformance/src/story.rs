//! Unit tests of properties without a network: a story is a list of steps with the answers that a target might give.

use std::time::{Duration, Instant};

use bytes::Bytes;
use descope_mcp_openapi::Document;
use serde_json::{Value, json};

use crate::call::Call;
use crate::json::Members;
use crate::model::Model;
use crate::observations;
use crate::plan::ask::Ask;
use crate::plan::{Action, ClientLabel, Fault, LoadBy, ServerLabel, Step};
use crate::properties::nearly_deleted;
use crate::properties::property::{Moment, Verdict};
use crate::properties::registry;
use crate::wire::exchange::{Answer, Exchange, Outcome};
use crate::wire::request::{PROJECT, Request};
use crate::wire::run_mark::RunMark;

/// The first server of a story; its id is `MS1`.
pub(crate) const S1: ServerLabel = ServerLabel(1);
/// The second server of a story; its id is `MS2`.
pub(crate) const S2: ServerLabel = ServerLabel(2);
/// The first client record of a story; its id is `TPA1`, its client id `c1`, its secret [`secret`]`(1)`.
pub(crate) const C1: ClientLabel = ClientLabel(1);
/// The second client record of a story.
pub(crate) const C2: ClientLabel = ClientLabel(2);

/// Steps taken and what is known after them.
#[derive(Default, Clone)]
pub(crate) struct Story {
    /// What is known now.
    pub(crate) model: Model,
    /// How long a secret may work after its rotation.
    pub(crate) rotation_grace: Duration,
    /// How many times in a row the request of the next step failed before.
    pub(crate) failed_before: u32,
    /// How much later than now the next step is taken.
    pub(crate) later: Duration,
}

/// What the properties say of the last step.
pub(crate) struct Judged {
    rotation_grace: Duration,
    /// Ids of those that held.
    pub(crate) held: Vec<&'static str>,
    /// Ids of those that were broken.
    pub(crate) broken: Vec<&'static str>,
}

impl Story {
    /// Takes a step that is answered so.
    pub(crate) fn step(&mut self, action: Action, status: u16, body: Value) -> Judged {
        self.take(action.into(), status, "application/json", body)
    }

    /// Takes a step that is asked wrongly and answered so.
    pub(crate) fn wrongly(&mut self, fault: Fault, action: Action, status: u16, body: Value) -> Judged {
        self.take(Step { fault: Some(fault), ..action.into() }, status, "application/json", body)
    }

    /// Takes a step that is answered with success and a page for people.
    pub(crate) fn unreadable(&mut self, step: Step) -> Judged {
        let before = self.model.clone();
        let (call, exchange) = (resolve(&step, &before), unreadable());
        self.model.apply(&call.asked(), &exchange);
        let mut judged = self.judged();
        judged.add(&before, &call, &exchange, &self.model);
        judged
    }

    /// Takes a step that is answered so, and says what it shows about open questions.
    pub(crate) fn observe(&mut self, step: Step, status: u16, body: Value) -> Vec<(&'static str, String)> {
        let before = self.model.clone();
        let (call, exchange) = (resolve(&step, &before), exchange(status, "application/json", body));
        self.model.apply(&call.asked(), &exchange);
        let moment = self.moment(&before, &call, &exchange);
        let seen = observations::ALL.iter().map(|open| (open.id, (open.see)(&moment)));
        seen.filter_map(|(id, answer)| Some((id, answer?))).collect()
    }

    /// Asks an authorization server, which answers with these headers instead of the usual ones.
    pub(crate) fn ask(&mut self, ask: Ask, status: u16, headers: &[(&str, &str)], body: Value) -> Judged {
        let before = self.model.clone();
        let call = resolve(&Action::Ask(ask).into(), &before);
        let mut exchange = exchange(status, "application/json", body);
        exchange.sent_at += self.later;
        if let (Request::Web(request), Outcome::Answered(answer)) = (&call.request, &mut exchange.outcome) {
            exchange.path = request.path.replace(PROJECT, "P1");
            let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            answer.headers = headers.collect();
        }
        self.model.apply(&call.asked(), &exchange);
        let mut judged = self.judged();
        judged.add(&before, &call, &exchange, &self.model);
        judged
    }

    /// Takes steps at the same time that are answered so.
    pub(crate) fn at_once(&mut self, steps: Vec<(Action, u16, Value)>) -> Judged {
        let before = self.model.clone();
        let group = steps.into_iter().map(|(action, status, body)| {
            (at_once(action, &before), exchange(status, "application/json", body))
        });
        self.judge_at_once(&before, group.collect())
    }

    /// Takes two steps at the same time, of which the second is answered with success and a page for people.
    pub(crate) fn at_once_unreadable(&mut self, one: (Action, u16, Value), other: Action) -> Judged {
        let before = self.model.clone();
        let (action, status, body) = one;
        let answered = exchange(status, "application/json", body);
        let group = vec![(at_once(action, &before), answered), (at_once(other, &before), unreadable())];
        self.judge_at_once(&before, group)
    }

    fn judge_at_once(&mut self, before: &Model, group: Vec<(Call, Exchange)>) -> Judged {
        let asked: Vec<_> = group.iter().map(|(call, exchange)| (call.asked(), exchange)).collect();
        self.model.apply_at_once(&asked);
        let mut judged = self.judged();
        for (call, exchange) in &group {
            judged.add(before, call, exchange, &self.model);
        }
        judged.held.dedup();
        judged.broken.dedup();
        judged
    }

    /// What a property says of a step that is answered so.
    pub(crate) fn why(&mut self, id: &str, action: Action, status: u16, body: Value) -> Verdict {
        let before = self.model.clone();
        let (call, mut exchange) =
            (resolve(&action.into(), &before), exchange(status, "application/json", body));
        if matches!(call.request, Request::Management(..)) {
            exchange.path = "/v1/mgmt/mcp".to_owned();
            exchange.request_headers.push(("authorization".into(), "Bearer P1:K2-of-the-story".into()));
        }
        self.model.apply(&call.asked(), &exchange);
        let moment = self.moment(&before, &call, &exchange);
        let property = registry::all().find(|property| property.id == id).expect("it is in the registry");
        (property.judge)(&moment)
    }

    /// The moment after an exchange, which the model has taken in.
    fn moment<'a>(&'a self, before: &'a Model, call: &'a Call, exchange: &'a Exchange) -> Moment<'a> {
        Moment {
            before,
            call,
            exchange,
            after: &self.model,
            document: Document::management(),
            rotation_grace: self.rotation_grace,
        }
    }

    fn judged(&self) -> Judged {
        Judged { rotation_grace: self.rotation_grace, held: Vec::new(), broken: Vec::new() }
    }

    /// Takes a step that is answered so, with that content type.
    pub(crate) fn take(&mut self, step: Step, status: u16, content_type: &str, body: Value) -> Judged {
        let before = self.model.clone();
        let (call, mut exchange) = (resolve(&step, &before), exchange(status, content_type, body));
        exchange.sent_at += self.later;
        exchange.failed_before = self.failed_before;
        self.model.apply(&call.asked(), &exchange);
        let mut judged = self.judged();
        judged.add(&before, &call, &exchange, &self.model);
        judged
    }

    /// A story in which a server was made with these members besides its name, as a correct target makes it, and loaded.
    pub(crate) fn with_server(mut self, label: ServerLabel, body: Value) -> Self {
        let record = server(label, body.clone());
        let judged = self.step(
            Action::CreateServer { server: label, body: object(body) },
            200,
            json!({ "server": record }),
        );
        assert_eq!(judged.broken, [""; 0]);
        let judged = self.step(Action::LoadServer { server: label }, 200, json!({ "server": record }));
        assert_eq!(judged.broken, [""; 0]);
        self
    }

    /// A story in which a client record was made with these members besides its name, and loaded with its secret.
    pub(crate) fn with_client(mut self, label: ClientLabel, of: ServerLabel, body: Value) -> Self {
        let n = label.0;
        let create = Action::CreateClient { client: label, server: of, body: object(body.clone()) };
        let made = json!({ "id": format!("TPA{n}"), "clientId": format!("c{n}"), "cleartext": secret(n) });
        let judged = self.step(create, 200, made);
        assert_eq!(judged.broken, [""; 0]);
        let load = Action::LoadClient { client: label, by: LoadBy::Id };
        let judged = self.step(load, 200, json!({ "client": client(label, of, body) }));
        assert_eq!(judged.broken, [""; 0]);
        let judged = self.step(Action::GetSecret { client: label }, 200, json!({ "cleartext": secret(n) }));
        assert_eq!(judged.broken, [""; 0]);
        self
    }
}

/// A server record with these members besides id and name.
pub(crate) fn server(label: ServerLabel, members: Value) -> Value {
    let mut record = json!({ "id": format!("MS{}", label.0), "name": "t" });
    record.as_object_mut().expect("it is an object").extend(object(members));
    record
}

/// A client record with these members besides its ids and name.
pub(crate) fn client(label: ClientLabel, of: ServerLabel, members: Value) -> Value {
    let n = label.0;
    let mut record = json!({ "id": format!("TPA{n}"), "clientId": format!("c{n}"), "mcpServerId": format!("MS{}", of.0), "name": "t" });
    record.as_object_mut().expect("it is an object").extend(object(members));
    record
}

/// A secret that nobody could guess from another: the same for the same number.
pub(crate) fn secret(number: u16) -> String {
    let mut state = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(state % 62) as usize]
    };
    (0..43).map(|_| char::from(next())).collect()
}

/// The members of a JSON object.
pub(crate) fn object(value: Value) -> Members {
    value.as_object().expect("it is an object").clone()
}

fn resolve(step: &Step, model: &Model) -> Call {
    let mark = RunMark { prefix: "t".into(), unmade_server_id: "MSnone".into() };
    Call::resolve(step, model, &mark).expect("the story made what the step is about")
}

fn at_once(action: Action, model: &Model) -> Call {
    resolve(&Step { at_once: Some(1), ..action.into() }, model)
}

/// An answer with success and a page for people.
fn unreadable() -> Exchange {
    let mut exchange = exchange(200, "text/html", Value::Null);
    if let Outcome::Answered(answer) = &mut exchange.outcome {
        (answer.body, answer.json) = (Bytes::from_static(b"<html>Welcome</html>"), None);
    }
    exchange
}

fn exchange(status: u16, content_type: &str, body: Value) -> Exchange {
    let answer = Answer {
        status,
        headers: vec![
            ("content-type".into(), content_type.into()),
            ("cache-control".into(), "no-store".into()),
        ],
        body: Bytes::from(body.to_string()),
        json: Some(body),
    };
    Exchange {
        number: 1,
        method: "POST",
        path: String::new(),
        request_headers: Vec::new(),
        authorization: "",
        request_body: Bytes::new(),
        outcome: Outcome::Answered(answer),
        sent_at: Instant::now(),
        elapsed: Duration::ZERO,
        after_unclear_try: false,
        failed_before: 0,
        retry_after: None,
    }
}

impl Judged {
    fn add(&mut self, before: &Model, call: &Call, exchange: &Exchange, after: &Model) {
        let document = Document::management();
        let moment = Moment { before, call, exchange, after, document, rotation_grace: self.rotation_grace };
        for property in registry::all() {
            match nearly_deleted::verdict(property, &moment) {
                Verdict::Holds => self.held.push(property.id),
                Verdict::Broken(_) => self.broken.push(property.id),
                Verdict::DoesNotApply => {}
            }
        }
    }

    /// Asserts that this property, and no other, is broken.
    pub(crate) fn breaks(&self, id: &str) {
        assert_eq!(self.broken, [id]);
    }

    /// Asserts that this property holds and none is broken.
    pub(crate) fn keeps(&self, id: &str) {
        assert_eq!(self.broken, [""; 0]);
        assert!(self.held.contains(&id), "{id} does not apply; these hold: {:?}", self.held);
    }

    /// Asserts that this property has nothing to say and none is broken.
    pub(crate) fn does_not_judge(&self, id: &str) {
        assert_eq!(self.broken, [""; 0]);
        assert!(!self.held.contains(&id), "{id} applies");
    }
}
