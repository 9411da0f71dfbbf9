//! QR codes as drawings (SVG) and images (PNG), with the quiet zone around them.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use qrcode::{Color, QrCode};

/// The quiet zone that ISO/IEC 18004 asks for, in modules.
pub(super) const QUIET_MODULES: usize = 4;
/// The side of a module in an image, in pixels.
const MODULE_PIXELS: usize = 8;

/// A drawing of which each unit is a module: it is printed at any size without loss.
pub(super) fn svg_of(code: &QrCode) -> String {
    let side = code.width() + 2 * QUIET_MODULES;
    let mut path = String::new();
    for y in 0..code.width() {
        let mut x = 0;
        while x < code.width() {
            let run = (x..code.width()).take_while(|x| code[(*x, y)] == Color::Dark).count();
            if run > 0 {
                path += &format!("M{} {}h{run}v1h-{run}z", x + QUIET_MODULES, y + QUIET_MODULES);
            }
            x += run.max(1);
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\"/></svg>\n"
    )
}

/// A PNG (ISO/IEC 15948) with one bit a pixel, black on white.
pub(super) fn png_of(code: &QrCode) -> io::Result<Vec<u8>> {
    let side = (code.width() + 2 * QUIET_MODULES) * MODULE_PIXELS;
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::best());
    for y in 0..side {
        // Filter type 0 before each row.
        let mut row = vec![0_u8; 1 + side.div_ceil(8)];
        for x in (0..side).filter(|x| is_light(code, *x, y)) {
            row[1 + x / 8] |= 0x80 >> (x % 8);
        }
        rows.write_all(&row)?;
    }
    let side = u32::try_from(side).map_err(io::Error::other)?.to_be_bytes();
    // One bit of grey; deflate, adaptive filters, not interlaced.
    let header = [&side[..], &side, &[1, 0, 0, 0, 0]].concat();
    let mut image = b"\x89PNG\r\n\x1a\n".to_vec();
    put_chunk(&mut image, *b"IHDR", &header);
    put_chunk(&mut image, *b"IDAT", &rows.finish()?);
    put_chunk(&mut image, *b"IEND", &[]);
    Ok(image)
}

fn is_light(code: &QrCode, x: usize, y: usize) -> bool {
    let module = |pixel: usize| (pixel / MODULE_PIXELS).checked_sub(QUIET_MODULES);
    match (module(x), module(y)) {
        (Some(x), Some(y)) if x < code.width() && y < code.width() => code[(x, y)] == Color::Light,
        _ => true,
    }
}

fn put_chunk(image: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    image.extend_from_slice(&(data.len() as u32).to_be_bytes());
    let start = image.len();
    image.extend_from_slice(&name);
    image.extend_from_slice(data);
    let mut crc = flate2::Crc::new();
    crc.update(&image[start..]);
    image.extend_from_slice(&crc.sum().to_be_bytes());
}
