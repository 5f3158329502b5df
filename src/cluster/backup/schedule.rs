//! When something is to be done, as the five fields of cron have it: minute, hour, day of the month, month and day of the week, in UTC. No clock.

use chrono::{DateTime, Datelike, Days, NaiveDate, Timelike, Utc};

use super::Error;

/// The smallest and the largest of each field; a day of the week is 0 to 7, and both are Sunday.
const FIELDS: [(&str, u32, u32); 5] =
    [("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 7)];
/// The 29th of February comes every eight years at the latest.
const DAYS: u64 = 8 * 366;

/// The times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Schedule {
    /// The numbers that each field names, as bits.
    fields: [u64; 5],
    /// Whether both days are narrowed: then either will do.
    either_day: bool,
}

impl Schedule {
    /// `0 3 * * *`, `*/15 * * * *`, `30 1,13 * * 1-5`.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let words: Vec<_> = text.split_whitespace().collect();
        let words: [&str; 5] = words.try_into().map_err(|_| Error::Said(format!("the schedule {text:?} has not five fields")))?;
        let mut fields = [0; 5];
        for ((bits, word), (name, least, most)) in fields.iter_mut().zip(words).zip(FIELDS) {
            let strange =
                || Error::Said(format!("{word:?} is no {name} of a schedule: numbers from {least} to {most}, as in */5 or 1-3,7"));
            *bits = field(word, least, most).ok_or_else(strange)?;
        }
        if fields[4] & 1 << 7 != 0 {
            fields[4] |= 1;
        }
        let narrowed = |word: &str| !word.starts_with('*');
        Ok(Self { fields, either_day: narrowed(words[2]) && narrowed(words[4]) })
    }

    /// The last time that is not after this one; none where the days of it never come.
    pub(super) fn last(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = now.date_naive();
        let days = (0..DAYS).filter_map(|ago| today.checked_sub_days(Days::new(ago))).filter(|day| self.has_day(*day));
        let (hour, minute) = (now.hour(), now.minute());
        days.filter_map(|day| {
            let is_past = |at: &(u32, u32)| day != today || *at <= (hour, minute);
            let times = (0..24).flat_map(|hour| (0..60).map(move |minute| (hour, minute)));
            let (hour, minute) = times.filter(is_past).rfind(|(hour, minute)| self.has(1, *hour) && self.has(0, *minute))?;
            Some(day.and_hms_opt(hour, minute, 0)?.and_utc())
        })
        .next()
    }

    fn has_day(&self, day: NaiveDate) -> bool {
        let (of_month, of_week) = (self.has(2, day.day()), self.has(4, day.weekday().num_days_from_sunday()));
        self.has(3, day.month()) && if self.either_day { of_month || of_week } else { of_month && of_week }
    }

    fn has(&self, field: usize, number: u32) -> bool {
        self.fields[field] & 1 << number != 0
    }
}

/// The numbers that a field names, as bits.
fn field(word: &str, least: u32, most: u32) -> Option<u64> {
    let mut bits = 0;
    for part in word.split(',') {
        let (range, step) = part.split_once('/').map_or(Some((part, 1)), |(range, step)| Some((range, number(step)?)))?;
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((from, to)) => (number(from)?, number(to)?),
            // as cron has it, 5/10 goes on to the end
            None if part.contains('/') => (number(range)?, most),
            None => (number(range)?, number(range)?),
        };
        if from < least || to > most || from > to || step == 0 {
            return None;
        }
        (from..=to).step_by(usize::try_from(step).ok()?).for_each(|number| bits |= 1 << number);
    }
    Some(bits)
}

/// Digits alone: what else Rust takes for a number cron does not.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|sign| sign.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Saturday the 28th of November.
    fn last(schedule: &str, at: &str) -> Option<String> {
        let now = DateTime::parse_from_rfc3339(&format!("2026-11-28T{at}Z")).unwrap().to_utc();
        let last = Schedule::parse(schedule).unwrap().last(now);
        last.map(|time| time.format("%m-%d %H:%M").to_string())
    }

    #[test]
    fn the_last_time_of_a_schedule_is_not_after_now() {
        for (schedule, at, expected) in [
            ("* * * * *", "12:34:56", "11-28 12:34"),
            ("0 3 * * *", "03:00:00", "11-28 03:00"),
            ("0 3 * * *", "02:59:59", "11-27 03:00"),
            ("*/15 * * * *", "12:34:56", "11-28 12:30"),
            ("30 1,13 * * 1-5", "12:34:56", "11-27 13:30"),
            ("0 0 1 * *", "12:34:56", "11-01 00:00"),
            ("0 0 * * 7", "12:34:56", "11-22 00:00"),
            // either day will do where both are named
            ("0 0 1 * 5", "12:34:56", "11-27 00:00"),
            ("10/20 5 * * *", "12:34:56", "11-28 05:50"),
        ] {
            assert_eq!(last(schedule, at).as_deref(), Some(expected), "{schedule} at {at}");
        }
        assert_eq!(last("0 0 31 2 *", "12:34:56"), None);
    }

    #[test]
    fn what_is_no_schedule_is_refused_and_says_which_field_it_is() {
        for (schedule, why) in [
            ("0 3 * *", "five fields"),
            ("60 3 * * *", "minute"),
            ("0 3-1 * * *", "hour"),
            ("0 3 0 * *", "day of the month"),
            ("0 3 * jan *", "month"),
            ("0 3 * * */0", "day of the week"),
            ("+1 3 * * *", "minute"),
            (", 3 * * *", "minute"),
        ] {
            let said = Schedule::parse(schedule).unwrap_err().to_string();
            assert!(said.contains(why), "{schedule}: {said}");
        }
    }
}
