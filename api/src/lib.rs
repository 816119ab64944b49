//! The HTTP API: accepts, validates, enqueues; status, stats, OpenAPI.
//!
//! [`router`] turns an [`Api`] into routes, and [`serve`] answers on a socket until it is told to stop. Each call is
//! one file with its handler and its documentation, and one line in [`routes`]. Nothing here knows which store or
//! queue is behind it, or how speech is made.

mod again;
mod air;
mod args;
mod audio;
mod auth;
mod batch;
mod body;
mod broadcast;
mod cache;
mod call;
mod cancel;
mod dead;
mod decide;
mod docs;
mod door;
mod engines;
mod events;
mod extract;
mod feed;
mod fields;
mod hangup;
mod health;
mod idempotency;
mod inside;
mod interaction;
mod jambonz;
mod job_view;
mod jobs;
mod lexicon;
mod limit;
mod live;
mod metrics;
mod openai;
mod openapi;
mod outcome_view;
mod prerender;
mod preview;
mod problem;
mod request;
mod retry;
mod site;
mod sound;
mod speaker;
mod stats;
mod upload;
mod view;
mod voices;
mod wording;
mod workers;

use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::serve::ListenerExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use args::ApiArgs;
pub use feed::Pacing;
pub use site::Api;

use site::Site;

/// A connection whose other end reads nothing for so long is cut.
const STUCK: Duration = Duration::from_mins(1);
/// Requests that are still being answered get this long after the stop.
const DRAIN: Duration = Duration::from_secs(10);

fn routes() -> (Router<Arc<Site>>, OpenApi) {
    let (router, document) = OpenApiRouter::with_openapi(openapi::blank())
        .routes(routes!(call::post_call))
        .routes(routes!(batch::post_batch))
        .routes(routes!(broadcast::post_broadcast))
        .routes(routes!(upload::post_audio))
        .routes(routes!(prerender::post_prerender))
        .routes(routes!(cache::get_cache, cache::delete_cache))
        .routes(routes!(feed::notify::notify_new_audio))
        .routes(routes!(voices::list_voices))
        .routes(routes!(lexicon::list_lexicons))
        .routes(routes!(lexicon::get_lexicon, lexicon::put_lexicon, lexicon::delete_lexicon))
        .routes(routes!(preview::post_preview))
        .routes(routes!(preview::get_preview))
        .routes(routes!(engines::list_engines))
        .routes(routes!(jambonz::post_vendor))
        .routes(routes!(openai::speech::post_speech))
        .routes(routes!(openai::lists::list_voices))
        .routes(routes!(openai::lists::list_models))
        .routes(routes!(jobs::get_status))
        .routes(routes!(jobs::list_jobs))
        .routes(routes!(again::retry_job))
        .routes(routes!(cancel::cancel_job))
        .routes(routes!(hangup::hang_up))
        .routes(routes!(decide::decide_job))
        .routes(routes!(audio::get_audio))
        .routes(routes!(events::get_events))
        .routes(routes!(stats::get_stats))
        .routes(routes!(dead::list_dead))
        .routes(routes!(dead::replay_dead))
        .routes(routes!(workers::list_workers, workers::put_workers))
        .routes(routes!(metrics::get_metrics))
        .routes(routes!(health::get_health))
        .routes(routes!(health::get_live))
        .routes(routes!(health::get_ready))
        .routes(routes!(docs::get_openapi))
        .routes(routes!(docs::get_docs))
        .routes(routes!(docs::get_style))
        .routes(routes!(docs::get_root))
        .split_for_parts();
    (router, openapi::complete(document))
}

/// The OpenAPI document of all calls.
pub fn openapi() -> OpenApi {
    routes().1
}

/// The routes over `api`. The documentation page is rendered here, once.
pub fn router(api: Api) -> Router {
    let (router, document) = routes();
    let site = Arc::new(Site::new(api, docs::Docs::of(&document)));
    router
        .route(feed::PATH, feed::serve(&site))
        .fallback(door::nowhere)
        .layer(from_fn_with_state(Arc::clone(&site), door::pass))
        .with_state(site)
}

/// Answers on `listener` until `stop`, then lets requests in progress end, for ten seconds at most.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> std::io::Result<()> {
    let stopped = stop.clone();
    let listener = listener.tap_io(|connection| cut_when_stuck(connection));
    let server = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).into_future();
    let patience = async {
        stopped.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        result = server => result,
        () = patience => {
            tracing::warn!("requests in progress were cut off");
            Ok(())
        }
    }
}

/// Has the kernel cut a connection that cannot be written to, even if its other end is alive: an endless answer would
/// be kept for it as long as it likes. (`tcp(7)`, `TCP_USER_TIMEOUT`; `tcp_timer.c` counts the time of a closed window.)
fn cut_when_stuck(connection: &TcpStream) {
    let millis = u32::try_from(STUCK.as_millis()).unwrap_or(u32::MAX);
    if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(connection, millis) {
        tracing::debug!(%error, "a stuck connection will not be noticed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connections_are_cut_when_they_are_stuck() {
        let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let caller = TcpStream::connect(door.local_addr().unwrap()).await.unwrap();
        cut_when_stuck(&caller);
        assert_eq!(rustix::net::sockopt::tcp_user_timeout(&caller).unwrap(), 60_000);
    }
}
