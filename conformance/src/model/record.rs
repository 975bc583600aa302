//! What is known of one record.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::json::{self, Difference, Members};
use crate::labels::{ServerLabel, WhichSecret};
use crate::model::comparison::{as_stored, comparable};
use crate::model::grant::Grant;
use crate::wire::exchange::Exchange;
use crate::wire::fault::Near;

/// What is known of one record.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its id at the target.
    pub id: String,
    /// Whether it exists.
    pub life: Life,
    /// What its members hold.
    pub knowledge: Knowledge,
    /// What they held before, the oldest first.
    pub(super) earlier: Vec<Knowledge>,
    /// Whether loading it has shown the same as writing it.
    pub trust: Trust,
    /// What happened since an answer last showed it, none of which may have changed it.
    pub since: BTreeSet<InterferingEvent>,
    /// It was created at the same time as others.
    pub made_at_once: bool,
    /// It was deleted at the same time as it was updated.
    pub deleted_during_an_update: bool,
    /// How the id in a deletion was nearly its own that the target acknowledged since it was last seen.
    pub nearly_deleted: Option<Near>,
}

/// Whether a record exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Created and not deleted.
    Alive,
    /// Deleted.
    Gone,
    /// A deletion was asked for and its outcome is unclear, or its server was deleted.
    Unknown,
}

/// What is known of a record's members.
#[derive(Debug, Clone)]
pub enum Knowledge {
    /// Acknowledged and not yet shown by an answer: these are known, all others are the server's choice.
    Sent(Members),
    /// Shown by an answer: all of them are pinned.
    Seen(Members),
    /// Acknowledged updates that were sent at the same time: it must hold the whole of one of them.
    OneOf(Vec<Members>),
    /// Nothing, after an outcome that is unclear.
    Unknown,
}

/// Whether loading a record, or reading a secret, has shown what writing it showed. Only then can a later change be
/// blamed on what happened in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Nothing has been loaded since it was written.
    Written,
    /// What was loaded agrees with what was written.
    Confirmed,
    /// What was loaded differs from what was written: either may be wrong.
    Disputed,
}

/// An event that must leave a record as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InterferingEvent {
    /// A request without the right key was refused.
    UnauthorizedRequest,
    /// A request that was malformed, or named the wrong server, was refused.
    MalformedRequest,
    /// Its secret was rotated.
    Rotation,
    /// Another record was updated.
    UpdateOfAnother,
    /// Another record was deleted.
    DeletionOfAnother,
}

/// What is known of a client record.
#[derive(Debug, Clone)]
pub struct ClientRecord {
    /// What is known of it as a record.
    pub record: Record,
    /// The server it belongs to.
    pub server: ServerLabel,
    /// Its OAuth `client_id`.
    pub client_id: String,
    /// Whether it registered itself as a client without a secret.
    pub is_public: bool,
    /// Every secret it was given, newest last.
    pub secrets: Vec<String>,
    /// When rotations replaced secrets, by the secret.
    pub replaced: BTreeMap<String, Replacement>,
    /// Whether the newest of `secrets` is surely the current one.
    pub secret_is_known: bool,
    /// Whether reading the secret has given the newest of `secrets`.
    pub secret_trust: Trust,
    /// Whether the token endpoint has accepted the newest of `secrets`.
    pub secret_worked: bool,
    /// What happened since an answer last gave the secret, none of which may have changed it.
    pub secret_since: BTreeSet<InterferingEvent>,
    /// What its last request for a code led to.
    pub grant: Option<Grant>,
    /// What the last rotations gave, if several were asked for at the same time: one of these is the current one.
    pub rotated_at_once: Vec<String>,
}

/// When a rotation replaced a secret: between these moments.
#[derive(Debug, Clone, Copy)]
pub struct Replacement {
    /// The request for the rotation was sent.
    sent_at: Instant,
    /// Its response was complete.
    answered_at: Instant,
}

/// How long before a request was judged a secret had been replaced, as far as a client can measure it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    /// At least this long before.
    pub at_least: Duration,
    /// At most this long before.
    pub at_most: Duration,
}

impl Record {
    pub(super) fn created(id: String, knowledge: Knowledge) -> Self {
        Self {
            id,
            life: Life::Alive,
            knowledge,
            earlier: Vec::new(),
            trust: Trust::Written,
            since: BTreeSet::new(),
            made_at_once: false,
            deleted_during_an_update: false,
            nearly_deleted: None,
        }
    }

    /// Whether it surely exists.
    pub fn is_alive(&self) -> bool {
        self.life == Life::Alive
    }

    /// The members that it surely has.
    pub fn members(&self) -> Option<&Members> {
        match &self.knowledge {
            Knowledge::Seen(members) | Knowledge::Sent(members) => Some(members),
            Knowledge::OneOf(_) | Knowledge::Unknown => None,
        }
    }

