//! Jobs in every state, with an hour of history behind them.

use std::time::Duration;

use pregon_core::{
    Call, Clip, Content, Event, Interaction, Job, JobId, Lane, Outcome, OutcomeKind, PhoneNumber, Played,
    Spec, Speech, Store, Target, Timestamp, Waiting,
};
use uuid::Uuid;

use super::{Memory, beat};

const WATER: &str = "Mañana no habrá agua de 8 a. m. a 2 p. m. en el barrio San José.";
const APPOINTMENT: &str = "Doña Lucía, le recordamos su cita el martes 24 a las 9:30 a. m. en la Clínica Los Andes. Si no puede ir, llame al 606 745 1200.";
const FLOOD: &str = "Alerta de crecida del río Quindío. Aléjese de la orilla y suba a la plaza.";
/// A caller who tries it.
const HOSTILE: &str = r#"<script>alert("1")</script> & 'comillas' "dobles" <b>gordo</b>"#;

/// The clip of every finished sample.
pub(crate) const CLIP: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f90";

/// A job just accepted.
pub(crate) fn fresh(to: &str, text: &str, lane: Lane, client: Option<&str>, now: Timestamp) -> Job {
    let spec = Spec {
        content: Content::Speech(Speech {
            text: text.to_owned(),
            language: "es".to_owned(),
            voice: None,
            engine: None,
            rate: None,
            ssml: false,
        }),
        target: Target::Call(Call {
            to: PhoneNumber::try_from(to.to_owned()).unwrap_or_else(|e| unreachable!("{to}: {e}")),
            caller_id: None,
            trunk: Some("claro".to_owned()),
            interaction: None,
        }),
        lane,
        max_attempts: 3,
        retry: pregon_core::Redial::default(),
        not_before: None,
        expires: None,
        metadata: std::iter::once(("campaña".to_owned(), "Citas de la semana 48".into())).collect(),
        callback_url: None,
    };
    Job::accept(JobId::new(now), spec, client.map(ToOwned::to_owned), now)
}

/// The same, asking whether the callee comes.
pub(crate) fn asking(mut job: Job) -> Job {
    let Target::Call(call) = &mut job.spec.target else { return job };
    let key = |key: char| key.try_into().ok();
    call.interaction = Some(Interaction {
        repeat: key('2'),
        confirm: key('1'),
        opt_out: key('9'),
        input: None,
        prompt: "Para confirmar su cita, marque 1. Para escuchar de nuevo, marque 2. Para no recibir más llamadas, marque 9."
            .to_owned(),
        thanks: "Gracias.".to_owned(),
        wait_seconds: 6,
        prompts: 2,
        repeats: 3,
    });
    job
}

pub(crate) fn apply(job: Job, event: Event, at: Timestamp) -> Job {
    job.apply(event, at).unwrap_or_else(|refused| unreachable!("a sample event does not fit: {refused}"))
}

pub(crate) fn claimed(job: Job, worker: &str, at: Timestamp) -> Job {
    let until = at + pregon_core::LEASE;
    apply(job, Event::Claim { worker: worker.to_owned(), lease: Uuid::nil(), until }, at)
}

pub(crate) fn handed_over(job: Job, at: Timestamp) -> Job {
    let clip = Clip {
        hash: CLIP.to_owned(),
        seconds: 24.3,
        lufs: -19.08,
        peak_dbtp: -3.2,
        engine: "espeak".to_owned(),
        voice: "es-419".to_owned(),
        cached: true,
        fallback: Some("google: the service answered 429".to_owned()),
    };
    apply(job, Event::Dispatched { lease: Uuid::nil(), check: at, clip: Some(clip) }, at)
}

fn ended(job: Job, kind: OutcomeKind, at: Timestamp) -> Job {
    let mut outcome = Outcome { simulated: true, ..Outcome::of(kind) };
    match kind {
        OutcomeKind::Answered => {
            outcome.played = Some(Played::Fully);
            outcome.talk_seconds = Some(24.3);
            outcome.ring_seconds = Some(11.0);
            outcome.digits = Some("1".to_owned());
            outcome.repeats = job.spec.call().and_then(|call| call.interaction.as_ref()).map(|_| 1);
        }
        OutcomeKind::Busy => {
            outcome.ring_seconds = Some(22.0);
            (outcome.q850, outcome.sip) = (Some(17), Some(486));
        }
        OutcomeKind::InvalidNumber => outcome.q850 = Some(1),
        OutcomeKind::Rejected => outcome.sip = Some(603),
        _ => {}
    }
    let attempt = job.attempt;
    apply(job, Event::Outcome { attempt, outcome, again: None }, at)
}

fn ago(now: Timestamp, seconds: u64) -> Timestamp {
    now - Duration::from_secs(seconds)
}

/// Takes a queued job through to `kind`, with its steps counted.
fn finish(memory: &Memory, job: Job, kind: OutcomeKind, took: Duration) -> Job {
    let at = job.created;
    memory.put(&job);
    let job = claimed(job, "obra-2", at + took);
    memory.put(&job);
    let job = handed_over(job, at + took * 3);
    memory.put(&job);
    let job = ended(job, kind, at + took * 4);
    memory.put(&job);
    job
}

