//! What the suite saw of a target in a run, so that two targets can be compared: ids, secrets, tokens and times differ from
//! run to run and are replaced by the order in which they first appear.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::header;
use serde_json::Value;

use crate::layer::{Answered, Asked};

/// Shorter words are the plan's own; ids, secrets and the marks of runs are longer.
const MIN_RANDOM: usize = 24;
/// As many digits have times in seconds.
const MIN_TIME_DIGITS: usize = 9;

/// The exchanges so far, as one number.
#[derive(Default)]
pub struct Transcript {
    hasher: DefaultHasher,
    words: BTreeMap<Vec<u8>, usize>,
    /// The exchanges as text, if `MATRIX_SHOW` names a folder for them.
    shown: Option<Vec<String>>,
}

impl Transcript {
    /// Adds an exchange.
    pub fn add(&mut self, asked: &Asked, answered: &Answered) {
        let body =
            if answered.status >= 400 { refusal(&answered.body) } else { in_one_order(&answered.body) };
        let body = body.unwrap_or_else(|| answered.raw.clone());
        let location = answered.headers.get(header::LOCATION).map(|value| value.as_bytes().to_vec());
        let parts = [
            asked.method.as_str().as_bytes(),
            asked.path.as_bytes(),
            asked.authorization().unwrap_or_default().as_bytes(),
            &asked.raw,
            &answered.status.to_string().into_bytes(),
            &location.unwrap_or_default(),
            &body,
        ];
        let mut text = String::new();
        for part in parts {
            let part = self.without_chance(part);
            part.hash(&mut self.hasher);
            if std::env::var_os("MATRIX_SHOW").is_some() {
                text.push_str(&part);
                text.push('\n');
            }
        }
        if !text.is_empty() {
            self.shown.get_or_insert_default().push(text);
        }
    }

    /// The number.
    pub fn digest(&self) -> u64 {
        if let (Some(shown), Some(path)) = (&self.shown, std::env::var_os("MATRIX_SHOW")) {
            static RUNS: AtomicU64 = AtomicU64::new(0);
            let name = RUNS.fetch_add(1, Ordering::Relaxed).to_string();
            std::fs::write(Path::new(&path).join(name), shown.join("\n")).unwrap();
        }
        self.hasher.finish()
    }

    fn without_chance(&mut self, bytes: &[u8]) -> String {
        let mut text = String::new();
        let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_+=/%.:".contains(byte);
        for part in bytes.chunk_by(|a, b| is_of_word(a) == is_of_word(b)) {
            let separators = |byte: &u8| b"/:.=%".contains(byte);
            if !is_of_word(&part[0]) {
                text.push_str(&String::from_utf8_lossy(part));
                continue;
            }
            for word in part.chunk_by(|a, b| separators(a) == separators(b)) {
                let is_time = word.len() >= MIN_TIME_DIGITS && word.iter().all(u8::is_ascii_digit);
                if is_time && word.len() < MIN_RANDOM {
                    text.push_str("#time");
                } else if word.len() >= MIN_RANDOM || is_port(word, &text) {
                    let next = self.words.len();
                    let number = *self.words.entry(word.to_vec()).or_insert(next);
                    text.push_str(&format!("#{number}"));
                } else {
                    text.push_str(&String::from_utf8_lossy(word));
                }
            }
        }
        text
    }
}

/// Whether a word is the port of the emulator.
fn is_port(word: &[u8], before: &str) -> bool {
    let is_number = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    before.ends_with("127.0.0.1:") && is_number(word)
        || before.ends_with("127.0.0.1%") && word.strip_prefix(b"3A").is_some_and(is_number)
}

/// What tells programs why they are refused; the words for people may quote anything.
fn refusal(body: &Value) -> Option<Vec<u8>> {
    let code = ["errorCode", "error"].into_iter().find_map(|member| body[member].as_str())?;
    Some(code.as_bytes().to_vec())
}

/// A list of records in which those of the same name, which any order may have, are in one order.
fn in_one_order(body: &Value) -> Option<Vec<u8>> {
    let member = ["clients", "servers"].into_iter().find(|member| body[member].is_array())?;
    let mut body = body.clone();
    let without_ids = |record: &Value| {
        let mut record = record.clone();
        for name in ["id", "clientId"] {
            record[name] = Value::Null;
        }
        record.to_string()
    };
    let records = body[member].as_array_mut()?;
    for same in records.chunk_by_mut(|a, b| a["name"] == b["name"]) {
        same.sort_by_key(without_ids);
    }
    Some(body.to_string().into_bytes())
}
