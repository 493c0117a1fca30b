//! Reads transactions back from a node: what they cost, and the events in them.
use anyhow::{Context, Result, bail};
use chain::{
    Pubkey, Rpc, Signature,
    event::{self, Event, Program},
};
use solana_rpc_client::rpc_client::GetConfirmedSignaturesForAddress2Config;
use solana_rpc_client_api::config::RpcTransactionConfig;
use solana_transaction_status_client_types::{
    EncodedConfirmedTransactionWithStatusMeta, UiInstruction, UiTransactionEncoding, UiTransactionStatusMeta,
};

/// Signatures that a node gives at a time.
const PAGE: usize = 1_000;

/// Compute units of a confirmed transaction, where the node says.
pub async fn compute_units(rpc: &Rpc, signature: &Signature) -> Result<Option<u64>> {
    Ok(meta(&transaction(rpc, signature).await?)?.compute_units_consumed.clone().into())
}

/// Every event of the successful transactions that touched `account`, oldest first.
pub async fn events(rpc: &Rpc, account: &Pubkey) -> Result<Vec<Event>> {
    let mut signatures: Vec<Signature> = Vec::new();
    loop {
        let before = signatures.last().copied();
        let page = rpc
            .call("getSignaturesForAddress", |client| {
                client.get_signatures_for_address_with_config(
                    account,
                    GetConfirmedSignaturesForAddress2Config {
                        before,
                        until: None,
                        limit: Some(PAGE),
                        commitment: Some(rpc.settings().commitment_config()),
                    },
                )
            })
            .await?;
        let whole = page.len() == PAGE;
        for entry in page.into_iter().filter(|entry| entry.err.is_none()) {
            signatures.push(entry.signature.parse().context("the node named a transaction by no signature")?);
        }
        if !whole {
            break;
        }
    }
    let authorities = Program::ALL.map(|p| (p, event::authority(p)));
    let mut events = Vec::new();
    for signature in signatures.iter().rev() {
        let found = transaction(rpc, signature).await?;
        events.extend(decode(&found, &authorities).with_context(|| format!("transaction {signature}"))?);
    }
    Ok(events)
}

async fn transaction(rpc: &Rpc, signature: &Signature) -> Result<EncodedConfirmedTransactionWithStatusMeta> {
    let config = RpcTransactionConfig {
        encoding: Some(UiTransactionEncoding::Base64),
        commitment: Some(rpc.settings().commitment_config()),
        max_supported_transaction_version: Some(0),
    };
    Ok(rpc.call("getTransaction", |client| client.get_transaction_with_config(signature, config)).await?)
}

fn meta(found: &EncodedConfirmedTransactionWithStatusMeta) -> Result<&UiTransactionStatusMeta> {
    found.transaction.meta.as_ref().context("the node kept no meta data of the transaction")
}

fn decode(found: &EncodedConfirmedTransactionWithStatusMeta, authorities: &[(Program, Pubkey)]) -> Result<Vec<Event>> {
    let meta = meta(found)?;
    if meta.err.is_some() {
        return Ok(Vec::new());
    }
    let transaction =
        found.transaction.transaction.decode().context("the node sent a transaction that does not read")?;
    let mut keys: Vec<Pubkey> = transaction.message.static_account_keys().to_vec();
    if let Some(loaded) =
        Option::<solana_transaction_status_client_types::UiLoadedAddresses>::from(meta.loaded_addresses.clone())
    {
        for key in loaded.writable.iter().chain(&loaded.readonly) {
            keys.push(key.parse().context("the node named an account by no address")?);
        }
    }
    let inner: Option<Vec<_>> = meta.inner_instructions.clone().into();
    let Some(inner) = inner else { bail!("the node keeps no inner instructions: ask one that does") };
    let mut events = Vec::new();
    for instruction in inner.into_iter().flat_map(|group| group.instructions) {
        let UiInstruction::Compiled(call) = instruction else {
            bail!("the node parsed an instruction that was asked for raw")
        };
        let key = |place: &u8| {
            keys.get(usize::from(*place)).copied().context("an instruction names an account that is not there")
        };
        let program = key(&call.program_id_index)?;
        let accounts = call.accounts.iter().map(key).collect::<Result<Vec<_>>>()?;
        let data = bs58::decode(&call.data).into_vec().context("instruction data is not base 58")?;
        for (program_name, authority) in authorities {
            if program_name.id() == program && event::is_event(authority, &accounts, &data) {
                events.push(Event::decode(*program_name, &data)?);
            }
        }
    }
    Ok(events)
}
