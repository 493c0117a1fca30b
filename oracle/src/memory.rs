//! What the oracle remembers across restarts, in SQLite.

use crate::audit::{Audit, Opinion, Seat, Signed};
use chain::{Pubkey, Signature};
use protocol::digest::Digest;
use sqlx::{
    Row, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};
use std::{
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Why the memory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// The database failed.
    #[error("the oracle's database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The database's tables cannot be made or are another version's.
    #[error("the oracle's database cannot be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A stored value cannot be read.
    #[error(
        "the oracle's database is damaged: audit {id}: {what}; move the file away, votes on the chain are not repeated"
    )]
    Damaged {
        /// Row.
        id: i64,
        /// Which value.
        what: &'static str,
    },
}

/// How far an audit has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// To be judged.
    Seen,
    /// To be sealed.
    Judged(Opinion),
    /// The seal is signed; perhaps on the chain.
    Sealing(Opinion, Signed),
    /// The seal is on the chain; to be shown when all have sealed or may not any more.
    Sealed(Opinion),
    /// The vote is signed; perhaps on the chain.
    Sent(Opinion, Signed),
    /// The vote is on the chain.
    Voted,
    /// The audit ended without this vote.
    Void,
}

/// An audit and how far it has come.
#[derive(Debug, Clone)]
pub struct Record {
    /// Row.
    pub id: i64,
    /// The audit.
    pub audit: Audit,
    /// How far it has come.
    pub stage: Stage,
    /// Failures of this host so far.
    pub attempts: u32,
    /// Since when artefacts are missing, in milliseconds of this host's Unix time.
    pub unavailable_since_ms: Option<i64>,
    /// The last thing that went wrong.
    pub note: Option<String>,
}

/// What is open, for those who watch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenAudits {
    /// How many audits are open.
    pub count: i64,
    /// The nearest of their deadlines, in seconds of the chain's time.
    pub nearest_deadline: Option<i64>,
    /// When the oldest of them was discovered, in milliseconds of this host's Unix time.
    pub oldest_seen_ms: Option<i64>,
}

/// The oracle's memory.
#[derive(Debug, Clone)]
pub struct Memory {
    pool: SqlitePool,
}

/// This host's Unix time in milliseconds.
#[must_use]
pub fn now_ms() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

