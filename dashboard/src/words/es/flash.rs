//! What was just done, in Spanish.

use crate::pages::Flash;

pub(super) fn flash(flash: Flash) -> &'static str {
    match flash {
        Flash::Cancelled => "Cancelado a tiempo: no sonará.",
        Flash::CancelAsked => {
            "Se pidió cancelar. El worker que lo tiene decide en segundos si llega a tiempo."
        }
        Flash::WithdrawAsked => "Se pidió a la estación: lo quita de su cola si aún no ha empezado.",
        Flash::TooLate => "Llegó tarde: ya se había entregado o había terminado.",
        Flash::HangingUp => "Asterisk cuelga esa llamada. No habrá otro intento.",
        Flash::NoCall => "No hay nada que colgar: esa llamada ya no está en línea.",
        Flash::NotHungUp => "Asterisk no responde y no se sabe si se colgó. Puedes volver a intentarlo.",
        Flash::Again => "Vuelve a estar en cola.",
        Flash::NotEnded => "No se repite: aún no ha terminado.",
        Flash::Changed => {
            "No se repite: la página estaba vieja y mientras tanto algo cambió. Mira cómo está ahora."
        }
        Flash::Replayed => "Los mensajes apartados volvieron a su cola.",
        Flash::NotReplayed => "La cola no responde: los mensajes siguen apartados.",
        Flash::Scaled => "Cambió el número de workers.",
        Flash::LastCall => "Esta llamada ya se entregó y sigue su curso. No habrá otra después.",
        Flash::Heard => "Anotado: se oyó. El trabajo queda completado.",
        Flash::Left => "Anotado: se deja así. Nadie volverá a llamar.",
        Flash::Forestalled => "Alguien se te adelantó y ya lo decidió. Así quedó.",
        Flash::Overtaken => {
            "Ya no hay nada que decidir: mientras tanto llegó el resultado o hubo otro intento. Así está ahora."
        }
        Flash::Announced => "Aceptado: va camino de la estación. Lo verás en la cola, o ya en el aire.",
        Flash::AnnouncedBefore => "Ese anuncio ya se pidió: no se repite.",
        Flash::Skipped => "Saltado.",
        Flash::TakenOut => "Fuera de la cola: no saldrá al aire.",
        Flash::HasBegun => "Llegó tarde: ese anuncio ya había empezado o ya no está en la cola.",
        Flash::AirChanged => {
            "No se ha saltado nada: mientras tanto cambió lo que suena. Mira qué suena ahora."
        }
    }
}
