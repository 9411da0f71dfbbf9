//! Requests and answers on a stream: a length of four bytes, big-endian, and so many bytes.

use std::io;

use async_trait::async_trait;
use futures_util::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::StreamProtocol;
use libp2p::request_response::Codec;

use super::config::MAX_ANSWER_BYTES;
use super::wire::{self, Ask, MAX_REQUEST_BYTES, Malformed, Told};

/// Reads and writes requests and answers.
#[derive(Clone, Default)]
pub(super) struct Frames;

#[async_trait]
impl Codec for Frames {
    type Protocol = StreamProtocol;
    // What a peer sent in a wrong form is told to the node, which holds it to account.
    type Request = Result<Ask, Malformed>;
    type Response = Result<Told, Malformed>;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Self::Request>
    where
        T: AsyncRead + Unpin + Send,
    {
        let frame = read(io, MAX_REQUEST_BYTES).await?;
        Ok(frame.and_then(|bytes| wire::decode_ask(&bytes)))
    }

    async fn read_response<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
    ) -> io::Result<Self::Response>
    where
        T: AsyncRead + Unpin + Send,
    {
        let frame = read(io, MAX_ANSWER_BYTES).await?;
        Ok(frame.and_then(|bytes| wire::decode_told(&bytes)))
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        request: Self::Request,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        let ask = request.map_err(io::Error::other)?;
        write(io, &wire::encode(&ask)?).await
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        response: Self::Response,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        let told = response.map_err(io::Error::other)?;
        write(io, &wire::encode(&told)?).await
    }
}

/// Memory is taken as bytes arrive: a length alone costs nothing.
async fn read<T>(io: &mut T, most_bytes: usize) -> io::Result<Result<Vec<u8>, Malformed>>
where
    T: AsyncRead + Unpin + Send,
{
    let mut length = [0; 4];
    io.read_exact(&mut length).await?;
    let length = u32::from_be_bytes(length) as usize;
    if length > most_bytes {
        return Ok(Err(Malformed));
    }
    let mut bytes = Vec::new();
    io.take(length as u64).read_to_end(&mut bytes).await?;
    Ok(if bytes.len() == length { Ok(bytes) } else { Err(Malformed) })
}

async fn write<T>(io: &mut T, bytes: &[u8]) -> io::Result<()>
where
    T: AsyncWrite + Unpin + Send,
{
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    io.write_all(&length.to_be_bytes()).await?;
    io.write_all(bytes).await
}
