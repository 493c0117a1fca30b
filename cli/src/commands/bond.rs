//! Commands of oracles about their bonds, and of anyone who records what their votes came to.
use super::{Connection, address};
use crate::{months, session::Session};
use anyhow::{Context, Result, bail};
use chain::{
    address::{market as market_at, oracles as at},
    instruction::{
        oracles::{self as ix, RecordVote},
        token::{self as token_ix, Token},
    },
};
use clap::Subcommand;
use market::state::{OracleSet, Order, order_state, resolution};
use oracles::state::{Config, Oracle, Record};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// Commands of oracles about their bonds, and of anyone who records what their votes came to.
#[derive(Subcommand, Debug)]
pub enum BondCommand {
    /// Register your key as an oracle that can bond.
    Register,
    /// Add tokens of yours to your bond.
    Deposit {
        /// Base units.
        #[arg(long)]
        amount: u64,
    },
    /// Ask for a part of your bond back: it no longer counts for votes, and can be withdrawn after the wait.
    Request {
        /// Base units; 0 takes the last request back.
        #[arg(long)]
        amount: u64,
    },
    /// Withdraw what you asked for, once the wait is over.
    Withdraw,
    /// Show an oracle's bond and what its votes came to.
    Show {
        /// The key that it votes with; yours where absent.
        #[arg(value_parser = address)]
        oracle: Option<Pubkey>,
    },
    /// Record the votes on a settled order, within 14 days; an overturned one costs a part of its bond. Anyone may.
    Record {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
}

impl BondCommand {
    /// Does it.
    pub async fn run(self, connection: &Connection) -> Result<()> {
        let s = connection.session()?;
        if let Self::Show { oracle: Some(oracle) } = self {
            return show(&s, oracle).await;
        }
        let key = connection.key()?;
        let who = key.pubkey();
        match self {
            Self::Register => {
                s.send("register_oracle", &[ix::register_oracle(who, who, bonded(&s).await?)], &[&key]).await?;
                println!("oracle {}", at::oracle(&who));
            }
            Self::Deposit { amount } => {
                let token = bonded(&s).await?;
                registered(&s, &who).await?;
                let deposit = ix::deposit_bond(who, s.purse(&who, token, amount).await?, token, amount);
                s.send("deposit_bond", &[deposit], &[&key]).await?;
                println!("bonded {}", s.get::<Oracle>(&at::oracle(&who)).await?.bond.get());
            }
            Self::Request { amount } => {
                registered(&s, &who).await?;
                s.send("request_unbond", &[ix::request_unbond(who, amount)], &[&key]).await?;
                match amount {
                    0 => println!("the request is taken back"),
                    _ => {
                        let at = s.get::<Oracle>(&at::oracle(&who)).await?.unbond_at.get();
                        println!("requested; run `aixblock bond withdraw` from {} on", months::show(at));
                    }
                }
            }
            Self::Withdraw => {
                let (token, before) = (bonded(&s).await?, registered(&s, &who).await?);
                let create = token_ix::create_account(who, who, token);
                let withdraw = ix::withdraw_bond(who, token.account_of(&who), token);
                s.send("withdraw_bond", &[create, withdraw], &[&key]).await?;
                println!("withdrawn {}", before.unbonding.get());
            }
            Self::Show { oracle } => show(&s, oracle.unwrap_or(who)).await?,
            Self::Record { order } => record(&s, &key, order).await?,
        }
        Ok(())
    }
}

/// The token of all bonds.
pub(super) async fn bonded(s: &Session) -> Result<Token> {
    s.token(&s.get::<Config>(&at::config()).await?.mint).await
}

async fn registered(s: &Session, authority: &Pubkey) -> Result<Oracle> {
    let found = s.get(&at::oracle(authority)).await;
    found.with_context(|| format!("{authority} is not registered: run `aixblock bond register` with its key"))
}

async fn show(s: &Session, authority: Pubkey) -> Result<()> {
    let (config, oracle): (Config, _) = (s.get(&at::config()).await?, registered(s, &authority).await?);
    let counts = oracle.bond.get().saturating_sub(oracle.unbonding.get());
    println!("oracle         {authority}");
    println!("bond           {}, of which {counts} counts for votes", oracle.bond.get());
    match oracle.unbond_at.get() {
        0 => println!("on its way out 0"),
        at => println!("on its way out {}, from {} on", oracle.unbonding.get(), months::show(at)),
    }
    println!("least bond     {} (an oracle set may ask for more)", config.min_bond.get());
    println!(
        "votes          {}: {} as the order ended, {} not, {} overturned",
        oracle.votes.get(),
        oracle.agreed.get(),
        oracle.dissented.get(),
        oracle.overturned.get()
    );
    println!("missed         {}", oracle.missed.get());
    println!("lost           {}", oracle.slashed.get());
    Ok(())
}

/// Records every member of the order's set that bonded and was not recorded yet.
async fn record(s: &Session, payer: &Keypair, order: Pubkey) -> Result<()> {
    let state: Order = s.get(&order).await?;
    if ![order_state::RELEASED, order_state::REFUNDED].contains(&state.state) {
        bail!("the order is {}: votes are recorded once it is released or refunded", super::name(state.state));
    }
    let version = state.oracle_set.get();
    let set: OracleSet = s.get(&market_at::oracle_set(version)).await?;
    let known = s.rpc.find::<Record>(&at::record(&order)).await?.filter(|record| record.opened_at == state.opened_at);
    let counted = known.map_or(0, |record| record.counted.get());
    let token = bonded(s).await?;
    // only a verdict that was overturned, by the administrator or by a proof, can cost a bond; nothing else needs the accounts of
    // those who share in it
    let judged = state.resolution == resolution::OVERTURNED;
    let payees = if judged { vec![state.buyer, state.challenger] } else { vec![] };
    let tokens = |wallet: Pubkey| judged.then(|| token.account_of(&wallet));
    let (mut recorded, mut unbonded) = (0, 0);
    for (place, member) in set.members.iter().take(set.count.into()).enumerate() {
        if counted >> place & 1 == 1 {
            continue;
        }
        if s.rpc.find::<Oracle>(&at::oracle(member)).await?.is_none() {
            unbonded += 1;
            continue;
        }
        let mut all: Vec<_> =
            payees.iter().map(|wallet| token_ix::create_account(payer.pubkey(), *wallet, token)).collect();
        all.push(ix::record_vote(RecordVote {
            payer: payer.pubkey(),
            order,
            oracle_set: version,
            oracle: *member,
            token,
            challenger_tokens: tokens(state.challenger).filter(|_| state.challenger != state.buyer),
            buyer_tokens: tokens(state.buyer),
        }));
        s.send("record_vote", &all, &[payer]).await.with_context(|| format!("the vote of {member}"))?;
        recorded += 1;
    }
    println!("recorded {recorded} of {} members; {unbonded} are not registered", set.count);
    Ok(())
}
