//! Commands of those who rent machines by the hour, and of those who let them.
use super::{Connection, address};
use crate::{
    months,
    sales::{self, Offer},
    session::Session,
};
use anyhow::{Context, Result};
use chain::{
    Instruction,
    address::{market as market_at, rental as at},
    instruction::{
        rental::{self as ix, Payment},
        token as token_ix,
    },
};
use clap::Subcommand;
use market::state::{Config, Listing, listing_kind, unit};
use protocol::digest::Digest;
use rental::state::{Rental, rental_state};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// Commands of those who rent machines by the hour, and of those who let them.
#[derive(Subcommand, Debug)]
pub enum RentalCommand {
    /// List a machine at a price for each hour.
    List {
        /// Your number for the listing.
        #[arg(long, default_value_t = 1)]
        id: u64,
        /// Base units for one hour.
        #[arg(long)]
        price: u64,
        /// Where renters read more.
        #[arg(long, default_value = "")]
        uri: String,
    },
    /// Ask for some hours of a listing, and put their price aside.
    Open {
        /// Address of the listing.
        #[arg(value_parser = address)]
        listing: Pubkey,
        /// How many.
        #[arg(long)]
        hours: u64,
        /// Your number for the rental.
        #[arg(long, default_value_t = 1)]
        id: u64,
        /// The most that you pay, in base units; the listing's price for the hours where absent.
        #[arg(long)]
        max_total: Option<u64>,
    },
    /// Hand the machine over as its provider: from now on each second earns.
    Start {
        /// Address of the rental.
        #[arg(value_parser = address)]
        rental: Pubkey,
    },
    /// Add hours to a running rental of yours, at its rate.
    Extend {
        /// Address of the rental.
        #[arg(value_parser = address)]
        rental: Pubkey,
        /// How many more.
        #[arg(long)]
        hours: u64,
    },
    /// Take back a rental that did not start: the renter at any time, anyone once the provider is late.
    Cancel {
        /// Address of the rental.
        #[arg(value_parser = address)]
        rental: Pubkey,
    },
    /// Pay the provider what was earned so far. Anyone may.
    Withdraw {
        /// Address of the rental.
        #[arg(value_parser = address)]
        rental: Pubkey,
    },
    /// End a rental: what was earned is paid, the rest goes back. Either party may, and anyone once its hours are over.
    Stop {
        /// Address of the rental.
        #[arg(value_parser = address)]
        rental: Pubkey,
    },
    /// Show a rental and what it has earned.
    Show {
        /// Address of the rental.
        #[arg(value_parser = address)]
        rental: Pubkey,
    },
}

impl RentalCommand {
    /// Does it.
    pub async fn run(self, connection: &Connection) -> Result<()> {
        let s = connection.session()?;
        if let Self::Show { rental } = self {
            return show(&s, &s.get(&rental).await?).await;
        }
        let key = connection.key()?;
        let who = key.pubkey();
        match self {
            Self::List { id, price, uri } => {
                let (metadata_hash, content_root) = (Digest(protocol::points::link_source(&uri)), Digest::ZERO);
                let (kind, unit) = (listing_kind::COMPUTE, unit::HOUR);
                sales::list(&s, &key, &Offer { id, kind, unit, price, metadata_hash, content_root, uri: &uri }).await?;
                println!("listing {}", market_at::listing(&who, id));
            }
            Self::Open { listing, hours, id, max_total } => {
                let open = ix::open_rental(opening(&s, who, id, listing, hours, max_total).await?);
                s.send("open_rental", &[open], &[&key]).await?;
                println!("rental {}", at::rental(&who, id));
            }
            Self::Start { rental } => {
                s.send("start_rental", &[ix::start_rental(who, rental)], &[&key]).await?;
                println!("started; ends {}", months::show(s.get::<Rental>(&rental).await?.ends_at.get()));
            }
            Self::Extend { rental, hours } => {
                let (state, (_, payment)): (Rental, _) = (s.get(&rental).await?, payment(&s, who, rental).await?);
                let price = state.rate.get().saturating_mul(hours);
                s.purse(&who, s.token(&state.mint).await?, price).await?;
                s.send("extend_rental", &[ix::extend_rental(who, payment, hours)], &[&key]).await?;
                println!("extended; ends {}", months::show(s.get::<Rental>(&rental).await?.ends_at.get()));
            }
            Self::Cancel { rental } => {
                let (mut all, payment) = payment(&s, who, rental).await?;
                all.push(ix::cancel_rental(who, payment));
                s.send("cancel_rental", &all, &[&key]).await?;
                println!("returned {}", s.get::<Rental>(&rental).await?.returned.get());
            }
            Self::Withdraw { rental } => {
                let (mut all, payment) = payment(&s, who, rental).await?;
                all.push(ix::withdraw(payment));
                s.send("withdraw_rental", &all, &[&key]).await?;
                let state: Rental = s.get(&rental).await?;
                println!("paid {} fee {} so far", state.paid.get(), state.fee.get());
            }
            Self::Stop { rental } => {
                let (mut all, payment) = payment(&s, who, rental).await?;
                all.push(ix::stop_rental(who, payment));
                s.send("stop_rental", &all, &[&key]).await?;
                let state: Rental = s.get(&rental).await?;
                println!("paid {} fee {} returned {}", state.paid.get(), state.fee.get(), state.returned.get());
            }
            Self::Show { .. } => {}
        }
        Ok(())
    }
}

