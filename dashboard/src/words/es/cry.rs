//! How things stand, in Spanish: the sentences that pages open with.

use pregon_core::StateName;

use super::{es, plural};
use crate::format::glance;
use crate::pages::Cry;
use crate::words::{Said, said};

pub(super) fn list_lede(n: u64, state: StateName) -> String {
    let one = n == 1;
    match state {
        StateName::Scheduled => format!("{} su hora.", plural(n, "trabajo espera", "trabajos esperan")),
        StateName::Queued => format!("{} a un worker.", plural(n, "trabajo espera", "trabajos esperan")),
        StateName::Processing => {
            format!("{} en las manos de un worker.", plural(n, "trabajo está", "trabajos están"))
        }
        StateName::Dispatched => {
            format!("{} sin resultado todavía.", plural(n, "trabajo entregado", "trabajos entregados"))
        }
        StateName::Completed => {
            format!("{} hasta el final.", plural(n, "trabajo llegó", "trabajos llegaron"))
        }
        StateName::Failed => format!("{} sin oírse.", plural(n, "trabajo terminó", "trabajos terminaron")),
        StateName::Cancelled => format!(
            "{} antes de sonar.",
            plural(n, if one { "trabajo se canceló" } else { "" }, "trabajos se cancelaron")
        ),
    }
}

pub(super) fn cry(sentence: &Cry) -> Said {
    match sentence {
        Cry::QueueSilent => said("", "La cola no responde", ": nada nuevo sale hasta que vuelva."),
        Cry::NobodyWorks { waiting } => {
            let waiting = format!("{} y ", plural(*waiting, "trabajo espera", "trabajos esperan"));
            said(&waiting, "no hay ningún worker en marcha", ".")
        }
        Cry::Uncertain(1) => said("", "1 llamada incierta", " espera tu decisión."),
        Cry::Uncertain(n) => said("", &format!("{} llamadas inciertas", es(*n)), " esperan tu decisión."),
        Cry::WorkerSilent(name) => said("", &format!("El worker {name}"), " no da señales."),
        Cry::WorkersSilent(n) => said("", &format!("{} workers", es(*n)), " no dan señales."),
        Cry::SetAside(1) => said("Hay ", "1 mensaje apartado", " que no es un trabajo."),
        Cry::SetAside(n) => said("Hay ", &format!("{} mensajes apartados", es(*n)), " que no son trabajos."),
        Cry::Failing { failed, ended } => {
            said("En la última hora ", &format!("fallaron {} de {}", es(*failed), es(*ended)), " trabajos.")
        }
        Cry::Behind(span) => said("La cola ", &format!("va para unos {}", glance(*span)), "."),
        Cry::Leaving(1) => said("Sale ", "1 anuncio por minuto", "."),
        Cry::Leaving(n) => said("Los anuncios ", &format!("salen a {} por minuto", es(*n)), "."),
        Cry::Left(1) => said("", "1 anuncio salió", " en los últimos 5 minutos."),
        Cry::Left(n) => said("", &format!("{} anuncios salieron", es(*n)), " en los últimos 5 minutos."),
        Cry::Planned(1) => said("Todo tranquilo; ", "1 trabajo espera su hora", "."),
        Cry::Planned(n) => said("Todo tranquilo; ", &format!("{} trabajos esperan su hora", es(*n)), "."),
        Cry::Quiet => said("Todo está en pie y en silencio.", "", ""),
        Cry::First => said("Todo está en pie y en silencio. Te toca dar el primer pregón.", "", ""),
    }
}