/// Calls of every minute, with a bad spell.
fn an_hour(memory: &Memory, now: Timestamp) {
    for minute in 0..60_u64 {
        for n in 0..(20 + (minute * 7) % 23) {
            let at = ago(now, (60 - minute) * 60 + n % 60);
            let job = fresh(&format!("+5730{:08}", 1_234_567 + n * 7_919), WATER, Lane::Normal, None, at);
            let slow = if (24..27).contains(&minute) { 9 } else { 1 };
            let kind = match (minute, n) {
                (24..27, 0..7) => OutcomeKind::Congestion,
                (_, 0) if minute % 13 == 0 => OutcomeKind::InvalidNumber,
                _ => OutcomeKind::Answered,
            };
            finish(memory, job, kind, Duration::from_millis((180 + n * 23) * slow));
        }
    }
}

/// Calls that went other ways.
fn odd_ends(memory: &Memory, now: Timestamp) {
    let rejected = fresh("+573201234590", WATER, Lane::Normal, None, ago(now, 500));
    finish(memory, rejected, OutcomeKind::Rejected, Duration::from_millis(400));
    let busy = fresh("+573201234531", APPOINTMENT, Lane::Normal, Some("clinica-andes"), ago(now, 400));
    let busy = finish(memory, asking(busy), OutcomeKind::Busy, Duration::from_millis(300));
    let again = claimed(
        apply(busy.clone(), Event::Again { attempt: busy.attempt, heard_too: false }, ago(now, 300)),
        "obra-2",
        ago(now, 290),
    );
    memory.put(&ended(handed_over(again, ago(now, 289)), OutcomeKind::Answered, ago(now, 250)));
    let retry = Event::Retry {
        lease: Uuid::nil(),
        due: now + Duration::from_mins(10),
        error: "espeak-ng said nothing for 20 s".to_owned(),
    };
    let retrying = claimed(
        fresh("+573011234526", APPOINTMENT, Lane::Normal, None, ago(now, 200)),
        "obra-1",
        ago(now, 199),
    );
    memory.put(&apply(retrying, retry, ago(now, 180)));
    let fail = Event::Fail { lease: Uuid::nil(), error: "no engine speaks this language: tlh".to_owned() };
    let failing = claimed(
        fresh("+573019999926", HOSTILE, Lane::Normal, Some("<i>"), ago(now, 150)),
        "obra-1",
        ago(now, 149),
    );
    memory.put(&apply(failing, fail, ago(now, 148)));
    memory.put(&apply(
        fresh("+573171234557", APPOINTMENT, Lane::Normal, None, ago(now, 60)),
        Event::Cancel,
        ago(now, 50),
    ));
}

/// An hour of calls, and one job in each state.
pub(crate) async fn fill(memory: &Memory, now: Timestamp) {
    an_hour(memory, now);
    for n in 0..40 {
        memory.put(&fresh(
            &format!("+57312000{n:04}"),
            WATER,
            Lane::Normal,
            Some("alcaldia"),
            ago(now, 90 - n),
        ));
    }
    memory.put(&claimed(fresh("+573005050149", FLOOD, Lane::High, None, ago(now, 2)), "obra-2", ago(now, 1)));
    let dispatched = |to, seconds| {
        handed_over(
            claimed(fresh(to, FLOOD, Lane::High, None, ago(now, seconds)), "obra-1", ago(now, seconds)),
            ago(now, seconds - 1),
        )
    };
    memory.put(&dispatched("+573112345683", 21));
    let check = Event::Check { attempt: 1, next: now, waiting: Waiting::Result };
    memory.put(&apply(dispatched("+573181234505", 31), check, now));
    for (to, text, seconds) in [("+573101234518", WATER, 720), ("+573001234549", APPOINTMENT, 1_860)] {
        let job = fresh(to, text, Lane::Normal, Some("clinica-andes"), ago(now, seconds));
        let mut job = handed_over(claimed(job, "obra-4", ago(now, seconds)), ago(now, seconds));
        if text == APPOINTMENT {
            job = apply(job, Event::HangUp { attempt: 1 }, ago(now, seconds - 20));
        }
        memory.put(&ended(job, OutcomeKind::Uncertain, ago(now, seconds - 60)));
    }
    odd_ends(memory, now);
    beats(memory).await;
    memory.set_aside(3);
    memory.burden("claro", 17, 2);
    memory.burden("mundo", 3, 0);
    memory.burden("", 20, 0);
}

/// Three workers give a sign of life; a fourth has not for minutes.
pub(crate) async fn beats(memory: &Memory) {
    let workers = [("obra-1", 3, 3, 1), ("obra-2", 2, 3, 3), ("obra-3", 1, 2, 2), ("obra-4", 0, 2, 240)];
    for (id, busy, slots, silent) in workers {
        drop(Store::beat(memory, &beat(id, busy, slots, Duration::from_secs(silent))).await);
    }
}

/// One step further in the life of some waiting job, so that a preview moves.
pub(crate) async fn go_on(memory: &Memory, now: Timestamp) {
    let all =
        memory.list(&pregon_core::Filter { limit: 500, ..Default::default() }).await.unwrap_or_default();
    memory.put(&fresh(
        &format!("+57315{:07}", now.millis() % 9_999_999),
        APPOINTMENT,
        Lane::Normal,
        None,
        now,
    ));
    for job in all.jobs {
        let next = match &job.state {
            pregon_core::State::Queued { .. } => claimed(job.clone(), "obra-3", now),
            pregon_core::State::Processing { .. } => handed_over(job.clone(), now),
            pregon_core::State::Dispatched { waiting: Waiting::Pickup, .. } => {
                ended(job.clone(), OutcomeKind::Answered, now)
            }
            _ => continue,
        };
        memory.count(Some(&job), &next, now);
        memory.put(&next);
    }
}
