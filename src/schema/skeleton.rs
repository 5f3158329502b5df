//! A schema directory to start from.

use include_dir::{Dir, include_dir};

use super::files::Files;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/schema/skeleton");
/// What the schema goes by in them.
const NAME: &str = "skeleton";

/// The files of a directory that passes its check and can be put into a database at once.
pub fn skeleton(name: &str) -> Files {
    let files = Files::embedded(&FILES);
    let named = files.names().filter_map(|file| Some((file.to_owned(), files.get(file)?.replace(NAME, name))));
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::skeleton;
    use crate::schema::Schema;

    #[test]
    fn what_one_starts_from_has_no_fault() {
        let read = Schema::from_files("diary", "diary", skeleton("diary")).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!((read.name(), read.newest(), read.procedures(1).len()), ("diary", 1, 2));
        assert!(read.files().get("note.sql").is_some_and(|text| text.contains("diary.note")));
    }
}
