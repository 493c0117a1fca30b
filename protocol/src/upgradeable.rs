//! The upgradeable loader's record of a program, as far as programs need it: who may upgrade.
//!
//! Source: `UpgradeableLoaderState::ProgramData` of the Solana SDK: u32 tag 3, u64 slot, u8 option tag, 32 bytes.

/// Address of the upgradeable loader, `BPFLoaderUpgradeab1e11111111111111111111111`.
pub const LOADER_ID: [u8; 32] = [
    2, 168, 246, 145, 78, 136, 161, 176, 226, 16, 21, 62, 247, 99, 174, 43, 0, 194, 185, 61, 22, 193, 36, 210, 192, 83,
    122, 16, 4, 128, 0, 0,
];

const PROGRAM_DATA_TAG: [u8; 4] = 3u32.to_le_bytes();

/// The upgrade authority in a program-data account, or nothing where the account is no such record or the program
/// can no longer be upgraded.
#[must_use]
pub fn upgrade_authority(program_data: &[u8]) -> Option<[u8; 32]> {
    if program_data.get(..4)? != PROGRAM_DATA_TAG || *program_data.get(12)? != 1 {
        return None;
    }
    program_data.get(13..45)?.try_into().ok()
}

/// Bytes before the program itself: tag, slot, and the place of an authority, which is there also when nobody is.
const METADATA_BYTES: usize = 45;

/// The program in a program-data account, with the zeros that may follow it.
#[must_use]
pub fn bytecode(program_data: &[u8]) -> Option<&[u8]> {
    program_data.get(METADATA_BYTES..).filter(|_| program_data.starts_with(&PROGRAM_DATA_TAG))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_record_with_an_authority_names_one() {
        let mut data = PROGRAM_DATA_TAG.to_vec();
        data.extend([7; 8]);
        data.push(1);
        data.extend([9; 32]);
        assert_eq!(upgrade_authority(&data), Some([9; 32]));
        assert_eq!(upgrade_authority(&data[..44]), None);
        assert_eq!(bytecode(&data), Some(&[][..]));
        data[12] = 0;
        assert_eq!(upgrade_authority(&data), None);
        data[12] = 1;
        data[0] = 2;
        assert_eq!(upgrade_authority(&data), None);
    }
}
