//! Clients that nobody made through the management API.

use serde_json::Value;

use super::search::may_be_cut_off;
use crate::json::Members;
use crate::model::Record;
use crate::model::effect::{AuthorizationEffect, Effect};
use crate::plan::ask::{Ask, CodeRequest};
use crate::plan::{Action, FilterBy, ServerLabel};
use crate::properties::property::{Capability, Level, Moment, Property, Verdict};
use crate::wire::exchange::{Answer, given_code, redirected};
use crate::wire::request::Request;

/// The properties of this file.
pub(crate) static ALL: &[Property] = &[
    Property {
        id: "registration/dynamic/gives-a-client-id",
        sentence: "If dynamic registration is enabled, a client that registers gets an id that no other client has.",
        level: Level::Must,
        source: "documented: fact/registration-answer; standard: fact/registration-gives-an-id",
        needs: Some(Capability::DynamicRegistration),
        eventually: false,
        judge: gives_a_client_id,
    },
    Property {
        id: "registration/dynamic/returns-what-is-registered",
        sentence: "The response to a registration has every member of the request, perhaps with another value.",
        level: Level::Should,
        source: "documented: fact/registration-answer; standard: fact/registration-returns-metadata",
        needs: Some(Capability::DynamicRegistration),
        eventually: false,
        judge: returns_what_is_registered,
    },
    Property {
        id: "registration/dynamic/makes-a-record",
        sentence: "A search finds the record of a client that registered itself.",
        level: Level::Must,
        source: "documented: fact/registration-makes-a-record",
        needs: Some(Capability::DynamicRegistration),
        eventually: true,
        judge: makes_a_record,
    },
    Property {
        id: "registration/dynamic/is-refused-when-disabled",
        sentence: "If dynamic registration is disabled, no client can register.",
        level: Level::Must,
        source: "documented: fact/registration-switch",
        needs: Some(Capability::DynamicRegistration),
        eventually: false,
        judge: is_refused_when_disabled,
    },
    Property {
        id: "registration/document/is-refused-when-disabled",
        sentence: "If metadata documents are disabled, a client whose id is the URL of a metadata document gets no code, and the user sees no page that asks for consent or for a sign-in.",
        level: Level::Must,
        source: "documented: fact/documents-switch",
        needs: Some(Capability::CodesWithoutUser),
        eventually: false,
        judge: document_is_refused_when_disabled,
    },
];

/// Whether a switch in a server's record is on, if that is known. What an answer leaves out is off; what a request leaves
/// out is the server's choice.
fn switch(record: &Record, settings: &str) -> Option<bool> {
    let of = |members: &Members| members.get(settings).and_then(|settings| settings["enabled"].as_bool());
    match record.seen() {
        Some(seen) => Some(of(seen).unwrap_or_default()),
        None => of(record.members()?),
    }
}

fn registration<'a>(moment: &Moment<'a>, enabled: bool) -> Option<&'a Answer> {
    let Ask::Register { server, .. } = moment.asked()? else { return None };
    let on = switch(moment.before.servers.get(server)?, "dynamicRegistration")?;
    moment.exchange.answer().filter(|_| on == enabled)
}

/// Whether an answer may mean that nobody can register without more: there is no endpoint, or it asks for an initial
/// access token (RFC 7591 section 3).
fn may_be_out_of_reach(answer: &Answer) -> bool {
    matches!(answer.status, 401 | 404)
}

fn gives_a_client_id(moment: &Moment<'_>) -> Verdict {
    let reached = |answer: &&Answer| moment.before.registration_worked || !may_be_out_of_reach(answer);
    let Some(answer) = registration(moment, true).filter(reached) else { return Verdict::DoesNotApply };
    let id = answer.json.as_ref().and_then(|body| body["client_id"].as_str()).filter(|id| !id.is_empty());
    let Some(id) = id.filter(|_| answer.is_success()) else {
        return Verdict::broken("a client_id", format!("status {} without one", answer.status));
    };
    let known = moment.before.clients.values().any(|client| client.client_id == id);
    Verdict::of(!known, "a client_id that no client has", "the client_id of another client")
}

fn returns_what_is_registered(moment: &Moment<'_>) -> Verdict {
    let effect = moment.call.step.action.semantics().effect;
    let Effect::Authorization(AuthorizationEffect::RegisterClient { .. }) = effect else {
        return Verdict::DoesNotApply;
    };
    let Request::Web(request) = &moment.call.request else { return Verdict::DoesNotApply };
    let sent = request.json.as_ref().and_then(Value::as_object);
    let answer = moment.exchange.answer().filter(|answer| answer.is_success());
    let returned = answer.and_then(|answer| answer.json.as_ref()?.as_object());
    let (Some(sent), Some(returned)) = (sent, returned) else { return Verdict::DoesNotApply };
    let has = |member: &str| returned.get(member).is_some_and(|value| !value.is_null());
    Verdict::all(
        sent.keys().map(|member| {
            Verdict::of(has(member), format!("the registered {member}"), format!("no {member}"))
        }),
    )
}

