//! Commands of those who order labels and those who label.
use super::{Connection, address, data_folder};
use crate::{
    sales::{self, Offer, Purchase},
    secret_file,
};
use anyhow::{Context, Result, bail};
use artefacts::Store;
use chain::address::market as at;
use clap::Subcommand;
use market::state::{Listing, Order, judge, listing_kind, unit};
use protocol::{
    digest::Digest,
    labelling::{GoldItem, MAX_GOLD, Task, gold_hash, is_gold_of},
};
use serde::{Deserialize, Serialize};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Commands of those who order labels and those who label.
#[derive(Subcommand, Debug)]
pub enum LabelsCommand {
    /// List labelling at a price for each label.
    List {
        /// Your number for the listing.
        #[arg(long, default_value_t = 1)]
        id: u64,
        /// Base units for one label.
        #[arg(long)]
        price: u64,
        /// Where buyers read more.
        #[arg(long, default_value = "")]
        uri: String,
    },
    /// Make a task with hidden gold labels. They stay in a file that only you may read.
    Commit {
        /// Items and instructions, as the labeller gets them.
        #[arg(long)]
        brief: PathBuf,
        /// How many items there are.
        #[arg(long)]
        items: u32,
        /// A line `item,label` for each gold item; items count from 0, labels are 0 to 255.
        #[arg(long)]
        gold: PathBuf,
        /// Agreement with the gold below which nothing is paid, in basis points.
        #[arg(long)]
        floor_bps: u16,
        /// Agreement from which all is paid.
        #[arg(long)]
        full_bps: u16,
    },
    /// Order a task from a labeller.
    Order {
        /// Address of the listing.
        #[arg(value_parser = address)]
        listing: Pubkey,
        /// The task's hash, from `labels commit`.
        #[arg(long)]
        task: Digest,
        /// Your number for the order.
        #[arg(long, default_value_t = 1)]
        id: u64,
        /// The most that you pay, in base units; the price of all labels where absent.
        #[arg(long)]
        max_total: Option<u64>,
    },
    /// Accept an order, put your answers into the store, and commit to them.
    Answer {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
        /// A line with a label, 0 to 255, for each item.
        #[arg(long)]
        answers: PathBuf,
    },
    /// Show the gold of an order whose answers were submitted.
    Reveal {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// Show the answers to the gold items. Anyone may, but a labeller that does not earns nothing.
    Open {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
    /// Fix what is paid, when all is compared or the time for it is over. Anyone may.
    Finish {
        /// Address of the order.
        #[arg(value_parser = address)]
        order: Pubkey,
    },
}

impl LabelsCommand {
    /// Does it.
    pub async fn run(self, connection: &Connection) -> Result<()> {
        let store = Store::open(connection.store()?)?;
        let (s, key) = (connection.session()?, connection.key());
        match self {
            Self::Commit { brief, items, gold, floor_bps, full_bps } => {
                let brief = fs::read(&brief).with_context(|| format!("cannot read {}", brief.display()))?;
                let gold = read_gold(&gold)?;
                let hidden = Hidden { salt: hex::encode(secret_file::random()?), gold };
                let task = hidden.task(items, floor_bps, full_bps, store.put(&brief)?)?;
                let hash = task.hash();
                secret_file::create(&gold_file(&hash)?, &serde_json::to_string(&hidden)?)?;
                store.put(&task.encode())?;
                println!("task {hash}");
            }
            Self::List { id, price, uri } => {
                let key = key?;
                let (metadata_hash, content_root) = (Digest(protocol::points::link_source(&uri)), Digest::ZERO);
                let (kind, unit) = (listing_kind::LABELLING, unit::LABEL);
                let offer = Offer { id, kind, unit, price, metadata_hash, content_root, uri: &uri };
                sales::list(&s, &key, &offer).await?;
                println!("listing {}", at::listing(&key.pubkey(), id));
            }
            Self::Order { listing, task, id, max_total } => {
                let key = key?;
                let quantity = u64::from(task_of(&store, &task)?.items);
                let seen: Listing = s.get(&listing).await?;
                let (judge, allow_partial) = (judge::GOLD, true);
                let purchase = Purchase { id, listing, quantity, manifest_hash: task, judge, allow_partial, max_total };
                sales::order(&s, &key, &seen, &purchase).await?;
                println!("order {}", at::order(&key.pubkey(), id));
            }
            Self::Answer { order, answers } => {
                let key = key?;
                let task = task_of(&store, &Digest(s.get::<Order>(&order).await?.manifest_hash))?;
                let answers = read_answers(&answers)?;
                if answers.len() != task.items as usize {
                    bail!("there are {} answers for {} items: answer each once", answers.len(), task.items);
                }
                let log = store.put(&answers)?;
                sales::accept_first(&s, &key, order).await?;
                sales::submit_answers(&s, &key, order, &answers, log).await?;
                println!("submitted; gold is due by {}", s.get::<Order>(&order).await?.audit_by.get());
            }
            Self::Reveal { order } => {
                let hash = Digest(s.get::<Order>(&order).await?.manifest_hash);
                let path = gold_file(&hash)?;
                let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                let hidden: Hidden = serde_json::from_str(&text)
                    .with_context(|| format!("{} does not hold gold labels", path.display()))?;
                let task = task_of(&store, &hash)?;
                sales::open_gold(&s, &key?, order, &task, hidden.salt()?, &hidden.items()).await?;
                println!("{} gold labels shown", hidden.gold.len());
            }
            Self::Open { order } => {
                let answers = store.get(&Digest(s.get::<Order>(&order).await?.result_log))?;
                let leaves = sales::open_answers(&s, &key?, order, &answers).await?;
                println!("{leaves} leaves of answers shown");
            }
            Self::Finish { order } => {
                let verdict = sales::finish_gold(&s, &key?, order).await?;
                let right = verdict.correct.get().count_ones();
                println!("{right} of {} right: {} bps are payable", verdict.gold_count, verdict.payable_bps.get());
            }
        }
        Ok(())
    }
}

/// What the buyer hides until the answers are fixed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hidden {
    /// Hex.
    salt: String,
    /// Items and labels, by item.
    gold: Vec<(u32, u8)>,
}

impl Hidden {
    fn salt(&self) -> Result<[u8; 32]> {
        let mut salt = [0; 32];
        hex::decode_to_slice(&self.salt, &mut salt).context("the salt is not 64 hex digits")?;
        Ok(salt)
    }

