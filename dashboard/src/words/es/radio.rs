//! What the radio page says in Spanish.

use pregon_core::{Mode, Tier};

use super::{es, plural};
use crate::pages::Complaint;
use crate::words::RadioWords;

pub(super) const RADIO: RadioWords = RadioWords {
    title: "Radio",
    none: "En este proceso no suena ninguna estación",
    none_text: "La mezcla corre en otro proceso, «pregon mixer», que tiene su propia página en MIXER_ADDR. Con «pregon serve», que lo junta todo, la ves aquí. Los anuncios aceptados esperan a su estación en la cola: no se pierden.",
    choose: |n| format!("Aquí suenan {} estaciones: elige una.", es(n)),
    silent: |station| format!("La estación {station} no responde."),
    silent_text: "Se ha cerrado o está arrancando. Los anuncios aceptados la esperan; esta página vuelve sola en cuanto suene.",
    down: |stream| format!("La salida {stream} no emite."),
    announcement_is_on: "Hay un anuncio en el aire",
    somebody_is_live: "Hay alguien en directo",
    noise_is_on: "No hay nada que poner y suena un ruido suave",
    track_is_on: |title, artist| match artist {
        Some(artist) => format!("Suena «{title}», de {artist}"),
        None => format!("Suena «{title}»"),
    },
    and_wait: |n| match n {
        0 => ".".to_owned(),
        1 => "; 1 anuncio espera.".to_owned(),
        n => format!("; {} anuncios esperan.", es(n)),
    },
    now: "Ahora",
    announce: "Anunciar",
    player: |station| format!("Escuchar {station}"),
    skip_track: "Saltar tema",
    skip_announcement: "Cortar anuncio",
    skip_ask: "El anuncio se corta ahora y quedará como «Saltada». La música sigue.",
    skip_yes: "Sí, cortar el anuncio",
    hidden_title: "Anuncio",
    tier: |tier| match tier {
        Tier::Interrupt => "Anuncio",
        Tier::Live => "Directo",
        Tier::Queue => "Peticiones",
        Tier::Playlist => "Lista",
        Tier::Noise => "Ruido",
    },
    tiers: "Qué manda en el aire, de más a menos",
    comes_next: "(siguiente)",
    soft_noise: "Ruido suave",
    track_beneath: |mode, title, elapsed| match mode {
        Mode::Duck => format!("de fondo, más bajo: «{title}»"),
        Mode::MoveOn => format!("se deja: «{title}»"),
        Mode::Interrupt | Mode::Next | Mode::At(_) => format!("en pausa: «{title}», en {elapsed}"),
    },
    played: |elapsed, left| match left {
        Some(left) => format!("Suena desde hace {elapsed}; quedan {left}"),
        None => format!("Suena desde hace {elapsed}"),
    },
    channels: [("I", "Canal izquierdo"), ("D", "Canal derecho")],
    silence: "silencio",
    loudness: "Sonoridad",
    peak: "Pico",
    underruns: "Cortes",
    queue: "Cola de anuncios",
    waiting: |n| match n {
        0 => String::new(),
        1 => "1 espera".to_owned(),
        n => format!("{} esperan", es(n)),
    },
    queue_empty: "Ningún anuncio espera.",
    action: "Acción",
    take_out: "Quitar",
    take_out_ask: "No saldrá al aire. Quedará como «Saltada».",
    take_out_yes: "Quitar de la cola",
    never: "no caduca",
    expires_in: |span| format!("caduca en {span}"),
    requests: "Peticiones",
    log: "Parte de emisión",
    log_empty: "Aún no ha acabado de sonar nada.",
    what: "Qué sonó",
    from: "De",
    length: "Dura",
    listeners: "Oyentes",
    most_listeners: |n| format!("ahora; {n} como mucho desde que arrancó"),
    uptime: "En marcha",
    music: "Música",
    library: |files, broken| {
        let files = plural(files, "tema", "temas");
        match broken {
            0 => files,
            1 => format!("{files}; 1 no se puede leer"),
            n => format!("{files}; {} no se pueden leer", es(n)),
        }
    },
    built_in_loop: "bucle de demostración",
    player_page: "Página para oyentes",
    streams: "Salidas",
    stream: "Salida",
    up: "emite",
    not_up: "no emite",
    say: "Qué se dice",
    say_hint: "Un solo párrafo, hasta 5.000 caracteres.",
    when: "Cuándo",
    interrupt: "Interrumpir",
    duck: "Bajar música",
    next: "Fin del tema",
    at: "A una hora",
    time: "Hora",
    time_hint: "Con el reloj de esta página, arriba.",
    ttl: "Caduca (segundos)",
    ttl_hint: "Vacío: no caduca; a una hora, 60 s después de ella.",
    language: "Idioma",
    announce_yes: "Anunciar",
    hear: "Escuchar antes",
    will_be_heard: "Se oirá:",
    preview: "Prueba del anuncio",
    complaint: |complaint| match complaint {
        Complaint::NoText => "Escribe qué se dice.",
        Complaint::LongText => "Acórtalo: caben 5.000 caracteres.",
        Complaint::ControlText => "Ponlo en un solo párrafo, sin saltos de línea ni tabuladores.",
        Complaint::NoTime => "Pon la hora a la que sale.",
        Complaint::PastTime => "Esa hora ya pasó: pon una que esté por venir.",
        Complaint::FarTime => "Pon una hora de los próximos 366 días.",
        Complaint::ShortTtl => "Pon al menos 5 segundos.",
        Complaint::LongTtl => "Pon 604.800 segundos (7 días) como mucho.",
        Complaint::OddTtl => "Pon un número entero de segundos.",
        Complaint::OddLanguage => "Pon una etiqueta de idioma, como es, es-CO o en.",
        Complaint::Unspeakable => {
            "Ningún motor puede decir este texto en este idioma: cambia uno de los dos."
        }
        Complaint::Mute => {
            "Ningún motor puede hablar ahora. Prueba dentro de un rato; lo que se anuncia espera a que uno pueda."
        }
        Complaint::Away => {
            "No se aceptó: el almacén o la cola no responden. No saldrá al aire; vuelve a enviarlo."
        }
    },
};
