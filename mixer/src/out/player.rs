//! The page with the player: what a listener without a player of their own opens.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::codec::Format;
use super::start::{Outputs, Stream};

/// Nothing from elsewhere, nothing inline.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; media-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

#[derive(Template)]
#[template(path = "player.html")]
struct Player<'a> {
    words: &'static Words,
    station: &'a str,
    title: Option<&'a str>,
    artist: Option<&'a str>,
    streams: &'a [Stream],
}

/// The phrases of a language.
struct Words {
    language: &'static str,
    radio: &'static str,
    on_air: &'static str,
    announcement: &'static str,
    nothing: &'static str,
    listen: &'static str,
    stop: &'static str,
    tuning: &'static str,
    playing: &'static str,
    lost: &'static str,
    volume: &'static str,
    quality: &'static str,
    elapsed: &'static str,
    elsewhere: &'static str,
}

static SPANISH: Words = Words {
    language: "es",
    radio: "Radio",
    on_air: "En el aire",
    announcement: "Anuncio",
    nothing: "La música vuelve enseguida",
    listen: "Escuchar",
    stop: "Parar",
    tuning: "Sintonizando…",
    playing: "Sonando en directo",
    lost: "Se perdió la señal; volviendo a sintonizar…",
    volume: "Volumen",
    quality: "Calidad",
    elapsed: "Avance del tema",
    elsewhere: "Para otro reproductor:",
};

static ENGLISH: Words = Words {
    language: "en",
    radio: "Radio",
    on_air: "On air",
    announcement: "Announcement",
    nothing: "The music will be right back",
    listen: "Listen",
    stop: "Stop",
    tuning: "Tuning in…",
    playing: "Playing live",
    lost: "The signal was lost; tuning in again…",
    volume: "Volume",
    quality: "Quality",
    elapsed: "Progress of the track",
    elsewhere: "For another player:",
};

impl Words {
    /// The first language of an `Accept-Language` header that the page speaks. Browsers list them by preference.
    fn for_reader(accepted: &str) -> &'static Self {
        let languages =
            accepted.split(',').map(|item| item.split([';', '-']).next().unwrap_or_default().trim());
        for language in languages {
            if language.eq_ignore_ascii_case("es") {
                return &SPANISH;
            }
            if language.eq_ignore_ascii_case("en") {
                return &ENGLISH;
            }
        }
        &SPANISH
    }
}

impl Stream {
    /// Below the page, so that it also works behind a proxy that puts the station in a folder.
    fn relative(&self) -> &str {
        self.path.trim_start_matches('/')
    }

    /// What listeners choose by: the bit rate, with the format where it is not the usual one.
    fn label(&self) -> String {
        match self.format {
            Format::Opus => self.kbits.to_string(),
            Format::Mp3 => format!("MP3 {}", self.kbits),
        }
    }
}

pub(super) fn page(outputs: &Outputs, languages: &str) -> Response {
    let board = outputs.billboard.read();
    let on_air = board.borrow().clone();
    let page = Player {
        words: Words::for_reader(languages),
        station: &outputs.station,
        title: on_air.title.as_deref(),
        artist: on_air.artist.as_deref(),
        streams: &outputs.streams,
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "Accept-Language"),
    ];
    match page.render() {
        Ok(html) => (headers, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the player page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

pub(super) async fn style() -> impl IntoResponse {
    asset("text/css; charset=utf-8", include_str!("player/player.css"))
}

pub(super) async fn script() -> impl IntoResponse {
    asset("text/javascript; charset=utf-8", include_str!("player/player.js"))
}

fn asset(kind: &'static str, body: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_gets_the_first_language_that_the_page_speaks() {
        for (accepted, language) in [
            ("en-GB,en;q=0.9,es;q=0.8", "en"),
            ("es-CO", "es"),
            ("de-DE, en;q=0.5", "en"),
            ("fr", "es"),
            ("", "es"),
            ("ES", "es"),
        ] {
            assert_eq!(Words::for_reader(accepted).language, language, "{accepted}");
        }
    }

    #[test]
    fn what_files_say_about_themselves_is_only_text() {
        for words in [&SPANISH, &ENGLISH] {
            let page = Player {
                words,
                station: "main",
                title: Some("<script>alert(1)</script>"),
                artist: Some("\" onload=\"x"),
                streams: &[],
            };
            let html = page.render().unwrap();
            assert!(!html.contains("<script>alert") && !html.contains("\" onload"), "{html}");
            assert!(html.contains(&format!("<html lang=\"{}\"", words.language)));
        }
    }
}
