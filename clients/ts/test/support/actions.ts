/** What people do on the platform, one function for each verb. */
import {
    TOKEN_PROGRAM_ADDRESS,
    fetchMaybeToken,
    findAssociatedTokenPda,
    getCreateAssociatedTokenIdempotentInstructionAsync,
} from '@solana-program/token';
import {
    type Address,
    type Instruction,
    type KeyPairSigner,
    type Signature,
    type TransactionSigner,
    generateKeyPairSigner,
    lamports,
} from '@solana/kit';
import {
    type PlatformEvent,
    linkSource,
    market,
    oracles,
    orderSource,
    readEvents,
    rewards,
    sealCommitment,
    send,
} from '../../src/index.js';
import { type Platform, until } from './platform.js';

/** Under which the votes of a test are sealed. */
const SALT = new Uint8Array(32).fill(7);

type Verdict = typeof market.VERDICT_ACCEPT | typeof market.VERDICT_REJECT;

export class Actions {
    constructor(private readonly platform: Platform) {}

    private get rpc() {
        return this.platform.rpc;
    }

    private send(payer: TransactionSigner, ...instructions: Instruction[]): Promise<Signature> {
        return send(this.rpc, payer, instructions, { pollMilliseconds: 50 });
    }

    async events(signature: Signature): Promise<PlatformEvent[]> {
        const config = { commitment: 'confirmed', encoding: 'json', maxSupportedTransactionVersion: 0 } as const;
        const transaction = await this.rpc.getTransaction(signature, config).send();
        return transaction ? readEvents(transaction) : [];
    }

