//! The error type of the diagnosis: keeps what serde's text would lose.

use std::fmt;

use serde::de;

/// Why a value could not be made.
#[derive(Debug)]
pub(super) enum Fault {
    /// The round is over; what is known is in the pass.
    Ended,
    Missing(&'static str),
    Duplicate(&'static str),
    Unknown(String),
    /// Whatever else a type has to say.
    Other(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended => f.write_str("the diagnosis goes on in another round"),
            Self::Missing(name) => write!(f, "`{name}` is missing"),
            Self::Duplicate(name) => write!(f, "`{name}` is given more than once"),
            Self::Unknown(detail) | Self::Other(detail) => f.write_str(detail),
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
