//! Spanish.

mod story;

use pregon_core::{DEAD, Lane, OutcomeKind, Phase, RESULTS, Role, StateName};

use super::{Language, Said, Words, said};
use crate::format::glance;
use crate::pages::{Cry, Flash};

pub(super) static WORDS: Words = Words {
    name: "Español",
    weekdays: ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
    months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    date: |weekday, day, month, time| format!("{weekday} {day} de {month}, {time}"),
    ago: |span| format!("hace {span}"),
    at: |time| format!("a las {time}"),
    skip: "Saltar al contenido",
    sections: "Secciones",
    overview: "Resumen",
    jobs: "Trabajos",
    need_a_person: "necesitan a una persona",
    theme: "Tema",
    theme_auto: "Como el sistema",
    theme_light: "Claro",
    theme_dark: "Oscuro",
    live: "En vivo",
    offline: "Sin conexión",
    role: |role| match role {
        Role::Viewer => "solo mira",
        Role::Client => "cliente",
        Role::Admin => "operación",
    },
    this_machine: "Esta máquina",
    no_keys: "sin claves",
    sign_out: "Salir",
    show_data: "Ver los datos",
    copy: "Copiar",
    copied: "Copiado",
    flash: |flash| match flash {
        Flash::Cancelled => "Cancelado a tiempo: no sonará.",
        Flash::CancelAsked => {
            "Se pidió cancelar. El worker que lo tiene decide en segundos si llega a tiempo."
        }
        Flash::TooLate => "Llegó tarde: ya se había entregado o había terminado.",
        Flash::HangingUp => "Asterisk cuelga esa llamada. No habrá otro intento.",
        Flash::NoCall => "No hay nada que colgar: esa llamada ya no está en línea.",
        Flash::NotHungUp => "Asterisk no responde y no se sabe si se colgó. Puedes volver a intentarlo.",
        Flash::Again => "Vuelve a estar en cola.",
        Flash::NotEnded => "No se repite: aún no ha terminado.",
        Flash::Changed => {
            "No se repite: la página estaba vieja y mientras tanto hubo otro intento. Mira cómo está ahora."
        }
        Flash::Replayed => "Los mensajes apartados volvieron a su cola.",
        Flash::NotReplayed => "La cola no responde: los mensajes siguen apartados.",
        Flash::Scaled => "Cambió el número de workers.",
    },
    cry: |sentence| cry(sentence),
    by_state: "Trabajos por estado",
    people_title: "Necesitan a una persona",
    people_count: |n| plural(n, "incierta", "inciertas"),
    people_fate: "Se entregó a Asterisk y no se sabe si sonó. Nadie volverá a llamar hasta que decidas.",
    more_people: "Ver todas",
    output: "Salida por minuto",
    output_label: |most, failed| {
        format!(
            "Barras por minuto de la última hora: hasta {most} completados en un minuto; {failed} fallidos en total"
        )
    },
    wait: "Espera",
    run: "Proceso",
    times_label: |title, p50, p95| {
        if p50.is_empty() {
            format!("{title} en la última hora: nada que medir")
        } else {
            format!("{title} en la última hora: mediana {p50}, p95 {p95}")
        }
    },
    one_hour: "última hora",
    hour_ago: "hace 60 min",
    half_hour_ago: "hace 30 min",
    just_now: "ahora",
    minute: "Minuto",
    accepted: "Aceptado",
    quiet_minutes: "Faltan los minutos en los que no pasó nada.",
    nothing_yet: "Nada en la última hora",
    queues: "Colas",
    queue: "Cola",
    queue_name: |name| match name {
        n if n == Lane::High.queue() => "Alta",
        n if n == Lane::Normal.queue() => "Normal",
        n if n == DEAD => "Apartados",
        n if n == RESULTS => "Resultados",
        "tts_delayed" => "Aplazados",
        _ => "Otra",
    },
    waiting: "Esperan",
    consumers: "Escuchan",
    queue_silent: "La cola no responde",
    replay: "Devolver",
    replay_ask: "Son mensajes que no se entendieron como trabajos. Si ya arreglaste la causa, vuelven a su cola.",
    replay_yes: |n| format!("Devolver {}", es(n)),
    workers: "Workers",
    slots_busy: |busy, slots| format!("{} de {} puestos ocupados", es(busy), es(slots)),
    worker: "Worker",
    slots: "Puestos",
    beat: "Latido",
    of: |n, of| format!("{} de {}", es(n), es(of)),
    worker_done: |done, rescued| match rescued {
        0 => plural(done, "hecho", "hechos"),
        _ => format!("{}, {}", plural(done, "hecho", "hechos"), plural(rescued, "rescatado", "rescatados")),
    },
    no_beat: "sin latido",
    no_workers: "No hay ningún worker en marcha. Arranca uno con",
    scale: "Escalar",
    scale_count: "Workers de este proceso",
    failures: "Fallos recientes",
    see_all: |n| format!("Ver los {}", es(n)),
    no_failures: "Ninguno. Así da gusto.",
    reason: "Motivo",
    advice_title: "Qué sigue",
    advice: |kind| match kind {
        None => "mira el error y vuelve a intentarlo",
        Some(OutcomeKind::Busy | OutcomeKind::NoAnswer) => "se puede volver a llamar",
        Some(OutcomeKind::Rejected) => "mejor no insistir",
        Some(OutcomeKind::InvalidNumber) => "revisar el número",
        Some(OutcomeKind::Congestion | OutcomeKind::Unreachable) => "revisar la troncal",
        Some(OutcomeKind::Silent) => "revisar el audio de la troncal",
        Some(OutcomeKind::Expired) => "demasiado tarde para llamar",
        Some(OutcomeKind::Uncertain) => "lo decide una persona",
        Some(OutcomeKind::Answered) => "contestaron sin oír nada",
    },
    next_at: |time| format!("próximo a las {time}"),
    high_waiting: |n| format!("{} de alta prioridad", es(n)),
    of_slots: |n| format!("de {}", plural(n, "puesto", "puestos")),
    last_hour: |n| format!("{} en la última hora", es(n)),
    heard_share: |share| format!("{share} de los terminados"),
    todo: "Qué hacer ahora",
    todo_runs: "Pregón está en marcha",
    todo_runs_text: "La cola y el almacén responden.",
    done: "hecho",
    todo_call: "Haz una llamada de prueba",
    todo_call_text: "Con el simulador no suena ningún teléfono; verás el audio, el fichero de llamada y el resultado.",
    todo_test: "O deja que lo haga el programa",
    todo_test_text: "Pide una llamada y la sigue hasta su resultado:",
    sample_text: "Hola, esta es mi primera llamada.",
    your_key: "TU_CLAVE",
    latest_jobs: "Últimos trabajos",
    no_jobs: "Aún no hay trabajos",
    no_jobs_text: "El primero aparecerá aquí en cuanto lo pidas, sin recargar la página.",
    doctor: "explica cómo arreglar cada cosa.",
    list_lede: |n, state| match (n, state) {
        (0, None) => "No hay trabajos.".to_owned(),
        (n, None) => format!("{} en total.", plural(n, "trabajo", "trabajos")),
        (n, Some(state)) => list_lede(n, state),
    },
    list_found_lede: |n| match n {
        0 => "Ningún trabajo cumple el filtro.".to_owned(),
        1 => "Un trabajo cumple el filtro.".to_owned(),
        n => format!("{} trabajos cumplen el filtro.", es(n)),
    },
    list_empty_lede: "Aún no se ha pedido ninguna llamada.",
    list_more_lede: "Estos son los que cumplen el filtro; hay más páginas.",
    list_label: "Lista de trabajos",
    list_caption: "Trabajos, los más recientes primero",
    state: |state| match state {
        StateName::Scheduled => "Programado",
        StateName::Queued => "En cola",
        StateName::Processing => "Procesando",
        StateName::Dispatched => "Entregado",
        StateName::Completed => "Completado",
        StateName::Failed => "Fallido",
        StateName::Cancelled => "Cancelado",
    },
    states: |state| match state {
        StateName::Scheduled => "Programados",
        StateName::Queued => "En cola",
        StateName::Processing => "Procesando",
        StateName::Dispatched => "Entregados",
        StateName::Completed => "Completados",
        StateName::Failed => "Fallidos",
        StateName::Cancelled => "Cancelados",
    },
    state_title: "Estado",
    all: "Todos",
    search: "Buscar",
    search_hint: "texto, cifras del número o id",
    priority: "Prioridad",
    any: "Cualquiera",
    high: "Alta",
    normal: "Normal",
    since: "Desde",
    since_ever: "Siempre",
    since_hour: "Última hora",
    since_today: "Hoy",
    since_week: "7 días",
    filter: "Filtrar",
    clear: "Quitar filtros",
    to: "Destino",
    text: "Texto",
    outcome_title: "Resultado",
    attempt: "Intento",
    time: "Hora",
    pages: "Páginas",
    newer: "Más nuevos",
    older: "Más viejos",
    new_ones: |n, more| match (n, more) {
        (n, true) => format!("{} nuevos o más", es(n)),
        (1, _) => "1 nuevo".to_owned(),
        (n, _) => format!("{} nuevos", es(n)),
    },
    none_match: "Ninguno aquí",
    none_match_text: "Prueba con menos filtros, o con las últimas cifras del número.",
    keep_looking: "Se ha buscado entre los más recientes. Sigue con «Más viejos».",
    outcome,
    pressed: |digits| format!("pulsó {digits}"),
    again_at: |time| format!("otra vez a las {time}"),
    with_worker: |worker| format!("con {worker}"),
    waits_for_worker: "espera a un worker",
    in_the_spool: "en el spool",
    calling: "llamando",
    never_rang: "no sonó",
    call: "Llamada",
    crumbs: "Estás en",
    accepted_at: |time| format!("aceptada: {time}"),
    ended_at: |time| format!("terminó: {time}"),
    story: story::story,
    on_the_line: story::on_the_line,
    phase: |phase| match phase {
        Phase::Dialling => "marcando",
        Phase::Ringing => "sonando",
        Phase::Answered => "en línea",
    },
    simulated: "Simulado",
    call_again: "Volver a llamar",
    again_ask: |job| {
        let attempt = job.attempt.saturating_add(1);
        let first = match job.state.name() {
            StateName::Completed => "Esta persona ya oyó el mensaje.",
            StateName::Dispatched => "Puede que esta persona ya haya oído el mensaje.",
            _ => "Se volverá a la cola.",
        };
        format!("{first} Se creará el intento {attempt}.")
    },
    again_yes: |tail| format!("Sí, llamar a {tail}"),
    hang_up: "Colgar",
    hang_up_ask: "La llamada termina ahora y no habrá otro intento.",
    hang_up_yes: "Sí, colgar",
    cancel: "Cancelar",
    cancel_ask: |state| match state {
        StateName::Processing => "Un worker lo tiene en las manos: él decide si llega a tiempo.",
        _ => "No se hará la llamada.",
    },
    cancel_yes: "Sí, cancelar",
    cannot_cancel: |state| match state {
        StateName::Dispatched => "Ya se entregó: no se puede cancelar.",
        _ => "Ya terminó: no se puede cancelar.",
    },
    message: "Mensaje",
    asked_text: "Texto pedido",
    no_audio: "El audio estará aquí en cuanto se entregue.",
    listen: "Escuchar el mensaje",
    wave_label: |seconds| format!("Forma de onda del mensaje, {seconds} segundos"),
    measures: "Medidas del audio",
    loudness: "Sonoridad",
    peak: "Pico real",
    format: "Formato",
    mono: "mono",
    voice: "Voz",
    cache: "Caché",
    cache_hit: "acierto",
    cache_miss: "nuevo",
    fallback: "Habló otra voz:",
    timeline: "Lo que pasó",
    attempt_n: |n| format!("Intento {n}"),
    told: story::told,
    facts: "Ficha",
    number: "Número",
    show: "Mostrar",
    is_logged: "(queda anotado)",
    was_logged: "(quedó anotado)",
    digits: "Pulsó",
    attempts: "Intentos",
    rescues: "Rescates",
    trunk: "Troncal",
    caller_id: "Llama desde",
    client: "Cliente",
    waited: "Espera",
    not_before: "No antes de",
    expires: "Caduca",
    labels: "Etiquetas",
    error: "Error",
    call_file: "Fichero de llamada",
    call_file_void: "Este intento se anuló antes de entregarlo: ya no puede sonar.",
    sign_in: "Entrar",
    sign_in_lede: "Entra para ver qué se pregona",
    key: "Clave",
    key_wrong: "Esa clave no existe o se ha revocado.",
    key_slow: "Demasiados intentos. Espera un minuto.",
    key_hint: "La enseña al terminar",
    key_hint_also: "También está en",
    not_found: "Aquí no hay nada",
    not_found_text: "La dirección no existe, o el trabajo terminó hace tiempo y ya se borró.",
    away: "El almacén de trabajos no responde",
    away_text: "Las llamadas aceptadas no se pierden: siguen en cuanto vuelva. Esta página lo intenta sola cada 5 segundos; «pregon doctor» explica qué falta.",
    refused: "Tu clave no permite eso",
    refused_text: "Pídelo a quien tenga una clave de operación.",
    stale: "El formulario ya no vale",
    stale_text: "No se ha cambiado nada. Vuelve a la página, recárgala y prueba otra vez.",
    strange_host: "Sin claves solo se atiende en esta máquina",
    strange_host_text: "Abre la página como http://127.0.0.1 o localhost, o pon API_KEYS para atender con otro nombre.",
    broken: "Algo falló de nuestro lado",
    broken_text: "Quedó anotado en el registro. Las llamadas no dependen de esta página.",
};

