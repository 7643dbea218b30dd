//! The page as SVG.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use super::draw::{Font, HEIGHT, Page, Shape, WIDTH};

/// Room for the largest page, in bytes, so that no copy is left behind by growing.
const ROOM: usize = 256 << 10;

pub(super) fn write(page: &Page) -> Zeroizing<String> {
    let mut svg = Zeroizing::new(String::with_capacity(ROOM));
    // Writing to a string cannot fail.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}pt\" height=\"{HEIGHT}pt\" viewBox=\"0 0 {WIDTH} {HEIGHT}\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        escaped(&page.title)
    );
    for shape in &page.shapes {
        let _ = match shape {
            Shape::Text { x, y, size, font, text } => writeln!(
                svg,
                "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" xml:space=\"preserve\" {}>{}</text>",
                style(*font),
                escaped(text)
            ),
            // Squares that touch must not show a line between them.
            Shape::Filled { x, y, width, height } => {
                writeln!(svg, "<path shape-rendering=\"crispEdges\" d=\"M{x} {y}h{width}v{height}h-{width}z\"/>")
            }
            Shape::Framed { x, y, width, height, line } => writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"none\" stroke=\"#000\" stroke-width=\"{line}\"/>"
            ),
        };
    }
    svg.push_str("</svg>\n");
    svg
}

fn style(font: Font) -> &'static str {
    match font {
        Font::Plain => "font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\"",
        Font::Bold => "font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\" font-weight=\"bold\"",
        Font::Fixed => "font-family=\"Courier, 'Courier New', 'Liberation Mono', monospace\"",
        Font::FixedBold => "font-family=\"Courier, 'Courier New', 'Liberation Mono', monospace\" font-weight=\"bold\"",
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
