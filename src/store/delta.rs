//! The difference of a folder to a template, page by page, packed and compressed as it is found: at most a few packs are in memory at a time.

use std::{
    collections::HashMap,
    fs,
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use nix::fcntl::OFlag;

use super::{
    Error,
    manifest::{Entry, File, PACK, PAGE, Pack, Piece},
    template::{self, Template},
    walk::{Found, Keep, Keeps},
};

/// How long a blob gets before the next one begins, in bytes: it is uploaded from memory, in one call.
const BLOB: u64 = 16 << 20;
/// Changed pages of one window of a file that are together at least this long get a pack of their own, so that the next version, where they are the
/// same, refers to it; what is smaller is stored again, with others, for one object is worth more than the bytes.
const OWN: usize = 1 << 20;

/// What differs.
#[derive(Debug, Default)]
pub(super) struct Delta {
    pub(super) packs: Vec<Pack>,
    pub(super) entries: Vec<Entry>,
    pub(super) gone: Vec<String>,
}

/// A folder and what is known of it.
pub(super) struct Side<'a> {
    pub(super) folder: &'a Path,
    pub(super) found: &'a [Found],
    pub(super) keeps: Keeps<'a>,
}

/// Where packed bytes go: the blob's key, and the bytes that follow what it has already.
pub(super) type Sink<'a> = &'a mut dyn FnMut(&str, Vec<u8>) -> Result<(), Error>;

/// Finds the difference. `known` are packs that are stored already; `name` makes a new blob's key.
pub(super) fn pack(
    side: &Side<'_>,
    template: &Template,
    known: &[Pack],
    name: &mut dyn FnMut() -> String,
    sink: Sink<'_>,
) -> Result<Delta, Error> {
    let known = known.iter().map(|pack| ((pack.sum.clone(), pack.raw), pack.clone())).collect();
    let mut packer = Packer { known, name, sink, packs: vec![], blob: None, shared: None };
    let mut entries = vec![];
    for found in side.found {
        entries.extend(packer.entry(side, template, found)?);
    }
    packer.flush()?;
    let kept: HashMap<_, _> = side.found.iter().map(|found| (found.path.as_str(), found)).collect();
    let is_gone = |found: &&Found| kept.get(found.path.as_str()).is_none_or(|kept| kept.size.is_some() != found.size.is_some());
    let gone = template.found().values().filter(is_gone).map(|found| found.path.clone()).collect();
    Ok(Delta { packs: packer.packs, entries, gone })
}

struct Packer<'a> {
    known: HashMap<(String, u64), Pack>,
    name: &'a mut dyn FnMut() -> String,
    sink: Sink<'a>,
    packs: Vec<Pack>,
    /// The blob that is being filled, and how long it is already.
    blob: Option<(String, u64)>,
    /// The pack that is being filled with small pieces, and its bytes.
    shared: Option<(usize, Vec<u8>)>,
}

