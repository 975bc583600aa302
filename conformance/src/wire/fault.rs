//! Ways to send a request wrongly.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::labels::ServerLabel;

/// A way to ask wrongly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// No `Authorization` header.
    NoKey,
    /// The right project with a key that is not its key.
    WrongKey,
    /// The right project and key with the scheme `Basic`.
    WrongScheme,
    /// The right key with the id of a project that it is not of.
    WrongProject,
    /// The right project with an empty key.
    EmptyKey,
    /// The right project with a key that is nearly its key.
    NearKey(Near),
    /// The member at this JSON pointer left out.
    Without(String),
    /// `null` for the member at this JSON pointer.
    Null(String),
    /// A value of another JSON type for the member at this JSON pointer.
    WrongType(String),
    /// A body whose last character is missing.
    CutOff,
    /// A content type that is not JSON's.
    AnotherContentType,
    /// The id of this server in place of the one that the client record belongs to.
    ThroughAnotherServer(ServerLabel),
    /// An id that is nearly the right one, at this JSON pointer.
    NearId(String, Near),
}

/// How a text is nearly another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Near {
    /// Without its last character.
    Shorter,
    /// With one more character.
    Longer,
    /// With small letters in the place of capital ones, and the other way round.
    AnotherCase,
    /// With a blank at its end.
    Blank,
    /// With another last character: it has the form of an id, and nobody has it.
    Unmade,
}

impl Near {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Shorter, Self::Longer, Self::AnotherCase, Self::Blank, Self::Unmade];

    /// The text that is nearly that one.
    pub fn to(self, text: &str) -> String {
        let (rest, last) =
            text.char_indices().next_back().map_or(("", ' '), |(at, last)| (&text[..at], last));
        match self {
            Self::Shorter => rest.to_owned(),
            Self::Longer => format!("{text}0"),
            Self::AnotherCase => {
                let swap = |letter: char| match letter.is_ascii_lowercase() {
                    true => letter.to_ascii_uppercase(),
                    false => letter.to_ascii_lowercase(),
                };
                text.chars().map(swap).collect()
            }
            Self::Blank => format!("{text} "),
            Self::Unmade => format!("{rest}{}", if last == '0' { '1' } else { '0' }),
        }
    }
}

impl fmt::Display for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shorter => "without its last character",
            Self::Longer => "with one more character",
            Self::AnotherCase => "with its letters in the other case",
            Self::Blank => "with a blank at its end",
            Self::Unmade => "with another last character",
        })
    }
}

impl Fault {
    /// Whether the request lacks the right to be answered, whatever it asks.
    pub fn is_unauthorized(&self) -> bool {
        match self {
            Self::NoKey
            | Self::WrongKey
            | Self::WrongScheme
            | Self::WrongProject
            | Self::EmptyKey
            | Self::NearKey(_) => true,
            Self::Without(_)
            | Self::Null(_)
            | Self::WrongType(_)
            | Self::CutOff
            | Self::AnotherContentType
            | Self::ThroughAnotherServer(_)
            | Self::NearId(..) => false,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey => f.write_str("without a key"),
            Self::WrongKey => f.write_str("with a wrong key"),
            Self::WrongScheme => f.write_str("with the key by the scheme Basic"),
            Self::WrongProject => f.write_str("with the key for another project"),
            Self::EmptyKey => f.write_str("with an empty key"),
            Self::NearKey(near) => write!(f, "with the key {near}"),
            Self::Without(member) => write!(f, "without {member}"),
            Self::Null(member) => write!(f, "with null for {member}"),
            Self::WrongType(member) => write!(f, "with a value of the wrong type for {member}"),
            Self::CutOff => f.write_str("with a body that is cut off"),
            Self::AnotherContentType => f.write_str("with a content type that is not JSON's"),
            Self::ThroughAnotherServer(server) => write!(f, "naming {server}"),
            Self::NearId(member, near) => write!(f, "with {member} {near}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_a_text_is_another_text() {
        for text in ["MS3FtZbxdWpdUpzj7ydvZcmi84Ibo", "a", "0"] {
            for near in Near::ALL.into_iter().filter(|near| text != "0" || *near != Near::AnotherCase) {
                assert_ne!(near.to(text), text, "{near:?}");
            }
        }
        assert_eq!(Near::AnotherCase.to("Ms1"), "mS1");
    }
}
