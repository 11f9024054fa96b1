//! What a client chooses for one request.

use std::num::NonZeroUsize;

use http::Method;
use http::request::Parts;

use super::config::{Mode, Names, Settings};
use crate::prefer::Preferences;
use crate::problem::Problem;
use crate::query::{QueryString, invalid_parameter, shorten};

/// What was chosen, by the client or for it.
#[derive(Clone, Debug)]
pub(super) struct Choices {
    pub(super) mode: Mode,
    /// The parameter that asked for the mode, where one did.
    pub(super) asked: Option<String>,
    pub(super) stop_after: Option<NonZeroUsize>,
    /// The parameter that asked for it.
    asked_to_stop: Option<String>,
    pub(super) style: Style,
}

/// How the answer is written.
#[derive(Clone, Debug)]
pub(super) struct Style {
    pub(super) made: Made,
    /// Items say themselves which it is.
    pub(super) upsert: bool,
    pub(super) envelope: bool,
    /// Failures alone, because the client prefers it.
    pub(super) minimal: bool,
    pub(super) uniform: bool,
    /// The preference of `handling` that was followed.
    pub(super) handling: Option<&'static str>,
}

/// What a request makes of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    Created,
    Updated,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            mode: Mode::Partial,
            asked: None,
            stop_after: None,
            asked_to_stop: None,
            style: Style {
                made: Made::Created,
                upsert: false,
                envelope: false,
                minimal: false,
                uniform: false,
                handling: None,
            },
        }
    }
}

impl Choices {
    /// # Errors
    /// A 400 that names the parameter and what is allowed.
    pub(super) fn read(parts: &Parts, settings: &Settings) -> Result<Self, Problem> {
        let query = QueryString::parse(parts.uri.query())?;
        let names = &settings.names;
        known(&query, names, &settings.others)?;
        let asked = choice(
            &query,
            &names.mode,
            [Mode::Partial, Mode::Atomic],
            Mode::name,
        )?;
        let envelope = choice(&query, &names.envelope, [false, true], envelope_name)?;
        let stop_after = stop_after(&query, &names.stop_after)?;
        let preferences = Preferences::of(&parts.headers);
        let mut choices = Self {
            mode: asked.unwrap_or(settings.mode),
            asked: asked.map(|_| names.mode.clone()),
            stop_after,
            asked_to_stop: stop_after.map(|_| names.stop_after.clone()),
            style: Style {
                made: Made::by(&parts.method),
                upsert: false,
                envelope: envelope.unwrap_or(settings.envelope),
                minimal: preferences.has("return", "minimal"),
                uniform: settings.uniform,
                handling: None,
            },
        };
        if asked.is_none() {
            choices.follow(&preferences);
        }
        if choices.stop_after.is_some() && choices.is_atomic() {
            let mode = &names.mode;
            let detail = format!(
                "does not go with `{mode}=atomic`, where any failure stops all; with `{mode}=partial` it does"
            );
            return Err(invalid_parameter(&names.stop_after, detail));
        }
        Ok(choices)
    }

    /// The choices for items without end, each of which is answered on its own.
    ///
    /// # Errors
    /// A 400 that names the parameter and what is allowed.
    pub(super) fn of_lines(parts: &Parts, settings: &Settings) -> Result<Self, Problem> {
        let settings = Settings {
            mode: Mode::Partial,
            envelope: true,
            ..settings.clone()
        };
        let mut choices = Self::read(parts, &settings)?;
        if !choices.style.envelope {
            let detail = "`classic` is not possible on this route; allowed: `items`";
            return Err(invalid_parameter(&settings.names.envelope, detail));
        }
        choices.without_transaction()?;
        Ok(choices)
    }

    /// Follows `handling`, which is a wish: a parameter is stronger.
    fn follow(&mut self, preferences: &Preferences<'_>) {
        if self.stop_after.is_none() && preferences.has("handling", "strict") {
            (self.mode, self.style.handling) = (Mode::Atomic, Some("strict"));
        }
        if preferences.has("handling", "lenient") {
            (self.mode, self.style.handling) = (Mode::Partial, Some("lenient"));
        }
    }

