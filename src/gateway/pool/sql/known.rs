//! What may stand before a parenthesis in a statement that a standby answers as the primary would. Sorted, for they are searched.

/// Words of the language after which something stands in parentheses and nothing is called.
const LANGUAGE: &[&str] = &[
    "all", "and", "any", "array", "as", "between", "bit", "by", "case", "cast", "char", "character", "coalesce", "cross", "cube", "decimal",
    "distinct", "else", "escape", "except", "exists", "extract", "filter", "float", "from", "greatest", "group", "having", "ilike", "in",
    "intersect", "interval", "is", "join", "lateral", "least", "like", "limit", "materialized", "not", "nullif", "numeric", "offset", "on",
    "only", "or", "over", "overlay", "partition", "position", "rollup", "row", "select", "sets", "similar", "some", "substring", "symmetric",
    "then", "time", "timestamp", "to", "trim", "union", "using", "values", "varbit", "varchar", "varying", "when", "where", "zone",
];

/// Functions of Postgres that answer the same on a standby, and leave nothing behind.
const FUNCTIONS: &[&str] = &[
    "abs", "age", "array_agg", "array_append", "array_cat", "array_dims", "array_length", "array_lower", "array_position", "array_positions",
    "array_prepend", "array_remove", "array_replace", "array_to_json", "array_to_string", "array_upper", "ascii", "avg", "bit_and", "bit_length",
    "bit_or", "bool_and", "bool_or", "btrim", "cardinality", "cbrt", "ceil", "ceiling", "char_length", "character_length", "chr",
    "clock_timestamp", "concat", "concat_ws", "corr", "count", "covar_pop", "covar_samp", "cume_dist", "date", "date_bin", "date_part",
    "date_trunc", "decode", "degrees", "dense_rank", "div", "encode", "every", "exp", "factorial", "first_value", "floor", "format",
    "gcd", "gen_random_uuid", "generate_series", "generate_subscripts", "grouping", "initcap", "isfinite", "json_agg", "json_array_elements",
    "json_array_elements_text", "json_array_length", "json_build_array", "json_build_object", "json_each", "json_each_text",
    "json_extract_path", "json_extract_path_text", "json_object", "json_object_agg", "json_object_keys", "json_strip_nulls", "json_typeof",
    "jsonb_agg", "jsonb_array_elements", "jsonb_array_elements_text", "jsonb_array_length", "jsonb_build_array", "jsonb_build_object",
    "jsonb_each", "jsonb_each_text", "jsonb_extract_path", "jsonb_extract_path_text", "jsonb_insert", "jsonb_object", "jsonb_object_agg",
    "jsonb_object_keys", "jsonb_path_exists", "jsonb_path_match", "jsonb_path_query", "jsonb_path_query_array", "jsonb_path_query_first",
    "jsonb_pretty", "jsonb_set", "jsonb_strip_nulls", "jsonb_typeof", "justify_days", "justify_hours", "justify_interval", "lag", "last_value",
    "lcm", "lead", "left", "length", "ln", "log", "log10", "lower", "lower_inc", "lower_inf", "lpad", "ltrim", "make_date", "make_interval",
    "make_time", "make_timestamp", "make_timestamptz", "max", "md5", "min", "mod", "mode", "now", "nth_value", "ntile", "numnode",
    "octet_length", "percent_rank", "percentile_cont", "percentile_disc", "phraseto_tsquery", "pi", "plainto_tsquery", "power", "quote_ident",
    "quote_literal", "quote_nullable", "radians", "random", "rank", "regexp_count", "regexp_like", "regexp_match", "regexp_matches",
    "regexp_replace", "regexp_split_to_array", "regexp_split_to_table", "regexp_substr", "regr_slope", "repeat", "replace", "reverse", "right",
    "round", "row_number", "row_to_json", "rpad", "rtrim", "setweight", "sha224", "sha256", "sha384", "sha512", "sign", "split_part", "sqrt",
    "starts_with", "statement_timestamp", "stddev", "stddev_pop", "stddev_samp", "string_agg", "string_to_array", "strpos", "strip", "substr",
    "sum", "timezone", "to_char", "to_date", "to_hex", "to_json", "to_jsonb", "to_number", "to_timestamp", "to_tsquery", "to_tsvector",
    "transaction_timestamp", "translate", "trim_array", "trunc", "ts_headline", "ts_rank", "ts_rank_cd", "unnest", "upper", "upper_inc",
    "upper_inf", "var_pop", "var_samp", "variance", "websearch_to_tsquery", "width_bucket",
];

/// Functions that leave something behind in the session that called them.
const LEAVING: &[&str] = &[
    "dblink_connect", "dblink_connect_u", "pg_advisory_lock", "pg_advisory_lock_shared", "pg_try_advisory_lock", "pg_try_advisory_lock_shared",
    "set_config", "setseed",
];

/// Whether this stands before a parenthesis without being a call of anything.
pub(super) fn is_language(name: &[u8]) -> bool {
    is_in(LANGUAGE, name)
}

/// Whether a standby answers a call of this as the primary would.
pub(super) fn is_the_same_everywhere(name: &[u8]) -> bool {
    is_in(FUNCTIONS, name)
}

/// Whether a call of this leaves something behind in the session.
pub(super) fn leaves_something(name: &[u8]) -> bool {
    is_in(LEAVING, name)
}

fn is_in(sorted: &[&str], name: &[u8]) -> bool {
    let mut lower = [0; 40];
    let Some(lower) = lower.get_mut(..name.len()) else { return false };
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    sorted.binary_search_by(|known| known.as_bytes().cmp(lower)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_is_sorted() {
        for list in [LANGUAGE, FUNCTIONS, LEAVING] {
            assert!(list.is_sorted(), "{:?}", list.windows(2).find(|pair| pair[0] > pair[1]));
            assert!(list.iter().all(|name| is_in(list, name.to_uppercase().as_bytes())));
        }
    }
}
