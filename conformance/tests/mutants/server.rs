//! Wrong behaviours around server records.

use std::collections::HashMap;
use std::sync::Mutex;

use serde_json::Value;

use crate::misbehave::{Answered, Asked, Behaviour, LongDescriptions, Misbehave, Mutant, after, before};

pub fn all() -> Vec<Mutant> {
    vec![
        Mutant {
            name: "server_update_cuts_a_description_at_64_kib",
            breaks: &["server/update/keeps-sent-fields"],
            make: || Box::new(LongDescriptions::cut(64 << 10)),
        },
        Mutant {
            name: "server_create_ignores_the_logo",
            breaks: &["server/create/returns-what-was-sent"],
            make: || before(|asked| drop_member(asked, "server/create", "/logo")),
        },
        Mutant {
            name: "server_create_drops_optional_when_false_or_true",
            breaks: &["server/scopes/keep-optional"],
            make: || {
                before(|asked| {
                    if asked.is("server/create")
                        && let Some(scopes) = asked.body.pointer_mut("/approvedScopes/permissionsScopes")
                    {
                        each(scopes, |scope| _ = scope.remove("optional"));
                    }
                })
            },
        },
        Mutant {
            name: "server_create_trims_the_description",
            breaks: &["server/create/returns-what-was-sent"],
            make: || {
                before(|asked| {
                    if asked.is("server/create")
                        && let Some(Value::String(text)) = asked.body.get_mut("description")
                    {
                        *text = text.trim().to_owned();
                    }
                })
            },
        },
        Mutant {
            name: "server_create_answers_with_an_empty_id",
            breaks: &["server/create/makes-a-new-id"],
            make: || {
                // The second server of a name gets no id of its own in the answer.
                let count = Mutex::new(0);
                after(move |asked, answer| {
                    let mut count = count.lock().unwrap();
                    *count += 1;
                    if asked.is("server/create") && *count % 7 == 0 {
                        answer.body["server"]["id"] = "".into();
                    }
                })
            },
        },
        Mutant {
            name: "server_load_forgets_the_tags",
            breaks: &["records/stay-as-they-are", "server/load/agrees-with-last-answer"],
            make: || {
                after(|asked, answer| {
                    if asked.is("server/load") {
                        blank(answer, "/server/tags")
                    }
                })
            },
        },
        Mutant {
            name: "server_update_keeps_the_old_description",
            breaks: &["server/update/keeps-sent-fields", "server/update/clears-what-was-left-out"],
            make: || Box::new(OldDescription::default()),
        },
        Mutant {
            name: "server_update_drops_unknown_members",
            breaks: &["server/update/keeps-unknown-fields"],
            make: || {
                before(|asked| {
                    if asked.is("server/update")
                        && let Some(server) = asked.body["server"].as_object_mut()
                    {
                        server.retain(|name, _| !name.starts_with('x'));
                    }
                })
            },
        },
        Mutant {
            name: "server_update_answers_with_another_id",
            breaks: &["server/update/keeps-id"],
            make: || {
                after(|asked, answer| {
                    if asked.is("server/update") && answer.status == 200 {
                        answer.body["server"]["id"] = "MS000000000000000000000000000".into();
                    }
                })
            },
        },
        Mutant {
            name: "updating_one_server_hides_the_logos_of_the_others",
            breaks: &["server/update/touches-no-other", "records/stay-as-they-are"],
            make: || {
                Box::new(Hiding::of("logo", |asked| {
                    asked.is("server/update").then(|| asked.body["server"]["id"].clone())
                }))
            },
        },
        Mutant {
            name: "servers_all_loses_the_last",
            breaks: &["servers/all/contains-created"],
            make: || {
                after(|asked, answer| {
                    if asked.is("servers/all")
                        && let Some(servers) = answer.body["servers"].as_array_mut()
                    {
                        servers.pop();
                        answer.body["total"] = servers.len().into();
                    }
                })
            },
        },
        Mutant {
            name: "servers_all_shows_no_descriptions",
            breaks: &["servers/all/agrees-with-last-answer"],
            make: || {
                after(|asked, answer| {
                    if asked.is("servers/all") {
                        each(&mut answer.body["servers"], |server| _ = server.remove("description"));
                    }
                })
            },
        },
        Mutant {
            name: "server_tags_are_made_unique",
            breaks: &["records/keep-tags-as-a-list"],
            make: || before(|asked| change_server(asked, "/tags", unique)),
        },
        Mutant {
            name: "server_names_lose_blanks_at_their_ends",
            breaks: &["records/keep-blanks-of-names"],
            make: || {
                before(|asked| {
                    change_server(asked, "/name", |name| {
                        *name = name.as_str().unwrap_or_default().trim().into();
                    })
                })
            },
        },
        Mutant {
            name: "server_logos_lose_blanks_at_their_ends",
            breaks: &["records/keep-values-that-may-be-refused"],
            make: || {
                before(|asked| {
                    change_server(asked, "/logo", |logo| {
                        *logo = logo.as_str().unwrap_or_default().trim().into();
                    })
                })
            },
        },
        Mutant {
            name: "server_tags_are_sorted",
            breaks: &["records/keep-tags-as-a-list"],
            make: || before(|asked| change_server(asked, "/tags", sorted)),
        },
        Mutant {
            name: "server_tags_lose_blanks_at_their_end",
            breaks: &["server/create/returns-what-was-sent", "server/update/keeps-sent-fields"],
            make: || before(|asked| change_server(asked, "/tags", trimmed)),
        },
        Mutant {
            name: "server_descriptions_are_brought_into_normal_form",
            breaks: &["server/create/returns-what-was-sent", "server/update/keeps-sent-fields"],
            make: || {
                before(|asked| {
                    change_server(asked, "/description", |text| {
                        *text = text.as_str().unwrap_or_default().replace("e\u{301}", "\u{e9}").into();
                    });
                })
            },
        },
        Mutant {
            name: "server_descriptions_are_escaped_for_html",
            breaks: &["server/create/returns-what-was-sent", "server/update/keeps-sent-fields"],
            make: || {
                before(|asked| {
                    change_server(asked, "/description", |text| {
                        *text = text.as_str().unwrap_or_default().replace('<', "&lt;").into();
                    });
                })
            },
        },
        Mutant {
            name: "server_update_keeps_what_was_left_out",
            breaks: &["server/update/clears-what-was-left-out"],
            make: || Box::new(Patching { inside: false, stored: Mutex::default() }),
        },
        Mutant {
            name: "server_update_keeps_what_was_left_out_of_settings_and_scopes",
            breaks: &["server/update/clears-what-was-left-out-inside"],
            make: || Box::new(Patching { inside: true, stored: Mutex::default() }),
        },
        Mutant {
            name: "server_update_changes_others_of_the_same_name",
            breaks: &["server/update/touches-no-other"],
            make: || Box::new(Mutex::new(Namesakes::default())),
        },
        Mutant {
            name: "servers_all_shows_the_last_twice",
            breaks: &["servers/all/repeats-nothing", "servers/all/total-is-their-number"],
            make: || {
                after(|asked, answer| {
                    if asked.is("servers/all")
                        && let Some(servers) = answer.body["servers"].as_array_mut()
                        && let Some(last) = servers.last().cloned()
                    {
                        servers.push(last);
                    }
                })
            },
        },
        Mutant {
            name: "servers_all_counts_one_too_few",
            breaks: &["servers/all/total-is-their-number"],
            make: || {
                after(|asked, answer| {
                    if asked.is("servers/all")
                        && let Some(total) = answer.body["total"].as_u64()
                    {
                        answer.body["total"] = total.saturating_sub(1).into();
                    }
                })
            },
        },
    ]
}

