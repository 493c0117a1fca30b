//! `/v1/events`: the feed. A page of it, or a stream when the client accepts `text/event-stream`.
//!
//! Each entry is an event that was applied or, after a fork, reverted; folding both kinds gives the chain's events. Ids
//! grow; a stream resumes after `Last-Event-ID`.

use crate::{
    Api,
    context::Scope,
    page::{self, Page},
    params::Params,
    problem::Problem,
};
use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sqlx::{QueryBuilder, SqlitePool};
use std::{collections::VecDeque, convert::Infallible, time::Duration};
use tokio::sync::OwnedSemaphorePermit;

/// How often the feed is looked at for new entries.
const LOOK: Duration = Duration::from_millis(250);
const STREAM_PAGE: i64 = 200;

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    kind: String,
    slot: i64,
    blockhash: String,
    tx_index: i64,
    top_index: i64,
    inner_index: i64,
    signature: String,
    program: String,
    name: String,
    block_time: Option<i64>,
    body: String,
}

#[derive(Serialize)]
struct Entry {
    id: String,
    /// `apply` or `revert`.
    kind: String,
    program: String,
    name: String,
    slot: i64,
    blockhash: String,
    transaction_index: i64,
    top_index: i64,
    inner_index: i64,
    signature: String,
    block_time: Option<i64>,
    fields: Box<RawValue>,
}

impl Row {
    fn entry(self) -> Result<Entry, Problem> {
        Ok(Entry {
            id: self.id.to_string(),
            kind: self.kind,
            program: self.program,
            name: self.name,
            slot: self.slot,
            blockhash: self.blockhash,
            transaction_index: self.tx_index,
            top_index: self.top_index,
            inner_index: self.inner_index,
            signature: self.signature,
            block_time: self.block_time,
            fields: RawValue::from_string(self.body).map_err(|_| Problem::internal())?,
        })
    }
}

/// Filters of the feed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    program: Option<String>,
    name: Option<String>,
}

/// Oldest first.
pub async fn list(
    State(api): State<Api>,
    scope: Scope,
    headers: HeaderMap,
    page: Page,
    Params(query): Params<Query>,
) -> Result<Response, Problem> {
    let streams = headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"text/event-stream"));
    if streams { stream(&api, &headers, &page, query) } else { answer(scope, &page, query).await }
}

async fn answer(mut scope: Scope, page: &Page, query: Query) -> Result<Response, Problem> {
    let rows = page::rows(page.limit)?;
    let after = page::after::<i64>("events", page.cursor.as_deref())?.unwrap_or(0);
    let mut found: Vec<Row> = select(&query, after, rows).build_query_as().fetch_all(&mut *scope.db).await?;
    let next = page::cut("events", &mut found, rows, |row| row.id);
    let data: Result<Vec<Entry>, Problem> = found.into_iter().map(Row::entry).collect();
    Ok(scope.page(&data?, next))
}

fn select(query: &Query, after: i64, rows: i64) -> QueryBuilder<sqlx::Sqlite> {
    let mut sql = QueryBuilder::new("SELECT * FROM outbox WHERE id > ");
    sql.push_bind(after);
    if let Some(program) = &query.program {
        sql.push(" AND program = ").push_bind(program.clone());
    }
    if let Some(name) = &query.name {
        sql.push(" AND name = ").push_bind(name.clone());
    }
    sql.push(" ORDER BY id LIMIT ").push_bind(rows);
    sql
}

struct Follow {
    pool: SqlitePool,
    query: Query,
    last: i64,
    ready: VecDeque<Row>,
    _permit: OwnedSemaphorePermit,
}

fn stream(api: &Api, headers: &HeaderMap, page: &Page, query: Query) -> Result<Response, Problem> {
    let last = match (headers.get("last-event-id"), page.cursor.as_deref()) {
        (Some(id), _) => id.to_str().ok().and_then(|id| id.parse().ok()).ok_or_else(Problem::bad_cursor)?,
        (None, cursor) => page::after::<i64>("events", cursor)?.unwrap_or(0),
    };
    let permit = api.streams.clone().try_acquire_owned().map_err(|_| Problem::too_many_streams())?;
    let follow = Follow { pool: api.pool.clone(), query, last, ready: VecDeque::new(), _permit: permit };
    let events = stream::unfold(follow, |mut follow| async {
        let event = follow.next().await;
        Some((Ok::<_, Infallible>(event), follow))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response())
}

impl Follow {
    async fn next(&mut self) -> Event {
        loop {
            if let Some(row) = self.ready.pop_front() {
                self.last = row.id;
                let (id, kind) = (row.id.to_string(), row.kind.clone());
                if let Some(json) = row.entry().ok().and_then(|entry| serde_json::to_string(&entry).ok()) {
                    return Event::default().id(id).event(kind).data(json);
                }
                continue;
            }
            match select(&self.query, self.last, STREAM_PAGE).build_query_as().fetch_all(&self.pool).await {
                Ok(rows) if !rows.is_empty() => self.ready = rows.into(),
                Ok(_) => tokio::time::sleep(LOOK).await,
                Err(error) => {
                    tracing::warn!(%error, "the event stream cannot read the feed");
                    tokio::time::sleep(LOOK * 4).await;
                }
            }
        }
    }
}
