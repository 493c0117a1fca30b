//! The main job from end to end on an embedded chain: list, fund, train, verify, pay, earn, claim, query.
mod figures;
mod months;
mod orders;
mod report;
mod story;

use crate::{
    bonds,
    keys::Keys,
    local_config::LocalConfig,
    platform,
    session::Session,
    stack::{Ports, Stack, StackOptions},
    trainer_process::Trainer,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use figures::Figures;
use report::Report;
use std::path::{Path, PathBuf};
use story::Story;

/// The job that the demo trains.
const MANIFEST: &str = include_str!("../../../trainer/jobs/digits.toml");

/// Options of `aixblock demo`.
#[derive(Args, Debug)]
pub struct DemoOptions {
    /// Settings of the local platform; the built-in ones where absent.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Where the demo keeps keys, store, database and report. Emptied at the start.
    #[arg(long, default_value = "target/demo")]
    work_dir: PathBuf,
    /// Folder with the programs' bytecode.
    #[arg(long, default_value = "target/deploy")]
    programs: PathBuf,
    /// The digits as scikit-learn ships them.
    #[arg(long, env = "AIXBLOCK_DIGITS")]
    digits: Option<PathBuf>,
    /// Worker processes of a training run.
    #[arg(long, default_value_t = 2)]
    workers: u32,
}

/// What the chapters share.
struct Demo {
    config: LocalConfig,
    keys: Keys,
    stack: Stack,
    session: Session,
    trainer: Trainer,
    figures: Figures,
    story: Story,
    report: Report,
    manifest: PathBuf,
    manifest_hash: [u8; 32],
    work_dir: PathBuf,
    workers: u32,
}

/// Runs it; fails if any figure differs.
pub async fn run(options: DemoOptions) -> Result<()> {
    println!("The platform from end to end: list, fund, train, verify, pay, earn, claim, query.");
    let mut story = Story::new();
    story.chapter(
        "setup",
        "A chain of our own, the token, six programs, three bonded oracles and three more for disputes",
    );
    let mut demo = set_up(&options, story).await?;
    let outcome = play(&mut demo).await;
    demo.stack.stop().await;
    outcome?;
    demo.finish(&options.work_dir.join("report.json"))
}

async fn play(demo: &mut Demo) -> Result<()> {
    orders::honest(demo).await?;
    orders::dishonest(demo).await?;
    months::two_months(demo).await
}

async fn set_up(options: &DemoOptions, story: Story) -> Result<Demo> {
    let config = LocalConfig::load(options.config.as_deref())?;
    let digits = digits_file(options.digits.as_deref())?;
    // a fresh world each time: the embedded chain starts empty too
    match std::fs::remove_dir_all(&options.work_dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot empty {}", options.work_dir.display()));
        }
        _ => {}
    }
    std::fs::create_dir_all(&options.work_dir)
        .with_context(|| format!("cannot make {}", options.work_dir.display()))?;
    let work_dir = options.work_dir.canonicalize()?;
    let keys = Keys::open(&work_dir.join("keys"), config.oracles.count.saturating_add(config.oracles.panel))?;
    let trainer = Trainer::beside(work_dir.join("store"))?;
    let mut stack = Stack::start(&StackOptions {
        config: &config,
        keys: &keys,
        programs: &options.programs,
        folder: &work_dir,
        ports: Ports::default(),
    })
    .await?;
    story.line(format!("chain {}   API {}", stack.rpc_url(), stack.api_url()));
    let session = stack.session();
    platform::create_token(&session, &keys, &config).await?;
    platform::configure_market(&session, &keys, &config).await?;
    bonds::bond_oracles(&session, &keys, &config).await?;
    platform::configure_rewards(&session, &keys, &config).await?;
    platform::configure_grants(&session, &keys, &config).await?;
    platform::register_contributors(&session, &keys).await?;
    story.line(format!("token, market, rewards, {} categories, 4 contributors", config.categories.len()));
    platform::open_first_months(&session, &keys, &config).await?;
    // nobody disputes in the demo, so that no panel sits
    stack.start_oracles(&keys, config.oracles.count.into()).await?;
    story.line(format!("{} oracle processes, threshold {}", config.oracles.count, config.oracles.threshold));
    let dataset = trainer.import_digits(&digits).await?;
    story.line(format!("dataset: {} handwritten digits, root {}", dataset.items, dataset.root));
    let manifest = work_dir.join("digits.toml");
    std::fs::write(&manifest, MANIFEST).with_context(|| format!("cannot write {}", manifest.display()))?;
    let manifest_hash = crate::commands::manifest_hash(&manifest)?;
    let figures = Figures::new(crate::api_client::ApiClient::new(stack.api_url())?);
    Ok(Demo {
        config,
        keys,
        stack,
        session,
        trainer,
        figures,
        story,
        report: Report::default(),
        manifest,
        manifest_hash,
        work_dir,
        workers: options.workers,
    })
}

fn digits_file(named: Option<&Path>) -> Result<PathBuf> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => crate::commands::cache_folder()?.join("datasets/digits.csv.gz"),
    };
    if !path.is_file() {
        bail!("{} is not there: run `make setup`, or name the file with --digits", path.display());
    }
    Ok(path)
}

impl Demo {
    fn tokens(&self, base_units: &str) -> String {
        figures::tokens(base_units, self.config.token.decimals)
    }

    fn finish(mut self, path: &Path) -> Result<()> {
        self.story.close();
        self.report.seconds = std::mem::take(&mut self.story.seconds);
        self.report.compute_units = self.session.compute_units();
        self.report.api.compared = self.figures.compared;
        self.report.api.mismatches = u32::try_from(self.figures.mismatches.len()).unwrap_or(u32::MAX);
        let text = serde_json::to_string_pretty(&self.report)?;
        std::fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))?;
        self.print_table();
        println!("\nreport: {}", path.display());
        for mismatch in &self.figures.mismatches {
            println!("DIFFERS {mismatch}");
        }
        let faults = self.report.faults();
        if !faults.is_empty() {
            bail!("the demo did not come out as it must: {}", faults.join("; "));
        }
        Ok(())
    }

    fn print_table(&self) {
        let r = &self.report;
        println!("\n{:<34} {:>20} {:>20}", "", "honest provider", "dishonest provider");
        let row = |what: &str, a: &str, b: &str| println!("{what:<34} {a:>20} {b:>20}");
        row("order", &r.honest_order.state, &r.dishonest_order.state);
        row("paid to the provider", &self.tokens(&r.honest_order.paid), &self.tokens(&r.dishonest_order.paid));
        row("fee to the treasury", &self.tokens(&r.honest_order.fee), "0");
        row("back to the buyer", &self.tokens(&r.honest_order.refunded), &self.tokens(&r.dishonest_order.refunded));
        println!(
            "\n{:<8} {:>8} {:>10} {:>12} {:>10} {:>10}",
            "month", "points", "pool", "distributed", "reserve", "paid"
        );
        for m in &r.months {
            println!(
                "{:<8} {:>8} {:>10} {:>12} {:>10} {:>10}",
                m.index,
                m.total_points,
                self.tokens(&m.pool),
                self.tokens(&m.distributed),
                self.tokens(&m.reserve),
                self.tokens(&m.paid)
            );
        }
        println!(
            "\naccuracy {:.2} %   replay equal {}   API figures {} compared, {} differ   {:.0} s",
            r.training.test_accuracy * 100.0,
            r.training.final_state_hash == r.training.replay_hash,
            r.api.compared,
            r.api.mismatches,
            r.seconds.get("total").copied().unwrap_or(0.0)
        );
    }
}
