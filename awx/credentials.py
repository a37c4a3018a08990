"""What jobs are given: a credential type for each vendor, and a credential for each vendor of each environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from awx.form import Line, Row, Unsafe

OF_AWX = {
    "AWS": ("Amazon Web Services", {"username": "AWS_ACCESS_KEY_ID", "password": "AWS_SECRET_ACCESS_KEY"}),
    "Vault": ("Vault", {"vault_password": "VAULT_PASSWORD"}),
    "AWX": ("Red Hat Ansible Automation Platform", {"host": "CONTROLLER_HOST", "oauth_token": "CONTROLLER_OAUTH_TOKEN"}),
}
"""Credential types that AWX comes with: their names there, and by field the variable that apply.yml reads it from."""
SCREEN = {"ORIGINAL_STDOUT_CALLBACK": "lastgood.recovery.timeline"}
"""The output of a job is what a terminal shows: ansible-runner takes its callback from here. AWX allows no C(ANSIBLE_…) in a credential."""
STORE, SIGNING = "lastgood incident store", "lastgood signing key"


def types(vendors: Mapping[str, Mapping[str, str]]) -> list[Row]:
    theirs = [credential_type(f"lastgood {name}", fields) for name, fields in vendors.items()]
    store = credential_type(STORE, {"LASTGOOD_INCIDENTS": "Where incidents are kept"}, hidden=False)
    store["injectors"]["env"] |= SCREEN
    return [*theirs, store, signing_type()]


def credentials(environment: Mapping[str, Any], vendors: Mapping[str, Mapping[str, str]], signs: bool) -> list[Row]:
    """Of one environment; each variable is read with the environment's name before it, such as C(PRODUCTION_VERCEL_TOKEN)."""
    name, prefix, rows = environment["name"], environment["name"].upper(), []
    for kind in environment["credentials"]:
        type, fields = OF_AWX[kind] if kind in OF_AWX else (f"lastgood {kind}", {one.lower(): one for one in vendors[kind]})
        inputs = {field: secret(f"{prefix}_{variable}") for field, variable in fields.items()}
        rows.append({"name": f"{name} {kind}", "credential_type": type, "inputs": inputs, "update_secrets": False})
    kept = {"lastgood_incidents": environment["incident_store"]}
    rows.append({"name": f"{name} incident store", "credential_type": STORE, "inputs": kept})
    if signs:
        key = {"key": secret(f"{prefix}_SIGNING_KEY")}
        rows.append({"name": f"{name} signing key", "credential_type": SIGNING, "inputs": key, "update_secrets": False})
    return rows


def credential_type(name: str, variables: Mapping[str, str], hidden: bool = True) -> Row:
    """By variable of the environment, what people call it."""
    fields = [{"id": variable.lower(), "type": "string", "label": label, "secret": hidden} for variable, label in variables.items()]
    env = {variable: Unsafe(f"{{{{ {variable.lower()} }}}}") for variable in variables}
    inputs = {"fields": [Line(field) for field in fields], "required": [field["id"] for field in fields]}
    return {"name": name, "kind": "cloud", "inputs": inputs, "injectors": {"env": env}}


def signing_type() -> Row:
    field = {"id": "key", "type": "string", "label": "SSH private key", "secret": True, "multiline": True, "format": "ssh_private_key"}
    injectors = {"file": {"template": Unsafe("{{ key }}")}, "env": {"LASTGOOD_SIGNING_KEY": Unsafe("{{ tower.filename }}")}}
    return {"name": SIGNING, "kind": "cloud", "inputs": {"fields": [Line(field)], "required": ["key"]}, "injectors": injectors}


def secret(variable: str) -> str:
    """Read from the environment of whoever applies it; refused where it is missing."""
    return f"{{{{ lookup('ansible.builtin.env', '{variable}', default=undef()) }}}}"
