//! Commands of those who sell and buy datasets and models.
use super::{Connection, address, data_folder};
use crate::{
    actions, months,
    sales::{self, Offer, Purchase},
    secret_file,
};
use anyhow::{Context, Result, bail};
use artefacts::{
    Store,
    bundle::{self, Unpacker},
    sealed::{self, Sealed, SealedError},
};
use chain::address::market as at;
use clap::{Subcommand, ValueEnum};
use market::state::{Listing, Order, judge, listing_kind, unit};
use protocol::{
    content,
    digest::Digest,
    licence::{REQUEST_MAGIC, request_hash},
    licence_keys::{self, SealError},
};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::path::PathBuf;

/// What is sold.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Goods {
    Dataset,
    Model,
}

/// Commands of those who sell and buy datasets and models.
#[derive(Subcommand, Debug)]
pub enum LicenceCommand {
    /// Encrypt a file or folder into the content store under a new key, which stays in a file that only you may read.
    Seal {
        /// The file or folder.
        path: PathBuf,
        /// Where the key goes; a place in your data folder, named by the content's root, where absent.
        #[arg(long)]
        key_file: Option<PathBuf>,
    },
    /// List sealed content at a price for a licence.
    List {
        /// Address of the content's index in the store, from `licence seal`.
        index: Digest,
        /// What it is.
        #[arg(long, value_enum)]
        kind: Goods,
        /// Your number for the listing.
        #[arg(long, default_value_t = 1)]
        id: u64,
        /// Base units for one licence.
        #[arg(long)]
        price: u64,
        /// Where buyers read more.
        #[arg(long, default_value = "")]
        uri: String,
    },
    /// Check that the store holds the listed content in full, and order a licence with a key made for this order.
    Order {
        /// Address of the listing.
        #[arg(value_parser = address)]
        listing: Pubkey,
        /// Your number for the order.
        #[arg(long, default_value_t = 1)]
        id: u64,
        /// The most that you pay, in base units; the listing's price where absent.
        #[arg(long)]
        max_total: Option<u64>,
    },
    /// Accept an order as its seller, and deliver the content key sealed to the buyer.
    Deliver {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
        /// The content's key; found by the content's root where absent.
        #[arg(long)]
        key_file: Option<PathBuf>,
    },
    /// Decrypt what you bought into a new folder, checking every chunk.
    Open {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
        /// The folder; it must not exist.
        #[arg(long)]
        to: PathBuf,
        /// Address of the content's index; the listing's where absent.
        #[arg(long)]
        index: Option<Digest>,
    },
    /// Find what is wrong with a delivery, dispute it, prove it on the chain, and get your money back.
    Prove {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
        /// Address of the content's index; the listing's where absent.
        #[arg(long)]
        index: Option<Digest>,
    },
}

impl LicenceCommand {
    /// Does it.
    pub async fn run(self, connection: &Connection) -> Result<()> {
        let store = Store::open(connection.store()?)?;
        match self {
            Self::Seal { path, key_file } => seal(&store, &path, key_file),
            Self::List { index, kind, id, price, uri } => {
                let (s, key) = (connection.session()?, connection.key()?);
                let content_root = Sealed::load(&store, &index)?.root;
                let kind = match kind {
                    Goods::Dataset => listing_kind::DATASET,
                    Goods::Model => listing_kind::MODEL,
                };
                let unit = unit::LICENCE;
                let offer = Offer { id, kind, unit, price, metadata_hash: index, content_root, uri: &uri };
                sales::list(&s, &key, &offer).await?;
                println!("listing {}", at::listing(&key.pubkey(), id));
                Ok(())
            }
            Self::Order { listing, id, max_total } => order(connection, &store, listing, id, max_total).await,
            Self::Deliver { order, key_file } => deliver(connection, &store, order, key_file).await,
            Self::Open { order, to, index } => open(connection, &store, order, to, index).await,
            Self::Prove { order, index } => prove(connection, &store, order, index).await,
        }
    }
}

fn seal(store: &Store, path: &std::path::Path, key_file: Option<PathBuf>) -> Result<()> {
    let key = secret_file::random()?;
    let made = sealed::seal(store, &mut bundle::pack(path)?, &key)?;
    // without the key the content is lost: it is on disk before anybody hears of the root
    let key_file = key_file.map_or_else(|| content_key_file(&made.root), Ok)?;
    secret_file::create_key(&key_file, &key)?;
    println!("root {}", made.root);
    println!("index {}", made.index);
    println!("bytes {}", made.bytes);
    println!("key {}", key_file.display());
    Ok(())
}

fn content_key_file(root: &Digest) -> Result<PathBuf> {
    Ok(data_folder()?.join("content").join(format!("{root}.key")))
}

/// Where the buyer's secret for one order is, by the hash of the request.
fn request_secret_file(request: &Digest) -> Result<PathBuf> {
    Ok(data_folder()?.join("licences").join(format!("{request}.key")))
}

