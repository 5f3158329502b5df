//! How each question was answered before the last change: what a list shows that lags behind.

use std::collections::HashMap;

use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

use super::super::calls::Call;

type Answer = (StatusCode, HeaderMap, Bytes);

/// The answers to each question of a service.
#[derive(Default)]
pub(super) struct Memory(HashMap<String, HashMap<String, Told>>);

#[derive(Default)]
struct Told {
    last: Option<Answer>,
    /// As it was before the last change.
    before: Option<Answer>,
}

impl Memory {
    /// Takes note of an answer: that of a change makes all that was told of its service old.
    pub(super) fn note(&mut self, call: &Call, answer: &Answer) {
        if !answer.0.is_success() {
            return;
        }
        let service = self.0.entry(call.service.clone()).or_default();
        if call.is_change() {
            service.values_mut().for_each(|told| told.before = told.last.take().or(told.before.take()));
        } else {
            service.entry(question(call)).or_default().last = Some(answer.clone());
        }
    }

    pub(super) fn knows(&self, call: &Call) -> bool {
        self.told(call).is_some()
    }

    /// What was told before the last change.
    pub(super) fn before(&self, call: &Call) -> Option<Response> {
        self.told(call).map(|answer| answer.clone().into_response())
    }

    fn told(&self, call: &Call) -> Option<&Answer> {
        self.0.get(&call.service)?.get(&question(call))?.before.as_ref()
    }
}

fn question(call: &Call) -> String {
    format!("{} {} {} {}", call.action, call.region, call.address, call.body)
}
