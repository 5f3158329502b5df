//! How far the log of a stopped server goes, and on which timelines it was: read from its control file, its histories and the log itself.

use std::{fs, path::Path};

use super::{Error, home::Home, tools::Tools};
use crate::failover::Place;

pub(super) const PAGE: u64 = 8192;
/// So much before a place there is a record.
const BEFORE: u64 = 8 * PAGE;
const ALIGNED: u64 = 8;
/// What stands before the records of a page, and of the first page of a file.
const HEADER: u64 = 24;
const LONG_HEADER: u64 = 40;

/// Where one ends that is stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Resting {
    pub(super) timeline: u64,
    pub(super) history: Vec<Place>,
    pub(super) end: u64,
    /// How long the files of its log are.
    pub(super) segment: u64,
}

/// Finds the end: from the last checkpoint on, over every change of the timeline.
pub(super) async fn find(home: &Home, tools: &Tools) -> Result<Resting, Error> {
    let data = home.data().display().to_string();
    let control = tools.run("pg_controldata", &["-D", &data]).await?;
    let field = |name: &str| control.out.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    let unread = || Error::Said(format!("pg_controldata says nothing that is understood: {}", control.error));
    let number = |name: &str| field(name).and_then(|text| text.parse::<u64>().ok()).ok_or_else(unread);
    let place = |name: &str| field(name).and_then(position).ok_or_else(unread);
    let (mut timeline, mut end) = (number("Latest checkpoint's TimeLineID")?, place("Latest checkpoint's REDO location")?);
    let segment = number("Bytes per WAL segment")?;
    let (floor, floor_line) = (place("Minimum recovery ending location")?, number("Min recovery ending loc's timeline")?);
    if floor > end {
        (timeline, end) = (floor_line, floor);
    }
    // what one stopped with in peace is the last there is
    let ends_there = field("Database cluster state") == Some("shut down");
    end = walk(home, tools, timeline, end, segment, ends_there).await?;
    let newest = newest(&home.wal());
    for (line, begins) in later(&newest, timeline) {
        if end >= begins {
            end = end.max(walk(home, tools, line, begins, segment, false).await?);
        }
    }
    let (timeline, history) = newest.at(end, timeline);
    Ok(Resting { timeline, history, end, segment })
}

/// The same of one that led until a moment ago, when it was known to be so far: there is little behind that, and one look at it is enough. Nothing where it
/// is not understood, or there is nothing behind it.
pub(super) async fn find_behind(home: &Home, tools: &Tools, known: &Resting) -> Option<Resting> {
    let (wal, timeline) = (home.wal(), known.timeline);
    let segment = size(&wal)?;
    // some records before that are there for certain, and a page is a place to begin at
    let from = (known.end / segment * segment).max(known.end.saturating_sub(BEFORE) / PAGE * PAGE);
    let to = last_file(&wal, timeline, from, segment)?;
    let (wal_shown, line, from, to) = (wal.display().to_string(), timeline.to_string(), shown(from), shown(to));
    let said = tools.run("pg_waldump", &["-p", &wal_shown, "-t", &line, "-s", &from, "-e", &to]).await.ok()?;
    let end = ended(said.out.lines().next_back()?, segment).filter(|end| *end >= known.end)?;
    let (timeline, history) = newest(&wal).at(end, timeline);
    Some(Resting { timeline, history, end, segment })
}

/// How long the files of a log are.
fn size(wal: &Path) -> Option<u64> {
    let files = fs::read_dir(wal).ok()?.filter_map(Result::ok);
    let mut logs =
        files.filter(|entry| entry.file_name().len() == 24 && entry.file_name().to_str().is_some_and(|name| !name.contains('.')));
    logs.next()?.metadata().ok().map(|found| found.len()).filter(|size| size.is_power_of_two())
}

/// The timelines after this one, and where each begins.
fn later(newest: &Histories, timeline: u64) -> Vec<Place> {
    let lines = newest.before.iter().map(|(line, _)| *line).skip(1).chain([newest.timeline]);
    let begins = newest.before.iter().map(|(_, end)| *end);
    lines.zip(begins).skip_while(|(line, _)| *line <= timeline).collect()
}

