//! What people do to a job from its page or from the overview.

use axum::extract::{Path, State};
use axum::response::Response;
use pregon_core::{
    Again, Cancelled, Cut, Decided, Entry, Job, State as JobState, StateName, Verdict, Waiting, What, clock,
};

use super::JobPage;
use crate::House;
use crate::csrf::Posted;
use crate::pages::choices::standing;
use crate::pages::{Flash, Trouble, rendered, visible_job};
use crate::visitor::Visitor;

/// `POST /jobs/{id}/number`: the page once more with the whole number. Asking for it leaves a trace in the log. The
/// page stands still, so that the number does not vanish while somebody copies it.
pub(crate) async fn show_number(
    State(house): State<House>,
    visitor: Visitor,
    Path(id): Path<String>,
    _form: Posted,
) -> Result<Response, Trouble> {
    let mut page = JobPage::load(&house, &visitor, &id, clock::now()).await?;
    if !page.may_change {
        return Err(Trouble::Refused);
    }
    let number = page.job.spec.call().map(|call| call.to.as_str().to_owned()).ok_or(Trouble::NotFound)?;
    tracing::info!(job = page.id, by = visitor.caller.name, "a phone number was shown");
    page.revealed = Some(number);
    rendered(&page)
}

async fn changeable(house: &House, visitor: &Visitor, id: &str) -> Result<Job, Trouble> {
    let job = visible_job(house, visitor, id).await?;
    if visitor.caller.may_change(job.client.as_deref()) { Ok(job) } else { Err(Trouble::Refused) }
}

/// `POST /jobs/{id}/cancel`
pub(crate) async fn cancel(
    State(house): State<House>,
    visitor: Visitor,
    Path(id): Path<String>,
    _form: Posted,
) -> Result<Response, Trouble> {
    let job = changeable(&house, &visitor, &id).await?;
    tracing::info!(job = %job.id, by = visitor.caller.name, "cancelling");
    let flash = match house.desk.cancel(job.id, clock::now()).await? {
        Cancelled::InTime(_) => Flash::Cancelled,
        Cancelled::Asked(job) if with_the_station(&job) => Flash::WithdrawAsked,
        Cancelled::Asked(_) => Flash::CancelAsked,
        Cancelled::TooLate(job) if goes_on_as_the_last(&job) => Flash::LastCall,
        Cancelled::TooLate(_) => Flash::TooLate,
        Cancelled::Unknown => return Err(Trouble::NotFound),
    };
    Ok(flash.after(&format!("/jobs/{}", job.id)))
}

/// `POST /jobs/{id}/hangup`
pub(crate) async fn hang_up(
    State(house): State<House>,
    visitor: Visitor,
    Path(id): Path<String>,
    _form: Posted,
) -> Result<Response, Trouble> {
    let job = changeable(&house, &visitor, &id).await?;
    let switchboard = house.switchboard.as_ref().ok_or(Trouble::NotFound)?;
    tracing::info!(job = %job.id, by = visitor.caller.name, "hanging up");
    let flash = match house.desk.hang_up(job.id, &**switchboard, clock::now()).await? {
        Cut::Done(_) => Flash::HangingUp,
        Cut::NoCall(_) => Flash::NoCall,
        Cut::Failed(why) => {
            tracing::warn!(job = %job.id, %why, "a call was not hung up");
            Flash::NotHungUp
        }
        Cut::Unknown => return Err(Trouble::NotFound),
    };
    Ok(flash.after(&format!("/jobs/{}", job.id)))
}

/// Whether its station has it, which takes it out when that is still possible.
const fn with_the_station(job: &Job) -> bool {
    matches!(job.state, JobState::Dispatched { waiting: Waiting::Station, .. })
}

/// Whether its call was handed over and is the last one, by itself or because somebody wished so.
fn goes_on_as_the_last(job: &Job) -> bool {
    job.state.name() == StateName::Dispatched && job.exhausted() && !crate::people::uncertain(job)
}

/// `POST /jobs/{id}/decide`: what a person says of a call whose fate cannot be known. Whoever decides on the overview
/// stays there for the next one; whoever comes too late is shown what was faster.
pub(crate) async fn decide(
    State(house): State<House>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Posted,
) -> Result<Response, Trouble> {
    let job = changeable(&house, &visitor, &id).await?;
    let attempt = form.get("attempt").parse().map_err(|_| Trouble::Refused)?;
    let verdict = Verdict::ALL.into_iter().find(|v| v.as_str() == form.get("verdict"));
    let verdict = verdict.ok_or(Trouble::Refused)?;
    let page = format!("/jobs/{}", job.id);
    tracing::info!(job = %job.id, verdict = verdict.as_str(), by = visitor.caller.name, "deciding");
    let decided = house.desk.decide(job.id, attempt, verdict, clock::now()).await?;
    house.0.people.forget();
    Ok(match decided {
        Decided::Done(_) => {
            let flash = match verdict {
                Verdict::Heard => Flash::Heard,
                Verdict::Left => Flash::Left,
            };
            flash.after(if form.get("from") == "overview" { "/" } else { &page })
        }
        Decided::NotAsked(job) if by_somebody(&job, attempt) => Flash::Forestalled.after(&page),
        Decided::NotAsked(_) => Flash::Overtaken.after(&page),
        Decided::Unknown => return Err(Trouble::NotFound),
    })
}

/// Whether a person decided on that attempt, one way or the other.
fn by_somebody(job: &Job, attempt: u16) -> bool {
    let decided = |entry: &Entry| matches!(entry.what, What::Decided { .. } | What::Again);
    job.timeline.iter().any(|entry| entry.attempt == attempt && decided(entry))
}

/// `POST /jobs/{id}/again`. The form names the attempt that its page showed and how the job stood: a page left open
/// since then must not call a second time.
pub(crate) async fn again(
    State(house): State<House>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Posted,
) -> Result<Response, Trouble> {
    let job = changeable(&house, &visitor, &id).await?;
    let page = format!("/jobs/{}", job.id);
    if form.get("attempt") != job.attempt.to_string() || form.get("standing") != standing(&job) {
        return Ok(Flash::Changed.after(&page));
    }
    tracing::info!(job = %job.id, by = visitor.caller.name, "trying again");
    // The page said so, and its button asked.
    let heard_too = job.state.name() == StateName::Completed;
    let flash = match house.desk.again(job.id, job.attempt, heard_too, clock::now()).await? {
        Again::Queued(_) => Flash::Again,
        Again::NotEnded(_) => Flash::NotEnded,
        Again::Heard(_) => Flash::Changed,
        Again::Unknown => return Err(Trouble::NotFound),
    };
    house.0.people.forget();
    Ok(flash.after(&page))
}
