-- Without the function that spells a pasted policy.

drop function iam.canonical_policy(text);
