//! A database that an older build wrote.
#![allow(clippy::unwrap_used)]

use indexer::{
    Follower, Store,
    source::memory::{Memory, View},
    store::MIGRATIONS,
    testing,
};
use sqlx::{SqlitePool, migrate::Migrator, sqlite::SqliteConnectOptions};
use std::path::Path;

/// A file with the transactions of `new` and the rows of nothing, its schema made by the migrations up to `version`.
async fn left_at(version: i64, new: &Path, old: &Path) {
    let migrations: Vec<_> = MIGRATIONS.iter().filter(|migration| migration.version <= version).cloned().collect();
    let options = SqliteConnectOptions::new().filename(old).create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    Migrator::with_migrations(migrations).run(&pool).await.unwrap();
    let copy = format!(
        "ATTACH '{}' AS new; DELETE FROM head; INSERT INTO head SELECT * FROM new.head;
         INSERT INTO blocks SELECT * FROM new.blocks; INSERT INTO raw_transactions SELECT * FROM new.raw_transactions;",
        new.display()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(copy)).execute(&pool).await.unwrap();
    pool.close().await;
}

#[tokio::test]
async fn the_rows_of_an_older_schema_are_derived_again_when_it_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let new = directory.path().join("new.db");
    let store = Store::open(&new).await.unwrap();
    let chain = testing::chain(&testing::journey(), 2);
    let view = View { delivered: (0..chain.len()).collect(), chain, finalized: None };
    Follower::new(store.clone(), Memory::new(vec![view]), "confirmed").step().await.unwrap();
    // of the build before the newest columns, and of this one, killed before it derived a row
    for version in [12, i64::MAX] {
        let old = directory.path().join(format!("{version}.db"));
        left_at(version, &new, &old).await;
        let upgraded = Store::open(&old).await.unwrap();
        assert_eq!(upgraded.digest().await.unwrap(), store.digest().await.unwrap());
        // opened again, it is left as it is
        sqlx::query("UPDATE listings SET uri = 'left alone'").execute(upgraded.pool()).await.unwrap();
        drop(upgraded);
        let again = Store::open(&old).await.unwrap();
        let uri: String = sqlx::query_scalar("SELECT uri FROM listings").fetch_one(again.pool()).await.unwrap();
        assert_eq!(uri, "left alone");
    }
}
