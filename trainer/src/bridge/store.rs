//! libtorch's TCPStore: keys and values that all workers of a run see.

use super::sys::{self, check, text};
use super::{BridgeError, Handle};
use std::time::Duration;

/// Serves a store until it is dropped.
#[derive(Debug)]
pub struct StoreServer {
    handle: Handle,
    port: u16,
}

impl StoreServer {
    /// Serves a store on `port`, or on a free one where it is 0, on all addresses of this host.
    pub fn start(port: u16) -> Result<Self, BridgeError> {
        let (mut handle, mut bound) = (std::ptr::null_mut(), 0);
        // SAFETY: both places are written on success
        check(unsafe { sys::store_serve(port, &mut handle, &mut bound) })?;
        Ok(Self { handle, port: bound })
    }

    /// The port on which it serves.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for StoreServer {
    fn drop(&mut self) {
        // SAFETY: created by store_serve, freed once
        if let Err(error) = check(unsafe { sys::store_free(self.handle) }) {
            tracing::warn!(%error, "the store did not close cleanly");
        }
    }
}

/// A connection to a store.
#[derive(Debug)]
pub struct Store {
    pub(super) handle: Handle,
}

// SAFETY: libtorch's TCPStore guards its connection by a mutex
unsafe impl Send for Store {}
// SAFETY: as above
unsafe impl Sync for Store {}

impl Store {
    /// Connects to the store at `host` and `port`; tries again until `timeout`, which is also how long an answer may take.
    pub fn connect(host: &str, port: u16, timeout: Duration) -> Result<Self, BridgeError> {
        let host = text(host)?;
        let mut handle = std::ptr::null_mut();
        // SAFETY: the host is zero-terminated and outlives the call, `handle` is written on success
        check(unsafe { sys::store_connect(host.as_ptr(), port, timeout.as_millis() as i64, &mut handle) })?;
        Ok(Self { handle })
    }

    /// Sets `key`.
    pub fn set(&self, key: &str, value: &[u8]) -> Result<(), BridgeError> {
        let key = text(key)?;
        // SAFETY: the store is alive, key and value outlive the call
        check(unsafe { sys::store_set(self.handle, key.as_ptr(), value.as_ptr(), value.len()) })
    }

    /// The value of `key`, where it has one.
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>, BridgeError> {
        let key = text(key)?;
        let (mut value, mut length) = (std::ptr::null_mut(), 0);
        // SAFETY: on success `value` is null, or points to `length` bytes that are released here
        unsafe {
            check(sys::store_get(self.handle, key.as_ptr(), &mut value, &mut length))?;
            if value.is_null() {
                return Ok(None);
            }
            let bytes = std::slice::from_raw_parts(value, length).to_vec();
            sys::bridge_free_bytes(value);
            Ok(Some(bytes))
        }
    }

    /// Adds `amount` to the number at `key`, which is 0 where there is none; the sum.
    pub fn add(&self, key: &str, amount: i64) -> Result<i64, BridgeError> {
        let key = text(key)?;
        let mut sum = 0;
        // SAFETY: the store is alive, `sum` is written on success
        check(unsafe { sys::store_add(self.handle, key.as_ptr(), amount, &mut sum) })?;
        Ok(sum)
    }

    /// Sets `key` to `desired` if it holds `expected`, in one step.
    pub fn compare_set(&self, key: &str, expected: &str, desired: &str) -> Result<(), BridgeError> {
        let (key, expected, desired) = (text(key)?, text(expected)?, text(desired)?);
        // SAFETY: the store is alive, the strings are zero-terminated and outlive the call
        check(unsafe { sys::store_compare_set(self.handle, key.as_ptr(), expected.as_ptr(), desired.as_ptr()) })
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // SAFETY: created by store_connect, freed once
        if let Err(error) = check(unsafe { sys::store_free(self.handle) }) {
            tracing::debug!(%error, "the connection to the store did not close cleanly");
        }
    }
}
