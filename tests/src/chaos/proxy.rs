//! Links between nodes that can be cut: each is a port of its own that leads to another node.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A way from one node to another's port. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Link {
    address: SocketAddr,
    is_open: Arc<watch::Sender<bool>>,
    accepting: JoinHandle<()>,
}

impl Link {
    /// A link to a port of this machine, which is open.
    pub(super) async fn to(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let is_open = Arc::new(watch::Sender::new(true));
        let accepting = tokio::spawn(accept(listener, port, is_open.clone()));
        Ok(Self { address, is_open, accepting })
    }

    /// Where it begins.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts it: what goes over it breaks off, and nothing gets through until it is mended.
    pub(super) fn cut(&self) {
        self.is_open.send_replace(false);
    }

    /// Mends it.
    pub(super) fn mend(&self) {
        self.is_open.send_replace(true);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

async fn accept(listener: TcpListener, port: u16, is_open: Arc<watch::Sender<bool>>) {
    loop {
        let Ok((incoming, _)) = listener.accept().await else { continue };
        // A cut wire takes nobody in; dropping the connection is as near as a port can come.
        if *is_open.borrow() {
            tokio::spawn(carry(incoming, port, is_open.subscribe()));
        }
    }
}

async fn carry(mut incoming: TcpStream, port: u16, mut is_open: watch::Receiver<bool>) {
    let Ok(mut onward) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else { return };
    // Without this, small messages wait for each other and the figures are of the proxy.
    let _ = (incoming.set_nodelay(true), onward.set_nodelay(true));
    tokio::select! {
        // Either end going away ends the other.
        _ = copy_bidirectional(&mut incoming, &mut onward) => {}
        _ = is_open.wait_for(|is_open| !is_open) => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// A port that says back what it hears.
    async fn echo() -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        port
    }

    async fn says(stream: &mut TcpStream) -> io::Result<[u8; 4]> {
        stream.write_all(b"ping").await?;
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).await.map(|_| answer)
    }

    #[tokio::test]
    async fn what_is_cut_breaks_off_and_what_is_mended_carries_again() {
        let link = Link::to(echo().await).await.unwrap();
        let mut stream = TcpStream::connect(link.address()).await.unwrap();
        assert_eq!(says(&mut stream).await.unwrap(), *b"ping");
        link.cut();
        assert!(says(&mut stream).await.is_err());
        let mut refused = TcpStream::connect(link.address()).await.unwrap();
        assert!(says(&mut refused).await.is_err());
        link.mend();
        let mut again = TcpStream::connect(link.address()).await.unwrap();
        assert_eq!(says(&mut again).await.unwrap(), *b"ping");
    }
}
