//! The contract of stores, on each backend.

use api_patterns::idempotency::{MemoryStore, RedisStore};
use api_patterns::storage::RedisConnection;
use redis::aio::ConnectionManager;
use tests::service_url;

use super::fixture::{self, unique};

api_patterns::idempotency_conformance! {
    on_redis: async { redis_store().await }
}
api_patterns::idempotency_conformance! {
    on_sqlite: async { fixture::sqlite().await.map(fixture::Database::into_store) }
}
api_patterns::idempotency_conformance! {
    on_postgres: async { fixture::postgres().await.map(fixture::Database::into_store) }
}
api_patterns::idempotency_conformance! {
    on_mysql: async { fixture::mysql().await.map(fixture::Database::into_store) }
}
api_patterns::idempotency_conformance! {
    on_postgres_repeatable_read: async {
        fixture::postgres_repeatable_read().await.map(fixture::Database::into_store)
    }
}
api_patterns::idempotency_conformance! {
    on_postgres_serializable: async {
        fixture::postgres_serializable().await.map(fixture::Database::into_store)
    }
}
api_patterns::idempotency_conformance! {
    on_mysql_with_snapshots: async {
        fixture::mysql_snapshot().await.map(fixture::Database::into_store)
    }
}
api_patterns::idempotency_conformance! {
    redis_in_front_of_sqlite: async {
        let behind = fixture::sqlite().await?.into_store();
        Some(redis_store().await?.in_front_of(behind))
    }
}
api_patterns::idempotency_conformance! {
    memory_in_front_of_sqlite: async {
        let behind = fixture::sqlite().await?.into_store();
        Some(api_patterns::idempotency::Fronted::new(MemoryStore::new(), behind))
    }
}

api_patterns::idempotency_conformance! {
    on_redis_by_a_connection_manager: async { by_a_connection_manager().await }
}

pub(super) async fn redis_store() -> Option<RedisStore> {
    let url = service_url("TEST_REDIS_URL")?;
    Some(redis_at(&url).prefix(format!("{}:", unique("test"))))
}

async fn by_a_connection_manager() -> Option<RedisStore<ConnectionManager>> {
    let url = service_url("TEST_REDIS_URL")?;
    let client = redis::Client::open(url).expect("an address");
    let connection = ConnectionManager::new(client).await;
    let store = RedisStore::new(connection.expect("Redis answers"));
    Some(store.prefix(format!("{}:", unique("test"))))
}

pub(super) fn redis_at(url: &str) -> RedisStore {
    let client = redis::Client::open(url).expect("an address");
    RedisStore::new(RedisConnection::new(client))
}
