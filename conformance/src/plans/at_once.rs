//! Requests at the same time: what must hold afterwards, in whatever order they were carried out.

use serde_json::json;

use super::{Dice, members};
use crate::json::Members;
use crate::plan::{Action, ClientLabel, Filter, LoadBy, Plan, ServerLabel, TokenAuth, WhichSecret};

const S1: ServerLabel = ServerLabel(1);
const S2: ServerLabel = ServerLabel(2);
const S3: ServerLabel = ServerLabel(3);
const C1: ClientLabel = ClientLabel(1);
const C2: ClientLabel = ClientLabel(2);
const C3: ClientLabel = ClientLabel(3);

/// Creations, updates, deletions and rotations at the same time as others or as a use of the secret, each followed by what
/// shows how they ended.
pub(crate) fn plan(dice: &mut Dice) -> Plan {
    let word = dice.draw(&"[a-z]{1,8}");
    let state =
        |n: u8| members(json!({"description": format!("{word} {n}"), "tags": [format!("{word}-{n}")]}));
    let update = |server, n| Action::UpdateServer { server, set: state(n), omit: vec![] };
    let client_state = |n: u8| {
        members(json!({"logo": format!("https://{word}.example.com/{n}"), "tags": [format!("{word}-{n}")]}))
    };
    // A target may refuse a second record of the same name. The other members show before any update whether loading shows
    // them at all.
    let named = |n: u16, mut body: Members| {
        body.insert("name".into(), format!("{word} {n}").into());
        body
    };
    let create_server =
        |server: ServerLabel| Action::CreateServer { server, body: named(server.0, state(0)) };
    let create = |client: ClientLabel| Action::CreateClient {
        client,
        server: S1,
        body: named(client.0, client_state(0)),
    };
    let update_client = |client, n| Action::UpdateClient { client, set: client_state(n), omit: vec![] };
    let token = |secret| Action::RequestToken { client: C1, secret, method: TokenAuth::Basic };
    Plan::named("at-once")
        .then_at_once([S1, S2].map(create_server))
        .then_at_once([C1, C2].map(create))
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::LoadAllServers)
        .then(Action::SearchClients { server: S1, filter: Filter::default() })
        .then(Action::LoadServer { server: S1 })
        .then_at_once([update(S1, 1), update(S1, 2)])
        .then(Action::LoadServer { server: S1 })
        .then_at_once([update_client(C1, 1), update_client(C1, 2)])
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(token(WhichSecret::Current))
        .then_at_once([token(WhichSecret::Current), Action::RotateSecret { client: C1 }])
        .then(token(WhichSecret::BeforeRotation))
        .then(token(WhichSecret::Current))
        .then(Action::RotateSecret { client: C1 })
        .then(token(WhichSecret::BeforeRotation))
        .then_at_once([Action::RotateSecret { client: C1 }, Action::RotateSecret { client: C1 }])
        .then(Action::GetSecret { client: C1 })
        .then(token(WhichSecret::BeforeRotation))
        .then(token(WhichSecret::Current))
        // Not one of those that were created at the same time: they may share an id.
        .then(create(C3))
        .then_at_once([update_client(C3, 3), Action::DeleteClient { client: C3 }])
        .then(Action::LoadClient { client: C3, by: LoadBy::Id })
        .then(Action::SearchClients { server: S1, filter: Filter::default() })
        .then(create_server(S3))
        .then_at_once([update(S3, 3), Action::DeleteServer { server: S3 }])
        .then(Action::LoadServer { server: S3 })
        .then(Action::LoadAllServers)
}
