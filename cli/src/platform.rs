//! Sets up an empty local chain: lamports, the token, the programs' configuration, oracle set, categories, issuers.
use crate::{keys::Keys, local_config::LocalConfig, session::Session};
use anyhow::Result;
use chain::{
    address,
    instruction::{
        grants as grants_ix, market as market_ix, rewards as rewards_ix,
        token::{self as token_ix, Token},
    },
};
use protocol::calendar;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// Whole tokens that the buyer starts with.
pub const BUYER_TOKENS: u64 = 10_000;

/// Creates the token; the administrator holds its whole supply but for what the buyer starts with.
pub async fn create_token(s: &Session, keys: &Keys, config: &LocalConfig) -> Result<()> {
    let (admin, token) = (keys.admin.pubkey(), Token::classic(keys.mint.pubkey()));
    let rent_lamports = s.rpc.rent_lamports(token_ix::MINT_BYTES).await?;
    let create = token_ix::create_mint(token_ix::CreateMint {
        payer: admin,
        token,
        authority: admin,
        decimals: config.token.decimals,
        rent_lamports,
    });
    s.send("create_mint", &create, &[&keys.admin, &keys.mint]).await?;
    let accounts: Vec<_> = keys.holders().into_iter().map(|h| token_ix::create_account(admin, h, token)).collect();
    s.send("create_token_accounts", &accounts, &[&keys.admin]).await?;
    let (supply, buyer) = (config.base_units(config.token.supply)?, config.base_units(BUYER_TOKENS)?);
    let mints = [
        token_ix::mint_to(token, admin, admin, supply - buyer),
        token_ix::mint_to(token, keys.buyer.pubkey(), admin, buyer),
    ];
    s.send("mint_to", &mints, &[&keys.admin]).await?;
    Ok(())
}

/// The oracle set that panels are drawn from. New orders pin the latest set, so this one comes first.
pub const PANEL_SET: u32 = 1;

/// Configures the market and creates its oracle sets: for panels, where there are any, and for orders.
pub async fn configure_market(s: &Session, keys: &Keys, config: &LocalConfig) -> Result<()> {
    let (admin, m) = (&keys.admin, &config.market);
    let mut mints = [Pubkey::default(); market::state::MAX_MINTS];
    mints[0] = keys.mint.pubkey();
    let settings = market_ix::Settings {
        treasury: keys.treasury.pubkey(),
        mints,
        fee_bps: m.fee_bps,
        award_category: m.award_category,
        accept_seconds: m.accept_seconds,
        delivery_seconds: m.delivery_seconds,
        audit_seconds: m.audit_seconds,
        dispute_seconds: m.dispute_seconds,
        answer_seconds: m.answer_seconds,
        resolve_seconds: m.resolve_seconds,
        award_seconds: m.award_seconds,
        seller_bond_bps: m.seller_bond_bps,
        challenge_bond_bps: m.challenge_bond_bps,
        slash_challenger_bps: m.slash_challenger_bps,
        slash_buyer_bps: m.slash_buyer_bps,
    };
    s.send("market_initialize", &[market_ix::initialize(admin.pubkey(), settings)], &[admin]).await?;
    let (judges, panel) = keys.oracles.split_at_checked(config.oracles.count.into()).unwrap_or((&keys.oracles, &[]));
    let majority = config.oracles.panel / 2 + 1;
    let sets = [(panel, majority), (judges, config.oracles.threshold)];
    for (version, (oracles, threshold)) in
        (PANEL_SET..).zip(sets.into_iter().filter(|(oracles, _)| !oracles.is_empty()))
    {
        let mut members = [Pubkey::default(); market::state::MAX_ORACLES];
        for (place, oracle) in members.iter_mut().zip(oracles) {
            *place = oracle.pubkey();
        }
        let set = market_ix::OracleMembers {
            count: u8::try_from(oracles.len())?,
            threshold,
            samples: config.oracles.samples,
            // every oracle of the platform bonds before it votes (`bonds.rs`)
            min_bond: config.base_units(config.bonds.least)?,
            members,
        };
        let create = market_ix::create_oracle_set(admin.pubkey(), version, set);
        s.send("create_oracle_set", &[create], &[admin]).await?;
    }
    Ok(())
}