fn es(n: u64) -> String {
    Language::Es.number(n)
}

fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", es(n), if n == 1 { one } else { many })
}

fn list_lede(n: u64, state: StateName) -> String {
    let one = n == 1;
    match state {
        StateName::Scheduled => format!("{} su hora.", plural(n, "trabajo espera", "trabajos esperan")),
        StateName::Queued => format!("{} a un worker.", plural(n, "trabajo espera", "trabajos esperan")),
        StateName::Processing => {
            format!("{} en las manos de un worker.", plural(n, "trabajo está", "trabajos están"))
        }
        StateName::Dispatched => {
            format!("{} sin resultado todavía.", plural(n, "llamada entregada", "llamadas entregadas"))
        }
        StateName::Completed => {
            format!("{} hasta el final.", plural(n, "llamada llegó", "llamadas llegaron"))
        }
        StateName::Failed => format!("{} sin oírse.", plural(n, "llamada terminó", "llamadas terminaron")),
        StateName::Cancelled => format!(
            "{} antes de sonar.",
            plural(n, if one { "trabajo se canceló" } else { "" }, "trabajos se cancelaron")
        ),
    }
}

fn cry(sentence: &Cry) -> Said {
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
            said("En la última hora ", &format!("fallaron {} de {}", es(*failed), es(*ended)), " llamadas.")
        }
        Cry::Behind(span) => said("La cola ", &format!("va para unos {}", glance(*span)), "."),
        Cry::Leaving(1) => said("Sale ", "1 llamada por minuto", "."),
        Cry::Leaving(n) => said("Las llamadas ", &format!("salen a {} por minuto", es(*n)), "."),
        Cry::Left(1) => said("", "1 llamada salió", " en los últimos 5 minutos."),
        Cry::Left(n) => said("", &format!("{} llamadas salieron", es(*n)), " en los últimos 5 minutos."),
        Cry::Planned(1) => said("Todo tranquilo; ", "1 trabajo espera su hora", "."),
        Cry::Planned(n) => said("Todo tranquilo; ", &format!("{} trabajos esperan su hora", es(*n)), "."),
        Cry::Quiet => said("Todo está en pie y en silencio.", "", ""),
        Cry::First => said("Todo está en pie y en silencio. Te toca dar el primer pregón.", "", ""),
    }
}

fn outcome(kind: OutcomeKind) -> &'static str {
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
    }
}
