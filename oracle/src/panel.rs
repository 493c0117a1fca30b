//! Panels on disputes: what anybody may do for one, and what the chain asks of its members.

use crate::audit::{Audit, Opinion, Seat};
use crate::node::{NodeError, SolanaNode, Standing};
use chain::account::field_is;
use chain::address::oracles as at;
use chain::instruction::{market as market_ix, oracles as ix};
use chain::{Instruction, Pubkey, RpcError};
use market::state::{Order, judge, order_state};
use oracles::state::{Config, Panel, panel_state};
use protocol::audit_seed;
use protocol::digest::Digest;
use protocol::panel::{ballot, sealing_ends};
use std::mem::offset_of;

impl SolanaNode {
    /// Takes each dispute that waits for its panel one step further, where anybody may; the orders, and what was done.
    pub(crate) async fn serve(&self) -> Result<Vec<(Pubkey, &'static str)>, NodeError> {
        let Some(config) = self.rpc.find::<Config>(&at::config()).await?.filter(|config| config.panel_size > 0) else {
            return Ok(vec![]);
        };
        let filters = [
            field_is::<Order>(offset_of!(Order, state), &[order_state::DISPUTED]),
            field_is::<Order>(offset_of!(Order, judge), &[judge::ORACLES]),
        ];
        let (now, slot, mut done) = (self.rpc.unix_seconds().await?, self.rpc.slot().await?, Vec::new());
        for (address, order) in self.rpc.list::<Order>(&filters).await? {
            let panel = self.rpc.find::<Panel>(&at::panel(&address)).await?;
            let panel = panel.filter(|panel| panel.opened_at == order.opened_at);
            let Some((step, instruction)) = self.next(address, &order, panel.as_ref(), &config, (now, slot)) else {
                continue;
            };
            match self.rpc.send(&[instruction], &[&self.key]).await {
                Ok(_) => done.push((address, step)),
                // another was faster, slots were skipped, or nobody is there to be drawn
                Err(error) if error.failure().is_some() => tracing::debug!(order = %address, step, %error, "not done"),
                Err(error) => return Err(NodeError(error.to_string())),
            }
        }
        Ok(done)
    }

    fn next(
        &self,
        address: Pubkey,
        order: &Order,
        panel: Option<&Panel>,
        config: &Config,
        (now, slot): (i64, u64),
    ) -> Option<(&'static str, Instruction)> {
        let (set, payer) = (order.oracle_set.get(), self.key());
        match panel {
            None => {
                let waits =
                    order.answered != 0 && now < sealing_ends(order.resolve_by.get(), order.resolve_seconds.get());
                let convene = ix::convene_panel(payer, address, set, config.panel_set.get());
                waits.then_some(("convene_panel", convene))
            }
            Some(panel) if panel.state == panel_state::CONVENED => {
                let over = panel.slot.get().saturating_add(audit_seed::SLOTS as u64) < slot;
                let draw = ix::draw_panel(address, set, panel.oracle_set.get());
                (over && now < panel.seal_by.get()).then_some(("draw_panel", draw))
            }
            Some(panel) => {
                let apply = market_ix::apply_verdict(address, at::panel(&address));
                (panel.state == panel_state::FINAL).then_some(("apply_verdict", apply))
            }
        }
    }

    /// Audits that wait for this oracle as a member of a panel.
    pub(crate) async fn panel_audits(&self, now: i64) -> Result<Vec<Audit>, RpcError> {
        let sitting = [field_is::<Panel>(offset_of!(Panel, state), &[panel_state::SITTING])];
        let mut audits = Vec::new();
        for (_, panel) in self.rpc.list::<Panel>(&sitting).await? {
            let Some((_, bit)) = panel.bit_of(&self.key()) else { continue };
            let Some(order) = self.rpc.find::<Order>(&panel.order).await? else { continue };
            if matches!(stands(&order, &panel, bit, now), Standing::Open | Standing::Sealed | Standing::Showing) {
                audits.push(read(&order, &panel));
            }
        }
        Ok(audits)
    }

