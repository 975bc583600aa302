//! Takes secrets out of whatever is shown or written: by the members that hold them, then by the values seen.

use serde_json::Value;

/// What stands where a secret stood.
pub const MARK: &str = "[secret]";

/// Members that hold a secret wherever they appear: `cleartext` of the management API and those of OAuth.
const SECRET_MEMBERS: [&str; 7] =
    ["cleartext", "client_secret", "access_token", "refresh_token", "id_token", "code", "client_assertion"];

/// Shortest value that is looked for: replacing shorter ones would shred ordinary text.
const SHORTEST_SECRET: usize = 8;

/// Knows the secrets of a run.
#[derive(Default)]
pub struct Scrubber {
    values: Vec<String>,
}

impl Scrubber {
    /// Adds a secret to look for.
    pub fn learn(&mut self, secret: &str) {
        if secret.len() >= SHORTEST_SECRET && !self.values.iter().any(|known| known == secret) {
            self.values.push(secret.to_owned());
        }
    }

    /// A text without the secrets, whether they stand in it as they are or percent-encoded.
    pub fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for value in &self.values {
            let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            for form in [value, &encoded] {
                if text.contains(form.as_str()) {
                    text = text.replace(form.as_str(), MARK);
                }
            }
        }
        text
    }

    /// A body without the secrets. JSON stays JSON.
    pub fn body(&self, body: &[u8]) -> String {
        let text = String::from_utf8_lossy(body);
        match serde_json::from_str::<Value>(&text) {
            Ok(mut json) => {
                mask(&mut json);
                self.text(&json.to_string())
            }
            Err(_) => self.text(&text),
        }
    }
}

fn mask(json: &mut Value) {
    match json {
        Value::Object(members) => {
            for (name, member) in members {
                if SECRET_MEMBERS.contains(&name.as_str()) && member.is_string() {
                    *member = MARK.into();
                } else {
                    mask(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use descope_mcp_openapi::Document;

    use super::*;

    #[test]
    fn secrets_go_by_member_and_by_value() {
        let mut scrubber = Scrubber::default();
        scrubber.learn("hunter2+hunter2");
        let body = br#"{"cleartext":"never seen before","note":"it was hunter2+hunter2","name":"a"}"#;
        assert_eq!(scrubber.body(body), r#"{"cleartext":"[secret]","name":"a","note":"it was [secret]"}"#);
        assert_eq!(scrubber.body(b"client_secret=hunter2%2Bhunter2"), "client_secret=[secret]");
    }

    #[test]
    fn every_password_of_the_document_is_a_member_that_is_masked() {
        fn passwords(schema: &Value, found: &mut Vec<String>) {
            match schema {
                Value::Object(members) => {
                    for (name, member) in members {
                        if member["format"] == "password" {
                            found.push(name.clone());
                        }
                        passwords(member, found);
                    }
                }
                Value::Array(items) => items.iter().for_each(|item| passwords(item, found)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        for operation in Document::management().operations() {
            for kind in ["Request", "Response"] {
                if let Some(schema) = Document::management().schema(&format!("{}{kind}", operation.id)) {
                    passwords(schema, &mut found);
                }
            }
        }
        assert!(!found.is_empty());
        for member in found {
            assert!(SECRET_MEMBERS.contains(&member.as_str()), "{member} is a password that nothing masks");
        }
    }
}
