//! How a job's story is told in Spanish.

use pregon_core::{
    Job, LiveCall, Outcome, OutcomeKind, Phase, Played, Reply, Sequel, State, Timestamp, Verdict, Waiting,
    What,
};

use super::airing;
use super::calls::{CALLS, outcome};
use crate::format::Locale;
use crate::icon::{Icon, Tone, of_outcome};
use crate::pages::{detail, doubt, was_called};
use crate::words::{Language, Told, line};

/// How things stand, in a sentence.
pub(super) fn story(job: &Job, locale: &Locale, now: Timestamp) -> String {
    if let Some(air) = job.spec.air() {
        return airing::story(job, air, locale, now);
    }
    let worker = job.worker.as_deref().unwrap_or("Un worker");
    match &job.state {
        State::Scheduled { due } if job.attempt == 0 => {
            format!("Se llamará a las {}.", locale.when(*due, now))
        }
        State::Scheduled { due } if let Some(outcome) = &job.outcome => {
            format!("{} Se volverá a llamar a las {}.", failed(outcome.kind), locale.when(*due, now))
        }
        State::Scheduled { due } => {
            format!("El intento {} no salió; se repetirá a las {}.", job.attempt, locale.when(*due, now))
        }
        State::Queued { .. } => "Espera en la cola a que un worker la tome.".to_owned(),
        State::Processing { cancelling: true, .. } => {
            format!("Se pidió cancelarla; {worker} decide si llega a tiempo.")
        }
        State::Processing { .. } => format!("{worker} prepara el mensaje."),
        State::Dispatched { waiting: Waiting::Pickup, .. } => {
            "El fichero está en el spool; Asterisk aún no lo ha recogido.".to_owned()
        }
        State::Dispatched { waiting: Waiting::Result | Waiting::Station, .. } => {
            "Asterisk tiene la llamada; aún no se sabe el resultado.".to_owned()
        }
        State::Dispatched { waiting: Waiting::Person, .. } => {
            format!("{} {}", (CALLS.doubt)(doubt(job)), CALLS.until_you_decide)
        }
        State::Completed => {
            job.outcome.as_ref().map_or_else(|| "La llamada se oyó.".to_owned(), |o| heard(job, o))
        }
        State::Failed => match &job.outcome {
            Some(outcome) if outcome.kind == OutcomeKind::Expired && job.dispatched.is_some() => {
                "Se pasó su hora antes de poder llamar otra vez.".to_owned()
            }
            Some(outcome) => failed(outcome.kind).to_owned(),
            None => "La llamada no llegó a salir: no se pudo preparar el mensaje o entregarlo.".to_owned(),
        },
        State::Cancelled if let Some(outcome) = &job.outcome => {
            format!("{} Se canceló antes del siguiente intento.", failed(outcome.kind))
        }
        State::Cancelled if was_called(job) => "Se canceló antes de volver a llamar.".to_owned(),
        State::Cancelled => "Se canceló antes de entregarla.".to_owned(),
    }
}

fn heard(job: &Job, outcome: &Outcome) -> String {
    if outcome.kind == OutcomeKind::Uncertain {
        return "Se oyó: lo decidió una persona, porque no llegó ningún resultado.".to_owned();
    }
    let attempt = match job.counted() {
        0 | 1 => "",
        2 => " al segundo intento",
        3 => " al tercer intento",
        _ => " tras varios intentos",
    };
    let seconds = job.clip.as_ref().map(|c| Language::Es.seconds(c.seconds.round()));
    let heard = match (outcome.played, seconds) {
        // Where something is asked, a key cuts the message short.
        (Some(Played::Fully), Some(seconds)) if outcome.reply.is_none() => {
            format!("oyó los {seconds} segundos")
        }
        (Some(Played::Fully), _) => "oyó el mensaje".to_owned(),
        (Some(Played::Partly), _) => "oyó una parte del mensaje".to_owned(),
        (Some(Played::None) | None, _) => "el mensaje sonó".to_owned(),
    };
    let did = match (outcome.reply, outcome.digits.as_deref().filter(|d| !d.is_empty())) {
        (Some(Reply::Confirmed), _) => "confirmó".to_owned(),
        (Some(Reply::OptedOut), _) => "pidió no recibir más llamadas".to_owned(),
        (Some(Reply::Entered), Some(digits)) => format!("marcó {digits}"),
        (Some(Reply::Nothing), _) => {
            return format!("La persona contestó{attempt} y {heard}, pero no respondió a la pregunta.");
        }
        (None, Some(digits)) => format!("pulsó {digits}"),
        (Some(Reply::Entered) | None, None) => return format!("La persona contestó{attempt} y {heard}."),
    };
    format!("La persona contestó{attempt}, {heard} y {did}.")
}

const fn failed(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Answered => "Contestaron, pero no llegó a sonar el mensaje.",
        OutcomeKind::Busy => "El teléfono estaba ocupado.",
        OutcomeKind::NoAnswer => "Sonó el teléfono y nadie contestó.",
        OutcomeKind::Rejected => "La persona rechazó la llamada.",
        OutcomeKind::InvalidNumber => "Ese número no existe.",
        OutcomeKind::Congestion => "La red no tenía ninguna línea libre.",
        OutcomeKind::Unreachable => "No se pudo llegar a ese número.",
        OutcomeKind::Silent => "Contestaron, pero no salió ningún audio.",
        OutcomeKind::Expired => "Se pasó su hora antes de poder llamar; no sonó.",
        OutcomeKind::Uncertain => "Nunca se supo si sonó, y se decidió dejarla así.",
        OutcomeKind::Aired => "Salió al aire.",
        OutcomeKind::Skipped => "Alguien lo quitó del aire.",
        OutcomeKind::Failed => "La estación no pudo emitirlo.",
    }
}

