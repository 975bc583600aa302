//! What can be switched while the emulator runs, as JSON.
//!
//! * `GET /_emulator/adversity` answers `{adversity, requests, faults}`, `adversity` being `null` when it is off.
//! * `PUT /_emulator/adversity` takes `{adversity}`, as text or `null`, and answers as the former.
//! * `GET /_emulator/variants` answers every switch with its value in force. They are set at the start only: what is
//!   stored follows from them.
//! * `POST /_emulator/rotate-keys` makes new signing keys, for every project or for the one in `{project}`.
//! * `POST /_emulator/reset` deletes every server, with its clients and their grants, and forgets the exchanges.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde_json::{Map, Value, json};

use crate::adversity::{Adversity, Switch};
use crate::app::App;
use crate::problem::{Kind, Problem};
use crate::variants::Values;

type Body = Result<Json<Map<String, Value>>, JsonRejection>;

pub(super) async fn adversity(State(app): State<Arc<App>>) -> Json<Value> {
    Json(match app.adversity.as_deref().and_then(Switch::standing) {
        Some(standing) => json!({
            "adversity": standing.adversity, "requests": standing.requests, "faults": standing.faults,
        }),
        None => json!({"adversity": null, "requests": 0, "faults": 0}),
    })
}

pub(super) async fn set_adversity(State(app): State<Arc<App>>, body: Body) -> Result<Json<Value>, Problem> {
    let body = object(body)?;
    let adversity = match body.get("adversity") {
        Some(Value::Null) => None,
        Some(Value::String(text)) => {
            let parsed = text.parse::<Adversity>();
            Some(parsed.map_err(|error| Problem::new(Kind::FailedValidation, error.to_string()))?)
        }
        _ => {
            let message = "adversity must be null or a text such as \"seed=7,rate=0.1\"";
            return Err(Problem::new(Kind::InvalidArgument, message));
        }
    };
    match &adversity {
        Some(adversity) => tracing::info!(%adversity, "adversity is on"),
        None => tracing::info!("adversity is off"),
    }
    if let Some(switch) = &app.adversity {
        switch.turn(adversity);
    }
    Ok(self::adversity(State(app)).await)
}

pub(super) async fn variants(State(app): State<Arc<App>>) -> Json<Value> {
    let variants = app.variants.in_force().into_iter().map(|(switch, value)| {
        let values = match switch.values {
            Values::Words(words) => words.iter().map(|(word, _)| json!(word)).collect(),
            Values::Number { .. } => json!(switch.values.listed()),
        };
        json!({
            "name": switch.name, "value": value, "default": switch.values.default(), "values": values,
            "questionId": switch.question_id, "question": switch.question, "basis": switch.basis,
        })
    });
    Json(variants.collect())
}

pub(super) async fn rotate_keys(State(app): State<Arc<App>>, body: Body) -> Result<Json<Value>, Problem> {
    let body = object(body)?;
    let projects: Vec<_> = match body.get("project") {
        None | Some(Value::Null) => app.projects.values().collect(),
        Some(id) => {
            let project = id.as_str().and_then(|id| app.project(id));
            vec![
                project
                    .ok_or_else(|| Problem::new(Kind::PathNotFound, "there is no project with this id"))?,
            ]
        }
    };
    for project in &projects {
        project.keys.rotate().await?;
    }
    Ok(Json(json!({"projects": projects.iter().map(|project| &project.id).collect::<Vec<_>>()})))
}

pub(super) async fn reset(State(app): State<Arc<App>>, body: Body) -> Result<Json<Value>, Problem> {
    object(body)?;
    for project in app.projects.values() {
        let project_id = project.id.clone();
        app.records.write::<_, Problem>(move |records| Ok(records.clear(&project_id)?)).await?;
    }
    if let Some(log) = &app.exchanges {
        log.clear();
    }
    tracing::info!("every server is deleted");
    Ok(Json(json!({})))
}

fn object(body: Body) -> Result<Map<String, Value>, Problem> {
    let refuse = |_| Problem::new(Kind::Malformed, "the body must be a JSON object");
    body.map(|Json(body)| body).map_err(refuse)
}
