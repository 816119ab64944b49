//! Style sheet, script, font and drawings, built into the program. Their addresses carry a hash of their content, so
//! browsers may keep them for good.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::session::hex;

struct Asset {
    name: &'static str,
    mime: &'static str,
    bytes: Vec<u8>,
    url: String,
}

/// The font's address stands in the style sheet as this.
const FONT_IN_CSS: &str = "fonts/archivo-var.woff2";

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let font = asset("archivo.woff2", "font/woff2", include_bytes!("../static/archivo-var.woff2").to_vec());
    let css = include_str!("../static/app.css").replace(FONT_IN_CSS, &font.url);
    vec![
        asset("app.css", "text/css; charset=utf-8", css.into_bytes()),
        asset("app.js", "text/javascript; charset=utf-8", include_bytes!("../static/app.js").to_vec()),
        asset("icons.svg", "image/svg+xml", include_bytes!("../static/icons.svg").to_vec()),
        asset("mark.svg", "image/svg+xml", include_bytes!("../static/mark.svg").to_vec()),
        font,
    ]
});

fn asset(name: &'static str, mime: &'static str, bytes: Vec<u8>) -> Asset {
    let hash = hex(Sha256::digest(&bytes).get(..6).unwrap_or_default());
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    Asset { name, mime, bytes, url: format!("/static/{stem}-{hash}.{ending}") }
}

/// The address of a built-in file.
pub(crate) fn url(name: &str) -> &'static str {
    ASSETS.iter().find(|a| a.name == name).map_or("/static/missing", |a| &a.url)
}

/// `GET /static/{file}`
pub(crate) async fn serve(Path(file): Path<String>) -> Response {
    let wanted = format!("/static/{file}");
    match ASSETS.iter().find(|a| a.url == wanted) {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.mime),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.bytes.as_slice(),
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_names_the_font_by_its_hash() {
        let css =
            ASSETS.iter().find(|a| a.name == "app.css").map(|a| String::from_utf8_lossy(&a.bytes)).unwrap();
        assert!(css.contains(&format!(r#"url("{}")"#, url("archivo.woff2"))), "font address not replaced");
        assert!(!css.contains(FONT_IN_CSS));
        assert_ne!(url("app.js"), "/static/missing");
    }
}
