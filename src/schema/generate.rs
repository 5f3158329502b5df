//! The procedures of a schema as Rust: what each service may call, with typed arguments and rows.

mod names;
mod rust_type;

use std::fmt::Write;

use super::{
    Schema,
    head::Service,
    procedure::{Argument, Mode, Procedure, Returns},
};
use names::Names;
use rust_type::{borrowed, owned};

/// A line may be this wide.
const WIDTH: usize = 140;
/// How many arguments a method may have before clippy complains; `self` is one.
const MANY: usize = 7;

/// The Rust file; `krate` is what the library goes by in it: `iasql`, or `crate` inside of itself.
///
/// The text is as rustfmt leaves it at 140 columns. `iasql schema procs` prints it. Here it is `queue.rs`:
///
/// ```no_run
/// # #[path = "../../tests/schema/queue.rs"] mod queue;
/// # async fn work(schema: &iasql::schema::Schema, primary: &str, replica: &str) -> Result<(), iasql::schema::Error> {
/// use iasql::schema::{Database, Setup};
///
/// let db = Database::setup(Setup { schema, write_url: primary, read_url: replica, service: queue::Worker }).await?;
/// for task in db.procs.take_tasks("me", 60, 10).await? {
///     println!("{} {}: {}", task.id, task.kind, task.payload);
///     let in_time: bool = db.procs.finish_task(task.id, "me", None).await?;
/// }
/// # Ok(())
/// # }
/// # fn main() {}
/// ```
///
/// What the schema does not have does not compile. Here the name of the procedure is wrong:
///
/// ```compile_fail,E0599
/// # #[path = "../../tests/schema/queue.rs"] mod queue;
/// async fn work(db: iasql::schema::Database<queue::Worker>) {
///     db.procs.take_taks("me", 60, 10).await;
/// }
/// # fn main() {}
/// ```
///
/// Here the type of an argument:
///
/// ```compile_fail,E0308
/// # #[path = "../../tests/schema/queue.rs"] mod queue;
/// async fn work(db: iasql::schema::Database<queue::Worker>) {
///     db.procs.take_tasks("me", "a minute", 10).await;
/// }
/// # fn main() {}
/// ```
///
/// Here the service is another one, which may not call it:
///
/// ```compile_fail,E0599
/// # #[path = "../../tests/schema/queue.rs"] mod queue;
/// async fn work(db: iasql::schema::Database<queue::Janitor>) {
///     db.procs.take_tasks("me", 60, 10).await;
/// }
/// # fn main() {}
/// ```
///
/// And here it is deprecated, so that it stands in `db.procs.deprecated`:
///
/// ```compile_fail,E0599
/// # #[path = "../../tests/schema/queue.rs"] mod queue;
/// async fn work(db: iasql::schema::Database<queue::Worker>) {
///     db.procs.take_task("me", 60).await;
/// }
/// # fn main() {}
/// ```
pub fn generate(schema: &Schema, krate: &str) -> String {
    let all = schema.procedures(schema.newest());
    let names = Names::of(schema, &all);
    let mut out = opening(schema, krate, &all);
    for service in &schema.head.services {
        let mine: Vec<_> = all.iter().copied().filter(|procedure| procedure.may_call(&service.name)).collect();
        let (current, deprecated): (Vec<_>, Vec<_>) = mine.into_iter().partition(|procedure| procedure.deprecated.is_none());
        Block { schema, names: &names, service, current, deprecated }.write(&mut out);
    }
    all.iter().for_each(|procedure| row(&mut out, schema, &names, procedure));
    out
}

impl Procedure {
    /// Whether a service may call it: its own, or one of its callers.
    pub(super) fn may_call(&self, service: &str) -> bool {
        self.service == service || self.callers.iter().any(|caller| caller == service)
    }
}

fn opening(schema: &Schema, krate: &str, all: &[&Procedure]) -> String {
    let (name, newest) = (schema.name(), schema.newest());
    let mut out =
        format!("//! The procedures of the schema {name}, at version {newest}. Written by `iasql schema procs`: not to be edited.\n\n");
    let any = |is: fn(&Procedure) -> bool| all.iter().any(|procedure| is(procedure));
    let mut used = vec!["Calls"];
    used.extend((!all.is_empty()).then_some("Error"));
    used.extend((!all.is_empty()).then_some("Mode"));
    used.push("Service");
    used.extend(any(|procedure| !procedure.arguments.is_empty()).then_some("With"));
    let ours = format!("use {krate}::schema::{{{}}};\n", used.join(", "));
    let theirs = if all.is_empty() { "" } else { "use sqlx::postgres::PgArguments;\n" };
    // rustfmt sorts them by name
    let sorted = if krate < "sqlx" { [&ours, theirs] } else { [theirs, &ours] };
    out.extend(sorted);
    out
}

