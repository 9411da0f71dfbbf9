//! Connections that are kept open, with as little beside the protocol as can be.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use super::figures::Tally;
use super::target::Target;
use crate::failure::Failure;

/// One connection that is kept open as long as the server likes, and then opened again.
pub(super) struct Connection {
    target: Target,
    sender: SendRequest<Full<Bytes>>,
}

/// How long a server may take to take a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl Connection {
    /// Opens a connection. Its other half runs on this thread.
    pub(super) async fn open(target: &Target) -> Result<Self, Failure> {
        Ok(Self { target: target.clone(), sender: connect(target).await? })
    }

    /// Sends one request and gives the answer, whose body is still to be read.
    pub(super) async fn post(
        &mut self,
        path: &'static str,
        content_type: &'static str,
        body: Bytes,
        prefer: Option<&'static str>,
    ) -> Result<Response<Incoming>, Failure> {
        // The server may close the connection behind an answer, as it says in its head.
        if self.sender.ready().await.is_err() {
            self.sender = connect(&self.target).await?;
        }
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::from_static(path);
        request.headers_mut().insert(HOST, self.target.host.clone());
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Some(prefer) = prefer {
            request.headers_mut().insert("prefer", HeaderValue::from_static(prefer));
        }
        self.sender.send_request(request).await.map_err(broken)
    }
}

async fn connect(target: &Target) -> Result<SendRequest<Full<Bytes>>, Failure> {
    let failed = |what: &dyn std::fmt::Display| {
        Failure::Claim(format!("{} does not answer: {what}", target.address))
    };
    let stream = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(target.address))
        .await
        .map_err(|error| failed(&error))?
        .map_err(|error| failed(&error))?;
    stream.set_nodelay(true).map_err(|error| failed(&error))?;
    let (sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| failed(&error))?;
    // Its end is told by the next request.
    tokio::task::spawn_local(connection);
    Ok(sender)
}

fn broken(error: hyper::Error) -> Failure {
    Failure::Claim(format!("a connection broke: {error}"))
}

/// Reads a body to its end, part by part.
pub(super) async fn read(
    response: Response<Incoming>,
    mut part: impl FnMut(&[u8]),
) -> Result<(), Failure> {
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        if let Some(data) = frame.map_err(broken)?.data_ref() {
            part(data);
        }
    }
    Ok(())
}

/// What one connection does, to its end.
pub(super) type Work<'a> = Pin<Box<dyn Future<Output = Result<Tally, Failure>> + 'a>>;

/// Runs connections on threads that share nothing, and adds up what each has counted.
pub(super) fn on_threads(
    connections: usize,
    threads: usize,
    work: impl Fn(usize) -> Work<'static> + Sync,
) -> Result<Tally, Failure> {
    let threads = threads.min(connections);
    let tallies: Vec<Result<Tally, Failure>> = std::thread::scope(|scope| {
        let start = |thread: usize| {
            let work = &work;
            let mine = (thread..connections).step_by(threads);
            scope.spawn(move || on_this_thread(mine.map(work)))
        };
        let running: Vec<_> = (0..threads).map(start).collect();
        let stopped = || Err(Failure::Claim("a sending thread has stopped".to_owned()));
        running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| stopped())).collect()
    });
    let mut sum = Tally::default();
    for tally in tallies {
        sum.add(tally?);
    }
    Ok(sum)
}

fn on_this_thread(work: impl Iterator<Item = Work<'static>>) -> Result<Tally, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::usage(format!("the runtime does not start: {error}")))?;
    let local = LocalSet::new();
    let running: Vec<_> = work.map(|work| local.spawn_local(work)).collect();
    let mut sum = Tally::default();
    for task in running {
        let stopped = |error| Failure::Claim(format!("a connection has stopped: {error}"));
        sum.add(local.block_on(&runtime, task).map_err(stopped)??);
    }
    Ok(sum)
}
