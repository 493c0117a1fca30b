//! Datasets of one blob: the digits of scikit-learn, and a small text by its bytes.

use super::{ImportError, read};
use crate::dataset::{Dataset, Digits, Text};
use flate2::read::GzDecoder;
use std::io::Read;
use std::path::Path;

/// Pixels of an image of the UCI optical digits: 8 rows of 8.
const DIGIT_PIXELS: usize = 64;
/// Highest value of their pixels.
const DIGIT_WHITE: u8 = 16;
const DIGIT_CLASSES: u8 = 10;

/// The UCI optical digits as scikit-learn packs them (`digits.csv.gz`): on each line 64 pixels from 0 to 16 and the class.
pub fn digits(path: &Path) -> Result<Dataset, ImportError> {
    let mut text = String::new();
    GzDecoder::new(&read(path)?[..])
        .read_to_string(&mut text)
        .map_err(|source| ImportError::Read { path: path.to_owned(), source })?;
    parse_digits(&text)
}

fn parse_digits(text: &str) -> Result<Dataset, ImportError> {
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for (line, row) in (1..).zip(text.lines()) {
        let problem = |problem: String| ImportError::Line { line, problem };
        let values: Vec<u8> = row
            .split(',')
            .map(|field| small_number(field.trim()))
            .collect::<Option<_>>()
            .ok_or_else(|| problem("a field is no number from 0 to 16".into()))?;
        let Some((&label, image)) = values.split_last().filter(|(_, image)| image.len() == DIGIT_PIXELS) else {
            return Err(problem(format!("{} fields, {} are expected", values.len(), DIGIT_PIXELS + 1)));
        };
        if label >= DIGIT_CLASSES {
            return Err(problem(format!("class {label}, 0 to 9 are expected")));
        }
        pixels.extend(image);
        labels.push(label);
    }
    if labels.is_empty() {
        return Err(ImportError::Empty);
    }
    Ok(Dataset::Digits(Digits {
        features: DIGIT_PIXELS as u32,
        classes: DIGIT_CLASSES.into(),
        white: DIGIT_WHITE,
        pixels,
        labels,
    }))
}

/// A number from 0 to 16, also as `16.0` or `1.600000000000000000e+01`, as numpy may write it.
fn small_number(field: &str) -> Option<u8> {
    let value: f64 = field.parse().ok()?;
    ((0.0..=f64::from(DIGIT_WHITE)).contains(&value) && value.fract() == 0.0).then_some(value as u8)
}

/// A text file, byte by byte; the alphabet is what occurs in it.
pub fn text(path: &Path) -> Result<Dataset, ImportError> {
    text_from_bytes(&read(path)?)
}

/// A text in memory, see [`text`].
pub fn text_from_bytes(bytes: &[u8]) -> Result<Dataset, ImportError> {
    let mut seen = [false; 256];
    bytes.iter().for_each(|&byte| seen[usize::from(byte)] = true);
    let alphabet: Vec<u8> = (0..=u8::MAX).filter(|&byte| seen[usize::from(byte)]).collect();
    if alphabet.is_empty() {
        return Err(ImportError::Empty);
    }
    let mut token_of = [0u8; 256];
    (0..=u8::MAX).zip(&alphabet).for_each(|(token, &byte)| token_of[usize::from(byte)] = token);
    let tokens = bytes.iter().map(|&byte| token_of[usize::from(byte)]).collect();
    Ok(Dataset::Text(Text { alphabet, tokens }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::manifest::DatasetKind;

    #[test]
    fn a_text_reads_back_from_its_blob() {
        let dataset = text_from_bytes(b"hello world").unwrap();
        let Dataset::Text(text) = &dataset else { panic!("not a text") };
        let bytes: Vec<u8> = text.tokens.iter().map(|&token| text.alphabet[usize::from(token)]).collect();
        assert_eq!(bytes, b"hello world");
        assert_eq!(Dataset::decode(DatasetKind::Text, &dataset.encode()).unwrap(), dataset);
        assert!(Dataset::decode(DatasetKind::Digits, &dataset.encode()).is_err());
    }

    #[test]
    fn digits_read_back_from_their_blob() {
        let line = [vec!["16.0"; 64], vec!["9"]].concat().join(",");
        let dataset = parse_digits(&format!("{line}\n{line}\n")).unwrap();
        assert_eq!(Dataset::decode(DatasetKind::Digits, &dataset.encode()).unwrap(), dataset);
    }

    #[test]
    fn a_bad_line_is_named() {
        let error = parse_digits("1,2,3\n").unwrap_err().to_string();
        assert!(error.contains("line 1") && error.contains("65"), "{error}");
        assert!(parse_digits("").is_err());
    }
}
