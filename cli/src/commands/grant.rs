//! Commands of those who ask for a grant, vote on it, review its milestones and pay them.
use super::{Connection, address, grant_view};
use crate::{actions, months, session::Session, text::padded};
use anyhow::{Context, Result, bail};
use artefacts::Store;
use chain::{
    address::{grants as at, rewards as rewards_at},
    instruction::{
        grants as ix,
        token::{self as token_ix, Token},
    },
};
use clap::{Subcommand, ValueEnum};
use grants::state::{Ballot, Config, MAX_MILESTONES, Proposal, choice, milestone_state, proposal_state};
use rewards::state::Contributor;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::path::PathBuf;

/// What a voter chooses.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Choice {
    For,
    Against,
    /// Counts towards the quorum only.
    Abstain,
}

/// What the reviewer says.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Review {
    Accept,
    Refuse,
}

/// Commands of those who ask for a grant, vote on it, review its milestones and pay them.
#[derive(Subcommand, Debug)]
pub enum GrantCommand {
    /// Put tokens of yours into the pool.
    Fund {
        /// Base units.
        #[arg(long)]
        amount: u64,
    },
    /// Ask for up to eight milestones, as a contributor with points; the bond comes from your tokens.
    Propose {
        /// What the grant is for; the file goes into the content store, its address on chain.
        #[arg(long)]
        text: PathBuf,
        /// `AMOUNT@TIME`, base units and until when it is submitted, as in 500000000@2026-04-01T00:00:00Z; in order.
        #[arg(long = "milestone", value_parser = milestone, required = true)]
        milestones: Vec<(u64, i64)>,
        /// Who is paid and submits milestones; you where absent.
        #[arg(long, value_parser = address)]
        recipient: Option<Pubkey>,
        /// Where voters read more.
        #[arg(long, default_value = "")]
        uri: String,
    },
    /// Vote on a proposal, or change your vote while votes are taken.
    Vote {
        /// Number of the proposal.
        proposal: u64,
        #[arg(value_enum)]
        choice: Choice,
    },
    /// Count the votes once the time for them is over. Anyone may.
    Tally {
        /// Number of the proposal.
        proposal: u64,
    },
    /// Submit the next milestone as the recipient.
    Submit {
        /// Number of the proposal.
        proposal: u64,
        /// What shows that it is done; the file goes into the content store, its address on chain.
        #[arg(long)]
        evidence: PathBuf,
    },
    /// Accept or refuse the submitted milestone (reviewer or administrator).
    Review {
        /// Number of the proposal.
        proposal: u64,
        #[arg(value_enum)]
        review: Review,
    },
    /// Pay every accepted milestone to the recipient. Anyone may.
    Disburse {
        /// Number of the proposal.
        proposal: u64,
    },
    /// Take your proposal back while votes are taken, or stop it as the administrator.
    Cancel {
        /// Number of the proposal.
        proposal: u64,
    },
    /// End a proposal whose next milestone is late. Anyone may.
    Expire {
        /// Number of the proposal.
        proposal: u64,
    },
    /// Return the bond of a proposal that is decided to its proposer. Anyone may.
    ReturnBond {
        /// Number of the proposal.
        proposal: u64,
    },
    /// Show a proposal, or the pool where none is named.
    Show {
        /// Number of the proposal.
        proposal: Option<u64>,
    },
}

/// Reads `AMOUNT@TIME`.
fn milestone(text: &str) -> Result<(u64, i64), String> {
    let parts = text.split_once('@').and_then(|(amount, due)| Some((amount.parse().ok()?, months::read(due).ok()?)));
    parts.ok_or_else(|| format!("`{text}` is not a milestone like 500000000@2026-04-01T00:00:00Z"))
}

