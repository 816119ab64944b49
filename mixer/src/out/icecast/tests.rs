use tokio::net::TcpListener;

use super::*;
use crate::Tier;
use crate::out::Hub;
use crate::out::rig::{Rig, until};

/// A server of our own that says what it is told to say.
struct Server(TcpListener);

impl Server {
    async fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn mount(&self) -> Mount {
        let port = self.0.local_addr().unwrap().port();
        format!("icecast://source:muy%20secreto@127.0.0.1:{port}/live").parse().unwrap()
    }

    /// The next request, answered.
    async fn answer(&self, answer: &str) -> (String, TcpStream) {
        let (mut socket, _) = self.0.accept().await.unwrap();
        let head = read_head(&mut socket).await.unwrap();
        socket.write_all(answer.as_bytes()).await.unwrap();
        (head, socket)
    }
}

fn client(rig: &Rig, mount: Mount) -> (Client, watch::Receiver<Relay>) {
    let (report, state) = watch::channel(Relay::Connecting);
    let stream = rig.outputs.streams()[0].clone();
    (Client { mount, stream, billboard: rig.outputs.billboard.clone(), report }, state)
}

fn start(client: Client) -> CancellationToken {
    let stop = CancellationToken::new();
    tokio::spawn(run(client, "prueba\r\nX-Evil: 1".into(), stop.clone()));
    stop
}

#[tokio::test]
async fn the_stream_follows_the_request_without_a_length() {
    let (rig, server) = (Rig::on_air(&[], 4), Server::new().await);
    let (client, state) = client(&rig, server.mount());
    let stop = start(client);
    let (head, mut socket) =
        server.answer("HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\nHTTP/1.0 200 OK\r\n\r\n").await;
    assert!(head.starts_with("PUT /live HTTP/1.1\r\n"), "{head}");
    for line in [
        "Authorization: Basic c291cmNlOm11eSBzZWNyZXRv",
        "Content-Type: application/ogg",
        "Expect: 100-continue",
        "Ice-Name: pruebaX-Evil: 1",
    ] {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "{line}: {head}");
    }
    assert!(!head.to_ascii_lowercase().contains("content-length") && !head.contains("chunked"), "{head}");
    let mut bytes = [0; 2_000];
    socket.read_exact(&mut bytes).await.unwrap();
    assert!(bytes.starts_with(b"OggS") && bytes[28..36] == *b"OpusHead");
    assert_eq!(*state.borrow(), Relay::OnAir);
    assert_eq!(rig.outputs.listening().now, 0, "a relay is no listener");
    stop.cancel();
}

#[tokio::test]
async fn whatever_the_server_does_it_is_fed_again_and_the_reason_is_known() {
    let (rig, server) = (Rig::on_air(&[], 4), Server::new().await);
    let (client, state) = client(&rig, server.mount());
    let stop = start(client);
    for (answer, reason) in [
        ("HTTP/1.0 401 Unauthorized\r\n\r\n", "the server refuses the password"),
        (
            "HTTP/1.0 403 Mountpoint in use\r\n\r\n",
            "the server refuses the stream: HTTP/1.0 403 Mountpoint in use",
        ),
        ("", "the server closed the connection"),
        ("HTTP/1.0 200 OK\r\n\r\n", "the server closed the connection"),
    ] {
        drop(server.answer(answer).await);
        until(reason, Duration::from_secs(5), || *state.borrow() == Relay::Off(reason.into())).await;
    }
    let (_, _socket) = server.answer("HTTP/1.0 200 OK\r\n\r\n").await;
    until("on air", Duration::from_secs(5), || *state.borrow() == Relay::OnAir).await;
    stop.cancel();
}

#[tokio::test]
async fn titles_are_sent_beside_the_stream_and_no_more_once_they_are_refused() {
    let (rig, server) = (Rig::on_air(&[], 4), Server::new().await);
    rig.outputs.billboard.write("Pueblo blanco & más", Tier::Playlist);
    let (mount, board) = (server.mount(), rig.outputs.billboard.read());
    let telling = tokio::spawn(async move { titles::tell(&mount, board).await });
    let (head, socket) = server.answer("HTTP/1.0 200 OK\r\n\r\n<return>1</return>").await;
    drop(socket);
    assert!(head.starts_with("GET /admin/metadata?mode=updinfo&charset=UTF-8&mount=%2Flive&song=Pueblo%20blanco%20%26%20m%C3%A1s HTTP/1.0\r\n"), "{head}");
    rig.outputs.billboard.write("Otra", Tier::Playlist);
    drop(
        server
            .answer("HTTP/1.0 200 OK\r\n\r\n<message>Mountpoint will not accept URL updates</message>")
            .await,
    );
    rig.outputs.billboard.write("Una más", Tier::Playlist);
    let third = timeout(Duration::from_millis(300), server.answer("")).await;
    assert!(third.is_err(), "asked again");
    telling.abort();
}

#[tokio::test]
async fn a_stream_that_has_ended_is_not_fed() {
    let server = Server::new().await;
    let hub = Hub::new(b"", Duration::ZERO);
    hub.close();
    let stream = Stream { path: "/radio".into(), format: Format::Opus, kbits: 64, hub };
    let (report, _) = watch::channel(Relay::Connecting);
    let client = Client { mount: server.mount(), stream, billboard: Billboard::new(), report };
    let (lost, _socket) = tokio::join!(client.feed("x"), server.answer("HTTP/1.0 200 OK\r\n\r\n"));
    assert!(matches!(lost, Lost::Behind), "{lost}");
}
