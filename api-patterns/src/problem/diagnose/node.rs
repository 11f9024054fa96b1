//! The deserializer that goes on where a value does not fit.

use std::str::FromStr;

use serde::de::{Deserializer, Error as _, Visitor};
use serde_json::{Number, Value};

use super::access::{Elements, Members, Standins};
use super::fault::Fault;
use super::pass::Pass;
use super::shown;
use super::variant::Variant;

/// Deepest nesting of stand-ins, for types that contain themselves.
const MAX_DUMMIES: u8 = 16;

/// Accepted by every text type that has no syntax of its own, `char` included.
const DUMMY_TEXT: &str = "a";

/// What is read in place of a value.
#[derive(Clone, Copy)]
pub(super) enum Input<'a> {
    Json(&'a Value),
    /// Untyped text: a member's name, the value of a parameter. Read as whatever is asked for.
    Text(&'a str),
    /// The parameters of a query or a form.
    Pairs(&'a [(String, String)]),
    /// A stand-in of the type that is asked for, within so many others.
    Dummy(u8),
}

impl Input<'_> {
    pub(super) fn dummies(self) -> u8 {
        match self {
            Self::Dummy(depth) => depth,
            _ => 0,
        }
    }

    fn is_null(self) -> bool {
        matches!(self, Self::Json(Value::Null))
    }

    fn describe(self) -> String {
        match self {
            Self::Json(Value::Null) => "null".to_owned(),
            Self::Json(Value::Bool(value)) => format!("the boolean {value}"),
            Self::Json(Value::Number(number)) => format!("the number {number}"),
            Self::Json(Value::Array(_)) => "an array".to_owned(),
            Self::Json(Value::Object(_)) | Self::Pairs(_) => "an object".to_owned(),
            Self::Json(Value::String(text)) => format!("the string {:?}", shown(text)),
            Self::Text(text) => format!("{:?}", shown(text)),
            Self::Dummy(_) => String::new(),
        }
    }
}

/// One value of the document, at the path of the pass.
#[derive(Clone, Copy)]
pub(super) struct Node<'p, 'a> {
    pub(super) pass: &'p Pass<'a>,
    pub(super) input: Input<'a>,
    /// Within a stand-in nothing is the client's mistake.
    pub(super) silent: bool,
}

impl<'p, 'a> Node<'p, 'a> {
    /// Another input in the place of this node.
    pub(super) fn with(self, input: Input<'a>) -> Self {
        Self { input, ..self }
    }

    /// A stand-in within this node.
    pub(super) fn dummy(self) -> Self {
        let depth = self.input.dummies().saturating_add(1);
        Self {
            input: Input::Dummy(depth),
            silent: true,
            ..self
        }
    }

    pub(super) fn mismatch(self, expected: &str) -> Result<(), Fault> {
        self.misfit(|| match self.input {
            Input::Pairs(_) => format!("the parameters cannot be read as {expected}"),
            input => format!("expected {expected}, found {}", input.describe()),
        })
    }

    fn misfit(self, detail: impl FnOnce() -> String) -> Result<(), Fault> {
        if let Input::Dummy(depth) = self.input {
            return match depth {
                0..=MAX_DUMMIES => Ok(()),
                _ => Err(Fault::custom("nested too deeply")),
            };
        }
        if self.silent {
            return Ok(());
        }
        self.pass.mismatch(detail())
    }

    fn number(self) -> Option<&'a Number> {
        match self.input {
            Input::Json(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    fn integer<T: FromStr + TryFrom<i128>>(self) -> Option<T> {
        match self.input {
            Input::Json(Value::Number(number)) => T::try_from(whole(number)?).ok(),
            Input::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn object<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        let kind = std::any::type_name::<V>();
        let mut members = Members::new(self, kind);
        let result = visitor.visit_map(&mut members);
        result.map_err(|fault| {
            self.pass
                .object_refused(kind, fault, members.supplied(), self.silent)
        })
    }

    fn visit_number<V: Visitor<'a>>(number: &Number, visitor: V) -> Result<V::Value, Fault> {
        match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(value), ..) => visitor.visit_u64(value),
            (_, Some(value), _) => visitor.visit_i64(value),
            (.., Some(value)) => visitor.visit_f64(value),
            _ => Err(Fault::custom("number out of range")),
        }
    }

    fn visit_private<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let value = match self.input {
            Input::Json(value) => value,
            _ => &Value::Null,
        };
        value
            .deserialize_newtype_struct(name, visitor)
            .map_err(Fault::custom)
    }
}

/// A number without a fraction. Those beyond 64 bits are kept as floats by `serde_json`, which is
/// enough to see whether a 128-bit type would take them.
fn whole(number: &Number) -> Option<i128> {
    let small = number
        .as_i64()
        .map(i128::from)
        .or(number.as_u64().map(i128::from));
    let large = || {
        number
            .as_f64()
            .filter(|value| value.abs() >= 1e18 && value.fract() == 0.0)
    };
    small.or_else(|| large().map(|value| value as i128))
}

fn expected_integer<T: Copy + Into<i128>>(min: T, max: T) -> String {
    match (min.into(), max.into()) {
        (0, max) if max > i64::MAX.into() => "a 64-bit integer of 0 or more".to_owned(),
        (_, max) if max == i64::MAX.into() => "a 64-bit integer".to_owned(),
        (min, max) => format!("an integer from {min} to {max}"),
    }
}

