//! What sellers and buyers of datasets, models and labels do on the chain, one function for each verb.
use crate::{actions, session::Session, text::padded};
use anyhow::{Context, Result, bail};
use artefacts::sealed::ChunkEvidence;
use chain::{
    Confirmed, address,
    event::{Event, MarketEvent},
    instruction::{market as market_ix, proofs as proofs_ix},
};
use market::state::{Config, Listing, Order, listing_kind, order_state};
use proofs::state::{Verdict, verdict_state};
use protocol::{
    digest::{Digest, content_address},
    labelling::{GoldItem, Task, answers_leaves},
    licence::{KeyEvidence, SEALED_KEY_BYTES},
    merkle,
};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::time::{Duration, Instant};

/// How long to wait for the chain's clock to move on by a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is put up for sale.
pub struct Offer<'a> {
    pub id: u64,
    /// `listing_kind` of the market.
    pub kind: u8,
    /// `unit` of the market.
    pub unit: u8,
    /// Base units for each unit.
    pub price: u64,
    /// What buyers read: the index of sealed content, or the hash of the uri.
    pub metadata_hash: Digest,
    pub content_root: Digest,
    pub uri: &'a str,
}

/// Lists something at a price, in the first token that the market allows.
pub async fn list(s: &Session, seller: &Keypair, offer: &Offer<'_>) -> Result<Confirmed> {
    let config: Config = s.get(&address::market::config()).await?;
    let mint = config.mints.into_iter().find(|mint| *mint != Pubkey::default()).context("no mint is allowed")?;
    let terms = market_ix::ListingTerms {
        price: offer.price,
        mint,
        unit: offer.unit,
        active: true,
        metadata_hash: offer.metadata_hash.0,
        content_root: offer.content_root.0,
        uri: padded("uri", offer.uri)?,
    };
    let create = market_ix::create_listing(seller.pubkey(), offer.id, offer.kind, terms);
    s.send("create_listing", &[create], &[seller]).await
}

/// Changes terms of a listing; what is absent stays as it is. Returns the listing's new version.
pub async fn update(
    s: &Session,
    seller: &Keypair,
    id: u64,
    price: Option<u64>,
    uri: Option<&str>,
    active: Option<bool>,
) -> Result<u32> {
    let at = address::market::listing(&seller.pubkey(), id);
    let old: Listing = s.get(&at).await?;
    // where the metadata is the hash of the link and not of content, it changes with the link
    let by_link = old.kind == listing_kind::COMPUTE || old.kind == listing_kind::LABELLING;
    let metadata_hash = match uri {
        Some(uri) if by_link => protocol::points::link_source(uri),
        _ => old.metadata_hash,
    };
    let terms = market_ix::ListingTerms {
        price: price.unwrap_or_else(|| old.price.get()),
        mint: old.mint,
        unit: old.unit,
        active: active.unwrap_or(old.active != 0),
        metadata_hash,
        content_root: old.content_root,
        uri: uri.map_or(Ok(old.uri), |uri| padded("uri", uri))?,
    };
    s.send("update_listing", &[market_ix::update_listing(seller.pubkey(), id, terms)], &[seller]).await?;
    Ok(s.get::<Listing>(&at).await?.version.get())
}

/// What is ordered.
pub struct Purchase {
    pub id: u64,
    pub listing: Pubkey,
    pub quantity: u64,
    /// Hash of the licence's request or of the labelling task.
    pub manifest_hash: Digest,
    /// `judge` of the market.
    pub judge: u8,
    pub allow_partial: bool,
    /// Base units; the listing's price where absent.
    pub max_total: Option<u64>,
}

