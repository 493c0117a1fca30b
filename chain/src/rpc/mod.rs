//! Asking a node, with patience: a node that is down for less than the settings' patience costs time and nothing else.

mod settings;

pub use settings::{COMMITMENT, Settings};

use crate::account::{self, AccountError, ProgramAccount};
use crate::address;
use crate::instruction::token::Token;
use solana_account::Account;
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_pubkey::Pubkey;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::{
    client_error::{Error as ClientError, ErrorKind},
    config::{RpcAccountInfoConfig, RpcProgramAccountsConfig},
    custom_error::{JSON_RPC_SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED, JSON_RPC_SERVER_ERROR_NODE_UNHEALTHY},
    filter::RpcFilterType,
    request::RpcError as Response,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Why a node could not be asked, or what is wrong with its answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RpcError {
    /// It did not answer for as long as the settings are patient.
    #[error("the node {host} did not answer for {seconds} s ({last}): is it running, and is the url right?")]
    Down {
        /// Scheme, host and port.
        host: String,
        /// How long it was asked.
        seconds: u64,
        /// The last error.
        last: String,
    },
    /// It answered with an error.
    #[error("the node {host} refused {call}: {message}")]
    Refused {
        /// Scheme, host and port.
        host: String,
        /// The method.
        call: &'static str,
        /// Its answer.
        message: String,
    },
    /// An account is not what it should be.
    #[error(transparent)]
    Account(#[from] AccountError),
}

/// A client of one node. Cheap to clone.
#[derive(Clone)]
pub struct Rpc {
    client: Arc<RpcClient>,
    settings: Arc<Settings>,
}

impl std::fmt::Debug for Rpc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rpc({})", self.settings.host())
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

impl Rpc {
    /// A client of the node in `settings`. Asks it nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let client = RpcClient::new_with_timeout_and_commitment(
            settings.url.clone(),
            settings.request_timeout(),
            settings.commitment_config(),
        );
        Self { client: Arc::new(client), settings: Arc::new(settings) }
    }

    /// Settings that this client follows.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The library's client, for calls that this type does not wrap; see [`Rpc::call`] for making them patient.
    #[must_use]
    pub fn client(&self) -> &RpcClient {
        &self.client
    }

    /// Makes a call, and makes it again while the node does not answer and patience lasts. `name` is for messages.
    pub async fn call<'a, T, F, A>(&'a self, name: &'static str, call: F) -> Result<T, RpcError>
    where
        F: Fn(&'a RpcClient) -> A,
        A: Future<Output = Result<T, ClientError>>,
    {
        let (started, mut pause) = (Instant::now(), FIRST_PAUSE);
        loop {
            let error = match call(&self.client).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if !is_outage(&error) {
                return Err(self.refused(name, &error));
            }
            if started.elapsed() + pause > self.settings.patience() {
                return Err(self.down(&error));
            }
            if pause == FIRST_PAUSE {
                tracing::warn!(
                    host = self.settings.host(),
                    call = name,
                    error = self.text(&error),
                    "the node does not answer"
                );
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    pub(crate) fn refused(&self, call: &'static str, error: &ClientError) -> RpcError {
        RpcError::Refused { host: self.settings.host(), call, message: self.text(error) }
    }

    pub(crate) fn down(&self, error: &ClientError) -> RpcError {
        RpcError::Down { host: self.settings.host(), seconds: self.settings.patience_seconds, last: self.text(error) }
    }

    /// The error's text without the url, which may hold an access key.
    fn text(&self, error: &ClientError) -> String {
        let host = self.settings.host();
        error.to_string().replace(&self.settings.url, &host).replace(&format!("{host}/)"), &format!("{host})"))
    }

    /// The accounts at `addresses`, in their order; `None` where there is nothing. At most 100 at a time.
    pub async fn raw_accounts(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Account>>, RpcError> {
        self.call("getMultipleAccounts", |client| client.get_multiple_accounts(addresses)).await
    }

    /// The account at `address`, if there is one.
    pub async fn raw_account(&self, address: &Pubkey) -> Result<Option<Account>, RpcError> {
        let addresses = [*address];
        Ok(self.raw_accounts(&addresses).await?.pop().flatten())
    }

    /// The program's account at `address`, if there is one.
    pub async fn find<T: ProgramAccount>(&self, address: &Pubkey) -> Result<Option<T>, RpcError> {
        match self.raw_account(address).await? {
            Some(account) => Ok(Some(account::decode(address, &account)?)),
            None => Ok(None),
        }
    }

    /// The program's account at `address`.
    pub async fn get<T: ProgramAccount>(&self, address: &Pubkey) -> Result<T, RpcError> {
        let found = self.find(address).await?;
        found.ok_or_else(|| AccountError::Missing { kind: T::NAME, address: *address }.into())
    }

    /// All accounts of the kind `T` that pass `filters` (see [`account::field_is`]).
    pub async fn list<T: ProgramAccount>(&self, filters: &[RpcFilterType]) -> Result<Vec<(Pubkey, T)>, RpcError> {
        let mut all = account::filters::<T>();
        all.extend_from_slice(filters);
        let config = RpcProgramAccountsConfig {
            filters: Some(all),
            account_config: RpcAccountInfoConfig { encoding: Some(UiAccountEncoding::Base64), ..Default::default() },
            ..Default::default()
        };
        let found = self
            .call("getProgramAccounts", |client| client.get_program_ui_accounts_with_config(&T::OWNER, config.clone()))
            .await?;
        let read = |(address, account): (Pubkey, solana_account_decoder_client_types::UiAccount)| {
            let raw: Account = account.to_account().ok_or(AccountError::OtherKind { kind: T::NAME, address })?;
            Ok((address, account::decode(&address, &raw)?))
        };
        found.into_iter().map(read).collect()
    }

    /// The token of `mint`: whoever owns the mint is its token program.
    pub async fn token(&self, mint: &Pubkey) -> Result<Token, RpcError> {
        let (kind, address) = ("mint of a token", *mint);
        let account = self.raw_account(mint).await?.ok_or(AccountError::Missing { kind, address })?;
        let owner = account.owner;
        if ![address::TOKEN_PROGRAM, address::TOKEN_2022_PROGRAM].contains(&owner) {
            return Err(AccountError::OtherOwner { kind, address, owner }.into());
        }
        Ok(Token { mint: *mint, program: owner })
    }

    /// Base units in the token account at `address`; 0 where there is none.
    pub async fn token_amount(&self, address: &Pubkey) -> Result<u64, RpcError> {
        Ok(self.raw_account(address).await?.as_ref().and_then(account::token_amount).unwrap_or(0))
    }

    /// Lamports of `address`.
    pub async fn lamports(&self, address: &Pubkey) -> Result<u64, RpcError> {
        self.call("getBalance", |client| client.get_balance(address)).await
    }

    /// Lamports that keep an account of `bytes` alive.
    pub async fn rent_lamports(&self, bytes: usize) -> Result<u64, RpcError> {
        self.call("getMinimumBalanceForRentExemption", |client| client.get_minimum_balance_for_rent_exemption(bytes))
            .await
    }

    /// The last slot.
    pub async fn slot(&self) -> Result<u64, RpcError> {
        self.call("getSlot", RpcClient::get_slot).await
    }

    /// The chain's own time, in seconds of Unix time: what the programs compare deadlines with.
    pub async fn unix_seconds(&self) -> Result<i64, RpcError> {
        let address = address::CLOCK;
        let clock = self.raw_account(&address).await?;
        let seconds = clock.and_then(|clock| Some(i64::from_le_bytes(clock.data.get(32..40)?.try_into().ok()?)));
        seconds.ok_or_else(|| AccountError::Missing { kind: "clock", address }.into())
    }

    /// Gives `wallet` lamports for nothing, on chains that do, and waits until they are there.
    pub async fn airdrop(&self, wallet: &Pubkey, lamports: u64) -> Result<(), RpcError> {
        let before = self.lamports(wallet).await?;
        self.call("requestAirdrop", |client| client.request_airdrop(wallet, lamports)).await?;
        let started = Instant::now();
        while self.lamports(wallet).await? <= before {
            if started.elapsed() > self.settings.patience() {
                let message = format!("{lamports} lamports for {wallet} did not arrive");
                return Err(RpcError::Refused { host: self.settings.host(), call: "requestAirdrop", message });
            }
            tokio::time::sleep(Duration::from_millis(self.settings.poll_ms)).await;
        }
        Ok(())
    }
}

/// Whether the error means that the node cannot be reached or cannot answer now, so that asking again may help.
pub(crate) fn is_outage(error: &ClientError) -> bool {
    match error.kind() {
        ErrorKind::Io(_) | ErrorKind::Reqwest(_) | ErrorKind::Middleware(_) => true,
        // half an answer: the connection broke, or a gateway answered in the node's place
        ErrorKind::SerdeJson(_) => true,
        ErrorKind::RpcError(Response::RpcResponseError { code, .. }) => {
            [JSON_RPC_SERVER_ERROR_NODE_UNHEALTHY, JSON_RPC_SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED].contains(code)
        }
        _ => false,
    }
}
