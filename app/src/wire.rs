//! Where everything comes together: the roles and what they are made of. [`place`](crate::place) opens queue and store.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use anyhow::Context as _;
use jiff::tz::TimeZone;
use pregon_api::{Api, ApiArgs};
use pregon_asterisk::ami::{AmiArgs, Feed};
use pregon_asterisk::{Asterisk, AsteriskArgs, Simulator, Spool, TrunkArgs};
use pregon_core::{ApiKeys, Desk, EngineBook, Radio, Switchboard, Trunks};
use pregon_dashboard::{Dashboard, Gates, Language, Voices};
use pregon_speech::{LexiconFolder, SpeechArgs, Studio};
use pregon_worker::{
    Announcer, Callbacks, Crew, Outlets, PaceArgs, Shop, Sweeper, Turns, Worker, WorkerArgs, track,
};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::cli::{ApiRole, Common, DashboardRole, MixerRole, Serve, SimRole, WorkerRole};
use crate::lifecycle::Roles;
use crate::place::{Opened, connect};
use crate::station::{self, House};

/// The settings do not fit together: the exit code tells it from things that went wrong.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Misconfigured(pub(crate) String);

/// Starts every role in this process.
pub(crate) async fn serve(args: &Serve, roles: &mut Roles) -> anyhow::Result<()> {
    known_station(args)?;
    let switchboard = switchboard(&args.ami, roles)?;
    let (wanted, count) = watch::channel(usize::from(args.workers));
    let keys = &args.api.api_keys;
    let doors = (
        listen(args.api.api_addr, keys, "API_ADDR").await?,
        listen(args.dashboard.dashboard_addr, keys, "DASHBOARD_ADDR").await?,
    );
    let opened = connect(&args.common).await?;
    let studio = studio(&args.speech, &args.common, &opened.book).await?;
    let radio = if args.radio { Some(start_station(args, &opened, &studio, roles).await?) } else { None };
    let Opened { desk, air, book } = opened;
    let trunks = args.asterisk.ways.known();
    let stop = roles.stop().soft;
    let api = api(&args.api, &desk, &studio, trunks, switchboard.clone(), Some(wanted.clone()), stop)?;
    start_api(doors.0, api, roles);
    let spool_dir = args.asterisk.spool_dir(&args.common.data_dir);
    let audio_dir = studio.audio_dir().to_owned();
    let gates = gates(&args.asterisk.ways, &args.worker.pace);
    let pages = pages(&args.api, &desk, audio_dir, &spool_dir, gates)?;
    let voices = Some(voices(&studio));
    let pages = Dashboard { switchboard, workers: Some(wanted), radio, voices, ..pages };
    start_dashboard(doors.1, pages, roles);
    let opened = Opened { desk, air, book };
    let (floor, rescued) = start_floor(&args.common, &args.worker, &args.asterisk, opened, studio, roles)?;
    let crew =
        Crew { shop: floor, name: worker_name(&args.worker), slots: args.worker.worker_concurrency, rescued };
    let stop = roles.stop();
    roles.start("crew", async move {
        crew.run(count, stop).await;
        Ok(())
    });
    Ok(())
}

/// Starts the API alone.
pub(crate) async fn api_role(args: &ApiRole, roles: &mut Roles) -> anyhow::Result<()> {
    let switchboard = switchboard(&args.ami, roles)?;
    let door = listen(args.api.api_addr, &args.api.api_keys, "API_ADDR").await?;
    let opened = connect(&args.common).await?;
    let studio = studio(&args.speech, &args.common, &opened.book).await?;
    let stop = roles.stop().soft;
    tend(&studio, roles);
    let api = api(&args.api, &opened.desk, &studio, args.trunks.known(), switchboard, None, stop)?;
    start_api(door, api, roles);
    Ok(())
}

/// Starts one worker, with the sweeper and the tracker that belong to every worker process.
pub(crate) async fn worker_role(args: &WorkerRole, roles: &mut Roles) -> anyhow::Result<()> {
    let opened = connect(&args.common).await?;
    let studio = studio(&args.speech, &args.common, &opened.book).await?;
    let (floor, rescued) = start_floor(&args.common, &args.worker, &args.asterisk, opened, studio, roles)?;
    let worker = Worker::new(floor, worker_name(&args.worker), args.worker.worker_concurrency, rescued);
    let stop = roles.stop();
    roles.start("worker", async move {
        worker.run(stop).await;
        Ok(())
    });
    Ok(())
}

/// Starts the dashboard alone.
pub(crate) async fn dashboard_role(args: &DashboardRole, roles: &mut Roles) -> anyhow::Result<()> {
    let switchboard = switchboard(&args.ami, roles)?;
    let door = listen(args.dashboard.dashboard_addr, &args.api.api_keys, "DASHBOARD_ADDR").await?;
    let desk = connect(&args.common).await?.desk;
    let audio_dir = args.speech.audio_dir(&args.common.data_dir);
    let spool_dir = args.asterisk.spool_dir(&args.common.data_dir);
    let gates = gates(&args.asterisk.ways, &args.pace);
    let pages = pages(&args.api, &desk, audio_dir, &spool_dir, gates)?;
    start_dashboard(door, Dashboard { switchboard, ..pages }, roles);
    Ok(())
}

