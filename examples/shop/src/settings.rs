//! What a shop keeps about itself.

use api_patterns::pagination::CursorKey;

use crate::db::{Db, with_db};

/// The cursor key that is kept in the database.
///
/// # Errors
/// The database failed, or the key in it was edited into something else.
pub(crate) async fn cursor_key(db: &Db) -> Result<CursorKey, SettingsError> {
    let key = kept(db, "cursor_key").await?;
    CursorKey::new(key.as_bytes()).map_err(|_| SettingsError::BadKey)
}

/// What tells this shop from others that use the same Redis.
///
/// # Errors
/// The database failed.
pub(crate) async fn shop_id(db: &Db) -> Result<String, SettingsError> {
    let id = kept(db, "shop_id").await?;
    Ok(id.chars().take(16).collect())
}

/// A random value that is kept in the database, made by whoever asks first.
///
/// `ON CONFLICT DO NOTHING` and the read after it leave two instances that start together with the
/// same value: one of them loses the race and takes the value of the other.
async fn kept(db: &Db, name: &str) -> Result<String, SettingsError> {
    let random = random()?;
    Ok(with_db!(db, pool => {
        let insert = "INSERT INTO settings (name, value) VALUES ($1, $2) \
                      ON CONFLICT (name) DO NOTHING";
        sqlx::query(insert).bind(name).bind(random).execute(pool).await?;
        let select = "SELECT value FROM settings WHERE name = $1";
        sqlx::query_scalar(select).bind(name).fetch_one(pool).await?
    }))
}

/// 256 random bits in hexadecimal. The text itself is the key, so nothing has to be decoded.
fn random() -> Result<String, SettingsError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(SettingsError::Random)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Why there is no cursor key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("the settings cannot be read from the database")]
    Database(#[from] sqlx::Error),
    #[error("the operating system gives no random numbers")]
    Random(#[source] getrandom::Error),
    #[error("the cursor key in the database is too short; delete it to have a new one made")]
    BadKey,
}
