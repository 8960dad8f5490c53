//! The plots of `docs/performance.md`, as SVG.

use std::fmt::Write;
use std::path::Path;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 64.0;
/// Room for the longest name.
const RIGHT: f64 = 220.0;
/// The start of the title, to the right of the unit in the corner.
const TITLE: f64 = 88.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 52.0;
/// Colours that colour-blind readers can distinguish too.
const COLOURS: [&str; 6] = ["#d55e00", "#0072b2", "#999999", "#009e73", "#cc79a7", "#e69f00"];
/// The distance between two names whose lines end at the same height.
const LINE: f64 = 16.0;

/// A plot with logarithmic axes.
#[derive(Debug)]
pub struct Plot {
    /// The measured quantity.
    pub title: &'static str,
    /// The quantity on the x axis.
    pub x: &'static str,
    /// The unit of the y axis.
    pub y: &'static str,
    /// At most as many as there are colours.
    pub series: Vec<Series>,
}

/// One line of a plot.
#[derive(Debug)]
pub struct Series {
    /// The label of the line.
    pub name: String,
    /// Its points, from left to right: at least one, and all values above zero, since the axes are logarithmic.
    pub points: Vec<(f64, f64)>,
}

impl Series {
    /// Returns a line of these points.
    pub fn new(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), points }
    }
}

/// One axis: from a decade to a decade.
struct Axis {
    from: i32,
    to: i32,
    start: f64,
    length: f64,
}

impl Axis {
    #[expect(clippy::cast_possible_truncation, reason = "a handful of decades")]
    fn new(values: impl Iterator<Item = f64> + Clone, start: f64, length: f64) -> Self {
        let from = values.clone().fold(f64::INFINITY, f64::min).log10().floor() as i32;
        // A value slightly over a decade does not need the next one.
        let to = (values.fold(0.0, f64::max) / 1.05).log10().ceil() as i32;
        Self { from, to: to.max(from + 1), start, length }
    }

    fn at(&self, value: f64) -> f64 {
        self.start + (value.log10() - f64::from(self.from)) / f64::from(self.to - self.from) * self.length
    }

    fn decades(&self) -> impl Iterator<Item = f64> + use<> {
        (self.from..=self.to).map(|decade| 10_f64.powi(decade))
    }
}

impl Plot {
    /// Writes the plot to a directory.
    ///
    /// # Panics
    /// Panics if the file can't be written.
    pub fn write(&self, directory: &Path, name: &str) {
        let path = directory.join(name);
        std::fs::write(&path, self.svg()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        println!("{} written\n", path.display());
    }

    fn svg(&self) -> String {
        let all = || self.series.iter().flat_map(|series| series.points.iter().copied());
        let x = Axis::new(all().map(|point| point.0), LEFT, WIDTH - LEFT - RIGHT);
        let y = Axis::new(all().map(|point| point.1), HEIGHT - BOTTOM, -(HEIGHT - TOP - BOTTOM));
        let mut svg = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">
<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>
<text x="{TITLE}" y="24" font-size="16" fill="#222222">{}</text>
<text x="{:.0}" y="{:.0}" text-anchor="middle" fill="#444444">{}</text>
<text x="12" y="{:.0}" fill="#444444">{}</text>
"##,
            self.title,
            f64::midpoint(LEFT, WIDTH - RIGHT),
            HEIGHT - 12.0,
            self.x,
            TOP - 14.0,
            self.y,
        );
        for value in x.decades() {
            let at = x.at(value);
            line(&mut svg, (at, TOP), (at, HEIGHT - BOTTOM));
            text(&mut svg, at, HEIGHT - BOTTOM + 18.0, "middle", "#444444", &number(value));
        }
        for value in y.decades() {
            let at = y.at(value);
            line(&mut svg, (LEFT, at), (WIDTH - RIGHT, at));
            text(&mut svg, LEFT - 8.0, at + 4.0, "end", "#444444", &number(value));
        }
        assert!(self.series.len() <= COLOURS.len(), "a colour for each");
        let mut ends = Vec::new();
        for (series, colour) in self.series.iter().zip(COLOURS) {
            let points: Vec<_> = series.points.iter().map(|(px, py)| (x.at(*px), y.at(*py))).collect();
            let path: Vec<_> = points.iter().map(|(px, py)| format!("{px:.1},{py:.1}")).collect();
            writeln!(svg, r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="2"/>"#, path.join(" "))
                .expect("a string takes all");
            for (px, py) in &points {
                writeln!(svg, r#"<circle cx="{px:.1}" cy="{py:.1}" r="3" fill="{colour}"/>"#)
                    .expect("a string takes all");
            }
            let (px, py) = points.last().copied().expect("a series has points");
            ends.push((px, py, colour, &series.name));
        }
        ends.sort_by(|one, other| one.1.total_cmp(&other.1));
        let mut above = f64::NEG_INFINITY;
        for (px, py, colour, name) in ends {
            above = py.max(above + LINE);
            text(&mut svg, px + 8.0, above + 4.0, "start", colour, name);
        }
        svg.push_str("</svg>\n");
        svg
    }
}

fn line(svg: &mut String, from: (f64, f64), to: (f64, f64)) {
    let ((x1, y1), (x2, y2)) = (from, to);
    writeln!(svg, r##"<line x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" stroke="#dddddd"/>"##)
        .expect("a string takes all");
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, colour: &str, text: &str) {
    writeln!(svg, r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" fill="{colour}">{text}</text>"#)
        .expect("a string takes all");
}

fn number(value: f64) -> String {
    if value >= 1e6 {
        format!("{} M", value / 1e6)
    } else if value >= 1e3 {
        format!("{} k", value / 1e3)
    } else {
        format!("{value}")
    }
}
