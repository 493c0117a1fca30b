//! Every figure that the demo prints comes from the API and is compared with the chain.
use crate::api_client::ApiClient;
use anyhow::{Context, Result};
use serde_json::Value;

/// Reads figures from the API and counts how many agree with the chain.
pub struct Figures {
    api: ApiClient,
    pub compared: u32,
    pub mismatches: Vec<String>,
}

impl Figures {
    pub fn new(api: ApiClient) -> Self {
        Self { api, compared: 0, mismatches: Vec::new() }
    }

    /// Reads a resource as of a slot.
    pub async fn resource(&self, path: &str, min_slot: u64) -> Result<Value> {
        let answer = self.api.get(path, min_slot).await?;
        Ok(answer.get("data").cloned().unwrap_or(answer))
    }

    /// Takes one field of a resource (a JSON pointer), after comparing it with what the chain holds.
    pub fn take(&mut self, resource: &Value, field: &str, chain: impl ToString) -> Result<String> {
        let value = resource.pointer(field).with_context(|| format!("the API's answer has no {field}: {resource}"))?;
        let shown = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let expected = chain.to_string();
        self.compared += 1;
        if shown != expected {
            self.mismatches.push(format!("{field}: the API says {shown}, the chain {expected}"));
        }
        Ok(shown)
    }
}

/// Base units as whole tokens, for people.
pub fn tokens(base_units: &str, decimals: u8) -> String {
    let Ok(amount) = base_units.parse::<u64>() else { return base_units.to_owned() };
    let unit = 10u64.pow(u32::from(decimals));
    let (whole, rest) = (amount / unit, amount % unit);
    if rest == 0 {
        whole.to_string()
    } else {
        format!("{whole}.{rest:0width$}", width = usize::from(decimals)).trim_end_matches('0').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_tokens() {
        assert_eq!(tokens("1250000000", 6), "1250");
        assert_eq!(tokens("97500001", 6), "97.500001");
        assert_eq!(tokens("2500000", 6), "2.5");
        assert_eq!(tokens("0", 6), "0");
    }
}
