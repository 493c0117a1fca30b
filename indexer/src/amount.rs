//! Unsigned 64-bit and 128-bit numbers without loss in SQL and JSON.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sqlx::{
    Decode, Encode, Sqlite, Type,
    encode::IsNull,
    error::BoxDynError,
    sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef},
};

/// An amount in base units, a number of points, or an id: all 64 bits are used on chain.
///
/// SQL has no unsigned 64-bit integer that every engine shares, so it is stored as text of exactly 20 decimal digits,
/// which sorts as the number does. In JSON it is a string without padding, because JavaScript's numbers hold 53 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub u64);

impl Amount {
    /// The column's text.
    #[must_use]
    pub fn padded(self) -> String {
        format!("{:020}", self.0)
    }
}

impl From<u64> for Amount {
    fn from(value: u64) -> Self {
        Self(value)
    }
}

/// A number of 128 bits, such as a profit index: base units scaled by 2^64. In SQL and in JSON it is its decimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wide(pub u128);

impl Wide {
    /// The column's text.
    #[must_use]
    pub fn digits(self) -> String {
        self.0.to_string()
    }
}

impl From<u128> for Wide {
    fn from(value: u128) -> Self {
        Self(value)
    }
}

/// Text in SQL, as `$column` writes it, and a string of digits in JSON.
macro_rules! digits {
    ($number:ident, $column:expr) => {
        impl core::fmt::Display for $number {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Serialize for $number {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $number {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map(Self).map_err(serde::de::Error::custom)
            }
        }

        impl Type<Sqlite> for $number {
            fn type_info() -> SqliteTypeInfo {
                <String as Type<Sqlite>>::type_info()
            }
        }

        impl Encode<'_, Sqlite> for $number {
            fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
                <String as Encode<'_, Sqlite>>::encode($column(*self), buffer)
            }
        }

        impl<'r> Decode<'r, Sqlite> for $number {
            fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
                Ok(Self(<&str as Decode<'r, Sqlite>>::decode(value)?.parse()?))
            }
        }
    };
}
digits!(Amount, Amount::padded);
digits!(Wide, Wide::digits);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_text_sorts_as_the_numbers_do() {
        let mut numbers = [u64::MAX, 0, 9, 10, 1 << 63, 99];
        numbers.sort_unstable();
        let texts = numbers.map(|n| Amount(n).padded());
        assert!(texts.is_sorted());
        assert!(texts.iter().all(|text| text.len() == 20));
    }

    #[test]
    fn json_keeps_all_64_bits() {
        let json = serde_json::to_string(&Amount(u64::MAX)).unwrap();
        assert_eq!(json, "\"18446744073709551615\"");
        assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), Amount(u64::MAX));
        assert!(serde_json::from_str::<Amount>("\"-1\"").is_err());
        let json = serde_json::to_string(&Wide(u128::MAX)).unwrap();
        assert_eq!(serde_json::from_str::<Wide>(&json).unwrap(), Wide(u128::MAX));
    }
}
