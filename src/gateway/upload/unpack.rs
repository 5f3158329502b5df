//! From a stream to files: opens what is compressed, tells what it is, and writes of a tarball what its judge lets through. Blocks.

use std::{
    fs,
    io::{self, Cursor, ErrorKind, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use super::{
    Error,
    pour::{Opened, Poured},
    shape::{self, Most, Shape, Verdict},
};

/// Of a tarball's blocks, in bytes (`tar(5)`).
const BLOCK: usize = 512;
/// What a custom archive of pg_dump begins with.
const ARCHIVE: &[u8] = b"PGDMP";
/// The first entry of a tar archive of pg_dump.
const CONTENTS: &[u8] = b"toc.dat";
/// How gzip ends that finds something broken; 2 is a warning.
const BROKEN: i32 = 1;
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// The largest window that is opened, as the power of two: 128 MB, the most that zstd makes without being told to.
const WINDOW: u32 = 27;
/// Folders that a server wants to find below those of [`shape::FOLDERS`], empty or not; a tarball may have left out any of them.
const BELOW: [&str; 3] = ["pg_logical/mappings", "pg_logical/snapshots", "pg_wal/archive_status"];
/// Files that it wants to find and need not read anything in: the settings are on its command line.
const SETTINGS: [&str; 4] = ["postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf"];

/// What has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// A data folder.
    Folder {
        /// Whether a file says that a server may work in it.
        was_running: bool,
    },
    /// An archive of pg_dump.
    Archive,
}

/// Where it goes, and how much it may be.
pub(super) struct Into {
    pub(super) folder: PathBuf,
    /// For an archive.
    pub(super) file: PathBuf,
    pub(super) most: Most,
    /// How large an archive may be, in bytes.
    pub(super) archive: u64,
    /// Opens what gzip made: from its standard input to its output.
    pub(super) gzip: Command,
}

/// Takes all of it, to the end.
pub(super) fn unpack(poured: Poured, into: Into) -> Result<Came, Error> {
    let count = poured.count.clone();
    let (head, poured) = peeked(poured, ZSTD.len())?;
    if head.starts_with(ZSTD) {
        let mut opened = zstd::Decoder::new(poured).map_err(Error::Stream)?;
        opened.window_log_max(WINDOW).map_err(Error::Stream)?;
        return plain(Opened::new(opened, count), &into);
    }
    if !head.starts_with(GZIP) {
        return plain(poured, &into);
    }
    let mut gzip = Gunzip::start(into.gzip, poured).map_err(Error::disk("opening gzip"))?;
    let into = Into { gzip: Command::new("true"), ..into };
    let came = gzip.output().and_then(|output| plain(Opened::new(output, count), &into));
    let (fed, is_whole) = gzip.end();
    match (fed, came) {
        // what the line did is the cause of what came out
        (Err(error), _) if error.kind() != ErrorKind::BrokenPipe => Err(Error::Stream(error)),
        (_, Ok(_) | Err(Error::Format | Error::Stream(_))) if !is_whole => {
            Err(Error::Stream(io::Error::new(ErrorKind::InvalidData, "gzip finds that it is broken")))
        }
        (_, came) => came,
    }
}

fn plain(stream: impl Read, into: &Into) -> Result<Came, Error> {
    let (head, mut stream) = peeked(stream, BLOCK)?;
    if head.starts_with(ARCHIVE) || head.starts_with(CONTENTS) {
        keep(&mut stream, into)?;
        return Ok(Came::Archive);
    }
    let mut first = [0; BLOCK];
    first[..head.len()].copy_from_slice(&head);
    if head.len() < BLOCK || !is_header(tar::Header::from_byte_slice(&first)) {
        return Err(Error::Format);
    }
    let mut shape = Shape::new(into.most);
    while let Some(header) = next(&mut stream)? {
        let size = header.entry_size().map_err(Error::Stream)?;
        let verdict = shape.judge(&header.path_bytes(), header.entry_type().as_byte(), size)?;
        lay(&mut stream, size, &verdict, &into.folder)?;
    }
    // what comes behind is nothing, but it has to have come: then what is compressed is whole
    io::copy(&mut stream.take(into.most.bytes), &mut io::sink()).map_err(Error::Stream)?;
    complete(&into.folder).map_err(Error::disk("writing the files"))?;
    Ok(Came::Folder { was_running: shape.was_running })
}

/// What it begins with, up to so many bytes, and all of it.
fn peeked<R: Read>(mut stream: R, most: usize) -> Result<(Vec<u8>, impl Read), Error> {
    let mut head = vec![];
    stream.by_ref().take(most as u64).read_to_end(&mut head).map_err(Error::Stream)?;
    Ok((head.clone(), Cursor::new(head).chain(stream)))
}

/// The next header; none at the end, which has to be there.
fn next(stream: &mut impl Read) -> Result<Option<tar::Header>, Error> {
    let mut block = [0; BLOCK];
    stream.read_exact(&mut block).map_err(Error::Stream)?;
    if block == [0; BLOCK] {
        return Ok(None);
    }
    let header = tar::Header::from_byte_slice(&block);
    if is_header(header) { Ok(Some(header.clone())) } else { Err(Error::Format) }
}

fn is_header(header: &tar::Header) -> bool {
    // its own field counts as if it were spaces
    let (before, after) = (&header.as_bytes()[..148], &header.as_bytes()[156..]);
    let sum = before.iter().chain(after).map(|byte| u32::from(*byte)).sum::<u32>() + 8 * u32::from(b' ');
    header.cksum().is_ok_and(|said| said == sum)
}

fn lay(stream: &mut impl Read, size: u64, verdict: &Verdict, folder: &Path) -> Result<(), Error> {
    let disk = || Error::disk("writing the files");
    match verdict {
        Verdict::Folder(path) => make(&folder.join(path)).map_err(disk())?,
        Verdict::Nothing => copied(stream, &mut io::sink(), size)?,
        Verdict::File(path) => {
            let path = folder.join(path);
            path.parent().map_or(Ok(()), make).map_err(disk())?;
            let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(disk())?;
            copied(stream, &mut file, size)?;
        }
    }
    let beyond = size.next_multiple_of(BLOCK as u64) - size;
    copied(stream, &mut io::sink(), beyond)
}

/// So many bytes, and not one less. Which side failed is told apart.
fn copied(stream: &mut impl Read, to: &mut impl Write, size: u64) -> Result<(), Error> {
    let (mut left, mut chunk) = (size, [0; 64 << 10]);
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(chunk.len());
        let length = stream.read(&mut chunk[..most]).map_err(Error::Stream)?;
        if length == 0 {
            return Err(Error::Stream(io::Error::new(ErrorKind::UnexpectedEof, "the tarball ends in the middle of a file")));
        }
        to.write_all(&chunk[..length]).map_err(Error::disk("writing the files"))?;
        left -= length as u64;
    }
    Ok(())
}

