//! `aixblock`: the platform from a terminal.
#![allow(missing_docs, unreachable_pub)]

/// As the standard library's, but that a reader which has read enough, such as `head`, is no reason to panic: what a command
/// does on the chain goes on.
macro_rules! println {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

mod actions;
mod api_client;
mod bonds;
mod commands;
mod demo;
mod history;
mod keys;
mod local_config;
mod months;
mod platform;
mod prove;
mod sales;
mod secret_file;
mod session;
mod stack;
mod text;
mod trainer_process;
mod up;
mod verify;

use anyhow::Result;
use chain::Signer as _;
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use tracing_subscriber::{EnvFilter, fmt};

/// An open AI platform whose market, pay and rewards live on Solana.
#[derive(Parser)]
#[command(name = "aixblock", version, about, subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    connection: commands::Connection,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the whole journey on an embedded chain and check every figure.
    Demo(demo::DemoOptions),
    /// Run chain, indexer, API and oracles until interrupted.
    Up(up::UpOptions),
    /// Print the address of a key file (--keypair).
    Address,
    /// Make a new key file that only you may read.
    Keygen {
        /// Where; never overwritten.
        file: std::path::PathBuf,
    },
    /// Move the embedded chain's clock forward, to see a window or a month end.
    Travel {
        /// Seconds from the chain's present time.
        #[arg(long, conflicts_with = "to", required_unless_present = "to")]
        seconds: Option<i64>,
        /// A time such as 2026-02-01T00:00:00Z.
        #[arg(long)]
        to: Option<String>,
    },
    /// Turn SOL into wrapped SOL, the token as which the programs take it.
    Wrap {
        /// Lamports, 10^9 for one SOL.
        lamports: u64,
    },
    /// Turn all wrapped SOL back into SOL.
    Unwrap,
    /// Compare the programs that the chain runs with those that `make programs` built.
    VerifyPrograms {
        /// Where the built programs are.
        #[arg(long, default_value = "target/deploy")]
        folder: std::path::PathBuf,
    },
    /// Replay an order's job, without a key: exit status 0 equal, 2 a fault was found, 1 not decided.
    Verify(verify::VerifyOptions),
    /// Write a page on an order's audit, without a key: its votes, and which oracle found what in which segment.
    Report(commands::ReportOptions),
    /// Replay an order's job, and have a fault that a program can compute convicted on the chain, without a judge.
    Prove(prove::ProveOptions),
    #[command(flatten)]
    Market(commands::MarketCommand),
    #[command(flatten)]
    Rewards(commands::RewardsCommand),
    /// Sell and buy datasets and models: encrypted content, whose key is delivered to each buyer and can be proven wrong.
    #[command(subcommand)]
    Licence(commands::LicenceCommand),
    /// Order and do labelling that is judged by hidden gold labels.
    #[command(subcommand)]
    Labels(commands::LabelsCommand),
    /// Rent machines by the hour, paid by the second, and let them.
    #[command(subcommand)]
    Rental(commands::RentalCommand),
    /// Ask for grants, vote on them, review their milestones and pay them.
    #[command(subcommand)]
    Grant(commands::GrantCommand),
    /// Bond as an oracle, and record what oracles' votes came to.
    #[command(subcommand)]
    Bond(commands::BondCommand),
    /// Have a dispute about a verdict of oracles judged by others.
    #[command(subcommand)]
    Panel(commands::PanelCommand),
    /// Announce, make and withdraw payments from the community's reserve.
    #[command(subcommand)]
    Reserve(commands::ReserveCommand),
    /// Get the rent of accounts back that are over.
    #[command(subcommand)]
    Close(commands::CloseCommand),
    /// Configure the programs as their administrator.
    #[command(subcommand)]
    Admin(commands::AdminCommand),
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("AIXBLOCK_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr)
        .init();
    let cli = Cli::try_parse().unwrap_or_else(|error| {
        // clap would exit with 2, which is what `verify` says of a fault
        let _ = error.print();
        std::process::exit(i32::from(error.use_stderr()));
    });
    match run(cli).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<ExitCode> {
    let done = match cli.command {
        Command::Demo(options) => demo::run(options).await,
        Command::Up(options) => up::run(options).await,
        Command::Address => {
            println!("{}", cli.connection.key()?.pubkey());
            Ok(())
        }
        Command::Keygen { file } => {
            let key = chain::Keypair::new();
            chain::key::write(&file, &key)?;
            println!("{}", key.pubkey());
            Ok(())
        }
        Command::Travel { seconds, to } => commands::travel(&cli.connection, seconds, to.as_deref()).await,
        Command::Wrap { lamports } => commands::wrap(&cli.connection, lamports).await,
        Command::Unwrap => commands::unwrap(&cli.connection).await,
        Command::VerifyPrograms { folder } => commands::verify(&cli.connection.session()?, &folder).await,
        Command::Verify(options) => return options.run(&cli.connection).await,
        Command::Report(options) => options.run(&cli.connection).await,
        Command::Prove(options) => options.run(&cli.connection).await,
        Command::Market(command) => command.run(&cli.connection).await,
        Command::Rewards(command) => command.run(&cli.connection).await,
        Command::Licence(command) => command.run(&cli.connection).await,
        Command::Labels(command) => command.run(&cli.connection).await,
        Command::Rental(command) => command.run(&cli.connection).await,
        Command::Grant(command) => command.run(&cli.connection).await,
        Command::Bond(command) => command.run(&cli.connection).await,
        Command::Panel(command) => command.run(&cli.connection).await,
        Command::Reserve(command) => command.run(&cli.connection).await,
        Command::Close(command) => command.run(&cli.connection).await,
        Command::Admin(command) => command.run(&cli.connection).await,
    };
    done.map(|()| ExitCode::SUCCESS)
}
