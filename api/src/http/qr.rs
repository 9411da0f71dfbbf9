//! QR codes that lead to an object, as a drawing and as an image.

use std::io::{self, Write};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chancery_registries::Kind;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use qrcode::{Color, EcLevel, QrCode};

use super::access::Reader;
use super::api::Api;
use super::input::{Nothing, Query};
use super::objects::Target;
use super::problem::{self, Problem};
use super::reply;

/// The quiet zone that ISO/IEC 18004 asks for, in modules.
const QUIET_MODULES: usize = 4;
/// The side of a module in the image, in pixels.
const MODULE_PIXELS: usize = 8;

/// `GET …/{id}/qr.svg`
pub(super) async fn svg(
    kind: &'static Kind,
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let code = code_of(kind, &api, &http, &reader)?;
    let drawing = code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(256, 256).build();
    Ok(answer("image/svg+xml", drawing.into_bytes()))
}

/// `GET …/{id}/qr.png`
pub(super) async fn png(
    kind: &'static Kind,
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let code = code_of(kind, &api, &http, &reader)?;
    let image = png_of(&code).map_err(|error| problem::internal(&error))?;
    Ok(answer("image/png", image))
}

/// The code of an object that is there now.
fn code_of(
    kind: &'static Kind,
    api: &Api,
    http: &HttpRequest,
    reader: &Reader,
) -> Result<QrCode, Problem> {
    let view = api.node.view();
    let height = view.tip().header.height;
    let target = Target::of(kind, http, reader, view, height)?;
    target.bytes(view, height)?;
    let address = format!("{}{}", api.public_url, target.path());
    QrCode::with_error_correction_level(address, EcLevel::M)
        .map_err(|error| problem::internal(&error))
}

/// An object is never removed, so neither is its code; the server's address may change.
fn answer(content_type: &'static str, body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header(reply::for_a_minute())
        .body(body)
}

/// A PNG (ISO/IEC 15948) with one bit a pixel, black on white.
fn png_of(code: &QrCode) -> io::Result<Vec<u8>> {
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
