//! A step of the plan, as the view `iasql.step` has it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// What is to happen to one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Make it.
    Create,
    /// Take over what exists under its key.
    Adopt,
    /// Change it in place.
    Update,
    /// Make a new one and remove the old one.
    Replace,
    /// Remove it.
    Delete,
    /// The cloud is still busy with it.
    Wait,
    /// Never ours: shown and left alone.
    Unmanaged,
}

impl Action {
    /// Reads the word that the plan's view uses.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "create" => Self::Create,
            "adopt" => Self::Adopt,
            "update" => Self::Update,
            "replace" => Self::Replace,
            "delete" => Self::Delete,
            "wait" => Self::Wait,
            "unmanaged" => Self::Unmanaged,
            _ => return None,
        })
    }

    /// The word that the plan's view uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Adopt => "adopt",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Wait => "wait",
            Self::Unmanaged => "unmanaged",
        }
    }

    /// Whether it asks anything of the cloud now.
    pub fn is_work(self) -> bool {
        !matches!(self, Self::Wait | Self::Unmanaged)
    }
}

/// One step of the plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Names the step within its plan.
    #[serde(skip)]
    pub id: String,
    /// The resource type: `ec2.vpc`.
    pub resource: String,
    /// The region; `None` for a service without regions.
    pub region: Option<String>,
    /// The row's key.
    pub key: Value,
    /// The row's key as text.
    pub name: String,
    /// What is to happen.
    pub action: Action,
    /// `{column: [is, should be]}`, secrets as three stars.
    pub changed: Option<Value>,
    /// Why.
    pub reason: Option<String>,
    /// Whether it can't be done as things stand.
    pub blocked: bool,
    /// The desired row.
    #[serde(skip)]
    pub row_id: Option<Uuid>,
    /// The observed thing.
    #[serde(skip)]
    pub observed_id: Option<i64>,
    /// The desired rows it refers to.
    #[serde(skip)]
    pub wants: Vec<Uuid>,
    /// The observed things it refers to in the cloud.
    #[serde(skip)]
    pub holds: Vec<i64>,
    /// Those of them whose end the cloud makes its end too.
    #[serde(skip)]
    pub goes_with: Vec<i64>,
    /// Whether its replacement is made before the old one goes, in any case.
    #[serde(skip)]
    pub creates_first: bool,
    /// A hash of the desired row as it was when this was planned; where there is one, another row is not carried out.
    #[serde(skip)]
    pub content: Option<String>,
}

/// How many steps of each kind a plan has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// By action.
    #[serde(flatten)]
    pub by_action: BTreeMap<&'static str, usize>,
    /// Those that can't be done as things stand, whatever their action.
    pub blocked: usize,
}

impl Counts {
    /// Counts the steps of a plan.
    pub fn of(steps: &[Step]) -> Self {
        let mut counts = Self::default();
        for step in steps {
            *counts.by_action.entry(step.action.word()).or_default() += 1;
            counts.blocked += usize::from(step.blocked);
        }
        counts
    }

    /// How many steps there are of one action.
    pub fn get(&self, action: Action) -> usize {
        self.by_action.get(action.word()).copied().unwrap_or_default()
    }
}

/// A step of one kind about nothing in particular, for tests.
#[cfg(test)]
pub(crate) fn a_step(id: &str, action: Action) -> Step {
    Step {
        id: id.to_owned(),
        resource: "ec2.thing".into(),
        region: None,
        key: Value::Null,
        name: id.to_owned(),
        action,
        changed: None,
        reason: None,
        blocked: false,
        row_id: None,
        observed_id: None,
        wants: vec![],
        holds: vec![],
        goes_with: vec![],
        creates_first: false,
        content: None,
    }
}
