//! The modules that this binary carries: a service each, as SQL files in the order of its manifest.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::server::fill;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/modules");

/// Why modules can't be had, or can't be put into a database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody made such a module.
    #[error("there is no module {name}{}", .nearest.map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default())]
    Unknown {
        /// What was asked for.
        name: String,
        /// The module with the most similar name, if one is similar.
        nearest: Option<&'static str>,
    },
    /// A manifest of ours names what is not there: a fault of ours.
    #[error("the manifest of module {module} names {missing}, which is not there")]
    Manifest {
        /// The module.
        module: &'static str,
        /// The file or module that is missing.
        missing: &'static str,
    },
    /// Modules of ours need one another in a circle: a fault of ours.
    #[error("module {0} needs itself, by way of others")]
    Circle(&'static str),
    /// Its SQL failed; none of it was done.
    #[error("module {module} could not be installed: {file} failed")]
    Install {
        /// The module.
        module: &'static str,
        /// The file, or what was done instead.
        file: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
}

/// One service: a schema and its tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The service and its schema: `ec2`.
    pub name: &'static str,
    /// The modules whose tables its tables refer to.
    pub needs: Vec<&'static str>,
    /// File stems and their SQL, in the order they run.
    pub files: Vec<(&'static str, &'static str)>,
}

/// Every module, by name.
///
/// A manifest holds a file stem a line, parents first; `needs ec2` names a module that must be there before; `#` comments.
pub fn all() -> Result<BTreeMap<&'static str, Module>, Error> {
    let named = FILES.dirs().filter_map(|dir| Some((dir.path().to_str()?, dir)));
    named
        .filter_map(|(name, dir)| Some((name, read(name, dir, text(dir, name, "manifest")?))))
        .map(|(name, module)| Ok((name, module?)))
        .collect()
}

fn read(name: &'static str, dir: &'static Dir<'static>, manifest: &'static str) -> Result<Module, Error> {
    let mut module = Module { name, needs: Vec::new(), files: Vec::new() };
    for line in manifest.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix("needs ") {
            Some(needed) => module.needs.push(needed.trim()),
            None => {
                module.files.push((line, text(dir, name, &format!("{line}.sql")).ok_or(Error::Manifest { module: name, missing: line })?))
            }
        }
    }
    Ok(module)
}

fn text(dir: &'static Dir<'static>, module: &str, file: &str) -> Option<&'static str> {
    dir.get_file(format!("{module}/{file}"))?.contents_utf8()
}

/// The modules asked for (all when nobody asks) and those they need, in the order to install them.
pub fn chosen(asked: Option<&[String]>) -> Result<Vec<Module>, Error> {
    order(&all()?, asked)
}

fn order(modules: &BTreeMap<&'static str, Module>, asked: Option<&[String]>) -> Result<Vec<Module>, Error> {
    let mut ordered = Vec::new();
    match asked {
        None => modules.values().try_for_each(|module| visit(modules, module, &mut Vec::new(), &mut ordered))?,
        Some(names) => names.iter().try_for_each(|name| visit(modules, find(modules, name)?, &mut Vec::new(), &mut ordered))?,
    }
    Ok(ordered)
}

fn visit(
    modules: &BTreeMap<&'static str, Module>,
    module: &Module,
    path: &mut Vec<&'static str>,
    ordered: &mut Vec<Module>,
) -> Result<(), Error> {
    if ordered.iter().any(|done| done.name == module.name) {
        return Ok(());
    }
    if path.contains(&module.name) {
        return Err(Error::Circle(module.name));
    }
    path.push(module.name);
    for missing in &module.needs {
        let needed = modules.get(missing).ok_or(Error::Manifest { module: module.name, missing })?;
        visit(modules, needed, path, ordered)?;
    }
    path.pop();
    ordered.push(module.clone());
    Ok(())
}

fn find<'a>(modules: &'a BTreeMap<&'static str, Module>, name: &str) -> Result<&'a Module, Error> {
    modules.get(name).ok_or_else(|| {
        let similar = modules.keys().map(|known| (strsim::jaro_winkler(known, name), *known)).filter(|(likeness, _)| *likeness > 0.7);
        let nearest = similar.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, known)| known);
        Error::Unknown { name: name.to_owned(), nearest }
    })
}

/// Installs one module as the owner whose role the connection has taken: all of it, or nothing. Once is enough.
pub(super) async fn install(connection: &mut PgConnection, module: &Module) -> Result<(), Error> {
    let at = |file: &'static str| move |source| Error::Install { module: module.name, file, source };
    let mut transaction = connection.begin().await.map_err(at("begin"))?;
    let query = sqlx::query("insert into iasql.module (name) values ($1) on conflict do nothing").bind(module.name);
    if query.execute(&mut *transaction).await.map_err(at("iasql.module"))?.rows_affected() == 0 {
        return Ok(());
    }
    let words = [("module", module.name), ("comment", &*format!("What {} should hold, a table per resource type.", module.name))];
    let schema = fill(r#"create schema :"module"; comment on schema :"module" is :'comment'"#, &words);
    sqlx::raw_sql(AssertSqlSafe(schema)).execute(&mut *transaction).await.map_err(at("its schema"))?;
    for (file, sql) in &module.files {
        sqlx::raw_sql(*sql).execute(&mut *transaction).await.map_err(at(file))?;
    }
    transaction.commit().await.map_err(at("commit"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modules(all: &[(&'static str, &[&'static str])]) -> BTreeMap<&'static str, Module> {
        all.iter().map(|(name, needs)| (*name, Module { name, needs: needs.to_vec(), files: Vec::new() })).collect()
    }

    fn names(ordered: Result<Vec<Module>, Error>) -> Result<Vec<&'static str>, String> {
        ordered.map(|modules| modules.iter().map(|module| module.name).collect()).map_err(|error| error.to_string())
    }

    fn asked(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_module_of_ours_can_be_ordered() {
        assert!(chosen(None).is_ok(), "{:?}", chosen(None));
    }

    #[test]
    fn a_module_comes_after_what_it_needs_and_only_once() {
        let known = modules(&[("a", &["c"]), ("b", &["c"]), ("c", &[]), ("d", &[])]);
        assert_eq!(names(order(&known, Some(&asked(&["b", "a", "b"])))), Ok(vec!["c", "b", "a"]));
        assert_eq!(names(order(&known, None)), Ok(vec!["c", "a", "b", "d"]));
        assert_eq!(names(order(&known, Some(&[]))), Ok(vec![]));
    }

    #[test]
    fn an_unknown_module_is_refused_with_the_nearest_name() {
        let known = modules(&[("ec2", &[]), ("secretsmanager", &[])]);
        let said = |name| names(order(&known, Some(&asked(&[name])))).unwrap_err();
        assert_eq!(said("secretmanager"), "there is no module secretmanager; did you mean secretsmanager?");
        assert_eq!(said("kubernetes"), "there is no module kubernetes");
    }

    #[test]
    fn a_circle_and_a_hole_are_found() {
        let known = modules(&[("a", &["b"]), ("b", &["a"]), ("c", &["z"])]);
        assert_eq!(names(order(&known, Some(&asked(&["a"])))).unwrap_err(), "module a needs itself, by way of others");
        assert_eq!(names(order(&known, Some(&asked(&["c"])))).unwrap_err(), "the manifest of module c names z, which is not there");
    }
}
