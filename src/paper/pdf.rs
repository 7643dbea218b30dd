//! The page as PDF. Nothing in it is compressed, so that what looks for secret keys finds the words (SEC-14).

use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};
use zeroize::Zeroizing;

use super::draw::{Font, HEIGHT, Page, Shape, WIDTH};

const FONTS: [(Font, &[u8], &[u8]); 4] = [
    (Font::Plain, b"F1", b"Helvetica"),
    (Font::Bold, b"F2", b"Helvetica-Bold"),
    (Font::Fixed, b"F3", b"Courier"),
    (Font::FixedBold, b"F4", b"Courier-Bold"),
];

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const CONTENT: Ref = Ref::new(4);
const INFO: Ref = Ref::new(5);
/// The first of as many as there are fonts.
const FIRST_FONT: i32 = 6;

pub(super) fn write(page: &Page) -> Zeroizing<Vec<u8>> {
    let mut pdf = Pdf::new();
    pdf.catalog(CATALOG).pages(PAGES).lang(TextStr("en"));
    pdf.pages(PAGES).kids([PAGE]).count(1);
    pdf.document_info(INFO).title(TextStr(&page.title));
    let mut sheet = pdf.page(PAGE);
    sheet.media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).parent(PAGES).contents(CONTENT);
    let mut resources = sheet.resources();
    let mut fonts = resources.fonts();
    for ((_, name, _), number) in FONTS.iter().zip(FIRST_FONT..) {
        fonts.pair(Name(name), Ref::new(number));
    }
    fonts.finish();
    resources.finish();
    sheet.finish();
    for ((_, _, base), number) in FONTS.iter().zip(FIRST_FONT..) {
        pdf.type1_font(Ref::new(number)).base_font(Name(base)).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    let content = content(page);
    pdf.stream(CONTENT, &content);
    Zeroizing::new(pdf.finish())
}

fn content(page: &Page) -> Zeroizing<Vec<u8>> {
    let mut content = Content::new();
    for shape in &page.shapes {
        match shape {
            Shape::Text { x, y, size, font, text } => {
                content.begin_text().set_font(name(*font), *size);
                content.next_line(*x, HEIGHT - y).show(Str(text.as_bytes())).end_text();
            }
            Shape::Filled { x, y, width, height } => {
                content.rect(*x, HEIGHT - y - height, *width, *height).fill_nonzero();
            }
            Shape::Framed { x, y, width, height, line } => {
                content.set_line_width(*line).rect(*x, HEIGHT - y - height, *width, *height).stroke();
            }
        }
    }
    Zeroizing::new(content.finish().into_vec())
}

fn name(font: Font) -> Name<'static> {
    FONTS.iter().find(|(known, _, _)| *known == font).map_or(Name(b"F1"), |(_, name, _)| Name(name))
}