    /// All of its members, once an answer has shown them.
    pub fn seen(&self) -> Option<&Members> {
        match &self.knowledge {
            Knowledge::Seen(members) => Some(members),
            Knowledge::Sent(_) | Knowledge::OneOf(_) | Knowledge::Unknown => None,
        }
    }

    /// Whether these members are what is known of it; `None` if nothing is known.
    pub fn agrees_with(&self, members: &Members) -> Option<Result<(), Difference>> {
        let shown = &Value::Object(comparable(members));
        match &self.knowledge {
            Knowledge::Sent(sent) => {
                let stored = as_stored(comparable(sent), shown);
                Some(json::contains(&Value::Object(stored), shown))
            }
            Knowledge::Seen(seen) => Some(json::same(&Value::Object(comparable(seen)), shown)),
            Knowledge::OneOf(_) | Knowledge::Unknown => None,
        }
    }

    /// Notes what it holds since a write, of which no load has shown anything yet.
    pub(super) fn replace(&mut self, knowledge: Knowledge) {
        self.know(knowledge);
        self.trust = Trust::Written;
    }

    pub(super) fn see_written(&mut self, members: &Members) {
        self.life = Life::Alive;
        self.know(Knowledge::Seen(members.clone()));
        self.trust = Trust::Written;
        self.nearly_deleted = None;
        self.since.clear();
    }

    pub(super) fn see_loaded(&mut self, members: &Members) {
        let differs = self.agrees_with(members).is_some_and(|agreement| agreement.is_err());
        self.trust = match self.trust {
            // What was written has no say any more once something else changed the record.
            Trust::Confirmed => Trust::Confirmed,
            Trust::Written if !differs => Trust::Confirmed,
            Trust::Written | Trust::Disputed => Trust::Disputed,
        };
        self.life = Life::Alive;
        self.know(Knowledge::Seen(members.clone()));
        self.nearly_deleted = None;
        self.since.clear();
    }
}

impl ClientRecord {
    /// A client that registered itself: its record has an id that only a search tells.
    pub(crate) fn registered(server: ServerLabel, client_id: &str, secret: Option<String>) -> Self {
        let record = Record { life: Life::Unknown, ..Record::created(String::new(), Knowledge::Unknown) };
        Self {
            record,
            server,
            client_id: client_id.to_owned(),
            is_public: false,
            secret_is_known: secret.is_some(),
            secret_trust: Trust::Written,
            secret_worked: false,
            secrets: secret.into_iter().collect(),
            replaced: BTreeMap::new(),
            secret_since: BTreeSet::new(),
            grant: None,
            rotated_at_once: Vec::new(),
        }
    }

    /// Whether no answer has told the id of its record yet.
    pub fn awaits_its_id(&self) -> bool {
        self.record.id.is_empty()
    }

    /// One of its secrets; none of them was invented.
    pub fn secret(&self, which: WhichSecret) -> Option<&str> {
        let rotations_ago = match which {
            WhichSecret::Current => 0,
            WhichSecret::BeforeRotation => 1,
            WhichSecret::BeforeTwoRotations => 2,
            WhichSecret::Invented => return None,
        };
        self.secrets.iter().rev().nth(rotations_ago).map(String::as_str)
    }

    /// How long before this exchange the secret had been replaced. `None` if the time of the rotation is not known.
    pub fn age(&self, which: WhichSecret, exchange: &Exchange) -> Option<Age> {
        let Replacement { sent_at, answered_at } = *self.replaced.get(self.secret(which)?)?;
        Some(Age {
            at_least: exchange.sent_at.saturating_duration_since(answered_at),
            at_most: exchange.answered_at().saturating_duration_since(sent_at),
        })
    }

    /// Notes that a rotation gave this secret.
    pub(super) fn rotate(&mut self, secret: String, exchange: &Exchange) {
        if let Some(old) = self.secrets.last().filter(|old| **old != secret) {
            let replacement = Replacement { sent_at: exchange.sent_at, answered_at: exchange.answered_at() };
            self.replaced.insert(old.clone(), replacement);
        }
        self.give(secret);
    }

    /// Notes that this is the secret from now on.
    pub(super) fn give(&mut self, secret: String) {
        if self.secrets.last() != Some(&secret) {
            self.secrets.push(secret);
            self.secret_worked = false;
        }
        self.secret_is_known = true;
        self.secret_since.clear();
    }

    /// Notes what reading the secret has shown.
    pub(super) fn read(&mut self, secret: String) {
        let agrees = !self.secret_is_known || self.secrets.last() == Some(&secret);
        if self.secret_trust != Trust::Confirmed && !agrees {
            // Were a wrong reading believed, every right answer after it would look wrong.
            self.secret_trust = Trust::Disputed;
            self.secret_since.clear();
            return;
        }
        if self.secret_trust == Trust::Written {
            self.secret_trust = Trust::Confirmed;
        }
        self.give(secret);
    }
}
