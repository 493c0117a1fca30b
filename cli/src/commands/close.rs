//! Closing accounts that are over: the rent that they hold goes back to who paid it.
use super::{Connection, address, bond::bonded};
use anyhow::Result;
use chain::{
    address::{oracles as oracles_at, proofs as proofs_at, rewards as rewards_at},
    instruction::{grants, market, oracles, proofs, rental, rewards, token as token_ix},
};
use clap::Subcommand;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// What is closed.
#[derive(Subcommand, Debug)]
pub enum CloseCommand {
    /// A listing of yours without open orders.
    Listing {
        /// Your number for it.
        #[arg(default_value_t = 1)]
        id: u64,
    },
    /// A settled order whose rent you paid.
    Order {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// What was proven about an order that is settled. Anyone may.
    Verdict {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// Your claim about a chunk of an order. `licence prove` does this itself unless it was interrupted.
    Claim {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// A rental that ended and whose rent you paid.
    Rental {
        /// Address of the rental.
        #[arg(value_parser = address)]
        rental: Pubkey,
    },
    /// Points of a month in which they have nothing left to claim. Anyone may.
    Points {
        /// Index of the epoch.
        epoch: u32,
        /// Whose points; yours where absent.
        #[arg(long, value_parser = address)]
        wallet: Option<Pubkey>,
    },
    /// An award that does not count, once its month expired. Anyone may.
    Award {
        /// Link to the contribution.
        #[arg(long)]
        link: String,
    },
    /// A ballot after the vote. Anyone may.
    Ballot {
        /// Number of the proposal.
        proposal: u64,
        /// Whose ballot; yours where absent.
        #[arg(long, value_parser = address)]
        wallet: Option<Pubkey>,
    },
    /// A proposal of yours that is over and owes nothing.
    Proposal {
        /// Number of the proposal.
        proposal: u64,
    },
    /// The record of the votes on an order, once they can no longer be recorded. Anyone may.
    Record {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// What oracles sealed of their votes on an order, once what they kept to themselves is recorded or too old. Anyone may.
    Seals {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// The panel on a dispute that is over. Anyone may.
    Panel {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// Your evidence about a training job that is or was in dispute.
    Evidence {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// Your account as an oracle, once its bond is withdrawn.
    Oracle,
}

impl CloseCommand {
    /// Does it.
    pub async fn run(self, connection: &Connection) -> Result<()> {
        let (s, key) = (connection.session()?, connection.key()?);
        let who = key.pubkey();
        let (name, instructions) = match self {
            Self::Listing { id } => ("close_listing", vec![market::close_listing(who, id)]),
            Self::Order { order } => ("close_order", vec![market::close_order(order, who)]),
            Self::Verdict { order } => {
                let verdict: ::proofs::state::Verdict = s.get(&proofs_at::verdict(&order)).await?;
                ("close_verdict", vec![proofs::close_verdict(order, verdict.rent_payer)])
            }
            Self::Claim { order } => ("close_claim", vec![proofs::close_claim(who, order)]),
            Self::Rental { rental: at } => ("close_rental", vec![rental::close_rental(at, who)]),
            Self::Points { epoch, wallet } => {
                let wallet = wallet.unwrap_or(who);
                let points: ::rewards::state::Points = s.get(&rewards_at::points(epoch, &wallet)).await?;
                ("close_points", vec![rewards::close_points(wallet, epoch, points.rent_payer)])
            }
            Self::Award { link } => {
                let source = protocol::points::link_source(&link);
                let award: ::rewards::state::Award = s.get(&rewards_at::award(&source)).await?;
                ("close_award", vec![rewards::close_award(source, award.epoch.get(), award.rent_payer)])
            }
            Self::Ballot { proposal, wallet } => {
                ("close_ballot", vec![grants::close_ballot(proposal, wallet.unwrap_or(who))])
            }
            Self::Proposal { proposal } => ("close_proposal", vec![grants::close_proposal(proposal, who)]),
            Self::Record { order } => {
                let record: ::oracles::state::Record = s.get(&oracles_at::record(&order)).await?;
                ("close_record", vec![oracles::close_record(order, record.rent_payer)])
            }
            Self::Seals { order } => {
                let seals: ::oracles::state::Seals = s.get(&oracles_at::seals(&order)).await?;
                let record = oracles_at::record(&order);
                let recorded = s.rpc.find::<::oracles::state::Record>(&record).await?.map(|_| record);
                ("close_seals", vec![oracles::close_seals(order, recorded, seals.rent_payer)])
            }
            Self::Panel { order } => {
                let panel: ::oracles::state::Panel = s.get(&oracles_at::panel(&order)).await?;
                ("close_panel", vec![oracles::close_panel(order, panel.rent_payer)])
            }
            Self::Evidence { order } => ("close_evidence", vec![proofs::close_evidence(who, order)]),
            Self::Oracle => {
                let (oracle, token): (::oracles::state::Oracle, _) =
                    (s.get(&oracles_at::oracle(&who)).await?, bonded(&s).await?);
                let close = oracles::close_oracle(who, token.account_of(&who), oracle.rent_payer, token);
                ("close_oracle", vec![token_ix::create_account(who, who, token), close])
            }
        };
        s.send(name, &instructions, &[&key]).await?;
        println!("closed");
        Ok(())
    }
}
