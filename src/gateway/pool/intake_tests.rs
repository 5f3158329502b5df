//! What clients say, and how it is taken in.

use super::*;
use crate::gateway::refusal::framed;

fn scanned(messages: &[Vec<u8>]) -> (Intake, Step) {
    let mut intake = Intake { bytes: messages.concat(), ..Intake::default() };
    let step = intake.scan(&Registry::default()).unwrap();
    (intake, step)
}

fn bind(portal: &str, name: &str) -> Vec<u8> {
    framed(b'B', &[portal.as_bytes(), b"\0", name.as_bytes(), b"\0\0\0\0\0\0\0"].concat())
}

#[test]
fn a_batch_ends_where_the_client_waits() {
    let sync = framed(b'S', b"");
    let execute = framed(b'E', b"\0\0\0\0\0");
    let (intake, step) = scanned(&[framed(b'P', b"a\0select 1\0\0\0"), bind("", "a"), execute.clone(), sync.clone(), framed(b'Q', b"x\0")]);
    assert_eq!((step, intake.batch.messages.len(), intake.batch.meaning().read), (Step::Whole, 4, true));
    let (intake, step) = scanned(&[framed(b'P', b"\0insert\0\0\0"), bind("", ""), execute.clone(), sync.clone()]);
    assert_eq!((step, intake.batch.meaning().read), (Step::Whole, false));
    // of a portal that stays, or is there already, and of a statement that is not known
    for batch in [
        vec![framed(b'P', b"\0select 1\0\0\0"), bind("p", ""), sync.clone()],
        vec![execute.clone(), sync.clone()],
        vec![bind("", "b"), execute, sync.clone()],
        vec![framed(b'P', b"\0select 1\0\0\0"), bind("", ""), framed(b'E', b"\0\0\0\0\x01"), sync.clone()],
    ] {
        let (intake, step) = scanned(&batch);
        assert_eq!((step, intake.batch.meaning().read), (Step::Whole, false));
    }
    let (_, step) = scanned(&[framed(b'P', b"\0select 1\0\0\0"), framed(b'H', b"")]);
    assert_eq!(step, Step::Open);
    assert_eq!(scanned(&[framed(b'X', b"")]).1, Step::Left);
}

#[test]
fn how_the_bytes_are_cut_changes_nothing() {
    let all = [framed(b'P', b"a\0select 1\0\0\0"), bind("", "a"), framed(b'E', b"\0\0\0\0\0"), framed(b'S', b"")].concat();
    let (mut intake, registry) = (Intake::default(), Registry::default());
    for (at, byte) in all.iter().enumerate() {
        intake.bytes.push(*byte);
        let step = intake.scan(&registry).unwrap();
        assert_eq!(step, if at + 1 == all.len() { Step::Whole } else { Step::More });
    }
    assert!(intake.batch.meaning().read && intake.batch.messages.len() == 4);
    intake.done();
    assert!(intake.bytes.is_empty() && intake.batch.messages.is_empty());
}

#[test]
fn what_is_large_is_not_waited_for_and_is_no_read() {
    let mut large = framed(b'Q', &[b"select 1", &[b' '; 70_000][..], b"\0"].concat());
    let rest = large.split_off(10);
    let (intake, step) = scanned(&[large]);
    assert_eq!((step, intake.batch.more), (Step::Open, rest.len()));
    assert!(!intake.batch.meaning().read && intake.batch.meaning().pins && intake.batch.ended);
}

#[test]
fn what_is_left_of_a_copy_is_passed_over() {
    let (intake, step) = scanned(&[framed(b'd', b"row"), framed(b'c', b""), framed(b'Q', b"select 1\0")]);
    assert_eq!((step, intake.batch.messages.len()), (Step::Whole, 1));
}

#[test]
fn what_is_no_message_is_refused() {
    for wrong in [&[b'Q', 0, 0, 0, 3][..], &[b'Q', 255, 255, 255, 255], &[b'!', 0, 0, 0, 4], b"B\0\0\0\x05x", b"Q\0\0\0\x04"] {
        let mut intake = Intake { bytes: wrong.to_vec(), ..Intake::default() };
        assert!(intake.scan(&Registry::default()).is_err(), "{wrong:?}");
    }
}
