//! People who run the binary on a chain that runs the real programs.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]
#[path = "../../../chain/localnet/tests/support/mod.rs"]
pub mod chain_support;

use chain::{Confirmed, Keypair, Pubkey, SendError, Signer, address, instruction};
use chain_support::{World, world_with};
use e2e_tests::binary;
use protocol::seal::Subject;
use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::{Command, Output},
};

const ACCEPT: u8 = market::state::verdict::ACCEPT;
/// Under which votes are sealed.
const SALT: [u8; 32] = [9; 32];

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

    pub fn try_run(&self, who: &str, arguments: &[&str]) -> Output {
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
        self.world.rpc.token_amount(&self.world.token.account_of(&self.key(who).pubkey())).await.unwrap()
    }

    /// Registers oracles with a bond of 500 each, and pins them as the set that votes by majority.
    pub async fn bonded_set(&self, oracles: &[&str]) -> u32 {
        let settings = self.file(
            "oracles.toml",
            "min_bond = 100\nunbonding_seconds = 2592000\nslash_bps = 1000\npanel_set = 0\npanel_size = 0\n",
        );
        let mint = self.world.mint.to_string();
        self.run("admin", &["admin", "initialize", "oracles", "--settings", &settings, "--mint", &mint], "initialized");
        for oracle in oracles {
            self.run(oracle, &["bond", "register"], "oracle");
            self.run(oracle, &["bond", "deposit", "--amount", "500"], "bonded");
        }
        let (members, majority) = (self.addresses(oracles), (oracles.len() / 2 + 1).to_string());
        let mut set = vec!["admin", "oracle-set"];
        set.extend(members.iter().map(String::as_str));
        set.extend(["--threshold", &majority, "--min-bond", "300"]);
        self.run("admin", &set, "oracle set").parse().unwrap()
    }

    fn addresses(&self, who: &[&str]) -> Vec<String> {
        who.iter().map(|name| self.address(name)).collect()
    }

    /// Seals of these members of the order's set, who accept its result.
    pub async fn seal(&self, order: Pubkey, oracles: &[&str]) {
        let state: market::state::Order = self.world.rpc.get(&order).await.unwrap();
        for oracle in oracles {
            let (key, member) = (self.key(oracle), self.key(oracle).pubkey());
            let subject = Subject {
                order: order.as_array(),
                opened_at: state.opened_at.get(),
                audit_seed: &state.audit_seed,
                oracle: member.as_array(),
            };
            let commitment = protocol::seal::commitment(&subject, ACCEPT, &SALT);
            let sealed = instruction::oracles::seal_vote(member, order, state.oracle_set.get(), commitment);
            self.world.rpc.send(&[sealed], &[key]).await.unwrap();
        }
    }

    /// Shows a sealed vote, as an oracle's software does after its replay.
    pub async fn vote(&self, order: Pubkey, oracle: &str) -> Result<Confirmed, SendError> {
        let state: market::state::Order = self.world.rpc.get(&order).await.unwrap();
        let (key, member) = (self.key(oracle), self.key(oracle).pubkey());
        let vote = instruction::market::Vote {
            result_root: state.result_root,
            verdict: ACCEPT,
            reason: 0,
            report: [8; 32],
            salt: SALT,
        };
        let account = address::oracles::oracle(&member);
        let attest = instruction::market::attest(member, order, state.oracle_set.get(), Some(account), vote);
        self.world.rpc.send(&[attest], &[key]).await
    }

    /// Moves the chain's clock forward.
    pub fn pass(&self, seconds: i64) {
        self.output("admin", &["travel", "--seconds", &seconds.to_string()]);
    }
}
