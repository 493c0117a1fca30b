//! Commands of contributors and of the administrator of rewards.
use super::{Connection, address, audit_month};
use crate::{actions, months};
use anyhow::{Result, bail};
use chain::address::rewards as at;
use clap::Subcommand;
use rewards::state::{Config, Contributor, Epoch, Points, epoch_state};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// Commands of contributors and of the administrator.
#[derive(Subcommand, Debug)]
pub enum RewardsCommand {
    /// Register your wallet as a contributor.
    Register,
    /// Be paid into another token account of yours.
    SetDestination {
        /// Address of the token account.
        #[arg(value_parser = address)]
        tokens: Pubkey,
    },
    /// Award points for a contribution, named by its link, which can score only once.
    Award {
        /// The contributor's wallet.
        #[arg(value_parser = address)]
        wallet: Pubkey,
        /// Link to the contribution.
        #[arg(long)]
        link: String,
        /// Category: its weight is points for each unit.
        #[arg(long)]
        category: u16,
        /// Units.
        #[arg(long, default_value_t = 1)]
        quantity: u64,
    },
    /// Confirm a large award as the second key.
    ConfirmAward {
        /// Link to the contribution.
        #[arg(long)]
        link: String,
    },
    /// Take an award back before the review of its month is over (administrator or issuer).
    VoidAward {
        /// Link to the contribution.
        #[arg(long)]
        link: String,
        /// Why: a text or a link, of which the chain keeps the hash.
        #[arg(long)]
        reason: String,
    },
    /// Set the pools of up to twelve months that are not open yet (administrator).
    ScheduleMonths {
        /// Index of the first epoch.
        #[arg(long)]
        first: u32,
        /// How many months.
        #[arg(long, default_value_t = 1)]
        months: usize,
        /// Base units of each.
        #[arg(long)]
        pool: u64,
    },
    /// Give the closed epoch 0 its pool: the token generation event (administrator).
    ConvertTge {
        /// Base units.
        #[arg(long)]
        pool: u64,
    },
    /// Open the next month and fill its scheduled pool (administrator).
    OpenMonth,
    /// Close a month that is over, or finalize one whose review is over. Anyone may.
    CloseMonth {
        /// Index of the epoch.
        epoch: u32,
    },
    /// Claim a share of a final month; for another's wallet, you pay the transaction only.
    Claim {
        /// Index of the epoch.
        epoch: u32,
        /// Whose share; yours where absent.
        #[arg(long, value_parser = address)]
        wallet: Option<Pubkey>,
    },
    /// Move what nobody claimed of a month in time to the reserve. Anyone may.
    ExpireMonth {
        /// Index of the epoch.
        epoch: u32,
    },
    /// Bring in profit from your tokens: a share for the holders of points, the rest for the reserve.
    DepositProfit {
        /// Base units.
        #[arg(long)]
        amount: u64,
    },
    /// Claim profit; for another's wallet, you pay the transaction only.
    ClaimProfit {
        /// Whose; yours where absent.
        #[arg(long, value_parser = address)]
        wallet: Option<Pubkey>,
    },
    /// Rebuild a month from chain events alone and compare it with what was paid.
    AuditMonth {
        /// Index of the epoch.
        epoch: u32,
    },
}

impl RewardsCommand {
    /// Does it.
    pub async fn run(self, connection: &Connection) -> Result<()> {
        let s = connection.session()?;
        match self {
            Self::Register => {
                let key = connection.key()?;
                actions::register(&s, &key).await?;
                println!("contributor {}", at::contributor(&key.pubkey()));
            }
            Self::SetDestination { tokens } => {
                actions::set_destination(&s, &connection.key()?, tokens).await?;
                println!("paid into {tokens} from now on");
            }
            Self::Award { wallet, link, category, quantity } => {
                actions::award(&s, &connection.key()?, wallet, &link, category, quantity).await?;
                println!("awarded");
            }
            Self::ConfirmAward { link } => {
                actions::confirm_award(&s, &connection.key()?, &link).await?;
                println!("confirmed");
            }
            Self::VoidAward { link, reason } => {
                actions::void_award(&s, &connection.key()?, &link, &reason).await?;
                println!("taken back");
            }
            Self::ScheduleMonths { first, months, pool } => {
                actions::schedule(&s, &connection.key()?, first, &vec![pool; months]).await?;
                let config: Config = s.get(&at::config()).await?;
                println!("scheduled {} of {}", config.scheduled.get(), config.lifetime_allocation.get());
            }
            Self::ConvertTge { pool } => {
                actions::convert_tge(&s, &connection.key()?, pool).await?;
                println!("epoch 0 shares {pool}");
            }
            Self::OpenMonth => {
                let (start, end) = months::next(&s).await?;
                let index = actions::open_epoch(&s, &connection.key()?, start, end).await?;
                println!("epoch {index}: {} to {}", months::show(start), months::show(end));
            }
            Self::CloseMonth { epoch } => {
                let (key, state): (_, Epoch) = (connection.key()?, s.get(&at::epoch(epoch)).await?);
                match state.state {
                    epoch_state::OPEN => {
                        actions::close_epoch(&s, &key, epoch).await?;
                        let ends = s.get::<Epoch>(&at::epoch(epoch)).await?.review_ends.get();
                        println!("closed; in review until {}: run this again after that", months::show(ends));
                    }
                    epoch_state::REVIEW => {
                        actions::finalize_epoch(&s, &key, epoch).await?;
                        let done: Epoch = s.get(&at::epoch(epoch)).await?;
                        println!(
                            "final: {} distributed, {} to the reserve",
                            done.distributed.get(),
                            done.to_reserve.get()
                        );
                    }
                    _ => println!("final or expired already"),
                }
            }
            Self::Claim { epoch, wallet } => {
                let key = connection.key()?;
                let wallet = wallet.unwrap_or_else(|| key.pubkey());
                actions::claim(&s, &key, wallet, epoch).await?;
                let points: Points = s.get(&at::points(epoch, &wallet)).await?;
                println!("claimed {} for {} points", points.paid.get(), points.points.get());
            }
            Self::ExpireMonth { epoch } => {
                actions::expire_epoch(&s, &connection.key()?, epoch).await?;
                let expired: Epoch = s.get(&at::epoch(epoch)).await?;
                println!("expired: {} to the reserve", expired.unclaimed.get());
            }
            Self::DepositProfit { amount } => {
                actions::deposit_profit(&s, &connection.key()?, amount).await?;
                println!("deposited {amount}");
            }
            Self::ClaimProfit { wallet } => {
                let key = connection.key()?;
                let wallet = wallet.unwrap_or_else(|| key.pubkey());
                actions::claim_profit(&s, &key, wallet).await?;
                let contributor: Contributor = s.get(&at::contributor(&wallet)).await?;
                println!("paid {} so far", contributor.profit_paid.get());
            }
            Self::AuditMonth { epoch } => {
                let _: Config = s.get(&at::config()).await?;
                let audit = audit_month::audit(&s, epoch).await?;
                audit.print();
                if !audit.agrees() {
                    bail!("month {epoch} was not paid as its events say");
                }
            }
        }
        Ok(())
    }
}
