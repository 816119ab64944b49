fn main() {
    use std::sync::Arc; use std::time::Instant;
    use pregon_core::*;
    let rt = tokio::runtime::Runtime::new().unwrap();
    rt.block_on(async {
        let dir = tempfile::tempdir_in("/work/main/target").unwrap();
        let db = Arc::new(pregon_backends::sqlite::Sqlite::open(&dir.path().join("p.db")).await.unwrap());
        let api = pregon_api::Api { desk: Desk::new(db.clone(), db.clone()), keys: "".parse().unwrap(),
            repertoire: Repertoire { engines: vec![EngineInfo { id: "espeak".into(), voices: vec![], languages: vec!["es".into()] }] },
            region: "CO".parse().unwrap(), language: "es".into(), audio_dir: dir.path().into(), workers: None, rate_limit: 0, stop: tokio_util::sync::CancellationToken::new() };
        let router = pregon_api::router(api);
        let t = Instant::now();
        PhoneNumber::parse("3005050148", "CO".parse().unwrap()).unwrap(); println!("first phone {:?}", t.elapsed());
        let t = Instant::now();
        for n in 0..10_000 { std::hint::black_box(PhoneNumber::parse(&format!("300505{:04}", n), "CO".parse().unwrap()).unwrap()); }
        println!("phones {:?}", t.elapsed());
        for round in 0..5 {
            let jobs: Vec<_> = (0..10_000).map(|n| serde_json::json!({"text": format!("Su cita es mañana a las {n} en la sede {round}"), "phone_number": format!("300505{:04}", n), "metadata": {"order": n}})).collect();
            let body = serde_json::json!({"jobs": jobs}).to_string();
            let len = body.len();
            let t = Instant::now();
            let r = tower::ServiceExt::oneshot(router.clone(), axum::http::Request::post("/tts/batch").body(axum::body::Body::from(body)).unwrap()).await.unwrap();
            let b = axum::body::to_bytes(r.into_body(), usize::MAX).await.unwrap();
            let e = t.elapsed();
            println!("batch {len} -> {} bytes {e:?} = {:.0}/s", b.len(), 10_000.0 / e.as_secs_f64());
        }
        // single calls, 16 at once
        let t = Instant::now();
        let mut set = tokio::task::JoinSet::new();
        for c in 0..16 { let router = router.clone(); set.spawn(async move { for n in 0..500 {
            let body = serde_json::json!({"text": format!("Su cita {c} {n}"), "phone_number": "3005050149"}).to_string();
            let r = tower::ServiceExt::oneshot(router.clone(), axum::http::Request::post("/tts/call").body(axum::body::Body::from(body)).unwrap()).await.unwrap();
            assert_eq!(r.status(), 202);
        }});}
        set.join_all().await;
        println!("singles {:.0}/s", 8_000.0 / t.elapsed().as_secs_f64());
    });
}
