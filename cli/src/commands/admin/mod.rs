//! Commands of the programs' administrators.
mod settings;

use super::{Connection, address};
use crate::{session::Session, text::padded};
use anyhow::{Result, bail, ensure};
use chain::{
    Instruction,
    address::{grants as grants_at, market as market_at, oracles as oracles_at, rewards as rewards_at},
    instruction::{grants, market, oracles, rewards},
};
use clap::{Subcommand, ValueEnum};
use settings::{GrantsForm, MarketForm, OraclesForm, RewardsForm, read};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::path::{Path, PathBuf};

/// The programs that have an administrator; `rental` and `proofs` have none.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Administered {
    Market,
    Rewards,
    Grants,
    Oracles,
}

/// What can be paused: nothing that anybody waits for to be paid.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Paused {
    /// Of the market: new listings and changes to them.
    Listings,
    /// Of the market: new orders, and new rentals.
    Orders,
    /// Of the market: accepting orders.
    Acceptance,
    /// Of rewards: awards.
    Awards,
    /// Of grants: new proposals.
    Proposals,
    /// Of grants: tallies that would approve a proposal.
    Approvals,
}

/// Commands of the programs' administrators.
#[derive(Subcommand, Debug)]
pub enum AdminCommand {
    /// Print who administers a program, and its settings as `admin set` reads them.
    Show { program: Administered },
    /// Configure a program once, as its upgrade authority: rewards, market, oracles, grants, in this order.
    Initialize {
        program: Administered,
        /// File with the settings.
        #[arg(long)]
        settings: PathBuf,
        /// Mint of the program's token, of either token program; the market has its mints in the settings.
        #[arg(long, value_parser = address, required_if_eq_any([("program", "rewards"), ("program", "grants"), ("program", "oracles")]))]
        mint: Option<Pubkey>,
        /// Base units that may ever be put into the pool of grants: at most 5.25 % of the supply.
        #[arg(long, required_if_eq("program", "grants"))]
        allocation: Option<u64>,
    },
    /// Change the settings of a program. What was opened before keeps those that it was opened under.
    Set {
        program: Administered,
        /// File with all settings: what `admin show` prints, with your changes.
        #[arg(long)]
        settings: PathBuf,
    },
    /// Pause exactly these kinds of action; none resumes all.
    Pause { program: Administered, kinds: Vec<Paused> },
    /// Name the next administrator, who accepts.
    Propose {
        program: Administered,
        /// The next administrator.
        #[arg(value_parser = address)]
        key: Pubkey,
    },
    /// Take an administration over that you were proposed for.
    Accept { program: Administered },
    /// Make the next oracle set, which new orders pin.
    OracleSet {
        /// The keys that vote.
        #[arg(value_parser = address, required = true)]
        members: Vec<Pubkey>,
        /// Equal votes that decide: more than half.
        #[arg(long)]
        threshold: u8,
        /// Random segments that each member replays, besides the first and the last.
        #[arg(long, default_value_t = 3)]
        samples: u16,
        /// Base units that a member must have bonded for its votes to count; 0 asks for none.
        #[arg(long, default_value_t = 0)]
        min_bond: u64,
    },
    /// Retire an oracle set: its later votes do not count.
    RetireOracleSet {
        /// Its version.
        version: u32,
    },
    /// Make or change a category of contributions.
    Category {
        /// Its number.
        id: u16,
        /// Up to 32 bytes.
        #[arg(long)]
        name: String,
        /// Points for each unit.
        #[arg(long)]
        weight: u64,
        /// The fewest units of one award.
        #[arg(long, default_value_t = 1)]
        min: u64,
        /// The most units of one award.
        #[arg(long)]
        max: u64,
        /// Take no awards in it.
        #[arg(long)]
        disabled: bool,
    },
    /// Let a key award points, or change what it may award.
    Issuer {
        /// The key; the market's own address for orders (`admin show market`).
        #[arg(value_parser = address)]
        key: Pubkey,
        /// Points that it may award in one epoch.
        #[arg(long)]
        cap: u64,
        /// Take its right away.
        #[arg(long)]
        disabled: bool,
    },
}

