//! Schedules, against crontab(5) written a second time, in the slowest way.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, NaiveTime, Timelike, Utc};
use iasql::control::Cron;
use proptest::prelude::*;

use super::runner;

/// What a field may be, as crontab has it.
const LIMITS: [(u32, u32); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The values of a field that makes sense.
fn values(field: usize, text: &str) -> Option<BTreeSet<u32>> {
    let mut all = BTreeSet::new();
    for item in text.split(',') {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<u32>().ok().filter(|step| *step > 0)?)),
            None => (item, None),
        };
        let (least, most) = LIMITS[field];
        let most_days = if field == 4 { 6 } else { most };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, most_days),
            Some((from, to)) => (value(field, from)?, value(field, to)?),
            None => (value(field, range)?, if step.is_some() { most } else { value(field, range)? }),
        };
        let to = if field == 4 && to == 0 && from > 0 { 7 } else { to };
        if from > to {
            return None;
        }
        all.extend(
            (from..=to)
                .filter(|value| (value - from).is_multiple_of(step.unwrap_or(1)))
                .map(|value| if field == 4 { value % 7 } else { value }),
        );
    }
    Some(all)
}

fn value(field: usize, text: &str) -> Option<u32> {
    let names: &[&str] = match field {
        3 => &MONTHS,
        4 => &DAYS,
        _ => &[],
    };
    if let Some(at) = names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
        return u32::try_from(at).ok().map(|at| at + LIMITS[field].0);
    }
    let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())??;
    (LIMITS[field].0..=LIMITS[field].1).contains(&number).then_some(number)
}

/// The first time after `after`, looked for day by day; nothing where the text makes no sense or its time never comes.
fn slowly(text: &str, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minutes, hours, days, months, weekdays] = fields[..] else { return None };
    let sets: Option<Vec<_>> =
        [minutes, hours, days, months, weekdays].into_iter().enumerate().map(|(at, field)| values(at, field)).collect();
    let sets = sets?;
    let restricted = |field: &str| !field.starts_with('*');
    let fits = |day: DateTime<Utc>| {
        let (by_day, by_weekday) = (sets[2].contains(&day.day()), sets[4].contains(&day.weekday().num_days_from_sunday()));
        let either = restricted(days) && restricted(weekdays);
        sets[3].contains(&day.month()) && if either { by_day || by_weekday } else { by_day && by_weekday }
    };
    let mut day = after;
    // no day of a year is missing for longer than from the leap day before 1900 to the one after it
    for _ in 0..366 * 9 {
        let times = sets[1].iter().flat_map(|hour| sets[0].iter().filter_map(|minute| NaiveTime::from_hms_opt(*hour, *minute, 0)));
        let first = times.filter(|_| fits(day)).map(|time| day.date_naive().and_time(time).and_utc()).find(|time| *time > after);
        if first.is_some() {
            return first;
        }
        day = day.checked_add_days(Days::new(1))?;
    }
    None
}

fn field(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let name = if names.is_empty() {
        "[0-9]{1,2}".prop_map(|number| number).boxed()
    } else {
        prop::sample::select(names).prop_map(str::to_owned).boxed()
    };
    let value = prop_oneof![4 => (0_u32..62).prop_map(|value| value.to_string()), 1 => name].boxed();
    let range = prop_oneof![3 => Just("*".to_owned()), 3 => value.clone(), 2 => (value.clone(), value).prop_map(|(from, to)| format!("{from}-{to}"))];
    let item = (range, prop::option::weighted(0.2, 0_u32..20))
        .prop_map(|(range, step)| step.map_or(range.clone(), |step| format!("{range}/{step}")));
    prop::collection::vec(item, 1..3).prop_map(|items| items.join(","))
}

#[test]
fn a_schedule_comes_when_crontab_says_or_is_refused_where_crontab_knows_none() {
    let schedule = (field(&[]), field(&[]), field(&[]), field(&MONTHS), field(&DAYS));
    let after = 0_i64..2_000_000_000;
    runner(600)
        .run(&(schedule, after), |((minute, hour, day, month, weekday), after)| {
            let text = format!("{minute} {hour} {day} {month} {weekday}");
            let after = DateTime::from_timestamp(after, 0).expect("a time");
            let expected = slowly(&text, after);
            let found = text.parse::<Cron>().ok().and_then(|cron| cron.next(after));
            prop_assert_eq!(found, expected, "{}", text);
            prop_assert!(found.is_none_or(|time| time.second() == 0 && time > after));
            Ok(())
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}

#[test]
fn any_text_at_all_is_a_schedule_or_is_refused_in_one_line() {
    let text = prop_oneof!["\\PC{0,60}", "[-0-9*/, a-zA-Z@?LW#]{0,40}", "([0-9*]{1,3} ){4}\\PC{0,9}"];
    runner(2000)
        .run(&text, |text| {
            if let Err(refused) = text.parse::<Cron>() {
                prop_assert!(!refused.to_string().contains('\n'));
            }
            Ok(())
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}