/// How far a call is that goes on.
pub(super) fn on_the_line(call: &LiveCall, locale: &Locale) -> String {
    let since = locale.clock_seconds(call.since);
    match call.phase {
        Phase::Dialling => format!("Asterisk marca desde las {since}."),
        Phase::Ringing => format!("El teléfono suena desde las {since}."),
        Phase::Answered => format!("Contestaron a las {since}; la llamada sigue."),
    }
}

/// A line of the timeline.
pub(super) fn told(what: &What, job: &Job, locale: &Locale, now: Timestamp) -> Told {
    if let Some(told) = job.spec.air().and_then(|air| airing::told(what, air, locale, now)) {
        return told;
    }
    match what {
        What::Accepted => {
            let client = job.client.as_ref().map_or_else(String::new, |c| format!("cliente {c}"));
            line(Icon::Clock, Tone::Plan, "Aceptado", " por la API", &client)
        }
        What::Claimed { worker } => line(Icon::Work, Tone::Go, "Tomado", &format!(" por {worker}"), ""),
        What::Dispatched => line(Icon::Send, Tone::Go, "Entregado", " a Asterisk", ""),
        What::Retry { due, error } => {
            let again = format!("; se repetirá a las {}", locale.when(*due, now));
            line(Icon::Again, Tone::Warn, "El intento falló", &again, error)
        }
        What::Released => {
            line(Icon::Queue, Tone::Plan, "Devuelto", " a la cola: el worker se detuvo en orden", "")
        }
        What::Rescued { handed_over: true } => {
            line(Icon::Unplug, Tone::Warn, "Rescatado", ": el worker murió después de entregarlo", "")
        }
        What::Rescued { handed_over: false } => line(
            Icon::Unplug,
            Tone::Warn,
            "Rescatado",
            ": el worker murió antes de entregarlo; no cuenta",
            "",
        ),
        What::Outcome { outcome: o, next } => {
            let (icon, tone) = of_outcome(o.kind);
            let next = next.map_or_else(String::new, |next| follows(next, locale, now));
            line(icon, tone, outcome(o.kind), &format!("{}{next}", course(o, locale)), &detail(o, locale))
        }
        What::Decided { verdict: Verdict::Heard } => {
            line(Icon::Check, Tone::Ok, "Se oyó", ": lo decidió una persona", "")
        }
        What::Decided { verdict: Verdict::Left } => line(
            Icon::Slash,
            Tone::Plain,
            "Se dejó así",
            ": lo decidió una persona; nadie volverá a llamar",
            "",
        ),
        What::Failed { error } => line(Icon::Fail, Tone::Bad, "Fallido", " sin entregarse", error),
        What::CancelAsked => line(Icon::Slash, Tone::Warn, "Se pidió cancelar", "", ""),
        What::HangUpAsked => line(Icon::Slash, Tone::Warn, "Se pidió colgar", "; no habrá otro intento", ""),
        What::Cancelled => line(Icon::Slash, Tone::Plain, "Cancelado", " antes de entregarlo", ""),
        What::Expired => line(Icon::Sand, Tone::Plain, "Caducado", " antes de poder llamar", ""),
        What::Again => line(Icon::Again, Tone::Plan, "Se pidió otro intento", "", ""),
    }
}

/// How long it rang and how much was heard, behind the word of the outcome.
fn course(outcome: &Outcome, locale: &Locale) -> String {
    let seconds = outcome.ring_seconds.map(|s| locale.language.seconds(s));
    match (outcome.kind, seconds) {
        (OutcomeKind::Answered, seconds) => {
            let rang = seconds.map_or_else(String::new, |s| format!(" a los {s}\u{a0}s"));
            let heard = match outcome.played {
                Some(Played::Fully) if outcome.reply.is_none() => ", oída entera",
                Some(Played::Fully) => ", oída",
                Some(Played::Partly) => ", oída en parte",
                Some(Played::None) | None => "",
            };
            rang + heard
        }
        (_, Some(seconds)) => format!(" tras {seconds}\u{a0}s"),
        (_, None) => String::new(),
    }
}

/// What follows from an outcome, behind its word.
fn follows(next: Sequel, locale: &Locale, now: Timestamp) -> String {
    match next {
        Sequel::Again { due, attempt, of } => {
            format!("; se volverá a llamar a las {}, intento {attempt} de {of}", locale.when(due, now))
        }
        Sequel::NoneLeft => "; no quedan intentos".to_owned(),
        Sequel::Enough => "; sus esperas no permiten más reintentos".to_owned(),
        Sequel::TooLate => "; no se repite: caduca antes del siguiente intento".to_owned(),
        Sequel::Never => ": no se repite nunca".to_owned(),
        Sequel::Person => "; no se repite a menos que alguien lo decida".to_owned(),
    }
}