impl GrantCommand {
    /// Does it.
    pub async fn run(self, connection: &Connection) -> Result<()> {
        let s = connection.session()?;
        if let Self::Show { proposal } = self {
            return match proposal {
                Some(id) => grant_view::proposal(&read(&s, id).await?),
                None => grant_view::pool(&s.get(&at::config()).await?),
            };
        }
        let key = connection.key()?;
        let who = key.pubkey();
        match self {
            Self::Fund { amount } => {
                let token = granted(&s).await?;
                let fund = ix::Fund { funder: who, funding: s.purse(&who, token, amount).await?, token, amount };
                s.send("fund", &[ix::fund(fund)], &[&key]).await?;
                println!("{} free in the pool", s.get::<Config>(&at::config()).await?.free()?);
            }
            Self::Propose { text, milestones, recipient, uri } => {
                let metadata_hash = stored(connection, &text)?;
                let terms = terms(recipient.unwrap_or(who), metadata_hash, &uri, &milestones)?;
                propose(&s, &key, terms).await?;
            }
            Self::Vote { proposal, choice } => {
                let choice = match choice {
                    Choice::For => choice::FOR,
                    Choice::Against => choice::AGAINST,
                    Choice::Abstain => choice::ABSTAIN,
                };
                read(&s, proposal).await?;
                contributor(&s, &who).await?;
                s.send("vote", &[ix::vote(who, proposal, choice)], &[&key]).await?;
                let ballot: Ballot = s.get(&at::ballot(&at::proposal(proposal), &who)).await?;
                println!("voted with {} points", ballot.weight.get());
            }
            Self::Tally { proposal } => {
                read(&s, proposal).await?;
                s.send("tally", &[ix::tally(proposal)], &[&key]).await?;
                println!("{}", grant_view::decision(&read(&s, proposal).await?));
            }
            Self::Submit { proposal, evidence } => {
                let index = next(&read(&s, proposal).await?)?;
                let evidence = stored(connection, &evidence)?;
                s.send("submit_milestone", &[ix::submit_milestone(who, proposal, index, evidence)], &[&key]).await?;
                let by = months::show(read(&s, proposal).await?.review_by.get());
                println!("milestone {index} submitted; to be reviewed before {by}");
            }
            Self::Review { proposal, review } => {
                let (index, accept) = (next(&read(&s, proposal).await?)?, matches!(review, Review::Accept));
                s.send("review_milestone", &[ix::review_milestone(who, proposal, index, accept)], &[&key]).await?;
                println!("milestone {index} {}", if accept { "accepted" } else { "refused" });
            }
            Self::Disburse { proposal } => disburse(&s, &key, proposal).await?,
            Self::Cancel { proposal } => {
                read(&s, proposal).await?;
                s.send("cancel_proposal", &[ix::cancel_proposal(who, proposal)], &[&key]).await?;
                println!("{}", grant_view::decision(&read(&s, proposal).await?));
            }
            Self::Expire { proposal } => {
                read(&s, proposal).await?;
                s.send("expire_proposal", &[ix::expire_proposal(proposal)], &[&key]).await?;
                println!("{}", grant_view::decision(&read(&s, proposal).await?));
            }
            Self::ReturnBond { proposal } => {
                let (state, token) = (read(&s, proposal).await?, granted(&s).await?);
                let create = token_ix::create_account(who, state.proposer, token);
                let give = ix::return_bond(proposal, token.account_of(&state.proposer), token);
                s.send("return_bond", &[create, give], &[&key]).await?;
                println!("returned {} to {}", state.bond.get(), state.proposer);
            }
            Self::Show { .. } => {}
        }
        Ok(())
    }
}

/// The token of grants.
async fn granted(s: &Session) -> Result<Token> {
    s.token(&s.get::<Config>(&at::config()).await?.mint).await
}

async fn read(s: &Session, proposal: u64) -> Result<Proposal> {
    s.get(&at::proposal(proposal)).await.with_context(|| format!("proposal {proposal}"))
}

/// Only who is registered has points, with which proposals are made and voted on.
async fn contributor(s: &Session, wallet: &Pubkey) -> Result<Contributor> {
    let found = s.get(&rewards_at::contributor(wallet)).await;
    found.with_context(|| {
        format!("{wallet} is not registered: run `aixblock register`, and earn points in a month before")
    })
}