    async tokenAccount(owner: Address, mint: Address): Promise<Address> {
        return (await findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS }))[0];
    }

    /** Base units in the associated token account of a wallet. */
    async balance(owner: Address, mint: Address): Promise<bigint> {
        const account = await fetchMaybeToken(this.rpc, await this.tokenAccount(owner, mint), {
            commitment: 'confirmed',
        });
        return account.exists ? account.data.amount : 0n;
    }

    order = async (address: Address) => (await market.fetchOrder(this.rpc, address, { commitment: 'confirmed' })).data;
    listing = async (address: Address) =>
        (await market.fetchListing(this.rpc, address, { commitment: 'confirmed' })).data;
    marketConfig = async () => (await market.fetchConfig(this.rpc, (await market.findConfigPda())[0])).data;
    rewardsConfig = async () => (await rewards.fetchConfig(this.rpc, (await rewards.findConfigPda())[0])).data;
    epoch = async (index: number) =>
        (await rewards.fetchEpoch(this.rpc, (await rewards.findEpochPda({ index }))[0], { commitment: 'confirmed' }))
            .data;
    points = async (epoch: number, wallet: Address) =>
        (
            await rewards.fetchPoints(this.rpc, (await rewards.findPointsPda({ epoch, wallet }))[0], {
                commitment: 'confirmed',
            })
        ).data;

    async list(seller: KeyPairSigner, id: bigint, price: bigint, mint: Address): Promise<Address> {
        const uri = new Uint8Array(Number(market.MAX_URI));
        new TextEncoder().encodeInto('https://example.org/offer', uri);
        const terms = {
            price,
            mint,
            unit: market.UNIT_JOB,
            active: true,
            metadataHash: await linkSource('https://example.org/offer'),
            contentRoot: new Uint8Array(32),
            uri,
        };
        const kind = market.LISTING_KIND_COMPUTE;
        await this.send(seller, await market.getCreateListingInstructionAsync({ seller, id, kind, mint, terms }));
        return (await market.findListingPda({ seller: seller.address, id }))[0];
    }

    async open(
        buyer: KeyPairSigner,
        id: bigint,
        listing: Address,
        manifestHash: Uint8Array,
        maxTotal: bigint,
    ): Promise<Address> {
        const { mint, version, metadataHash } = await this.listing(listing);
        const { oracleSet } = await this.marketConfig();
        const terms = {
            quantity: 1n,
            expectedVersion: version,
            expectedMetadata: metadataHash,
            maxTotal,
            manifestHash,
            judge: market.JUDGE_ORACLES,
            allowPartial: false,
        };
        const open = await market.getOpenOrderInstructionAsync({
            buyer,
            id,
            terms,
            listing,
            mint,
            oracleSet: (await market.findOracleSetPda({ version: oracleSet }))[0],
            funding: await this.tokenAccount(buyer.address, mint),
        });
        await this.send(buyer, open);
        return (await market.findOrderPda({ buyer: buyer.address, id }))[0];
    }

    async accept(seller: KeyPairSigner, order: Address): Promise<void> {
        const { mint, seller: of } = await this.order(order);
        const accept = await market.getAcceptOrderInstructionAsync({
            actor: seller,
            order,
            mint,
            reputation: (await market.findReputationPda({ seller: of, mint }))[0],
            funding: await this.tokenAccount(seller.address, mint),
        });
        await this.send(seller, accept);
    }

    async submit(seller: KeyPairSigner, order: Address, root: Uint8Array, log: Uint8Array): Promise<void> {
        const result = { root, log };
        await this.send(seller, await market.getSubmitResultInstructionAsync({ actor: seller, order, result }));
    }

    /** Draws the audit's seed as soon as the chain has the slots for it. */
    async arm(payer: KeyPairSigner, order: Address): Promise<void> {
        const [oracleSet] = await market.findOracleSetPda({ version: (await this.order(order)).oracleSet });
        await until('the audit is armed', async () => {
            if ((await this.order(order)).state !== market.ORDER_STATE_SUBMITTED) return true;
            try {
                await this.send(payer, await market.getArmAuditInstructionAsync({ order, oracleSet }));
                return true;
            } catch (error) {
                // too early, or an oracle was faster
                const { code } = error as { code?: number };
                if (code === market.MARKET_ERROR__AUDIT_TOO_EARLY || code === market.MARKET_ERROR__WRONG_STATE)
                    return false;
                throw error;
            }
        });
    }

    /** Commits to a vote; once every member of the set did, votes can be shown. */
    async seal(oracle: KeyPairSigner, order: Address, verdict: Verdict): Promise<void> {
        const { openedAt, auditSeed, oracleSet: version } = await this.order(order);
        const [oracleSet] = await market.findOracleSetPda({ version });
        const commitment = await sealCommitment({ order, openedAt, auditSeed, oracle: oracle.address }, verdict, SALT);
        await this.send(oracle, await oracles.getSealVoteInstructionAsync({ oracle, order, oracleSet, commitment }));
    }

    async vote(oracle: KeyPairSigner, order: Address, verdict: Verdict): Promise<void> {
        const state = await this.order(order);
        const [oracleSet] = await market.findOracleSetPda({ version: state.oracleSet });
        const [seals] = await oracles.findSealsPda({ order });
        const [oracleAccount] = await oracles.findOraclePda({ authority: oracle.address });
        const vote = { resultRoot: state.resultRoot, verdict, reason: 0, report: new Uint8Array(32), salt: SALT };
        await this.send(
            oracle,
            await market.getAttestInstructionAsync({ oracle, order, oracleSet, oracleAccount, seals, vote }),
        );
    }

    async release(payer: KeyPairSigner, order: Address): Promise<Signature> {
        const { seller, buyer, listing, mint, rentPayer } = await this.order(order);
        const { treasury } = await this.marketConfig();
        const create = [seller, buyer, treasury].map((owner) =>
            getCreateAssociatedTokenIdempotentInstructionAsync({ payer, owner, mint }),
        );
        const release = await market.getReleaseInstructionAsync({
            caller: payer,
            order,
            listing,
            mint,
            rentPayer,
            reputation: (await market.findReputationPda({ seller, mint }))[0],
            sellerTokens: await this.tokenAccount(seller, mint),
            buyerTokens: await this.tokenAccount(buyer, mint),
            treasuryTokens: await this.tokenAccount(treasury, mint),
            // nobody disputed, so that nothing is paid here
            challengerTokens: await this.tokenAccount(buyer, mint),
        });
        return this.send(payer, ...(await Promise.all(create)), release);
    }

    async awardOrder(payer: KeyPairSigner, order: Address, index: number): Promise<Signature> {
        const { seller, awardCategory } = await this.order(order);
        const [issuerAuthority] = await market.findIssuerAuthorityPda();
        const award = await market.getAwardOrderInstructionAsync({
            payer,
            order,
            rewardsConfig: (await rewards.findConfigPda())[0],
            issuer: (await rewards.findIssuerPda({ authority: issuerAuthority }))[0],
            category: (await rewards.findCategoryPda({ categoryId: awardCategory }))[0],
            epoch: (await rewards.findEpochPda({ index }))[0],
            contributor: (await rewards.findContributorPda({ wallet: seller }))[0],
            points: (await rewards.findPointsPda({ epoch: index, wallet: seller }))[0],
            award: (await rewards.findAwardPda({ source: await orderSource(order) }))[0],
            rewardsEventAuthority: (await rewards.findEventAuthorityPda())[0],
        });
        return this.send(payer, award);
    }

    /** A new wallet with lamports. */
    async newWallet(): Promise<KeyPairSigner> {
        const wallet = await generateKeyPairSigner();
        await this.rpc.requestAirdrop(wallet.address, lamports(1_000_000_000n)).send();
        await until(
            'the airdrop lands',
            async () => (await this.rpc.getBalance(wallet.address, { commitment: 'confirmed' }).send()).value > 0n,
        );
        return wallet;
    }

    /** Registers a contributor, who is paid into the associated token account. */
    async register(wallet: KeyPairSigner): Promise<void> {
        const { mint } = await this.rewardsConfig();
        const create = await getCreateAssociatedTokenIdempotentInstructionAsync({
            payer: wallet,
            owner: wallet.address,
            mint,
        });
        const destination = await this.tokenAccount(wallet.address, mint);
        await this.send(wallet, create, await rewards.getRegisterInstructionAsync({ wallet, destination }));
    }

    async award(
        issuer: KeyPairSigner,
        wallet: Address,
        link: string,
        category: number,
        quantity: bigint,
        index: number,
    ): Promise<void> {
        const award = await rewards.getIssueAwardInstructionAsync({
            payer: issuer,
            authority: issuer,
            source: await linkSource(link),
            categoryId: category,
            quantity,
            epoch: (await rewards.findEpochPda({ index }))[0],
            contributor: (await rewards.findContributorPda({ wallet }))[0],
            points: (await rewards.findPointsPda({ epoch: index, wallet }))[0],
        });
        await this.send(issuer, award);
    }

    async closeEpoch(payer: KeyPairSigner, index: number): Promise<void> {
        await this.send(
            payer,
            await rewards.getCloseEpochInstructionAsync({ epoch: (await rewards.findEpochPda({ index }))[0] }),
        );
    }

    async finalizeEpoch(payer: KeyPairSigner, index: number): Promise<void> {
        const finalize = await rewards.getFinalizeEpochInstructionAsync({
            rentPayer: (await this.epoch(index)).rentPayer,
            epoch: (await rewards.findEpochPda({ index }))[0],
            vault: (await rewards.findVaultPda({ index }))[0],
            mint: (await this.rewardsConfig()).mint,
        });
        await this.send(payer, finalize);
    }

    /** Pays a wallet's share; anyone may pay for the transaction. */
    async claim(payer: KeyPairSigner, wallet: Address, index: number): Promise<Signature> {
        const [contributor] = await rewards.findContributorPda({ wallet });
        const { destination } = (await rewards.fetchContributor(this.rpc, contributor)).data;
        const claim = await rewards.getClaimInstructionAsync({
            contributor,
            destination,
            epoch: (await rewards.findEpochPda({ index }))[0],
            points: (await rewards.findPointsPda({ epoch: index, wallet }))[0],
            vault: (await rewards.findVaultPda({ index }))[0],
            mint: (await this.rewardsConfig()).mint,
        });
        return this.send(payer, claim);
    }
}
