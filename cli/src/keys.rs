//! The actors of the local platform. Their keys live in files that only their owner may read.
use anyhow::Result;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::path::{Path, PathBuf};

/// Every actor of the local platform.
pub struct Keys {
    folder: PathBuf,
    pub admin: Keypair,
    /// Receives fees; never signs.
    pub treasury: Keypair,
    pub mint: Keypair,
    pub buyer: Keypair,
    pub provider: Keypair,
    /// A provider that cheats in the demo.
    pub rogue: Keypair,
    /// Those who judge orders, then those who are drawn for panels.
    pub oracles: Vec<Keypair>,
    /// Ada, Ben and Cleo contribute to the project.
    pub contributors: [Keypair; 3],
}

impl Keys {
    /// Reads the keys in `folder`, and makes those that are not there.
    pub fn open(folder: &Path, oracles: u8) -> Result<Self> {
        let key = |name: &str| chain::key::read_or_create(&folder.join(format!("{name}.json")));
        Ok(Self {
            admin: key("admin")?,
            treasury: key("treasury")?,
            mint: key("mint")?,
            buyer: key("buyer")?,
            provider: key("provider")?,
            rogue: key("rogue")?,
            oracles: (1..=oracles).map(|n| key(&format!("oracle-{n}"))).collect::<Result<_, _>>()?,
            contributors: [key("ada")?, key("ben")?, key("cleo")?],
            folder: folder.to_owned(),
        })
    }

    /// The file of an oracle's key; the first is 0.
    pub fn oracle_file(&self, place: usize) -> PathBuf {
        self.folder.join(format!("oracle-{}.json", place + 1))
    }

    /// Those whom a person can act for, with the names of their key files.
    pub fn people(&self) -> [(&'static str, &Keypair); 6] {
        let [ada, ben, cleo] = &self.contributors;
        let (admin, buyer, provider) = (&self.admin, &self.buyer, &self.provider);
        [("admin", admin), ("buyer", buyer), ("provider", provider), ("ada", ada), ("ben", ben), ("cleo", cleo)]
    }

    /// Everybody who signs transactions and needs lamports.
    pub fn signers(&self) -> Vec<Pubkey> {
        let single = [&self.admin, &self.treasury, &self.buyer, &self.provider, &self.rogue];
        single.into_iter().chain(&self.oracles).chain(&self.contributors).map(Keypair::pubkey).collect()
    }

    /// Everybody who holds tokens.
    pub fn holders(&self) -> Vec<Pubkey> {
        let single = [&self.admin, &self.treasury, &self.buyer, &self.provider, &self.rogue];
        single.into_iter().chain(&self.contributors).map(Keypair::pubkey).collect()
    }
}
