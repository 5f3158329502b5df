-- It is replaced as everything else is.

comment on table secretsmanager.secret is 'A secret: a value that is kept encrypted. It goes to AWS and is never read back; its version tells whether somebody else wrote another one.';