/// Opens and funds an order. `seen` is the listing as the buyer checked it.
pub async fn order(s: &Session, buyer: &Keypair, seen: &Listing, purchase: &Purchase) -> Result<Confirmed> {
    let price = seen.price.get().checked_mul(purchase.quantity).context("the price of so many units does not fit")?;
    let token = s.token(&seen.mint).await?;
    let open = market_ix::OpenOrder {
        buyer: buyer.pubkey(),
        id: purchase.id,
        listing: purchase.listing,
        mint: token.mint,
        token_program: token.program,
        oracle_set: None,
        funding: s.purse(&buyer.pubkey(), token, price).await?,
        terms: market_ix::OrderTerms {
            quantity: purchase.quantity,
            expected_version: seen.version.get(),
            expected_metadata: seen.metadata_hash,
            max_total: purchase.max_total.unwrap_or(price),
            manifest_hash: purchase.manifest_hash.0,
            judge: purchase.judge,
            allow_partial: purchase.allow_partial,
        },
    };
    s.send("open_order", &[market_ix::open_order(open)], &[buyer]).await
}

/// Takes an order on, if its seller did not yet.
pub async fn accept_first(s: &Session, seller: &Keypair, order: Pubkey) -> Result<()> {
    match s.get::<Order>(&order).await?.state {
        order_state::FUNDED => actions::accept(s, seller, order).await.map(drop),
        order_state::ACCEPTED => Ok(()),
        other => bail!("the order is in state {other}: only a funded or accepted one is delivered"),
    }
}

/// Delivers the content key of a licence, sealed to the buyer.
pub async fn deliver_licence(
    s: &Session,
    seller: &Keypair,
    order: Pubkey,
    key_hash: Digest,
    sealed_key: [u8; SEALED_KEY_BYTES],
) -> Result<Confirmed> {
    let licence = market_ix::DeliveredLicence { key_hash: key_hash.0, sealed_key };
    s.send("deliver_licence", &[market_ix::deliver_licence(seller.pubkey(), order, licence)], &[seller]).await
}

/// The sealed key that was delivered for an order.
pub async fn sealed_key(s: &Session, address: &Pubkey, order: &Order) -> Result<[u8; SEALED_KEY_BYTES]> {
    let events = s.events(address).await?;
    let delivered = events.into_iter().find_map(|event| match event {
        Event::Market(MarketEvent::LicenceDelivered(e))
            if e.order == *address && content_address(&e.sealed_key).0 == order.result_log =>
        {
            Some(e.sealed_key)
        }
        _ => None,
    });
    delivered.context("no licence was delivered for this order yet")
}

/// Disputes a delivered licence, if nobody did yet; `reason` says what is wrong.
pub async fn dispute_first(s: &Session, challenger: &Keypair, order: Pubkey, reason: &str) -> Result<()> {
    match s.get::<Order>(&order).await?.state {
        order_state::AUDITED => {
            actions::dispute(s, challenger, order, content_address(reason.as_bytes()).0).await.map(drop)
        }
        order_state::DISPUTED => Ok(()),
        other => bail!("the order is in state {other}: only a delivered licence is disputed, within its window"),
    }
}

