//! What is said of announcements on the air in Spanish.

use pregon_core::{Chime, Job, Mode, OverLive, StateName};

use super::{es, plural};
use crate::words::AirWords;

pub(super) const AIRS: AirWords = AirWords {
    announcement: "Anuncio",
    station: "Estación",
    with_station: "en la estación",
    on_air: "En el aire",
    on_air_since: |time| format!("Está en el aire desde las {time}."),
    not_aired: "no salió al aire",
    doubt: "Se entregó a la estación y no se sabe si salió al aire. No se repite hasta que decidas.",
    kind: "Tipo",
    calls: "Llamadas",
    airings: "Radio",
    again: "Emitir otra vez",
    again_ask,
    again_yes: "Sí, emitir otra vez",
    cancel_ask: |state| match state {
        StateName::Processing => "Un worker lo tiene en las manos: él decide si llega a tiempo.",
        StateName::Dispatched => "La estación lo quita de su cola si aún no ha empezado.",
        StateName::Scheduled
        | StateName::Queued
        | StateName::Completed
        | StateName::Failed
        | StateName::Cancelled => "No saldrá al aire.",
    },
    cancel_yes: "Sí, cancelar",
    has_begun: "Ya está en el aire.",
    cannot_cancel: |state| match state {
        StateName::Dispatched => "Ya se pidió: la estación dirá si llegó a tiempo.",
        StateName::Scheduled
        | StateName::Queued
        | StateName::Processing
        | StateName::Completed
        | StateName::Failed
        | StateName::Cancelled => "Ya terminó: no se puede cancelar.",
    },
    recording: "Grabación",
    mode_title: "Modo",
    mode: |mode, locale, now| match mode {
        Mode::Interrupt => "Interrumpir".to_owned(),
        Mode::MoveOn => "Interrumpir y pasar al tema siguiente".to_owned(),
        Mode::Duck => "Bajar la música".to_owned(),
        Mode::Next => "Fin del tema".to_owned(),
        Mode::At(at) => format!("A las {}", locale.when_seconds(at, now)),
    },
    over_live_title: "Si hay directo",
    over_live: |over_live| match over_live {
        OverLive::Wait => "espera",
        OverLive::Duck => "suena encima, más bajo el directo",
        OverLive::Interrupt => "lo interrumpe",
    },
    chime_title: "Gong",
    chime: |chime| match chime {
        Chime::None => "no",
        Chime::Before => "antes",
        Chime::After => "después",
        Chime::Both => "antes y después",
    },
    repeat: "Se dice",
    times: |n| plural(n.into(), "vez", "veces"),
    dedupe: "Una sola de",
    aired_at: "Al aire",
    until_air: "Hasta el aire",
    heard: "Sonó",
    listeners_title: "Oyentes",
    listeners: |n| match n {
        0 => "sin oyentes".to_owned(),
        1 => "1 oyente".to_owned(),
        n => format!("{} oyentes", es(n)),
    },
    reason: "Motivo",
};

fn again_ask(job: &Job) -> String {
    let attempt = job.attempt.saturating_add(1);
    let first = match job.state.name() {
        StateName::Completed => "Ya salió al aire: saldrá otra vez.",
        StateName::Scheduled
        | StateName::Queued
        | StateName::Processing
        | StateName::Dispatched
        | StateName::Failed
        | StateName::Cancelled => "Vuelve a la cola.",
    };
    format!("{first} Se creará el intento {attempt}.")
}