/// Starts a radio station alone.
pub(crate) async fn mixer_role(args: &MixerRole, roles: &mut Roles) -> anyhow::Result<()> {
    let Opened { desk, air, .. } = connect(&args.common).await?;
    let audio_dir = std::path::absolute(args.speech.audio_dir(&args.common.data_dir))?;
    let house = House {
        desk,
        queue: air,
        callbacks: Callbacks::new(callback_client()?),
        keys: &args.api_keys,
        data_dir: args.common.data_dir.clone(),
        audio_dir,
    };
    station::start(&args.mixer, house, roles).await.map(drop)
}

async fn start_station(
    args: &Serve,
    opened: &Opened,
    studio: &Studio,
    roles: &mut Roles,
) -> anyhow::Result<Arc<dyn Radio>> {
    let house = House {
        desk: opened.desk.clone(),
        queue: Arc::clone(&opened.air),
        callbacks: Callbacks::new(callback_client()?),
        keys: &args.api.api_keys,
        data_dir: args.common.data_dir.clone(),
        audio_dir: studio.audio_dir().to_owned(),
    };
    station::start(&args.mixer, house, roles).await
}

/// Announcements for a station that nobody runs would wait for ever.
fn known_station(args: &Serve) -> Result<(), Misconfigured> {
    let own = &args.mixer.station;
    if !args.radio || args.api.stations.contains(own) {
        return Ok(());
    }
    Err(Misconfigured(format!(
        "STATION={own} is not among STATIONS, so no announcement could name it: add it there"
    )))
}

/// Starts the simulator alone.
pub(crate) fn sim_role(args: &SimRole, roles: &mut Roles) -> anyhow::Result<()> {
    start_simulator(&args.asterisk, &args.asterisk.spool_dir(&args.common.data_dir), roles)
}

/// Follows calls as they go on, where that is configured. One for all roles of the process.
fn switchboard(args: &AmiArgs, roles: &Roles) -> Result<Option<Arc<dyn Switchboard>>, Misconfigured> {
    let url = args.url().map_err(|error| Misconfigured(error.to_string()))?;
    Ok(url.map(|url| Arc::new(Feed::start(url, roles.stop().soft)) as _))
}

async fn studio(
    args: &SpeechArgs,
    common: &Common,
    book: &Arc<dyn EngineBook>,
) -> anyhow::Result<Arc<Studio>> {
    Ok(Arc::new(Studio::open(args, &common.data_dir, Some(Arc::clone(book))).await?))
}

/// Looks after the cache of spoken audio.
fn tend(studio: &Arc<Studio>, roles: &mut Roles) {
    let (studio, stop) = (Arc::clone(studio), roles.stop().soft);
    roles.start("cache", async move {
        studio.tend(stop.cancelled()).await;
        Ok(())
    });
}

async fn listen(addr: SocketAddr, keys: &ApiKeys, variable: &str) -> anyhow::Result<TcpListener> {
    keys.guard(addr, variable).map_err(Misconfigured)?;
    TcpListener::bind(addr)
        .await
        .with_context(|| format!("{variable}={addr} cannot be listened on; is Pregon running already?"))
}

fn api(
    args: &ApiArgs,
    desk: &Desk,
    studio: &Arc<Studio>,
    trunks: Trunks,
    switchboard: Option<Arc<dyn Switchboard>>,
    workers: Option<watch::Sender<usize>>,
    stop: CancellationToken,
) -> anyhow::Result<Api> {
    let repertoire = studio.repertoire();
    repertoire
        .check(&args.default_language, None, None)
        .map_err(|why| Misconfigured(format!("DEFAULT_LANGUAGE={} {why}", args.default_language)))?;
    Ok(Api {
        desk: telling(desk)?,
        keys: args.api_keys.clone(),
        repertoire,
        trunks,
        stations: args.stations.clone(),
        engines: Arc::clone(studio) as _,
        shelf: Arc::clone(studio) as _,
        lexicons: Arc::new(LexiconFolder::within(studio.audio_dir())),
        booth: Arc::clone(studio) as _,
        cache: Arc::clone(studio) as _,
        reciter: Arc::clone(studio) as _,
        region: args.default_region,
        language: args.default_language.clone(),
        audio_dir: studio.audio_dir().to_owned(),
        switchboard,
        workers,
        rate_limit: args.api_rate_limit,
        pacing: args.pacing(),
        stop,
    })
}

/// The desk of people: who asked to be told when a job ends is told of what they end, too.
fn telling(desk: &Desk) -> anyhow::Result<Desk> {
    let callbacks = Callbacks::new(callback_client()?);
    Ok(desk.clone().telling(Arc::new(move |job| callbacks.tell(job))))
}