async fn order(connection: &Connection, store: &Store, listing: Pubkey, id: u64, max_total: Option<u64>) -> Result<()> {
    let (s, key) = (connection.session()?, connection.key()?);
    let seen: Listing = s.get(&listing).await?;
    let content = Sealed::check(store, &Digest(seen.metadata_hash), &Digest(seen.content_root))?;
    println!("content {} bytes, complete", content.bytes);
    let secret = secret_file::random()?;
    let public = licence_keys::public_key(&secret);
    let manifest_hash = store.put(&[REQUEST_MAGIC, &public].concat())?;
    secret_file::create_key(&request_secret_file(&manifest_hash)?, &secret)?;
    let (quantity, judge, allow_partial) = (1, judge::PROOF, false);
    let purchase = Purchase { id, listing, quantity, manifest_hash, judge, allow_partial, max_total };
    sales::order(&s, &key, &seen, &purchase).await?;
    println!("order {}", at::order(&key.pubkey(), id));
    Ok(())
}

async fn deliver(connection: &Connection, store: &Store, order: Pubkey, key_file: Option<PathBuf>) -> Result<()> {
    let (s, seller) = (connection.session()?, connection.key()?);
    let state: Order = s.get(&order).await?;
    let request = store.get(&Digest(state.manifest_hash)).context("the buyer's request is not in the store")?;
    let buyer = request.strip_prefix(REQUEST_MAGIC).and_then(|key| <[u8; 32]>::try_from(key).ok());
    let buyer = buyer.context("the order's manifest is not a licence request: do not accept it")?;
    let key_file = key_file.map_or_else(|| content_key_file(&Digest(state.content_root)), Ok)?;
    let key = secret_file::read_key(&key_file)?;
    let sealed = licence_keys::seal(&key, &buyer, &secret_file::random()?)?;
    sales::accept_first(&s, &seller, order).await?;
    sales::deliver_licence(&s, &seller, order, content::key_hash(&key), sealed).await?;
    let until = months::show(s.get::<Order>(&order).await?.dispute_until.get());
    println!("delivered; can be disputed until {until}");
    Ok(())
}

/// The content of an order, checked against the root that the order pinned.
async fn content_of<'a>(
    s: &crate::session::Session,
    store: &'a Store,
    order: &Order,
    index: Option<Digest>,
) -> Result<Sealed<'a>> {
    let index = match index {
        Some(index) => index,
        None => Digest(s.get::<Listing>(&order.listing).await?.metadata_hash),
    };
    Ok(Sealed::check(store, &index, &Digest(order.content_root))?)
}

/// The secret of the request that an order was opened with.
fn secret_of(order: &Order) -> Result<[u8; 32]> {
    let request = Digest(order.manifest_hash);
    let secret = secret_file::read_key(&request_secret_file(&request)?)?;
    if request_hash(&licence_keys::public_key(&secret)) != request {
        bail!("the key in {} is not the one that the order was opened with", request_secret_file(&request)?.display());
    }
    Ok(secret)
}

async fn open(connection: &Connection, store: &Store, order: Pubkey, to: PathBuf, index: Option<Digest>) -> Result<()> {
    let s = connection.session()?;
    let state: Order = s.get(&order).await?;
    let sealed = sales::sealed_key(&s, &order, &state).await?;
    let key = licence_keys::open(&secret_of(&state)?, &sealed, &Digest(state.result_root))?;
    let content = content_of(&s, store, &state, index).await?;
    let mut unpacker = Unpacker::new(&to)?;
    content.open(&key, |part| unpacker.write(part))?;
    unpacker.finish()?;
    println!("{} chunks are as promised; opened into {}", content.chunks(), to.display());
    Ok(())
}

async fn prove(connection: &Connection, store: &Store, order: Pubkey, index: Option<Digest>) -> Result<()> {
    let (s, buyer) = (connection.session()?, connection.key()?);
    let state: Order = s.get(&order).await?;
    let (secret, sealed) = (secret_of(&state)?, sales::sealed_key(&s, &order, &state).await?);
    match licence_keys::open(&secret, &sealed, &Digest(state.result_root)) {
        Err(SealError::WrongKey | SealError::SmallOrder) => {
            sales::dispute_first(&s, &buyer, order, "the sealed key does not open").await?;
            sales::prove_key(&s, &buyer, order, &licence_keys::evidence(&secret, &sealed), sealed).await?;
            println!("proven: the sealed key does not open to the content key");
        }
        Ok(key) => {
            let content = content_of(&s, store, &state, index).await?;
            let faulty = match content.open(&key, |_| Ok::<(), std::io::Error>(())) {
                Err(SealedError::FaultyChunk(chunk)) => chunk,
                Err(error) => return Err(error.into()),
                Ok(()) => bail!("all {} chunks are as promised: there is nothing to prove", content.chunks()),
            };
            sales::dispute_first(&s, &buyer, order, &format!("chunk {faulty} is faulty")).await?;
            sales::prove_chunk(&s, &buyer, order, key, content.evidence(faulty)?).await?;
            println!("proven: chunk {faulty} is not what was promised");
        }
    }
    sales::apply_verdict(&s, &buyer, order).await?;
    actions::refund(&s, &buyer, order).await?;
    println!("refunded {}", s.get::<Order>(&order).await?.refunded.get());
    Ok(())
}