impl Packer<'_> {
    /// What is to be noted of a file or folder; nothing where the template has the same.
    fn entry(&mut self, side: &Side<'_>, template: &Template, found: &Found) -> Result<Option<Entry>, Error> {
        let base = template.found().get(&found.path).filter(|base| base.size.is_some() == found.size.is_some());
        let file = match found.size {
            Some(size) => Some(File { size, pieces: self.pieces(side, template, found, size, base)? }),
            None => None,
        };
        let same = base == Some(found) && file.as_ref().is_none_or(|file| file.pieces.is_empty());
        Ok((!same).then(|| Entry { path: found.path.clone(), mode: found.mode, file }))
    }

    fn pieces(
        &mut self,
        side: &Side<'_>,
        template: &Template,
        found: &Found,
        size: u64,
        base: Option<&Found>,
    ) -> Result<Vec<Piece>, Error> {
        let path = side.folder.join(&found.path);
        let mut source = Windows::open(&path, size)?;
        let mut base = base.map(|base| Windows::open(&template.folder().join(&base.path), base.size.unwrap_or_default())).transpose()?;
        let keep = (side.keeps)(&found.path);
        let (mut pieces, mut page) = (vec![], 0);
        let (mut ours, mut theirs) = (vec![], vec![]);
        while page * PAGE < size {
            let length = (size - page * PAGE).min(PACK) as usize;
            source.next(length, &mut ours).map_err(Error::disk("read", &path))?;
            keep_only(&keep, page, &mut ours);
            match &mut base {
                Some(base) => base.next(length, &mut theirs).map_err(Error::disk("read", &path))?,
                None => zeros(length, &mut theirs),
            }
            pieces.extend(self.window(page, &ours, &theirs)?);
            page += PACK / PAGE;
        }
        Ok(pieces)
    }

    /// The pages of one window that differ.
    fn window(&mut self, first: u64, ours: &[u8], theirs: &[u8]) -> Result<Option<Piece>, Error> {
        let (runs, bytes) = differing(first, ours, theirs);
        if runs.is_empty() {
            return Ok(None);
        }
        let (pack, at) = if bytes.len() >= OWN { (self.own(&bytes)?, 0) } else { self.share(&bytes)? };
        Ok(Some(Piece { pack, at, runs }))
    }

    fn own(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let sum = template::sum(bytes);
        let pack = match self.known.get(&(sum.clone(), bytes.len() as u64)) {
            Some(pack) => pack.clone(),
            None => self.store(bytes, sum)?,
        };
        self.packs.push(pack);
        Ok(self.packs.len() - 1)
    }

    fn share(&mut self, bytes: &[u8]) -> Result<(usize, u64), Error> {
        if self.shared.as_ref().is_some_and(|(_, shared)| (shared.len() + bytes.len()) as u64 > PACK) {
            self.flush()?;
        }
        let packs = &mut self.packs;
        let (index, shared) = self.shared.get_or_insert_with(|| {
            // its place is kept until it is full
            packs.push(Pack { blob: String::new(), at: 0, stored: 0, raw: 0, sum: String::new() });
            (packs.len() - 1, vec![])
        });
        let at = shared.len() as u64;
        shared.extend_from_slice(bytes);
        Ok((*index, at))
    }

    fn flush(&mut self) -> Result<(), Error> {
        let Some((index, shared)) = self.shared.take() else { return Ok(()) };
        self.packs[index] = self.store(&shared, template::sum(&shared))?;
        Ok(())
    }

    fn store(&mut self, bytes: &[u8], sum: String) -> Result<Pack, Error> {
        let packed = zstd::bulk::compress(bytes, 1).map_err(|error| Error::broken("a pack", error))?;
        let stored = packed.len() as u64;
        let full = self.blob.take_if(|(_, length)| *length > 0 && *length + stored > BLOB);
        drop(full);
        let (blob, length) = self.blob.get_or_insert_with(|| ((self.name)(), 0));
        let pack = Pack { blob: blob.clone(), at: *length, stored, raw: bytes.len() as u64, sum };
        *length += stored;
        (self.sink)(&pack.blob, packed)?;
        Ok(pack)
    }
}

/// A file, read from its beginning on, window by window.
struct Windows {
    file: fs::File,
    left: u64,
}

impl Windows {
    fn open(path: &Path, size: u64) -> Result<Self, Error> {
        // a link was refused when the folder was looked at, and is none that came meanwhile
        let file = fs::OpenOptions::new().read(true).custom_flags(OFlag::O_NOFOLLOW.bits()).open(path);
        Ok(Self { file: file.map_err(Error::disk("open", path))?, left: size })
    }

    /// The next bytes; zeros past the file's end. One that has become shorter in the meantime is an error.
    fn next(&mut self, length: usize, into: &mut Vec<u8>) -> io::Result<()> {
        into.resize(length, 0);
        let read = self.left.min(length as u64) as usize;
        self.file.read_exact(&mut into[..read])?;
        into[read..].fill(0);
        self.left -= read as u64;
        Ok(())
    }
}

fn zeros(length: usize, into: &mut Vec<u8>) {
    into.clear();
    into.resize(length, 0);
}

fn keep_only(keep: &Keep, first: u64, window: &mut [u8]) {
    let Keep::Pages(ranges) = keep else { return };
    for (at, page) in window.chunks_mut(PAGE as usize).enumerate() {
        let number = first + at as u64;
        if !ranges.iter().any(|(from, to)| (*from..*to).contains(&number)) {
            page.fill(0);
        }
    }
}

/// The pages of two windows that differ: runs of page numbers, and our bytes of those.
fn differing(first: u64, ours: &[u8], theirs: &[u8]) -> (Vec<(u64, u64)>, Vec<u8>) {
    let (mut runs, mut bytes): (Vec<(u64, u64)>, Vec<u8>) = (vec![], vec![]);
    for (at, (page, base)) in ours.chunks(PAGE as usize).zip(theirs.chunks(PAGE as usize)).enumerate() {
        if page == base {
            continue;
        }
        let number = first + at as u64;
        match runs.last_mut() {
            Some((from, count)) if *from + *count == number => *count += 1,
            _ => runs.push((number, 1)),
        }
        bytes.extend_from_slice(page);
    }
    (runs, bytes)
}
