//! Compares the programs that a chain runs with those that were built from these sources.
use crate::session::Session;
use anyhow::{Context, Result, bail, ensure};
use chain::{Pubkey, address, event::Program};
use protocol::upgradeable;
use std::{fs, path::Path};

/// Tells of each program whether the chain's bytes are those of `folder`, and who may upgrade it.
pub async fn verify(session: &Session, folder: &Path) -> Result<()> {
    let mut others = 0;
    for program in Program::ALL {
        let path = folder.join(format!("{program}.so"));
        let built = fs::read(&path).with_context(|| format!("{}: run `make programs` first", path.display()))?;
        let data = address::program_data(&program.id());
        let Some(account) = session.rpc.raw_account(&data).await? else {
            println!("{program}: not deployed at {}", program.id());
            others += 1;
            continue;
        };
        ensure!(
            account.owner == address::LOADER,
            "{data} is no program data: is {} the program's address?",
            program.id()
        );
        let deployed = upgradeable::bytecode(&account.data).with_context(|| format!("{data} is not program data"))?;
        let authority = upgradeable::upgrade_authority(&account.data)
            .map_or_else(|| "nobody".to_owned(), |key| Pubkey::new_from_array(key).to_string());
        let same = is_padded(deployed, &built);
        let verdict = if same { "equal" } else { "OTHER BYTES" };
        println!("{program}: {verdict}, {} bytes built, upgradeable by {authority}", built.len());
        others += usize::from(!same);
    }
    if others > 0 {
        bail!(
            "{others} of {} programs are not what {} holds: build the commit that was deployed, with the toolchain it was built with",
            Program::ALL.len(),
            folder.display()
        );
    }
    Ok(())
}

/// Whether `deployed` is `built` followed by the zeros with which the loader fills a program's account.
fn is_padded(deployed: &[u8], built: &[u8]) -> bool {
    deployed.strip_prefix(built).is_some_and(|rest| rest.iter().all(|byte| *byte == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_zeros_may_follow_a_programs_bytes() {
        assert!(is_padded(&[1, 2], &[1, 2]));
        assert!(is_padded(&[1, 2, 0, 0], &[1, 2]));
        assert!(!is_padded(&[1, 2, 0, 3], &[1, 2]));
        assert!(!is_padded(&[1], &[1, 2]));
        assert!(!is_padded(&[1, 3, 0], &[1, 2]));
    }
}
