//! JSON pointers with `*` for every item of a list.

use serde_json::Value;

/// The pointers without `*` that a pointer stands for in this value.
pub fn expand(value: &Value, pointer: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for part in pointer.split('/').skip(1) {
        found = found
            .into_iter()
            .flat_map(|parent| match (part, value.pointer(&parent)) {
                ("*", Some(Value::Array(items))) => {
                    (0..items.len()).map(|index| format!("{parent}/{index}")).collect()
                }
                ("*", _) => Vec::new(),
                _ => vec![format!("{parent}/{part}")],
            })
            .collect();
    }
    found
}

/// The same for places that exist.
pub fn existing(value: &Value, pointer: &str) -> Vec<String> {
    expand(value, pointer).into_iter().filter(|place| value.pointer(place).is_some()).collect()
}

/// Removes what is at a pointer; whether there was something.
pub fn remove(value: &mut Value, pointer: &str) -> bool {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return false };
    match value.pointer_mut(parent) {
        Some(Value::Object(members)) => members.remove(name).is_some(),
        _ => false,
    }
}

/// Puts a value at a pointer; whether there is an object around it.
pub fn insert(value: &mut Value, pointer: &str, new: Value) -> bool {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return false };
    match value.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.insert(name.to_owned(), new);
            true
        }
        Some(Value::Array(items)) => {
            match name.parse::<usize>().ok().and_then(|index| items.get_mut(index)) {
                Some(item) => {
                    *item = new;
                    true
                }
                None => false,
            }
        }
        _ => false,
    }
}
