//! A database that an older build wrote.
#![allow(clippy::unwrap_used)]

use indexer::{
    Follower, Store,
    source::memory::{Memory, View},
    store::MIGRATIONS,
    testing,
};
use sqlx::{SqlitePool, migrate::Migrator, sqlite::SqliteConnectOptions};

#[tokio::test]
async fn the_rows_of_an_older_schema_are_derived_again_when_it_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let [new, old] = ["new.db", "old.db"].map(|name| directory.path().join(name));
    let store = Store::open(&new).await.unwrap();
    let chain = testing::chain(&testing::journey(), 2);
    let view = View { delivered: (0..chain.len()).collect(), chain, finalized: None };
    Follower::new(store.clone(), Memory::new(vec![view]), "confirmed").step().await.unwrap();

    let before: Vec<_> = MIGRATIONS.iter().filter(|migration| migration.version < 13).cloned().collect();
    assert!(before.len() < MIGRATIONS.iter().count());
    let pool =
        SqlitePool::connect_with(SqliteConnectOptions::new().filename(&old).create_if_missing(true)).await.unwrap();
    Migrator::with_migrations(before).run(&pool).await.unwrap();
    let copy = format!(
        "ATTACH '{}' AS new; DELETE FROM head; INSERT INTO head SELECT * FROM new.head;
         INSERT INTO blocks SELECT * FROM new.blocks; INSERT INTO raw_transactions SELECT * FROM new.raw_transactions;",
        new.display()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(copy)).execute(&pool).await.unwrap();
    pool.close().await;

    let upgraded = Store::open(&old).await.unwrap();
    assert_eq!(upgraded.digest().await.unwrap(), store.digest().await.unwrap());
    // opened again, it is left as it is
    let mark = sqlx::query("UPDATE listings SET uri = 'left alone'").execute(upgraded.pool()).await.unwrap();
    assert_eq!(mark.rows_affected(), 1);
    drop(upgraded);
    let again = Store::open(&old).await.unwrap();
    let uri: String = sqlx::query_scalar("SELECT uri FROM listings").fetch_one(again.pool()).await.unwrap();
    assert_eq!(uri, "left alone");
}