macro_rules! integers {
    ($($method:ident $type:ident)*) => {$(
        fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self.integer::<$type>().map(u64::try_from) {
                Some(Ok(value)) => visitor.visit_u64(value),
                Some(Err(_)) => visitor.visit_i64(self.integer::<i64>().unwrap_or_default()),
                None => {
                    self.mismatch(&expected_integer($type::MIN, $type::MAX))?;
                    visitor.visit_u64(1)
                }
            }
        }
    )*};
}

macro_rules! wide_integers {
    ($($method:ident $visit:ident $type:ident)*) => {$(
        fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self.integer::<$type>() {
                Some(value) => visitor.$visit(value),
                None => {
                    self.mismatch("an integer")?;
                    visitor.$visit(1)
                }
            }
        }
    )*};
}

impl<'a> Deserializer<'a> for Node<'_, 'a> {
    type Error = Fault;

    integers! {
        deserialize_i8 i8 deserialize_i16 i16 deserialize_i32 i32 deserialize_i64 i64
        deserialize_u8 u8 deserialize_u16 u16 deserialize_u32 u32 deserialize_u64 u64
    }

    wide_integers! {
        deserialize_i128 visit_i128 i128
        deserialize_u128 visit_u128 u128
    }

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.input {
            Input::Json(Value::Null) | Input::Dummy(_) => visitor.visit_unit(),
            Input::Json(Value::Bool(value)) => visitor.visit_bool(*value),
            Input::Json(Value::Number(number)) => Self::visit_number(number, visitor),
            Input::Json(Value::String(text)) => visitor.visit_borrowed_str(text),
            Input::Json(Value::Array(items)) => visitor.visit_seq(Elements::new(self, items)),
            Input::Json(Value::Object(_)) | Input::Pairs(_) => self.object(visitor),
            Input::Text(text) => visitor.visit_borrowed_str(text),
        }
    }

    fn deserialize_bool<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        let value = match self.input {
            Input::Json(Value::Bool(value)) => Some(*value),
            Input::Text(text) => text.parse().ok(),
            _ => None,
        };
        if value.is_none() {
            self.mismatch("true or false")?;
        }
        visitor.visit_bool(value.unwrap_or_default())
    }

    fn deserialize_f32<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        if let Some(number) = self.number() {
            return Self::visit_number(number, visitor);
        }
        let value = match self.input {
            Input::Text(text) => text.parse().ok(),
            _ => None,
        };
        if value.is_none() {
            self.mismatch("a number")?;
        }
        visitor.visit_f64(value.unwrap_or(1.0))
    }

    fn deserialize_char<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.input {
            Input::Json(Value::String(text))
                if text.chars().nth(1).is_none() && !text.is_empty() =>
            {
                visitor.visit_borrowed_str(text)
            }
            Input::Text(text) => visitor.visit_borrowed_str(text),
            _ => {
                self.mismatch("a single character")?;
                visitor.visit_borrowed_str(DUMMY_TEXT)
            }
        }
    }

    fn deserialize_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.input {
            Input::Json(Value::String(text)) => visitor.visit_borrowed_str(text),
            Input::Text(text) => visitor.visit_borrowed_str(text),
            _ => {
                self.mismatch("a string")?;
                visitor.visit_borrowed_str(DUMMY_TEXT)
            }
        }
    }

    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.input {
            Input::Json(Value::String(text)) => visitor.visit_borrowed_bytes(text.as_bytes()),
            Input::Json(Value::Array(items)) => visitor.visit_seq(Elements::new(self, items)),
            Input::Text(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
            _ => {
                self.mismatch("a string or an array")?;
                visitor.visit_borrowed_bytes(DUMMY_TEXT.as_bytes())
            }
        }
    }

    fn deserialize_byte_buf<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.input {
            Input::Json(Value::Null) | Input::Dummy(_) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        if !self.input.is_null() {
            self.mismatch("null")?;
        }
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        // Only serde_json's own deserializer knows what such a type (`RawValue`) wants.
        if name.starts_with("$serde_json::") {
            return self.visit_private(name, visitor);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.input {
            Input::Json(Value::Array(items)) => visitor.visit_seq(Elements::new(self, items)),
            Input::Text(text) => visitor.visit_borrowed_str(text),
            _ => {
                self.mismatch("an array")?;
                visitor.visit_seq(Elements::new(self, &[]))
            }
        }
    }

    fn deserialize_tuple<V: Visitor<'a>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.input {
            Input::Json(Value::Array(items)) if items.len() == length => {
                visitor.visit_seq(Elements::new(self, items))
            }
            input => {
                let expected = format!("an array of {length} elements");
                match input {
                    Input::Json(Value::Array(items)) => self
                        .misfit(|| format!("expected {expected}, found one of {}", items.len()))?,
                    _ => self.mismatch(&expected)?,
                }
                visitor.visit_seq(Standins::new(self.dummy(), length))
            }
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.input {
            Input::Json(Value::Object(_)) | Input::Pairs(_) => self.object(visitor),
            Input::Text(text) => visitor.visit_borrowed_str(text),
            _ => {
                self.mismatch("an object")?;
                self.dummy().object(visitor)
            }
        }
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        // An array is no struct here, as in the first reading.
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let variant = match Variant::of(self) {
            Some(variant) => variant,
            None => {
                self.mismatch("a string, or an object with a single member")?;
                let first = variants
                    .first()
                    .ok_or_else(|| Fault::custom("no variant"))?;
                Variant::dummy(self.dummy(), first)
            }
        };
        visitor.visit_enum(variant)
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }
}