impl AdminCommand {
    /// Does it.
    pub async fn run(self, connection: &Connection) -> Result<()> {
        let s = connection.session()?;
        if let Self::Show { program } = self {
            return show(&s, program).await;
        }
        let key = connection.key()?;
        let admin = key.pubkey();
        let (name, instruction, done) = match self {
            Self::Initialize { program, settings, mint, allocation } => {
                let given = Given { mint, allocation };
                ("initialize", initialize(&s, admin, program, &settings, given).await?, "initialized".to_owned())
            }
            Self::Set { program, settings } => ("update_config", update(admin, program, &settings)?, "set".to_owned()),
            Self::Pause { program, kinds } => ("set_pause", pause(admin, program, &kinds)?, "done".to_owned()),
            Self::Propose { program, key } => {
                let done = format!("proposed; {key} runs `aixblock admin accept`");
                ("propose_admin", propose(admin, program, key), done)
            }
            Self::Accept { program } => ("accept_admin", accept(admin, program), "accepted".to_owned()),
            Self::OracleSet { members, threshold, samples, min_bond } => {
                let config: ::market::state::Config = s.get(&market_at::config()).await?;
                let version = config.oracle_set.get() + 1;
                let set = oracle_set(&members, threshold, samples, min_bond)?;
                ("create_oracle_set", market::create_oracle_set(admin, version, set), format!("oracle set {version}"))
            }
            Self::RetireOracleSet { version } => {
                ("retire_oracle_set", market::retire_oracle_set(admin, version), "retired".to_owned())
            }
            Self::Category { id, name, weight, min, max, disabled } => {
                let (name, enabled) = (padded("name", &name)?, !disabled);
                let terms = rewards::CategoryTerms { name, weight, min_quantity: min, max_quantity: max, enabled };
                ("set_category", rewards::set_category(admin, id, terms), format!("category {id}"))
            }
            Self::Issuer { key, cap, disabled } => {
                ("set_issuer", rewards::set_issuer(admin, key, cap, !disabled), format!("issuer {key}"))
            }
            Self::Show { .. } => return Ok(()),
        };
        s.send(name, &[instruction], &[&key]).await?;
        println!("{done}");
        Ok(())
    }
}

async fn show(s: &Session, program: Administered) -> Result<()> {
    // lines that `admin set` skips, so that its output can be edited and read again
    let about = |admin: Pubkey, pending: Pubkey| {
        println!("# administrator {admin}");
        if pending != Pubkey::default() {
            println!("# proposed      {pending}");
        }
    };
    let settings = match program {
        Administered::Market => {
            let c: ::market::state::Config = s.get(&market_at::config()).await?;
            about(c.admin, c.pending_admin);
            println!("# paused        {:03b} (acceptance, orders, listings)", c.paused);
            println!("# oracle set    {}", c.oracle_set.get());
            println!("# issuer        {}", market_at::issuer_authority());
            toml::to_string(&MarketForm::from(&c))?
        }
        Administered::Rewards => {
            let c: ::rewards::state::Config = s.get(&rewards_at::config()).await?;
            about(c.admin, c.pending_admin);
            println!("# paused        {} (awards)", c.awards_paused);
            println!("# mint          {}", c.mint);
            toml::to_string(&RewardsForm::from(&c))?
        }
        Administered::Grants => {
            let c: ::grants::state::Config = s.get(&grants_at::config()).await?;
            about(c.admin, c.pending_admin);
            println!("# paused        {:02b} (approvals, proposals)", c.paused);
            println!("# mint          {}", c.mint);
            println!("# allocation    {}", c.allocation.get());
            toml::to_string(&GrantsForm::from(&c))?
        }
        Administered::Oracles => {
            let c: ::oracles::state::Config = s.get(&oracles_at::config()).await?;
            about(c.admin, c.pending_admin);
            println!("# mint          {}", c.mint);
            toml::to_string(&OraclesForm::from(&c))?
        }
    };
    println!("{}", settings.trim_end());
    Ok(())
}

/// What `initialize` takes besides the settings.
struct Given {
    mint: Option<Pubkey>,
    allocation: Option<u64>,
}

async fn initialize(
    s: &Session,
    admin: Pubkey,
    program: Administered,
    file: &Path,
    given: Given,
) -> Result<Instruction> {
    let mint = given.mint.unwrap_or_default();
    Ok(match program {
        Administered::Market => {
            ensure!(given.mint.is_none(), "the market's mints are in its settings: leave --mint out");
            market::initialize(admin, read::<MarketForm>(file)?.try_into()?)
        }
        Administered::Rewards => rewards::initialize(admin, s.token(&mint).await?, read::<RewardsForm>(file)?.into()),
        Administered::Grants => {
            let (settings, allocation) = (read::<GrantsForm>(file)?, given.allocation.unwrap_or_default());
            grants::initialize(admin, s.token(&mint).await?, allocation, settings.into())
        }
        Administered::Oracles => oracles::initialize(admin, mint, read::<OraclesForm>(file)?.into()),
    })
}