fn make(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn complete(folder: &Path) -> io::Result<()> {
    for wanted in shape::FOLDERS.iter().chain(&BELOW) {
        make(&folder.join(wanted))?;
    }
    SETTINGS.iter().try_for_each(|name| fs::write(folder.join(name), ""))
}

fn keep(stream: &mut impl Read, into: &Into) -> Result<(), Error> {
    let mut file = fs::File::create_new(&into.file).map_err(Error::disk("writing the archive"))?;
    let (mut sum, mut chunk) = (0, [0; 64 << 10]);
    loop {
        let length = stream.read(&mut chunk).map_err(Error::Stream)?;
        sum += length as u64;
        if sum > into.archive {
            return Err(Error::Large { size: sum, limit: into.archive });
        }
        if length == 0 {
            return Ok(());
        }
        file.write_all(&chunk[..length]).map_err(Error::disk("writing the archive"))?;
    }
}

/// A gzip that opens, fed by a thread.
struct Gunzip {
    child: Child,
    feeding: Option<std::thread::JoinHandle<io::Result<()>>>,
}

impl Gunzip {
    fn start(mut command: Command, mut from: impl Read + Send + 'static) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let input = child.stdin.take();
        let feeding = std::thread::spawn(move || input.map_or(Ok(()), |mut input| io::copy(&mut from, &mut input).map(drop)));
        Ok(Self { child, feeding: Some(feeding) })
    }

    fn output(&mut self) -> Result<impl Read + use<>, Error> {
        self.child.stdout.take().ok_or(Error::Format)
    }

    /// How the line was, and whether gzip found it whole, as far as it was read: one that nobody reads any more ends by a signal.
    fn end(&mut self) -> (io::Result<()>, bool) {
        let fed = self.feeding.take().and_then(|feeding| feeding.join().ok()).unwrap_or(Ok(()));
        (fed, self.child.wait().is_ok_and(|ended| ended.code() != Some(BROKEN)))
    }
}

impl Drop for Gunzip {
    fn drop(&mut self) {
        // one that has ended is content
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