/// What one service gets.
struct Block<'a> {
    schema: &'a Schema,
    names: &'a Names,
    service: &'a Service,
    current: Vec<&'a Procedure>,
    deprecated: Vec<&'a Procedure>,
}

impl Block<'_> {
    fn write(&self, out: &mut String) {
        let (service, title) = (&self.service.name, self.names.service(&self.service.name));
        line(out, "");
        line(out, &format!("/// The service {service}: {}", doc(&self.service.about)));
        line(out, "#[derive(Clone, Copy, Debug, Default)]");
        line(out, &format!("pub struct {title};\n"));
        line(out, &format!("impl Service for {title} {{"));
        line(out, &format!("    const SCHEMA: &'static str = {:?};", self.schema.name()));
        line(out, &format!("    const NAME: &'static str = {service:?};"));
        line(out, &format!("    const VERSION: i32 = {};\n    type Procs = {title}Procs;\n", self.schema.newest()));
        self.maker(out, title);
        line(out, "}\n");
        line(out, &format!("/// What the service {service} may call. A call fails where the database refuses it, or does not answer."));
        self.fields(out, title);
        if !self.current.is_empty() {
            self.methods(out, &format!("{title}Procs"), &self.current);
        }
        if !self.deprecated.is_empty() {
            line(out, &format!("\n/// What the service {service} can still call, and should not call any more."));
            line(out, &format!("#[derive(Clone)]\npub struct {title}Deprecated {{\n    calls: Calls,\n}}"));
            self.methods(out, &format!("{title}Deprecated"), &self.deprecated);
        }
    }

    /// The function that makes the procedures, with the fields that there are.
    fn maker(&self, out: &mut String, title: &str) {
        let old = format!("deprecated: {title}Deprecated {{ calls");
        let (taken, fields) = match (self.current.is_empty(), self.deprecated.is_empty()) {
            (true, true) => ("_", String::new()),
            (false, true) => ("calls", " { calls }".to_owned()),
            (true, false) => ("calls", format!(" {{ {old} }} }}")),
            (false, false) => ("calls", format!(" {{ {old}: calls.clone() }}, calls }}")),
        };
        line(out, &format!("    fn procs({taken}: Calls) -> {title}Procs {{\n        {title}Procs{fields}\n    }}"));
    }

    fn fields(&self, out: &mut String, title: &str) {
        line(out, "#[derive(Clone)]");
        if self.current.is_empty() && self.deprecated.is_empty() {
            return line(out, &format!("pub struct {title}Procs;"));
        }
        line(out, &format!("pub struct {title}Procs {{"));
        if !self.current.is_empty() {
            line(out, "    calls: Calls,");
        }
        if !self.deprecated.is_empty() {
            line(out, &format!("    /// What should not be called any more.\n    pub deprecated: {title}Deprecated,"));
        }
        line(out, "}");
    }

    fn methods(&self, out: &mut String, of: &str, procedures: &[&Procedure]) {
        line(out, &format!("\nimpl {of} {{"));
        for (at, procedure) in procedures.iter().enumerate() {
            if at > 0 {
                line(out, "");
            }
            method(out, self.schema, self.names, procedure);
        }
        line(out, "}");
    }
}

fn method(out: &mut String, schema: &Schema, names: &Names, procedure: &Procedure) {
    described(out, procedure);
    if let Some(note) = &procedure.deprecated {
        attribute(out, "deprecated", &[format!("note = {note:?}")]);
    }
    if procedure.arguments.len() + 1 > MANY {
        attribute(out, "expect", &["clippy::too_many_arguments".to_owned(), "reason = \"as the procedure has them\"".to_owned()]);
    }
    signature(out, names, procedure);
    sql(out, &statement(schema.name(), procedure));
    given(out, &procedure.arguments);
    let mode = if procedure.mode == Mode::Read { "Read" } else { "Write" };
    let way = match &procedure.returns {
        Returns::Nothing => "nothing",
        Returns::One(..) => "value",
        Returns::SetOf(_) => "values",
        Returns::Table(_) => "rows",
    };
    line(out, &format!("        self.calls.{way}(Mode::{mode}, SQL, given).await\n    }}"));
}

/// What its file says of it.
fn described(out: &mut String, procedure: &Procedure) {
    let of = format!("Mode {}, with the rights of the service {}.", procedure.mode, procedure.service);
    line(out, &format!("    /// {}\n    ///\n    /// {of}", doc(&procedure.description)));
}

