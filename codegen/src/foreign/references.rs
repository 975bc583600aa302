//! References in the place of whole path items and operations, and addresses of their own.
//!
//! What a reference leads to in the document is copied to its place. Other references stay, so that preflight tells of
//! them: taken out in silence, they would leave operations that send and answer nothing.

use crate::document::{Node, Place, is_method};
use crate::limits::MAX_COMPOSED;
use crate::refs;

/// Copies to each place what its reference leads to.
pub(super) fn resolve(tree: &mut Node) {
    let original = tree.clone();
    let root = Place::root(&original);
    let mut left = MAX_COMPOSED;
    for (_, item) in tree.get_mut("paths").into_iter().flat_map(Node::members_mut) {
        copy(&root, item, &mut left);
        for (_, operation) in item.members_mut().filter(|(name, _)| is_method(name)) {
            copy(&root, operation, &mut left);
        }
    }
}

/// Puts the members of what an element refers to beside its own, which win. `left` bounds what may be copied in all.
fn copy(root: &Place<'_>, element: &mut Node, left: &mut usize) {
    if element.get("$ref").is_none() {
        return;
    }
    let own = element.clone();
    let Some(target) = refs::resolve(root, &Place::root(&own)).filter(Place::is_map) else { return };
    let Some(rest) = left.checked_sub(target.node.elements()) else { return };
    *left = rest;
    element.remove("$ref");
    for (name, member) in target.node.members() {
        if element.get(name).is_none() {
            element.set(name, member.clone());
        }
    }
}

/// Leaves `servers` only on operations that are not served where the others are. The client has one address.
pub(super) fn keep_other_servers(tree: &mut Node) {
    let usual = tree.remove("servers").map(|servers| urls(&servers)).filter(|urls| !urls.is_empty());
    let mut usual = usual;
    for (_, item) in tree.get_mut("paths").into_iter().flat_map(Node::members_mut) {
        let shared = item.remove("servers");
        for (_, operation) in item.members_mut().filter(|(name, _)| is_method(name)) {
            let servers = operation.remove("servers").or_else(|| shared.clone());
            let Some(servers) = servers.filter(|servers| !urls(servers).is_empty()) else { continue };
            // Where the document has none, those of the first operation are the usual ones.
            if *usual.get_or_insert_with(|| urls(&servers)) != urls(&servers) {
                let all = urls(&servers)
                    .into_iter()
                    .map(|url| Node::map(servers.at(), [("url", Node::string(servers.at(), url))]));
                operation.set("servers", Node::list(servers.at(), all.collect()));
            }
        }
    }
}

fn urls(servers: &Node) -> Vec<String> {
    let urls = servers.items().iter().filter_map(|server| server.text("url"));
    urls.map(|url| url.trim_end_matches('/').to_owned()).collect()
}
