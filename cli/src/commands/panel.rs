//! Commands about the panel that judges a dispute about a verdict of oracles. `aixblock-oracle` does all of this by itself.
use super::{Connection, address};
use crate::{months, session::Session};
use anyhow::{Context, Result, ensure};
use chain::{
    address::oracles as at,
    instruction::{market as market_ix, oracles as ix},
};
use clap::Subcommand;
use market::state::Order;
use oracles::state::{Config, Panel, panel_state};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// The panel that judges a dispute about a verdict of oracles: others, drawn by lot, who replay the whole job.
#[derive(Subcommand, Debug)]
pub enum PanelCommand {
    /// Convene it, once the dispute is answered. Anyone may; you pay its rent until `close panel`.
    Convene {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// Draw its members, some slots later. Anyone may.
    Draw {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// Take its verdict to the order. Anyone may.
    Apply {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// Show it: members, votes, verdict.
    Show {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
}

impl PanelCommand {
    /// Does it.
    pub async fn run(self, connection: &Connection) -> Result<()> {
        let s = connection.session()?;
        if let Self::Show { order } = self {
            return show(&s, order).await;
        }
        let key = connection.key()?;
        match self {
            Self::Convene { order } => {
                let (config, state): (Config, Order) = (s.get(&at::config()).await?, s.get(&order).await?);
                ensure!(
                    config.panel_size > 0,
                    "the programs are set up without panels: the administrator decides, in the second half of the window"
                );
                let (set, from) = (state.oracle_set.get(), config.panel_set.get());
                s.send("convene_panel", &[ix::convene_panel(key.pubkey(), order, set, from)], &[&key]).await?;
                show(&s, order).await
            }
            Self::Draw { order } => {
                let (state, panel): (Order, Panel) = (s.get(&order).await?, found(&s, order).await?);
                let draw = ix::draw_panel(order, state.oracle_set.get(), panel.oracle_set.get());
                s.send("draw_panel", &[draw], &[&key]).await?;
                show(&s, order).await
            }
            Self::Apply { order } => {
                let panel = found(&s, order).await?;
                ensure!(panel.state == panel_state::FINAL, "the panel has no verdict yet: see `aixblock panel show`");
                s.send("apply_verdict", &[market_ix::apply_verdict(order, at::panel(&order))], &[&key]).await?;
                println!("applied");
                Ok(())
            }
            Self::Show { .. } => Ok(()),
        }
    }
}

async fn found(s: &Session, order: Pubkey) -> Result<Panel> {
    let panel = s.get(&at::panel(&order)).await;
    panel.with_context(|| {
        format!("order {order} has no panel: run `aixblock panel convene`, once its dispute is answered")
    })
}

async fn show(s: &Session, order: Pubkey) -> Result<()> {
    let panel = found(s, order).await?;
    println!("panel          {}", at::panel(&order));
    println!("drawn from     oracle set {}", panel.oracle_set.get());
    println!("state          {}", state(&panel));
    println!("seals before   {}", months::show(panel.seal_by.get()));
    println!(
        "votes          {} sealed, {} for, {} against, of {}",
        panel.sealed.count_ones(),
        panel.votes_for.count_ones(),
        panel.votes_against.count_ones(),
        panel.size
    );
    if panel.state != panel_state::CONVENED {
        for (place, member) in panel.members.iter().take(panel.size.into()).enumerate() {
            let has = |votes: u8| votes >> place & 1 == 1;
            let vote = match (has(panel.votes_for), has(panel.votes_against), has(panel.sealed)) {
                (true, ..) => "accepts",
                (_, true, _) => "rejects",
                (.., true) => "sealed",
                _ => "",
            };
            println!("member         {member} {vote}");
        }
    }
    Ok(())
}

fn state(panel: &Panel) -> &'static str {
    match panel.state {
        panel_state::CONVENED => "convened: its members are drawn by the hashes of later slots",
        panel_state::SITTING => "sitting",
        _ if panel.payable_bps.get() > 0 => "accepts the result",
        _ if panel.blame != 0 => "rejects the result, for what every oracle had to find",
        _ => "rejects the result",
    }
}
