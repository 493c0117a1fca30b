//! A chain with both programs, a token and the people of a small market.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use chain::instruction::{market, rewards, token};
use chain::{Keypair, Pubkey, Rpc, Signer, address, event::Program};
use localnet::{Bytecode, GenesisProgram, Localnet, LocalnetConfig};
use std::path::{Path, PathBuf};

pub const SOL: u64 = 1_000_000_000;

pub struct World {
    pub net: Localnet,
    pub rpc: Rpc,
    pub admin: Keypair,
    pub mint: Pubkey,
    pub token: token::Token,
}

pub fn program_file(name: &str) -> PathBuf {
    // this file serves the tests of several crates, at different depths of the repository
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let mut files = folders.map(|folder| folder.join("target/deploy").join(format!("{name}.so")));
    files.find(|file| file.exists()).unwrap_or_else(|| panic!("{name}.so is missing: run scripts/build-programs.sh"))
}

pub fn config(admin: &Pubkey) -> LocalnetConfig {
    let program = |program: Program| GenesisProgram {
        id: program.id(),
        bytecode: Bytecode::File(program_file(program.name())),
        upgrade_authority: *admin,
    };
    LocalnetConfig {
        rpc_port: 0,
        ws_port: 0,
        slot_ms: 50,
        programs: Program::ALL.map(program).to_vec(),
        ..LocalnetConfig::default()
    }
}

pub fn market_settings(mint: Pubkey, treasury: Pubkey) -> market::Settings {
    let mut mints = [Pubkey::default(); 4];
    mints[0] = mint;
    market::Settings {
        treasury,
        mints,
        fee_bps: 250,
        award_category: 1,
        accept_seconds: 600,
        delivery_seconds: 3_600,
        audit_seconds: 3_600,
        dispute_seconds: 60,
        answer_seconds: 60,
        resolve_seconds: 600,
        award_seconds: 600,
        seller_bond_bps: 0,
        challenge_bond_bps: 0,
        slash_challenger_bps: 0,
        slash_buyer_bps: 0,
    }
}

/// Starts a chain and initializes both programs, for a token of the classic token program.
pub async fn world() -> World {
    world_with(address::TOKEN_PROGRAM, None).await
}

/// Starts a chain and initializes both programs, for a token of this token program and at this time (now, where absent).
pub async fn world_with(token_program: Pubkey, start_unix_seconds: Option<i64>) -> World {
    let admin = Keypair::new();
    let net = Localnet::start(LocalnetConfig { start_unix_seconds, ..config(&admin.pubkey()) }).unwrap();
    let rpc = net.rpc();
    net.airdrop(&admin.pubkey(), 1_000 * SOL).await.unwrap();
    let mint = Keypair::new();
    let token = token::Token { mint: mint.pubkey(), program: token_program };
    let rent_lamports = rpc.rent_lamports(token::MINT_BYTES).await.unwrap();
    let create =
        token::CreateMint { payer: admin.pubkey(), token, authority: admin.pubkey(), decimals: 6, rent_lamports };
    rpc.send(&token::create_mint(create), &[&admin, &mint]).await.unwrap();
    let settings = market_settings(mint.pubkey(), admin.pubkey());
    rpc.send(&[market::initialize(admin.pubkey(), settings)], &[&admin]).await.unwrap();
    let settings = rewards::Settings {
        threshold: 500,
        below_bps: 5_000,
        cap_per_point: false,
        review_seconds: 60,
        claim_seconds: 28 * 86_400,
        confirm_points: 0,
        confirmer: Pubkey::default(),
        reserve_delay_seconds: 86_400,
        outflow_limit: 0,
        outflow_window_seconds: 86_400,
        profit_share_bps: 0,
    };
    rpc.send(&[rewards::initialize(admin.pubkey(), token, settings)], &[&admin]).await.unwrap();
    World { net, rpc, admin, mint: mint.pubkey(), token }
}

impl World {
    /// A wallet with lamports, a token account and `tokens` base units.
    pub async fn wallet(&self, tokens: u64) -> Keypair {
        let key = Keypair::new();
        self.net.airdrop(&key.pubkey(), 10 * SOL).await.unwrap();
        let (admin, own) = (self.admin.pubkey(), self.token);
        let mut instructions = vec![token::create_account(admin, key.pubkey(), own)];
        if tokens > 0 {
            instructions.push(token::mint_to(own, key.pubkey(), admin, tokens));
        }
        self.rpc.send(&instructions, &[&self.admin]).await.unwrap();
        key
    }

    /// The next oracle set, with more than half of `members` deciding.
    pub async fn oracle_set(&self, members: &[Pubkey]) -> u32 {
        let config: ::market::state::Config = self.rpc.get(&address::market::config()).await.unwrap();
        let version = config.oracle_set.get() + 1;
        let mut all = [Pubkey::default(); 16];
        all[..members.len()].copy_from_slice(members);
        let set = market::OracleMembers {
            count: members.len() as u8,
            threshold: members.len() as u8 / 2 + 1,
            samples: 3,
            min_bond: 0,
            members: all,
        };
        self.rpc.send(&[market::create_oracle_set(self.admin.pubkey(), version, set)], &[&self.admin]).await.unwrap();
        version
    }

    /// An order of `buyer` with `seller` whose result is submitted.
    pub async fn submitted_order(&self, seller: &Keypair, buyer: &Keypair, id: u64, job: Job) -> Pubkey {
        let terms = market::ListingTerms {
            price: 1_000,
            mint: self.mint,
            unit: 1,
            active: true,
            metadata_hash: [1; 32],
            content_root: [0; 32],
            uri: [0; 96],
        };
        self.rpc.send(&[market::create_listing(seller.pubkey(), id, 1, terms)], &[seller]).await.unwrap();
        let open = market::OpenOrder {
            buyer: buyer.pubkey(),
            id,
            listing: address::market::listing(&seller.pubkey(), id),
            mint: self.mint,
            token_program: self.token.program,
            oracle_set: Some(job.oracle_set),
            funding: self.token.account_of(&buyer.pubkey()),
            terms: market::OrderTerms {
                quantity: 2,
                expected_version: 1,
                expected_metadata: [1; 32],
                max_total: 2_000,
                manifest_hash: job.manifest_hash,
                judge: ::market::state::judge::ORACLES,
                allow_partial: false,
            },
        };
        self.rpc.send(&[market::open_order(open)], &[buyer]).await.unwrap();
        let order = address::market::order(&buyer.pubkey(), id);
        let accept = market::Deposit {
            actor: seller.pubkey(),
            order,
            seller: seller.pubkey(),
            mint: self.mint,
            token_program: self.token.program,
        };
        self.rpc.send(&[market::accept_order(accept)], &[seller]).await.unwrap();
        let result = market::SubmittedResult { root: job.root, log: job.log };
        self.rpc.send(&[market::submit_result(seller.pubkey(), order, result)], &[seller]).await.unwrap();
        order
    }
}

/// What an order is about and what its seller claims.
#[derive(Clone, Copy)]
pub struct Job {
    pub oracle_set: u32,
    pub manifest_hash: [u8; 32],
    pub root: [u8; 32],
    pub log: [u8; 32],
}
