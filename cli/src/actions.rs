//! What people do on the platform, one function for each verb; the commands and the demo share them.
use crate::{session::Session, text::padded};
use anyhow::{Context, Result, bail};
use chain::{
    Confirmed, address,
    instruction::{
        market as market_ix, rewards as rewards_ix,
        token::{self as token_ix, Token},
    },
};
use market::state::{Config as MarketConfig, Listing, Order, judge, listing_kind, order_state, unit};
use rewards::state::{Award, Config as RewardsConfig, Contributor, Epoch, epoch_state};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::time::{Duration, Instant};

/// Lists compute at `price` base units a job.
pub async fn list_compute(
    s: &Session,
    seller: &Keypair,
    id: u64,
    price: u64,
    mint: Pubkey,
    uri: &str,
) -> Result<Confirmed> {
    let terms = market_ix::ListingTerms {
        price,
        mint,
        unit: unit::JOB,
        active: true,
        metadata_hash: protocol::points::link_source(uri),
        content_root: [0; 32],
        uri: padded("uri", uri)?,
    };
    let instruction = market_ix::create_listing(seller.pubkey(), id, listing_kind::COMPUTE, terms);
    s.send("create_listing", &[instruction], &[seller]).await
}

/// Opens and funds an order on a listing, for a job whose manifest has this hash.
pub async fn buy(
    s: &Session,
    buyer: &Keypair,
    id: u64,
    listing: Pubkey,
    manifest_hash: [u8; 32],
    max_total: u64,
) -> Result<Confirmed> {
    let config: MarketConfig = s.get(&address::market::config()).await?;
    let state: Listing = s.get(&listing).await?;
    let token = s.token(&state.mint).await?;
    let open = market_ix::OpenOrder {
        buyer: buyer.pubkey(),
        id,
        listing,
        mint: token.mint,
        token_program: token.program,
        oracle_set: Some(config.oracle_set.get()),
        funding: s.purse(&buyer.pubkey(), token, state.price.get()).await?,
        terms: market_ix::OrderTerms {
            quantity: 1,
            expected_version: state.version.get(),
            expected_metadata: state.metadata_hash,
            max_total,
            manifest_hash,
            judge: judge::ORACLES,
            allow_partial: false,
        },
    };
    s.send("open_order", &[market_ix::open_order(open)], &[buyer]).await
}

/// The seller takes an order on, with its bond.
pub async fn accept(s: &Session, seller: &Keypair, order: Pubkey) -> Result<Confirmed> {
    let accept = market_ix::accept_order(deposit(s, seller, order).await?);
    s.send("accept_order", &[accept], &[seller]).await
}

async fn deposit(s: &Session, actor: &Keypair, order: Pubkey) -> Result<market_ix::Deposit> {
    let state: Order = s.get(&order).await?;
    let Token { mint, program: token_program } = s.token(&state.mint).await?;
    Ok(market_ix::Deposit { actor: actor.pubkey(), order, seller: state.seller, mint, token_program })
}

/// The seller commits to a result.
pub async fn submit(s: &Session, seller: &Keypair, order: Pubkey, root: [u8; 32], log: [u8; 32]) -> Result<Confirmed> {
    let result = market_ix::SubmittedResult { root, log };
    s.send("submit_result", &[market_ix::submit_result(seller.pubkey(), order, result)], &[seller]).await
}