/// Waits until the second in which an order was opened is over, on the chain's clock: nothing is proven in it.
pub async fn after_opening(s: &Session, order: &Pubkey) -> Result<()> {
    let opened_at = s.get::<Order>(order).await?.opened_at.get();
    let begin = Instant::now();
    while s.rpc.unix_seconds().await? <= opened_at {
        if begin.elapsed() > PATIENCE {
            bail!("the chain's clock stands still: try again later");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Proves that a chunk is faulty, in two transactions: the claim, then key and ciphertext.
pub async fn prove_chunk(
    s: &Session,
    prover: &Keypair,
    order: Pubkey,
    key: [u8; 32],
    evidence: ChunkEvidence,
) -> Result<()> {
    let ChunkEvidence { plain, cipher, proof } = evidence;
    let chunk = proofs_ix::ChunkProof { plain, cipher: content_address(&cipher), proof };
    let payer = prover.pubkey();
    after_opening(s, &order).await?;
    s.send("open_chunk", &[proofs_ix::open_chunk(payer, order, &chunk)], &[prover]).await?;
    let prove = proofs_ix::ProveChunk { payer, order, claimant: payer, key, cipher };
    s.send("prove_chunk", &[proofs_ix::prove_chunk(prove)], &[prover]).await?;
    s.send("close_claim", &[proofs_ix::close_claim(payer, order)], &[prover]).await.map(drop)
}

/// Proves that the sealed key is wrong. It gives the buyer's secret of this order away.
pub async fn prove_key(
    s: &Session,
    prover: &Keypair,
    order: Pubkey,
    evidence: &KeyEvidence,
    sealed_key: [u8; SEALED_KEY_BYTES],
) -> Result<Confirmed> {
    after_opening(s, &order).await?;
    let prove = proofs_ix::prove_key(prover.pubkey(), order, evidence, sealed_key);
    s.send("prove_key", &[prove], &[prover]).await
}

/// Carries a final verdict of proofs to its order. Anyone may.
pub async fn apply_verdict(s: &Session, payer: &Keypair, order: Pubkey) -> Result<Confirmed> {
    let apply = market_ix::apply_verdict(order, address::proofs::verdict(&order));
    s.send("apply_verdict", &[apply], &[payer]).await
}

/// Commits to the answers of a labelling order, whose address in the store is `log`.
pub async fn submit_answers(
    s: &Session,
    labeller: &Keypair,
    order: Pubkey,
    answers: &[u8],
    log: Digest,
) -> Result<Confirmed> {
    actions::submit(s, labeller, order, merkle::root(&answers_leaves(answers)).0, log.0).await
}

/// Shows the gold of a labelling order.
pub async fn open_gold(
    s: &Session,
    payer: &Keypair,
    order: Pubkey,
    task: &Task,
    salt: [u8; 32],
    gold: &[GoldItem],
) -> Result<Confirmed> {
    after_opening(s, &order).await?;
    s.send("open_gold", &[proofs_ix::open_gold(payer.pubkey(), order, task, salt, gold)], &[payer]).await
}

/// Shows every leaf of `answers` that holds a gold item which was not compared yet. Returns how many.
pub async fn open_answers(s: &Session, payer: &Keypair, order: Pubkey, answers: &[u8]) -> Result<usize> {
    let verdict: Verdict = s.get(&address::proofs::verdict(&order)).await?;
    let leaves = answers_leaves(answers);
    let mut wanted: Vec<u32> = open_items(&verdict).map(|item| item / protocol::labelling::LEAF_ANSWERS).collect();
    wanted.dedup();
    for leaf in &wanted {
        let place = *leaf as usize;
        let part = answers.chunks(protocol::labelling::LEAF_ANSWERS as usize).nth(place);
        let (Some(part), Some(proof)) = (part, merkle::prove(&leaves, place)) else {
            bail!("the answers end before item {}: these are not the ones that were submitted", leaf * 256);
        };
        let open = proofs_ix::open_answers(order, part, *leaf, &proof.siblings);
        s.send("open_answers", &[open], &[payer]).await?;
    }
    Ok(wanted.len())
}

/// Gold items that are still to be compared, rising.
fn open_items(verdict: &Verdict) -> impl Iterator<Item = u32> + '_ {
    let items = verdict.gold_items.iter().take(usize::from(verdict.gold_count));
    let compared = verdict.compared.get();
    items.enumerate().filter(move |(bit, _)| compared >> bit & 1 == 0).map(|(_, item)| item.get())
}

/// Fixes the verdict on a labelling order, if nobody did yet, and carries it to the order. Anyone may.
pub async fn finish_gold(s: &Session, payer: &Keypair, order: Pubkey) -> Result<Verdict> {
    let at = address::proofs::verdict(&order);
    if s.get::<Verdict>(&at).await?.state == verdict_state::OPEN {
        s.send("finish_gold", &[proofs_ix::finish_gold(order)], &[payer]).await?;
    }
    apply_verdict(s, payer, order).await?;
    s.get(&at).await
}
