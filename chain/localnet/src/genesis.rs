use crate::LocalnetError;
use chain::{Pubkey, address};
use solana_account::Account;
use std::path::PathBuf;
use surfpool_core::surfnet::svm::SurfnetSvm;

/// A program that is there from the first slot.
#[derive(Debug, Clone)]
pub struct GenesisProgram {
    /// Its address.
    pub id: Pubkey,
    /// Its bytecode.
    pub bytecode: Bytecode,
    /// Who may upgrade it. The project's programs let this key alone initialize them.
    pub upgrade_authority: Pubkey,
}

/// Where bytecode comes from.
#[derive(Debug, Clone)]
pub enum Bytecode {
    /// An ELF file (`.so`).
    File(PathBuf),
    /// The bytes of one.
    Bytes(Vec<u8>),
}

impl Bytecode {
    fn read(&self) -> Result<Vec<u8>, LocalnetError> {
        match self {
            Self::File(path) => {
                std::fs::read(path).map_err(|source| LocalnetError::Bytecode { path: path.clone(), source })
            }
            Self::Bytes(bytes) => Ok(bytes.clone()),
        }
    }
}

const PROGRAM_LAMPORTS: u64 = 1_000_000_000;
const PROGRAM_DATA_LAMPORTS: u64 = 10_000_000_000;

/// Puts the two accounts of an upgradeable program in place, unless a ledger that was opened has them.
pub(crate) fn install(svm: &mut SurfnetSvm, program: &GenesisProgram) -> Result<(), LocalnetError> {
    let failed = |error: &dyn std::fmt::Display| LocalnetError::Start(format!("program {}: {error}", program.id));
    if svm.get_account(&program.id).map_err(|error| failed(&error))?.is_some() {
        return Ok(());
    }
    let elf = program.bytecode.read()?;
    if !elf.starts_with(b"\x7fELF") {
        return Err(failed(&"its bytecode is not an ELF file"));
    }
    let data_address = address::program_data(&program.id);
    // loader v3: tag 3, slot of the deployment, the upgrade authority, then the ELF; and tag 2, address of that account
    let mut data = 3u32.to_le_bytes().to_vec();
    data.extend(0u64.to_le_bytes());
    data.push(1);
    data.extend(program.upgrade_authority.to_bytes());
    data.extend(elf);
    let mut pointer = 2u32.to_le_bytes().to_vec();
    pointer.extend(data_address.to_bytes());
    let account =
        |lamports, data, executable| Account { lamports, data, owner: address::LOADER, executable, rent_epoch: 0 };
    svm.set_account(&data_address, account(PROGRAM_DATA_LAMPORTS, data, false)).map_err(|error| failed(&error))?;
    svm.set_account(&program.id, account(PROGRAM_LAMPORTS, pointer, true)).map_err(|error| failed(&error))
}
