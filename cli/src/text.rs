//! Texts of people, in the places that accounts have for them.
use anyhow::{Result, bail};

/// A text with zero bytes behind it; `what` names it where it is too long.
pub fn padded<const N: usize>(what: &str, text: &str) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    let Some(place) = bytes.get_mut(..text.len()) else {
        bail!("the {what} has {} bytes: at most {N} fit", text.len());
    };
    place.copy_from_slice(text.as_bytes());
    Ok(bytes)
}

/// The text of such a place.
pub fn unpadded(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_fits_comes_back_and_a_longer_one_is_refused_with_its_name() {
        for text in ["", "code", "12345678"] {
            assert_eq!(unpadded(&padded::<8>("name", text).expect("fits")), text);
        }
        assert_eq!(
            padded::<8>("name", "123456789").expect_err("long").to_string(),
            "the name has 9 bytes: at most 8 fit"
        );
    }
}
