"""Tells a person what /setup and /check have answered; ends with 1 where a check left something undone."""

import json
import sys


def setup(answer):
    database = answer["database"]
    print(f"{'made' if answer['created'] else 'there already'}: {database['name']}, with the tables of {', '.join(sorted(database['modules']))}")
    for statement in answer["sql"]:
        print("  " + statement.replace("\n", "\n  "))
    if not answer["sql"]:
        print("  its rows stood already: nothing was inserted")
    return True


def check(answer):
    outcome = answer.get("outcome") or {}
    print(f"{answer['state']}: {outcome.get('applied', 0)} changes made, {len(outcome.get('plan', []))} left, in {outcome.get('millis', 0) / 1000:.1f} s")
    for said in outcome.get("errors", []) + outcome.get("blind", []):
        print(f"  {said}")
    return answer["state"] == "done"


with open(sys.argv[2], encoding="utf-8") as file:
    sys.exit(not {"setup": setup, "check": check}[sys.argv[1]](json.load(file)))