    /// How the chain stands to this oracle's vote as a member of a panel.
    pub(crate) async fn panel_standing(&self, audit: &Audit) -> Result<Standing, RpcError> {
        let closed = |why: &str| Ok(Standing::Closed(why.into()));
        let Some(panel) = self.rpc.find::<Panel>(&at::panel(&audit.order)).await? else {
            return closed("the panel is closed");
        };
        let Some((_, bit)) = panel.bit_of(&self.key()).filter(|_| panel.seed == audit.seed) else {
            return closed("another panel was drawn");
        };
        let Some(order) = self.rpc.find::<Order>(&audit.order).await? else {
            return closed("the order is closed");
        };
        Ok(stands(&order, &panel, bit, self.rpc.unix_seconds().await?))
    }
}

/// What a member of a panel says on the chain.
pub(crate) fn ballot_of(opinion: &Opinion) -> u8 {
    match (opinion.accept, opinion.plain) {
        (true, _) => ballot::ACCEPT,
        (false, false) => ballot::REJECT,
        (false, true) => ballot::REJECT_PLAIN,
    }
}

fn read(order: &Order, panel: &Panel) -> Audit {
    Audit {
        seat: Seat::Panel,
        order: panel.order,
        opened_at: panel.opened_at.get(),
        seed: panel.seed,
        oracle_set: order.oracle_set.get(),
        samples: 0,
        manifest_hash: Digest(order.manifest_hash),
        result_root: Digest(order.result_root),
        result_log: Digest(order.result_log),
        seal_by: panel.seal_by.get(),
        audit_by: order.resolve_by.get(),
    }
}

/// What the program's `seal_panel_vote` and `show_panel_vote` would say to the member with this `bit`.
fn stands(order: &Order, panel: &Panel, bit: u8, now: i64) -> Standing {
    if (panel.votes_for | panel.votes_against) & bit != 0 {
        return Standing::Voted;
    }
    if order.state != order_state::DISPUTED || order.opened_at != panel.opened_at {
        return Standing::Closed("the dispute is over".into());
    }
    if panel.state == panel_state::FINAL {
        return Standing::Closed("the panel came to its verdict without this vote".into());
    }
    if now >= order.resolve_by.get() {
        return Standing::Closed("the time for resolving the dispute is over".into());
    }
    let (all, sealing) = (panel.sealed.count_ones() == u32::from(panel.size), now < panel.seal_by.get());
    match (panel.sealed & bit != 0, sealing) {
        (true, true) if !all => Standing::Sealed,
        (true, _) => Standing::Showing,
        (false, true) => Standing::Open,
        (false, false) => Standing::Closed("votes are shown already, and this oracle sealed none".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    fn dispute() -> (Order, Panel) {
        let (mut order, mut panel) = (Order::zeroed(), Panel::zeroed());
        (order.state, order.answered) = (order_state::DISPUTED, 1);
        order.resolve_by = 1_000.into();
        (panel.state, panel.size) = (panel_state::SITTING, 3);
        panel.seal_by = 500.into();
        (order, panel)
    }

    #[test]
    fn a_member_seals_waits_and_shows() {
        let (order, mut panel) = dispute();
        assert_eq!(stands(&order, &panel, 0b10, 499), Standing::Open);
        assert!(matches!(stands(&order, &panel, 0b10, 500), Standing::Closed(_)));
        panel.sealed = 0b011;
        assert_eq!(stands(&order, &panel, 0b10, 499), Standing::Sealed);
        assert_eq!(stands(&order, &panel, 0b10, 500), Standing::Showing);
        panel.sealed = 0b111;
        assert_eq!(stands(&order, &panel, 0b10, 499), Standing::Showing);
        panel.votes_against = 0b010;
        assert_eq!(stands(&order, &panel, 0b10, 499), Standing::Voted);
    }

    #[test]
    fn nothing_is_asked_once_the_dispute_is_over() {
        let (order, mut panel) = dispute();
        panel.sealed = 0b111;
        assert!(matches!(stands(&order, &panel, 1, 1_000), Standing::Closed(_)));
        let resolved = Order { state: order_state::AUDITED, ..order };
        assert!(matches!(stands(&resolved, &panel, 1, 600), Standing::Closed(_)));
        let reopened = Order { opened_at: 7.into(), ..order };
        assert!(matches!(stands(&reopened, &panel, 1, 600), Standing::Closed(_)));
        panel.state = panel_state::FINAL;
        assert!(matches!(stands(&order, &panel, 1, 600), Standing::Closed(_)));
    }
}