impl Memory {
    /// Opens the database, and makes it where it is missing.
    pub async fn open(path: &Path) -> Result<Self, MemoryError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // a stored signature must survive a power cut: it is what keeps a vote from being lost
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        sqlx::migrate!("./migrations").run(&pool).await?;
        Ok(Self { pool })
    }

    /// Closes the database after everything that was written is on disk.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Remembers an audit; whether it is new.
    pub async fn discover(&self, audit: &Audit) -> Result<bool, MemoryError> {
        let now = now_ms();
        let done = sqlx::query(
            "INSERT INTO audits (seat, order_address, opened_at, audit_seed, oracle_set, samples, manifest_hash, result_root, \
             result_log, seal_by, audit_by, stage, created_ms, changed_ms) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'seen', ?, ?) \
             ON CONFLICT (order_address, audit_seed) DO NOTHING",
        )
        .bind(match audit.seat {
            Seat::Set => "set",
            Seat::Panel => "panel",
        })
        .bind(audit.order.as_ref())
        .bind(audit.opened_at)
        .bind(&audit.seed[..])
        .bind(audit.oracle_set)
        .bind(audit.samples)
        .bind(audit.manifest_hash.as_ref())
        .bind(audit.result_root.as_ref())
        .bind(audit.result_log.as_ref())
        .bind(audit.seal_by)
        .bind(audit.audit_by)
        .bind(now)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Open audits whose time has come, the most urgent first. What needs no replay comes before all others.
    pub async fn due(&self) -> Result<Vec<Record>, MemoryError> {
        let rows = sqlx::query(
            "SELECT * FROM audits WHERE stage IN ('seen', 'judged', 'sealing', 'sealed', 'sent') AND next_attempt_ms <= ? \
             ORDER BY stage = 'seen', audit_by, id",
        )
        .bind(now_ms())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(record).collect()
    }

    /// All audits, in the order in which they were seen.
    pub async fn all(&self) -> Result<Vec<Record>, MemoryError> {
        let rows = sqlx::query("SELECT * FROM audits ORDER BY id").fetch_all(&self.pool).await?;
        rows.iter().map(record).collect()
    }

    /// How many audits are open.
    pub async fn open_count(&self) -> Result<i64, MemoryError> {
        Ok(self.open_audits().await?.count)
    }

    /// How many audits are open, since when, and until when.
    pub async fn open_audits(&self) -> Result<OpenAudits, MemoryError> {
        let query = sqlx::query_as(
            "SELECT count(*), min(CASE WHEN stage IN ('seen', 'judged', 'sealing') THEN seal_by ELSE audit_by END), \
             min(created_ms) FROM audits WHERE stage NOT IN ('voted', 'void')",
        );
        let (count, nearest_deadline, oldest_seen_ms) = query.fetch_one(&self.pool).await?;
        Ok(OpenAudits { count, nearest_deadline, oldest_seen_ms })
    }

    /// Keeps a verdict.
    pub async fn judged(&self, id: i64, opinion: &Opinion) -> Result<(), MemoryError> {
        let query = sqlx::query(
            "UPDATE audits SET stage = 'judged', accept = ?, plain = ?, reason = ?, report = ?, attempts = 0, next_attempt_ms = 0, \
             note = NULL, changed_ms = ? WHERE id = ? AND stage = 'seen'",
        );
        let query = query.bind(opinion.accept).bind(opinion.plain).bind(opinion.reason).bind(opinion.report.as_ref());
        query.bind(now_ms()).bind(id).execute(&self.pool).await?;
        Ok(())
    }

    /// Keeps a signed seal. Only after this may it be submitted.
    pub async fn sealing(&self, id: i64, seal: &Signed) -> Result<(), MemoryError> {
        self.signed(id, "judged", "sealing", seal).await
    }

    /// Keeps a signed vote. Only after this may it be submitted.
    pub async fn sent(&self, id: i64, vote: &Signed) -> Result<(), MemoryError> {
        self.signed(id, "sealed", "sent", vote).await
    }

    async fn signed(&self, id: i64, from: &str, to: &str, signed: &Signed) -> Result<(), MemoryError> {
        let query = sqlx::query(
            "UPDATE audits SET stage = ?, signature = ?, signed_bytes = ?, changed_ms = ? WHERE id = ? AND stage = ?",
        );
        let query = query.bind(to).bind(signed.signature.to_string()).bind(&signed.bytes);
        query.bind(now_ms()).bind(id).bind(from).execute(&self.pool).await?;
        Ok(())
    }

    /// The seal is on the chain.
    pub async fn sealed(&self, id: i64) -> Result<(), MemoryError> {
        let query = sqlx::query(
            "UPDATE audits SET stage = 'sealed', signature = NULL, signed_bytes = NULL, attempts = 0, next_attempt_ms = 0, \
             note = NULL, changed_ms = ? WHERE id = ? AND stage IN ('judged', 'sealing')",
        );
        query.bind(now_ms()).bind(id).execute(&self.pool).await?;
        Ok(())
    }

    /// The seal is not on the chain after all: a fork took it back.
    pub async fn unsealed(&self, id: i64) -> Result<(), MemoryError> {
        let query = sqlx::query("UPDATE audits SET stage = 'judged', changed_ms = ? WHERE id = ? AND stage = 'sealed'");
        query.bind(now_ms()).bind(id).execute(&self.pool).await?;
        Ok(())
    }

    /// Looks again in `pause_ms`: nothing went wrong.
    pub async fn wait(&self, id: i64, pause_ms: i64) -> Result<(), MemoryError> {
        let query = sqlx::query("UPDATE audits SET next_attempt_ms = ? WHERE id = ?");
        query.bind(now_ms().saturating_add(pause_ms)).bind(id).execute(&self.pool).await?;
        Ok(())
    }

    /// What was signed expired and can never land: it is to be signed again.
    pub async fn expired(&self, id: i64) -> Result<(), MemoryError> {
        let query = sqlx::query(
            "UPDATE audits SET stage = CASE stage WHEN 'sealing' THEN 'judged' ELSE 'sealed' END, signature = NULL, \
             signed_bytes = NULL, changed_ms = ? WHERE id = ? AND stage IN ('sealing', 'sent')",
        );
        query.bind(now_ms()).bind(id).execute(&self.pool).await?;
        Ok(())
    }

    /// The vote is on the chain.
    pub async fn voted(&self, id: i64) -> Result<(), MemoryError> {
        let query = sqlx::query(
            "UPDATE audits SET stage = 'voted', signed_bytes = NULL, note = NULL, changed_ms = ? WHERE id = ?",
        );
        query.bind(now_ms()).bind(id).execute(&self.pool).await?;
        Ok(())
    }

    /// The audit ended without this vote.
    pub async fn void(&self, id: i64, why: &str) -> Result<(), MemoryError> {
        let query = sqlx::query("UPDATE audits SET stage = 'void', note = ?, changed_ms = ? WHERE id = ?");
        query.bind(why).bind(now_ms()).bind(id).execute(&self.pool).await?;
        Ok(())
    }

    /// Something went wrong: try again `pause_ms` from now. `unavailable_since_ms` says since when artefacts are missing.
    pub async fn postpone(
        &self,
        id: i64,
        pause_ms: i64,
        why: &str,
        unavailable_since_ms: Option<i64>,
    ) -> Result<(), MemoryError> {
        let query = sqlx::query(
            "UPDATE audits SET attempts = attempts + 1, next_attempt_ms = ?, note = ?, unavailable_since_ms = ?, \
             changed_ms = ? WHERE id = ?",
        );
        let (now, query) = (now_ms(), query);
        let query = query.bind(now.saturating_add(pause_ms)).bind(why).bind(unavailable_since_ms);
        query.bind(now).bind(id).execute(&self.pool).await?;
        Ok(())
    }
}

