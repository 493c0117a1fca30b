//! Commands about the community's reserve: payments are announced, wait, and are then made by anyone.
use super::{Connection, address};
use crate::{actions, months};
use anyhow::Result;
use chain::{
    address::rewards as at,
    instruction::{rewards as ix, token as token_ix},
};
use clap::Subcommand;
use protocol::digest::content_address;
use rewards::state::{Config, Spend};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// Commands about the community's reserve: payments are announced, wait, and are then made by anyone.
#[derive(Subcommand, Debug)]
pub enum ReserveCommand {
    /// Announce a payment (administrator).
    Propose {
        /// Base units.
        #[arg(long)]
        amount: u64,
        /// The wallet that is paid, into its associated token account.
        #[arg(long, value_parser = address)]
        to: Pubkey,
        /// What for: a text or a link, of which the chain keeps the hash.
        #[arg(long)]
        purpose: String,
    },
    /// Make an announced payment once its delay is over. Anyone may.
    Execute {
        /// Number of the payment.
        spend: u64,
    },
    /// Withdraw an announced payment (administrator).
    Cancel {
        /// Number of the payment.
        spend: u64,
    },
    /// Show the reserve, or an announced payment.
    Show {
        /// Number of the payment.
        spend: Option<u64>,
    },
}

impl ReserveCommand {
    /// Does it.
    pub async fn run(self, connection: &Connection) -> Result<()> {
        let s = connection.session()?;
        match self {
            Self::Propose { amount, to, purpose } => {
                let (key, config): (_, Config) = (connection.key()?, s.get(&at::config()).await?);
                let (admin, id, token) = (key.pubkey(), config.next_spend.get(), s.token(&config.mint).await?);
                let purpose = content_address(purpose.as_bytes()).0;
                let terms = ix::SpendTerms { amount, destination: token.account_of(&to), purpose };
                let create = token_ix::create_account(admin, to, token);
                s.send("propose_spend", &[create, ix::propose_spend(admin, id, terms)], &[&key]).await?;
                println!("spend {id}");
            }
            Self::Execute { spend: id } => {
                let (key, spend): (_, Spend) = (connection.key()?, s.get(&at::spend(id)).await?);
                let token = actions::distributed(&s).await?;
                let execute = ix::execute_spend(id, spend.destination, token, spend.rent_payer);
                s.send("execute_spend", &[execute], &[&key]).await?;
                println!("paid {}; {} left in the reserve", spend.amount.get(), s.tokens(&at::reserve()).await?);
            }
            Self::Cancel { spend: id } => {
                let (key, spend): (_, Spend) = (connection.key()?, s.get(&at::spend(id)).await?);
                let cancel = ix::cancel_spend(key.pubkey(), id, spend.rent_payer);
                s.send("cancel_spend", &[cancel], &[&key]).await?;
                println!("cancelled; number {id} is not used again");
            }
            Self::Show { spend: Some(id) } => {
                let spend: Spend = s.get(&at::spend(id)).await?;
                println!("amount         {}", spend.amount.get());
                println!("to             {}", spend.destination);
                println!("purpose        {}", hex::encode(spend.purpose));
                println!("executable     from {}", window(&spend));
            }
            Self::Show { spend: None } => {
                let config: Config = s.get(&at::config()).await?;
                let (limit, window) = (config.outflow_limit.get(), config.outflow_window_seconds.get());
                println!("holds          {}", s.tokens(&at::reserve()).await?);
                println!("spent          {}", config.spent.get());
                println!("limit          {limit} within {window} s, {} so far", config.window_spent.get());
                println!("window began   {}", months::show(config.window_start.get()));
                println!("delay          {} s", config.reserve_delay_seconds.get());
                println!("next payment   {}", config.next_spend.get());
            }
        }
        Ok(())
    }
}

fn window(spend: &Spend) -> String {
    format!("{} until {}", months::show(spend.executable_at.get()), months::show(spend.expires_at.get()))
}
