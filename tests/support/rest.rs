//! The names of calls that have none on the wire: a REST service's, by method and path.

/// `CreateHostedZone` for `POST /2013-04-01/hostedzone`; `None` for services that are not known here.
pub(super) fn named(service: &str, method: &str, path: &str) -> Option<&'static str> {
    let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match service {
        "route53" => of_route53(method, path.get(1..)?),
        _ => None,
    }
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_Operations_Amazon_Route_53.html>
fn of_route53(method: &str, path: &[&str]) -> Option<&'static str> {
    Some(match (method, path) {
        ("POST", ["hostedzone"]) => "CreateHostedZone",
        ("GET", ["hostedzone"]) => "ListHostedZones",
        ("GET", ["hostedzone", _]) => "GetHostedZone",
        ("POST", ["hostedzone", _]) => "UpdateHostedZoneComment",
        ("DELETE", ["hostedzone", _]) => "DeleteHostedZone",
        ("GET", ["hostedzone", _, "rrset"]) => "ListResourceRecordSets",
        ("POST", ["hostedzone", _, "rrset"]) => "ChangeResourceRecordSets",
        ("POST", ["hostedzone", _, "associatevpc"]) => "AssociateVPCWithHostedZone",
        ("POST", ["hostedzone", _, "disassociatevpc"]) => "DisassociateVPCFromHostedZone",
        ("POST", ["tags", _]) => "ListTagsForResources",
        ("GET", ["tags", _, _]) => "ListTagsForResource",
        ("POST", ["tags", _, _]) => "ChangeTagsForResource",
        _ => return None,
    })
}
