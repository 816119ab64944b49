//! A TCP proxy whose connections can all be cut at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Forwards a loopback port to another.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    cut: Arc<watch::Sender<u64>>,
    gate: Arc<Gate>,
}

/// Who comes in.
#[derive(Default)]
struct Gate {
    closed: AtomicBool,
    served: AtomicUsize,
}

impl Proxy {
    pub(crate) async fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = Arc::new(watch::Sender::new(0));
        let gate = Arc::<Gate>::default();
        let (cuts, guard) = (Arc::clone(&cut), Arc::clone(&gate));
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                if guard.closed.load(Ordering::SeqCst) {
                    continue;
                }
                guard.served.fetch_add(1, Ordering::SeqCst);
                let mut cut = cuts.subscribe();
                tokio::spawn(async move {
                    let Ok(mut far) = TcpStream::connect(("127.0.0.1", target)).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Self { port, cut, gate }
    }

    /// Drops every connection, and each new one at once, until it is opened again.
    pub(crate) fn close(&self) {
        self.gate.closed.store(true, Ordering::SeqCst);
        self.cut();
    }

    pub(crate) fn open(&self) {
        self.gate.closed.store(false, Ordering::SeqCst);
    }

    /// How many connections it has forwarded.
    pub(crate) fn served(&self) -> usize {
        self.gate.served.load(Ordering::SeqCst)
    }

    /// Drops every connection, in the middle of whatever it carries.
    pub(crate) fn cut(&self) {
        self.cut.send_modify(|n| *n += 1);
    }
}

/// The same address on another port.
pub(crate) fn with_port(url: &str, port: u16) -> String {
    let mut url: url::Url = url.parse().unwrap();
    url.set_port(Some(port)).unwrap();
    url.to_string()
}

/// The port of an address.
pub(crate) fn port_of(url: &str) -> u16 {
    url.parse::<url::Url>().unwrap().port().unwrap()
}
