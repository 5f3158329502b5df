//! A batch as a server gets it: with its own names for prepared statements, and with those prepared that it does not have. No socket, no clock.

use super::{
    answers::{Answers, Owed},
    intake::{Intake, Message},
    statements::{Held, Statement},
};

/// Writes out what of the batch has not been before, and what will be owed for it. Gives back how many messages of it are written by then.
pub(super) fn forward(intake: &Intake, from: usize, held: &mut Held, answers: &mut Answers, out: &mut Vec<u8>) -> usize {
    let messages = &intake.batch.messages;
    for message in &messages[from..] {
        one(intake, message, held, answers, out);
    }
    messages.len()
}

fn one(intake: &Intake, message: &Message, held: &mut Held, answers: &mut Answers, out: &mut Vec<u8>) {
    let bytes = &intake.bytes[message.bytes.clone()];
    match (message.kind, &message.statement) {
        (b'P', Some(statement)) if statement.is_named() && has(held, answers, statement) => return answers.owes(Owed::Ours(b'1')),
        (b'P', Some(statement)) => {
            statement.parse(out);
            answers.owes(Owed::Parsed { id: statement.id, named: statement.is_named(), heard: true });
            return;
        }
        // others may need it: it stays at the server
        (b'C', Some(statement)) if statement.is_named() => return answers.owes(Owed::Ours(b'3')),
        (b'B' | b'D', Some(statement)) => {
            prepare(held, answers, statement, out);
            renamed(bytes, message, statement, out);
        }
        _ => out.extend(bytes),
    }
    match message.kind {
        b'B' => answers.owes(Owed::Other(b"2")),
        b'D' => answers.owes(Owed::Other(b"Tn")),
        b'E' => answers.owes(Owed::Other(b"CIs")),
        b'C' => answers.owes(Owed::Other(b"3")),
        b'S' => {
            answers.by_sync = true;
            answers.owes(Owed::Ready);
        }
        b'Q' | b'F' => {
            held.lose_the_unnamed();
            answers.owes(Owed::Ready);
        }
        _ => {}
    }
}

/// Whether the server has it, or will have by then.
fn has(held: &Held, answers: &Answers, statement: &Statement) -> bool {
    answers.will_have(statement.id, statement.is_named()).unwrap_or_else(|| held.has(statement))
}

fn prepare(held: &Held, answers: &mut Answers, statement: &Statement, out: &mut Vec<u8>) {
    if !has(held, answers, statement) {
        statement.parse(out);
        answers.owes(Owed::Parsed { id: statement.id, named: statement.is_named(), heard: false });
    }
}

/// The same message with the server's name for the statement.
fn renamed(bytes: &[u8], message: &Message, statement: &Statement, out: &mut Vec<u8>) {
    let (begin, end) = (message.name.start - message.bytes.start, message.name.end - message.bytes.start);
    let name = statement.name();
    let length = u32::try_from(message.whole - 1 - (end - begin) + name.len()).unwrap_or(u32::MAX);
    out.push(message.kind);
    out.extend(length.to_be_bytes());
    out.extend(&bytes[5..begin]);
    out.extend(name.as_bytes());
    out.extend(&bytes[end..]);
}

#[cfg(test)]
mod tests {
    use super::{super::statements::Registry, *};
    use crate::gateway::refusal::framed;

    /// What a server gets that has these, and what the client hears when all is well.
    fn forwarded(intake: &mut Intake, registry: &Registry, held: &mut Held, messages: &[Vec<u8>]) -> (Vec<u8>, Answers) {
        intake.bytes = messages.concat();
        intake.scan(registry).unwrap();
        let (mut answers, mut out) = (Answers::default(), vec![]);
        forward(intake, 0, held, &mut answers, &mut out);
        intake.done();
        (out, answers)
    }

    #[test]
    fn a_statement_is_prepared_wherever_it_is_not_yet() {
        let (mut intake, registry, mut held) = (Intake::default(), Registry::default(), Held::default());
        let parse = framed(b'P', b"a\0select 1\0\0\0");
        let bind = |name: &str| framed(b'B', &[b"\0", name.as_bytes(), b"\0\0\0\0\0\0\0"].concat());
        let sync = framed(b'S', b"");
        let ours = framed(b'P', b"iasql_1\0select 1\0\0\0");
        let (out, _) = forwarded(&mut intake, &registry, &mut held, &[parse.clone(), bind("a"), sync.clone()]);
        assert_eq!(out, [ours.clone(), bind("iasql_1"), sync.clone()].concat());
        // on another server, without being asked for it
        let (out, mut answers) = forwarded(&mut intake, &registry, &mut held, &[bind("a"), sync.clone()]);
        assert_eq!(out, [ours, bind("iasql_1"), sync.clone()].concat());
        let mut heard = vec![];
        answers.follow(&[framed(b'1', b""), framed(b'2', b"")].concat(), &mut heard);
        assert_eq!(heard, framed(b'2', b""));
        answers.got.iter().for_each(|(id, named)| held.got(*id, *named));
        let (out, mut answers) = forwarded(&mut intake, &registry, &mut held, &[parse, bind("a"), framed(b'C', b"Sa\0"), sync.clone()]);
        assert_eq!(out, [bind("iasql_1"), sync].concat());
        heard.clear();
        answers.follow(&[framed(b'2', b""), framed(b'Z', b"I")].concat(), &mut heard);
        assert_eq!(heard, [framed(b'1', b""), framed(b'2', b""), framed(b'3', b""), framed(b'Z', b"I")].concat());
    }
}
