//! Who may do what, and with which proof.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use pregon_core::{StateName, Store, clock};

use crate::house::House;
use crate::sample::day::fill;

const KEYS: &str = "marta:admin:correct-horse,clinica-andes:client:battery-staple,pared:viewer:12345678";

async fn signed_in(secret: &str) -> House {
    let house = House::empty(KEYS);
    fill(&house.memory, clock::now()).await;
    let door = house.get("/signin").await;
    let answer = house.post("/signin", &door, &[("key", secret), ("next", "/jobs")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header(header::LOCATION), "/jobs");
    let cookie = answer.header(header::SET_COOKIE);
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Max-Age=43200")
    );
    house
}

#[tokio::test]
async fn without_a_session_everything_leads_to_the_door() {
    let house = House::empty(KEYS);
    for path in ["/", "/jobs", "/jobs/x", "/jobs/x/audio", "/nope"] {
        let answer = house.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.header(header::LOCATION).starts_with("/signin?next=%2F"), "{path}");
    }
    let live = house.get("/live?page=overview").await;
    assert_eq!(live.text, "event: leave\ndata: signin\n\n");
    let door = house.get("/signin").await;
    assert_eq!(door.status, StatusCode::OK);
    let wrong = house.post("/signin", &door, &[("key", "wrong-horse")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.page().text(".err"), "Esa clave no existe o se ha revocado.");
    for _ in 0..9 {
        house.post("/signin", &door, &[("key", "wrong-horse")]).await;
    }
    let shut = house.post("/signin", &door, &[("key", "correct-horse")]).await;
    assert_eq!(shut.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_operator_may_do_everything_and_sign_out() {
    let house = signed_in("correct-horse").await;
    let page = house.get("/").await;
    assert_eq!(page.page().text(".who b"), "marta");
    let scaled = house.post("/workers", &page, &[("count", "6")]).await;
    assert_eq!(scaled.header(header::LOCATION), "/?said=scaled");
    assert_eq!(*house.workers.borrow(), 6);
    let too_many = house.post("/workers", &page, &[("count", "6000")]).await;
    assert_eq!(too_many.status, StatusCode::FORBIDDEN);
    house.post("/dead/replay", &page, &[]).await;
    assert_eq!(house.get("/").await.page().count("#frag-queues tr.bad"), 0);
    assert_eq!(house.post("/signout", &page, &[]).await.header(header::LOCATION), "/signin");
    assert_eq!(house.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_viewer_sees_all_and_has_no_buttons() {
    let house = signed_in("12345678").await;
    let job = house.job(|j| j.state.name() == StateName::Queued).await;
    let path = format!("/jobs/{}", job.id);
    for page in ["/", &path] {
        let forms = house.get(page).await.page().count("form:not([action='/signout'])");
        assert_eq!(forms, 0, "{page}");
    }
    let page = house.get("/").await;
    for post in ["/workers", "/dead/replay", &format!("{path}/cancel"), &format!("{path}/number")] {
        assert_eq!(house.post(post, &page, &[("count", "1")]).await.status, StatusCode::FORBIDDEN, "{post}");
    }
    assert_eq!(house.memory.get(job.id).await.unwrap().unwrap().state.name(), StateName::Queued);
}

#[tokio::test]
async fn a_client_sees_only_what_it_asked_for() {
    let house = signed_in("battery-staple").await;
    let list = house.get("/jobs").await.page();
    assert_eq!(list.count("tbody tr"), 3);
    assert_eq!(list.count("#frag-chips b"), 0, "counts are of all clients");
    let own = house.job(|j| j.client.as_deref() == Some("clinica-andes")).await;
    let other = house.job(|j| j.client.as_deref() == Some("alcaldia")).await;
    assert_eq!(house.get(&format!("/jobs/{}", own.id)).await.status, StatusCode::OK);
    for suffix in ["", "/audio"] {
        let answer = house.get(&format!("/jobs/{}{suffix}", other.id)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{suffix}");
    }
    let page = house.get("/").await;
    let cancel = house.post(&format!("/jobs/{}/cancel", other.id), &page, &[]).await;
    assert_eq!(cancel.status, StatusCode::NOT_FOUND);
    assert_eq!(page.page().count("#frag-people li, #frag-failures tbody tr"), 2);
}

#[tokio::test]
async fn a_job_is_cancelled_and_tried_again() {
    let house = House::busy().await;
    let queued = house.job(|j| j.state.name() == StateName::Queued).await;
    let path = format!("/jobs/{}", queued.id);
    let page = house.get(&path).await;
    let answer = house.post(&format!("{path}/cancel"), &page, &[]).await;
    assert_eq!(answer.header(header::LOCATION), format!("{path}?said=cancelled"));
    let page = house.get(answer.header(header::LOCATION)).await;
    assert_eq!(page.page().text(".flash"), "Cancelado a tiempo: no sonará.");
    let again = format!("{path}/again");
    let old = house.post(&again, &page, &[("attempt", "7")]).await;
    assert_eq!(old.header(header::LOCATION), format!("{path}?said=changed"));
    let state = async || house.memory.get(queued.id).await.unwrap().unwrap().state.name();
    assert_eq!(state().await, StateName::Cancelled);
    let attempt = page.page().attribute("input[name=attempt]", "value");
    house.post(&again, &page, &[("attempt", &attempt), ("standing", "cancelled")]).await;
    assert_eq!(state().await, StateName::Queued);
}

#[tokio::test]
async fn an_uncertain_call_is_made_again_only_by_a_person() {
    let house = House::busy().await;
    let page = house.get("/").await;
    let form = "#frag-people form[action$='/again']";
    let action = page.page().attribute(form, "action");
    let field = |name: &str| page.page().attribute(&format!("{form} [name={name}]"), "value");
    let (attempt, standing) = (field("attempt"), field("standing"));
    assert!(page.page().text("#frag-people form p").contains("Puede que esta persona ya haya oído"));
    let fields = [("attempt", &*attempt), ("standing", &*standing)];
    let once = house.post(&action, &page, &fields).await;
    assert!(once.header(header::LOCATION).ends_with("said=again"));
    assert_eq!(house.get("/").await.page().count("#frag-people li"), 1);
    let twice = house.post(&action, &page, &fields).await;
    assert!(twice.header(header::LOCATION).ends_with("said=changed"));
}

#[tokio::test]
async fn a_number_is_shown_on_request_only() {
    let house = House::busy().await;
    let job = house.job(|j| j.state.name() == StateName::Completed).await;
    let call = job.spec.call().unwrap();
    let path = format!("/jobs/{}", job.id);
    let page = house.get(&path).await;
    assert!(!page.text.contains(call.to.as_str()));
    let shown = house.post(&format!("{path}/number"), &page, &[]).await;
    assert_eq!(shown.page().text(".facts.top .nb"), call.to.as_str());
    assert_eq!(shown.page().count("body[data-live]"), 0, "a live page would hide it again");
}

#[tokio::test]
async fn forms_need_their_token_and_our_own_page() {
    let house = House::busy().await;
    let job = house.job(|j| j.state.name() == StateName::Queued).await;
    let path = format!("/jobs/{}/cancel", job.id);
    let page = house.get("/").await;
    let token = page.page().attribute("input[name=csrf]", "value");
    let forged = Request::post(&path).body(Body::from("csrf=0123456789abcdef")).unwrap();
    assert_eq!(house.ask(forged).await.status, StatusCode::FORBIDDEN);
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "http://evil.example")] {
        let body = Body::from(format!("csrf={token}"));
        let foreign =
            Request::post(&path).header("host", "localhost").header(name, value).body(body).unwrap();
        let answer = house.ask(foreign).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
        assert_eq!(answer.page().text(".lede"), "El formulario ya no vale");
    }
    assert_eq!(house.memory.get(job.id).await.unwrap().unwrap().state.name(), StateName::Queued);
    let rebound = Request::get("/").header("host", "evil.example").body(Body::empty()).unwrap();
    assert_eq!(house.ask(rebound).await.status, StatusCode::FORBIDDEN);
}