/// Configures rewards: categories, and as issuers the administrator and the market itself.
pub async fn configure_rewards(s: &Session, keys: &Keys, config: &LocalConfig) -> Result<()> {
    let (admin, r) = (&keys.admin, &config.rewards);
    let settings = rewards_ix::Settings {
        threshold: r.threshold,
        below_bps: r.below_bps,
        cap_per_point: r.cap_per_point,
        review_seconds: r.review_seconds,
        claim_seconds: r.claim_seconds,
        // every award counts at once on the local platform
        confirm_points: 0,
        confirmer: Pubkey::default(),
        reserve_delay_seconds: r.reserve_delay_seconds,
        outflow_limit: config.base_units(r.outflow_limit)?,
        outflow_window_seconds: r.outflow_window_seconds,
        profit_share_bps: r.profit_share_bps,
    };
    let initialize = rewards_ix::initialize(admin.pubkey(), Token::classic(keys.mint.pubkey()), settings);
    s.send("rewards_initialize", &[initialize], &[admin]).await?;
    for category in &config.categories {
        let mut name = [0; 32];
        name[..category.name.len()].copy_from_slice(category.name.as_bytes());
        let terms = rewards_ix::CategoryTerms {
            name,
            weight: category.weight,
            min_quantity: category.min_quantity,
            max_quantity: category.max_quantity,
            enabled: true,
        };
        let instruction = rewards_ix::set_category(admin.pubkey(), category.id, terms);
        s.send("set_category", &[instruction], &[admin]).await?;
    }
    for issuer in [admin.pubkey(), address::market::issuer_authority()] {
        let instruction = rewards_ix::set_issuer(admin.pubkey(), issuer, r.issuer_epoch_cap, true);
        s.send("set_issuer", &[instruction], &[admin]).await?;
    }
    Ok(())
}

/// Configures grants, with the administrator as reviewer, and fills the pool.
pub async fn configure_grants(s: &Session, keys: &Keys, config: &LocalConfig) -> Result<()> {
    let (admin, g) = (&keys.admin, &config.grants);
    let token = Token::classic(keys.mint.pubkey());
    let settings = grants_ix::Settings {
        reviewer: admin.pubkey(),
        quorum_points: g.quorum_points,
        min_points: g.min_points,
        proposal_bond: config.base_units(g.proposal_bond)?,
        bond_floor_points: g.bond_floor_points,
        voting_seconds: g.voting_seconds,
        review_seconds: g.review_seconds,
        approval_bps: g.approval_bps,
    };
    let allocation = config.base_units(g.allocation)?;
    let initialize = grants_ix::initialize(admin.pubkey(), token, allocation, settings);
    s.send("grants_initialize", &[initialize], &[admin]).await?;
    let (funder, funding) = (admin.pubkey(), token.account_of(&admin.pubkey()));
    let fund = grants_ix::Fund { funder, funding, token, amount: config.base_units(g.pool)? };
    s.send("fund_grants", &[grants_ix::fund(fund)], &[admin]).await?;
    Ok(())
}

/// Registers those who will earn points.
pub async fn register_contributors(s: &Session, keys: &Keys) -> Result<()> {
    let wallets: [&Keypair; 4] = [&keys.provider, &keys.contributors[0], &keys.contributors[1], &keys.contributors[2]];
    for wallet in wallets {
        crate::actions::register(s, wallet).await?;
    }
    Ok(())
}

/// Opens and closes epoch 0, the time before the token generation event, schedules the first year, lets the event happen
/// without a pool, because nobody has earned points yet, and opens the present month.
pub async fn open_first_months(s: &Session, keys: &Keys, config: &LocalConfig) -> Result<()> {
    let now = s.rpc.unix_seconds().await?;
    let (year, month) = calendar::year_month(now);
    let this = calendar::month_start(year, month);
    let before =
        calendar::month_start(if month == 1 { year - 1 } else { year }, if month == 1 { 12 } else { month - 1 });
    let pool = config.base_units(config.rewards.pool_a_month)?;
    crate::actions::schedule(s, &keys.admin, 1, &[pool; 12]).await?;
    crate::actions::open_epoch(s, &keys.admin, before, this).await?;
    crate::actions::close_epoch(s, &keys.admin, 0).await?;
    crate::actions::convert_tge(s, &keys.admin, 0).await?;
    open_next_month(s, keys).await
}

/// Opens the month after the last one, with its scheduled pool.
pub async fn open_next_month(s: &Session, keys: &Keys) -> Result<()> {
    let (start, end) = crate::months::next(s).await?;
    crate::actions::open_epoch(s, &keys.admin, start, end).await?;
    Ok(())
}