/// The end of the last whole record of a timeline, from one place on, or of the one that begins at this place.
async fn walk(home: &Home, tools: &Tools, timeline: u64, from: u64, segment: u64, ends_there: bool) -> Result<u64, Error> {
    // it would wait for 5 s for a file that is not there, so it is told where the last one ends
    let Some(to) = last_file(&home.wal(), timeline, from, segment) else { return Ok(from) };
    let (wal, line, to_shown) = (home.wal().display().to_string(), timeline.to_string(), shown(to));
    let dump = async |from: u64, rest: &[&str]| {
        let from = shown(from);
        tools.run("pg_waldump", &[&["-p", &wal, "-t", &line, "-s", &from, "-e", &to_shown], rest].concat()).await
    };
    if ends_there {
        return Ok(ended(&dump(from, &["-n", "1"]).await?.out, segment).unwrap_or(from));
    }
    // it ends with a complaint that says which record was the last
    let said = dump(from, &["-q"]).await?;
    let last = match said.error.split("error in WAL record at ").nth(1) {
        Some(rest) => rest.split(':').next().and_then(position),
        // the log has filled its files to the end
        None => dump(from.max(to - segment), &[]).await?.out.lines().next_back().and_then(lsn),
    };
    let Some(last) = last else { return Ok(from) };
    Ok(ended(&dump(last, &["-n", "1"]).await?.out, segment).unwrap_or(from))
}

/// Where a record ends that `pg_waldump` shows.
fn ended(record: &str, segment: u64) -> Option<u64> {
    let length = record.split("tot):").nth(1).and_then(|rest| rest.split(',').next()?.split('/').nth(1)?.trim().parse().ok())?;
    let end = after(lsn(record)?, length, segment);
    // the rest of its file is empty, and counts as written
    Some(if record.contains("desc: SWITCH") { end.div_ceil(segment) * segment } else { end })
}

/// The end of the last file of a timeline that follows without a gap on the one with this place.
fn last_file(wal: &Path, timeline: u64, from: u64, segment: u64) -> Option<u64> {
    let per_name = (1 << 32) / segment;
    let is_there = |number: &u64| wal.join(format!("{timeline:08X}{:08X}{:08X}", number / per_name, number % per_name)).exists();
    (from / segment..).take_while(is_there).last().map(|number| (number + 1) * segment)
}

/// Where a record begins that `pg_waldump` shows.
fn lsn(line: &str) -> Option<u64> {
    position(line.split("lsn: ").nth(1)?.split(',').next()?)
}

/// Where a record of this length ends that begins there (`xlogreader.c`: the head of each page lies between).
fn after(begin: u64, length: u64, segment: u64) -> u64 {
    let room = PAGE - begin % PAGE;
    if length <= room {
        return begin + length.next_multiple_of(ALIGNED);
    }
    let (mut left, mut page) = (length - room, begin + room);
    loop {
        let header = if page.is_multiple_of(segment) { LONG_HEADER } else { HEADER };
        if left <= PAGE - header {
            return page + header + left.next_multiple_of(ALIGNED);
        }
        left -= PAGE - header;
        page += PAGE;
    }
}

/// The newest timeline that a history stands there of, and where those before it ended.
#[derive(Debug, Default)]
pub(super) struct Histories {
    timeline: u64,
    before: Vec<Place>,
}

impl Histories {
    pub(super) fn number(&self) -> u64 {
        self.timeline.max(1)
    }

    /// On which timeline somebody is whose log ends there, and what came before. Without any history it is the one that is known otherwise.
    pub(super) fn at(&self, end: u64, known: u64) -> (u64, Vec<Place>) {
        if self.timeline == 0 {
            return (known, vec![]);
        }
        // a history comes before anything of its timeline does
        let passed = self.before.iter().take_while(|(_, ended)| end > *ended).count();
        let timeline = self.before.get(passed).map_or(self.timeline, |(line, _)| *line);
        (timeline, self.before[..passed].to_vec())
    }
}

