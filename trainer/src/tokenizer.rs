//! Byte-pair encoding of text with a tokenizer file of the library `tokenizers` (`tokenizer.json`; Sennrich, Haddow and Birch,
//! "Neural machine translation of rare words with subword units", 2016; Radford et al., "Language models are unsupervised
//! multitask learners", 2019, for its form over bytes).
//!
//! Tokens decide what a job trains on, so they are part of the numeric contract: this module encodes by itself, exactly as that
//! library does, and refuses every file that asks for something else.

use regex::Regex;
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::LazyLock;

/// Why a file is no tokenizer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// The file does not parse.
    #[error("model.tokenizer is no tokenizer.json of byte-pair encoding over bytes: {0}")]
    Format(#[from] serde_json::Error),
    /// The file asks for something that is not done here.
    #[error(
        "model.tokenizer asks for {0}, which is not supported: use byte-pair encoding with the pre-tokenizer ByteLevel alone"
    )]
    Unsupported(&'static str),
    /// The file contradicts itself.
    #[error("model.tokenizer contradicts itself: {0}")]
    Inconsistent(String),
    /// The dataset is not text.
    #[error("the dataset is not UTF-8, which a tokenizer needs: {0}")]
    NotText(#[from] std::str::Utf8Error),
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    added_tokens: Vec<AddedToken>,
    normalizer: Option<serde_json::Value>,
    pre_tokenizer: PreTokenizer,
    model: Model,
}

#[derive(Deserialize)]
struct AddedToken {
    id: u32,
    content: String,
    #[serde(default)]
    single_word: bool,
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    rstrip: bool,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum PreTokenizer {
    ByteLevel {
        add_prefix_space: bool,
        #[serde(default = "yes")]
        use_regex: bool,
    },
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Model {
    #[serde(rename = "BPE")]
    Bpe {
        dropout: Option<f64>,
        unk_token: Option<String>,
        continuing_subword_prefix: Option<String>,
        end_of_word_suffix: Option<String>,
        #[serde(default)]
        ignore_merges: bool,
        vocab: HashMap<String, u32>,
        merges: Vec<Merge>,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Pair([String; 2]),
    Joined(String),
}

impl Merge {
    fn parts(&self) -> Option<(&str, &str)> {
        match self {
            Self::Pair([left, right]) => Some((left, right)),
            Self::Joined(both) => both.split_once(' '),
        }
    }
}

/// Words as GPT-2 cuts them; of white space before a word, the last character belongs to the word, see [`Tokenizer::words`].
static WORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+")
        .unwrap_or_else(|_| unreachable!("the pattern is a constant that tests run"))
});

/// The character that stands for each byte in the file: itself where it can be seen, one from 256 on where not.
fn character_of_bytes() -> [char; 256] {
    let visible = |byte: u32| matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
    let mut characters = ['\0'; 256];
    let mut next = 256;
    for (byte, character) in (0u32..).zip(&mut characters) {
        let code = if visible(byte) { byte } else { next };
        next += u32::from(!visible(byte));
        *character = char::from_u32(code).unwrap_or('\0');
    }
    characters
}

/// A tokenizer: from text to token numbers.
#[derive(Debug)]
pub struct Tokenizer {
    size: u32,
    token_of_byte: [u32; 256],
    /// Rank and result of each pair that is merged.
    merges: HashMap<(u32, u32), (u32, u32)>,
    added: Vec<(String, u32)>,
    prefix_space: bool,
    by_words: bool,
}

impl Tokenizer {
    /// Reads a file.
    pub fn read(file: &[u8]) -> Result<Self, TokenizerError> {
        let File { added_tokens, normalizer, pre_tokenizer, model } = serde_json::from_slice(file)?;
        let PreTokenizer::ByteLevel { add_prefix_space, use_regex } = pre_tokenizer;
        let Model::Bpe {
            dropout,
            unk_token,
            continuing_subword_prefix,
            end_of_word_suffix,
            ignore_merges,
            vocab,
            merges,
        } = model;
        let filled = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let unsupported = [
            (normalizer.is_some(), "a normalizer"),
            (dropout.is_some_and(|rate| rate != 0.0), "dropout of merges"),
            (filled(&unk_token), "a token for what is unknown"),
            (filled(&continuing_subword_prefix) || filled(&end_of_word_suffix), "marks within words"),
            (ignore_merges, "ignore_merges"),
            (
                added_tokens.iter().any(|token| token.single_word || token.lstrip || token.rstrip),
                "added tokens that take white space or whole words",
            ),
            (added_tokens.iter().any(|token| token.content.is_empty()), "an added token without text"),
        ];
        if let Some((_, what)) = unsupported.into_iter().find(|(asked, _)| *asked) {
            return Err(TokenizerError::Unsupported(what));
        }
        let token = |text: &str| {
            let missing = || TokenizerError::Inconsistent(format!("its vocabulary has no {text:?}"));
            vocab.get(text).copied().ok_or_else(missing)
        };
        let mut token_of_byte = [0; 256];
        for (token_of_byte, character) in token_of_byte.iter_mut().zip(character_of_bytes()) {
            *token_of_byte = token(character.encode_utf8(&mut [0; 4]))?;
        }
        let mut by_pair = HashMap::new();
        for (rank, merge) in (0..).zip(&merges) {
            let parts = || TokenizerError::Inconsistent(format!("merge {rank} has no two parts"));
            let (left, right) = merge.parts().ok_or_else(parts)?;
            by_pair.insert((token(left)?, token(right)?), (rank, token(&format!("{left}{right}"))?));
        }
        let mut numbers: Vec<u32> = vocab.into_values().chain(added_tokens.iter().map(|token| token.id)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        if !(0..).zip(&numbers).all(|(place, number)| place == *number) {
            return Err(TokenizerError::Inconsistent("its tokens are not numbered from 0 without a gap".to_owned()));
        }
        Ok(Self {
            size: u32::try_from(numbers.len()).unwrap_or(u32::MAX),
            token_of_byte,
            merges: by_pair,
            added: added_tokens.into_iter().map(|token| (token.content, token.id)).collect(),
            prefix_space: add_prefix_space,
            by_words: use_regex,
        })
    }

    /// Number of tokens, from 0 on.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.size
    }

    /// The tokens of `text`, which is UTF-8.
    pub fn encode(&self, text: &[u8]) -> Result<Vec<u32>, TokenizerError> {
        let mut rest = std::str::from_utf8(text)?;
        let (mut tokens, mut known) = (Vec::new(), HashMap::new());
        while !rest.is_empty() {
            let (before, added, after) = self.split_at_added(rest);
            if self.prefix_space && !before.is_empty() && !before.starts_with(' ') {
                self.encode_part(&format!(" {before}"), &mut known, &mut tokens);
            } else {
                self.encode_part(before, &mut known, &mut tokens);
            }
            tokens.extend(added);
            rest = after;
        }
        Ok(tokens)
    }

    /// The text before the first added token, that token, and the text after it. Of two that begin at one place the longer one
    /// counts.
    fn split_at_added<'t>(&self, text: &'t str) -> (&'t str, Option<u32>, &'t str) {
        let found = self.added.iter().filter_map(|(content, token)| Some((text.find(content)?, content.len(), *token)));
        match found.min_by_key(|&(place, length, _)| (place, Reverse(length))) {
            Some((place, length, token)) => (&text[..place], Some(token), &text[place + length..]),
            None => (text, None, ""),
        }
    }

    fn encode_part(&self, text: &str, known: &mut HashMap<String, Vec<u32>>, tokens: &mut Vec<u32>) {
        for word in self.words(text) {
            if let Some(of_word) = known.get(word) {
                tokens.extend(of_word);
                continue;
            }
            let of_word = self.merge(word.bytes().map(|byte| self.token_of_byte[usize::from(byte)]).collect());
            tokens.extend(&of_word);
            known.insert(word.to_owned(), of_word);
        }
    }

    /// The words of `text`, each merged by itself.
    fn words<'t>(&self, text: &'t str) -> Vec<&'t str> {
        if !self.by_words {
            return if text.is_empty() { Vec::new() } else { vec![text] };
        }
        let (mut words, mut rest) = (Vec::new(), text);
        while let Some(found) = WORD.find(rest) {
            let word = found.as_str();
            // white space before a word leaves it the last character, unless there is only one
            let last = word.chars().next_back().map_or(0, char::len_utf8);
            let leaves_one = found.end() < rest.len() && word.len() > last && word.chars().all(char::is_whitespace);
            let end = if leaves_one { found.end() - last } else { found.end() };
            words.push(&rest[found.start()..end]);
            rest = &rest[end..];
        }
        words
    }

    /// Merges neighbours, the pair of the lowest rank first and of equal ones the first in the text, until none can be merged.
    fn merge(&self, mut tokens: Vec<u32>) -> Vec<u32> {
        let mut next: Vec<usize> = (1..=tokens.len()).collect();
        let mut before: Vec<Option<usize>> = (0..tokens.len()).map(|place| place.checked_sub(1)).collect();
        let mut gone = vec![false; tokens.len()];
        let end = tokens.len();
        let candidate = |tokens: &[u32], left: usize, right: usize| {
            let pair = (tokens[left], tokens[right]);
            self.merges.get(&pair).map(|&(rank, merged)| Reverse((rank, left, right, pair, merged)))
        };
        let mut candidates: BinaryHeap<_> = (1..end).filter_map(|right| candidate(&tokens, right - 1, right)).collect();
        while let Some(Reverse((_, left, right, pair, merged))) = candidates.pop() {
            let stands = !gone[left] && next[left] == right && right < end && (tokens[left], tokens[right]) == pair;
            if !stands {
                continue;
            }
            tokens[left] = merged;
            gone[right] = true;
            next[left] = next[right];
            if next[left] < end {
                before[next[left]] = Some(left);
                candidates.extend(candidate(&tokens, left, next[left]));
            }
            if let Some(previous) = before[left] {
                candidates.extend(candidate(&tokens, previous, left));
            }
        }
        tokens.into_iter().zip(gone).filter_map(|(token, gone)| (!gone).then_some(token)).collect()
    }
}
