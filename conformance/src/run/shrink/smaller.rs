//! Smaller versions of a plan: without some members of its bodies, or with shorter values. No I/O here.

use serde_json::Value;

use crate::plan::Plan;

/// Longest text, in characters, that is easy to read as it is.
const MAX_SHORT_CHARS: usize = 40;

/// The members that the steps of a plan send, each with the position of its step.
pub(super) fn members_of(plan: &mut Plan) -> Vec<(usize, String)> {
    let steps = plan.steps.iter_mut().enumerate();
    let names = steps.flat_map(|(step, planned)| {
        let members = planned.action.parts().members;
        members
            .into_iter()
            .flat_map(|members| members.keys())
            .map(move |name| (step, name.clone()))
            .collect::<Vec<_>>()
    });
    names.collect()
}

/// The plan without these members of its bodies.
pub(super) fn without_members(plan: &Plan, members: &[(usize, String)]) -> Plan {
    let mut plan = plan.clone();
    for (step, name) in members {
        if let Some(body) = plan.steps[*step].action.parts().members {
            body.remove(name);
        }
    }
    plan
}

/// The plan with half of the value of a member, if there is less of it.
pub(super) fn with_half_of(plan: &Plan, step: usize, name: &str) -> Option<Plan> {
    let mut plan = plan.clone();
    let value = plan.steps.get_mut(step)?.action.parts().members?.get_mut(name)?;
    halve(value).then_some(plan)
}

/// Halves a value and says whether that made it smaller.
fn halve(value: &mut Value) -> bool {
    match value {
        Value::Array(items) if items.len() > 1 => items.truncate(items.len() / 2),
        Value::String(text) if text.chars().count() > MAX_SHORT_CHARS => {
            *text = text.chars().take(text.chars().count() / 2).collect()
        }
        Value::Object(members) if members.len() > 1 => {
            let half = members.len() / 2;
            *members = std::mem::take(members).into_iter().take(half).collect();
        }
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::{Action, ServerLabel};

    #[test]
    fn members_are_left_out_and_values_get_shorter_until_nothing_is_left() {
        let long = "x".repeat(MAX_SHORT_CHARS + 2);
        let body = json!({"name": long, "tags": ["a", "b"]}).as_object().unwrap().clone();
        let mut plan = Plan::named("a").then(Action::CreateServer { server: ServerLabel(1), body });
        let body = |plan: &mut Plan| Value::Object(plan.steps[0].action.parts().members.unwrap().clone());
        let members = members_of(&mut plan);
        assert_eq!(members, [(0, "name".to_owned()), (0, "tags".to_owned())]);
        assert_eq!(body(&mut without_members(&plan, &members)), json!({}));
        assert_eq!(body(&mut without_members(&plan, &members[..1])), json!({"tags": ["a", "b"]}));
        let half = "x".repeat(MAX_SHORT_CHARS / 2 + 1);
        let lengths = [("name", json!([half])), ("tags", json!([["a"]]))];
        for (name, expected) in lengths {
            let mut smaller = plan.clone();
            let mut seen = Vec::new();
            while let Some(half) = with_half_of(&smaller, 0, name) {
                smaller = half;
                seen.push(body(&mut smaller)[name].clone());
            }
            assert_eq!(Value::Array(seen), expected);
        }
    }
}
