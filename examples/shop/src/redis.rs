//! Redis, where `REDIS_URL` names one: what instances share beside the database.

use std::fmt;

use api_patterns::storage::RedisConnection;

use crate::config::RedisUrl;

/// A connection to Redis that is made anew when it breaks; clones share it.
#[derive(Clone)]
pub(crate) struct Redis {
    connection: RedisConnection,
    shop_id: String,
}

/// Redis did not answer at the start.
#[derive(Debug, thiserror::Error)]
#[error("REDIS_URL names a Redis that cannot be reached")]
pub(crate) struct NoRedis(#[source] redis::RedisError);

impl Redis {
    /// Connects, and asks for a sign of life: a wrong address should stop the start and not the
    /// first request.
    ///
    /// # Errors
    /// There is no Redis, or it refuses.
    pub(crate) async fn connect(url: &RedisUrl, shop_id: String) -> Result<Self, NoRedis> {
        let connection = RedisConnection::new(url.client());
        let redis = Self {
            connection,
            shop_id,
        };
        redis.ping().await.map_err(NoRedis)?;
        Ok(redis)
    }

    /// Asks for a sign of life.
    pub(crate) async fn ping(&self) -> redis::RedisResult<()> {
        redis::cmd("PING").query_async(&mut self.connection()).await
    }

    /// A handle on the connection.
    pub(crate) fn connection(&self) -> RedisConnection {
        self.connection.clone()
    }

    /// What keys of this kind begin with. Shops with different databases may share a Redis, and a
    /// new database may follow an old one.
    pub(crate) fn prefix(&self, kind: &str) -> String {
        format!("shop:{}:{kind}:", self.shop_id)
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redis(..)")
    }
}
