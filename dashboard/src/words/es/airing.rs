//! How the story of an announcement on the air is told in Spanish.

use pregon_core::{Air, Airing, Job, Mode, Outcome, OutcomeKind, State, Timestamp, Waiting, What};

use super::airs::AIRS;
use super::calls::outcome;
use crate::format::Locale;
use crate::icon::{Icon, Tone, of_outcome};
use crate::pages::detail;
use crate::words::{Told, line};

/// How things stand, in a sentence.
pub(super) fn story(job: &Job, air: &Air, locale: &Locale, now: Timestamp) -> String {
    let worker = job.worker.as_deref().unwrap_or("Un worker");
    match &job.state {
        State::Scheduled { due } if job.attempt == 0 => match air.mode {
            Mode::At(at) => format!("Saldrá al aire a las {}.", locale.when_seconds(at, now)),
            Mode::Interrupt | Mode::MoveOn | Mode::Duck | Mode::Next => {
                format!("Se preparará a las {} para salir al aire.", locale.when(*due, now))
            }
        },
        State::Scheduled { due } => {
            format!("El intento {} no salió; se repetirá a las {}.", job.attempt, locale.when(*due, now))
        }
        State::Queued { .. } => "Espera en la cola a que un worker lo prepare.".to_owned(),
        State::Processing { cancelling: true, .. } => {
            format!("Se pidió cancelarlo; {worker} decide si llega a tiempo.")
        }
        State::Processing { .. } => format!("{worker} prepara el anuncio."),
        State::Dispatched { waiting: Waiting::Person, .. } => AIRS.doubt.to_owned(),
        State::Dispatched { .. } if job.cancel_asked() => {
            "Se pidió cancelarlo; la estación lo quita de su cola si aún no ha empezado.".to_owned()
        }
        State::Dispatched { .. } => match air.mode {
            Mode::At(at) => {
                format!("La estación lo tiene; sale al aire a las {}.", locale.when_seconds(at, now))
            }
            Mode::Next => "La estación lo tiene; sale al aire cuando acabe el tema.".to_owned(),
            Mode::Interrupt | Mode::MoveOn | Mode::Duck => {
                "La estación lo tiene; sale al aire en cuanto le toque.".to_owned()
            }
        },
        State::Completed => job.outcome.as_ref().map_or_else(String::new, |o| aired(o, locale, now)),
        State::Failed => match &job.outcome {
            Some(outcome) => failed(outcome, locale, now),
            None => "No llegó a la estación: no se pudo preparar o entregar.".to_owned(),
        },
        State::Cancelled => "Se canceló antes de salir al aire.".to_owned(),
    }
}

fn aired(outcome: &Outcome, locale: &Locale, now: Timestamp) -> String {
    if outcome.kind == OutcomeKind::Uncertain {
        return "Salió al aire: lo decidió una persona, porque no llegó ningún resultado.".to_owned();
    }
    let Some(Airing { at: Some(at), seconds, listeners, .. }) = &outcome.airing else {
        return "Salió al aire.".to_owned();
    };
    let listeners = match listeners {
        None => String::new(),
        Some(0) => ", sin oyentes".to_owned(),
        Some(n) => format!(", con {}", (AIRS.listeners)((*n).into())),
    };
    let began = locale.when_seconds(*at, now);
    format!("Salió al aire a las {began} y sonó {}{listeners}.", spoken(*seconds, locale))
}

fn failed(outcome: &Outcome, locale: &Locale, now: Timestamp) -> String {
    let heard = outcome.airing.as_ref().filter(|airing| airing.seconds > 0.0);
    let cut = heard.map(|airing| {
        let began = airing.at.map(|at| format!(" a las {}", locale.when_seconds(at, now)));
        let seconds = spoken(airing.seconds, locale);
        format!("Salió al aire{} y se cortó tras {seconds}", began.unwrap_or_default())
    });
    match (outcome.kind, cut) {
        (OutcomeKind::Skipped, Some(cut)) => format!("{cut}: alguien lo saltó."),
        (OutcomeKind::Skipped, None) => "Alguien lo quitó antes de salir al aire.".to_owned(),
        (OutcomeKind::Expired, _) => "Se pasó su hora; no salió al aire.".to_owned(),
        (OutcomeKind::Uncertain, _) => "Nunca se supo si salió al aire, y se decidió dejarlo así.".to_owned(),
        (_, Some(cut)) => format!("{cut}: la estación no pudo terminarlo."),
        (_, None) => "La estación no pudo emitirlo.".to_owned(),
    }
}

fn spoken(seconds: f64, locale: &Locale) -> String {
    let shown = locale.language.seconds(seconds);
    if shown == "1" { "1 segundo".to_owned() } else { format!("{shown} segundos") }
}

/// A line of the timeline, where it reads otherwise than that of a call.
pub(super) fn told(what: &What, air: &Air, locale: &Locale, now: Timestamp) -> Option<Told> {
    match what {
        What::Dispatched => {
            Some(line(Icon::Send, Tone::Go, "Entregado", &format!(" a la estación {}", air.station), ""))
        }
        What::Outcome { outcome: o, .. } => {
            let (icon, tone) = of_outcome(o.kind);
            let at = o.airing.as_ref().and_then(|airing| airing.at);
            let at = at.map_or_else(String::new, |at| format!(" a las {}", locale.exact(at, now)));
            Some(line(icon, tone, outcome(o.kind), &at, &detail(o, locale)))
        }
        What::Cancelled => Some(line(Icon::Slash, Tone::Plain, "Cancelado", " antes de salir al aire", "")),
        What::Expired => Some(line(Icon::Sand, Tone::Plain, "Caducado", " antes de salir al aire", "")),
        What::Again => Some(line(Icon::Again, Tone::Plan, "Se pidió emitir otra vez", "", "")),
        What::Accepted
        | What::Claimed { .. }
        | What::Retry { .. }
        | What::Released
        | What::Rescued { .. }
        | What::Failed { .. }
        | What::CancelAsked
        | What::HangUpAsked
        | What::Decided { .. } => None,
    }
}