    pub(super) fn is_atomic(&self) -> bool {
        self.mode == Mode::Atomic
    }

    /// The choices where all is undone if anything fails. The wish for lenient handling is passed
    /// over.
    ///
    /// # Errors
    /// A 400 where the client has asked for something else.
    pub(super) fn always_atomic(&mut self) -> Result<(), Problem> {
        let was = std::mem::replace(&mut self.mode, Mode::Atomic);
        self.stop_after = None;
        let asked = self.asked.take();
        if let Some(name) = self.asked_to_stop.take() {
            let detail = "is not possible on this route, where any failure stops all";
            return Err(invalid_parameter(&name, detail));
        }
        if was == Mode::Atomic {
            return Ok(());
        }
        self.style.handling = None;
        match asked {
            None => Ok(()),
            Some(name) => {
                let detail = "`partial` is not possible on this route; allowed: `atomic`";
                Err(invalid_parameter(&name, detail))
            }
        }
    }

    /// The choices where nothing can be undone. The wish for atomic handling is passed over.
    ///
    /// # Errors
    /// A 400 where the client has asked for what is not there, a 500 where the settings have.
    pub(super) fn without_transaction(&mut self) -> Result<(), Problem> {
        if !self.is_atomic() {
            return Ok(());
        }
        if let Some(name) = &self.asked {
            let detail = "`atomic` is not possible on this route; allowed: `partial`";
            return Err(invalid_parameter(name, detail));
        }
        if self.style.handling.take().is_none() {
            return Err(Problem::internal(
                "atomic bulk requests are the default, but this route runs without a transaction",
            ));
        }
        self.mode = Mode::Partial;
        Ok(())
    }
}

impl Made {
    fn by(method: &Method) -> Self {
        match *method {
            Method::PATCH | Method::PUT => Self::Updated,
            _ => Self::Created,
        }
    }
}

const fn envelope_name(items: bool) -> &'static str {
    if items { "items" } else { "classic" }
}

fn known(query: &QueryString<'_>, names: &Names, others: &[String]) -> Result<(), Problem> {
    let own = [&names.mode, &names.stop_after, &names.envelope];
    let allowed = || own.into_iter().chain(others);
    let unknown = query
        .iter()
        .find(|(name, _)| allowed().all(|other| other != name));
    let Some((name, _)) = unknown else {
        return Ok(());
    };
    let allowed: Vec<_> = allowed().map(|name| format!("`{name}`")).collect();
    let detail = format!("unknown parameter; allowed: {}", allowed.join(", "));
    Err(invalid_parameter(name, detail))
}

/// One of two values by its name.
fn choice<V: Copy>(
    query: &QueryString<'_>,
    parameter: &str,
    values: [V; 2],
    name: fn(V) -> &'static str,
) -> Result<Option<V>, Problem> {
    let Some(given) = query.single(parameter)? else {
        return Ok(None);
    };
    let found = values.into_iter().find(|value| name(*value) == given);
    let [first, second] = values.map(name);
    let refused = || {
        let given = shorten(given);
        let detail = format!("`{given}` is not known; allowed: `{first}`, `{second}`");
        invalid_parameter(parameter, detail)
    };
    found.map(Some).ok_or_else(refused)
}

fn stop_after(query: &QueryString<'_>, parameter: &str) -> Result<Option<NonZeroUsize>, Problem> {
    let Some(given) = query.single(parameter)? else {
        return Ok(None);
    };
    let digits = given.bytes().all(|byte| byte.is_ascii_digit());
    let number = given.parse().ok().filter(|_| digits);
    let refused = || {
        let given = shorten(given);
        invalid_parameter(parameter, format!("`{given}` is not a number of 1 or more"))
    };
    number.map(Some).ok_or_else(refused)
}
