//! JSON that belongs to an event and means nothing to the shop.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Encode, Type};

/// Any JSON value.
///
/// Stored as text: the JSON types of the databases each normalize it in their own way, and
/// PostgreSQL's refuses an escaped NUL.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Payload(Value);

impl Payload {
    /// The bytes it takes as text.
    pub(crate) fn size(&self) -> usize {
        self.0.to_string().len()
    }
}

impl<DB: Database> Type<DB> for Payload
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <String as Type<DB>>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        <String as Type<DB>>::compatible(ty)
    }
}

impl<'q, DB: Database> Encode<'q, DB> for Payload
where
    String: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buf: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        self.0.to_string().encode(buf)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for Payload
where
    &'r str: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(serde_json::from_str(<&str as Decode<DB>>::decode(
            value,
        )?)?))
    }
}
