//! A change between two documents, and what it does to those who rely on the first.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What a change does to a program that was built with the first document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Nothing.
    Documentation,
    /// Nothing, until it wants to use what is new.
    Additive,
    /// Perhaps something: it differs in a way that is not compared.
    NotJudged,
    /// Answers may come that it cannot read.
    BreakingForDecoding,
    /// What it sends, reads or keeps stops working.
    BreakingForCallers,
}

impl Class {
    /// As it stands in reports.
    pub fn words(self) -> &'static str {
        match self {
            Self::Documentation => "documentation",
            Self::Additive => "additive",
            Self::NotJudged => "not judged",
            Self::BreakingForDecoding => "breaking for decoding",
            Self::BreakingForCallers => "breaking for callers",
        }
    }

    /// Whether it breaks something.
    pub fn is_breaking(self) -> bool {
        self >= Self::BreakingForDecoding
    }
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it; `words` says it in a sentence")]
pub enum ChangeKind {
    OperationRemoved,
    OperationAdded,
    OperationRenamed,
    SecurityChanged,
    SecurityAdded,
    RuleChanged,
    BodyRemoved,
    BodyAdded,
    MediaTypeChanged,
    ResponseRemoved,
    ResponseAdded,
    MemberRemoved,
    MemberAdded,
    TypeChanged,
    FormatChanged,
    BecameRequired,
    BecameOptional,
    BecameNullable,
    LostNull,
    ValueRemoved,
    ValueAdded,
    ValuesClosed,
    ValuesOpened,
    LimitsChanged,
    LimitsLifted,
    AlternativeRemoved,
    AlternativeAdded,
    ObjectClosed,
    ObjectOpened,
    SchemaRenamed,
    TypeRenamed,
    Deprecated,
    TextChanged,
    NotJudged,
    Unreadable,
}

/// Which way values go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Request,
    Response,
}

impl ChangeKind {
    /// What it does where values go this way. `was_required` is about the member or body itself.
    pub(super) fn class(self, direction: Direction, is_required: bool) -> Class {
        use ChangeKind::*;
        use Class::*;
        let request = direction == Direction::Request;
        match self {
            OperationRemoved | OperationRenamed | SecurityChanged | MediaTypeChanged if request => {
                BreakingForCallers
            }
            MediaTypeChanged | Unreadable => BreakingForDecoding,
            OperationRemoved | OperationRenamed | SecurityChanged => BreakingForCallers,
            // What the client may do again or page through follows from our own keys.
            RuleChanged | TypeRenamed => BreakingForCallers,
            OperationAdded | ResponseAdded | SecurityAdded => Additive,
            BodyRemoved | ResponseRemoved if !request => BreakingForDecoding,
            BodyRemoved | ResponseRemoved => BreakingForCallers,
            BodyAdded | MemberAdded if request && is_required => BreakingForCallers,
            BodyAdded | MemberAdded => Additive,
            // Nobody can do without what is required; what is optional is missed by those who read it.
            MemberRemoved if !request && is_required => BreakingForDecoding,
            MemberRemoved => BreakingForCallers,
            TypeChanged | FormatChanged if request => BreakingForCallers,
            TypeChanged | FormatChanged => BreakingForDecoding,
            // Nobody reads by limits, but what is sent may be outside of them.
            LimitsChanged | LimitsLifted if !request => Documentation,
            LimitsChanged => BreakingForCallers,
            LimitsLifted => Additive,
            // To be asked for more breaks those who send; to be given less, those who read.
            BecameRequired | LostNull | ValueRemoved | ValuesClosed | AlternativeRemoved | ObjectClosed => {
                if request {
                    BreakingForCallers
                } else {
                    Additive
                }
            }
            BecameOptional | BecameNullable | ValueAdded | ValuesOpened | AlternativeAdded => {
                if request {
                    Additive
                } else {
                    BreakingForDecoding
                }
            }
            ObjectOpened => Additive,
            ChangeKind::NotJudged => Class::NotJudged,
            SchemaRenamed | Deprecated | TextChanged => Documentation,
        }
    }

    /// As it stands in reports.
    pub fn words(self) -> &'static str {
        use ChangeKind::*;
        match self {
            OperationRemoved => "operation is gone",
            OperationAdded => "operation is new",
            OperationRenamed => "operation has another id",
            SecurityChanged => "wants other credentials",
            SecurityAdded => "takes other credentials too",
            RuleChanged => "follows another rule",
            BodyRemoved => "body is gone",
            BodyAdded => "body is new",
            MediaTypeChanged => "content has another type",
            ResponseRemoved => "response is gone",
            ResponseAdded => "response is new",
            MemberRemoved => "is gone",
            MemberAdded => "is new",
            TypeChanged => "has another type",
            FormatChanged => "has another format",
            BecameRequired => "is required now",
            BecameOptional => "is optional now",
            BecameNullable => "may be null now",
            LostNull => "may not be null any more",
            ValueRemoved => "lost a value",
            ValueAdded => "has a new value",
            ValuesClosed => "is limited to listed values now",
            LimitsChanged => "has other limits",
            LimitsLifted => "lost limits",
            ValuesOpened => "is not limited to listed values any more",
            AlternativeRemoved => "lost an alternative",
            AlternativeAdded => "has a new alternative",
            ObjectClosed => "admits no further members any more",
            ObjectOpened => "admits further members now",
            SchemaRenamed => "schema has another name",
            TypeRenamed => "type has another name",
            Deprecated => "is deprecated now",
            TextChanged => "is described otherwise",
            NotJudged => "differs, and this is not judged",
            Unreadable => "cannot be read",
        }
    }
}

/// One change, wherever it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What changed.
    pub kind: ChangeKind,
    /// What was changed: `Schema.member`, `OperationId`, `OperationId 4XX`.
    pub at: String,
    /// What it does, everywhere taken together; never empty.
    pub classes: BTreeSet<Class>,
    /// What was there and what is there instead, in words; empty if the kind says all.
    pub detail: String,
    /// The operations and directions where it shows: `LoadMcpServer response`.
    pub shows_in: BTreeSet<String>,
    /// Its place in the first document, if it has one.
    pub before: Option<Location>,
    /// Its place in the second document, if it has one.
    pub after: Option<Location>,
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Location {
    /// Line, counted from 1.
    pub line: u64,
    /// JSON pointer.
    pub pointer: String,
}

impl Change {
    /// The worst of what it does.
    pub fn class(&self) -> Class {
        self.classes.last().copied().unwrap_or(Class::Documentation)
    }

    /// Whether it gives the client made from the document other types or names, so that code has to change with it. What
    /// is not judged may do so.
    pub fn changes_types(&self) -> bool {
        use ChangeKind::*;
        self.class().is_breaking() || matches!(self.kind, BecameRequired | BecameOptional | NotJudged)
    }
}