/// Answers every update with the description that the server had first, and stores that one.
#[derive(Default)]
struct OldDescription {
    first: Mutex<HashMap<String, Value>>,
}

impl Misbehave for OldDescription {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        if asked.is("server/update") {
            let id = asked.body["server"]["id"].as_str().unwrap_or_default().to_owned();
            let first = self.first.lock().unwrap();
            if let Some(description) = first.get(&id) {
                asked.body["server"]["description"] = description.clone();
            }
        }
        None
    }

    fn after(&self, asked: &Asked, answer: &mut Answered) {
        if asked.is("server/create") && answer.status == 200 {
            let server = &answer.body["server"];
            let id = server["id"].as_str().unwrap_or_default().to_owned();
            self.first.lock().unwrap().insert(id, server["description"].clone());
        }
    }
}

/// Leaves members as they were that an update leaves out: those of a server, or those inside of its members.
struct Patching {
    inside: bool,
    stored: Mutex<HashMap<String, Value>>,
}

/// Adds what is missing, in all depths.
fn complete(sent: &mut Value, stored: &Value) {
    match (sent, stored) {
        (Value::Object(sent), Value::Object(stored)) => {
            for (name, stored) in stored {
                match sent.get_mut(name) {
                    Some(sent) => complete(sent, stored),
                    None => drop(sent.insert(name.clone(), stored.clone())),
                }
            }
        }
        (Value::Array(sent), Value::Array(stored)) => {
            sent.iter_mut().zip(stored).for_each(|(sent, stored)| complete(sent, stored));
        }
        _ => {}
    }
}

impl Misbehave for Patching {
    fn before(&self, asked: &mut Asked) -> Option<Answered> {
        let stored = self.stored.lock().unwrap();
        if asked.is("server/update")
            && let Some(sent) = asked.body["server"].as_object_mut()
            && let Some(Value::Object(stored)) =
                sent.get("id").and_then(Value::as_str).and_then(|id| stored.get(id))
        {
            for (name, value) in stored {
                match sent.get_mut(name) {
                    Some(sent) if self.inside => complete(sent, value),
                    None if !self.inside => drop(sent.insert(name.clone(), value.clone())),
                    _ => {}
                }
            }
        }
        None
    }

    fn after(&self, _asked: &Asked, answer: &mut Answered) {
        if let Some(id) = answer.body["server"]["id"].as_str() {
            self.stored.lock().unwrap().insert(id.to_owned(), answer.body["server"].clone());
        }
    }
}

