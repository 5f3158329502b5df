//! The file `schema` of a directory: what it is called, whom it needs, who works in it.

use super::{
    fault::{Faults, nearest},
    files::lines,
};

/// The file's name.
pub(super) const FILE: &str = "schema";

/// Somebody who calls procedures, with a login of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// What it does, in a sentence.
    pub about: String,
}

/// With whose rights procedures work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rights {
    /// Each with those of its service, which are what `access` lists.
    #[default]
    Service,
    /// All with those of the owner of the tables.
    Owner,
}

/// What takes back an added file that has no down file of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Drops {
    /// `drop table`.
    #[default]
    Table,
    /// A function that is called with the table's name.
    Function(String),
    /// Nothing: another file takes it along.
    Nothing,
}

/// What the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The Postgres schema.
    pub name: String,
    /// Its comment.
    pub about: String,
    /// Schemas that must be there before.
    pub needs: Vec<String>,
    /// Who calls procedures.
    pub services: Vec<Service>,
    /// What the names of the roles begin with.
    pub roles: String,
    /// With whose rights procedures work.
    pub rights: Rights,
    /// What takes back an added file that has no down file of its own.
    pub drops: Drops,
    /// Whether version 1 makes the Postgres schema in a file of its own.
    pub makes_itself: bool,
    /// Further Postgres schemas that belong to it.
    pub also: Vec<String>,
    /// Objects that look different with what else is installed, as LIKE patterns.
    pub varies: Vec<String>,
    /// Objects elsewhere that belong to it, as LIKE patterns.
    pub owns: Vec<String>,
}

impl Head {
    pub(super) fn read(text: &str, directory: &str, faults: &mut Faults) -> Self {
        let mut head = Self { name: directory.to_owned(), ..Self::default() };
        for (line, word, rest) in lines(text) {
            let taken = head.take(word, rest);
            faults.keep(FILE, line, taken);
        }
        if head.roles.is_empty() {
            head.roles.clone_from(&head.name);
        }
        if head.about.is_empty() {
            faults.add(FILE, 0, "it does not say what the schema is for: about …");
        }
        if !is_identifier(&head.name) {
            faults.add(FILE, 0, format!("{} is no name for a schema: lower-case letters, digits and _, a letter first", head.name));
        }
        head
    }

    fn take(&mut self, word: &str, rest: &str) -> Result<(), String> {
        if rest.is_empty() {
            return Err(format!("after {word} something is missing"));
        }
        match word {
            "name" => rest.clone_into(&mut self.name),
            "about" => rest.clone_into(&mut self.about),
            "needs" => self.needs.push(rest.to_owned()),
            "service" => self.services.push(service(rest)?),
            "roles" => rest.clone_into(&mut self.roles),
            "rights" => self.rights = rights(rest)?,
            "drops" if rest == "nothing" => self.drops = Drops::Nothing,
            "drops" => self.drops = Drops::Function(rest.to_owned()),
            "makes" if rest == "itself" => self.makes_itself = true,
            "also" => self.also.push(rest.to_owned()),
            "varies" => self.varies.push(rest.to_owned()),
            "owns" => self.owns.push(rest.to_owned()),
            _ => {
                let known = ["name", "about", "needs", "service", "roles", "rights", "drops", "makes", "also", "varies", "owns"];
                return Err(format!("nobody knows what {word} means{}", nearest(word, known)));
            }
        }
        Ok(())
    }

    /// The role that a service logs in as.
    pub fn login(&self, service: &str) -> String {
        format!("{}_{service}", self.roles)
    }

    /// The role that owns a service's procedures, and holds what `access` lists.
    pub fn rights_role(&self, service: &str) -> String {
        format!("{}_{service}_rights", self.roles)
    }

    /// Whether there is such a service, or what to say where there is none.
    pub(super) fn knows(&self, service: &str) -> Result<(), String> {
        let names = || self.services.iter().map(|service| service.name.as_str());
        let known = names().any(|name| name == service);
        known.then_some(()).ok_or_else(|| format!("there is no service {service} in the file schema{}", nearest(service, names())))
    }
}

fn service(text: &str) -> Result<Service, String> {
    let (name, about) = text.split_once(char::is_whitespace).ok_or_else(|| format!("what does {text} do? service {text} …"))?;
    if !is_identifier(name) {
        return Err(format!("{name} is no name for a service: lower-case letters, digits and _, a letter first"));
    }
    Ok(Service { name: name.to_owned(), about: about.trim().to_owned() })
}

fn rights(word: &str) -> Result<Rights, String> {
    match word {
        "service" => Ok(Rights::Service),
        "owner" => Ok(Rights::Owner),
        _ => Err(format!("rights are those of the service or the owner, not of {word}")),
    }
}

/// Whether a name needs no quotes anywhere.
pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|sign: char| sign.is_ascii_lowercase())
        && name.len() <= 63
        && name.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_')
}
