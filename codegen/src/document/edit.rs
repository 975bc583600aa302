//! Changing the tree: what is added stands where the element around it stands, so that later findings still lead
//! to the text.

use super::{Key, Kind, Members, Node, Position};

impl Node {
    /// A map with these members, standing at `at`.
    pub(crate) fn map<'a>(at: Position, members: impl IntoIterator<Item = (&'a str, Node)>) -> Self {
        let entries = members.into_iter().map(|(name, node)| (Key { name: name.to_owned(), at }, node));
        Self { at, kind: Kind::Map(Members::new(entries.collect())) }
    }

    /// A list of these items, standing at `at`.
    pub(crate) fn list(at: Position, items: Vec<Node>) -> Self {
        Self { at, kind: Kind::List(items) }
    }

    /// A string, standing at `at`.
    pub(crate) fn string(at: Position, text: impl Into<String>) -> Self {
        Self { at, kind: Kind::String(text.into()) }
    }

    /// `true` or `false`, standing at `at`.
    pub(crate) fn flag(at: Position, value: bool) -> Self {
        Self { at, kind: Kind::Bool(value) }
    }

    /// Where the element stands.
    pub(crate) fn at(&self) -> Position {
        self.at
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self.kind, Kind::List(_))
    }

    pub(crate) fn str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The member of that name, if this is a map that has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        let Kind::Map(members) = &self.kind else { return None };
        members.position(name).map(|number| &members.entries[number].1)
    }

    /// The member of that name, to be changed.
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        let Kind::Map(members) = &mut self.kind else { return None };
        members.position(name).map(|number| &mut members.entries[number].1)
    }

    /// The text of a member that is a string.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Node::str)
    }

    /// The members of a map, to be changed; nothing for any other element.
    pub(crate) fn members_mut(&mut self) -> impl Iterator<Item = (&str, &mut Node)> {
        let entries = match &mut self.kind {
            Kind::Map(members) => members.entries.as_mut_slice(),
            _ => &mut [],
        };
        entries.iter_mut().map(|(key, node)| (key.name.as_str(), node))
    }

    /// The members of a map; nothing for any other element.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Node)> {
        let entries = match &self.kind {
            Kind::Map(members) => members.entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(|(key, node)| (key.name.as_str(), node))
    }

    /// The items of a list; nothing for any other element.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a list, to be changed.
    pub(crate) fn items_mut(&mut self) -> Option<&mut Vec<Node>> {
        match &mut self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// How many elements there are: this one and all inside it.
    pub(crate) fn elements(&self) -> usize {
        let members = self.members().map(|(_, member)| member);
        1 + members.chain(self.items()).map(Node::elements).sum::<usize>()
    }

    /// Sets a member of a map; does nothing to any other element.
    pub(crate) fn set(&mut self, name: &str, node: Node) {
        let at = self.at;
        let Kind::Map(members) = &mut self.kind else { return };
        match members.position(name) {
            Some(number) => members.entries[number].1 = node,
            None => members.changed().push((Key { name: name.to_owned(), at }, node)),
        }
    }

    /// Takes a member out of a map.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Node> {
        let Kind::Map(members) = &mut self.kind else { return None };
        let number = members.position(name)?;
        Some(members.changed().remove(number).1)
    }

    /// Keeps the members of a map that the condition holds for.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&str, &Node) -> bool) {
        if let Kind::Map(members) = &mut self.kind {
            members.changed().retain(|(key, node)| keep(&key.name, node));
        }
    }
}
