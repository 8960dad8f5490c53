//! The bytes of a file: decompressed, without byte order mark, counted and summed.

use std::io::{self, Cursor};
use std::pin::Pin;

use async_compression::tokio::bufread::GzipDecoder;
use crc32fast::Hasher;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

/// The number of bytes that are read at once.
const BUFFER: usize = 64 * 1024;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// A reader of any kind.
type AnyRead<'a> = Pin<Box<dyn AsyncRead + Send + 'a>>;

/// The text of a file.
pub(crate) struct Input<'a> {
    reader: BufReader<AnyRead<'a>>,
    /// The bytes consumed so far, decompressed, without the byte order mark.
    offset: u64,
    sum: Hasher,
}

/// The facts that the first bytes show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks {
    pub(crate) gzip: bool,
    pub(crate) byte_order_mark: bool,
}

impl<'a> Input<'a> {
    pub(crate) async fn open(reader: impl AsyncRead + Send + 'a) -> io::Result<(Self, Marks)> {
        let (first, raw) = peek(Box::pin(reader), GZIP.len()).await?;
        let gzip = first == GZIP;
        let text: AnyRead<'a> = if gzip {
            let mut decoder = GzipDecoder::new(BufReader::with_capacity(BUFFER, raw));
            // Tools that append to a compressed file add a member.
            decoder.multiple_members(true);
            Box::pin(decoder)
        } else {
            raw
        };
        let (first, mut text) = peek(text, BYTE_ORDER_MARK.len()).await?;
        let byte_order_mark = first == BYTE_ORDER_MARK;
        if byte_order_mark {
            text.read_exact(&mut [0; BYTE_ORDER_MARK.len()]).await?;
        }
        let reader = BufReader::with_capacity(BUFFER, text);
        Ok((Self { reader, offset: 0, sum: Hasher::new() }, Marks { gzip, byte_order_mark }))
    }

    /// The next bytes, at least one; none at the end. Nothing is lost if the future is dropped.
    pub(crate) async fn fill(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf().await
    }

    /// The bytes that the last [`fill`](Self::fill) returned, less those consumed since.
    pub(crate) fn filled(&self) -> &[u8] {
        self.reader.buffer()
    }

    /// Marks bytes of the last [`fill`](Self::fill) as read.
    pub(crate) fn consume(&mut self, bytes: usize) {
        self.sum.update(&self.reader.buffer()[..bytes]);
        self.offset += bytes as u64;
        self.reader.consume(bytes);
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The checksum of the bytes consumed so far.
    pub(crate) fn sum(&self) -> u32 {
        self.sum.clone().finalize()
    }

    /// Skips to an offset. False if the file ends before it.
    pub(crate) async fn skip_to(&mut self, offset: u64) -> io::Result<bool> {
        while self.offset < offset {
            let filled = self.fill().await?.len();
            if filled == 0 {
                return Ok(false);
            }
            let missing = usize::try_from(offset - self.offset).unwrap_or(usize::MAX);
            self.consume(filled.min(missing));
        }
        Ok(true)
    }
}

/// The first bytes of a reader, and the reader with them still to come.
async fn peek(mut reader: AnyRead<'_>, most: usize) -> io::Result<(Vec<u8>, AnyRead<'_>)> {
    let mut first = Vec::with_capacity(most);
    (&mut reader).take(most as u64).read_to_end(&mut first).await?;
    let whole = Cursor::new(first.clone()).chain(reader);
    Ok((first, Box::pin(whole)))
}
