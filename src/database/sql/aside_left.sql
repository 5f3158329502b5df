select a.position, a.name, a.statements from schema_versions.aside a order by a.position
