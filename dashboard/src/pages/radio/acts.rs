//! What people do to a station from its page.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pregon_core::{
    Answer, Begun, Job, JobId, Medium, Request, Spec, StationName, StoreError, Timestamp, clock,
};
use sha2::{Digest, Sha256};

use super::form::{Announcing, Complaint};
use super::{RadioPage, desk, named, running};
use crate::House;
use crate::csrf::Posted;
use crate::pages::{Flash, Heard, Trouble};
use crate::session::hex;
use crate::visitor::Visitor;

/// `POST /radio/{station}/announce`: asks for an announcement as the API would. A form that is sent twice makes one job.
/// With `do=preview` it is only spoken, for whoever fills it in.
pub(crate) async fn announce(
    State(house): State<House>,
    visitor: Visitor,
    Path(station): Path<String>,
    form: Posted,
) -> Result<Response, Trouble> {
    visitor.must_operate()?;
    let station = named(&station)?;
    running(&house, &station)?;
    let mut asked = Announcing::read(&form).ok_or(Trouble::Refused)?;
    let now = clock::now();
    if form.get("do") == "preview" {
        return hear(&house, &visitor, &station, asked, now).await;
    }
    let (complaints, status) = match asked.spec(&station, &house.zone, now) {
        Err(complaints) => (complaints, StatusCode::UNPROCESSABLE_ENTITY),
        Ok(spec) => match submit(&house, &visitor, &station, &asked, spec, now).await {
            Some(flash) => return Ok(flash.after(&format!("/radio/{station}"))),
            None => (vec![Complaint::Away], StatusCode::SERVICE_UNAVAILABLE),
        },
    };
    asked.complaints = complaints;
    let mut page = RadioPage::load(&house, &visitor, &station, now).await?;
    page.form = Some(asked);
    Ok((status, page.answer(&visitor, None)?).into_response())
}

/// The page again, with what was filled in and the sound of it.
async fn hear(
    house: &House,
    visitor: &Visitor,
    station: &StationName,
    mut asked: Announcing,
    now: Timestamp,
) -> Result<Response, Trouble> {
    let booth = &*house.voices.as_ref().ok_or(Trouble::NotFound)?.booth;
    let client = (!house.keys.is_empty()).then_some(visitor.caller.name.as_str());
    let heard = match asked.speech() {
        Ok(speech) => {
            let language = visitor.guest.language;
            let heard = Heard::record(house, booth, &speech, Medium::Air, client, language).await;
            heard.map_err(|why| vec![Complaint::of(&why)])
        }
        Err(complaints) => Err(complaints),
    };
    let mut page = RadioPage::load(house, visitor, station, now).await?;
    let status = match heard {
        Ok(heard) => {
            page.heard = Some(heard);
            StatusCode::OK
        }
        Err(complaints) => {
            let away = complaints.contains(&Complaint::Mute);
            asked.complaints = complaints;
            if away { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::UNPROCESSABLE_ENTITY }
        }
    };
    page.form = Some(asked);
    Ok((status, page.answer(visitor, None)?).into_response())
}

/// Hands the job in; `None` when it was not accepted and will not be heard.
async fn submit(
    house: &House,
    visitor: &Visitor,
    station: &StationName,
    asked: &Announcing,
    spec: Spec,
    now: Timestamp,
) -> Option<Flash> {
    let by = &visitor.caller.name;
    let fingerprint = fingerprint(station, asked);
    // What was changed after going back is another announcement.
    let key = format!("form-{fingerprint}");
    let request = Request { client: by, key: &key, fingerprint: &fingerprint };
    let first_seen = match house.desk.store().begin(request.clone(), now).await.inspect_err(warn).ok()? {
        Begun::Go { first_seen } => first_seen,
        Begun::Busy | Begun::Replay(_) | Begun::Conflict => return Some(Flash::AnnouncedBefore),
    };
    let client = (!house.keys.is_empty()).then(|| by.clone());
    let job = Job::accept(JobId::derived(first_seen, by, &key, 0), spec, client, now);
    if let Some(Err(error)) = house.desk.accept(std::slice::from_ref(&job), now).await.pop() {
        tracing::warn!(%error, "an announcement was not accepted");
        drop(house.desk.store().abandon(request).await);
        return None;
    }
    tracing::info!(job = %job.id, %station, by, "announcing");
    let answer = Answer {
        status: StatusCode::SEE_OTHER.as_u16(),
        body: String::new(),
        location: Some(format!("/jobs/{}", job.id)),
    };
    // If this fails, the same form makes the same job again, which changes nothing.
    if let Err(error) = house.desk.store().finish(request, &answer).await {
        warn(&error);
    }
    Some(Flash::Announced)
}

fn warn(error: &StoreError) {
    tracing::warn!(%error, "the store does not answer");
}

/// The filled-in form as a hash.
fn fingerprint(station: &StationName, asked: &Announcing) -> String {
    let chime = format!("{:?}", asked.chime);
    let fields = [
        station.as_str(),
        &asked.nonce,
        &asked.text,
        asked.when.as_str(),
        &asked.time,
        &asked.ttl,
        &chime,
        asked.lane.as_str(),
        &asked.language,
    ];
    let mut hash = Sha256::new();
    for field in fields {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field);
    }
    hex(&hash.finalize())
}

/// `POST /radio/{station}/skip`. The form names what its page showed: nothing else is ended.
pub(crate) async fn skip(
    State(house): State<House>,
    visitor: Visitor,
    Path(station): Path<String>,
    form: Posted,
) -> Result<Response, Trouble> {
    visitor.must_operate()?;
    let station = named(&station)?;
    let radio = running(&house, &station)?;
    let skip = radio.look(&station).await.map(|look| desk::skip(&look));
    let flash = if skip.as_ref().and_then(desk::Skip::standing) != Some(form.get("standing")) {
        Flash::AirChanged
    } else if radio.skip(&station).await {
        tracing::info!(%station, by = visitor.caller.name, "skipped");
        Flash::Skipped
    } else {
        Flash::AirChanged
    };
    Ok(flash.after(&format!("/radio/{station}")))
}

/// `POST /radio/{station}/withdraw`: takes an announcement out of the queue.
pub(crate) async fn withdraw(
    State(house): State<House>,
    visitor: Visitor,
    Path(station): Path<String>,
    form: Posted,
) -> Result<Response, Trouble> {
    visitor.must_operate()?;
    let station = named(&station)?;
    let number = form.get("number").parse().map_err(|_| Trouble::Refused)?;
    let flash = if running(&house, &station)?.withdraw(&station, number).await {
        tracing::info!(%station, number, by = visitor.caller.name, "taken out of the queue");
        Flash::TakenOut
    } else {
        Flash::HasBegun
    };
    Ok(flash.after(&format!("/radio/{station}")))
}
