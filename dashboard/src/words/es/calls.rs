//! What is said of calls in Spanish.

use pregon_core::{Job, OutcomeKind, Phase, Purpose, Reply, StateName};

use crate::pages::{Doubt, was_uncertain};
use crate::words::CallWords;

pub(super) const CALLS: CallWords = CallWords {
    doubt: |doubt| match doubt {
        Doubt::NoResult => "Se entregó a Asterisk y no llegó ningún resultado: no se sabe si sonó.",
        Doubt::WorkerDied => {
            "Se entregó a Asterisk, el worker murió y no llegó ningún resultado: no se sabe si sonó."
        }
        Doubt::HungUp => "La llamada estaba en curso cuando se pidió colgar, pero no llegó ningún resultado.",
    },
    until_you_decide: "Nadie volverá a llamar hasta que decidas.",
    it_was_heard: "Se oyó",
    leave_it: "Dejarla",
    was_heard: "Se oyó",
    a_person_says: "lo dijo una persona",
    was_left: "se dejó así",
    question: "Pregunta",
    keys: "Teclas",
    purpose: |purpose| match purpose {
        Purpose::Confirm => "confirma",
        Purpose::Repeat => "repite el mensaje",
        Purpose::OptOut => "no más llamadas",
    },
    input: |input| match (input.min, input.max) {
        (1, 1) => "una cifra".to_owned(),
        (min, max) if min == max => format!("{max} cifras"),
        (min, max) => format!("de {min} a {max} cifras"),
    },
    reply: |reply| match reply {
        Reply::Confirmed => "confirma",
        Reply::OptedOut => "no quiere más llamadas",
        Reply::Entered => "su respuesta",
        Reply::Nothing => "sin respuesta",
    },
    repeats: "Repeticiones",
    asked_again: |times| match times {
        1 => "pidió oírlo otra vez".to_owned(),
        times => format!("pidió oírlo {times} veces más"),
    },
    trunks: "Troncales",
    all_trunks: "Todas juntas",
    all_countries: "todos los países",
    pace: "Ritmo",
    instead_of: |usual| {
        usual.map_or_else(|| "de ordinario sin límite".to_owned(), |usual| format!("de {usual}"))
    },
    slowed: "frenada por congestión",
    at_once: "A la vez",
    no_limit: "sin límite",
};

pub(super) fn outcome(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Answered => "Contestada",
        OutcomeKind::Busy => "Ocupado",
        OutcomeKind::NoAnswer => "No contesta",
        OutcomeKind::Rejected => "Rechazada",
        OutcomeKind::InvalidNumber => "Número inválido",
        OutcomeKind::Congestion => "Congestión",
        OutcomeKind::Unreachable => "Inalcanzable",
        OutcomeKind::Silent => "Muda",
        OutcomeKind::Expired => "Caducada",
        OutcomeKind::Uncertain => "Incierta",
        OutcomeKind::Aired => "Emitida",
        OutcomeKind::Skipped => "Saltada",
        OutcomeKind::Failed => "Fallida",
    }
}

/// What may be done about a job that failed.
pub(super) fn advice(kind: Option<OutcomeKind>) -> &'static str {
    match kind {
        None => "mira el error y vuelve a intentarlo",
        Some(OutcomeKind::Busy | OutcomeKind::NoAnswer) => "se puede volver a llamar",
        Some(OutcomeKind::Rejected) => "mejor no insistir",
        Some(OutcomeKind::InvalidNumber) => "revisar el número",
        Some(OutcomeKind::Congestion | OutcomeKind::Unreachable) => "revisar la troncal",
        Some(OutcomeKind::Silent) => "revisar el audio de la troncal",
        Some(OutcomeKind::Expired) => "ya es demasiado tarde",
        Some(OutcomeKind::Uncertain) => "nunca se supo; se dejó así",
        Some(OutcomeKind::Aired) => "salió al aire",
        Some(OutcomeKind::Skipped) => "alguien lo quitó",
        Some(OutcomeKind::Failed) => "mira el motivo y emítelo otra vez",
        Some(OutcomeKind::Answered) => "contestaron sin oír nada",
    }
}

/// What calling again means.
pub(super) fn again_ask(job: &Job) -> String {
    let attempt = job.attempt.saturating_add(1);
    let first = if job.state.name() == StateName::Completed {
        "Esta persona ya oyó el mensaje."
    } else if was_uncertain(job) {
        "Puede que esta persona ya haya oído el mensaje."
    } else {
        "Vuelve a la cola."
    };
    format!("{first} Se creará el intento {attempt}.")
}

pub(super) fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Dialling => "marcando",
        Phase::Ringing => "sonando",
        Phase::Answered => "en línea",
    }
}

/// What cancelling means.
pub(super) fn cancel_ask(state: StateName) -> &'static str {
    match state {
        StateName::Processing => "Un worker lo tiene en las manos: él decide si llega a tiempo.",
        StateName::Dispatched => {
            "Esta llamada ya se entregó y sigue su curso. Si no la oyen, no habrá otro intento."
        }
        StateName::Scheduled
        | StateName::Queued
        | StateName::Completed
        | StateName::Failed
        | StateName::Cancelled => "No se hará la llamada.",
    }
}

pub(super) fn cancel_yes(state: StateName) -> &'static str {
    match state {
        StateName::Dispatched => "Sí, sin más intentos",
        StateName::Scheduled
        | StateName::Queued
        | StateName::Processing
        | StateName::Completed
        | StateName::Failed
        | StateName::Cancelled => "Sí, cancelar",
    }
}

/// Why there is nothing to cancel.
pub(super) fn cannot_cancel(state: StateName) -> &'static str {
    match state {
        StateName::Dispatched => "Ya se entregó, y no habrá otro intento: no queda nada que cancelar.",
        StateName::Scheduled
        | StateName::Queued
        | StateName::Processing
        | StateName::Completed
        | StateName::Failed
        | StateName::Cancelled => "Ya terminó: no se puede cancelar.",
    }
}
