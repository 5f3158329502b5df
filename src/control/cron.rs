//! Five Unix fields, in UTC, and when their time comes next. No clock: the time is told.

use std::{collections::BTreeSet, str::FromStr};

use chrono::{DateTime, Utc};

/// When something is to happen, as crontab(5) says it: minute, hour, day of month, month, day of week.
#[derive(Clone, Debug)]
pub struct Cron {
    text: String,
    // two, where both days are restricted: then either will do, which the crate's own dialect can't say
    either: Vec<cron::Schedule>,
}

/// Why a text is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It has more or fewer fields than five.
    #[error("a schedule has five fields (minute, hour, day of month, month, day of week), and {text:?} has {found}")]
    Count {
        /// What was given.
        text: String,
        /// Its number of fields.
        found: usize,
    },
    /// One field makes no sense.
    #[error("the {field} of a schedule can't be {text:?}: {why}")]
    Field {
        /// Which.
        field: &'static str,
        /// What was given there.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// An unknown word after @.
    #[error("{0:?} is none of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually")]
    Shorthand(String),
    /// A 30th of February.
    #[error("{0:?} never comes")]
    Never(String),
}

impl Cron {
    /// The first time strictly after `after`.
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.either.iter().filter_map(|schedule| schedule.after(&after).next()).min()
    }

    /// As it was given.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl FromStr for Cron {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let fields: Vec<&str> = longhand(text.trim())?.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(Error::Count { text: text.to_owned(), found: fields.len() });
        };
        let time = format!("0 {} {}", MINUTE.translate(minute)?, HOUR.translate(hour)?);
        let (day_of_month, month, day_of_week) = (DAY.translate(day)?, MONTH.translate(month)?, WEEKDAY.translate(weekday)?);
        let restricted = |field: &str| !field.starts_with('*');
        let expressions = if restricted(day) && restricted(weekday) {
            vec![format!("{time} {day_of_month} {month} *"), format!("{time} * {month} {day_of_week}")]
        } else {
            vec![format!("{time} {day_of_month} {month} {day_of_week}")]
        };
        let never = || Error::Never(text.to_owned());
        let either: Result<Vec<_>, _> = expressions.iter().map(|expression| cron::Schedule::from_str(expression)).collect();
        let schedule = Self { text: text.trim().to_owned(), either: either.map_err(|_| never())? };
        // a leap day comes within eight years of any day
        schedule.next(DateTime::UNIX_EPOCH).map(|_| schedule).ok_or_else(never)
    }
}

fn longhand(text: &str) -> Result<&str, Error> {
    Ok(match text {
        "@hourly" => "0 * * * *",
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        other if other.starts_with('@') => return Err(Error::Shorthand(other.to_owned())),
        other => other,
    })
}

/// One of the five fields.
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    /// The names of the values, from the least on.
    names: &'static [&'static str],
    /// What the crate counts more than crontab does.
    more: u32,
}

