//! Variants: one switch for every question that public documents leave open, with the plausible answers.
//!
//! A client or a suite that holds under all of them does not lean on a guess of this emulator. The table of switches
//! is in `switches.rs`; what each value does is in the file of the rule that it switches.

mod switches;
#[cfg(test)]
mod tests;

pub use switches::Variants;
pub(crate) use switches::{
    Absent, ClientCallbacks, ClientIdForm, ClientScopes, ClientUpdate, ConsentFlow, DcrClientCredentials,
    DcrPublicSecret, DcrStatus, DuplicateNames, FlatScopes, ForeignClient, LoginFlow, LoginPage, M2mAudience,
    M2mScope, NameMatch, NotFoundCode, NotFoundStatus, OverLimit, RateLimitBucket, RegistrationDefault,
    RegistrationType, RetryAfter, Rotation, RotationTokens, RsServers, SearchText, SecretExpiry, SecretRead,
    SelfRegisteredConsent, SelfRegisteredErrors, ServerDeleteClients, ServerIds, SessionDefaults,
    SingleDeleteUnknown, Status, TagMatch, TokenErrors, TokenIssuer, Total, UnauthorizedCode,
    UnauthorizedStatus, UnknownMembers, UnknownSort, ValidationCode,
};

/// A question and the answers to it that the emulator can give.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Switch {
    /// Its name, as in `--variant name=value`.
    pub name: &'static str,
    /// What no document answers, with the number of the question in the project's list of facts.
    pub question: &'static str,
    /// Why the default is the default.
    pub basis: &'static str,
    /// What it can be set to.
    pub values: Values,
}

/// What a switch can be set to.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Values {
    /// One of these words, each with what it means; the first is the default.
    Words(&'static [(&'static str, &'static str)]),
    /// A whole number.
    Number {
        /// The least.
        least: u32,
        /// The most.
        most: u32,
        /// The default.
        default: u32,
        /// The unit, empty for a count. It may follow the number.
        unit: &'static str,
    },
}

impl Values {
    /// The value in force unless another is set.
    pub fn default(&self) -> String {
        match self {
            Self::Words(words) => words.first().map(|(word, _)| (*word).to_owned()).unwrap_or_default(),
            Self::Number { default, unit, .. } => format!("{default}{unit}"),
        }
    }

    /// All values in one line: `a, b or c`, or `0 to 5000 ms`.
    pub fn listed(&self) -> String {
        match self {
            Self::Words(words) => {
                let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                match words.split_last() {
                    Some((last, [])) => (*last).to_owned(),
                    Some((last, others)) => format!("{} or {last}", others.join(", ")),
                    None => String::new(),
                }
            }
            Self::Number { least, most, unit, .. } => {
                format!("{least} to {most} {unit}").trim_end().to_owned()
            }
        }
    }

    fn number(&self, text: &str) -> Option<u32> {
        let Self::Number { least, most, unit, .. } = self else { return None };
        let digits = text.strip_suffix(unit).unwrap_or(text);
        // `parse` would take a sign.
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|number| plain && (*least..=*most).contains(number))
    }
}

/// A setting of a switch that makes no sense; the message lists what would.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VariantError {
    /// Not of the form `name=value`.
    #[error("variant {0:?} must be name=value; --variants lists them")]
    Form(String),
    /// No switch has this name.
    #[error("there is no variant {name:?}; there are {known}")]
    Name {
        /// What was given.
        name: String,
        /// Every name that exists.
        known: String,
    },
    /// The switch has no such value.
    #[error("variant {name} cannot be {value:?}; it can be {values}")]
    Value {
        /// The switch.
        name: &'static str,
        /// What was given.
        value: String,
        /// What it can be.
        values: String,
    },
}

impl Variants {
    /// Every switch there is.
    pub const fn switches() -> &'static [Switch] {
        switches::SWITCHES
    }

    /// Sets one switch; setting it twice keeps the later value.
    ///
    /// # Errors
    /// [`VariantError::Name`] and [`VariantError::Value`], listing what there is.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), VariantError> {
        let cut = |text: &str| text.chars().take(80).collect::<String>();
        let Some(switch) = Self::switches().iter().find(|switch| switch.name == name) else {
            let known: Vec<_> = Self::switches().iter().map(|switch| switch.name).collect();
            return Err(VariantError::Name { name: cut(name), known: known.join(", ") });
        };
        if self.assign(switch, value) {
            return Ok(());
        }
        Err(VariantError::Value { name: switch.name, value: cut(value), values: switch.values.listed() })
    }

    /// Sets one switch from `name=value`.
    ///
    /// # Errors
    /// As [`Variants::set`], and [`VariantError::Form`] without an equals sign.
    pub fn set_pair(&mut self, pair: &str) -> Result<(), VariantError> {
        let (name, value) =
            pair.split_once('=').ok_or_else(|| VariantError::Form(pair.chars().take(80).collect()))?;
        self.set(name, value)
    }

    /// Every switch with its value in force, in the order of [`Variants::switches`].
    pub fn in_force(&self) -> Vec<(&'static Switch, String)> {
        Self::switches().iter().map(|switch| (switch, self.value(switch))).collect()
    }

    /// What `--variants` prints: each switch with its values, the default, the question and the basis.
    pub fn listing() -> String {
        let mut text = String::new();
        for switch in Self::switches() {
            text.push_str(&format!("{}\n  question  {}\n", switch.name, switch.question));
            match switch.values {
                Values::Words(words) => {
                    let width = words.iter().map(|(word, _)| word.len()).max().unwrap_or_default();
                    for (index, (word, meaning)) in words.iter().enumerate() {
                        let mark = if index == 0 { " (default)" } else { "" };
                        text.push_str(&format!("  {word:width$}  {meaning}{mark}\n"));
                    }
                }
                Values::Number { .. } => text.push_str(&format!(
                    "  {}, default {}\n",
                    switch.values.listed(),
                    switch.values.default()
                )),
            }
            text.push_str(&format!("  basis     {}\n\n", switch.basis));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }
}
