//! Canonical binary encoding: little endian, lengths in front, floats by their bits. One value has one encoding.

use crate::digest::Digest;

/// Collects an encoding.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Starts with `magic`, which names the format and its version.
    #[must_use]
    pub fn new(magic: &[u8]) -> Self {
        Self(magic.to_vec())
    }

    /// Appends one byte.
    pub fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    /// Appends a u32.
    pub fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    /// Appends a u64.
    pub fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    /// Appends the bits of an f64.
    pub fn f64(&mut self, value: f64) {
        self.u64(value.to_bits());
    }

    /// Appends a digest.
    pub fn digest(&mut self, value: &Digest) {
        self.0.extend(value.0);
    }

    /// Appends a length (u64) and the bytes.
    pub fn bytes(&mut self, value: &[u8]) {
        self.u64(value.len() as u64);
        self.0.extend(value);
    }

    /// The finished encoding.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Why bytes are not the encoding that was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes begin with another format's name or another version.
    #[error("these bytes are not {0}, or of another version")]
    WrongFormat(&'static str),
    /// The bytes end in the middle.
    #[error("the bytes end in the middle of a value")]
    Truncated,
    /// Bytes are left over.
    #[error("{0} bytes are left over at the end")]
    TrailingBytes(usize),
    /// A value is outside of what the format allows.
    #[error("{0} holds a value that the format does not know")]
    BadValue(&'static str),
}

/// Takes an encoding apart.
#[derive(Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Checks that `bytes` begin with `magic`; `format` names it in the error.
    pub fn new(bytes: &'a [u8], magic: &[u8], format: &'static str) -> Result<Self, DecodeError> {
        bytes.strip_prefix(magic).map(Self).ok_or(DecodeError::WrongFormat(format))
    }

    /// The next `count` bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (head, rest) = self.0.split_at_checked(count).ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (head, rest) = self.0.split_first_chunk().ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(*head)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// A u32.
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_le_bytes)
    }

    /// A u64.
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_le_bytes)
    }

    /// An f64 by its bits.
    pub fn f64(&mut self) -> Result<f64, DecodeError> {
        self.u64().map(f64::from_bits)
    }

    /// A digest.
    pub fn digest(&mut self) -> Result<Digest, DecodeError> {
        self.array().map(Digest)
    }

    /// A length (u64) and so many bytes.
    pub fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = usize::try_from(self.u64()?).map_err(|_| DecodeError::Truncated)?;
        self.take(length)
    }

    /// A length (u32) for items of at least `item_bytes` each, so that a forged length cannot ask for more memory than
    /// the input itself takes.
    pub fn count(&mut self, item_bytes: usize) -> Result<usize, DecodeError> {
        let count = self.u32()? as usize;
        if count.saturating_mul(item_bytes) > self.0.len() {
            return Err(DecodeError::Truncated);
        }
        Ok(count)
    }

    /// Checks that nothing is left.
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.0.is_empty() { Ok(()) } else { Err(DecodeError::TrailingBytes(self.0.len())) }
    }
}