const MINUTE: Field = Field { name: "minute", least: 0, most: 59, names: &[], more: 0 };
const HOUR: Field = Field { name: "hour", least: 0, most: 23, names: &[], more: 0 };
const DAY: Field = Field { name: "day of month", least: 1, most: 31, names: &[], more: 0 };
const MONTH: Field = Field {
    name: "month",
    least: 1,
    most: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    more: 0,
};
/// Both 0 and 7 are Sunday; the crate has it as 1.
const WEEKDAY: Field = Field { name: "day of week", least: 0, most: 7, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"], more: 1 };

impl Field {
    /// The same in the crate's dialect: a list of numbers, or a star.
    fn translate(&self, text: &str) -> Result<String, Error> {
        let mut values = BTreeSet::new();
        for item in text.split(',') {
            values.extend(self.item(item).map_err(|why| Error::Field { field: self.name, text: text.to_owned(), why })?);
        }
        if text == "*" {
            return Ok("*".to_owned());
        }
        let values: BTreeSet<u32> = values.into_iter().map(|value| if self.most == 7 { value % 7 } else { value } + self.more).collect();
        Ok(values.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
    }

    /// `*`, `5`, `1-5`, `mon-fri`, and any of them with `/2`.
    fn item(&self, item: &str) -> Result<impl Iterator<Item = u32> + use<>, String> {
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.least, if self.most == 7 { 6 } else { self.most }),
            Some((first, last)) => self.range(first, last)?,
            // 5/10 is "from 5 on, every 10"
            None => (self.value(range)?, if step.is_some() { self.most } else { self.value(range)? }),
        };
        let step = step.map_or(Ok(1), |step| step.parse::<u32>().ok().filter(|step| *step > 0).ok_or(format!("{step:?} is no step")))?;
        Ok((first..=last).step_by(step as usize))
    }

    fn range(&self, first: &str, last: &str) -> Result<(u32, u32), String> {
        let (from, to) = (self.value(first)?, self.value(last)?);
        // sat-sun: the week may end with its Sunday
        let to = if self.most == 7 && to == 0 && from > 0 { 7 } else { to };
        if from > to { Err(format!("{first}-{last} runs backwards")) } else { Ok((from, to)) }
    }

    fn value(&self, text: &str) -> Result<u32, String> {
        if let Some(named) = (self.least..).zip(self.names).find(|(_, name)| text.eq_ignore_ascii_case(name)) {
            return Ok(named.0);
        }
        let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
        let known = if self.names.is_empty() { String::new() } else { format!(", or a name like {}", self.names[0]) };
        let number = number.ok_or_else(|| format!("{text:?} is no number{known}"))?;
        if (self.least..=self.most).contains(&number) {
            Ok(number)
        } else {
            Err(format!("{number} is not between {} and {}", self.least, self.most))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(text: &str, after: &str) -> String {
        let cron: Cron = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        cron.next(after.parse().unwrap()).map(|time| time.format("%a %F %R").to_string()).unwrap_or_default()
    }

    fn refused(text: &str) -> String {
        text.parse::<Cron>().map(|cron| cron.text).expect_err(text).to_string()
    }

    // a Wednesday
    const NOW: &str = "2025-01-15T10:20:30Z";

    #[test]
    fn the_next_time_is_the_one_that_crontab_means() {
        for (text, expected) in [
            ("* * * * *", "Wed 2025-01-15 10:21"),
            ("*/15 * * * *", "Wed 2025-01-15 10:30"),
            ("5/20 * * * *", "Wed 2025-01-15 10:25"),
            ("0 9-17/4 * * *", "Wed 2025-01-15 13:00"),
            ("20 10 * * *", "Thu 2025-01-16 10:20"),
            ("0 0 1,15 * *", "Sat 2025-02-01 00:00"),
            ("0 0 29 feb *", "Tue 2028-02-29 00:00"),
            ("0 0 * JUN-aug *", "Sun 2025-06-01 00:00"),
            ("@hourly", "Wed 2025-01-15 11:00"),
            ("@daily", "Thu 2025-01-16 00:00"),
            ("@weekly", "Sun 2025-01-19 00:00"),
            ("@monthly", "Sat 2025-02-01 00:00"),
            ("@yearly", "Thu 2026-01-01 00:00"),
            ("  0 \t12  * * * ", "Wed 2025-01-15 12:00"),
        ] {
            assert_eq!(next(text, NOW), expected, "{text}");
        }
    }

    #[test]
    fn sunday_is_0_and_7_and_monday_is_1() {
        for (text, expected) in [
            ("0 0 * * 0", "Sun 2025-01-19 00:00"),
            ("0 0 * * 7", "Sun 2025-01-19 00:00"),
            ("0 0 * * sun", "Sun 2025-01-19 00:00"),
            ("0 0 * * 1", "Mon 2025-01-20 00:00"),
            ("0 0 * * Mon-Tue", "Mon 2025-01-20 00:00"),
            ("0 0 * * 6-7", "Sat 2025-01-18 00:00"),
            ("0 0 * * sat-sun", "Sat 2025-01-18 00:00"),
            ("0 0 * * */6", "Sat 2025-01-18 00:00"),
            ("0 0 * * 1-5/2", "Fri 2025-01-17 00:00"),
        ] {
            assert_eq!(next(text, NOW), expected, "{text}");
        }
    }

    #[test]
    fn either_of_two_restricted_days_will_do() {
        assert_eq!(next("0 0 17 * 1", NOW), "Fri 2025-01-17 00:00");
        assert_eq!(next("0 0 25 * 1", NOW), "Mon 2025-01-20 00:00");
        // a star with a step restricts both, as in Vixie's cron
        assert_eq!(next("0 0 */2 * 1", NOW), "Mon 2025-01-27 00:00");
    }

    #[test]
    fn what_is_wrong_is_said_field_by_field() {
        for (text, expected) in [
            ("", "a schedule has five fields (minute, hour, day of month, month, day of week), and \"\" has 0"),
            ("0 0 * * * *", "a schedule has five fields (minute, hour, day of month, month, day of week), and \"0 0 * * * *\" has 6"),
            ("60 * * * *", "the minute of a schedule can't be \"60\": 60 is not between 0 and 59"),
            ("* 24 * * *", "the hour of a schedule can't be \"24\": 24 is not between 0 and 23"),
            ("* * 0 * *", "the day of month of a schedule can't be \"0\": 0 is not between 1 and 31"),
            ("* * * foo *", "the month of a schedule can't be \"foo\": \"foo\" is no number, or a name like jan"),
            ("* * * * 8", "the day of week of a schedule can't be \"8\": 8 is not between 0 and 7"),
            ("* * * * fri-mon", "the day of week of a schedule can't be \"fri-mon\": fri-mon runs backwards"),
            ("*/0 * * * *", "the minute of a schedule can't be \"*/0\": \"0\" is no step"),
            ("1, * * * *", "the minute of a schedule can't be \"1,\": \"\" is no number"),
            ("? * * * *", "the minute of a schedule can't be \"?\": \"?\" is no number"),
            ("-5 * * * *", "the minute of a schedule can't be \"-5\": \"\" is no number"),
            ("@reboot", "\"@reboot\" is none of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually"),
            ("0 0 30 2 *", "\"0 0 30 2 *\" never comes"),
        ] {
            assert_eq!(refused(text), expected);
        }
    }
}
