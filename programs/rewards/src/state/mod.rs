//! Accounts of the program. All are fixed-size and zero-copy; integers are little-endian without alignment.
mod admin;
mod contributor;
mod epoch;

pub use admin::*;
pub use contributor::*;
pub use epoch::*;

use crate::{
    stored::Placed,
    tokens::{Mint, TokenAccount},
};

// at fixed addresses, or derived from other accounts too: the instructions' seeds and constraints say where these are
impl Placed for Config {}
impl Placed for Schedule {}
impl Placed for Issuer {}
impl Placed for Category {}
impl Placed for Points {}
impl Placed for TokenAccount {}
impl Placed for Mint {}