fn update(admin: Pubkey, program: Administered, file: &Path) -> Result<Instruction> {
    Ok(match program {
        Administered::Market => market::update_config(admin, read::<MarketForm>(file)?.try_into()?),
        Administered::Rewards => rewards::update_config(admin, read::<RewardsForm>(file)?.into()),
        Administered::Grants => grants::update_config(admin, read::<GrantsForm>(file)?.into()),
        Administered::Oracles => oracles::update_config(admin, read::<OraclesForm>(file)?.into()),
    })
}

fn pause(admin: Pubkey, program: Administered, kinds: &[Paused]) -> Result<Instruction> {
    use ::{grants::state::pause as of_grants, market::state::pause as of_market};
    let bits: &[(Paused, u8)] = match program {
        Administered::Market => &[
            (Paused::Listings, of_market::LISTINGS),
            (Paused::Orders, of_market::ORDERS),
            (Paused::Acceptance, of_market::ACCEPTANCE),
        ],
        Administered::Rewards => &[(Paused::Awards, 1)],
        Administered::Grants => &[(Paused::Proposals, of_grants::PROPOSALS), (Paused::Approvals, of_grants::APPROVALS)],
        Administered::Oracles => bail!("nothing of oracles can be paused"),
    };
    let mut paused = 0;
    for kind in kinds {
        let Some((_, bit)) = bits.iter().find(|(known, _)| known == kind) else {
            let known: Vec<_> = bits.iter().map(|(kind, _)| format!("{kind:?}").to_lowercase()).collect();
            bail!("{program:?} has no {kind:?} to pause: it has {}", known.join(", "));
        };
        paused |= bit;
    }
    Ok(match program {
        Administered::Rewards => rewards::set_pause(admin, paused != 0),
        Administered::Grants => grants::set_pause(admin, paused),
        _ => market::set_pause(admin, paused),
    })
}

fn propose(admin: Pubkey, program: Administered, key: Pubkey) -> Instruction {
    match program {
        Administered::Market => market::propose_admin(admin, key),
        Administered::Rewards => rewards::propose_admin(admin, key),
        Administered::Grants => grants::propose_admin(admin, key),
        Administered::Oracles => oracles::propose_admin(admin, key),
    }
}

fn accept(admin: Pubkey, program: Administered) -> Instruction {
    match program {
        Administered::Market => market::accept_admin(admin),
        Administered::Rewards => rewards::accept_admin(admin),
        Administered::Grants => grants::accept_admin(admin),
        Administered::Oracles => oracles::accept_admin(admin),
    }
}

fn oracle_set(keys: &[Pubkey], threshold: u8, samples: u16, min_bond: u64) -> Result<market::OracleMembers> {
    let mut members = [Pubkey::default(); ::market::state::MAX_ORACLES];
    ensure!(keys.len() <= members.len(), "{} members: a set has at most {}", keys.len(), members.len());
    for (place, key) in members.iter_mut().zip(keys) {
        *place = *key;
    }
    Ok(market::OracleMembers { count: u8::try_from(keys.len())?, threshold, samples, min_bond, members })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_pauses_its_own_kinds_only() {
        let admin = Pubkey::new_from_array([1; 32]);
        let both = pause(admin, Administered::Market, &[Paused::Listings, Paused::Acceptance]).expect("its own");
        assert_eq!(both, market::set_pause(admin, 5));
        assert_eq!(pause(admin, Administered::Grants, &[]).expect("resumes"), grants::set_pause(admin, 0));
        let error = pause(admin, Administered::Market, &[Paused::Awards]).expect_err("of rewards").to_string();
        assert_eq!(error, "Market has no Awards to pause: it has listings, orders, acceptance");
        assert!(pause(admin, Administered::Oracles, &[]).is_err());
    }

    #[test]
    fn a_set_has_at_most_sixteen_members() {
        let keys: Vec<_> = (1..=17).map(|n| Pubkey::new_from_array([n; 32])).collect();
        assert_eq!(oracle_set(&keys[..16], 9, 3, 5).expect("fit").count, 16);
        assert!(oracle_set(&keys, 9, 3, 5).is_err());
    }
}
