//! Charts as SVG, which a page can hold without any script.

use std::fmt::Write as _;

/// Width and height of a chart in its own units.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 220.0;
/// Room for the labels at the left and below.
const LEFT: f64 = 58.0;
const BELOW: f64 = 26.0;
const ABOVE: f64 = 10.0;
/// A line with more points than this is thinned: more would not be seen.
const MAX_POINTS: usize = 600;

/// A line through points (x, y) in rising order of x.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// What the legend says.
    pub name: &'static str,
    /// The points; both numbers are finite.
    pub points: Vec<(f64, f64)>,
}

/// How the vertical axis runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    /// From the smallest to the largest value.
    Fitted,
    /// From 0 to the largest value.
    FromZero,
    /// From 0 to 1, shown as per cent.
    Share,
}

/// A chart of `lines` over steps; a sentence where there is nothing to draw.
#[must_use]
pub(super) fn lines(title: &str, lines: &[Line], axis: Axis) -> String {
    let thinned: Vec<Vec<(f64, f64)>> = lines.iter().map(|line| thin(&line.points)).collect();
    let all = || thinned.iter().flatten();
    let Some(x) = Range::of(all().map(|point| point.0)) else {
        return format!("<figure><figcaption>{title}</figcaption><p>Nothing was measured yet.</p></figure>\n");
    };
    let Some(mut y) = Range::of(all().map(|point| point.1)) else { return String::new() };
    match axis {
        Axis::Fitted => {}
        Axis::FromZero => y.low = y.low.min(0.0),
        Axis::Share => y = Range { low: 0.0, high: 1.0 },
    }
    let (x, y) = (x.widened(), y.widened());
    let place = |point: &(f64, f64)| {
        let right = LEFT + x.share(point.0) * (WIDTH - LEFT - 8.0);
        let down = ABOVE + (1.0 - y.share(point.1)) * (HEIGHT - ABOVE - BELOW);
        format!("{right:.1},{down:.1}")
    };
    let mut svg = format!("<figure><figcaption>{title}");
    if lines.len() > 1 {
        for (number, line) in lines.iter().enumerate() {
            let _ = write!(svg, " <span class=\"key line{number}\">{}</span>", line.name);
        }
    }
    let _ = writeln!(svg, "</figcaption>\n<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">");
    for quarter in 0..=4 {
        let share = f64::from(quarter) / 4.0;
        let down = ABOVE + (1.0 - share) * (HEIGHT - ABOVE - BELOW);
        let value = y.low + share * (y.high - y.low);
        let label = if axis == Axis::Share { format!("{:.0} %", value * 100.0) } else { short(value) };
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.0}\" y1=\"{down:.1}\" y2=\"{down:.1}\"/>\
             <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            WIDTH - 8.0,
            LEFT - 6.0,
            down + 4.0
        );
    }
    for (value, anchor, right) in [(x.low, "start", LEFT), (x.high, "end", WIDTH - 8.0)] {
        let _ = writeln!(
            svg,
            "<text x=\"{right:.0}\" y=\"{:.0}\" text-anchor=\"{anchor}\">step {}</text>",
            HEIGHT - 8.0,
            short(value)
        );
    }
    for (number, points) in thinned.iter().enumerate() {
        let path: Vec<String> = points.iter().map(place).collect();
        let _ = writeln!(svg, "<polyline class=\"line{number}\" points=\"{}\"/>", path.join(" "));
    }
    svg.push_str("</svg></figure>\n");
    svg
}

/// A square for each segment, with its class and what it says when pointed at.
#[must_use]
pub(super) fn squares(title: &str, segments: &[(&'static str, String)]) -> String {
    const SIDE: usize = 14;
    const IN_ROW: usize = 50;
    let rows = segments.len().div_ceil(IN_ROW).max(1);
    let mut svg = format!(
        "<svg class=\"map\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{title}\">\n",
        IN_ROW * SIDE,
        rows * SIDE
    );
    for (number, (class, note)) in segments.iter().enumerate() {
        let (column, row) = (number % IN_ROW * SIDE, number / IN_ROW * SIDE);
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{column}\" y=\"{row}\" width=\"{0}\" height=\"{0}\" rx=\"2\"><title>{1}</title></rect>",
            SIDE - 2,
            escape(note)
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// Text as it may stand in HTML.
#[must_use]
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// At most [`MAX_POINTS`] points: each the mean of its neighbours.
fn thin(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let group = points.len().div_ceil(MAX_POINTS).max(1);
    let mean = |group: &[(f64, f64)]| {
        let (x, y) = group.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
        (x / group.len() as f64, y / group.len() as f64)
    };
    points.chunks(group).map(mean).collect()
}

#[derive(Debug, Clone, Copy)]
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let values = values.filter(|value| value.is_finite());
        values.fold(None, |range: Option<Self>, value| {
            let Self { low, high } = range.unwrap_or(Self { low: value, high: value });
            Some(Self { low: low.min(value), high: high.max(value) })
        })
    }

    /// The same, but of some width, so that a single value has a place.
    fn widened(self) -> Self {
        if self.high > self.low { self } else { Self { low: self.low - 0.5, high: self.high + 0.5 } }
    }

    fn share(self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// A number with three or four digits.
fn short(value: f64) -> String {
    match value.abs() {
        large if large >= 1e6 => format!("{:.1} M", value / 1e6),
        large if large >= 1e4 => format!("{:.0} k", value / 1e3),
        middle if middle >= 100.0 || value == value.trunc() => format!("{value:.0}"),
        small if small >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_thinned_to_means_and_a_short_one_is_not() {
        let long: Vec<(f64, f64)> = (0..6_000).map(|step| (f64::from(step), f64::from(step % 10))).collect();
        let thinned = thin(&long);
        assert_eq!(thinned.len(), 600);
        assert!(thinned.iter().all(|point| point.1 == 4.5));
        assert_eq!(thin(&long[..600]), long[..600]);
    }

    #[test]
    fn one_point_and_none_can_be_drawn() {
        let line = |points: &[(f64, f64)]| Line { name: "loss", points: points.to_vec() };
        let one = lines("loss", &[line(&[(1.0, 2.0)])], Axis::Fitted);
        assert!(one.contains("<polyline class=\"line0\" points=\"385.0,102.0\"/>"), "{one}");
        assert!(lines("loss", &[line(&[])], Axis::Fitted).contains("Nothing was measured yet"));
    }

    #[test]
    fn text_from_outside_cannot_become_markup() {
        let map = squares("map", &[("equal", "<script>\"'&".to_owned())]);
        assert!(map.contains("<title>&lt;script&gt;&quot;&#39;&amp;</title>"), "{map}");
    }
}
