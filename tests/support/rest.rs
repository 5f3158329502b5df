//! The names of calls that have none on the wire: a method and a path stand for each.

/// By service as in the credentials' scope: method, path (`*` stands for one part of it), and the API's word.
const CALLS: [(&str, &str, &str, &str); 25] = [
    ("lambda", "GET", "/2015-03-31/functions", "ListFunctions"),
    ("lambda", "POST", "/2015-03-31/functions", "CreateFunction"),
    ("lambda", "GET", "/2015-03-31/functions/*", "GetFunction"),
    ("lambda", "DELETE", "/2015-03-31/functions/*", "DeleteFunction"),
    ("lambda", "PUT", "/2015-03-31/functions/*/code", "UpdateFunctionCode"),
    ("lambda", "GET", "/2015-03-31/functions/*/configuration", "GetFunctionConfiguration"),
    ("lambda", "PUT", "/2015-03-31/functions/*/configuration", "UpdateFunctionConfiguration"),
    ("lambda", "GET", "/2015-03-31/functions/*/policy", "GetPolicy"),
    ("lambda", "POST", "/2015-03-31/functions/*/policy", "AddPermission"),
    ("lambda", "DELETE", "/2015-03-31/functions/*/policy/*", "RemovePermission"),
    ("lambda", "GET", "/2017-03-31/tags/*", "ListTags"),
    ("lambda", "POST", "/2017-03-31/tags/*", "TagResource"),
    ("lambda", "DELETE", "/2017-03-31/tags/*", "UntagResource"),
    ("route53", "POST", "/2013-04-01/hostedzone", "CreateHostedZone"),
    ("route53", "GET", "/2013-04-01/hostedzone", "ListHostedZones"),
    ("route53", "GET", "/2013-04-01/hostedzone/*", "GetHostedZone"),
    ("route53", "POST", "/2013-04-01/hostedzone/*", "UpdateHostedZoneComment"),
    ("route53", "DELETE", "/2013-04-01/hostedzone/*", "DeleteHostedZone"),
    ("route53", "GET", "/2013-04-01/hostedzone/*/rrset", "ListResourceRecordSets"),
    ("route53", "POST", "/2013-04-01/hostedzone/*/rrset", "ChangeResourceRecordSets"),
    ("route53", "POST", "/2013-04-01/hostedzone/*/associatevpc", "AssociateVPCWithHostedZone"),
    ("route53", "POST", "/2013-04-01/hostedzone/*/disassociatevpc", "DisassociateVPCFromHostedZone"),
    ("route53", "POST", "/2013-04-01/tags/*", "ListTagsForResources"),
    ("route53", "GET", "/2013-04-01/tags/*/*", "ListTagsForResource"),
    ("route53", "POST", "/2013-04-01/tags/*/*", "ChangeTagsForResource"),
];

/// The name of a call, where this knows it.
pub(super) fn name(service: &str, method: &str, path: &str) -> Option<&'static str> {
    let known = CALLS.iter().find(|(of, with, shape, _)| (*of, *with) == (service, method) && fits(path, shape));
    known.map(|(.., name)| *name)
}

fn fits(path: &str, shape: &str) -> bool {
    let (path, shape): (Vec<_>, Vec<_>) = (path.trim_end_matches('/').split('/').collect(), shape.split('/').collect());
    path.len() == shape.len() && path.iter().zip(shape).all(|(part, it)| it == "*" || *part == it)
}

#[test]
fn a_part_of_a_path_that_may_be_anything_is_one_part() {
    assert_eq!(name("lambda", "GET", "/2015-03-31/functions/"), Some("ListFunctions"));
    assert_eq!(name("lambda", "DELETE", "/2015-03-31/functions/shop"), Some("DeleteFunction"));
    assert_eq!(name("lambda", "DELETE", "/2015-03-31/functions/shop/policy/sns"), Some("RemovePermission"));
    assert_eq!(name("s3", "GET", "/2015-03-31/functions"), None);
}
