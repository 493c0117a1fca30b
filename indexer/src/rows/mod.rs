//! The rows of the projections, as they are in SQL.
//!
//! Codes are the programs' own, times are Unix seconds, hashes are lower-case hex, addresses base58.

mod grants;
mod market;
mod oracles;
mod proofs;
mod rental;
mod rewards;

pub use grants::*;
pub use market::*;
pub use oracles::*;
pub use proofs::*;
pub use rental::*;
pub use rewards::*;

use crate::Amount;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sqlx::{
    Sqlite,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

/// A query with its arguments.
pub type SqliteQuery<'q> = Query<'q, Sqlite, SqliteArguments>;

/// One column of a row's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Key {
    /// A number.
    Integer(i64),
    /// An address or a hash.
    Text(String),
}

impl From<&i64> for Key {
    fn from(value: &i64) -> Self {
        Self::Integer(*value)
    }
}

impl From<&Amount> for Key {
    fn from(value: &Amount) -> Self {
        Self::Text(value.padded())
    }
}

impl From<&String> for Key {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

/// Statements of a table.
#[derive(Debug)]
pub struct Statements {
    pub(crate) select: String,
    pub(crate) upsert: String,
    pub(crate) delete: String,
    pub(crate) all: String,
}

impl Statements {
    fn new(table: &str, keys: &[&str], columns: &[&str]) -> Self {
        let by_key = keys.iter().map(|key| format!("{key} = ?")).collect::<Vec<_>>().join(" AND ");
        let list = columns.join(", ");
        let places = vec!["?"; columns.len()].join(", ");
        let set = columns.iter().map(|column| format!("{column} = excluded.{column}")).collect::<Vec<_>>().join(", ");
        let order = keys.join(", ");
        Self {
            select: format!("SELECT {list} FROM {table} WHERE {by_key}"),
            upsert: format!("INSERT INTO {table} ({list}) VALUES ({places}) ON CONFLICT ({order}) DO UPDATE SET {set}"),
            delete: format!("DELETE FROM {table} WHERE {by_key}"),
            all: format!("SELECT {list} FROM {table} ORDER BY {order}"),
        }
    }
}

/// A row of a projection.
pub trait Row:
    Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + Unpin + for<'r> sqlx::FromRow<'r, SqliteRow> + 'static
{
    /// The table's name.
    const TABLE: &'static str;
    /// Its statements.
    fn statements() -> &'static Statements;
    /// The columns of its key.
    fn key(&self) -> Vec<Key>;
    /// Binds all columns, in order.
    fn bind<'q>(&self, query: SqliteQuery<'q>) -> SqliteQuery<'q>;
}

/// Declares a row and its table's columns.
macro_rules! row {
    (
        $(#[$doc:meta])* $name:ident in $table:ident by ($($key:ident),+)
        { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, sqlx::FromRow)]
        #[allow(missing_docs)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }

        impl $crate::rows::Row for $name {
            const TABLE: &'static str = stringify!($table);

            fn statements() -> &'static $crate::rows::Statements {
                static STATEMENTS: std::sync::OnceLock<$crate::rows::Statements> = std::sync::OnceLock::new();
                STATEMENTS.get_or_init(|| {
                    let (keys, columns) = ([$(stringify!($key)),+], [$(stringify!($field)),*]);
                    $crate::rows::Statements::new(Self::TABLE, &keys, &columns)
                })
            }

            fn key(&self) -> Vec<$crate::rows::Key> {
                vec![$((&self.$key).into()),+]
            }

            fn bind<'q>(&self, query: $crate::rows::SqliteQuery<'q>) -> $crate::rows::SqliteQuery<'q> {
                query$(.bind(self.$field.clone()))*
            }
        }
    };
}
pub(crate) use row;

/// Names of the projections' tables.
pub const TABLES: [&str; 33] = [
    MarketConfigRow::TABLE,
    OracleSetRow::TABLE,
    ListingRow::TABLE,
    OrderRow::TABLE,
    ReputationRow::TABLE,
    VoteRow::TABLE,
    RewardsConfigRow::TABLE,
    CategoryRow::TABLE,
    IssuerRow::TABLE,
    EpochRow::TABLE,
    ContributorRow::TABLE,
    PointsRow::TABLE,
    AwardRow::TABLE,
    ClaimRow::TABLE,
    ScheduledMonthRow::TABLE,
    ProfitDepositRow::TABLE,
    ProfitClaimRow::TABLE,
    SpendRow::TABLE,
    GrantsConfigRow::TABLE,
    ProposalRow::TABLE,
    MilestoneRow::TABLE,
    BallotRow::TABLE,
    OraclesConfigRow::TABLE,
    OracleRow::TABLE,
    RecordRow::TABLE,
    RecordedVoteRow::TABLE,
    SealsRow::TABLE,
    SealedVoteRow::TABLE,
    PanelRow::TABLE,
    PanelVoteRow::TABLE,
    RentalRow::TABLE,
    VerdictRow::TABLE,
    ChunkClaimRow::TABLE,
];

/// Evaluates `$body` with `$row` as the row type of a table's name; `None` for an unknown name.
macro_rules! with_row {
    ($table:expr, $row:ident => $body:expr) => {
        $crate::rows::with_row!(@ $table, $row, $body,
            MarketConfigRow OracleSetRow ListingRow OrderRow ReputationRow VoteRow RewardsConfigRow CategoryRow IssuerRow EpochRow
            ContributorRow PointsRow AwardRow ClaimRow ScheduledMonthRow ProfitDepositRow ProfitClaimRow SpendRow
            GrantsConfigRow ProposalRow MilestoneRow BallotRow OraclesConfigRow OracleRow RecordRow RecordedVoteRow SealsRow
            SealedVoteRow PanelRow PanelVoteRow RentalRow VerdictRow ChunkClaimRow)
    };
    (@ $table:expr, $row:ident, $body:expr, $($type:ident)*) => {
        $crate::rows::with_row!(@@ $table, $row, [$body], $($type)*)
    };
    (@@ $table:expr, $row:ident, $body:tt, $($type:ident)*) => {
        match $table {
            $(<$crate::rows::$type as $crate::rows::Row>::TABLE => {
                type $row = $crate::rows::$type;
                let [result] = $body;
                Some(result)
            })*
            _ => None,
        }
    };
}
pub(crate) use with_row;
