//! The dashboard: pages made on the server, complete without script, kept up to date by server-sent events with it.
//!
//! It reads the store and the queue through [`Desk`], never touches audio beyond handing out files, and keeps nothing
//! of its own. Every page is a struct and a handler in `pages/` with its template beside it in `templates/`; all it
//! says stands in `words/`.

mod assets;
mod audio;
mod chart;
mod csrf;
mod format;
mod gates;
mod health;
mod icon;
mod live;
mod pages;
mod people;
mod session;
mod visitor;
mod words;

use std::future::IntoFuture as _;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use pregon_core::{ApiKeys, Booth, Desk, EngineRoom, Radio, Repertoire, SoundCache, Switchboard};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use gates::Gates;
pub use words::{Language, NotALanguage};

/// Settings of the dashboard.
#[derive(Clone, Debug, clap::Args)]
pub struct DashboardArgs {
    /// Address of the dashboard. Beyond loopback it needs `API_KEYS`.
    #[arg(long, env = "DASHBOARD_ADDR", default_value = "127.0.0.1:8080")]
    pub dashboard_addr: SocketAddr,
}

/// What the pages show and act on.
#[derive(Clone)]
pub struct Dashboard {
    /// Jobs, and the ways to change them.
    pub desk: Desk,
    /// Who may sign in. Without keys everybody who reaches the address may do everything.
    pub keys: ApiKeys,
    /// Where clips lie, `<aa>/<hash>.wav`, each with an optional `<hash>.json` of its envelope.
    pub audio_dir: PathBuf,
    /// The ledger of the Asterisk spool, to show call files from; `None` where it is out of reach.
    pub spool_ledger: Option<PathBuf>,
    /// What the trunks may bear.
    pub gates: Gates,
    /// Follows calls as they go on, and hangs them up; `None` where that is not configured.
    pub switchboard: Option<Arc<dyn Switchboard>>,
    /// The stations of this process; `None` where there are none.
    pub radio: Option<Arc<dyn Radio>>,
    /// Who speaks; `None` where this process has no engines.
    pub voices: Option<Voices>,
    /// How many workers this process runs, where it can change that.
    pub workers: Option<watch::Sender<usize>>,
    /// Language of people whose browser asks for none that we have.
    pub language: Language,
    /// Zone of all times shown; normally [`TimeZone::system`].
    pub zone: TimeZone,
    /// Where the API answers, such as `http://127.0.0.1:5000`: named in the first steps.
    pub api_url: String,
}

/// The voices of a process.
#[derive(Clone)]
pub struct Voices {
    /// Speaks what people want to hear before they send it.
    pub booth: Arc<dyn Booth>,
    /// What the engines can say.
    pub repertoire: Repertoire,
    /// How they are doing.
    pub engines: Arc<dyn EngineRoom>,
    /// What was spoken and is kept.
    pub cache: Arc<dyn SoundCache>,
}

impl Dashboard {
    /// All routes. Live streams end when `stop` is cancelled; an open one would hold up the server for ever.
    pub fn router(self, stop: CancellationToken) -> Router {
        let house = House(Arc::new(Rooms {
            dashboard: self,
            stop,
            people: people::People::default(),
            door: pages::signin::Door::default(),
        }));
        let seen = Router::new()
            .route("/", get(pages::overview::show))
            .route("/dead/replay", post(pages::overview::replay_dead))
            .route("/workers", post(pages::overview::scale))
            .route("/jobs", get(pages::jobs::show))
            .route("/jobs/{id}", get(pages::job::show))
            .route("/jobs/{id}/audio", get(audio::serve))
            .route("/jobs/{id}/cancel", post(pages::job::acts::cancel))
            .route("/jobs/{id}/hangup", post(pages::job::acts::hang_up))
            .route("/jobs/{id}/decide", post(pages::job::acts::decide))
            .route("/jobs/{id}/again", post(pages::job::acts::again))
            .route("/jobs/{id}/number", post(pages::job::acts::show_number))
            .route("/previews/{id}", get(audio::preview))
            .route("/radio", get(pages::radio::choose))
            .route("/radio/{station}", get(pages::radio::show))
            .route("/radio/{station}/as-run.csv", get(pages::radio::log::download))
            .route("/radio/{station}/announce", post(pages::radio::acts::announce))
            .route("/radio/{station}/skip", post(pages::radio::acts::skip))
            .route("/radio/{station}/withdraw", post(pages::radio::acts::withdraw))
            .route("/speech", get(pages::speech::show).post(pages::speech::attempt))
            .route("/live", get(live::stream))
            .route("/signin", get(pages::signin::show).post(pages::signin::enter))
            .route("/signout", post(pages::signin::leave))
            .fallback(async || pages::Trouble::NotFound)
            .layer(from_fn_with_state(house.clone(), visitor::identify));
        let open = Router::new()
            .route("/static/{file}", get(assets::serve))
            .route("/health", get(health::check))
            .route("/health/live", get(health::live));
        open.merge(seen).layer(map_response(guard)).with_state(house)
    }

    /// Answers until `stop` is cancelled, then finishes what was asked before, for five seconds at most.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) -> std::io::Result<()> {
        let router = self.router(stop.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let patience = stop.clone();
        let server = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
        tokio::select! {
            result = server.into_future() => result,
            () = async { patience.cancelled().await; tokio::time::sleep(DRAIN).await } => Ok(()),
        }
    }
}

/// A browser that reads slowly must not keep the process from ending.
const DRAIN: Duration = Duration::from_secs(5);

/// What every handler shares.
#[derive(Clone)]
struct House(Arc<Rooms>);

struct Rooms {
    dashboard: Dashboard,
    stop: CancellationToken,
    people: people::People,
    door: pages::signin::Door,
}

impl Deref for House {
    type Target = Dashboard;
    fn deref(&self) -> &Dashboard {
        &self.0.dashboard
    }
}

impl House {
    fn locale(&self, language: Language) -> format::Locale {
        format::Locale { language, zone: self.zone.clone() }
    }
}

/// What a page may load. Where sound comes from is added at the end.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    media-src 'self'";

/// The policy of a page, which may play a station's stream.
fn policy(response: &Response) -> HeaderValue {
    let stream = response.extensions().get::<pages::radio::MediaFrom>();
    let with_stream = stream.and_then(|media| format!("{POLICY} {}", media.0).parse().ok());
    with_stream.unwrap_or(HeaderValue::from_static(POLICY))
}

async fn guard(mut response: Response) -> Response {
    let policy = policy(&response);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    // Numbers and texts stay out of caches; files that may be kept say so themselves.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