fn signature(out: &mut String, names: &Names, procedure: &Procedure) {
    let answer = match &procedure.returns {
        Returns::Nothing => "()".to_owned(),
        Returns::One(of, optional) => owned(*of, *optional),
        Returns::SetOf(of) => format!("Vec<{}>", owned(*of, false)),
        Returns::Table(_) => format!("Vec<{}>", names.row(&procedure.name)),
    };
    let typed = |argument: &Argument| format!("{}: {}", names::ident(&argument.name), borrowed(argument.sql_type, argument.optional));
    let arguments: Vec<_> = std::iter::once("&self".to_owned()).chain(procedure.arguments.iter().map(typed)).collect();
    let (begin, end) = (format!("    pub async fn {}(", names::ident(&procedure.name)), format!(") -> Result<{answer}, Error> {{"));
    let short = format!("{begin}{}{end}", arguments.join(", "));
    if short.len() <= WIDTH {
        return line(out, &short);
    }
    line(out, &begin);
    arguments.iter().for_each(|argument| line(out, &format!("        {argument},")));
    line(out, &format!("    {end}"));
}

/// `select id, payload from queue.take_task(worker => $1)`, in pieces that fit on a line each.
fn statement(schema: &str, procedure: &Procedure) -> String {
    let named = |(at, argument): (usize, &Argument)| format!("{} => ${}", names::sql(&argument.name), at + 1);
    let arguments: Vec<_> = procedure.arguments.iter().enumerate().map(named).collect();
    let call = format!("{}.{}({})", names::sql(schema), names::sql(&procedure.name), arguments.join(", "));
    match &procedure.returns {
        Returns::Table(columns) => {
            let columns: Vec<_> = columns.iter().map(|column| names::sql(&column.name)).collect();
            format!("select {} from {call}", columns.join(", "))
        }
        Returns::Nothing | Returns::One(..) | Returns::SetOf(_) => format!("select {call}"),
    }
}

fn sql(out: &mut String, statement: &str) {
    let (short, next) = (format!("        const SQL: &str = {statement:?};"), format!("            {statement:?};"));
    if short.len() <= WIDTH {
        return line(out, &short);
    }
    if next.len() <= WIDTH {
        return line(out, &format!("        const SQL: &str =\n{next}"));
    }
    line(out, "        const SQL: &str = concat!(");
    let mut piece = String::new();
    for word in statement.split_inclusive(", ").flat_map(|part| part.split_inclusive(" from ")) {
        if piece.len() + word.len() > WIDTH - 20 {
            line(out, &format!("            {piece:?},"));
            piece.clear();
        }
        piece.push_str(word);
    }
    line(out, &format!("            {piece:?}\n        );"));
}

fn given(out: &mut String, arguments: &[Argument]) {
    let each: Vec<_> = arguments.iter().map(|argument| format!(".with({})?", names::ident(&argument.name))).collect();
    let chain = format!("PgArguments::default(){};", each.concat());
    // what ends in a chain leaves two columns free
    if chain.len() + 22 <= WIDTH {
        return line(out, &format!("        let given = {chain}"));
    }
    if chain.len() + 14 <= WIDTH {
        return line(out, &format!("        let given =\n            {chain}"));
    }
    line(out, "        let given = PgArguments::default()");
    let last = each.len() - 1;
    each.iter().enumerate().for_each(|(at, with)| line(out, &format!("            {with}{}", if at == last { ";" } else { "" })));
}

/// The struct of the rows, where it returns some.
fn row(out: &mut String, schema: &Schema, names: &Names, procedure: &Procedure) {
    let Returns::Table(columns) = &procedure.returns else { return };
    line(out, &format!("\n/// A row of `{}.{}`.", schema.name(), procedure.name));
    line(out, "#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]");
    line(out, &format!("pub struct {} {{", names.row(&procedure.name)));
    for column in columns {
        let null = if column.optional { ", may be NULL" } else { "" };
        line(out, &format!("    /// `{}`, {}{null}.", column.name, doc(&column.sql_type.to_string())));
        if names::is_renamed(&column.name) {
            attribute(out, "sqlx", &[format!("rename = {:?}", column.name)]);
        }
        line(out, &format!("    pub {}: {},", names::ident(&column.name), owned(column.sql_type, column.optional)));
    }
    line(out, "}");
}

/// `#[name(one, two)]`, on a line of its own or a line for each.
fn attribute(out: &mut String, name: &str, inside: &[String]) {
    let short = format!("    #[{name}({})]", inside.join(", "));
    if short.len() <= WIDTH || inside.len() == 1 {
        return line(out, &short);
    }
    line(out, &format!("    #[{name}("));
    inside.iter().for_each(|part| line(out, &format!("        {part},")));
    line(out, "    )]");
}

/// A sentence that rustdoc takes for nothing else.
fn doc(text: &str) -> String {
    let mut quoted = false;
    let escaped = text.chars().map(|sign| {
        quoted ^= sign == '`';
        if !quoted && "[]<>".contains(sign) { format!("\\{sign}") } else { sign.to_string() }
    });
    escaped.collect()
}

fn line(out: &mut String, text: &str) {
    // writing to a String can't fail
    _ = writeln!(out, "{text}");
}
