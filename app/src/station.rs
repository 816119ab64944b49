//! Wiring of a radio station: air, music, streams, control, and the jobs that it announces.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use pregon_core::{AirQueue, ApiKeys, Desk, Radio};
use pregon_mixer::control::{Controls, Doors};
use pregon_mixer::jobs::{Airings, Desks};
use pregon_mixer::out::{Outputs, listen, serve};
use pregon_mixer::programme::Library;
use pregon_mixer::{OnAir, Plan, Settings, Window, control};
use pregon_worker::Callbacks;
use tokio_util::sync::CancellationToken;

use crate::lifecycle::Roles;
use crate::wire::Misconfigured;

/// What a station shares with the rest of the process.
pub(crate) struct House<'a> {
    /// Where jobs and their outcomes are kept.
    pub(crate) desk: Desk,
    /// Where announcements come from.
    pub(crate) queue: Arc<dyn AirQueue>,
    /// Who is told of ended jobs.
    pub(crate) callbacks: Callbacks,
    /// Who may control the station.
    pub(crate) keys: &'a ApiKeys,
    /// Where its journal, its log and its socket lie.
    pub(crate) data_dir: PathBuf,
    /// Where the clips lie.
    pub(crate) audio_dir: PathBuf,
}

/// Starts a station. It plays when this returns.
pub(crate) async fn start(
    settings: &Settings,
    house: House<'_>,
    roles: &mut Roles,
) -> anyhow::Result<Arc<dyn Radio>> {
    let addr = settings.out.mixer_addr;
    house.keys.guard(addr, "MIXER_ADDR").map_err(Misconfigured)?;
    let door = listen(addr).with_context(|| {
        format!("MIXER_ADDR={addr} cannot be listened on; is Pregon running already? RADIO=false starts no station")
    })?;
    tokio::fs::create_dir_all(&house.data_dir).await.context("the data folder cannot be made")?;
    let doors = Doors::open(&settings.control, &house.data_dir).await?;
    let library = Library::open(&settings.programme, &house.data_dir).context("MUSIC_DIR")?;
    let on_air =
        OnAir::start(plan(settings, &library), library.playlist()).context("the station cannot start")?;
    let (station, stop) = (on_air.station.clone(), roles.stop().soft);
    let (taps, rest) = on_air.into_parts();
    let outputs = Outputs::start(&settings.out, &station, taps, Some(&house.data_dir), &stop)?;
    let address = format!("http://{}/", door.local_addr().unwrap_or(addr));
    let window = Window {
        name: settings.station.clone(),
        station: station.clone(),
        outputs: outputs.clone(),
        library: library.clone(),
        address: address.clone(),
    };
    let airings = airings(settings, &house, &window, &stop)?;
    tracing::info!(station = settings.station.as_str(), "station {} on {address}", settings.station);

    let router = outputs.router().merge(control::router(controls(&window, house.keys)));
    let halt = stop.clone();
    roles.start("streams", async move { Ok(serve(door, router, halt).await?) });
    let halt = stop.clone();
    roles.start("station control", async move {
        doors.serve(station, halt).await;
        Ok(())
    });
    roles.start("airings", async move {
        airings.run().await;
        Ok(())
    });
    roles.start("station", async move {
        stop.cancelled().await;
        // Its threads are waited for off the runtime's own.
        tokio::task::spawn_blocking(move || rest.stop()).await?;
        outputs.ended().await;
        Ok(())
    });
    Ok(Arc::new(window))
}

fn plan(settings: &Settings, library: &Library) -> Plan {
    Plan {
        name: settings.station.as_str().into(),
        crossfade: library.crossfade(),
        duck_db: settings.duck_db,
        chime: settings.chime_file.clone(),
        taps: settings.out.streams().len(),
    }
}

fn airings(
    settings: &Settings,
    house: &House<'_>,
    window: &Window,
    stop: &CancellationToken,
) -> anyhow::Result<Airings> {
    let callbacks = house.callbacks.clone();
    let desks = Desks {
        desk: house.desk.clone(),
        queue: Arc::clone(&house.queue),
        audio_dir: house.audio_dir.clone(),
        lufs: settings.programme.radio_lufs,
        on_end: Arc::new(move |job| callbacks.tell(job)),
    };
    let name = settings.station.clone();
    Airings::open(window.station.clone(), name, window.outputs.clone(), desks, &house.data_dir, stop)
        .with_context(|| format!("the journal in {} cannot be used", house.data_dir.display()))
}

fn controls(window: &Window, keys: &ApiKeys) -> Controls {
    let outputs = window.outputs.clone();
    let listening = move || {
        outputs.streams().iter().map(|stream| (stream.path.clone(), stream.hub.listening())).collect()
    };
    Controls {
        station: window.station.clone(),
        library: window.library.clone(),
        keys: keys.clone(),
        listening: Arc::new(listening),
    }
}
