//! The filters select the same rows on PostgreSQL and MariaDB as in memory.

mod mysql;
mod postgres;