fn record(row: &SqliteRow) -> Result<Record, MemoryError> {
    let id: i64 = row.try_get("id")?;
    let hash = |name: &'static str| -> Result<[u8; 32], MemoryError> {
        let bytes: Option<Vec<u8>> = row.try_get(name)?;
        bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(MemoryError::Damaged { id, what: name })
    };
    let seat: String = row.try_get("seat")?;
    let audit = Audit {
        seat: match seat.as_str() {
            "set" => Seat::Set,
            "panel" => Seat::Panel,
            _ => return Err(MemoryError::Damaged { id, what: "seat" }),
        },
        order: Pubkey::new_from_array(hash("order_address")?),
        opened_at: row.try_get("opened_at")?,
        seed: hash("audit_seed")?,
        oracle_set: row.try_get("oracle_set")?,
        samples: row.try_get("samples")?,
        manifest_hash: Digest(hash("manifest_hash")?),
        result_root: Digest(hash("result_root")?),
        result_log: Digest(hash("result_log")?),
        seal_by: row.try_get("seal_by")?,
        audit_by: row.try_get("audit_by")?,
    };
    let opinion = || -> Result<Opinion, MemoryError> {
        Ok(Opinion {
            accept: row.try_get("accept")?,
            plain: row.try_get("plain")?,
            reason: row.try_get("reason")?,
            report: Digest(hash("report")?),
        })
    };
    let signed = || -> Result<Signed, MemoryError> {
        let signature: String = row.try_get("signature")?;
        let signature: Signature = signature.parse().map_err(|_| MemoryError::Damaged { id, what: "signature" })?;
        Ok(Signed { signature, bytes: row.try_get("signed_bytes")? })
    };
    let stage: String = row.try_get("stage")?;
    let stage = match stage.as_str() {
        "seen" => Stage::Seen,
        "judged" => Stage::Judged(opinion()?),
        "sealing" => Stage::Sealing(opinion()?, signed()?),
        "sealed" => Stage::Sealed(opinion()?),
        "sent" => Stage::Sent(opinion()?, signed()?),
        "voted" => Stage::Voted,
        "void" => Stage::Void,
        _ => return Err(MemoryError::Damaged { id, what: "stage" }),
    };
    let attempts = row.try_get("attempts")?;
    let (unavailable_since_ms, note) = (row.try_get("unavailable_since_ms")?, row.try_get("note")?);
    Ok(Record { id, audit, stage, attempts, unavailable_since_ms, note })
}