/// Shows the description of the server that was updated last in all others that had its name then.
#[derive(Default)]
struct Namesakes {
    names: HashMap<String, Value>,
    descriptions: HashMap<String, Value>,
}

impl Misbehave for Mutex<Namesakes> {
    fn after(&self, asked: &Asked, answer: &mut Answered) {
        let Namesakes { names, descriptions } = &mut *self.lock().unwrap();
        if asked.is("server/create") || asked.is("server/update") {
            let server = &answer.body["server"];
            let Some(id) = server["id"].as_str() else { return };
            names.insert(id.to_owned(), server["name"].clone());
            descriptions.remove(id);
            if asked.is("server/update") {
                let others = names.iter().filter(|(other, name)| *other != id && **name == server["name"]);
                descriptions.extend(others.map(|(other, _)| (other.clone(), server["description"].clone())));
            }
        }
        for server in shown(answer) {
            if let Some(description) = server["id"].as_str().and_then(|id| descriptions.get(id)) {
                server["description"] = description.clone();
            }
        }
    }
}

/// Hides a member of every server that was there when something happened to another one, until it is updated.
pub struct Hiding {
    member: &'static str,
    /// The id of the server that something happens to.
    happens: fn(&Asked) -> Option<Value>,
    /// Every server, and whether its member is hidden.
    hidden: Mutex<HashMap<String, bool>>,
}

impl Hiding {
    /// Hides that member when that happens.
    pub fn of(member: &'static str, happens: fn(&Asked) -> Option<Value>) -> Self {
        Self { member, happens, hidden: Mutex::default() }
    }
}

impl Misbehave for Hiding {
    fn after(&self, asked: &Asked, answer: &mut Answered) {
        let mut hidden = self.hidden.lock().unwrap();
        if let Some(id) = (self.happens)(asked).filter(|_| answer.status == 200) {
            hidden.iter_mut().filter(|(other, _)| id != ***other).for_each(|(_, hides)| *hides = true);
        }
        if (asked.is("server/create") || asked.is("server/update"))
            && let Some(id) = answer.body["server"]["id"].as_str()
        {
            hidden.insert(id.to_owned(), false);
        }
        for server in shown(answer) {
            if server["id"].as_str().is_some_and(|id| hidden.get(id) == Some(&true)) {
                server[self.member] = Value::Null;
            }
        }
    }
}

/// The servers in an answer.
fn shown(answer: &mut Answered) -> impl Iterator<Item = &mut Value> {
    let members = answer.body.as_object_mut().into_iter().flat_map(|members| members.iter_mut());
    members.flat_map(|(name, value)| match (name.as_str(), value) {
        ("server", server) if server.is_object() => std::slice::from_mut(server).iter_mut(),
        ("servers", Value::Array(servers)) => servers.iter_mut(),
        _ => [].iter_mut(),
    })
}

/// Changes a member of a server that is created or updated.
pub fn change_server(asked: &mut Asked, pointer: &str, change: fn(&mut Value)) {
    let server = if asked.is("server/create") {
        &mut asked.body
    } else if asked.is("server/update") {
        &mut asked.body["server"]
    } else {
        return;
    };
    if let Some(member) = server.pointer_mut(pointer) {
        change(member);
    }
}

/// A list without what is in it before.
pub fn unique(list: &mut Value) {
    let mut seen = Vec::new();
    list.as_array_mut().into_iter().for_each(|items| {
        items.retain(|item| {
            let new = !seen.contains(item);
            seen.push(item.clone());
            new
        });
    });
}

fn sorted(list: &mut Value) {
    list.as_array_mut().into_iter().for_each(|items| items.sort_by_key(ToString::to_string));
}

fn trimmed(list: &mut Value) {
    for item in list.as_array_mut().into_iter().flatten() {
        *item = item.as_str().unwrap_or_default().trim_end().into();
    }
}

/// Drops a member of the body of one operation.
pub fn drop_member(asked: &mut Asked, operation: &str, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap_or(("", pointer));
    if asked.is(operation)
        && let Some(Value::Object(members)) = asked.body.pointer_mut(parent)
    {
        members.remove(name);
    }
}

/// Blanks a member of an answer.
pub fn blank(answer: &mut Answered, pointer: &str) {
    if let Some(member) = answer.body.pointer_mut(pointer) {
        *member = Value::Null;
    }
}

/// Changes every object of a list.
pub fn each(list: &mut Value, change: impl Fn(&mut serde_json::Map<String, Value>)) {
    list.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut).for_each(change);
}

/// A behaviour that remembers a text for each key, given by `remember`, and hands what it remembers to `change`.
pub fn remembering(
    remember: impl Fn(&Asked, &Answered) -> Option<(String, Value)> + Send + Sync + 'static,
    change: impl Fn(&HashMap<String, Value>, &Asked, &mut Answered) + Send + Sync + 'static,
) -> Behaviour {
    let memory = Mutex::new(HashMap::new());
    after(move |asked, answer| {
        let mut memory = memory.lock().unwrap();
        if let Some((key, value)) = remember(asked, answer) {
            memory.entry(key).or_insert(value);
        }
        change(&memory, asked, answer);
    })
}
