//! People who run the binary on a chain that runs the real programs.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]
#[path = "../../../chain/localnet/tests/support/mod.rs"]
pub mod chain_support;

use chain::{Keypair, Pubkey, address};
use chain_support::{World, world_with};
use e2e_tests::binary;
use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::{Command, Output},
};

/// People with key files and folders of their own, and a store that all see. The administrator of the programs is `admin`.
pub struct People {
    pub world: World,
    folder: tempfile::TempDir,
    keys: BTreeMap<&'static str, Keypair>,
}

impl People {
    /// People and the base units that they start with, of a token of the classic token program.
    pub async fn new(purses: &[(&'static str, u64)]) -> Self {
        Self::with(address::TOKEN_PROGRAM, None, purses).await
    }

    /// The same with a token of this token program, at this time (now, where absent).
    pub async fn with(token_program: Pubkey, start: Option<i64>, purses: &[(&'static str, u64)]) -> Self {
        let world = world_with(token_program, start).await;
        let mut keys = BTreeMap::from([("admin", world.admin.insecure_clone())]);
        for (name, tokens) in purses {
            keys.insert(name, world.wallet(*tokens).await);
        }
        let people = Self { world, folder: tempfile::tempdir().unwrap(), keys };
        for (name, key) in &people.keys {
            chain::key::write(&people.path(&format!("{name}.json")), key).unwrap();
        }
        people
    }

    pub fn key(&self, who: &str) -> &Keypair {
        &self.keys[who]
    }

    /// Somebody's address as a person types it.
    pub fn address(&self, who: &str) -> String {
        use chain::Signer;
        self.key(who).pubkey().to_string()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file; its path as a person types it.
    pub fn file(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    fn command(&self, who: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary("aixblock"));
        command
            .args(arguments)
            .args(["--url", &self.world.net.rpc_url(), "--keypair"])
            .arg(self.path(&format!("{who}.json")))
            .arg("--store")
            .arg(self.path("store"))
            .env("XDG_DATA_HOME", self.path(&format!("home-{who}")));
        command
    }

    fn try_run(&self, who: &str, arguments: &[&str]) -> Output {
        self.command(who, arguments).output().unwrap()
    }

    /// Runs a command whose reader is gone: it ends without a word.
    pub fn output_to_nobody(&self, who: &str, arguments: &[&str]) {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = self.command(who, arguments).stdout(writer).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }

    /// All that a command prints.
    pub fn output(&self, who: &str, arguments: &[&str]) -> String {
        let output = self.try_run(who, arguments);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{arguments:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
        text
    }

    /// What a command prints after `name`, on the line that begins with it.
    pub fn run(&self, who: &str, arguments: &[&str], name: &str) -> String {
        let text = self.output(who, arguments);
        let found = text.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap_or_else(|| panic!("{arguments:?}: no {name:?} in\n{text}")).trim().to_owned()
    }

    pub fn fails(&self, who: &str, arguments: &[&str], because: &str) {
        let output = self.try_run(who, arguments);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && message.contains(because), "{arguments:?}: {message}");
    }

    /// Base units in somebody's associated token account.
    pub async fn tokens(&self, who: &str) -> u64 {
        use chain::Signer;
        self.world.rpc.token_amount(&self.world.token.account_of(&self.key(who).pubkey())).await.unwrap()
    }

    /// Moves the chain's clock forward.
    pub fn pass(&self, seconds: i64) {
        self.output("admin", &["travel", "--seconds", &seconds.to_string()]);
    }
}
