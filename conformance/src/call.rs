//! From a step with symbolic references to the request that is sent, by what the model knows. No I/O here.

use serde_json::{Value, json};

use crate::json::Members;
use crate::model::Model;
use crate::model::semantics::{Asked, Sighting};
use crate::plan::{Fault, Step};
use crate::wire::exchange::Exchange;
use crate::wire::request::Request;
use crate::wire::run_mark::RunMark;

/// How the name of a client record or server ends whose creation must be refused.
pub(crate) const REFUSED_NAME: &str = " must be refused";

/// A step with its references resolved against a model.
#[derive(Debug, Clone)]
pub struct Call {
    /// The step.
    pub step: Step,
    /// What to send.
    pub request: Request,
}

impl Call {
    /// Resolves a step. `None` if its subject was never made, or is not known well enough to ask.
    pub fn resolve(step: &Step, model: &Model, mark: &RunMark) -> Option<Self> {
        let request = match (step.action.request(model, mark)?, &step.fault) {
            (Request::Management(operation, body), Some(fault)) => {
                Request::Management(operation, spoil(body, fault, step, model)?)
            }
            (request, _) => request,
        };
        Some(Self { step: step.clone(), request })
    }

    /// All that the model has to know of it.
    pub fn asked(&self) -> Asked<'_> {
        Asked {
            semantics: self.step.action.semantics(),
            fault: self.step.fault.as_ref(),
            request: &self.request,
        }
    }

    /// The record in the request.
    pub fn sent(&self) -> Option<&Members> {
        self.asked().sent()
    }

    /// The members of the record as this request sends them; empty for a request that sends no record.
    pub fn sent_record(&self) -> Members {
        self.asked().sent_record()
    }

    /// The same without members that the document does not know.
    pub fn sent_documented(&self) -> Members {
        self.asked().sent_documented()
    }

    /// The records that a successful answer shows.
    pub fn sightings<'a>(&self, exchange: &'a Exchange) -> Vec<Sighting<'a>> {
        self.asked().sightings(exchange)
    }
}

/// Puts what is wrong into a body. `None` if the body has no place for it.
fn spoil(mut body: Value, fault: &Fault, step: &Step, model: &Model) -> Option<Value> {
    // A creation that should have been refused can be told by its name from those that should not.
    if step.action.semantics().effect.creates().is_some()
        && let Some(Value::String(name)) = body.get_mut("name")
    {
        let prefix = name.split(' ').next().unwrap_or_default();
        *name = format!("{prefix}{REFUSED_NAME}");
    }
    match fault {
        Fault::Without(pointer) => {
            let (parent, member) = pointer.rsplit_once('/')?;
            body.pointer_mut(parent)?.as_object_mut()?.remove(member)?;
        }
        Fault::Null(pointer) => *body.pointer_mut(pointer)? = Value::Null,
        Fault::WrongType(pointer) => {
            let member = body.pointer_mut(pointer)?;
            *member = if member.is_string() { json!({ "not": "a text" }) } else { "only a text".into() };
        }
        Fault::ThroughAnotherServer(server) => {
            let other = model.servers.get(server).filter(|record| record.is_alive())?;
            let member = body.get_mut("mcpServerId")?;
            if *member == *other.id {
                return None;
            }
            *member = other.id.clone().into();
        }
        Fault::NearId(pointer, near) => {
            let member = body.pointer_mut(pointer)?;
            let id = member.as_str().filter(|id| !id.is_empty())?;
            *member = near.to(id).into();
        }
        Fault::NoKey
        | Fault::WrongKey
        | Fault::WrongScheme
        | Fault::WrongProject
        | Fault::EmptyKey
        | Fault::NearKey(_)
        | Fault::CutOff
        | Fault::AnotherContentType => {}
    }
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Action;
    use crate::story::{S1, S2, Story};

    #[test]
    fn a_server_that_may_have_unknown_clients_is_not_deleted_by_a_plan() {
        let mut story = Story::default().with_server(S1, json!({})).with_server(S2, json!({}));
        story.model.servers_with_possible_orphans.insert(S1);
        let resolve = |action: Action| Call::resolve(&action.into(), &story.model, &RunMark::new(1));
        assert!(resolve(Action::DeleteServer { server: S1 }).is_none());
        assert!(resolve(Action::DeleteServers { servers: vec![S1, S2] }).is_none());
        assert!(resolve(Action::DeleteServer { server: S2 }).is_some());
    }
}