fn makes_a_record(moment: &Moment<'_>) -> Verdict {
    let Some(Action::SearchClients { server, filter }) = moment.rightly() else {
        return Verdict::DoesNotApply;
    };
    let Some(body) = moment.success() else { return Verdict::DoesNotApply };
    let found = body["clients"].as_array().map(Vec::as_slice).unwrap_or_default();
    let all = filter.by.is_empty() && filter.page.is_none() && !may_be_cut_off(moment, found.len());
    let registered = moment.before.clients_of(*server).filter(|(label, client)| {
        let asked_for = filter.by == [FilterBy::ClientId] && filter.like == Some(*label);
        client.awaits_its_id() && (all || asked_for)
    });
    Verdict::all(registered.map(|(label, client)| {
        let there = found.iter().any(|record| record["clientId"] == *client.client_id);
        let expected = format!("{label} is found");
        Verdict::of(there, expected, format!("{label}, which registered itself, is missing"))
    }))
}

fn is_refused_when_disabled(moment: &Moment<'_>) -> Verdict {
    match registration(moment, false) {
        // Where nobody can register anyway, this refusal says nothing.
        Some(answer) if may_be_out_of_reach(answer) && !moment.before.registration_worked => {
            Verdict::DoesNotApply
        }
        Some(answer) => Verdict::of(
            !answer.is_success(),
            "a refusal",
            format!("status {}: it is registered", answer.status),
        ),
        None => Verdict::DoesNotApply,
    }
}

fn document_is_refused_when_disabled(moment: &Moment<'_>) -> Verdict {
    let Some(Ask::Code { client, how: CodeRequest::ByDocument }) = moment.asked() else {
        return Verdict::DoesNotApply;
    };
    let server: Option<ServerLabel> = moment.before.clients.get(client).map(|client| client.server);
    let record = server.and_then(|server| moment.before.servers.get(&server));
    if record.and_then(|record| switch(record, "cimdSettings")) != Some(false) {
        return Verdict::DoesNotApply;
    }
    let others_get_codes = moment.before.codes_were_given;
    match moment.exchange.answer() {
        None => Verdict::DoesNotApply,
        Some(_) if given_code(moment.exchange).is_some() => Verdict::broken("no code", "a code"),
        Some(answer) if is_page(answer) && others_get_codes => {
            Verdict::broken("a refusal", format!("status {} with a page for the user", answer.status))
        }
        // Where every client's user is asked first, only a clear refusal says anything of this client.
        Some(answer) => {
            let refused = (400..500).contains(&answer.status) && answer.status != 404;
            let error = redirected(answer).is_some_and(|(_, parameters)| parameters.contains_key("error"));
            if others_get_codes || refused || error { Verdict::Holds } else { Verdict::DoesNotApply }
        }
    }
}