async fn opening(
    s: &Session,
    renter: Pubkey,
    id: u64,
    listing: Pubkey,
    hours: u64,
    max_total: Option<u64>,
) -> Result<ix::OpenRental> {
    let seen: Listing = s.get(&listing).await?;
    let price =
        seen.price.get().checked_mul(hours).context("the price of so many hours does not fit: ask for fewer")?;
    let token = s.token(&seen.mint).await?;
    let terms = ix::RentalTerms {
        hours,
        max_total: max_total.unwrap_or(price),
        expected_version: seen.version.get(),
        expected_metadata: seen.metadata_hash,
    };
    let funding = s.purse(&renter, token, price).await?;
    Ok(ix::OpenRental { renter, id, listing, mint: token.mint, token_program: token.program, funding, terms })
}

/// Where the tokens of a rental go, and the instructions that make the accounts which are missing.
async fn payment(s: &Session, payer: Pubkey, rental: Pubkey) -> Result<(Vec<Instruction>, Payment)> {
    let (config, state): (Config, Rental) = (s.get(&market_at::config()).await?, s.get(&rental).await?);
    let token = s.token(&state.mint).await?;
    let payees = [state.provider, state.renter, config.treasury];
    let create = payees.map(|wallet| token_ix::create_account(payer, wallet, token)).to_vec();
    Ok((create, Payment::of(rental, &state, &config.treasury, token.program)))
}

async fn show(s: &Session, rental: &Rental) -> Result<()> {
    let state = match rental.state {
        rental_state::REQUESTED => "requested",
        rental_state::RUNNING => "running",
        rental_state::ENDED => "ended",
        _ => "unknown",
    };
    let now = match rental.state {
        rental_state::RUNNING => s.rpc.unix_seconds().await?,
        _ => rental.ended_at.get(),
    };
    let (earned, time) = (rental.earned(now), |at: i64| if at == 0 { "-".to_owned() } else { months::show(at) });
    println!("state          {state}");
    println!("renter         {}", rental.renter);
    println!("provider       {}", rental.provider);
    println!("rate           {} an hour, for {} hours", rental.rate.get(), rental.hours.get());
    println!("deposit        {}", rental.deposit.get());
    println!("start before   {}", time(rental.accept_by.get()));
    println!("started        {}", time(rental.started_at.get()));
    println!("ends           {}", time(rental.ends_at.get()));
    if rental.started_at.get() != 0 {
        println!("earned         {} (fee {})", earned.paid, earned.fee);
    }
    println!("paid           {} (fee {})", rental.paid.get(), rental.fee.get());
    println!("returned       {}", rental.returned.get());
    Ok(())
}
