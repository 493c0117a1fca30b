use crate::LocalnetError;
use chain::Rpc;
use serde_json::{Value, json};
use solana_rpc_client_api::request::RpcRequest;
use std::time::Duration;

/// Moves the local chain behind `rpc` forward to `unix_seconds`, and waits until its clock shows it.
pub async fn time_travel(rpc: &Rpc, unix_seconds: i64) -> Result<(), LocalnetError> {
    let now = rpc.unix_seconds().await?;
    if unix_seconds <= now {
        return Err(LocalnetError::Backwards { now, to: unix_seconds });
    }
    let target = json!([{ "absoluteTimestamp": i128::from(unix_seconds) * 1_000 }]);
    let request = RpcRequest::Custom { method: "surfnet_timeTravel" };
    rpc.call("surfnet_timeTravel", |client| client.send::<Value>(request, target.clone())).await?;
    while rpc.unix_seconds().await? < unix_seconds {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
