-- A replacement loses what is in it, and needs a yes: docs/guards.md.

comment on table secretsmanager.secret is '@data A secret: a value that is kept encrypted. It goes to AWS and is never read back; its version tells whether somebody else wrote another one.';
