//! The chance of detection over the share of bad segments, as an SVG that any browser shows.

use super::{Case, exact, formula};
use std::fmt::Write;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 60.0;
const BOTTOM: f64 = 50.0;
const TOP: f64 = 40.0;
const COLOURS: [&str; 4] = ["#1b6ca8", "#c1440e", "#2e7d32", "#6a1b9a"];
/// Largest share of bad segments shown.
const RANGE: f64 = 0.2;

fn x(fraction: f64) -> f64 {
    LEFT + fraction / RANGE * (WIDTH - LEFT - 20.0)
}

fn y(chance: f64) -> f64 {
    HEIGHT - BOTTOM - chance * (HEIGHT - BOTTOM - TOP)
}

/// Draws the cases of jobs with `segments`, of which each oracle draws `samples`: a line for the exact chance, a dashed one for
/// the formula, a dot for every simulated case; one colour for each number of oracles.
#[must_use]
pub fn svg(cases: &[Case], segments: u32, samples: u32) -> String {
    let mut out = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>
<text x="{LEFT}" y="22" font-size="14">Chance of detection: N = {segments} segments, k = {samples} drawn by each oracle</text>
"#
    );
    for tenth in (0..=10).step_by(2) {
        let (chance, fraction) = (f64::from(tenth) / 10.0, f64::from(tenth) / 10.0 * RANGE);
        let _ = write!(
            out,
            r##"<line x1="{LEFT}" y1="{0:.1}" x2="{1:.1}" y2="{0:.1}" stroke="#ddd"/>
<text x="{2:.1}" y="{3:.1}" text-anchor="end">{4} %</text>
<text x="{5:.1}" y="{6:.1}" text-anchor="middle">{7} %</text>
"##,
            y(chance),
            x(RANGE),
            LEFT - 6.0,
            y(chance) + 4.0,
            tenth * 10,
            x(fraction),
            HEIGHT - BOTTOM + 18.0,
            tenth * 2,
        );
    }
    let _ = writeln!(
        out,
        r#"<text x="{:.1}" y="{:.1}" text-anchor="middle">share of bad segments; line exact, dashes 1 - (1 - f)^(k m), dots simulated</text>"#,
        x(RANGE / 2.0),
        HEIGHT - 10.0
    );
    let shown: Vec<&Case> = cases.iter().filter(|case| (case.segments, case.samples) == (segments, samples)).collect();
    let mut counts: Vec<u32> = shown.iter().map(|case| case.oracles).collect();
    counts.dedup();
    let inner = segments.saturating_sub(2);
    for (place, (oracles, colour)) in (0u8..).zip(counts.into_iter().zip(COLOURS)) {
        let bads =
            || (0..=inner).map(|bad| (bad, f64::from(bad) / f64::from(inner.max(1)))).filter(|(_, f)| *f <= RANGE);
        let line: String = bads().fold(String::new(), |mut line, (bad, fraction)| {
            let _ = write!(line, "{:.1},{:.1} ", x(fraction), y(exact(inner, samples, oracles, bad)));
            line
        });
        let dashes: String = bads().fold(String::new(), |mut line, (_, fraction)| {
            let _ = write!(line, "{:.1},{:.1} ", x(fraction), y(formula(fraction, samples, oracles)));
            line
        });
        let _ = writeln!(out, r#"<polyline points="{line}" fill="none" stroke="{colour}"/>"#);
        let _ = writeln!(out, r#"<polyline points="{dashes}" fill="none" stroke="{colour}" stroke-dasharray="4 4"/>"#);
        for case in shown.iter().filter(|case| case.oracles == oracles && case.fraction <= RANGE) {
            let _ = writeln!(
                out,
                r#"<circle cx="{:.1}" cy="{:.1}" r="3.5" fill="{colour}"/>"#,
                x(case.fraction),
                y(case.simulated)
            );
        }
        let _ = writeln!(
            out,
            r#"<text x="{:.1}" y="{:.1}" fill="{colour}" text-anchor="end">m = {oracles}</text>"#,
            x(RANGE),
            y(0.05) - f64::from(place) * 16.0
        );
    }
    out.push_str("</svg>\n");
    out
}
