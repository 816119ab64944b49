//! The same of MP3.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ffmpeg_and_mpv_play_mp3_from_the_middle() {
    if installed(&["ffmpeg", "mpv"]) {
        let rig = Rig::on_air(&["--mixer-mp3", "128"], 1);
        let (head, _) = rig.ask("/radio.mp3", "").await;
        assert!(head.starts_with("http/1.1 200") && head.contains("content-type: audio/mpeg"), "{head}");
        sleep(Duration::from_secs(1)).await;
        others_play(&rig.url("/radio.mp3")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mount_of_icecast_that_ends_in_mp3_plays_mp3() {
    if !installed(&["icecast2", "ffmpeg", "mpv"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = quiet_port();
    let _icecast = start_icecast(folder.path(), port).await;
    let url = format!("icecast://source:muysecreto@127.0.0.1:{port}/live.mp3");
    let rig = Rig::on_air(&["--mixer-mp3", "128,64", "--icecast-url", &url], 1);
    let on_air = || rig.outputs.relay().is_some_and(|(_, relay)| relay == Relay::OnAir);
    until("on air at Icecast", Duration::from_secs(5), on_air).await;
    assert_eq!(rig.outputs.relay().map(|(stream, _)| stream.path.clone()), Some("/radio.mp3".to_owned()));
    others_play(&format!("http://127.0.0.1:{port}/live.mp3")).await;
}
