//! The error type of the diagnosis: keeps what serde's text would lose.

use std::fmt;

use serde::de;

use super::shown;

/// Why a value could not be made.
#[derive(Debug)]
pub(super) enum Fault {
    /// What is known is in the pass, and the round over unless the pass says otherwise.
    Ended,
    Missing(&'static str),
    Duplicate(&'static str),
    Unknown(String),
    /// No variant has this name; no other text will do better.
    Variant(String),
    /// Whatever else a type has to say.
    Other(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended => f.write_str("the diagnosis goes on in another round"),
            Self::Missing(name) => write!(f, "`{name}` is missing"),
            Self::Duplicate(name) => write!(f, "`{name}` is given more than once"),
            Self::Unknown(detail) | Self::Variant(detail) | Self::Other(detail) => {
                f.write_str(detail)
            }
        }
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Other(message.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::Duplicate(field)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::Variant(match expected {
            [] => "there is no variant to choose".to_owned(),
            names => format!("expected {}, found {:?}", Names(names), shown(variant)),
        })
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::Unknown(match expected {
            [] => "is not known here; no member is".to_owned(),
            names => format!("is not known here; expected {}", Names(names)),
        })
    }
}

/// Names as a sentence: `` `a`, `b` or `c` ``.
struct Names(&'static [&'static str]);

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, name) in self.0.iter().enumerate() {
            let before = match nth {
                0 => "",
                nth if nth + 1 == self.0.len() => " or ",
                _ => ", ",
            };
            write!(f, "{before}`{name}`")?;
        }
        Ok(())
    }
}