    fn items(&self) -> Vec<GoldItem> {
        self.gold.iter().map(|&(item, label)| GoldItem { item, label }).collect()
    }

    fn task(&self, items: u32, floor_bps: u16, full_bps: u16, brief: Digest) -> Result<Task> {
        let (gold_count, gold) = (u8::try_from(self.gold.len()).unwrap_or(u8::MAX), self.items());
        let task = Task { items, gold_count, floor_bps, full_bps, gold: gold_hash(&self.salt()?, &gold), brief };
        if !task.is_valid() || !is_gold_of(&task, &gold) {
            bail!(
                "the task cannot be judged: 1 to {MAX_GOLD} gold items below {items}, none twice, and floor at most full \
                 at most 10,000 bps"
            );
        }
        Ok(task)
    }
}

fn gold_file(task: &Digest) -> Result<PathBuf> {
    Ok(data_folder()?.join("labels").join(format!("{task}.gold")))
}

fn task_of(store: &Store, hash: &Digest) -> Result<Task> {
    let bytes = store.get(hash).context("the task is not in the store: get it from the buyer")?;
    Task::decode(&bytes).context("the order's manifest is not a labelling task: do not accept it")
}

fn read_gold(path: &Path) -> Result<Vec<(u32, u8)>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut gold = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let parsed = line
            .split_once(',')
            .and_then(|(item, label)| Some((item.trim().parse::<u32>().ok()?, label.trim().parse::<u8>().ok()?)));
        gold.push(parsed.with_context(|| format!("{}, line {number}: not `item,label`", path.display()))?);
    }
    gold.sort_unstable();
    Ok(gold)
}

fn read_answers(path: &Path) -> Result<Vec<u8>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    (1..)
        .zip(text.lines())
        .map(|(number, line)| {
            line.trim().parse().with_context(|| format!("{}, line {number}: not a label from 0 to 255", path.display()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gold_that_cannot_be_judged_is_refused_before_anything_is_ordered() {
        let hidden = |gold: Vec<(u32, u8)>| Hidden { salt: "11".repeat(32), gold };
        let good = hidden(vec![(0, 1), (9, 2)]).task(10, 5_000, 9_000, Digest::ZERO).expect("valid");
        assert_eq!((good.items, good.gold_count), (10, 2));
        for bad in [vec![], vec![(10, 1)], vec![(3, 1), (3, 2)], (0..65).map(|item| (item, 0)).collect()] {
            assert!(hidden(bad).task(10, 5_000, 9_000, Digest::ZERO).is_err());
        }
        assert!(hidden(vec![(0, 1)]).task(10, 9_001, 9_000, Digest::ZERO).is_err());
    }
}
