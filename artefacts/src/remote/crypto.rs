//! SHA-256 and HMAC-SHA-256 for signed requests, from RustCrypto.

use hmac::{Hmac, Mac};
use object_store::Error;
use object_store::client::{CryptoProvider, DigestAlgorithm, DigestContext, HmacContext, Signer, SigningAlgorithm};
use sha2::{Digest, Sha256};

/// The hashes of RustCrypto.
#[derive(Debug)]
pub(super) struct RustCrypto;

fn not_supported(what: String) -> Error {
    Error::NotSupported { source: what.into() }
}

impl CryptoProvider for RustCrypto {
    fn digest(&self, algorithm: DigestAlgorithm) -> object_store::Result<Box<dyn DigestContext>> {
        match algorithm {
            DigestAlgorithm::Sha256 => Ok(Box::new(Running { state: Sha256::new(), result: [0; 32] })),
            other => Err(not_supported(format!("the hash {other:?} is not built in"))),
        }
    }

    fn hmac(&self, algorithm: DigestAlgorithm, secret: &[u8]) -> object_store::Result<Box<dyn HmacContext>> {
        match algorithm {
            DigestAlgorithm::Sha256 => {
                let state = Hmac::<Sha256>::new_from_slice(secret).map_err(|error| not_supported(error.to_string()))?;
                Ok(Box::new(Running { state, result: [0; 32] }))
            }
            other => Err(not_supported(format!("HMAC with {other:?} is not built in"))),
        }
    }

    fn sign(&self, algorithm: SigningAlgorithm, _: &[u8]) -> object_store::Result<Box<dyn Signer>> {
        Err(not_supported(format!("signatures of kind {algorithm:?} are not built in")))
    }
}

struct Running<S> {
    state: S,
    result: [u8; 32],
}

impl DigestContext for Running<Sha256> {
    fn update(&mut self, data: &[u8]) {
        Digest::update(&mut self.state, data);
    }

    fn finish(&mut self) -> object_store::Result<&[u8]> {
        self.result = self.state.finalize_reset().into();
        Ok(&self.result)
    }
}

impl HmacContext for Running<Hmac<Sha256>> {
    fn update(&mut self, data: &[u8]) {
        Mac::update(&mut self.state, data);
    }

    fn finish(&mut self) -> object_store::Result<&[u8]> {
        self.result = self.state.finalize_reset().into_bytes().into();
        Ok(&self.result)
    }
}