fn start_api(door: TcpListener, api: Api, roles: &mut Roles) {
    tracing::info!("API on http://{}", shown(&door));
    let stop = roles.stop().soft;
    roles.start("api", async move { Ok(pregon_api::serve(door, pregon_api::router(api), stop).await?) });
}

/// What workers with these settings keep to.
fn gates(ways: &TrunkArgs, pace: &PaceArgs) -> Gates {
    let Trunks { known, open } = ways.known();
    Gates { trunks: known.into_iter().zip(ways.limits()).collect(), open, overall: pace.limits() }
}

fn pages(
    args: &ApiArgs,
    desk: &Desk,
    audio_dir: PathBuf,
    spool_dir: &Path,
    gates: Gates,
) -> anyhow::Result<Dashboard> {
    Ok(Dashboard {
        desk: telling(desk)?,
        keys: args.api_keys.clone(),
        audio_dir: std::path::absolute(audio_dir)?,
        spool_ledger: Some(spool_dir.join("ledger")),
        gates,
        switchboard: None,
        workers: None,
        radio: None,
        voices: None,
        language: args.default_language.parse().unwrap_or(Language::Es),
        zone: TimeZone::system(),
        api_url: format!("http://{}", args.api_addr),
    })
}

fn voices(studio: &Arc<Studio>) -> Voices {
    Voices {
        booth: Arc::clone(studio) as _,
        repertoire: studio.repertoire(),
        engines: Arc::clone(studio) as _,
        cache: Arc::clone(studio) as _,
    }
}

fn start_dashboard(door: TcpListener, pages: Dashboard, roles: &mut Roles) {
    tracing::info!("dashboard on http://{}", shown(&door));
    let stop = roles.stop().soft;
    roles.start("dashboard", async move { Ok(pages.serve(door, stop).await?) });
}

fn shown(door: &TcpListener) -> String {
    door.local_addr().map_or_else(|_| "?".to_owned(), |addr| addr.to_string())
}

/// What a worker process has beside its workers: sweeper, tracker, and either the simulator or, in front of a real
/// Asterisk, the withdrawal of taken call files.
fn start_floor(
    common: &Common,
    worker: &WorkerArgs,
    asterisk: &AsteriskArgs,
    opened: Opened,
    studio: Arc<Studio>,
    roles: &mut Roles,
) -> anyhow::Result<(Shop, Arc<AtomicU64>)> {
    let spool_dir = asterisk.spool_dir(&common.data_dir);
    let spool = Spool::open_with(&spool_dir, asterisk.results_dir(&common.data_dir).as_deref())
        .with_context(|| format!("the spool {} cannot be used (ASTERISK_SPOOL_DIR)", spool_dir.display()))?;
    let dispatcher = Asterisk::new(spool.clone(), asterisk, studio.audio_dir()).context("AUDIO_DIR")?;
    let dispatcher = Outlets { calls: Arc::new(dispatcher), air: Announcer::new(opened.air) };
    tend(&studio, roles);
    let floor = Shop {
        desk: opened.desk,
        studio,
        dispatcher: Arc::new(dispatcher),
        redial: worker.retries.redial(),
        turns: Turns::new(worker.pace.limits()),
        callbacks: Callbacks::new(callback_client()?),
    };
    let rescued = Arc::new(AtomicU64::new(0));
    let stop = roles.stop();
    let news = pregon_asterisk::watch(&spool, stop.soft.clone());
    let (own, halt) = (floor.clone(), stop.clone());
    roles.start("tracker", async move {
        track(own, news, halt).await;
        Ok(())
    });
    let sweeper = Sweeper::new(floor.clone(), worker.job_retention, Arc::clone(&rescued));
    let halt = stop.clone();
    roles.start("sweeper", async move {
        sweeper.run(halt).await;
        Ok(())
    });
    if asterisk.simulates(&common.data_dir) {
        start_simulator(asterisk, &spool_dir, roles)?;
    } else {
        roles.start("withdrawal", async move { Ok(pregon_asterisk::withdraw(&spool, stop.soft).await?) });
    }
    Ok((floor, rescued))
}

fn start_simulator(asterisk: &AsteriskArgs, spool_dir: &Path, roles: &mut Roles) -> anyhow::Result<()> {
    tracing::warn!("the simulator plays Asterisk on {}: no telephone rings", spool_dir.display());
    let simulator = Simulator::new(spool_dir, asterisk.simulation())?;
    let stop = roles.stop().soft;
    roles.start("simulator", async move { Ok(simulator.run(stop).await?) });
    Ok(())
}

/// The client that tells of ended jobs: bounded in time, and never redirected to somewhere else.
fn callback_client() -> anyhow::Result<reqwest::Client> {
    drop(rustls::crypto::ring::default_provider().install_default());
    Ok(reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(3))
        .timeout(Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("pregon/", env!("CARGO_PKG_VERSION")))
        .build()?)
}

fn worker_name(args: &WorkerArgs) -> String {
    args.worker_id.clone().unwrap_or_else(|| {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        format!("{host}-{}", std::process::id())
    })
}