/// Reads the newest history that is not empty.
pub(super) fn newest(wal: &Path) -> Histories {
    let lines = histories(wal).into_iter().rev();
    let read = lines.filter_map(|(timeline, name)| Some((timeline, parse(&fs::read_to_string(wal.join(name)).ok()?))));
    read.filter(|(_, before)| !before.is_empty()).map(|(timeline, before)| Histories { timeline, before }).next().unwrap_or_default()
}

/// Removes the empty ones above the newest: nobody was on them, and a server that finds one would look for its log.
pub(super) fn trim(wal: &Path) -> Result<(), Error> {
    let newest = newest(wal).timeline;
    for (_, name) in histories(wal).into_iter().filter(|(timeline, _)| *timeline > newest) {
        let file = wal.join(name);
        fs::remove_file(&file).map_err(Error::disk("remove", &file))?;
    }
    Ok(())
}

fn histories(wal: &Path) -> Vec<(u64, String)> {
    let names = fs::read_dir(wal).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut found: Vec<_> =
        names.filter_map(|name| Some((u64::from_str_radix(name.strip_suffix(".history")?, 16).ok()?, name.clone()))).collect();
    found.sort_unstable();
    found
}

/// What a history is called.
pub(super) fn history(timeline: u64) -> String {
    format!("{timeline:08X}.history")
}

fn parse(text: &str) -> Vec<Place> {
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.parse().ok()?, position(words.next()?)?))
    };
    text.lines().filter_map(line).collect()
}

/// `0/3000148`, as Postgres writes a place of the log.
fn position(text: &str) -> Option<u64> {
    let (high, low) = text.trim().split_once('/')?;
    Some(u64::from_str_radix(high, 16).ok()? << 32 | u64::from_str_radix(low, 16).ok()?)
}

fn shown(position: u64) -> String {
    format!("{:X}/{:X}", position >> 32, position & 0xffff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEGMENT: u64 = 16 << 20;

    #[test]
    fn a_record_ends_behind_the_heads_of_the_pages_it_goes_over() {
        assert_eq!(after(0x0300_0028, 114, SEGMENT), 0x0300_00a0);
        // 8 bytes are left on the page, and the rest stands behind the next head
        assert_eq!(after(0x0300_1ff8, 34, SEGMENT), 0x0300_2000 + HEADER + 32);
        assert_eq!(after(0x03ff_fff8, 34, SEGMENT), 0x0400_0000 + LONG_HEADER + 32);
        assert_eq!(after(0x0300_1ff8, 8, SEGMENT), 0x0300_2000);
    }

    #[test]
    fn a_timeline_begins_behind_the_end_of_the_one_before() {
        let histories = Histories { timeline: 5, before: vec![(1, 100), (3, 200)] };
        assert_eq!(histories.at(100, 9), (1, vec![]));
        assert_eq!(histories.at(150, 9), (3, vec![(1, 100)]));
        assert_eq!(histories.at(201, 9), (5, vec![(1, 100), (3, 200)]));
        assert_eq!(Histories::default().at(7, 2), (2, vec![]));
        assert_eq!(later(&histories, 1), [(3, 100), (5, 200)]);
        assert_eq!(later(&histories, 3), [(5, 200)]);
        assert_eq!(parse("1\t0/64\tno recovery target\n\n3\t0/C8\tx\n"), histories.before);
    }

    #[test]
    fn a_record_ends_where_its_length_says() {
        let line = |lsn, desc| {
            format!("rmgr: XLOG        len (rec/tot):    114/   114, tx:          0, lsn: {lsn}, prev 0/02000028, desc: {desc}")
        };
        assert_eq!(ended(&line("0/03000028", "CHECKPOINT_SHUTDOWN redo 0/3000028"), SEGMENT), Some(0x0300_00a0));
        assert_eq!(ended(&line("0/03000028", "SWITCH"), SEGMENT), Some(0x0400_0000));
        assert_eq!(ended("nothing", SEGMENT), None);
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        assert_eq!(position("1A/30"), Some(0x1a_0000_0030));
        assert_eq!(shown(0x1a_0000_0030), "1A/30");
    }
}
