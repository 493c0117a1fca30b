use crate::{World, oracles_world::MARKET_ANSWER};
use anchor_lang::{Address, bytemuck::Zeroable};
use market::{
    accounts,
    state::{Config, Listing, MAX_ORACLES, OracleSet, Order},
};

/// Accounts of the market written as the market would leave them, for programs that only read them.
impl World {
    /// Writes the market's configuration, with the windows of `Market` and no dispute about the rest.
    pub fn put_market_config(&mut self, change: impl FnOnce(&mut Config)) -> Address {
        let (address, bump) = accounts::Initialize::find_config_address();
        let mut config = Config { admin: self.admin, bump, ..Config::zeroed() };
        config.accept_seconds = crate::ACCEPT.into();
        config.delivery_seconds = crate::DELIVERY.into();
        config.audit_seconds = crate::AUDIT.into();
        config.dispute_seconds = crate::DISPUTE.into();
        config.answer_seconds = MARKET_ANSWER.into();
        config.resolve_seconds = crate::RESOLVE.into();
        config.award_seconds = crate::AWARD.into();
        config.fee_bps = crate::FEE_BPS.into();
        change(&mut config);
        self.put_account(address, market::ID, &config);
        address
    }

    /// Writes an oracle set.
    pub fn put_oracle_set(
        &mut self,
        version: u32,
        members: &[Address],
        change: impl FnOnce(&mut OracleSet),
    ) -> Address {
        let (address, bump) = accounts::CreateOracleSet::find_oracle_set_address(&version.to_le_bytes());
        let mut list = [Address::default(); MAX_ORACLES];
        list[..members.len()].copy_from_slice(members);
        let count = u8::try_from(members.len()).unwrap();
        let mut set = OracleSet { members: list, count, bump, ..OracleSet::zeroed() };
        set.version = version.into();
        set.threshold = count / 2 + 1;
        change(&mut set);
        self.put_account(address, market::ID, &set);
        address
    }

    /// Writes an order.
    pub fn put_order(&mut self, buyer: &Address, id: u64, change: impl FnOnce(&mut Order)) -> Address {
        let (address, bump) = accounts::OpenOrder::find_order_address(buyer, &id.to_le_bytes());
        let mut order = Order { buyer: *buyer, rent_payer: *buyer, bump, ..Order::zeroed() };
        order.id = id.into();
        change(&mut order);
        self.put_account(address, market::ID, &order);
        address
    }

    /// Writes a listing.
    pub fn put_listing(&mut self, seller: &Address, id: u64, change: impl FnOnce(&mut Listing)) -> Address {
        let (address, bump) = accounts::CreateListing::find_listing_address(seller, &id.to_le_bytes());
        let mut listing = Listing { seller: *seller, bump, active: 1, ..Listing::zeroed() };
        listing.id = id.into();
        listing.version = 1.into();
        change(&mut listing);
        self.put_account(address, market::ID, &listing);
        address
    }
}
