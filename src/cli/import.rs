//! `iasql setup --import`: what is in the cloud becomes rows, and what was left out is named.

use iasql::{
    control::Control,
    engine::{Imported, Kind, Outcome, State, Told},
    shutdown, worker,
};

use super::{
    error::Error,
    exit::{DONE, FAILED},
    show::Show,
    work::asked_by,
};

/// Reads the cloud into a database's own tables. Whatever was left out, or could not be seen, is a failure.
pub(crate) async fn import(control: &Control, database: &str, show: &Show) -> Result<u8, Error> {
    let shutdown = shutdown::on_signal().map_err(|source| Error::Io { what: "listening for signals".into(), source })?;
    let run = worker::Run {
        database,
        kind: Kind::Import,
        asked_by: &asked_by(),
        watch: &|progress| show.step(Kind::Import, &progress),
        busy: &|| show.say("somebody else is at this database: waiting for them to end"),
    };
    let outcome = worker::here(control, run, &shutdown).await?;
    show.done();
    show.last(&outcome);
    table(&outcome.imported).iter().for_each(|line| show.answer(line));
    outcome.errors.iter().for_each(|error| show.say(&format!("error: {error}")));
    outcome.blind.iter().for_each(|blind| show.say(&format!("can't see {blind}")));
    Ok(code(&outcome))
}

fn code(outcome: &Outcome) -> u8 {
    let is_whole = outcome.state == State::Done && outcome.blind.is_empty() && outcome.imported.iter().all(|it| it.left.is_empty());
    if is_whole { DONE } else { FAILED }
}

/// A line for each type, and below it one for each thing of which there is something to say.
fn table(imported: &[Imported]) -> Vec<String> {
    let width = imported.iter().map(|it| it.resource.len()).max().unwrap_or_default();
    let mut lines = vec![format!("{:width$}  imported  left out", "type")];
    for it in imported {
        lines.push(format!("{:width$}  {:>8}  {:>8}", it.resource, it.imported, it.left.len()));
        let told = |told: &Told| format!("    {}: {}", told.name, told.said);
        lines.extend(it.left.iter().chain(&it.incomplete).map(told));
    }
    lines
}

#[cfg(test)]
mod tests {
    use iasql::engine::{Imported, Told};

    use super::table;

    #[test]
    fn what_was_left_out_stands_below_its_type_with_the_reason() {
        let left = vec![Told { name: "subnet-7".into(), said: "it belongs to shop".into() }];
        let imported = [
            Imported { resource: "ec2.vpc".into(), imported: 12, ..Imported::default() },
            Imported { resource: "ec2.subnet".into(), imported: 3, left, incomplete: vec![] },
        ];
        let expected = [
            "type        imported  left out",
            "ec2.vpc           12         0",
            "ec2.subnet         3         1",
            "    subnet-7: it belongs to shop",
        ];
        assert_eq!(table(&imported), expected);
    }
}
