//! How the fields of events read in JSON.

use serde_json::Value;
use solana_pubkey::Pubkey;

/// UTF-8 padded with zero bytes, as text; bytes that are not UTF-8 become replacement characters.
#[must_use]
pub fn text(padded: &[u8]) -> String {
    let end = padded.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    // SQL engines refuse a zero byte inside text
    String::from_utf8_lossy(&padded[..end]).replace('\0', "\u{fffd}")
}

/// A field's value in JSON.
pub(super) trait Json {
    fn json(&self) -> Value;
}

/// Amounts, points and sequence numbers: JavaScript's numbers hold 53 bits, so these are strings.
impl Json for u64 {
    fn json(&self) -> Value {
        self.to_string().into()
    }
}

/// Scaled numbers that use all 128 bits.
impl Json for u128 {
    fn json(&self) -> Value {
        self.to_string().into()
    }
}

/// Unix times and windows in seconds.
impl Json for i64 {
    fn json(&self) -> Value {
        (*self).into()
    }
}

macro_rules! plain {
    ($($type:ty),*) => { $(impl Json for $type {
        fn json(&self) -> Value {
            (*self).into()
        }
    })* };
}
plain!(u8, u16, u32, bool);

impl Json for Pubkey {
    fn json(&self) -> Value {
        self.to_string().into()
    }
}

/// Hashes, roots and seeds.
impl Json for [u8; 32] {
    fn json(&self) -> Value {
        protocol::digest::Digest(*self).to_string().into()
    }
}

/// Amounts or times of a list's places, without the places that are not used.
macro_rules! places {
    ($($type:ty),*) => { $(impl<const N: usize> Json for [$type; N] {
        fn json(&self) -> Value {
            self.iter().filter(|value| **value != 0).map(Json::json).collect()
        }
    })* };
}
places!(u64, i64);

/// A sealed key.
impl Json for [u8; 80] {
    fn json(&self) -> Value {
        self.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
    }
}

/// Lists of addresses, without the places that are not used.
impl<const N: usize> Json for [Pubkey; N] {
    fn json(&self) -> Value {
        self.iter().filter(|address| **address != Pubkey::default()).map(Json::json).collect()
    }
}
