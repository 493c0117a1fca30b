//! What a person sees while the demo runs.
use std::{collections::BTreeMap, time::Instant};

/// Prints chapters and lines, and times the chapters.
pub struct Story {
    begin: Instant,
    chapter: Option<(&'static str, Instant)>,
    number: u32,
    pub seconds: BTreeMap<String, f64>,
}

impl Story {
    pub fn new() -> Self {
        Self { begin: Instant::now(), chapter: None, number: 0, seconds: BTreeMap::new() }
    }

    /// Begins a chapter; `key` names it in the report.
    pub fn chapter(&mut self, key: &'static str, title: &str) {
        self.close();
        self.number += 1;
        self.chapter = Some((key, Instant::now()));
        println!("\n{}. {title}", self.number);
    }

    /// A line of the story.
    pub fn line(&self, text: impl AsRef<str>) {
        println!("   [{:6.1} s] {}", self.begin.elapsed().as_secs_f64(), text.as_ref());
    }

    /// Ends the last chapter.
    pub fn close(&mut self) {
        if let Some((key, begin)) = self.chapter.take() {
            self.seconds.insert(key.to_owned(), begin.elapsed().as_secs_f64());
        }
        self.seconds.insert("total".to_owned(), self.begin.elapsed().as_secs_f64());
    }
}