/// Draws the audit's seed as soon as the chain has the slots for it.
pub async fn arm(s: &Session, payer: &Keypair, order: Pubkey, patience: Duration) -> Result<()> {
    let begin = Instant::now();
    loop {
        let state: Order = s.get(&order).await?;
        match state.state {
            order_state::SUBMITTED => {}
            order_state::AUDITING | order_state::AUDITED => return Ok(()),
            other => bail!("the order is in state {other}: only a submitted result can be audited"),
        }
        let set = state.oracle_set.get();
        match s.send("arm_audit", &[market_ix::arm_audit(order, set)], &[payer]).await {
            Ok(_) => {}
            // the slots that seed the audit are not over yet, or an oracle was faster
            Err(error) if ["AuditTooEarly", "WrongState"].iter().any(|name| format!("{error:#}").contains(name)) => {}
            Err(error) => return Err(error),
        }
        if begin.elapsed() > patience {
            bail!("the audit of {order} could not be armed within {} s: try again", patience.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The buyer is content with an order's result.
pub async fn approve(s: &Session, buyer: &Keypair, order: Pubkey) -> Result<Confirmed> {
    s.send("approve", &[market_ix::approve(buyer.pubkey(), order)], &[buyer]).await
}

/// The seller lowers what it will be paid.
pub async fn concede(s: &Session, seller: &Keypair, order: Pubkey, payable: u64) -> Result<Confirmed> {
    s.send("concede", &[market_ix::concede(seller.pubkey(), order, payable)], &[seller]).await
}

/// Contests an order's verdict, with a bond; `reason` is the hash of a statement.
pub async fn dispute(s: &Session, challenger: &Keypair, order: Pubkey, reason: [u8; 32]) -> Result<Confirmed> {
    let dispute = market_ix::dispute(deposit(s, challenger, order).await?, reason);
    s.send("dispute", &[dispute], &[challenger]).await
}

/// Contradicts the challenger of an order; `evidence` is the hash of a statement.
pub async fn answer(s: &Session, key: &Keypair, order: Pubkey, evidence: [u8; 32]) -> Result<Confirmed> {
    let (state, who) = (s.get::<Order>(&order).await?, key.pubkey());
    let answer = if who == state.buyer || who == state.seller {
        market_ix::answer(who, order, evidence)
    } else {
        market_ix::answer_as_member(who, order, state.oracle_set.get(), evidence)
    };
    s.send("answer", &[answer], &[key]).await
}

/// The administrator decides a dispute.
pub async fn resolve(s: &Session, admin: &Keypair, order: Pubkey, payable: u64) -> Result<Confirmed> {
    s.send("resolve", &[market_ix::resolve(admin.pubkey(), order, payable)], &[admin]).await
}

/// Pays an order whose verdict stands.
pub async fn release(s: &Session, payer: &Keypair, order: Pubkey) -> Result<Confirmed> {
    let (config, state): (MarketConfig, Order) = (s.get(&address::market::config()).await?, s.get(&order).await?);
    // the payees' accounts may not exist yet; making them is idempotent and anyone may pay for it
    let token = s.token(&state.mint).await?;
    let create = |wallet| token_ix::create_account(payer.pubkey(), wallet, token);
    let settlement = market_ix::Settlement::of(order, &state, token.program);
    let mut instructions = vec![create(state.seller), create(state.buyer), create(config.treasury)];
    instructions.extend(settlement.challenger.map(create));
    instructions.push(market_ix::release(payer.pubkey(), settlement, config.treasury));
    s.send("release", &instructions, &[payer]).await
}

/// Returns an order that was rejected or missed a deadline.
pub async fn refund(s: &Session, payer: &Keypair, order: Pubkey) -> Result<Confirmed> {
    let state: Order = s.get(&order).await?;
    let token = s.token(&state.mint).await?;
    let create = |wallet| token_ix::create_account(payer.pubkey(), wallet, token);
    let settlement = market_ix::Settlement::of(order, &state, token.program);
    let mut instructions = vec![create(state.seller), create(state.buyer)];
    instructions.extend(settlement.challenger.map(create));
    instructions.push(market_ix::refund(payer.pubkey(), settlement));
    s.send("refund", &instructions, &[payer]).await
}

/// The buyer takes back an order that nobody accepted.
pub async fn cancel_order(s: &Session, buyer: &Keypair, order: Pubkey) -> Result<Confirmed> {
    let state: Order = s.get(&order).await?;
    let token = s.token(&state.mint).await?;
    let create = token_ix::create_account(buyer.pubkey(), state.buyer, token);
    let cancel = market_ix::cancel_order(market_ix::Settlement::of(order, &state, token.program));
    s.send("cancel_order", &[create, cancel], &[buyer]).await
}

/// Awards points to the seller of a released order, in the epoch that is open.
pub async fn award_order(s: &Session, payer: &Keypair, order: Pubkey) -> Result<Confirmed> {
    let state: Order = s.get(&order).await?;
    let (epoch, _) = open_epoch_now(s).await?;
    let award = market_ix::AwardOrder {
        payer: payer.pubkey(),
        order,
        seller: state.seller,
        category: state.award_category.get(),
        epoch,
    };
    s.send("award_order", &[market_ix::award_order(award)], &[payer]).await
}

/// Registers a contributor, who is paid into the associated token account.
pub async fn register(s: &Session, wallet: &Keypair) -> Result<Confirmed> {
    let token = distributed(s).await?;
    let create = token_ix::create_account(wallet.pubkey(), wallet.pubkey(), token);
    let register = rewards_ix::register(wallet.pubkey(), token.account_of(&wallet.pubkey()));
    s.send("register", &[create, register], &[wallet]).await
}

/// Changes where a contributor is paid: into a token account that the contributor owns.
pub async fn set_destination(s: &Session, wallet: &Keypair, destination: Pubkey) -> Result<Confirmed> {
    s.send("set_destination", &[rewards_ix::set_destination(wallet.pubkey(), destination)], &[wallet]).await
}

/// Awards points for a contribution that a link names.
pub async fn award(
    s: &Session,
    issuer: &Keypair,
    wallet: Pubkey,
    link: &str,
    category: u16,
    quantity: u64,
) -> Result<Confirmed> {
    let (epoch, _) = open_epoch_now(s).await?;
    let award = rewards_ix::IssueAward {
        payer: issuer.pubkey(),
        issuer: issuer.pubkey(),
        wallet,
        epoch,
        source: protocol::points::link_source(link),
        category,
        quantity,
    };
    s.send("issue_award", &[rewards_ix::issue_award(award)], &[issuer]).await
}

/// Sets the pools of up to twelve months in a row, from the epoch `first_month` on, in base units.
pub async fn schedule(s: &Session, admin: &Keypair, first_month: u32, months: &[u64]) -> Result<Confirmed> {
    let config: RewardsConfig = s.get(&address::rewards::config()).await?;
    let mut pools = [0; 12];
    let Some(place) = pools.get_mut(..months.len()) else { bail!("at most 12 months at a time") };
    place.copy_from_slice(months);
    let count = u8::try_from(months.len()).context("at most 12 months at a time")?;
    let months = rewards_ix::MonthPools { first_month, count, pools };
    s.send("set_schedule", &[rewards_ix::set_schedule(admin.pubkey(), config.mint, months)], &[admin]).await
}

/// Gives the closed epoch 0 its pool, from the administrator's tokens: the token generation event.
pub async fn convert_tge(s: &Session, admin: &Keypair, pool: u64) -> Result<Confirmed> {
    let token = distributed(s).await?;
    let convert = rewards_ix::convert_tge(admin.pubkey(), pool, token.account_of(&admin.pubkey()), token);
    s.send("convert_tge", &[convert], &[admin]).await
}

/// Opens the next epoch, which ends at `end`; its scheduled pool comes from the administrator's tokens.
pub async fn open_epoch(s: &Session, admin: &Keypair, start: i64, end: i64) -> Result<u32> {
    let config: RewardsConfig = s.get(&address::rewards::config()).await?;
    let (index, token) = (config.next_epoch.get(), s.token(&config.mint).await?);
    let open = rewards_ix::OpenEpoch {
        admin: admin.pubkey(),
        index,
        start,
        end,
        funding: token.account_of(&admin.pubkey()),
        token,
    };
    s.send("open_epoch", &[rewards_ix::open_epoch(open)], &[admin]).await?;
    Ok(index)
}

/// Ends an epoch that is over; anyone may.
pub async fn close_epoch(s: &Session, payer: &Keypair, index: u32) -> Result<Confirmed> {
    s.send("close_epoch", &[rewards_ix::close_epoch(index)], &[payer]).await
}

/// Fixes the split of an epoch whose review is over; anyone may.
pub async fn finalize_epoch(s: &Session, payer: &Keypair, index: u32) -> Result<Confirmed> {
    let epoch: Epoch = s.get(&address::rewards::epoch(index)).await?;
    let finalize = rewards_ix::finalize_epoch(index, distributed(s).await?, epoch.rent_payer);
    s.send("finalize_epoch", &[finalize], &[payer]).await
}

/// Moves what nobody claimed in time to the reserve; anyone may.
pub async fn expire_epoch(s: &Session, payer: &Keypair, index: u32) -> Result<Confirmed> {
    let epoch: Epoch = s.get(&address::rewards::epoch(index)).await?;
    let expire = rewards_ix::expire_epoch(index, distributed(s).await?, epoch.rent_payer);
    s.send("expire_epoch", &[expire], &[payer]).await
}

/// Confirms the award of a link as the second key.
pub async fn confirm_award(s: &Session, confirmer: &Keypair, link: &str) -> Result<Confirmed> {
    let review = review(s, confirmer, link).await?;
    s.send("confirm_award", &[rewards_ix::confirm_award(review)], &[confirmer]).await
}

/// Takes the award of a link back; `reason` is the text or the link that says why, of which the chain keeps the hash.
pub async fn void_award(s: &Session, reviewer: &Keypair, link: &str, reason: &str) -> Result<Confirmed> {
    let review = review(s, reviewer, link).await?;
    let reason = protocol::digest::content_address(reason.as_bytes()).0;
    s.send("void_award", &[rewards_ix::void_award(review, reason)], &[reviewer]).await
}

async fn review(s: &Session, reviewer: &Keypair, link: &str) -> Result<rewards_ix::ReviewAward> {
    let source = protocol::points::link_source(link);
    let award: Award = s.get(&address::rewards::award(&source)).await?;
    let (reviewer, issuer, wallet) = (reviewer.pubkey(), award.issuer, award.wallet);
    Ok(rewards_ix::ReviewAward { reviewer, source, issuer, wallet, epoch: award.epoch.get() })
}

/// Brings in profit from the sender's tokens.
pub async fn deposit_profit(s: &Session, sender: &Keypair, amount: u64) -> Result<Confirmed> {
    let token = distributed(s).await?;
    let funding = s.purse(&sender.pubkey(), token, amount).await?;
    let deposit = rewards_ix::deposit_profit(sender.pubkey(), funding, token, amount);
    s.send("deposit_profit", &[deposit], &[sender]).await
}

/// Pays a contributor's profit to the recorded account; anyone may pay for the transaction.
pub async fn claim_profit(s: &Session, payer: &Keypair, wallet: Pubkey) -> Result<Confirmed> {
    let contributor: Contributor = s.get(&address::rewards::contributor(&wallet)).await?;
    let claim = rewards_ix::claim_profit(wallet, contributor.destination, distributed(s).await?);
    s.send("claim_profit", &[claim], &[payer]).await
}

/// Pays a contributor's share of a final epoch to the recorded account; anyone may pay for the transaction.
pub async fn claim(s: &Session, payer: &Keypair, wallet: Pubkey, epoch: u32) -> Result<Confirmed> {
    let contributor: Contributor = s.get(&address::rewards::contributor(&wallet)).await?;
    let token = distributed(s).await?;
    let claim = rewards_ix::Claim { wallet, destination: contributor.destination, epoch, token };
    s.send("claim", &[rewards_ix::claim(claim)], &[payer]).await
}

/// The token that rewards distributes.
pub async fn distributed(s: &Session) -> Result<Token> {
    s.token(&s.get::<RewardsConfig>(&address::rewards::config()).await?.mint).await
}

/// The epoch that takes awards now.
pub async fn open_epoch_now(s: &Session) -> Result<(u32, Epoch)> {
    let config: RewardsConfig = s.get(&address::rewards::config()).await?;
    let now = s.rpc.unix_seconds().await?;
    for index in (0..config.next_epoch.get()).rev() {
        let epoch: Epoch = s.get(&address::rewards::epoch(index)).await?;
        if epoch.state == epoch_state::OPEN && (epoch.start.get()..epoch.end.get()).contains(&now) {
            return Ok((index, epoch));
        }
        if epoch.end.get() <= now {
            break;
        }
    }
    Err(anyhow::anyhow!("no epoch is open at this time"))
        .context("the administrator must open the month: aixblock open-month")
}
