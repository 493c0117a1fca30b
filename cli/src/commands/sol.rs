//! Native SOL as a token, which is how every program here takes it.
use super::Connection;
use anyhow::{Result, ensure};
use chain::{Signer as _, address, instruction::token};

/// Wraps `lamports` of who acts.
pub async fn wrap(connection: &Connection, lamports: u64) -> Result<()> {
    let (s, key) = (connection.session()?, connection.key()?);
    ensure!(lamports > 0, "nothing to wrap: name a number of lamports");
    s.send("wrap", &token::wrap(key.pubkey(), lamports), &[&key]).await?;
    let tokens = address::token_account(&key.pubkey(), &address::NATIVE_MINT);
    println!("{} lamports of wrapped SOL in {tokens}", s.tokens(&tokens).await?);
    Ok(())
}

/// Unwraps everything that who acts has wrapped.
pub async fn unwrap(connection: &Connection) -> Result<()> {
    let (s, key) = (connection.session()?, connection.key()?);
    let tokens = address::token_account(&key.pubkey(), &address::NATIVE_MINT);
    ensure!(s.rpc.raw_account(&tokens).await?.is_some(), "{} has no wrapped SOL", key.pubkey());
    let lamports = s.tokens(&tokens).await?;
    s.send("unwrap", &[token::unwrap(key.pubkey())], &[&key]).await?;
    println!("{lamports} lamports unwrapped");
    Ok(())
}
