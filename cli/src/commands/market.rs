//! Commands of providers and buyers.
use super::{Connection, address, data_folder};
use crate::{
    actions, months, sales,
    trainer_process::{Launch, Trainer},
};
use anyhow::{Context, Result, bail};
use chain::address::market as at;
use clap::Subcommand;
use market::state::{Config, Listing, Order, order_state};
use protocol::digest::content_address;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// Commands of providers and buyers.
#[derive(Subcommand, Debug)]
pub enum MarketCommand {
    /// List compute: training jobs at a price in base units each.
    List {
        /// Your number for the listing.
        #[arg(long, default_value_t = 1)]
        id: u64,
        /// Base units for one job.
        #[arg(long)]
        price: u64,
        /// Where buyers read more.
        #[arg(long, default_value = "")]
        uri: String,
    },
    /// Change the price, the link or the state of a listing of yours, of any kind.
    UpdateListing {
        /// Your number for the listing.
        #[arg(default_value_t = 1)]
        id: u64,
        /// Base units for a unit; unchanged where absent.
        #[arg(long)]
        price: Option<u64>,
        /// Where buyers read more; unchanged where absent.
        #[arg(long)]
        uri: Option<String>,
        /// Whether it takes new orders; unchanged where absent.
        #[arg(long)]
        active: Option<bool>,
    },
    /// Order a training job from a listing and fund it.
    Buy {
        /// Address of the listing.
        #[arg(value_parser = address)]
        listing: Pubkey,
        /// The job's manifest.
        #[arg(long)]
        manifest: PathBuf,
        /// Your number for the order.
        #[arg(long, default_value_t = 1)]
        id: u64,
        /// The most that you pay, in base units; the listing's price where absent.
        #[arg(long)]
        max_total: Option<u64>,
    },
    /// Accept an order, train its job on this host, and submit the result.
    Train {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
        /// The job's manifest; it must hash to the order's hash.
        #[arg(long)]
        manifest: PathBuf,
        /// Worker processes; must divide the manifest's virtual ranks.
        #[arg(long, default_value_t = 2)]
        workers: u32,
        /// Where the run keeps its state, so that it can be resumed; beside the store, or with your own data where that is remote, unless told otherwise.
        #[arg(long)]
        work_dir: Option<PathBuf>,
    },
    /// Draw the seed of an order's audit. Anyone may.
    Arm {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// Take back an order of yours that nobody accepted.
    CancelOrder {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// Accept an order's result as its buyer, so that it can be paid at once.
    Approve {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// Lower what you, an order's seller, will be paid.
    Concede {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
        /// Base units that you still want.
        #[arg(long, default_value_t = 0)]
        payable: u64,
    },
    /// Contest an order's verdict, with a bond.
    Dispute {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
        /// Why; its hash goes on chain.
        #[arg(long)]
        reason: String,
    },
    /// Contradict the challenger of an order whose verdict favours you, or which you judge as an oracle.
    Answer {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
        /// What speaks against it; its hash goes on chain.
        #[arg(long)]
        evidence: String,
    },
    /// Decide a dispute as the administrator.
    Resolve {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
        /// Base units for the seller's side, fee included.
        #[arg(long)]
        payable: u64,
    },
    /// Pay an order whose verdict stands. Anyone may.
    Release {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// Return an order that was rejected or missed a deadline. Anyone may.
    Refund {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// Award points to the seller of a released order. Anyone may.
    AwardOrder {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// Show an order.
    Show {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
}

impl MarketCommand {
    /// Does it.
    pub async fn run(self, connection: &Connection) -> Result<()> {
        let s = connection.session()?;
        match self {
            Self::List { id, price, uri } => {
                let key = connection.key()?;
                let config: Config = s.get(&at::config()).await?;
                let mint = config.mints.into_iter().find(|m| *m != Pubkey::default()).context("no mint is allowed")?;
                actions::list_compute(&s, &key, id, price, mint, &uri).await?;
                println!("listing {}", at::listing(&key.pubkey(), id));
            }
            Self::UpdateListing { id, price, uri, active } => {
                let version = sales::update(&s, &connection.key()?, id, price, uri.as_deref(), active).await?;
                println!("listing {} version {version}", at::listing(&connection.key()?.pubkey(), id));
            }
            Self::Buy { listing, manifest, id, max_total } => {
                let key = connection.key()?;
                let hash = manifest_hash(&manifest)?;
                let state: Listing = s.get(&listing).await?;
                actions::buy(&s, &key, id, listing, hash, max_total.unwrap_or_else(|| state.price.get())).await?;
                println!("order {}", at::order(&key.pubkey(), id));
            }
            Self::Train { order, manifest, workers, work_dir } => {
                train(connection, order, manifest, workers, work_dir).await?;
            }
            Self::Arm { order } => {
                actions::arm(&s, &connection.key()?, order, Duration::from_secs(60)).await?;
                println!("audit armed");
            }
            Self::CancelOrder { order } => {
                actions::cancel_order(&s, &connection.key()?, order).await?;
                println!("refunded {}", s.get::<Order>(&order).await?.refunded.get());
            }
            Self::Approve { order } => {
                actions::approve(&s, &connection.key()?, order).await?;
                println!("approved");
            }
            Self::Concede { order, payable } => {
                actions::concede(&s, &connection.key()?, order, payable).await?;
                println!("conceded");
            }
            Self::Dispute { order, reason } => {
                let hash = content_address(reason.as_bytes()).0;
                actions::dispute(&s, &connection.key()?, order, hash).await?;
                let state: Order = s.get(&order).await?;
                let by = months::show(state.answer_by.get());
                println!("disputed with {}; to be answered before {by}", state.challenge_bond.get());
            }
            Self::Answer { order, evidence } => {
                let hash = content_address(evidence.as_bytes()).0;
                actions::answer(&s, &connection.key()?, order, hash).await?;
                let by = months::show(s.get::<Order>(&order).await?.resolve_by.get());
                println!("answered; to be resolved before {by}");
            }
            Self::Resolve { order, payable } => {
                actions::resolve(&s, &connection.key()?, order, payable).await?;
                println!("resolved");
            }
            Self::Release { order } => {
                actions::release(&s, &connection.key()?, order).await?;
                let state: Order = s.get(&order).await?;
                println!("paid {} fee {} refunded {}", state.released.get(), state.fee.get(), state.refunded.get());
            }
            Self::Refund { order } => {
                actions::refund(&s, &connection.key()?, order).await?;
                println!("refunded {}", s.get::<Order>(&order).await?.refunded.get());
            }
            Self::AwardOrder { order } => {
                actions::award_order(&s, &connection.key()?, order).await?;
                println!("awarded");
            }
            Self::Show { order } => show(&s.get(&order).await?),
        }
        Ok(())
    }
}

async fn train(
    connection: &Connection,
    order: Pubkey,
    manifest: PathBuf,
    workers: u32,
    work_dir: Option<PathBuf>,
) -> Result<()> {
    let (s, key, store) = (connection.session()?, connection.key()?, connection.store()?);
    let state: Order = s.get(&order).await?;
    let hash = manifest_hash(&manifest)?;
    if hash != state.manifest_hash {
        bail!(
            "{} hashes to {}, but the order is for {}: get the manifest that the buyer fixed",
            manifest.display(),
            hex::encode(hash),
            hex::encode(state.manifest_hash)
        );
    }
    match state.state {
        order_state::FUNDED => {
            actions::accept(&s, &key, order).await?;
            println!("accepted");
        }
        order_state::ACCEPTED => println!("accepted before; going on"),
        other => bail!("the order is in state {} ({other}): only a funded or accepted order is trained", name(other)),
    }
    let work_dir = match work_dir {
        Some(folder) => folder,
        None => run_folder(&store, &order)?,
    };
    let trainer = Trainer::beside(store)?;
    let launch = Launch { manifest: &manifest, expect_hash: hash, workers, work_dir: &work_dir, dishonest: None };
    let report = trainer.launch(&launch).await?;
    actions::submit(&s, &key, order, report.job_root.0, report.log.0).await?;
    println!("submitted: root {} accuracy {:.2} %", report.job_root, f64::from(report.accuracy_ppm) / 10_000.0);
    Ok(())
}

/// Where a run for an order keeps its state, unless it was told otherwise.
pub(super) fn run_folder(store: &Path, order: &Pubkey) -> Result<PathBuf> {
    let runs = match artefacts::folder_of(store) {
        Some(folder) => folder.join("../runs"),
        None => data_folder()?.join("runs"),
    };
    Ok(runs.join(order.to_string()))
}

/// The hash of a manifest file.
pub fn manifest_hash(path: &Path) -> Result<[u8; 32]> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the manifest {}", path.display()))?;
    let manifest = protocol::manifest::Manifest::from_toml(&text)
        .with_context(|| format!("{} is not a valid manifest", path.display()))?;
    Ok(manifest.hash().0)
}

/// The name of an order's state, as the API says it.
pub fn name(state: u8) -> &'static str {
    match state {
        order_state::FUNDED => "funded",
        order_state::ACCEPTED => "accepted",
        order_state::SUBMITTED => "submitted",
        order_state::AUDITING => "auditing",
        order_state::AUDITED => "audited",
        order_state::DISPUTED => "disputed",
        order_state::RELEASED => "released",
        order_state::REFUNDED => "refunded",
        _ => "unknown",
    }
}

fn show(order: &Order) {
    println!("state          {}", name(order.state));
    println!("buyer          {}", order.buyer);
    println!("seller         {}", order.seller);
    println!("amount         {}", order.amount.get());
    println!("manifest hash  {}", hex::encode(order.manifest_hash));
    println!("result root    {}", hex::encode(order.result_root));
    println!(
        "votes          {} for, {} against",
        order.votes_for.get().count_ones(),
        order.votes_against.get().count_ones()
    );
    match order.dispute_until.get() {
        0 => println!("dispute until  -"),
        until => println!("dispute until  {}", months::show(until)),
    }
    println!("bonds          {} seller, {} challenger", order.seller_bond.get(), order.challenge_bond.get());
    println!("paid           {} (fee {})", order.released.get(), order.fee.get());
    println!("refunded       {}", order.refunded.get());
    println!("challenger got {}, burned {}", order.rewarded.get(), order.burned.get());
}
