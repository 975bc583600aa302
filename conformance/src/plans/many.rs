//! More than ten of a kind: what only shows once a list is longer than a page, or than what a program expects.

use serde_json::json;

use super::{Dice, members};
use crate::plan::{Action, ClientLabel, Filter, FilterBy, LoadBy, Plan, ServerLabel, Sort};

const S1: ServerLabel = ServerLabel(1);
const S2: ServerLabel = ServerLabel(2);

/// How many clients or servers a plan makes.
const MANY: u16 = 12;
/// Clients on a page, so that the last page is another one.
const PAGE: u32 = 10;

/// Searches of a server with many clients.
pub(crate) fn clients(dice: &mut Dice) -> Plan {
    let word = dice.draw(&"[a-z]{3,6}");
    // Not in the order of their names, and half of them with a tag of their own.
    let body = |number: u16| {
        let tags =
            if number.is_multiple_of(2) { json!([word, "Even"]) } else { json!([format!("{word}{number}")]) };
        members(json!({"name": format!("{word} {}", number * 7 % 13), "tags": tags}))
    };
    let of = |number| ClientLabel(number);
    let made =
        (1..=MANY).map(|number| Action::CreateClient { client: of(number), server: S1, body: body(number) });
    let search = |filter| Action::SearchClients { server: S1, filter };
    let page = |page, limit, descending: Option<bool>| {
        let sort = descending.map(|descending| Sort { field: "name".into(), descending });
        search(Filter { page: Some(page), limit: Some(limit), sort, ..Filter::default() })
    };
    let like = |number, by: &[FilterBy]| {
        search(Filter { like: Some(of(number)), by: by.to_vec(), ..Filter::default() })
    };
    // Whoever filters a page, not the whole list, finds none or too few on it.
    let filtered = |number, by, page| {
        let (like, by) = (Some(of(number)), vec![by]);
        search(Filter { like, by, page: Some(page), limit: Some(4), ..Filter::default() })
    };
    let mut plan = Plan::named("many clients")
        .then(Action::CreateServer { server: S1, body: members(json!({ "name": "with many clients" })) })
        .then(Action::CreateServer { server: S2, body: members(json!({ "name": "with one client" })) })
        // That it has none yet is known, whatever becomes of the creations.
        .then(Action::SearchClients {
            server: S2,
            filter: Filter { page: Some(1), limit: Some(PAGE), ..Filter::default() },
        });
    plan.steps.extend(made.map(Into::into));
    let everyone: Vec<_> = (1..=MANY).map(of).collect();
    plan.then(Action::CreateClient { client: of(MANY + 1), server: S2, body: body(2) })
        .then(Action::LoadClient { client: of(2), by: LoadBy::Id })
        .then(Action::LoadClient { client: of(3), by: LoadBy::Id })
        .then(Action::LoadClient { client: of(10), by: LoadBy::Id })
        .then(search(Filter::default()))
        .then(page(0, PAGE, None))
        .then(page(1, PAGE, None))
        .then(page(2, PAGE, None))
        .then(page(0, PAGE, Some(false)))
        .then(page(1, PAGE, Some(false)))
        .then(page(2, PAGE, Some(false)))
        .then(page(0, 5, Some(true)))
        .then(page(1, 5, Some(true)))
        .then(page(2, 5, Some(true)))
        .then(page(3, 5, Some(true)))
        .then(like(2, &[FilterBy::Tag]))
        .then(like(3, &[FilterBy::Tag, FilterBy::Status]))
        .then(like(2, &[FilterBy::Tag, FilterBy::Name]))
        .then(like(3, &[FilterBy::ClientId, FilterBy::RegistrationMethod]))
        .then(filtered(2, FilterBy::Tag, 0))
        .then(filtered(2, FilterBy::Tag, 1))
        .then(filtered(2, FilterBy::Tag, 2))
        .then(filtered(10, FilterBy::Name, 0))
        .then(filtered(10, FilterBy::Name, 1))
        .then(filtered(10, FilterBy::ClientId, 0))
        .then(filtered(10, FilterBy::ClientId, 1))
        .then(Action::DeleteClients { server: S1, clients: everyone })
        .then(search(Filter::default()))
        .then(Action::LoadClient { client: of(MANY), by: LoadBy::Id })
        .then(Action::LoadClient { client: of(MANY + 1), by: LoadBy::Id })
}

/// A list of many servers.
pub(crate) fn servers(dice: &mut Dice) -> Plan {
    let word = dice.draw(&"[a-z]{3,6}");
    let body = |number: u16| members(json!({ "name": format!("{word} {}", number * 7 % 13) }));
    let made =
        (1..=MANY).map(|number| Action::CreateServer { server: ServerLabel(number), body: body(number) });
    let mut plan = Plan::named("many servers");
    plan.steps.extend(made.map(Into::into));
    let all_but_one: Vec<_> = (1..MANY).map(ServerLabel).collect();
    plan.then(Action::LoadServer { server: S1 })
        .then(Action::LoadAllServers)
        .then(Action::DeleteServers { servers: all_but_one })
        .then(Action::LoadServer { server: S1 })
        .then(Action::LoadServer { server: ServerLabel(3) })
        .then(Action::LoadServer { server: ServerLabel(MANY - 1) })
        .then(Action::LoadServer { server: ServerLabel(MANY) })
        .then(Action::LoadAllServers)
}
