use super::{JANUARY, address};
use chain::event::{Event, RewardsEvent as E};
use rewards::events as r;

/// A schedule, profit that comes in twice and is claimed by one of two contributors in between, and three payments from the
/// reserve: one made, one cancelled, one announced. To be told after `month(0)` and `month(1)` of [`super::journey`].
#[must_use]
pub fn profit() -> Vec<Event> {
    let mut pools = [0; 12];
    pools[..2].copy_from_slice(&[10_000, 9_000]);
    let deposited = |seq, to_holders: u64, came_in: u128| {
        E::ProfitDeposited(r::ProfitDeposited {
            seq,
            from: address("treasury"),
            amount: 5 * to_holders,
            to_holders,
            to_reserve: 4 * to_holders,
            profit_index: (came_in << 64) / 1_000,
            lifetime_points: 1_000,
        })
    };
    let claimed = |who, seq, amount, profit_paid| {
        let (wallet, destination) = (address(&format!("who-{who}")), address(&format!("tokens-{who}")));
        E::ProfitClaimed(r::ProfitClaimed { wallet, seq, destination, amount, profit_paid })
    };
    let spend = |seq, id| {
        E::SpendProposed(r::SpendProposed {
            seq,
            id,
            amount: 40,
            destination: address("payee"),
            purpose: [3; 32],
            executable_at: JANUARY + 86_400,
            expires_at: JANUARY + 31 * 86_400,
        })
    };
    let events = [
        E::ScheduleSet(r::ScheduleSet {
            seq: 4,
            first_month: 1,
            count: 2,
            pools,
            scheduled: 19_000,
            lifetime_allocation: u64::MAX,
        }),
        deposited(5, 1_000, 1_000),
        claimed(1, 2, 900, 900),
        deposited(6, 10, 1_010),
        // nine, less what the index cannot show
        claimed(1, 3, 8, 908),
        spend(7, 0),
        spend(8, 1),
        spend(9, 2),
        E::SpendExecuted(r::SpendExecuted { seq: 10, id: 0, amount: 40, spent: 40 }),
        E::SpendCancelled(r::SpendCancelled { seq: 11, id: 1 }),
    ];
    events.map(Event::Rewards).to_vec()
}
