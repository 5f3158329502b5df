-- An operator in a hurry: what is gone is taken over after a second.
update control.setting set value = '1' where name in ('lease_seconds', 'poll_seconds');
