//! `/v1/schedule`: the pools of the months, as they were planned and as they were opened.

use crate::{
    context::Scope,
    list::{List, find, listed},
    names::EPOCH_STATE,
    page::Page,
    params::{Params, Part, Unfiltered},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::Amount;

/// A month that is scheduled or was opened; epoch 0, the time before the token, is in no schedule.
#[derive(sqlx::FromRow)]
struct MonthRow {
    epoch: i64,
    scheduled: Option<Amount>,
    pool: Option<Amount>,
    state: Option<i64>,
    starts_at: Option<i64>,
    ends_at: Option<i64>,
    distributed: Option<Amount>,
    to_reserve: Option<Amount>,
    paid: Option<Amount>,
    unclaimed: Option<Amount>,
}

listed!(MonthRow in "schedule" of "months", Ascending by epoch: i64);

view! {
    /// A month. Amounts are base units; what is `null` did not come yet. The sums of the schedule are in `/v1/config`.
    Month of row: MonthRow {
        epoch: i64,
        /// `scheduled` until it is opened.
        state: &'static str = row.state.map_or("scheduled", |code| EPOCH_STATE.word(code)),
        /// As planned.
        scheduled: Option<Amount>,
        /// As it was opened; of epoch 0 as the token generation event gave it.
        pool: Option<Amount>,
        start: Option<i64> = row.starts_at,
        end: Option<i64> = row.ends_at,
        distributed: Option<Amount>,
        to_reserve: Option<Amount>,
        /// Claimed so far.
        paid: Option<Amount>,
        /// Moved to the reserve when the month expired.
        unclaimed: Option<Amount>,
    }
}

/// The first month first.
pub async fn list(scope: Scope, page: Page, _: Params<Unfiltered>) -> Result<Response, Problem> {
    List::<MonthRow>::new(&page)?.answer(scope, Month::from).await
}

/// One month.
pub async fn one(mut scope: Scope, Part(epoch): Part<u32>) -> Result<Response, Problem> {
    let row: MonthRow = find(&mut scope, "month", "epoch", epoch).await?;
    Ok(scope.one(&Month::from(row)))
}
