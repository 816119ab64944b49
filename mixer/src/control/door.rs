//! The doors of the line protocol: a TCP port and a unix socket.

use std::fs::{self, Permissions};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio_util::sync::CancellationToken;

use super::ControlArgs;
use super::console::Console;
use super::line::Reception;
use crate::station::Station;

/// Owner and group may talk to the station, nobody else.
const MODE: u32 = 0o660;

/// How long to wait when the system has no connection to give, so that trying again does not keep it busy.
const BREATHER: Duration = Duration::from_millis(100);

/// Why the line protocol cannot be offered. The text says what to change.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The protocol has no keys: whoever reaches the port plays what they like.
    #[error(
        "TELNET_ADDR={0} listens beyond this machine, and the protocol has no passwords; listen on 127.0.0.1, and reach \
         it from elsewhere through ssh or the HTTP control"
    )]
    NotLoopback(SocketAddr),
    /// The port cannot be had.
    #[error("TELNET_ADDR={addr} cannot be listened on: {source}")]
    Port {
        /// The address.
        addr: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Another process answers on the socket.
    #[error("{} belongs to a station that is running; stop it, or set MIXER_SOCKET", .0.display())]
    Taken(PathBuf),
    /// Something else has the name.
    #[error("{} is there and is no socket; remove it, or set MIXER_SOCKET", .0.display())]
    NotASocket(PathBuf),
    /// The socket cannot be made.
    #[error("the socket {} cannot be made: {source}", path.display())]
    Socket {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The doors, open; nobody is answered before [`serve`](Self::serve).
#[derive(Debug)]
pub struct Doors {
    telnet: TcpListener,
    socket: UnixListener,
    name: SocketFile,
}

impl Doors {
    /// Opens both doors. `data_dir` is where the socket lies when no other place is set. Needs a Tokio runtime.
    pub async fn open(args: &ControlArgs, data_dir: &Path) -> Result<Self, NotOpened> {
        let addr = args.telnet_addr;
        if !addr.ip().is_loopback() {
            return Err(NotOpened::NotLoopback(addr));
        }
        let telnet = TcpListener::bind(addr).await.map_err(|source| NotOpened::Port { addr, source })?;
        let (socket, name) = open_socket(args.socket(data_dir))?;
        Ok(Self { telnet, socket, name })
    }

    /// Where the TCP port is, which matters when the system chose it.
    pub fn telnet_addr(&self) -> io::Result<SocketAddr> {
        self.telnet.local_addr()
    }

    /// Where the socket is.
    pub fn socket(&self) -> &Path {
        &self.name.path
    }

    /// Answers for `station` until `stop`. Conversations end with it, and the socket is removed.
    pub async fn serve(self, station: Station, stop: CancellationToken) {
        self.receive(Reception::new(Console::new(station), stop.clone()), stop).await;
    }

    pub(super) async fn receive(self, reception: Reception, stop: CancellationToken) {
        let Self { telnet, socket, name } = self;
        let ports = accept_all(&reception, || async { telnet.accept().await.map(|(stream, _)| stream) });
        let sockets = accept_all(&reception, || async { socket.accept().await.map(|(stream, _)| stream) });
        stop.run_until_cancelled(futures_util::future::join(ports, sockets)).await;
        drop(name);
        reception.empty().await;
    }
}

async fn accept_all<C, F>(reception: &Reception, mut accept: impl FnMut() -> F)
where
    C: AsyncRead + AsyncWrite + Send + 'static,
    F: Future<Output = io::Result<C>>,
{
    loop {
        match accept().await {
            Ok(connection) => reception.welcome(connection),
            Err(error) => {
                tracing::debug!(%error, "a control connection could not be taken");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
}

fn open_socket(path: PathBuf) -> Result<(UnixListener, SocketFile), NotOpened> {
    let failed = |source| NotOpened::Socket { path: path.clone(), source };
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
        Ok(there) if !there.file_type().is_socket() => return Err(NotOpened::NotASocket(path)),
        Ok(_) => {
            // Left behind by a process that was killed: nobody answers.
            match std::os::unix::net::UnixStream::connect(&path) {
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Ok(_) | Err(_) => return Err(NotOpened::Taken(path)),
            }
            fs::remove_file(&path).map_err(failed)?;
        }
    }
    let listener = UnixListener::bind(&path).map_err(failed)?;
    fs::set_permissions(&path, Permissions::from_mode(MODE)).map_err(failed)?;
    let inode = fs::symlink_metadata(&path).map_err(failed)?.ino();
    Ok((listener, SocketFile { path, inode }))
}

/// The name of our socket, removed when it is dropped, unless another process has put its own there.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    inode: u64,
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|there| there.ino() == self.inode) {
            drop(fs::remove_file(&self.path));
        }
    }
}
