//! Taking out what cannot be generated, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::LeftOut;
use crate::document::{self, Node};
use crate::errors::{Errors, Finding};

/// Section and name of a component.
type Component = (String, String);

/// Removes the components that no operation reaches: their problems are nobody's.
pub(super) fn drop_unused_components(tree: &mut Node) {
    let mut open = Vec::new();
    if let Some(paths) = tree.get("paths") {
        references(paths, &mut open);
    }
    let mut used: BTreeSet<Component> = BTreeSet::new();
    while let Some(component) = open.pop() {
        if used.contains(&component) {
            continue;
        }
        if let Some(element) = find(tree, &component) {
            references(element, &mut open);
        }
        used.insert(component);
    }
    let Some(components) = tree.get_mut("components") else { return };
    for (section, elements) in components.members_mut() {
        let section = section.to_owned();
        elements.retain(|name, _| used.contains(&(section.clone(), name.to_owned())));
    }
}

/// Removes the operations that a problem belongs to, wherever it is: in them or in what they reach.
pub(super) fn remove_affected(tree: &mut Node, errors: &Errors) -> Vec<LeftOut> {
    // Who refers to a component.
    let mut users: BTreeMap<Component, Vec<User>> = BTreeMap::new();
    for (path, item) in tree.get("paths").into_iter().flat_map(Node::members) {
        for (method, operation) in item.members().filter(|(name, _)| document::is_method(name)) {
            note(&mut users, operation, &User::Operation(path.to_owned(), method.to_owned()));
        }
    }
    for (section, elements) in tree.get("components").into_iter().flat_map(Node::members) {
        for (name, element) in elements.members() {
            note(&mut users, element, &User::Component((section.to_owned(), name.to_owned())));
        }
    }
    let mut affected: BTreeMap<(String, String), Finding> = BTreeMap::new();
    let mut seen: BTreeSet<Component> = BTreeSet::new();
    for finding in errors.findings() {
        let mut open = Vec::new();
        match element(&finding.pointer).as_slice() {
            [first, path] if first == "paths" => {
                let item = tree.get("paths").and_then(|paths| paths.get(path));
                for (method, _) in item.into_iter().flat_map(Node::members) {
                    open.push(User::Operation(path.clone(), method.to_owned()));
                }
            }
            [first, path, method] if first == "paths" => {
                open.push(User::Operation(path.clone(), method.clone()));
            }
            [first, section, name] if first == "components" => {
                open.push(User::Component((section.clone(), name.clone())));
            }
            _ => {}
        }
        while let Some(user) = open.pop() {
            match user {
                User::Operation(path, method) => {
                    affected.entry((path, method)).or_insert_with(|| finding.clone());
                }
                User::Component(component) => {
                    if seen.insert(component.clone()) {
                        open.extend(users.get(&component).into_iter().flatten().cloned());
                    }
                }
            }
        }
    }
    remove(tree, affected)
}

#[derive(Debug, Clone)]
enum User {
    /// Path and method.
    Operation(String, String),
    Component(Component),
}

fn note(users: &mut BTreeMap<Component, Vec<User>>, element: &Node, user: &User) {
    let mut found = Vec::new();
    references(element, &mut found);
    for component in found {
        users.entry(component).or_default().push(user.clone());
    }
}

/// The first three names of a pointer: as many as an operation or a component has.
fn element(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).take(3).map(|token| token.replace("~1", "/").replace("~0", "~")).collect()
}

fn find<'a>(tree: &'a Node, (section, name): &Component) -> Option<&'a Node> {
    tree.get("components")?.get(section)?.get(name)
}

/// What an element refers to, in this document.
fn references(element: &Node, found: &mut Vec<Component>) {
    if let Some(reference) = element.text("$ref") {
        let parts = reference.strip_prefix("#/components/").and_then(|rest| rest.split_once('/'));
        // A reference into a component needs the component.
        found.extend(
            parts.map(|(section, rest)| {
                (section.to_owned(), rest.split('/').next().unwrap_or(rest).to_owned())
            }),
        );
    }
    for (_, member) in element.members() {
        references(member, found);
    }
    for item in element.items() {
        references(item, found);
    }
}

fn remove(tree: &mut Node, mut affected: BTreeMap<(String, String), Finding>) -> Vec<LeftOut> {
    let mut removed = Vec::new();
    let Some(paths) = tree.get_mut("paths") else { return removed };
    for (path, item) in paths.members_mut() {
        let path = path.to_owned();
        item.retain(|method, operation| {
            let Some(finding) = affected.remove(&(path.clone(), method.to_owned())) else { return true };
            removed.push(LeftOut {
                method: if method == "$ref" { "*".to_owned() } else { method.to_uppercase() },
                path: path.clone(),
                operation_id: operation.text("operationId").unwrap_or_default().to_owned(),
                finding,
            });
            false
        });
    }
    paths.retain(|_, item| item.members().any(|(name, _)| document::is_method(name)));
    removed
}