/// Whether a user sees a page that is no refusal: it asks for consent, or for a sign-in first.
fn is_page(answer: &Answer) -> bool {
    let content_type = answer.header("content-type").unwrap_or_default().to_ascii_lowercase();
    answer.is_success() && content_type.contains("html")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::model::Knowledge;
    use crate::plan::ask::{Ask, CodeRequest};
    use crate::plan::{Action, ClientLabel, Filter, FilterBy};
    use crate::story::{C1, C2, S1, Story, client, object, server};

    fn story(enabled: bool) -> Story {
        Story::default().with_server(S1, json!({"dynamicRegistration": {"enabled": enabled}}))
    }

    fn registered(client_id: &str) -> serde_json::Value {
        json!({
            "client_id": client_id, "client_name": "n", "redirect_uris": [], "grant_types": [], "response_types": [],
            "token_endpoint_auth_method": "none",
        })
    }

    const REGISTER: Ask = Ask::Register { client: C2, server: S1 };

    #[test]
    fn a_registration_gives_an_id_of_its_own_where_it_is_enabled() {
        let id = "registration/dynamic/gives-a-client-id";
        story(true).ask(REGISTER, 200, &[], registered("c2")).keeps(id);
        story(true).ask(REGISTER, 201, &[], registered("")).breaks(id);
        story(true).ask(REGISTER, 400, &[], json!({"error": "invalid_client_metadata"})).breaks(id);
        story(true).with_client(C1, S1, json!({})).ask(REGISTER, 200, &[], registered("c1")).breaks(id);
        story(true).ask(REGISTER, 404, &[], json!({})).does_not_judge(id);
    }

    #[test]
    fn a_registration_is_answered_with_what_was_registered() {
        let id = "registration/dynamic/returns-what-is-registered";
        let whole = registered("c2");
        story(true).ask(REGISTER, 201, &[], whole.clone()).keeps(id);
        for member in
            ["client_name", "redirect_uris", "grant_types", "response_types", "token_endpoint_auth_method"]
        {
            let mut without = whole.clone();
            without.as_object_mut().unwrap().remove(member);
            story(true).ask(REGISTER, 201, &[], without).breaks(id);
        }
        story(true).ask(REGISTER, 404, &[], json!({})).does_not_judge(id);
    }

    #[test]
    fn where_nobody_can_register_anyway_nothing_is_said_of_registrations() {
        for status in [401, 404] {
            let answer = |on| story(on).ask(REGISTER, status, &[], json!({"error": "invalid_token"}));
            answer(true).does_not_judge("registration/dynamic/gives-a-client-id");
            answer(false).does_not_judge("registration/dynamic/is-refused-when-disabled");
            let mut story = story(true);
            story.ask(REGISTER, 201, &[], registered("c2"));
            let update = json!({"dynamicRegistration": {}});
            let shown = json!({"server": server(S1, update.clone())});
            let off = Action::UpdateServer { server: S1, set: object(update), omit: vec![] };
            story.step(off, 200, shown);
            let again = Ask::Register { client: ClientLabel(3), server: S1 };
            let refused = story.ask(again, status, &[], json!({"error": "access_denied"}));
            refused.keeps("registration/dynamic/is-refused-when-disabled");
        }
    }

    #[test]
    fn a_switch_that_answers_leave_out_is_off() {
        let server = json!({"dynamicRegistration": {}, "cimdSettings": {}});
        let judged = Story::default().with_server(S1, server).ask(REGISTER, 403, &[], json!({"error": "no"}));
        judged.keeps("registration/dynamic/is-refused-when-disabled");
    }

    #[test]
    fn where_every_user_is_asked_a_page_says_nothing_of_documents() {
        let id = "registration/document/is-refused-when-disabled";
        let story = Story::default().with_server(S1, json!({"cimdSettings": {}})).with_client(
            C1,
            S1,
            json!({"approvedCallbackUrls": ["https://c.example/cb"]}),
        );
        let ask = |how| Ask::Code { client: C1, how };
        let page = [("content-type", "text/html")];
        story.clone().ask(ask(CodeRequest::ByDocument), 200, &page, json!(null)).does_not_judge(id);
        story.clone().ask(ask(CodeRequest::ByDocument), 400, &page, json!(null)).keeps(id);
        let mut gives_codes = story;
        let code = [("location", "https://c.example/cb?code=a-code&state=a+state%2Bwith+%26%3D%25+blanks")];
        gives_codes.ask(ask(CodeRequest::Rightly), 302, &code, json!(null));
        gives_codes.ask(ask(CodeRequest::ByDocument), 200, &page, json!(null)).breaks(id);
    }

    #[test]
    fn a_registration_is_refused_where_it_is_disabled() {
        let id = "registration/dynamic/is-refused-when-disabled";
        story(false).ask(REGISTER, 403, &[], json!({"error": "access_denied"})).keeps(id);
        story(false).ask(REGISTER, 200, &[], registered("c2")).breaks(id);
        let mut unseen = Story::default();
        let create = Action::CreateServer { server: S1, body: object(json!({})) };
        unseen.step(create, 200, json!({"server": {"id": "MS1", "name": "t"}}));
        unseen.model.servers.get_mut(&S1).unwrap().knowledge = Knowledge::Sent(object(json!({})));
        unseen.ask(REGISTER, 200, &[], registered("c")).does_not_judge(id);
    }

    #[test]
    fn a_client_that_registered_itself_is_found_and_then_known() {
        let id = "registration/dynamic/makes-a-record";
        let mut story = story(true);
        story.ask(REGISTER, 200, &[], registered("c2"));
        let filter = Filter { like: Some(C2), by: vec![FilterBy::ClientId], ..Filter::default() };
        let search = Action::SearchClients { server: S1, filter };
        story.clone().step(search.clone(), 200, json!({"clients": [], "total": 0})).breaks(id);
        let found = json!({"clients": [client(C2, S1, json!({}))], "total": 1});
        story.step(search.clone(), 200, found.clone()).keeps(id);
        story.step(search, 200, found).does_not_judge(id);
    }

    #[test]
    fn a_document_counts_for_nothing_where_documents_are_disabled() {
        let id = "registration/document/is-refused-when-disabled";
        let story = Story::default()
            .with_server(S1, json!({"cimdSettings": {"enabled": false}}))
            .with_client(C1, S1, json!({"approvedCallbackUrls": ["https://c.example/cb"]}));
        let mut story = story;
        let given = [("location", "https://c.example/cb?code=a-code&state=a+state%2Bwith+%26%3D%25+blanks")];
        story.ask(Ask::Code { client: C1, how: CodeRequest::Rightly }, 302, &given, json!(null));
        let ask = Ask::Code { client: C1, how: CodeRequest::ByDocument };
        story.clone().ask(ask.clone(), 400, &[], json!({"error": "invalid_client"})).keeps(id);
        let refusal = [("content-type", "text/html; charset=utf-8")];
        story.clone().ask(ask.clone(), 400, &refusal, json!(null)).keeps(id);
        let error = [("location", "https://c.example/cb?error=unauthorized_client")];
        story.clone().ask(ask.clone(), 302, &error, json!(null)).keeps(id);
        let code = [("location", "https://c.example/cb?code=a-code")];
        story.clone().ask(ask.clone(), 302, &code, json!(null)).breaks(id);
        for page in ["text/html; charset=utf-8", "TEXT/HTML", "application/xhtml+xml"] {
            story.clone().ask(ask.clone(), 200, &[("content-type", page)], json!(null)).breaks(id);
        }
    }
}
