//! What this binary carries for users' databases: what each starts with, and the modules, a service each.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use include_dir::{Dir, include_dir};

use crate::schema::{Faults, Files, Schema};

static TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/sql-templates");
static MODULES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/modules");
/// Read once: it never changes while the program runs.
static CARRIED: OnceLock<Library> = OnceLock::new();

/// The name of what every database starts with.
pub const BASE: &str = "iasql";

/// Why modules can't be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody made such a module.
    #[error("there is no module {name}{}", .nearest.as_ref().map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default())]
    Unknown {
        /// What was asked for.
        name: String,
        /// The module with the most similar name, if one is similar.
        nearest: Option<String>,
    },
    /// A module of ours has faults: a fault of ours.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// A module needs one that is not there: a fault of ours.
    #[error("module {module} needs {missing}, which is not there")]
    Missing {
        /// The module.
        module: String,
        /// What is missing.
        missing: String,
    },
    /// Modules of ours need one another in a circle: a fault of ours.
    #[error("module {0} needs itself, by way of others")]
    Circle(String),
}

/// Schemas for users' databases: what each starts with, and the modules by name.
#[derive(Clone, Debug)]
pub struct Library {
    base: Arc<Schema>,
    modules: BTreeMap<String, Arc<Schema>>,
}

impl Library {
    /// What this binary carries.
    ///
    /// # Errors
    /// When one of them has faults.
    pub fn carried() -> Result<Self, Error> {
        if let Some(carried) = CARRIED.get() {
            return Ok(carried.clone());
        }
        let carried = Self::read()?;
        Ok(CARRIED.get_or_init(|| carried).clone())
    }

    fn read() -> Result<Self, Error> {
        let base = Schema::from_files("sql-templates", BASE, Files::embedded(&TEMPLATES))?;
        let named = MODULES.dirs().filter_map(|dir| Some((dir.path().to_str()?, dir)));
        let modules = named.map(|(name, dir)| Ok(Schema::from_files(&format!("modules/{name}"), name, Files::embedded(dir))?));
        Ok(Self::of(base, modules.collect::<Result<Vec<_>, Error>>()?))
    }

    /// One of one's own.
    pub fn of(base: Schema, modules: impl IntoIterator<Item = Schema>) -> Self {
        let modules = modules.into_iter().map(|module| (module.name().to_owned(), Arc::new(module)));
        Self { base: Arc::new(base), modules: modules.collect() }
    }

    /// What every database starts with.
    pub fn base(&self) -> &Arc<Schema> {
        &self.base
    }

    /// A module.
    pub fn module(&self, name: &str) -> Option<&Arc<Schema>> {
        self.modules.get(name)
    }

    /// All modules, by name.
    pub fn modules(&self) -> impl Iterator<Item = &Arc<Schema>> {
        self.modules.values()
    }

    /// The modules asked for (all when nobody asks) and those they need, in the order to install them.
    ///
    /// # Errors
    /// When one does not exist.
    pub fn chosen(&self, asked: Option<&[String]>) -> Result<Vec<Arc<Schema>>, Error> {
        let mut ordered = Vec::new();
        match asked {
            None => self.modules.values().try_for_each(|module| self.visit(module, &mut Vec::new(), &mut ordered))?,
            Some(names) => names.iter().try_for_each(|name| self.visit(self.find(name)?, &mut Vec::new(), &mut ordered))?,
        }
        Ok(ordered)
    }

    fn visit<'a>(&'a self, module: &'a Arc<Schema>, path: &mut Vec<&'a str>, ordered: &mut Vec<Arc<Schema>>) -> Result<(), Error> {
        if ordered.iter().any(|done| done.name() == module.name()) {
            return Ok(());
        }
        if path.contains(&module.name()) {
            return Err(Error::Circle(module.name().to_owned()));
        }
        path.push(module.name());
        for missing in module.head.needs.iter().filter(|needed| *needed != BASE) {
            let found = self.modules.get(missing);
            let needed = found.ok_or_else(|| Error::Missing { module: module.name().to_owned(), missing: missing.clone() })?;
            self.visit(needed, path, ordered)?;
        }
        path.pop();
        ordered.push(module.clone());
        Ok(())
    }

    fn find(&self, name: &str) -> Result<&Arc<Schema>, Error> {
        self.modules.get(name).ok_or_else(|| {
            // of several that are as near the first one
            let similar = self.modules.keys().rev().map(|known| (strsim::jaro_winkler(known, name), known));
            let nearest = similar.filter(|(likeness, _)| *likeness > 0.7).max_by(|(a, _), (b, _)| a.total_cmp(b));
            Error::Unknown { name: name.to_owned(), nearest: nearest.map(|(_, known)| known.clone()) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(name: &str, needs: &[&str]) -> Schema {
        let needs: String = needs.iter().map(|needed| format!("needs {needed}\n")).collect();
        let texts = [("schema", format!("about A test.\n{needs}")), ("versions/0001", "about Nothing.\n".to_owned())];
        Schema::from_files(name, name, texts.into_iter().map(|(file, text)| (file.to_owned(), text)).collect()).unwrap()
    }

    fn library(all: &[(&str, &[&str])]) -> Library {
        Library::of(schema(BASE, &[]), all.iter().map(|(name, needs)| schema(name, needs)))
    }

    fn names(ordered: Result<Vec<Arc<Schema>>, Error>) -> Result<Vec<String>, String> {
        ordered.map(|modules| modules.iter().map(|module| module.name().to_owned()).collect()).map_err(|error| error.to_string())
    }

    fn asked(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_module_of_ours_is_without_fault_and_can_be_ordered() {
        let library = Library::carried().unwrap_or_else(|error| panic!("{error}"));
        assert!(library.chosen(None).is_ok(), "{:?}", library.chosen(None));
    }

    #[test]
    fn a_module_comes_after_what_it_needs_and_only_once() {
        let known = library(&[("a", &["c"]), ("b", &["c"]), ("c", &["iasql"]), ("d", &[])]);
        assert_eq!(names(known.chosen(Some(&asked(&["b", "a", "b"])))).unwrap(), ["c", "b", "a"]);
        assert_eq!(names(known.chosen(None)).unwrap(), ["c", "a", "b", "d"]);
        assert_eq!(names(known.chosen(Some(&[]))).unwrap(), [""; 0]);
    }

    #[test]
    fn an_unknown_module_is_refused_with_the_nearest_name() {
        let known = library(&[("ec2", &[]), ("secretsmanager", &[])]);
        let said = |name| names(known.chosen(Some(&asked(&[name])))).unwrap_err();
        assert_eq!(said("secretmanager"), "there is no module secretmanager; did you mean secretsmanager?");
        assert_eq!(said("kubernetes"), "there is no module kubernetes");
    }

    #[test]
    fn a_circle_and_a_hole_are_found() {
        let known = library(&[("a", &["b"]), ("b", &["a"]), ("c", &["z"])]);
        assert_eq!(names(known.chosen(Some(&asked(&["a"])))).unwrap_err(), "module a needs itself, by way of others");
        assert_eq!(names(known.chosen(Some(&asked(&["c"])))).unwrap_err(), "module c needs z, which is not there");
    }
}