/// Puts a file into the content store; its address.
fn stored(connection: &Connection, path: &std::path::Path) -> Result<[u8; 32]> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Store::open(connection.store()?)?.put(&bytes)?.0)
}

fn terms(
    recipient: Pubkey,
    metadata_hash: [u8; 32],
    uri: &str,
    milestones: &[(u64, i64)],
) -> Result<ix::ProposalTerms> {
    let (mut amounts, mut due) = ([0; MAX_MILESTONES], [0; MAX_MILESTONES]);
    if milestones.len() > MAX_MILESTONES {
        bail!("{} milestones: at most {MAX_MILESTONES} fit into a proposal", milestones.len());
    }
    for ((amount, by), milestone) in amounts.iter_mut().zip(&mut due).zip(milestones) {
        (*amount, *by) = *milestone;
    }
    let count = u8::try_from(milestones.len())?;
    Ok(ix::ProposalTerms { recipient, metadata_hash, uri: padded("uri", uri)?, count, amounts, due })
}

async fn propose(s: &Session, proposer: &Keypair, terms: ix::ProposalTerms) -> Result<()> {
    let config: Config = s.get(&at::config()).await?;
    let (id, token) = (config.next_proposal.get(), s.token(&config.mint).await?);
    let (epoch, _) = actions::open_epoch_now(s).await?;
    let who = proposer.pubkey();
    contributor(s, &who).await?;
    let funding = s.purse(&who, token, config.proposal_bond.get()).await?;
    let open = ix::OpenProposal { proposer: who, id, epoch, funding, token, terms };
    // the bond comes from an account that must exist even where no bond is asked for
    let create = token_ix::create_account(who, who, token);
    s.send("open_proposal", &[create, ix::open_proposal(open)], &[proposer]).await?;
    println!("proposal {id}");
    Ok(())
}

/// The milestone that is worked on.
fn next(proposal: &Proposal) -> Result<u8> {
    let index = proposal.next_milestone().filter(|_| proposal.state == proposal_state::APPROVED);
    let state = grant_view::state(proposal.state);
    let index = index.with_context(|| format!("the proposal is {state}: no milestone of it is open"))?;
    Ok(u8::try_from(index)?)
}

async fn disburse(s: &Session, payer: &Keypair, proposal: u64) -> Result<()> {
    let (state, token) = (read(s, proposal).await?, granted(s).await?);
    let accepted = state.milestones.iter().enumerate().filter(|(_, one)| **one == milestone_state::ACCEPTED);
    let accepted = accepted.map(|(index, _)| u8::try_from(index)).collect::<Result<Vec<_>, _>>()?;
    if accepted.is_empty() {
        bail!("no milestone of proposal {proposal} is accepted and unpaid: it is submitted and reviewed first");
    }
    let destination = token.account_of(&state.recipient);
    let mut all = vec![token_ix::create_account(payer.pubkey(), state.recipient, token)];
    all.extend(accepted.into_iter().map(|index| ix::disburse(proposal, index, destination, token)));
    s.send("disburse", &all, &[payer]).await?;
    let after = read(s, proposal).await?;
    println!(
        "paid {} to {}, {} of {} in all",
        after.paid.get() - state.paid.get(),
        state.recipient,
        after.paid.get(),
        after.total.get()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_milestone_is_an_amount_and_a_time() {
        assert_eq!(milestone("5@1970-01-02T00:00:00Z"), Ok((5, 86_400)));
        for bad in ["", "5", "5@", "5@tomorrow", "-5@1970-01-02T00:00:00Z", "@1970-01-02T00:00:00Z"] {
            assert!(milestone(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_proposal_has_at_most_eight_milestones_in_their_order() {
        let milestones: Vec<_> = (1..=9).map(|n| (n, 10 * n as i64)).collect();
        let eight = terms(Pubkey::default(), [1; 32], "", &milestones[..8]).expect("fit");
        assert_eq!((eight.count, eight.amounts, eight.due[7]), (8, [1, 2, 3, 4, 5, 6, 7, 8], 80));
        assert!(terms(Pubkey::default(), [1; 32], "", &milestones).is_err());
    }
}
